"""Compile a policy for a world into arrays per tie and per school. No name and no string goes further.

Every field of `Attributes` belongs to one of six families of mechanisms, so that `mixed` can take some families
from the policy and the others from the control. All of the control's gives the control bit for bit.
"""

from dataclasses import replace
from typing import Annotated, Any, NamedTuple, get_type_hints

import numpy as np
from numpy.typing import NDArray

from model.codes import (
    PRACTICES,
    Backfill,
    Channel,
    Code,
    Destination,
    Direction,
    Family,
    HeadPlacement,
    LegalPerson,
    Ownership,
    PoolRule,
    Purse,
    Quota,
    Rank,
    Role,
    Scope,
    Setting,
    StaffPool,
    TieLayer,
    Who,
)
from model.columns import Flags, Floats, Rows
from model.policy import INDEPENDENT, Layer, Mode, Policy, RotationPolicy, SupportPolicy
from model.world import World, frozen

GROUP_PAY = 0.5


POOL, SENDS, RECEIVES, KIND, QUOTA, DESTINATION, COVER, COMPULSORY, RULE_LEAD = range(9)
SHARE, BACKBONE_SHARE, YEARS, TIME_SHARE, STAY, INCENTIVE = range(6)


class Rules(NamedTuple):
    """Rotation rules by rule and school: codes (K, S, 9) and amounts (K, S, 6), columns as named above.

    NaN leaves an amount to the parameters.
    """

    code: NDArray[np.int32]
    amount: Floats


class Attributes(NamedTuple):
    """A policy as the processes see it: E ties, S schools, K rotation rules."""

    rules: Annotated[Rules, Family.STAFF]
    sends_best: Annotated[Floats, Family.STAFF]  # (S,) head_on_members of the school as a sender
    head_from: Annotated[Rows, Family.STAFF]  # (S,) school the head comes from, −1 own
    head_mix: Annotated[Floats, Family.STAFF]  # (S,) share of the head's level that comes from there
    head_carried: Annotated[Floats, Family.STAFF]  # (E,) the target's head comes along this tie
    head_divided: Annotated[Floats, Family.STAFF]  # (S,) the school's head is another school's too
    county_posts: Annotated[Floats, Family.STAFF]  # (S,) share of vacancies that the county redeploys
    title_credit: Annotated[Floats, Family.STAFF]  # (S,) credit of rotation years for titles
    seed: Annotated[Floats, Family.STAFF]  # (S,) a new school is seeded by its lead: 0, ½ (own person), 1

    demand: Annotated[Floats, Family.ATTENTION]  # (E,) mean channel weight
    stake: Annotated[Floats, Family.ATTENTION]  # (E,) effort above the base effort that is at stake
    supervision: Annotated[Floats, Family.ATTENTION]  # (E,) slows relapse
    since: Annotated[Floats, Family.ATTENTION]  # (E,) year the tie began
    self_picked: Annotated[Flags, Family.ATTENTION]  # (E,) effort goes to the strongest channel
    online: Annotated[Floats, Family.ATTENTION]  # (E,) online share
    coordination: Annotated[Floats, Family.ATTENTION]  # (E,) what coordinating the target asks of the lead, in members

    research: Annotated[Floats, Family.LEARNING]  # (E,) weight
    research_authority: Annotated[Floats, Family.LEARNING]  # (E,)
    openness: Annotated[Floats, Family.LEARNING]  # (S,) 1 − pay_on_member · (1 − pay_on_group)
    training: Annotated[Rows, Family.LEARNING]  # (S,) years of a training cycle, 0 for none
    trained: Annotated[Floats, Family.LEARNING]  # (S,) person-years of group training a head and year, beside the cycle
    uplift: Annotated[Floats, Family.LEARNING]  # (S,) uplift files for the weakest quarter
    studio: Annotated[Floats, Family.LEARNING]  # (S,) share of a master's time that goes to a studio

    weight: Annotated[Floats, Family.PRACTICE]  # (E, 3) management, teaching, culture
    authority: Annotated[Floats, Family.PRACTICE]  # (E, 3)
    platform: Annotated[Floats, Family.PRACTICE]  # (E,) weight of the shared repository
    autonomy_uptake: Annotated[Floats, Family.PRACTICE]  # (S,)

    autonomy_drive: Annotated[Floats, Family.RENEWAL]  # (S,)
    incentive: Annotated[Floats, Family.RENEWAL]  # (S,) pay_on_member + ½ pay_on_group, at most 1
    recognition: Annotated[Floats, Family.RENEWAL]  # (S,)
    cultivation: Annotated[Floats, Family.RENEWAL]  # (S,) coaching doses a year per head

    autonomy_fit: Annotated[Floats, Family.FIT]  # (S,)
    uniformity: Annotated[Floats, Family.FIT]  # (E,) teaching weight imposed by the lead
    drift: Annotated[Floats, Family.FIT]  # (E,) weight on which characters converge
    lessons: Annotated[Floats, Family.FIT]  # (E,) teaching weight × online share

    brand_from: Annotated[Rows, Family.FIT]  # (S,) school whose name it carries, −1 none
    legal_person: Annotated[Rows, Family.PRACTICE]  # (S,) row of the school that is its legal person
    payer: Annotated[Rows, Family.PRACTICE]  # (S,) row of the school that pays for it
    contracts: Annotated[Floats, Family.PRACTICE]  # (S,) management contracts bought for the school
    platforms: Annotated[Floats, Family.PRACTICE]  # (S,) takes part in a shared platform
    supervisors: Annotated[Floats, Family.ATTENTION]  # (S,) supervisor posts charged to the school
    awards: Annotated[Floats, Family.ATTENTION]  # (S,) export award charged to the lead
    fund: Annotated[Floats, Family.RENEWAL]  # (S,) yuan a year charged to the lead


def family_of() -> dict[str, Family]:
    """Return field → family."""
    hints = get_type_hints(Attributes, include_extras=True)
    return {name: next(m for m in hint.__metadata__ if isinstance(m, Family)) for name, hint in hints.items()}


def mixed(control: Attributes, policy: Attributes, families: set[Family]) -> Attributes:
    """Return `control` with the fields of `families` taken from `policy`."""
    chosen = {name: getattr(policy, name) for name, family in family_of().items() if family in families}
    return control._replace(**chosen)


def active_families(control: Attributes, policy: Attributes) -> set[Family]:
    """Return the families in which the two differ."""
    return {f for name, f in family_of().items() if not _equal(getattr(control, name), getattr(policy, name))}


def _equal(a: Any, b: Any) -> bool:  # noqa: ANN401
    if isinstance(a, tuple):
        return all(_equal(x, y) for x, y in zip(a, b, strict=True))
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def compile_policy(policy: Policy, world: World) -> Attributes:
    """Compile `policy` for the ties, schools and groups of `world`; only structural columns are read."""
    governance = _governance(policy, world)
    fields = (
        _tie_fields(policy, world)
        | governance
        | _support_fields(policy, world, governance["in_group"])
        | {"rules": _rules(policy, world)}
    )
    del fields["in_group"]
    return Attributes(**{name: _frozen(value) for name, value in fields.items()})


def _frozen(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Rules):
        return Rules(*(frozen(np.ascontiguousarray(a)) for a in value))
    return frozen(np.ascontiguousarray(value))


def _group_layer(policy: Policy) -> Layer:
    found = (_with_independence(layer) for layer in policy.layers if layer.layer == TieLayer.GROUP)
    return next(found, Layer(TieLayer.GROUP, (INDEPENDENT,)))


def _with_independence(layer: Layer) -> Layer:
    """Where groups have modes of their own, a group without one is independent: code −1 is the last mode."""
    return layer if len(layer.modes) == 1 else replace(layer, modes=(*layer.modes, INDEPENDENT))


def _number(modes: tuple[Mode, ...], name: str) -> NDArray[np.float64]:
    return np.array([float(getattr(mode, name)) for mode in modes])


def _says(modes: tuple[Mode, ...], name: str, code: Code) -> Flags:
    """Return which modes have the word of a code in a field."""
    return np.array([getattr(mode, name) == code.word for mode in modes])


def _authority(mode: Mode) -> tuple[float, float]:
    """Return authority over management and over the rest: whole, half or none."""
    person = LegalPerson.of(mode.legal_person)
    if person == LegalPerson.ONE:
        return 1.0, 1.0
    half = 0.5 if person == LegalPerson.ONE_PLAN or PoolRule.of(mode.pool_rule) == PoolRule.QUOTA else 0.0
    return (1.0 if person == LegalPerson.CONTRACT else half), half


def _mode_of_group(layer: Layer, world: World) -> NDArray[np.int64]:
    if len(layer.modes) == 1:
        return np.zeros(len(world.groups.id), dtype=np.int64)
    return world.groups.assigned.astype(np.int64) % len(layer.modes)


def _tie_modes(layer: Layer, world: World) -> NDArray[np.int64]:
    """Mode of every tie of this layer, −1 on ties of other layers."""
    ties, groups = world.ties, world.schools.group
    of_group = _mode_of_group(layer, world)
    group = groups[ties.target]
    modes = of_group[group] if len(of_group) else np.zeros(len(group), dtype=np.int64)
    if layer.layer != TieLayer.GROUP:
        modes = np.zeros(len(group), dtype=np.int64)
    return np.where(ties.layer == layer.layer, modes, -1)


def _tie_fields(policy: Policy, world: World) -> dict[str, Any]:
    ties = world.ties
    count = len(ties.id)
    out: dict[str, Any] = {
        name: np.zeros(count)
        for name in (
            "demand", "stake", "supervision", "online", "research", "research_authority", "platform", "uniformity",
            "drift", "lessons", "coordination",
        )
    }  # fmt: skip
    out |= {"weight": np.zeros((count, 3)), "authority": np.zeros((count, 3)), "since": np.zeros(count)}
    out["self_picked"] = np.zeros(count, dtype=np.bool_)
    for layer in map(_with_independence, policy.layers):
        modes = _tie_modes(layer, world)
        rows = np.flatnonzero(modes >= 0)
        if len(rows):
            _fill_layer(out, layer, policy.support, modes[rows], rows, world)
    return out


def _fill_layer(
    out: dict[str, Any],
    layer: Layer,
    support: SupportPolicy,
    mode: NDArray[np.int64],
    rows: NDArray[np.int64],
    world: World,
) -> None:
    value = {name: _number(layer.modes, name)[mode] for name in _TIE_NUMBERS}
    led, hub, alike = world.ties.rank[rows] == Rank.SOURCE_LEADS, world.ties.hub[rows] == 1, _same_level(world)[rows]
    scale = np.where(hub, 1.0, value["symmetry"][:, None])
    weights = np.stack([value[practice.word] for practice in PRACTICES], axis=1)
    weights = weights * scale[:, PRACTICES] * alike[:, None]
    authority = np.array([_authority(m) for m in layer.modes])[mode]
    out["weight"][rows] = weights
    out["research"][rows] = value["research"] * scale[:, Channel.RESEARCH]
    out["platform"][rows] = value["platform"]
    out["authority"][rows] = authority[:, [0, 1, 1]]
    out["research_authority"][rows] = authority[:, 1]
    out["online"][rows] = value["online"]
    management, teaching, culture = (weights[:, practice] for practice in PRACTICES)
    out["demand"][rows] = (management + teaching + culture + out["research"][rows]) / len(Channel)
    out["drift"][rows] = culture
    out["lessons"][rows] = teaching * value["online"]
    out["uniformity"][rows] = np.where(hub[:, Channel.TEACHING], teaching * (1.0 - value["symmetry"]), 0.0)
    out["since"][rows] = layer.since
    out["self_picked"][rows] = value["self_picked"] > 0
    assessed = value["head_on_members"]
    of_group = layer.layer == TieLayer.GROUP
    if of_group and support.head_on_members is not None:
        assessed = np.full(len(rows), support.head_on_members)
    supervised = 1.0 - (1.0 - value["supervision"]) * (1.0 - (support.supervision if layer.since >= 0.0 else 0.0))
    award = support.export_award if of_group and layer.since >= 0.0 else 0.0
    out["supervision"][rows] = supervised
    out["stake"][rows] = 1.0 - (1.0 - np.where(led, assessed, 0.0)) * (1.0 - supervised) * (1.0 - award)
    if of_group:
        tied = np.array([_is_tied(m) for m in layer.modes])[mode]
        out["coordination"][rows] = np.where(led & tied, _number(layer.modes, "coordination")[mode], 0.0)


def _same_level(world: World) -> Flags:
    """Return which ties join schools of one level: only research and the repository reach across levels."""
    level = world.schools.level
    return np.asarray(level[world.ties.source] == level[world.ties.target])


_TIE_NUMBERS = (
    "management", "teaching", "research", "culture", "platform", "online", "symmetry", "head_on_members",
    "supervision", "self_picked",
)  # fmt: skip


def _governance(policy: Policy, world: World) -> dict[str, Any]:
    """Fields per school that the group's mode sets: autonomy, pay, heads, legal person."""
    layer = _group_layer(policy)
    schools, groups = world.schools, world.groups
    modes = layer.modes
    count = len(schools.id)
    grouped = schools.group >= 0
    active = np.array([_is_tied(m) for m in modes])
    mode = np.where(grouped, _mode_of_group(layer, world)[schools.group] if len(groups.id) else 0, 0)
    in_group = grouped & active[mode]
    rows = np.arange(count, dtype=np.int32)
    lead = np.where(grouped, groups.lead[schools.group] if len(groups.id) else -1, -1).astype(np.int32)
    is_lead = in_group & (lead == rows)
    member = in_group & ~is_lead

    def of(name: str, neutral: float, override: float | None = None) -> NDArray[np.float64]:
        numbers = np.full(len(modes), override) if override is not None else _number(modes, name)
        return np.where(in_group, numbers[mode], neutral)

    support = policy.support
    autonomy = np.minimum(np.where(member, of("autonomy", 1.0), 1.0), _freedom_left(policy, world))
    pay_member = of("pay_on_member", 1.0, support.pay_on_member)
    pay_group = of("pay_on_group", 0.0, support.pay_on_group)
    assessed = of("head_on_members", 0.0, support.head_on_members)
    one_person = member & _says(modes, "legal_person", LegalPerson.ONE)[mode]
    pooled = member & _says(modes, "purse", Purse.POOLED)[mode]
    lead_award = 1.0 - (1.0 - support.recognition_lead) * (1.0 - support.export_award)
    branded = np.array([m.brand for m in modes])[mode]
    contract = _says(modes, "legal_person", LegalPerson.CONTRACT)[mode]
    return {
        "in_group": in_group,
        "autonomy_drive": autonomy,
        "autonomy_fit": autonomy.copy(),
        "autonomy_uptake": autonomy.copy(),
        "incentive": np.minimum(1.0, pay_member + GROUP_PAY * pay_group),
        "openness": 1.0 - pay_member * (1.0 - pay_group),
        "sends_best": np.where(is_lead, assessed, 0.0),
        "recognition": np.where(is_lead, lead_award, np.where(member, support.recognition_members, 0.0)),
        "cultivation": np.where(_exports(policy, world), support.cultivation, 0.0),
        "legal_person": np.where(one_person, lead, rows).astype(np.int32),
        "payer": np.where(pooled, lead, rows).astype(np.int32),
        "brand_from": np.where(member & branded, lead, -1).astype(np.int32),
        "contracts": np.where(member & contract, 1.0, 0.0),
        "platforms": np.where(in_group & (_number(modes, "platform")[mode] > 0.0), 1.0, 0.0),
        "seed": np.where(member, np.where(one_person, 1.0, 0.5), 0.0),
    } | _heads(policy, world)


def _is_tied(mode: Mode) -> bool:
    """Return whether the mode ties or governs anything: a record equal to independence changes nothing."""
    return mode != Mode(mode.name, span=mode.span)


def _led_ties(layer: Layer, world: World) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of this layer's ties that lead within one level, schools open longest first, and their modes."""
    ties, modes = world.ties, _tie_modes(layer, world)
    tied = np.array([_is_tied(m) for m in layer.modes])
    rows = np.flatnonzero((modes >= 0) & tied[modes] & (ties.rank == Rank.SOURCE_LEADS) & _same_level(world))
    rows = rows[np.argsort(world.schools.opens[ties.target[rows]], kind="stable")]
    return rows, modes[rows]


def _freedom_left(policy: Policy, world: World) -> Floats:
    """Return the least autonomy that layers other than the group leave a school they lead, shape (S,)."""
    out = np.ones(len(world.schools.id))
    for layer in policy.layers:
        if layer.layer != TieLayer.GROUP:
            rows, mode = _led_ties(layer, world)
            np.minimum.at(out, world.ties.target[rows], _number(layer.modes, "autonomy")[mode])
    return out


def _exports(policy: Policy, world: World) -> Flags:
    """Return which schools lead others in any layer that begins with the policy, or in their group."""
    out = np.zeros(len(world.schools.id), dtype=np.bool_)
    for layer in map(_with_independence, policy.layers):
        if layer.layer == TieLayer.GROUP or layer.since >= 0.0:
            out[world.ties.source[_led_ties(layer, world)[0]]] = True
    return out


def _heads(policy: Policy, world: World) -> dict[str, Any]:
    """Say whose head each school has: the group's mode goes before other layers; who exchanges two does it once."""
    ties, count = world.ties, len(world.schools.id)
    head_from, mix, divided = np.full(count, -1, dtype=np.int32), np.zeros(count), np.zeros(count)
    carried = np.zeros(len(ties.id))
    for layer in sorted(map(_with_independence, policy.layers), key=lambda item: item.layer):
        placed = [HeadPlacement.of(m.heads) for m in layer.modes]
        for row, mode in zip(*_led_ties(layer, world), strict=True):
            source, target, kind = ties.source[row], ties.target[row], placed[mode]
            if kind == HeadPlacement.OWN or head_from[target] >= 0:
                continue
            head_from[target], mix[target] = source, 0.5 if kind == HeadPlacement.EXCHANGE else 1.0
            carried[row], divided[target] = kind != HeadPlacement.EXCHANGE, kind == HeadPlacement.SHARED
            if kind == HeadPlacement.EXCHANGE and head_from[source] < 0:
                head_from[source], mix[source] = target, 0.5
    return {"head_from": head_from, "head_mix": mix, "head_divided": divided, "head_carried": carried}


def _support_fields(policy: Policy, world: World, in_group: Flags) -> dict[str, Any]:
    support, schools = policy.support, world.schools
    studio = max((rule.time_share for rule in policy.rotations if Quota.of(rule.quota) == Quota.STUDIO), default=0.0)
    count = len(schools.id)
    lead = in_group & (world.groups.lead[schools.group] == np.arange(count)) if len(world.groups.id) else in_group
    return {
        "county_posts": np.full(count, support.county_posts),
        "title_credit": np.full(count, support.title_credit),
        "training": np.full(count, support.training_cycle, dtype=np.int32),
        "trained": np.zeros(count),
        "uplift": np.full(count, support.uplift_files),
        "studio": np.where(in_group, studio, 0.0),
        "supervisors": np.where(lead, support.supervisors, 0.0),
        "awards": np.where(lead, support.export_award, 0.0),
        "fund": np.where(lead, support.fund, 0.0),
    }


def _rules(policy: Policy, world: World) -> Rules:
    """Compile the rotation policies; pools never cross levels or employers."""
    layer = _group_layer(policy)
    compiled_rules = [_rule(rotation, layer, policy.support, world) for rotation in policy.rotations]
    if not compiled_rules:
        compiled_rules = [_rule(RotationPolicy("none", quota=Quota.NONE.word), layer, policy.support, world)]
    return Rules(*(np.stack(part) for part in zip(*compiled_rules, strict=True)))


class _Pairs(NamedTuple):
    """Pairs of the pair layer: lowest row of the schools tied together (−1: none), helper (−1: none), helps others."""

    cluster: NDArray[np.int64]
    helper: Rows
    helps: Flags


def _pairs(world: World) -> _Pairs:
    ties, count = world.ties, len(world.schools.id)
    led = np.flatnonzero((ties.layer == TieLayer.PAIR) & (ties.rank == Rank.SOURCE_LEADS))
    source, target = ties.source[led], ties.target[led]
    cluster, before = np.arange(count), np.full(count, -1)
    while not np.array_equal(cluster, before):
        before = cluster.copy()
        np.minimum.at(cluster, target, cluster[source])
        np.minimum.at(cluster, source, cluster[target])
    helper, helps = np.full(count, -1, dtype=np.int32), np.zeros(count, dtype=np.bool_)
    helper[target[::-1]] = source[::-1]
    helps[source] = True
    return _Pairs(np.where(helps | (helper >= 0), cluster, -1), helper, helps)


def _rule(rotation: RotationPolicy, layer: Layer, support: SupportPolicy, world: World) -> Rules:
    schools, groups = world.schools, world.groups
    count = len(schools.id)
    grouped = schools.group >= 0
    mode = np.where(grouped, _mode_of_group(layer, world)[schools.group] if len(groups.id) else 0, 0)
    scopes = np.array([_scope(rotation, m) for m in layer.modes])[mode]
    pairs = _pairs(world)
    paired = (scopes == StaffPool.PAIR) & (pairs.cluster >= 0)
    # Where the world knows no pairs, a group is one.
    unpaired = (scopes == StaffPool.PAIR) & ~paired & bool((pairs.cluster >= 0).any())
    alone = ~grouped & ~paired & (scopes != StaffPool.COUNTY)
    elsewhere = StaffPool.COUNTY if Scope.of(rotation.scope) == Scope.MODE else StaffPool.NONE
    scopes = np.where(alone, elsewhere, np.where(unpaired, StaffPool.NONE, scopes))
    lead = np.where(grouped, groups.lead[schools.group] if len(groups.id) else -1, -1).astype(np.int32)
    lead = np.where(paired, pairs.helper, lead)
    outward = (schools.role >= Role.LEAD) | ((scopes == StaffPool.COUNTY) & (schools.setting == Setting.URBAN))
    outward = np.where(paired, pairs.helps, outward)
    direction, everywhere = Direction.of(rotation.direction), np.ones(count, dtype=np.bool_)
    sends = {Direction.OUTWARD: outward, Direction.BOTH: everywhere, Direction.INWARD: ~outward}[direction]
    receives = {Direction.OUTWARD: ~outward, Direction.BOTH: everywhere, Direction.INWARD: outward}[direction]
    voluntary = _says(layer.modes, "pool_rule", PoolRule.VOLUNTARY)[mode] & (scopes != StaffPool.COUNTY)
    stay = np.inf if rotation.until_redeployed else rotation.stay_years

    def full(value: float | None) -> Floats:
        return np.full(count, np.nan if value is None else value)

    def code(code: Code) -> Rows:
        return np.full(count, code, dtype=np.int32)

    codes = (
        _pools(scopes, np.where(paired, pairs.cluster, schools.group), world), sends, receives,
        code(Who.of(rotation.who)), code(Quota.of(rotation.quota)), code(Destination.of(rotation.destination)),
        code(Backfill.of(rotation.backfill)),
        np.where(voluntary, 0, rotation.compulsory), lead,
    )  # fmt: skip
    amounts = (
        full(rotation.share), full(rotation.backbone_share), full(rotation.eligible_years), full(rotation.time_share),
        full(stay), full(support.incentive),
    )  # fmt: skip
    return Rules(np.stack([np.asarray(c, dtype=np.int32) for c in codes], axis=1), np.stack(amounts, axis=1))


def _scope(rotation: RotationPolicy, mode: Mode) -> StaffPool:
    """Return the schools among which a rotation moves under a mode: those it names, or those of the mode."""
    if Scope.of(rotation.scope) != Scope.MODE:
        return StaffPool.of(rotation.scope)
    own = StaffPool.of(mode.staff_pool)
    return StaffPool.COUNTY if own == StaffPool.NONE else own


def _pools(scopes: NDArray[np.int64], cluster: NDArray[np.int64], world: World) -> Rows:
    """Return the number of each school's pool: the lowest school row in it, −1 outside any pool."""
    schools = world.schools
    count = len(schools.id)
    own = np.where(schools.ownership == Ownership.PUBLIC, -1, np.arange(count))
    place = np.where(scopes == StaffPool.COUNTY, schools.county, cluster)
    first: dict[tuple[Any, ...], int] = {}
    pool = np.full(count, -1, dtype=np.int32)
    for row in range(count):
        if scopes[row] == StaffPool.NONE:
            continue
        identity = (scopes[row], place[row], schools.level[row], own[row])
        pool[row] = first.setdefault(identity, row)
    return pool

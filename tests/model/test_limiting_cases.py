"""The fourteen limiting cases of the model's description, each with its bound."""

import hashlib
import math
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest

from model.arithmetic import exp
from model.attributes import Attributes, active_families, compile_policy
from model.chance import key
from model.parameters import Parameters, declared, get, replaced
from model.policy import INDEPENDENT, Layer, Policy, RotationPolicy, SupportPolicy
from model.process import Moment
from model.processes.attention import attention
from model.processes.learning import learning
from model.processes.practice import practice
from model.processes.promotion import promotion
from model.processes.rotation import rotation
from model.processes.staffing import staffing
from model.processes.teaching import teaching
from model.schedule import TERM
from model.simulation import Record, burn_in, moment, simulate, term
from model.world import Pool, World
from tests.model import worlds
from tests.model.worlds import (
    AS_IS,
    CO,
    DEFAULT,
    FUSION,
    NATIONAL,
    NONE,
    POLICIES,
    Site,
    attributes,
    built,
    changed,
    replicate_key,
    with_parameters,
)

AUTUMN = Moment(key(0, 0), 0, 0.5, 0, True, False, 0.0)


def bytes_of(record: Record) -> dict[str, bytes]:
    """Return everything recorded, as bytes."""
    return {name: table.tobytes() for name, table in record.columns.items()}


def run(start: World, policy: Policy, years: int = 3, parameters: Parameters = DEFAULT) -> Record:
    """Return the record of `policy` from `start`."""
    return simulate(start, [(0, attributes(policy, start))], parameters, key(0, 0), years)[1]


# 1 --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "equal",
    [
        Policy(worlds.STANDING_LAYERS, (replace(NATIONAL, name="another name"),)),
        Policy((Layer(0, (INDEPENDENT,)), *worlds.STANDING_LAYERS), (NATIONAL,)),
        Policy(tuple(reversed(worlds.STANDING_LAYERS)), (NATIONAL,), SupportPolicy("nothing")),
        Policy(worlds.STANDING_LAYERS, (NATIONAL, RotationPolicy("nobody", share=0.0))),
    ],
    ids=["renamed", "independent groups on top", "layers in another order", "a rule that moves nobody"],
)
def test_1_a_policy_equal_to_the_control_equals_it_bit_for_bit(equal: Policy) -> None:
    start = worlds.county_snapshot().world
    assert bytes_of(run(start, equal, 5)) == bytes_of(run(start, AS_IS, 5))


def test_1_a_share_equal_to_the_default_is_the_default() -> None:
    start = worlds.county_snapshot().world
    stated = replace(NATIONAL, share=0.1, backbone_share=0.2, eligible_years=6.0, stay_years=1.0)
    assert bytes_of(run(start, Policy(worlds.STANDING_LAYERS, (stated,)), 5)) == bytes_of(run(start, AS_IS, 5))


# 2 --------------------------------------------------------------------------------------------------------------------


def test_2_swaps_alone_conserve_skill_without_match_and_every_schools_staff_exactly() -> None:
    world, pool = worlds.county_snapshot().world, Pool()
    policy = attributes(POLICIES["fusion, unified deployment"], world)
    policy = policy._replace(rules=attributes(Policy((), (worlds.HEAVY, worlds.UNIFIED)), world).rules)
    parts = [world.teachers.talent + world.teachers.career + world.teachers.extra]
    home_match, staff = world.teachers.match.copy(), np.bincount(world.teachers.post)
    at_home = world.teachers.post == world.teachers.home
    moved = 0
    for number in range(12):
        world = term(world, policy, DEFAULT, moment(key(0, 0), number, 2, False), pool, (rotation, teaching))
        t = world.teachers
        parts.append(t.talent + t.career + t.extra)
        moved += int((t.post != t.home).sum())
        np.testing.assert_array_equal(np.bincount(t.post), staff)
        assert ((t.talent + t.career + t.extra) + t.match).tobytes() == t.skill.tobytes()
        back = at_home & (t.post == t.home)
        assert t.match[back].tobytes() == home_match[back].tobytes()
    assert moved > 100
    assert all(part.tobytes() == parts[0].tobytes() for part in parts)


def test_2_a_closed_region_drifts_by_less_than_0_005_and_its_spread_by_less_than_3_percent() -> None:
    """Mean of 24 worlds of 520 teachers under the baseline: drift of quality in 10 years, and of the SD of skill."""
    world = built(worlds.county_sites(posts=40))
    policy, weight = attributes(AS_IS, world), world.schools.pupils / world.schools.pupils.sum()
    drift, spread = [], []
    for replicate in range(24):
        start = burn_in(world, policy, DEFAULT, replicate_key(replicate), 5)
        end, record = simulate(start.world, [(0, policy)], DEFAULT, replicate_key(replicate), 10)
        before, after = start.record.yearly("quality")[-2:].mean(axis=0), record.yearly("quality")[-2:].mean(axis=0)
        drift.append(float(((after - before) * weight).sum()))
        spread.append(end.teachers.skill.std() / start.world.teachers.skill.std() - 1.0)
    assert abs(np.mean(drift)) < 0.005
    assert abs(np.mean(spread)) < 0.03


# 3, 4 -----------------------------------------------------------------------------------------------------------------


def chain(levels: Sequence[float], strength: float) -> World:
    """Return schools in a row, each tied to the one before it by `strength` on culture, alike in character."""
    names = "abcd"[: len(levels)]
    world = built([Site(n, (0,), "g", "lead" if n == "a" else "member") for n in names])
    place = np.argsort([[int(worlds.stable_ids([n])[0]) for n in names].index(int(i)) for i in world.schools.id])
    rank = np.argsort(place)
    tie = np.zeros((len(world.ties.id), 4))
    tie[(rank[world.ties.source] == rank[world.ties.target] - 1) & (world.ties.layer == 0), 2] = strength
    own = np.zeros((len(names), 3))
    own[:, 2] = np.array(levels)[rank]
    return changed(
        world, schools={"practice": own, "practice_anchor": own, "character": 0.0, "drive": 1.0, "generated": 0.0},
        ties={"strength": tie}, teachers={"skill": 0.0, "talent": 0.0},
    )  # fmt: skip


def levels_of(world: World) -> np.ndarray:
    """Return culture practice in the order of the chain."""
    names = [int(i) for i in worlds.stable_ids(["a", "b", "c", "d"][: len(world.schools.id)])]
    row = {int(i): n for n, i in enumerate(world.schools.id)}
    return np.array([world.schools.practice[row[name], 2] for name in names])


def practised(world: World, dt: float, terms: int, **parameters: float) -> World:
    """Return the world after some terms of practice alone."""
    numbers, policy, pool = with_parameters(**parameters), attributes(NONE, world), Pool()
    for number in range(terms):
        now = Moment(key(0, 0), number, dt, 0, number == 0, False, 0.0)
        world = pool.commit(world, practice.step(world, policy, numbers, now, pool))
    return world


@pytest.mark.parametrize("rate", [0.1, 0.35, 0.7])
@pytest.mark.parametrize("terms_a_year", [1, 2, 4, 16])
def test_3_a_practice_gap_closes_as_exp_minus_phi_t_at_any_length_of_term(terms_a_year: int, rate: float) -> None:
    """Two schools, one tie, ρ = 0, ŵ = 1, f = 1; to 1e-12 relative after 3 years."""
    world = practised(
        chain([0.2, 0.0], 1.0), 1.0 / terms_a_year, 3 * terms_a_year, practice__decay=0.0, practice__transfer_rate=rate
    )
    lead, member = levels_of(world)
    assert lead == 0.2
    assert lead - member == pytest.approx(0.2 * exp(-3.0 * rate), rel=1e-12)


@pytest.mark.parametrize("terms_a_year", [1, 2, 4, 16])
@pytest.mark.parametrize("start", [-0.1, 0.2])
def test_4_practice_relaxes_to_its_target_as_exp_minus_rho_t(terms_a_year: int, start: float) -> None:
    """ρ only; to 1e-12 relative after 5 years. The target is the practice at baseline when nothing is generated."""
    world = chain([0.05, 0.05], 0.0)
    moved = world.schools.practice.copy()
    moved[:, 2] = start
    world = practised(changed(world, schools={"practice": moved}), 1.0 / terms_a_year, 5 * terms_a_year)
    assert levels_of(world)[1] - 0.05 == pytest.approx((start - 0.05) * exp(-0.08 * 5.0), rel=1e-12)


def test_4_within_a_term_sources_and_the_set_of_better_ones_are_frozen() -> None:
    """In a → b → c, c follows b's level at the start of the term, whatever b takes from a; c above b is not pulled."""
    with_a = levels_of(practised(chain([0.4, 0.2, 0.0], 1.0), 0.5, 1))
    without_a = levels_of(practised(chain([0.2, 0.2, 0.0], 1.0), 0.5, 1))
    assert with_a[1] > without_a[1]
    assert with_a[2] == without_a[2]
    above = levels_of(practised(chain([0.1, 0.2, 0.3], 1.0), 0.5, 1, practice__decay=0.0))
    np.testing.assert_array_equal(above, [0.1, 0.2, 0.3])


# 5 --------------------------------------------------------------------------------------------------------------------


def plain_learning(world: World, numbers: dict[str, float], dt: float = 1.0, policy: Policy = NONE) -> np.ndarray:
    """Return what `extra` grows by in one term of learning without fading, coaching, reference or climate (σ)."""
    plain = {
        "learning__fade": 0.0, "learning__peer_rate": 1.0, "learning__mentoring": 0.0, "learning__mentor_return": 0.0,
    } | numbers  # fmt: skip
    world = changed(world, regions={"practice_sd": 0.0, "ordinary": 0.0}, teachers={"extra": 0.0})
    now = Moment(key(0, 0), 0, dt, 0, True, False, 0.0)
    return learning.step(world, attributes(policy, world), with_parameters(**plain), now, Pool())["teachers"]["extra"]


@pytest.mark.parametrize("weak", [0.0, 0.3])
def test_5_without_a_limit_of_absorption_l_is_the_mean_positive_gap_of_the_team_by_hand(weak: float) -> None:
    """Three at 0.0, 0.1 and 0.3: better by (0.1 + 0.3)/2, 0.2/2 and 0; weaker by 0, 0.1/2 and (0.3 + 0.2)/2."""
    world = built([Site("only", (1, 1, 1))])
    world = worlds.teamed(world)
    world = changed(
        world, teachers={"skill": np.array([0.0, 0.1, 0.3])}, regions={"reference": 0.0, "reference_step": 1.0}
    )
    grown = plain_learning(world, {"learning__absorptive_range": 1e15, "learning__weak_peer_ratio": weak})
    by_hand = [0.2, 0.1 - weak * 0.05, -weak * 0.25]
    np.testing.assert_allclose(grown, by_hand, rtol=1e-12, atol=1e-15)


def test_5_the_mean_of_10000_contacts_is_within_4_standard_errors_of_its_expectation() -> None:
    """One teacher, two tied schools of strengths 0.5 and 0.25, three colleagues each; Γ → ∞, ϑ = 1."""
    world = worlds.snapshot(
        built(
            [Site("a", (1, 1, 1), "g", "lead"), Site("b", (1,), "g", "member"), Site("c", (1, 1, 1), "g", "member")],
            False,
        )
    ).world
    ids = {n: int(np.flatnonzero(world.schools.id == worlds.stable_ids([n])[0])[0]) for n in "abc"}
    strength = np.zeros((len(world.ties.id), 4))
    into = world.ties.target == ids["b"]
    strength[into & (world.ties.source == ids["a"]), 3] = 0.5
    strength[into & (world.ties.source == ids["c"]), 3] = 0.25
    skill = np.zeros(7)
    skill[world.teachers.post == ids["a"]] = [0.1, 0.2, -0.5]
    skill[world.teachers.post == ids["c"]] = [0.4, -0.1, 0.05]
    world = changed(world, ties={"strength": strength}, teachers={"skill": skill}, regions={"reference": 0.0})
    numbers = {"learning__absorptive_range": 1e15, "learning__cross_school_ratio": 1.0, "learning__contacts": 10000.0}
    grown = plain_learning(world, numbers)[np.flatnonzero(world.teachers.post == ids["b"])[0]]
    gaps = np.array([0.1, 0.2, 0.0, 0.4, 0.0, 0.05])
    chance = np.array([2.0, 2.0, 2.0, 1.0, 1.0, 1.0]) / 9.0
    mean = float((gaps * chance).sum())
    error = math.sqrt(float(((gaps - mean) ** 2 * chance).sum()) / 10000.0)
    # R, the sum of the strengths, is 0.75: contact is worth that share of an hour.
    assert abs(grown / 0.75 - mean) < 4.0 * error


def test_5_a_team_drawn_from_the_baseline_population_learns_its_reference_on_average() -> None:
    """E[L − L_ref] = 0 within 4 standard errors; a team holds no second copy of its member, hence the (n − 1)/n."""
    world = worlds.county_snapshot().world
    t, count, random = world.teachers, len(world.teachers.id), np.random.Generator(np.random.Philox(5))
    # The reference is tabulated at the start: the population is the one it was tabulated from.
    from model.initial import initialise

    start = initialise(worlds.county(), attributes(AS_IS, world), DEFAULT, key(0, 0), 5)
    table = start.regions
    population = np.sort(tabulated_population(start))
    world = changed(
        world, regions={n: getattr(table, n) for n in ("reference", "reference_low", "reference_step")},
        ties={"strength": 0.0},
    )  # fmt: skip
    place = np.clip((population - table.reference_low[0]) / table.reference_step[0], 0.0, None)
    reference = np.interp(place, np.arange(257), table.reference[0])
    differences = []
    for _ in range(400):
        order = random.permutation(count)
        drawn = changed(world, teachers={"skill": population[order]})
        grown = plain_learning(drawn, {}) + reference[order]
        alone = np.bincount(t.post * 7 + world.index.team_of)[t.post * 7 + world.index.team_of] == 1
        differences.append(float((grown - reference[order] * count / (count - 1.0))[~alone].mean()))
    assert abs(np.mean(differences)) < 4.0 * np.std(differences) / math.sqrt(400)
    assert np.mean(reference) > 0.02


def tabulated_population(start: World) -> np.ndarray:
    """Return skills whose mean lesson is the tabulated reference: those before the last relaxation of `extra`."""
    return start.teachers.skill


# 6 --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("capacity", "best"), [(0.06, 5.0), (0.03, 2.5), (0.012, 1.0)])
def test_6_the_effective_tie_is_flat_up_to_n_star_and_falls_as_n_star_over_n_beyond(
    capacity: float, best: float
) -> None:
    """Identical members of the lead's size, no coordination: n* = h/(κ·ε·w̄) with κ = 0.03, ε = ε₀ = 0.4, w̄ = 1."""
    mode = worlds.Mode("whole", 1.0, 1.0, 1.0, 1.0, coordination=0.0)
    numbers = with_parameters(attention__capacity=capacity)
    strength = {}
    for members in range(1, 11):
        lead = Site("lead", (0, 1, 2), "g", "lead")
        world = built([lead, *(Site(f"m{n}", (0, 1, 2), "g", "member") for n in range(members))], False)
        world = worlds.snapshot(world, policy=NONE).world
        policy = attributes(Policy((Layer(0, (mode,)),)), world)
        out = attention.step(world, policy, numbers, AUTUMN, Pool())["ties"]["strength"]
        outward = out[world.ties.rank == 1]
        assert (outward == outward[0]).all()
        assert not out[world.ties.rank != 1].any()
        strength[members] = outward[0, 1]
    for members in range(1, 11):
        assert strength[members] == pytest.approx(strength[1] * min(1.0, best / members) / min(1.0, best), rel=1e-12)


# 7 --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", POLICIES)
def test_7_two_counties_run_together_equal_the_same_run_apart(name: str) -> None:
    both = worlds.two_counties()
    together = run(worlds.snapshot(both).world, POLICIES[name], 4)
    for number, alone in enumerate((worlds.county(), worlds.second_county())):
        apart = run(worlds.snapshot(alone).world, POLICIES[name], 4)
        rows = np.flatnonzero(both.schools.county == number)
        for column, table in together.columns.items():
            assert np.ascontiguousarray(table[:, rows]).tobytes() == apart.columns[column].tobytes(), column


def test_7_groups_touch_only_through_county_rules_and_families_choice() -> None:
    """One group changes its mode; honours, a county-wide rule, are off. Only choice pressure elsewhere may notice."""
    world, start = worlds.county(), worlds.snapshot(worlds.county(), policy=NONE).world
    schedule = tuple(process for process in TERM if process.name != "promotion")

    def recorded(modes: tuple[worlds.Mode, ...]) -> list[World]:
        state, pool, out = start, Pool(), []
        policy = attributes(Policy((Layer(0, modes),), (replace(worlds.HEAVY, scope="group"),)), world)
        for number in range(8):
            state = term(state, policy, DEFAULT, moment(key(0, 0), number, 2, False), pool, schedule)
            out.append(state)
            pool = Pool()
        return out

    one, other = recorded((CO, CO)), recorded((FUSION, CO))
    elsewhere = world.schools.group != np.flatnonzero(world.groups.assigned == 0)[0]
    assert elsewhere.any()
    for name in set(world.schools._fields) - {"choice_pressure"}:
        assert all(
            getattr(a.schools, name)[elsewhere].tobytes() == getattr(b.schools, name)[elsewhere].tobytes()
            for a, b in zip(one, other, strict=True)
        ), name
    assert one[-1].schools.quality[~elsewhere].tobytes() != other[-1].schools.quality[~elsewhere].tobytes()


# 8 --------------------------------------------------------------------------------------------------------------------


def reordered(tables: tuple[worlds.Table, ...], seed: int) -> tuple[worlds.Table, ...]:
    """Return the same tables with their rows in another order."""
    random = np.random.Generator(np.random.Philox(seed))
    teachers, schools, ties, groups = (dict(table) for table in tables)
    orders = [random.permutation(len(next(iter(table.values())))) for table in (teachers, schools, ties, groups)]
    school_at, group_at = np.argsort(orders[1]), np.argsort(orders[3])
    schools["group"] = np.where(schools["group"] >= 0, np.append(group_at, -1)[schools["group"]], -1)
    schools["seeded_by"] = np.where(schools["seeded_by"] >= 0, school_at[schools["seeded_by"]], -1)
    teachers["home"] = school_at[teachers["home"]]
    for name in ("source", "target"):
        ties[name] = school_at[ties[name]]
    for name in ("lead", "zone_head"):
        groups[name] = np.where(groups[name] >= 0, school_at[groups[name]], -1)
    made = zip((teachers, schools, ties, groups), orders, strict=True)
    return tuple({name: column[order] for name, column in table.items()} for table, order in made)


@pytest.mark.parametrize("seed", range(5))
def test_8_reordering_rows_changes_nothing(seed: int) -> None:
    """Rows are put in canonical order, so the world, and with it every result, is the same bit for bit."""
    from model.assembly import assemble

    given = worlds.tables([*worlds.county_sites(), *worlds.county_sites("second ", 1, 9)])
    one, other = assemble(*given), assemble(*reordered(given, seed))
    assert worlds.differing(one, other) == []
    policy = POLICIES["collaboration, flexible"]
    assert bytes_of(run(worlds.snapshot(one).world, policy)) == bytes_of(run(worlds.snapshot(other).world, policy))


def test_8_names_change_nothing() -> None:
    """The world holds no text, and policies that differ in names alone compile alike."""
    world = worlds.county()
    assert all(array.dtype.kind in "uifb" for array in worlds.arrays(world).values())
    for policy in POLICIES.values():
        layers = tuple(
            replace(layer, modes=tuple(replace(mode, name=f"another {mode.name}") for mode in layer.modes))
            for layer in policy.layers
        )
        rules = tuple(replace(rule, name=f"another {rule.name}") for rule in policy.rotations)
        renamed = Policy(layers, rules, replace(policy.support, name="another"))
        assert active_families(attributes(policy, world), attributes(renamed, world)) == set()


# 9 --------------------------------------------------------------------------------------------------------------------


def staffed(world: World, years: int, **parameters: float) -> list[World]:
    """Return the world after each of some years of staffing alone."""
    numbers, policy, out = with_parameters(**parameters), attributes(NONE, world), []
    for year in range(years):
        pool = Pool()
        now = moment(key(9, 0), 2 * year, 2, False)
        world = pool.commit(world, staffing.step(world, policy, numbers, now, pool))
        out.append(world)
    return out


def test_9_leaving_is_binomial_with_the_rate_of_the_setting() -> None:
    """Each of 12 years, 3 settings, 4,000 posts: leavers within 4 standard errors of n·q, and their spread binomial."""
    names, settings = ("lead", "town", "village"), (0, 1, 2)
    world = built(
        [
            Site(n, (0,) * 4000, role="lead" if n == "lead" else "none", setting=k)
            for n, k in zip(names, settings, strict=True)
        ]
    )
    expected = {0: 0.015, 1: 0.03, 2: 0.05}
    scores = []
    state = world
    for year in range(1, 13):
        state = changed(state, teachers={"experience": 5.0, "morale": 0.0})
        pool = Pool()
        now = moment(key(9, 0), 2 * year, 2, False)
        state = pool.commit(state, staffing.step(state, attributes(NONE, state), DEFAULT, now, pool))
        assert (
            state.schools.leavers == np.bincount(state.teachers.home[state.teachers.hired == year], minlength=3)
        ).all()
        for row, setting in enumerate(world.schools.setting):
            rate = expected[int(setting)]
            scores.append((state.schools.leavers[row] - 4000 * rate) / math.sqrt(4000 * rate * (1.0 - rate)))
    assert max(abs(score) for score in scores) < 4.0
    assert 0.6 < np.std(scores) < 1.4


def stationary(rate: float, last: float) -> np.ndarray:
    """Return the law of experience: survival to each year, quitting with `rate`, nobody beyond `last` years."""
    alive, out = 1.0, []
    for year in range(45):
        out.append(alive)
        retiring = min(1.0, max(0.0, year + 1.0 - last))
        alive *= (1.0 - rate) * (1.0 - retiring)
    return np.array(out) / sum(out)


@pytest.mark.parametrize("years", [0, 40], ids=["as drawn", "40 years later"])
def test_9_experience_has_the_stationary_law_of_leaving_and_retirement(years: int) -> None:
    """6,000 posts at q = 0.05: a chi-square over bins of 5 years under its 99.9 % point (6 degrees: 22.5)."""
    world = built([Site("village", (0,) * 6000, setting=2)])
    drawn = worlds.snapshot(world).world
    experience = (staffed(drawn, years)[-1] if years else drawn).teachers.experience
    law = stationary(0.05, 34.0)
    bins = np.minimum(np.arange(45) // 5, 6)
    expected = np.bincount(bins, weights=law) * 6000
    found = np.bincount(bins[experience.astype(int)], minlength=7)
    assert experience.max() <= 34.0
    assert ((found - expected) ** 2 / expected).sum() < 22.5


def test_9_nobody_serves_more_than_service_years() -> None:
    """Who has taught 34 years after the first has completed 35 by the next autumn: `hired` is 35 years ago."""
    world = changed(built([Site("village", (0,) * 50)]), teachers={"experience": 34.0, "hired": -34})
    after = Pool().commit(
        world, staffing.step(world, attributes(NONE, world), DEFAULT, moment(key(9, 0), 2, 2, False), Pool())
    )
    assert (after.teachers.hired == 1).all()


def test_9_every_leaver_is_replaced_by_a_novice_in_the_same_row() -> None:
    before = worlds.county_snapshot().world
    after = staffed(before, 1, staffing__quit_urban=0.06, staffing__quit_rural=0.1)[0]
    new = after.teachers.hired == 0
    assert new.any()
    assert not after.teachers.experience[new].any()
    assert not (after.teachers.title[new] | after.teachers.honour[new]).any()
    assert (after.teachers.post[new] == after.teachers.home[new]).all()
    np.testing.assert_array_equal(after.teachers.home, before.teachers.home)
    np.testing.assert_array_equal(after.teachers.experience[~new], before.teachers.experience[~new] + 1.0)


# 10 -------------------------------------------------------------------------------------------------------------------


def senders(head_on_members: float, seed: int = 0, skill: np.ndarray | None = None, **parameters: float) -> np.ndarray:
    """Return which teachers leads send in the first autumn of a heavy rotation without a backbone share."""
    world = worlds.snapshot(worlds.county(), policy=NONE).world
    if skill is not None:
        world = changed(world, teachers={"skill": skill})
    support = SupportPolicy("assessed", head_on_members=head_on_members)
    rule = RotationPolicy("r", share=0.4, backbone_share=0.0, backfill="absorbed", scope="group")
    policy = attributes(Policy((Layer(0, (CO,)),), (rule,), support), world)
    numbers = with_parameters(rotation__eligible_years=0.0, rotation__most_away=1.0, **parameters)
    now = moment(key(10, seed), 0, 2, False)
    after = Pool().commit(world, rotation.step(world, policy, numbers, now, Pool()))
    return after.teachers.post != after.teachers.home


def test_10_head_on_members_of_a_half_makes_selection_blind_and_so_does_no_strength() -> None:
    skill = worlds.county_snapshot().world.teachers.skill
    for seed in range(5):
        blind = senders(0.5, seed)
        assert blind.any()
        np.testing.assert_array_equal(blind, senders(0.5, seed, skill[::-1].copy()))
        for judged in (0.0, 0.3, 1.0):
            np.testing.assert_array_equal(blind, senders(judged, seed, rotation__selection=0.0))


def test_10_a_lead_judged_on_members_sends_its_most_able_and_one_judged_on_itself_its_least() -> None:
    """Over 60 worlds, the mean standardised skill of those sent is beyond ±5 standard errors of 0, and about 0 at ½."""
    world = worlds.snapshot(worlds.county(), policy=NONE).world
    leads, home, skill = world.schools.role[world.teachers.home] >= 2, world.teachers.home, world.teachers.skill
    mean = np.bincount(home, weights=skill) / np.bincount(home)
    z = skill - mean[home]
    score = {}
    for judged in (0.0, 0.5, 1.0):
        sent = [z[senders(judged, seed) & leads].mean() / z[leads].std() for seed in range(60)]
        score[judged] = float(np.mean(sent) / (np.std(sent) / math.sqrt(60)))
    assert score[1.0] > 5.0
    assert score[0.0] < -5.0
    assert abs(score[0.5]) < 4.0


def test_10_no_strength_makes_the_choice_of_whom_to_seed_blind() -> None:
    """As for rotation: who founds a new school must not depend on skill when s₀ = 0."""
    sites = [Site("a", (0,) * 40, "g", "lead", x=1.0), Site("n", (0,) * 20, "g", "member", opens=0.0, seeded_by="a")]
    world = worlds.snapshot(built(sites), policy=NONE).world
    policy = attributes(Policy((Layer(0, (CO,)),)), world)

    def left(skill: np.ndarray) -> list[int]:
        talents = changed(world, teachers={"talent": skill})
        after = Pool().commit(
            world, staffing.step(talents, policy, with_parameters(rotation__selection=0.0), AUTUMN, Pool())
        )
        return np.flatnonzero((after.teachers.hired == 0) & (world.schools.opens[world.teachers.home] < 0.0)).tolist()

    spread = np.linspace(-0.3, 0.3, len(world.teachers.id))
    assert left(spread) == left(spread[::-1].copy())


@pytest.mark.xfail(reason="seeding sorts by u / weight, not by −ln u / weight as rotation does: ¼ instead of ⅓ here")
def test_10_whom_a_lead_seeds_is_a_race_with_the_weights_of_rotation() -> None:
    """1,000 leads of two teachers, weights 1 and 2: the less able goes in a third of the cases (4 standard errors)."""
    count = 1000
    leads = [Site(f"a{n}", (0, 0), f"g{n}", "lead") for n in range(count)]
    news = [Site(f"n{n}", (0,) * 3, f"g{n}", "member", opens=0.0, seeded_by=f"a{n}") for n in range(count)]
    world = built([*leads, *news], False)
    standing = world.schools.opens[world.teachers.home] < 0.0
    pairs = np.flatnonzero(standing).reshape(-1, 2)
    able = np.zeros(len(world.teachers.id), dtype=bool)
    able[pairs[:, 1]] = True
    world = changed(
        world,
        teachers={"talent": np.where(able, math.log(2.0), 0.0), "experience": 8.0, "hired": -9},
        regions={"talent_sd": 1.0, "match_sd": 0.0},
    )  # fmt: skip
    support = SupportPolicy("judged", head_on_members=1.0)
    quiet = with_parameters(staffing__quit_lead=0.0, schools__seed_staff_share=0.34, teachers__experience_total=0.0)
    policy = attributes(Policy((Layer(0, (CO,)),), (), support), world)
    after = Pool().commit(world, staffing.step(world, policy, quiet, AUTUMN, Pool()))
    gone = (after.teachers.hired == 0) & standing
    assert gone.sum() == count
    assert abs((gone & ~able).sum() / count - 1.0 / 3.0) < 4.0 * math.sqrt(2.0 / 9.0 / count)


# 11 -------------------------------------------------------------------------------------------------------------------


def in_half_units() -> Parameters:
    """Return the defaults with every σ-valued parameter doubled and every one per σ halved."""
    factor = {"σ": 2.0, "1/σ": 0.5}
    return replaced(DEFAULT, {p: get(DEFAULT, p) * factor[d.unit] for p, d in declared().items() if d.unit in factor})


SIGMA_VALUED = {"quality", "mean_skill", "practice", "management", "best", "lessons_online", "misfit", "morale"}


@pytest.mark.parametrize("name", POLICIES)
def test_11_doubling_every_sigma_doubles_every_quality_bit_for_bit(name: str) -> None:
    world, double = worlds.county(), in_half_units()
    one = run(worlds.snapshot(world).world, POLICIES[name])
    two = run(worlds.snapshot(world, double).world, POLICIES[name], parameters=double)
    for column, table in one.columns.items():
        factor = 2.0 if column in SIGMA_VALUED else 1.0
        assert (factor * table).tobytes() == two.columns[column].tobytes(), column


def test_11_doubling_every_sigma_leaves_who_gets_a_title_alone() -> None:
    """One middle title for two: the abler by 0.1 σ, or the one with 3 years away worth 0.15 σ; then by 0.2 σ."""
    world = built([Site("a", (0, 0))])
    policy = attributes(Policy(support=SupportPolicy("credit", title_credit=1.0)), world)
    holders = []
    for unit in (1.0, 2.0):
        facts = {"skill": unit * np.array([0.1, 0.0]), "years_away": np.array([0.0, 3.0]), "experience": 9.0}
        numbers = replaced(in_half_units() if unit == 2.0 else DEFAULT, {"staffing.merit_noise": 0.0})
        ready = changed(world, teachers=facts)
        holders.append(promotion.step(ready, policy, numbers, AUTUMN, Pool())["teachers"]["title"].tolist())
    assert holders[0] == holders[1] == [0, 1]


@pytest.mark.parametrize("name", POLICIES)
def test_11_doubling_character_distances_and_their_scale_changes_nothing(name: str) -> None:
    """Misfit is ψ·w·(1 − ℓ)·|Δx|/ξ: ψ is a cost per ξ of distance, so it stays. Willingness is per unit of distance."""
    start = worlds.county_snapshot().world
    far = changed(start, schools={"character": 2.0 * start.schools.character})
    wide = with_parameters(transfer__misfit_scale=2.0, rotation__willing_culture=-0.15)
    one, two = run(start, POLICIES[name]), run(far, POLICIES[name], parameters=wide)
    for column, table in one.columns.items():
        factor = 2.0 if column == "character" else 1.0
        assert (factor * table).tobytes() == two.columns[column].tobytes(), column


# 12 -------------------------------------------------------------------------------------------------------------------


def test_12_halving_the_term_changes_10_year_outcomes_by_less_than_the_replicate_standard_error() -> None:
    """16 replicates: quality and effect (policy − control) of leads and members, mean of years 9–10."""
    world = worlds.county()
    control, policy = attributes(AS_IS, world), attributes(POLICIES["fusion, full support"], world)
    lead, pupils = world.schools.role >= 2, world.schools.pupils
    outcomes: dict[int, list[list[float]]] = {2: [], 4: []}
    for replicate in range(16):
        base = replicate_key(replicate)
        for terms in outcomes:
            start = burn_in(world, control, DEFAULT, base, 5, terms).world
            ends = [simulate(start, [(0, a)], DEFAULT, base, 10, terms)[1] for a in (control, policy)]
            c, q = (record.yearly("quality")[-2:].mean(axis=0) for record in ends)
            outcomes[terms].append(
                [float(np.average(v[m], weights=pupils[m])) for v in (q, q - c) for m in (lead, ~lead)]
            )
    whole, half = np.array(outcomes[2]), np.array(outcomes[4])
    error = whole.std(axis=0, ddof=1) / math.sqrt(len(whole))
    assert (np.abs(half.mean(axis=0) - whole.mean(axis=0)) < error).all()


# 13 -------------------------------------------------------------------------------------------------------------------


def identical_world(ability: float) -> World:
    """Return the county with identical schools and teachers, all of one ability (σ), at the end of burn-in."""
    world = worlds.snapshot(worlds.county(), policy=NONE).world
    same = dict.fromkeys(("career", "extra", "match", "morale", "shock"), 0.0)
    world = changed(
        world,
        teachers={**same, "talent": ability, "skill": ability, "qualified": True, "honour": 0},
        schools={
            "entry": ability, "practice": 0.05, "practice_anchor": 0.05, "management": 0.05, "character": 0.0,
            "drive": 1.0, "capacity": 0.5, "intake_anchor": 0.0, "uplift": False, "renewal_anchor": max(0.0, ability),
        },
        regions=dict.fromkeys(("reference", "ordinary", "talent_sd", "match_sd", "practice_sd"), 0.0),
    )  # fmt: skip
    # One term of teaching sets last term's quality, which online lessons look at.
    return Pool().commit(world, teaching.step(world, attributes(NONE, world), DEFAULT, AUTUMN, Pool()))


NEITHER = {
    "learning__mentoring": 0.0, "learning__mentor_return": 0.0, "learning__studio_dose": 0.0,
    "teachers__experience_total": 0.0,
    "staffing__unqualified_urban": 0.0, "staffing__unqualified_township": 0.0, "staffing__unqualified_rural": 0.0,
}  # fmt: skip


@pytest.mark.parametrize("ability", [0.1, -0.1])
@pytest.mark.parametrize("name", POLICIES)
def test_13_identical_schools_and_teachers_only_lose(name: str, ability: float) -> None:
    """No coaching, no recognition: no school gains (1e-12 σ), and practice moves only down, by load and drive."""
    start, numbers = identical_world(ability), with_parameters(**NEITHER)
    policy = replace(POLICIES[name], support=SupportPolicy("none"))
    treated, control = run(start, policy, 6, numbers), run(start, NONE, 6, numbers)
    assert (treated.columns["quality"] - control.columns["quality"]).max() <= 1e-12
    assert (treated.columns["practice"] - control.columns["practice"]).max() <= 1e-12
    parts = (
        "mean_skill",
        "newcomers",
        "uncovered",
        "outreach",
        "participation",
        "practice",
        "management",
        "unqualified",
    )
    if all(treated.columns[part].tobytes() == control.columns[part].tobytes() for part in parts):
        assert treated.columns["quality"].tobytes() == control.columns["quality"].tobytes()


@pytest.mark.parametrize("best", [-0.3, -0.01, 0.0, 0.05, 0.3])
def test_13_less_drive_or_more_load_never_raises_own_renewal(best: float) -> None:
    """Through the whole process, weak schools included: practice after a term, by falling drive and rising load."""
    world = chain([0.0, 0.0], 0.0)
    world = changed(world, teachers={"skill": best, "talent": best}, schools={"renewal_anchor": max(0.0, best)})
    world = worlds.teamed(world)

    def practice_at(drive: float, load: float) -> float:
        outreach = load * DEFAULT.attention.capacity
        return float(levels_of(practised(changed(world, schools={"drive": drive, "outreach": outreach}), 0.5, 1))[0])

    drives = [practice_at(drive, 0.5) for drive in np.linspace(1.3, 0.4, 10)]
    loads = [practice_at(1.0, load) for load in np.linspace(0.0, 1.0, 10)]
    assert (np.diff(drives) <= 0.0).all()
    assert (np.diff(loads) <= 0.0).all()
    if best > 0.0:
        assert drives[0] > drives[-1]
        assert loads[0] > loads[-1]


# 14 -------------------------------------------------------------------------------------------------------------------

JOBS = [
    (replicate, name) for replicate in range(4) for name in ("as_is", "fusion, full support", "collaboration, flexible")
]


def canonical(results: dict[tuple[int, str], str]) -> str:
    """Return one hash of results in the order of their keys."""
    return hashlib.sha256(repr(sorted(results.items())).encode()).hexdigest()


def by_workers(workers: int, jobs: Sequence[tuple[int, str]]) -> str:
    """Run jobs in new processes and collect them as they complete."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(worlds.record_hash, *job): job for job in jobs}
        return canonical({waiting[done]: done.result() for done in as_completed(waiting)})


def test_14_one_two_and_eight_workers_in_any_order_give_the_same_bytes() -> None:
    here = canonical({job: worlds.record_hash(*job) for job in JOBS})
    assert canonical({job: worlds.record_hash(*job) for job in reversed(JOBS)}) == here
    for workers, jobs in ((1, JOBS[::-1]), (2, JOBS[1::2] + JOBS[::2]), (8, JOBS)):
        assert by_workers(workers, jobs) == here


def test_14_compiling_a_policy_is_a_function_of_policy_and_world() -> None:
    world = worlds.county()
    for policy in POLICIES.values():
        one, other = compile_policy(policy, world), compile_policy(policy, world)
        assert active_families(one, other) == set()
        assert isinstance(one, Attributes)

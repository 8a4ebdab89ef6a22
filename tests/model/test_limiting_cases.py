"""The first eight limiting cases of the model's description, each with its bound; the others stand beside."""

import math
from dataclasses import replace

import numpy as np
import pytest

from model.arithmetic import exp
from model.attributes import active_families
from model.chance import key
from model.policy import INDEPENDENT, Layer, Policy, RotationPolicy, SupportPolicy
from model.process import Moment
from model.processes.attention import attention
from model.processes.learning import learning
from model.processes.rotation import rotation
from model.processes.teaching import teaching
from model.schedule import TERM
from model.simulation import burn_in, moment, simulate, term
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
    assert worlds.bytes_of(worlds.run(start, equal, 5)) == worlds.bytes_of(worlds.run(start, AS_IS, 5))


def test_1_a_share_equal_to_the_default_is_the_default() -> None:
    start = worlds.county_snapshot().world
    stated = replace(NATIONAL, share=0.1, backbone_share=0.2, eligible_years=6.0, stay_years=1.0)
    assert worlds.bytes_of(worlds.run(start, Policy(worlds.STANDING_LAYERS, (stated,)), 5)) == worlds.bytes_of(
        worlds.run(start, AS_IS, 5)
    )


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


@pytest.mark.parametrize("rate", [0.1, 0.35, 0.7])
@pytest.mark.parametrize("terms_a_year", [1, 2, 4, 16])
def test_3_a_practice_gap_closes_as_exp_minus_phi_t_at_any_length_of_term(terms_a_year: int, rate: float) -> None:
    """Two schools, one tie, ρ = 0, ŵ = 1, f = 1; to 1e-12 relative after 3 years."""
    world = worlds.practised(
        worlds.chain([0.2, 0.0], 1.0),
        1.0 / terms_a_year,
        3 * terms_a_year,
        practice__decay=0.0,
        practice__transfer_rate=rate,
    )
    lead, member = worlds.levels_of(world)
    assert lead == 0.2
    assert lead - member == pytest.approx(0.2 * exp(-3.0 * rate), rel=1e-12)


@pytest.mark.parametrize("terms_a_year", [1, 2, 4, 16])
@pytest.mark.parametrize("start", [-0.1, 0.2])
def test_4_practice_relaxes_to_its_target_as_exp_minus_rho_t(terms_a_year: int, start: float) -> None:
    """ρ only; to 1e-12 relative after 5 years. The target is the practice at baseline when nothing is generated."""
    world = worlds.chain([0.05, 0.05], 0.0)
    moved = world.schools.practice.copy()
    moved[:, 2] = start
    world = worlds.practised(changed(world, schools={"practice": moved}), 1.0 / terms_a_year, 5 * terms_a_year)
    assert worlds.levels_of(world)[1] - 0.05 == pytest.approx((start - 0.05) * exp(-0.08 * 5.0), rel=1e-12)


def test_4_within_a_term_sources_and_the_set_of_better_ones_are_frozen() -> None:
    """In a → b → c, c follows b's level at the start of the term, whatever b takes from a; c above b is not pulled."""
    with_a = worlds.levels_of(worlds.practised(worlds.chain([0.4, 0.2, 0.0], 1.0), 0.5, 1))
    without_a = worlds.levels_of(worlds.practised(worlds.chain([0.2, 0.2, 0.0], 1.0), 0.5, 1))
    assert with_a[1] > without_a[1]
    assert with_a[2] == without_a[2]
    above = worlds.levels_of(worlds.practised(worlds.chain([0.1, 0.2, 0.3], 1.0), 0.5, 1, practice__decay=0.0))
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
    together = worlds.run(worlds.snapshot(both).world, POLICIES[name], 4)
    for number, alone in enumerate((worlds.county(), worlds.second_county())):
        apart = worlds.run(worlds.snapshot(alone).world, POLICIES[name], 4)
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
    assert worlds.bytes_of(worlds.run(worlds.snapshot(one).world, policy)) == worlds.bytes_of(
        worlds.run(worlds.snapshot(other).world, policy)
    )


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

"""What must hold in any world: conservation, nesting, restarts, independence."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from model.attributes import Family, active_families, mixed
from model.chance import key
from model.policy import Layer, Mode, Policy, RotationPolicy, SupportPolicy
from model.process import Moment
from model.processes.attention import attention
from model.processes.rotation import rotation
from model.simulation import Record, simulate, term
from model.world import Pool, World
from tests.model import worlds
from tests.model.worlds import AS_IS, CO, DEFAULT, FUSION, NATIONAL, NONE, POLICIES, Site, attributes, built, changed

AUTUMN = Moment(key(3, 1), 0, 0.5, 0, True, False, 0.0)
LEAD = Site("a", worlds.STAFFED, "g", "lead", standing=1.0, reliability=0.8)
MEMBER = Site("b", worlds.STAFFED, "g", "member", setting=2, x=5.0, standing=-1.0, reliability=0.8)


def run(
    world: World, policy: Policy, years: int = 3, start: World | None = None, **parameters: float
) -> tuple[World, Record]:
    """Run a policy from the standing state of `world`, or from `start`."""
    numbers = worlds.with_parameters(**parameters)
    start = start if start is not None else worlds.snapshot(world, numbers).world
    return simulate(start, [(0, attributes(policy, world))], numbers, key(0, 0), years)


def rotated(world: World, rule: RotationPolicy, mode: Mode = CO, **parameters: float) -> World:
    """Return `world` after the rotation process alone, in the first autumn of a policy."""
    policy = attributes(Policy((Layer(0, (mode,)),), (rule,)), world)
    pool = Pool()
    return pool.commit(world, rotation.step(world, policy, worlds.with_parameters(**parameters), AUTUMN, pool))


def elsewhere(world: World) -> np.ndarray:
    """Return which teachers work outside their home school, by whole posts or part of the week."""
    return (world.teachers.post != world.teachers.home) | (world.teachers.visiting >= 0)


def untied() -> World:
    """Return the county's standing state with nobody away."""
    return worlds.snapshot(worlds.county(), policy=NONE).world


def quality_alike(one: Record, other: Record, rows: np.ndarray) -> bool:
    """Whether `rows` of `other` hold the same bytes as all rows of `one`, for everything recorded."""
    return all(one.columns[n].tobytes() == np.ascontiguousarray(t[:, rows]).tobytes() for n, t in other.columns.items())


# Flow balance ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [worlds.county, worlds.generated], ids=["by hand", "generated"])
@pytest.mark.parametrize("name", POLICIES)
def test_posts_and_people_are_conserved(name: str, make: Callable[[], World]) -> None:
    world = make()
    _, record = run(world, POLICIES[name], 4)
    for column in ("staff_home", "staff_post"):
        assert (record.columns[column].sum(axis=1) == len(world.teachers.id)).all()
    if POLICIES[name].support.county_posts == 0.0:
        assert (record.columns["staff_home"] == record.columns["staff_home"][0]).all()


@pytest.mark.parametrize("name", POLICIES)
def test_inflow_is_outflow_plus_change_and_is_what_the_record_says(name: str) -> None:
    world, policy = worlds.county(), attributes(POLICIES[name], worlds.county())
    state, pool, schools = worlds.county_snapshot().world, Pool(), len(world.schools.id)
    for row in range(6):
        before_post, before_hired = state.teachers.post.copy(), state.teachers.hired.copy()
        before_staff = state.schools.staff_post.copy()
        now = Moment(key(0, 0), row, 0.5, row // 2, row % 2 == 0, False, 0.0)
        state = term(state, policy, DEFAULT, now, pool)
        t, s = state.teachers, state.schools
        new = t.hired != before_hired
        moved = (t.post != before_post) | new
        inflow = np.bincount(t.post[moved], minlength=schools)
        outflow = np.bincount(before_post[moved], minlength=schools)
        np.testing.assert_array_equal(inflow, outflow + s.staff_post - before_staff)
        if now.autumn:
            assert s.leavers.sum() == new.sum()
        returned = (t.post == t.home) & (t.shock == 0.5)
        fresh = np.bincount(t.post[(t.tenure <= 1.0) & ~returned], minlength=schools)
        np.testing.assert_allclose(s.newcomers * np.maximum(s.staff_post, 1.0), fresh, atol=1e-9)


def test_swaps_keep_every_schools_staff_and_partners_are_mutual() -> None:
    after = rotated(untied(), worlds.HEAVY)
    t = after.teachers
    away = np.flatnonzero(t.post != t.home)
    assert len(away) > 0
    np.testing.assert_array_equal(np.bincount(t.post), np.bincount(t.home))
    np.testing.assert_array_equal(t.partner[t.partner[away]], away)
    np.testing.assert_array_equal(t.post[t.partner[away]], t.home[away])


# Shares ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backfill", ["swap", "absorbed", "extra", "contract"])
@pytest.mark.parametrize("quota", ["eligible", "staff", "shortage", "even_skill", "even_backbone"])
def test_share_0_moves_nobody(quota: str, backfill: str) -> None:
    who = "backbone" if quota == "even_backbone" else "all"
    rule = RotationPolicy("none", who=who, quota=quota, share=0.0, backfill=backfill, scope="county")  # type: ignore[arg-type]
    assert not elsewhere(rotated(untied(), rule, rotation__eligible_years=0.0)).any()


def test_a_tenth_of_five_is_one_every_other_year() -> None:
    """Five eligible, share 0.1: half a teacher a year; over 400 keys a binomial SD of 10 about 200, four of them."""
    world = worlds.teamed(built([replace(LEAD, subjects=(0,) * 5), replace(MEMBER, subjects=(0,) * 5)]))
    world = changed(world, teachers={"school_years": 20.0, "experience": 20.0})
    policy = attributes(Policy((Layer(0, (CO,)),), (RotationPolicy("r", share=0.1, backfill="absorbed"),)), world)
    numbers = worlds.with_parameters(rotation__most_away=1.0, rotation__eligible_share=1.0)
    sent = []
    for replicate in range(400):
        pool, now = Pool(), AUTUMN._replace(key=key(3, replicate))
        after = pool.commit(world, rotation.step(world, policy, numbers, now, pool))
        sent.append(int(elsewhere(after).sum()))
    assert set(sent) == {0, 1}
    assert abs(sum(sent) - 200) < 40


@pytest.mark.parametrize("direction", ["outward", "both", "inward"])
def test_share_1_moves_every_eligible_where_no_cap_binds(direction: str) -> None:
    """Caps lifted: no limit on staff away, nobody excused, and cover that needs no counterpart."""
    world = untied()
    rule = RotationPolicy("all", share=1.0, backfill="absorbed", direction=direction, scope="group")  # type: ignore[arg-type]
    after = rotated(world, rule, rotation__most_away=1.0, rotation__eligible_share=1.0)
    t, role, group = world.teachers, world.schools.role, world.schools.group
    sends = {"outward": role >= 2, "both": role >= 0, "inward": role < 2}[direction] & (group >= 0)
    eligible = sends[t.home] & (t.school_years >= DEFAULT.rotation.eligible_years) & (t.employment == 0)
    assert eligible.any()
    np.testing.assert_array_equal(elsewhere(after), eligible)


def test_the_cap_on_staff_away_holds_at_any_share() -> None:
    world = untied()
    for backfill in ("swap", "absorbed"):
        rule = RotationPolicy("all", share=1.0, backfill=backfill, direction="both", scope="group")  # type: ignore[arg-type]
        after = rotated(world, rule, rotation__most_away=0.3)
        away = np.bincount(world.teachers.home, weights=elsewhere(after), minlength=len(world.schools.id))
        assert (away <= 0.3 * np.bincount(world.teachers.home) + 1e-9).all()
        assert away.any()


@pytest.mark.parametrize("backfill", ["absorbed", "swap"])
@pytest.mark.parametrize("strength", [0.0, 1.0, 2.5])
def test_movers_at_a_lower_share_move_at_a_higher_one_too(backfill: str, strength: float) -> None:
    world, before = untied(), np.zeros(len(worlds.county().teachers.id), dtype=bool)
    senders = worlds.county().schools.role[world.teachers.home] >= 2
    sizes = []
    for share in np.linspace(0.05, 0.6, 12):
        rule = RotationPolicy("r", share=float(share), backfill=backfill, scope="group")  # type: ignore[arg-type]
        after = rotated(
            world, rule, rotation__most_away=1.0, rotation__selection=strength, rotation__eligible_years=3.0
        )
        movers = elsewhere(after) & senders
        assert (before <= movers).all()
        before = movers
        sizes.append(int(movers.sum()))
    assert len(set(sizes)) > 3


VOLUNTARY = (worlds.HEAVY, worlds.RESERVOIR, worlds.UNIFIED, worlds.ITINERANT, worlds.RESIDENT)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in VOLUNTARY])
def test_a_voluntary_rule_moves_nobody_when_nobody_is_willing(rule: RotationPolicy) -> None:
    compulsory = rotated(untied(), rule, rotation__willing_base=-1000.0)
    assert elsewhere(compulsory).any(), "the case is empty"
    assert not elsewhere(rotated(untied(), replace(rule, compulsory=False), rotation__willing_base=-1000.0)).any()


def test_stays_end_and_movers_come_home() -> None:
    end, record = run(worlds.county(), Policy((), (NATIONAL,)), 2)
    after, _ = simulate(end, [(0, attributes(NONE, end))], DEFAULT, key(0, 0), 2, first_year=2)
    assert record.columns["away"].sum() > 0
    assert not elsewhere(after).any()
    assert (after.teachers.away_until == -np.inf).all()


# Restarts and horizons ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fusion, full support", "modes by group"])
def test_the_first_20_of_40_years_are_a_20_year_run(name: str) -> None:
    _, short = run(worlds.county(), POLICIES[name], 20)
    _, long = run(worlds.county(), POLICIES[name], 40)
    assert all(table.tobytes() == long.columns[n][:40].tobytes() for n, table in short.columns.items())


@pytest.mark.parametrize("name", POLICIES)
def test_a_restart_from_any_saved_year_equals_an_uninterrupted_run(name: str) -> None:
    world, start = worlds.county(), worlds.county_snapshot().world
    phases = [(0, attributes(POLICIES[name], world)), (3, attributes(AS_IS, world))]
    whole, record = simulate(start, phases, DEFAULT, key(0, 0), 5)
    for year in range(1, 5):
        saved, _ = simulate(start, phases, DEFAULT, key(0, 0), year)
        resumed, rest = simulate(saved, phases, DEFAULT, key(0, 0), 5 - year, first_year=year)
        assert worlds.differing(whole, resumed) == []
        assert all(t.tobytes() == record.columns[n][2 * year :].tobytes() for n, t in rest.columns.items())


def test_a_run_leaves_the_world_it_starts_from_as_it_was() -> None:
    start = worlds.county_snapshot().world
    copies = {name: array.copy() for name, array in worlds.arrays(start).items()}
    for policy in POLICIES.values():
        simulate(start, [(0, attributes(policy, start))], DEFAULT, key(0, 0), 3)
    for name, array in worlds.arrays(start).items():
        assert array.tobytes() == copies[name].tobytes(), name


# Independence ---------------------------------------------------------------------------------------------------------


def test_an_isolated_school_in_another_county_changes_no_other() -> None:
    sites = [LEAD, MEMBER, Site("c", worlds.STAFFED, x=3.0)]
    apart = Site("far", worlds.STAFFED, county=1, x=4.0, standing=2.0, reliability=1.0)
    one, other = built(sites), built([apart, *sites])
    rows = np.flatnonzero(other.schools.county == 0)
    for name in ("fusion, full support", "collaboration, flexible", "as_is"):
        assert quality_alike(run(one, POLICIES[name])[1], run(other, POLICIES[name])[1], rows)


def test_a_school_that_never_opens_changes_no_other() -> None:
    ghost = replace(MEMBER, name="ghost", opens=100.0, standing=2.0, reliability=1.0, x=7.0)
    one, other = built([LEAD, MEMBER]), built([LEAD, MEMBER, ghost])
    rows = np.flatnonzero(other.schools.opens < 100.0)
    policy = Policy((Layer(0, (replace(CO, coordination=0.0),)),))
    assert quality_alike(run(one, policy)[1], run(other, policy)[1], rows)


def test_a_school_that_is_not_open_yet_takes_nothing_in() -> None:
    """Else it opens with practice it had no time to learn, and is charged afterwards for intake it never had."""
    later = replace(MEMBER, name="later", opens=4.0, x=7.0)
    world = built([replace(LEAD, role="zone_head", zone="z"), replace(MEMBER, zone="z"), replace(later, zone="z")])
    start = worlds.snapshot(world, years=5).world
    row = int(np.flatnonzero(world.schools.opens == 4.0)[0])
    end, _ = simulate(start, [(0, attributes(POLICIES["equals, two ways"], world))], DEFAULT, key(0, 0), 3)
    assert not start.schools.intake_anchor[row].any()
    np.testing.assert_array_equal(end.schools.practice[row], start.schools.practice[row])


@pytest.mark.parametrize("mode", [FUSION, worlds.ENTRUSTED], ids=lambda mode: mode.name)
def test_a_member_that_is_not_open_yet_costs_its_lead_nothing(mode: Mode) -> None:
    """Neither hours, nor a head, nor money, in the years before it opens."""
    member = replace(MEMBER, name="later", opens=100.0)
    one, other = built([LEAD, MEMBER]), built([LEAD, MEMBER, member])
    rows = np.flatnonzero(other.schools.opens < 100.0)
    policy = Policy((Layer(0, (mode,)),))
    alone, expecting = run(one, policy)[1], run(other, policy)[1]
    for name in ("management", "outreach", "cost"):
        np.testing.assert_array_equal(expecting.columns[name][:, rows], alone.columns[name])
    assert not expecting.columns["cost"][:, other.schools.opens == 100.0].any()


def test_half_a_year_away_counts_as_half_a_year() -> None:
    """Years on rotation are what the credit for titles is given for (跟岗, half a year)."""
    rule = replace(worlds.SHADOWING, share=0.5, compulsory=True)
    world = worlds.snapshot(worlds.county(), policy=NONE).world
    world = changed(world, teachers={"years_away": 0.0})
    still = {"staffing__quit_lead": 0.0, "staffing__quit_urban": 0.0, "staffing__quit_rural": 0.0}
    first, _ = run(world, Policy((Layer(0, (CO,)),), (rule,)), 1, world, **still)
    end, _ = simulate(
        first, [(0, attributes(NONE, world))], worlds.with_parameters(**still), key(0, 0), 1, first_year=1
    )
    away = first.teachers.shock == 0.5
    assert away.any()
    np.testing.assert_array_equal(end.teachers.years_away[away & (end.teachers.experience > 0.0)], 0.5)


def test_county_posts_go_only_to_open_schools() -> None:
    alone = [replace(LEAD, group="", role="none"), replace(MEMBER, group="", role="none", setting=0)]
    world = built([*alone, replace(alone[1], name="later", opens=100.0)])
    start = worlds.snapshot(world, policy=NONE).world
    policy = Policy(support=SupportPolicy("county", county_posts=1.0))
    _, record = run(world, policy, 5, start, staffing__quit_urban=0.06)
    assert record.columns["leavers"].sum() > 0
    opened = world.schools.opens < 0.0
    assert (record.columns["staff_home"][:, opened].sum(axis=1) == 2 * len(worlds.STAFFED)).all()


def test_a_group_without_an_assigned_mode_is_left_alone() -> None:
    world = worlds.two_schools()
    assert (world.groups.assigned == -1).all()
    several, none = attributes(Policy((Layer(0, (CO, FUSION)),)), world), attributes(NONE, world)
    assert active_families(none, several) == set()


# Families of mechanisms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in POLICIES if name not in ("as_is", "none")])
def test_no_family_is_the_control_and_all_families_the_policy(name: str) -> None:
    world = worlds.county()
    control, policy = attributes(AS_IS, world), attributes(POLICIES[name], world)
    assert active_families(control, mixed(control, policy, set())) == set()
    assert active_families(policy, mixed(control, policy, set(Family))) == set()
    assert active_families(policy, mixed(control, policy, active_families(control, policy))) == set()


def test_practice_transfer_acts_without_learning_across_schools() -> None:
    """Neither family is the other's condition: adding research ties must not switch practice transfer on."""
    world, start = worlds.county(), untied()
    control, policy = attributes(NONE, world), attributes(Policy((Layer(0, (CO,)),)), world)

    def practice_strength(*families: Family) -> np.ndarray:
        ties = attention.step(start, mixed(control, policy, set(families)), DEFAULT, AUTUMN, Pool())["ties"]
        return ties["strength"][:, :3]

    assert practice_strength(Family.PRACTICE, Family.LEARNING).any()
    np.testing.assert_array_equal(
        practice_strength(Family.PRACTICE), practice_strength(Family.PRACTICE, Family.LEARNING)
    )

"""The last six limiting cases of the model's description, each with its bound."""

import hashlib
import math
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest

from model.attributes import Attributes, active_families, compile_policy
from model.chance import key
from model.parameters import Parameters, declared, get, replaced
from model.policy import Layer, Policy, RotationPolicy, SupportPolicy
from model.process import Moment
from model.processes.promotion import promotion
from model.processes.rotation import rotation
from model.processes.staffing import staffing
from model.processes.teaching import teaching
from model.simulation import burn_in, moment, simulate
from model.world import Pool, World
from tests.model import worlds
from tests.model.worlds import (
    AS_IS,
    CO,
    DEFAULT,
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
    one = worlds.run(worlds.snapshot(world).world, POLICIES[name])
    two = worlds.run(worlds.snapshot(world, double).world, POLICIES[name], parameters=double)
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
    one, two = worlds.run(start, POLICIES[name]), worlds.run(far, POLICIES[name], parameters=wide)
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
    treated, control = worlds.run(start, policy, 6, numbers), worlds.run(start, NONE, 6, numbers)
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
    world = worlds.chain([0.0, 0.0], 0.0)
    world = changed(world, teachers={"skill": best, "talent": best}, schools={"renewal_anchor": max(0.0, best)})
    world = worlds.teamed(world)

    def practice_at(drive: float, load: float) -> float:
        outreach = load * DEFAULT.attention.capacity
        return float(
            worlds.levels_of(worlds.practised(changed(world, schools={"drive": drive, "outreach": outreach}), 0.5, 1))[
                0
            ]
        )

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

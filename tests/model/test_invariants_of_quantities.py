"""What must hold in any world: transfer never harms, variances are the declared ones, numbers are finite."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.chance import key, stable_id
from model.initial import initialise
from model.process import Moment
from model.processes.practice import practice
from model.simulation import simulate
from model.world import Pool, World
from tests.model import worlds
from tests.model.worlds import AS_IS, DEFAULT, NONE, POLICIES, Site, attributes, built, changed

AUTUMN = Moment(key(3, 1), 0, 0.5, 0, True, False, 0.0)


# Transfer -------------------------------------------------------------------------------------------------------------


@functools.cache
def star(sources: int) -> World:
    """Return a school `r` tied to some sources, one teacher each."""
    others = [Site(n, (0,), "g", "lead" if n == "x" else "member") for n in "xyz"[:sources]]
    return built([Site("r", (0,), "g", "member"), *others])


def transferred(
    gaps: list[float], distances: list[float], weights: list[float], **parameters: float
) -> tuple[float, float]:
    """Return intake (σ/year) and practice (σ) of a school after one term with one tie to each of some sources."""
    names = "xyz"[: len(gaps)]
    world = star(len(gaps))
    ids = {int(stable_id(n)): k for k, n in enumerate(names)}
    place = np.array([ids.get(int(i), -1) for i in world.schools.id])
    at = np.append(gaps, 0.0)[place]
    strength = np.zeros((len(world.ties.id), 4))
    here = (place[world.ties.target] == -1) & (world.ties.layer == 0)
    strength[here, 2] = np.array(weights)[place[world.ties.source[here]]]
    own = np.zeros((len(at), 3))
    own[:, 2] = at
    world = changed(
        world,
        schools={
            "practice": own, "practice_anchor": own, "character": np.append(distances, 0.0)[place],
            "drive": 1.0, "capacity": 0.5,
        },
        ties={"strength": strength},
    )  # fmt: skip
    numbers = worlds.with_parameters(**parameters)
    out = practice.step(world, attributes(NONE, world), numbers, AUTUMN, Pool())["schools"]
    row = int(np.flatnonzero(place == -1)[0])
    return float(out["intake"][row, 2]), float(out["practice"][row, 2])


GAPS = st.floats(0.0, 0.4).map(lambda x: round(x, 4))
WEIGHTS = st.floats(0.0, 1.0).map(lambda x: round(x, 3))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    gaps=st.lists(GAPS, min_size=3, max_size=3), distances=st.lists(WEIGHTS, min_size=3, max_size=3),
    weights=st.lists(WEIGHTS, min_size=3, max_size=3), which=st.integers(0, 2), more=WEIGHTS,
)  # fmt: skip
def test_a_heavier_tie_to_a_better_school_never_lowers_intake(
    gaps: list[float], distances: list[float], weights: list[float], which: int, more: float
) -> None:
    """At the start of the term, in σ a year: the rate at which practice is offered and taken."""
    heavier = [w + more * (1.0 - w) if n == which else w for n, w in enumerate(weights)]
    assert transferred(gaps, distances, heavier)[0] >= transferred(gaps, distances, weights)[0] - 1e-15


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    gaps=st.lists(GAPS, min_size=3, max_size=3),
    distances=st.lists(st.floats(0.0, 3.0), min_size=3, max_size=3),
    weights=st.lists(WEIGHTS, min_size=3, max_size=3),
    which=st.integers(0, 2),
    more=WEIGHTS,
    rate=st.sampled_from([0.1, 0.35, 0.7]),
)
def test_a_heavier_tie_to_a_better_school_never_lowers_practice(  # noqa: PLR0913
    gaps: list[float], distances: list[float], weights: list[float], which: int, more: float, rate: float
) -> None:
    heavier = [w + more * (1.0 - w) if n == which else w for n, w in enumerate(weights)]
    before = transferred(gaps, distances, weights, practice__transfer_rate=rate)[1]
    assert transferred(gaps, distances, heavier, practice__transfer_rate=rate)[1] >= before - 1e-14


@pytest.mark.parametrize(
    ("gaps", "distances", "lighter", "heavier"),
    [
        ([0.30, 0.01], [0.0, 0.0], [0.5, 0.0], [0.5, 0.5]),
        ([0.30, 0.122], [2.6, 0.0], [1.0, 0.0], [1.0, 1.0]),
    ],
    ids=["the second source is passed within the term", "a like offer of a closer school takes the place"],
)
def test_a_heavier_tie_never_lowers_practice_where_sources_compete(
    gaps: list[float], distances: list[float], lighter: list[float], heavier: list[float]
) -> None:
    """Two cases in which closing all gaps in one exponential would lower it."""
    assert transferred(gaps, distances, heavier)[1] >= transferred(gaps, distances, lighter)[1]


# Variances at the start -----------------------------------------------------------------------------------------------


def test_variance_is_within_plus_between_and_is_the_declared_one() -> None:
    """Over 300 worlds without entry gaps: the SD of teachers is 0.15 σ, 15 % of the variance between schools."""
    flat = worlds.with_parameters(
        staffing__entry_gap_urban=0.0, staffing__entry_gap_township=0.0, staffing__entry_gap_rural=0.0
    )
    free = changed(worlds.county(), schools={"reliability": 0.0})
    total, between, within = [], [], []
    region_entry = []
    for replicate in range(300):
        world = initialise(free, attributes(AS_IS, free), flat, worlds.replicate_key(replicate), 5)
        t = world.teachers
        skill = t.skill
        means = np.bincount(t.home, weights=skill) / np.bincount(t.home)
        within.append(((skill - means[t.home]) ** 2).mean())
        between.append(((means[t.home] - skill.mean()) ** 2).mean())
        total.append(skill.var())
        region_entry.append(world.schools.entry.var(ddof=1))
    np.testing.assert_allclose(np.array(within) + np.array(between), total, rtol=1e-9)
    error = np.std(total) / np.sqrt(len(total))
    assert abs(np.mean(total) - 0.15**2) < 4.0 * error + 0.03 * 0.15**2
    share = np.mean(region_entry) / 0.15**2
    assert abs(share - 0.15) < 4.0 * np.std(region_entry) / 0.15**2 / np.sqrt(300)


def test_practice_has_the_declared_spread_and_correlation() -> None:
    free = changed(worlds.county(), schools={"reliability": 0.0})
    drawn = [
        initialise(free, attributes(AS_IS, free), DEFAULT, worlds.replicate_key(n), 5).schools.practice
        for n in range(300)
    ]
    table = np.concatenate(drawn)
    np.testing.assert_allclose(table.std(axis=0), [0.05, 0.045, 0.045], rtol=0.06)
    np.testing.assert_allclose(np.corrcoef(table.T)[np.triu_indices(3, 1)], 0.2, atol=0.06)


# Boundary worlds ------------------------------------------------------------------------------------------------------

ENDLESS = {"teachers.away_until", "schools.opens"}


def not_finite(world: World) -> list[str]:
    """Return the columns that hold NaN, or infinity where none is declared."""
    floats = {n: a for n, a in worlds.arrays(world).items() if a.dtype.kind == "f"}
    return [n for n, a in floats.items() if np.isnan(a).any() or (n not in ENDLESS and not np.isfinite(a).all())]


@pytest.mark.parametrize("name", worlds.boundary_worlds())
def test_boundary_worlds_give_finite_numbers_under_every_policy(name: str) -> None:
    world = worlds.boundary_worlds()[name]
    start = worlds.snapshot(world).world
    assert not_finite(start) == []
    for policy in POLICIES.values():
        end, record = simulate(start, [(0, attributes(policy, world))], DEFAULT, key(0, 0), 3)
        assert not_finite(end) == []
        assert all(np.isfinite(table).all() for table in record.columns.values())


def test_a_world_without_any_variance_is_finite() -> None:
    world = worlds.boundary_worlds()["all equal"]
    none = worlds.with_parameters(teachers__sd=0.0, schools__sd_management=0.0, practice__channel_sd=0.0)
    assert not_finite(worlds.snapshot(world, none).world) == []

"""Measures by hand: sets with pairs, official indicators by campus and legal person, inequality, coverage."""

import numpy as np
import pytest

from model.balance import gini, official, open_schools, share_reaching, theil, variation
from model.columns import LAYERS
from model.measures import yearly_measures
from model.sets import baseline_quality, reference_sets
from model.simulation import Record
from tests.model import worlds
from tests.model.hand import LEAD, MEMBER, at
from tests.model.worlds import Site, built

EVERY = np.ones(3, dtype=bool)


def test_variation_is_weighted_and_without_unit() -> None:
    """Values 1 and 3 with weights 1 and 1: mean 2, SD 1."""
    values, weights = np.array([1.0, 3.0, 9.0]), np.array([1.0, 1.0, 5.0])
    chosen = np.array([True, True, False])
    assert variation(values, weights, chosen) == pytest.approx(0.5)
    assert variation(10.0 * values, weights, chosen) == pytest.approx(0.5)
    assert variation(np.zeros(3), weights, chosen) == 0.0


def test_gini_and_theil_by_hand() -> None:
    """One has all of what three share: Gini 2/3, Theil ln 3; all alike: 0 and 0."""
    alone = np.array([0.0, 0.0, 3.0])
    assert gini(alone, np.ones(3), EVERY) == pytest.approx(2.0 / 3.0)
    assert theil(alone, np.ones(3), EVERY) == pytest.approx(np.log(3.0))
    assert gini(np.ones(3), np.ones(3), EVERY) == pytest.approx(0.0)
    assert theil(np.ones(3), np.ones(3), EVERY) == pytest.approx(0.0)


def test_weights_count_as_so_many_alike() -> None:
    values = np.array([1.0, 2.0, 5.0])
    repeated = np.repeat(values, [1, 3, 2])
    ones, everybody = np.ones(6), np.ones(6, dtype=bool)
    weights = np.array([1.0, 3.0, 2.0])
    assert gini(values, weights, EVERY) == pytest.approx(gini(repeated, ones, everybody))
    assert theil(values, weights, EVERY) == pytest.approx(theil(repeated, ones, everybody))
    assert variation(values, weights, EVERY) == pytest.approx(variation(repeated, ones, everybody))


def test_coverage_counts_pupils_at_schools_as_good() -> None:
    assert share_reaching(np.array([0.1, 0.2, 0.3]), np.array([1.0, 1.0, 2.0]), EVERY, 0.2) == pytest.approx(0.75)


def record(**columns: np.ndarray) -> Record:
    """Return two terms of a year, alike."""
    return Record(2, {name: np.stack([values, values]) for name, values in columns.items()})


def test_merging_campuses_on_paper_changes_the_legal_person_and_not_the_campus() -> None:
    """100 pupils each, 6 and 2 backbone: by campus CV 2/4 = 0.5; one legal person has 8 for 200 and no variation."""
    world = built([Site(name, x=float(n), pupils=100.0) for n, name in enumerate("ab")])
    rows = {name: np.array([6.0, 2.0]) for name in ("backbone_post", "staff_post", "staff_home")}
    table = record(**rows, unqualified=np.zeros(2))
    chosen = np.ones(2, dtype=bool)
    apart = official(world, table, chosen, np.arange(2, dtype=np.int32))
    merged = official(world, table, chosen, np.zeros(2, dtype=np.int32))
    assert apart["cv_backbone_campus_primary"].tolist() == pytest.approx([0.5])
    assert apart["cv_backbone_legal_person_primary"].tolist() == pytest.approx([0.5])
    assert merged["cv_backbone_campus_primary"].tolist() == pytest.approx([0.5])
    assert merged["cv_backbone_legal_person_primary"].tolist() == pytest.approx([0.0])


def test_levels_are_measured_apart() -> None:
    world = built([Site("a", level=1), Site("b", level=2, x=1.0)])
    rows = {name: np.array([5.0, 1.0]) for name in ("backbone_post", "staff_post", "staff_home")}
    table = record(**rows, unqualified=np.zeros(2))
    found = official(world, table, np.ones(2, dtype=bool), np.arange(2, dtype=np.int32))
    assert found["cv_staff_post_campus_primary"].tolist() == [0.0]
    assert found["cv_staff_post_campus_junior"].tolist() == [0.0]


def _spread(ratio: np.ndarray, pupils: np.ndarray) -> float:
    mean = np.average(ratio, weights=pupils)
    return float(np.sqrt(np.average((ratio - mean) ** 2, weights=pupils)) / mean)


def test_official_indicators_count_every_school_and_other_measures_those_in_groups() -> None:
    """One school of three is in no group and has far more staff for its pupils than the two that are."""
    alone = Site("alone", (0, 1, 1, 2, 2, 3, 3), x=5.0, pupils=30.0)
    world = built([LEAD, MEMBER, alone])
    found = worlds.snapshot(world, policy=worlds.NONE).record
    sets = reference_sets(world, baseline_quality(found))
    assert sets.ungrouped.sum() == 1
    measured = yearly_measures(world, found, sets)
    pupils = world.schools.pupils
    qualified = found.yearly("staff_post") * (1.0 - found.yearly("unqualified"))
    own = {"backbone": found.yearly("backbone_post"), "staff_home": found.yearly("staff_home"), "qualified": qualified}
    for name, table in own.items():
        wanted = [_spread(row / pupils, pupils) for row in table]
        for unit in ("campus", "legal_person"):
            assert measured[f"cv_{name}_{unit}_primary"].tolist() == pytest.approx(wanted), name
    for name in ("backbone_cv", "backbone_cv_legal_person"):
        assert measured[name].tolist() == measured["cv_backbone_campus_primary"].tolist()
    inside = sets.grouped
    staff = found.yearly("staff_post")[:, inside] / pupils[inside]
    assert measured["staff_cv"].tolist() == pytest.approx([_spread(row, pupils[inside]) for row in staff])


def test_a_level_without_groups_has_indicators_too() -> None:
    world = built([LEAD, MEMBER, Site("p", level=2, x=5.0), Site("q", level=2, x=6.0, pupils=30.0)])
    found = worlds.snapshot(world, policy=worlds.NONE).record
    measured = yearly_measures(world, found, reference_sets(world, baseline_quality(found)))
    assert (measured["cv_staff_home_campus_junior"] > 0.1).all()


def test_a_school_counts_from_the_year_in_which_it_opens() -> None:
    """Two schools alike, and from the second year a third with three times the staff for as many pupils."""
    world = built([Site(name, x=float(n), pupils=100.0) for n, name in enumerate("abc")])
    years = np.array([[4.0, 4.0, 0.0]] * 2 + [[4.0, 4.0, 12.0]] * 2)
    table = Record(2, {n: years for n in ("backbone_post", "staff_post", "staff_home")} | {"unqualified": 0.0 * years})
    for person in (np.arange(3, dtype=np.int32), np.array([0, 1, 0], dtype=np.int32)):
        found = official(world, table, open_schools(table), person)
        apart = _spread(np.array([4.0, 4.0, 12.0]), np.ones(3))
        together = _spread(np.array([8.0, 4.0]), np.array([2.0, 1.0]))
        assert found["cv_backbone_campus_primary"].tolist() == pytest.approx([0.0, apart])
        wanted = together if person[2] == 0 else apart
        assert found["cv_backbone_legal_person_primary"].tolist() == pytest.approx([0.0, wanted])


def test_a_pair_outside_groups_is_a_group_of_two() -> None:
    """Helper and helped belong to no group; a third school alone is neither and counts as spillover."""
    world = built([LEAD, MEMBER, Site("helper", x=3.0), Site("helped", x=4.0), Site("alone", x=5.0)])
    ties = world.ties
    rows = {name: at(world, name) for name in ("helper", "helped", "alone", "lead", "member")}
    pair = {"source": rows["helper"], "target": rows["helped"], "layer": LAYERS.index("pair"), "rank": 1}
    ties = ties._make(
        np.concatenate([column, np.array([pair.get(name, 0)], dtype=column.dtype)]) if column.ndim == 1 else
        np.concatenate([column, np.zeros((1, column.shape[1]), dtype=column.dtype)])
        for name, column in zip(ties._fields, ties, strict=True)
    )  # fmt: skip
    quality = np.zeros(5)
    quality[[rows["helper"], rows["lead"]]] = 1.0
    sets = reference_sets(world._replace(ties=ties), quality)
    assert np.flatnonzero(sets.peak).tolist() == sorted([rows["lead"], rows["helper"]])
    assert np.flatnonzero(sets.valley).tolist() == sorted([rows["member"], rows["helped"]])
    assert np.flatnonzero(sets.ungrouped).tolist() == [rows["alone"]]
    assert sets.good == 1.0


def test_group_training_for_money_is_a_dose_and_a_charge() -> None:
    """Half a person-year of training a head: half the dose of a training year, 0.5 · 3,000 yuan a head."""
    world = worlds.two_schools()
    base = worlds.attributes(worlds.NONE, world)
    half = base._replace(trained=np.full(2, 0.5))
    whole = worlds.attributes(worlds.Policy(support=worlds.SupportPolicy("t", training_cycle=1)), world)
    start = worlds.snapshot(world, policy=worlds.NONE).world
    runs = {
        name: worlds.simulate(start, [(0, chosen)], worlds.DEFAULT, worlds.key(0, 0), 1)
        for name, chosen in (("none", base), ("half", half), ("whole", whole))
    }
    extra = {name: world_.teachers.extra for name, (world_, _) in runs.items()}
    gained, full = extra["half"] - extra["none"], extra["whole"] - extra["none"]
    assert (gained >= 0.0).all()
    assert 0.4 * full.sum() < gained.sum() < 0.6 * full.sum()
    costs = {name: run.columns["cost"].sum() for name, (_, run) in runs.items()}
    assert costs["half"] == pytest.approx(0.5 * costs["whole"])

"""Measures by hand: sets with pairs, official indicators by campus and legal person, inequality, coverage."""

import numpy as np
import pytest

from model.balance import gini, official, share_reaching, theil, variation
from model.columns import LAYERS
from model.sets import reference_sets
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

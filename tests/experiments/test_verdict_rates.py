"""How often the verdict is wrong, its intervals cover, and it decides: counts out of 1,000 synthetic data sets."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from experiments.statistics import LOOKS
from experiments.verdict import PLAN, Plan, confidence_box, decide, power_at, power_design, region
from tests.experiments.samples import LAWS, Floats, replicates, tied

DELTA = 0.02
MADE = {"independent": replicates, "tied": tied}


def chance(*numbers: int) -> np.random.Generator:
    return np.random.default_rng([20_240_601, *numbers])


# --- one look ---


def rejections(law: str, count: int, sets: int, generator: np.random.Generator) -> Floats:
    """Rejections of the true effect in 1,000, for each component by itself at 5 %."""
    truth = np.array([DELTA, -DELTA, -DELTA / 2])
    boxes = [confidence_box(rows, 0.85) for rows in replicates(generator, law, (sets, count), truth, 0.03)]
    rejected = [(truth < box.low) | (truth > box.high) for box in boxes]
    return np.asarray(1000 * np.mean(rejected, axis=0))


def coverage(law: str, count: int, sets: int, generator: np.random.Generator) -> float:
    """Boxes in 1,000 that hold all three true effects at 95 %."""
    truth = np.array([0.01, -0.03, 0.0])
    samples = replicates(generator, law, (sets, count), truth, (0.01, 0.02, 0.03))
    boxes = [confidence_box(rows, 0.95) for rows in samples]
    return float(1000 * np.mean([((box.low <= truth) & (truth <= box.high)).all() for box in boxes]))


@pytest.mark.parametrize(("law", "count", "number"), [("normal", 8, 10), ("normal", 64, 11), ("gamma", 256, 12)])
def test_each_component_has_its_size_at_one_look(law: str, count: int, number: int) -> None:
    rejected = rejections(law, count, 1000, chance(number))
    assert ((rejected >= 37) & (rejected <= 64)).all(), rejected


@pytest.mark.parametrize(("law", "count", "number"), [("normal", 8, 20), ("normal", 256, 21), ("gamma", 128, 22)])
def test_the_box_covers_all_three_effects_together(law: str, count: int, number: int) -> None:
    assert 926 <= coverage(law, count, 1000, chance(number)) <= 971


@pytest.mark.slow
@pytest.mark.parametrize("count", LOOKS)
def test_normal_components_have_their_size_at_every_look(count: int) -> None:
    rejected = rejections("normal", count, 20_000, chance(1, count))
    assert ((rejected >= 45) & (rejected <= 55)).all(), rejected


@pytest.mark.slow
@pytest.mark.parametrize(("law", "first"), [("normal", 8), ("gamma", 32), ("exponential", 128)])
def test_boxes_cover_from_the_number_of_replicates_a_law_needs(law: str, first: int) -> None:
    for count in (look for look in LOOKS if look >= first):
        covered = coverage(law, count, 20_000, chance(2, count))
        assert 926 <= covered <= 971, (count, covered)


# --- the whole sequence: wrong decisions ---


@dataclass(frozen=True)
class Border:
    """Effects on borders, where every decision is wrong from one side, and deviations that keep the rest certain."""

    effects: tuple[float, float, float]
    deviations: tuple[float, float, float]


BORDERS = {
    "fill | lift": Border((0.02, 2.0, 2.0), (0.02, 0.02, 0.02)),
    "inert | fill": Border((0.0, 0.02, 2.0), (1e-5, 0.02, 0.02)),
    "fill | dilution": Border((0.0, 2.0, -0.01), (1e-5, 0.02, 0.02)),
    "inert | dilution, peak or total": Border((-0.02, 0.0, -0.01), (0.02, 1e-5, 0.02)),
    "widening | dilution, peak or total": Border((-0.02, -2.0, -0.01), (0.02, 0.02, 0.02)),
    "all but peak shaving": Border((0.02, 0.02, -0.01), (0.02, 0.02, 0.02)),
}
WORST = BORDERS["inert | dilution, peak or total"]


def families_decided(sets: Floats, plan: Plan = PLAN) -> float:
    """Families in 1,000, of (families, policies, replicates, 3), in which any policy is decided by the last look."""
    last = len(plan.looks) - 1
    families = (decide(list(rows), DELTA, last, plan=plan) for rows in sets)
    return 1000 * float(np.mean([any(decision.verdict != "undecided" for decision in family) for family in families]))


@pytest.mark.parametrize("law", ["normal", "gamma"])
@pytest.mark.parametrize("name", BORDERS)
def test_the_sequential_verdict_holds_its_size_on_borders(name: str, law: str) -> None:
    border = BORDERS[name]
    generator = chance(3, list(BORDERS).index(name), list(LAWS).index(law))
    assert families_decided(replicates(generator, law, (1000, 1, 256), border.effects, border.deviations)) <= 64


def test_a_family_of_policies_holds_the_size_together() -> None:
    sets = replicates(chance(4), "normal", (1000, 8, 256), WORST.effects, WORST.deviations)
    assert families_decided(sets) <= 64


@pytest.mark.slow
@pytest.mark.parametrize(("law", "made", "name"), list(product(LAWS, MADE, BORDERS)))
def test_one_policy_holds_the_size_under_every_law(law: str, made: str, name: str) -> None:
    border, generator = BORDERS[name], chance(5, list(LAWS).index(law), list(BORDERS).index(name))
    sets = MADE[made](generator, law, (10_000, 1, 256), border.effects, border.deviations)
    assert families_decided(sets) <= 64


@pytest.mark.slow
@pytest.mark.parametrize(("law", "looks"), [("normal", LOOKS), ("gamma", LOOKS), ("exponential", LOOKS[-1:])])
def test_families_of_eight_hold_the_size_with_the_looks_a_law_allows(law: str, looks: tuple[int, ...]) -> None:
    generator = chance(6, list(LAWS).index(law))
    batches = (replicates(generator, law, (500, 8, 256), WORST.effects, WORST.deviations) for _ in range(8))
    assert np.mean([families_decided(sets, Plan(looks=looks)) for sets in batches]) <= 64


# --- the whole sequence: power ---


@dataclass(frozen=True)
class Design:
    """True effects, the distances to the borders around them, and the look and family the power is claimed for."""

    effects: tuple[float, float, float]
    margins: tuple[float, ...]
    look: int
    policies: int

    def deviation(self) -> float:
        """Give the largest standard deviation at which 80 % is claimed at the look."""
        return float(brentq(lambda s: power_at(self.margins, s, self.look, self.policies) - 0.8, 1e-3, 1.0, xtol=1e-12))

    def decided_rightly(self, sets: int, generator: np.random.Generator) -> float:
        """Right decisions in 1,000 by that look; with one margin only the valley is uncertain."""
        spread = self.deviation() * (np.array([1e-6, 1, 1e-6]) if len(self.margins) == 1 else np.ones(3))
        rows = tied(generator, "normal", (sets, LOOKS[self.look]), self.effects, spread)
        rest = [np.zeros((0, 3))] * (self.policies - 1)
        truth = region(*self.effects, delta=DELTA)
        return 1000 * float(np.mean([decide([row, *rest], DELTA, self.look)[0].verdict == truth for row in rows]))


DESIGNS = {
    "fill, valley alone": Design((0.0, 0.04, 2.0), (0.02,), 3, 1),
    "lift, all three": Design((0.04, 0.04, 0.01), (0.02, 0.02, 0.02), 5, 1),
    "inert, five borders": Design((0.0, 0.0, 0.01), (0.02,) * 5, 4, 1),
    "peak shaving among 12": Design((-0.05, 0.05, 0.02), (0.03,) * 3, 4, 12),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_the_power_claimed_is_there(name: str) -> None:
    design = DESIGNS[name]
    claimed = power_design(design.margins, design.deviation() * 0.9999, policies=design.policies)
    assert claimed == LOOKS[design.look]
    assert design.decided_rightly(4000, chance(40 + len(name))) >= 779


@pytest.mark.slow
@pytest.mark.parametrize("name", DESIGNS)
def test_the_power_claimed_is_there_closely(name: str) -> None:
    assert DESIGNS[name].decided_rightly(40_000, chance(8, list(DESIGNS).index(name))) >= 794


def test_power_by_simulation_of_its_definition() -> None:
    # One border at half a deviation, 16 replicates in one look: t must exceed its 1 - 0.05/6 quantile.
    sample = chance(50).normal(0.5, 1.0, size=(200_000, 16))
    scores = 4 * sample.mean(axis=1) / sample.std(axis=1, ddof=1)
    claimed = power_at([0.5], [1.0], 0, plan=Plan(looks=(16,)))
    assert claimed == pytest.approx((scores > 2.694374).mean(), abs=0.004)


@given(st.floats(0.001, 50), st.floats(1.01, 1.5), st.integers(0, 5))
def test_power_never_falls_with_the_distance(margin: float, factor: float, look: int) -> None:
    near, far = (power_at([distance], [1.0], look) for distance in (margin, margin * factor))
    assert 0 <= near <= far + 1e-12 <= 1 + 2e-12


def test_power_that_no_look_gives_is_not_claimed() -> None:
    assert power_design([0.2], [1.0]) is None
    assert power_design([0.21], [1.0]) == 256
    assert power_design([0.55], [1.0]) == 64
    assert power_design([0.22], [1.0], policies=2) is None
    assert power_design([0.22] * 2, [1.0]) is None


@pytest.mark.parametrize(("margin", "spread"), [(0.0, 1.0), (-1.0, 1.0), (1.0, 0.0), (1.0, np.nan)])
def test_margins_without_size_have_no_power(margin: float, spread: float) -> None:
    with pytest.raises(ValueError, match=r"must be positive|NaN"):
        power_at([margin], [spread], 0)

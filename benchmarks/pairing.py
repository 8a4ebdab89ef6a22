"""What common random numbers save: the variance of treated − control, paired against independent seeds."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from benchmarks.measure import Finding, tell
from benchmarks.start import SCENARIO
from model.attributes import Attributes, compile_policy
from model.chance import Key, Stream, key, stable_id, uniform
from model.columns import Floats
from model.sets import Sets, baseline_quality, reference_sets
from model.simulation import Snapshot, burn_in, simulate
from model.weighted import weighted_mean
from scenarios import reader
from scenarios.scenario import Scenario

REPLICATES = 200
RESAMPLES = 1000
POLICIES = (("fusion", "none"), ("fusion", "national_rule"), ("co_construction", "national_rule"))
OUTCOMES = ("peak", "valley", "mean")
TARGETS = {"peak": 1.3, "valley": 3.0, "mean": None}
LATE_YEARS = 2
INTERVAL = (2.5, 97.5)
OTHER_SEED = 1


class Runs(NamedTuple):
    """Outcomes by replicate, year and set, shape (n, years, 3): control, treated alike, treated with other chance."""

    control: Floats
    treated: Floats
    apart: Floats

    def late(self) -> "Runs":
        """Return means over the last two years, shape (n, 3)."""
        return Runs(*(part[:, -LATE_YEARS:].mean(axis=1) for part in self))


def _outcomes(start: Snapshot, policy: Attributes, scenario: Scenario, sets: Sets, chance: Key) -> Floats:
    """Return pupil-weighted quality of peak, valley and grouped schools by year, shape (years, 3)."""
    _, record = simulate(start.world, ((0, policy),), scenario.parameters, chance, scenario.run.years)
    pupils, chosen = scenario.world.schools.pupils, (sets.peak, sets.valley, sets.grouped)
    return np.array([[weighted_mean(row, pupils, one) for one in chosen] for row in record.yearly("quality")])


def replicates(scenario: Scenario, count: int) -> dict[str, Runs]:
    """Run the control and every policy from the same standing states; return runs by policy."""
    world = scenario.world
    control = compile_policy(reader.control(scenario), world)
    policies = {"+".join(names): compile_policy(reader.policy_for(scenario, *names), world) for names in POLICIES}
    found: dict[str, list[tuple[Floats, Floats, Floats]]] = {name: [] for name in policies}
    for replicate in range(count):
        same, other = key(0, replicate), key(OTHER_SEED, replicate)
        start = burn_in(world, control, scenario.parameters, same, scenario.run.burn_in)
        sets = reference_sets(world, baseline_quality(start.record))
        before = _outcomes(start, control, scenario, sets, same)
        for name, policy in policies.items():
            alike = _outcomes(start, policy, scenario, sets, same)
            found[name].append((before, alike, _outcomes(start, policy, scenario, sets, other)))
    return {name: Runs(*(np.array(part) for part in zip(*rows, strict=True))) for name, rows in found.items()}


def _variance(values: Floats) -> Floats:
    return np.asarray(values.var(axis=0, ddof=1))


def independent(runs: Runs) -> Floats:
    """Return by how much the variance is larger with a seed for each arm, by outcome."""
    return np.asarray((_variance(runs.treated) + _variance(runs.control)) / _variance(runs.treated - runs.control))


def after_the_start(runs: Runs) -> Floats:
    """Return by how much it is larger when the arms share their standing state but no chance after it."""
    return np.asarray(_variance(runs.apart - runs.control) / _variance(runs.treated - runs.control))


def _interval(runs: Runs, statistic: Callable[[Runs], Floats]) -> Floats:
    """Return the 95 % bootstrap interval over replicates, shape (2, 3)."""
    count, who = len(runs.control), np.uint64(stable_id("bootstrap"))
    stream = int(Stream.WORLD)
    drawn = []
    for sample in range(RESAMPLES):
        rows = [int(count * uniform(key(0, 0), who, sample, stream, n)) for n in range(count)]
        drawn.append(statistic(Runs(*(part[rows] for part in runs))))
    return np.percentile(np.array(drawn), INTERVAL, axis=0)


def _ratios(name: str, runs: Runs) -> list[Finding]:
    out, kinds = [], {"independent seeds": independent, "the same start, other chance": after_the_start}
    for what, statistic in kinds.items():
        values, (low, high) = statistic(runs), _interval(runs, statistic)
        for n, outcome in enumerate(OUTCOMES):
            target = TARGETS[outcome] if statistic is independent else None
            line = f"{name}: variance of Δ{outcome.capitalize()}, {what} / paired"
            out.append(Finding(line, low[n], values[n], high[n], "×", target, note="95 % bootstrap interval"))
    return out


def _correlations(name: str, runs: Runs) -> list[Finding]:
    """Return the correlation of treated and control in the first, third and last year."""
    years = runs.control.shape[1]
    out = []
    for year in (1, 3, years):
        by = [np.corrcoef(runs.treated[:, year - 1, n], runs.control[:, year - 1, n])[0, 1] for n in range(3)]
        said = ", ".join(f"{outcome} {value:.2f}" for outcome, value in zip(OUTCOMES, by, strict=True))
        line = f"{name}: correlation of treated and control, year {year}"
        out.append(Finding(line, min(by), float(np.median(by)), max(by), "", note=said))
    return out


def run() -> list[Finding]:
    """Run the replicates and return variance ratios and correlations of every policy."""
    scenario = reader.load(SCENARIO)
    out = []
    for name, runs in replicates(scenario, REPLICATES).items():
        tell(f"  {name}")
        out += _ratios(name, runs.late()) + _correlations(name, runs)
    return out

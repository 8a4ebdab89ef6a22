"""The Pareto set of policies, robust over what is uncertain: a search, and then its front tried anew.

Every candidate is run with its control at the declared numbers and at the same draws of all that is uncertain, with the
same chance events. Whoever is best of many owes some of it to chance (the winner's curse), so the members of the front
are run again with other seeds, other draws and more replicates, and only these numbers are reported of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from experiments.candidates import Candidate, Space, drawn
from experiments.certainty import DRAWS, REPLICATES, adjusted, region_of
from experiments.comparison import D_EFFECTS, LEVEL, OUTCOMES, Floats
from experiments.design import Factor, Value
from experiments.headline import Headline, headline
from experiments.outcomes import outcomes
from experiments.pareto import Judge, dominated, front, spread
from experiments.points import run_rows
from experiments.statistics import paired_interval
from experiments.store import Ledger
from experiments.sweep import Prepared, Sweep
from experiments.verdict import Decision, Plan, decide
from model.chance import stable_id

Prepare = Callable[[Mapping[str, Value]], Prepared]
SEEDS = 1 << 31
COST = "cost_per_pupil"
HOPELESS = 1e9
"""What a candidate loses and lacks of which a run failed."""
REPORTED = (*D_EFFECTS, COST)
"""Outcomes told of every candidate, objectives or not."""


class Effort(NamedTuple):
    """How much is run.

    Parameters
    ----------
    population, generations
        Candidates of a generation, and generations; of an enumeration all candidates, and 1.
    draws, replicates
        Draws beside the declared numbers, and paired runs at each of them.
    members, confirmation
        Most members of the front that are tried anew, and paired runs of each at the declared numbers.
    """

    population: int
    generations: int
    draws: int
    replicates: int
    members: int
    confirmation: int

    @property
    def each(self) -> int:
        """Runs that a candidate takes."""
        return (self.draws + 1) * self.replicates

    @property
    def again(self) -> int:
        """Runs that a member of the front takes when it is tried anew."""
        return self.confirmation + (DRAWS * REPLICATES if self.draws else 0)

    @property
    def runs(self) -> int:
        """Most runs in all."""
        return self.population * self.generations * self.each + self.members * self.again


@dataclass(frozen=True)
class Question:
    """What is optimised: the space, what is drawn, how a point becomes a run at a seed, and the judge."""

    space: Space
    uncertain: Sequence[Factor]
    prepare_at: Callable[[int], Prepare]
    judge: Judge
    delta: float
    seed: int

    @property
    def fresh(self) -> int:
        """The seed of what is tried anew: another one, that follows from the first."""
        return int(stable_id(f"confirmation of {self.seed}")) % SEEDS

    @property
    def measured(self) -> tuple[str, ...]:
        """Outcomes that are read from runs."""
        return tuple(dict.fromkeys([*REPORTED, *self.judge.objectives]))


@dataclass
class Tried:
    """A candidate of the search: its generation, what it does at the declared numbers, and what it is judged by."""

    codes: Candidate
    generation: int
    usual: dict[str, float]
    robust: dict[str, float]


@dataclass
class Optimisation:
    """A search and what it found; `do` computes the runs of a sweep under a label, `ledger` holds them."""

    question: Question
    effort: Effort
    do: Callable[[str, Sweep], object]
    ledger: Ledger
    tried: dict[Candidate, Tried] = field(default_factory=dict)
    failed: set[Candidate] = field(default_factory=set)

    def enumerate(self) -> None:
        """Try every candidate of the space."""
        self._generation(1, self.question.space.all())

    def evolve(self) -> None:
        """Search with NSGA-II."""
        from experiments.evolution import evolved

        asked, size = self.question, len(self.question.judge.objectives)
        evolved(asked.space, size, self.effort.population, self.effort.generations, asked.seed, self._generation)

    def _generation(self, number: int, candidates: Sequence[Candidate]) -> tuple[Floats, Floats]:
        """Try what is new among the candidates; return what all of them gain and lack."""
        known = self.tried.keys() | self.failed
        new = [one for one in dict.fromkeys(candidates) if one not in known]
        if new:
            self._try(number, new)
        judge = self.question.judge
        gains = np.full((len(candidates), len(judge.objectives)), -HOPELESS)
        lacking = np.full(len(candidates), HOPELESS)
        for row, one in enumerate(candidates):
            if one in self.tried:
                gains[row] = judge.gains([self.tried[one].robust])[0]
                lacking[row] = judge.lacking([self.tried[one].robust])[0]
        return gains, lacking

    def _try(self, number: int, candidates: Sequence[Candidate]) -> None:
        asked = self.question
        draws = drawn(asked.uncertain, self.effort.draws, asked.seed)
        label = f"generation {number}/{self.effort.generations}"
        found = self._measured(label, candidates, draws, (asked.seed, self.effort.replicates))
        for one, values in zip(candidates, found, strict=True):
            if np.isfinite(values).all():
                usual = values[0].mean(axis=0)
                by_draw = values[1:].mean(axis=1) if self.effort.draws else usual[None]
                self.tried[one] = Tried(one, number, self._named(usual), self._robust(by_draw))
            else:
                self.failed.add(one)

    def _measured(self, label: str, candidates: Sequence[Candidate], draws: Factor, chance: tuple[int, int]) -> Floats:
        """Return outcomes by candidate, draw and replicate, (c, d, r, outcomes); NaN where a run failed."""
        seed, replicates = chance
        names = self.question.measured
        design = self.question.space.design(candidates, draws)
        sweep = Sweep(design, self.question.prepare_at(seed), replicates)
        self.do(label, sweep)
        rows = run_rows(sweep, self.ledger, lambda found: outcomes(found, names))
        values = [[[np.nan if run.get(name) is None else run[name] for name in names] for run in runs] for runs in rows]
        shaped = np.array(values, dtype=np.float64).reshape(len(draws.values), len(candidates), replicates, len(names))
        return shaped.transpose(1, 0, 2, 3)

    def _named(self, values: Floats) -> dict[str, float]:
        return dict(zip(self.question.measured, values.tolist(), strict=True))

    def _robust(self, by_draw: Floats) -> dict[str, float]:
        judge, columns = self.question.judge, zip(self.question.measured, by_draw.T, strict=True)
        return {name: judge.value(name, column) for name, column in columns}

    def front(self, which: str = "robust") -> list[Tried]:
        """Return the front of all candidates tried, judged over the draws, or as they are with ``usual``."""
        judge, tried = self.question.judge, list(self.tried.values())
        values = [getattr(one, which) for one in tried]
        return [tried[row] for row in front(judge.gains(values), judge.lacking(values))]

    def members(self) -> list[Tried]:
        """Return what of the front is tried anew: all of it, or so many members that lie far apart."""
        found = self.front()
        gains = self.question.judge.gains([one.robust for one in found])
        return [found[row] for row in spread(gains, self.effort.members)] if found else []

    def confirmed(self) -> list[Member]:
        """Try the members of the front anew and return them, the one that gains most first."""
        asked, members = self.question, self.members()
        if not members:
            return []
        codes = [one.codes for one in members]
        usual = self._measured("confirmation", codes, drawn([], 0, 0), (asked.fresh, self.effort.confirmation))[:, 0]
        by_draw: Sequence[Floats] = list(usual)
        if self.effort.draws:
            draws = drawn(asked.uncertain, DRAWS, asked.fresh)
            few = self._measured("confirmation", codes, draws, (asked.fresh, REPLICATES))[:, 1:]
            by_draw = [np.array([adjusted(at, one) for at in ones]) for one, ones in zip(usual, few, strict=True)]
        whole = [n for n, one in enumerate(members) if np.isfinite(by_draw[n]).all() and np.isfinite(usual[n]).all()]
        return self._members([(members[n], usual[n], by_draw[n]) for n in whole])

    def _members(self, found: Sequence[tuple[Tried, Floats, Floats]]) -> list[Member]:
        asked, names = self.question, self.question.measured
        if not found:
            return []
        effects = [usual[:, [names.index(name) for name in D_EFFECTS]] for _, usual, _ in found]
        verdicts = decide(effects, asked.delta, 0, plan=Plan(looks=(self.effort.confirmation,)))
        robust = [self._robust(by_draw) for _, _, by_draw in found]
        gains, lacking = asked.judge.gains(robust), asked.judge.lacking(robust)
        beaten = np.zeros(len(found), dtype=bool)
        kept = np.flatnonzero(lacking == 0.0)
        beaten[kept] = dominated(gains[kept])
        stands = [
            "peak_falls" if lack > 0.0 else "dominated" if worse else "front"
            for lack, worse in zip(lacking, beaten, strict=True)
        ]
        members = [
            Member(one, usual, by_draw, verdict, self._headline(by_draw, verdict), status)
            for (one, usual, by_draw), verdict, status in zip(found, verdicts, stands, strict=True)
        ]
        order = np.argsort(-gains[:, 0], kind="stable")
        return [members[n] for n in order]

    def _headline(self, by_draw: Floats, verdict: Decision) -> Headline | None:
        """Return the region of most draws; None without draws."""
        if not self.effort.draws:
            return None
        names, delta = self.question.measured, self.question.delta
        drawn_effects = by_draw[:, [names.index(name) for name in D_EFFECTS]]
        regions = (region_of(effect, delta) for effect in drawn_effects)
        return headline(regions, region_of(verdict.box.mean, delta))


class Member(NamedTuple):
    """A member of the front as it was found anew: outcomes by replicate and by draw, its verdict and where it stands.

    `verdict` is that at the declared numbers, `headline` that of most draws, None without draws.
    `status` is ``front``; ``dominated`` where another member now beats it; ``peak_falls`` where the peak is not kept.
    """

    tried: Tried
    usual: Floats
    by_draw: Floats
    verdict: Decision
    headline: Headline | None
    status: str

    def document(self, question: Question) -> dict[str, Any]:
        """Return the member as plain values, with intervals."""
        box = zip(OUTCOMES, self.verdict.box.intervals(), strict=True)
        usual = zip(question.measured, self.usual.T, strict=True)
        judged = zip(question.measured, self.by_draw.T, strict=True)
        intervals = {name: paired_interval(values, LEVEL) for name, values in usual}
        intervals |= {f"d_{name}": interval for name, interval in box}
        return {
            "status": self.status,
            "verdict": (self.verdict if self.headline is None else self.headline).verdict.value,
            "shares": None if self.headline is None else self.headline.document(),
            "point_verdict": self.verdict.verdict.value,
            "point_regions": [region.value for region in self.verdict.regions],
            "usual": {name: interval._asdict() for name, interval in intervals.items()},
            "robust": {name: question.judge.interval(name, values)._asdict() for name, values in judged},
        }

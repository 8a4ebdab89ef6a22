"""NSGA-II over names, whole numbers and ranges at once, generation by generation; needs the extra ``optimise``.

Source: Deb, Pratap, Agarwal & Meyarivan (2002), A fast and elitist multiobjective genetic algorithm: NSGA-II, IEEE
Transactions on Evolutionary Computation 6. Implementation: pymoo (Blank & Deb 2020).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from pymoo.algorithms.moo.nsga2 import RankAndCrowding
from pymoo.core.duplicate import ElementwiseDuplicateElimination
from pymoo.core.mixed import MixedVariableGA, MixedVariableMating
from pymoo.core.problem import Problem
from pymoo.core.variable import Choice, Integer, Real
from pymoo.indicators.hv import HV

from experiments.candidates import Candidate, Space
from experiments.comparison import Floats
from experiments.design import Factor

Evaluate = Callable[[int, Sequence[Candidate]], tuple[Floats, Floats]]
"""From a generation's number and candidates to what they gain, (n, objectives), and what they lack, (n,)."""


def evolved(  # noqa: PLR0913 - what a search is made of
    space: Space, objectives: int, population: int, generations: int, seed: int, evaluate: Evaluate
) -> None:
    """Ask for candidates and tell what they are worth, for so many generations or until there are no new ones."""
    problem = Problem(vars={f.name: _variable(f) for f in space.factors}, n_obj=objectives, n_ieq_constr=1)
    once = ElementwiseDuplicateElimination(cmp_func=lambda a, b: _candidate(space, a) == _candidate(space, b))
    mating = MixedVariableMating(eliminate_duplicates=once)
    algorithm = MixedVariableGA(population, mating=mating, eliminate_duplicates=once, survival=RankAndCrowding())
    algorithm.setup(problem, termination=("n_gen", generations), seed=seed)
    generation = 0
    while algorithm.has_next():
        asked = algorithm.ask()
        if asked is None or len(asked) == 0:
            break
        generation += 1
        gains, lacking = evaluate(generation, [_candidate(space, one) for one in asked])
        asked.set("F", -gains)
        asked.set("G", lacking[:, None])
        for one in asked:
            one.evaluated |= {"F", "G"}
        algorithm.tell(infills=asked)


def _candidate(space: Space, one: Any) -> Candidate:  # noqa: ANN401 - pymoo has no types
    return space.candidate([float(one.X[factor.name]) for factor in space.factors])


def _variable(factor: Factor) -> Any:  # noqa: ANN401 - pymoo has no types
    if factor.values:
        return Choice(options=[float(index) for index in range(len(factor.values))])
    kind = Integer if factor.whole else Real
    return kind(bounds=(factor.low, factor.high))


def hypervolumes(gains: Floats, generations: Sequence[int]) -> list[float]:
    """Return by generation the share that its front and those before dominate of the box from worst to best gains.

    Parameters
    ----------
    gains
        Objectives of the candidates that lack nothing, more being better, (n, objectives).
    generations
        The generation of each, from 1.
    """
    if not len(gains):
        return []
    width = np.ptp(gains, axis=0)
    losses = (gains.max(axis=0) - gains) / np.where(width > 0.0, width, 1.0)
    share = HV(ref_point=np.ones(gains.shape[1]))
    born = np.asarray(generations)
    return [float(share(losses[born <= last])) if (born <= last).any() else 0.0 for last in range(1, born.max() + 1)]

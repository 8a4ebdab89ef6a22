"""The policies among which is chosen, and the draws of what is uncertain over which each of them is tried.

A lever that is a field of one mode, rotation or support counts only where a candidate has that policy; elsewhere it is
left alone, so candidates that differ in nothing else are one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import prod

import numpy as np

from experiments.certainty import latin_hypercube
from experiments.design import POLICY, Design, Factor, Value
from scenarios.policies import AS_PLANNED, parts
from scenarios.reach import Reach
from scenarios.variation import CONTROL, copies_of

DRAW = "draw"
POLICIES: Reach = "policies"
OWN: Reach = "control"
Candidate = tuple[float, ...]
"""A code of every factor of the space; of a lever that does not count, the code of the low end."""


@dataclass(frozen=True)
class Space:
    """Decision variables.

    Parameters
    ----------
    factors
        Names of policies and levers.
    planned
        Modes that a candidate has where its mode is as planned.
    tier
        Modes that every candidate has.
    """

    factors: tuple[Factor, ...]
    planned: frozenset[str] = frozenset()
    tier: frozenset[str] = frozenset()

    @property
    def size(self) -> int | None:
        """How many combinations there are; None where a lever is continuous."""
        if any(not factor.values and not factor.whole for factor in self.factors):
            return None
        return prod(len(f.values) or int(f.high - f.low) + 1 for f in self.factors)

    @cached_property
    def levers(self) -> list[str]:
        """Names of the factors that are not names of policies."""
        return [factor.name for factor in self.factors if factor.name not in POLICY]

    def idle(self) -> list[str]:
        """List the levers that count for no candidate."""
        chosen = [factor for factor in self.factors if factor.name in POLICY]
        names = list(product(*(factor.values for factor in chosen)))
        found = [dict(zip((factor.name for factor in chosen), some, strict=True)) for some in names]
        return [lever for lever in self.levers if not any(self.counts(lever, some) for some in found)]

    def counts(self, lever: str, values: Mapping[str, Value]) -> bool:
        """Whether a lever counts where the policy is the one named in `values`."""
        head, _, rest = lever.partition(".")
        kind = head.removesuffix("s")
        if kind not in POLICY or head == kind or kind not in values:
            return True
        named = set(parts(str(values[kind])))
        if kind == "mode":
            named |= self.tier | (self.planned if AS_PLANNED in named else frozenset())
        return rest.rpartition(".")[0] in named

    def in_force(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return path → value without the levers that do not count."""
        return {path: v for path, v in values.items() if path not in self.levers or self.counts(path, values)}

    def values(self, candidate: Candidate) -> dict[str, Value]:
        """Return path → value of a candidate."""
        pairs = zip(self.factors, candidate, strict=True)
        return self.in_force({factor.name: factor.value(code) for factor, code in pairs})

    def candidate(self, codes: Sequence[float]) -> Candidate:
        """Return the candidate that codes stand for."""
        counting = self.values(tuple(codes))
        pairs = zip(self.factors, codes, strict=True)
        return tuple(
            factor.code(0.0) if factor.name not in counting else code if factor.values else factor.inside(code)
            for factor, code in pairs
        )

    def all(self) -> list[Candidate]:
        """List every candidate once; only of a space that has a size."""
        steps = [factor.steps(len(factor.values) or int(factor.high - factor.low) + 1) for factor in self.factors]
        return list(dict.fromkeys(self.candidate(codes) for codes in product(*steps)))

    def design(self, candidates: Sequence[Candidate], draws: Factor) -> Design:
        """Return every candidate at every draw, a draw after the other, so that controls are shared."""
        codes = [(*candidate, code) for code in draws.steps(2) for candidate in candidates]
        return Design("pareto", (*self.factors, draws), np.array(codes, dtype=np.float64))


def drawn(uncertain: Sequence[Factor], count: int, seed: int) -> Factor:
    """Return the factor whose value 0 leaves all numbers as declared, and whose values 1 … count set a draw each."""
    shares = latin_hypercube({factor.name: (0.0, 0.0, 1.0) for factor in uncertain}, count, seed)
    settings: dict[Value, Mapping[str, Value]] = {0: {}}
    for n, places in enumerate(shares, 1):
        sets = [factor.sets(factor.value(factor.code(places[factor.name]))) for factor in uncertain]
        settings[n] = {path: value for one in sets for path, value in one.items()}
    return Factor(DRAW, values=tuple(settings), settings=settings, role="uncertainty")


def undecided(uncertain: Sequence[Factor], levers: Sequence[str]) -> list[Factor]:
    """Return what is left to draw where levers are decided; a lever of all records of a kind decides each one's.

    Of a number that is one fact in policies and control, a lever of the policies leaves the control's to be drawn.
    """
    return [left for factor in uncertain if (left := _left(factor, levers)) is not None]


def _left(factor: Factor, levers: Sequence[str]) -> Factor | None:
    copies, own = copies_of(factor.path or factor.name)
    decided = {copy for lever in levers for copy in copies_of(lever)[0] if _decides(copies_of(lever)[1], own)}
    left = tuple(copy for copy in copies if copy not in decided)
    if left in ((), copies):
        return factor if left else None
    path, moves = (own, POLICIES) if "catalogue" in left else (f"{CONTROL}{own}", OWN)
    return replace(factor, name=path, path=path, moves=moves)


def _decides(lever: str, path: str) -> bool:
    head, _, name = lever.rpartition(".")
    return lever == path or (head in POLICY and path.startswith(f"{head}s.") and path.rpartition(".")[2] == name)

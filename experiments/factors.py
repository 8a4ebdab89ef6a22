"""Factors of a sensitivity analysis: everything uncertain in a scenario, with its one declared range, and in groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from experiments.design import DesignError, Factor
from scenarios.problems import nearest
from scenarios.reach import reach
from scenarios.reader import Choice, Scenario
from scenarios.uncertainty import drawn_at, ranges_of
from scenarios.variation import DECLARED, copies_of, default_of

PRODUCT = "transfer_product"
"""Group of the numbers that enter the transfer of practice as one product and cannot be told apart by it."""
IN_PRODUCT = ("practice.transfer_rate", "practice.cross_entity_ratio", "attention.base_effort", "culture.trust_start")
WEIGHTS = ("management", "teaching", "research", "culture", "platform")
GROUPINGS = ("none", "product", "all")


def uncertain_factors(
    scenario: Scenario, choices: Sequence[Choice], patterns: Sequence[str] = ("*",), kind: str = "as_is"
) -> list[Factor]:
    """Return the factors that patterns name, of all parameters but prices and of the weights of the policies chosen.

    Parameters
    ----------
    scenario, choices
        Where, and which policies.
    patterns
        Paths in which ``*`` stands for anything.
    kind
        The control.

    Raises
    ------
    DesignError
        If a pattern names none.
    """
    ranges = ranges_of(replace(scenario, compare=tuple(choices)))
    for pattern in patterns:
        if not any(fnmatchcase(path, pattern) for path in ranges):
            close = nearest(pattern, ranges)
            raise DesignError(
                "no_such_factor", pattern, f"nothing uncertain is called so; nearest: {close}", nearest=close
            )
    chosen = {path: ends for path, ends in ranges.items() if any(fnmatchcase(path, pattern) for pattern in patterns)}
    factors = []
    for path, (low, now, high) in chosen.items():
        at = drawn_at(scenario, path)
        moves = reach(scenario, choices, at, kind)
        factors.append(
            Factor(path, low, high, default=now, whole=_is_whole(path), role="uncertainty", path=at, moves=moves)
        )
    return factors


def _is_whole(path: str) -> bool:
    return path in DECLARED and isinstance(default_of(path), int)


def is_in_product(name: str) -> bool:
    """Whether a factor is one of those that only their product identifies."""
    own = copies_of(name)[1]
    return own in IN_PRODUCT or (own.startswith(("mode.", "modes.")) and own.endswith(WEIGHTS))


def grouped(factors: Sequence[Factor], grouping: str) -> list[Factor]:
    """Return factors with their groups: ``none``; the ``product`` alone; or ``all``, by the table they stand in too."""
    return [replace(factor, group=_group(factor, grouping)) for factor in factors]


def _group(factor: Factor, grouping: str) -> str | None:
    if grouping != "none" and is_in_product(factor.name):
        return PRODUCT
    return factor.name.rpartition(".")[0] if grouping == "all" and factor.role == "uncertainty" else None


def group_names(factors: Sequence[Factor]) -> list[str]:
    """Return the names that indices are told for, in order: groups, and factors that are in none."""
    return list(dict.fromkeys(factor.group or factor.name for factor in factors))


def members(factors: Sequence[Factor]) -> Mapping[str, list[str]]:
    """Return group → factors in it."""
    found: dict[str, list[str]] = {}
    for factor in factors:
        if factor.group:
            found.setdefault(factor.group, []).append(factor.name)
    return found

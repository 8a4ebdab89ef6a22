"""Designs of experiments: factors, and a table of points at which their effects are asked.

The words are those of exploratory modelling: `levers` are what a county decides, `uncertainties` what nobody knows,
`constants` are set at every point, and `outcomes` are measured (see `experiments.outcomes`).
Source: Kwakkel (2017), The Exploratory Modeling Workbench, Environmental Modelling & Software 96.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.errors import ExperimentError
from scenarios.bounds import along, within
from scenarios.reach import Reach
from scenarios.scenario import Choice

Floats = NDArray[np.float64]
Value = float | str
POLICY = Choice._fields
"""Factors whose values are names of policies, several joined with ``+``."""

Role = Literal["lever", "uncertainty"]


class DesignError(ExperimentError):
    """A design cannot be made as asked."""


@dataclass(frozen=True)
class Factor:
    """Something that differs from point to point: a range of numbers, or a list of values.

    Parameters
    ----------
    name
        A path: of a parameter or policy (`scenarios.variation`), of a field of the scenario's file
        (`scenarios.fields`), or ``mode``, ``rotation``, ``support``. Any name where `settings` say what a value sets.
    low, high
        Ends of the range; or instead
    values
        the values it takes, in order: numbers or names.
    default
        What holds where it is not varied.
    whole
        Whether only whole numbers of the range make sense; its ends are the outermost of them.
    role
        ``lever`` or ``uncertainty``.
    group
        Factors of one group are varied together by Sobol and Morris designs.
    settings
        Value → path → value, where one value sets several things.
    path
        Where a value is set, if not at the name: an uncertain number may be one fact in policies and control.
    moves
        What it moves: the policies compared, the control, both, or nothing that is there; None where nobody asked.
    """

    name: str
    low: float = 0.0
    high: float = 0.0
    values: tuple[Value, ...] = ()
    default: Value | None = None
    whole: bool = False
    role: Role = "lever"
    group: str | None = None
    settings: Mapping[Value, Mapping[str, Value]] = field(default_factory=dict)
    path: str = ""
    moves: Reach | None = None

    def __post_init__(self) -> None:
        if self.values and len(set(self.values)) < len(self.values):
            raise DesignError("value_twice", self.name, "a value is listed twice; list each once")
        if self.whole and np.isfinite([self.low, self.high]).all():
            object.__setattr__(self, "low", float(ceil(self.low)))
            object.__setattr__(self, "high", float(floor(self.high)))
        if not self.values and not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            remedy = f"the range from {self.low:g} to {self.high:g} is none; give a lower and a higher end"
            raise DesignError("bad_range", self.name, remedy, low=f"{self.low:g}", high=f"{self.high:g}")
        if self.settings and set(self.settings) != set(self.values):
            raise DesignError("bad_settings", self.name, "say for every value, and no other, what it sets")

    def code(self, share: float) -> float:
        """Return the code at a place in [0, 1] of the range, or of the list: the number itself, or the value's index.

        Whole numbers and listed values get equal parts of [0, 1] each.

        Raises
        ------
        DesignError
            If the place is outside [0, 1] by more than rounding.
        """
        share = within(share, 0.0, 1.0)
        if not 0.0 <= share <= 1.0:
            raise self._never(share)
        if self.values:
            return float(min(int(share * len(self.values)), len(self.values) - 1))
        if self.whole:
            return float(min(self.low + np.floor(share * (self.high - self.low + 1.0)), self.high))
        return along(self.low, self.high, share)

    def inside(self, number: float) -> float:
        """Return a number of the range; what is beyond an end by rounding alone is that end.

        Raises
        ------
        DesignError
            If it is further outside.
        """
        found = float(within(number, self.low, self.high))
        if not self.low <= found <= self.high:
            raise self._never(number)
        return found

    def value(self, code: float) -> Value:
        """Return the value that a code stands for."""
        if self.values:
            return self.values[int(code)]
        return int(code) if self.whole else float(code)

    def encoded(self, value: object) -> float:
        """Return the code of a value.

        Raises
        ------
        DesignError
            If the factor never takes it.
        """
        if self.values:
            for index, known in enumerate(self.values):
                if value == known or str(value) == str(known):
                    return float(index)
        elif isinstance(value, int | float):
            return self.inside(value)
        raise self._never(value)

    def _never(self, value: object) -> DesignError:
        return DesignError("no_such_value", self.name, f"it never takes the value {value}", value=value)

    def steps(self, count: int) -> list[float]:
        """Return codes: all listed values, or `count` equal steps through the range, both ends included."""
        if self.values:
            return [float(index) for index in range(len(self.values))]
        places = np.linspace(self.low, self.high, count)
        return list(dict.fromkeys(np.rint(places).tolist() if self.whole else places.tolist()))

    def sets(self, value: Value) -> Mapping[str, Value]:
        """Return path → value for a value of this factor."""
        return self.settings[value] if self.settings else {self.path or self.name: value}

    def document(self) -> dict[str, Any]:
        """Return the factor as plain values."""
        ends = {"values": list(self.values)} if self.values else {"low": self.low, "high": self.high}
        more = {"settings": [dict(self.settings[v]) for v in self.values]} if self.settings else {}
        kind = {"whole": self.whole, "role": self.role, "group": self.group, "default": self.default}
        return {"name": self.name} | ends | kind | more | {"moves": self.moves}


@dataclass(frozen=True, eq=False)
class Design:
    """A table of points.

    Parameters
    ----------
    kind
        ``factorial``, ``oat``, ``lhs``, ``sobol``, ``morris``, ``fast`` or ``matrix``.
    factors
        What differs.
    codes
        One row a point and one column a factor: numbers, or indices of listed values, (points, factors).
    shares
        The same as places in [0, 1], where a design was drawn there: what SALib's analyses want, (points, factors).
    constants
        Path → value set at every point.
    options
        What the design was drawn with, such as ``samples``; an analysis needs them.
    seed
        What it was drawn from.
    """

    kind: str
    factors: tuple[Factor, ...]
    codes: Floats
    shares: Floats | None = None
    constants: Mapping[str, Value] = field(default_factory=dict)
    options: Mapping[str, int | bool] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        names = [factor.name for factor in self.factors]
        if not names or len(self.codes) == 0:
            raise DesignError("empty_design", self.kind, "give at least one factor and one point")
        twice = sorted({name for name in names if names.count(name) > 1 or name in self.constants})
        if twice:
            raise DesignError("factor_twice", ", ".join(twice), "each may be set in one place only")

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def names(self) -> list[str]:
        """Names of the factors, in order."""
        return [factor.name for factor in self.factors]

    @property
    def levers(self) -> list[Factor]:
        """What a county decides."""
        return [factor for factor in self.factors if factor.role == "lever"]

    @property
    def uncertainties(self) -> list[Factor]:
        """What nobody knows."""
        return [factor for factor in self.factors if factor.role == "uncertainty"]

    def point(self, row: int) -> dict[str, Value]:
        """Return factor → value at a point."""
        pairs = zip(self.factors, self.codes[row].tolist(), strict=True)
        return {factor.name: factor.value(code) for factor, code in pairs}

    def values(self, row: int) -> dict[str, Value]:
        """Return path → value at a point, constants included."""
        out = dict(self.constants)
        for factor, value in zip(self.factors, self.point(row).values(), strict=True):
            out |= factor.sets(value)
        return out

    def problem(self) -> dict[str, Any]:
        """Return what SALib calls the problem: names, groups, and [0, 1] for each, as `shares` are."""
        return problem(self.factors)

    def document(self) -> dict[str, Any]:
        """Return the design as plain values, without its points."""
        return {
            "kind": self.kind,
            "points": len(self),
            "seed": self.seed,
            "options": dict(self.options),
            "factors": [factor.document() for factor in self.factors],
            "constants": dict(self.constants),
        }


def problem(factors: Sequence[Factor]) -> dict[str, Any]:
    """Return what SALib calls the problem: each factor in [0, 1]; groups where any factor has one."""
    out: dict[str, Any] = {"num_vars": len(factors), "names": [factor.name for factor in factors]}
    out["bounds"] = [[0.0, 1.0]] * len(factors)
    if any(factor.group for factor in factors):
        out["groups"] = [factor.group or factor.name for factor in factors]
    return out


def from_shares(
    kind: str, factors: Sequence[Factor], shares: Floats, seed: int, options: Mapping[str, int | bool]
) -> Design:
    """Return the design whose points lie at places in [0, 1] of each factor, (points, factors)."""
    columns = [[factor.code(share) for share in shares[:, k].tolist()] for k, factor in enumerate(factors)]
    return Design(kind, tuple(factors), np.array(columns, dtype=np.float64).T, shares, options=options, seed=seed)

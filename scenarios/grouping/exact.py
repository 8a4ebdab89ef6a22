"""Groupings as a mixed-integer programme, solved by HiGHS: how few groups will do, and the best of all groupings.

Source: Daskin & Maass (2015), The p-median problem, in Laporte, Nickel & Saldanha da Gama (eds), Location Science.
"""

import os
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from scenarios.grouping.region import POINTS, Costs, Ints, Region

BEST_NODES, FEWEST_NODES = 100, 2_000
"""Work that a search may take, in nodes of its tree: a limit on time would give other answers on other machines."""
HALF, STDOUT = 0.5, 1
Floats = NDArray[np.float64]
Matrix = Any
"""A sparse matrix; SciPy has no types."""


@dataclass(frozen=True)
class Fewest:
    """The columns of the fewest leads that can keep a wish, and the rows of schools that no group can take."""

    leads: Ints
    left: Ints


class _Programme:
    """Variables: a share of each allowed pair of school and lead, then whether each lead leads."""

    def __init__(self, region: Region, least: int, most: int) -> None:
        self.region, self.least, self.most = region, least, most
        self.school, self.column = np.nonzero(region.allowed)
        self.pairs, self.leads = len(self.school), len(region.leads)
        self.width = self.pairs + self.leads

    def pick(self, values: Floats | Ints, rows: Ints, height: int, extra: int = 0) -> Matrix:
        """Return a matrix with a value for each pair in the rows given, and columns for `extra` further variables."""
        shape = (height, self.width + extra)
        return sparse.csr_array((values, (rows, np.arange(self.pairs))), shape=shape)

    def of_leads(self, values: Floats | Ints, rows: Ints, columns: Ints, height: int, extra: int = 0) -> Matrix:
        """Return a matrix with values for leads."""
        return sparse.csr_array((values, (rows, self.pairs + columns)), shape=(height, self.width + extra))

    def constraints(self, extra: int = 0) -> list[LinearConstraint]:
        """Return: members only where somebody leads; who leads belongs to its own group; sizes."""
        ones, all_leads = np.ones(self.pairs), np.arange(self.leads)
        numbers = np.arange(self.pairs)
        linked = self.pick(ones, numbers, self.pairs, extra) - self.of_leads(
            ones, numbers, self.column, self.pairs, extra
        )
        own = np.flatnonzero(self.school == self.region.leads[self.column])
        itself = linked[own]
        counted = self.pick(ones, self.column, self.leads, extra)
        sized = [
            counted - self.of_leads(np.full(self.leads, float(size)), all_leads, all_leads, self.leads, extra)
            for size in (self.least, self.most)
        ]
        return [
            LinearConstraint(linked, -np.inf, 0.0),
            LinearConstraint(itself, 0.0, 0.0),
            LinearConstraint(sized[0], 0.0, np.inf),
            LinearConstraint(sized[1], -np.inf, 0.0),
        ]

    def placed(self, extra: int = 0) -> Matrix:
        """Return the matrix that counts the groups of each school."""
        return self.pick(np.ones(self.pairs), self.school, self.region.size, extra)

    def bounds(self, extra: int) -> Bounds:
        """Return the bounds of all variables: those who must lead do, further variables are not negative."""
        low = np.concatenate([np.zeros(self.pairs), self.region.forced.astype(float), np.zeros(extra)])
        high = np.concatenate([np.ones(self.width), np.full(extra, np.inf)])
        return Bounds(low, high)

    def chosen(self, values: Floats) -> Ints:
        """Return the column of the lead of each school."""
        out = np.empty(self.region.size, dtype=np.int64)
        taken = values[: self.pairs] > HALF
        out[self.school[taken]] = self.column[taken]
        return out


def fewest(region: Region, least: int, most: int) -> Fewest | None:
    """Return the fewest groups of a region by the sizes given; None where there are none.

    Schools that no group can take are left over, as few as possible. Once leads are chosen and sizes are whole, sharing
    schools out is a transport problem, which has whole solutions: so shares need not be asked to be whole here.
    """
    programme, n = _Programme(region, least, most), region.size
    left = sparse.csr_array(
        (np.ones(n), (np.arange(n), programme.width + np.arange(n))), shape=(n, programme.width + n)
    )
    every = LinearConstraint(programme.placed(n) + left, 1.0, 1.0)
    price = np.concatenate([np.zeros(programme.pairs), np.ones(programme.leads), np.full(n, 1.0 + programme.leads)])
    whole = np.concatenate([np.zeros(programme.pairs), np.ones(programme.leads), np.ones(n)])
    found = _solved(
        price, integrality=whole, bounds=programme.bounds(n), constraints=[*programme.constraints(n), every],
        options={"node_limit": FEWEST_NODES},
    )  # fmt: skip
    if found.x is None:
        return None
    return Fewest(
        np.flatnonzero(found.x[programme.pairs : programme.width] > HALF),
        np.flatnonzero(found.x[programme.width :] > HALF),
    )


def best(region: Region, costs: Costs, groups: int, sizes: tuple[int, int]) -> Ints | None:
    """Return the cheapest of all groupings, as the column of the lead of each school; None where that is not proved."""
    programme, kinds = _Programme(region, *sizes), costs.features.shape[1]
    extra = programme.leads * kinds
    every = LinearConstraint(programme.placed(extra), 1.0, 1.0)
    count = programme.of_leads(
        np.ones(programme.leads), np.zeros(programme.leads, dtype=np.int64), np.arange(programme.leads), 1, extra
    )
    member = costs.member[programme.school, programme.column]
    price = np.concatenate([member, costs.lead, np.ones(extra)]) / POINTS
    whole = np.concatenate([np.ones(programme.width), np.zeros(extra)])
    limits = [*programme.constraints(extra), every, LinearConstraint(count, groups, groups)]
    found = _solved(
        price, integrality=whole, bounds=programme.bounds(extra), constraints=limits + _deviations(programme, costs),
        options={"node_limit": BEST_NODES, "mip_rel_gap": 0.0},
    )  # fmt: skip
    return programme.chosen(found.x) if found.status == 0 else None


def _solved(price: Floats, **programme: Any) -> Any:  # noqa: ANN401 - SciPy has no types
    """Return what HiGHS finds; what it says on standard output, past Python, is kept off there."""
    sys.stdout.flush()
    kept = os.dup(STDOUT)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), STDOUT)
        return milp(price, **programme)
    finally:
        os.dup2(kept, STDOUT)
        os.close(kept)


def _deviations(programme: _Programme, costs: Costs) -> list[LinearConstraint]:
    """Return: what a group and feature cost is at least their sum over the schools, and at least its opposite."""
    kinds = costs.features.shape[1]
    extra, out = programme.leads * kinds, []
    for kind in range(kinds):
        sums = programme.pick(costs.features[programme.school, kind], programme.column, programme.leads, extra)
        columns = programme.width + kind * programme.leads + np.arange(programme.leads)
        shape = (programme.leads, programme.width + extra)
        cost = sparse.csr_array((np.ones(programme.leads), (np.arange(programme.leads), columns)), shape=shape)
        out += [LinearConstraint(cost - sums, 0.0, np.inf), LinearConstraint(cost + sums, 0.0, np.inf)]
    return out

"""What a teacher learns among the baseline population of a region, tabulated once by skill."""

from typing import Annotated, NamedTuple

import numpy as np

from model.arithmetic import exp
from model.columns import Floats, Positions, Rows
from model.compilation import compiled, maker

REFERENCE_REACH = 6.0


class References(NamedTuple):
    """What a teacher learns among the population of each region: tables to fill."""

    low: Annotated[Floats, "regions.reference_low"]
    step: Annotated[Floats, "regions.reference_step"]
    table: Annotated[Floats, "regions.reference"]


@maker
def _reference_of(skills: Floats, absorptive_range: float, weak: float, low: float, step: float, out: Floats) -> None:
    """Tabulate the mean lesson among a population, at points low, low + step and so on."""
    ordered = np.sort(skills)[::-1]
    size = len(ordered)
    top, total = ordered[0], 0.0
    for value in ordered:
        total += value
    first, moment, weight, above = 0, 0.0, 0.0, 0.0
    for n in range(len(out) - 1, -1, -1):
        point = low + n * step
        while first < size and ordered[first] > point:
            faded = exp((top - ordered[first]) / absorptive_range)
            moment += (ordered[first] - top) * faded
            weight += faded
            above += ordered[first]
            first += 1
        gain = (moment - (point - top) * weight) * exp((point - top) / absorptive_range)
        out[n] = (gain - weak * ((size - first) * point - (total - above))) / size


@compiled
def tabulate_reference(
    r: References, skill: Floats, order: Positions, region: Rows, absorptive_range: float, weak: float
) -> None:
    """Set each region's table of what a teacher learns among its population; `order` lists teachers by region."""
    last = 0
    while last < len(order) and region[order[last]] < 0:
        last += 1
    for k in range(len(r.low)):
        first = last
        while last < len(order) and region[order[last]] == k:
            last += 1
        skills = skill[order[first:last]]
        if len(skills) == 0:
            r.step[k] = 1.0
            continue
        mean, square = 0.0, 0.0
        for value in skills:
            mean += value
        mean /= len(skills)
        for value in skills:
            square += (value - mean) * (value - mean)
        sd = max(np.sqrt(square / len(skills)), 1e-9)
        points = r.table.shape[1]
        r.low[k] = mean - REFERENCE_REACH * sd
        r.step[k] = 2.0 * REFERENCE_REACH * sd / (points - 1)
        _reference_of(skills, absorptive_range, weak, r.low[k], r.step[k], r.table[k])

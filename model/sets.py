"""Schools by their part in the question: who is peak, valley and middle, fixed at the baseline."""

from typing import NamedTuple

import numpy as np

from model.codes import Rank, Role, TieLayer
from model.columns import Flags, Floats, Rows
from model.simulation import STANDING_YEARS, Record
from model.weighted import weighted_quantile
from model.world import World


class Sets(NamedTuple):
    """Schools by their part in the question, fixed at baseline; each of shape (S,).

    `good` is the quality (σ) of the median peak school at baseline, by which coverage with good schools is counted.
    """

    peak: Flags
    valley: Flags
    middle: Flags
    grouped: Flags
    ungrouped: Flags
    leads: Flags
    good: float

    @property
    def every(self) -> Flags:
        """All schools, those that open later too."""
        return np.ones_like(self.grouped)

    @property
    def standing(self) -> Flags:
        """Schools that stand at baseline, in a group or not."""
        return np.asarray(self.grouped | self.ungrouped)


def baseline_quality(burn_in: Record) -> Floats:
    """Return mean quality over the last two years of burn-in, shape (S,)."""
    years = burn_in.yearly("quality")[-STANDING_YEARS:]
    return np.asarray((years[0] + years[1]) / STANDING_YEARS)


def set_sizes(schools: int) -> tuple[int, int]:
    """Return the sizes of peak and valley of a group: the ⌈n/10⌉ best, and the ⌈(n − peak)/4⌉ lowest of the rest."""
    peak = -(-schools // 10)
    return peak, -(-(schools - peak) // 4)


def reference_sets(world: World, quality: Floats) -> Sets:
    """Return the sets at baseline: best and lowest of every reference group, with zone heads in the peak.

    A region without groups is one reference group. Outside groups a pair is a group of two; a school in several
    counts once. Schools that open later belong to no set.
    """
    s = world.schools
    peak, valley = np.zeros(len(s.id), dtype=np.bool_), np.zeros(len(s.id), dtype=np.bool_)
    standing = s.opens < 0.0
    for rows in _reference_groups(world, standing):
        order = rows[np.argsort(-quality[rows], kind="stable")]
        best, lowest = set_sizes(len(rows))
        heads = order[(s.role[order] == Role.ZONE_HEAD)]
        peak[order[:best]] = True
        peak[heads] = True
        rest = order[~peak[order]]
        valley[rest[len(rest) - min(lowest, len(rest)) :]] = True
    paired = _pair_up(world, quality, standing, peak, valley)
    grouped = standing & ((s.group >= 0) | paired if len(world.groups.id) or paired.any() else True)
    good = weighted_quantile(quality, np.ones(len(quality)), peak, 0.5)
    middle = grouped & ~peak & ~valley
    return Sets(peak, valley, middle, grouped, standing & ~grouped, standing & (s.role >= Role.LEAD), good)


def _pair_up(world: World, quality: Floats, standing: Flags, peak: Flags, valley: Flags) -> Flags:
    """Put the better of each pair outside groups in the peak, the other in the valley; return who is in such pairs."""
    ties, alone = world.ties, world.schools.group < 0
    paired = np.zeros(len(alone), dtype=np.bool_)
    led = (ties.layer == TieLayer.PAIR) & (ties.rank == Rank.SOURCE_LEADS) & alone[ties.target]
    for helper, helped in zip(ties.source[led], ties.target[led], strict=True):
        if standing[helper] and standing[helped]:
            high, low = (helper, helped) if quality[helper] >= quality[helped] else (helped, helper)
            peak[high] |= alone[high] and not valley[high]
            valley[low] |= alone[low] and not peak[low]
            paired[[high, low]] = True
    return paired & alone


def _reference_groups(world: World, standing: Flags) -> list[Rows]:
    s = world.schools
    if len(world.groups.id) or (world.ties.layer == TieLayer.PAIR).any():
        return _split(s.group, standing)
    return _split(s.region, standing)


def _split(cluster: Rows, standing: Flags) -> list[Rows]:
    """Return the standing rows of each cluster, −1 left out."""
    rows = np.flatnonzero(standing & (cluster >= 0)).astype(np.int32)
    rows = rows[np.argsort(cluster[rows], kind="stable")]
    return list(np.split(rows, np.flatnonzero(np.diff(cluster[rows])) + 1)) if len(rows) else []

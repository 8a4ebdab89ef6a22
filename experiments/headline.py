"""The verdict that is told: the region that most draws of what is uncertain lie in, its share, and what comes next.

A verdict at the declared numbers alone is a point estimate: another region can be likelier among the draws. So where
numbers were drawn the draws decide which region is named, and the point estimate is told beside it, as what it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from experiments.verdict import REGIONS, Verdict


class Headline(NamedTuple):
    """A region that no other beats among the draws, with its share of them, and the next likeliest with its own.

    `regions` counts the draws by region, the likeliest first. `runner_up` is None where all draws lie in one region.
    """

    verdict: Verdict
    share: float
    runner_up: Verdict | None
    runner_up_share: float
    regions: dict[Verdict, int]

    def document(self) -> dict[str, Any]:
        """Return it as plain values; the verdict itself stands beside."""
        return {
            "share": self.share,
            "runner_up": None if self.runner_up is None else self.runner_up.value,
            "runner_up_share": self.runner_up_share,
            "regions": {region.value: count for region, count in self.regions.items()},
        }


def headline(drawn: Iterable[Verdict], point: Verdict) -> Headline:
    """Return the headline of the regions that draws lie in.

    Parameters
    ----------
    drawn
        The region of each draw, at least one.
    point
        The region at the declared numbers: among equally frequent regions it comes first.
    """
    counts = Counter(drawn)
    order = sorted(counts, key=lambda region: (-counts[region], region is not point, REGIONS.index(region)))
    total = counts.total()
    runner_up = order[1] if len(order) > 1 else None
    next_share = 0.0 if runner_up is None else counts[runner_up] / total
    return Headline(order[0], counts[order[0]] / total, runner_up, next_share, {name: counts[name] for name in order})

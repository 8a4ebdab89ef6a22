"""Whether a contrast is what a claim says: at the declared values with its interval, over draws, and along a lever.

A contrast's *advantage* is how far it lies on the claimed side of its margin, so 0 is where the answer turns. The rule:

* **yes** in a cell: the interval of the advantage lies above 0, and at least `agree` of the draws of the uncertainties
  (70 % unless the claim says otherwise) have a positive one;
* **no**: the interval lies below 0, and at most 1 − `agree` of the draws have a positive one;
* **open** otherwise.

A contrast holds where every cell judged says yes (or one, where one is enough), does not hold where every one says no,
and *depends* otherwise: on the lever where some cells say yes and others no, on uncertain parameters where the draws
disagree with each other or with the interval, on chance where the interval includes the margin. A claim holds if all
its contrasts do, does not hold if none does, and depends otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.statistics import student

Floats = NDArray[np.float64]
Direction = Literal["above", "below", "within"]
Answer = Literal["yes", "no", "open"]
Verdict = Literal["holds", "does_not_hold", "depends"]
Reason = Literal["lever", "parameters", "chance"]
LEVEL = 0.95


class Estimate(NamedTuple):
    """A mean with the ends of its interval."""

    mean: float
    low: float
    high: float


class Judged(NamedTuple):
    """A contrast in one cell.

    `value` is the contrast in its own unit, `advantage` how far it lies on the claimed side; `drawn` and `draws` are
    the same by draw, `share` the share of draws with a positive advantage, None without draws.
    """

    value: Estimate
    advantage: Estimate
    drawn: Floats
    draws: Floats
    share: float | None
    answer: Answer


def estimate(values: Floats, error: float) -> Estimate:
    """Return mean and Student-t interval of paired values, (n,)."""
    mean, half = student(values, error)
    return Estimate(float(mean), float(mean - half), float(mean + half))


def advantage(value: Estimate, direction: Direction, margin: float) -> Estimate:
    """Return how far a contrast lies on the claimed side of its margin."""
    if direction == "above":
        return Estimate(value.mean - margin, value.low - margin, value.high - margin)
    if direction == "below":
        return Estimate(-value.mean - margin, -value.high - margin, -value.low - margin)
    nearest = 0.0 if value.low < 0.0 < value.high else min(abs(value.low), abs(value.high))
    return Estimate(margin - abs(value.mean), margin - max(abs(value.low), abs(value.high)), margin - nearest)


def distance(values: Floats, direction: Direction, margin: float) -> Floats:
    """Return the advantages of single numbers, of any shape."""
    if direction == "within":
        return margin - np.abs(values)
    return (values if direction == "above" else -values) - margin


def judge(  # noqa: PLR0913 - what a judgement needs
    values: Floats, draws: Floats, direction: Direction, margin: float, agree: float, error: float = 1.0 - LEVEL
) -> Judged:
    """Judge a contrast in one cell.

    Parameters
    ----------
    values
        Contrast by part and replicate at the declared values, (parts, n); of several parts the least advantage counts.
    draws
        Contrast by part and draw, (parts, draws).
    direction, margin
        Which side of what is claimed.
    agree
        Share of draws for a yes.
    error
        Error probability of the interval.
    """
    found = [estimate(part, error) for part in values]
    sides = [advantage(one, direction, margin) for one in found]
    least = int(np.argmin([side.mean for side in sides]))
    side = Estimate(*(min(getattr(one, end) for one in sides) for end in Estimate._fields))
    distances = distance(draws, direction, margin)
    apart, drawn = distances.min(axis=0), np.take_along_axis(draws, distances.argmin(axis=0)[None], axis=0)[0]
    share = float((apart > 0.0).mean()) if len(apart) else None
    return Judged(found[least], side, drawn, apart, share, answer(side, share, agree))


def answer(side: Estimate, share: float | None, agree: float) -> Answer:
    """Return what one cell says."""
    if side.low > 0.0 and (share is None or share >= agree):
        return "yes"
    return "no" if side.high < 0.0 and (share is None or share <= 1.0 - agree) else "open"


def verdict(answers: Sequence[Answer], some: bool) -> Verdict:
    """Return what cells say together: every one counts, or one is enough."""
    if all(one == "no" for one in answers):
        return "does_not_hold"
    enough = any if some else all
    return "holds" if enough(one == "yes" for one in answers) else "depends"


def reasons(judged: Sequence[Judged], agree: float) -> list[Reason]:
    """Return what a contrast that depends, depends on."""
    answers = {one.answer for one in judged}
    out: list[Reason] = ["lever"] if {"yes", "no"} <= answers else []
    unsure = [one for one in judged if one.answer == "open"]
    if any(_is_split(one, agree) for one in unsure):
        out.append("parameters")
    return [*out, "chance"] if any(one.advantage.low <= 0.0 <= one.advantage.high for one in unsure) else out


def _is_split(one: Judged, agree: float) -> bool:
    """Whether draws disagree with each other, or with what the declared values say."""
    if one.share is None:
        return False
    expected = one.share >= agree if one.advantage.mean > 0.0 else one.share <= 1.0 - agree
    return not expected


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict of a claim from those of its contrasts."""
    found = set(verdicts)
    return verdicts[0] if len(found) == 1 else "depends"


def crossings(places: Sequence[float], sides: Sequence[float]) -> list[float]:
    """Return where the advantage is 0 between neighbouring places, taken as straight lines."""
    return [
        a + (b - a) * one / (one - other)
        for (a, one), (b, other) in pairwise(zip(places, sides, strict=True))
        if (one > 0.0) != (other > 0.0)
    ]


def nearest_crossings(
    places: Sequence[float], sides: Sequence[float], default: float
) -> tuple[float | None, float | None]:
    """Return the crossings nearest to a value, below and above it."""
    found = crossings(places, sides)
    return max((x for x in found if x < default), default=None), min((x for x in found if x >= default), default=None)

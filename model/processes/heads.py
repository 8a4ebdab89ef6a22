"""Heads: what the head of another school brings to management in force, and what lending one costs.

Heads are not persons. Practice calls this once it has moved.
"""

from typing import Annotated, NamedTuple

import numpy as np

from model.codes import Channel
from model.columns import Floats, Rows
from model.compilation import compiled, helper, maker
from model.parameters import Heads


class Governed(NamedTuple):
    """What is known of heads; `practice` is that of the schools now, and `management` a spare column to fill."""

    tie_start: Annotated[Rows, "index.tie_start"]
    source: Annotated[Rows, "ties.source"]
    opens: Annotated[Floats, "schools.opens"]
    head_from: Annotated[Rows, "attributes.head_from"]
    head_mix: Annotated[Floats, "attributes.head_mix"]
    head_carried: Annotated[Floats, "attributes.head_carried"]
    head_divided: Annotated[Floats, "attributes.head_divided"]
    practice: Floats
    management: Floats


@helper
def head_contribution(level: float, floor: float, share: float, loss: float, lent: float) -> float:
    """Return what a school loses (σ) when its head is shared or lends colleagues: part of the head's contribution."""
    return share * max(0.0, level - floor) * (1.0 - (1.0 - loss) ** int(lent))


@maker
def _heads_lent(x: Governed, year: int) -> Floats:
    """Return how many other open schools each school's head also serves, or its colleagues were sent to head."""
    lent = np.zeros(len(x.opens))
    for j in range(len(x.opens)):
        if x.opens[j] > year:
            continue
        lent[j] += x.head_divided[j]
        for e in range(x.tie_start[j], x.tie_start[j + 1]):
            lent[x.source[e]] += x.head_carried[e]
    return lent


@compiled
def manage(x: Governed, p: Heads, sd_management: float, year: int) -> None:
    """Set management in force: own practice, the level a head brings, less what lending heads costs."""
    lent = _heads_lent(x, year)
    for j in range(len(x.opens)):
        own, source = x.practice[j, Channel.MANAGEMENT], x.head_from[j]
        brought = source >= 0 and x.opens[source] <= year and x.opens[j] <= year
        level = own + x.head_mix[j] * (x.practice[source, Channel.MANAGEMENT] - own) if brought else own
        lost = head_contribution(level, -sd_management, p.share, p.loss, lent[j])
        x.management[j] = own + p.share * (level - own) - lost

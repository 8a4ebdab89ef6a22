"""Families compare the schools they can reach; catchments hold, so wanting another school shows as choice pressure.

A logit choice (mcfadden1974) over perceived quality and distance. A group's name moves perception, not teaching
(documents L10, L15).
"""

from typing import Annotated, NamedTuple

import numpy as np

from model.arithmetic import exp, logistic
from model.attributes import Attributes
from model.chance import Stream
from model.columns import Floats, Rows
from model.compilation import compiled, helper, maker
from model.parameters import Families as Numbers
from model.parameters import Parameters
from model.process import Moment, Process, gather, reads_of
from model.world import Changes, Pool, World


class View(NamedTuple):
    """What families know of schools."""

    quality: Annotated[Floats, "schools.quality"]
    x: Annotated[Floats, "schools.x"]
    y: Annotated[Floats, "schools.y"]
    pupils: Annotated[Floats, "schools.pupils"]
    region: Annotated[Rows, "schools.region"]
    staff: Annotated[Floats, "schools.staff_home"]
    neighbours: Annotated[Rows, "index.neighbours"]
    brand_from: Annotated[Rows, "attributes.brand_from"]
    autonomy: Annotated[Floats, "attributes.autonomy_drive"]


@helper
def perceived_quality(own: float, name: float, weight: float) -> float:
    """Return a · the group's name + (1 − a) · own (σ)."""
    return weight * name + (1.0 - weight) * own


@helper
def _distance(s: View, a: int, b: int) -> float:
    dx, dy = s.x[a] - s.x[b], s.y[a] - s.y[b]
    return np.sqrt(dx * dx + dy * dy)


@maker
def _perceive(v: View, p: Numbers) -> Floats:
    out = np.empty(len(v.quality))
    for j in range(len(out)):
        named = v.brand_from[j]
        own = v.quality[j]
        out[j] = perceived_quality(own, v.quality[named], p.brand) if named >= 0 else own
    return out


@maker
def _crowding(v: View) -> Floats:
    """Return pupils per teacher over the mean of the region, less one."""
    regions = 1
    for j in range(len(v.quality)):
        regions = max(regions, v.region[j] + 1)
    pupils, staff = np.zeros(regions), np.zeros(regions)
    for j in range(len(v.quality)):
        if v.staff[j] > 0.0:
            pupils[v.region[j]] += v.pupils[j]
            staff[v.region[j]] += v.staff[j]
    out = np.zeros(len(v.quality))
    for j in range(len(out)):
        k = v.region[j]
        if v.staff[j] > 0.0 and pupils[k] > 0.0:
            out[j] = v.pupils[j] / v.staff[j] / (pupils[k] / staff[k]) - 1.0
    return out


@compiled
def _choose(v: View, p: Numbers, pressure: Floats, satisfaction: Floats) -> None:
    perceived, crowding = _perceive(v, p), _crowding(v)
    for j in range(len(v.quality)):
        others, nearest = 0.0, -1.0
        for n in v.neighbours[j]:
            if n >= 0 and v.staff[n] > 0.0:
                km = _distance(v, j, n)
                nearest = km if nearest < 0.0 else min(nearest, km)
                others += exp(p.per_sigma * (perceived[n] - perceived[j]) + p.per_km * km)
        pressure[j] = others / (1.0 + others) if v.staff[j] > 0.0 else 0.0
        way = 0.5 * max(0.0, nearest)
        logit = p.per_sigma * perceived[j] + p.per_km * way + p.crowding * crowding[j]
        satisfaction[j] = logistic(logit + p.participation * v.autonomy[j])


def _step(world: World, attributes: Attributes, parameters: Parameters, moment: Moment, pool: Pool) -> Changes:
    pressure, satisfaction = pool.like(world.schools.choice_pressure), pool.like(world.schools.satisfaction)
    _choose(gather(View, world, attributes), parameters.families, pressure, satisfaction)
    return {"schools": {"choice_pressure": pressure, "satisfaction": satisfaction}}


families = Process(
    "families",
    Stream.FAMILIES,
    annual=False,
    reads=reads_of(View),
    writes=("schools.choice_pressure", "schools.satisfaction"),
    step=_step,
)

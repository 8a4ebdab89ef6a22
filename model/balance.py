"""What inspectors and economists measure between schools: official balance indicators, inequality, good resources.

The national indicators of 优质均衡 are coefficients of variation between schools of one level; those that the model's
state can give are here, by campus and by legal person, staff by home and by post, so that merging schools on paper does
not look like improvement. Source: standard2017.
"""

import numpy as np

from model.arithmetic import log, sum_by
from model.columns import LEVELS, Flags, Floats, Rows
from model.compilation import compiled
from model.simulation import Record
from model.world import World

UNITS = ("campus", "legal_person")
INDICATORS = ("backbone", "qualified", "staff_home", "staff_post")


@compiled
def variation(values: Floats, weights: Floats, chosen: Flags) -> float:
    """Return the weighted coefficient of variation over the chosen rows, 0 where the mean is not positive."""
    total, weight, squares = 0.0, 0.0, 0.0
    for j in range(len(values)):
        if chosen[j]:
            total += weights[j] * values[j]
            weight += weights[j]
    mean = total / weight if weight > 0.0 else 0.0
    for j in range(len(values)):
        if chosen[j]:
            squares += weights[j] * (values[j] - mean) * (values[j] - mean)
    return np.sqrt(squares / weight) / mean if mean > 0.0 else 0.0


@compiled
def gini(values: Floats, weights: Floats, chosen: Flags) -> float:
    """Return the Gini coefficient of positive values over the weight of the chosen rows."""
    order = np.argsort(values, kind="mergesort")
    weight, sofar, area = 0.0, 0.0, 0.0
    for j in order:
        if chosen[j]:
            area += weights[j] * (sofar + 0.5 * weights[j] * values[j])
            sofar += weights[j] * values[j]
            weight += weights[j]
    return 1.0 - 2.0 * area / (weight * sofar) if weight * sofar > 0.0 else 0.0


@compiled
def theil(values: Floats, weights: Floats, chosen: Flags) -> float:
    """Return Theil's T of positive values over the weight of the chosen rows."""
    total, weight, out = 0.0, 0.0, 0.0
    for j in range(len(values)):
        if chosen[j]:
            total += weights[j] * values[j]
            weight += weights[j]
    for j in range(len(values)):
        if chosen[j] and values[j] > 0.0 and total > 0.0:
            ratio = values[j] * weight / total
            out += weights[j] / weight * ratio * log(ratio)
    return out


@compiled
def share_reaching(values: Floats, weights: Floats, chosen: Flags, level: float) -> float:
    """Return the share of the chosen rows' weight with values of at least `level`."""
    total, reaching = 0.0, 0.0
    for j in range(len(values)):
        if chosen[j]:
            total += weights[j]
            reaching += weights[j] if values[j] >= level else 0.0
    return reaching / total if total > 0.0 else 0.0


def inequality(quality: Floats, weights: Floats, chosen: Flags, ordinary: float) -> dict[str, Floats]:
    """Return name → value by year: inequality of a year's learning, `ordinary` (σ) plus school quality, over pupils.

    Parameters
    ----------
    quality
        Quality by year and school (σ), shape (years, S).
    ordinary
        What a year of ordinary instruction teaches (σ): quality alone has no natural zero.
    """
    learning = ordinary + quality
    measures = {"gini": gini, "theil": theil, "quality_cv": variation}
    return {name: np.array([f(row, weights, chosen) for row in learning]) for name, f in measures.items()}


def open_schools(record: Record) -> Flags:
    """Return by year which schools are open, shape (years, S): one has staff of its own from when it opens."""
    return np.asarray(record.yearly("staff_home") > 0.0)


def official(world: World, record: Record, chosen: Flags, person: Rows) -> dict[str, Floats]:
    """Return ``cv_INDICATOR_UNIT_LEVEL`` by year: variation between schools of staff per pupil, weighted by pupils.

    Indicators are backbone teachers and qualified teaching posts, by where they work, and all staff by home and by
    post. The standard means every school of a level, whether a group has it or not. Units are campuses, and legal
    persons (`person`: row of the school that is each campus's legal person). `chosen` are the schools that count,
    shape (S,) or by year (years, S).
    """
    pupils, staff = world.schools.pupils, record.yearly("staff_post")
    tables = {
        "backbone": record.yearly("backbone_post"),
        "qualified": staff * (1.0 - record.yearly("unqualified")),
        "staff_home": record.yearly("staff_home"),
        "staff_post": staff,
    }
    counted = np.broadcast_to(chosen, staff.shape)
    out = {}
    for level in sorted(set(world.schools.level[counted.any(axis=0)].tolist())):
        own = counted & (world.schools.level == level)
        for unit, rows in zip(UNITS, (np.arange(len(pupils), dtype=np.int32), person), strict=True):
            for name, table in tables.items():
                out[f"cv_{name}_{unit}_{LEVELS[level]}"] = between_units(table, pupils, own, rows)
    return out


def between_units(table: Floats, pupils: Floats, chosen: Flags, rows: Rows) -> Floats:
    """Return by year the variation between units of `table` (years, S) per pupil, weighted by pupils.

    `rows` is the row of each school's unit, `chosen` which schools count, (years, S).
    """
    values = [_variation(row, pupils, own, rows) for row, own in zip(table, chosen, strict=True)]
    return np.array(values, dtype=np.float64)


def _variation(values: Floats, pupils: Floats, own: Flags, rows: Rows) -> float:
    size = sum_by(rows, np.where(own, pupils, 0.0), len(pupils))
    rates = sum_by(rows, np.where(own, values, 0.0), len(pupils)) / np.maximum(size, 1.0)
    return variation(rates, size, size > 0.0)

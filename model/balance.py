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


def official(world: World, record: Record, chosen: Flags, person: Rows) -> dict[str, Floats]:
    """Return ``cv_INDICATOR_UNIT_LEVEL`` by year: variation between schools of staff per pupil, weighted by pupils.

    Indicators are backbone teachers and qualified teaching posts, by where they work, and all staff by home and by
    post. Units are campuses, and legal persons (`person`: row of the school that is each campus's legal person).
    """
    pupils = world.schools.pupils
    staff = record.yearly("staff_post")
    tables = {
        "backbone": record.yearly("backbone_post"),
        "qualified": staff * (1.0 - record.yearly("unqualified")),
        "staff_home": record.yearly("staff_home"),
        "staff_post": staff,
    }
    out = {}
    for level in sorted(set(world.schools.level[chosen].tolist())):
        own = chosen & (world.schools.level == level)
        for unit, rows in zip(UNITS, (np.arange(len(pupils), dtype=np.int32), person), strict=True):
            size = sum_by(rows, np.where(own, pupils, 0.0), len(pupils))
            for name, table in tables.items():
                rates = [_rates(rows, row, own, size) for row in table]
                values = [variation(rate, size, size > 0.0) for rate in rates]
                out[f"cv_{name}_{unit}_{LEVELS[level]}"] = np.array(values)
    return out


def _rates(rows: Rows, values: Floats, own: Flags, size: Floats) -> Floats:
    """Return totals by unit, per pupil."""
    return np.asarray(sum_by(rows, np.where(own, values, 0.0), len(size)) / np.maximum(size, 1.0))

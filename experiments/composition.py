"""Measures by what kind of school: members, owners, villages and towns, new schools; functions of recorded tables."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from model.arithmetic import ordered_mean, ordered_sum
from model.codes import Ownership, Role, Setting
from model.measures import Compute, Measure, Run, by_pupils, yearly_measures
from model.sets import Sets
from model.simulation import Record
from model.world import World

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def by_kind(world: World, record: Record, sets: Sets) -> dict[str, Floats]:
    """Return name → value by year of `BY_KIND`; a kind without schools has no entry."""
    return yearly_measures(world, record, sets, measures=BY_KIND)


Kind = Callable[[World], Flags]


def _of_kind(column: str, *kinds: Kind) -> Compute:
    """Return what takes the mean of a recorded column by pupils over schools of all these kinds."""
    whole = by_pupils(column)

    def compute(run: Run, chosen: Flags) -> Floats | None:
        own = np.logical_and.reduce([chosen, *(kind(run.world) for kind in kinds)])
        return whole(run, own) if own.any() else None

    return compute


def _members(world: World) -> Flags:
    return np.asarray(world.schools.role < Role.LEAD)


def _public(world: World) -> Flags:
    return np.asarray(world.schools.ownership == Ownership.PUBLIC)


def _private(world: World) -> Flags:
    return ~_public(world)


def _lying(setting: Setting) -> Kind:
    return lambda world: np.asarray(world.schools.setting == setting)


def _load(setting: Setting) -> Compute:
    """Return what takes pupils a teacher at schools of a setting."""

    def compute(run: Run, chosen: Flags) -> Floats | None:
        own = chosen & _lying(setting)(run.world)
        teachers = np.array([ordered_sum(row[own]) for row in run.record.yearly("staff_post")])
        return np.asarray(ordered_sum(run.pupils[own]) / np.maximum(teachers, 1.0)) if own.any() else None

    return compute


def _new_gap(run: Run, standing: Flags) -> Floats | None:
    """Return the mean gap (σ) to the median school over the new schools that have opened."""
    new = _new(run)
    if not len(new):
        return None
    opened = _opened(run, new)
    return np.asarray(np.where(opened, _gaps(run, standing, new), 0.0).sum(axis=0) / np.maximum(opened.sum(axis=0), 1))


def _years_to_median(run: Run, standing: Flags) -> Floats | None:
    """Return in which year after opening new schools first reach the median; one more than there are if never."""
    new, years = _new(run), len(run.quality)
    if not len(new):
        return None
    reached = _opened(run, new) & (_gaps(run, standing, new) >= 0.0)
    since = reached.argmax(axis=1) - np.floor(run.world.schools.opens[new]) + 1.0
    return np.full(years, ordered_mean(np.where(reached.any(axis=1), since, years + 1.0)))


def _new(run: Run) -> NDArray[np.int64]:
    """Return the rows of schools that open in the years simulated."""
    opens = run.world.schools.opens
    return np.flatnonzero(np.isfinite(opens) & (opens >= 0.0) & (opens < len(run.quality)))


def _opened(run: Run, new: NDArray[np.int64]) -> Flags:
    """Return by new school and year whether it has opened."""
    return np.asarray(np.arange(len(run.quality)) >= run.world.schools.opens[new][:, None])


def _gaps(run: Run, standing: Flags, new: NDArray[np.int64]) -> Floats:
    """Return by new school and year how far it stands above the median standing school of its county and level (σ)."""
    region = run.world.schools.region
    return np.array([_above_median(run.quality, standing & (region == region[j]), int(j)) for j in new])


def _above_median(quality: Floats, others: Flags, row: int) -> Floats:
    return np.asarray(quality[:, row] - np.median(quality[:, others], axis=1))


BY_KIND: tuple[Measure, ...] = (
    Measure("members", "σ", "quality of members by pupils", "grouped", _of_kind("quality", _members)),
    Measure(
        "members_public", "σ", "quality of public members by pupils", "grouped",
        _of_kind("quality", _members, _public),
    ),
    Measure(
        "members_private", "σ", "quality of other members by pupils", "grouped",
        _of_kind("quality", _members, _private),
    ),
    Measure("leads_outreach", "share", "staff time that leads give to other schools", "leads", by_pupils("outreach")),
    Measure(
        "unqualified_rural", "share", "village lessons taught out of subject, by pupils", "standing",
        _of_kind("unqualified", _lying(Setting.RURAL)),
    ),
    Measure("load_urban", "pupils", "pupils a teacher at urban schools", "standing", _load(Setting.URBAN)),
    Measure("load_rural", "pupils", "pupils a teacher at rural schools", "standing", _load(Setting.RURAL)),
    Measure(
        "new_gap", "σ", "how far new schools stand above the median school of their county and level", "standing",
        _new_gap,
    ),
    Measure(
        "new_years_to_median", "years",
        "year after opening in which new schools first reach it; one more than there are if never", "standing",
        _years_to_median,
    ),
)  # fmt: skip
"""The measures of kinds of schools, in the order in which they are recorded."""

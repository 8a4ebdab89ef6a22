"""Measures by what kind of school: members, owners, villages and towns, new schools; functions of recorded tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.arithmetic import ordered_mean, ordered_sum
from model.codes import Ownership, Role, Setting
from model.measures import Sets, weighted_mean
from model.simulation import Record
from model.world import World

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
YEARS_TO_MEDIAN, NEW_GAP = "new_years_to_median", "new_gap"
NAMES = (
    "leads_outreach", "members", "members_public", "members_private", "unqualified_rural", "load_urban", "load_rural",
    NEW_GAP, YEARS_TO_MEDIAN,
)  # fmt: skip


def by_kind(world: World, record: Record, sets: Sets) -> dict[str, Floats]:
    """Return name → value by year; a kind without schools has no entry.

    ``members…`` are pupil-weighted quality (σ) of grouped schools that lead none, all, public and others;
    `leads_outreach` is the share of staff time that leads give to other schools, `unqualified_rural` that of village
    lessons out of subject, ``load_…`` pupils a teacher; `new_gap` is how far schools that opened stand above the median
    school of their county and level (σ), and `new_years_to_median`
    in which year after opening they first reach it, the years simulated and one more where they do not.
    """
    s, quality = world.schools, record.yearly("quality")
    members = sets.grouped & (s.role < Role.LEAD)
    public = s.ownership == Ownership.PUBLIC
    kinds = {"members": members, "members_public": members & public, "members_private": members & ~public}
    out = {name: _mean(quality, s.pupils, chosen) for name, chosen in kinds.items() if chosen.any()}
    if sets.leads.any():
        out["leads_outreach"] = _mean(record.yearly("outreach"), s.pupils, sets.leads)
    standing = s.opens < 0.0
    urban, rural = standing & (s.setting == Setting.URBAN), standing & (s.setting == Setting.RURAL)
    if rural.any():
        out["unqualified_rural"] = _mean(record.yearly("unqualified"), s.pupils, rural)
    staff = record.yearly("staff_post")
    out |= {f"load_{name}": _load(staff, s.pupils, k) for name, k in (("urban", urban), ("rural", rural)) if k.any()}
    return out | _new_schools(world, quality, standing)


def _mean(table: Floats, weights: Floats, chosen: Flags) -> Floats:
    return np.array([weighted_mean(row, weights, chosen) for row in table])


def _load(staff: Floats, pupils: Floats, chosen: Flags) -> Floats:
    teachers = np.array([ordered_sum(row[chosen]) for row in staff])
    return np.asarray(ordered_sum(pupils[chosen]) / np.maximum(teachers, 1.0))


def _new_schools(world: World, quality: Floats, standing: Flags) -> dict[str, Floats]:
    s, years = world.schools, len(quality)
    new = np.flatnonzero(np.isfinite(s.opens) & (s.opens >= 0.0) & (s.opens < years))
    if not len(new):
        return {}
    gaps = np.array([_above_median(quality, standing & (s.region == s.region[j]), int(j)) for j in new])
    opened = np.arange(years) >= s.opens[new][:, None]
    count = opened.sum(axis=0)
    mean = np.where(opened, gaps, 0.0).sum(axis=0) / np.maximum(count, 1)
    reached = opened & (gaps >= 0.0)
    first = np.where(reached.any(axis=1), reached.argmax(axis=1) - np.floor(s.opens[new]) + 1.0, years + 1.0)
    return {NEW_GAP: mean, YEARS_TO_MEDIAN: np.full(years, ordered_mean(first))}


def _above_median(quality: Floats, others: Flags, row: int) -> Floats:
    return np.asarray(quality[:, row] - np.median(quality[:, others], axis=1))

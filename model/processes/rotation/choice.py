"""Which teachers may go, and in which order they are asked.

That is the sending school's decision (the strategic choice is this model's assumption).
"""

import numpy as np

from model.arithmetic import exp, log
from model.chance import Key, Stream, uniform
from model.codes import MINOR_SUBJECTS, Employment, Honour, Who
from model.columns import Floats, Positions
from model.compilation import helper, inlined, maker
from model.processes.rotation.case import Case, Draw
from model.staff import Staff, is_free


@inlined
def _fits(f: Staff, i: int, kind: int) -> bool:
    """Whether a teacher is of the kind that the policy names."""
    if kind == Who.BACKBONE:
        return f.code[i].honour >= Honour.BACKBONE
    if kind == Who.MINOR_QUALIFIED:
        return f.code[i].qualified and f.code[i].subject in MINOR_SUBJECTS
    return kind != Who.MASTERS or f.code[i].honour >= Honour.MASTER


@inlined
def is_eligible(c: Case, i: int) -> bool:
    """Whether a teacher has the years at one school, is of the kind named and is not excused this year."""
    home = c.f.code[i].home
    years = c.rules[home].eligible_years
    years = c.p.eligible_years if np.isnan(years) else years
    if not is_free(c.f, i) or c.f.code[i].employment != Employment.ESTABLISHED or c.f.amount[i].school_years < years:
        return False
    return (
        _fits(c.f, i, c.rules[home].who)
        and uniform(c.key, c.f.id[i], c.year, Stream.ROTATION, Draw.EXCUSED) < c.p.eligible_share
    )


@maker
def eligible_rows(c: Case, school: int) -> Positions:
    """Return the eligible of a school, in row order."""
    rows = c.order[c.start[school] : c.start[school + 1]]
    keep = np.empty(len(rows), dtype=np.int64)
    count = 0
    for i in rows:
        if is_eligible(c, i):
            keep[count] = i
            count += 1
    return keep[:count]


@helper
def selection_strength(selection: float, sends_best: float) -> float:
    """Return s = s₀ · (2 · head_on_members − 1): below 0 the school sends whom it can spare, above 0 its best."""
    return selection * (2.0 * sends_best - 1.0)


@maker
def race_keys(f: Staff, rows: Positions, strength: float, key: Key, year: int) -> Floats:
    """Return −ln u / exp(s · z) for each row, z the standardised skill: the smallest keys go first."""
    mean, square = 0.0, 0.0
    for i in rows:
        mean += f.amount[i].skill
    mean /= max(1, len(rows))
    for i in rows:
        square += (f.amount[i].skill - mean) * (f.amount[i].skill - mean)
    sd = np.sqrt(square / max(1, len(rows)))
    out = np.empty(len(rows))
    for n in range(len(rows)):
        z = (f.amount[rows[n]].skill - mean) / sd if sd > 0.0 else 0.0
        out[n] = -log(uniform(key, f.id[rows[n]], year, Stream.ROTATION, Draw.RACE)) * exp(-strength * z)
    return out


@maker
def chosen_order(f: Staff, rows: Positions, keys: Floats, wanted: int, backbone: int) -> Positions:
    """Return rows in the order in which they are asked: the backbone places first, then whoever comes next."""
    order = np.argsort(keys, kind="mergesort")
    first = np.zeros(len(rows), dtype=np.bool_)
    out = np.empty(len(rows), dtype=np.int64)
    count = 0
    for n in order:
        if count < min(backbone, wanted) and f.code[rows[n]].honour >= Honour.BACKBONE:
            first[n] = True
            out[count] = rows[n]
            count += 1
    for n in order:
        if not first[n]:
            out[count] = rows[n]
            count += 1
    return out

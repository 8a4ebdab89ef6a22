"""Outcomes as functions of recorded tables: who is peak, valley and middle, and what becomes of them by year.

Sums run in row order, so that the same run gives the same bytes everywhere.
"""

from typing import NamedTuple

import numpy as np

from model.arithmetic import ordered_sum, sum_by
from model.balance import inequality, official, share_reaching, variation
from model.codes import CostLine, Rank, Role, Setting, TieLayer
from model.columns import Flags, Floats, Rows
from model.compilation import compiled
from model.parameters import Parameters
from model.simulation import STANDING_YEARS, Record
from model.world import World

ORDINARY = Parameters().attention.teaching_value
# What can be seen at a strong school in the first year of a policy.
SIGNS = ("best", "drive", "outreach", "newcomers", "morale", "uncovered", "management", "choice_pressure")


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


@compiled
def weighted_mean(values: Floats, weights: Floats, chosen: Flags) -> float:
    """Return the weighted mean over the chosen rows, added in order; 0 when nothing is chosen."""
    total, weight = 0.0, 0.0
    for j in range(len(values)):
        if chosen[j]:
            total += weights[j] * values[j]
            weight += weights[j]
    return total / weight if weight > 0.0 else 0.0


@compiled
def weighted_sd(values: Floats, weights: Floats, chosen: Flags) -> float:
    """Return the weighted standard deviation over the chosen rows."""
    mean = weighted_mean(values, weights, chosen)
    squares = (values - mean) * (values - mean)
    return np.sqrt(weighted_mean(squares, weights, chosen))


@compiled
def weighted_quantile(values: Floats, weights: Floats, chosen: Flags, share: float) -> float:
    """Return the value below which `share` of the weight of the chosen rows lies."""
    order = np.argsort(values, kind="mergesort")
    total, sofar, last = 0.0, 0.0, 0.0
    for j in range(len(values)):
        total += weights[j] if chosen[j] else 0.0
    for j in order:
        if chosen[j]:
            sofar += weights[j]
            last = values[j]
            if sofar >= share * total:
                return last
    return last


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


def _top_tenth(quality: Floats, weights: Floats, chosen: Flags) -> Flags:
    return np.asarray(chosen & (quality >= weighted_quantile(quality, weights, chosen, 0.9)))


def yearly_measures(
    world: World, record: Record, sets: Sets, legal_person: Rows | None = None, ordinary: float = ORDINARY
) -> dict[str, Floats]:
    """Return name → value by year for one run; a set without schools has no entry.

    `peak`, `valley`, `middle`, `mean`, `ungrouped`, `leads`, `top_tenth` are pupil-weighted quality (σ);
    `backbone_cv` and `staff_cv` are pupil-weighted coefficients of variation of backbone teachers per 100 pupils and
    of staff per pupil over campuses, `backbone_cv_legal_person` the same with campuses of one legal person merged
    (`legal_person`: row of the school that is each campus's legal person; its own where None), and ``cv_…`` the same by
    indicator, unit and level; `coverage` is the share of pupils at schools as good as the median peak school was;
    `gini`, `theil` and `quality_cv` are of a year's learning, `ordinary` (σ) that of ordinary instruction; `senior_cv`
    is that of holders of senior titles per pupil by where they work, `service_sd` the SD over pupils of a school's mean
    years of service, `veteran_share` the share of backbone teachers with twenty years of service; ``peak_…`` are means
    over the peak set; costs are yuan a year and pupil.
    """
    quality = record.yearly("quality")
    weights = world.schools.pupils
    groups = {"peak": sets.peak, "valley": sets.valley, "middle": sets.middle, "mean": sets.grouped}
    groups |= {"ungrouped": sets.ungrouped, "leads": sets.leads}
    out = {name: _by_year(quality, weights, chosen) for name, chosen in groups.items() if chosen.any()}
    out["top_tenth"] = np.array([weighted_mean(q, weights, _top_tenth(q, weights, sets.grouped)) for q in quality])
    out["gap_90_10"] = np.array([_gap(q, weights, sets.grouped) for q in quality])
    setting = world.schools.setting
    urban, rural = sets.grouped & (setting == Setting.URBAN), sets.grouped & (setting == Setting.RURAL)
    out["gap_urban_rural"] = _by_year(quality, weights, urban) - _by_year(quality, weights, rural)
    out["quality_sd"] = np.array([weighted_sd(q, weights, sets.grouped) for q in quality])
    person = np.arange(len(weights), dtype=np.int32) if legal_person is None else legal_person
    out |= inequality(quality, weights, sets.grouped, ordinary) | official(world, record, sets.grouped, person)
    out["coverage"] = np.array([share_reaching(q, weights, sets.grouped, sets.good) for q in quality])
    out |= {f"peak_{name}": _by_year(record.yearly(name), weights, sets.peak) for name in SIGNS if sets.peak.any()}
    away = record.yearly("away") / np.maximum(record.yearly("staff_home"), 1.0)
    out["peak_away"] = _by_year(away, weights, sets.peak)
    return out | _other_measures(world, record, sets, person)


def _gap(quality: Floats, weights: Floats, chosen: Flags) -> float:
    high = weighted_quantile(quality, weights, chosen, 0.9)
    return float(high - weighted_quantile(quality, weights, chosen, 0.1))


def _by_year(table: Floats, weights: Floats, chosen: Flags) -> Floats:
    return np.array([weighted_mean(row, weights, chosen) for row in table])


def _other_measures(world: World, record: Record, sets: Sets, person: Rows) -> dict[str, Floats]:
    weights, chosen = world.schools.pupils, sets.grouped
    names = ("mean_skill", "choice_pressure", "satisfaction", "morale", "unqualified", "newcomers", "outreach")
    out = {name: _by_year(record.yearly(name), weights, chosen) for name in names}
    pupils = np.maximum(weights, 1.0)
    out["backbone_cv"] = _variation(record.yearly("backbone_post") / pupils, weights, chosen)
    merged = sum_by(person, weights, len(weights))
    backbone = np.array([sum_by(person, row, len(weights)) for row in record.yearly("backbone_post")])
    heads = chosen & (merged > 0.0)
    out["backbone_cv_legal_person"] = _variation(backbone / np.maximum(merged, 1.0), merged, heads)
    out["staff_cv"] = _variation(record.yearly("staff_post") / pupils, weights, chosen)
    out["senior_cv"] = _variation(record.yearly("senior_post") / pupils, weights, chosen)
    out["service_sd"] = np.array([weighted_sd(row, weights, chosen) for row in record.yearly("service")])
    out["veteran_share"] = _share(record.yearly("veteran_backbone"), record.yearly("backbone_post"), chosen)
    character = record.yearly("character")
    out["diversity"] = np.array([weighted_sd(row, weights, chosen) for row in character])
    everybody = np.ones(len(pupils))
    for name in ("away", "leavers", "mid_titles", "senior_titles", "staff_post"):
        staff = record.yearly(name)
        out[f"{name}_per_school"] = _by_year(staff, everybody, chosen)
    cost = record.yearly("cost")
    for line in CostLine:
        out[f"cost_{line.word}"] = _by_year(cost[:, :, line] / pupils, weights, chosen)
    out["cost"] = _total([out[f"cost_{line.word}"] for line in CostLine])
    return out


def _total(parts: list[Floats]) -> Floats:
    total = np.zeros(len(parts[0]))
    for part in parts:
        total = total + part
    return total


def _share(part: Floats, whole: Floats, chosen: Flags) -> Floats:
    """Return a part's share of a whole by year, over the chosen schools; 0 where there is no whole."""
    parts, wholes = (np.array([ordered_sum(row[chosen]) for row in table]) for table in (part, whole))
    return np.asarray(parts / np.where(wholes > 0.0, wholes, 1.0))


def _variation(table: Floats, weights: Floats, chosen: Flags) -> Floats:
    """Return the coefficient of variation by year."""
    return np.array([variation(row, weights, chosen) for row in table])

"""Turn columns of quality on any scale into standing: SD among the schools of a level, and how much of it is known.

Mean scores carry the pupils' intake with them. Growth is taken where there is any; from scores alone only a share of
what they show is taken as the school's own, so that standings shrink towards the mean.

Where single years correlate by r, the mean of n of them has the reliability n r / (1 + (n − 1) r), by Spearman and
Brown. That holds for n columns of one year each as for one column that is itself a mean of n years. A mean may have the
single years beside it in it, so of both the longer is counted, never their sum; and r is told by single years only.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, pstdev

from scenarios.rosters.headers import Measure
from scenarios.rosters.problems import Notes, Place
from scenarios.rosters.records import School

SCORE_VALIDITY = 0.35
"""Judged: share of the variance of schools' mean scores that is the school's own; the rest is its pupils' intake."""
YEARLY = {"growth": 0.5, "score": 0.8}
"""Judged: how alike two years are, where there are too few to tell."""
YEARLY_LOW, YEARLY_HIGH = 0.2, 0.95
LEAST, LEAST_FOR_STABILITY = 2, 10
DECIMALS = 3


@dataclass(frozen=True)
class Standing:
    """Standing of a school (SD of its level), the share of the variance of quality it explains, and what it is from."""

    value: float
    reliability: float
    kind: str


def standings(schools: Sequence[School], notes: Notes) -> dict[str, Standing]:
    """Return school → standing, of those whose quality is known; how it was made is noted."""
    regions: dict[tuple[str, str], list[School]] = {}
    for school in schools:
        regions.setdefault((school.county, school.level or ""), []).append(school)
    found: dict[str, Standing] = {}
    for (_, level), own in regions.items():
        found |= _of_region(own, level, notes)
    for school in schools:
        if school.id not in found:
            notes.add("quality_unknown", school.row.place())
    return found


def _of_region(schools: Sequence[School], level: str, notes: Notes) -> dict[str, Standing]:
    covered = {
        kind: sum(any(measure.kind == kind for measure in school.measures) for school in schools)
        for kind in ("growth", "score")
    }
    if not any(covered.values()):
        return {}
    kind = "growth" if 2 * covered["growth"] >= covered["score"] and covered["growth"] >= LEAST else "score"
    years = _yearly(schools, kind, level, notes)
    values = {s.id: {year: column[s.id] for year, column in years.items() if s.id in column} for s in schools}
    means = _standardised({ident: fmean(own.values()) for ident, own in values.items() if own})
    if not means:
        return {}
    alike = _stability([years[year] for year in sorted(_single(schools, kind) & years.keys())], kind)
    counts = {school.id: _years_of(school, kind, years) for school in schools if school.id in means}
    validity = SCORE_VALIDITY if kind == "score" else 1.0
    found = {
        ident: Standing(round(mean, DECIMALS), round(validity * _of_mean(alike, counts[ident]), 2), kind)
        for ident, mean in means.items()
    }
    _tell(schools, level, max(counts.values()), list(found.values()), notes)
    if kind == "growth" and covered["score"]:
        notes.add("scores_beside_growth", _place(schools), level=level)
    return found


def _place(schools: Sequence[School]) -> Place:
    sheet = schools[0].row.table.sheet
    return Place(sheet.file, sheet.name)


def _yearly(schools: Sequence[School], kind: str, level: str, notes: Notes) -> dict[int, dict[str, float]]:
    """Return year → school → standardised value, the mean over the columns of that year."""
    columns: dict[Measure, dict[str, float]] = {}
    for school in schools:
        for measure, value in school.measures.items():
            if measure.kind == kind:
                columns.setdefault(measure, {})[school.id] = value
    years: dict[int, dict[str, list[float]]] = {}
    for measure, column in columns.items():
        standard = _standardised(column)
        if not standard:
            code = "quality_few" if len(column) < LEAST else "quality_constant"
            least = {"least": LEAST} if code == "quality_few" else {}
            notes.add(code, Place(_place(schools).file, _place(schools).sheet, 0, measure.header), level=level, **least)
        for ident, value in standard.items():
            years.setdefault(measure.year, {}).setdefault(ident, []).append(value)
    return {year: {ident: fmean(own) for ident, own in column.items()} for year, column in sorted(years.items())}


def _single(schools: Sequence[School], kind: str) -> set[int]:
    """Return the years that have a column of their own."""
    return {m.year for school in schools for m in school.measures if m.kind == kind and m.span == 1}


def _years_of(school: School, kind: str, years: Mapping[int, Mapping[str, float]]) -> int:
    """Return of how many years the standing of a school is the mean."""
    own = [m for m in school.measures if m.kind == kind and school.id in years.get(m.year, {})]
    return max(len({m.year for m in own if m.span == 1}), *(m.span for m in own))


def _standardised(column: Mapping[str, float]) -> dict[str, float]:
    """Return values in SD from their mean; nothing where they are all equal or too few."""
    if len(column) < LEAST:
        return {}
    largest = max(map(abs, column.values())) or 1.0
    values = {ident: value / largest for ident, value in column.items()}
    mean, sd = fmean(values.values()), pstdev(values.values())
    return {ident: (value - mean) / sd for ident, value in values.items()} if sd > 1e-12 else {}  # noqa: PLR2004


def _stability(years: Sequence[Mapping[str, float]], kind: str) -> float:
    """Return the mean correlation of successive years, or what is assumed where there are too few schools or years."""
    found = []
    for one, other in pairwise(years):
        both = sorted(one.keys() & other.keys())
        a, b = _standardised({i: one[i] for i in both}), _standardised({i: other[i] for i in both})
        if len(both) >= LEAST_FOR_STABILITY and a and b:
            found.append(fmean(a[i] * b[i] for i in both))
    return min(YEARLY_HIGH, max(YEARLY_LOW, fmean(found))) if found else YEARLY[kind]


def _of_mean(alike: float, years: int) -> float:
    """Return the reliability of a mean of years, by Spearman and Brown."""
    return years * alike / (1.0 + (years - 1.0) * alike)


def _tell(schools: Sequence[School], level: str, years: int, found: Sequence[Standing], notes: Notes) -> None:
    kind = found[0].kind
    headers = sorted({m.header for s in schools for m in s.measures if m.kind == kind})
    lowest, highest = (f(standing.reliability for standing in found) for f in (min, max))
    reliability = f"{lowest:.2f}" if math.isclose(lowest, highest) else f"{lowest:.2f}–{highest:.2f}"
    shrunk = "ratings_shrunk" if level == "kindergarten" else "scores_shrunk"
    code = "growth_used" if kind == "growth" else shrunk
    notes.add(code, _place(schools), level=level, columns=", ".join(headers), years=years, reliability=reliability)

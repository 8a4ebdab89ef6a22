"""What is measured of a run, year by year: one record a measure, over one of the sets of schools.

Sums run in row order, so that the same run gives the same bytes everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from model.arithmetic import ordered_sum
from model.balance import (
    INDICATORS,
    UNITS,
    between_units,
    inequality,
    official,
    open_schools,
    share_reaching,
    variation,
)
from model.codes import CostLine, Level, Setting
from model.columns import Flags, Floats, Rows, Schools, columns
from model.parameters import Parameters
from model.sets import Sets
from model.simulation import Record
from model.weighted import weighted_mean, weighted_quantile, weighted_sd
from model.world import World

ORDINARY = Parameters().attention.teaching_value
HIGH, LOW = 0.9, 0.1
# What can be seen at a strong school in the first year of a policy.
SIGNS = ("best", "drive", "outreach", "newcomers", "morale", "uncovered", "management", "choice_pressure")


@dataclass(frozen=True, eq=False)
class Run:
    """A run as measures see it.

    `person` is the row of the school that is each school's legal person, and `ordinary` what a year of ordinary
    instruction teaches (σ): learning is that and school quality, which alone has no natural zero.
    """

    world: World
    record: Record
    sets: Sets
    person: Rows
    ordinary: float

    @cached_property
    def quality(self) -> Floats:
        """School quality (σ), shape (years, S)."""
        return self.record.yearly("quality")

    @property
    def pupils(self) -> Floats:
        """Pupils, shape (S,): the weights of most measures."""
        return self.world.schools.pupils

    def per_pupil(self, name: str) -> Floats:
        """Return a recorded number per pupil, shape (years, S)."""
        return self.record.yearly(name) / np.maximum(self.pupils, 1.0)

    @cached_property
    def inequality(self) -> dict[str, Floats]:
        """Inequality of learning among grouped schools, by index."""
        return inequality(self.quality, self.pupils, self.sets.grouped, self.ordinary)

    @cached_property
    def official(self) -> dict[str, Floats]:
        """Official balance indicators, by name: of every school that is open, in a group or not."""
        return official(self.world, self.record, self.open, self.person)

    @cached_property
    def open(self) -> Flags:
        """Which schools are open, shape (years, S)."""
        return open_schools(self.record)

    @cached_property
    def campuses(self) -> Rows:
        """Every school as a unit of its own, shape (S,)."""
        return np.arange(len(self.pupils), dtype=np.int32)


Compute = Callable[[Run, Flags], Floats | None]


class Measure(NamedTuple):
    """One measure of a run.

    Attributes
    ----------
    name
        As it is recorded, swept and told.
    unit, meaning
        What it says.
    of
        The one of `Sets` it speaks of; where that is empty there is no such measure.
    compute
        From a run and the flags of these schools, shape (S,), to a value by year, or None where it says nothing.
    """

    name: str
    unit: str
    meaning: str
    of: str
    compute: Compute


def yearly_measures(
    world: World,
    record: Record,
    sets: Sets,
    legal_person: Rows | None = None,
    ordinary: float = ORDINARY,
    measures: Sequence[Measure] | None = None,
) -> dict[str, Floats]:
    """Return name → value by year of one run, for `MEASURES` or others; a set without schools has no entry.

    Parameters
    ----------
    legal_person
        Row of the school that is each campus's legal person, shape (S,); its own where None.
    ordinary
        What a year of ordinary instruction teaches (σ).
    """
    person = np.arange(len(world.schools.id), dtype=np.int32) if legal_person is None else legal_person
    run, out = Run(world, record, sets, person, ordinary), {}
    for measure in MEASURES if measures is None else measures:
        chosen = getattr(sets, measure.of)
        value = measure.compute(run, chosen) if chosen.any() else None
        if value is not None:
            out[measure.name] = value
    return out


# How they are computed ------------------------------------------------------------------------------------------------


def mean(table: Floats, weights: Floats, chosen: Flags) -> Floats:
    """Return the weighted mean of the chosen schools by year."""
    return np.array([weighted_mean(row, weights, chosen) for row in table])


def by_pupils(column: str) -> Compute:
    """Return what takes the mean of a recorded column by pupils."""
    return lambda run, chosen: mean(run.record.yearly(column), run.pupils, chosen)


def by_school(column: str) -> Compute:
    """Return what takes the mean of a recorded column by schools."""
    return lambda run, chosen: mean(run.record.yearly(column), np.ones(len(run.pupils)), chosen)


def spread(column: str) -> Compute:
    """Return what takes the standard deviation of a recorded column over pupils."""
    return lambda run, chosen: np.array([weighted_sd(row, run.pupils, chosen) for row in run.record.yearly(column)])


def variation_per_pupil(column: str) -> Compute:
    """Return what takes the coefficient of variation between campuses of a recorded number per pupil."""
    return lambda run, chosen: _variation(run.per_pupil(column), run.pupils, chosen)


def _variation(table: Floats, weights: Floats, chosen: Flags) -> Floats:
    return np.array([variation(row, weights, chosen) for row in table])


def variation_between(column: str, units: str) -> Compute:
    """Return what takes the same over all open schools, between `campuses` or between legal persons (`person`)."""
    return lambda run, chosen: between_units(
        run.record.yearly(column), run.pupils, run.open & chosen, getattr(run, units)
    )


def share_of(part: str, whole: str) -> Compute:
    """Return what takes one recorded number's share of another over all chosen schools; 0 where there is no whole."""

    def compute(run: Run, chosen: Flags) -> Floats:
        parts, wholes = (np.array([ordered_sum(row[chosen]) for row in run.record.yearly(c)]) for c in (part, whole))
        return np.asarray(parts / np.where(wholes > 0.0, wholes, 1.0))

    return compute


def _top_tenth(run: Run, chosen: Flags) -> Floats:
    best = [chosen & (q >= weighted_quantile(q, run.pupils, chosen, HIGH)) for q in run.quality]
    return np.array([weighted_mean(q, run.pupils, top) for q, top in zip(run.quality, best, strict=True)])


def _gap(run: Run, chosen: Flags) -> Floats:
    ends = [[weighted_quantile(q, run.pupils, chosen, share) for share in (HIGH, LOW)] for q in run.quality]
    return np.array([high - low for high, low in ends])


def _urban_rural(run: Run, chosen: Flags) -> Floats:
    urban, rural = (chosen & (run.world.schools.setting == setting) for setting in (Setting.URBAN, Setting.RURAL))
    return mean(run.quality, run.pupils, urban) - mean(run.quality, run.pupils, rural)


def _coverage(run: Run, chosen: Flags) -> Floats:
    return np.array([share_reaching(q, run.pupils, chosen, run.sets.good) for q in run.quality])


def _away(run: Run, chosen: Flags) -> Floats:
    posts = np.maximum(run.record.yearly("staff_home"), 1.0)
    return mean(run.record.yearly("away") / posts, run.pupils, chosen)


def _cost(run: Run, chosen: Flags, line: CostLine) -> Floats:
    cost = run.record.yearly("cost")[:, :, line]
    return mean(cost / np.maximum(run.pupils, 1.0), run.pupils, chosen)


def _whole_cost(run: Run, chosen: Flags) -> Floats:
    total = np.zeros(len(run.quality))
    for line in CostLine:
        total = total + _cost(run, chosen, line)
    return total


# The measures ---------------------------------------------------------------------------------------------------------


def _column(name: str, of: str, column: str, told: str) -> Measure:
    """Return the measure of a recorded column's mean by pupils, in the column's own unit and words."""
    declared = columns(Schools)[column]
    return Measure(name, declared.unit, f"{declared.meaning}, {told}", of, by_pupils(column))


def _per_school(column: str) -> Measure:
    declared, name = columns(Schools)[column], f"{column}_per_school"
    return Measure(name, declared.unit, f"{declared.meaning}, per school", "grouped", by_school(column))


def _index(name: str, meaning: str) -> Measure:
    said = f"{meaning} of a year's learning over pupils"
    return Measure(name, "–", said, "grouped", lambda run, _: run.inequality[name])


def _indicator(indicator: str, unit: str, level: str) -> Measure:
    name = f"cv_{indicator}_{unit}_{level}"
    meaning = f"official indicator: variation of {indicator} per pupil, by {unit}, all {level} schools"
    return Measure(name, "CV", meaning, "every", lambda run, _: run.official.get(name))


def _line(line: CostLine) -> Measure:
    meaning = f"spending on the account line {line.word}, a pupil"
    return Measure(f"cost_{line.word}", "yuan/year", meaning, "grouped", lambda run, chosen: _cost(run, chosen, line))


GROUPED = "over grouped schools by pupils"
MEASURES: tuple[Measure, ...] = (
    *(_column(name, name, "quality", f"{name} schools by pupils") for name in ("peak", "valley", "middle")),
    _column("mean", "grouped", "quality", GROUPED),
    _column("ungrouped", "ungrouped", "quality", "schools outside groups by pupils"),
    _column("leads", "leads", "quality", "schools that lead by pupils"),
    Measure("top_tenth", "σ", "quality of the best tenth by pupils, whichever schools that is", "grouped", _top_tenth),
    Measure("gap_90_10", "σ", "quality, 90th less 10th percentile of pupils", "grouped", _gap),
    Measure("gap_urban_rural", "σ", "quality of urban less rural schools, by pupils", "grouped", _urban_rural),
    Measure("quality_sd", "σ", "SD of quality over pupils", "grouped", spread("quality")),
    _index("gini", "Gini coefficient"),
    _index("theil", "Theil's T"),
    _index("quality_cv", "coefficient of variation"),
    *(_indicator(name, unit, level) for level in Level.words() for unit in UNITS for name in INDICATORS),
    Measure("coverage", "share", "pupils at schools as good as the median peak school was", "grouped", _coverage),
    *(_column(f"peak_{name}", "peak", name, "peak schools by pupils") for name in SIGNS),
    Measure("peak_away", "share", "own staff working elsewhere, peak schools by pupils", "peak", _away),
    *(
        _column(name, "grouped", name, GROUPED)
        for name in (
            "mean_skill", "choice_pressure", "satisfaction", "morale", "unqualified", "newcomers", "outreach",
        )
    ),
    Measure(
        "backbone_cv", "CV", "variation between all open campuses of backbone teachers per pupil", "every",
        variation_between("backbone_post", "campuses"),
    ),
    Measure(
        "backbone_cv_legal_person", "CV", "the same between legal persons", "every",
        variation_between("backbone_post", "person"),
    ),
    Measure(
        "staff_cv", "CV", "variation between campuses of staff per pupil", "grouped",
        variation_per_pupil("staff_post"),
    ),
    Measure(
        "senior_cv", "CV", "variation between campuses of senior titles per pupil", "grouped",
        variation_per_pupil("senior_post"),
    ),
    Measure("service_sd", "years", "SD over pupils of a school's mean years of service", "grouped", spread("service")),
    Measure(
        "veteran_share", "share", "backbone teachers with 20 years of service among all of them", "grouped",
        share_of("veteran_backbone", "backbone_post"),
    ),
    Measure("diversity", "–", "SD of school characters over pupils", "grouped", spread("character")),
    *map(_per_school, ("away", "leavers", "mid_titles", "senior_titles", "staff_post")),
    *map(_line, CostLine),
    Measure("cost", "yuan/year", "spending on all account lines, a pupil", "grouped", _whole_cost),
)  # fmt: skip
"""Every measure of a run, in the order in which they are recorded."""

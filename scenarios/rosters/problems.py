"""What can be wrong with rosters, as codes with file, sheet, rows and column; a fault of many rows is told once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from scenarios.problems import shown
from scenarios.rosters.persons import masked

Severity = Literal["error", "warning", "note"]
MOST_TOLD = 200
MOST_ROWS = 1000

CODES: dict[str, tuple[Severity, tuple[str, ...]]] = {
    # files
    "no_files": ("error", ()),
    "unreadable_file": ("error", ()),
    "unknown_kind_of_file": ("error", ()),
    "empty_file": ("error", ()),
    "file_too_large": ("error", ("limit",)),
    "broken_workbook": ("error", ()),
    "locked_workbook": ("error", ()),
    "unsafe_workbook": ("error", ()),
    "workbook_too_large": ("error", ("limit",)),
    "unknown_encoding": ("error", ()),
    "nul_bytes": ("error", ()),
    "broken_csv": ("error", ()),
    "too_many_rows": ("error", ("limit",)),
    "too_many_cells": ("error", ("limit",)),
    "cell_too_long": ("error", ("limit",)),
    "encoding": ("note", ()),
    "sheet_skipped": ("note", ()),
    "table_empty": ("note", ()),
    "rows_skipped": ("note", ("reason",)),
    # headers
    "no_header": ("error", ("expected",)),
    "no_schools_table": ("error", ("expected",)),
    "no_schools": ("error", ()),
    "missing_column": ("error", ("accepted",)),
    "duplicate_column": ("error", ("other",)),
    "column_beside": ("warning", ("field", "used")),
    "unused_column": ("note", ("nearest",)),
    "extra_cell": ("error", ()),
    # values
    "missing_value": ("error", ()),
    "not_a_number": ("error", ()),
    "not_whole": ("error", ()),
    "formula_error": ("error", ()),
    "out_of_bounds": ("error", ("allowed",)),
    "unknown_value": ("error", ("allowed", "nearest")),
    "several_levels": ("error", ()),
    "level_from_name": ("warning", ("level", "told")),
    "level_of_school": ("warning", ("school", "other", "level")),
    "county_seat": ("warning", ()),
    "several_subjects": ("warning", ("used",)),
    "several_honours": ("warning", ("honour",)),
    "not_a_date": ("error", ("example",)),
    "date_in_future": ("error", ("today",)),
    "became_date": ("error", ()),
    "id_lost_digits": ("error", ()),
    "unprintable": ("error", ()),
    "value_too_long": ("error", ("limit",)),
    "private_employment": ("warning", ()),
    # rows against each other
    "duplicate_id": ("error", ("first",)),
    "duplicate_name": ("error", ("first",)),
    "table_twice": ("error", ("other",)),
    "name_used_as_id": ("note", ()),
    "unknown_school": ("error", ("nearest",)),
    "ambiguous_school": ("error", ("schools",)),
    "zeros_lost": ("warning", ("school",)),
    "short_name": ("warning", ("school",)),
    "school_of_table": ("warning", ()),
    "no_school_of_table": ("error", ()),
    "school_with_itself": ("error", ()),
    "tie_across_levels": ("warning", ()),
    "tie_twice": ("warning", ()),
    "group_without_lead": ("error", ()),
    "two_leads": ("error", ("schools",)),
    "role_without_group": ("error", ()),
    "modes_differ": ("error", ("modes",)),
    "mode_without_group": ("error", ()),
    "mode_missing": ("warning", ()),
    "group_of_one": ("warning", ()),
    "zone_without_head": ("error", ()),
    "two_zone_heads": ("error", ("schools",)),
    "zones_differ": ("error", ("zone", "group")),
    "group_in_two_counties": ("warning", ("counties",)),
    "no_groups": ("warning", ()),
    "more_teachers_than_posts": ("warning", ("teachers", "posts")),
    "few_pupils_a_teacher": ("warning", ("ratio",)),
    "person_twice": ("error", ("first",)),
    "numbers_coded": ("warning", ()),
    "numbers_left_out": ("note", ()),
    "number_lost": ("warning", ()),
    # places
    "not_coordinates": ("error", ()),
    "half_a_place": ("error", ("other",)),
    "two_kinds_of_place": ("warning", ()),
    "outside_china": ("warning", ()),
    "swapped_coordinates": ("warning", ()),
    "degrees_as_kilometres": ("warning", ()),
    "metres": ("error", ()),
    "far_away": ("warning", ("km",)),
    "places_drawn": ("note", ()),
    # what was drawn, and how quality was read
    "pupils_drawn": ("note", ()),
    "posts_drawn": ("note", ()),
    "posts_from_roster": ("note", ()),
    "ownership_assumed": ("note", ()),
    "teachers_drawn": ("note", ()),
    "teacher_column_drawn": ("note", ("all",)),
    "schools_blank": ("note", ("count",)),
    "honour_blank": ("note", ("all",)),
    "honours_blank": ("note", ("count",)),
    "honours_of_listed": ("note", ()),
    "school_unlisted": ("note", ()),
    "contract_share_blank": ("note", ()),
    "teachers_taken_as": ("note", ("counted", "count")),
    "honours_taken_as": ("note", ("counted", "count")),
    "schools_taken_as": ("note", ("counted", "count")),
    "quality_unknown": ("note", ()),
    "growth_used": ("note", ("level", "columns", "years", "reliability")),
    "scores_shrunk": ("warning", ("level", "columns", "years", "reliability")),
    "ratings_shrunk": ("warning", ("level", "columns", "years", "reliability")),
    "scores_beside_growth": ("note", ("level",)),
    "quality_constant": ("warning", ("level",)),
    "quality_few": ("warning", ("level", "least")),
    "synthetic_label": ("note", ()),
    "more_faults": ("error", ()),
}  # fmt: skip
"""Code → how grave it is, and what its sentence mentions beside place and value."""


DERIVED = frozenset(
    {
        "no_groups", "few_pupils_a_teacher", "more_teachers_than_posts", "scores_shrunk", "ratings_shrunk",
        "quality_constant", "quality_few", "far_away", "group_of_one", "private_employment", "tie_across_levels",
    }
)  # fmt: skip
"""Warnings about the whole, which may follow from an error: said only when there is none."""
CAUSES = frozenset({"unused_column", "sheet_skipped"})
"""Notes that an error may follow from: said beside errors too."""


@dataclass(frozen=True)
class Place:
    """Where something stands: file, sheet, row and column as a spreadsheet shows them; empty or 0 where it is none."""

    file: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""

    @property
    def shown(self) -> tuple[str, ...]:
        """File, sheet and row, as far as there are any."""
        return tuple(part for part in (self.file, self.sheet, str(self.row or "")) if part)


@dataclass(frozen=True)
class RosterProblem:
    """One fault, with all the rows that have it: `rows` lists the first ones, `count` counts all."""

    code: str
    place: Place
    value: str
    remedy: Mapping[str, str]
    rows: tuple[int, ...]
    count: int

    @property
    def severity(self) -> Severity:
        """Whether it forbids the import, or is said beside it."""
        return CODES[self.code][0]


class RosterError(Exception):
    """Rosters cannot be imported; `problems` lists everything that is wrong, `remarks` what else is to be said."""

    def __init__(self, problems: tuple[RosterProblem, ...], remarks: tuple[RosterProblem, ...] = ()) -> None:
        super().__init__(", ".join(sorted({problem.code for problem in problems})))
        self.problems, self.remarks = problems, remarks


@dataclass
class Notes:
    """Everything noted while reading, without people's own numbers; equal faults of one column are gathered."""

    found: dict[tuple[object, ...], list[int]] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    untold: int = 0

    def add(self, code: str, place: Place = Place(), value: object = "", **remedy: object) -> None:
        """Note something of one of `CODES`; a value of several parts is a tuple."""
        severity, names = CODES[code]
        if set(remedy) != set(names):
            raise KeyError(f"{code} needs {names}, not {tuple(remedy)}")
        words = tuple((name, shown(masked(what) if isinstance(what, str) else what)) for name, what in remedy.items())
        found = ", ".join(map(_cell, value)) if isinstance(value, tuple) else _cell(value)
        key = code, *map(masked, (place.file, place.sheet, place.column)), found, words
        if key not in self.found:
            if self.told[severity] >= MOST_TOLD:
                self.untold += severity == "error"
                return
            self.told[severity] += 1
        rows = self.found.setdefault(key, [0])
        rows[0] += 1
        if place.row and len(rows) <= MOST_ROWS:
            rows.append(place.row)

    def problems(self, *severities: Severity) -> tuple[RosterProblem, ...]:
        """Return what was noted with these severities, file by file in the order of rows."""
        told = [_problem(key, rows) for key, rows in self.found.items() if CODES[str(key[0])][0] in severities]
        told.sort(key=lambda problem: (problem.place.file, problem.place.sheet, problem.place.row))
        if self.untold and "error" in severities:
            told.append(RosterProblem("more_faults", Place(), str(self.untold), {}, (), self.untold))
        return tuple(told)

    def settle(self) -> None:
        """Raise everything noted so far that forbids the import."""
        if errors := self.problems("error"):
            others = self.problems("warning", "note")
            raise RosterError(errors, tuple(problem for problem in others if _explains(problem)))


def _cell(value: object) -> str:
    return shown(masked(" ".join(str(value).split())))


def _explains(problem: RosterProblem) -> bool:
    """Whether a remark may be why there are errors, or stands on its own beside them."""
    return problem.code in CAUSES or (problem.severity == "warning" and problem.code not in DERIVED)


def _problem(key: tuple[object, ...], found: list[int]) -> RosterProblem:
    code, file, sheet, column, value, words = key
    rows = tuple(sorted(set(found[1:])))
    place = Place(str(file), str(sheet), rows[0] if rows else 0, str(column))
    return RosterProblem(str(code), place, str(value), dict(words), rows, found[0])  # type: ignore[call-overload]

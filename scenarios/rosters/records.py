"""Rows of the three tables as records: each value read, missing ones None, and the place where the row stands."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from scenarios.rosters import values
from scenarios.rosters.headers import Measure, Table, plain, words
from scenarios.rosters.persons import is_own_number, is_shortened
from scenarios.rosters.problems import Notes
from scenarios.rosters.rows import Row, data_rows
from scenarios.rosters.values import Fault

MOST_PUPILS, MOST_POSTS, MOST_KM = 100_000, 10_000, 10_000.0
DAYS = 365.25
LOST = Fault("id_lost_digits")


@dataclass
class School:
    """A school as its row says it; `id` is settled when all rows are read."""

    row: Row
    id: str
    name: str
    county: str
    town: str
    level: str | None
    setting: str | None
    ownership: str | None
    pupils: int | None
    posts: int | None
    contract_share: float | None
    lon: float | None
    lat: float | None
    x: float | None
    y: float | None
    group: str
    role: str | None
    mode: str | None
    zone: str
    measures: Mapping[Measure, float] = field(default_factory=dict)


@dataclass(slots=True)
class Teacher:
    """A teacher as the row says it; `school` is what stands there until it is found among the schools."""

    row: Row
    id: str
    school: str
    level: str | None
    subject: str | None
    qualified: bool | None
    experience: float | None
    rank: str | None
    honour: str | None
    employment: str | None
    value_added: float | None


@dataclass(frozen=True)
class Tie:
    """A pair from before: who helps whom, as written."""

    row: Row
    helper: str
    helped: str


def schools_of(table: Table, notes: Notes) -> list[School]:
    """Return the schools of a table."""
    return [_school(row) for row in data_rows(table, notes)]


def _school(row: Row) -> School:
    name, group = row.name("name", values.name), row.name("group", values.name)
    naming = next((field for field in ("name", "id") if field in row.table.columns), None)
    if naming and not name and not row.text("id"):
        row.notes.add("missing_value", row.place(naming))
    return School(
        row,
        row.name("id", values.ident),
        name,
        row.name("county", values.name),
        row.name("town", values.name),
        _level(row, name),
        _setting(row),
        row.value("ownership", partial(values.choice, "ownership")),
        row.value("pupils", lambda text: values.whole(text, 1, MOST_PUPILS)),
        row.value("posts", lambda text: values.whole(text, 1, MOST_POSTS)),
        row.value("contract_share", values.share),
        *_degrees(row),
        row.value("x", values.number),
        row.value("y", values.number),
        "" if values.is_empty(group) else group,
        row.value("role", partial(values.choice, "role")),
        row.value("mode", partial(values.choice, "mode")),
        row.name("zone", values.name),
        _measures(row),
    )


def _level(row: Row, name: str) -> str | None:
    """Return the level; where the cell is empty, the one that the name tells, with a warning."""
    text = row.text("level")
    if values.is_empty(text):
        sheet, header = row.table.sheet, row.table.names.get(row.table.columns.get("name", -1), "")
        # A 教学点 may be of any level: what stands above it says more.
        told = (name.replace("教学点", ""), header, sheet.name, name)
        by = next(filter(values.level_in, told), "")
        found = values.level_in(by)
        if found:
            row.notes.add("level_from_name", row.place("name"), name, level=found, told=by)
        elif "level" in row.table.columns or name:
            row.notes.add("missing_value", row.place("level"))
        return found
    level = row.value("level", partial(values.choice, "level"))
    if level == "several":
        row.notes.add("several_levels", row.place("level"), text)
        return None
    return level


def _degrees(row: Row) -> tuple[float | None, float | None]:
    """Return degrees east and north, of two columns or of one for both."""
    lon, lat = row.value("lon", values.degrees), row.value("lat", values.degrees)
    return (row.value("place", values.coordinates) or (None, None)) if lon is lat is None else (lon, lat)


def _known_level(row: Row) -> str | None:
    """Return the level that a teacher teaches at; what is no single level says nothing."""
    found = values.choice("level", row.text("level"))
    return found if isinstance(found, str) else None


def _setting(row: Row) -> str | None:
    if "setting" in row.table.columns and values.is_empty(row.text("setting")):
        row.notes.add("missing_value", row.place("setting"))
        return None
    setting = row.value("setting", partial(values.choice, "setting"))
    if setting == "county_seat":
        row.notes.add("county_seat", row.place("setting"), row.text("setting"))
        return "urban"
    return setting


def _measures(row: Row) -> dict[Measure, float]:
    """Return the values of the columns of quality; grades such as 优 stand for numbers."""
    found = {}
    for column, measure in row.table.measures.items():
        value = row.number_at(column, _measured)
        if value is not None:
            found[measure] = value
    return found


def _measured(text: str) -> float | Fault | None:
    if plain(text) in words()["unrated"]["words"]:
        return None
    graded = values.grade(text)
    return values.score(text) if graded is None else graded


def teachers_of(table: Table, notes: Notes, today: datetime.date) -> list[Teacher]:
    """Return the teachers of a table; those who do not teach are left out, and said."""
    found = []
    for row in data_rows(table, notes):
        subject = _first(row, "subject", values.subject, "several_subjects", "used")
        if subject == "not_teaching":
            notes.add("rows_skipped", row.place("subject"), row.text("subject"), reason=subject)
            continue
        school = row.name("school", values.name)
        if not school and "school" in table.columns:
            notes.add("missing_value", row.place("school"))
        fit = row.value("qualified", partial(values.choice, "qualified"))
        teacher = Teacher(
            row, _teacher_id(row), school, _known_level(row), subject,
            None if fit is None else fit == "yes",
            _experience(row, today), row.value("rank", partial(values.choice, "rank")),
            _first(row, "honour", values.honour, "several_honours", "honour"),
            row.value("employment", values.employment), row.value("value_added", values.score),
        )  # fmt: skip
        found.append(teacher)
    return found


def _teacher_id(row: Row) -> str:
    """Return the id, a code for a person's own number; what a spreadsheet has shortened is left out."""
    text = row.text("id")
    papers = is_own_number(row.table.names.get(row.table.columns.get("id", -1), ""))
    found = values.ident(text)
    if is_shortened(text) or (papers and found == LOST):
        row.notes.add("number_lost", row.place("id"))
        return ""
    own = text != row.written("id") or (papers and isinstance(found, str))
    return row.own_number("id") if own else row.name("id", values.ident)


def _first(row: Row, name: str, parse: Callable[[str], tuple[str, bool] | Fault], code: str, remedy: str) -> str | None:
    """Return the one of several values in a cell that is read; that there are others is noted."""
    found = row.value(name, parse)
    if found and found[1]:
        row.notes.add(code, row.place(name), row.text(name), **{remedy: found[0]})
    return found[0] if found else None


def _experience(row: Row, today: datetime.date) -> float | None:
    """Return years of service: as given, else the full ones from the date of hiring until `today`.

    Nothing uses parts of a year, and they would tell the day.
    """
    given = row.value("experience", values.years)
    if given is not None or not row.text("hired"):
        return given
    hired = row.value("hired", values.date)
    if hired is None:
        return None
    if hired > today:
        row.notes.add("date_in_future", row.place("hired"), row.text("hired"), today=today.isoformat())
        return None
    return float(int(round((today - hired).days / DAYS, 2)))


def ties_of(table: Table, notes: Notes) -> list[Tie]:
    """Return the pairs of a table."""
    found = []
    for row in data_rows(table, notes):
        helper, helped = row.name("helper", values.name), row.name("helped", values.name)
        for name, value in (("helper", helper), ("helped", helped)):
            if not value and name in table.columns:
                notes.add("missing_value", row.place(name))
        if helper and helped:
            found.append(Tie(row, helper, helped))
    return found

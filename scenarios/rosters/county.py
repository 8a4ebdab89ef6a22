"""Rosters read, checked and completed: the county that they describe."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from model.chance import key
from scenarios.rosters import codes
from scenarios.rosters.blanks import note_shares, note_unlisted, settle_blanks
from scenarios.rosters.check import Register, check_groups, name_schools, place_teachers, place_ties, settle_ids
from scenarios.rosters.headers import TABLES, Table, accepted, plain, recognised, words
from scenarios.rosters.numbers import Size, size_of
from scenarios.rosters.persons import Persons
from scenarios.rosters.places import Point, positions
from scenarios.rosters.problems import Notes, Place
from scenarios.rosters.records import School, Teacher, Tie, schools_of, teachers_of, ties_of
from scenarios.rosters.sheets import rosters_in, sheets_of
from scenarios.rosters.standing import Standing, standings
from scenarios.rosters.taken import SCHOOLS, TEACHERS, note_numbers, note_taken

Item = TypeVar("Item", School, Teacher, Tie)
IDENTIFYING = ("id", "name", "school", "helper", "helped")
DRAWS = 0x0C0FFEE
MOST_SCHOOLS = 20_000


@dataclass(frozen=True)
class County:
    """What rosters describe: schools with sizes, places and standings, their teachers, and pairs from before."""

    schools: Sequence[School]
    sizes: Mapping[str, Size]
    places: Mapping[str, Point]
    middle: Point | None
    standings: Mapping[str, Standing]
    teachers: Mapping[str, Sequence[Teacher]]
    helpers: Mapping[str, Sequence[str]]
    synthetic: bool
    key: codes.Key


def county_of(paths: Sequence[Path], notes: Notes, today: datetime.date, pseudonymise: bool = False) -> County:
    """Return the county that rosters describe; everything that is to be said about them is in `notes`.

    Parameters
    ----------
    paths
        Files, or folders with files.
    today
        Day up to which service is counted where a date of hiring is given.
    pseudonymise
        Whether codes take the place of names and ids.

    Raises
    ------
    RosterError
        With everything that is wrong, as far as it could be read.
    """
    tables = _tables(paths, notes)
    if not tables["schools"]:
        notes.settle()
    schools = _schools(tables["schools"], notes)
    register = Register.of(schools)
    teachers = _gathered(tables["teachers"], partial(teachers_of, today=today), notes)
    note_taken(teachers, TEACHERS, notes)
    name_schools(teachers, register, notes)
    staff = place_teachers(teachers, register, notes)
    helpers = place_ties(_gathered(tables["ties"], ties_of, notes), register, notes)
    settle_blanks(schools, staff, notes)
    if not tables["teachers"]:
        notes.add("teachers_drawn")
    note_numbers([table for found in tables.values() for table in found], notes)
    codebook: codes.Key = []
    if pseudonymise:
        codebook, staff, helpers = codes.pseudonymised(schools, staff, helpers)
    draws = key(0, DRAWS)
    sizes = {school.id: size_of(school, len(staff.get(school.id, ())), draws, notes) for school in schools}
    note_unlisted(schools, staff, sizes, notes)
    places, middle = positions(schools, draws, notes)
    found = standings(schools, notes)
    synthetic = any(_is_synthetic(table) for table in tables["schools"])
    if synthetic:
        notes.add("synthetic_label")
    notes.settle()
    return County(schools, sizes, places, middle, found, staff, helpers, synthetic, codebook)


def _schools(tables: Sequence[Table], notes: Notes) -> list[School]:
    """Return the schools of all tables, with ids of their own and groups that hold together."""
    schools = _gathered(tables, schools_of, notes)
    if len(schools) > MOST_SCHOOLS:
        notes.add("too_many_rows", Place(tables[0].sheet.file), limit=MOST_SCHOOLS)
        notes.settle()
    if not schools:
        notes.add("no_schools", Place(tables[0].sheet.file))
        notes.settle()
    schools = settle_ids(schools, notes)
    if not schools:
        notes.settle()
    for school in schools:
        if school.ownership is None:
            notes.add("ownership_assumed", school.row.place())
    note_shares(schools, notes)
    note_taken(schools, SCHOOLS, notes)
    check_groups(schools, notes)
    return schools


def _gathered(tables: Sequence[Table], read: Callable[[Table, Notes], list[Item]], notes: Notes) -> list[Item]:
    """Return the rows of tables one below the other; a table that repeats another is told once and left out."""
    found: list[Item] = []
    before: dict[frozenset[str], Place] = {}
    for table in tables:
        rows = read(table, notes)
        place = Place(table.sheet.file, table.sheet.name)
        ids = frozenset("".join(map(row.row.written, IDENTIFYING)) for row in rows)
        if not rows:
            notes.add("table_empty", place)
        elif ids in before and "" not in ids:
            notes.add("table_twice", place, other=" ".join(before[ids].shown))
        else:
            found += rows
        before.setdefault(ids, place)
    return found


def _tables(paths: Sequence[Path], notes: Notes) -> dict[str, list[Table]]:
    """Return the tables found in files, by kind."""
    files = [file for path in paths for file in rosters_in(path)]
    if not files:
        notes.add("no_files", value=", ".join(map(str, paths)))
    found: dict[str, list[Table]] = {kind: [] for kind in TABLES}
    persons = Persons()
    for file in files:
        tables = _tables_of(file, persons, notes)
        for table in tables:
            found[table.kind].append(table)
    if not found["schools"] and not notes.problems("error"):
        notes.add("no_schools_table", expected=_expected("schools"))
    return found


def _tables_of(file: Path, persons: Persons, notes: Notes) -> list[Table]:
    tables, others = [], []
    before = len(notes.problems("error"))
    for sheet in sheets_of(file, persons, notes):
        table = recognised(sheet, notes)
        if table:
            tables.append(table)
        elif any(cell.strip() for row in sheet.rows for cell in row):
            others.append(sheet)
    known = {plain(word) for word in words()["rows"]["instructions"]}
    for sheet in (sheet for sheet in others if tables and plain(sheet.name) not in known):
        notes.add("sheet_skipped", Place(sheet.file, sheet.name))
    if not tables and len(notes.problems("error")) == before:
        notes.add("no_header", Place(file.name), expected=_expected("schools"))
    return tables


def _expected(kind: str) -> str:
    return "; ".join(accepted(kind, name) for name in ("name", "level", "setting", "pupils"))


def _is_synthetic(table: Table) -> bool:
    """Whether a title above the header says that the data are made up."""
    marks = [plain(word) for word in words()["rows"]["synthetic"]]
    above = (cell for row in table.sheet.rows[: table.header] for cell in row)
    return any(mark in plain(cell) for cell in above if len(cell) < 300 for mark in marks)  # noqa: PLR2004

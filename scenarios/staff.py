"""Read the table of teachers that a scenario refers to: written by the import, checked by its hash, strict in form."""

import csv
import hashlib
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from model.columns import EMPLOYMENTS, HONOURS, SUBJECTS, TITLES
from scenarios.cells import plain
from scenarios.roster import Staff, Teacher
from scenarios.rosters.persons import masked
from scenarios.schema import WorldTable
from scenarios.source import Report

PLACE = ("world", "teachers")
FIELDS = ("id", "school", "subject", "qualified", "experience", "rank", "honour", "employment", "value_added")
LARGEST_FILE = 64 * 1024**2
MOST_YEARS = 60.0
YES_NO = ("no", "yes")
LEAST_SD = 1e-12
Row = Mapping[str, str]


def staff_of(world: WorldTable, report: Report) -> Staff | None:
    """Return the teachers of a scenario's table, None where it has none; what is wrong is noted in `report`."""
    if world.teachers is None or None in (world.teachers.file, world.teachers.sha256):  # without these told already
        return None
    if not world.schools:
        report.add("teachers_of_counts", PLACE, world.teachers.file)
        return None
    content = _content(Path(report.source.name).parent / world.teachers.file, world.teachers.file, report)
    if content is None:
        return None
    if hashlib.sha256(content).hexdigest() != world.teachers.sha256:
        report.add("teachers_changed", (*PLACE, "sha256"), world.teachers.file)
        return None
    posts = {school.id: school.posts for school in world.schools if school.id is not None}
    found: dict[str, list[Teacher]] = {}
    values: dict[str, list[float | None]] = {}
    for line, row in _rows(content, report):
        teacher = _teacher(row)
        if teacher is None:
            report.add("teachers_broken", (*PLACE, "file"), world.teachers.file, row=line)
        elif not report.unknown("school", (*PLACE, "file"), row["school"], posts):
            found.setdefault(row["school"], []).append(teacher)
            values.setdefault(row["school"], []).append(float(row["value_added"]) if row["value_added"] else None)
    for school, teachers in found.items():
        if len(teachers) > (posts[school] or 0):
            report.add("too_many_teachers", (*PLACE, "file"), f"{school}: {len(teachers)}", posts=posts[school])
    return Staff(_standardised(found, values), world.teachers.sha256)


def _content(path: Path, name: str, report: Report) -> bytes | None:
    """Return what a file beside the scenario holds; other folders are none of its business."""
    try:
        if Path(name).name != name or path.stat().st_size > LARGEST_FILE:
            raise OSError
        return path.read_bytes()
    except (OSError, ValueError):
        report.add("teachers_unreadable", (*PLACE, "file"), name)
        return None


def _rows(content: bytes, report: Report) -> Iterator[tuple[int, Row]]:
    """Yield line and fields of each teacher."""
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if tuple(reader.fieldnames or ()) != FIELDS:
            raise ValueError
        for row in reader:
            if None in row or None in row.values():
                raise ValueError
            yield reader.line_num, row | {name: str(plain(row[name])) for name in ("id", "school")}
    except (csv.Error, ValueError):
        report.add("teachers_broken", (*PLACE, "file"), report.source.name, row=1)


def _teacher(row: Row) -> Teacher | None:
    """Return the teacher of a row; None where something in it is not of the form that the import writes.

    It writes no numbers of identity cards or phones.
    """
    try:
        qualified = _code(YES_NO, row["qualified"])
        experience = float(row["experience"]) if row["experience"] else None
        if not row["id"] or masked(row["id"]) != row["id"] or not 0.0 <= (experience or 0.0) <= MOST_YEARS:
            return None
        if row["value_added"] and not math.isfinite(float(row["value_added"])):
            return None
        return Teacher(
            row["id"], _code(SUBJECTS, row["subject"]), None if qualified is None else qualified == 1,
            experience, _code(TITLES, row["rank"]), _code(HONOURS, row["honour"]),
            _code(EMPLOYMENTS, row["employment"]), None,
        )  # fmt: skip
    except ValueError:
        return None


def _code(names: Sequence[str], word: str) -> int | None:
    return names.index(word) if word else None


def _standardised(
    staff: Mapping[str, Sequence[Teacher]], values: Mapping[str, Sequence[float | None]]
) -> dict[str, list[Teacher]]:
    """Return teachers with their value added in SD of all, from the mean of their school."""
    apart: dict[str, list[float | None]] = {}
    squares, count = 0.0, 0
    for school, own in values.items():
        known = [value for value in own if value is not None]
        mean = math.fsum(known) / len(known) if known else 0.0
        apart[school] = [None if value is None else value - mean for value in own]
        squares += math.fsum((value - mean) * (value - mean) for value in known)
        count += len(known)
    sd = math.sqrt(squares / count) if count else 0.0
    return {
        school: [
            teacher._replace(standing=None if gap is None or sd < LEAST_SD else gap / sd)
            for teacher, gap in zip(teachers, apart[school], strict=True)
        ]
        for school, teachers in staff.items()
    }

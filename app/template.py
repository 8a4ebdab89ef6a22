"""`template`: empty rosters as workbooks and CSV, with instructions, lists to choose from and an example row."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from app.console import BadInputError
from experiments.files import explained, prepare_directory, write_text_atomic
from figures.text import Text, text
from scenarios.rosters.demonstration import YEARS, demonstration

FIELDS: Mapping[str, Sequence[str]] = {
    "schools": (
        "id", "name", "level", "setting", "ownership", "pupils", "posts", "group", "role", "mode", "lon", "lat", "x",
        "y", "town", *(f"growth {year}" for year in YEARS), *(f"score {year}" for year in YEARS),
    ),
    "teachers": (
        "id", "teacher_name", "school", "subject", "qualified", "experience", "hired", "rank", "honour", "employment",
        "value_added",
    ),
    "ties": ("helper", "helped"),
}  # fmt: skip
NEEDED = {
    "schools": {"level": "required", "setting": "required", "id": "either", "name": "either"},
    "teachers": {"school": "required"},
    "ties": {"helper": "required", "helped": "required"},
}
AS_TEXT = ("id", "school", "helper", "helped")
DATES = ("hired",)
ROWS = 5000
WIDTH = 14
LONG_WIDTH = 90
EXAMPLES: Mapping[str, Mapping[str, object]] = {
    "schools": {
        "level": "primary", "setting": "rural", "ownership": "public", "pupils": 460, "posts": 30, "role": "member",
        "lon": 119.25, "lat": 29.87, "score 2024": 81.5, "growth 2024": 0.3,
    },
    "teachers": {
        "subject": "maths", "qualified": "yes", "experience": 12, "rank": "mid", "honour": "backbone",
        "employment": "established",
    },
    "ties": {},
}  # fmt: skip


def make(directory: Path, language: str, demo: bool) -> list[Path]:
    """Write the rosters and return their paths: workbooks in `directory`, the same as CSV in its folder ``csv``.

    Raises
    ------
    BadInputError
        If there are such files already.
    """
    t = text(language)
    names = [f"{table}.xlsx" for table in FIELDS] + [f"csv/{table}.csv" for table in FIELDS]
    there = [name for name in names if (directory / name).exists()]
    if there:
        raise BadInputError("bad_template", value=directory, files=", ".join(there))
    prepare_directory(directory / "csv")
    rows = _demonstrated() if demo else {table: [] for table in FIELDS}
    for table in FIELDS:
        path = directory / f"{table}.xlsx"
        with explained(path):
            _workbook(table, rows[table], demo, t).save(path)
        write_text_atomic(directory / "csv" / f"{table}.csv", _csv(table, rows[table], demo, t))
    return [directory / name for name in names]


def _demonstrated() -> dict[str, list[Mapping[str, object]]]:
    found = demonstration()
    return {"schools": list(found.schools), "teachers": list(found.teachers), "ties": list(found.ties)}


def header(field: str, t: Text) -> str:
    """Return the header of a column."""
    name, _, year = field.partition(" ")
    return t(f"roster.field.{name}", year=year).strip()


def _cells(table: str, row: Mapping[str, object], t: Text) -> list[object]:
    """Return a row's cells in the order of the columns, codes in words."""
    return [_shown(field, row.get(field, ""), t) for field in FIELDS[table]]


def _shown(field: str, value: object, t: Text) -> object:
    if isinstance(value, Mapping):
        return value[t.language]
    key = f"roster.choice.{field}.{value}"
    return t(key) if key in t.entries else value


def _example(table: str, t: Text) -> list[object]:
    word = t("roster.template.example")
    own = {
        "schools": {"id": word, "name": "school", "group": "group", "town": "town"},
        "teachers": {"id": word, "teacher_name": "teacher", "school": "school"},
        "ties": {"helper": "school", "helped": "partner"},
    }[table]
    own = {field: word if field == "id" else t(f"roster.template.example_{name}") for field, name in own.items()}
    return _cells(table, {**EXAMPLES[table], **own}, t)


def _csv(table: str, rows: Sequence[Mapping[str, object]], demo: bool, t: Text) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if demo:
        writer.writerow([t("roster.template.synthetic")])
    writer.writerow([header(field, t) for field in FIELDS[table]])
    writer.writerows([_cells(table, row, t) for row in rows] or [_example(table, t)])
    return "\ufeff" + out.getvalue()


def _workbook(table: str, rows: Sequence[Mapping[str, object]], demo: bool, t: Text) -> Workbook:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = t(f"roster.template.{table}")
    if demo:
        sheet.append([t("roster.template.synthetic")])
        sheet["A1"].font = Font(bold=True, color="C00000")
    sheet.append([header(field, t) for field in FIELDS[table]])
    first = sheet.max_row
    for row in [_cells(table, row, t) for row in rows] or [_example(table, t)]:
        sheet.append([None if cell == "" else cell for cell in row])
    if not rows:
        for cell in sheet[first + 1]:
            cell.font = Font(italic=True, color="808080")
    _style(sheet, table, first, len(rows), t)
    _instructions(book, table, t)
    return book


def _style(sheet: Worksheet, table: str, first: int, rows: int, t: Text) -> None:
    """Mark the header, keep it in sight, widen columns, and give cells their form and lists to choose from."""
    last = max(first + rows, ROWS)
    sheet.freeze_panes = sheet.cell(first + 1, 1)
    for column, field in enumerate(FIELDS[table], 1):
        head, letter = sheet.cell(first, column), get_column_letter(column)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DCE6F1")
        head.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[letter].width = 2 * WIDTH if field in ("name", "school") else WIDTH
        if field in AS_TEXT or field in DATES:
            sheet.column_dimensions[letter].number_format = "@"
            for row in range(first + 1, first + 1 + max(rows, 1)):
                sheet.cell(row, column).number_format = "@"
        words = [value for key, value in t.entries.items() if key.startswith(f"roster.choice.{field}.")]
        if words:
            chooser = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
            chooser.errorStyle = "warning"
            chooser.add(f"{letter}{first + 1}:{letter}{last}")
            sheet.add_data_validation(chooser)


def _instructions(book: Workbook, table: str, t: Text) -> None:
    """Add the sheet that says what goes where."""
    sheet: Any = book.create_sheet(t("roster.template.instructions"))
    sheet.append([t(f"roster.template.intro_{table}")])
    sheet["A1"].alignment = Alignment(wrap_text=True, vertical="top")
    sheet.merge_cells("A1:C1")
    sheet.row_dimensions[1].height = 60
    sheet.append([])
    sheet.append([t(f"roster.template.{name}") for name in ("header", "needed", "meaning")])
    for field in FIELDS[table]:
        needed = NEEDED[table].get(field, "optional")
        sheet.append([header(field, t), t(f"roster.template.{needed}"), t(f"roster.help.{field.split()[0]}")])
    for letter, width in (("A", WIDTH + 6), ("B", WIDTH), ("C", LONG_WIDTH)):
        sheet.column_dimensions[letter].width = width
    for cell in sheet[3]:
        cell.font = Font(bold=True)


def summary(directory: Path, demo: bool, language: str) -> str:
    """Return what was written and what to do next."""
    return text(language)(f"roster.template.{'made_demo' if demo else 'made'}", path=directory)

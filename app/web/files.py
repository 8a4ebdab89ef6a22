"""What can be taken away: made by a worker from a run, and packed for the browser under names the server gives."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import east_asian_width

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.comparing import add_moves
from app.web.found import Found
from app.web.places import Place
from app.web.toml import with_settings
from experiments.comparison import Comparison
from experiments.jobs import Job
from experiments.saved import save
from figures.cells import marked, plain
from figures.results import load
from figures.style import spreadsheet
from figures.workbook import Sheet, explanations, readme, sheets

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

DATA = ("verdicts", "effects", "groups", "official", "costs", "moves")
TEXT = (
    "id", "name", "name_en", "name_zh", "school", "group", "zone", "source", "target", "person", "policy", "from", "to",
    "cover", "lead",
)  # fmt: skip
HTML, PDF, ZIP, PLAIN = "text/html", "application/pdf", "application/zip", "text/plain"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SAMPLED, NARROWEST, WIDEST = 200, 12, 60
"""Rows from which the width of columns is taken, and fewest and most letters of it."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Date in archives, so that equal results give equal bytes."""


class Filing(NamedTuple):
    """The picklable argument of the job that writes files."""

    comparison: Comparison
    document: dict[str, object]
    directory: Path


def job(comparison: Comparison, found: Found, directory: Path) -> Job:
    """Return the job that writes tables, figures and reports of an answer."""
    return Job(f"files-{found.number}", write, Filing(comparison, dict(found.document), directory))


def write(filing: Filing) -> dict[str, NDArray[np.float64]]:
    """Write everything that the command leaves behind; return how many figures and reports there are."""
    from figures.build import build_all

    moves = add_moves(filing.document, filing.comparison)
    save(filing.comparison, filing.document, moves, filing.directory)
    return {"files": np.array([float(len(build_all(filing.directory)))])}


def report(directory: Path, language: str, ending: str) -> bytes:
    """Return the report in a language, ``html`` or ``pdf``."""
    suffix = "" if language == "en" else f".{language}"
    return (directory / f"report{suffix}.{ending}").read_bytes()


def figures(directory: Path) -> bytes:
    """Return all figures (PDF, SVG, PNG) with data and captions as a ZIP archive."""
    return _packed(_contents(directory, sorted((directory / "figures").iterdir())))


def tables(directory: Path) -> bytes:
    """Return all tables as CSV in a ZIP archive, with what explains them in both languages."""
    results = load(directory)
    explained = {f"{name}.csv": _csv(table) for name, table in explanations(results).items()}
    told = {"README.txt": readme(results).encode("utf-8-sig")} | explained
    return _packed(told | _contents(directory, _tables(directory)))


def workbook(directory: Path, language: str) -> bytes:
    """Return all tables as one XLSX workbook in words of a language; no cell holds a formula."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets(directory, language):
        _write_sheet(book.create_sheet(sheet.title), sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _write_sheet(page: WriteOnlyWorksheet, sheet: Sheet) -> None:
    """Write a sheet row by row: heads stay in sight, and columns are as wide as what they hold, within reason."""
    from openpyxl.utils import get_column_letter

    for number in range(len(sheet.formats)):
        widths = [_width(row[number]) for row in sheet.rows[:SAMPLED] if number < len(row) > 1]
        page.column_dimensions[get_column_letter(number + 1)].width = min(max([NARROWEST, *widths]) + 2, WIDEST)
    if sheet.heads:
        page.freeze_panes = "B2"
        page.append([_cell(page, head, "General", bold=True) for head in sheet.heads])
    for row in sheet.rows:
        page.append([_cell(page, *told) for told in zip(row, sheet.formats, strict=False)])


def _cell(page: WriteOnlyWorksheet, value: object, shown: str, *, bold: bool = False) -> WriteOnlyCell:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    cell = WriteOnlyCell(page, value=harmless(value))
    cell.number_format = shown
    if isinstance(cell.value, str):
        cell.data_type = "s"
        cell.alignment = Alignment(vertical="top", wrap_text=True)
    if bold:
        cell.font = Font(bold=True)
    return cell


def _width(value: object) -> int:
    """Return how wide a value is shown, in letters; Chinese signs take two."""
    shown = f"{value:.3f}" if isinstance(value, float) else str(value or "")
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in shown)


def place(place: Place, settings: Mapping[str, str]) -> bytes:
    """Return a planner's own scenario with numbers set, and its tables unchanged, as a ZIP archive."""
    text = with_settings(place.path.read_text(encoding="utf-8"), settings)
    tables = {path.name: path.read_bytes() for path in place.files if path != place.path}
    return _packed({place.path.name: text.encode(), **tables})


def rosters(language: str, demo: bool) -> bytes:
    """Return rosters to fill in, or filled in with a synthetic county, as a ZIP archive."""
    from app.template import make

    with tempfile.TemporaryDirectory(prefix="yangfeng-template-") as folder:
        return _packed(
            {path.name: path.read_bytes() for path in make(Path(folder), language, demo) if path.suffix == ".xlsx"}
        )


def harmless(value: Any) -> Any:  # noqa: ANN401
    """Return a cell's value, with a mark before text that a spreadsheet program would take for a formula."""
    if isinstance(value, str):
        return marked(value)
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _tables(directory: Path) -> list[Path]:
    named = [directory / f"{name}.csv" for name in DATA]
    return [path for path in [*named, *sorted((directory / "network").glob("*.csv"))] if path.exists()]


def _contents(directory: Path, paths: list[Path]) -> dict[str, bytes]:
    return {path.relative_to(directory).as_posix(): _content(path) for path in paths}


def _packed(contents: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def _content(path: Path) -> bytes:
    """Return a file; a table as `_csv` does."""
    if path.suffix != ".csv":
        return path.read_bytes()
    return _csv(_table(path))


def _csv(table: pd.DataFrame) -> bytes:
    """Return a table with no text that a spreadsheet program would take for a formula, marked as UTF-8."""
    return spreadsheet(table).encode("utf-8-sig")


def _table(path: Path) -> pd.DataFrame:
    """Read a table: ids and names as text whatever they look like, numbers bit for bit."""
    table = pd.read_csv(path, dtype=dict.fromkeys(TEXT, str), keep_default_na=False, na_values=[""])
    return table.map(plain)

"""Read rosters of any origin as plain text: CSV in any encoding that is met, and workbooks sheet by sheet."""

import csv
import datetime
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from scenarios.rosters import workbook
from scenarios.rosters.persons import Persons
from scenarios.rosters.problems import Notes, Place

LARGEST_FILE = 64 * 1024**2
MOST_ROWS = 150_000
MOST_CELLS = 2_500_000
LONGEST_CELL = 32_767
MOST_COLUMNS = 500
WORKBOOKS = (".xlsx", ".xlsm")
TEXTS = (".csv", ".tsv", ".txt")
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
DELIMITERS = ",\t;"
SAMPLE_LINES = 20
EXACT_DIGITS = 15


@dataclass(frozen=True)
class Sheet:
    """A table as it stands in a file: rows of text; the first row and column are number 1 and A.

    Marks of `persons` stand for people's own numbers.
    """

    file: str
    name: str
    rows: Sequence[Sequence[str]]
    persons: Persons = field(default_factory=Persons)

    def place(self, row: int, column: str = "") -> Place:
        """Return the place of a row, counted from 0."""
        return Place(self.file, self.name, row + 1, column)


def rosters_in(path: Path) -> list[Path]:
    """Return the files of a folder that may be rosters, or the file itself. Spreadsheets' lock files are none."""
    if not path.is_dir():
        return [path]
    known = WORKBOOKS + TEXTS[:2] + (".xls", ".et", ".ods")
    found = (item for item in path.iterdir() if item.is_file() and item.suffix.lower() in known)
    return sorted(item for item in found if not item.name.startswith(("~$", ".")))


def sheets_of(path: Path, persons: Persons, notes: Notes) -> Iterator[Sheet]:
    """Yield the sheets of a file with marks for people's own numbers; what cannot be read is noted."""
    for sheet in _sheets(path, notes):
        yield Sheet(sheet.file, sheet.name, [[*map(persons.hidden, row)] for row in sheet.rows], persons)


def _sheets(path: Path, notes: Notes) -> Iterator[Sheet]:
    place, kind = Place(path.name), path.suffix.lower()
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise OSError
        if size > LARGEST_FILE:
            notes.add("file_too_large", place, limit=f"{LARGEST_FILE // 1024**2} MB")
        elif size == 0:
            notes.add("empty_file", place)
        elif kind in WORKBOOKS:
            yield from _of_workbook(path, notes)
        elif kind in TEXTS:
            yield from _of_text(path, notes)
        else:
            notes.add("unknown_kind_of_file", place, kind)
    except OSError:
        notes.add("unreadable_file", place)


def _of_text(path: Path, notes: Notes) -> Iterator[Sheet]:
    content = path.read_bytes()
    if content.startswith(b"PK\x03\x04") or content.startswith(b"\xd0\xcf\x11\xe0"):
        notes.add("unknown_kind_of_file", Place(path.name), "Excel")
        return
    text = _decoded(path.name, content, notes)
    if text is None:
        return
    if "\x00" in text:
        notes.add("nul_bytes", Place(path.name, row=text[: text.index("\x00")].count("\n") + 1))
    elif not text.strip():
        notes.add("empty_file", Place(path.name))
    elif (rows := _split(path.name, text, notes)) is not None:
        yield Sheet(path.name, "", rows)


def _decoded(name: str, content: bytes, notes: Notes) -> str | None:
    """Return the text of a file, saying its encoding where it is another than UTF-8."""
    encoding = next((encoding for mark, encoding in MARKS if content.startswith(mark)), None)
    if encoding is None and content[:200].count(0) > len(content[:200]) // 4:
        encoding = "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be"
    for attempt in [encoding] if encoding else ["utf-8", "gb18030"]:
        try:
            text = content.decode(attempt)
        except UnicodeDecodeError:
            continue
        if attempt not in ("utf-8", "utf-8-sig"):
            notes.add("encoding", Place(name), {"gb18030": "GBK/GB18030"}.get(attempt, "UTF-16"))
        return text
    notes.add("unknown_encoding", Place(name))
    return None


def _split(name: str, text: str, notes: Notes) -> list[list[str]] | None:
    """Return the rows of a CSV text, each at the line it begins on."""
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:SAMPLE_LINES]
    counts = {mark: sum(line.count(mark) for line in lines) for mark in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda mark: counts[mark])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    line = 0
    try:
        for row in reader:
            rows += [[]] * (line - len(rows))
            rows.append(row)
            line = reader.line_num
            if not _fits(rows, row, Place(name, row=line), notes):
                return None
    except csv.Error:
        notes.add("broken_csv", Place(name, row=line + 1))
        return None
    return rows


def _fits(rows: Sequence[Sequence[str]], row: Sequence[str], place: Place, notes: Notes) -> bool:
    """Whether a table is still within the limits after `row`; it is noted if not."""
    if len(rows) > MOST_ROWS:
        notes.add("too_many_rows", Place(place.file, place.sheet), limit=MOST_ROWS)
    elif len(row) > MOST_COLUMNS or len(rows) * len(row) > MOST_CELLS:
        notes.add("too_many_cells", Place(place.file, place.sheet), limit=MOST_CELLS)
    elif any(len(cell) > LONGEST_CELL for cell in row):
        notes.add("cell_too_long", place, limit=LONGEST_CELL)
    else:
        return True
    return False


def _of_workbook(path: Path, notes: Notes) -> Iterator[Sheet]:
    try:
        faults = workbook.check(path)
        with CalamineWorkbook.from_path(str(path)) as book:
            names = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
            for name in names:
                if (rows := _rows(book, name, Place(path.name, name), notes)) is not None:
                    for (row, column), fault in faults.get(name, {}).items():
                        if row < len(rows) and column < len(rows[row]):
                            rows[row][column] = fault
                    yield Sheet(path.name, name, rows)
    except workbook.UnsafeError as fault:
        code = str(fault)
        limit = {"limit": f"{workbook.MOST_UNPACKED // 1024**2} MB"} if code == "workbook_too_large" else {}
        notes.add(code, Place(path.name), **limit)
    except PasswordError:
        notes.add("locked_workbook", Place(path.name))
    except CalamineError:
        notes.add("broken_workbook", Place(path.name))
    except BaseException as fault:
        # What goes wrong inside the reader arrives as a kind of its own, which is no Exception.
        if type(fault).__name__ != "PanicException":
            raise
        notes.add("broken_workbook", Place(path.name))


def _rows(book: CalamineWorkbook, name: str, place: Place, notes: Notes) -> list[list[str]] | None:
    sheet = book.get_sheet_by_name(name)
    if sheet.start is None:
        return None
    before = [""] * sheet.start[1]
    rows: list[list[str]] = []
    for cells in sheet.iter_rows():
        rows.append([*before, *map(_text, cells)])
        if not _fits(rows, rows[-1], Place(place.file, place.sheet, len(rows)), notes):
            return None
    return rows


def _text(value: object) -> str:
    """Return a cell as text, as a spreadsheet shows it: no ``.0``, fifteen digits, dates by year, month and day."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 10**EXACT_DIGITS:
            return str(int(value))
        return format(value, f".{EXACT_DIGITS}g")
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)

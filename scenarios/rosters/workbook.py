"""Make sure that a workbook is safe to open before anything opens it: sizes as unpacked, and no XML tricks.

A workbook is a ZIP of XML. A few kilobytes can unpack to gigabytes, a single cell far out makes a reader lay out all
cells up to it, and one long text can be repeated a million times. All three are counted here, piece by piece.
"""

import html
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

MOST_UNPACKED = 256 * 1024**2
MOST_LAID_OUT = 6_000_000
MOST_TEXT = 256 * 1024**2
MOST_PARTS = 2_000
CHUNK = 1 << 20
OVERLAP = 64
FORBIDDEN = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.I)
CELL = re.compile(rb"<c(?=[\s/>])")
REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
ROW = re.compile(rb"""<row\b[^>]{0,400}?\sr\s*=\s*["'](\d{1,7})["']""")
TEXT_ITEM = re.compile(rb"<si\b.*?</si>", re.S)
FAULTY = re.compile(rb"""<c\b(?=[^>]*\st\s*=\s*["']e["'])[^>]*>(?:[^<]|<(?!/c>|v>))*<v>([^<]{1,20})""")
UNSAVED = re.compile(rb"<c\b[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
SHEET = re.compile(rb"<sheet\b[^>]*>")
RELATION = re.compile(rb"<Relationship\b[^>]*>")
ATTRIBUTE = re.compile(rb"""\s([\w:]+)\s*=\s*["']([^"']*)["']""")
NO_VALUE = "#VALUE!"
SHARED = re.compile(rb"""\st\s*=\s*["']s["'][^>]*>\s*<v>(\d{1,9})</v>""")


class UnsafeError(Exception):
    """A workbook that must not be opened; the argument is the code of a problem."""


Faults = dict[tuple[int, int], str]


def check(path: Path) -> dict[str, Faults]:
    """Read every part of a workbook once, in pieces; return sheet → (row, column) → error of a formula.

    The reader shows such cells as empty, and what is in them would go unnoticed; formulas without a saved value too.

    Raises
    ------
    UnsafeError
        With ``broken_workbook``, ``unsafe_workbook`` or ``workbook_too_large``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise UnsafeError("workbook_too_large")
            if any(part.flag_bits & 1 for part in parts):
                raise UnsafeError("locked_workbook")
            faults = _check_parts(archive, [part for part in parts if _is_xml(part.filename)])
            return {name: faults[part] for name, part in _sheets(archive).items() if faults.get(part)}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OverflowError):
        raise UnsafeError("broken_workbook") from None


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels", ".vml"))


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the name of each sheet → the part that holds it."""
    try:
        book, relations = archive.read("xl/workbook.xml"), archive.read("xl/_rels/workbook.xml.rels")
    except KeyError:
        return {}
    found = [dict(ATTRIBUTE.findall(tag)) for tag in RELATION.findall(relations)]
    targets = {tag.get(b"Id"): tag.get(b"Target", b"").decode("utf-8", "replace") for tag in found}
    sheets = {}
    for tag in SHEET.findall(book):
        own = dict(ATTRIBUTE.findall(tag))
        target = targets.get(own.get(b"r:id"), "")
        name = html.unescape(own.get(b"name", b"").decode("utf-8", "replace"))
        sheets[name] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return sheets


def _check_parts(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> dict[str, Faults]:
    faults: dict[str, Faults] = {}
    lengths: list[int] = []
    for part in parts:
        if part.filename.lower().endswith("sharedstrings.xml"):
            lengths = _text_lengths(archive.read(part))
    laid_out = text = 0
    for part in parts:
        sheet = _Sheet(lengths)
        for piece in _pieces(archive, part):
            if FORBIDDEN.search(piece) or b"\x00" in piece:
                raise UnsafeError("unsafe_workbook")
            if "worksheets/" in part.filename.lower():
                sheet.count(piece)
        faults[part.filename] = sheet.faults
        laid_out, text = laid_out + sheet.laid_out, text + sheet.text
        if laid_out > MOST_LAID_OUT or text > MOST_TEXT:
            raise UnsafeError("workbook_too_large")
    return faults


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part in pieces that end before a tag, so that no tag is cut."""
    rest = b""
    with archive.open(part) as file:
        while chunk := file.read(CHUNK):
            whole = rest + chunk
            cut = whole.rfind(b"<c", OVERLAP)
            cut = len(whole) - OVERLAP if cut < 0 else cut
            yield whole[:cut]
            rest = whole[cut:]
            if len(rest) > CHUNK:
                yield rest
                rest = rest[-OVERLAP:]
    yield rest


def _text_lengths(content: bytes) -> list[int]:
    return [len(item) for item in TEXT_ITEM.findall(content)]


class _Sheet:
    """How far a sheet reaches and how much text it shows, counted as its pieces come."""

    def __init__(self, lengths: list[int]) -> None:
        self.lengths = lengths
        self.rows = self.columns = self.text = 0
        self.faults: Faults = {}

    def count(self, piece: bytes) -> None:
        """Take in a piece of the sheet."""
        references = REFERENCE.findall(piece)
        if len(CELL.findall(piece)) > len(references):
            # Cells without a reference stand one after the other: the longest row says how far they reach.
            rows = [len(CELL.findall(row)) for row in piece.split(b"<row")]
            self.rows, self.columns = self.rows + len(rows), max([self.columns, *rows])
        self.columns = max([self.columns, *map(_column, {letters for letters, _ in references})])
        self.rows = max([self.rows, *(int(n) for _, n in references), *map(int, ROW.findall(piece))])
        shown = (int(number) for number in SHARED.findall(piece)) if self.lengths else ()
        self.text += sum(self.lengths[number] for number in shown if number < len(self.lengths))
        for match in (*FAULTY.finditer(piece), *UNSAVED.finditer(piece)):
            if place := REFERENCE.search(match[0]):
                value = match[1].decode("ascii", "replace") if match.re is FAULTY else NO_VALUE
                self.faults[int(place[2]) - 1, _column(place[1]) - 1] = value

    @property
    def laid_out(self) -> int:
        """Number of cells that a reader lays out for the sheet."""
        return self.rows * self.columns


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number

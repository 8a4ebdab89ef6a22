"""Find the header of a table, which table it is, and which field each column holds."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from scenarios.problems import nearest
from scenarios.rosters.problems import Notes, Place
from scenarios.rosters.sheets import Sheet

DEEPEST_HEADER = 40
LONGEST_HEADER = 40
TABLES = ("schools", "teachers", "ties")
REQUIRED = {"schools": ("level", "setting"), "teachers": (), "ties": ("helper", "helped")}
NAMED = {"schools": ("id", "name")}
HINTS = {
    "schools": ("school", "学校", "园所"),
    "teachers": ("teacher", "staff", "教师", "师资", "人员"),
    "ties": ("tie", "pair", "结对", "帮扶"),
}
BRACKETS = re.compile(r"[(\[【<〈].*?[)\]】>〉]")
DROPPED = re.compile(r"[\s_\-—:：*★'\"“”、。,./·]+")
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
SPAN = re.compile(
    r"(?<![\d初高第])([2-9二两三四五六]|\b(?:two|three|four|five|six))(?:\s*个?学?年(?!级|段|制)|[\s-]*years?\b)"
)
MEAN = re.compile(r"近|均|mean|average|last|past")
NUMERALS = {"二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
MOST_YEARS = 10
SHORT_YEAR = re.compile(r"(?<!\d)(\d\d)(?=年|学年|级)")


@cache
def words() -> Mapping[str, Any]:
    """Return what headers and values mean, by kind."""
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


@lru_cache(1 << 14)
def plain(text: str) -> str:
    """Return `text` as it is compared: half-width, lower case, without spaces and marks."""
    return DROPPED.sub("", unicodedata.normalize("NFKC", text).casefold())


@cache
def meanings(kind: str, name: str) -> Mapping[str, str]:
    """Return plain text → what it means, among the words of a kind."""
    return {plain(text): meaning for meaning, texts in words()[kind][name].items() for text in texts}


@cache
def totals() -> frozenset[str]:
    """Return the words for a sum over rows, or over the parts of a header."""
    return frozenset(plain(word) for word in words()["rows"]["totals"])


@dataclass(frozen=True)
class Measure:
    """A column of quality: growth or score, its year (0 where the header says none), and of how many years it is."""

    kind: str
    year: int
    header: str
    span: int = 1


@dataclass(frozen=True)
class Table:
    """A sheet that was recognised: which table, the row of its header, and column number by field."""

    kind: str
    sheet: Sheet
    header: int
    columns: Mapping[str, int]
    names: Mapping[int, str]
    measures: Mapping[int, Measure] = field(default_factory=dict)

    def place(self, row: int, name: str = "") -> Place:
        """Return the place of a field in a row; the column is shown under the header it has."""
        column = self.columns.get(name, -1)
        return self.sheet.place(row, self.names.get(column, ""))


def field_of(kind: str, text: str) -> str | None:
    """Return the field of a table that a header stands for."""
    half = unicodedata.normalize("NFKC", text)
    known = meanings("headers", kind)
    if any(map(_is_partial, BRACKETS.findall(half))):
        return None
    return known.get(plain(half)) or known.get(plain(BRACKETS.sub("", half)))


def measure_of(text: str) -> Measure | None:
    """Return the kind and year of a column of quality, or of how many years it is the mean; None for any other."""
    half = plain(text)
    kinds = words()["quality"]
    if not half or any(plain(word) in half for word in kinds["ignored"]):
        return None
    kind = next((k for k in ("growth", "score") if any(plain(word) in half for word in kinds[k])), None)
    if kind is None:
        return None
    spelled = unicodedata.normalize("NFKC", text)
    if (span := _span(spelled.casefold())) > 1:
        return Measure(kind, 0, text.strip(), span)
    long, short = YEAR.search(spelled), SHORT_YEAR.search(spelled)
    return Measure(kind, int(long[1]) if long else 2000 + int(short[1]) if short else 0, text.strip())


def _span(header: str) -> int:
    """Return of how many years a header says that it is the mean: 近三年均分, 2022-2024年平均分, 3-year mean."""
    years = sorted(map(int, YEAR.findall(header)))
    if len(years) == 2 and 2 <= years[1] - years[0] < MOST_YEARS:  # noqa: PLR2004 - 2023-2024 is one school year
        return years[1] - years[0] + 1
    found = SPAN.search(header) if MEAN.search(header) else None
    return NUMERALS.get(found[1]) or int(found[1]) if found else 1


def _known(kind: str, text: str) -> bool:
    return bool(field_of(kind, text) or (kind == "schools" and measure_of(text)))


def _headers(rows: Sequence[Sequence[str]], row: int, kind: str) -> list[str]:
    """Return the headers of a row, each put together with the cell above where it means nothing by itself."""
    own = list(rows[row])
    above = list(rows[row - 1]) if row else []
    width = max(len(own), len(above))
    own, above = own + [""] * (width - len(own)), above + [""] * (width - len(above))
    if sum(1 for text in above if text.strip()) <= 1:
        return own
    spread = ""
    for column in range(width):
        spread = above[column] if above[column].strip() else spread
        if not own[column].strip():
            own[column] = above[column] if _known(kind, above[column]) else ""
        elif plain(own[column]) in totals() and _known(kind, spread):
            own[column] = spread
        elif not _known(kind, own[column]) and _known(kind, spread + own[column]):
            own[column] = f"{spread} {own[column]}"
    return own


def _matches(kind: str, texts: Sequence[str]) -> int:
    """Return how many columns of a table a row names; none if it names nothing but measures, as instructions do."""
    found = {field_of(kind, text) for text in texts if len(text) < LONGEST_HEADER} - {None}
    measured = {measure_of(text) for text in texts if kind == "schools" and len(text) < LONGEST_HEADER} - {None}
    return len(found) + len(measured) if found else 0


def recognised(sheet: Sheet, notes: Notes) -> Table | None:
    """Return what a sheet is, or None where it has no header of a known table."""
    best: tuple[int, str, int] = (0, "", 0)
    for kind in TABLES:
        hint = any(word in f"{Path(sheet.file).stem} {sheet.name}".casefold() for word in HINTS[kind])
        for row in range(min(DEEPEST_HEADER, len(sheet.rows))):
            count = _matches(kind, sheet.rows[row])
            if count:
                count = max(count, _matches(kind, _headers(sheet.rows, row, kind)))
            score = 2 * count + hint if count > 1 else 0
            if score > best[0]:
                best = score, kind, row
    score, kind, row = best
    return _table(sheet, kind, row + _goes_on(sheet.rows[row + 1 :][:1]), notes) if score else None


def _goes_on(below: Sequence[Sequence[str]]) -> bool:
    """Whether the row below a header is part of it: nothing but words such as total and female, of which."""
    cells = [plain(cell) for row in below for cell in row if cell.strip()]
    return len(cells) > 1 and all(cell in totals() or cell in words()["partial"]["words"] for cell in cells)


def _table(sheet: Sheet, kind: str, row: int, notes: Notes) -> Table:
    """Return a table with the field of each column; columns that are missing, twice or unknown are noted."""
    columns: dict[str, int] = {}
    names: dict[int, str] = {}
    measures: dict[int, Measure] = {}
    table = Table(kind, sheet, row, columns, names, measures)
    for column, text in enumerate(_headers(sheet.rows, row, kind)):
        names[column] = " ".join(text.split()) or letters(column)
        if not text.strip():
            continue
        found = field_of(kind, text)
        measure = measure_of(text) if kind == "schools" and not found else None
        place = sheet.place(row, names[column])
        if found and found in columns:
            columns[found] = _kept(table, found, column, notes)
        elif found:
            columns[found] = column
        elif measure and measure in measures.values():
            notes.add("duplicate_column", place, text.strip(), other=measure.header)
        elif measure:
            measures[column] = measure
        elif not (plain(BRACKETS.sub("", text)) in meanings("headers", "unused") or _is_partial(text)):
            notes.add("unused_column", sheet.place(row), text.strip(), nearest=_nearest(kind, text))
    _check_required(table, notes)
    return table


def _is_partial(text: str) -> bool:
    """Whether a header names a part only; what is counted in, or a list to choose from, makes no part."""
    half, partial = unicodedata.normalize("NFKC", text).casefold(), words()["partial"]
    return not any(word in half for word in partial["whole"]) and any(word in half for word in partial["words"])


def _kept(table: Table, name: str, column: int, notes: Notes) -> int:
    """Return which of two columns for one field is read; where no order of headers says it, that is a fault."""
    order = [plain(word) for word in words()["headers"][table.kind][name]]
    first = table.columns[name]
    ranks = {one: _rank(order, table.names[one]) for one in (first, column)}
    if name not in words()["preferred"][table.kind] or ranks[first] == ranks[column]:
        place = table.sheet.place(table.header, table.names[column])
        notes.add("duplicate_column", place, table.names[column], other=table.names[first])
        return first
    used, other = sorted(ranks, key=ranks.__getitem__)
    notes.add("column_beside", Place(table.sheet.file), table.names[other], field=name, used=table.names[used])
    return used


def _rank(order: Sequence[str], header: str) -> int:
    """Return the place of a header among the words for its field."""
    half = unicodedata.normalize("NFKC", header)
    return min(order.index(text) for text in (plain(half), plain(BRACKETS.sub("", half))) if text in order)


def _nearest(kind: str, text: str) -> str:
    """Return the accepted headers most like an unknown one, written in the same script."""
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in text)
    accepted = [word for some in words()["headers"][kind].values() for word in some]
    return nearest(text, [word for word in accepted if chinese == any("\u4e00" <= c <= "\u9fff" for c in word)])


def _check_required(table: Table, notes: Notes) -> None:
    for name in REQUIRED[table.kind]:
        if name not in table.columns and not (name == "level" and "name" in table.columns):
            notes.add("missing_column", table.sheet.place(table.header), name, accepted=accepted(table.kind, name))
    naming = NAMED.get(table.kind, ())
    if naming and not any(name in table.columns for name in naming):
        notes.add("missing_column", table.sheet.place(table.header), naming[1], accepted=accepted(table.kind, "name"))


def accepted(kind: str, name: str) -> str:
    """Return a few headers that are accepted for a field, in both languages."""
    texts = words()["headers"][kind][name]
    chinese = [text for text in texts if any("\u4e00" <= letter <= "\u9fff" for letter in text)]
    return " / ".join([*chinese[:2], texts[0]])


def letters(column: int) -> str:
    """Return the name of a column as a spreadsheet shows it: A, B, … AA."""
    name = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name

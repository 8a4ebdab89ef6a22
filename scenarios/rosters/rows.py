"""Go through the rows of a table that hold data, and read their cells."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scenarios.rosters.headers import Table, plain, totals, words
from scenarios.rosters.problems import Notes, Place
from scenarios.rosters.values import Fault, is_empty, tidy

Value = TypeVar("Value")
LONGEST_VALUE = 300
FEW_CELLS = 3
OF_SCHOOLS = {"schools": ("id",), "teachers": ("school",), "ties": ("helper", "helped")}
"""Fields that hold codes of schools."""


@dataclass(frozen=True)
class Row:
    """A row of a table with its cells by field. Reading one notes what is wrong with it."""

    table: Table
    number: int
    cells: Sequence[str]
    notes: Notes

    def place(self, name: str = "") -> Place:
        """Return the place of a field."""
        return self.table.place(self.number, name)

    def text(self, name: str) -> str:
        """Return the cell of a field, with codes for people's own numbers; empty where there is no such column."""
        return self.table.sheet.persons.coded(self.written(name), name in OF_SCHOOLS[self.table.kind])

    def written(self, name: str) -> str:
        """Return the cell of a field as it stands, with marks for people's own numbers."""
        column = self.table.columns.get(name, -1)
        return self.cells[column].strip() if 0 <= column < len(self.cells) else ""

    def own_number(self, name: str) -> str:
        """Return the code for what is written in a field of numbers of people's papers; empty where nothing is."""
        text = self.written(name)
        return "" if is_empty(text) else self.table.sheet.persons.code_for(text)

    def name(self, name: str, parse: Callable[[str], str | Fault]) -> str:
        """Return a name or id, in which everything is text; empty for none."""
        return self._read(self.text(name), self.place(name), parse, self.written(name)) or ""

    def value(self, name: str, parse: Callable[[str], Value | Fault]) -> Value | None:
        """Return the value of a field; None for an empty cell, and after a fault has been noted."""
        text = self.text(name)
        return None if not text else self._read(text, self.place(name), parse, self.written(name), is_empty(text))

    def number_at(self, column: int, parse: Callable[[str], Value | Fault]) -> Value | None:
        """Return the value of a column that is no field."""
        text = self.cells[column].strip() if column < len(self.cells) else ""
        place = self.table.sheet.place(self.number, self.table.names[column])
        return None if is_empty(text) else self._read(text, place, parse, text)

    def _read(
        self, text: str, place: Place, parse: Callable[[str], Value | Fault], told: str, quiet: bool = False
    ) -> Value | None:
        if len(text) > LONGEST_VALUE:
            found: Value | Fault = Fault("value_too_long", (("limit", str(LONGEST_VALUE)),))
        else:
            found = parse(text)
        if not isinstance(found, Fault):
            return found
        if not quiet:
            self.notes.add(found.code, place, told, **dict(found.remedy))
        return None


def data_rows(table: Table, notes: Notes) -> Iterator[Row]:
    """Yield the rows below the header that are data: no blank ones, totals, remarks, examples or repeated headers."""
    width = max((column for column, header in table.names.items() if header), default=0) + 1
    is_text = not table.sheet.name
    for number in range(table.header + 1, len(table.sheet.rows)):
        cells = table.sheet.rows[number]
        filled = [cell for cell in cells if cell.strip()]
        if not filled:
            continue
        reason = _apart(table, cells, filled)
        if reason:
            if reason != "example":
                notes.add("rows_skipped", table.sheet.place(number), filled[0].strip(), reason=reason)
            continue
        if is_text and any(cell.strip() for cell in cells[width:]):
            notes.add("extra_cell", table.sheet.place(number), next(cell for cell in cells[width:] if cell.strip()))
        yield Row(table, number, cells, notes)


def _apart(table: Table, cells: Sequence[str], filled: Sequence[str]) -> str:
    """Return why a row is no data; empty if it is."""
    first = tidy(filled[0][:LONGEST_VALUE]).casefold()
    naming = [cells[c] for f in ("id", "name", "helper") if (c := table.columns.get(f, -1)) >= 0 and c < len(cells)]
    if any(tidy(text[:LONGEST_VALUE]).casefold().startswith(tuple(words()["rows"]["examples"])) for text in naming):
        return "example"
    if any(plain(text[:LONGEST_VALUE]) in totals() for text in [filled[0], *naming]):
        return "total"
    if len(filled) <= FEW_CELLS and first.startswith(tuple(words()["rows"]["notes"])):
        return "remark"
    headers = [table.names.get(column, "") for column, cell in enumerate(cells) if cell.strip()]
    return "header" if [cell.strip() for cell in filled] == headers else ""

"""Say what words of a roster became that are no words of the model, and what became of people's own numbers in it.

历史 is taught as one of the other subjects; a number of an identity card becomes a code.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from scenarios.rosters import values
from scenarios.rosters.headers import Table
from scenarios.rosters.persons import is_own_number
from scenarios.rosters.problems import Notes, Place
from scenarios.rosters.records import School, Teacher
from scenarios.rosters.rows import OF_SCHOOLS

SCHOOLS: Mapping[str, str] = {"level": "schools_taken_as"}
TEACHERS: Mapping[str, str] = {
    "subject": "teachers_taken_as", "rank": "teachers_taken_as", "honour": "honours_taken_as",
    "employment": "teachers_taken_as",
}  # fmt: skip
MOST_WORDS = 12
KEPT = {
    "schools": ("id", "name", "county", "town", "group", "zone"), "teachers": ("id", "school"),
    "ties": ("helper", "helped"),
}  # fmt: skip
"""Fields that are kept as text."""


def note_taken(items: Sequence[School] | Sequence[Teacher], fields: Mapping[str, str], notes: Notes) -> None:
    """Note for each field, and each meaning that words were taken as, which they were and how often.

    Parameters
    ----------
    items
        Rows as they were read.
    fields
        Field → code of the note.
    """
    for field, code in fields.items():
        found: dict[str, Counter[str]] = {}
        places: dict[str, set[Place]] = {}
        for item in items:
            meaning, text = getattr(item, field), values.tidy(item.row.text(field))
            if meaning is not None and text and not values.is_literal(field, text):
                found.setdefault(meaning, Counter())[text] += 1
                place = item.row.place(field)
                places.setdefault(meaning, set()).add(Place(place.file, place.sheet, column=place.column))
        for meaning, counts in found.items():
            parts = [f"{text} {count}" for text, count in counts.most_common(MOST_WORDS)]
            more = ("…",) if len(counts) > MOST_WORDS else ()
            counted = f"{field}.{meaning}"
            notes.add(code, _shared(places[meaning], field), (*parts, *more), counted=counted, count=counts.total())


def note_numbers(tables: Sequence[Table], notes: Notes) -> None:
    """Note for each header how many of people's own numbers stand under it: coded where it is kept, else left out."""
    counts: Counter[tuple[str, str]] = Counter()
    places: dict[tuple[str, str], set[Place]] = {}
    for table in tables:
        fields = {column: name for name, column in table.columns.items()}
        for column, header in table.names.items():
            field = fields.get(column, "")
            code = "numbers_coded" if field in KEPT[table.kind] else "numbers_left_out"
            count = _numbers_in(table, column, code == "numbers_coded" and field not in OF_SCHOOLS[table.kind])
            if count and (not field or field in (*KEPT[table.kind], "name")):
                counts[code, header] += count
                places.setdefault((code, header), set()).add(Place(table.sheet.file, table.sheet.name, column=header))
    for (code, header), count in counts.items():
        notes.add(code, _shared(places[code, header], header), count)


def _numbers_in(table: Table, column: int, phones: bool) -> int:
    """Return how many cells under a header hold a person's number; phones count if asked."""
    persons, papers = table.sheet.persons, is_own_number(table.names[column])
    cells = (row[column] for row in table.sheet.rows[table.header + 1 :] if column < len(row))
    return sum(persons.holds_number(cell, phones) or (papers and not values.is_empty(cell)) for cell in cells if cell)


def _shared(places: set[Place], field: str) -> Place:
    """Return what places have in common; where they are several files, the column alone."""
    if len(places) == 1:
        return next(iter(places))
    files = {place.file for place in places}
    return Place(files.pop() if len(files) == 1 else "", column=field)

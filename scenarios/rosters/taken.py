"""Say what words of a roster became that are no words of the model: 历史 is taught as one of the other subjects."""

from collections import Counter
from collections.abc import Mapping, Sequence

from scenarios.rosters import values
from scenarios.rosters.problems import Notes, Place
from scenarios.rosters.records import School, Teacher

SCHOOLS: Mapping[str, str] = {"level": "schools_taken_as"}
TEACHERS: Mapping[str, str] = {
    "subject": "teachers_taken_as", "rank": "teachers_taken_as", "honour": "honours_taken_as",
    "employment": "teachers_taken_as",
}  # fmt: skip
MOST_WORDS = 12


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


def _shared(places: set[Place], field: str) -> Place:
    """Return what places have in common; where they are several files, the column alone."""
    if len(places) == 1:
        return next(iter(places))
    files = {place.file for place in places}
    return Place(files.pop() if len(files) == 1 else "", column=field)

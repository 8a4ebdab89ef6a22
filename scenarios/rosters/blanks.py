"""What cells left empty mean: none, where those who have something have it written down; else it is drawn, and said."""

from collections.abc import Iterable, Mapping, Sequence

from scenarios.rosters.check import shown_name
from scenarios.rosters.numbers import Size
from scenarios.rosters.problems import Notes, Place
from scenarios.rosters.records import School, Teacher

Staff = Mapping[str, Sequence[Teacher]]
FACTS = ("subject", "qualified", "experience", "rank", "honour", "employment", "value_added")
HONOUR, OPTIONAL = "honour", ("value_added",)
"""The field in which nothing means none; fields of which it is not worth a word that nobody has them."""
LEFT_TO_CHANCE = "teacher_column_drawn", "schools_blank"
TAKEN_AS_NONE = "honour_blank", "honours_blank"
MOST_NAMES = 12


def settle_blanks(schools: Sequence[School], staff: Staff, notes: Notes) -> None:
    """Take an empty honour for none where the roster has any, in every school; note what else is left empty.

    Nobody writes down that a teacher has no honour, so a roster names those who have one. Of service, rank and so on
    everybody has some: what is empty there is not known, and is drawn.
    """
    for name in FACTS:
        _note_empty(name, schools, staff, notes)
    if _is_used(staff, HONOUR):
        for teacher in _all(staff):
            teacher.honour = teacher.honour or "none"


def note_unlisted(schools: Sequence[School], staff: Staff, sizes: Mapping[str, Size], notes: Notes) -> None:
    """Note schools of which no teacher is listed while others have theirs, and how posts beyond a list are taken."""
    if not staff:
        return
    for school in schools:
        if school.id not in staff:
            notes.add("school_unlisted", school.row.place())
    beyond = sum(sizes[ident].posts - len(own) for ident, own in staff.items())
    if beyond and _is_used(staff, HONOUR):
        notes.add("honours_of_listed", Place(column=HONOUR), beyond)


def note_shares(schools: Sequence[School], notes: Notes) -> None:
    """Note public schools that leave the share of contract teachers empty where others give one."""
    if any(school.contract_share is not None for school in schools):
        for school in schools:
            if school.contract_share is None and school.ownership in (None, "public"):
                notes.add("contract_share_blank", school.row.place("contract_share"))


def _all(staff: Staff) -> Iterable[Teacher]:
    return (teacher for own in staff.values() for teacher in own)


def _is_used(staff: Staff, name: str) -> bool:
    """Whether the roster says of any teacher what a field is."""
    return any(getattr(teacher, name) is not None for teacher in _all(staff))


def _note_empty(name: str, schools: Sequence[School], staff: Staff, notes: Notes) -> None:
    """Note how many teachers leave a field empty, and in which schools all of them do while others fill it in."""
    missing = {ident: sum(getattr(teacher, name) is None for teacher in own) for ident, own in staff.items()}
    used = _is_used(staff, name)
    if not any(missing.values()) or (name in OPTIONAL and not used):
        return
    code, of_schools = TAKEN_AS_NONE if name == HONOUR and used else LEFT_TO_CHANCE
    notes.add(code, Place(column=name), sum(missing.values()), all=sum(map(len, staff.values())))
    blank = [shown_name(s) for s in schools if s.id in staff and missing[s.id] == len(staff[s.id])]
    if blank and used:
        names = (*blank[:MOST_NAMES], *("…",) * (len(blank) > MOST_NAMES))
        notes.add(of_schools, Place(column=name), names, count=len(blank))

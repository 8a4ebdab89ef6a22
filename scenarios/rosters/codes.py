"""Put codes in the place of names and ids, so that nothing imported tells which school or person it is about."""

from collections.abc import Iterable, Mapping, Sequence

from scenarios.rosters.check import shown_name
from scenarios.rosters.records import School, Teacher

Key = list[tuple[str, str, str]]


def pseudonymised(
    schools: Sequence[School], teachers: Mapping[str, Sequence[Teacher]], helpers: Mapping[str, Sequence[str]]
) -> tuple[Key, dict[str, list[Teacher]], dict[str, list[str]]]:
    """Replace ids of schools, and names of groups, zones, towns and counties in place, and those of teachers.

    Returns
    -------
    key
        (code, what it was called, its id) of everything but teachers, for the one who keeps the key.
    teachers, helpers
        The same as given, under the new ids of schools.
    """
    code = _numbered("S", [school.id for school in schools])
    key = [(code[school.id], shown_name(school), school.id) for school in schools]
    for name, letter in (("group", "G"), ("zone", "Z"), ("town", "W"), ("county", "C")):
        own = _numbered(letter, dict.fromkeys(value for s in schools if (value := getattr(s, name))))
        key += [(new, old, "") for old, new in own.items()]
        for school in schools:
            setattr(school, name, own.get(getattr(school, name), ""))
    staff = {code[ident]: list(own) for ident, own in teachers.items()}
    people = [teacher for school in sorted(staff) for teacher in staff[school]]
    for teacher, new in zip(people, _numbered("T", map(str, range(len(people)))).values(), strict=True):
        teacher.id = new
    for school in schools:
        school.id = code[school.id]
    return key, staff, {code[ident]: [code[helper] for helper in own] for ident, own in helpers.items()}


def _numbered(letter: str, names: Iterable[str]) -> dict[str, str]:
    found = list(names)
    width = max(2, len(str(len(found))))
    return {name: f"{letter}{number:0{width}d}" for number, name in enumerate(found, 1)}

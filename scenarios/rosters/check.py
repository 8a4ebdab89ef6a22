"""Hold rows against each other: ids, names, groups, and who is named in other tables."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.problems import nearest
from scenarios.rosters.headers import plain
from scenarios.rosters.problems import MOST_TOLD, Notes, Place
from scenarios.rosters.records import School, Teacher, Tie

LEADING = ("lead", "zone_head")
INDEPENDENT = "independent"
PLACE_NAME = re.compile(r"(?<=..)[省市区县旗镇乡]")
SHORTEST_PART = 3
SECTION = re.compile(r"[(（]?(?:幼儿|小学|初中|中学|高中)部[)）]?$")
FEWEST_PUPILS, MOST_PUPILS = 1.0, 60.0


@dataclass
class Register:
    """The schools by id and by name, to find those that other tables name."""

    by_id: Mapping[str, School]
    by_name: Mapping[str, Sequence[School]]
    by_short_id: Mapping[str, Sequence[School]]
    by_short_name: Mapping[str, Sequence[School]]
    near: dict[str, str]

    @classmethod
    def of(cls, schools: Sequence[School]) -> "Register":
        """Return the register of schools that have their ids."""
        by_name, by_short, by_part = dict[str, list[School]](), dict[str, list[School]](), dict[str, list[School]]()
        for school in schools:
            name = _full(school)
            for called in dict.fromkeys((name, SECTION.sub("", name))):
                by_name.setdefault(called, []).append(school)
            by_short.setdefault(school.id.lstrip("0"), []).append(school)
            for part in _parts(name):
                by_part.setdefault(part, []).append(school)
        return cls({plain(school.id): school for school in schools}, by_name, by_short, by_part, {})

    def school(self, text: str, place: Place, notes: Notes, level: str | None = None) -> School | None:
        """Return the school that `text` names by id or name; what is wrong with it is noted in every row.

        Of a school in several rows, or whose sections (小学部, 初中部) have a row each, it is the one of a `level`; a
        school that is of another level is noted.
        """
        found = self._found(text, place, notes, level)
        if found and level and found.level and found.level != level:
            notes.add("level_of_school", place, text, school=shown_name(found), other=found.level, level=level)
        return found

    def _found(self, text: str, place: Place, notes: Notes, level: str | None) -> School | None:
        key = plain(text)
        is_section_of_it = level and any(school.level == level for school in self.by_name.get(key, ()))
        if key in self.by_id and not (is_section_of_it and self.by_id[key].level != level):
            return self.by_id[key]
        named = self._named(key, level)
        if len(named) == 1:
            if _full(named[0]) != key and named[0].level != level:
                notes.add("short_name", place, text, school=shown_name(named[0]))
            return named[0]
        if named:
            notes.add("ambiguous_school", place, text, schools=", ".join(school.id for school in named))
            return None
        short = self.by_short_id.get(text.lstrip("0"), ()) if text.isdigit() else ()
        if len(short) == 1:
            notes.add("zeros_lost", place, text, school=short[0].id)
            return short[0]
        if shorter := self._by_part(key):
            notes.add("short_name", place, text, school=shown_name(shorter))
            return shorter
        if text not in self.near:
            told = len(self.near) < MOST_TOLD
            self.near[text] = nearest(text, (shown_name(s) for s in self.by_id.values())) if told else "–"
        notes.add("unknown_school", place, text, nearest=self.near[text])
        return None

    def _named(self, key: str, level: str | None) -> list[School]:
        """Return the schools of a name, those of a level where there are any; sections of other levels are others."""
        found = self.by_name.get(key, ())
        alike = [school for school in found if school.level == level]
        return alike or [school for school in found if not level or _full(school) == key]

    def _by_part(self, key: str) -> School | None:
        """Return the one school that is named with its place where `key` is not, or the other way round."""
        longer = self.by_short_name.get(key, ())
        found = [*longer, *(school for part in _parts(key) for school in self.by_name.get(part, ()))]
        return found[0] if len(found) == 1 else None

    def named_in(self, text: str) -> str:
        """Return the id or name of a school in a title or the name of a sheet or file: the longest; empty for none."""
        key = plain(text)
        inside = [name for name in self.by_name if len(name) >= SHORTEST_PART and name in key]
        longest = [name for name in inside if len(name) == max(map(len, inside))]
        if key in self.by_id or len(longest) == 1:
            return key if key in self.by_id else longest[0]
        first = [name for name in self.by_short_name if key.startswith(name) and not inside]
        found = [school for name in first for school in self.by_short_name[name] if len(name) == max(map(len, first))]
        return found[0].id if len(found) == 1 else ""


def _full(school: School) -> str:
    return plain(school.name or school.id)


def _parts(name: str) -> list[str]:
    """Return what is left of a name without the county, town or other place that it begins with."""
    return [name[match.end() :] for match in PLACE_NAME.finditer(name) if len(name) - match.end() >= SHORTEST_PART]


def settle_ids(schools: Sequence[School], notes: Notes) -> list[School]:
    """Give every school its id, its name where none is given; ids that are used twice are noted."""
    seen: dict[str, School] = {}
    kept = []
    for school in schools:
        by_name = not school.id
        school.id = school.id or school.name
        if not school.id:
            continue
        first = seen.setdefault(plain(school.id), school)
        if first is not school:
            name = "name" if by_name else "id"
            code = "duplicate_name" if by_name else "duplicate_id"
            notes.add(code, school.row.place(name), school.id, first=" ".join(first.row.place().shown))
            continue
        if by_name:
            notes.add("name_used_as_id", Place(school.row.table.sheet.file, school.row.table.sheet.name))
        kept.append(school)
    return kept


def check_groups(schools: Sequence[School], notes: Notes) -> None:
    """Every group has one lead, every zone one head, and roles belong to groups."""
    groups: dict[str, list[School]] = {}
    for school in schools:
        if school.group:
            groups.setdefault(plain(school.group), []).append(school)
        elif school.role not in (None, "none"):
            notes.add("role_without_group", school.row.place("role"), school.row.text("role"))
        elif school.mode not in (None, INDEPENDENT):
            notes.add("mode_without_group", school.row.place("mode"), school.row.text("mode"))
    for members in groups.values():
        _check_group(members, notes)
    if not groups:
        notes.add("no_groups")
    _settle_modes(groups.values(), notes)
    for school in schools:
        school.mode = None if school.mode == INDEPENDENT else school.mode
    _check_zones(schools, notes)


def _check_group(members: Sequence[School], notes: Notes) -> None:
    group, place = members[0].group, members[0].row.place("group")
    leads = [school for school in members if school.role in LEADING]
    for school in members:
        school.group = group
    if not leads:
        notes.add("group_without_lead", place, group)
    elif len(leads) > 1:
        notes.add("two_leads", leads[1].row.place("role"), group, schools=", ".join(map(shown_name, leads)))
    if len(members) == 1:
        notes.add("group_of_one", place, group)
    counties = sorted({school.county for school in members})
    if len(counties) > 1:
        notes.add("group_in_two_counties", place, group, counties=", ".join(counties))


def _settle_modes(groups: Collection[Sequence[School]], notes: Notes) -> None:
    """Give all schools of a group the mode that some of them name; a group without one beside others is noted."""
    for members in groups:
        modes = {school.mode: school.row for school in members if school.mode}
        if len(modes) > 1:
            texts = ", ".join(row.text("mode") for row in modes.values())
            notes.add("modes_differ", list(modes.values())[1].place("mode"), members[0].group, modes=texts)
        for school in members:
            school.mode = next(iter(modes), None)
    bare = [members[0] for members in groups if not members[0].mode]
    for school in bare if len(bare) < len(groups) else ():
        notes.add("mode_missing", school.row.place("mode"), school.group)


def shown_name(school: School) -> str:
    """Return what a school is called in messages."""
    return school.name or school.id


def _check_zones(schools: Sequence[School], notes: Notes) -> None:
    """Zones count only where some school is said to head one: elsewhere the column is mere geography."""
    heads = [school for school in schools if school.role == "zone_head"]
    if not heads:
        for school in schools:
            school.zone = ""
        return
    by_zone: dict[str, list[School]] = {}
    for head in heads:
        by_zone.setdefault(head.zone, []).append(head)
    for own in by_zone.values():
        if len(own) > 1:
            notes.add("two_zone_heads", own[1].row.place("role"), own[1].zone, schools=", ".join(map(shown_name, own)))
    zone_of = {school.group: school.zone for school in schools if school.role in LEADING and school.group}
    for school in schools:
        own_zone = zone_of.get(school.group, "")
        if school.zone and school.group and school.zone != own_zone:
            notes.add("zones_differ", school.row.place("zone"), school.zone, zone=own_zone, group=school.group)
        elif (own_zone and own_zone not in by_zone) or (school.role == "zone_head" and not school.zone):
            notes.add("zone_without_head", school.row.place("zone"), own_zone)


def place_teachers(teachers: Iterable[Teacher], register: Register, notes: Notes) -> dict[str, list[Teacher]]:
    """Return school id → its teachers, in the order of the rows, each with an id of its own."""
    found: dict[str, list[Teacher]] = {}
    seen: dict[str, Teacher] = {}
    for teacher in teachers:
        if teacher.id:
            first = seen.setdefault(teacher.id, teacher)
            if first is not teacher:
                _note_twice(teacher, first, notes)
        school = (
            register.school(teacher.school, teacher.row.place("school"), notes, teacher.level)
            if teacher.school
            else None
        )
        if school is not None:
            found.setdefault(school.id, []).append(teacher)
            _check_employment(teacher, school, notes)
    for ident, own in found.items():
        _number(ident, own, seen)
    return found


def _note_twice(teacher: Teacher, first: Teacher, notes: Notes) -> None:
    """Note an id that was there before; of a person's own number, what is written is not repeated."""
    place, before = teacher.row.place("id"), " ".join(first.row.place().shown)
    if teacher.row.table.sheet.persons.has_given(teacher.id):
        notes.add("person_twice", place, first=before)
    else:
        notes.add("duplicate_id", place, teacher.id, first=before)


def name_schools(teachers: Sequence[Teacher], register: Register, notes: Notes) -> None:
    """Give teachers of a table without a column for it the school that its sheet, title or file names."""
    found: dict[Place, str] = {}
    for teacher in teachers:
        table = teacher.row.table
        if "school" in table.columns:
            continue
        place = table.sheet.place(table.header)
        if place not in found:
            titles = [cell for row in table.sheet.rows[: table.header] for cell in row if cell.strip()]
            names = map(register.named_in, (table.sheet.name, *titles, Path(table.sheet.file).stem))
            found[place] = next(filter(None, names), "")
            school = register.by_id.get(plain(found[place]))
            notes.add(
                "school_of_table" if found[place] else "no_school_of_table",
                place,
                shown_name(school) if school else found[place],
            )
        teacher.school = found[place]


def _check_employment(teacher: Teacher, school: School, notes: Notes) -> None:
    """Teachers of private schools are private; at public ones 民办 can only mean outside the establishment."""
    private = (school.ownership or "public") != "public"
    if private and teacher.employment in ("established", "contract"):
        notes.add("private_employment", teacher.row.place("employment"), teacher.row.text("employment"))
    if private:
        teacher.employment = "private"
    elif teacher.employment == "private":
        teacher.employment = "contract"


def _number(school: str, teachers: Sequence[Teacher], taken: Mapping[str, object]) -> None:
    """Give ids, numbered within the school, to teachers who have none."""
    number = 0
    for teacher in teachers:
        while not teacher.id:
            number += 1
            ident = f"{school}-T{number:03d}"
            teacher.id = ident if ident not in taken else ""


def place_ties(ties: Iterable[Tie], register: Register, notes: Notes) -> dict[str, list[str]]:
    """Return school id → ids of the schools that help it from before."""
    found: dict[str, list[str]] = {}
    for tie in ties:
        helper = register.school(tie.helper, tie.row.place("helper"), notes)
        helped = register.school(tie.helped, tie.row.place("helped"), notes)
        if helper is None or helped is None:
            continue
        own = found.setdefault(helped.id, [])
        if helper is helped:
            notes.add("school_with_itself", tie.row.place("helped"), tie.helped)
        elif helper.id in own:
            notes.add("tie_twice", tie.row.place(), f"{tie.helper} – {tie.helped}")
        else:
            own.append(helper.id)
        if helper.level != helped.level:
            notes.add("tie_across_levels", tie.row.place(), f"{tie.helper} – {tie.helped}")
    return found


def check_size(school: School, pupils: int, posts: int, notes: Notes) -> None:
    """Note a school whose pupils and posts do not go together."""
    ratio = pupils / posts
    if not FEWEST_PUPILS <= ratio <= MOST_PUPILS:
        notes.add("few_pupils_a_teacher", school.row.place("pupils"), shown_name(school), ratio=f"{ratio:.1f}")

"""Read which schools are settled into which groups, from the command line or a file."""

import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from scenarios.grouping.wish import Fixes, refused
from scenarios.problems import nearest, shown
from scenarios.roster import Roster

OPTION = "--fix"
LARGEST_FILE = 8 * 1024 * 1024
SCHOOL = ("school", "id", "学校", "编号", "学校编号")
GROUP = ("group", "集团", "组", "学区", "教共体")
ROLE = ("role", "角色", "身份")
LEADS = ("lead", "牵头校", "牵头园", "核心校", "中心园", "总校")
Row = tuple[str, str, bool]


def fixes(texts: Sequence[str], roster: Roster, keep: bool = False) -> Fixes:
    """Return what `texts` settle: each a list such as ``a=b,c=east``, or a file with columns school, group and role.

    Parameters
    ----------
    texts
        Schools are named by id or display name. A group is named by the school that is to lead it, or by any other
        word; the same word means the same group.
    roster
        Where the schools are looked up.
    keep
        Whether schools that are in a group stay in it, under its lead, unless `texts` say otherwise.

    Raises
    ------
    ScenarioError
        If something cannot be read, a school is unknown or settled twice, or a group gets two leads.
    """
    known = _Schools(roster)
    groups: dict[str, str] = {}
    leads: dict[str, str] = {}
    for where, (name, group, is_lead) in _rows(texts):
        school, lead = known.find(name, where), known.get(group)
        label = lead or group
        if groups.setdefault(school, label) != label:
            raise refused("fixed_twice", where, name, groups=f"{groups[school]}, {label}")
        if lead and groups.setdefault(lead, lead) != lead:
            raise refused("fixed_twice", where, lead, groups=f"{groups[lead]}, {lead}")
        for one in [lead] if lead else [school] if is_lead else []:
            if leads.setdefault(label, one) != one:
                raise refused("two_fixed_leads", where, label, schools=f"{leads[label]}, {one}")
    return _kept(roster, Fixes(groups, leads)) if keep else Fixes(groups, leads)


def _kept(roster: Roster, said: Fixes) -> Fixes:
    """Return what is said, and beside it the groups that there are; a lead that is settled elsewhere leads no more."""
    groups = {s.id: s.group for s in roster.schools if s.group} | dict(said.groups)
    leads = {group.id: group.lead for group in roster.groups if groups[group.lead] == group.id}
    return Fixes(groups, leads | dict(said.leads))


class _Schools:
    """Schools of a roster by id and by display name."""

    def __init__(self, roster: Roster) -> None:
        self.ids = {school.id for school in roster.schools}
        self.names: dict[str, set[str]] = {}
        for school in roster.schools:
            for name in school.name.values():
                self.names.setdefault(name, set()).add(school.id)

    def get(self, text: str) -> str | None:
        """Return the id of the one school of that id or name, None where there is none or are several."""
        found = {text} if text in self.ids else self.names.get(text, set())
        return next(iter(found)) if len(found) == 1 else None

    def find(self, text: str, where: str) -> str:
        """Return the id of a school that must be there."""
        found = self.get(text)
        if found is None and text in self.names:
            raise refused("name_of_several", where, text, schools=", ".join(sorted(self.names[text])[:5]))
        if found is None:
            raise refused("unknown_fixed_school", where, text, nearest=nearest(text, self.ids | set(self.names)))
        return found


def _rows(texts: Iterable[str]) -> Iterator[tuple[str, Row]]:
    """Yield the place and content of every assignment."""
    for text in texts:
        if os.path.isfile(text) or "=" not in text:
            yield from _of_file(Path(text))
            continue
        for part in filter(None, (part.strip() for part in text.split(","))):
            school, sign, group = (word.strip() for word in part.partition("="))
            if not (school and sign and group):
                raise refused("bad_fix", OPTION, part)
            yield OPTION, (school, group, False)


def _of_file(path: Path) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a CSV file with a header, in UTF-8 or GB 18030; rows that name no group settle nothing."""
    try:
        lines = list(csv.reader(io.StringIO(_text(path), newline="")))
    except csv.Error:
        raise refused("unreadable_fix", OPTION, path) from None
    header = [cell.strip().casefold() for cell in lines[0]] if lines else []
    columns = [next((n for n, cell in enumerate(header) if cell in names), None) for names in (SCHOOL, GROUP, ROLE)]
    if columns[0] is None or columns[1] is None:
        raise refused("bad_fix_header", str(path), ", ".join(header))
    for number, line in enumerate(lines[1:], 2):
        school, group, role = ("" if n is None or n >= len(line) else line[n].strip().lstrip("'") for n in columns)
        if group and not school:
            raise refused("bad_fix", f"{path}:{number}", group)
        if group:
            yield f"{path}:{number}", (school, group, role.casefold() in LEADS)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()[:LARGEST_FILE]
    except (OSError, ValueError):
        raise refused("unreadable_fix", OPTION, shown(path)) from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refused("unreadable_fix", OPTION, path)

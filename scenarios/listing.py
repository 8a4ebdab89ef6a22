"""Turn a scenario's explicit list of schools, groups and zones into a roster, telling all that contradicts itself."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from scenarios.positions import Path
from scenarios.roster import Group, Names, Roster, School
from scenarios.schema import GroupTable, SchoolTable, Title, WorldTable
from scenarios.source import Report

LEADING = ("lead", "zone_head")


@dataclass(frozen=True)
class Listing:
    """A world table read: schools and groups by id, who leads each group and who heads each zone.

    `places` is where a group is declared: its own table, or the first school that names it.
    """

    table: WorldTable
    schools: Mapping[str, SchoolTable]
    groups: Mapping[str, GroupTable]
    places: Mapping[str, Path]
    leads: Mapping[str, str]
    heads: Mapping[str, str]

    @cached_property
    def leading(self) -> frozenset[str]:
        """Schools that lead a group."""
        return frozenset(self.leads.values())

    @cached_property
    def heading(self) -> frozenset[str]:
        """Schools that head a zone."""
        return frozenset(self.heads.values())

    def zone_of(self, school: str) -> str:
        """Return the zone of a school, which is its group's; empty for none."""
        group = self.groups.get(self.schools[school].group or "") if school in self.schools else None
        return (group.zone if group else None) or ""

    def role(self, school: SchoolTable) -> str:
        """Return the role that follows from who leads and heads what."""
        if school.id in self.heading:
            return "zone_head"
        if school.id in self.leading:
            return "lead"
        return "member" if school.group else "none"

    def place(self, group: str, field: str) -> Path:
        """Return the place of a field of a group."""
        path = self.places[group]
        return (*path, field) if path[1] == "groups" else path


def roster_of(table: WorldTable, report: Report) -> Roster | None:
    """Return the roster that `table` lists; None where `report` has, or gets here, anything that forbids it."""
    ids = {name: [item.id for item in getattr(table, name)] for name in ("schools", "groups", "zones")}
    for name, found in ids.items():
        _check_ids(found, report, name)
    if None in chain(*ids.values()):
        return None  # told already; without its id, everything that names it would seem unknown
    listing = read(table)
    _check_groups(listing, report)
    _check_zones(listing, report)
    for row, school in enumerate(table.schools):
        _check_school(listing, ("world", "schools", row), school, report)
    _check_openers(table, report)
    _check_hubs(listing, report)
    return None if report.errors else _roster(listing)


def read(table: WorldTable) -> Listing:
    """Gather groups, leads and zone heads: as their tables say, else as the roles of the schools say."""
    named = {school.group: GroupTable(id=school.group) for school in table.schools if school.group}
    groups = {group.id: group for group in table.groups} or named
    rows = reversed(list(enumerate(table.schools)))
    places: dict[str, Path] = {s.group: ("world", "schools", row, "group") for row, s in rows if s.group}
    places |= {group.id: ("world", "groups", row) for row, group in enumerate(table.groups)}
    by_role = {s.group: s.id for s in reversed(table.schools) if s.group and s.role in LEADING}
    leads = {ident: lead for ident, group in groups.items() if (lead := group.lead or by_role.get(ident))}
    above = {s.id for s in table.schools if s.role == "zone_head"}
    heads = {group.zone: leads[ident] for ident, group in groups.items() if group.zone and leads.get(ident) in above}
    heads |= {zone.id: zone.head for zone in table.zones if zone.head}
    return Listing(table, {school.id: school for school in table.schools}, groups, places, leads, heads)


def _check_ids(ids: Sequence[str | None], report: Report, table: str) -> None:
    seen: set[str | None] = set()
    for row, ident in enumerate(ids):
        if ident in seen and ident is not None:
            report.add("duplicate_id", ("world", table, row, "id"), ident)
        seen.add(ident)


def _check_groups(listing: Listing, report: Report) -> None:
    """Every group has a lead that exists, belongs to it, and leads no other."""
    led: dict[str, str] = {}
    for ident in listing.groups:
        path, lead = listing.place(ident, "lead"), listing.leads.get(ident)
        if lead is None:
            report.add("group_without_lead", listing.place(ident, "id"), ident)
        elif report.unknown("school", path, lead, listing.schools):
            continue
        elif lead in led:
            report.add("school_in_two_groups", path, lead, groups=f"{led[lead]}, {ident}")
        elif listing.schools[lead].group != ident:
            report.add("lead_not_in_group", path, lead, group=ident)
        led.setdefault(lead or "", ident)


def _check_zones(listing: Listing, report: Report) -> None:
    """Every zone has a head within it, and no zone stands above itself."""
    declared = {zone.id: row for row, zone in enumerate(listing.table.zones)}
    for row, group in enumerate(listing.table.groups):
        path = ("world", "groups", row, "zone")
        if group.zone and declared:
            report.unknown("zone", path, group.zone, declared)
        elif group.zone and group.zone not in listing.heads:
            report.add("zone_without_head", path, group.zone)
    above = {zone: over for zone, head in listing.heads.items() if (over := listing.zone_of(head)) != zone and over}
    circles = rings(above)
    for circle in circles:
        path, way = ("world", "zones", declared[circle[0]], "head"), " → ".join(circle)
        report.add("cyclic_tiers", path, listing.heads[circle[0]], chain=way)
    circular = set(chain(*circles))
    for ident, row in declared.items():
        path, head = ("world", "zones", row, "head"), listing.heads.get(ident)
        if head is None:
            report.add("zone_without_head", ("world", "zones", row, "id"), ident)
        elif report.unknown("school", path, head, listing.schools):
            continue
        elif ident not in circular and (listing.zone_of(head) != ident or head not in listing.leading):
            report.add("zone_head_elsewhere", path, head, zone=ident)


def _check_school(listing: Listing, path: Path, school: SchoolTable, report: Report) -> None:
    """Names of groups and other schools exist, and a role given is the one that follows."""
    if school.group:
        report.unknown("group", (*path, "group"), school.group, listing.groups)
    for place, other in _others(path, school):
        report.unknown("school", place, other, listing.schools)
    rival = listing.schools.get(listing.leads.get(school.group or "", ""))
    if school.role in LEADING and rival and rival.id != school.id and rival.role in LEADING:
        report.add("two_leads", (*path, "role"), school.group, schools=f"{rival.id}, {school.id}")
    elif school.role not in (None, listing.role(school)):
        report.add("role_differs", (*path, "role"), school.role, expected=listing.role(school))


def _others(path: Path, school: SchoolTable) -> Iterator[tuple[Path, str]]:
    """Yield the other schools that a school names, with the place."""
    for number, helper in enumerate(school.paired_with):
        yield (*path, "paired_with", number), helper
    if school.seeded_by:
        yield (*path, "seeded_by"), school.seeded_by


def _check_openers(table: WorldTable, report: Report) -> None:
    """No school is opened, in the end, by itself."""
    rows = {school.id: row for row, school in enumerate(table.schools)}
    for circle in rings({school.id: school.seeded_by for school in table.schools if school.seeded_by}):
        path = ("world", "schools", rows[circle[0]], "seeded_by")
        report.add("cyclic_tiers", path, table.schools[rows[circle[0]]].seeded_by, chain=" → ".join(circle))


def _check_hubs(listing: Listing, report: Report) -> None:
    """Note centres of a group's channels that do not exist or belong elsewhere."""
    for row, group in enumerate(listing.table.groups):
        for channel, hub in group.hubs.given().items():
            path = ("world", "groups", row, "hubs", channel)
            if not report.unknown("school", path, hub, listing.schools) and listing.schools[hub].group != group.id:
                report.add("hub_outside_group", path, hub, group=group.id)


def rings(following: Mapping[str, str]) -> list[list[str]]:
    """Return every way that comes back to where it began, from there to there again."""
    found, done = [], set[str]()
    for start in following:
        way, here = dict[str, None](), start
        while here in following and here not in done and here not in way:
            way[here] = None
            here = following[here]
        if here in way:
            names = list(way)
            found.append([*names[names.index(here) :], here])
        done |= way.keys()
    return found


def _names(title: Title | None, ident: str) -> Names:
    return title.both() if title else {"en": ident, "zh": ident}


def _roster(listing: Listing) -> Roster:
    groups = tuple(_group(listing, group, listing.leads[group.id]) for group in listing.groups.values())
    return Roster(tuple(_school(listing, school) for school in listing.table.schools), groups, dict(listing.heads))


def _group(listing: Listing, group: GroupTable, lead: str) -> Group:
    name, county = _names(group.name, group.id), _county(listing, lead)
    return Group(group.id, name, county, lead, group.zone or "", group.mode or "", group.hubs.given())


def _county(listing: Listing, school: str) -> str:
    return listing.schools[school].county or listing.table.county


def _school(listing: Listing, s: SchoolTable) -> School:
    known = s.reliability if s.standing is not None else 0.0
    return School(
        s.id, _names(s.name, s.id), _county(listing, s.id), s.level, s.setting, s.ownership, listing.role(s),
        s.group or "", listing.zone_of(s.id), s.x, s.y, s.pupils, s.posts, s.standing or 0.0, known,
        -math.inf if s.opens is None else s.opens, s.seeded_by or "", tuple(sorted(set(s.paired_with))),
        s.contract_share,
    )  # fmt: skip

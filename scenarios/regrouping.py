"""Groups put right by hand: schools moved to another group, out of all groups, or to the head of one."""

from collections.abc import Mapping
from dataclasses import replace

from scenarios.problems import Problem, ScenarioError, Where, nearest
from scenarios.roster import Group, Names, Roster, School

SUFFIX = "-group"


def regrouped(roster: Roster, groups: Mapping[str, str], leads: Mapping[str, str]) -> Roster:
    """Return a roster with some schools in other groups; groups left by all their schools are gone.

    Parameters
    ----------
    roster
        Its groups stay but for what is changed; a zone follows the group of its head.
    groups
        School → the group it is put into, empty for none. A group that there is not yet is made.
    leads
        Group → the school that leads it, where that is another or the group is new.

    Raises
    ------
    ScenarioError
        If a school is unknown, or a group would have no lead among its schools.
    """
    schools = {school.id: school for school in roster.schools}
    _check_known([*groups, *leads.values()], schools)
    group_of = {ident: groups.get(ident, school.group) for ident, school in schools.items()}
    old = {group.id: group for group in roster.groups}
    inhabited = set(group_of.values()) - {""}
    filled = [ident for ident in dict.fromkeys([*old, *group_of.values()]) if ident in inhabited]
    made = [_group(ident, old.get(ident), leads.get(ident, ""), schools, group_of) for ident in filled]
    lead_of = {group.id: group.lead for group in made}
    heads = {zone: lead_of.get(schools[head].group, "") for zone, head in roster.zone_heads.items()}
    heads = {zone: head for zone, head in heads.items() if head}
    made = [group if group.zone in heads else replace(group, zone="") for group in made]
    zone_of = {group.id: group.zone for group in made}
    placed = []
    for ident, school in schools.items():
        group = group_of[ident]
        role = ("lead" if lead_of[group] == ident else "member") if group else "none"
        role = "zone_head" if ident in heads.values() else role
        placed.append(replace(school, group=group, role=role, zone=zone_of.get(group, "")))
    return replace(roster, schools=tuple(placed), groups=tuple(made), zone_heads=heads)


def own_name(group: Group) -> Names:
    """Return what a group is called by people; empty where it has only an id that was made from a school's."""
    is_made = SUFFIX in group.id and set(group.name.values()) == {group.id}
    return {} if is_made else group.name


def _check_known(named: list[str], schools: Mapping[str, School]) -> None:
    unknown = [ident for ident in dict.fromkeys(named) if ident not in schools]
    if unknown:
        told = [Problem("unknown_school", Where("group"), one, {"nearest": nearest(one, schools)}) for one in unknown]
        raise ScenarioError(told)


def _group(
    ident: str, old: Group | None, lead: str, schools: Mapping[str, School], group_of: Mapping[str, str]
) -> Group:
    """Return a group as it was, or new, under its lead; centres of channels that have left it are the lead's again."""
    lead = lead or (old.lead if old else "")
    if not lead:
        raise ScenarioError([Problem("group_without_lead", Where("group"), ident, {})])
    if group_of[lead] != ident:
        raise ScenarioError([Problem("lead_not_in_group", Where("group"), lead, {"group": ident})])
    if old is None:
        return group_led_by(schools[lead], "", "", ident)
    hubs = {channel: hub for channel, hub in old.hubs.items() if group_of[hub] == ident}
    return replace(old, lead=lead, county=schools[lead].county, hubs=hubs)


def group_led_by(lead: School, mode: str, zone: str, ident: str = "") -> Group:
    """Return a new group, which has the name of its lead."""
    what = ("district", "学区") if lead.level == "kindergarten" else ("group", "集团")
    name = {"en": f"{lead.name['en']} {what[0]}", "zh": f"{lead.name['zh']}{what[1]}"}
    return Group(ident or f"{lead.id}{SUFFIX}", name, lead.county, lead.id, zone, mode)

"""Groups put right by hand: what is changed changes, all else stays, and no group is without a lead."""

import pytest

from scenarios import reader
from scenarios.problems import ScenarioError
from scenarios.regrouping import regrouped
from scenarios.roster import Roster


@pytest.fixture(scope="module")
def roster() -> Roster:
    return reader.load("yuyao_2020").roster


def test_nothing_changed_is_the_same(roster: Roster) -> None:
    assert regrouped(roster, {}, {}) == roster


def test_a_new_lead_takes_over_the_zone_with_the_group(roster: Roster) -> None:
    heads = set(roster.zone_heads.values())
    group = next(group for group in roster.groups if group.lead in heads)
    member = next(s.id for s in roster.schools if s.group == group.id and s.id != group.lead)
    now = regrouped(roster, {}, {group.id: member})
    zone = next(zone for zone, head in roster.zone_heads.items() if head == group.lead)
    assert now.zone_heads[zone] == member
    roles = {school.id: school.role for school in now.schools}
    assert (roles[member], roles[group.lead]) == ("zone_head", "member")


def test_a_school_in_no_group_has_no_role_and_no_zone(roster: Roster) -> None:
    member = next(s.id for s in roster.schools if s.role == "member")
    school = next(s for s in regrouped(roster, {member: ""}, {}).schools if s.id == member)
    assert (school.group, school.role, school.zone) == ("", "none", "")


def test_groups_without_a_lead_of_their_own_are_refused(roster: Roster) -> None:
    first, second = roster.groups[:2]
    member = next(s.id for s in roster.schools if s.role == "member")
    for groups, leads, code in (
        ({first.lead: ""}, {}, "lead_not_in_group"),
        ({}, {first.id: second.lead}, "lead_not_in_group"),
        ({member: "new"}, {}, "group_without_lead"),
        ({"nobody": first.id}, {}, "unknown_school"),
    ):
        with pytest.raises(ScenarioError) as told:
            regrouped(roster, groups, leads)
        assert [problem.code for problem in told.value.problems] == [code]

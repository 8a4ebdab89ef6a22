"""A scenario that is written says the same as the one that was read."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios import reader
from scenarios.catalogue import worlds
from scenarios.grouping import scenario as grouped
from scenarios.grouping.propose import propose
from scenarios.grouping.wish import Fixes, LeadRule, Wish
from scenarios.scenario import Scenario
from scenarios.source import Source, parse, read
from scenarios.writing import listed, toml
from tests.scenarios.samples import COUNTED, LISTED, changed, scenario

KEYS = st.text(min_size=1, max_size=6)
PLAIN = st.one_of(st.text(max_size=8), st.integers(-10, 10**9), st.floats(allow_nan=False), st.booleans())
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)
LARGE = "china_compulsory"


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_what_is_written_is_read_back(document: dict[str, Any]) -> None:
    assert tomllib.loads(toml(document)) == document


@pytest.mark.parametrize("name", [name for name in worlds() if name != LARGE])
def test_every_bundled_place_is_the_same_when_its_schools_are_listed(name: str) -> None:
    """Counted or listed, with zones, pairs, hubs, new schools: the hash of all that matters is the same."""
    one, source = reader.load(name), read(reader.file_of(name))
    document = dict(source.data) | {"world": listed(source.data["world"], one.roster)}
    other = reader.loads(name, toml(document))
    assert other.inputs_sha256 == one.inputs_sha256
    assert other.school_names == one.school_names


def regrouped(text: str, wish: Wish, mode: str | None = None) -> tuple[Scenario, Scenario, str]:
    source = parse("county.toml", text)
    before = scenario(text)
    written = grouped.text(before, source, propose(before.roster, wish), mode)
    return before, scenario(written), written


WISH = Wish(2, 7, rule=LeadRule(private=True))


@pytest.mark.parametrize("text", [LISTED, COUNTED])
def test_a_grouped_scenario_has_the_proposed_groups_and_the_same_schools(text: str) -> None:
    before, after, _ = regrouped(text, WISH)
    proposal = propose(before.roster, WISH)
    leads = {group.id: group.lead for group in after.roster.groups}
    assert {s.id: leads[s.group] for s in after.roster.schools} == {
        ident: one.lead.id for ident, one in proposal.placed.items()
    }
    fixed = ("id", "x", "y", "pupils", "posts", "standing", "reliability", "pairs", "setting", "ownership", "county")
    same = [[getattr(s, name) for name in fixed] for s in before.roster.schools]
    assert [[getattr(s, name) for name in fixed] for s in after.roster.schools] == same
    assert (after.run, after.baseline, after.control_name) == (before.run, before.baseline, before.control_name)


def test_the_roster_and_the_file_of_a_proposal_agree() -> None:
    before, after, _ = regrouped(COUNTED, WISH)
    roster = grouped.roster_of(before, propose(before.roster, WISH))
    assert {s.id: (s.group, s.role, s.zone) for s in roster.schools} == {
        s.id: (s.group, s.role, s.zone) for s in after.roster.schools
    }
    assert roster.zone_heads == after.roster.zone_heads


def test_modes_as_planned_go_when_nothing_is_planned_any_more() -> None:
    _, plain, _ = regrouped(LISTED, WISH)
    assert {choice.mode for choice in plain.compare} == {"fusion"}
    _, own, _ = regrouped(LISTED, WISH, "collaboration")
    assert {choice.mode for choice in own.compare} == {"collaboration", "fusion", "as_planned"}
    assert {group.mode for group in own.roster.groups} == {"collaboration"}
    only = changed(LISTED, 'modes = ["fusion", "as_planned"]', 'modes = ["as_planned"]')
    assert {choice.mode for choice in regrouped(only, WISH)[1].compare} == {"fusion"}


def test_provenance_says_by_which_rule_groups_were_proposed() -> None:
    _, after, _ = regrouped(COUNTED, WISH)
    (ground,) = [ground for ground in after.provenance if "world.groups" in ground.fields]
    assert ground.assumed is not None
    for words in ground.assumed.both().values():
        assert "yangfeng group" in words
        assert "{" not in words
    assert "world.schools.standing" in {field for ground in after.provenance for field in ground.fields}
    assert not [field for ground in after.provenance for field in ground.fields if "levels" in field]


def test_schools_of_other_levels_stay_in_groups_that_are_wholly_theirs() -> None:
    text = LISTED.replace('id = "c"\nlevel = "primary"', 'id = "c"\nlevel = "junior"')
    before = scenario(text)
    wish = Wish(2, 7, rule=LeadRule(private=True), levels=("primary",))
    roster = grouped.roster_of(before, propose(before.roster, wish))
    assert {s.id: (s.group, s.role) for s in roster.schools if s.id == "c"} == {"c": ("g2", "lead")}


def test_a_zone_ends_where_its_head_is_settled_as_a_member() -> None:
    wish = Wish(2, 7, rule=LeadRule(private=True), fixes=Fixes({"a": "c", "c": "c"}, {"c": "c"}))
    assert regrouped(LISTED, wish)[1].roster.zone_heads == {}


def test_a_source_without_provenance_gets_one() -> None:
    source: Source = parse("county.toml", LISTED)
    assert "provenance" not in source.data
    assert regrouped(LISTED, WISH)[1].provenance

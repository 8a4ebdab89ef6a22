"""Rosters, listed or counted, become worlds whose bytes do not depend on order or names."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.columns import LEVELS
from model.world import World
from scenarios.build import build
from scenarios.generate import generate
from scenarios.plans import CountyPlan, GroupPlan, LevelPlan, WorldPlan
from scenarios.reader import loads
from scenarios.roster import Roster, subjects_of
from tests.scenarios.samples import COUNTED, LISTED, changed, scenario

STANDING = {"zone_head": 1.8, "lead": 1.1, "urban": 0.1, "township": -0.3, "rural": -0.8}
FACTOR = {"urban": 1.6, "township": 1.0, "rural": 0.5}
LEVEL = LevelPlan(
    "primary", 2, (GroupPlan(3, 2, "fusion"), GroupPlan(2, 1)), {"urban": 2, "township": 3, "rural": 3}, 20.0, FACTOR,
    16.0, STANDING, {"rural": 2}, paired="members",
)  # fmt: skip
COUNTY = CountyPlan("c", 30.0, 20.0, 6, 3.0)
WORLD = WorldPlan("c", (COUNTY,), (LEVEL,))
ROSTER = generate(WORLD)


def same(one: World, other: World) -> bool:
    tables = zip(one, other, strict=True)
    return all(a.tobytes() == b.tobytes() for x, y in tables for a, b in zip(x, y, strict=True))


@settings(max_examples=20, deadline=None)
@given(schools=st.permutations(range(len(ROSTER.schools))), groups=st.permutations(range(len(ROSTER.groups))))
def test_the_order_of_a_roster_changes_no_byte_of_the_world(schools: list[int], groups: list[int]) -> None:
    heads = dict(reversed(list(ROSTER.zone_heads.items())))
    shuffled = Roster(tuple(ROSTER.schools[n] for n in schools), tuple(ROSTER.groups[n] for n in groups), heads)
    assert same(build(shuffled, ("fusion",))[0], build(ROSTER, ("fusion",))[0])
    assert build(shuffled, ("fusion",))[1] == build(ROSTER, ("fusion",))[1]


def test_the_order_of_a_file_changes_neither_the_world_nor_its_hash() -> None:
    head, *schools = LISTED.split("[[world.schools]]")
    last, rest = schools[-1].split("[[world.groups]]", 1)
    reordered = "[[world.schools]]".join([head, last, *schools[:-1]]) + "[[world.groups]]" + rest
    assert same(loads("x", reordered).world, scenario().world)
    assert loads("x", reordered).inputs_sha256 == scenario().inputs_sha256


def test_display_names_change_nothing() -> None:
    named = tuple(replace(school, name={"en": "X", "zh": "某校"}) for school in ROSTER.schools)
    assert same(build(replace(ROSTER, schools=named), ("fusion",))[0], build(ROSTER, ("fusion",))[0])
    text = changed(LISTED, 'id = "b"', 'id = "b"\nname = "Village school"')
    assert loads("x", text).inputs_sha256 == scenario().inputs_sha256
    assert loads("x", text).school_names["b"] == {"en": "Village school", "zh": "Village school"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("posts = 50", "posts = 51"),
        ("x = 3.0", "x = 3.5"),
        ("standing = 1.2", "standing = 1.3"),
        ('id = "b"', 'id = "bb"'),
        ('paired_with = ["a"]', "paired_with = []"),
        ('"none", "national_rule"', '"none", "heavy"'),
        ("[policies]", "[parameters.learning]\nfade = 0.3\n[policies]"),
        ("[policies]", "[modes.fusion]\nonline = 0.3\n[policies]"),
        ("[policies]", "[run]\nyears = 9\n[policies]"),
        ("[policies]", "[policies]\ncontrol = 'none'"),
    ],
)
def test_what_matters_to_the_numbers_changes_the_hash(old: str, new: str) -> None:
    assert loads("x", changed(LISTED, old, new)).inputs_sha256 != scenario().inputs_sha256


def test_a_listed_school_is_found_in_the_world_as_it_was_written() -> None:
    one = scenario(changed(LISTED, 'setting = "rural"', 'setting = "rural"\nopens = 2.0\nseeded_by = "a"'))
    schools = one.world.schools
    row = one.labels.schools.index("b")
    assert (schools.x[row], schools.y[row], schools.pupils[row], schools.opens[row]) == (3.0, 4.0, 200.0, 2.0)
    assert one.labels.schools[schools.seeded_by[row]] == "a"
    assert one.labels.groups[schools.group[row]] == "g1"
    assert np.count_nonzero(one.world.teachers.home == row) == 14
    assert schools.standing[row] == -0.7 and schools.reliability[row] == 0.8
    unknown = one.labels.schools.index("c")
    assert schools.standing[unknown] == 0.0 and schools.reliability[unknown] == 0.0
    assert schools.opens[unknown] == -np.inf


def test_roles_alone_make_groups() -> None:
    head = LISTED[: LISTED.index("[[world.groups]]")]
    text = changed(head, 'setting = "urban"', 'setting = "urban"\nrole = "lead"')
    text = changed(text, 'setting = "township"', 'setting = "township"\nrole = "lead"')
    one = loads("x", text + '[policies]\nmodes = ["fusion"]\nrotations = ["none"]\n')
    assert {group.id: group.lead for group in one.roster.groups} == {"g1": "a", "g2": "c"}
    assert [school.role for school in one.roster.schools] == ["lead", "member", "lead"]


def test_a_zone_head_is_a_role_and_its_zone_a_district() -> None:
    one = scenario()
    assert {school.id: school.role for school in one.roster.schools} == {"a": "zone_head", "b": "member", "c": "lead"}
    assert {school.zone for school in one.roster.schools} == {"z"}
    lead = one.world.groups.lead[one.labels.groups.index("g2")]
    head = one.world.groups.zone_head[one.labels.groups.index("g2")]
    assert (one.labels.schools[lead], one.labels.schools[head]) == ("c", "a")


def test_a_county_keeps_its_schools_when_it_is_generated_again() -> None:
    assert generate(WORLD) == ROSTER
    other = WorldPlan("d", (replace(COUNTY, name="d"),), (LEVEL,))
    assert generate(other).schools[0].x != ROSTER.schools[0].x


def test_generated_counts_are_those_asked_for() -> None:
    settings_of = [school.setting for school in ROSTER.schools if school.role == "member"]
    assert {name: settings_of.count(name) for name in LEVEL.settings} == LEVEL.settings
    assert sorted(ROSTER.members().values()) == [1, 1, 2, 2, 2]
    assert [school.role for school in ROSTER.schools].count("zone_head") == len(ROSTER.zone_heads) == 2
    assert [school.setting for school in ROSTER.schools if not school.group] == ["rural", "rural"]
    assert all(school.pairs == (school.group + "-lead",) for school in ROSTER.schools if school.role == "member")


def test_generated_standing_is_in_standard_deviations() -> None:
    standing = np.array([school.standing for school in ROSTER.schools])
    assert abs(standing.mean()) < 1e-3 and abs(standing.std() - 1.0) < 1e-3


def test_another_level_leaves_the_first_as_it_was_but_for_nothing() -> None:
    junior = replace(LEVEL, level="junior", staff=40.0)
    both = generate(replace(WORLD, levels=(LEVEL, junior)))
    assert both.schools[: len(ROSTER.schools)] == ROSTER.schools


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (replace(LEVEL, settings={"urban": 1}), "settings add up to 1, members to 8"),
        (replace(LEVEL, zones=9), "9 zones for 5 groups"),
    ],
)
def test_counts_that_contradict_each_other_are_refused(level: LevelPlan, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        generate(replace(WORLD, levels=(level,)))


def test_a_county_of_one_town_has_all_its_schools_there() -> None:
    one = generate(replace(WORLD, counties=(replace(COUNTY, towns=1, width_km=1.0, height_km=1.0),)))
    assert all(0.0 <= school.x <= 1.0 and 0.0 <= school.y <= 1.0 for school in one.schools)


@given(posts=st.integers(1, 300), level=st.sampled_from(LEVELS))
def test_every_post_has_a_subject(posts: int, level: str) -> None:
    assert len(subjects_of(posts, level)) == posts


def test_counts_in_a_file_become_a_world() -> None:
    one = scenario(COUNTED)
    assert len(one.world.schools.id) == 7
    assert one.assigned == ("fusion", "independent")
    assert sorted(one.world.groups.assigned.tolist()) == [0, 0, 1]

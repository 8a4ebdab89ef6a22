"""Generated worlds have the composition that their counts ask for."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.chance import stable_ids
from model.columns import CHANNELS, EMPLOYMENTS, LAYERS
from scenarios.build import build, post_ids
from scenarios.generate import generate
from scenarios.pairing import helpers_of_weak
from scenarios.plans import CountyPlan, GroupPlan, LevelPlan, WorldPlan
from scenarios.reader import loads
from scenarios.roster import Roster, School, apportioned, employments_of
from tests.scenarios.samples import COUNTED, LISTED, changed, scenario

STANDING = {"zone_head": 1.8, "lead": 1.1, "urban": 0.1, "township": -0.3, "rural": -0.8}
FACTOR = {"urban": 1.6, "township": 1.0, "rural": 0.5}
LEVEL = LevelPlan("primary", 0, (GroupPlan(4, 3),), {"urban": 6, "rural": 6}, 20.0, FACTOR, 16.0, STANDING)
COUNTY = CountyPlan("c", 30.0, 20.0, 6, 3.0)


def world(*levels: LevelPlan, counties: int = 1) -> Roster:
    return generate(WorldPlan("w", (replace(COUNTY, count=counties),), levels))


def with_groups(*groups: GroupPlan, **fields: object) -> LevelPlan:
    """Return the level with other groups, all of whose members' settings are given by the groups."""
    return replace(LEVEL, groups=groups, settings={}, **fields)


def members(roster: Roster, group: str) -> list[School]:
    lead = next(one.lead for one in roster.groups if one.id == group)
    own = (school for school in roster.schools if school.group == group and school.id != lead)
    return sorted(own, key=lambda school: school.id)


def school_of(roster: Roster, ident: str) -> School:
    return next(school for school in roster.schools if school.id == ident)


def test_members_of_a_group_are_of_the_settings_that_it_asks_for() -> None:
    plans = GroupPlan(2, 3, settings={"township": 1, "rural": 2}), GroupPlan(1, 1, settings={"urban": 1})
    roster = world(with_groups(*plans))
    found = Counter(tuple(sorted(s.setting for s in members(roster, group.id))) for group in roster.groups)
    assert found == {("rural", "rural", "township"): 2, ("urban",): 1}


def test_settings_that_no_group_asks_for_are_drawn_from_the_level() -> None:
    plans = GroupPlan(2, 2, settings={"township": 2}), GroupPlan(3, 1)
    roster = world(replace(LEVEL, groups=plans, settings={"rural": 3}))
    kinds = Counter(school.setting for school in roster.schools if school.role == "member")
    assert kinds == {"township": 4, "rural": 3}


@pytest.mark.parametrize("setting", ["urban", "township", "rural"])
def test_a_lead_lies_where_it_is_asked_to_among_its_members(setting: str) -> None:
    roster = world(with_groups(GroupPlan(3, 2, lead=setting, settings={"rural": 2})))
    for group in roster.groups:
        lead = school_of(roster, group.lead)
        assert (lead.setting, lead.role, lead.ownership) == (setting, "lead", "public")
    if setting != "urban":  # a lead outside the seat is of the same town as its first member
        one = school_of(roster, f"{roster.groups[0].id}-m1")
        lead = school_of(roster, roster.groups[0].lead)
        assert math.dist((one.x, one.y), (lead.x, lead.y)) < 15.0


def test_new_members_open_in_their_year_seeded_by_the_lead_and_the_town_comes_first() -> None:
    plan = GroupPlan(2, 3, settings={"urban": 1, "rural": 2}, new=1, opens=2.0)
    roster = world(with_groups(plan, paired="members"))
    new = [school for school in roster.schools if school.opens > -math.inf]
    assert [(s.opens, s.seeded_by, s.setting, s.pairs) for s in new] == [
        (2.0, f"{s.group}-lead", "urban", ()) for s in new
    ]
    assert len(new) == 2
    assert all(s.pairs == (f"{s.group}-lead",) for s in roster.schools if s.role == "member" and s not in new)


def test_private_members_take_the_places_in_town_and_do_not_open_anew() -> None:
    plan = GroupPlan(1, 3, settings={"urban": 2, "rural": 1}, ownership={"public": 2, "private": 1}, new=1)
    roster = world(with_groups(plan))
    found = {(s.setting, s.ownership, s.opens > 0.0) for s in roster.schools if s.role == "member"}
    assert found == {("urban", "private", False), ("urban", "public", True), ("rural", "public", False)}


def test_ownership_is_shared_out_over_the_schools_that_lead_no_group() -> None:
    shares = {"public": 0.5, "inclusive_private": 0.3, "private": 0.2}
    roster = world(replace(LEVEL, ungrouped={"urban": 8}, ownership=shares))
    found = Counter(s.ownership for s in roster.schools if s.role != "lead")
    assert found == {"public": 10, "inclusive_private": 6, "private": 4}
    assert len({s.ownership for s in roster.schools if s.role == "member"}) > 1


def test_a_lead_of_another_level_is_like_the_schools_of_that_level() -> None:
    senior = LevelPlan("senior", 0, (), {}, 200.0, FACTOR, 12.0, STANDING, {"urban": 3})
    roster = world(with_groups(GroupPlan(4, 2, lead_level="senior", settings={"urban": 2})), senior)
    leads = [school_of(roster, group.lead) for group in roster.groups]
    assert {lead.level for lead in leads} == {"senior"} and min(lead.posts for lead in leads) > 100
    assert Counter(school.level for school in roster.schools) == {"primary": 8, "senior": 7}
    seniors = np.array([school.standing for school in roster.schools if school.level == "senior"])
    assert abs(seniors.mean()) < 1e-3 and abs(seniors.std() - 1.0) < 1e-3


def test_members_of_another_level_lie_where_the_lead_does() -> None:
    junior = LevelPlan("junior", 0, (), {}, 60.0, FACTOR, 12.0, STANDING, paired="members")
    plan = GroupPlan(2, 1, lead="township", settings={"rural": 1}, beside={"junior": 2})
    roster = world(with_groups(plan, paired="members"), junior)
    beside = [school for school in roster.schools if school.level == "junior"]
    assert len(beside) == 4 and roster.members() == {group.id: 3 for group in roster.groups}
    for school in beside:
        lead = school_of(roster, f"{school.group}-lead")
        assert school.setting == "township" and math.dist((school.x, school.y), (lead.x, lead.y)) < 3.0
        assert school.pairs == ()  # pairs are of one level


def test_counties_lie_side_by_side_and_share_groups_and_others_evenly() -> None:
    roster = world(replace(LEVEL, ungrouped={"township": 4}), counties=4)
    assert Counter(school.county for school in roster.schools if not school.group) == dict.fromkeys(
        ("c-01", "c-02", "c-03", "c-04"), 1
    )
    assert Counter(group.county for group in roster.groups) == dict.fromkeys(("c-01", "c-02", "c-03", "c-04"), 1)
    corners = {"c-01": (0, 0), "c-02": (30, 0), "c-03": (0, 20), "c-04": (30, 20)}
    for school in roster.schools:
        x, y = corners[school.county]
        assert x <= school.x <= x + 30 and y <= school.y <= y + 20


def test_a_group_across_counties_has_its_last_members_in_the_next_one() -> None:
    roster = world(with_groups(GroupPlan(2, 3, settings={"rural": 3}, across=1)), counties=2)
    for group in roster.groups:
        assert [school.county == group.county for school in members(roster, group.id)] == [True, True, False]
    assert build(roster)[0].groups.county.tolist() == [0, 1]


def test_levels_of_named_counties_stay_there_under_names_of_their_own() -> None:
    city = replace(COUNTY, name="city", names={"en": "City", "zh": "城"})
    hills = replace(COUNTY, name="hills", names={"en": "Hills", "zh": "山"})
    levels = replace(LEVEL, county="city"), replace(LEVEL, county="hills", ungrouped={"rural": 1})
    roster = generate(WorldPlan("w", (city, hills), levels))
    assert Counter(school.county for school in roster.schools) == {"city": 16, "hills": 17}
    assert len({school.id for school in roster.schools}) == 33
    assert school_of(roster, "hills-primary-u01").name == {"en": "Hills, primary ungrouped 1", "zh": "山小学未入组校1"}
    assert len({school.name["zh"] for school in roster.schools}) == 33


def test_a_county_is_the_same_whatever_lies_beside_it() -> None:
    alone = generate(WorldPlan("w", (replace(COUNTY, name="a"),), (replace(LEVEL, county="a"),)))
    both = generate(
        WorldPlan("v", (replace(COUNTY, name="a"), COUNTY), (replace(LEVEL, county="a"), replace(LEVEL, county="c")))
    )
    found = {school.id: replace(school, name={}) for school in both.schools}
    assert all(found[school.id] == replace(school, name={}) for school in alone.schools)


def test_groups_made_by_proximity_lie_around_their_lead() -> None:
    roster = world(replace(LEVEL, near_km=1.5))
    for school in roster.schools:
        lead = school_of(roster, f"{school.group}-lead")
        assert max(abs(school.x - lead.x), abs(school.y - lead.y)) <= 1.51


def test_hubs_are_the_best_standing_members_one_for_each_channel() -> None:
    roster = world(with_groups(GroupPlan(1, 4, settings={"urban": 4}, hubs=True), GroupPlan(1, 0, hubs=True)))
    for group in roster.groups:
        best = sorted(members(roster, group.id), key=lambda school: -school.standing)
        expected = dict(zip(("research", "teaching", "culture"), (school.id for school in best), strict=False))
        assert group.hubs == expected


def test_ties_know_the_centre_of_each_channel() -> None:
    text = changed(LISTED, 'mode = "fusion"', 'mode = "fusion"\nhubs = { research = "b" }')
    one = loads("x", text)
    names, ties = one.labels.schools, one.world.ties
    found = {
        (names[source], names[target], LAYERS[layer]): dict(zip(CHANNELS, hub.tolist(), strict=True))
        for source, target, layer, hub in zip(ties.source, ties.target, ties.layer, ties.hub, strict=True)
    }
    rest = ("management", "teaching", "culture")
    assert found["a", "b", "group"] == dict.fromkeys(rest, 1) | {"research": 0}
    assert found["b", "a", "group"] == dict.fromkeys(rest, 0) | {"research": 1}
    assert found["a", "c", "zone"] == dict.fromkeys(CHANNELS, 1)
    assert found["c", "a", "zone"] == dict.fromkeys(CHANNELS, 0)
    assert one.inputs_sha256 != scenario().inputs_sha256


def test_ties_without_hubs_have_the_lead_at_their_centre() -> None:
    ties = scenario(COUNTED).world.ties
    assert np.array_equal(ties.hub, np.repeat((ties.rank == 1)[:, None], len(CHANNELS), axis=1))


def test_every_rural_or_weak_school_has_a_better_one_of_its_level_nearby() -> None:
    level = replace(LEVEL, ungrouped={"township": 12, "rural": 4}, paired="weak")
    roster = world(level, replace(level, level="junior"), counties=2)
    weak_ones = 0
    for region in {(school.county, school.level) for school in roster.schools}:
        own = {s.id: s for s in roster.schools if (s.county, s.level) == region}
        weakest = {s.id for s in sorted(own.values(), key=lambda s: s.standing)[: (len(own) + 3) // 4]}
        weak = [s for s in own.values() if s.setting == "rural" or s.id in weakest]
        helpers = [own[school.pairs[0]] for school in weak]  # each has one, of its county and level
        assert all(helper.standing > school.standing for school, helper in zip(weak, helpers, strict=True))
        assert {helper.setting for helper in helpers} <= {"urban", "township"}
        assert all(not school.pairs for school in own.values() if school not in weak)
        weak_ones += len(weak)
    assert weak_ones > 20
    layers = Counter(LAYERS[code] for code in build(roster)[0].ties.layer)
    assert layers["pair"] == 2 * weak_ones


def site(ident: str, standing: float, x: float, setting: str = "township") -> School:
    return School(ident, {}, "c", "primary", setting, "public", "none", "", "", x, 0.0, 100, 10, standing, 0.8)


def test_helpers_are_near_and_share_the_weak_schools_out() -> None:
    schools = [site("a", 2.0, 0.0), site("b", 1.0, 10.0), site("c", -1.0, 1.0, "rural"), site("d", -2.0, 2.0)]
    assert helpers_of_weak(schools) == {"c": "a", "d": "b"}
    assert helpers_of_weak([site("a", 2.0, 0.0, "rural"), site("b", 1.0, 1.0), *schools[2:]]) == {"c": "b", "d": "b"}


def test_contract_teachers_are_spread_over_the_subjects_of_public_schools() -> None:
    school = replace(site("a", 0.0, 0.0), posts=40, contract_share=0.25)
    kinds = [EMPLOYMENTS[code] for code in employments_of(school)]
    assert Counter(kinds) == {"established": 30, "contract": 10}
    assert Counter(kinds[:20])["contract"] == 5
    assert set(employments_of(replace(school, ownership="private"))) == {EMPLOYMENTS.index("private")}
    world_, _ = build(world(replace(LEVEL, contract_share=0.5)))
    share = np.mean(world_.teachers.employment == EMPLOYMENTS.index("contract"))
    assert share == pytest.approx(0.5, abs=0.02)


@given(st.integers(0, 500), st.lists(st.floats(0.01, 1.0), min_size=1, max_size=6))
def test_what_is_shared_out_adds_up_and_is_near_the_share(total: int, weights: list[float]) -> None:
    shares = [weight / sum(weights) for weight in weights]
    counts = apportioned(total, shares)
    assert sum(counts) == total
    assert all(abs(count - total * share) < 1.0 for count, share in zip(counts, shares, strict=True))


def test_ids_of_posts_are_those_of_their_texts() -> None:
    assert post_ids(["a", "校"], [2, 1]).tolist() == stable_ids(["a/0", "a/1", "校/0"]).tolist()
    with pytest.raises(ValueError, match="'a/0' and 'a/0'"):
        post_ids(["a", "a"], [1, 1])


def test_a_true_in_an_older_file_still_pairs_members_with_their_lead() -> None:
    paired = loads("x", changed(COUNTED, "staff = 12.0", "staff = 12.0\npaired = true"))
    assert paired.roster == loads("x", changed(COUNTED, "staff = 12.0", 'staff = 12.0\npaired = "members"')).roster
    assert {len(school.pairs) for school in paired.roster.schools if school.role == "member"} == {1}
    unpaired = loads("x", changed(COUNTED, "staff = 12.0", "staff = 12.0\npaired = false"))
    assert unpaired.roster == scenario(COUNTED).roster

"""The worlds of Lishui, Chongqing, Jiangjin and Shenzhen have the counts that their documents state."""

import math
import tomllib
from collections import Counter

import numpy as np
import pytest

from model.columns import CHANNELS, LAYERS, LEVELS
from scenarios import counting, schema
from scenarios.catalogue import summaries, worlds
from scenarios.reader import Scenario, load, policy_for
from scenarios.roster import School

EXAMPLES = [summary.name for summary in summaries() if not summary.benchmark]
LISHUI = {"lishui_2019_primary": (21, 100), "lishui_2019_preschool": (29, 115)}


@pytest.fixture(scope="module")
def loaded() -> dict[str, Scenario]:
    return {name: load(name) for name in EXAMPLES}


def grouped(one: Scenario) -> list[School]:
    return [school for school in one.roster.schools if school.group]


@pytest.mark.parametrize(("name", "counts"), LISHUI.items())
def test_lishui_has_its_groups_and_the_schools_they_cover(
    loaded: dict[str, Scenario], name: str, counts: tuple[int, int]
) -> None:
    one = loaded[name]
    assert (len(one.roster.groups), len(grouped(one))) == counts
    assert len(set(one.roster.members().values())) >= 3  # sizes vary
    assert len({school.county for school in one.roster.schools}) == 9


@pytest.mark.parametrize("name", LISHUI)
def test_lishui_has_every_composition_of_its_document(loaded: dict[str, Scenario], name: str) -> None:
    one = loaded[name]
    schools = {school.id: school for school in one.roster.schools}
    leads = [schools[group.lead] for group in one.roster.groups]
    members = [school for school in grouped(one) if school.role == "member"]
    assert {lead.setting for lead in leads} >= {"urban", "rural"}
    assert {school.setting for school in members} == {"urban", "township", "rural"}
    assert any(school.ownership != "public" for school in members)
    new = [school for school in members if school.opens > 0.0]
    assert new and all((s.opens, s.setting, s.seeded_by) == (2.0, "urban", f"{s.group}-lead") for s in new)
    assert any(school.county != schools[f"{school.group}-lead"].county for school in members)


@pytest.mark.parametrize("name", LISHUI)
def test_private_schools_of_lishui_stay_legal_persons_of_their_own(loaded: dict[str, Scenario], name: str) -> None:
    mode = {group.id: group.mode for group in loaded[name].roster.groups}
    private = {mode[school.group] for school in grouped(loaded[name]) if school.ownership != "public"}
    assert private == {"multi_legal_person"}
    assert set(mode.values()) == {"entrusted_management", "multi_legal_person", "single_legal_person"}


def test_chongqing_has_sixty_per_cent_of_its_schools_in_groups_or_districts(loaded: dict[str, Scenario]) -> None:
    one = loaded["chongqing_2021"]
    assert 5 * len(grouped(one)) == 3 * len(one.roster.schools)
    assert {group.mode for group in one.roster.groups} == {"brand_group", "learning_district"}
    assert len({school.county for school in one.roster.schools}) == 4


def test_seven_districts_of_junior_schools_are_led_by_senior_ones_that_stand_out(loaded: dict[str, Scenario]) -> None:
    one = loaded["chongqing_2021"]
    schools = {school.id: school for school in one.roster.schools}
    across = [group for group in one.roster.groups if schools[group.lead].level == "senior"]
    assert len(across) == 7 and {group.mode for group in across} == {"learning_district"}
    for group in across:
        levels = {school.level for school in schools.values() if school.group == group.id and school.id != group.lead}
        assert levels == {"junior"} and schools[group.lead].standing > 0.0


@pytest.mark.parametrize("name", ["chongqing_2021", "jiangjin_districts"])
def test_every_rural_or_weak_school_of_chongqing_has_a_better_pair_of_its_level(
    loaded: dict[str, Scenario], name: str
) -> None:
    one = loaded[name]
    schools = {school.id: school for school in one.roster.schools}
    paired = [school for school in schools.values() if school.pairs]
    for school in paired:
        (helper,) = (schools[ident] for ident in school.pairs)
        assert (helper.level, helper.county) == (school.level, school.county)
        assert helper.standing > school.standing
    assert {s.id for s in schools.values() if s.setting == "rural"} <= {s.id for s in paired}
    for region in {(s.county, s.level) for s in schools.values() if s.level != "senior"}:
        own = sorted((s for s in schools.values() if (s.county, s.level) == region), key=lambda s: s.standing)
        assert all(school.pairs for school in own[: len(own) // 4])
    assert {bool(school.group) for school in paired} == ({True, False} if name == "chongqing_2021" else {True})
    assert [(layer.layer, layer.modes[0].name) for layer in one.baseline.layers] == [(LAYERS.index("pair"), "pairing")]
    assert [layer.layer for layer in policy_for(one, "learning_district").layers] == [0, LAYERS.index("pair")]


def test_jiangjin_has_22_districts_that_cover_schools_of_both_levels(loaded: dict[str, Scenario]) -> None:
    one = loaded["jiangjin_districts"]
    assert len(one.roster.groups) == 22
    assert len(grouped(one)) == len(one.roster.schools)
    levels = {group.id: {s.level for s in grouped(one) if s.group == group.id} for group in one.roster.groups}
    assert all(found == {"primary", "junior"} for found in levels.values())


def test_shenzhen_has_200_districts_of_at_most_16_kindergartens(loaded: dict[str, Scenario]) -> None:
    one = loaded["shenzhen_preschool"]
    sizes = [members + 1 for members in one.roster.members().values()]
    assert len(sizes) == 200 and max(sizes) == 16
    assert len(grouped(one)) == len(one.roster.schools) == sum(sizes)
    assert one.levels == ("kindergarten",) and not one.warnings


def test_districts_of_shenzhen_mix_ownership_around_a_good_public_centre(loaded: dict[str, Scenario]) -> None:
    one = loaded["shenzhen_preschool"]
    schools = {school.id: school for school in one.roster.schools}
    kinds = Counter(school.ownership for school in schools.values())
    assert kinds["public"] / len(schools) == pytest.approx(0.5, abs=0.01)
    assert 1.0 - kinds["private"] / len(schools) == pytest.approx(0.8, abs=0.01)
    mixed = Counter[int]()
    for group in one.roster.groups:
        own = [school for school in schools.values() if school.group == group.id]
        mixed[len({school.ownership for school in own})] += 1
        assert schools[group.lead].ownership == "public"
        lead = schools[group.lead]
        assert all(math.dist((s.x, s.y), (lead.x, lead.y)) < 1.5 * math.sqrt(2.0) + 0.02 for s in own)
    assert mixed[3] > 150 and mixed[1] == 0


def test_districts_of_shenzhen_have_several_hubs(loaded: dict[str, Scenario]) -> None:
    one = loaded["shenzhen_preschool"]
    for group in one.roster.groups:
        assert set(group.hubs) == {"research", "teaching", "culture"}
        assert len(set(group.hubs.values()) | {group.lead}) == 4
    ties = one.world.ties
    centres = {name: set(ties.source[ties.hub[:, k] == 1].tolist()) for k, name in enumerate(CHANNELS)}
    assert all(len(rows) == 200 for rows in centres.values())
    assert centres["management"] == set(one.world.groups.lead.tolist())
    assert not centres["management"] & centres["research"]


def test_supervisors_of_shenzhen_are_paid_for_and_count_once(loaded: dict[str, Scenario]) -> None:
    one = loaded["shenzhen_preschool"]
    policy = policy_for(one, one.compare[-1])
    assert policy.layers[0].modes[0].supervision == 0.5
    assert (policy.support.supervision, policy.support.supervisors) == (0.0, 1.8)
    assert (policy.support.training_cycle, policy.support.uplift_files) == (3, 1.0)


def test_kindergartens_are_under_no_national_rotation_rule(loaded: dict[str, Scenario]) -> None:
    for one in loaded.values():
        rotations = [rotation.name for rotation in one.baseline.rotations]
        assert rotations == ([] if one.levels == ("kindergarten",) else ["national_rule"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_compares_what_its_document_names_and_can_be_compiled(
    loaded: dict[str, Scenario], name: str
) -> None:
    one = loaded[name]
    assert len(one.compare) >= 2 and len(one.compare) <= 12
    for choice in one.compare:
        assert policy_for(one, choice).layers
    if len(one.assigned) > 1:
        assert len(policy_for(one, "as_planned").layers[0].modes) == len(one.assigned)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_pupils_per_teacher_near_the_national_ones(loaded: dict[str, Scenario], name: str) -> None:
    schools = loaded[name].world.schools
    expected = {"kindergarten": 13.3, "primary": 16.2, "junior": 12.7, "senior": 12.9}
    for level in loaded[name].levels:
        rows = np.flatnonzero(schools.level == LEVELS.index(level))
        posts = np.bincount(loaded[name].world.teachers.home, minlength=len(schools.id))[rows].sum()
        assert schools.pupils[rows].sum() / posts == pytest.approx(expected[level], rel=0.1)


def test_the_country_is_a_benchmark_and_no_example() -> None:
    benchmarks = [summary.name for summary in summaries() if summary.benchmark]
    assert benchmarks == ["china_compulsory"]
    table = schema.WorldTable.model_validate(tomllib.loads(worlds()["china_compulsory"].read_text("utf-8"))["world"])
    groups = [(plan.count, plan.members) for level in table.levels for plan in level.groups]
    ungrouped = sum(sum(level.ungrouped.model_dump().values()) for level in table.levels)
    schools = ungrouped + sum(count * (members + 1) for count, members in groups)
    assert schools == 143_500 + 52_300
    assert counting.posts(table) == pytest.approx(10.6e6, rel=0.01)


@pytest.mark.slow
def test_the_country_is_built_whole() -> None:
    one = load("china_compulsory")
    assert len(one.world.schools.id) == 195_800
    assert len(one.world.teachers.id) == pytest.approx(10.6e6, rel=0.01)
    assert len({school.county for school in one.roster.schools}) == 2844

"""The bundled worlds are what their documents and their provenance say."""

from collections import Counter

import numpy as np
import pytest

from model.columns import LAYERS
from model.policy import STANDING
from scenarios.catalogue import summaries, worlds
from scenarios.reader import Scenario, load, loads, policy_for


@pytest.fixture(scope="module")
def yuyao() -> Scenario:
    return load("yuyao_2020")


@pytest.fixture(scope="module")
def pair() -> Scenario:
    return load("shuangtaizi_two_schools")


@pytest.mark.parametrize("name", worlds())
def test_a_bundled_world_says_loudly_that_it_is_synthetic(name: str) -> None:
    summary = next(one for one in summaries() if one.name == name)
    assert summary.synthetic
    assert "synthetic" in summary.title["en"] and "合成" in summary.title["zh"]


def test_yuyao_has_every_school_in_a_group_and_every_group_in_a_zone(yuyao: Scenario) -> None:
    assert all(school.group and school.zone for school in yuyao.roster.schools)
    assert all(group.zone in yuyao.roster.zone_heads for group in yuyao.roster.groups)
    assert yuyao.levels == ("primary", "junior")
    assert Counter(school.level for school in yuyao.roster.schools) == {"primary": 59, "junior": 24}
    assert len(yuyao.roster.groups) == 26
    assert len(yuyao.roster.zone_heads) == 7


def test_yuyao_groups_have_an_urban_lead_and_their_levels_apart(yuyao: Scenario) -> None:
    schools = {school.id: school for school in yuyao.roster.schools}
    for group in yuyao.roster.groups:
        assert schools[group.lead].setting == "urban"
        assert {school.level for school in schools.values() if school.group == group.id} == {schools[group.lead].level}


def test_yuyao_assigns_all_three_types_and_fusion_has_one_or_two_members(yuyao: Scenario) -> None:
    assert yuyao.assigned == ("co_construction", "collaboration", "fusion")
    assert Counter(group.mode for group in yuyao.roster.groups) == {
        "co_construction": 12,
        "collaboration": 8,
        "fusion": 6,
    }
    members = yuyao.roster.members()
    assert {members[group.id] for group in yuyao.roster.groups if group.mode == "fusion"} == {1, 2}
    assert set(members.values()) == {1, 2, 3, 4}


def test_yuyao_is_the_size_of_its_provenance(yuyao: Scenario) -> None:
    schools = yuyao.roster.schools
    pupils = Counter[str]()
    for school in schools:
        pupils[school.level] += school.pupils
    assert 80_000 < pupils.total() < 84_000
    assert 1.7 < pupils["primary"] / pupils["junior"] < 2.3
    for level, ratio, mean in (("primary", 16.2, 55), ("junior", 12.7, 92)):
        posts = [school.posts for school in schools if school.level == level]
        assert sum(posts) / len(posts) == pytest.approx(mean, abs=0.6)
        assert pupils[level] / sum(posts) == pytest.approx(ratio, rel=0.1)
    assert all(0.0 <= school.x <= 45.0 and 0.0 <= school.y <= 33.0 for school in schools)


def test_yuyao_leads_stand_above_members(yuyao: Scenario) -> None:
    by_role: dict[str, list[float]] = {}
    for school in yuyao.roster.schools:
        by_role.setdefault(school.role, []).append(school.standing)
    means = {role: sum(values) / len(values) for role, values in by_role.items()}
    assert means["zone_head"] > means["lead"] > 0.5 > 0.0 > means["member"]


def test_yuyao_rests_on_pairs_research_districts_and_the_national_rule(yuyao: Scenario) -> None:
    assert [(layer.layer, layer.modes[0].name, layer.since) for layer in yuyao.baseline.layers] == [
        (LAYERS.index("pair"), "internet_pairing", STANDING),
        (LAYERS.index("district"), "research_district", STANDING),
    ]
    assert [rotation.name for rotation in yuyao.baseline.rotations] == ["national_rule"]
    assert yuyao.baseline.layers[0].modes[0].online == 0.3
    assert yuyao.baseline.layers[0].modes[0].research == yuyao.catalogue.modes["pairing"].record.research
    ties = yuyao.world.ties
    counts = Counter(LAYERS[code] for code in ties.layer)
    members = len(yuyao.roster.schools) - len(yuyao.roster.groups)
    assert counts["pair"] == 2 * members
    assert counts["zone"] == 2 * (len(yuyao.roster.groups) - len(yuyao.roster.zone_heads))
    assert np.all(ties.distance >= 0.0) and np.all(ties.distance < 60.0)


def test_yuyao_compares_its_types_with_and_without_rotation_under_the_zone_tier(yuyao: Scenario) -> None:
    assert [choice.mode for choice in yuyao.compare[::2]] == [
        "fusion",
        "co_construction",
        "collaboration",
    ]
    assert [choice.rotation for choice in yuyao.compare[:2]] == ["none", "national_rule"]
    for choice in yuyao.compare:
        assert [layer.layer for layer in policy_for(yuyao, choice).layers] == [0, 1, 2, 3]
    assert (yuyao.run.years, yuyao.run.burn_in, yuyao.control_name) == (10, 5, "as_is")


def test_yuyao_warns_that_fusion_is_meant_for_small_groups(yuyao: Scenario) -> None:
    (warning,) = yuyao.warnings
    assert (warning.code, warning.value, dict(warning.remedy)) == (
        "span_exceeded",
        "9",
        {"mode": "fusion", "allowed": "1–2"},
    )


def test_shuangtaizi_is_exactly_two_primary_schools(pair: Scenario) -> None:
    assert {school.id: (school.role, school.level) for school in pair.roster.schools} == {
        "shiyan": ("lead", "primary"),
        "hubin": ("member", "primary"),
    }
    assert pair.school_names["hubin"] == {"en": "Hubin Primary", "zh": "湖滨小学"}
    assert Counter(LAYERS[code] for code in pair.world.ties.layer) == {"group": 2}
    assert pair.world.ties.distance.tolist() == [3.0, 3.0]


def test_shuangtaizi_deploys_its_teachers_as_one_over_the_national_rule(pair: Scenario) -> None:
    assert pair.baseline.layers == ()
    assert [rotation.name for rotation in pair.baseline.rotations] == ["national_rule"]
    assert pair.compare[0] == ("two_school_integration", "unified_deployment", "none")
    policy = policy_for(pair, pair.compare[0])
    assert [layer.layer for layer in policy.layers] == [0]
    assert policy.layers[0].modes[0].brand and policy.rotations[0].until_redeployed


def test_a_world_is_the_same_wherever_its_name_and_titles_change(yuyao: Scenario) -> None:
    text = worlds()["yuyao_2020"].read_text("utf-8")
    renamed = loads(
        "elsewhere", text.replace("Yuyao 2020 (synthetic schools)", "Somewhere").replace("余姚 2020", "某市")
    )
    assert renamed.inputs_sha256 == yuyao.inputs_sha256
    for one, other in zip(renamed.world, yuyao.world, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))

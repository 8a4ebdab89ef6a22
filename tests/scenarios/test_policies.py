"""Modes, rotations and supports become policies; a new one is a table of TOML and nothing else."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from experiments.studies import Options, study_of
from model.attributes import Attributes, active_families, compile_policy
from model.policy import Layer, Mode, Policy, RotationPolicy, SupportPolicy
from scenarios import schema
from scenarios.catalogue import CHANNELS, KINDS, bundled, entry
from scenarios.problems import ScenarioError
from scenarios.reader import Choice, control, load, loads, policy_for, title_of
from scenarios.variation import paths, read_value, uncertain, value_at
from tests.scenarios.samples import LISTED, changed, scenario

OWN = """
[modes.alliance]
title = { en = "Alliance", zh = "联盟" }
management = 0.1
teaching = { default = 0.3, low = 0.2, high = 0.5 }
research = { default = 0.6, low = 0.4 }
heads = "exchange"
pool_rule = "voluntary"
span = [2, 5]

[modes.milder]
based_on = "fusion"
management = 0.5

[modes.fusion]
online = 0.3

[rotations.half]
based_on = "national_rule"
share = 0.05

[supports.tutors]
cultivation = 0.1

[policies]"""


def attributes(policy: Policy, text: str = LISTED) -> Attributes:
    return compile_policy(policy, scenario(text).world)


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_has_the_fields_of_its_record(kind: str) -> None:
    table, record = KINDS[kind]
    own = set(table.model_fields) - set(schema.Policy.model_fields)
    assert own == {field.name for field in fields(record)} - {"name"}


@pytest.mark.parametrize(("kind", "record"), [("mode", Mode), ("rotation", RotationPolicy), ("support", SupportPolicy)])
def test_an_empty_table_is_the_record_at_its_defaults(kind: str, record: type[Any]) -> None:
    assert entry(kind, "x", KINDS[kind][0]()).record == record("x")


# Modes as the design judges them: "default low high" of each channel weight and of online share, autonomy, symmetry and
# head_on_members; a number alone is known. Then legal person, heads, staff pool, its rule, pay on group and on member.
MODES = """
independent 0; 0; 0; 0; 0; 0; 1; 0; 0; own own none none 0 1
fusion 1 .8 1; 1 .8 1; 1 .8 1; .9 .6 1; 1 .8 1; .2 0 .4; .2 .05 .4; .2 0 .4; .9 .7 1; one executive group compulsory 1 0
co_construction .6 .4 .8; .7 .5 .9; .8 .6 .9; .6 .4 .8; .9 .7 1; .2 0 .4; .5 .3 .7; .2 0 .4; .7 .5 .9; own own group quota .5 .5
collaboration .2 .05 .35; .4 .2 .6; .5 .3 .7; .2 .05 .4; .7 .4 .9; .6 .4 .8; .9 .7 1; .3 .1 .6; .2 .05 .4; own own none voluntary 0 1
zone_tier .1 0 .2; .1 0 .2; .2 .1 .4; .1 0 .2; .3 .1 .5; .3 .1 .5; 1; 0; .3 .1 .5; own own none none 0 1
entrusted_management .9 .7 1; .6 .4 .8; .5 .3 .7; .5 .3 .7; .5 .3 .8; .1 0 .3; .4 .2 .6; 0 0 .2; .6 .4 .9; contract seconded group contract 0 1
multi_legal_person .3 .1 .5; .4 .2 .6; .6 .4 .8; .3 .1 .5; .8 .5 1; .2 0 .4; .8 .6 1; .9 .7 1; .2 0 .4; own own group voluntary .3 .7
single_legal_person 1 .8 1; .95 .8 1; .9 .7 1; .8 .5 1; 1 .8 1; .2 0 .4; .3 .1 .5; .2 0 .4; .9 .7 1; one executive group compulsory 1 0
two_school_integration 1 .8 1; 1 .8 1; .9 .7 1; .6 .4 .8; 1 .8 1; 0 0 .2; .4 .2 .6; .3 .1 .5; .5 .3 .7; one_plan shared group compulsory .8 .8
brand_group .5 .3 .7; .8 .6 .9; .8 .6 .9; .6 .4 .8; .8 .6 1; .2 0 .4; .5 .3 .8; .2 0 .4; .5 .3 .7; own own group quota .4 .6
learning_district .3 .1 .5; .5 .3 .7; .7 .5 .9; .3 .1 .5; .8 .5 1; .2 0 .4; .8 .6 1; .5 .3 .8; .3 .1 .5; own own county compulsory .2 .8
pairing .3 .1 .5; .3 .1 .5; .4 .2 .6; .2 .05 .4; .2 0 .4; .1 0 .3; .9 .7 1; .3 .1 .5; .2 0 .4; own exchange pair voluntary 0 1
preschool_district .2 .1 .4; .4 .2 .6; .6 .4 .8; .3 .1 .5; .7 .4 .9; .3 .1 .5; .9 .7 1; .3 .1 .5; .6 .4 .8; own own group voluntary .2 .8
research_district 0; 0; .3 .1 .5; 0; .2 0 .4; .2 0 .4; 1; 0; 0; own own none none 0 1
"""  # noqa: E501 - one mode a line reads as a table
DESIGNED: Mapping[str, list[str]] = {
    line.split()[0]: line.partition(" ")[2].split("; ") for line in MODES.strip().splitlines()
}
NAMES = (*CHANNELS, "online", "autonomy", "symmetry", "head_on_members")


@pytest.mark.parametrize("name", DESIGNED)
def test_a_mode_has_the_numbers_of_the_design(name: str) -> None:
    *shares, governance = DESIGNED[name]
    found, record = bundled().modes[name], bundled().modes[name].record
    for field, words in zip(NAMES, shares, strict=True):
        default, *ends = map(float, words.split())
        assert getattr(record, field) == default, field
        assert found.ranges.get(field) == (tuple(ends) or None), field
    governed = (record.legal_person, record.heads, record.staff_pool, record.pool_rule)
    assert f"{' '.join(governed)} {record.pay_on_group:g} {record.pay_on_member:g}".replace("0.", ".") == governance


def test_every_bundled_mode_is_in_the_table_above() -> None:
    assert set(bundled().modes) == set(DESIGNED)


def test_modes_carry_what_their_documents_say_beside_numbers() -> None:
    modes = {name: entry.record for name, entry in bundled().modes.items()}
    assert {name: mode.span for name, mode in modes.items() if mode.span} == {
        "fusion": (1, 2), "two_school_integration": (1, 1), "pairing": (1, 1), "preschool_district": (1, 15),
    }  # fmt: skip
    assert {name: mode.supervision for name, mode in modes.items() if mode.supervision} == {
        "zone_tier": 0.3, "preschool_district": 0.5,
    }  # fmt: skip
    assert bundled().modes["preschool_district"].ranges["supervision"] == (0.3, 0.7)
    assert {name for name, mode in modes.items() if mode.brand} == {
        "brand_group", "entrusted_management", "fusion", "single_legal_person", "two_school_integration",
    }  # fmt: skip
    assert [name for name, mode in modes.items() if mode.self_picked] == ["collaboration"]


ROTATIONS = (
    RotationPolicy("none", quota="none"),
    RotationPolicy("national_rule"),
    RotationPolicy("heavy", share=0.4, backbone_share=0.5),
    RotationPolicy("backbone_flow", "backbone", share=0.1, eligible_years=0.0, stay_years=2.0, compulsory=False),
    RotationPolicy("reservoir", "backbone", "even_backbone", 0.2, None, 0.0, scope="group", direction="both"),
    RotationPolicy(
        "unified_deployment", "all", "even_skill", 0.15, None, 0.0, scope="group", direction="both",
        until_redeployed=True,
    ),
    RotationPolicy(
        "itinerant", "minor_qualified", "shortage", 0.1, None, 0.0, scope="group", direction="both", time_share=0.4,
        backfill="absorbed",
    ),
    RotationPolicy("resident", "minor_qualified", "shortage", 0.1, None, 0.0, scope="group", direction="both"),
    RotationPolicy(
        "flexible_flow", "backbone", share=0.1, eligible_years=0.0, scope="group", time_share=0.5,
        backfill="absorbed", compulsory=False,
    ),
    RotationPolicy(
        "two_way_exchange", "all", "staff", 0.05, destination="pair", scope="pair", direction="both",
        compulsory=False,
    ),
    RotationPolicy(
        "shadowing", "all", "staff", 0.05, None, 0.0, "lead", "group", "inward", stay_years=0.5,
        backfill="absorbed", compulsory=False,
    ),
    RotationPolicy("studio", "masters", "studio", time_share=0.1, backfill="absorbed", compulsory=False),
    RotationPolicy("county_managed", scope="county"),
)  # fmt: skip
SUPPORTS = (
    SupportPolicy("none"),
    SupportPolicy("incentives", incentive=1.0, title_credit=1.0),
    SupportPolicy("supervision", supervision=0.5, supervisors=1.0 + 8 * 0.1),
    SupportPolicy("export_award", export_award=0.5),
    SupportPolicy("county_posts", county_posts=0.3),
    SupportPolicy("training_cycle", training_cycle=3),
    SupportPolicy("cultivation", cultivation=0.06),
    SupportPolicy("uplift_files", uplift_files=1.0),
    SupportPolicy("fund", fund=200_000.0, recognition_lead=0.2, recognition_members=0.2),
    SupportPolicy("ends_in_year", ends_in_year=3),
)


def test_the_bundled_rotations_are_those_of_the_design() -> None:
    assert {name: entry.record for name, entry in bundled().rotations.items()} == {r.name: r for r in ROTATIONS}


def test_the_bundled_supports_are_those_of_the_design() -> None:
    assert {name: entry.record for name, entry in bundled().supports.items()} == {s.name: s for s in SUPPORTS}


def test_a_rotation_that_leaves_a_number_out_leaves_it_to_the_parameters() -> None:
    assert bundled().rotations["county_managed"].record.share is None
    assert bundled().rotations["heavy"].record.share == 0.4


@pytest.mark.parametrize("name", [*DESIGNED, "as_planned"])
def test_every_mode_compiles(name: str) -> None:
    one = scenario()
    made = compile_policy(policy_for(one, name, "national_rule"), one.world)
    assert all(
        np.isfinite(part).all() for part in (made.weight, made.research, made.platform, made.stake, made.openness)
    )
    assert made.research.any() == (name != "independent")


def test_every_rotation_and_support_compiles_and_changes_something() -> None:
    one = scenario()
    bare = compile_policy(policy_for(one, "fusion"), one.world)
    for name in bundled().rotations.keys() - {"none"}:
        assert active_families(bare, compile_policy(policy_for(one, "fusion", name), one.world)), name
    for name in bundled().supports.keys() - {"none", "ends_in_year"}:  # the last one ends a policy, it changes none
        assert active_families(bare, compile_policy(policy_for(one, "fusion", "none", name), one.world)), name


def test_equal_policies_compile_equal() -> None:
    text = changed(LISTED, "[policies]", '[modes.same]\nbased_on = "fusion"\ntitle = "Another name"\n[policies]')
    one = loads("x", text)
    made = [compile_policy(policy_for(one, name, "heavy", "fund"), one.world) for name in ("fusion", "same")]
    assert active_families(made[0], made[1]) == set()


def test_independence_under_the_baseline_rotation_is_the_control() -> None:
    one = load("yuyao_2020")
    made = compile_policy(policy_for(one, "independent", "national_rule"), one.world)
    assert active_families(compile_policy(control(one), one.world), made) == set()


def test_independence_without_anything_is_the_control_none() -> None:
    one = scenario()
    made = compile_policy(policy_for(one, "independent", standing=False), one.world)
    assert active_families(compile_policy(control(one, "none"), one.world), made) == set()


def test_an_unknown_control_is_refused() -> None:
    with pytest.raises(ValueError, match="as_is, none"):
        control(scenario(), "nothing")


def test_a_mode_is_added_by_toml_alone() -> None:
    one = loads("x", changed(LISTED, "[policies]", OWN))
    found = one.catalogue.modes["alliance"]
    assert found.record == Mode(
        "alliance", 0.1, 0.3, 0.6, heads="exchange", pool_rule="voluntary", span=(2, 5)
    )  # fmt: skip
    assert found.ranges == {"teaching": (0.2, 0.5), "research": (0.4, 0.6)}
    assert found.title == {"en": "Alliance", "zh": "联盟"}
    assert policy_for(one, "alliance").layers[0] == Layer(0, (found.record,))


def test_a_record_takes_what_it_leaves_out_from_its_basis_or_its_namesake() -> None:
    one = loads("x", changed(LISTED, "[policies]", OWN)).catalogue
    fusion, milder = bundled().modes["fusion"], one.modes["milder"]
    assert (milder.record.management, milder.record.online) == (0.5, 0.3)
    assert (milder.record.legal_person, milder.record.pay_on_group) == ("one", 1.0)
    assert milder.title == {"en": "milder", "zh": "milder"}
    assert (one.modes["fusion"].record.online, one.modes["fusion"].title) == (0.3, fusion.title)
    assert "online" not in one.modes["fusion"].ranges and "culture" in one.modes["fusion"].ranges
    assert one.rotations["half"].record == RotationPolicy("half", share=0.05)
    assert one.supports["tutors"].record == SupportPolicy("tutors", cultivation=0.1)


def test_the_bundled_records_stay_as_they_are_when_a_file_changes_them() -> None:
    loads("x", changed(LISTED, "[policies]", OWN), {"modes.fusion.culture": 0.1})
    assert bundled().modes["fusion"].record.online == 0.2
    assert bundled().modes["fusion"].record.culture == 0.9


def test_each_group_gets_its_own_mode_as_planned() -> None:
    one = scenario()
    assert one.assigned == ("fusion", "independent")
    policy = policy_for(one, "as_planned")
    made = compile_policy(policy, one.world)
    rows = {name: one.labels.schools.index(name) for name in "abc"}
    assert made.legal_person[rows["b"]] == rows["a"]
    assert made.legal_person[rows["c"]] == rows["c"]


def test_rotations_and_supports_join() -> None:
    one = scenario()
    policy = policy_for(one, "fusion", "national_rule+itinerant", "supervision+fund")
    assert [rotation.name for rotation in policy.rotations] == ["national_rule", "itinerant"]
    assert (policy.support.supervision, policy.support.fund, policy.support.name) == (0.5, 2e5, "supervision+fund")
    assert policy_for(one, "fusion", "none").rotations == ()
    assert policy_for(one, "fusion", "none + heavy").rotations == policy_for(one, "fusion", "heavy").rotations


def test_a_choice_stands_for_its_three_names() -> None:
    one = scenario()
    assert policy_for(one, Choice("fusion", "heavy", "fund")) == policy_for(one, "fusion", "heavy", "fund")


def test_the_zone_tier_goes_with_every_mode_but_independence_unless_left_out() -> None:
    one = loads("x", changed(LISTED, "[policies]", '[policies]\nzone = "zone_tier"'))
    layers = {
        name: [layer.layer for layer in policy_for(one, name).layers]
        for name in ("fusion", "as_planned", "independent")
    }
    assert layers == {"fusion": [0, 1], "as_planned": [0, 1], "independent": [0]}
    assert [layer.layer for layer in policy_for(one, "fusion", zone=False).layers] == [0]


def test_standing_layers_stay_unless_left_out() -> None:
    one = loads("x", changed(LISTED, "[policies]", '[baseline.layers]\npair = "pairing"\n[policies]'))
    assert [layer.layer for layer in policy_for(one, "fusion").layers] == [0, 2]
    assert [layer.layer for layer in policy_for(one, "fusion", standing=False).layers] == [0]
    assert [layer.layer for layer in control(one).layers] == [2]
    assert control(one, "none") == Policy()


def test_titles_read_as_a_phrase_in_both_languages() -> None:
    one = scenario()
    assert title_of(one, Choice("fusion", "national_rule")) == {
        "en": "Fusion + national rotation rule",
        "zh": "融合型 + 国家轮岗规定",
    }
    assert (
        title_of(one, Choice("as_planned", "none", "fund"))["en"]
        == "As planned + no rotation + special fund and awards"
    )


RULE = LISTED
"""Where nothing else is said the national rule is in force."""
NO_RULE = changed(LISTED, "[policies]", '[baseline]\nrotation = "none"\n[policies]')
FREEZE = (
    RULE
    + """
[rotations.freeze]
title = { en = "Freeze", zh = "冻结" }
quota = "none"

[[provenance]]
fields = ["*"]
assumed = "Made up."
"""
)


@pytest.mark.parametrize(
    ("text", "rotation", "against", "said"),
    [
        (RULE, "none", None, "Fusion + no rotation (ends the rule in force)"),
        (RULE, "none", "same_money", "Fusion + no rotation (ends the rule in force)"),
        (RULE, "none", "none", "Fusion + no rotation"),
        (RULE, "national_rule", None, "Fusion + national rotation rule"),
        (RULE, "none+national_rule", None, "Fusion + no rotation + national rotation rule"),
        (FREEZE, "freeze", None, "Fusion + freeze (ends the rule in force)"),
        (NO_RULE, "none", None, "Fusion + no rotation"),
    ],
)
def test_a_policy_without_rotation_says_that_it_ends_the_one_in_force(
    text: str, rotation: str, against: str | None, said: str
) -> None:
    one, choice = loads("x", text), Choice("fusion", rotation)
    title = title_of(one, choice, against or one.control_name)
    assert title["en"] == said
    assert ("停止现行轮岗" in title["zh"]) == ("ends" in said)
    arm = study_of(one, [choice], Options(against)).arms[0]
    assert arm.title["en"] == said
    assert [end["name"] for end in arm.ends] == (["national_rule"] if "ends" in said else [])


def test_a_mode_that_ties_nothing_says_that_it_ends_the_ties_of_groups_in_force() -> None:
    tied = loads("x", changed(NO_RULE, "[policies]", '[baseline.layers]\ngroup = "collaboration"\n[policies]'))
    for against, said in (
        ("as_is", "Independent (ends the ties in force) + no rotation"),
        ("none", "Independent + no rotation"),
    ):
        assert title_of(tied, Choice("independent"), against)["en"] == said
    assert "ends" not in title_of(tied, Choice("fusion"), "as_is")["en"]
    assert "ends" not in title_of(loads("x", NO_RULE), Choice("independent"), "as_is")["en"]


def test_unknown_names_of_a_choice_are_told_together() -> None:
    with pytest.raises(ScenarioError) as caught:
        policy_for(scenario(), "fusoin", "walk", "found")
    assert [problem.code for problem in caught.value.problems] == [
        "unknown_mode",
        "unknown_rotation",
        "unknown_support",
    ]


def test_overrides_reach_parameters_one_record_and_all_records() -> None:
    values = {"learning.fade": 0.3, "modes.fusion.culture": "0.5", "rotation.share": 0.2, "learning.contacts": "6"}
    one = loads("x", LISTED, values)
    assert (one.parameters.learning.fade, one.parameters.learning.contacts) == (0.3, 6)
    assert one.catalogue.modes["fusion"].record.culture == 0.5
    assert one.catalogue.modes["fusion"].record.teaching == 1.0
    assert {entry.record.share for entry in one.catalogue.rotations.values()} == {0.2}
    assert one.inputs_sha256 != scenario().inputs_sha256
    assert value_at(one.parameters, one.catalogue, "learning.fade") == 0.3
    assert value_at(one.parameters, one.catalogue, "modes.fusion.culture") == 0.5


def test_prices_may_be_a_countys_own() -> None:
    assert loads("x", LISTED, {"finance.allowance": 60000}).parameters.finance.allowance == 60000.0


def test_every_path_that_is_offered_can_be_read() -> None:
    one = scenario()
    shared = {f"{kind}.{field.name}" for kind in KINDS for field in fields(KINDS[kind][1])}
    for path in set(paths(one.catalogue)) - shared:
        value_at(one.parameters, one.catalogue, path)


def test_what_is_read_from_words_is_uncertain() -> None:
    found = uncertain(bundled(), "mode", "fusion")
    assert found["modes.fusion.culture"] == (0.6, 0.9, 1.0)
    assert "modes.fusion.pay_on_group" not in found
    assert uncertain(bundled(), "support", "cultivation") == {"supports.cultivation.cultivation": (0.0, 0.06, 0.15)}


def test_values_from_a_command_line_are_read_as_toml() -> None:
    assert [read_value(text) for text in ("0.5", "3", "true", "absorbed", '"3"', "[1, 2]")] == [
        0.5,
        3,
        True,
        "absorbed",
        "3",
        [1, 2],
    ]

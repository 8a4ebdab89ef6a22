"""Levers move the policies compared and leave the control its own numbers; who wants to move the control names it."""

import pytest

from model.policy import Policy
from scenarios import reader
from scenarios.catalogue import worlds
from scenarios.changes import changes
from scenarios.problems import ScenarioError
from scenarios.reach import reach
from scenarios.reader import Choice, Scenario, policy_for
from scenarios.uncertainty import moved, ranges_of, said_of, varied
from scenarios.variation import field_names
from tests.scenarios.samples import LISTED, problems

RULE, OWN = "rotations.national_rule.share", "control.rotations.national_rule.share"
PAIR = "modes.internet_pairing.online"
NATIONAL = Choice("fusion", "national_rule")
IN_FORCE = LISTED + '\n[baseline]\nrotation = "national_rule"\nlayers = { pair = "pairing" }\n'


@pytest.fixture(scope="module")
def yuyao() -> Scenario:
    return reader.load("yuyao_2020")


def shares(policy: Policy) -> list[float | None]:
    return [rotation.share for rotation in policy.rotations]


def online(policy: Policy) -> list[float]:
    return [mode.online for layer in policy.layers for mode in layer.modes if mode.name == "internet_pairing"]


@pytest.mark.parametrize("path", [RULE, "rotation.share"])
def test_a_lever_moves_the_policy_and_not_the_control(path: str, yuyao: Scenario) -> None:
    for at in (moved(yuyao, {path: 0.31}), reader.load("yuyao_2020", {path: "0.31"})):
        assert at.baseline == yuyao.baseline
        assert shares(policy_for(at, NATIONAL)) == [0.31]
        assert shares(policy_for(yuyao, NATIONAL)) != [0.31]


@pytest.mark.parametrize("path", [OWN, "control.rotation.share"])
def test_who_names_the_control_moves_it_alone(path: str, yuyao: Scenario) -> None:
    for at in (moved(yuyao, {path: 0.31}), reader.load("yuyao_2020", {path: "0.31"})):
        assert shares(at.baseline) == [0.31]
        assert policy_for(at, NATIONAL).rotations == policy_for(yuyao, NATIONAL).rotations


def test_one_path_moves_both(yuyao: Scenario) -> None:
    at = moved(yuyao, {f"both.{RULE}": 0.31})
    assert shares(at.baseline) == shares(policy_for(at, NATIONAL)) == [0.31]


def test_ties_from_before_go_on_with_the_policys_numbers(yuyao: Scenario) -> None:
    at = moved(yuyao, {PAIR: 0.11})
    assert online(policy_for(at, NATIONAL)) == [0.11]
    assert online(at.baseline) == online(yuyao.baseline) == [0.3]
    own = moved(yuyao, {f"control.{PAIR}": 0.11})
    assert (online(policy_for(own, NATIONAL)), online(own.baseline)) == ([0.3], [0.11])


@pytest.mark.parametrize("name", [name for name in worlds() if name != "china_compulsory"])
def test_no_field_of_any_record_moves_the_control_of_any_place(name: str) -> None:
    place = reader.load(name)
    records = [("mode", mode, "autonomy", 0.123) for mode in place.in_force.modes]
    records += [("rotation", rotation, "stay_years", 1.5) for rotation in place.in_force.rotations]
    for kind, ident, field, value in records:
        assert field in field_names(kind)
        path = f"{kind}s.{ident}.{field}"
        assert moved(place, {path: value}).baseline == place.baseline
        assert moved(place, {f"{kind}.{field}": value}).baseline == place.baseline
        if ident != "none":
            assert moved(place, {f"control.{path}": value}).baseline != place.baseline


def test_what_a_places_file_says_of_a_record_holds_in_both() -> None:
    at = reader.loads("x", IN_FORCE + "\n[rotations.national_rule]\nshare = 0.27\n")
    assert shares(at.baseline) == shares(policy_for(at, NATIONAL)) == [0.27]


def test_a_file_can_set_numbers_of_its_policies_and_of_its_control() -> None:
    words = "[policies.set.rotations.national_rule]\nshare = 0.27\n"
    words += "[policies.set.control.modes.pairing]\nteaching = 0.05\n"
    at, before = reader.loads("x", IN_FORCE + words), reader.loads("x", IN_FORCE)
    assert shares(policy_for(at, NATIONAL)) == [0.27]
    assert shares(at.baseline) == shares(before.baseline)
    assert at.baseline.layers[0].modes[0].teaching == 0.05
    assert at.inputs_sha256 != before.inputs_sha256
    assert at.catalogue.modes["pairing"] == before.catalogue.modes["pairing"]
    weight = "[policies.set.modes.fusion]\nteaching = { default = 0.5, low = 0.4, high = 0.6 }\n"
    assert ranges_of(reader.loads("x", LISTED + weight))["modes.fusion.teaching"] == (0.4, 0.5, 0.6)
    (fault,) = problems(LISTED + "[policies.set.modes.fusion]\nteaching = 4\n")
    assert (fault.code, fault.where.line) == ("out_of_bounds", len(LISTED.splitlines()) + 2)


def test_a_wrong_path_of_the_control_is_told_with_the_nearest_and_its_bounds() -> None:
    wrong = {
        "control.rotations.national_rule.shore": OWN,
        "control.rotations.national_rul.share": OWN,
        "control.modes.fusion.teaching": "control.modes.pairing.teaching",  # which the control does not have
    }
    for path, nearest in wrong.items():
        (fault,) = problems(IN_FORCE, **{path: "0.2"})
        assert fault.code == "unknown_parameter"
        assert nearest in fault.remedy["nearest"]
    (fault,) = problems(IN_FORCE, **{OWN: "4"})
    assert (fault.code, fault.value) == ("out_of_bounds", "4")
    assert fault.where.name == OWN
    with pytest.raises(ScenarioError):
        reader.loads("x", f'{LISTED}\n[baseline]\nrotation = "none"\n', {OWN: 0.2})


def test_a_draw_of_one_fact_moves_both_until_someone_sets_either(yuyao: Scenario) -> None:
    drawn = varied(yuyao, {PAIR: 0.11})
    assert online(drawn.baseline) == online(policy_for(drawn, NATIONAL)) == [0.11]
    assert f"control.{PAIR}" not in ranges_of(yuyao)
    apart = moved(yuyao, {PAIR: 0.45})
    found = ranges_of(apart)
    assert PAIR not in found  # decided
    assert found[f"control.{PAIR}"] == ranges_of(yuyao)[PAIR]
    drawn = varied(apart, {f"control.{PAIR}": 0.11})
    assert (online(drawn.baseline), online(policy_for(drawn, NATIONAL))) == ([0.11], [0.45])
    assert "control" in said_of(apart, f"control.{PAIR}")["of"]["en"]


@pytest.mark.parametrize(
    ("path", "choice", "kind", "moves"),
    [
        (RULE, NATIONAL, "as_is", "policies"),
        (RULE, Choice("fusion"), "as_is", "nothing"),
        (OWN, NATIONAL, "as_is", "control"),
        (OWN, NATIONAL, "same_money", "control"),
        (OWN, NATIONAL, "none", "nothing"),
        (f"both.{RULE}", NATIONAL, "as_is", "both"),
        (f"both.{RULE}", Choice("fusion"), "as_is", "control"),
        (f"both.{RULE}", NATIONAL, "none", "policies"),
        ("rotation.share", NATIONAL, "as_is", "policies"),
        ("rotation.share", Choice("fusion"), "as_is", "nothing"),
        ("modes.fusion.teaching", NATIONAL, "as_is", "policies"),
        ("modes.collaboration.teaching", NATIONAL, "as_is", "nothing"),
        ("modes.zone_tier.research", NATIONAL, "as_is", "policies"),
        (PAIR, NATIONAL, "as_is", "policies"),
        (PAIR, NATIONAL, "none", "nothing"),
        ("supports.fund.fund", NATIONAL, "as_is", "nothing"),
        ("supports.fund.fund", Choice("fusion", support="cultivation+fund"), "as_is", "policies"),
        ("practice.renewal", NATIONAL, "as_is", "both"),
        ("rotation.selection", Choice("fusion"), "as_is", "both"),
        ("world.towns", NATIONAL, "as_is", "both"),
        ("baseline.rotation", NATIONAL, "as_is", "both"),
        ("rotation", NATIONAL, "as_is", "policies"),
    ],
)
def test_what_a_path_moves(path: str, choice: Choice, kind: str, moves: str, yuyao: Scenario) -> None:
    assert reach(yuyao, [choice], path, kind) == moves


def test_what_was_changed_says_what_it_moves() -> None:
    values = {RULE: "0.3", f"control.{PAIR}": "0.2", "both.modes.research_district.research": "0.4"}
    found = changes(reader.load("yuyao_2020", {**values, "practice.renewal": "0.4"}), [NATIONAL])
    assert {one["path"]: (one["moves"], one["declared"], one["value"]) for one in found} == {
        "practice.renewal": ("both", 0.5, 0.4),
        RULE: ("policies", None, 0.3),
        f"control.{PAIR}": ("control", 0.3, 0.2),
        "modes.research_district.research": ("both", 0.3, 0.4),
    }
    own = next(one for one in found if one["path"].startswith("control."))
    assert "control" in own["of"]["en"]


def test_a_field_of_a_places_own_record_that_is_set_is_told() -> None:
    (found,) = changes(reader.load("yuyao_2020", {PAIR: "0.2"}))
    assert (found["path"], found["declared"], found["value"], found["moves"]) == (PAIR, 0.3, 0.2, "policies")

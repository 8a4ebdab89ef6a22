"""What is typed about groups is read, or refused with the place and the remedy."""

from pathlib import Path

import pytest

from scenarios.grouping.fixes import fixes
from scenarios.grouping.wish import Fixes, LeadRule, Weights, Wish, lead_rule, sizes, weights
from scenarios.problems import Problem, ScenarioError
from scenarios.roster import Roster
from tests.scenarios.counties import county, in_groups, school

ROSTER = county(4)


def refusal(*texts: str, roster: Roster = ROSTER) -> Problem:
    with pytest.raises(ScenarioError) as caught:
        fixes(texts, roster)
    (problem,) = caught.value.problems
    return problem


def test_sizes_weights_and_rules_are_read() -> None:
    assert (sizes("2:16"), sizes(" 12 "), sizes("1:1")) == ((2, 16), (Wish.least, 12), (1, 1))
    assert weights("") == Weights()
    assert weights("balance=0.5, mix=0") == Weights(balance=0.5, mix=0.0)
    assert lead_rule("size, rural") == LeadRule("size", rural=True)
    assert lead_rule("private") == LeadRule("quality", private=True)
    assert lead_rule(str(LeadRule("setting", True, True))) == LeadRule("setting", True, True)


@pytest.mark.parametrize("text", ["", "0", "5:4", "2:", "a", "2:3:4", "-1:3", "2.5", "1000000", "99999999999999999999"])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ScenarioError, match="bad_size"):
        sizes(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [("balanse=1", "unknown_weight"), ("mix", "bad_weight"), ("mix=-1", "bad_weight"), ("mix=nan", "bad_weight")],
)
def test_a_weight_that_is_none_is_refused(text: str, code: str) -> None:
    with pytest.raises(ScenarioError, match=code):
        weights(text)


@pytest.mark.parametrize(("text", "code"), [("best", "unknown_lead_rule"), ("quality,size", "two_lead_rules")])
def test_a_rule_that_is_none_is_refused(text: str, code: str) -> None:
    with pytest.raises(ScenarioError, match=code):
        lead_rule(text)


def test_a_group_is_named_by_its_lead_or_by_any_word() -> None:
    found = fixes(["s000=s001, s002=east", "第3校=east"], ROSTER)
    assert found == Fixes({"s000": "s001", "s001": "s001", "s002": "east", "s003": "east"}, {"s001": "s001"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_has_columns_in_either_language(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "归属.csv"
    path.write_bytes("学校,集团,角色\r\n第0校,东片,牵头校\r\n第1校,东片,\r\n第2校,,\r\n".encode(encoding))
    assert fixes([str(path)], ROSTER) == Fixes({"s000": "东片", "s001": "东片"}, {"东片": "s000"})


def test_groups_that_there_are_are_kept_where_asked() -> None:
    roster = in_groups(ROSTER, {"g": ("s000", "s001", "s002")})
    assert fixes([], roster) == Fixes()
    kept = fixes(["s001=s003"], roster, keep=True)
    assert kept.groups == {"s000": "g", "s001": "s003", "s002": "g", "s003": "s003"}
    assert kept.leads == {"g": "s000", "s003": "s003"}


@pytest.mark.parametrize(
    ("text", "code", "remedy"),
    [
        ("s000=", "bad_fix", ""),
        ("=s001", "bad_fix", ""),
        ("s00=s001", "unknown_fixed_school", "s000"),
        ("s000=east,s000=west", "fixed_twice", "east, west"),
        ("s000=s001,s001=s002", "fixed_twice", "s001, s002"),
        ("nothing.csv", "unreadable_fix", ""),
    ],
)
def test_an_assignment_that_cannot_be_read_is_refused(text: str, code: str, remedy: str) -> None:
    problem = refusal(text)
    assert problem.code == f"grouping.{code}"
    assert remedy in ", ".join(problem.remedy.values())


def test_files_are_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "fix.csv"
    path.write_text("school,group\ns000,east\n,east\n")
    assert str(refusal(str(path)).where) == f"{path}:3"
    path.write_text("a,b\n")
    assert refusal(str(path)).code == "grouping.bad_fix_header"
    path.write_text("")
    assert refusal(str(path)).code == "grouping.bad_fix_header"
    path.write_text("school,group,role\ns000,east,lead\ns001,east,lead\n")
    assert refusal(str(path)).code == "grouping.two_fixed_leads"


def test_a_name_of_several_schools_asks_for_an_id() -> None:
    name = {"en": "Central", "zh": "中心小学"}
    roster = Roster((school(0, name=name), school(1, name=name)), (), {})
    problem = refusal("中心小学=east", roster=roster)
    assert (problem.code, problem.remedy["schools"]) == ("grouping.name_of_several", "s000, s001")

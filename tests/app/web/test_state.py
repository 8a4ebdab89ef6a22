"""Links and commands: the same question again, or a clear refusal."""

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.console import BadInputError
from app.web.state import LONGEST_LINK, MOST_POLICIES, State, read
from scenarios.reader import Choice

QUESTION = State(
    "yuyao_2020", (Choice("fusion"), Choice("co_construction", "national_rule", "cultivation+fund")),
    {"practice.renewal": "0.3", "modes.fusion.autonomy": "0.25"}, "none", 8, 0.03, 5, "32",
)  # fmt: skip


def test_a_link_leads_to_the_same_question() -> None:
    assert read(QUESTION.query()) == QUESTION
    assert read(State("yuyao_2020").query()) == State("yuyao_2020")


def test_the_command_says_the_same() -> None:
    words = shlex.split(QUESTION.command("yuyao_2020"))
    assert words[:3] == ["yangfeng", "compare", "yuyao_2020"]
    assert words[3:] == [
        "--policy", "fusion/none/none", "--policy", "co_construction/national_rule/cultivation+fund",
        "--set", "practice.renewal=0.3", "--set", "modes.fusion.autonomy=0.25", "--control", "none", "--years", "8",
        "--delta", "0.03", "--seed", "5", "--replicates", "32",
    ]  # fmt: skip


def test_a_number_set_and_unset_leaves_no_trace() -> None:
    assert QUESTION.with_setting("heads.loss", "0.2").with_setting("heads.loss", None) == QUESTION


@pytest.mark.parametrize(
    "query",
    [
        "place=x&delta=0", "place=x&delta=nan", "place=x&delta=much", "place=x&years=3", "place=x&years=99999999",
        "place=x&years=-5", "place=x&seed=1e3", "place=x&replicates=1000000", "place=x&control=everything",
        "place=x&policy=a//b", "place=x&policy=a/b/c/d", "place=x&set=practice.renewal", "place=x&set=a=1&set=a=2",
        "place=x" + "&policy=a" * (MOST_POLICIES + 1), "place=x&set=a=" + "9" * 200, "place=" + "x" * LONGEST_LINK,
        "place=x&seed=²",
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused(query: str) -> None:
    with pytest.raises(BadInputError):
        read(query)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_a_question_or_refused(query: str) -> None:
    try:
        found = read(query)
    except BadInputError:
        return
    assert read(found.query()) == found

"""That a policy without rotation ends the rule in force is said in the terminal, the report, captions and `explain`."""

from copy import deepcopy
from typing import Any

import pytest

from app.wording import verdict_table
from figures import ending, explanation, report, wording
from figures.records import Comparison
from figures.results import load
from figures.text import text
from tests.figures import enriched
from tests.figures.conftest import Write, made_up_comparison

RULE = {"name": "national_rule", "title": {"en": "National rotation rule", "zh": "国家轮岗规定"}}


def ended() -> dict[str, Any]:
    """Return the made-up document, whose first policy ends a rule in force under the control."""
    document = deepcopy(made_up_comparison())
    document["policies"][0]["ends"] = [RULE]
    return document


@pytest.mark.parametrize("language", ["en", "zh"])
def test_terminal_report_and_captions_say_it_where_a_policy_does(write: Write, language: str) -> None:
    t, results = text(language), load(write(ended()))
    said = ending.note(results.comparison, t)
    assert RULE["title"][language] in said  # type: ignore[index]
    assert results.comparison.control.title[language] in said
    assert said in verdict_table(ended(), language, reported=False)
    assert said in report.render(results, language, {}).replace("&#34;", '"')
    for figure in ("quadrant", "trajectories"):
        assert said in wording.caption(figure, results, t)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_none_does_nothing_is_said(write: Write, language: str) -> None:
    t, results = text(language), load(write())
    assert ending.note(Comparison.model_validate(made_up_comparison()), t) == ""
    words = t("ending.note", rules="@", control=results.comparison.control.title[language]).split("@")[1].strip()
    assert words not in report.render(results, language, {})
    assert words not in verdict_table(made_up_comparison(), language, reported=False)
    assert words not in wording.caption("quadrant", results, t)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_explain_says_it(language: str) -> None:
    told = {
        "scenario": "x", "title": {"en": "x", "zh": "x"}, "synthetic": True, "policy": "a", "version": "0",
        "policy_title": {"en": "A", "zh": "甲"}, "control": {"name": "as_is", "title": {"en": "C", "zh": "丙"}},
        "delta": 0.02, "seed": 0, "years": 10, "inputs_sha256": "0", "attribution": enriched.attribution(),
    }  # fmt: skip
    t = text(language)
    without = explanation.sentences(explanation.Explanation.model_validate(told), t)
    found = explanation.Explanation.model_validate(told | {"ends": [RULE]})
    assert explanation.sentences(found, t) == [*without, ending.told(found.ends, found.control.title, t)]

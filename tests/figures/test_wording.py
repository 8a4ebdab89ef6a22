from typing import Any

import pytest

from figures import wording
from figures.results import Comparison
from figures.text import text


def test_a_school_year_of_learning_is_forty_weeks() -> None:
    assert wording.weeks(0.35) == pytest.approx(40)
    assert wording.weeks(-0.0175) == pytest.approx(-2)


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0471, "+0.047"), (-0.0129, "−0.013"), (-0.0001, "0.000"), (0.0004, "0.000")]
)
def test_signs_are_shown_and_zero_has_none(value: float, shown: str) -> None:
    assert wording.signed(value) == shown


def test_small_changes_hold_and_large_ones_gain_or_lose() -> None:
    t = text("en")
    assert wording.change(0.02, 0.02, t) == "hold (+0.020 σ, +2.3 weeks)"
    assert wording.change(0.035, 0.02, t) == "gain 0.035 σ a year (4.0 weeks of learning)"
    assert wording.change(-0.035, 0.02, text("zh")) == "每年下降 0.035 σ（约少学 4.0 周）"


def test_a_sentence_says_who_gains_who_loses_and_how_much(comparison: dict[str, Any]) -> None:
    document = Comparison.model_validate(comparison)
    shaving = wording.sentence(document.policies[1], document, text("en"))
    assert shaving == (
        "Point estimate at the declared numbers, not tested over the uncertain ones. "
        "Under Fusion + national rotation rule, the weakest schools gain 0.097 σ a year (11.1 weeks of learning), "
        "but the strongest lose 0.034 σ a year (3.9 weeks of learning). "
        "All grouped schools together gain 0.031 σ a year (3.5 weeks of learning)."
    )
    assert "填谷不削峰或削峰填谷" in wording.sentence(document.policies[3], document, text("zh"))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("verdict", ["lift", "fill", "peak_shaving", "dilution", "widening", "inert", "undecided"])
def test_every_verdict_has_a_sentence_that_names_the_policy(
    comparison: dict[str, Any], verdict: str, language: str
) -> None:
    comparison["policies"][0] |= {"verdict": verdict, "point_verdict": verdict, "point_regions": ["fill", "inert"]}
    document = Comparison.model_validate(comparison)
    sentence = wording.sentence(document.policies[0], document, text(language))
    assert comparison["policies"][0]["title"][language] in sentence
    assert "0.088 σ" in sentence


def test_replicates_are_a_range_where_policies_differ(comparison: dict[str, Any]) -> None:
    assert wording.replicates(Comparison.model_validate(comparison)) == "64"
    comparison["policies"][0]["replicates"] = 8
    assert wording.replicates(Comparison.model_validate(comparison)) == "8–64"


def test_parameters_are_found_at_any_depth() -> None:
    found = dict(wording.entries({"a": {"b": {"value": 1, "unit": "σ"}, "c": 2}, "d": [3, 4]}))
    assert found == {"a.b": {"value": 1, "unit": "σ"}, "a.c": {"value": 2}, "d": {"value": [3, 4]}}

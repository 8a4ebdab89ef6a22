"""What is said of the values behind the official indicators: over which schools, what is drawn, what is known."""

from typing import Any

import pytest

from figures import basis, report, wording
from figures.records import Comparison
from figures.results import load
from figures.text import text
from tests.figures.conftest import Write, made_up_comparison
from tests.figures.enriched import official

RESTS = {"backbone": ("honour", "pupils"), "staff_home": ("posts", "pupils")}


def told(known: dict[str, int]) -> dict[str, Any]:
    """Return a comparison of 168 primary and 40 junior schools that knows so many of each value."""
    of = {"honour": 3312, "pupils": 168, "posts": 168}
    rests = [
        {"level": level, "indicator": indicator, "schools": schools}
        | {"rests_on": [{"value": v, "known": known.get(f"{level}.{v}", 0), "of": of[v]} for v in values]}
        for level, schools in (("primary", 168), ("junior", 40))
        for indicator, values in RESTS.items()
    ]
    document = made_up_comparison() | {"official_basis": rests}
    for policy in document["policies"]:
        policy["official"] = official()
    return document


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_place_that_knows_nothing_says_so_of_every_value(language: str) -> None:
    t, found = text(language), Comparison.model_validate(told({}))
    said = basis.sentences(found, t)
    assert "168" in said
    assert "40" in said
    for value in ("honour", "pupils", "posts"):
        assert t(f"basis.value.{value}") in said
    assert said.startswith(basis.counted(found, t))
    assert set(basis.table(found, t)[t("basis.known")]) == {t("phrase.none")}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_drawn_is_counted_by_level_and_the_rest_is_not_called_drawn(language: str) -> None:
    t = text(language)
    known = {"primary.honour": 3000, "primary.pupils": 168, "primary.posts": 168, "junior.pupils": 168}
    found = Comparison.model_validate(told(known))
    said = basis.drawn(found, t)
    primary, junior = said.split(t("hinge.and").strip())
    assert "312" in primary
    assert t("basis.value.posts") not in primary
    assert t("basis.value.posts") in junior
    assert t("basis.value.pupils") not in said
    table = basis.table(found, t)
    assert "3,000" in table[t("basis.known")][0]
    assert "312" in table[t("basis.drawn_of")][0]
    assert t("basis.value.posts") in table[t("basis.known")][1]
    assert table[t("basis.drawn_of")][1] == t("phrase.none")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_all_is_known_nothing_is_said_to_be_drawn(language: str) -> None:
    t, levels = text(language), ("primary", "junior")
    full = {f"{level}.{v}": n for level in levels for v, n in {"honour": 3312, "pupils": 168, "posts": 168}.items()}
    assert basis.drawn(Comparison.model_validate(told(full)), t) == t("basis.none_drawn")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_report_caption_and_workbook_tell_it(write: Write, language: str) -> None:
    t, directory = text(language), write(told({"primary.honour": 3000}))
    results = load(directory)
    said = basis.sentences(results.comparison, t)
    assert said in wording.description("official", results, t)
    page = report.render(results, language, {})
    assert said in page
    assert "312" in page
    assert t("basis.table") in page


def test_results_that_do_not_tell_say_nothing(write: Write) -> None:
    t = text("en")
    found = Comparison.model_validate(made_up_comparison())
    assert basis.sentences(found, t) == ""
    assert basis.table(found, t).empty

"""A made-up finding about a claim, drawn and told in both languages."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from figures import claim, claim_words, gallery
from figures.build import build_all
from figures.claim_results import EVERY, NAME, Experiment, load
from figures.text import LANGUAGES, text

BOTH = {"en": "Ties", "zh": "联结"}
UNIT = {"en": "σ a year", "zh": "σ/年"}


def numbers(mean: float, half: float = 0.01) -> dict[str, float]:
    return {"mean": mean, "low": mean - half, "high": mean + half}


def cell(mean: float, answer: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401
    usual = {"at": None, "label": None, "share": 0.75, "answer": answer, "judged": True}
    draws = {"low": mean - 0.02, "middle": mean, "high": mean + 0.03}
    return {"value": numbers(mean), "advantage": numbers(mean - 0.02), "draws": draws} | usual | given


def contrast(cells: list[dict[str, Any]], verdict: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401
    usual: dict[str, Any] = {
        "title": {"en": "The weakest gain", "zh": "最薄弱校受益"},
        "outcome": {"title": BOTH, "unit": UNIT},
        "direction": "above", "margin": 0.02, "beside": False, "some": False, "along": None, "depends_on": [],
        "border": None, "hinges": [],
    }  # fmt: skip
    return usual | {"cells": cells, "verdict": verdict} | given


def made_up(name: str = "k99", **given: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a finding of two contrasts: one that holds, and one that turns along a lever and hinges on a number."""
    lever = {"name": "span", "title": {"en": "Members", "zh": "成员校数"}, "unit": {"en": "schools", "zh": "所"}}
    labels = [dict.fromkeys(LANGUAGES, value) for value in ("1", "8")]
    along = [cell(0.05, "yes", at=1, label=labels[0]), cell(-0.01, "no", at=8, label=labels[1])]
    hinge = {
        "path": "attention.capacity", "unit": "share", "of": None, "correlation": 0.8, "low": 0.02, "default": 0.06,
        "high": 0.12, "at_low": -0.01, "at_default": 0.01, "at_high": 0.02, "below": 0.04, "above": None,
    }  # fmt: skip
    border = {"lever": "span", "values": [4.5], "draws": {"low": 2.0, "middle": 4.0, "high": 7.0}, "share": 0.5}
    turning = contrast(along, "depends", depends_on=["lever"], along=lever, border=border, hinges=[hinge])
    line = {"label": BOTH, "x": [1, 8], "mean": [0.05, -0.01], "low": [0.04, -0.02], "high": [0.06, 0.0]}
    line |= {"draws_low": [None, None], "draws_high": [None, None]}
    figure = {"kind": "along", "outcome": {"title": BOTH, "unit": UNIT}, "lever": lever, "ticks": None, "lines": [line]}
    return {
        "claim": name, "title": {"en": "Groups must stay small", "zh": "规模须适度"}, "kind": "stated",
        "documents": ["Z1"], "quotations": [{"row": "Z1", "quotation": "不超过16所", "means": "at most sixteen"}],
        "presumed": [{"process": "attention", "parameters": ["attention.capacity"], "sign": BOTH}], "note": None,
        "scenario": "made_up", "scenario_title": BOTH, "synthetic": True, "seed": 0, "years": 10, "replicates": 12,
        "draws": 24, "draw_replicates": 1, "level": 0.95, "agree": 0.7, "verdict": "depends",
        "contrasts": [contrast([cell(0.06, "yes")], "holds"), turning], "figure": figure, "version": "0",
        "results_dir": "results/k99",
    } | given  # fmt: skip


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    (tmp_path / NAME).write_text(json.dumps(made_up()), encoding="utf-8")
    return tmp_path


def test_the_figure_comes_in_three_formats_with_data_and_caption(saved: Path) -> None:
    paths = build_all(saved)
    assert {path.name for path in paths} == {
        f"claim{language}.{ending}" for language in ("", ".zh") for ending in ("pdf", "svg", "png", "csv", "md")
    }
    table = pd.read_csv(saved / "figures" / "claim.csv")
    assert table["mean"].tolist() == [0.06, 0.05, -0.01, 0.05, -0.01]
    caption = (saved / "figures" / "claim.md").read_text("utf-8")
    assert "seed 0" in caption and "24 draws" in caption and "Groups must stay small" in caption


def test_the_upper_panel_shows_every_number_with_the_claimed_side(saved: Path) -> None:
    upper, lower = claim.draw(load(saved), "en").axes[:2]
    labels = [label.get_text() for label in upper.get_yticklabels()]
    assert labels == ["The weakest gain", "The weakest gain – Members (schools)", "1", "8"]
    dots = [line for line in upper.lines if line.get_marker() == "o"]
    assert [dot.get_xdata()[0] for dot in dots] == [0.06, 0.05, -0.01]
    assert upper.get_xlabel() == "σ a year"
    assert [line.get_xdata()[0] for line in lower.lines if line.get_linestyle() == "--"] == [4.5]


def test_findings_are_told_with_unit_margin_and_what_they_depend_on() -> None:
    found, t = Experiment.model_validate(made_up()), text("en")
    first, second = (claim_words.finding(one, t) for one in found.contrasts)
    assert first == (
        "The weakest gain: +0.060 [+0.050,\u00a0+0.070] (75 % of draws agree), in σ a year; "
        "asked: above +0.020 σ a year. Answer: holds."
    )
    assert "+0.050 [+0.040,\u00a0+0.060] (75 % of draws agree) at Members 1 schools" in second
    assert second.endswith("Answer: depends on the lever.")
    border, hinge = claim_words.more(found.contrasts[1], t)
    assert "Members 4.5 schools" in border and "50 % of the draws" in border and "2.0 and 7.0" in border
    assert "(taken as 6 %" in hinge and "turns the answer below 4 %" in hinge
    assert claim_words.verdict(found, t) == "depends on which part of it; the lever"


@pytest.mark.parametrize(
    ("value", "size", "shown"),
    [(0.0314, None, "0.031"), (-2.446, None, "−2.45"), (-0.00001, None, "0.0000"), (1234.5, None, "1,234")],
)
def test_numbers_have_digits_that_suit_them(value: float, size: float | None, shown: str) -> None:
    assert claim_words.plain(value, size) == shown


def test_the_gallery_holds_every_claim_and_needs_nothing_else(tmp_path: Path) -> None:
    claims = [made_up("k01"), made_up("k02", verdict="holds", presumed=[])]
    (tmp_path / EVERY).write_text(json.dumps({"claims": claims, "version": "0"}), encoding="utf-8")
    pages = build_all(tmp_path)
    assert [page.name for page in pages] == ["gallery.html", "gallery.zh.html"]
    for page, language in zip(pages, LANGUAGES, strict=True):
        words = page.read_text("utf-8")
        assert words.count("data:image/svg+xml;base64") == 2
        assert "http" not in words.replace("http-equiv", "")
        assert text(language)("claim.gallery.presumed") in words
        assert "不超过16所" in words
    assert "1 hold, 1 depend, 0 do not hold" in pages[0].read_text("utf-8")
    table = pd.read_csv(gallery.write_table(tmp_path))
    assert table["claim"].value_counts().to_dict() == {"k01": 3, "k02": 3}
    assert table["hinges"].dropna().unique().tolist() == ["attention.capacity"]

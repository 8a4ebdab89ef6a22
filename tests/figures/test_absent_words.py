"""What is not found is said with its true reason: too few points, draws or cases, not tried, not asked for."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.findings import discovery_text, phase_text
from experiments import discovery as search
from figures import absence, discovery, findings, pareto, phase
from figures.records import Certainty, Comparison
from figures.text import LANGUAGES, text
from tests.experiments.test_discovery import saved
from tests.figures.conftest import made_up_comparison
from tests.figures.enriched import certainty
from tests.figures.test_discovery import HEAD
from tests.figures.test_pareto import candidate, document, member

CODES = {
    "too_few_points": {"points": 24, "needed": 93, "clear": 0.15, "part": 0.25},
    "nowhere": {"points": 400, "clear": 0.15, "part": 0.25},
    "outweighed": {"other": {"step": 7, "density": 0.9, "coverage": 0.4, "points": 31}},
    "other_step": {"other": {"step": 7, "density": 0.9, "coverage": 0.4, "points": 31}},
    "asked": {},
    "same": {"points": 77, "share": 0.2},
    "too_few_left": {"points": 12, "least": 20, "needed": 100},
}

EFFECTS = (0.0, 0.04, 0.02)
"""Made-up effects on peak, valley and mean around which draws lie."""


def told_of(tmp_path: Path, count: int) -> dict[str, Any]:
    chance = np.random.Generator(np.random.Philox(17)).random(count)
    points = search.read(saved(tmp_path, chance))
    told = HEAD | {"points": count} | search.discovered(points, ["dilution"])
    (tmp_path / discovery.NAME).write_text(json.dumps(told), encoding="utf-8")
    return told | {"results_dir": str(tmp_path)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_terminal_and_captions_say_that_points_are_too_few_and_how_to_get_more(tmp_path: Path, language: str) -> None:
    saved_as = told_of(tmp_path, 24)
    needed = saved_as["boxes"][0]["absence"]["needed"]
    found, t = discovery.load(tmp_path), text(language)
    said = discovery_text(saved_as, language, drawn=False)
    box, tree = discovery.sentence(found, found.boxes[0], 1, t), discovery.no_tree(found, t)
    for words in (box, tree):
        assert "24" in words
        assert f"--samples {needed}" in words
        assert words in said
    assert box in discovery.caption(found, found.boxes[0], "trade", t)
    assert tree in discovery.caption(found, found.boxes[0], "tree", t)
    for kind in ("trade", "tree"):
        title = discovery.draw(found, found.boxes[0], kind, language).axes[0].get_title(loc="left")
        assert "24" in title
        assert str(needed) in title


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_every_reason_is_told_with_its_numbers(code: str, language: str) -> None:
    t = text(language)
    why = absence.Absence.model_validate({"code": code} | CODES[code])
    first, later = absence.nothing(why, 1, t), absence.nothing(why, 3, t)
    assert first != later
    assert "2" in later
    numbers = {"points", "needed", "least"} & CODES[code].keys()
    assert all(str(CODES[code][name]) in first for name in numbers)
    if "other" in CODES[code]:
        assert "--step 7" in first
        assert "90" in first
    others = {absence.nothing(why.model_copy(update={"code": one}), 1, t) for one in CODES if one != code}
    assert first not in others


def made_up_phase(verdicts: list[str], why: dict[str, Any] | None) -> dict[str, Any]:
    names = ("practice.renewal", "rotations.heavy.share")
    factors = [{"name": name, "low": 0.1, "high": 0.9} for name in names]
    corners = [dict(zip(names, place, strict=True)) for place in ((0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9))]
    head = {key: value for key, value in HEAD.items() if key != "labels"}
    return head | {"design": {"factors": factors}, "points": corners, "failed": 0, "absence": why} | {
        "plane": [verdicts, verdicts], "results_dir": "",
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_border_no_grid_as_fine_as_it_is_told(tmp_path: Path, language: str) -> None:
    t = text(language)
    why = {"code": "no_border", "points": 25, "step": 0.25, "steps": 9, "needed": 81, "remedy": ""}
    told = made_up_phase(["inert", "inert"], why) | {"results_dir": str(tmp_path)}
    (tmp_path / phase.NAME).write_text(json.dumps(told), encoding="utf-8")
    found = phase.load(tmp_path)
    said = phase_text(told, language, drawn=False)
    assert t("phase.points", **phase.facts(found, t)) not in said
    (words,) = phase.remarks(found, t)
    assert words in said
    assert words in phase.caption(found, t)
    for part in ("25", "81", "--vary practice.renewal=0.1:0.9:9 --vary rotations.heavy.share=0.1:0.9:9"):
        assert part in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_border_whose_points_ran_out_says_so(language: str) -> None:
    t = text(language)
    why = {"code": "too_few_points", "points": 60, "step": 0.125, "needed": 88}
    found = phase.Phase.model_validate(made_up_phase(["inert", "fill"], why))
    fine, ran_out = phase.remarks(found, t)
    assert fine == t("phase.points", **phase.facts(found, t))
    assert "12.5" in ran_out
    assert "60" in ran_out
    assert "--budget 88" in ran_out
    whole = phase.Phase.model_validate(made_up_phase(["inert", "fill"], None))
    assert phase.remarks(whole, t) == [fine]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_hinge_of_too_few_draws_is_not_called_none(language: str) -> None:
    t = text(language)
    found = certainty("fill", "fill", 60, EFFECTS, hinges=False)
    enough, few = ({**found, "draws_for_hinges": needed} for needed in (40, 90))
    assert findings.no_hinge(Certainty.model_validate(enough), t) == t("hinge.none")
    said = findings.no_hinge(Certainty.model_validate(few), t)
    assert "64" in said
    assert "--certainty 90" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hinge_that_changes_the_verdict_in_no_draw_is_not_said_to_change_it_with_others(language: str) -> None:
    t = text(language)
    unanimous, split = (Certainty.model_validate(certainty("fill", "fill", agree, EFFECTS)) for agree in (64, 60))
    still = next(hinge for hinge in split.hinges if not hinge.flips)
    assert findings.flips(still, t, split) == t("hinge.alone")
    assert findings.flips(still, t, unanimous) == t("hinge.never")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("signs", "key"),
    [
        (None, "watch.off"),
        ({"cases": 256, "fell": 3, "least": 20, "signs": []}, "watch.none"),
        ({"cases": 256, "fell": 250, "least": 20, "signs": []}, "watch.none"),
        ({"cases": 256, "fell": 100, "least": 20, "signs": []}, "watch.no_sign"),
    ],
)
def test_no_sign_has_the_reason_that_is_true(signs: dict[str, Any] | None, key: str, language: str) -> None:
    t = text(language)
    found = Comparison.model_validate(made_up_comparison() | {"early_signs": signs})
    told = {} if signs is None else {**signs, "others": signs["cases"] - signs["fell"]}
    assert findings.no_sign(found, t) == t(key, **told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_explanation_is_because_none_harms_or_because_it_was_not_asked_for(language: str) -> None:
    t, told = text(language), made_up_comparison()
    assert findings.no_story(Comparison.model_validate(told), t) == t("evidence.why_not_asked")
    for policy in told["policies"]:
        policy |= {"verdict": "fill", "point_regions": ["fill"]}
    assert findings.no_story(Comparison.model_validate(told), t) == t("evidence.why_none")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_search_that_did_not_try_all_does_not_say_that_no_policy_keeps_the_peak(
    tmp_path: Path, language: str
) -> None:
    t, told = text(language), pareto.load(document(tmp_path, [member(1, "front", 0.02)], [candidate(1)], 16))
    reasons = (("nsga2", 40, "none_tried_keeps"), ("enumeration", 4, "none_keeps"), ("nsga2", 0, "none_ran"))
    for kind, candidates, key in reasons:
        searched = told.search.model_copy(update={"kind": kind, "candidates": candidates, "keeping": 0, "failed": 6})
        found = told.model_copy(update={"search": searched})
        said = pareto.none_keeps(found, t)
        assert said == t(f"pareto.{key}", count=6, **pareto.facts(found, t))
        assert said in pareto.caption(found, t)
    assert pareto.none_keeps(told, t) == ""

"""The Pareto front drawn from made-up results, in both languages; nothing here is a finding."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from app.pareto_wording import pareto_text
from figures import pareto, style
from figures.build import build_all
from figures.text import LANGUAGES, text

TITLE = {"en": "Made up", "zh": "虚构"}
LEVER = "rotations.heavy.share"


def member(number: int, status: str, valley: float) -> dict[str, Any]:
    ends = {"mean": valley, "low": valley - 0.01, "high": None if number == 2 else valley + 0.02}
    effects = {"d_valley": ends, "d_peak": ends, "d_mean": ends, "cost_per_pupil": {"mean": 50, "low": 45, "high": 60}}
    return {
        "candidate": number, "title": TITLE, "levers": {LEVER: 0.125}, "status": status, "verdict": "peak_shaving",
        "shares": {
            "share": 0.625, "runner_up": "fill", "runner_up_share": 0.375, "regions": {"peak_shaving": 40, "fill": 24}
        },
        "point_verdict": "fill", "point_regions": ["fill"], "usual": effects, "robust": effects,
    }  # fmt: skip


def candidate(number: int) -> dict[str, Any]:
    values = {"d_valley": 0.01 * number, "d_peak": -0.01 * number, "d_mean": 0.0, "cost_per_pupil": 50.0}
    return {
        "candidate": number, "mode": "u", "rotation": "heavy", "support": "none", "levers": {LEVER: 0.125},
        "usual": values, "robust": values, "keeps_peak": True, "on_front": number < 4,
        "on_front_at_defaults": number == 4,
    }  # fmt: skip


def document(directory: Path, members: list[dict[str, Any]], candidates: list[dict[str, Any]], draws: int) -> Path:
    volumes = {"hypervolume": [0.1, 0.4, 0.5, 0.52, 0.53]} if members else {}
    told = {
        "scenario": "made_up", "title": TITLE, "synthetic": True, "control": {"title": TITLE}, "delta": 0.02,
        "seed": 1, "years": 10, "objectives": [{"name": "d_valley", "sense": "up"}], "peak": "keep",
        "robust": 0.1 if draws else "mean", "draws": draws, "replicates": 4,
        "confirmation": {"seed": 7, "replicates": 32}, "version": "0", "front": members, "left_out": 2,
        "search": {"kind": "nsga2", "candidates": len(candidates), "keeping": len(members), "failed": 3} | volumes,
        "at_defaults": {"size": 1, "shared": 0}, "candidates": candidates,
    }  # fmt: skip
    (directory / pareto.NAME).write_text(json.dumps(told), encoding="utf-8")
    return directory


@pytest.fixture
def found(tmp_path: Path) -> Path:
    statuses = {1: "front", 2: "dominated", 3: "peak_falls"}
    members = [member(n, status, 0.05 - 0.01 * n) for n, status in statuses.items()]
    return document(tmp_path, members, [candidate(n) for n in range(1, 6)], 16)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_candidate_and_member_is_in_both_panels_with_its_mark(found: Path, language: str) -> None:
    told, t = pareto.load(found), text(language)
    figure = pareto.draw(told, language)
    panels = figure.axes[:2]
    for axes in panels:
        spots = np.array([dots.get_offsets()[0] for dots in axes.collections if len(dots.get_offsets())])
        shown = {tuple(spot) for spot in spots.round(6).tolist()}
        assert {(round(0.01 * n, 6), round(-0.01 * n, 6)) for n in range(1, 6)} <= shown
        assert {(0.04, 0.04), (0.03, 0.03), (0.02, 0.02)} <= shown
        rings = [to_hex(dots.get_edgecolor()[0]) for dots in axes.collections if len(dots.get_edgecolor())]
        assert rings.count(style.INK) == 1
    words = {entry.get_text() for legend in figure.legends for entry in legend.get_texts()}
    assert {t(f"pareto.status.{name}") for name in pareto.STATUSES} <= words
    assert f"1  {TITLE[language]}{t('phrase.comma')}{LEVER} = 0.125" in words


def test_the_data_beside_it_tell_where_members_stand(found: Path) -> None:
    assert {"pareto.png", "pareto.zh.pdf", "pareto.csv", "pareto.zh.md"} <= {path.name for path in build_all(found)}
    table = pd.read_csv(found / "figures" / "pareto.csv").set_index("candidate")
    assert table["status"].dropna().to_dict() == {1: "front", 2: "dominated", 3: "peak_falls"}
    assert table.loc[1, "again_d_valley_robust_low"] == pytest.approx(0.03)
    assert np.isnan(table.loc[2, "again_d_valley_robust_high"])
    told = (found / "figures" / "pareto.md").read_text(encoding="utf-8")
    assert "worst 10 % of 16 draws" in told
    assert "0.530 at the end, 0.520" in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_draws_there_is_one_panel(tmp_path: Path, language: str) -> None:
    told = pareto.load(document(tmp_path, [member(1, "front", 0.04)], [candidate(1)], 0))
    assert len([axes for axes in pareto.draw(told, language).axes if axes.get_title(loc="left")]) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_nothing_could_be_tried_nothing_is_drawn_and_it_is_said(tmp_path: Path, language: str) -> None:
    where = document(tmp_path, [], [], 16)
    assert build_all(where) == []
    said = pareto_text({"results_dir": str(where)}, language, False)
    assert text(language)("pareto.failed", count=3) in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_fits_the_terminal_and_has_every_member(
    found: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    said = pareto_text({"results_dir": str(found)}, language, True)
    assert said.count(LEVER) >= 3
    assert said.count("[45, 60]") == 6
    assert said.count("62.5 %") == said.count("37.5 %") == 3

"""Boxes, trees and sensitivity drawn from made-up results, in both languages; nothing here is a finding."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments import discovery as search
from figures import discovery, sensitivity
from figures.build import build_all
from figures.text import LANGUAGES, text
from tests.experiments.test_discovery import in_box, places, saved

TITLE = {"en": "Made up", "zh": "虚构"}
HEAD: dict[str, Any] = {
    "scenario": "made_up", "title": TITLE, "synthetic": True, "policy": {"title": TITLE}, "control": {"title": TITLE},
    "delta": 0.02, "seed": 1, "years": 10, "replicates": 4, "version": "0",
    "labels": {"mode": {"u": TITLE, "w": TITLE}},
}  # fmt: skip
NAMES = [f"group.number_{n}" for n in range(25)]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("found")
    points = search.read(saved(directory, in_box(places(300))))
    (directory / "sweep.json").unlink()
    told = HEAD | {"points": 300} | search.discovered(points, ["dilution"])
    told["meanings"] = {"x0": "a made-up number"}
    (directory / discovery.NAME).write_text(json.dumps(told), encoding="utf-8")
    return directory


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_box_is_a_sentence_with_limits_meanings_and_worth(found: Path, language: str) -> None:
    told = discovery.load(found)
    words = discovery.sentence(told, told.boxes[0], 1, text(language))
    assert "x0" in words
    assert "a made-up number" in words
    assert TITLE[language] in words
    assert f"{100 * told.boxes[0].density:.1f}".rstrip("0").rstrip(".") in words


def test_box_trajectory_and_tree_are_drawn_with_their_data(found: Path) -> None:
    names = {path.name for path in build_all(found)}
    for stem in ("prim_box", "prim_trajectory", "tree"):
        assert {f"{stem}.png", f"{stem}.zh.pdf", f"{stem}.csv", f"{stem}.zh.md"} <= names
    assert "x0 ≤" in (found / "figures" / "tree.csv").read_text(encoding="utf-8")


def entry(method: str) -> dict[str, Any]:
    values = np.linspace(0.04, 0.0, len(NAMES)).tolist()
    indices = {
        "oat": ("low", "high", "swing"), "morris": ("mu", "mu_star", "sigma"), "sobol": ("S1", "ST"),
        "pawn": ("median", "dummy"), "delta": ("delta",),
    }[method]  # fmt: skip
    numbers = {f"{name}{end}": values for name in indices for end in ("", "_conf")}
    pairs = [[value if a < b else None for b in range(len(NAMES))] for a, value in enumerate(values)]
    more = {"S2": pairs, "S2_conf": pairs} if method == "sobol" else {}
    if method == "morris":
        numbers["sigma"] = [None, *values[1:]]
    warned = [{"code": "overlap", "pairs": [NAMES[:2]]}, {"code": "noise", "share": 0.3, "precision": 0.1}]
    counts = {"samples": 8, "runs": 800, "replicates": 4, "noise_share": 0.3}
    return {"outcome": "d_peak", "parameters": NAMES, "warnings": warned} | counts | numbers | more


@pytest.mark.parametrize("method", ["oat", "morris", "sobol", "pawn", "delta"])
def test_every_method_has_its_figure_with_warnings_in_its_caption(method: str, tmp_path: Path) -> None:
    leading = {"oat": "swing", "morris": "mu_star", "sobol": "ST", "pawn": "median", "delta": "delta"}[method]
    told = HEAD | {
        "method": method, "leading": leading, "precision": 0.1, "design": {"points": 200}, "groups": {}, "listed": [],
        "product": NAMES[:2], "outcomes": {"d_peak": entry(method)}, "refused": {},
    }  # fmt: skip
    (tmp_path / f"sensitivity_{method}.json").write_text(json.dumps(told), encoding="utf-8")
    paths = sensitivity.build(tmp_path)
    assert len(paths) == 2 * 5 * (2 if method == "sobol" else 1)
    caption = (tmp_path / "figures" / f"{method}_d_peak.zh.md").read_text(encoding="utf-8")
    for words in ("30 %", f"{NAMES[0]} ~ {NAMES[1]}", "5"):
        assert words in caption

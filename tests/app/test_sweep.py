"""`yangfeng sweep` as a user meets it: tables, figures, JSON, and one clear message for each mistake."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from app.cli import app
from experiments import (
    cluster,
    design,
    discovery,
    factors,
    indices,
    methods,
    outcomes,
    points,
    responses,
    sampling,
)
from figures.text import LANGUAGES, text

REFUSING = (cluster, design, discovery, factors, indices, methods, outcomes, points, responses, sampling)
RUNNER = CliRunner()
TWO = ("sweep", "shuangtaizi_two_schools", "--years", "4", "--executor", "inline", "--lang", "en")


def call(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == code, result.output + str(result.exception)
    return result.stdout if code == 0 else result.stderr


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("results") / "sweep"
    call(
        *TWO, "--vary", "practice.renewal=0.2:0.8:3", "--vary", "mode=fusion,co_construction", "--replicates", "2",
        "--outcome", "d_valley_year2", "--out", str(directory),
    )  # fmt: skip
    return directory


def test_a_sweep_leaves_runs_points_and_figures(results: Path) -> None:
    runs, points = pd.read_csv(results / "sweep.csv"), pd.read_csv(results / "points.csv")
    assert len(runs) == 12
    assert len(points) == 6
    assert set(runs["status"]) == {"done"}
    assert runs.equals(pd.read_parquet(results / "sweep.parquet"))
    one = runs[(runs["practice.renewal"] == 0.5) & (runs["mode"] == "fusion")]
    means = points[(points["practice.renewal"] == 0.5) & (points["mode"] == "fusion")]
    for name in ("d_peak", "d_valley_year2", "cost_per_pupil"):
        assert means[name].item() == pytest.approx(one[name].mean())
    drawn = pd.read_csv(results / "figures" / "sweep.csv")
    assert drawn["d_peak"].tolist() == points["d_peak"].tolist()
    for name in ("sweep.png", "sweep.zh.pdf", "sweep.zh.md"):
        assert (results / "figures" / name).stat().st_size > 0


def test_figures_are_drawn_again_from_what_is_saved(results: Path) -> None:
    before = (results / "figures" / "sweep.svg").read_bytes()
    (results / "figures" / "sweep.svg").unlink()
    assert "sweep.zh.png" in call("figures", str(results))
    assert (results / "figures" / "sweep.svg").read_bytes() == before


def test_json_says_what_became_of_the_runs(tmp_path: Path) -> None:
    found = json.loads(
        call(
            *TWO, "--vary", "world.schools.1.posts=40:60:2", "--vary", "modes.fusion.autonomy=0:1", "--mode", "fusion",
            "--design", "lhs", "--samples", "3", "--replicates", "1", "--no-figures", "--json", "--out",
            str(tmp_path / "x"),
        )
    )  # fmt: skip
    assert found["runs"] == {"done": 3}
    assert found["design"]["kind"] == "lhs"
    assert [factor["whole"] for factor in found["design"]["factors"]] == [True, False]
    assert found["design"]["factors"][0]["default"] == 60
    posts = pd.read_csv(tmp_path / "x" / "sweep.csv")["world.schools.1.posts"]
    assert posts.dtype == "int64"


def test_one_factor_is_a_line_with_its_table_in_the_readers_language(tmp_path: Path) -> None:
    text = call(
        "sweep", "shuangtaizi_two_schools", "--years", "4", "--executor", "inline", "--lang", "zh", "--vary",
        "rotation=none,unified_deployment", "--replicates", "2", "--out", str(tmp_path / "x"),
    )  # fmt: skip
    assert "均值的结论" in text
    assert "unified_deployment" in text
    assert (tmp_path / "x" / "figures" / "sweep.png").exists()


def test_the_users_own_points_and_other_designs_go_into_the_same_directory(tmp_path: Path) -> None:
    matrix = tmp_path / "points.csv"
    matrix.write_text("practice.renewal,mode\n0.3,fusion\n0.5,fusion\n", encoding="utf-8")
    out = ("--replicates", "1", "--no-figures", "--json", "--out", str(tmp_path / "x"))
    assert json.loads(call(*TWO, "--matrix", str(matrix), *out))["runs"] == {"done": 2}
    both = ("--vary", "practice.renewal=0.3,0.5,0.7", "--vary", "mode=fusion", "--design", "oat")
    assert json.loads(call(*TWO, "--mode", "fusion", *both, *out))["runs"] == {"done": 3}
    lines = call("export", str(tmp_path / "x"), "--canonical").splitlines()
    assert len({line.split("\t")[0] for line in lines}) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "at least one --vary"),
        (("--vary", "practice.renewal"), "PATH=LOW:HIGH"),
        (("--vary", "practice.renewal=0.1:0.9:1"), "at least two steps"),
        (("--vary", "practice.renewal=0.1:x"), "PATH=LOW:HIGH"),
        (("--vary", "practice.renewal=0.9:0.1"), "lower and a higher end"),
        (("--vary", "practice.renewals=0.1:0.9"), "practice.renewal"),
        (("--vary", "practice.renewal=0.1:9"), "9"),
        (("--vary", "mode=fusion,fusoin"), "fusion"),
        (("--vary", "world.schools.0.postss=3:4"), "posts"),
        (("--vary", "world.schools.7.posts=3:4"), "0, 1, *"),
        (("--vary", "practice.renewal=0.1:0.9", "--design", "grid"), "factorial"),
        (("--vary", "practice.renewal=0.1:0.9", "--design", "sobol", "--samples", "6"), "2, 4, 8"),
        (("--vary", "practice.renewal=0.1:0.9", "--vary", "practice.renewal=0.1:0.8"), "one place only"),
        (("--vary", "practice.renewal=0.1:0.9", "--replicates", "0"), "whole number from 1"),
        (("--vary", "practice.renewal=0.1:0.9", "--delta", "0"), "0.02"),
        (("--vary", "practice.renewal=0.1:0.9", "--control", "nobody"), "same_money"),
        (("--vary", "practice.renewal=0.1:0.9", "--outcome", "d_paek"), "peak"),
        (("--vary", "practice.renewal=0.1:0.9", "--outcome", "d_peak_year9"), "4 years"),
        (("--vary", "practice.renewal=0.1:0.9", "--executor", "dask"), "--scheduler"),
        (("--vary", "practice.renewal=0.1:0.9", "--scheduler", "tcp://127.0.0.1:1"), "--executor dask"),
        (("--matrix", "no.csv"), "cannot be read"),
        (("--vary", "practice.renewal=0.9:0.1", "--lang", "zh"), "请先写低端"),
    ],
)
def test_a_mistake_is_told_once_and_nothing_is_written(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    message = call(*TWO, *words, "--out", str(tmp_path / "x"), code=2)
    assert said in message
    assert len(message.strip().splitlines()) <= 2
    assert not (tmp_path / "x").exists()


def test_every_refusal_has_words_in_both_languages() -> None:
    sources = [Path(module.__file__ or "").read_text(encoding="utf-8") for module in REFUSING]
    codes = {code for source in sources for code in re.findall(r'(?:DesignError|WorkersError)\(\s*"(\w+)"', source)}
    assert len(codes) > 20
    for language in LANGUAGES:
        assert {f"experiment.problem.{code}" for code in codes} <= text(language).entries.keys()

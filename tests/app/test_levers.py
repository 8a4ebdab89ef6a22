"""What a lever moves as a user meets it: equal levels of the control, and words that say so beside every result."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.web.toml import with_settings
from figures.text import LANGUAGES, text
from scenarios import reader
from scenarios.catalogue import worlds

RUNNER = CliRunner()
RULE, OWN = "rotations.national_rule.share", "control.rotations.national_rule.share"
HERE = ("yuyao_2020", "--years", "4", "--executor", "inline", "--lang", "en")
POLICY = ("--mode", "fusion", "--rotation", "national_rule")
TWO = ("shuangtaizi_two_schools", "--years", "4", "--executor", "inline", "--lang", "en")


def call(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == code, result.output + str(result.exception)
    return result.stdout if code == 0 else result.stderr


def said(kind: str, language: str = "en") -> str:
    """Return how a sentence about what is moved begins."""
    return text(language).entries[f"moves.{kind}"].partition("{")[0]


@pytest.mark.parametrize(("path", "kind"), [(RULE, "policies"), (OWN, "control")])
def test_a_sweep_leaves_the_control_where_it_is_unless_it_is_named(path: str, kind: str, tmp_path: Path) -> None:
    told = call(
        "sweep", *HERE, *POLICY, "--vary", f"{path}=0.05,0.3", "--replicates", "1", "--outcome", "control_peak",
        "--outcome", "peak", "--out", str(tmp_path),
    )  # fmt: skip
    points = pd.read_csv(tmp_path / "points.csv")
    assert (points["control_peak"].nunique() == 1) is (kind == "policies")
    assert points["peak"].nunique() == 2
    assert f"{said(kind)}{path}" in told
    assert pd.read_csv(tmp_path / "factors.csv")["moves"].tolist() == [kind]
    found = json.loads((tmp_path / "sweep.json").read_text(encoding="utf-8"))
    assert found["moves"] == [{"name": path, "moves": kind}]
    assert found["design"]["factors"][0]["moves"] == kind
    for language, end in zip(LANGUAGES, (".md", ".zh.md"), strict=True):
        assert f"{said(kind, language)}{path}" in (tmp_path / "figures" / f"sweep{end}").read_text(encoding="utf-8")


def test_a_lever_that_nothing_has_says_so(tmp_path: Path) -> None:
    told = call(
        "sweep", *TWO, "--vary", f"{RULE}=0.05,0.3", "--set", "practice.renewal=0.4", "--mode", "fusion", "--rotation",
        "none", "--replicates", "1", "--no-figures", "--out", str(tmp_path),
    )  # fmt: skip
    assert f"{said('nothing')}{RULE}" in told
    assert f"{said('both')}practice.renewal" in told


def test_sensitivity_tells_levers_from_what_nobody_knows(tmp_path: Path) -> None:
    told = call(
        "sensitivity", *TWO, *POLICY, "--method", "morris", "--samples", "2", "--replicates", "1", "--outcome",
        "d_peak", "--parameters", "practice.renewal", "--vary", f"{RULE}=0.05:0.3", "--no-figures", "--out",
        str(tmp_path),
    )  # fmt: skip
    assert f"{said('policies')}{RULE}" in told
    assert f"{said('both')}practice.renewal" in told


def test_discovery_and_border_tell_what_they_move(tmp_path: Path) -> None:
    told = call(
        "discover", *TWO, *POLICY, "--phase", f"{RULE}=0.05:0.3,{OWN}=0.05:0.3", "--budget", "25", "--replicates", "1",
        "--out", str(tmp_path),
    )  # fmt: skip
    assert f"{said('policies')}{RULE}" in told
    assert f"{said('control')}{OWN}" in told
    for end in (".md", ".zh.md"):
        assert OWN in (tmp_path / "figures" / f"phase{end}").read_text(encoding="utf-8")


def test_a_comparison_says_what_was_set_and_whom_it_moves(tmp_path: Path) -> None:
    words = ("--replicates", "8", "--certainty", "0", "--explain", "none", "--no-figures", "--out", str(tmp_path))
    policy = ("--modes", "fusion", "--rotations", "national_rule", "--set", f"{RULE}=0.3", "--set", f"{OWN}=0.1")
    told = call("compare", *TWO, *policy, *words)
    assert f"{said('policies')}{RULE}" in told
    assert f"{said('control')}{OWN}" in told
    found = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert {one["path"]: one["moves"] for one in found["changed"]} == {RULE: "policies", OWN: "control"}


def test_a_run_begins_as_things_are_and_says_what_was_set(tmp_path: Path) -> None:
    run = ("run", "yuyao_2020", *POLICY, "--years", "1", "--json", "--out")
    found = [
        json.loads(call(*run, str(tmp_path / str(n)), *(("--set", f"{path}=0.3") if path else ())))
        for n, path in enumerate(("", RULE, OWN))
    ]
    assert [[one["moves"] for one in run["changed"]] for run in found] == [[], ["policies"], ["control"]]
    assert len({json.dumps(run["measures"]) for run in found}) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_name_or_number_of_the_control_is_one_message(language: str, tmp_path: Path) -> None:
    for wrong, right in ((f"{OWN}s=0.1:0.2", OWN), (f"{OWN}=0.1:4", "≤ 1")):
        told = call("sweep", *TWO, "--lang", language, "--vary", wrong, "--out", str(tmp_path / "x"), code=2)
        assert len(told.strip().splitlines()) == 1
        assert right in told.partition("：" if language == "zh" else ": ")[2]
    assert not (tmp_path / "x").exists()


def test_a_scenario_taken_away_from_the_page_leaves_the_control_as_it_was(tmp_path: Path) -> None:
    settings = {"modes.internet_pairing.online": "0.45", "practice.renewal": "0.3"}
    path = tmp_path / "yuyao_2020.toml"
    path.write_text(with_settings(worlds()["yuyao_2020"].read_text(encoding="utf-8"), settings), encoding="utf-8")
    again, meant = reader.load(path), reader.load("yuyao_2020", settings)
    assert again.inputs_sha256 == meant.inputs_sha256
    assert again.baseline == reader.load("yuyao_2020").baseline
    assert again.catalogue.modes["internet_pairing"].record.online == 0.45

"""`yangfeng experiment` and `list experiments` as a user meets them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app

RUNNER = CliRunner()
OWN = Path(__file__).parents[1] / "experiments" / "claim.toml"
QUICK = ("--replicates", "3", "--draws", "2", "--executor", "inline", "--lang", "en")


def call(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == code, result.output + str(result.exception)
    return result.stdout if code in (0, 1) else result.stderr


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("own") / "results" / "own"
    call("experiment", str(OWN), *QUICK, "--out", str(directory))
    return directory


def test_a_claim_of_ones_own_leaves_verdict_figure_and_manifest(results: Path) -> None:
    found = json.loads((results / "experiment.json").read_text("utf-8"))
    assert found["verdict"] in ("holds", "does_not_hold", "depends")
    assert found["results_dir"] == str(results)
    assert json.loads((results / "manifest.json").read_text("utf-8"))["status"] == "complete"
    assert {path.name for path in (results / "figures").iterdir()} >= {"claim.pdf", "claim.zh.svg", "claim.csv"}


def test_a_second_time_it_runs_nothing_and_prints_the_same(results: Path) -> None:
    texts = [call("experiment", str(OWN), *QUICK, "--out", str(results), "--no-figures", "--json") for _ in range(2)]
    assert texts[0] == texts[1]
    assert json.loads(texts[0]) == json.loads((results / "experiment.json").read_text("utf-8"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_terminal_tells_rule_and_verdict(results: Path, language: str) -> None:
    words = call("experiment", str(OWN), *QUICK[:-1], language, "--out", str(results), "--no-figures")
    assert {"en": "The rule:", "zh": "判定规则"}[language] in words
    assert "experiment.json" in words


def test_check_fails_where_the_claim_does_not_hold(results: Path, tmp_path: Path) -> None:
    claim = tmp_path / "false.toml"
    claim.write_text(OWN.read_text("utf-8").replace("margin = 0.0\n", "margin = 5.0\n"), encoding="utf-8")
    words = call("experiment", str(claim), *QUICK, "--out", str(tmp_path / "x"), "--no-figures", "--check", code=1)
    assert "does not hold" in words
    verdict = json.loads((results / "experiment.json").read_text("utf-8"))["verdict"]
    code = 0 if verdict == "holds" else 1
    call("experiment", str(OWN), *QUICK, "--out", str(results), "--no-figures", "--check", code=code)


def test_what_is_wrong_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    claim = tmp_path / "broken.toml"
    claim.write_text(OWN.read_text("utf-8").replace("d_valley", "d_valey"), encoding="utf-8")
    words = call("experiment", str(claim), *QUICK, "--out", str(tmp_path / "x"), code=2)
    assert "broken.toml:" in words and "d_valey" in words and "valley" in words
    assert not (tmp_path / "x").exists()
    assert "k13" in call("experiment", "k133", *QUICK, code=2)
    assert "--replicates 1" in call("experiment", "k13", "--replicates", "1", "--lang", "en", code=2)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_list_shows_rows_and_the_last_result(language: str, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(results.parents[1])
    saved = json.loads((results / "experiment.json").read_text("utf-8"))
    copy = results.parent / "k13" / "experiment.json"
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(json.dumps(saved | {"claim": "k13", "verdict": "holds"}), encoding="utf-8")
    rows = {row["name"]: row for row in json.loads(call("list", "experiments", "--json", "--lang", language))}
    assert len(rows) == 18
    assert rows["k13"]["result"] == {"en": "holds", "zh": "成立"}[language]
    assert rows["k12"]["result"] == {"en": "not run", "zh": "尚未运行"}[language]
    assert "C9" in rows["k12"]["documents"]

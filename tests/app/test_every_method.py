"""Every method of sensitivity at every bundled place over all that is uncertain there, at the smallest budget.

What is quick is run here: every design is drawn and every value in it taken by the scenario, and some methods go the
whole way. The others do so under the mark ``slow``. FAST needs 65 runs a number, thousands in all, so it goes the whole
way at the smallest place alone; the two HDMR fit a term to every pair of numbers and say at once that these are too
many. Of the country, whose 196,000 schools are there to measure speed, one county stands for all: numbers are the same.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app import sensing
from app.cli import app
from app.console import told
from app.where import Where
from experiments.design import DesignError, Factor, Value
from experiments.methods import METHODS
from experiments.sensitivity import ALL_METHODS, LEADING, OAT
from experiments.studies import Options, Situation
from scenarios import reader
from scenarios.catalogue import worlds
from scenarios.scenario import Scenario
from scenarios.uncertainty import varied

RUNNER = CliRunner()
SMALL, COUNTRY = "shuangtaizi_two_schools", "china_compulsory"
PLACES = sorted(worlds())
FEW = [name for name in METHODS if METHODS[name].most is not None]
MANY = [name for name in ALL_METHODS if name not in FEW]
QUICK = ("pawn", "rbd_fast", "discrepancy")
COUNTIES = 2844


@pytest.fixture(scope="module")
def place_of(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Return name → what a command is given: of the whole country one county, since all are alike."""
    county = tmp_path_factory.mktemp("county") / f"{COUNTRY}.toml"
    text = worlds()[COUNTRY].read_text(encoding="utf-8").replace(f"count = {COUNTIES} ", "count = 1 ")
    for number in (
        "14220",
        "5688",
        "8532",
        "14220",
        "19908",
        "11000",
        "25620",
        "50000",
        "3000",
        "6500",
        "18036",
        "10700",
    ):
        text = re.sub(rf"= {number}\b", f"= {round(int(number) / COUNTIES)}", text)
    text = text.replace("urban = 1800, township = 6576", "urban = 1, township = 2")
    county.write_text(text, encoding="utf-8")
    return {name: str(county) if name == COUNTRY else name for name in PLACES}


def fewest(method: str) -> int:
    return 2 if method == OAT else METHODS[method].fewest


@cache
def opened(place: str) -> tuple[Situation, Scenario]:
    scenario = reader.load(place)
    return Situation(place, scenario.compare[0], Options(years=4)), scenario


def question(place: str, method: str, **more: object) -> sensing.Question:
    policy = dict.fromkeys(("mode", "rotation", "support"))
    wish = sensing.Question(
        place, [], policy, method, fewest(method), None, 1, False, ["d_peak"], 0.02, None, 4, 0, [], None, Where(),
        False, [], None, 0.1, False,
    )  # fmt: skip
    return replace(wish, **more)  # type: ignore[arg-type]


def extremes(factors: list[Factor], codes: np.ndarray) -> list[dict[str, Value]]:
    """Return the least and the largest value of every factor: what is allowed lies between two ends."""
    rows = (codes.min(axis=0).tolist(), codes.max(axis=0).tolist())
    return [{f.name: f.value(code) for f, code in zip(factors, row, strict=True)} for row in rows]


@pytest.mark.parametrize("method", MANY)
@pytest.mark.parametrize("place", PLACES)
def test_every_value_of_every_design_is_taken(place: str, method: str, place_of: Mapping[str, str]) -> None:
    situation, scenario = opened(place_of[place])
    ((_, design),) = sensing.levels_of(question(place_of[place], method), situation)
    factors = list(design.factors)
    whole = method == OAT or METHODS[method].whole
    assert len(factors) > 100
    assert any(factor.whole for factor in factors) is whole
    for column, factor in enumerate(factors):
        assert factor.low <= design.codes[:, column].min() <= design.codes[:, column].max() <= factor.high
    for values in extremes(factors, design.codes):
        varied(scenario, values)


@pytest.mark.parametrize("method", FEW)
@pytest.mark.parametrize("place", PLACES)
def test_too_many_numbers_are_refused_before_a_run(place: str, method: str, place_of: Mapping[str, str]) -> None:
    situation, _ = opened(place_of[place])
    with pytest.raises(DesignError) as refused:
        sensing.levels_of(question(place_of[place], method), situation)
    assert refused.value.code == "too_many_factors"
    few = question(place_of[place], method, parameters=["attention.*"])
    assert len(sensing.levels_of(few, situation)[0][1]) == 300


@pytest.mark.parametrize("method", [name for name in METHODS if METHODS[name].fewest > 1])
def test_too_few_samples_are_refused_before_a_run(method: str) -> None:
    few = question(SMALL, method, parameters=["attention.*"], samples=fewest(method) - 1)
    with pytest.raises(DesignError) as refused:
        sensing.levels_of(few, opened(SMALL)[0])
    assert (refused.value.code, refused.value.values["least"]) == ("too_few_samples", fewest(method))


def call(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(app, ["sensitivity", *words])
    assert result.exit_code == code, result.output + str(result.exception)
    return result.stdout if code == 0 else result.stderr


def run(directory: Path, place: str, method: str) -> None:
    """Go the whole way as a user does; each run is done, and there is an index of every number or group."""
    found = json.loads(
        call(
            place, "--method", method, "--samples", str(fewest(method)), "--replicates", "1", "--years", "4",
            "--outcome", "d_mean", "--no-figures", "--executor", "inline", "--json", "--lang", "en",
            "--out", str(directory),
        )
    )  # fmt: skip
    entry = found["outcomes"]["d_mean"]
    assert found["left_out"] == ([] if method == OAT or METHODS[method].whole else ["learning.contacts"])
    assert len(entry["parameters"]) == len(entry[LEADING[method]]) > 100
    assert None not in entry[LEADING[method]]
    assert entry["runs"] == found["design"]["points"]


@pytest.fixture
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, method in METHODS.items():
        monkeypatch.setitem(METHODS, name, method._replace(resamples=4, luck=2))


@pytest.mark.usefixtures("few_resamples")
@pytest.mark.parametrize("method", QUICK)
def test_a_method_goes_the_whole_way(method: str, tmp_path: Path) -> None:
    run(tmp_path, SMALL, method)


@pytest.mark.slow
@pytest.mark.usefixtures("few_resamples")
@pytest.mark.parametrize("method", MANY)
@pytest.mark.parametrize("place", PLACES)
def test_every_method_goes_the_whole_way_everywhere(
    place: str, method: str, place_of: Mapping[str, str], tmp_path: Path
) -> None:
    if method == "fast" and place != SMALL:
        pytest.skip("thousands of runs")
    run(tmp_path, place_of[place], method)


def test_what_a_design_cannot_have_is_told_once_with_number_value_and_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A range wider than what is allowed is met at once, in both languages, and nothing else is said or written."""
    usual = sensing.uncertain_factors

    def wider(*given: object) -> list[Factor]:
        return [replace(factor, high=2.0) for factor in usual(*given)]  # type: ignore[arg-type]

    monkeypatch.setattr(sensing, "uncertain_factors", wider)
    few = (SMALL, "--parameters", "practice.renewal", "--samples", "2", "--replicates", "1", "--years", "4")
    for language, said in (("en", "The study stops here"), ("zh", "研究到此停止")):
        out = tmp_path / language
        message = call(
            *few, "--executor", "inline", "--outcome", "d_peak", "--lang", language, "--out", str(out), code=2
        )
        assert said in message
        assert "practice.renewal" in message
        assert "2.0" in message
        assert "[0.1, 1]" in message
        assert len(message.strip().splitlines()) == 1
        assert not (out / "points" / OAT / "points.csv").exists()


def test_a_failed_analysis_is_told_and_leaves_the_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> Mapping[str, object]:
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setitem(METHODS, "pawn", METHODS["pawn"]._replace(analyse=fails))
    few = (
        SMALL,
        "--method",
        "pawn",
        "--parameters",
        "practice.renewal",
        "--samples",
        "3",
        "--replicates",
        "1",
        "--years",
        "4",
    )
    out = ("--executor", "inline", "--outcome", "d_peak", "--lang", "en", "--out", str(tmp_path))
    assert "float division by zero" in call(*few, *out, code=2)
    assert (tmp_path / "points" / "pawn" / "points.csv").read_text(encoding="utf-8").count("\n") == 4


def test_a_number_that_is_asked_for_by_name_is_not_passed_over() -> None:
    named = question(SMALL, "dgsm", parameters=["learning.contacts", "practice.*"])
    with pytest.raises(DesignError) as refused:
        sensing.levels_of(named, opened(SMALL)[0])
    assert refused.value.code == "no_derivative"
    assert "learning.contacts" in (told(refused.value, sensing.Language.ZH) or "")

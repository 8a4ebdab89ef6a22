"""`yangfeng optimise` as a user meets it: the front told, drawn and saved, clear refusals, the control left alone."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from app import optimising
from app.cli import app
from app.console import BadInputError
from app.where import Where
from experiments.candidates import Space
from experiments.design import Factor
from experiments.optimisation import Effort
from experiments.studies import Situation
from model.attributes import compile_policy
from scenarios.reader import Choice

RUNNER = CliRunner()
PLACE = ("shuangtaizi_two_schools", "--years", "4", "--executor", "inline", "--lang", "en")
NAMES = ("--rotations", "none,national_rule")
SHARE = ("--vary", "rotations.national_rule.share=0.05:0.4")
FEW = ("--draws", "2", "--replicates", "1", "--confirmation", "8", "--members", "1")


def call(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(app, ["optimise", *words])
    assert result.exit_code == code, result.output + str(result.exception)
    return result.stdout if code == 0 else result.stderr


def test_policies_by_name_are_all_tried_told_drawn_and_drawn_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "experiments.evolution", None)
    monkeypatch.setenv("COLUMNS", "160")
    told = call(*PLACE, *NAMES, *FEW, "--peak", "maximise", "--draws", "0", "--members", "9", "--out", str(tmp_path))
    assert "All 2 policies there are were tried" in told
    assert "Two-school integration" in told
    found = json.loads((tmp_path / "pareto.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in found["objectives"]] == ["d_valley", "cost_per_pupil", "d_peak"]
    assert found["search"] == {"kind": "enumeration", "candidates": 2, "keeping": 2, "failed": 0}
    front = {one["candidate"]: one for one in found["front"]}
    table = pd.read_csv(tmp_path / "pareto.csv").dropna(subset="status")
    assert dict(zip(table["candidate"], table["status"], strict=True)) == {n: one["status"] for n, one in front.items()}
    drawn = pd.read_csv(tmp_path / "figures" / "pareto.zh.csv")
    for number, one in front.items():
        row = drawn[drawn["candidate"] == number].iloc[0]
        assert row["again_d_valley_usual_low"] == pytest.approx(one["usual"]["d_valley"]["low"])
    png = (tmp_path / "figures" / "pareto.png").read_bytes()
    (tmp_path / "figures" / "pareto.png").unlink()
    assert RUNNER.invoke(app, ["figures", str(tmp_path)]).exit_code == 0
    assert (tmp_path / "figures" / "pareto.png").read_bytes() == png


def test_a_search_over_a_lever_has_json_of_the_promised_form_and_goes_on(tmp_path: Path) -> None:
    words = (*PLACE, *NAMES, *SHARE, *FEW, "--population", "4", "--generations", "2", "--out", str(tmp_path), "--json")
    found = json.loads(call(*words))
    assert found["search"]["kind"] == "nsga2"
    assert found["planned_runs"] == 4 * 2 * 3 + 8 + 64 * 4
    assert found["confirmation"]["seed"] != found["seed"]
    assert found["robust"] == 0.1
    for one in found["candidates"]:
        assert set(one["levers"]) == ({SHARE[1].split("=")[0]} if one["rotation"] == "national_rule" else set())
    for one in found["front"]:
        assert {"status", "verdict", "title", "levers", "usual", "robust"} <= set(one)
        assert {"mean", "low", "high"} == set(one["robust"]["d_valley"])
    for end in (".png", ".zh.pdf", ".zh.md"):
        assert (tmp_path / "figures" / f"pareto{end}").stat().st_size > 0
    assert json.loads(call(*words)) == found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rotations", "none"), "one policy only"),
        (("--rotations", "none,nationl_rule"), "national_rule"),
        ((*NAMES, "--vary", "rotations.heavy.share=0.1:0.4"), "no policy to choose from has this lever"),
        ((*NAMES, "--vary", "rotations.national_rule.shore=0.1:0.4"), "share"),
        ((*NAMES, "--vary", "rotations.national_rule.share=0.1:4"), "4"),
        ((*NAMES, *SHARE, *SHARE), "given twice"),
        ((*NAMES, "--vary", "rotation=none,heavy"), "given twice"),
        ((*NAMES, "--objective", "d_vally"), "Nearest: d_valley"),
        ((*NAMES, "--peak", "hold"), "keep, maximise"),
        ((*NAMES, "--robust", "0.9"), "worst draws"),
        ((*NAMES, "--confirmation", "4"), "from 8"),
        ((*NAMES, *SHARE, "--budget", "1000"), "takes at least"),
        ((*NAMES, "--control", "nothing"), "as_is"),
    ],
)
def test_a_mistake_gets_one_message_and_nothing_is_written(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    assert said in call(*PLACE, *words, "--out", str(tmp_path / "x"), code=2)
    assert not (tmp_path / "x").exists()


def test_without_the_library_a_search_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "experiments.evolution", None)
    told = call(*PLACE, *NAMES, *SHARE, "--out", str(tmp_path / "x"), code=2)
    assert "pip install 'yangfeng[optimise]'" in told
    assert not (tmp_path / "x").exists()


def aim(budget: int | None, effort: tuple[int, int, int, int] = (10, 8, 4, 16)) -> optimising.Aim:
    return optimising.Aim(
        "", (), {}, "", 0, None, 2, False, (), 0.02, None, None, 0, (), None, Where(), False, {}, "keep",
        "0.1", 4, effort, budget,
    )  # fmt: skip


def test_a_budget_cuts_generations_and_never_below_two() -> None:
    space = Space((Factor("rotations.heavy.share", 0.1, 0.4),))
    again = 4 * (16 + 256)
    assert optimising.effort_of(aim(None), space) == Effort(10, 8, 4, 2, 4, 16)
    assert optimising.effort_of(aim(None), space).runs == 10 * 8 * 10 + again
    assert optimising.effort_of(aim(again + 399), space).generations == 3
    with pytest.raises(BadInputError) as refused:
        optimising.effort_of(aim(again + 199), space)
    assert refused.value.values["least"] == again + 200
    small = Space((Factor("mode", values=tuple("abcdefghijkl")),))
    assert optimising.effort_of(aim(None), small) == Effort(12, 1, 4, 2, 4, 16)


def test_a_lever_of_a_policy_leaves_the_control_as_it_is() -> None:
    situation = Situation("yuyao_2020", Choice("fusion", "national_rule", "none"))
    lever = Factor("rotations.national_rule.share", 0.05, 0.4)
    space = Space((Factor("mode", values=("fusion",)), Factor("rotation", values=("none", "national_rule")), lever))
    prepare = optimising.preparing(space, situation)(5)
    names = {"mode": "fusion", "rotation": "national_rule"}
    low, high = (prepare(names | {lever.name: share}) for share in (0.05, 0.4))
    assert low.base == high.base
    assert low.digest != high.digest
    assert low.argument(0).seed == 5
    study = situation.study(names)
    assert repr(low.argument(0).control) == repr(compile_policy(study.control.policy, study.world))
    still = [prepare(names | {"rotation": "none", lever.name: share}).digest for share in (0.05, 0.4)]
    assert still[0] == still[1]

"""`yangfeng sensitivity` and `discover` as a user meets them: answers, figures in both languages, clear refusals."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from app.cli import app
from figures.meanings import meaning
from figures.text import LANGUAGES
from scenarios.variation import DECLARED, PRICES

RUNNER = CliRunner()
WHERE = ("shuangtaizi_two_schools", "--years", "4", "--executor", "inline", "--lang", "en")
FEW = ("--parameters", "practice.renewal,practice.decay,practice.seed_fidelity", "--outcome", "d_peak")


def call(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == code, result.output + str(result.exception)
    return result.stdout if code == 0 else result.stderr


def test_one_at_a_time_with_replicates_by_a_pilot_is_told_drawn_and_saved(tmp_path: Path) -> None:
    told = call("sensitivity", *WHERE, *FEW, "--samples", "2", "--precision", "0.5", "--out", str(tmp_path))
    assert "practice.renewal" in told
    assert "noise share" in told
    found = json.loads((tmp_path / "sensitivity_oat.json").read_text(encoding="utf-8"))["outcomes"]["d_peak"]
    assert found["parameters"] == ["practice.seed_fidelity", "practice.decay", "practice.renewal"]
    nothing = found["parameters"].index("practice.seed_fidelity")
    assert (found["swing"][nothing], found["swing_conf"][nothing]) == (0.0, 0.0)
    assert found["swing"][2] > 0.0
    assert found["replicates"] >= 2
    drawn = pd.read_csv(tmp_path / "figures" / "oat_d_peak.zh.csv")
    assert drawn["swing"].tolist() == pytest.approx(found["swing"])
    png = (tmp_path / "figures" / "oat_d_peak.png").read_bytes()
    (tmp_path / "figures" / "oat_d_peak.png").unlink()
    assert "oat_d_peak.png" in call("figures", str(tmp_path))
    assert (tmp_path / "figures" / "oat_d_peak.png").read_bytes() == png


def test_json_has_the_promised_form(tmp_path: Path) -> None:
    found = json.loads(
        call(
            "sensitivity", *WHERE, *FEW, "--outcome", "d_peak", "--method", "sobol",
            "--second-order", "--samples", "4", "--replicates", "2", "--out", str(tmp_path), "--json",
        )
    )  # fmt: skip
    assert found["method"] == "sobol"
    entry = found["outcomes"]["d_peak"]
    assert {"parameters", "S1", "S1_conf", "ST", "ST_conf", "S2", "noise_share", "runs"} <= set(entry)
    assert len(entry["S2"]) == len(entry["parameters"]) == 3
    assert entry["runs"] == 4 * 8 * 2
    assert entry["ST"][0] == pytest.approx(0.0, abs=1e-12)
    assert (tmp_path / "figures" / "sobol_d_peak_second_order.zh.svg").stat().st_size > 0


def test_an_outcome_that_nothing_changes_is_refused_and_says_so(tmp_path: Path) -> None:
    few = ("--parameters", "practice.seed_fidelity*", "--samples", "2", "--method", "morris", "--replicates", "1")
    told = call("sensitivity", *WHERE, *few, "--outcome", "d_peak", "--out", str(tmp_path), code=2)
    assert "same at every point" in told
    found = json.loads((tmp_path / "sensitivity_morris.json").read_text(encoding="utf-8"))
    assert found["refused"]["d_peak"]["code"] == "constant_outcome"


def test_values_without_order_are_analysed_one_by_one_where_a_method_would_order_them(tmp_path: Path) -> None:
    found = json.loads(
        call(
            "sensitivity", *WHERE, *FEW, "--method", "morris", "--samples", "2", "--replicates", "2", "--no-figures",
            "--vary", "rotation=none,unified_deployment", "--out", str(tmp_path), "--json",
        )
    )  # fmt: skip
    assert set(found["outcomes"]) == {"d_peak [rotation=none]", "d_peak [rotation=unified_deployment]"}
    assert all("rotation" not in entry["parameters"] for entry in found["outcomes"].values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--method", "sobbol"), "choose from oat, morris"),
        (("--parameters", "practise.*"), "Nearest"),
        (("--outcome", "d_peek"), "Nearest: peak"),
        (("--outcome", "probability_dilutoin"), "probability_dilution"),
        (("--method", "pawn", "--groups", "all"), "does not know groups"),
        (("--precision", "2"), "between 0 and 1"),
        (("--replicates", "none"), "whole number"),
    ],
)
def test_a_mistake_gets_one_message_and_nothing_is_written(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    assert said in call("sensitivity", *WHERE, *words, "--out", str(tmp_path / "x"), code=2)
    assert not (tmp_path / "x").exists()


def test_discover_tells_box_and_tree_of_a_sweep_and_draws_them(tmp_path: Path) -> None:
    out = ("--out", str(tmp_path))
    lever = ("--vary", "rotation=none,unified_deployment", "--parameters", "practice.renewal")
    told = call("discover", *WHERE, *lever, "--of", "peak_shaving", "--samples", "24", "--replicates", "2", *out)
    assert "Tree (" in told
    for name in ("prim_trajectory", "tree"):
        assert {(tmp_path / "figures" / f"{name}{end}").exists() for end in (".png", ".zh.pdf", ".zh.md")} == {True}
    again = json.loads(call("discover", str(tmp_path), "--of", "fill", "--no-figures", "--json"))
    assert again["of"] == ["fill"]
    assert "unknown" not in call("discover", str(tmp_path), "--of", "filll", "--lang", "en", code=2)


def test_a_border_over_two_levers_is_found_and_drawn(tmp_path: Path) -> None:
    levers = "rotations.unified_deployment.share=0.01:0.3,practice.renewal=0.1:1"
    told = call("discover", *WHERE, "--phase", levers, "--budget", "40", "--replicates", "1", "--out", str(tmp_path))
    assert "Share of the plane" in told
    found = json.loads((tmp_path / "phase.json").read_text(encoding="utf-8"))
    assert 25 <= len(found["points"]) <= 40
    assert {cell for row in found["plane"] for cell in row} == {point["region"] for point in found["points"]}
    assert (tmp_path / "figures" / "phase.zh.png").stat().st_size > 0
    assert "two ranges" in call("discover", *WHERE, "--phase", "practice.renewal=0.1:1", code=2)


def test_every_parameter_has_a_meaning_in_both_languages() -> None:
    declared = {path: said.meaning for path, said in DECLARED.items() if not path.startswith(PRICES)}
    for language in LANGUAGES:
        assert [path for path in declared if not meaning(path, declared, language)] == []
    assert [path for path in declared if meaning(path, declared, "zh") == declared[path]] == []

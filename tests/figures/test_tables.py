import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from figures import evidence, tables
from figures.results import Results, load

Write = Callable[..., Path]


def test_the_spreadsheet_has_unrounded_numbers_and_opens_as_chinese(built: Path, results: Results) -> None:
    raw = (built / "tables" / "verdicts.zh.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(io.BytesIO(raw), encoding="utf-8-sig")
    policy = results.comparison.policies[1]
    assert table.loc[1, "判定"] == table.loc[1, "点估计"] == "削峰填谷"
    assert table.loc[1, "优质学校 Δ（点估计）下限"] == policy.d_peak.low
    assert table.loc[1, "总费用：每生每年（元）"] == policy.cost_per_pupil


def test_an_undecided_verdict_names_what_is_left(results: Results) -> None:
    assert tables.point(results, "en")["Point estimate"][3] == "Undecided: Fill or Peak-shaving"
    assert tables.early(results, "zh")["判定"][0] == "尚难判定：填谷不削峰或无效（点估计）"
    assert tables.late(results, "en").empty


def test_intervals_read_mean_low_high(results: Results) -> None:
    assert tables.point(results, "en")["ΔPeak"][1].replace("\u00a0", " ") == "−0.034 [−0.039, −0.029]"


def test_an_unbounded_ratio_and_a_dip_never_recovered_say_so(write: Write, comparison: dict[str, Any]) -> None:
    comparison["policies"][0] |= {"peak_cost_ratio": {"mean": 0.17, "low": None, "high": None}}
    for name, mean in (("d_peak", -0.01), ("d_valley", 0.03)):
        comparison["policies"][0][name] = {"mean": mean, "low": mean - 0.01, "high": mean + 0.01}
    odd = load(write(comparison))
    assert evidence.prices(odd, "en")["Peak given up per valley filled"][0] == "+0.17 (unbounded)"
    assert tables.course(odd, "en")["Recovered in"][1] == "not within the horizon"


@pytest.mark.parametrize(("peak", "valley"), [(0.01, 0.03), (-0.01, -0.03), (0.01, -0.03), (-0.01, 0.005)])
def test_no_price_is_named_where_no_peak_pays_for_a_valley(
    peak: float, valley: float, write: Write, comparison: dict[str, Any]
) -> None:
    for name, mean in (("d_peak", peak), ("d_valley", valley)):
        comparison["policies"][0][name] = {"mean": mean, "low": mean - 0.01, "high": mean + 0.01}
    assert evidence.prices(load(write(comparison)), "en")["Peak given up per valley filled"][0] == "–"


def test_what_was_not_measured_is_a_dash(write: Write, comparison: dict[str, Any]) -> None:
    comparison["policies"][0] |= {"d_ungrouped": None, "dip_depth": None, "recovery_year": None}
    odd = load(write(comparison))
    assert tables.others(odd, "en")["Ungrouped schools"][0] == "–"
    assert tables.course(odd, "zh")["优质学校最深回落"][0] == "–"
    assert tables.course(odd, "en")["Left of the gain after ties end"][0] == "–"


def test_latex_is_a_whole_table_with_special_characters_escaped(write: Write, comparison: dict[str, Any]) -> None:
    comparison["policies"][0]["title"]["en"] = r"50% & more_or\less {x} ~ #1"
    latex = tables.latex(load(write(comparison)), "en")
    assert r"50\% \& more\_or\textbackslash{}less \{x\} \textasciitilde{} \#1" in latex
    assert latex.count(r"\toprule") == latex.count(r"\bottomrule") == 1
    assert r"$-$0.012 [$-$0.017,~$-$0.007]" in latex
    assert not set("σΔ−\u00a0") & set(latex)


def test_latex_keeps_chinese(built: Path) -> None:
    assert "填谷不削峰" in (built / "tables" / "verdicts.zh.tex").read_text(encoding="utf-8")

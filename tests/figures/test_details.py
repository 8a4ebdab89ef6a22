"""Pictures and tables of what stands behind a verdict: mechanisms, schools, indicators, money, moves."""

import html
import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from figures import attribution, distribution, evidence, findings, official, ranking, tables, wording
from figures.records import Attribution
from figures.results import Results, load
from figures.text import text
from tests.figures.enriched import MECHANISMS

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def found(detailed: Path) -> Results:
    return load(detailed)


def _cells(page: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [[html.unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)] for row in rows]


@pytest.mark.parametrize(("language", "name"), [("en", "report.html"), ("zh", "report.zh.html")])
def test_numbers_in_the_report_are_those_of_the_document(detailed: Path, language: str, name: str) -> None:
    """Every cell of effects, costs, indicators and certainty, from the page back to comparison.json."""
    rows = _cells((detailed / name).read_text(encoding="utf-8"))
    for policy in json.loads((detailed / "comparison.json").read_text(encoding="utf-8"))["policies"]:
        own = [cell for row in rows if row and row[0] == policy["title"][language] for cell in row]
        numbers = {float(n.replace("−", "-")) for cell in own for n in re.findall(r"[−+]?\d+\.\d{3}", cell)}
        for effect in ("d_peak", "d_valley", "d_middle", "d_mean", "d_peak_year3", "d_leads", "d_lead_worst_team"):
            assert {round(policy[effect][part], 3) for part in ("mean", "low", "high")} <= numbers, effect
        assert str(round(policy["cost_per_pupil"])) in own
        assert str(round(policy["costs"]["beyond_control"])) in own
        assert str(round(policy["costs"]["by_line"]["allowance"])) in own
        agree = round(policy["certainty"]["share"] * 64)
        assert any(re.search(rf"\b{agree}\b", cell) and "64" in cell for cell in own)


def test_numbers_in_figures_are_those_of_the_document(detailed: Path) -> None:
    policies = json.loads((detailed / "comparison.json").read_text(encoding="utf-8"))["policies"]
    drawn = pd.read_csv(detailed / "figures" / "attribution.csv")
    shaving = policies[1]["attribution"]
    for name in ("d_peak", "d_valley_year3"):
        part = drawn[drawn["outcome"] == name].set_index("mechanism")["value"].to_dict()
        assert part == shaving[name]["mechanisms"] | {"total": shaving[name]["total"]}
    indicators = pd.read_csv(detailed / "figures" / "official.csv")
    assert indicators["after"].tolist() == [one["after"] for policy in policies for one in policy["official"]]
    effects = pd.read_csv(detailed / "effects.csv", dtype={"school": str})
    for name, column in (("ranking", "d_quality"), ("distribution", "after")):
        table = pd.read_csv(detailed / "figures" / f"{name}.csv", dtype={"school": str})
        assert len(table) == len(effects)
        wanted = effects.set_index(["policy", "school"])["d_quality" if column == "d_quality" else "quality"]
        both = table.set_index(["policy", "school"])[column]
        assert np.array_equal(both.sort_index().to_numpy(), wanted.sort_index().to_numpy())


def test_bars_of_a_waterfall_begin_where_the_one_before_ends(found: Results) -> None:
    figure = attribution.draw(found, "en")
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in figure.axes[0].patches]
    assert len(bars) == len(MECHANISMS) + 1
    assert all(a[1] == pytest.approx(b[0]) for a, b in pairwise(bars[:-1]))
    assert bars[-1] == pytest.approx((0.0, sum(MECHANISMS.values())))
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()][-1] == "In all"


def test_the_story_begins_with_the_largest_part_and_nothing_is_nothing(found: Results) -> None:
    policy = found.comparison.policies[1]
    assert policy.attribution is not None
    story = findings.story("X", policy.attribution, text("en"))
    assert story == (
        "Why X changes the strongest schools by −0.022 σ a year: Staff moves −0.020, Attention and load −0.006, "
        "Practice transfer +0.004, Fit 0.000."
    )
    sentences = findings.mechanisms(policy.attribution, 0.02, text("zh"))
    assert len(sentences) == len(MECHANISMS)
    assert "对优质学校减少 0.020 σ，对薄弱学校增加 0.030 σ" in sentences[0]
    assert "对优质学校几乎没有影响" in sentences[-1]


def test_a_policy_that_is_the_control_has_no_story() -> None:
    nothing = {"total": 0.0, "low": 0.0, "high": 0.0, "mechanisms": {}, "intervals": {}}
    names = [f"d_{name}{horizon}" for name in ("peak", "valley", "mean") for horizon in ("", "_year3")]
    same = Attribution.model_validate({"replicates": 2} | dict.fromkeys(names, nothing))
    assert "no mechanism differs" in findings.story("X", same, text("en"))
    assert len(attribution.waterfalls([attribution.Explained("x", {"en": "X", "zh": "X"}, same)], "en").axes) == 3


def test_schools_are_ranked_from_gain_to_loss_and_counted(found: Results) -> None:
    table = ranking.data(found)
    first = table[table["policy"] == found.comparison.policies[0].name]
    assert first["d_quality"].is_monotonic_decreasing
    assert first["rank"].tolist() == list(range(1, 91))
    rows = pd.DataFrame({"d_quality": [0.03, 0.02, -0.02, -0.021]})
    assert ranking.counts(rows, 0.02) == {"gain": 1, "hold": 2, "lose": 1}


def test_density_is_one_in_all_and_schools_to_come_have_no_before(found: Results, write: Write) -> None:
    at = np.linspace(-5, 5, 4001)
    assert np.trapezoid(distribution.smoothed(np.array([-1.0, 0.5, 0.6]), at, 0.3), at) == pytest.approx(1.0, abs=1e-6)
    found.schools.loc[3, "opens"] = "4"
    try:
        assert "00003" not in set(distribution.data(found)["school"])
    finally:
        found.schools.loc[3, "opens"] = ""


def test_a_few_schools_are_drawn_one_by_one(found: Results) -> None:
    few = Results(found.comparison, found.schools.head(5), found.ties.head(0), {}, found.tables)
    for module in (distribution, ranking):
        labels = [label.get_text() for label in module.draw(few, "zh").axes[0].get_yticklabels()]
        assert sorted(labels) == sorted(few.schools["name"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_indicators_have_a_row_of_panels_for_each_level(found: Results, language: str) -> None:
    figure = official.draw(found, language)
    assert len(figure.axes) == 2 * 2
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] != []
    table = evidence.official(found, language)
    assert len(table) == 8
    assert ("over" if language == "en" else "超标") in table.iloc[0, 2]


def test_every_indicator_is_inside_its_panel_whatever_other_levels_show(full: dict[str, Any], write: Write) -> None:
    for policy in full["policies"]:
        for one in policy["official"]:
            one["after"] = 0.2 if one["level"] == "primary" else 0.9
    figure = official.draw(load(write(full)), "en")
    assert all(axes.get_xlim()[0] == 0.0 and axes.get_xlim()[1] > 0.9 for axes in figure.axes)


def test_costs_by_line_leave_out_what_nobody_pays_and_end_with_the_control(found: Results) -> None:
    table = evidence.costs(found, "en")
    assert "Cover of classes" not in table
    assert table["Policy"].iloc[-1] == "things as they are"
    assert table["In all"].tolist() == ["96", "128", "61", "94", "24", "57", "6"]


def test_no_price_of_next_to_nothing(write: Write, full: dict[str, Any]) -> None:
    full["policies"][0]["d_valley"] = {"mean": 0.0011, "low": 0.0, "high": 0.002}
    table = evidence.prices(load(write(full)), "en")
    assert table["Beyond the control, per 0.01 σ at the weakest"].tolist()[:2] == ["–", "21"]
    assert table["of all, paid by lead schools"][1] == "51"


def test_moves_tell_between_whom_and_who_covers(found: Results) -> None:
    table = evidence.moves(found, "en")
    assert len(table) == 3
    row = table.iloc[0]
    assert row["Moves a year"] == "0.4"
    assert row["From the leads to others / from others to the leads / between others"] == "0.2 / 0.1 / 0.1"
    assert row["Who covers the classes"] == "a teacher in exchange 100 %"


def test_extremes_are_three_at_each_end(found: Results) -> None:
    table = evidence.extremes(found, "en", "effects")
    assert len(table) == len(evidence.extremes(found, "zh", "groups")) == 6
    change = found.of("effects", found.comparison.policies[0]).sort_values("d_quality")["d_quality"]
    for column, wanted in (("Largest gains", change.tolist()[:-4:-1]), ("Largest losses", change.tolist()[:3])):
        assert re.findall(r"[−+]\d\.\d+", table[column][0]) == [wording.signed(value) for value in wanted]


def test_two_schools_are_a_gain_and_a_loss_each_told_once(found: Results) -> None:
    two = {"effects": found.tables["effects"][found.tables["effects"]["school"].isin(["00000", "00001"])]}
    few = Results(found.comparison, found.schools, found.ties, {}, found.tables | two)
    row = evidence.extremes(few, "en", "effects").iloc[0]
    assert row["Largest gains"].count("0.") == row["Largest losses"].count("0.") == 1


def test_a_number_without_words_is_named_by_its_path(found: Results) -> None:
    hinge = found.comparison.policies[2].certainty.hinges[0]  # type: ignore[union-attr]
    odd = hinge.model_copy(update={"path": "practice.of_another_version"})
    assert findings.meaning(odd, text("en")) == "practice.of_another_version"


@pytest.mark.parametrize("unit", ["share", "ratio", "–", "σ", "years", "1/SD"])
def test_amounts_have_a_unit_that_is_read(unit: str) -> None:
    expected = {"share": "−25 %", "ratio": "−0.25", "–": "−0.25", "σ": "−0.25 σ", "years": "−0.25 years"}
    assert findings.amount(-0.25, unit, text("en")) == expected.get(unit, "−0.25 per SD")


def test_all_agree_or_none_else_is_a_dash(found: Results) -> None:
    assert evidence.certain(found, "en")["Other verdicts (draws)"].tolist()[:2] == ["–", "No effect 3"]
    assert tables.others(found, "zh")["牵头校变化最差的学科组（能力）"][0].startswith("−0.051")


def test_a_fragile_verdict_that_no_draw_contradicts_says_no_other(write: Write, full: dict[str, Any]) -> None:
    policy = full["policies"][0]
    policy["certainty"] |= {"share": 0.5, "runner_up": None, "regions": {policy["verdict"]: 32}}
    document = load(write(full)).comparison
    sentence = wording.sentence(document.policies[0], document, text("en"))
    assert sentence.startswith(
        "Fusion + no rotation – not sure: likeliest is Fill, with only 32 of 64 draws (50 %). In the middle"
    )

"""Wherever a verdict is told, it is that of most draws, with its share and what comes next; the point stands second."""

import html
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from app.web import charts
from app.wording import verdict_table
from figures import evidence, findings, quadrant, tables, wording
from figures.report import render
from figures.results import Results, load
from figures.text import LANGUAGES, text
from tests.figures.enriched import certainty, shares

Write = Callable[..., Path]
EFFECTS = (-0.04, 0.06, 0.01)


@pytest.fixture
def contradicted(write: Write, full: dict[str, Any]) -> Results:
    """Return a comparison whose first policy fills at the declared numbers, while 37 of 64 draws shave the peak."""
    policy = full["policies"][0]
    policy |= {"verdict": "peak_shaving", "point_verdict": "fill", "point_regions": ["fill"]}
    policy |= {"certainty": certainty("peak_shaving", "fill", 37, EFFECTS) | shares("peak_shaving", "fill", 37)}
    policy |= {"verdict_year3": "dilution", "point_verdict_year3": "lift", "point_regions_year3": ["lift"]}
    policy["certainty"]["year3"] = shares("dilution", "lift", 40)
    return load(write(full, details=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_names_the_likeliest_first_and_the_point_as_such(contradicted: Results, language: str) -> None:
    t = text(language)
    shaving, fill = t("verdict.name.peak_shaving"), t("verdict.name.fill")
    numbers = tables.data(contradicted, language).iloc[0]
    told = [numbers[t(f"table.{name}")] for name in ("verdict", "share", "runner_up", "runner_up_share", "point")]
    assert told == [shaving, 37 / 64, fill, 27 / 64, fill]
    late = tables.late(contradicted, language).iloc[0]
    assert shaving in late[t("table.verdict")]
    assert "57.8" in late[t("table.verdict")]
    assert "42.2" in late[t("table.runner_up")]
    early = tables.early(contradicted, language).iloc[0]
    assert t("verdict.name.dilution") in early[t("table.verdict")]
    assert early[t("table.point")] == t("verdict.name.lift")
    assert evidence.certain(contradicted, language).iloc[0][t("table.verdict")] == shaving
    first, second = re.findall(r".*\\\\", tables.latex(contradicted, language))[1:3]
    assert shaving in first
    assert "57.8" in first
    assert t("certain.point_only", verdict=fill) in second


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentence_badge_and_terminal_begin_with_the_likeliest(contradicted: Results, language: str) -> None:
    t, comparison = text(language), contradicted.comparison
    policy = comparison.policies[0]
    sentence = wording.sentence(policy, comparison, t)
    assert sentence.index(t("verdict.name.peak_shaving")) < sentence.index(t("verdict.name.fill"))
    assert "37" in sentence
    page = html.unescape(render(contradicted, language, {})).replace("\u00a0", " ")
    badge = re.search(r'<span class="badge"[^>]*>(.*?)</span>', page)
    assert badge is not None
    assert badge[1] == wording.told(policy.late, t).replace("\u00a0", " ")
    assert t("page.point_line", verdict=t("verdict.name.fill")) in page
    said = verdict_table(comparison.model_dump() | {"results_dir": "x"}, language, reported=False)
    assert "57.8 %" in said
    hinged = findings.hinges(comparison, t)
    assert any(t("verdict.name.fill") in str(line) for hinge in hinged for line in hinge["policies"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_quadrant_heads_every_panel_with_the_likeliest_and_draws_every_draw(
    contradicted: Results, language: str
) -> None:
    figure = quadrant.draw(contradicted, language)
    first = figure.axes[0]
    assert text(language)("verdict.name.peak_shaving") in first.get_title(loc="left")
    assert "57.8" in first.get_title(loc="left")
    assert len(first.collections[0].get_offsets()) == 64
    rows = quadrant.data(contradicted)
    assert rows.groupby(["policy", "kind"]).size().to_dict() == {
        (n, kind): 64 if kind == "draw" else 1 for n in range(1, 7) for kind in ("draw", "point")
    }


def test_the_page_draws_every_draw_too(contradicted: Results) -> None:
    options = charts.quadrant(contradicted.comparison, text("en"))
    assert [len(one["data"]) for one in options["series"][1:]] == [64] * 6 + [1] * 6


def test_without_draws_every_verdict_says_that_it_is_a_point_estimate(results: Results) -> None:
    t = text("en")
    for policy in results.comparison.policies:
        assert wording.told(policy.late, t).endswith("(point estimate)")
        assert wording.sentence(policy, results.comparison, t).startswith("Point estimate")
        assert wording.runner_up(policy.late, t) == "–"
    assert tables.latex(results, "en").count("(point estimate)") == 6
    table = pd.read_csv(io.StringIO(tables.data(results, "en").to_csv(index=False)))
    assert table["Share of draws"].isna().all()
    assert "not tested over the uncertain ones" in wording.caption("quadrant", results, t)


@pytest.mark.parametrize("figure", wording.AT_POINT)
def test_captions_of_what_is_computed_at_the_declared_numbers_say_so(results: Results, figure: str) -> None:
    assert "point estimate" in wording.caption(figure, results, text("en"))
    assert "点估计" in wording.caption(figure, results, text("zh"))

"""Findings and problems put into words for the terminal."""

import io
from typing import Any

from rich.console import Console
from rich.table import Table

from figures.results import Comparison
from figures.text import Text, text
from figures.wording import given_up, interval, late_years, number, verdict, whole
from scenarios.problems import ScenarioError

WIDTH = 150


def scenario_problems(error: ScenarioError, language: str) -> str:
    """Return one line for each thing that is wrong with a scenario."""
    t = text(language)
    return "\n".join(t(f"problem.{problem.code}", **problem.values) for problem in error.problems)


def verdict_table(document: dict[str, Any], language: str, reported: bool) -> str:
    """Return the verdicts as an aligned table, with what one must know to read it."""
    t, found = text(language), Comparison.model_validate(document)
    heading = t(
        "cli.verdicts", title=found.title[language], control=found.control.title[language],
        level=f"{100 * (1 - found.alpha):g}", **late_years(found),
    )  # fmt: skip
    notes = [t("cli.synthetic")] if found.synthetic else []
    name = "report.zh.html" if language == "zh" else "report.html"
    notes += [t("cli.report", path=f"{document['results_dir']}/{name}")] if reported else []
    return "\n".join([heading, "", _grid(found, t), "", *notes])


def _grid(found: Comparison, t: Text) -> str:
    grid = Table(show_edge=False, header_style="bold")
    for name in ("policy", "verdict", "peak", "valley", "mean", "ratio", "cost", "replicates"):
        grid.add_column(t(f"cli.{name}"), justify="left" if name in ("policy", "verdict") else "right", overflow="fold")
    for policy in found.policies:
        ratio = given_up(policy)
        effects = [interval(effect, t) for effect in (policy.d_peak, policy.d_valley, policy.d_mean)]
        price = "" if ratio is None or ratio.mean is None else number(ratio.mean, 2)
        answer = verdict(policy.verdict, policy.verdict_regions, t)
        cost, pairs = whole(policy.cost_per_pupil), str(policy.replicates)
        grid.add_row(policy.title[t.language], answer, *effects, price, cost, pairs)
    out = io.StringIO()
    Console(file=out, width=WIDTH, highlight=False, markup=False).print(grid)
    return out.getvalue().rstrip()

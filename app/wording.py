"""Findings and problems put into words for the terminal."""

import io
from typing import Any

from rich.console import Console
from rich.table import Table

from figures.results import Comparison
from figures.text import Text, text
from figures.validation import MARKS, Estimate, Validation, estimate, shown, target
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
    return _printed(grid)


def validation_table(document: dict[str, Any], language: str) -> str:
    """Return facts, targets and the model's numbers as an aligned table; then why it misses, and rivals if any."""
    t, found = text(language), Validation.model_validate(document)
    heading = t("validation.heading", seed=found.seed, replicates=found.replicates, level=f"{100 * found.level:g}")
    tally = {name: sum(fact.within == name for fact in found.facts) for name in MARKS}
    misses = [
        t("validation.miss", id=fact.id, mechanism=fact.mechanism[language])
        for fact in found.facts
        if fact.within != "inside" and fact.mechanism
    ]
    parts = [heading, "", _facts_grid(found, t), "", t("validation.count", all=len(found.facts), **tally)]
    parts += ["", t("validation.misses"), *misses] if misses else []
    parts += ["", t("validation.rivals"), "", _rivals_grid(found, t)] if found.rivals else []
    name = "forest.zh.png" if language == "zh" else "forest.png"
    directory = document["results_dir"]
    return "\n".join([
        *parts, "", t("validation.proxies", path=f"{directory}/validation.json"),
        t("validation.files", path=f"{directory}/{name}"),
    ])  # fmt: skip


def _facts_grid(found: Validation, t: Text) -> str:
    grid = Table(show_edge=False, header_style="bold")
    grid.add_column("")
    for name in ("fact", "study", "target", "model", "within"):
        grid.add_column(
            t(f"validation.{name}"), justify="right" if name in ("target", "model") else "left", overflow="fold"
        )
    for fact in found.facts:
        verdict = t(f"validation.verdict.{fact.within}")
        words = fact.title[t.language], fact.study[t.language]
        grid.add_row(fact.id, *words, target(fact, t), estimate(fact, fact.unit, t), verdict)
    return _printed(grid)


def _rivals_grid(found: Validation, t: Text) -> str:
    grid = Table(show_edge=False, header_style="bold")
    grid.add_column("")
    for title in (t("validation.own"), *(rival.title[t.language] for rival in found.rivals)):
        grid.add_column(title, justify="right", overflow="fold")
    for fact, *others in zip(found.facts, *(rival.facts for rival in found.rivals), strict=True):
        grid.add_row(fact.id, *(_marked(one, fact.unit, t) for one in (fact, *others)))
    return _printed(grid)


def _marked(one: Estimate, unit: str, t: Text) -> str:
    sign = {"inside": "√", "straddles": "~", "outside": "×"}[one.within]
    return f"{t('phrase.none') if one.model is None else shown(one.model, unit)} {sign}"


def _printed(grid: Table) -> str:
    out = io.StringIO()
    Console(file=out, width=WIDTH, highlight=False, markup=False).print(grid)
    return out.getvalue().rstrip()

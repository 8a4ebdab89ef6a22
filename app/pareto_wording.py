"""The Pareto set of policies put into words for the terminal."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from app.wording import grounds, printed
from figures import pareto
from figures.records import Ratio
from figures.text import Text, text
from figures.wording import interval, verdict, whole

LEAST_NAMED, MOST_NAMED, VERDICT = 30, 38, 19
"""Columns of the terminal for policies with their levers, and for verdicts."""


def pareto_text(document: dict[str, Any], language: str, drawn: bool) -> str:
    """Return the front as an aligned table, with what one must know to read it."""
    t, found = text(language), pareto.load(document["results_dir"])
    told, directory = pareto.facts(found, t), document["results_dir"]
    parts = [t("pareto.heading", title=found.title[language], **told), t("pareto.asked", **told), ""]
    if lacking := pareto.none_keeps(found, t):
        parts += [lacking, ""]
    parts += [_grid(found, t), "", *_notes(found, t), grounds(found.synthetic, t)]
    parts.append(t("pareto.files", path=f"{directory}/{pareto.NAME}", table=f"{directory}/pareto.csv"))
    name = "pareto.zh.png" if language == "zh" else "pareto.png"
    return "\n".join([*parts, t("sensitivity.figure", path=f"{directory}/figures/{name}")] if drawn else parts)


def _grid(found: pareto.Pareto, t: Text) -> str:
    """Return two rows a member: at the declared numbers with its verdict, and as judged with where it stands now."""
    grid = Table(show_edge=False, header_style="bold")
    names = list(dict.fromkeys(["d_valley", "d_peak", pareto.COST, *(o.name for o in found.objectives)]))
    grid.add_column("")
    grid.add_column(t("cli.policy"), width=max(LEAST_NAMED, min(MOST_NAMED, _width(found))), overflow="fold")
    grid.add_column(t("pareto.stands"), max_width=VERDICT, overflow="fold")
    grid.add_column("", overflow="fold")
    for name in names:
        grid.add_column(t(f"pareto.short.{name}"), justify="right", overflow="fold")
    views = [pareto.USUAL, pareto.ROBUST] if found.draws else [pareto.USUAL]
    for n, one in enumerate(found.front, 1):
        answer, levers = verdict(one.verdict, one.verdict_regions, t), "\n".join(pareto.levers(one))
        cells = [[_amount(one.numbers(view)[name], name, t) for name in names] for view in views]
        grid.add_row(str(n), one.title[t.language], answer, t("pareto.usual_short"), *cells[0])
        rest = [t(f"pareto.{_short(found)}"), *cells[1]] if found.draws else []
        grid.add_row("", levers, t(f"pareto.status.{one.status}"), *rest, end_section=True)
    return printed(grid)


def _width(found: pareto.Pareto) -> int:
    """Return the columns that the longest lever takes."""
    return max((len(lever) for one in found.front for lever in pareto.levers(one)), default=0)


def _short(found: pareto.Pareto) -> str:
    return "mean_short" if found.robust == "mean" else "worst_short"


def _amount(found: Ratio, name: str, t: Text) -> str:
    """Return an effect with its interval; of money whole yuan, and no interval where nothing varies."""
    if name != pareto.COST or found.mean is None:
        return interval(found, t, 0 if name.endswith(pareto.COST) else 3)
    if found.low is None or found.high is None or whole(found.low) == whole(found.high):
        return whole(found.mean)
    return t("phrase.interval", mean=whole(found.mean), low=whole(found.low), high=whole(found.high))


def _notes(found: pareto.Pareto, t: Text) -> list[str]:
    told = pareto.facts(found, t)
    notes = [t("pareto.again", **told), pareto.convergence(found, t)]
    notes += [t("pareto.left_out", **told)] if found.left_out else []
    notes += [t("pareto.differs", **told)] if found.draws else []
    notes += [t("pareto.failed", count=found.search.failed)] if found.search.failed else []
    notes += [t("pareto.failed_anew", count=found.failed_anew)] if found.failed_anew else []
    return [note for note in notes if note]

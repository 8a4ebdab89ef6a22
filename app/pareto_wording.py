"""The Pareto set of policies put into words for the terminal."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from app.wording import grounds, printed
from figures import pareto
from figures.records import Estimate, Ratio
from figures.text import Text, text
from figures.wording import interval, verdict, whole

MOST_NAMED = 44
"""Columns that are kept free for names of levers."""


def pareto_text(document: dict[str, Any], language: str, drawn: bool) -> str:
    """Return the front as an aligned table, with what one must know to read it."""
    t, found = text(language), pareto.load(document["results_dir"])
    told, directory = pareto.facts(found, t), document["results_dir"]
    parts = [t("pareto.heading", title=found.title[language], **told), t("pareto.asked", **told), ""]
    if not found.search.keeping:
        parts += [t("pareto.none_keeps", **told), ""]
    parts += [_grid(found, t), "", *_notes(found, t), grounds(found.synthetic, t)]
    parts.append(t("pareto.files", path=f"{directory}/{pareto.NAME}", table=f"{directory}/pareto.csv"))
    name = "pareto.zh.png" if language == "zh" else "pareto.png"
    return "\n".join([*parts, t("sensitivity.figure", path=f"{directory}/figures/{name}")] if drawn else parts)


def _grid(found: pareto.Pareto, t: Text) -> str:
    grid = Table(show_edge=False, header_style="bold")
    names = [*dict.fromkeys(["d_valley", "d_peak", *(o.name for o in found.objectives)])]
    grid.add_column("")
    grid.add_column(t("cli.policy"), min_width=min(MOST_NAMED, _width(found)), overflow="fold")
    grid.add_column(t("cli.verdict"), overflow="fold")
    for name in ("valley", "peak", "cost"):
        grid.add_column(t(f"cli.{name}"), justify="right", overflow="fold")
    for name in names if found.draws else ():
        grid.add_column(
            t("pareto.column", objective=t(f"pareto.short.{name}"), judged=t(_short(found))), justify="right"
        )
    grid.add_column(t("pareto.stands"), overflow="fold")
    for n, one in enumerate(found.front, 1):
        usual = [interval(one.d_valley, t), interval(one.d_peak, t), _amount(one.cost_per_pupil, pareto.COST, t)]
        robust = [_amount(one.robust[name], name, t) for name in names] if found.draws else []
        answer = verdict(one.verdict, one.verdict_regions, t)
        grid.add_row(
            str(n),
            "\n".join([one.title[t.language], *pareto.levers(one)]),
            answer,
            *usual,
            *robust,
            t(f"pareto.status.{one.status}"),
        )
    return printed(grid)


def _width(found: pareto.Pareto) -> int:
    """Return the columns that the longest lever takes."""
    return max((len(lever) for one in found.front for lever in pareto.levers(one)), default=0)


def _short(found: pareto.Pareto) -> str:
    return "pareto.mean_short" if found.robust == "mean" else "pareto.worst_short"


def _amount(found: Estimate | Ratio, name: str, t: Text) -> str:
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
    return [note for note in notes if note]

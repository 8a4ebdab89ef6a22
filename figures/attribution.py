"""Waterfalls: what each family of mechanisms adds to an effect, or takes from it, up to the total."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from figures import style
from figures.panels import folded
from figures.records import Attribution, Outcome
from figures.results import Results
from figures.text import Text, text
from figures.wording import signed

OUTCOMES = ("peak", "valley", "mean")
MECHANISMS = (
    "staff_moves", "attention_and_load", "learning_across_schools", "practice_transfer", "renewal_and_drive", "fit",
)  # fmt: skip
BAR, ROW, FRAME = 0.62, 0.155, 0.42
AIR = 0.22
"""Room beside the bars for their numbers, as a share of what they span."""
UP, DOWN = style.BLUE, style.VERMILLION


class Explained(NamedTuple):
    """A policy and why it does what it does."""

    policy: str
    title: dict[str, str]
    attribution: Attribution


def explained(results: Results) -> list[Explained]:
    """Return the policies of a comparison that are explained."""
    found = results.comparison.policies
    return [Explained(policy.name, policy.title, policy.attribution) for policy in found if policy.attribution]


def data(results: Results) -> pd.DataFrame:
    """Return one row a policy, outcome and mechanism, and one for the total; see `table`."""
    return table(explained(results))


def table(policies: Sequence[Explained]) -> pd.DataFrame:
    """Return policy, outcome, mechanism (or total), value, low and high (σ per school year), long run and year 3."""
    rows = [
        {"policy": one.policy, "outcome": f"d_{name}{horizon}"} | row
        for one in policies
        for horizon in ("", "_year3")
        for name in OUTCOMES
        for row in _rows(getattr(one.attribution, f"d_{name}{horizon}"))
    ]
    columns = ("policy", "outcome", "mechanism", "value", "low", "high")
    return pd.DataFrame(rows, columns=list(columns)).astype(dict.fromkeys(("value", "low", "high"), float))


def _rows(outcome: Outcome) -> list[dict[str, object]]:
    parts: list[dict[str, object]] = [
        {"mechanism": name, "value": value, "low": outcome.intervals[name].low, "high": outcome.intervals[name].high}
        for name, value in outcome.mechanisms.items()
    ]
    return [*parts, {"mechanism": "total", "value": outcome.total, "low": outcome.low, "high": outcome.high}]


def draw(results: Results, language: str) -> Figure:
    """Return the waterfalls of all explained policies of a comparison in `language`."""
    return waterfalls(explained(results), language)


@style.applied()
def waterfalls(policies: Sequence[Explained], language: str) -> Figure:
    """Return one row of waterfalls a policy: strongest, weakest, all schools, all on the same scale."""
    t, values = text(language), table(policies)
    used = set(values["mechanism"])
    names = [name for name in MECHANISMS if name in used]
    height = len(policies) * (ROW * (len(names) + 1) + FRAME) + FRAME
    figure = Figure(figsize=(style.DOUBLE, height), layout="constrained")
    grid = figure.subplots(len(policies), len(OUTCOMES), squeeze=False, sharex=True, sharey=True)
    for one, line in zip(policies, grid, strict=True):
        for axes, name in zip(line, OUTCOMES, strict=True):
            _waterfall(axes, getattr(one.attribution, f"d_{name}"), names)
            axes.set_title(t(f"series.{name}"), fontsize="small", color=style.SOFT)
        line[0].annotate(
            folded(one.title[language], 110), (0, 1), (0, 15), xycoords="axes fraction", textcoords="offset points",
            va="bottom", annotation_clip=False,
        )  # fmt: skip
        line[0].set_yticks(range(len(names) + 1), [t(f"mechanism.name.{name}") for name in [*names, "total"]])
    grid[0, 0].set_ylim(len(names) + 0.6, -0.7)
    grid[0, 0].set_xlim(_reach(policies))
    figure.supxlabel(t("figure.attribution.x"), fontsize="medium")
    figure.legend(handles=_key(t), loc="outside upper center", ncols=3)
    return figure


def _waterfall(axes: Axes, outcome: Outcome, names: Sequence[str]) -> None:
    """Draw bars that begin where the one before ends, and the total from zero."""
    axes.axvline(0, color=style.SOFT, linewidth=0.5, zorder=1)
    axes.tick_params(axis="y", length=0)
    at = 0.0
    for row, name in enumerate([*names, "total"]):
        total = name == "total"
        value = outcome.total if total else outcome.mechanisms.get(name, 0.0)
        ends = outcome if total else outcome.intervals.get(name)
        start = 0.0 if total else at
        colour = style.INK if total else UP if value >= 0.0 else DOWN
        axes.barh(row, value, BAR, left=start, color=colour, linewidth=0, zorder=2)
        if ends is not None and ends.low is not None and ends.high is not None:
            base = start + value
            line = [base + ends.low - value, base + ends.high - value]
            axes.plot(line, [row, row], color=style.SOFT, linewidth=0.8, zorder=3)
        at = start + value
        if not total:
            axes.plot([at, at], [row, row + 1], color=style.FAINT, linewidth=0.5, zorder=1)
        _number(axes, row, (start, at), ends, value)


def _number(axes: Axes, row: int, bar: tuple[float, float], ends: object, value: float) -> None:
    """Write a value to the right of its bar and interval."""
    reach = max(bar)
    if isinstance(ends, Outcome) or ends is not None:
        high = getattr(ends, "high", None)
        reach = max(reach, bar[1] + (high - value if high is not None else 0.0))
    note = axes.annotate(signed(value), (reach, row), (3, 0), textcoords="offset points", va="center")
    note.set(fontsize="x-small", color=style.INK)


def _reach(policies: Sequence[Explained]) -> tuple[float, float]:
    """Return the ends of the scale: every bar and interval is seen, and numbers have room."""
    seen = [0.0]
    for one in policies:
        for name in OUTCOMES:
            outcome, at = getattr(one.attribution, f"d_{name}"), 0.0
            for part, value in outcome.mechanisms.items():
                ends, at = outcome.intervals[part], at + value
                seen += [at - value, at, at + (ends.low or value) - value, at + (ends.high or value) - value]
            seen += [value for value in (outcome.low, outcome.high) if value is not None]
    span = max(max(seen) - min(seen), 1e-3)
    return min(seen) - 0.05 * span, max(seen) + AIR * span


def _key(t: Text) -> list[Patch]:
    colours = {"adds": UP, "takes": DOWN, "total": style.INK}
    return [Patch(facecolor=colour, label=t(f"figure.attribution.{name}")) for name, colour in colours.items()]

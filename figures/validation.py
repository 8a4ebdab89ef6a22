"""Forest plot of the model against published facts, in the units of the facts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from figures import style
from figures.records import saved
from figures.results import Bound, Record, Title
from figures.text import LANGUAGES, Text, text
from figures.wording import number, percent, signed

NAME = "validation.json"
PANELS = ("sigma", "ratio")
ROW_HEIGHT = 0.235
FRAME_HEIGHT = 1.25
BAR = 0.62
MARKS: dict[str, tuple[str, str, Literal["full", "left", "none"]]] = {
    "inside": (style.GREEN, "o", "full"),
    "straddles": (style.ORANGE, "s", "left"),
    "outside": (style.VERMILLION, "D", "none"),
}
"""Colour, marker and filling by verdict, told apart in black and white too."""


class Target(Record):
    """An interval that may be open at an end."""

    low: Bound
    high: Bound


class Estimate(Record):
    """The model's number for one fact."""

    id: str
    model: Bound
    low: Bound
    high: Bound
    within: Literal["inside", "straddles", "outside"]


class Fact(Estimate):
    """One fact, its target, and the model's number."""

    title: Title
    study: Title
    unit: Literal["sigma", "ratio"]
    target: Target
    mechanism: Title | None = None


class Rival(Record):
    """Another structure held against the same facts."""

    id: str
    title: Title
    facts: list[Estimate]


class Validation(Record):
    """What of ``validation.json`` is drawn and told."""

    version: str
    seed: int
    replicates: int
    level: float
    facts: list[Fact]
    rivals: list[Rival]


def load(results_dir: str | Path) -> Validation:
    """Return the validation saved in a results directory.

    Raises
    ------
    ResultsError
        If it is not there or holds something else.
    """
    path = Path(results_dir) / NAME
    return saved(path, Validation)


def build(results_dir: str | Path, languages: Sequence[str] = LANGUAGES) -> list[Path]:
    """Draw the forest plot into a results directory in every language and return the paths written."""
    found = load(results_dir)
    paths = []
    for language in languages:
        name = "forest" if language == "en" else f"forest.{language}"
        paths += style.save(draw(found, language), results_dir, name, data(found), caption(found, text(language)))
    return paths


def caption(found: Validation, t: Text) -> str:
    """Return title, caption and version."""
    told = t("validation.caption", level=percent(found.level), seed=found.seed, replicates=found.replicates)
    made = t("validation.made", version=found.version)
    return f"{t('phrase.captioned', title=t('validation.title'), told=told)}\n\n{made}"


def data(found: Validation) -> pd.DataFrame:
    """Return one row a fact: unit, target, and the model's number with its interval."""
    ends = ("low", "high")
    rows = [
        {"fact": fact.id, "unit": fact.unit}
        | {f"target_{end}": getattr(fact.target, end) for end in ends}
        | {name: getattr(fact, name) for name in ("model", *ends, "within")}
        for fact in found.facts
    ]
    return pd.DataFrame(rows).astype(dict.fromkeys(("target_low", "target_high", "model", *ends), float))


def shown(value: float, unit: str) -> str:
    """Return a number as facts of this unit are told: effects with their sign."""
    return signed(value) if unit == "sigma" else number(value)


def estimate(found: Estimate, unit: str, t: Text) -> str:
    """Return the model's number as “mean [low, high]”."""
    if found.model is None:
        return t("phrase.none")
    if found.low is None or found.high is None:
        return t("phrase.unbounded", mean=shown(found.model, unit))
    return t("phrase.interval", **{
        name: shown(value, unit) for name, value in (("mean", found.model), ("low", found.low), ("high", found.high))
    })  # fmt: skip


def target(fact: Fact, t: Text) -> str:
    """Return a target in words."""
    low, high = fact.target.low, fact.target.high
    if high is None and low is not None:
        return t("validation.at_least", low=shown(low, fact.unit))
    if low is None and high is not None:
        return t("validation.at_most", high=shown(high, fact.unit))
    assert low is not None
    assert high is not None
    return t("validation.between", low=shown(low, fact.unit), high=shown(high, fact.unit))


@style.applied()
def draw(found: Validation, language: str) -> Figure:
    """Return the forest plot in `language`: one panel a unit, targets as bars, the model's numbers as points."""
    t = text(language)
    panels = {unit: [fact for fact in found.facts if fact.unit == unit] for unit in PANELS}
    panels = {unit: facts for unit, facts in panels.items() if facts}
    heights = [len(facts) for facts in panels.values()]
    size = style.DOUBLE, ROW_HEIGHT * sum(heights) + FRAME_HEIGHT
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)
    for axes, (unit, facts) in zip(grid.flat, panels.items(), strict=True):
        _panel(axes, facts, t)
        axes.set_xlabel(t("validation.upper" if unit == "sigma" else "validation.lower"))
    figure.legend(handles=_key(t), loc="outside upper center", ncols=4)
    return figure


def _panel(axes: Axes, facts: list[Fact], t: Text) -> None:
    left, right = _reach(facts)
    axes.set(xlim=(left, right), ylim=(len(facts) - 0.4, -0.6))
    axes.axvline(0.0, color=style.SOFT, linewidth=0.5, zorder=1)
    for row, fact in enumerate(facts):
        low = left if fact.target.low is None else fact.target.low
        high = right if fact.target.high is None else fact.target.high
        axes.add_patch(Rectangle((low, row - BAR / 2), high - low, BAR, facecolor=style.FAINT, alpha=0.6, linewidth=0))
        _mark(axes, row, fact, (left, right))
    axes.set_yticks(range(len(facts)), [fact.title[t.language] for fact in facts])
    axes.tick_params(axis="y", length=0)
    beside = axes.secondary_yaxis("right")
    beside.set_yticks(range(len(facts)), [estimate(fact, fact.unit, t) for fact in facts])
    beside.tick_params(axis="y", length=0)
    beside.spines["right"].set_visible(False)


def _mark(axes: Axes, row: int, fact: Fact, edges: tuple[float, float]) -> None:
    if fact.model is None:
        return
    colour, marker, filling = MARKS[fact.within]
    ends = [edge if end is None else end for end, edge in zip((fact.low, fact.high), edges, strict=True)]
    axes.plot(ends, [row, row], color=colour, linewidth=1.4, solid_capstyle="butt", zorder=3)
    axes.plot(
        [fact.model], [row], linestyle="", marker=marker, fillstyle=filling, markersize=4.2, color=colour,
        markerfacecoloralt="white", markeredgewidth=0.9, zorder=4,
    )  # fmt: skip


def _reach(facts: list[Fact]) -> tuple[float, float]:
    """Return the ends of the axis: everything closed is seen, and an open end has room."""
    values = [0.0]
    for fact in facts:
        seen = (fact.target.low, fact.target.high, fact.model, fact.low, fact.high)
        values += [value for value in seen if value is not None]
    low, high = min(values), max(values)
    edge = 0.05 * (high - low)
    return low - edge, high + edge


def _key(t: Text) -> list[Line2D | Patch]:
    lines: list[Line2D | Patch] = [
        Line2D(
            [], [], color=colour, marker=marker, fillstyle=filling, markerfacecoloralt="white", markersize=4.2,
            label=t(f"validation.verdict.{name}"),
        )
        for name, (colour, marker, filling) in MARKS.items()
    ]  # fmt: skip
    return [Patch(facecolor=style.FAINT, alpha=0.6, linewidth=0, label=t("validation.target_key")), *lines]

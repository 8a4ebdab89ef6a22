"""Where something happens: the PRIM box, its trajectory, and the tree, in pictures and words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from figures import style
from figures.absence import Absence, nothing, of_tree, short
from figures.meanings import meaning
from figures.moves import Moved, sentences
from figures.records import saved
from figures.results import Record, Title
from figures.text import LANGUAGES, Text, text
from figures.wording import percent

NAME = "discovery.json"
KINDS = ("box", "trade", "tree")
ROW, FRAME = 0.34, 0.95
"""Height of a row of the box and of what surrounds them, inches."""
LEVEL_HEIGHT = 0.78
"""Height of a level of the tree, inches."""


class Limit(Record):
    """A limit of a box: ends of a range, or values kept."""

    name: str
    quasi_p: float
    low: float | None = None
    high: float | None = None
    first: float | None = None
    last: float | None = None
    values: tuple[str | float, ...] = ()
    of: tuple[str | float, ...] = ()


class Step(Record):
    """A box of the trajectory, and what it is worth."""

    coverage: float
    density: float
    mass: float
    restricted: int


class Box(Record):
    """The chosen box; `absence` says why it has no limits."""

    trajectory: list[Step]
    step: int
    limits: list[Limit]
    coverage: float
    density: float
    mass: float
    points: int
    absence: Absence | None = None


class Tree(Record):
    """The tree as nested nodes; `absence` says why it tells nothing."""

    root: dict[str, Any]
    explained: float
    absence: Absence | None = None


class Named(Record):
    """Words of a policy."""

    title: Title


class Discovery(Record):
    """What of ``discovery.json`` is drawn and told."""

    scenario: str
    title: Title
    synthetic: bool
    policy: Named
    control: Named
    seed: int
    points: int
    replicates: int
    labels: dict[str, dict[str, Title]]
    of: list[str]
    base: float
    boxes: list[Box]
    stopped: Absence | None = None
    tree: Tree
    meanings: dict[str, str]
    moves: list[Moved] = []  # noqa: RUF012 - copied by pydantic
    version: str


def load(results_dir: str | Path) -> Discovery:
    """Return what was discovered in a results directory.

    Raises
    ------
    ResultsError
        If it is not there or holds something else.
    """
    path = Path(results_dir) / NAME
    return saved(path, Discovery)


def build(results_dir: str | Path, languages: Sequence[str] = LANGUAGES) -> list[Path]:
    """Draw boxes, trajectory and tree in every language and return the paths written."""
    found, paths = load(results_dir), []
    for language in languages:
        suffix = "" if language == "en" else f".{language}"
        for kind in KINDS:
            for number, box in _drawn(found, kind):
                stem = {"box": "prim_box", "trade": "prim_trajectory", "tree": "tree"}[kind]
                name = f"{stem}{f'_{number}' if number > 1 else ''}{suffix}"
                figure, told = draw(found, box, kind, language), caption(found, box, kind, text(language))
                paths += style.save(figure, Path(results_dir) / "figures", name, data(found, box, kind), told)
    return paths


def _drawn(found: Discovery, kind: str) -> list[tuple[int, Box]]:
    """Return the boxes, by number, of which there is a figure of a kind; one for the tree."""
    boxes = list(enumerate(found.boxes, 1))
    return boxes[:1] if kind == "tree" else [(n, box) for n, box in boxes if box.limits or kind != "box"]


def facts(found: Discovery, box: Box, t: Text) -> dict[str, object]:
    """Return what captions and text mention, by placeholder name."""
    return {
        "policy": found.policy.title[t.language],
        "control": found.control.title[t.language],
        "of": sought(found, t),
        "points": box.points,
        "base": percent(found.base),
        "coverage": percent(box.coverage),
        "density": percent(box.density),
        "mass": percent(box.mass),
        "explained": percent(max(0.0, found.tree.explained)),
    }


def caption(found: Discovery, box: Box, kind: str, t: Text) -> str:
    """Return title, caption and provenance."""
    told = facts(found, box, t) | {"points": found.points if kind == "tree" else box.points}
    lines = [t("phrase.captioned", title=t("discovery.title"), told=t(f"discovery.{kind}_caption", **told))]
    lines += [sentence(found, box, 1, t)] if kind == "box" else [absent(found, box, kind, t)]
    lines += sentences(found.moves, t)
    title = found.title[t.language]
    lines.append(t("sweep.provenance", scenario=title, id=found.scenario, seed=found.seed, version=found.version))
    lines += [t("figure.provenance.synthetic")] if found.synthetic else []
    return "\n\n".join(filter(None, lines))


def data(found: Discovery, box: Box, kind: str) -> pd.DataFrame:
    """Return the numbers drawn: limits, steps of the trajectory, or parts of the tree with their conditions."""
    if kind == "trade":
        return pd.DataFrame([step.model_dump() for step in box.trajectory])
    if kind == "tree":
        return pd.DataFrame(
            [{"part": " and ".join(way) or "all", "probability": node["mean"], "points": node["points"]}
             for way, node in parts(found.tree.root)]
        )  # fmt: skip
    columns = ("name", "low", "high", "first", "last", "values", "quasi_p")
    rows = [limit.model_dump() | {"values": " ".join(map(str, limit.values))} for limit in box.limits]
    return pd.DataFrame(rows, columns=columns)


def parts(node: dict[str, Any], way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Give the leaves of a tree, each with the conditions that lead there."""
    if "yes" not in node:
        yield way, node
        return
    sign, other = ("=", "≠") if "value" in node else ("≤", ">")
    value = node["value"] if "value" in node else f"{node['threshold']:.4g}"
    yield from parts(node["yes"], (*way, f"{node['factor']} {sign} {value}"))
    yield from parts(node["no"], (*way, f"{node['factor']} {other} {value}"))


def sought(found: Discovery, t: Text) -> str:
    """Return the names of the verdicts sought."""
    return t.joined([t(f"verdict.name.{name}") for name in found.of])


def sentence(found: Discovery, box: Box, number: int, t: Text) -> str:
    """Return a box in words: its limits with the meaning of each number, and what it is worth."""
    if not box.limits:
        return nothing(box.absence, number, t)
    limits = [_limit(found, limit, t) for limit in box.limits]
    comma = f"{t('phrase.comma').rstrip()} " if t.language == "en" else "，"
    words = f"{comma}{t('discovery.and')}{' ' if t.language == 'en' else ''}".join(limits)
    where = t("discovery.box", number=number, limits=words)
    return f"{where} {t('discovery.worth', **facts(found, box, t))}"


def no_tree(found: Discovery, t: Text) -> str:
    """Return why the tree tells nothing; empty where it does."""
    return of_tree(found.tree.absence, t)


def absent(found: Discovery, box: Box, kind: str, t: Text) -> str:
    """Return what a figure of the trajectory or of the tree does not show, and why; empty where it shows it."""
    if kind == "tree":
        return no_tree(found, t)
    return "" if box.limits else nothing(box.absence, found.boxes.index(box) + 1, t)


def _limit(found: Discovery, limit: Limit, t: Text) -> str:
    if limit.values:
        shown, every = ([_value(found, limit.name, value, t) for value in some] for some in (limit.values, limit.of))
        return t("discovery.listed", name=limit.name, values=t.joined(shown), all=t("phrase.comma").join(every))
    words = meaning(limit.name, found.meanings, t.language)
    told = {"name": limit.name, "meaning": t("discovery.meaning", words=words) if words else ""}
    told |= {name: f"{getattr(limit, name):.3g}" for name in ("low", "high", "first", "last")}
    kind = "range" if limit.low != limit.first and limit.high != limit.last else "at_most"
    return t(f"discovery.{'at_least' if limit.high == limit.last else kind}", **told)


def _value(found: Discovery, name: str, value: object, t: Text) -> str:
    words = found.labels.get(name, {}).get(str(value))
    return words[t.language] if words else str(value)


@style.applied()
def draw(found: Discovery, box: Box, kind: str, language: str) -> Figure:
    """Return the figure of a kind in `language`: ``box``, ``trade`` or ``tree``."""
    t = text(language)
    if kind == "tree":
        return _tree(found, t)
    return _box(found, box, t) if kind == "box" else _trade(box, t)


def _box(found: Discovery, box: Box, t: Text) -> Figure:
    rows = max(len(box.limits), 1)
    figure = Figure(figsize=(style.MIDDLE, ROW * rows + FRAME), layout="constrained")
    axes = figure.subplots()
    for row, limit in enumerate(box.limits):
        axes.add_patch(Rectangle((0.0, row - 0.2), 1.0, 0.4, facecolor=style.FAINT, alpha=0.6, linewidth=0))
        for left, right, words in _stretches(found, limit, t):
            axes.add_patch(Rectangle((left, row - 0.2), right - left, 0.4, facecolor=style.BLUE, linewidth=0))
            axes.text((left + right) / 2.0, row - 0.24, words, ha="center", va="bottom", fontsize="small")
    beside = axes.secondary_yaxis("right")
    beside.set_yticks(range(len(box.limits)), [f"quasi-p {limit.quasi_p:.1g}" for limit in box.limits])
    beside.tick_params(axis="y", length=0)
    beside.spines["right"].set_visible(False)
    axes.set_yticks(range(len(box.limits)), [limit.name for limit in box.limits])
    axes.tick_params(axis="y", length=0)
    axes.set(xlim=(0.0, 1.0), ylim=(rows - 0.5, -0.7), xlabel=t("discovery.share"))
    told = facts(found, box, t)
    axes.set_title(f"{told['of']} · {told['base']} % → {told['density']} %", pad=8)
    return figure


def _stretches(found: Discovery, limit: Limit, t: Text) -> Iterator[tuple[float, float, str]]:
    """Give the parts of a row inside the box, as shares of the range, with their words."""
    if limit.values:
        for n, value in enumerate(limit.of):
            if value in limit.values:
                yield n / len(limit.of), (n + 1) / len(limit.of), _value(found, limit.name, value, t)
        return
    assert limit.low is not None
    assert limit.high is not None
    assert limit.first is not None
    assert limit.last is not None
    width = limit.last - limit.first
    ends = (limit.low - limit.first) / width, (limit.high - limit.first) / width
    yield *ends, f"{limit.low:.3g} – {limit.high:.3g}"


def _trade(box: Box, t: Text) -> Figure:
    figure = Figure(figsize=(style.SINGLE, 0.85 * style.SINGLE), layout="constrained")
    axes = figure.subplots()
    if box.absence:
        axes.set_title(short(box.absence, t), fontsize="small")
    coverage, density = ([getattr(step, name) for step in box.trajectory] for name in ("coverage", "density"))
    counts = [step.restricted for step in box.trajectory]
    axes.plot(coverage, density, color=style.FAINT, linewidth=0.8, zorder=1)
    marks = axes.scatter(coverage, density, c=counts, s=14, vmin=0, vmax=max(counts) or 1, zorder=2)
    axes.scatter(
        [coverage[box.step]], [density[box.step]], s=60, facecolor="none", edgecolor=style.VERMILLION, linewidth=1.2,
        label=t("discovery.chosen"), zorder=3,
    )  # fmt: skip
    axes.set(xlim=(0.0, 1.05), ylim=(0.0, 1.05))
    axes.set_xlabel(t("discovery.coverage"))
    axes.set_ylabel(t("discovery.density"))
    bar = figure.colorbar(marks, ax=axes, label=t("discovery.restricted"))
    bar.set_ticks(sorted(set(np.linspace(0, max(counts) or 1, 6).round().astype(int).tolist())))
    axes.legend(loc="lower left")
    return figure


def _tree(found: Discovery, t: Text) -> Figure:
    places: list[tuple[float, int, dict[str, Any]]] = []
    lines: list[tuple[tuple[float, float], tuple[int, int], str]] = []
    leaves = _placed(found.tree.root, 0, 0, places, lines)[1]
    depth = max(level for _, level, _ in places)
    figure = Figure(figsize=(style.DOUBLE, LEVEL_HEIGHT * (depth + 1) + 0.4), layout="constrained")
    axes = figure.subplots()
    for (above, below), levels, way in lines:
        axes.plot((above, below), levels, color=style.SOFT, linewidth=0.7, zorder=1)
        axes.text(
            (above + below) / 2.0, sum(levels) / 2.0, t(f"discovery.{way}"), ha="center", va="center",
            fontsize="small", color=style.SOFT, backgroundcolor="white", zorder=2,
        )  # fmt: skip
    for place, level, node in places:
        _knot(axes, (place, level), node, _question(found, node, t), t)
    axes.set(xlim=(-0.6, leaves - 0.4), ylim=(depth + 0.55, -0.45))
    axes.axis("off")
    why = [short(found.tree.absence, t)] if found.tree.absence else []
    axes.set_title(" · ".join([t("discovery.probability"), sought(found, t), *why]))
    return figure


def _placed(node: dict[str, Any], level: int, free: int, places: list[Any], lines: list[Any]) -> tuple[float, int]:
    """Place a node over its leaves; return where it stands, and the next free place for a leaf."""
    if "yes" not in node:
        places.append((float(free), level, node))
        return float(free), free + 1
    ends = []
    for way in ("yes", "no"):
        at, free = _placed(node[way], level + 1, free, places, lines)
        ends.append((at, way))
    here = (ends[0][0] + ends[1][0]) / 2.0
    lines += [((here, at), (level, level + 1), way) for at, way in ends]
    places.append((here, level, node))
    return here, free


def _question(found: Discovery, node: dict[str, Any], t: Text) -> str:
    if "value" in node:
        return t("discovery.is_value", name=node["factor"], value=_value(found, node["factor"], node["value"], t))
    if "threshold" in node:
        return t("discovery.rule", name=node["factor"], threshold=f"{node['threshold']:.3g}")
    return t("discovery.leaf", percent=percent(node["mean"]), points=node["points"])


def _knot(axes: Axes, place: tuple[float, int], node: dict[str, Any], words: str, t: Text) -> None:
    """Write a condition; or a leaf's probability, over a bar of it."""
    x, y = place
    box = {"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": style.FAINT, "linewidth": 0.7}
    axes.text(x, y, words, ha="center", va="center", fontsize="small", bbox=box, zorder=4)
    if "yes" not in node:
        for width, colour in ((1.0, style.FAINT), (node["mean"], style.VERMILLION)):
            axes.add_patch(Rectangle((x - 0.35, y + 0.19), 0.7 * width, 0.1, facecolor=colour, linewidth=0, zorder=3))


def tree_lines(found: Discovery, t: Text) -> list[str]:
    """Return the tree as indented lines."""
    return list(_lines(found, found.tree.root, "", t))


def _lines(found: Discovery, node: dict[str, Any], indent: str, t: Text) -> Iterator[str]:
    if "yes" not in node:
        yield f"{indent}{_question(found, node, t)}"
        return
    yield f"{indent}{_question(found, node, t)}"
    for way in ("yes", "no"):
        inner = list(_lines(found, node[way], "", t))
        yield f"{indent}  {t(f'discovery.{way}')}: {inner[0]}"
        yield from (f"{indent}  {line}" for line in inner[1:])

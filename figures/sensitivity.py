"""What an effect depends on: tornado, Morris plane, Sobol bars with their noise, PAWN, and bars for other methods."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pydantic import ConfigDict, Field

from figures import labels, style
from figures.moves import Moved, sentences
from figures.records import saved
from figures.results import Record, Title
from figures.text import LANGUAGES, Text, text
from figures.wording import percent

NAME = "sensitivity_*.json"
MOST_SHOWN = 20
MOST_NAMED = 12
"""Names written into the Morris plane."""
MOST_PAIRS = 14
ROW, FRAME = 0.17, 0.75
"""Height of a row of bars and of what surrounds them, inches."""
SUFFIXES = ("_conf", "_mc")
SIGMA = ("d_", "control_", "peak", "valley", "mean")


class Entry(Record):
    """The sensitivity of one outcome; its indices are further fields, by their names."""

    model_config = ConfigDict(extra="allow")

    outcome: str
    level: dict[str, str | float] = Field(default_factory=dict)
    parameters: list[str]
    samples: int
    runs: int
    replicates: int
    noise_share: float | None
    warnings: list[dict[str, Any]]

    def index(self, name: str) -> np.ndarray:
        """Return an index as numbers, NaN where there is none."""
        found = (self.model_extra or {}).get(name)
        if found is None:
            return np.full(len(self.parameters), np.nan)
        return np.array(found, dtype=np.float64)

    @property
    def name(self) -> str:
        """The outcome, and the values without order at which it is analysed."""
        return ", ".join([self.outcome, *(f"{name}={value}" for name, value in self.level.items())])

    @property
    def indices(self) -> list[str]:
        """Names of the indices that have one number a factor."""
        extra = (self.model_extra or {}).items()
        sized = [name for name, value in extra if isinstance(value, list) and len(value) == len(self.parameters)]
        return [name for name in sized if not name.endswith(SUFFIXES) and name != "S2"]


class Named(Record):
    """Words of a policy."""

    title: Title


class Plan(Record):
    """What of the design is told."""

    points: int


class Sensitivity(Record):
    """What of ``sensitivity_METHOD.json`` is drawn and told."""

    scenario: str
    title: Title
    synthetic: bool
    policy: Named
    control: Named
    seed: int
    method: str
    leading: str
    replicates: int
    precision: float
    design: Plan
    groups: dict[str, list[str]]
    product: list[str]
    listed: list[str]
    left_out: list[str] = Field(default_factory=list)
    outcomes: dict[str, Entry]
    refused: dict[str, dict[str, Any]]
    moves: list[Moved] = []  # noqa: RUF012 - copied by pydantic
    version: str


def paths_in(results_dir: str | Path) -> list[Path]:
    """Return the analyses saved in a results directory."""
    return sorted(Path(results_dir).glob(NAME))


def load(path: Path) -> Sensitivity:
    """Return a saved analysis.

    Raises
    ------
    ResultsError
        If it is not there or holds something else.
    """
    return saved(path, Sensitivity)


def build(results_dir: str | Path, languages: Sequence[str] = LANGUAGES) -> list[Path]:
    """Draw every saved analysis in every language and return the paths written."""
    folder, paths = Path(results_dir) / "figures", []
    for found in map(load, paths_in(results_dir)):
        for name, entry in found.outcomes.items():
            for kind in _kinds(found.method, entry):
                for language in languages:
                    figure, t = draw(found, entry, kind, language), text(language)
                    stem = f"{_stem(found, name, kind)}{'' if language == 'en' else f'.{language}'}"
                    paths += style.save(figure, folder, stem, data(entry), caption(found, entry, kind, t))
    return paths


def _kinds(method: str, entry: Entry) -> list[str]:
    kind = method if method in DRAWINGS else "other"
    return [kind, "second"] if method == "sobol" and "S2" in (entry.model_extra or {}) else [kind]


def _stem(found: Sensitivity, name: str, kind: str) -> str:
    """Return a file name: method, outcome, and the level where there are several."""
    plain = "-".join(re.findall(r"[\w.]+", name))
    return f"{found.method}_{plain}{'_second_order' if kind == 'second' else ''}"


def data(entry: Entry) -> pd.DataFrame:
    """Return one row a factor: every index with its half-widths."""
    names = [f"{name}{end}" for name in entry.indices for end in ("", *SUFFIXES)]
    columns = {name: entry.index(name) for name in names if name in (entry.model_extra or {})}
    pairs = {f"S2 {other}": column for other, column in zip(entry.parameters, _pairs(entry, "S2").T, strict=True)}
    return pd.DataFrame(
        {"parameter": entry.parameters} | columns | (pairs if "S2" in (entry.model_extra or {}) else {})
    )


def facts(found: Sensitivity, entry: Entry, t: Text) -> dict[str, object]:
    """Return what captions and tables mention, by placeholder name."""
    return {
        "policy": found.policy.title[t.language],
        "control": found.control.title[t.language],
        "outcome": entry.name,
        "method": found.method,
        "index": found.leading,
        "samples": entry.samples,
        "runs": entry.runs,
        "replicates": entry.replicates,
        "noise": noise(entry, t),
    }


def noise(entry: Entry, t: Text) -> str:
    """Return the share of variance due to seeds in words."""
    share = entry.noise_share
    return t("sensitivity.no_noise") if share is None else t("sensitivity.noise", share=percent(share))


def caption(found: Sensitivity, entry: Entry, kind: str, t: Text) -> str:
    """Return title, caption, what to know, and provenance."""
    told = facts(found, entry, t)
    words = t(
        "sensitivity.caption.whole", shown=t(f"sensitivity.caption.{kind}", **told),
        noise=t("sensitivity.caption.noise", **told), half=t("sensitivity.half"),
    )  # fmt: skip
    lines = [t("phrase.captioned", title=t("sensitivity.title"), told=words)]
    lines += [*warned(entry, t), *notes(found, t)]
    hidden = len(entry.parameters) - MOST_SHOWN
    lines += [t("sensitivity.rest", count=hidden)] if hidden > 0 else []
    title = found.title[t.language]
    lines.append(t("sweep.provenance", scenario=title, id=found.scenario, seed=found.seed, version=found.version))
    return "\n\n".join([*lines, t("figure.provenance.synthetic")] if found.synthetic else lines)


def warned(entry: Entry, t: Text) -> list[str]:
    """Return what to know before the indices are believed."""
    return [t(f"sensitivity.warning.{one['code']}", **_told(one, t)) for one in entry.warnings]


def _told(one: dict[str, Any], t: Text) -> dict[str, object]:
    shares: dict[str, object] = {name: percent(one[name]) for name in ("share", "precision") if name in one}
    pairs = {"pairs": t("phrase.comma").join(" ~ ".join(pair) for pair in one["pairs"])} if "pairs" in one else {}
    return shares | pairs | ({"sum": f"{one['sum']:.2f}"} if "sum" in one else {})


def notes(found: Sensitivity, t: Text) -> list[str]:
    """Return what names in the analysis stand for, and what not to read into them."""
    comma = t("phrase.comma")
    out = [
        t("sensitivity.group", group=name, count=len(inside), members=comma.join(inside))
        for name, inside in found.groups.items()
    ]
    if len(found.product) > 1 and not found.groups:
        out.append(t("sensitivity.product", members=comma.join(found.product)))
    out += sentences(found.moves, t)
    kinds = (("listed", found.listed), ("left_out", found.left_out))
    return out + [t(f"sensitivity.{kind}", names=comma.join(names)) for kind, names in kinds if names]


def worded(entry: Entry, t: Text) -> str:
    """Return the outcome in words, its own name where there are none, and the level at which it is analysed."""
    kind, _, verdict = entry.outcome.partition("_")
    words = t.entries.get(f"sensitivity.named.{entry.outcome}", entry.outcome)
    if kind == "probability" and f"verdict.name.{verdict}" in t.entries:
        words = t("sensitivity.named.probability", verdict=t(f"verdict.name.{verdict}"))
    return " · ".join([words, *(f"{name} = {value}" for name, value in entry.level.items())])


def unit(entry: Entry, t: Text) -> str:
    """Return the unit of an outcome in words."""
    kinds = {"probability_": "probability", "peak_cost_ratio": "ratio", "peak_cost_angle": "angle"}
    kind = next((kind for start, kind in kinds.items() if entry.outcome.startswith(start)), None)
    return t(f"sensitivity.unit.{kind or ('sigma' if entry.outcome.startswith(SIGMA) else 'other')}")


@style.applied()
def draw(found: Sensitivity, entry: Entry, kind: str, language: str) -> Figure:
    """Return a figure of one outcome in `language`: by the method, or ``second`` for pairs."""
    return {**DRAWINGS, "second": _heat}.get(kind, _bars)(found, entry, text(language))


def _ranked(values: np.ndarray) -> np.ndarray:
    """Return the rows shown, the largest first."""
    return np.argsort(-np.abs(np.nan_to_num(values)), kind="stable")[:MOST_SHOWN]


def _sheet(rows: int) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(style.MIDDLE, ROW * rows + FRAME), layout="constrained")
    return figure, figure.subplots()


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(names) - 0.4, -0.6)


def _headline(axes: Axes, entry: Entry, t: Text) -> None:
    axes.set_title(f"{worded(entry, t)} · {noise(entry, t)}")


def _tornado(_: Sensitivity, entry: Entry, t: Text) -> Figure:
    order = _ranked(entry.index("swing"))
    figure, axes = _sheet(len(order))
    for end, colour, marker in (("low", style.BLUE, "o"), ("high", style.VERMILLION, "s")):
        values, widths = entry.index(end)[order], np.nan_to_num(entry.index(f"{end}_conf")[order])
        places = np.arange(len(order)) + (-0.17 if end == "low" else 0.17)
        axes.barh(places, values, height=0.32, color=colour, alpha=0.85, label=t(f"sensitivity.{end}_end"))
        axes.errorbar(values, places, xerr=widths, fmt=marker, markersize=0, color=style.INK, linewidth=0.7)
    axes.axvline(0.0, color=style.SOFT, linewidth=0.6)
    _rows(axes, [entry.parameters[n] for n in order])
    axes.set_xlabel(t("sensitivity.swing", unit=unit(entry, t)))
    _headline(axes, entry, t)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _plane(_: Sensitivity, entry: Entry, t: Text) -> Figure:
    figure = Figure(figsize=(style.MIDDLE, 0.85 * style.MIDDLE), layout="constrained")
    axes = figure.subplots()
    size, spread = entry.index("mu_star"), entry.index("sigma")
    single = np.isfinite(spread)
    height = np.nan_to_num(spread)
    axes.errorbar(
        size, height, xerr=np.nan_to_num(entry.index("mu_star_conf")), fmt="none", ecolor=style.FAINT, linewidth=0.8
    )
    for mask, face in ((single, style.BLUE), (~single, "white")):
        axes.scatter(size[mask], height[mask], s=16, facecolor=face, edgecolor=style.BLUE, zorder=3, clip_on=False)
    top = 1.12 * max(float(size.max()), float(height.max()), 1e-12)
    axes.plot([0.0, top], [0.0, top], color=style.SOFT, linewidth=0.7, linestyle="--", label=t("sensitivity.one_unit"))
    axes.set(xlim=(0.0, _reach(entry) or 1.0), ylim=(-0.02 * top, 1.12 * float(height.max()) or 1.0))
    axes.set_xlabel(t("sensitivity.mu_star", unit=unit(entry, t)))
    axes.set_ylabel(t("sensitivity.sigma", unit=unit(entry, t)))
    _headline(axes, entry, t)
    figure.legend(loc="outside lower center")
    labels.settle(axes)
    shown = [n for n in _ranked(size)[:MOST_NAMED] if size[n] > 0.0]
    half, (left, right) = np.nan_to_num(entry.index("mu_star_conf")), axes.get_xlim()
    bars = [[(max(size[n] - half[n], left), height[n]), (min(size[n] + half[n], right), height[n])] for n in shown]
    spots, names = [(size[n], height[n]) for n in shown], [entry.parameters[n] for n in shown]
    labels.place(axes, spots, names, labels.along(axes, bars))
    return figure


def _reach(entry: Entry) -> float:
    """Return the end of the axis of μ*: the intervals, unless they are far longer than the indices."""
    size = entry.index("mu_star")
    return 1.05 * min(1.7 * float(size.max()), float((size + np.nan_to_num(entry.index("mu_star_conf"))).max()))


def _pairs(entry: Entry, name: str) -> np.ndarray:
    found = (entry.model_extra or {}).get(name)
    size = len(entry.parameters)
    return np.full((size, size), np.nan) if found is None else np.array(found, dtype=np.float64)


def _first_and_total(_: Sensitivity, entry: Entry, t: Text) -> Figure:
    order = _ranked(entry.index("ST"))
    figure, axes = _sheet(len(order))
    for n, (name, colour, key) in enumerate((("ST", style.SKY, "total"), ("S1", style.BLUE, "first"))):
        values, widths = entry.index(name)[order], np.nan_to_num(entry.index(f"{name}_conf")[order])
        places = np.arange(len(order)) + (0.17 if n == 0 else -0.17)
        axes.barh(places, values, height=0.32, color=colour, label=t(f"sensitivity.{key}"))
        axes.errorbar(values, places, xerr=widths, fmt="none", ecolor=style.INK, linewidth=0.7)
    if entry.noise_share is not None:
        axes.axvspan(0.0, entry.noise_share, color=style.FAINT, alpha=0.5, linewidth=0, zorder=0, label=noise(entry, t))
    axes.axvline(0.0, color=style.SOFT, linewidth=0.6)
    _rows(axes, [entry.parameters[n] for n in order])
    axes.set_title(worded(entry, t))
    figure.legend(loc="outside lower center", ncols=3, reverse=True)
    return figure


def _heat(_: Sensitivity, entry: Entry, t: Text) -> Figure:
    order = np.sort(_ranked(entry.index("ST"))[:MOST_PAIRS])
    values, widths = _pairs(entry, "S2"), _pairs(entry, "S2_conf")
    full, wide = (np.where(np.isfinite(one), one, one.T)[np.ix_(order, order)] for one in (values, widths))
    size = len(order)
    figure = Figure(figsize=(style.MIDDLE, 0.8 * style.MIDDLE), layout="constrained")
    axes = figure.subplots()
    reach = float(np.nanmax(np.abs(full))) or 1.0
    mesh = axes.pcolormesh(np.arange(size + 1), np.arange(size + 1), full, cmap="PuOr", vmin=-reach, vmax=reach)
    rows, columns = np.nonzero(np.abs(full) <= wide)
    axes.plot(columns + 0.5, rows + 0.5, linestyle="", marker=".", markersize=3, color=style.SOFT)
    names = [entry.parameters[n] for n in order]
    axes.set_xticks(np.arange(size) + 0.5, names, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(np.arange(size) + 0.5, names)
    axes.set(ylim=(size, 0), aspect="equal")
    axes.tick_params(length=0)
    figure.colorbar(mesh, ax=axes, label=t("sensitivity.second"), shrink=0.8)
    _headline(axes, entry, t)
    return figure


def _pawn(_: Sensitivity, entry: Entry, t: Text) -> Figure:
    figure, axes = _ordered(entry, "median")
    axes.axvline(
        float(entry.index("dummy")[0]), color=style.VERMILLION, linestyle="--", linewidth=0.9,
        label=t("sensitivity.dummy_line"),
    )  # fmt: skip
    axes.set_xlabel(t("sensitivity.pawn"))
    _headline(axes, entry, t)
    figure.legend(loc="outside lower center")
    return figure


def _bars(found: Sensitivity, entry: Entry, t: Text) -> Figure:
    figure, axes = _ordered(entry, found.leading)
    axes.set_xlabel(t("sensitivity.index", index=found.leading))
    _headline(axes, entry, t)
    return figure


def _ordered(entry: Entry, name: str) -> tuple[Figure, Axes]:
    """Return points with intervals, the largest first."""
    order = _ranked(entry.index(name))
    figure, axes = _sheet(len(order))
    values, widths = entry.index(name)[order], np.nan_to_num(entry.index(f"{name}_conf")[order])
    axes.barh(np.arange(len(order)), values, height=0.5, color=style.SKY)
    axes.errorbar(values, np.arange(len(order)), xerr=widths, fmt="none", ecolor=style.INK, linewidth=0.7)
    axes.axvline(0.0, color=style.SOFT, linewidth=0.6)
    _rows(axes, [entry.parameters[n] for n in order])
    return figure, axes


Drawing = Callable[[Sensitivity, Entry, Text], Figure]
DRAWINGS: dict[str, Drawing] = {"oat": _tornado, "morris": _plane, "sobol": _first_and_total, "pawn": _pawn}
"""What is drawn by method; bars of the leading index for all others."""

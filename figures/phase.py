"""The verdict over two levers, with the border where it flips and the points that were computed to find it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from figures import style
from figures.moves import Moved, sentences
from figures.records import saved
from figures.results import LATE_YEARS, Record, Title
from figures.sweep import SURE
from figures.text import LANGUAGES, Text, text
from figures.wording import percent

NAME = "phase.json"


class Lever(Record):
    """A lever and the ends of its range."""

    name: str
    low: float
    high: float


class Plan(Record):
    """The levers."""

    factors: list[Lever]


class Named(Record):
    """Words of a policy."""

    title: Title


class Absence(Record):
    """Why there is no border, or none as fine as it gets: the points there are and how many it takes."""

    code: str
    points: int
    step: float
    needed: int
    steps: int = 0


class Phase(Record):
    """What of ``phase.json`` is drawn and told."""

    scenario: str
    title: Title
    synthetic: bool
    policy: Named
    control: Named
    delta: float
    seed: int
    years: int
    replicates: int
    design: Plan
    points: list[dict[str, Any]]
    plane: list[list[str]]
    failed: int
    moves: list[Moved] = []  # noqa: RUF012 - copied by pydantic
    absence: Absence | None = None
    version: str


def load(results_dir: str | Path) -> Phase:
    """Return the border saved in a results directory.

    Raises
    ------
    ResultsError
        If it is not there or holds something else.
    """
    path = Path(results_dir) / NAME
    return saved(path, Phase)


def build(results_dir: str | Path, languages: Sequence[str] = LANGUAGES) -> list[Path]:
    """Draw the phase diagram in every language and return the paths written; none where a point has no verdict."""
    found, paths = load(results_dir), []
    for language in languages if found.plane else ():
        name = "phase" if language == "en" else f"phase.{language}"
        folder, told = Path(results_dir) / "figures", caption(found, text(language))
        paths += style.save(draw(found, language), folder, name, data(found), told)
    return paths


def facts(found: Phase, t: Text) -> dict[str, object]:
    """Return what the caption and the text mention, by placeholder name."""
    return {
        "policy": found.policy.title[t.language],
        "control": found.control.title[t.language],
        "points": len(found.points),
        "replicates": found.replicates,
        "seed": found.seed,
        "delta": f"{found.delta:g}",
        "sure": percent(SURE),
        "first": max(found.years - LATE_YEARS + 1, 1),
        "last": found.years,
        "dense": dense(found),
    }


def dense(found: Phase) -> int:
    """Return how many points a grid would have whose steps are the smallest between the points computed."""
    count = 1
    for lever in found.design.factors:
        places = np.unique([point[lever.name] for point in found.points])
        count *= round((lever.high - lever.low) / float(np.diff(places).min())) + 1
    return count


def remarks(found: Phase, t: Text) -> list[str]:
    """Return how fine the border is, and why there is none or no finer one."""
    why = found.absence
    bordered = why is None or why.code != "no_border"
    said = [t("phase.points", **facts(found, t))] if bordered else []
    if why is None:
        return said
    levers = " ".join(f"--vary {one.name}={one.low:g}:{one.high:g}:{why.steps}" for one in found.design.factors)
    told = {"points": why.points, "needed": why.needed, "step": percent(why.step), "levers": levers}
    return [*said, t(f"phase.absent.{why.code}", **told)]


def caption(found: Phase, t: Text) -> str:
    """Return title, caption and provenance."""
    lines = [t("phrase.captioned", title=t("phase.title"), told=t("phase.caption", **facts(found, t)))]
    lines += remarks(found, t)[-1:] if found.absence else []
    lines += sentences(found.moves, t)
    title = found.title[t.language]
    lines.append(t("sweep.provenance", scenario=title, id=found.scenario, seed=found.seed, version=found.version))
    return "\n\n".join([*lines, t("figure.provenance.synthetic")] if found.synthetic else lines)


def data(found: Phase) -> pd.DataFrame:
    """Return one row a point: levers, effects with standard errors, verdict and its probability."""
    names = [lever.name for lever in found.design.factors]
    effects = [f"d_{name}{end}" for name in ("peak", "valley", "mean") for end in ("", "_se")]
    table = pd.DataFrame(found.points)
    return table[[*names, *effects, "region"]].assign(probability=[_sureness(point) for point in found.points])


def _sureness(point: dict[str, Any]) -> float:
    """Return the probability of a point's verdict; NaN of a single run, which has none."""
    found = point[f"probability_{point['region']}"]
    return np.nan if found is None else float(found)


def shares(found: Phase) -> dict[str, float]:
    """Return verdict → share of the plane, the largest first."""
    cells = [cell for row in found.plane for cell in row]
    counts = {name: cells.count(name) / len(cells) for name in style.VERDICTS if name in cells}
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


@style.applied()
def draw(found: Phase, language: str) -> Figure:
    """Return the phase diagram in `language`."""
    t = text(language)
    figure = Figure(figsize=(style.MIDDLE, 0.82 * style.MIDDLE), layout="constrained")
    axes = figure.subplots()
    across, up = found.design.factors
    x, y = (np.linspace(lever.low, lever.high, len(found.plane)) for lever in (across, up))
    names = [name for name in style.VERDICTS if name in shares(found)]
    codes = np.array([[names.index(cell) for cell in row] for row in found.plane])
    colours = ListedColormap([style.VERDICTS[name] for name in names])
    axes.pcolormesh(x, y, codes, cmap=colours, vmin=-0.5, vmax=len(names) - 0.5, rasterized=True, alpha=0.85)
    for code in range(len(names)):
        if 0 < (codes == code).sum() < codes.size:
            axes.contour(x, y, codes == code, levels=[0.5], colors=style.BLACK, linewidths=1.1)
    _dots(axes, found, (across.name, up.name))
    axes.set(xlabel=across.name, ylabel=up.name, xlim=(across.low, across.high), ylim=(up.low, up.high))
    handles: list[Patch | Line2D] = [Patch(color=style.VERDICTS[n], label=t(f"verdict.name.{n}")) for n in names]
    dot = Line2D([], [], linestyle="", marker="o", markersize=2.5, color=style.BLACK, label=t("phase.computed"))
    unsure = Line2D([], [], linestyle="", marker="o", markersize=3, color="white", markeredgecolor=style.BLACK)
    unsure.set_label(t("sweep.unsure", sure=percent(SURE)))
    figure.legend(handles=[*handles, dot, unsure], loc="outside upper center", ncols=3)
    return figure


def _dots(axes: Axes, found: Phase, names: tuple[str, str]) -> None:
    sure = np.array([_sureness(point) >= SURE for point in found.points])
    x, y = (np.array([point[name] for point in found.points]) for name in names)
    for mask, face, size in ((sure, style.BLACK, 3.0), (~sure, "white", 7.0)):
        axes.scatter(
            x[mask], y[mask], s=size, facecolor=face, edgecolor=style.BLACK, linewidth=0.4, clip_on=False, zorder=3
        )

"""The Pareto front of policies: what they do to weak and strong schools, as declared and over draws, and their cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from figures import labels, style
from figures.moves import Moved, sentences
from figures.records import Shares, Told, Verdict, saved
from figures.results import LATE_YEARS, Ratio, Record, Title
from figures.text import LANGUAGES, Text, text
from figures.wording import number, percent

NAME = "pareto.json"
COST = "cost_per_pupil"
HEIGHT, LINE = 3.2, 0.16
"""Height of the panels, and of a line of the key under them, inches."""
EDGE = 0.06
SCALE = LinearSegmentedColormap.from_list("cost", [style.SKY, style.BLUE, style.INK])
"""From cheap to dear."""
STATUSES: Mapping[str, str] = {"front": "o", "dominated": "s", "peak_falls": "v"}


class Objective(Record):
    """An outcome that is to rise or fall."""

    name: str
    sense: Literal["up", "down"]


class Candidate(Record):
    """A policy that was tried in the search."""

    candidate: int
    mode: str
    rotation: str
    support: str
    levers: dict[str, float | str]
    usual: dict[str, float]
    robust: dict[str, float]
    keeps_peak: bool
    on_front: bool
    on_front_at_defaults: bool


class Member(Record):
    """A member of the front, as it was tried anew."""

    candidate: int
    title: Title
    levers: dict[str, float | str]
    status: str
    verdict: Verdict
    shares: Shares | None
    point_verdict: Verdict
    point_regions: list[Verdict]
    usual: dict[str, Ratio]
    robust: dict[str, Ratio]

    @property
    def told(self) -> Told:
        """Return its verdict: that of most draws, and the point estimate."""
        return Told(self.verdict, self.shares, self.point_verdict, self.point_regions)

    def numbers(self, which: str) -> dict[str, Ratio]:
        """Return outcomes with intervals at the declared numbers, ``usual``, or as judged over draws, ``robust``."""
        return self.robust if which == "robust" else self.usual


class Named(Record):
    """Words of the control."""

    title: Title


class Search(Record):
    """How candidates were found."""

    kind: Literal["enumeration", "nsga2"]
    candidates: int
    keeping: int
    failed: int
    hypervolume: tuple[float, ...] = ()


class Again(Record):
    """How the front was tried anew."""

    seed: int
    replicates: int


class AtDefaults(Record):
    """The front at the declared numbers alone, and how much of it is on the robust one."""

    size: int
    shared: int


class Pareto(Record):
    """What of ``pareto.json`` is drawn and told."""

    scenario: str
    title: Title
    synthetic: bool
    control: Named
    delta: float
    seed: int
    years: int
    objectives: list[Objective]
    peak: str
    robust: float | Literal["mean"]
    draws: int
    replicates: int
    confirmation: Again
    search: Search
    front: list[Member]
    left_out: int
    failed_anew: int = 0
    at_defaults: AtDefaults
    candidates: list[Candidate]
    moves: list[Moved] = []  # noqa: RUF012 - copied by pydantic
    version: str


USUAL, ROBUST = "usual", "robust"
"""The panels, and the numbers they show: at the declared numbers, and as judged over the draws."""


def load(results_dir: str | Path) -> Pareto:
    """Return the Pareto set saved in a results directory.

    Raises
    ------
    ResultsError
        If it is not there or holds something else.
    """
    path = Path(results_dir) / NAME
    return saved(path, Pareto)


def build(results_dir: str | Path, languages: Sequence[str] = LANGUAGES) -> list[Path]:
    """Draw the front in every language and return the paths written; none where nothing could be tried."""
    found, paths = load(results_dir), []
    for language in languages if found.front else ():
        name = "pareto" if language == "en" else f"pareto.{language}"
        folder, told = Path(results_dir) / "figures", caption(found, text(language))
        paths += style.save(draw(found, language), folder, name, data(found), told)
    return paths


def facts(found: Pareto, t: Text) -> dict[str, object]:
    """Return what captions and text mention, by placeholder name."""
    return {
        "control": found.control.title[t.language],
        "objectives": t("pareto.and").join(t(f"pareto.objective.{o.name}") for o in found.objectives),
        "peak": t("pareto.kept", delta=f"{found.delta:g}") if found.peak == "keep" else "",
        "judged": judged(found, t)[:1].lower() + judged(found, t)[1:],
        "candidates": found.search.candidates,
        "keeping": found.search.keeping,
        "at_draws": t("pareto.at_draws", draws=found.draws) if found.draws else "",
        "replicates": found.replicates,
        "seed": found.seed,
        "fresh": found.confirmation.replicates,
        "members": len(found.front),
        "left_out": found.left_out,
        "size": found.at_defaults.size,
        "shared": found.at_defaults.shared,
        "first": max(found.years - LATE_YEARS + 1, 1),
        "last": found.years,
    }


def judged(found: Pareto, t: Text) -> str:
    """Return in words what a candidate is judged by."""
    if not found.draws:
        return t("pareto.usual")
    if found.robust == "mean":
        return t("pareto.mean", draws=found.draws)
    return t("pareto.worst", share=percent(found.robust), draws=found.draws)


def none_keeps(found: Pareto, t: Text) -> str:
    """Return why no policy keeps the peak: none ran whole, none of all does, or none of those tried; else nothing."""
    if found.search.keeping:
        return ""
    if not found.search.candidates:
        return t("pareto.none_ran", count=found.search.failed)
    searched = found.search.kind != "enumeration"
    return t("pareto.none_tried_keeps" if searched else "pareto.none_keeps", **facts(found, t))


def caption(found: Pareto, t: Text) -> str:
    """Return title, caption and provenance."""
    told = facts(found, t)
    lines = [t("phrase.captioned", title=t("pareto.title"), told=t("pareto.caption", **told))]
    lines += [key(found, t), none_keeps(found, t), convergence(found, t), *sentences(found.moves, t)]
    title = found.title[t.language]
    lines.append(t("sweep.provenance", scenario=title, id=found.scenario, seed=found.seed, version=found.version))
    return "\n\n".join([*filter(None, lines), *([t("figure.provenance.synthetic")] if found.synthetic else [])])


def key(found: Pareto, t: Text) -> str:
    """Return the members of the front by number."""
    return t("pareto.stop").join(f"{n} {named(one, t)}" for n, one in enumerate(found.front, 1))


def convergence(found: Pareto, t: Text) -> str:
    """Return how the search closed in, as the growth of the hypervolume; empty of an enumeration."""
    if found.search.kind == "enumeration":
        return t("pareto.enumerated", count=found.search.candidates)
    volumes = found.search.hypervolume
    if not volumes:
        return ""
    before = volumes[-1 - max(1, len(volumes) // 4)] if len(volumes) > 1 else 0.0
    told = {"last": number(volumes[-1], 3), "before": number(before, 3)}
    return t("pareto.converged", generations=len(volumes), **told)


def named(one: Member, t: Text) -> str:
    """Return the policy of a member with its levers."""
    return t("phrase.comma").join([one.title[t.language], *levers(one)])


def levers(one: Member) -> list[str]:
    """Return the levers of a member with their values."""
    return [f"{name} = {value if isinstance(value, str) else f'{value:.3g}'}" for name, value in one.levers.items()]


def data(found: Pareto) -> pd.DataFrame:
    """Return one row a candidate, σ a school year and yuan; of members also what they did when tried anew."""
    again = {member.candidate: _again(n, member) for n, member in enumerate(found.front, 1)}
    rows = []
    for one in found.candidates:
        row: dict[str, object] = {name: getattr(one, name) for name in ("candidate", "mode", "rotation", "support")}
        row |= {name: one.levers.get(name) for name in dict.fromkeys(n for c in found.candidates for n in c.levers)}
        row |= {f"{name}_usual": one.usual[name] for name in one.usual}
        row |= {f"{name}_robust": one.robust[name] for name in one.robust}
        row |= {name: getattr(one, name) for name in ("keeps_peak", "on_front", "on_front_at_defaults")}
        row |= dict(again.get(one.candidate, {}))
        rows.append(row)
    return pd.DataFrame(rows)


def _again(number: int, member: Member) -> dict[str, object]:
    """Return what a member of the front did when it was tried anew, and where it stands."""
    out: dict[str, object] = {"member": number, "status": member.status}
    for name in ("d_valley", "d_peak", COST):
        for view in (USUAL, ROBUST):
            found = member.numbers(view)[name].model_dump()
            out |= {f"again_{name}_{view}_{end}": value for end, value in found.items()}
    return out


@style.applied()
def draw(found: Pareto, language: str) -> Figure:
    """Return the front in `language`: at the declared numbers and, where there are draws, as judged over them."""
    t, views = text(language), [USUAL, ROBUST] if found.draws else [USUAL]
    width = style.DOUBLE if found.draws else style.MIDDLE
    figure = Figure(figsize=(width, HEIGHT + LINE * (len(found.front) + 2)), layout="constrained")
    panels = figure.subplots(1, len(views), sharex=True, sharey=True, squeeze=False)[0]
    costs = [_middle(one, views[-1], COST) for one in found.front]
    colours = ScalarMappable(Normalize(min(costs), max(max(costs), min(costs) + 1.0)), SCALE)
    for axes, view in zip(panels, views, strict=True):
        axes.set_title(t("pareto.usual") if view == USUAL else judged(found, t), fontsize="medium")
        axes.set_xlabel(t("figure.quadrant.x"))
        _panel(axes, found, view, colours)
    panels[0].set_ylabel(t("figure.quadrant.y"))
    figure.colorbar(colours, ax=panels.tolist(), label=t("cli.cost"), fraction=0.05)
    _key(figure, found, t)
    labels.settle(panels[0])
    for axes, view in zip(panels, views, strict=True):
        spots = [_spot(one, view) for one in found.front]
        labels.place(axes, spots, [str(n) for n in range(1, len(spots) + 1)])
    return figure


def _spot(one: Member, view: str) -> tuple[float, float]:
    return _middle(one, view, "d_valley"), _middle(one, view, "d_peak")


def _middle(one: Member, view: str, name: str) -> float:
    return one.numbers(view)[name].mean or 0.0


def _panel(axes: Axes, found: Pareto, view: str, colours: ScalarMappable) -> None:
    for line in (-found.delta, found.delta):
        for stroke in (axes.axvline(line), axes.axhline(line)):
            stroke.set(color=style.SOFT, linewidth=0.6, linestyle=(0, (4, 2)), zorder=1)
    for one in found.candidates:
        at, ring = getattr(one, view), style.INK if one.on_front_at_defaults else "none"
        axes.scatter(
            at["d_valley"], at["d_peak"], s=12, c=style.FAINT, edgecolors=ring, linewidths=0.7, zorder=2
        )  # fmt: skip
    for member in found.front:
        colour = colours.to_rgba(np.array([_middle(member, view, COST)]))[0]
        x, y = _spot(member, view)
        across, up = (_bars(member, view, name) for name in ("d_valley", "d_peak"))
        axes.errorbar(x, y, up, across, color=colour, elinewidth=0.8, zorder=3)
        marker = STATUSES[member.status]
        axes.scatter(x, y, s=34, color=[colour], marker=marker, edgecolors="white", linewidths=0.5, zorder=4)
    axes.margins(EDGE)


def _bars(member: Member, view: str, name: str) -> list[list[float]]:
    """Return how far the interval reaches below and above; not at all where nothing bounds it."""
    found, middle = member.numbers(view)[name], _middle(member, view, name)
    return [[0.0 if end is None else abs(end - middle)] for end in (found.low, found.high)]


def _key(figure: Figure, found: Pareto, t: Text) -> None:
    """Say what marks mean, and which policy each number is."""
    seen = [status for status in STATUSES if any(one.status == status for one in found.front)]
    marks = [_mark(STATUSES[status], style.SOFT, "none", t(f"pareto.status.{status}")) for status in seen]
    marks.append(_mark("o", style.FAINT, "none", t("pareto.candidate")))
    if found.draws:
        marks.append(_mark("o", style.FAINT, style.INK, t("pareto.at_defaults")))
    lines = [Line2D([], [], linestyle="", label=f"{n}  {named(one, t)}") for n, one in enumerate(found.front, 1)]
    figure.legend(handles=marks, loc="outside upper center", ncols=len(marks), fontsize="small")
    figure.legend(handles=lines, loc="outside lower left", ncols=1, fontsize="small", handlelength=0.0)


def _mark(marker: str, face: str, ring: str, words: str) -> Line2D:
    return Line2D([], [], linestyle="", marker=marker, color=face, markeredgecolor=ring, markersize=5, label=words)

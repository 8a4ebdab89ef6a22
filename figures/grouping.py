"""Map and table of proposed groups, from what `yangfeng group` saved."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from figures import labels, style, wording
from figures.grounds import beside
from figures.network import MANY, MARGIN, frame
from figures.records import Ground, saved
from figures.results import Record, Title, table
from figures.text import LANGUAGES, Text, text

NAME, SCHOOLS = "proposal.json", "schools.csv"
WORDS = (
    "id", "name_en", "name_zh", "county", "level", "setting", "ownership", "group", "lead", "role", "part", "needy",
    "settled",
)  # fmt: skip
NUMBERS = ("x_km", "y_km", "pupils", "strength", "km")
NAMED = 24
"""Up to so many leads are named on the map."""
KEY_HEIGHT = 0.75
MEMBER, LEAD = 9.0, 26.0
"""Areas of marks, points²; smaller where there are many."""
CROWD = 150


class Measures(Record):
    """Measures of a grouping."""

    groups: int
    smallest: int
    largest: int
    mean_km: float
    farthest_km: float
    imbalance: float
    settings_off: float
    ownership_off: float
    needy: int
    needy_with_strong: int


class Proposal(Record):
    """What of ``proposal.json`` is drawn and told."""

    scenario: str
    title: Title
    synthetic: bool
    version: str
    inputs_sha256: str
    rule: Title
    grounds: tuple[Ground, ...] = ()
    measures: Measures
    before: Measures | None


class Grouping(NamedTuple):
    """A saved proposal and its schools, with places in km and strength in SD."""

    proposal: Proposal
    schools: pd.DataFrame


def load(directory: str | Path) -> Grouping:
    """Return the proposal saved in a folder.

    Raises
    ------
    ResultsError
        If it is not there or holds something else.
    """
    path = Path(directory) / NAME
    proposal = saved(path, Proposal)
    return Grouping(proposal, table(path.with_name(SCHOOLS), WORDS, NUMBERS))


def build(directory: str | Path, languages: Sequence[str] = LANGUAGES) -> list[Path]:
    """Draw the map and write the table of schools into a folder in every language and return the paths written."""
    folder, found, paths = Path(directory), load(directory), list[Path]()
    for language in languages:
        suffix = "" if language == "en" else f".{language}"
        told = caption(found, text(language))
        paths += style.save(draw(found, language), folder, f"map{suffix}", data(found), told)
        # The mark at the start makes spreadsheet programs read Chinese as Chinese.
        content = style.spreadsheet(listing(found, language)).encode("utf-8-sig")
        paths.append(folder / f"groups{suffix}.csv")
        paths[-1].write_bytes(content)
    return paths


def data(found: Grouping) -> pd.DataFrame:
    """Return the schools drawn, with the places of their leads, km."""
    places = found.schools.set_index("id").loc[found.schools["lead"], ["x_km", "y_km"]]
    return found.schools.assign(lead_x_km=places["x_km"].to_numpy(), lead_y_km=places["y_km"].to_numpy())


def listing(found: Grouping, language: str) -> pd.DataFrame:
    """Return one row a school, group by group with the lead first, headed and worded in `language`."""
    t, schools = text(language), found.schools
    names = dict(zip(schools["id"], schools[f"name_{language}"], strict=True))
    yes = {"1": t("grouping.yes"), "0": ""}
    columns = {
        "lead": schools["lead"].map(names),
        "role": schools["role"].map(lambda role: t(f"role.{role}")),
        "school": schools[f"name_{language}"],
        "id": schools["id"],
        "county": schools["county"],
        "level": schools["level"].map(lambda level: t(f"level.{level}")),
        "setting": schools["setting"].map(lambda setting: t(f"setting.{setting}")),
        "owner": schools["ownership"].map(lambda owner: t(f"ownership.{owner}")),
        "pupils": schools["pupils"].astype(int),
        "km": schools["km"].round(2),
        "strength": schools["strength"].round(2),
        "helped": schools["needy"].map(yes),
        "settled": schools["settled"].map(yes),
        "group": schools["group"],
    }
    return pd.DataFrame({t(f"grouping.{name}"): column for name, column in columns.items()})


def caption(found: Grouping, t: Text) -> str:
    """Return title, caption and where the numbers come from."""
    proposal, measures = found.proposal, found.proposal.measures
    told = t(
        "grouping.caption", scenario=proposal.title[t.language], groups=measures.groups, least=measures.smallest,
        most=measures.largest, mean=wording.number(measures.mean_km, 1),
        farthest=wording.number(measures.farthest_km, 1), rule=proposal.rule[t.language],
    )  # fmt: skip
    inputs = proposal.inputs_sha256[: wording.HASH_SHOWN]
    source = t("grouping.source", scenario=proposal.scenario, version=proposal.version, inputs=inputs)
    synthetic = [t("figure.provenance.synthetic")] if proposal.synthetic else []
    said = t("figure.entitled", title=t("grouping.title"), caption=told)
    said = beside(said, proposal.grounds, proposal.synthetic, t)
    return "\n\n".join([said, " ".join([source, *synthetic])])


@style.applied()
def draw(found: Grouping, language: str) -> Figure:
    """Return the map of groups in `language`, a panel for each level that is grouped apart."""
    t, schools = text(language), data(found)
    parts = list(dict.fromkeys(schools["part"]))
    figure, panels = _panels(schools, len(parts), t)
    for axes, part in zip(panels, parts, strict=True):
        own = schools[schools["part"] == part]
        level = t(f"level.{part}") if part else t("grouping.every_level")
        axes.set_title(t("grouping.panel", level=level[:1].upper() + level[1:], groups=own["lead"].nunique()))
        _groups(axes, own, max(0.3, min(1.0, (CROWD / len(own)) ** 0.5)))
    figure.legend(handles=_key(schools, t), loc="outside upper center", ncols=3, handletextpad=0.4)
    labels.settle(panels[0])
    for axes, part in zip(panels, parts, strict=True):
        own = schools[schools["part"] == part]
        leads = own[own["id"] == own["lead"]]
        if len(leads) <= NAMED:
            lines = [path.vertices for line in axes.collections[:1] for path in line.get_paths()]
            spots = list(zip(leads["x_km"], leads["y_km"], strict=True))
            labels.place(axes, spots, list(leads[f"name_{language}"]), labels.along(axes, lines))
    return figure


def _panels(schools: pd.DataFrame, count: int, t: Text) -> tuple[Figure, list[Axes]]:
    across = min(count, 2)
    down = math.ceil(count / across)
    east, north = frame(schools)
    width = style.DOUBLE
    shape = (north[1] - north[0]) / (east[1] - east[0])
    figure = Figure(figsize=(width, down * shape * (width - MARGIN) / across + KEY_HEIGHT), layout="compressed")
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    grid[0, 0].set(xlim=east, ylim=north)
    for number, axes in enumerate(grid.flat):
        axes.set_aspect("equal")
        axes.label_outer()
        axes.set_visible(number < count)
    for axes in grid[-1]:
        axes.set_xlabel(t("grouping.x"))
    for axes in grid[:, 0]:
        axes.set_ylabel(t("grouping.y"))
    return figure, list(grid.flat[:count])


def _groups(axes: Axes, schools: pd.DataFrame, scale: float) -> None:
    """Draw lines to leads, members over them, leads on top."""
    colours = _colours(schools[schools["id"] == schools["lead"]])
    own = schools["lead"].map(colours)
    many = len(schools) > MANY
    ends = schools[["x_km", "y_km", "lead_x_km", "lead_y_km"]].to_numpy(float).reshape(-1, 2, 2)
    lines = LineCollection(list(ends), linewidths=0.4 + 0.5 * scale, colors=list(own), alpha=0.7, rasterized=many)
    axes.add_collection(lines)
    leads, helped = schools["id"] == schools["lead"], schools["needy"] == "1"
    for chosen, marker, area, filled in (
        (~leads & helped, "o", MEMBER, False),
        (~leads & ~helped, "o", MEMBER, True),
        (leads, "s", LEAD, True),
    ):
        part, colour = schools[chosen], list(own[chosen])
        axes.scatter(
            part["x_km"], part["y_km"], s=area * scale, marker=marker, zorder=4 if marker == "s" else 3,
            facecolors=colour if filled else "white", edgecolors=style.INK if marker == "s" else colour,
            linewidths=0.4 + 0.4 * scale, rasterized=many,
        )  # fmt: skip


def _colours(leads: pd.DataFrame) -> dict[str, str]:
    """Return lead → colour: each time the one whose nearest group of that colour is farthest away."""
    found: dict[str, str] = {}
    places: dict[str, list[tuple[float, float]]] = {colour: [] for colour in style.CYCLE}
    for ident, x, y in sorted(zip(leads["id"], leads["x_km"], leads["y_km"], strict=True), key=lambda lead: lead[1:]):
        away = {
            colour: min((math.hypot(x - a, y - b) for a, b in taken), default=math.inf)
            for colour, taken in places.items()
        }
        found[ident] = max(away, key=lambda colour: away[colour])
        places[found[ident]].append((x, y))
    return found


def _key(schools: pd.DataFrame, t: Text) -> list[Line2D]:
    def mark(marker: str, label: str, filled: bool) -> Line2D:
        line = Line2D([], [], linestyle="", marker=marker, markersize=5 if marker == "s" else 4, label=label)
        line.set(markerfacecolor=style.SOFT if filled else "white", markeredgecolor=style.INK, markeredgewidth=0.6)
        return line

    keys = [mark("s", t("role.lead"), True), mark("o", t("grouping.member"), True)]
    return keys + ([mark("o", t("grouping.helped"), False)] if np.any(schools["needy"] == "1") else [])

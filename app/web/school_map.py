"""Maps of schools as options of ECharts: who is grouped with whom, and what changes where."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from app.web.charts import AXIS, Options, axis, base
from figures import style
from figures.text import Text
from scenarios.scenario import Scenario

ROLES = {"none": "rect", "member": "circle", "lead": "diamond", "zone_head": "diamond"}
"""Role → symbol, those that are drawn over the others last."""
ASPECT = 1.5
"""Width of the plot over its height, so that a kilometre is as long both ways."""
MOST_LINES = 4000
LARGEST = 26.0
CHOSEN = {"borderColor": style.INK, "borderWidth": 4}


def _size(pupils: float, most: float) -> float:
    return round(7.0 + (LARGEST - 7.0) * math.sqrt(pupils / max(most, 1.0)), 1)


def _ends(x: pd.Series, y: pd.Series) -> tuple[Options, Options]:
    """Return the ends of both axes, a kilometre as long on one as on the other."""
    middle = [(values.min() + values.max()) / 2 for values in (x, y)]
    height = 1.2 * max((x.max() - x.min()) / ASPECT, y.max() - y.min(), 1.0)
    sides = (height * ASPECT / 2, height / 2)
    return tuple({"min": round(m - s, 2), "max": round(m + s, 2)} for m, s in zip(middle, sides, strict=True))  # type: ignore[return-value]


def _plane(x: pd.Series, y: pd.Series, t: Text) -> Options:
    across, up = _ends(x, y)
    # The ends are chosen for equal scales and mean nothing to a reader.
    label = {"axisLabel": AXIS | {"showMinLabel": False, "showMaxLabel": False, "hideOverlap": True}}
    return {
        "xAxis": axis(t("figure.network.x"), **across, **label),
        "yAxis": axis(t("figure.network.y"), **up, **label, nameGap=40),
        "grid": {"left": 36, "right": 16, "top": 40, "bottom": 36, "containLabel": True},
        "tooltip": {"trigger": "item", "formatter": "{b}", "confine": True},
    }


def _lines(ends: list[list[list[float]]]) -> Options:
    return {
        "type": "lines", "coordinateSystem": "cartesian2d", "silent": True, "z": 1,
        "data": [{"coords": each} for each in ends[:MOST_LINES]],
        "lineStyle": {"color": style.SOFT, "width": 1, "opacity": 0.6},
    }  # fmt: skip


def of_place(scenario: Scenario, t: Text, chosen: str = "") -> Options:
    """Return the schools of a place by role, each member joined to its lead; the one chosen has a thick rim."""
    schools = scenario.roster.schools
    table = pd.DataFrame({
        "id": [s.id for s in schools], "x": [s.x for s in schools], "y": [s.y for s in schools],
        "group": [s.group for s in schools], "role": [s.role for s in schools], "pupils": [s.pupils for s in schools],
    })  # fmt: skip
    most = float(table["pupils"].max())
    names = {ident: name[t.language] for ident, name in scenario.school_names.items()}
    spot = {row.id: [round(row.x, 3), round(row.y, 3)] for row in table.itertuples()}
    lead = {group.id: group.lead for group in scenario.roster.groups}
    joined = [
        [spot[row.id], spot[lead[row.group]]]
        for row in table.itertuples()
        if row.group in lead and lead[row.group] in spot and lead[row.group] != row.id
    ]
    colours = {"zone_head": style.VERMILLION, "lead": style.VERMILLION, "member": style.BLUE, "none": style.SOFT}
    return base(
        legend={"top": 0, "textStyle": AXIS},
        **_plane(table["x"], table["y"], t),
        series=[
            _lines(joined),
            *(
                {
                    "type": "scatter",
                    "name": t(f"role.{role}"),
                    "symbol": ROLES[role],
                    "itemStyle": {"color": colours[role], "borderColor": "#fff", "borderWidth": 0.8},
                    "data": [
                        {
                            "value": spot[r.id],
                            "name": names.get(r.id, r.id),
                            "symbolSize": _size(r.pupils, most),
                            "id": r.id,
                            **({"itemStyle": CHOSEN} if r.id == chosen else {}),
                        }
                        for r in part.itertuples()
                    ],
                }
                for role, part in sorted(table.groupby("role"), key=lambda one: list(ROLES).index(str(one[0])))
            ),
        ],
    )


def of_changes(schools: pd.DataFrame, ties: pd.DataFrame, delta: float, t: Text) -> Options:
    """Return the schools by what changes (column `d_quality`), triangles for gain and loss, ties of groups on top.

    Parameters
    ----------
    schools
        As `schools.csv`, with `d_quality`, `result` (gains, holds or loses) and `shown`, the name to be read.
    ties
        As `ties.csv`.
    """
    most = float(schools["pupils"].max())
    spot = {r.id: [round(r.x_km, 3), round(r.y_km, 3)] for r in schools.itertuples()}
    reach = max(2.0 * delta, float(schools["d_quality"].abs().max()))
    plane = _plane(schools["x_km"], schools["y_km"], t)
    return base(
        legend={"top": 0, "textStyle": AXIS},
        **plane | {"grid": plane["grid"] | {"right": 64}},
        visualMap=_scale(reach, t),
        series=[
            _lines([[spot[r.source], spot[r.target]] for r in ties[ties["layer"] == "group"].itertuples()]),
            *(_changed(kind, schools[schools["result"] == kind], spot, most, t) for kind in MARKS),
        ],
    )


MARKS: Mapping[str, tuple[str, int]] = {"gains": ("triangle", 0), "holds": ("circle", 0), "loses": ("triangle", 180)}
"""Symbol and its turn: so that colour is never alone."""


LEGEND = {"gains": style.BLUE, "holds": "#f7f7f7", "loses": style.VERMILLION}
SIGNS = {"gains": "▲", "holds": "●", "loses": "▼"}


def _changed(kind: str, part: pd.DataFrame, spot: Mapping[str, Any], most: float, t: Text) -> Options:
    symbol, turn = MARKS[kind]
    points = [
        {
            "value": [*spot[r.id], round(r.d_quality, 4)],
            "name": f"{r.shown}: {r.d_quality:+.3f} σ".replace("-", "−"),
            "symbolSize": _size(r.pupils, most),
        }
        for r in part.itertuples()
    ]
    words = f"{SIGNS[kind]} {t(f'web.read.{kind}')} ({len(part)})"
    edge = {"borderColor": style.INK, "borderWidth": 0.8, "color": LEGEND[kind]}
    return {"type": "scatter", "name": words, "symbol": symbol, "symbolRotate": turn, "itemStyle": edge, "data": points}


def _scale(reach: float, t: Text) -> Options:
    return {
        "min": -round(reach, 3), "max": round(reach, 3), "dimension": 2, "seriesIndex": [1, 2, 3], "calculable": False,
        "orient": "vertical", "right": 4, "top": "middle", "itemHeight": 90, "precision": 2, "textStyle": AXIS,
        "text": [t("web.read.gains"), t("web.read.loses")],
        "inRange": {"color": [style.VERMILLION, "#f4c9a8", "#f7f7f7", "#a9cbe6", style.BLUE]},
    }  # fmt: skip

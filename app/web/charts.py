"""Charts of an answer, as options of ECharts: plain values, the same in every browser, readable without colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from figures import style
from figures.quadrant import LEAST_REACH, MIXED, REGIONS
from figures.records import Effects
from figures.results import HORIZON, Comparison, Policy
from figures.text import Text
from figures.wording import late_years

Options = dict[str, Any]
SYMBOLS = ("circle", "rect", "triangle", "diamond", "pin", "arrow")
LEGEND_LINES = 3
"""Room for so many lines of a legend, on a narrow window."""
DASHES = {"peak": "solid", "valley": "dashed", "mean": "dotted"}
FAMILY = "system-ui, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Yangfeng Sans SC', sans-serif"
"""Spelled out, since the width of labels is measured with it."""
FONT = {"fontFamily": FAMILY, "fontSize": 13, "color": style.INK}
AXIS = {"color": style.INK, "fontSize": 12, "fontFamily": FAMILY}
STRIPES = {"symbol": "rect", "rotation": 0.7, "dashArrayX": [1, 0], "dashArrayY": [2, 4], "color": "#00000055"}


def base(**options: Any) -> Options:  # noqa: ANN401
    """Return what every chart has: no animation, our type, room for its labels."""
    grid = {"left": 12, "right": 16, "top": 40, "bottom": 12, "containLabel": True}
    return {"animation": False, "textStyle": FONT, "grid": grid, "aria": {"enabled": True}} | options


def axis(name: str, **more: Any) -> Options:  # noqa: ANN401
    """Return a named axis of numbers."""
    return {
        "type": "value", "name": name, "nameLocation": "middle", "nameGap": 30, "nameTextStyle": AXIS,
        "axisLabel": AXIS, "axisLine": {"onZero": False}, "scale": True,
        "splitLine": {"lineStyle": {"color": "#e4e4e4"}}, **more,
    }  # fmt: skip


def _rounded(value: float) -> float:
    return round(value, 5)


def quadrant(found: Comparison, t: Text) -> Options:
    """Return the quadrant: weakest across, strongest up, a box of uncertainty around every policy."""
    reach = _reach(found)
    series = [
        _regions(found.delta, reach, t),
        *(_draws(number, p, reach) for number, p in enumerate(found.policies) if p.certainty),
        *(_point(number, p, reach, t) for number, p in enumerate(found.policies)),
    ]
    label = AXIS | {"showMinLabel": False, "showMaxLabel": False}
    ends = {"min": -reach, "max": reach, "scale": False, "axisLabel": label}
    names = [_numbered(number, policy, t) for number, policy in enumerate(found.policies)]
    return base(
        legend={"top": 0, "textStyle": AXIS, "itemGap": 14, "data": names},
        grid={
            "left": 40,
            "right": 16,
            "top": 16 + 24 * min(len(names), LEGEND_LINES),
            "bottom": 40,
            "containLabel": True,
        },
        xAxis=axis(t("web.read.weakest"), **ends),
        yAxis=axis(t("web.read.strongest"), **ends | {"nameGap": 44}),
        tooltip={"trigger": "item"},
        series=series,
    )


def _numbered(number: int, policy: Policy, t: Text) -> str:
    return f"{number + 1} · {policy.title[t.language]}"


def _reach(found: Comparison) -> float:
    ends = [abs(end) for p in found.policies for e in (p.d_peak, p.d_valley) for end in _bounded(e)]
    ends += [abs(end) for p in found.policies if p.certainty for end in _spread(p.certainty.effects)]
    return _rounded(1.08 * max([LEAST_REACH * found.delta, *ends]))


def _spread(effects: Effects) -> list[float]:
    """Return the ends between which nine in ten draws lie."""
    return [end for one in (effects.d_peak, effects.d_valley) for end in (one.low, one.high)]


def _bounded(effect: Any) -> list[float]:  # noqa: ANN401
    """Return mean and ends of an effect; ends far out, or none, do not stretch the plot."""
    ends = [end for end in (effect.low, effect.high) if end is not None]
    far = 4.0 * abs(effect.mean) + 0.2
    return [effect.mean, *(end for end in ends if abs(end) < far)]


def _regions(delta: float, reach: float, t: Text) -> Options:
    """Return the nine cells with their names, and the cross at ±δ."""
    edges = (-reach, -delta, delta, reach)
    areas = []
    for valley, peak in product(range(3), range(3)):
        code = REGIONS[valley][peak]
        name = t(f"verdict.name.{code}") + ("*" if (valley, peak) in MIXED else "")
        corner = {"coord": [edges[valley], edges[peak + 1]], "name": name}
        label = {"show": True, "position": "insideTopLeft", "color": "#555", "fontSize": 11}
        look = {"color": style.VERDICTS[code], "opacity": 0.16}
        areas.append([corner | {"itemStyle": look, "label": label}, {"coord": [edges[valley + 1], edges[peak]]}])
    lines = [{way: end} for way in ("xAxis", "yAxis") for end in (-delta, delta)]
    return {
        "type": "scatter", "data": [], "silent": True,
        "markArea": {"data": areas, "silent": True},
        "markLine": {
            "data": lines, "silent": True, "symbol": "none", "label": {"show": False},
            "lineStyle": {"color": style.SOFT, "type": "dashed"},
        },
    }  # fmt: skip


def _draws(number: int, policy: Policy, reach: float) -> Options:
    """Return a small dot for every draw of what is uncertain; one beyond the plot stands at its edge."""
    found = policy.certainty.by_draw if policy.certainty else ()
    spots = [[_rounded(max(-reach, min(reach, end))) for end in (valley, peak)] for peak, valley, _ in found]
    colour = style.CYCLE[number % len(style.CYCLE)]
    return {
        "type": "scatter", "symbol": SYMBOLS[number % len(SYMBOLS)], "symbolSize": 5, "silent": True, "data": spots,
        "itemStyle": {"color": colour, "opacity": 0.45},
    }  # fmt: skip


def _point(number: int, policy: Policy, reach: float, t: Text) -> Options:
    colour = style.CYCLE[number % len(style.CYCLE)]
    valley, peak = policy.d_valley, policy.d_peak
    low = [max(-reach, end.low if end.low is not None else -reach) for end in (valley, peak)]
    high = [min(reach, end.high if end.high is not None else reach) for end in (valley, peak)]
    return {
        "type": "scatter", "name": _numbered(number, policy, t), "symbol": SYMBOLS[number % len(SYMBOLS)],
        "symbolSize": 15, "data": [[_rounded(valley.mean), _rounded(peak.mean)]],
        "itemStyle": {"color": colour, "borderColor": "#fff", "borderWidth": 1},
        "label": {"show": True, "formatter": str(number + 1), "position": "right", "fontWeight": "bold"},
        "markArea": {
            "silent": True, "data": [[{"coord": low}, {"coord": high}]],
            "itemStyle": {"color": "transparent", "borderColor": colour, "borderWidth": 1.5},
        },
    }  # fmt: skip


def trajectories(policy: Policy, found: Comparison, t: Text) -> Options:
    """Return differences from the control by year: lines of their own dash, with bands."""
    names = {name: t(f"series.{name}") for name in DASHES}
    series = [part for name in DASHES for part in _band(name, names[name], policy)]
    late = late_years(found)
    series[1]["markArea"] = {
        "silent": True,
        "data": [
            [{"yAxis": -found.delta, "itemStyle": {"color": style.FAINT, "opacity": 0.45}}, {"yAxis": found.delta}],
            [
                {"xAxis": late["first"] - 0.5, "itemStyle": {"color": style.YELLOW, "opacity": 0.25}},
                {"xAxis": late["last"] + 0.5},
            ],
        ],
    }  # fmt: skip
    series[1]["markLine"] = {
        "silent": True, "symbol": "none", "data": [{"xAxis": HORIZON}], "lineStyle": {"color": style.SOFT},
        "label": {"formatter": t("figure.trajectories.early", year=HORIZON), "position": "end"},
    }  # fmt: skip
    years = AXIS | {"showMaxLabel": False}
    return base(
        legend={"data": list(names.values()), "top": 0, "textStyle": AXIS, "itemWidth": 36},
        grid={"left": 40, "right": 24, "top": 56, "bottom": 36, "containLabel": True},
        xAxis=axis(t("figure.trajectories.x"), min=0, max=found.years + 0.5, interval=1, axisLabel=years),
        yAxis=axis(t("figure.trajectories.y"), nameGap=44),
        series=series,
    )


def _band(name: str, words: str, policy: Policy) -> list[Options]:
    """Return a line, and its band as an invisible floor with an area stacked on it."""
    band, colour = getattr(policy.trajectory, name), style.SERIES[name]
    floor = [[year, low] for year, low in enumerate(band.low, 1) if low is not None]
    width = [[y, high - low] for y, (low, high) in enumerate(zip(band.low, band.high, strict=True), 1) if None not in (low, high)]  # fmt: skip  # noqa: E501
    line = [[year, _rounded(mean)] for year, mean in enumerate(band.mean, 1)]
    hidden = {
        "type": "line",
        "stack": name,
        "stackStrategy": "all",
        "symbol": "none",
        "silent": True,
        "lineStyle": {"opacity": 0},
    }
    mark = {"peak": "triangle", "valley": "circle", "mean": "rect"}[name]
    return [
        hidden | {"data": floor},
        {
            "type": "line", "name": words, "data": line, "symbol": mark, "symbolSize": 7, "z": 5,
            "lineStyle": {"type": DASHES[name], "width": 2.5, "color": colour}, "itemStyle": {"color": colour},
        },
        hidden | {"data": width, "areaStyle": {"color": colour, "opacity": 0.16}},
    ]  # fmt: skip


def bars(names: Sequence[str], series: Mapping[str, Sequence[float]], unit: str, colours: Sequence[str]) -> Options:
    """Return horizontal bars, one group a name; every second series is hatched."""
    return base(
        legend={"top": 0, "textStyle": AXIS},
        grid={"left": 12, "right": 40, "top": 36, "bottom": 36, "containLabel": True},
        xAxis=axis(unit, scale=False),
        yAxis={"type": "category", "data": list(names), "inverse": True, "axisLabel": AXIS},
        tooltip={"trigger": "item"},
        series=[
            {
                "type": "bar",
                "name": name,
                "data": [_rounded(value) for value in values],
                "itemStyle": {"color": colour, "borderColor": style.INK, "borderWidth": 0.5}
                | ({"decal": STRIPES} if number % 2 else {}),
            }
            for number, ((name, values), colour) in enumerate(zip(series.items(), colours, strict=False))
        ],
    )

"""What the official balance indicators are counted over, and which values behind them are known or drawn."""

from collections.abc import Callable

import pandas as pd

from figures.records import Basis, Comparison, Value
from figures.text import Text

PERSONAL = ("honour", "qualified")
"""Values that are known post by post, not school by school."""


def counted(comparison: Comparison, t: Text) -> str:
    """Return over which schools the indicators are counted; empty of results that do not tell."""
    found = {basis.level: basis.schools for basis in comparison.official_basis}
    levels = [t("basis.level", level=t(f"level.{level}"), count=f"{count:,}") for level, count in found.items()]
    return t("basis.counted", levels=t("phrase.comma").join(levels)) if found else ""


def drawn(comparison: Comparison, t: Text) -> str:
    """Return in a sentence which values behind the indicators are drawn, level by level."""
    values = {(basis.level, one.value): one for basis in comparison.official_basis for one in basis.rests_on}
    if not values:
        return ""
    if not any(one.known for one in values.values()):
        names = dict.fromkeys(t(f"basis.value.{name}") for _, name in values)
        return t("basis.all_drawn", values=t("phrase.comma").join(names))
    parts = [
        t("basis.of_level", level=t(f"level.{level}"), values=_told(own, _missing, t))
        for level in dict.fromkeys(level for level, _ in values)
        if any(map(_missing, own := [one for (of, _), one in values.items() if of == level]))
    ]
    return t("basis.drawn", parts=t("hinge.and").join(parts)) if parts else t("basis.none_drawn")


def sentences(comparison: Comparison, t: Text) -> str:
    """Return what stands beside the indicators wherever they are shown; empty of results that do not tell."""
    first = counted(comparison, t)
    return t("ground.beside", said=first, assumed=drawn(comparison, t)) if first else ""


def beside(said: str, comparison: Comparison, t: Text) -> str:
    """Return what is said of the indicators, followed by what they rest on where that is told."""
    more = sentences(comparison, t)
    return t("ground.beside", said=said, assumed=more) if more else said


def table(comparison: Comparison, t: Text) -> pd.DataFrame:
    """Return one row a level and indicator: what of it is known from lists of the place, and what is drawn."""
    return pd.DataFrame([_row(basis, t) for basis in comparison.official_basis])


def _row(basis: Basis, t: Text) -> dict[str, str]:
    name = f"{t(f'level.{basis.level}')} · {t(f'indicator.{basis.indicator}')}"
    sides = {"known": lambda one: one.known, "drawn_of": _missing}
    cells = {t(f"basis.{side}"): _told(basis.rests_on, count, t) or t("phrase.none") for side, count in sides.items()}
    return {t("evidence.indicator"): name} | cells


def _missing(one: Value) -> int:
    return one.of - one.known


def _told(values: list[Value], count: Callable[[Value], int], t: Text) -> str:
    """Return the values of which any count, each with how many of how many schools or posts."""
    return t("phrase.comma").join(
        t(
            "basis.posts" if one.value in PERSONAL else "basis.schools",
            value=t(f"basis.value.{one.value}"), count=f"{count(one):,}", of=f"{one.of:,}",
        )
        for one in values
        if count(one)
    )  # fmt: skip

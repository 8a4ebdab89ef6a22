"""Every column of the tables that `compare` saves: what it holds, in which unit, and in which words its codes are told.

The same list heads the workbook, explains the CSV archive, and is held against both languages by a test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from figures.text import LANGUAGES, Text, text

NUMBER, WORDS, POLICY, SCHOOL, GROUP, VERDICTS = "number", "words", "policy", "school", "group", "verdicts"
KINDS = (NUMBER, WORDS, POLICY, SCHOOL, GROUP, VERDICTS)
"""What a column can hold beside codes: numbers, texts, ids of policies, schools and groups, and several verdicts."""
PARTS = ("mean", "low", "high")
OR = " or "
"""Stands between verdicts that are left open."""


class Column(NamedTuple):
    """A column of a saved table.

    Attributes
    ----------
    name
        As in the file.
    kind
        One of `KINDS`, or the key under which the words of its codes stand in the language files.
    unit
        Name of its unit, empty where it has none.
    words
        Key of its name and meaning where that is not `name`.
    part
        Which end of an interval it is, empty where it is none.
    """

    name: str
    kind: str = WORDS
    unit: str = ""
    words: str = ""
    part: str = ""


def _estimate(name: str, unit: str) -> Iterator[Column]:
    return (Column(f"{name}_{part}", NUMBER, unit, name, part) for part in PARTS)


def _told(horizon: str) -> Iterator[Column]:
    """Give a verdict with its share of the draws and the next likeliest, and then the point estimate."""
    kinds = {
        "verdict": "verdict.name", "share": NUMBER, "runner_up": "verdict.name", "runner_up_share": NUMBER,
        "point_verdict": "verdict.name", "point_regions": VERDICTS,
    }  # fmt: skip
    return (Column(f"{name}{horizon}", kind) for name, kind in kinds.items())


def _drawn(name: str) -> Iterator[Column]:
    parts = ("median", "low", "high")
    return (Column(f"{name}_draws_{part}", NUMBER, "sigma", name, f"draws_{part}") for part in parts)


def _ends(words: str) -> Iterator[Column]:
    return (Column(part, NUMBER, "sigma", words, part) for part in PARTS[1:])


EFFECTS = (
    "d_peak", "d_valley", "d_mean", "d_middle", "d_peak_year3", "d_valley_year3", "d_mean_year3",
)  # fmt: skip
POLICY_COLUMN = Column("policy", POLICY)
CHANNELS = ("management", "teaching", "culture", "research", "platform", "online")
TABLES: dict[str, tuple[Column, ...]] = {
    "verdicts": (
        *(Column(name) for name in ("mode", "rotation", "support")), *_told(""), Column("replicates", NUMBER),
        *_told("_year3"), *(column for name in EFFECTS[:3] for column in _drawn(name)),
        *(column for name in EFFECTS for column in _estimate(name, "sigma")), *_estimate("peak_cost_ratio", ""),
        Column("dip_depth", NUMBER, "sigma"), Column("recovery_year", NUMBER),
        Column("cost_per_pupil", NUMBER, "yuan"), Column("backbone_cv_before", NUMBER),
        Column("backbone_cv_after", NUMBER),
    ),
    "effects": (
        POLICY_COLUMN, Column("school", SCHOOL), Column("quality", NUMBER, "sigma"),
        Column("d_quality", NUMBER, "sigma"), *_ends("d_quality"),
    ),
    "groups": (
        POLICY_COLUMN, Column("group", GROUP), Column("d_quality", NUMBER, "sigma", "d_group"), *_ends("d_group"),
    ),
    "official": (
        POLICY_COLUMN, Column("indicator", "indicator"), Column("unit", "web.unit", words="counted"),
        Column("level", "level"),
        *(Column(name, NUMBER) for name in ("limit", "before", "after", "control")),
        Column("schools", NUMBER, words="schools_counted"),
        *(Column(f"known_{name}", NUMBER) for name in ("honour", "pupils", "qualified", "posts")),
    ),
    "costs": (
        POLICY_COLUMN, Column("line", "cost"), Column("yuan_per_pupil", NUMBER, "yuan"),
        Column("control_yuan_per_pupil", NUMBER, "yuan"),
    ),
    "moves": (
        Column("year", NUMBER), Column("person"), Column("subject", "subject"),
        Column("honour", "roster.choice.honour"), Column("title", "roster.choice.rank"), Column("from", SCHOOL),
        Column("to", SCHOOL), Column("share", NUMBER), Column("cover", "cover"), POLICY_COLUMN,
    ),
    "network/schools": (
        Column("id"), Column("name"), Column("name_en"), Column("name_zh"), Column("level", "level"),
        Column("setting", "setting"), Column("ownership", "ownership"), Column("role", "role"), Column("group", GROUP),
        Column("zone", SCHOOL), Column("x_km", NUMBER, "km"), Column("y_km", NUMBER, "km"),
        Column("pupils", NUMBER, "persons"), Column("staff", NUMBER, "posts"), Column("opens", NUMBER),
        Column("baseline_quality", NUMBER, "sigma"),
    ),
    "network/groups": (
        Column("id"), Column("name_en"), Column("name_zh"), Column("lead", SCHOOL),
        Column("mode", words="mode_planned"),
        *(Column(f"mode_{language}", words="mode_planned") for language in LANGUAGES),
    ),
    "network/ties": (
        Column("source", SCHOOL), Column("target", SCHOOL), Column("layer", "layer"),
        Column("distance_km", NUMBER, "km"),
        *(Column(name, NUMBER, words=f"channel_{name}") for name in CHANNELS),
    ),
}  # fmt: skip
"""File without its ending → its columns, in order."""


def name(column: Column, t: Text) -> str:
    """Return what a column is called, without its unit."""
    words = t(f"data.column.{column.words or column.name}")
    return t(f"data.part.{column.part}", of=words) if column.part else words


def head(column: Column, t: Text) -> str:
    """Return what a column is called, with its unit."""
    words = name(column, t)
    return t("data.head", name=words, unit=t(f"data.unit.{column.unit}")) if column.unit else words


def meaning(column: Column, t: Text) -> str:
    """Return what a column says, in a sentence."""
    if column.part and column.part != PARTS[0]:
        return t(f"data.bound.{column.part}", of=t(f"data.column.{column.words}"))
    return t(f"data.meaning.{column.words or column.name}")


def coded(value: str, column: Column, t: Text) -> str:
    """Return a code of a column in words; nothing stays nothing.

    Raises
    ------
    MissingTextError
        If there are none.
    """
    if not value:
        return ""
    if column.kind == VERDICTS:
        return t.joined([t(f"verdict.name.{code}") for code in value.split(OR)])
    return t(f"{column.kind}.{value}")


def columns() -> list[dict[str, str]]:
    """Return file, column, and name, meaning and unit in both languages, one row a column."""
    return [
        {"file": f"{file}.csv", "column": column.name} | dict(_said(column))
        for file, own in TABLES.items()
        for column in own
    ]


def _said(column: Column) -> Iterator[tuple[str, str]]:
    for t in map(text, LANGUAGES):
        unit = t(f"data.unit.{column.unit}") if column.unit else ""
        said = {"name": name(column, t), "meaning": meaning(column, t), "unit": unit}
        yield from ((f"{what}_{t.language}", words) for what, words in said.items())


def codes() -> list[dict[str, str]]:
    """Return column, code and its words in both languages, one row a code."""
    words = [text(language) for language in LANGUAGES]
    used = dict.fromkeys((column.name, column.kind) for own in TABLES.values() for column in own)
    return [
        {"column": column, "code": code} | {t.language: t(f"{kind}.{code}") for t in words}
        for column, kind in used
        if kind not in KINDS
        for code in known(kind)
    ]


def known(kind: str) -> list[str]:
    """Return the codes that have words under a key."""
    before = f"{kind}."
    return [key.removeprefix(before) for key in text(LANGUAGES[0]).entries if key.startswith(before)]

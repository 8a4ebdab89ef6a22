"""The tables of a comparison for a reader who opens them in Excel or WPS: in words, with a guide before them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from figures import codebook, naming, wording
from figures.cells import plain
from figures.codebook import GROUP, NUMBER, POLICY, SCHOOL, TABLES, WORDS, Column
from figures.results import Results, load
from figures.text import Text, text

ROWS = 100_000
"""So many rows of a table are shown; the archive has all."""
SHEETS = {
    "verdicts": "verdicts", "effects": "effects", "groups": "groups", "members": "members", "official": "official",
    "costs": "costs", "moves": "moves", "schools": "network/schools", "ties": "network/ties",
}  # fmt: skip
"""Sheet → the table it shows, in order; `members` is made of two."""
UNSEEN = ("mode", "rotation", "support", "name_en", "name_zh")
"""Columns for machines: policies have a title, and schools a name in the reader's language."""
PLANNED = Column("mode", words="mode_planned")
MEMBERS = (
    Column("group", GROUP), PLANNED, Column("lead", SCHOOL), Column("school", SCHOOL), Column("role", "role"),
    Column("level", "level"), Column("setting", "setting"), Column("pupils", NUMBER, "persons"),
)  # fmt: skip
FORMATS = {"sigma": "0.000", "yuan": "0.0", "km": "0.0"}


class Sheet(NamedTuple):
    """A sheet: its name, the heads of its columns, how numbers in each are shown, and its rows."""

    title: str
    heads: list[str]
    formats: list[str]
    rows: list[list[object]]


def sheets(directory: Path, language: str) -> list[Sheet]:
    """Return every table that is saved in words of a language, the guide first.

    Raises
    ------
    ResultsError
        If the directory does not hold what `compare` saves.
    """
    t, results = text(language), load(directory)
    found = {name: _table(directory, name, results, t) for name in SHEETS}
    told = {name: (columns, frame) for name, (columns, frame) in found.items() if not frame.empty}
    names = _names(results, t)
    made = [
        Sheet(
            t(f"data.sheet.{name}"),
            [codebook.head(column, t) for column in columns],
            [_format(column, frame) for column in columns],
            [_row(row, columns, names, t) for row in frame.head(ROWS).to_dict("records")],
        )
        for name, (columns, frame) in told.items()
    ]  # fmt: skip
    return [_guide(results, told, t), *made]


def _table(directory: Path, name: str, results: Results, t: Text) -> tuple[list[Column], pd.DataFrame]:
    """Return the columns that a sheet shows and its rows as they are saved; none where there is no such table."""
    if name == "members":
        return list(MEMBERS), _members(results, t)
    columns, path = list(TABLES[SHEETS[name]]), directory / f"{SHEETS[name]}.csv"
    if not path.exists():
        return columns, pd.DataFrame()
    numbers = {column.name for column in columns if column.kind == NUMBER}
    frame = pd.read_csv(path, dtype=str, keep_default_na=False).map(plain)
    frame = frame.assign(**{one: pd.to_numeric(frame[one]) for one in frame if one in numbers})
    if name == "verdicts":
        columns = [codebook.POLICY_COLUMN, *columns]
        frame = frame.assign(policy=frame["mode"] + "+" + frame["rotation"] + "+" + frame["support"])
    if name == "schools":
        called = naming.schools(results, t)
        frame = frame.assign(name=[called[ident] for ident in frame["id"]])
    return [column for column in columns if column.name in frame and column.name not in UNSEEN], frame


def _members(results: Results, t: Text) -> pd.DataFrame:
    """Return one row a school in a group, group by group with the lead first."""
    groups = naming.groups(results, t)
    inside = results.schools.rename(columns={"id": "school"})
    inside = inside[["school", "group", "role", "level", "setting", "pupils"]]
    table = groups.rename(columns={"id": "group"}).merge(inside, on="group", how="inner", sort=False)
    first = table["school"] != table["lead"]
    order = {group: number for number, group in enumerate(groups["id"])}
    return table.assign(number=table["group"].map(order), first=first).sort_values(["number", "first", "school"])


def _names(results: Results, t: Text) -> dict[str, Mapping[str, str]]:
    """Return kind of id → id → what to call it."""
    policies = {policy.name: policy.title[t.language] for policy in results.comparison.policies}
    return {POLICY: policies, SCHOOL: naming.schools(results, t), GROUP: naming.groups_called(results, t)}


def _row(
    row: dict[str, object], columns: list[Column], names: Mapping[str, Mapping[str, str]], t: Text
) -> list[object]:
    return [_cell(row[column.name], column, names, t) for column in columns]


def _cell(value: object, column: Column, names: Mapping[str, Mapping[str, str]], t: Text) -> object:
    if column.kind == NUMBER:
        number = float(str(value))
        if math.isinf(number):
            return t("data.open")
        return None if math.isnan(number) else int(number) if number.is_integer() else number
    told = str(value)
    if column.kind == WORDS or not told:
        return told or None
    return names[column.kind].get(told, told) if column.kind in names else codebook.coded(told, column, t)


def _format(column: Column, frame: pd.DataFrame) -> str:
    """Return how a column is shown: texts as texts, whole numbers as they are, others to some decimals."""
    if column.kind != NUMBER:
        return "@" if column.kind == WORDS else "General"
    is_whole = (frame[column.name].dropna() % 1 == 0).all()
    return "General" if is_whole else FORMATS.get(column.unit, "0.00")


def _guide(results: Results, told: Mapping[str, tuple[list[Column], pd.DataFrame]], t: Text) -> Sheet:
    """Return the first sheet: what was compared, and what every sheet and column says."""
    words = {name: t(f"data.guide.{name}") for name in ("sheet", "column", "meaning", "unit", "file")}
    title = t("data.guide.title", place=results.comparison.title[t.language])
    rows: list[list[object]] = [[title], [], *_facts(results, t), []]
    rows += [[t("data.guide.sheets")], list(words.values())]
    for name, (columns, frame) in told.items():
        about = t(f"data.about.{name}")
        if len(frame) > ROWS:
            about = t("data.guide.cut", about=about, rows=wording.whole(ROWS), all=wording.whole(len(frame)))
        file = None if name == "members" else f"{SHEETS[name]}.csv"
        rows.append([t(f"data.sheet.{name}"), None, about, None, file])
        rows += [_explained(column, name, t) for column in columns]
    return Sheet(t("data.sheet.guide"), [], ["General"] * len(words), rows)


def _explained(column: Column, sheet: str, t: Text) -> list[object]:
    unit = t(f"data.unit.{column.unit}") if column.unit else None
    file = None if sheet == "members" or (sheet, column.kind) == ("verdicts", POLICY) else column.name
    return [None, codebook.name(column, t), codebook.meaning(column, t), unit, file]


def _facts(results: Results, t: Text) -> list[list[object]]:
    """Return what was compared, line by line."""
    comparison, common = results.comparison, wording.common(results.comparison, t)
    told = {
        "place": comparison.title[t.language],
        "scenario": comparison.scenario,
        "control": comparison.control.title[t.language],
        "policies": t("hinge.and").join(policy.title[t.language] for policy in comparison.policies),
        "years": str(comparison.years),
        "long_run": t("data.guide.long_run_years", **common),
        "sigma": t("data.guide.sigma_text"),
        "delta": t("data.guide.delta_sigma", **common),
        "confidence": t("data.guide.confidence_text", **common),
        "replicates": str(common["replicates"]),
        "seed": str(comparison.seed),
        "version": comparison.version,
        "inputs": comparison.inputs_sha256,
    }
    told |= {"synthetic": t("report.synthetic")} if comparison.synthetic else {}
    return [[t(f"data.guide.{name}"), words] for name, words in told.items()]


def readme(results: Results) -> str:
    """Return what the archive of CSV files is, in every language."""
    parts = []
    for language in ("zh", "en"):
        t = text(language)
        facts = wording.common(results.comparison, t) | {"place": results.comparison.title[language]}
        lines = [t(f"data.readme.{name}", **facts) for name in ("title", "text")]
        about = [f"{file}.csv  {t('data.about.' + _sheet_of(file))}" for file in TABLES]
        run = t("data.readme.run", **facts | {"scenario": results.comparison.scenario})
        parts.append("\n\n".join([*lines, "\n".join(about), run]))
    return "\n\n\n".join(parts) + "\n"


def _sheet_of(file: str) -> str:
    found = {table: sheet for sheet, table in SHEETS.items()}
    return found.get(file, file.replace("/", "_"))


def explanations(results: Results) -> dict[str, pd.DataFrame]:
    """Return the tables that explain the archive: columns, codes and policies, each in both languages."""
    policies = [{"policy": policy.name} | policy.title for policy in results.comparison.policies]
    return {
        "columns": pd.DataFrame(codebook.columns()),
        "codes": pd.DataFrame(codebook.codes()),
        "policies": pd.DataFrame(policies),
    }

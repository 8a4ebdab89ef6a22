"""Read a saved results directory, checked once here so that no figure has to doubt it."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from pydantic import ValidationError

from figures.cells import plain
from figures.kinds import need_comparison
from figures.problems import ResultsError
from figures.records import Bound, Comparison, Estimate, Policy, Ratio, Record, Title

__all__ = ["Bound", "Comparison", "Estimate", "Policy", "Ratio", "Record", "Results", "Title", "load", "with_score_sd"]

HORIZON = 3
"""Year at which the documents themselves look back."""
LATE_YEARS = 2
"""The last so many years are the long-run effect."""
CHANNELS = ("management", "teaching", "research", "culture", "platform")
SCHOOL_TEXT = ("id", "name", "level", "setting", "ownership", "role", "group", "zone", "opens")
SCHOOL_NAMES = ("name_en", "name_zh")
"""Columns of schools that results of earlier versions lack."""
SCHOOL_NUMBERS = ("x_km", "y_km", "pupils", "staff", "baseline_quality")
TIE_TEXT = ("source", "target", "layer")
TIE_NUMBERS = ("distance_km", *CHANNELS, "online")
CHANGES = ("d_quality", "low", "high")
MOVE_TEXT = ("policy", "person", "subject", "honour", "title", "from", "to", "cover")
Columns = tuple[tuple[str, ...], tuple[str, ...]]
Kind = TypeVar("Kind", bound=Record)
TABLES: dict[str, Columns] = {
    "effects": (("policy", "school"), ("quality", *CHANGES)),
    "groups": (("policy", "group"), CHANGES),
    "moves": (MOVE_TEXT, ("year", "share")),
    "network/groups": (("id", "name_en", "name_zh", "lead", "mode", "mode_en", "mode_zh"), ()),
}
"""Text and number columns of the tables that are read where they are there."""


def _empty() -> dict[str, pd.DataFrame]:
    return {name: pd.DataFrame(columns=[*words, *numbers]) for name, (words, numbers) in TABLES.items()}


@dataclass(frozen=True)
class Results:
    """A results directory in memory.

    Attributes
    ----------
    comparison
        Verdicts, effects and trajectories.
    schools
        One row per school, columns ``SCHOOL_TEXT`` and ``SCHOOL_NUMBERS`` (km, persons, σ), and ``SCHOOL_NAMES``.
    ties
        One row per tie, columns ``TIE_TEXT`` and ``TIE_NUMBERS`` (km, weights in [0, 1]).
    manifest
        The record of the run, as saved; empty where there is none.
    tables
        What became of each school and group under each policy, who moved, and who the groups are: ``TABLES`` by name,
        empty where absent.
    """

    comparison: Comparison
    schools: pd.DataFrame
    ties: pd.DataFrame
    manifest: dict[str, object]
    tables: dict[str, pd.DataFrame] = field(default_factory=_empty)

    def of(self, table: str, policy: Policy) -> pd.DataFrame:
        """Return a policy's rows of a table."""
        rows = self.tables[table]
        return rows[rows["policy"] == policy.name]


def load(directory: str | Path) -> Results:
    """Return the results saved in `directory`.

    Raises
    ------
    ResultsError
        If the directory holds no comparison, a file is absent, cannot be read or lacks a field, or a tie names an
        unknown school.
    """
    need_comparison(directory)
    folder = Path(directory)
    schools = table(folder / "network" / "schools.csv", SCHOOL_TEXT, SCHOOL_NUMBERS, SCHOOL_NAMES)
    ties = table(folder / "network" / "ties.csv", TIE_TEXT, TIE_NUMBERS)
    stray = sorted((set(ties["source"]) | set(ties["target"])) - set(schools["id"]))
    if stray:
        raise ResultsError("stray_tie", path=folder / "network" / "ties.csv", schools=", ".join(stray[:5]))
    there = {name: columns for name, columns in TABLES.items() if (folder / f"{name}.csv").exists()}
    tables = {name: table(folder / f"{name}.csv", *columns) for name, columns in there.items()}
    found = read_record(folder / "comparison.json", Comparison)
    return Results(found, schools, ties, _manifest(folder / "manifest.json"), _empty() | tables)


def with_score_sd(results: Results, score_sd: float | None) -> Results:
    """Return the results with the user's own standard deviation of marks, where one is given."""
    if score_sd is None:
        return results
    return replace(results, comparison=results.comparison.model_copy(update={"score_sd": score_sd}))


def read_record(path: Path, kind: type[Kind]) -> Kind:
    """Return what a JSON file holds.

    Raises
    ------
    ResultsError
        If it is absent or lacks a field.
    """
    try:
        return kind.model_validate_json(_read(path))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc'])) or 'JSON'}: {fault['msg']}" for fault in error.errors()]
        raise ResultsError("bad_file", path=path, fault="; ".join(faults[:5])) from error


def _manifest(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        manifest = json.loads(_read(path))
    except ValueError as error:
        raise ResultsError("bad_file", path=path, fault=error) from error
    if not isinstance(manifest, dict):
        raise ResultsError("bad_file", path=path, fault="not an object")
    return manifest


def table(path: Path, words: tuple[str, ...], numbers: tuple[str, ...], optional: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return columns of a saved table, texts as they are and numbers, all of them finite; `optional` texts if there.

    Raises
    ------
    ResultsError
        If the file is not there, cannot be read, or lacks a column.
    """
    _read(path)
    try:
        # Everything as text first: 00123 stays an id and NA stays a name.
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig").map(plain)
        missing = [column for column in (*words, *numbers) if column not in raw]
        if missing:
            raise ValueError(f"no column {', '.join(missing)}")
        typed = raw.astype(dict.fromkeys(numbers, float))
        if not np.isfinite(typed[list(numbers)].to_numpy()).all():
            raise ValueError("a number is not finite")
    except ValueError as error:
        raise ResultsError("bad_file", path=path, fault=error) from error
    return typed[[*words, *numbers, *(column for column in optional if column in typed)]]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ResultsError("missing_file", path=path) from error

"""What a run has found so far, and how far it is: values that a page can look at while the run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from app.version import version
from experiments.comparison import Comparison
from experiments.rows import Rows
from experiments.saved import effect_table, school_table, tie_table
from experiments.summary import document

Status = Literal["waiting", "running", "done", "cancelled", "busy", "failed"]
Stage = Literal["compare", "certainty", "explain", "files"]


@dataclass(frozen=True)
class Progress:
    """How far the present stage is: jobs done and wanted, seconds left, pairs of runs in the present look."""

    stage: Stage
    done: int = 0
    total: int | None = None
    left: float | None = None
    planned: int = 0


@dataclass(frozen=True)
class Found:
    """What is known so far.

    Attributes
    ----------
    document
        As comparison.json.
    effects, schools, ties
        As the tables that the command saves.
    pairs
        Pairs of runs it rests on.
    first, final
        Whether it comes before the first look, and whether all of it is computed.
    number
        Which one it is; a later one has a higher number.
    """

    document: Mapping[str, Any]
    effects: pd.DataFrame
    schools: pd.DataFrame
    ties: pd.DataFrame
    pairs: int
    first: bool
    final: bool
    number: int


def first_answer(comparison: Comparison, rows: list[Rows], directory: str, number: int) -> Found:
    """Return what the pairs say that are there before the first look: no verdict, and intervals that are wide."""
    early = copy(comparison)
    early.rows = [dict(row) for row in rows]
    return answer(early, directory, number, first=True)


def answer(comparison: Comparison, directory: str, number: int, *, first: bool = False, final: bool = False) -> Found:
    """Return what a comparison says after its last look."""
    return Found(
        document(comparison, version(), directory), effect_table(comparison), school_table(comparison),
        tie_table(comparison), len(comparison.rows), first, final, number,
    )  # fmt: skip

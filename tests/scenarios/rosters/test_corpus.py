"""Every broken roster of the corpus gets exactly the messages that it should, in code, place, value and remedy."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scenarios.rosters.problems import RosterProblem
from tests.scenarios.rosters.samples import ALWAYS, imported, save

CASES = tomllib.loads((Path(__file__).parent / "corpus.toml").read_text("utf-8"))
LONGEST = 8
QUIET = {
    "pupils_drawn", "posts_drawn", "posts_from_roster", "ownership_assumed", "teachers_drawn", "teacher_column_drawn",
    "quality_unknown", "places_drawn", "name_used_as_id", "table_empty", "teachers_taken_as",
    "school_unlisted", "schools_blank", "honour_blank", "honours_blank", "honours_of_listed",
}  # fmt: skip


def told(case: Mapping[str, Any], folder: Path) -> list[RosterProblem]:
    save(folder, case)
    _, found = imported(folder)
    quiet = ALWAYS | (set() if case.get("all") else QUIET)
    wanted = ("error", "warning", "note") if case.get("notes") else ("error", "warning")
    return [p for p in found if p.severity in wanted and p.code not in quiet]


def matches(problem: RosterProblem, line: str) -> bool:
    """Whether a problem is what a line of the corpus says."""
    code, file, rows, column, value, remedy = (line.split("|") + [""] * 6)[:6]
    place = problem.place
    return (
        (problem.code, place.file, place.column) == (code, file, column)
        and ",".join(map(str, problem.rows)) == rows
        and (value == "…" or problem.value[:LONGEST] == value[:LONGEST])
        and remedy in " ".join(problem.remedy.values())
    )


def test_the_corpus_is_large_enough() -> None:
    assert len(CASES) >= 100


@pytest.mark.parametrize("name", CASES)
def test_a_broken_roster_gets_exactly_these_messages(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    found = told(case, tmp_path)
    lines = case.get("told_only", case.get("told", []))
    unmet = [line for line in lines if not any(matches(problem, line) for problem in found)]
    assert unmet == [], [str(problem) for problem in found]
    if "told_only" not in case:
        assert len(found) == len(lines), [str(problem) for problem in found]

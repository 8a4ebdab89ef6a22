"""Problems and remarks about rosters put into words, for people who keep rosters."""

from collections.abc import Mapping, Sequence
from typing import Any

from figures.text import Text, text
from scenarios.rosters.problems import Place, RosterError, RosterProblem

ROWS_SHOWN = 6
LABELS: Mapping[str, str] = {
    "level": "level.",
    "other": "level.",
    "used": "roster.choice.subject.",
    "field": "roster.field.",
    "counted": "roster.choice.",
    "reason": "roster.reason.",
    "honour": "roster.choice.honour.",
}
LISTS = ("schools_blank", "honours_blank")
"""Problems of which the value lists schools."""


def refusal(error: RosterError, language: str) -> str:
    """Return that an import was refused, and everything that forbids it."""
    return "\n".join([text(language)("roster.refused", count=len(error.problems)), faults(error, language)])


def faults(error: RosterError, language: str) -> str:
    """Return what forbids an import, one line each, numbered; warnings after it."""
    t = text(language)
    lines = [
        t("roster.error", number=number, where=where(problem, t), what=what(problem, t))
        for number, problem in enumerate(error.problems, 1)
    ]
    if error.remarks:
        lines += [t("roster.warned", count=len(error.remarks)), *(remark(problem, t) for problem in error.remarks)]
    return "\n".join(lines)


def remark(problem: RosterProblem, t: Text) -> str:
    """Return a warning or note as one line."""
    return t(f"roster.{problem.severity}", where=where(problem, t), what=what(problem, t))


def what(problem: RosterProblem, t: Text) -> str:
    """Return what is wrong and what would be right, without the place."""
    values = dict(problem.remedy) | {"value": problem.value}
    for name, prefix in LABELS.items():
        if f"{prefix}{values.get(name)}" in t.entries:
            values[name] = t(f"{prefix}{values[name]}")
    for name in ("value", "other") if problem.code in ("missing_column", "half_a_place") else ():
        if f"roster.field.{values.get(name)}" in t.entries:
            values[name] = t(f"roster.field.{values[name]}")
    if "years" in problem.remedy:
        values["years"] = t("roster.years", years=values["years"]) if values["years"] != "1" else t("roster.one_year")
    if "counted" in problem.remedy or problem.code in LISTS:
        values["value"] = problem.value.replace(", ", t("phrase.comma"))
    if problem.code == "unknown_value":
        # Each choice is given as a word in Chinese and one in English.
        pairs = [choice.split(" ", 1) for choice in problem.remedy["allowed"].split(" / ")]
        values["allowed"] = " / ".join(pair[0 if t.language == "zh" else -1] for pair in pairs)
    for name in ("accepted", "expected") if t.language == "zh" else ():
        values |= {name: _in_chinese(values[name])} if name in values else {}
    return t(f"roster.problem.{problem.code}", **values)


def _in_chinese(headers: str) -> str:
    """Return headers to choose from, by field, without the English ones where there are Chinese ones beside them."""
    fields = [field.split(" / ") for field in headers.split("; ")]
    return "；".join(" / ".join([one for one in field if not one.isascii()] or field) for field in fields)


def where(problem: RosterProblem, t: Text) -> str:
    """Return file, sheet, rows and column, as far as there are any, ready to stand before a sentence."""
    place: Place = problem.place
    column = place.column
    column = t(f"roster.field.{column}") if f"roster.field.{column}" in t.entries else column
    parts = [place.file] if place.file else []
    parts += [t("roster.sheet", sheet=place.sheet)] if place.sheet else []
    parts += [_rows(problem, t)] if problem.rows else []
    parts += [t("roster.column", column=column)] if column else []
    return t("roster.separator").join(parts) + t("roster.end") if parts else ""


def _rows(problem: RosterProblem, t: Text) -> str:
    shown = t("phrase.comma").join(map(str, problem.rows[:ROWS_SHOWN]))
    if problem.count > ROWS_SHOWN:
        return t("roster.rows", rows=shown, count=problem.count)
    return t("roster.row" if len(problem.rows) == 1 else "roster.several", rows=shown)


def document(problems: Sequence[RosterProblem], language: str) -> list[dict[str, Any]]:
    """Return problems for programs, each with its sentence."""
    t = text(language)
    return [
        {
            "code": problem.code,
            "severity": problem.severity,
            "file": problem.place.file,
            "sheet": problem.place.sheet,
            "rows": list(problem.rows),
            "count": problem.count,
            "column": problem.place.column,
            "value": problem.value,
            "remedy": dict(problem.remedy),
            "message": what(problem, t),
        }
        for problem in problems
    ]

"""`import`: from rosters to a scenario and its cleaned tables; all or nothing."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import roster_wording as wording
from app.console import BadInputError
from experiments.files import prepare_directory, write_text_atomic
from figures.text import text
from scenarios.problems import shown
from scenarios.rosters.county import County, county_of
from scenarios.rosters.persons import masked
from scenarios.rosters.problems import Notes, RosterError, RosterProblem
from scenarios.rosters.sheets import rosters_in
from scenarios.rosters.write import Written, written

LONGEST_TITLE = 60


@dataclass(frozen=True)
class Imported:
    """An import that was done: the county, where its files are, and what is to be said about it."""

    county: County
    scenario: Path
    files: tuple[Path, ...]
    remarks: tuple[RosterProblem, ...]


def import_rosters(
    paths: Sequence[Path], out: Path, pseudonymise: bool = False, today: str | None = None, title: str = ""
) -> Imported:
    """Import rosters and write the scenario `out`, with its cleaned tables beside it.

    Parameters
    ----------
    paths
        Files, or folders of files.
    out
        The scenario to write.
    pseudonymise
        Whether codes stand for names and ids.
    today
        Day up to which service counts, as 2025-09-01; today if None.
    title
        What reports call the county; the name of `out` if empty.

    Raises
    ------
    RosterError
        With everything that is wrong with the rosters; nothing is written then.
    BadInputError
        If `out`, `today` or `title` cannot be used.
    """
    _refuse_numbers(out.name, title)
    if len(title) > LONGEST_TITLE or not title.isprintable():
        raise BadInputError("bad_title", value=shown(title), most=LONGEST_TITLE)
    if not re.fullmatch(r"[\w-]{1,80}\.toml", out.name):
        raise BadInputError("bad_out", value=out.name)
    day = _day(today)
    notes = Notes()
    county = county_of(_without_own(paths, out), notes, day, pseudonymise)
    found = written(county, out.stem, pseudonymise, title.strip())
    prepare_directory(out.parent)
    files = _write(found, out.parent)
    return Imported(county, out, files, notes.problems("warning") + notes.problems("note"))


def _refuse_numbers(*names: str) -> None:
    """Refuse names that hold the number of somebody's identity card or phone: every file and report would show it."""
    for name in names:
        if masked(name) != name:
            raise BadInputError("personal_number", value=shown(masked(name)))


def _day(today: str | None) -> datetime.date:
    if today is None:
        return datetime.date.today()
    try:
        return datetime.date.fromisoformat(today)
    except ValueError:
        raise BadInputError("bad_today", value=today) from None


def _without_own(paths: Sequence[Path], out: Path) -> list[Path]:
    """Return the files to read; in a folder where this import wrote before, what it wrote is left out."""
    own = {f"{out.stem}.{table}.csv" for table in ("schools", "teachers", "ties", "key")}
    files: list[Path] = []
    for path in paths:
        inside = rosters_in(path)
        others = [file for file in inside if file.name not in own]
        files += others if path.is_dir() and others else inside
    return files or list(paths)


def _write(found: Written, folder: Path) -> tuple[Path, ...]:
    """Write all files, the scenario last, so that it never refers to a table that is not there."""
    order = sorted(found.files, key=lambda name: (name == found.scenario, name))
    for name in order:
        write_text_atomic(folder / name, found.files[name])
    return tuple(folder / name for name in order)


def document(done: Imported, language: str) -> dict[str, Any]:
    """Return what was imported, for programs."""
    county = done.county
    remarks = wording.document(done.remarks, language)
    return {
        "imported": True,
        "scenario": str(done.scenario),
        "files": [str(path) for path in done.files],
        "synthetic": county.synthetic,
        "schools": len(county.schools),
        "groups": len({school.group for school in county.schools} - {""}),
        "pupils": sum(size.pupils for size in county.sizes.values()),
        "posts": sum(size.posts for size in county.sizes.values()),
        "teachers_listed": sum(map(len, county.teachers.values())),
        "warnings": [remark for remark in remarks if remark["severity"] == "warning"],
        "notes": [remark for remark in remarks if remark["severity"] == "note"],
    }


def refused(error: RosterError, language: str) -> dict[str, Any]:
    """Return what forbids an import, for programs."""
    return {
        "imported": False,
        "errors": wording.document(error.problems, language),
        "warnings": wording.document(error.remarks, language),
    }


def summary(done: Imported, language: str) -> str:
    """Return what was read, what is to be noticed, what was drawn, and what to do next."""
    t, found = text(language), document(done, language)
    counts: dict[str, int] = {}
    for school in done.county.schools:
        counts[school.level or ""] = counts.get(school.level or "", 0) + 1
    levels = t("phrase.comma").join(f"{t(f'level.{level}')} {count}" for level, count in counts.items())
    numbers = {name: found[name] for name in ("schools", "groups", "pupils", "posts")}
    listed = found["teachers_listed"]
    lines = [t("roster.done", name=done.scenario.stem, levels=levels, **numbers)]
    lines.append(
        t("roster.done_teachers", listed=listed, drawn=found["posts"] - listed)
        if listed
        else t("roster.done_no_teachers")
    )
    lines += ["", *(wording.remark(problem, t) for problem in done.remarks)] if done.remarks else []
    lines += ["", t("roster.files"), *(f"  {path}" for path in done.files)]
    lines += [t("roster.next", path=done.scenario)] if found["groups"] else []
    return "\n".join(lines)

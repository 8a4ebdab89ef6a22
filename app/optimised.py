"""What an optimisation found, as plain values and as a table: all candidates, and the front tried anew."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from experiments.design import POLICY
from experiments.optimisation import Optimisation, Tried
from experiments.studies import Situation
from scenarios import reader
from scenarios.cells import marked
from scenarios.reader import Choice


def found(search: Optimisation, situation: Situation, enumerated: bool) -> dict[str, Any]:
    """Return the candidates, the front tried anew, and how it differs from the front at the declared numbers."""
    robust, usual = search.front(), search.front("usual")
    ids = {codes: number for number, codes in enumerate(search.tried, 1)}
    marks = {"on_front": {one.codes for one in robust}, "on_front_at_defaults": {one.codes for one in usual}}
    candidates = [
        _candidate(one, ids[one.codes], search) | {name: one.codes in some for name, some in marks.items()}
        for one in search.tried.values()
    ]
    scenario, anew, confirmed = situation.scenario_at({}), search.members(), search.confirmed()
    against = situation.options.control or scenario.control_name
    members = [
        {"candidate": ids[one.tried.codes]}
        | _named(one.tried, search)
        | {"title": reader.title_of(scenario, _choice(one.tried, search), against)}
        | one.document(search.question)
        for one in confirmed
    ]
    return {
        "search": _searched(search, enumerated),
        "front": members,
        "left_out": len(robust) - len(anew),
        "failed_anew": len(anew) - len(confirmed),
        "at_defaults": {"size": len(usual), "shared": len(marks["on_front"] & marks["on_front_at_defaults"])},
        "candidates": candidates,
    }


def _searched(search: Optimisation, enumerated: bool) -> dict[str, Any]:
    tried, judge = list(search.tried.values()), search.question.judge
    keeping = [one for one in tried if judge.lacking([one.robust])[0] == 0.0]
    told = {
        "kind": "enumeration" if enumerated else "nsga2",
        "candidates": len(tried),
        "keeping": len(keeping),
        "failed": len(search.failed),
    }
    if enumerated:
        return told
    from experiments.evolution import hypervolumes

    volumes = hypervolumes(judge.gains([one.robust for one in keeping]), [one.generation for one in keeping])
    return told | {"population": search.effort.population, "hypervolume": volumes}


def _choice(one: Tried, search: Optimisation) -> Choice:
    values = search.question.space.values(one.codes)
    return Choice(*(str(values[kind]) for kind in POLICY))


def _named(one: Tried, search: Optimisation) -> dict[str, Any]:
    """Return the names of a candidate's policies and the levers that count for it."""
    values = search.question.space.values(one.codes)
    levers = {path: value for path, value in values.items() if path not in POLICY}
    return {kind: str(values[kind]) for kind in POLICY} | {"levers": levers}


def _candidate(one: Tried, number: int, search: Optimisation) -> dict[str, Any]:
    kept = bool(search.question.judge.lacking([one.robust])[0] == 0.0)
    numbers = {"generation": one.generation, "usual": one.usual, "robust": one.robust, "keeps_peak": kept}
    return {"candidate": number} | _named(one, search) | numbers


def table(document: Mapping[str, Any]) -> str:
    """Return all candidates as CSV, the members of the front with where they stand when tried anew."""
    status = {member["candidate"]: member["status"] for member in document["front"]}
    rows = [_row(one, status.get(one["candidate"], ""), document["factors"]) for one in document["candidates"]]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else ["candidate"], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: marked(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _row(one: Mapping[str, Any], status: str, factors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    levers = {f["name"]: one["levers"].get(f["name"]) for f in factors if f["name"] not in POLICY}
    numbers = {
        f"{name}{end}": one[which][name] for which, end in (("usual", ""), ("robust", "_robust")) for name in one[which]
    }
    flags = {name: one[name] for name in ("generation", "keeps_peak", "on_front", "on_front_at_defaults")}
    return (
        {"candidate": one["candidate"]}
        | {kind: one[kind] for kind in POLICY}
        | levers
        | numbers
        | flags
        | {"status": status}
    )

"""What a claim's runs say, as one plain document: verdict, contrasts, borders, hinges and what the figure shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from experiments.certainty import hinges_of
from experiments.claim import CONTROL, LAYER, POLICY, SCENARIO, Cell, Claim, applied, values_of
from experiments.claim_runs import Floats, Trial, Values, combined, pairs
from experiments.claim_schema import ContrastTable
from experiments.comparison import Arm
from experiments.contrasts import (
    LEVEL,
    Judged,
    crossings,
    distance,
    estimate,
    judge,
    nearest_crossings,
    reasons,
    together,
    verdict,
)
from experiments.design import POLICY as KINDS
from experiments.store import Ledger
from experiments.sweep import Sweep
from scenarios.reach import Reach, reach_in

NAMES = (*KINDS, CONTROL, SCENARIO)
"""Paths that name what is compared with what, and where."""
MOST_HINGES = 2
TENTHS = (10.0, 50.0, 90.0)


class Found(NamedTuple):
    """What was measured: at the declared values, and in each draw, there with the chance of its seeds taken off."""

    declared: Values
    draws: list[Values]


class Seen(NamedTuple):
    """A contrast with what it says at each value of its lever, and which of them are judged."""

    table: ContrastTable
    places: list[Any]
    all: list[Judged]
    judged: list[Judged]
    cells: list[Cell]


def _difference(trial: Trial, table: ContrastTable, values: Values, one: Cell, other: Cell | None) -> Floats:
    read = combined(trial.claim, table.outcome)
    return read(values, one) if other is None else read(values, one) - read(values, other)


def _by_draw(trial: Trial, table: ContrastTable, found: Found, pair: tuple[Cell, Cell | None]) -> Floats:
    """Return a contrast in each draw, (parts, draws), less what these few seeds do at the declared values."""
    usual = _difference(trial, table, found.declared, *pair)
    parts = len(usual)
    if not found.draws:
        return np.zeros((parts, 0))
    few = np.array([_difference(trial, table, values, *pair) for values in found.draws])
    chance = usual[:, : few.shape[2]].mean(axis=1) - usual.mean(axis=1)
    return np.asarray(few.mean(axis=2).T - chance[:, None])


def see(trial: Trial, table: ContrastTable, found: Found) -> Seen:
    """Judge a contrast at every value of its lever."""
    claim, two = trial.claim, pairs(trial.claim, table.along, table.of, table.against)
    places: list[Any] = [None] if table.along is None else list(claim.values(table.along))
    # Where one of several is enough, each gets its part of the error.
    error = (1.0 - LEVEL) / (len(two) if table.some else 1)
    all_ = [
        judge(
            _difference(trial, table, found.declared, *pair), _by_draw(trial, table, found, pair), table.direction,
            table.margin, claim.table.agree, error,
        )
        for pair in two
    ]  # fmt: skip
    named = table.of.get(table.along or "")
    judged = [one for place, one in zip(places, all_, strict=True) if named is None or place == named]
    cells = [cell for pair in two for cell in pair if cell is not None]
    return Seen(table, places, all_, judged, cells)


def depth(seen: Seen) -> Floats:
    """Return how far a contrast is from turning, by draw: its worst judged cell, or its best where one is enough."""
    sides = np.array([one.draws for one in seen.judged])
    return np.asarray(sides.max(axis=0) if seen.table.some else sides.min(axis=0))


def candidates(trial: Trial, seen: Seen) -> list[tuple[str, float]]:
    """Return the suspects whose ranks go with the advantage beyond chance, at most two; none where all draws agree."""
    if all(one.share in (None, 0.0, 1.0) for one in seen.judged):
        return []
    suspects = trial.claim.table.uncertainties.suspects or list(trial.ranges)
    draws = [{path: draw[path] for path in suspects if path in draw} for draw in trial.draws]
    return hinges_of(draws, depth(seen))[:MOST_HINGES] if draws[0] else []


def hinge(  # noqa: PLR0913 - what a hinge is found from
    trial: Trial, seen: Seen, path: str, found: Found, values: Sequence[float], alone: Sequence[Values]
) -> dict[str, Any]:
    """Return where along one number, all else as declared, a contrast turns."""
    there = see(trial, seen.table, Found(found.declared, list(alone)))
    low, default, high = trial.ranges[path]
    now = max if seen.table.some else min
    usual = now(one.advantage.mean for one in seen.judged)
    points = sorted([*zip(values, depth(there).tolist(), strict=True), (default, usual)])
    below, above = nearest_crossings([x for x, _ in points], [y for _, y in points], default)
    ends = {"low": low, "default": default, "high": high}
    sides = {"at_low": points[0][1], "at_default": usual, "at_high": points[-1][1]}
    said = trial.setting.said(values_of(trial.claim, seen.cells[0]), path)
    return {"path": path} | said | ends | sides | {"below": below, "above": above}


def _border(seen: Seen) -> dict[str, Any] | None:
    """Return where along a numeric lever the answer turns, and over draws the tenth, half and nine tenths of it."""
    places = [place for place in seen.places if isinstance(place, int | float)]
    if seen.table.along is None or len(places) < max(2, len(seen.places)):
        return None
    own = crossings(places, [one.advantage.mean for one in seen.all])
    by_draw = np.array([one.draws for one in seen.all]).T
    turned = [found for sides in by_draw.tolist() if (found := crossings(places, sides))]
    ends = np.percentile([found[0] for found in turned], TENTHS).tolist() if turned else [None] * len(TENTHS)
    return {
        "lever": seen.table.along,
        "values": own,
        "draws": dict(zip(("low", "middle", "high"), ends, strict=True)),
        "share": len(turned) / len(by_draw) if len(by_draw) else None,
    }


def _judged(claim: Claim, seen: Seen, place: Any, one: Judged) -> dict[str, Any]:  # noqa: ANN401
    spread = np.percentile(one.drawn, TENTHS).tolist() if len(one.drawn) else [None] * len(TENTHS)
    return {
        "at": place,
        "label": None if seen.table.along is None else claim.title(seen.table.along, place),
        "value": one.value._asdict(),
        "advantage": one.advantage._asdict(),
        "draws": dict(zip(("low", "middle", "high"), spread, strict=True)),
        "share": one.share,
        "answer": one.answer,
        "judged": any(one is other for other in seen.judged),
    }


def contrast_document(claim: Claim, seen: Seen, hinges: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a contrast with its verdict, what it depends on, and its border and hinges."""
    table, outcome = seen.table, claim.table.outcomes[seen.table.outcome]
    said = verdict([one.answer for one in seen.judged], table.some)
    return {
        "title": table.title.both(),
        "outcome": {"title": outcome.title.both(), "unit": outcome.unit.both()},
        "direction": table.direction,
        "margin": table.margin,
        "beside": table.beside,
        "some": table.some,
        "along": _lever(claim, table.along),
        "verdict": said,
        "depends_on": reasons(seen.judged, claim.table.agree) if said == "depends" else [],
        "cells": [_judged(claim, seen, place, one) for place, one in zip(seen.places, seen.all, strict=True)],
        "border": _border(seen),
        "hinges": list(hinges),
    }


def _lever(claim: Claim, name: str | None) -> dict[str, Any] | None:
    if name is None:
        return None
    if name == POLICY:
        return {"name": name, "title": {"en": "Policy", "zh": "政策"}, "unit": None}
    table = claim.table.levers[name]
    return {"name": name, "title": table.title.both(), "unit": None if table.unit is None else table.unit.both()}


def series(trial: Trial, found: Found, declared: Sweep, ledger: Ledger) -> dict[str, Any]:
    """Return what the figure shows beside the contrasts: lines along a lever or by year."""
    figure, claim = trial.claim.table.figure, trial.claim
    if figure.kind == "contrasts":
        return {"kind": figure.kind}
    assert figure.outcome is not None  # checked when the claim was read
    outcome = claim.table.outcomes[figure.outcome]
    words = {"outcome": {"title": outcome.title.both(), "unit": outcome.unit.both()}}
    lines = figure.lines or [{}]
    if figure.kind == "years":
        (((measure, _),),) = claim.measures(figure.outcome)
        drawn = [_years(trial, declared, ledger, line, measure) for line in lines]
        return {"kind": figure.kind, "lever": None, "ticks": None, "lines": drawn} | words
    assert figure.lever is not None
    values = claim.values(figure.lever)
    named = not all(isinstance(value, int | float) for value in values)
    ticks = [claim.title(figure.lever, value) for value in values] if named else None
    drawn = [_along(trial, found, line, figure.lever, named) for line in lines]
    return {"kind": figure.kind, "lever": _lever(claim, figure.lever), "ticks": ticks, "lines": drawn} | words


def _label(claim: Claim, line: Mapping[str, Any]) -> dict[str, str]:
    titles = [claim.title(lever, value) for lever, value in line.items()]
    units = [claim.table.levers[lever].unit if lever in claim.table.levers else None for lever in line]
    return {
        language: ", ".join(
            title[language] + (f" {unit.both()[language]}" if unit else "")
            for title, unit in zip(titles, units, strict=True)
        )
        for language in ("en", "zh")
    }


def _along(trial: Trial, found: Found, line: Mapping[str, Any], lever: str, named: bool) -> dict[str, Any]:
    claim, outcome = trial.claim, trial.claim.table.figure.outcome
    assert outcome is not None
    cells = [claim.cell({**line, lever: value}) for value in claim.values(lever)]
    bare = ContrastTable.model_validate({"title": "–", "outcome": outcome, "margin": 0.0})
    values = [estimate(combined(claim, outcome)(found.declared, cell)[0], 1.0 - LEVEL) for cell in cells]
    draws = [distance(_by_draw(trial, bare, found, (cell, None))[0], "above", 0.0) for cell in cells]
    spread = [np.percentile(one, TENTHS).tolist() if len(one) else [None] * len(TENTHS) for one in draws]
    return {
        "label": _label(claim, line),
        "x": list(range(len(cells))) if named else list(claim.values(lever)),
        **{end: [getattr(value, end) for value in values] for end in ("mean", "low", "high")},
        "draws_low": [ends[0] for ends in spread],
        "draws_high": [ends[2] for ends in spread],
    }


def _years(trial: Trial, declared: Sweep, ledger: Ledger, line: Mapping[str, Any], measure: str) -> dict[str, Any]:
    table = trial.by_year(declared, ledger, trial.claim.cell(line), measure)
    values = [estimate(column, 1.0 - LEVEL) for column in table.T]
    return {
        "label": _label(trial.claim, line),
        "x": list(range(1, len(values) + 1)),
        **{end: [getattr(value, end) for value in values] for end in ("mean", "low", "high")},
        "draws_low": [None] * len(values),
        "draws_high": [None] * len(values),
    }


def _moves(trial: Trial) -> list[dict[str, Any]]:
    """Return every path that the claim sets, with what it moves where the policies are as at the first values."""
    claim, found = trial.claim, dict[str, list[tuple[Arm, Arm]]]()
    for policy in claim.values(POLICY):
        values = values_of(claim, claim.cell({POLICY: policy}))
        study = trial.setting.study(values)
        for path in applied(values):
            found.setdefault(path, []).append((study.arms[0], study.control))
    numbers = {path: pairs for path, pairs in found.items() if path not in NAMES and not path.startswith(LAYER)}
    return [{"name": path, "moves": _reach(pairs, path)} for path, pairs in numbers.items()]


def _reach(pairs: Sequence[tuple[Arm, Arm]], path: str) -> Reach:
    """Return what a path moves in any of the comparisons that set it."""
    found = {reach_in([(arm.policy, arm.support)], control.policy, path) for arm, control in pairs}
    there, before = found & {"policies", "both"}, found & {"control", "both"}
    return "both" if there and before else "policies" if there else "control" if before else "nothing"


def claim_document(trial: Trial, contrasts: Sequence[Mapping[str, Any]], drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole finding, but for where and with which version it was made."""
    claim, budget = trial.claim, trial.budget
    table, scenario = claim.table, trial.setting.situation({})[0].scenario_at({})
    deciding = [one for one in contrasts if not one["beside"]]
    return {
        "format": 1,
        "claim": claim.name,
        "title": table.title.both(),
        "kind": table.kind,
        "documents": list(table.documents),
        "quotations": [quoted.model_dump() for quoted in table.quotations],
        "presumed": [one.model_dump() for one in table.presumed],
        "note": None if table.note is None else table.note.both(),
        "scenario": scenario.name,
        "scenario_title": dict(scenario.title),
        "synthetic": scenario.synthetic,
        "control": trial.setting.options.control or scenario.control_name,
        "seed": trial.seed,
        "years": table.years,
        "replicates": budget.replicates,
        "draws": budget.draws,
        "draw_replicates": budget.draw_replicates,
        "level": LEVEL,
        "agree": table.agree,
        "verdict": together([one["verdict"] for one in deciding]),
        "contrasts": list(contrasts),
        "moves": _moves(trial),
        "figure": dict(drawn),
    }

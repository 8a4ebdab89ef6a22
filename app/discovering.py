"""`discover`: where it dilutes, from a saved sweep or a scenario; and the border of a verdict over two levers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.console import BadInputError, Language
from app.sweeping import Wish, document_of, inputs_of, situation_of, swept
from app.varying import choices_of, declared, factors_of
from app.version import version
from app.work import Work, command
from experiments import discovery, sampling, sweep_files
from experiments.border import COARSE, Border, raster, shares
from experiments.candidates import undecided
from experiments.comparison import D_EFFECTS, content_hash
from experiments.design import Design, Factor, from_shares
from experiments.factors import uncertain_factors
from experiments.files import write_json_atomic
from experiments.points import Row, point_row, run_rows
from experiments.results import Manifest, inputs_sha256
from experiments.studies import Situation
from experiments.sweep import Sweep, paired
from model.compilation import source_hash

NAME, PHASE = "discovery.json", "phase.json"
LEVERS = 2
LEAST_BUDGET, MOST_BUDGET = 25, 20_000


@dataclass(frozen=True)
class Search(Wish):
    """What the reader asked for beyond a sweep."""

    of: Sequence[str]
    parameters: Sequence[str]
    phase: Sequence[str]
    budget: int
    boxes: int
    step: int | None


def discover(search: Search, out: Path | None, figures: bool) -> dict[str, Any]:
    """Find boxes and a tree in a saved sweep, run one first where a scenario is named, or draw a border.

    Raises
    ------
    BadInputError, ScenarioError, DesignError, ResultsError
        If an option makes no sense, a name is unknown, or there is nothing to find.
    """
    if search.phase:
        return _phase(search, out, figures)
    directory = Path(search.scenario)
    if not directory.is_dir():
        directory = Path(_explored(search, out)["results_dir"])
    points = discovery.read(directory)
    kept = ("scenario", "title", "synthetic", "policy", "control", "delta", "seed", "years", "replicates", "labels")
    told = {name: points.document[name] for name in kept} | {"points": len(points.codes), "version": version()}
    found = told | discovery.discovered(points, search.of, search.boxes, search.step)
    write_json_atomic(directory / NAME, found)
    if figures:
        from figures.build import build_all

        build_all(directory)
    return found | {"results_dir": str(directory)}


def _explored(search: Search, out: Path | None) -> dict[str, Any]:
    """Run a Latin hypercube over everything uncertain and the levers given."""
    situation, scenario = situation_of(search)
    levers = declared(factors_of(search.vary)[0], situation)
    choices = list(choices_of(situation.choice, {}, levers))
    patterns = [] if list(search.parameters) == ["none"] else list(search.parameters) or ["*"]
    kind = situation.options.control or scenario.control_name
    uncertain = uncertain_factors(situation.scenario_at({}), choices, patterns, kind) if patterns else []
    factors = [*levers, *undecided(uncertain, [factor.name for factor in levers])]
    design = sampling.lhs(factors, search.samples, search.seed)
    return swept(search, (situation, scenario, design), out, False, whole=True)


def _phase(search: Search, out: Path | None, figures: bool) -> dict[str, Any]:
    situation, scenario = situation_of(search)
    typed, _ = factors_of(search.phase)
    levers = declared(typed, situation)
    if len(levers) != LEVERS or any(lever.values for lever in levers):
        raise BadInputError("bad_phase")
    if not LEAST_BUDGET <= search.budget <= MOST_BUDGET:
        raise BadInputError("bad_budget", value=search.budget, least=LEAST_BUDGET, most=MOST_BUDGET)
    corners = from_shares("phase", levers, np.array([[0.0, 0.0], [1.0, 1.0]]), search.seed, {"budget": search.budget})
    inputs, told = inputs_of(situation, scenario), document_of(search, situation, scenario, corners)
    name = f"phase-{scenario.name}-{content_hash(inputs_sha256(inputs), repr(told))[:8]}"
    directory = out or Path("results") / name
    manifest = Manifest(inputs, {"study": search.seed}, source_hash(), command=command())
    border, rows = Border(search.budget), dict[tuple[int, int], Row]()
    with Work.open(directory, manifest, search.where, resume=search.resume) as work:
        for design, places in _rounds(border, levers, search):
            found = _round(work, search, situation, design)
            rows |= dict(zip(places, found, strict=True))
            border.learn({place: row["region"] or "" for place, row in zip(places, found, strict=True)})
        drawn = _bordered(rows, search)
        document = told | drawn | {"absence": absent(border, drawn["plane"]), "results_dir": str(directory)}
        write_json_atomic(directory / PHASE, document)
    if figures:
        from figures.build import build_all

        build_all(directory)
    return document


def _rounds(border: Border, levers: Sequence[Factor], search: Search) -> Iterator[tuple[Design, list[tuple[int, int]]]]:
    while places := border.wanted():
        yield from_shares("phase", levers, shares(places), search.seed, {"budget": search.budget}), places


def _round(work: Work, search: Search, situation: Situation, design: Design) -> list[Row]:
    sweep = Sweep(design, paired(situation.study), search.replicates, independent=search.independent, whole=True)
    work.sweep("phase", sweep)
    rows = run_rows(sweep, work.results.ledger, sweep_files.measure([]))
    return [point_row(runs, design.names, D_EFFECTS, search.delta) for runs in rows]


def _bordered(rows: Mapping[tuple[int, int], Row], search: Search) -> dict[str, Any]:
    """Return the points, and the verdict over the plane, where every point has one."""
    whole = {place: row for place, row in rows.items() if row["region"]}
    effects = np.array([[row[name] for name in D_EFFECTS] for row in whole.values()], dtype=np.float64)
    plane = raster(shares(list(whole)), effects, search.delta) if len(whole) == len(rows) else []
    return {"points": list(rows.values()), "plane": plane, "failed": len(rows) - len(whole)}


def absent(border: Border, plane: Sequence[Sequence[str]]) -> dict[str, Any] | None:
    """Return why there is no border, or none that is as fine as it gets; None where there is, or no plane."""
    points, verdicts = len(border.known), {verdict for row in plane for verdict in row}
    if not verdicts:
        return None
    if len(verdicts) == 1:
        side = 2 * COARSE + 1
        told = {"code": "no_border", "points": points, "step": 1.0 / COARSE, "steps": side, "needed": side**2}
        return told | {"remedy": f"yangfeng sweep, {side} steps a lever"}
    if (rest := border.unfinished()) is None:
        return None
    told = {"code": "too_few_points", "points": points, "step": rest[0], "needed": rest[1]}
    return told | {"remedy": f"--budget {rest[1]}"}


def summary(found: dict[str, Any], language: Language, figures: bool) -> str:
    """Return what the terminal shows."""
    from app.findings import discovery_text, phase_text

    return (phase_text if "plane" in found else discovery_text)(found, language.value, figures)

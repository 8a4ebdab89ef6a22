"""`sensitivity`: what the effects of a policy depend on, from everything uncertain in it to indices and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from app.console import BadInputError, Language
from app.sweeping import MOST_REPLICATES, Wish, document_of, inputs_of, situation_of
from app.varying import choices_of, declared, factors_of, moving
from app.work import Work, command
from experiments import outcomes, sampling, sweep_files
from experiments.candidates import undecided
from experiments.comparison import content_hash
from experiments.design import Design, DesignError, Factor, Floats, Value
from experiments.factors import GROUPINGS, grouped, is_in_product, members, uncertain_factors
from experiments.files import prepare_directory, write_json_atomic
from experiments.methods import METHODS, check
from experiments.noise import replicates_for
from experiments.points import run_rows
from experiments.responses import OF_POINTS, USUAL, needed, response
from experiments.results import Manifest, inputs_sha256
from experiments.sensitivity import ALL_METHODS, LEADING, OAT, analysed
from experiments.studies import Situation
from experiments.sweep import Sweep, paired
from model.compilation import source_hash
from scenarios.reader import Choice

AUTO = 0
"""Replicates to be found by a pilot."""
PILOT_POINTS, PILOT_REPLICATES = 32, 4
LEAST_AUTO, MOST_AUTO = 3, 32
MOST_LEVELS = 16
Levels = list[tuple[dict[str, Value], Design]]


@dataclass(frozen=True)
class Question(Wish):
    """What the reader asked for beyond a sweep: `design` is the method, `replicates` may be `AUTO`."""

    parameters: Sequence[str]
    groups: str | None
    precision: float
    second_order: bool


def sensitivity(wish: Question, out: Path | None, figures: bool) -> dict[str, Any]:
    """Run the method's design into a results directory and return what was found.

    Raises
    ------
    BadInputError, ScenarioError, DesignError
        If an option makes no sense, a name is unknown, or no outcome could be analysed.
    """
    _check(wish)
    situation, scenario = situation_of(wish)
    wanted = list(wish.outcomes) or list(USUAL)
    outcomes.check(needed(wanted), situation.options.years or scenario.run.years)
    levels = levels_of(wish, situation)
    inputs = inputs_of(situation, scenario)
    told = document_of(wish, situation, scenario, levels[0][1]) | {"method": wish.design, "outcomes": wanted}
    told["moves"] = moving([design for _, design in levels], situation, scenario)
    name = f"sensitivity-{scenario.name}-{content_hash(inputs_sha256(inputs), repr(told), len(levels))[:8]}"
    directory = out or Path("results") / name
    manifest = Manifest(inputs, {"study": wish.seed}, source_hash(), command=command())
    found: dict[str, Any] = {}
    with Work.open(directory, manifest, wish.where, resume=wish.resume) as work:
        for level, design in levels:
            found |= _level(work, wish, (situation, level, design), wanted)
    left = [f.name for f in _uncertain(wish, situation, [situation.choice]) if not _is_taken(f, wish)]
    document = told | _summary(wish, levels, found) | {"left_out": left} | {"results_dir": str(directory)}
    write_json_atomic(directory / f"sensitivity_{wish.design}.json", document)
    if figures:
        from figures.build import build_all

        build_all(directory)
    if not document["outcomes"]:
        first = next(iter(document["refused"].values()))
        raise DesignError(first["code"], first["where"], first["remedy"], **first["values"])
    return document


def parts(*texts: str) -> list[str]:
    """Return what stands between commas."""
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]


def counted(text: str) -> int:
    """Return a number of replicates, `AUTO` for ``auto``.

    Raises
    ------
    BadInputError
        If it is neither.
    """
    if text == "auto":
        return AUTO
    if not text.isdecimal() or not 1 <= int(text) <= MOST_REPLICATES:
        raise BadInputError("bad_replicates", value=text, least=1, most=MOST_REPLICATES)
    return int(text)


def _check(wish: Question) -> None:
    if wish.design not in ALL_METHODS:
        raise BadInputError("bad_method", value=wish.design, allowed=", ".join(ALL_METHODS))
    if wish.groups not in (None, *GROUPINGS):
        raise BadInputError("bad_groups", value=wish.groups, allowed=", ".join(GROUPINGS))
    if wish.groups not in (None, "none") and not (wish.design in METHODS and METHODS[wish.design].groups):
        allowed = ", ".join(name for name, method in METHODS.items() if method.groups)
        raise BadInputError("no_groups", value=wish.design, allowed=allowed)
    if not 0.0 < wish.precision < 1.0:
        raise BadInputError("bad_precision", value=wish.precision)


def levels_of(wish: Question, situation: Situation) -> Levels:
    """Return the designs: one; or where a method cannot take values without order as a factor, one for each of them."""
    typed, _ = factors_of(wish.vary)
    levers = declared(typed, situation)
    listed = [f for f in levers if f.values and not _takes_lists(wish.design)]
    combinations = list(product(*(factor.values for factor in listed)))
    if len(combinations) > MOST_LEVELS:
        raise BadInputError("too_many_levels", value=len(combinations), most=MOST_LEVELS, method=wish.design)
    names = [factor.name for factor in listed]
    found = [dict(zip(names, values, strict=True)) for values in combinations]
    rest = [factor for factor in levers if factor.name not in names]
    return [(level, _design(wish, situation, level, rest)) for level in found]


def _takes_lists(method: str) -> bool:
    return method == OAT or METHODS[method].listed


def _design(wish: Question, situation: Situation, level: Mapping[str, Value], levers: Sequence[Factor]) -> Design:
    choices = list(choices_of(situation.choice, level, levers))
    uncertain = [factor for factor in _uncertain(wish, situation, choices) if _is_taken(factor, wish)]
    factors = [*levers, *undecided(uncertain, [*(factor.name for factor in levers), *level])]
    method = METHODS.get(wish.design)
    grouping = wish.groups or ("product" if method is not None and method.groups else "none")
    return replace(_drawn(wish, grouped(factors, grouping)), constants=dict(level))


def _drawn(wish: Question, factors: Sequence[Factor]) -> Design:
    method = METHODS.get(wish.design)
    if method is None:
        return sampling.one_at_a_time(factors, wish.samples or sampling.STEPS)
    samples = wish.samples or method.samples
    check(wish.design, factors, samples)
    if wish.design == "sobol":
        return sampling.sobol(factors, samples, wish.seed, wish.second_order)
    return method.draw(factors, samples, wish.seed)


def _uncertain(wish: Question, situation: Situation, choices: Sequence[Choice]) -> list[Factor]:
    """Return what is uncertain and asked for."""
    patterns = [] if list(wish.parameters) == ["none"] else list(wish.parameters) or ["*"]
    scenario = situation.scenario_at({})
    kind = situation.options.control or scenario.control_name
    return uncertain_factors(scenario, choices, patterns, kind) if patterns else []


def _is_taken(factor: Factor, wish: Question) -> bool:
    """Whether a method can take a factor; one that is asked for by its name is not passed over but refused."""
    return not factor.whole or factor.name in wish.parameters or wish.design == OAT or METHODS[wish.design].whole


def _level(
    work: Work, wish: Question, where: tuple[Situation, Mapping[str, Value], Design], wanted: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Run one design and return outcome → its sensitivity, or why there is none."""
    situation, level, design = where
    count = wish.replicates or _replicates(work, wish, situation, design, wanted)
    sweep = Sweep(design, paired(situation.study), count, independent=wish.independent, whole=True)
    mark = ", ".join(f"{name}={value}" for name, value in level.items())
    folder = work.results.directory / "points" / (content_hash(mark)[:8] if mark else wish.design)
    prepare_directory(folder)
    names = [name for name in wanted if name not in OF_POINTS]
    work.sweep(
        mark or wish.design, sweep, lambda: sweep_files.write(sweep, work.results.ledger, folder, names, wish.delta)
    )
    rows = list(run_rows(sweep, work.results.ledger, sweep_files.measure(needed(wanted))))
    head = {"level": dict(level), "samples": design.options.get("samples", len(design))}
    found = {}
    for name in wanted:
        entry = _analysed(design, wish, lambda name=name: response(rows, name, wish.delta))
        found[f"{name} [{mark}]" if mark else name] = {"outcome": name} | head | entry
    return found


def _analysed(design: Design, wish: Question, values: Any) -> dict[str, Any]:  # noqa: ANN401 - a function without arguments
    try:
        return analysed(design, wish.design, values(), independent=wish.independent, precision=wish.precision)
    except DesignError as error:
        return {"refused": {"code": error.code, "where": error.where, "remedy": error.remedy, "values": error.values}}


def _replicates(work: Work, wish: Question, situation: Situation, design: Design, wanted: Sequence[str]) -> int:
    """Return how many replicates keep the share of variance due to seeds small for every outcome, by a pilot."""
    rows = np.unique(np.linspace(0, len(design) - 1, PILOT_POINTS).astype(int))
    shares = None if design.shares is None else design.shares[rows]
    some = replace(design, codes=design.codes[rows], shares=shares)
    sweep = Sweep(some, paired(situation.study), PILOT_REPLICATES, independent=wish.independent, whole=True)
    work.sweep("pilot", sweep)
    runs = list(run_rows(sweep, work.results.ledger, sweep_files.measure(needed(wanted))))
    piloted = _piloted(runs, wanted, wish.delta)
    wishes = [replicates_for(values, wish.precision, common=not wish.independent) for values in piloted]
    return int(min(MOST_AUTO, max([LEAST_AUTO, *wishes])))


def _piloted(runs: Sequence[Any], wanted: Sequence[str], delta: float) -> Iterator[Floats]:
    """Give what a pilot says of every outcome that it can speak of, and in which anything differs."""
    for name in wanted:
        try:
            values = response(runs, name, delta)
        except DesignError:
            continue
        if np.ptp(values) > 0.0:
            yield values


def _summary(wish: Question, levels: Levels, found: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    factors = {factor.name: factor for _, design in levels for factor in design.factors}
    return {
        "method": wish.design,
        "leading": LEADING[wish.design],
        "precision": wish.precision,
        "groups": dict(members(list(factors.values()))),
        "product": [name for name in factors if is_in_product(name)],
        "listed": [name for name, factor in factors.items() if factor.values],
        "replicates": max((entry.get("replicates", 0) for entry in found.values()), default=0),
        "outcomes": {name: entry for name, entry in found.items() if "refused" not in entry},
        "refused": {name: entry["refused"] for name, entry in found.items() if "refused" in entry},
    }


def summary(found: dict[str, Any], language: Language, figures: bool) -> str:
    """Return what the terminal shows."""
    from app.findings import sensitivity_table

    return sensitivity_table(found, language.value, figures)

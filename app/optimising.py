"""`optimise`: from names, levers and objectives to the Pareto set of policies, tried anew, with its figures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from app.console import BadInputError, Language
from app.optimised import found, table
from app.sensing import parts
from app.sweeping import MOST_REPLICATES, Wish, inputs_of, situation_of
from app.varying import declared, factors_of, moving
from app.version import version
from app.work import Work, command
from experiments.candidates import Space, undecided
from experiments.comparison import content_hash
from experiments.design import POLICY, Design, Factor, Value
from experiments.factors import uncertain_factors
from experiments.files import write_json_atomic, write_text_atomic
from experiments.optimisation import COST, Effort, Optimisation, Question
from experiments.pareto import PEAK, SENSES, Judge
from experiments.results import Manifest, inputs_sha256
from experiments.studies import Situation
from experiments.sweep import Prepared, paired
from experiments.verdict import FIRST_LOOK
from model.columns import LAYERS
from model.compilation import source_hash
from scenarios import reader
from scenarios.problems import nearest
from scenarios.reader import Choice, Scenario
from scenarios.rivals import rival

NAME, TABLE = "pareto.json", "pareto.csv"
USUAL = ("d_valley", COST)
KEEP, MAXIMISE = "keep", "maximise"
MEAN = "mean"
LEAST_GENERATIONS = 2


@dataclass(frozen=True)
class Aim(Wish):
    """What the reader asked for beyond a sweep: `outcomes` are the objectives."""

    names: Mapping[str, Sequence[str]]
    peak: str
    robust: str
    draws: int
    effort: tuple[int, int, int, int]
    budget: int | None


def optimise(aim: Aim, out: Path | None, figures: bool) -> dict[str, Any]:
    """Search the policies, try the front anew, and return pareto.json.

    Raises
    ------
    BadInputError, ScenarioError, DesignError
        If an option makes no sense, a name is unknown, a lever belongs to no policy, or the budget is too small.
    """
    judge = judge_of(aim)
    situation, scenario = situation_of(aim)
    space = space_of(aim, situation, scenario)
    effort = effort_of(aim, space)
    enumerated = _is_enumerated(space, effort)
    if not enumerated:
        _check_library()
    uncertain = _uncertain(aim, space, situation) if aim.draws else []
    question = Question(space, uncertain, preparing(space, situation), judge, aim.delta, aim.seed)
    told = _told(aim, situation, scenario, question, effort)
    inputs = inputs_of(situation, scenario)
    name = f"optimise-{scenario.name}-{content_hash(inputs_sha256(inputs), repr(told))[:8]}"
    directory = out or Path("results") / name
    manifest = Manifest(inputs, {"study": aim.seed, "confirmation": question.fresh}, source_hash(), command=command())
    with Work.open(directory, manifest, aim.where, resume=aim.resume) as work:
        _announce(effort, enumerated)
        search = Optimisation(question, effort, work.sweep, work.results.ledger)
        search.enumerate() if enumerated else search.evolve()
        document = told | found(search, situation, enumerated) | {"results_dir": str(directory)}
        write_json_atomic(directory / NAME, document)
        write_text_atomic(directory / TABLE, table(document))
    if figures:
        from figures.build import build_all

        build_all(directory)
    return document


def judge_of(aim: Aim) -> Judge:
    """Return how candidates are judged; raises as `optimise`."""
    objectives = list(dict.fromkeys(aim.outcomes)) or list(USUAL)
    for name in objectives:
        if name not in SENSES:
            raise BadInputError("bad_objective", value=name, nearest=nearest(name, SENSES), allowed=", ".join(SENSES))
    if aim.peak not in (KEEP, MAXIMISE):
        raise BadInputError("bad_peak", value=aim.peak, allowed=f"{KEEP}, {MAXIMISE}")
    if aim.peak == MAXIMISE and PEAK not in objectives:
        objectives.append(PEAK)
    floor = -aim.delta if aim.peak == KEEP else None
    return Judge(tuple(objectives), floor, _quantile(aim.robust) if aim.draws else None)


def _quantile(text: str) -> float | None:
    if text == MEAN:
        return None
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0.0 < share <= 0.5:  # noqa: PLR2004 - beyond the median it would not be the worst
        raise BadInputError("bad_robust", value=text)
    return share


def space_of(aim: Aim, situation: Situation, scenario: Scenario) -> Space:
    """Return the decision variables: names of policies, the scenario's own where none are given, and levers."""
    typed, _ = factors_of(aim.vary)
    own = {kind: list(dict.fromkeys(getattr(choice, kind) for choice in scenario.compare)) for kind in POLICY}
    listed = [
        Factor(kind, values=tuple(aim.names.get(kind) or own[kind]))
        for kind in POLICY
        if aim.names.get(kind) or kind not in {factor.name for factor in typed}
    ]
    factors = tuple(declared([*listed, *typed], situation))
    space = Space(factors, frozenset(scenario.assigned), _tier(scenario, situation))
    if len({factor.name for factor in factors}) < len(factors):
        raise BadInputError("lever_twice", value=", ".join(sorted(factor.name for factor in factors)))
    idle = space.idle()
    if idle:
        raise BadInputError("idle_lever", value=", ".join(idle))
    if space.size is not None and len(space.all()) < 2:  # noqa: PLR2004 - a choice has two
        raise BadInputError("empty_space")
    return space


def _tier(scenario: Scenario, situation: Situation) -> frozenset[str]:
    """Return the modes that every policy has beside its own: of the second tier, and of ties from before that stay."""
    standing = (situation.options.control or scenario.control_name) != "none"
    policy = reader.policy_for(scenario, situation.choice, standing=standing)
    return frozenset(mode.name for layer in policy.layers if LAYERS[layer.layer] != "group" for mode in layer.modes)


def effort_of(aim: Aim, space: Space) -> Effort:
    """Return how much is run: what was asked for, within the budget; of a small space all of it.

    Raises
    ------
    BadInputError
        If a number is out of range, or the budget does not do for two generations.
    """
    population, generations, members, confirmation = aim.effort
    for name, value, least in (
        ("population", population, 4), ("generations", generations, LEAST_GENERATIONS), ("members", members, 1),
        ("confirmation", confirmation, FIRST_LOOK), ("replicates", aim.replicates, 1), ("draws", aim.draws, 0),
    ):  # fmt: skip
        if not least <= value <= MOST_REPLICATES:
            raise BadInputError("bad_effort", name=name, value=value, least=least, most=MOST_REPLICATES)
    asked = Effort(population, generations, aim.draws, aim.replicates, members, confirmation)
    most = population * generations
    if space.size is not None and space.size <= most:
        count = len(space.all())
        asked = asked._replace(population=count, generations=1, members=min(members, count))
    if aim.budget is None or asked.runs <= aim.budget:
        return asked
    within = (aim.budget - asked.members * asked.again) // (asked.population * asked.each)
    if within < min(LEAST_GENERATIONS, asked.generations):
        least_runs = asked._replace(generations=min(LEAST_GENERATIONS, asked.generations)).runs
        raise BadInputError("small_budget", value=aim.budget, least=least_runs)
    return asked._replace(generations=within)


def _is_enumerated(space: Space, effort: Effort) -> bool:
    return space.size is not None and effort.generations == 1


def _check_library() -> None:
    try:
        import experiments.evolution  # noqa: F401
    except ImportError as error:
        raise BadInputError("no_pymoo", value=error.name) from error


def _uncertain(aim: Aim, space: Space, situation: Situation) -> list[Factor]:
    """Return all that is uncertain in any policy of the space, less levers and what a rival structure fixes."""
    names = {factor.name: factor.values for factor in space.factors if factor.name in POLICY}
    choices = [Choice(*map(str, some)) for some in product(*(names[kind] for kind in POLICY))]
    fixed = [] if aim.rival is None else list(rival(aim.rival).values)
    scenario = situation.scenario_at({})
    kind = situation.options.control or scenario.control_name
    return undecided(uncertain_factors(scenario, choices, kind=kind), [*space.levers, *fixed])


def preparing(space: Space, situation: Situation) -> Callable[[int], Callable[[Mapping[str, Value]], Prepared]]:
    """Return how a point becomes a run at a seed: with the levers that count for its policy."""

    def prepare_at(seed: int) -> Callable[[Mapping[str, Value]], Prepared]:
        here = situation.at_seed(seed)
        return paired(lambda values: here.study(space.in_force(values)))

    return prepare_at


def _told(aim: Aim, situation: Situation, scenario: Scenario, question: Question, effort: Effort) -> dict[str, Any]:
    """Return what is known before any run."""
    control, judge = situation.options.control or scenario.control_name, question.judge
    return {
        "format": 1,
        "scenario": scenario.name,
        "title": scenario.title,
        "synthetic": scenario.synthetic,
        "control": {"name": control, "title": reader.CONTROL_TITLES[control]},
        "delta": aim.delta,
        "seed": aim.seed,
        "years": situation.options.years or scenario.run.years,
        "objectives": [{"name": n, "sense": "up" if SENSES[n] > 0 else "down"} for n in judge.objectives],
        "peak": aim.peak,
        "robust": judge.quantile or MEAN,
        "draws": aim.draws,
        "replicates": aim.replicates,
        "confirmation": {"seed": question.fresh, "replicates": effort.confirmation, "members": effort.members},
        "factors": [factor.document() for factor in question.space.factors],
        "moves": _moving(question, situation, scenario),
        "planned_runs": effort.runs,
        "version": version(),
    }


def _moving(question: Question, situation: Situation, scenario: Scenario) -> list[dict[str, Any]]:
    """Return what the levers, and what is drawn, move."""
    factors = (*question.space.factors, *question.uncertain)
    return moving([Design("pareto", factors, np.zeros((1, len(factors))))], situation, scenario)


def _announce(effort: Effort, enumerated: bool) -> None:
    """Say on a terminal, before it starts, how many runs it takes."""
    if sys.stderr.isatty():
        size = f"{effort.population} candidates" if enumerated else f"{effort.generations} × {effort.population}"
        sys.stderr.write(f"{size} × {effort.each} runs + {effort.members} × {effort.again}: up to {effort.runs}\n")


def names_of(modes: str | None, rotations: str | None, supports: str | None) -> dict[str, list[str]]:
    """Return the names of policies given, by kind."""
    given = dict(zip(POLICY, (modes, rotations, supports), strict=True))
    return {kind: parts(text) for kind, text in given.items() if text is not None}


def summary(document: dict[str, Any], language: Language, figures: bool) -> str:
    """Return what the terminal shows."""
    from app.pareto_wording import pareto_text

    return pareto_text(document, language.value, figures)

"""`sweep`: from factors on the command line to a design, its runs, its tables and its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.comparing import CONTROLS
from app.console import BadInputError, Language
from app.settings import parameters_from
from app.varying import declared, factors_of, moving
from app.version import version
from app.where import Where
from app.work import Work, command
from experiments import outcomes, sampling, sweep_files
from experiments.comparison import content_hash
from experiments.design import POLICY, Design, Factor
from experiments.files import write_json_atomic
from experiments.results import Manifest, inputs_sha256
from experiments.studies import Options, Situation
from experiments.sweep import Sweep, paired
from model.compilation import source_hash
from scenarios import reader
from scenarios.policies import title_of_part
from scenarios.reader import Scenario
from scenarios.roster import Names

NAME = "sweep.json"
STEPPED = {"factorial": sampling.factorial, "oat": sampling.one_at_a_time}
DESIGNS = (*STEPPED, *sampling.DRAWN)
MOST_REPLICATES = 100_000


@dataclass(frozen=True)
class Wish:
    """What the reader asked for, as typed."""

    scenario: str
    vary: Sequence[str]
    policy: Mapping[str, str | None]
    design: str
    samples: int
    matrix: Path | None
    replicates: int
    independent: bool
    outcomes: Sequence[str]
    delta: float
    control: str | None
    years: int | None
    seed: int
    settings: Sequence[str]
    rival: str | None
    where: Where
    resume: bool


def situation_of(wish: Wish) -> tuple[Situation, Scenario]:
    """Return the scenario with the policy that holds where no point names another: the scenario's first, in parts.

    Raises
    ------
    BadInputError, ScenarioError
        If an option makes no sense, or a name or path is unknown.
    """
    if wish.control is not None and wish.control not in CONTROLS:
        raise BadInputError("bad_control", value=wish.control, allowed=", ".join(CONTROLS))
    if not 0.0 < wish.delta < 1.0:
        raise BadInputError("bad_delta", value=wish.delta)
    overrides = parameters_from(wish.settings)
    scenario = reader.load(wish.scenario, overrides, wish.rival)
    named = {name: value for name, value in wish.policy.items() if value is not None}
    choice = scenario.compare[0]._replace(**named)
    options = Options(wish.control, wish.delta, wish.years, wish.seed)
    situation = Situation(wish.scenario, choice, options, overrides, wish.rival)
    situation.study({})
    return situation, scenario


def design_of(wish: Wish, situation: Situation) -> Design:
    """Return the design asked for; raises as `situation_of`."""
    factors, steps = factors_of(wish.vary)
    if (wish.matrix is None) == (not factors):
        raise BadInputError("vary_or_matrix")
    if wish.matrix is not None:
        design = sampling.matrix(wish.matrix)
        return replace(design, factors=tuple(declared(design.factors, situation)))
    if wish.design not in DESIGNS:
        raise BadInputError("bad_design", value=wish.design, allowed=", ".join(DESIGNS))
    factors = declared(factors, situation)
    if wish.design in STEPPED:
        return STEPPED[wish.design](factors, steps)
    return sampling.DRAWN[wish.design](factors, wish.samples, wish.seed)


def sweep(wish: Wish, out: Path | None, figures: bool) -> dict[str, Any]:
    """Run the design into a results directory and return sweep.json; tables are written even when it is interrupted."""
    situation, scenario = situation_of(wish)
    return swept(wish, (situation, scenario, design_of(wish, situation)), out, figures)


def swept(
    wish: Wish, where: tuple[Situation, Scenario, Design], out: Path | None, figures: bool, *, whole: bool = False
) -> dict[str, Any]:
    """Run a design as `sweep` does; `whole` as of `experiments.sweep.Sweep`."""
    if not 1 <= wish.replicates <= MOST_REPLICATES:
        raise BadInputError("bad_trials", value=wish.replicates, least=1, most=MOST_REPLICATES)
    situation, scenario, design = where
    outcomes.check(wish.outcomes, situation.options.years or scenario.run.years)
    runs = Sweep(design, paired(situation.study), wish.replicates, independent=wish.independent, whole=whole)
    inputs = inputs_of(situation, scenario)
    found = document_of(wish, situation, scenario, design)
    directory = out or Path("results") / f"sweep-{scenario.name}-{content_hash(inputs_sha256(inputs), repr(found))[:8]}"
    manifest = Manifest(inputs, {"study": wish.seed}, source_hash(), command=command())
    with Work.open(directory, manifest, wish.where, resume=wish.resume) as work:

        def save() -> None:
            found.update(sweep_files.write(runs, work.results.ledger, directory, found["outcomes"], wish.delta))
            found.update(results_dir=str(directory))
            write_json_atomic(directory / NAME, found)

        work.sweep("sweep", runs, save)
    if figures:
        from figures.build import build_all

        build_all(directory)
    return found


def inputs_of(situation: Situation, scenario: Scenario) -> dict[str, Any]:
    """Return what every run of the directory has in common; its designs may be several."""
    options = situation.options
    return {
        "scenario": scenario.name,
        "scenario_sha256": scenario.inputs_sha256,
        "control": options.control or scenario.control_name,
        "years": options.years or scenario.run.years,
        "burn_in": scenario.run.burn_in,
        "seed": options.seed,
        "rival": situation.rival,
    }


def document_of(wish: Wish, situation: Situation, scenario: Scenario, design: Design) -> dict[str, Any]:
    """Return what is known before any run."""
    control = situation.options.control or scenario.control_name
    named = [factor for factor in design.factors if factor.name in POLICY]
    return {
        "format": 1,
        "scenario": scenario.name,
        "title": scenario.title,
        "synthetic": scenario.synthetic,
        "policy": situation.choice._asdict() | {"title": _policy_title(design, situation, scenario)},
        "control": {"name": control, "title": reader.CONTROL_TITLES[control]},
        "delta": wish.delta,
        "seed": wish.seed,
        "years": situation.options.years or scenario.run.years,
        "replicates": wish.replicates,
        "independent": wish.independent,
        "outcomes": list(dict.fromkeys([*outcomes.OUTCOMES, *wish.outcomes])),
        "design": design.document() | {"sha256": content_hash(design.codes)},
        "moves": moving([design], situation, scenario),
        "labels": {factor.name: _labels(factor, scenario, control) for factor in named},
        "version": version(),
    }


def _policy_title(design: Design, situation: Situation, scenario: Scenario) -> dict[str, str]:
    """Return the words of what of the policy is the same at every point; a dash where nothing is."""
    set_elsewhere = {*design.names, *design.constants}
    fixed = [(kind, name) for kind, name in situation.choice._asdict().items() if kind not in set_elsewhere]
    against = situation.options.control or scenario.control_name
    titles = [title_of_part(scenario, *one, against) for one in fixed if one != ("support", "none")]
    return {language: " + ".join(title[language] for title in titles) or "–" for language in ("en", "zh")}


def _labels(factor: Factor, scenario: Scenario, control: str) -> dict[str, Names]:
    """Return value → language → words, of a factor whose values are names of policies."""
    return {str(value): title_of_part(scenario, factor.name, str(value), control) for value in factor.values}


def summary(found: dict[str, Any], language: Language, figures: bool) -> str:
    """Return what the terminal shows."""
    from app.wording import sweep_table

    return sweep_table(found, language.value, figures)

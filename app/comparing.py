"""`compare`: from a wish on the command line to a study, its runs, its document and its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pandas as pd

from app.console import BadInputError, Language
from app.settings import check_score_sd, parameters_from
from app.version import version
from app.where import Where
from app.work import Work, command
from experiments import signs, studies
from experiments.attribution import Attribution
from experiments.certainty import DRAWS, Certainty, without_unsure_ratios
from experiments.comparison import Arm, Comparison, Study
from experiments.movements import counted, movements
from experiments.results import Manifest
from experiments.saved import save
from experiments.statistics import LOOKS
from experiments.summary import document, inputs
from experiments.verdict import FIRST_LOOK, Plan
from figures.findings import HARM
from model.compilation import source_hash
from scenarios import reader
from scenarios.reader import Choice, Scenario
from scenarios.rivals import rival
from scenarios.uncertainty import Ranges, ranges_of, said_of, varied

CONTROLS = ("as_is", "none", "same_money")
MOST_REPLICATES = 100_000


class Explain(StrEnum):
    """Which policies are to be explained by their mechanisms."""

    HARMFUL = "harmful"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True)
class Wish:
    """What the reader asked for, as typed."""

    scenario: str
    modes: str | None
    rotations: str | None
    supports: str | None
    replicates: str
    delta: float
    control: str | None
    years: int | None
    seed: int
    where: Where
    certainty: int = DRAWS
    explain: Explain = Explain.HARMFUL
    rival: str | None = None
    score_sd: float | None = None
    policies: tuple[str, ...] = ()


def explained(text: str) -> Explain:
    """Return which policies are to be explained.

    Raises
    ------
    BadInputError
        If there is no such choice.
    """
    if text not in set(Explain):
        raise BadInputError("bad_explain", value=text, allowed=", ".join(Explain))
    return Explain(text)


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def choices(scenario: Scenario, wish: Wish) -> list[Choice]:
    """Return the policies to compare: those listed, every combination of the names given, or the scenario's own."""
    if wish.policies:
        return [listed(policy) for policy in wish.policies]
    modes, rotations, supports = _names(wish.modes), _names(wish.rotations), _names(wish.supports)
    if modes is None and rotations is None and supports is None:
        return list(scenario.compare)
    own = scenario.compare
    return [
        Choice(mode, rotation, support)
        for mode in modes or dict.fromkeys(c.mode for c in own)
        for rotation in rotations or dict.fromkeys(c.rotation for c in own)
        for support in supports or dict.fromkeys(c.support for c in own)
    ]


def listed(text: str) -> Choice:
    """Return the policy written MODE/ROTATION/SUPPORT; what is left out at the end is none.

    Raises
    ------
    BadInputError
        If it has more than three parts, or an empty one.
    """
    names = [name.strip() for name in text.split("/")]
    if not all(names) or len(names) > len(Choice._fields):
        raise BadInputError("bad_policy", value=text)
    return Choice(*names)


def plan_of(text: str) -> Plan:
    """Return the looks: fixed ones until every policy is decided, or one look at a given number.

    Raises
    ------
    BadInputError
        If it is neither `auto` nor a whole number of at least eight.
    """
    if text == "auto":
        return Plan(looks=LOOKS)
    if not text.isdecimal() or not FIRST_LOOK <= int(text) <= MOST_REPLICATES:
        raise BadInputError("bad_replicates", value=text, least=FIRST_LOOK, most=MOST_REPLICATES)
    return Plan(looks=(int(text),))


def study_of(scenario: Scenario, wish: Wish) -> Study:
    """Return the study that a scenario and a wish describe."""
    kind = wish.control or scenario.control_name
    if kind not in CONTROLS:
        raise BadInputError("bad_control", value=kind, allowed=", ".join(CONTROLS))
    if not 0.0 < wish.delta < 1.0:
        raise BadInputError("bad_delta", value=wish.delta)
    options = studies.Options(kind, wish.delta, wish.years, wish.seed)
    return studies.study_of(scenario, choices(scenario, wish), options)


def _default_directory(study: Study) -> Path:
    from experiments.manifest import inputs_sha256

    return Path("results") / f"{study.scenario}-{inputs_sha256(inputs(study))[:8]}"


def compare(wish: Wish, out: Path | None, settings: Sequence[str], figures: bool, language: Language) -> dict[str, Any]:
    """Run the comparison into a results directory and return comparison.json; the reports are drawn on the way."""
    scenario = reader.load(wish.scenario, parameters_from(settings), wish.rival)
    plan, study = plan_of(wish.replicates), study_of(scenario, wish)
    directory = out or _default_directory(study)
    check_score_sd(wish.score_sd)
    comparison = Comparison(study, plan)
    manifest = Manifest(inputs(study), {"study": wish.seed}, source_hash(), command=command())
    with Work.open(directory, manifest, wish.where) as work:
        work.compare(comparison, language)
        found = document(comparison, version(), str(directory)) | {"score_sd": wish.score_sd}
        ranges = free_ranges(scenario, wish)
        add_certainty(found, work, Certainty(comparison, study_at(scenario, wish), ranges, wish.certainty))
        name_hinges(found, scenario)
        _add_attribution(found, work, comparison, wish.explain)
        save(comparison, found, add_moves(found, comparison), directory)
    if figures:
        from figures.build import build_all

        build_all(directory)
    return found


def free_ranges(scenario: Scenario, wish: Wish) -> Ranges:
    """Return the ranges of all that is uncertain in the policies wished for, less what a rival structure fixes."""
    fixed = {} if wish.rival is None else rival(wish.rival).values
    found = ranges_of(replace(scenario, compare=tuple(choices(scenario, wish))))
    return {path: ends for path, ends in found.items() if path not in fixed}


def study_at(scenario: Scenario, wish: Wish) -> Callable[[Mapping[str, float]], Study]:
    """Return the study with some numbers changed."""
    return lambda values: study_of(varied(scenario, values), wish)


def name_hinges(found: dict[str, Any], scenario: Scenario) -> None:
    """Say of every hinge in which unit it is, and of which mode or support."""
    for policy in found["policies"]:
        for hinge in (policy["certainty"] or {}).get("hinges", ()):
            hinge |= said_of(scenario, hinge["path"])


def add_certainty(found: dict[str, Any], work: Work, certainty: Certainty) -> None:
    """Let the draws say the verdict of every policy, with its share of them, and what it hinges on."""
    if not certainty.draws:
        return
    work.compute("certainty", certainty.jobs(), len(certainty.draws) * certainty.replicates)
    candidates = certainty.candidates(work.rows)
    alone = certainty.paths(candidates)
    jobs = [job for values in alone.values() for sample in values.values() for job in sample.jobs]
    work.compute("hinges", jobs, len(jobs))
    told = certainty.document(work.rows, candidates, alone)
    study = certainty.comparison.study
    for policy, arm in zip(found["policies"], study.arms, strict=True):
        policy |= told[arm.name]
        policy |= without_unsure_ratios(policy, policy["certainty"]["by_draw"])
    runs = [[work.rows(job) for job in sample.jobs] for sample in certainty.samples]
    pairs = {arm.name: certainty.comparison.against(arm) for arm in study.arms}
    found["early_signs"] = signs.document(signs.cases(runs, pairs, study.delta))


def add_moves(found: dict[str, Any], comparison: Comparison) -> pd.DataFrame:
    """Add to every policy how many moves it makes of each kind; return all moves of the first replicate."""
    tables = []
    for policy, arm in zip(found["policies"], comparison.study.arms, strict=True):
        table = movements(comparison.study, comparison.control, comparison.phases[arm.name])
        policy["moves"] = counted(table, comparison.study.years)
        tables.append(table.assign(policy=arm.name))
    return pd.concat(tables, ignore_index=True)


def _add_attribution(found: dict[str, Any], work: Work, comparison: Comparison, which: Explain) -> None:
    """Add to the policies that harm (or to all) what each family of mechanisms contributes."""
    for policy, arm in zip(found["policies"], comparison.study.arms, strict=True):
        harmful = HARM & {policy["verdict"], *policy["point_regions"]}
        if which is Explain.ALL or (which is Explain.HARMFUL and harmful):
            policy["attribution"] = attributed(work, comparison, arm)


def attributed(work: Work, comparison: Comparison, arm: Arm) -> dict[str, Any]:
    """Return what each family of mechanisms contributes to a policy's effects."""
    attribution = Attribution(comparison.study, arm)
    jobs = list(attribution.jobs())
    work.compute(f"explain {arm.name}", jobs, len(jobs))
    return attribution.document([work.rows(job) for job in jobs])


def summary(found: dict[str, Any], language: Language, reported: bool) -> str:
    """Return the verdict table for the terminal, and where the report is if one was written."""
    from app.wording import verdict_table

    return verdict_table(found, language.value, reported)

"""`compare`: from a wish on the command line to a study, its runs, its document and its report."""

from __future__ import annotations

import functools
import os
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.console import BadInputError, Language
from app.settings import parameters_from
from app.version import version
from experiments.comparison import Arm, Comparison, Study, document, inputs
from experiments.progress import clock_time
from experiments.results import Manifest, open_results
from experiments.runner import kept_workers, run
from experiments.saved import save
from experiments.statistics import LOOKS
from experiments.verdict import FIRST_LOOK, Plan
from model.compilation import source_hash
from scenarios import reader
from scenarios.reader import Choice, Scenario

INITIALISER = "app.workers:prepare"
CONTROLS = ("as_is", "none")
MOST_REPLICATES = 100_000


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
    workers: int | None


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def choices(scenario: Scenario, wish: Wish) -> list[Choice]:
    """Return the policies to compare: the scenario's own, or every combination of the names given."""
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
    control = Arm(kind, kind, "none", dict(reader.CONTROL_TITLES[kind]), reader.control(scenario, kind))
    arms = [_arm(scenario, choice, kind == "as_is") for choice in choices(scenario, wish)]
    names = {ident: _both(name) for ident, name in scenario.school_names.items()}
    return Study(
        scenario.name, dict(scenario.title), scenario.world, scenario.labels.schools, scenario.labels.groups,
        scenario.parameters, control, arms, wish.seed, wish.years or scenario.run.years, scenario.run.burn_in,
        wish.delta, scenario.synthetic, scenario.levels, {"scenario_sha256": scenario.inputs_sha256}, names,
    )  # fmt: skip


def _both(name: Mapping[str, str]) -> str:
    """Return a school's name in both languages, once where they are the same."""
    return " ".join(dict.fromkeys((name["en"], name["zh"])))


def _arm(scenario: Scenario, choice: Choice, standing: bool) -> Arm:
    policy = reader.policy_for(scenario, choice, standing=standing)
    title = reader.title_of(scenario, choice)
    return Arm(choice.mode, choice.rotation, choice.support, title, policy, policy.support.ends_in_year)


def _default_directory(study: Study) -> Path:
    from experiments.manifest import inputs_sha256

    return Path("results") / f"{study.scenario}-{inputs_sha256(inputs(study))[:8]}"


def compare(wish: Wish, out: Path | None, settings: Sequence[str], figures: bool, language: Language) -> dict[str, Any]:
    """Run the comparison into a results directory and return comparison.json; the reports are drawn on the way."""
    scenario = reader.load(wish.scenario, parameters_from(settings))
    plan, study = plan_of(wish.replicates), study_of(scenario, wish)
    directory = out or _default_directory(study)
    comparison = Comparison(study, plan)
    manifest = Manifest(inputs(study), {"study": wish.seed}, source_hash(), command=command())
    with open_results(directory, manifest) as results:
        _run(comparison, results, wish.workers or os.cpu_count() or 1)
        found = document(comparison, version(), str(directory))
        save(comparison, found, directory)
    if figures:
        from figures.build import build_all

        build_all(directory)
    return found


def command() -> str:
    """Return the command as it was typed."""
    return shlex.join(["yangfeng", *sys.argv[1:]])


def _run(comparison: Comparison, results: Any, workers: int) -> None:  # noqa: ANN401
    """Compute look by look, telling how far it is on standard error."""
    began = time.monotonic()
    with kept_workers(workers, INITIALISER) as place:
        work = functools.partial(run, workers=workers, executor=place)
        with closing(comparison.run(results, work)) as steps:
            for tally, planned in steps:
                _tell(tally, planned, time.monotonic() - began)
    if sys.stderr.isatty():
        sys.stderr.write("\n")


def _tell(tally: Any, planned: int, elapsed: float) -> None:  # noqa: ANN401
    if sys.stderr.isatty():
        left = "" if tally.eta is None else f" · {clock_time(tally.eta)} left in this look"
        counts = f"{tally.done} done · {tally.failed} failed · {tally.reused} reused"
        sys.stderr.write(f"\r\x1b[Klook {planned}: {counts} · {clock_time(elapsed)}{left}")
        sys.stderr.flush()


def summary(found: dict[str, Any], language: Language, reported: bool) -> str:
    """Return the verdict table for the terminal, and where the report is if one was written."""
    from app.wording import verdict_table

    return verdict_table(found, language.value, reported)

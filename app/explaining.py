"""`explain`: which mechanisms make the effects of one policy, with a waterfall and a sentence for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.comparing import Wish, study_of
from app.console import BadInputError, Language
from app.settings import parameters_from
from app.version import version
from app.work import Work, command
from experiments.attribution import Attribution
from experiments.comparison import Study
from experiments.files import write_json_atomic
from experiments.manifest import inputs_sha256
from experiments.results import Manifest
from experiments.summary import inputs
from figures.explanation import NAME
from model.compilation import source_hash
from scenarios import reader

CONTROLS = ("as_is", "none")


def explain(wish: Wish, replicates: int, out: Path | None, settings: Sequence[str]) -> tuple[dict[str, Any], Path]:
    """Run every coalition of mechanisms of one policy; return the document saved, and where.

    Raises
    ------
    BadInputError
        If more than one policy is named, or a control that cannot be taken apart.
    """
    for kind, names in zip(reader.Choice._fields, (wish.modes, wish.rotations, wish.supports), strict=True):
        if names is None or "," in names or not names.strip():
            raise BadInputError("one_policy", kind=kind, value=names or "")
    scenario = reader.load(wish.scenario, parameters_from(settings), wish.rival)
    control = wish.control or (scenario.control_name if scenario.control_name in CONTROLS else CONTROLS[0])
    if control not in CONTROLS:
        raise BadInputError("bad_control", value=control, allowed=", ".join(CONTROLS))
    study = study_of(scenario, replace(wish, control=control))
    attribution = Attribution(study, study.arms[0], replicates)
    asked = inputs(study) | {"coalitions": True}
    directory = out or Path("results") / f"{study.scenario}-explain-{inputs_sha256(asked)[:8]}"
    manifest = Manifest(asked, {"study": wish.seed}, source_hash(), command=command())
    with Work.open(directory, manifest, wish.where) as work:
        jobs = list(attribution.jobs())
        work.compute("explain", jobs, len(jobs))
        found = _document(study, attribution.document([work.rows(job) for job in jobs]), inputs_sha256(asked))
        write_json_atomic(directory / NAME, found)
    return found, directory


def _document(study: Study, attribution: dict[str, Any], sha256: str) -> dict[str, Any]:
    arm = study.arms[0]
    return {
        "format": 1,
        "scenario": study.scenario,
        "title": study.title,
        "synthetic": study.synthetic,
        "policy": arm.name,
        "policy_title": arm.title,
        "ends": list(arm.ends),
        "control": {"name": study.control.mode, "title": study.control.title},
        "delta": study.delta,
        "seed": study.seed,
        "years": study.years,
        "version": version(),
        "inputs_sha256": sha256,
        "attribution": attribution,
        "changed": list(study.changed),
    }


def outcomes(found: dict[str, Any]) -> dict[str, Any]:
    """Return outcome → total, its interval, and mechanism → value, as `--json` prints it."""
    return {name: value for name, value in found["attribution"].items() if isinstance(value, dict)}


def summary(directory: Path, language: Language, drawn: bool) -> str:
    """Return table and sentences for the terminal."""
    from app.wording import explanation_table

    return explanation_table(directory, language.value, drawn)

"""`validate`: from names on the command line to virtual experiments, their document and their forest plot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.console import BadInputError, Language
from app.version import version
from app.where import Where
from app.work import Work, command
from experiments.comparison import content_hash
from experiments.facts import experiments, facts
from experiments.results import Manifest, inputs_sha256
from experiments.validation import MODEL, Validation, Variant, document, save, usual_replicates
from model.parameters import Parameters
from scenarios.problems import nearest
from scenarios.rivals import rival, rivals

LEAST, MOST = 2, 100_000
EVERY_RIVAL = "all"


def chosen(names: Sequence[str]) -> list[str]:
    """Return the facts named, by id or by experiment; every one where nothing is named.

    Raises
    ------
    BadInputError
        If a name is unknown; the nearest ones are given.
    """
    known = {name: [name] for name in facts()}
    known |= {name: [fact.id for fact in experiment.facts] for name, experiment in experiments().items()}
    for name in names:
        if name not in known:
            raise BadInputError("unknown_fact", value=name, nearest=nearest(name, known))
    return [fact for name in names for fact in known[name]] or list(facts())


def variants(names: str | None) -> list[Variant]:
    """Return the model and the rivals named, separated by commas, or all of them."""
    named = [name.strip() for name in (names or "").split(",") if name.strip()]
    wanted = list(rivals()) if named == [EVERY_RIVAL] else list(dict.fromkeys(named))
    own = Variant(MODEL, {"en": "Model", "zh": "本模型"}, {}, Parameters())
    return [own, *(_variant(name) for name in wanted)]


def _variant(name: str) -> Variant:
    found = rival(name)
    return Variant(name, found.title, found.why, found.of(Parameters()))


def validate(
    names: Sequence[str], out: Path | None, replicates: int | None, seed: int, where: Where, rivals_: str | None
) -> dict[str, Any]:
    """Carry out the experiments into a results directory and return validation.json; the forest is drawn on the way."""
    if replicates is not None and not LEAST <= replicates <= MOST:
        raise BadInputError("bad_trials", value=replicates, least=LEAST, most=MOST)
    wanted, models = chosen(names), variants(rivals_)
    validation = Validation(wanted, models, seed, replicates or usual_replicates(len(models)))
    inputs = _inputs(validation)
    directory = out or Path("results") / f"validation-{inputs_sha256(inputs)[:8]}"
    manifest = Manifest(inputs, {"study": seed}, validation.code, command=command())
    with Work.open(directory, manifest, where) as work:
        jobs = [job for variant in models for job in validation.jobs(variant)]
        work.compute("validate", jobs, len(jobs))
        validation.collect(work.rows)
        found = document(validation, version(), str(directory))
        save(found, directory)
    from figures.validation import build

    build(directory)
    return found


def _inputs(validation: Validation) -> dict[str, Any]:
    return {
        "facts": [fact.id for _, fact in validation.facts],
        "variants": {variant.id: content_hash(tuple(variant.parameters)) for variant in validation.variants},
        "seed": validation.seed,
        "replicates": validation.replicates,
    }


def summary(found: dict[str, Any], language: Language) -> str:
    """Return the tables for the terminal."""
    from app.wording import validation_table

    return validation_table(found, language.value)

"""`run`: one policy, one seed, through the Mesa model; its yearly measures and its school × term table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.settings import parameters_from
from app.version import version
from experiments.comparison import content_hash
from experiments.files import prepare_directory, write_json_atomic
from experiments.manifest import versions_here
from model.columns import COST_LINES, PRACTICES
from model.compilation import source_hash
from model.measures import yearly_measures
from model.simulation import Record
from scenarios import reader
from scenarios.reader import Choice

WIDE = {"practice": PRACTICES, "cost": COST_LINES}


def run_once(
    name: str,
    names: tuple[str, str, str],
    years: int | None,
    seed: int,
    out: Path | None,
    settings: Sequence[str],
    rival: str | None = None,
) -> dict[str, Any]:
    """Run one policy once; return measures by year and save the tables.

    The directory holds `run.json`, `manifest.json` and `schools/MODE+ROTATION+SUPPORT.parquet`.
    """
    from model.mesa_model import SchoolGroups, Setup

    scenario = reader.load(name, parameters_from(settings), rival)
    policy = reader.policy_for(scenario, Choice(*names))
    horizon = years or scenario.run.years
    directory = out or Path("results") / f"{scenario.name}-{'+'.join(names)}-seed{seed}{f'-{rival}' if rival else ''}"
    prepare_directory(directory)
    end = policy.support.ends_in_year
    phases = [(0, policy)] + ([] if end is None else [(end, scenario.baseline)])
    setup = Setup(scenario.world, scenario.baseline, phases, scenario.parameters, horizon, scenario.run.burn_in)
    groups = SchoolGroups(setup, rng=seed)
    groups.run_model()
    record, sets = groups.record, groups.sets
    groups.close()
    measures = yearly_measures(scenario.world, record, sets)
    found = {
        "scenario": scenario.name,
        "mode": names[0],
        "rotation": names[1],
        "support": names[2],
        "seed": seed,
        "years": horizon,
        "measures": {key: value.tolist() for key, value in measures.items()},
        "results_dir": str(directory),
    }
    _save(directory, found, record, scenario, "+".join(names))
    return found


def _save(directory: Path, found: dict[str, Any], record: Record, scenario: reader.Scenario, name: str) -> None:
    (directory / "schools").mkdir(exist_ok=True)
    school_terms(record, scenario.labels.schools).to_parquet(directory / "schools" / f"{name}.parquet", index=False)
    write_json_atomic(directory / "run.json", found)
    manifest = {
        "version": version(),
        "versions": versions_here(),
        "source_sha256": source_hash(),
        "scenario_sha256": scenario.inputs_sha256,
        "record_sha256": content_hash(tuple(record.columns.values())),
        "seed": found["seed"],
    }
    write_json_atomic(directory / "manifest.json", manifest)


def school_terms(record: Record, ids: Sequence[str]) -> pd.DataFrame:
    """Return one row a school and term: `school`, `year`, `term` and every recorded column."""
    first = next(iter(record.columns.values()))
    terms, schools = first.shape[:2]
    table = {
        "school": np.tile(np.array(ids), terms),
        "year": np.repeat(np.arange(terms) // record.terms_per_year + 1, schools),
        "term": np.repeat(np.arange(terms) % record.terms_per_year + 1, schools),
    }
    for name, values in record.columns.items():
        if values.ndim == 2:  # noqa: PLR2004
            table[name] = values.ravel()
        else:
            parts = WIDE[name]
            table |= {f"{name}_{part}": values[:, :, n].ravel() for n, part in enumerate(parts)}
    return pd.DataFrame(table)

"""`run`: one policy, one seed; its yearly measures and its school × term table."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from app.settings import parameters_from
from app.work import command
from experiments.comparison import content_hash
from experiments.files import atomic_path
from experiments.results import Manifest, held, inputs_sha256, write_json_atomic
from model.attributes import compile_policy
from model.chance import key
from model.columns import COST_LINES, PRACTICES
from model.compilation import source_hash
from model.measures import yearly_measures
from model.policy import Policy
from model.sets import Sets, baseline_quality, reference_sets
from model.simulation import Record, burn_in, simulate
from scenarios import reader
from scenarios.changes import changes
from scenarios.fingerprint import fingerprint
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
    scenario = reader.load(name, parameters_from(settings), rival)
    policy = reader.policy_for(scenario, Choice(*names))
    horizon = years or scenario.run.years
    asked = {"scenario": scenario.name, **Choice(*names)._asdict(), "years": horizon}
    inputs = asked | {"scenario_sha256": scenario.inputs_sha256, "policy_sha256": fingerprint(policy=policy)}
    directory = out or Path("results") / f"{scenario.name}-{'+'.join(names)}-seed{seed}-{inputs_sha256(inputs)[:8]}"
    with held(directory, Manifest(inputs, {"run": seed}, source_hash(), command=command())):
        record, sets = _simulated(scenario, policy, horizon, seed)
        measures = yearly_measures(scenario.world, record, sets)
        found = asked | {
            "seed": seed,
            "measures": {key: value.tolist() for key, value in measures.items()},
            "changed": changes(scenario, [Choice(*names)]),
            "record_sha256": content_hash(tuple(record.columns.values())),
            "results_dir": str(directory),
        }
        (directory / "schools").mkdir(exist_ok=True)
        _write_schools(directory / "schools" / f"{'+'.join(names)}.parquet", record, scenario.labels.schools)
        write_json_atomic(directory / "run.json", found)
    return found


def _simulated(scenario: reader.Scenario, policy: Policy, years: int, seed: int) -> tuple[Record, Sets]:
    baseline, end, base = compile_policy(scenario.baseline, scenario.world), policy.support.ends_in_year, key(seed, 0)
    phases = [(0, compile_policy(policy, scenario.world))] + ([] if end is None else [(end, baseline)])
    world, before = burn_in(scenario.world, baseline, scenario.parameters, base, scenario.run.burn_in)
    sets = reference_sets(scenario.world, baseline_quality(before))
    del before  # of a whole country it is large
    return simulate(world, phases, scenario.parameters, base, years)[1], sets


def _write_schools(path: Path, record: Record, ids: Sequence[str]) -> None:
    """Write one row a school and term, year by year, so that the table of a whole country is never in memory."""
    years = len(record.columns[next(iter(record.columns))]) // record.terms_per_year
    tables = (pa.table(_schools_of(record, ids, year)) for year in range(years))
    first = next(tables)
    with atomic_path(path) as temporary, parquet.ParquetWriter(temporary, first.schema) as writer:
        for table in itertools.chain((first,), tables):
            writer.write_table(table)


def _schools_of(record: Record, ids: Sequence[str], year: int) -> dict[str, Any]:
    """Return the columns of one year: `school`, `year`, `term` and every recorded one."""
    terms, schools = record.terms_per_year, len(ids)
    out = {
        "school": list(ids) * terms,
        "year": np.full(terms * schools, year + 1),
        "term": np.repeat(np.arange(terms) + 1, schools),
    }
    for name, values in record.columns.items():
        rows = values[year * terms : (year + 1) * terms].reshape(terms * schools, -1)
        names = [f"{name}_{part}" for part in WIDE[name]] if name in WIDE else [name]
        out |= dict(zip(names, rows.T, strict=True))
    return out

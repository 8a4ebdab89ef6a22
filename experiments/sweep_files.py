"""Write what a sweep found, run by run and point by point, without ever holding all of it."""

from __future__ import annotations

import contextlib
import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from experiments.comparison import D_EFFECTS
from experiments.design import Factor
from experiments.files import atomic_path
from experiments.outcomes import outcomes
from experiments.points import Measure, Row, point_row, run_rows
from experiments.store import Ledger
from experiments.sweep import Sweep
from scenarios.cells import marked

RUNS, POINTS, FACTORS = "sweep", "points", "factors"
TOLD = ("name", "role", "low", "high", "values", "default", "whole", "moves")
ROWS_A_GROUP = 4096

Write = Callable[[Sequence[Row]], None]


def measure(names: Sequence[str]) -> Measure:
    """Return how outcomes are read from a run: those named, and the effects that a verdict needs."""
    wanted = tuple(dict.fromkeys([*D_EFFECTS, *names]))
    return lambda rows: outcomes(rows, wanted)


def write(sweep: Sweep, ledger: Ledger, directory: Path, names: Sequence[str], delta: float) -> dict[str, Any]:
    """Write ``sweep.csv``, ``sweep.parquet``, ``points.csv`` and ``factors.csv``; return what runs and points became.

    Returns
    -------
    dict
        ``runs``: status → runs; ``regions``: region → points whose mean effects lie there; ``first_fault``: what
        stopped the first failed run, or None.
    """
    statuses: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    broken: Row | None = None
    factors, wanted = sweep.design.names, list(dict.fromkeys([*D_EFFECTS, *names]))
    columns = ["point", "replicate", "status", *factors, *wanted]
    with contextlib.ExitStack() as files:
        note_runs = files.enter_context(_csv(directory / f"{RUNS}.csv", columns))
        note_table = files.enter_context(_parquet(directory / f"{RUNS}.parquet", sweep.design.factors, wanted))
        note_point = files.enter_context(_csv(directory / f"{POINTS}.csv"))
        files.enter_context(_csv(directory / f"{FACTORS}.csv", TOLD))([_factor(one) for one in sweep.design.factors])
        for runs in run_rows(sweep, ledger, measure(names)):
            point = point_row(runs, factors, wanted, delta)
            statuses.update(run["status"] for run in runs)
            broken = broken or next((run for run in runs if run["status"] == "failed"), None)
            regions.update([point["region"]] if point["region"] else [])
            note_runs(runs)
            note_table(runs)
            note_point([point])
    found = {"runs": dict(sorted(statuses.items())), "regions": dict(sorted(regions.items()))}
    return found | {"first_fault": None if broken is None else _fault(sweep, ledger, broken)}


def _factor(factor: Factor) -> Row:
    """Return what was varied, through what, and what it moves: policies, control, both or nothing."""
    told = {"low": None, "high": None, "values": []} | factor.document()
    return {name: told[name] for name in TOLD} | {"values": " ".join(map(str, told["values"]))}


def _fault(sweep: Sweep, ledger: Ledger, run: Row) -> str:
    """Return what stopped a failed run, with its point."""
    key = sweep.key(run["point"], run["replicate"])
    error = next(failed.error for failed in ledger.failed() if failed.key == key)
    return f"point {run['point']}: {error.kind}: {error.message}"


@contextlib.contextmanager
def _csv(path: Path, columns: Sequence[str] = ()) -> Iterator[Write]:
    """Give what adds rows to a CSV file; without columns, the first row has them all."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None

        def add(rows: Sequence[Row]) -> None:
            nonlocal writer
            if writer is None:
                writer = csv.DictWriter(file, columns or list(rows[0]), lineterminator="\n")
                writer.writeheader()
            writer.writerows({name: marked(value) for name, value in row.items()} for row in rows)

        yield add


@contextlib.contextmanager
def _parquet(path: Path, factors: Sequence[Factor], names: Sequence[str]) -> Iterator[Write]:
    """Give what adds runs to a Parquet file, a group of rows at a time."""
    schema = pa.schema(
        [("point", pa.int64()), ("replicate", pa.int64()), ("status", pa.string())]
        + [(factor.name, _type(factor)) for factor in factors]
        + [(name, pa.float64()) for name in names]
    )
    held: list[Row] = []
    with atomic_path(path) as temporary, parquet.ParquetWriter(temporary, schema) as writer:

        def settle() -> None:
            if held:
                writer.write_table(pa.Table.from_pylist([_typed(row, schema) for row in held], schema))
                held.clear()

        def add(rows: Sequence[Row]) -> None:
            held.extend(rows)
            if len(held) >= ROWS_A_GROUP:
                settle()

        yield add
        settle()


def _type(factor: Factor) -> pa.DataType:
    if not factor.values:
        return pa.int64() if factor.whole else pa.float64()
    return pa.float64() if all(isinstance(value, int | float) for value in factor.values) else pa.string()


def _typed(row: Row, schema: pa.Schema) -> Mapping[str, Any]:
    """Return a row with texts where its column holds texts."""
    texts = {field.name for field in schema if field.type == pa.string()}
    return {name: str(value) if name in texts else value for name, value in row.items()}

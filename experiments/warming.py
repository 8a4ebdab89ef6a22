"""Compile the model once per machine, a part in each worker, where all workers would compile all of it at once.

Compiled kernels are kept on disk and shared by all processes, so it is done before the first job of a command, and not
again. What fails here is left to the job that needs it, which says why.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numba
import numpy as np

from experiments.jobs import Done, Job, Outcome
from model.attributes import Attributes, compile_policy
from model.chance import key as chance_key
from model.columns import RECORDED
from model.initial import initialise
from model.measures import yearly_measures
from model.parameters import Parameters
from model.schedule import TERM
from model.sets import reference_sets
from model.simulation import TERMS_PER_YEAR, Record, moment, term
from model.world import Pool, World
from scenarios import reader

# Any scenario will do, as kernels are compiled for types of columns: a small one, whose policy moves teachers.
SCENARIO, MODE, ROTATION = "shuangtaizi_two_schools", "two_school_integration", "unified_deployment"
START, MEASURES = "start", "measures"
# What takes longest comes first. Learning and promotion are compiled with the start, which runs them.
PARTS = (
    ("staffing", "rotation"),
    (START,),
    ("practice",),
    ("attention", "culture"),
    ("teaching",),
    ("families", "finance", MEASURES),
)
YEARS = 2


class Part(NamedTuple):
    """The picklable argument of one job: processes (and start or measures) to compile, and what to run them on."""

    names: tuple[str, ...]
    world: World
    attributes: Attributes
    parameters: Parameters


def compile_part(part: Part) -> dict[str, float]:
    """Compile the kernels of a part by running them on a world in which nobody has been drawn yet."""
    key = chance_key(0, 0)
    if START in part.names:
        initialise(part.world, part.attributes, part.parameters, key, YEARS)
    if MEASURES in part.names:
        _measure(part.world)
    schedule = [process for process in TERM if process.name in part.names]
    for number in range(TERMS_PER_YEAR):
        term(part.world, part.attributes, part.parameters, moment(key, number, TERMS_PER_YEAR, False), Pool(), schedule)
    return {"parts": float(len(part.names))}


def _measure(world: World) -> None:
    """Measure a record in which nothing happens."""
    shapes = {name: getattr(world.schools, name).shape for name in RECORDED}
    record = Record(TERMS_PER_YEAR, {name: np.zeros((TERMS_PER_YEAR, *shape)) for name, shape in shapes.items()})
    yearly_measures(world, record, reference_sets(world, np.zeros(len(world.schools.id))))


def jobs() -> Iterator[Job]:
    """Give one job a part."""
    scenario = reader.load(SCENARIO)
    attributes = compile_policy(reader.policy_for(scenario, MODE, ROTATION), scenario.world)
    for names in PARTS:
        yield Job("+".join(names), compile_part, Part(names, scenario.world, attributes, scenario.parameters))


def warm_up(run: Callable[[Iterable[Job]], Iterable[Outcome]]) -> None:
    """Compile what is not on this machine yet; `run` does jobs."""
    done = _done()
    if numba.config.DISABLE_JIT or done.exists():  # type: ignore[attr-defined]  # read from the environment
        return
    if all([isinstance(outcome, Done) for outcome in run(jobs())]):
        with contextlib.suppress(OSError):
            done.touch()


def _done() -> Path:
    """Return the file whose presence says that this compiler has been through the model under this Python."""
    return Path(os.environ["NUMBA_CACHE_DIR"]) / f"compiled-{numba.__version__}-{sys.implementation.cache_tag}"

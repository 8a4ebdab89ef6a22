"""A job, and what becomes of it: rows, or the fault that stopped it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass

from experiments.rows import Rows, as_rows

_LONGEST_MESSAGE = 2_000
_LONGEST_TRACE = 4_000


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work: a content key, a function importable by name, and its picklable argument.

    The function takes the argument and returns a mapping of names to numbers or to one-dimensional arrays of numbers.
    """

    key: str
    function: Callable[..., object]
    argument: object

    def __post_init__(self) -> None:
        if not self.key.isprintable() or not self.key:
            raise ValueError(f"the key {self.key!r} is not printable text")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a job failed: the kind of error, its message and the end of its traceback."""

    kind: str
    message: str
    trace: str = ""

    @classmethod
    def of(cls, error: BaseException) -> Fault:
        """Describe a caught exception in bounded space."""
        trace = "".join(traceback.format_exception(error))
        return cls(type(error).__name__, str(error)[:_LONGEST_MESSAGE], trace[-_LONGEST_TRACE:])


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """A finished job: its key and its rows (name → finite float64 array of one dimension)."""

    key: str
    rows: Rows


@dataclass(frozen=True, slots=True)
class Failed:
    """A job that will not give rows: its key and what stopped it."""

    key: str
    error: Fault


Outcome = Done | Failed


def attempt(job: Job) -> Outcome:
    """Do a job here; whatever it raises, and rows that are not finite numbers, make it failed."""
    try:
        return Done(job.key, as_rows(job.function(job.argument)))
    except (Exception, SystemExit) as error:
        return Failed(job.key, Fault.of(error))

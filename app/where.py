"""Where runs go: worker processes, this process, or a Dask cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.console import BadInputError

if TYPE_CHECKING:
    from experiments.runner import Place

INITIALISER = "app.workers:prepare"


class Executor(StrEnum):
    """Kinds of places that runs go to; results are the same from all."""

    PROCESS = "process"
    INLINE = "inline"
    DASK = "dask"


@dataclass(frozen=True)
class Where:
    """Where runs go, as typed: how many at once, what kind of place, and for a cluster its scheduler's address."""

    workers: int | None = None
    executor: Executor = Executor.PROCESS
    scheduler: str | None = None
    plain: bool = False

    @contextmanager
    def place(self) -> Iterator[tuple[Place, int]]:
        """Give the place and how many runs it does at once; what was started for it ends with the context.

        Raises
        ------
        BadInputError
            If a scheduler is given for another place than a cluster, or none for a cluster.
        """
        from experiments.cluster import connected
        from experiments.runner import kept_workers

        if (self.executor is Executor.DASK) != (self.scheduler is not None):
            raise BadInputError("scheduler_and_dask")
        if self.scheduler is not None:
            with connected(self.scheduler, plain=self.plain) as cluster:
                yield cluster, self.workers or cluster.size
        elif self.executor is Executor.INLINE:
            yield "inline", 1
        else:
            count = self.workers or os.cpu_count() or 1
            with kept_workers(count, INITIALISER) as place:
                yield place, count

"""A results directory: its manifest and its runs, only ever continued with the same inputs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

from experiments.errors import ResultsError
from experiments.files import explained, prepare_directory, sweep_temporaries, write_json_atomic, write_text_atomic
from experiments.jobs import Outcome
from experiments.lock import LOCK_NAME, DirectoryLock
from experiments.manifest import (
    MANIFEST_NAME,
    Change,
    ChangedError,
    Manifest,
    Status,
    inputs_sha256,
    read_manifest,
    refuse_changes,
    versions_here,
)
from experiments.progress import Tally
from experiments.store import LEDGER_NAME, Ledger, StoredRows

__all__ = [
    "Change",
    "ChangedError",
    "Manifest",
    "Results",
    "compute",
    "held",
    "inputs_sha256",
    "open_results",
    "read_manifest",
    "refuse_foreign",
    "versions_here",
    "write_json_atomic",
    "write_text_atomic",
]


class Results:
    """An open results directory; leaving its context writes how the work ended.

    Without an exception it is complete; with KeyboardInterrupt or a closed generator interrupted; otherwise failed.

    Attributes
    ----------
    directory, manifest, ledger
        Where, what from, and the runs.
    retry_failed
        Whether runs recorded as failed are to be computed again.
    """

    def __init__(self, ledger: Ledger, manifest: Manifest, *, retry_failed: bool) -> None:
        self.directory = ledger.directory
        self.ledger = ledger
        self.manifest = manifest
        self.retry_failed = retry_failed
        self._write()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(_status_after(kind))

    def close(self, status: Status) -> None:
        """Write how the work ended and give the directory free."""
        self.manifest = replace(self.manifest, status=status, finished=_now())
        try:
            self._write()
        finally:
            self.ledger.close()

    def missing(self, keys: Iterable[str]) -> list[str]:
        """List the keys still to be computed, in order."""
        return self.ledger.missing(keys, retry_failed=self.retry_failed)

    def rows(self, key: str) -> StoredRows:
        """Give what a run left.

        Raises
        ------
        RuntimeError
            It failed, or was never done.
        """
        rows = self.ledger.get(key)
        if rows is None:
            errors = {failed.key: failed.error for failed in self.ledger.failed()}
            said = f"{errors[key].kind}: {errors[key].message}" if key in errors else "it was not done"
            raise RuntimeError(f"a replicate failed: {said}")
        return rows

    def _write(self) -> None:
        write_json_atomic(self.directory / MANIFEST_NAME, self.manifest.document())


def open_results(directory: Path | str, manifest: Manifest, *, resume: bool = False) -> Results:
    """Open a results directory to compute in it; what is recorded there of the same inputs is kept and used.

    Parameters
    ----------
    directory
        Made if it is not there.
    manifest
        What the runs are made from now.
    resume
        Give runs recorded as failed another chance. Runs cut off are done in any case.

    Raises
    ------
    ChangedError
        The directory was made from something else; the message lists exactly what.
    ResultsError
        ``foreign_directory``: it holds other files and no manifest. Or as `read_manifest` and `Ledger`.
    """
    place = Path(directory)
    refuse_foreign(place)
    ledger = Ledger(place)
    try:
        return Results(ledger, _continued(place, manifest), retry_failed=resume)
    except BaseException:
        ledger.close()
        raise


@contextlib.contextmanager
def held(directory: Path | str, manifest: Manifest) -> Iterator[Path]:
    """Give a results directory that needs no ledger, with its manifest, to the one who works in it; as `open_results`.

    Raises
    ------
    ChangedError, ResultsError
        As `open_results`.
    """
    place = Path(directory)
    refuse_foreign(place)
    prepare_directory(place)
    with contextlib.ExitStack() as stack:
        stack.callback(DirectoryLock(place).release)
        manifest, status = _continued(place, manifest), _status_after(None)
        try:
            yield place
        except BaseException as error:
            status = _status_after(type(error))
            raise
        finally:
            write_json_atomic(place / MANIFEST_NAME, replace(manifest, status=status, finished=_now()).document())


def _continued(place: Path, manifest: Manifest) -> Manifest:
    """Return the manifest of work that begins, or goes on, in a directory that is held; raises as `open_results`."""
    before = read_manifest(place) if (place / MANIFEST_NAME).exists() else None
    if before is not None:
        refuse_changes(place, before, manifest.document())
    with explained(place):
        sweep_temporaries(place)
    started = str(before["started"]) if before is not None else _now()
    return replace(manifest, status="running", started=started, finished=None)


class Keyed(Protocol):
    """Something to be done that has a run's key: a job, or what a job can be made of."""

    @property
    def key(self) -> str:
        """The run's content key."""


Piece = TypeVar("Piece", bound=Keyed)


def compute(
    results: Results,
    jobs: Iterable[Piece],
    run: Callable[[Iterator[Piece]], Generator[Outcome, None, None]],
    total: int | None = None,
) -> Generator[Tally, None, None]:
    """Compute and record the jobs that are missing, telling how far it is after each and at the end.

    Parameters
    ----------
    results
        Where runs are looked up and recorded.
    jobs
        All jobs wanted, drawn as they are needed; one that is named twice is done once.
    run
        Does jobs, in any order: `experiments.runner.run` with its options bound.
    total
        How many jobs there are, where known, for the time left.

    Raises
    ------
    ResultsError
        From recording; and whatever `run` raises. What was recorded stays.
    """
    tally, under_way = Tally(total), set[str]()
    with contextlib.closing(run(_missing_jobs(results, jobs, tally, under_way))) as outcomes:
        for outcome in outcomes:
            results.ledger.record(outcome)
            under_way.discard(outcome.key)
            tally.count(outcome)
            yield tally
    yield tally


def _missing_jobs(results: Results, jobs: Iterable[Piece], tally: Tally, under_way: set[str]) -> Iterator[Piece]:
    for job in jobs:
        if job.key not in under_way and results.missing([job.key]):
            under_way.add(job.key)
            yield job
        else:
            tally.reused += 1


def refuse_foreign(place: Path, own: Sequence[str] = (MANIFEST_NAME, LEDGER_NAME)) -> None:
    """Refuse a directory with files in it, but none of those by which a command knows its own.

    Raises
    ------
    ResultsError
        ``foreign_directory``.
    """
    if not place.is_dir() or any((place / name).exists() for name in own):
        return
    others = sorted(path.name for path in place.iterdir() if path.name != LOCK_NAME and not path.name.startswith("."))
    if others:
        remedy = f"this directory holds other files ({', '.join(others[:3])}); choose a new or an empty one"
        raise ResultsError("foreign_directory", str(place), remedy)


def _status_after(kind: type[BaseException] | None) -> Status:
    if kind is None:
        return "complete"
    return "interrupted" if issubclass(kind, KeyboardInterrupt | GeneratorExit) else "failed"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

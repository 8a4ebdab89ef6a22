"""The ledger: every run by its key, durable at once, readable while it is written, checked whenever it is read.

One SQLite file. A run's checksum covers its key, its status and its payload, so that no flipped byte is ever taken
for a result: what does not match is set aside and counts as missing.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from math import inf
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from experiments import database
from experiments.errors import ResultsError
from experiments.files import prepare_directory
from experiments.jobs import Done, Failed, Fault, Outcome
from experiments.lock import DirectoryLock
from experiments.rows import rows_from_bytes, rows_to_bytes

LEDGER_NAME = "ledger.sqlite"

_SYNC_SECONDS = 0.25
"""Waiting for the disk at every record would take longer than many a run."""

_DONE = b"done"
_FAILED = b"failed"

StoredRows = dict[str, NDArray[np.float64]]


class Ledger:
    """The runs of one results directory.

    Parameters
    ----------
    directory
        The results directory; made if it is not there.
    readonly
        Open beside a writer, only to read.

    Raises
    ------
    ResultsError
        ``directory_in_use``, ``read_only``, ``disk_full``, ``unwritable``, or ``no_ledger`` (to read, none is there).
    """

    def __init__(self, directory: Path | str, *, readonly: bool = False) -> None:
        self.directory = Path(directory)
        self.path = self.directory / LEDGER_NAME
        self._lock: DirectoryLock | None = None
        self._synced, self._logged = -inf, False
        if readonly:
            self._base = database.open_to_read(self.path)
            return
        prepare_directory(self.directory)
        self._lock = DirectoryLock(self.directory)
        try:
            self._base = database.open_to_write(self.path)
            self._logged = database.is_logged(self._base)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave one plain file that opens anywhere, and give the directory free."""
        if self._lock is not None:
            database.settle(self._base)
        self._base.close()
        if self._lock is not None:
            self._lock.release()

    def record(self, outcome: Outcome) -> None:
        """Keep an outcome; a failure never replaces rows, rows replace a failure.

        It survives a kill at once, and a power cut within the next quarter of a second of records.

        Raises
        ------
        ResultsError
            ``disk_full`` and the like, or ``not_reproducible``: the key is there already with other rows.
        """
        new = _signed(outcome)
        with database.explained(self.path):
            kept = self._row(outcome.key)
            if kept is None or kept.status == _FAILED:
                self._put(new)
            elif new.status == _DONE and new.payload != kept.payload:
                remedy = "the same run gave other numbers than before; this is an error of the program, report it"
                raise ResultsError("not_reproducible", outcome.key, remedy)

    def missing(self, keys: Iterable[str], *, retry_failed: bool = False) -> list[str]:
        """List the keys without a sound record, each once, in the given order.

        Parameters
        ----------
        keys
            Keys of the runs that are wanted.
        retry_failed
            Whether runs recorded as failed are missing too.
        """
        enough = {_DONE} if retry_failed else {_DONE, _FAILED}
        with database.explained(self.path):
            rows = ((key, self._row(key)) for key in dict.fromkeys(keys))
            return [key for key, row in rows if row is None or row.status not in enough]

    def get(self, key: str) -> StoredRows | None:
        """Give a run's rows; None if it is not there, failed, or damaged (then it is set aside)."""
        with database.explained(self.path):
            row = self._row(key)
        return None if row is None else _rows(row)

    def records(self) -> Iterator[tuple[str, StoredRows | None]]:
        """Give every run sorted by key, with its rows, or None if it failed.

        Raises
        ------
        ResultsError
            ``damaged_run``: a record does not match its checksum; it is set aside, to be computed again.
        """
        return ((row.key.decode(), _rows(row)) for row in self._sound_rows())

    def items(self) -> Iterator[tuple[str, StoredRows]]:
        """Give every finished run, sorted by key; raises as `records`."""
        return ((key, rows) for key, rows in self.records() if rows is not None)

    def failed(self) -> list[Failed]:
        """List the runs that failed, with their errors, sorted by key; raises as `records`."""
        rows = [row for row in self._sound_rows() if row.status == _FAILED]
        return [Failed(row.key.decode(), Fault(**json.loads(row.payload))) for row in rows]

    def _put(self, new: database.Row) -> None:
        now = time.monotonic()
        synced = not self._logged or now - self._synced >= _SYNC_SECONDS
        database.put(self._base, new, synced=synced)
        self._synced = now if synced else self._synced

    def _row(self, key: str) -> database.Row | None:
        row = database.find(self._base, key)
        if row is None or row.is_sound():
            return row
        self._set_aside(row)
        return None

    def _sound_rows(self) -> Iterator[database.Row]:
        with database.explained(self.path):
            for row in database.scan(self._base):
                if not row.is_sound():
                    self._set_aside(row)
                    remedy = "its record is damaged; start the same command again to compute it anew"
                    raise ResultsError("damaged_run", f"{self.path}: {row.key!r}", remedy)
                yield row

    def _set_aside(self, row: database.Row) -> None:
        if self._lock is not None:
            database.set_aside(self._base, row)


def canonical_export(ledger: Ledger) -> Iterator[str]:
    """Give one line per run and measure, sorted by run key: equal lines mean equal bytes of results.

    Tab-separated: key, measure, its numbers separated by spaces, each the shortest text that reads back as the same
    float64. A failed run is its key and the word ``failed``. Raises as `Ledger.records`.
    """
    for key, rows in ledger.records():
        if rows is None:
            yield f"{key}\tfailed"
            continue
        for name, numbers in rows.items():
            yield f"{key}\t{name}\t{' '.join(map(repr, numbers.tolist()))}"


def canonical_sha256(ledger: Ledger) -> str:
    """Hash the canonical export, each line ended by a newline, as hexadecimal SHA-256."""
    digest = hashlib.sha256()
    for line in canonical_export(ledger):
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()


def _signed(outcome: Outcome) -> database.Row:
    if isinstance(outcome, Done):
        return database.signed(outcome.key, _DONE, rows_to_bytes(outcome.rows))
    return database.signed(outcome.key, _FAILED, json.dumps(asdict(outcome.error)).encode())


def _rows(row: database.Row) -> StoredRows | None:
    return rows_from_bytes(row.payload) if row.status == _DONE else None

"""Files that are either the old or the new, never half; and a directory that can be written, known beforehand."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.errors import ResultsError

if TYPE_CHECKING:
    import pandas as pd

_PROBE_BYTES = 1 << 20
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_TEMPORARY = ".*.tmp"


def write_text_atomic(path: Path, text: str) -> None:
    """Write a UTF-8 file through a temporary neighbour, so that a reader or a kill never meets half of it.

    Raises
    ------
    ResultsError
        ``disk_full``, ``read_only`` or ``unwritable``.
    """
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give the path of a temporary neighbour to write, which replaces the file when it is whole; raises the same."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    with explained(path), _removed_on_failure(temporary):
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _sync_directory(path.parent)


def write_json_atomic(path: Path, document: object) -> None:
    """Write JSON (floats as Python prints them, Chinese as itself), all or nothing.

    Raises
    ------
    ResultsError
        As `write_text_atomic`.
    ValueError
        The document holds a NaN or an infinity.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1, default=_plain)
    write_text_atomic(path, text + "\n")


def write_table_atomic(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV in which no text can be taken for a formula; raises as `write_text_atomic`."""
    words = table.select_dtypes(exclude="number").columns
    from scenarios.cells import marked  # the store, which imports this file, knows nothing of scenarios

    harmless = table.assign(**{str(column): table[column].map(marked) for column in words})
    write_text_atomic(path, harmless.to_csv(index=False, lineterminator="\n"))


def prepare_directory(directory: Path) -> None:
    """Make a directory and prove that one can write there.

    Raises
    ------
    ResultsError
        ``disk_full``, ``read_only`` or ``unwritable``.
    """
    probe = directory / f".probe.{os.getpid()}.tmp"
    with explained(directory):
        directory.mkdir(parents=True, exist_ok=True)
        with _removed_on_failure(probe), probe.open("wb") as file:
            file.write(bytes(_PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
        probe.unlink()


def sweep_temporaries(directory: Path) -> None:
    """Remove files that a killed writer left half written; only for the one who holds the directory."""
    for leftover in directory.glob(_TEMPORARY):
        leftover.unlink(missing_ok=True)


@contextlib.contextmanager
def explained(place: Path) -> Iterator[None]:
    """Turn an operating system's refusal to write into one clear message."""
    try:
        yield
    except OSError as error:
        raise refusal(place, error) from error


def refusal(place: Path, error: OSError) -> ResultsError:
    """Describe why a place cannot be written."""
    if error.errno in _FULL:
        return ResultsError("disk_full", str(place), "the disk is full; free some space and start again")
    if error.errno in _REFUSED:
        return ResultsError("read_only", str(place), "this place may not be written; choose another directory")
    return ResultsError("unwritable", str(place), f"this place cannot be written ({error.strerror}); choose another")


@contextlib.contextmanager
def _removed_on_failure(temporary: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _sync_directory(directory: Path) -> None:
    with contextlib.suppress(OSError):  # not every system can open a directory
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _plain(value: object) -> object:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not JSON")

"""SQLite under the ledger: opening, durability, and what to do with a damaged file.

Write-ahead logging lets others read meanwhile; where a file system cannot, the ordinary journal serves. A record that
does not match its checksum moves to the table `damaged`; a file that is not sound is renamed, never deleted, and its
sound records are carried over into a new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from experiments.errors import ResultsError

_SCHEMA = (
    "CREATE TABLE runs (key TEXT NOT NULL PRIMARY KEY, status TEXT NOT NULL, payload BLOB NOT NULL,"
    " sha256 BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE damaged (key, status, payload, sha256, noticed TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)",
)
# Read as bytes, because a flipped byte can change the type of a value or make text that cannot be decoded.
_AS_BYTES = (
    "CAST(key AS BLOB), CAST(status AS BLOB), CAST(payload AS BLOB), CAST(sha256 AS BLOB),"
    " CAST(typeof(key) || typeof(status) || typeof(payload) || typeof(sha256) AS BLOB)"
)
_TYPES = b"texttextblobblob"
_WAIT_SECONDS = 30.0
_PRIMARY_CODE = 0xFF
_BROKEN_FILE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_ERROR}
_ERRORS = (sqlite3.DatabaseError, UnicodeDecodeError)  # the second when a message quotes damaged text
_DAMAGED = "this file is damaged; start the same command again: what is sound is kept, the rest computed anew"
_MESSAGES = {
    sqlite3.SQLITE_FULL: ("disk_full", "the disk is full; what was recorded is kept, free some space and start again"),
    sqlite3.SQLITE_READONLY: ("read_only", "this file may not be written; choose another directory"),
    sqlite3.SQLITE_CANTOPEN: ("cannot_open", "this file cannot be opened; check that it and its directory may be used"),
    sqlite3.SQLITE_BUSY: ("ledger_locked", "another program keeps this file locked; close it and start again"),
    **dict.fromkeys(_BROKEN_FILE, ("damaged_ledger", _DAMAGED)),
}


class Row(NamedTuple):
    """One record as it is stored: key and status in UTF-8, payload, the SHA-256 of the three, and SQLite's types."""

    key: bytes
    status: bytes
    payload: bytes
    sha256: bytes
    types: bytes = _TYPES

    def is_sound(self) -> bool:
        """Whether the record is what was written."""
        return self.types == _TYPES and self.sha256 == _checksum(self.key, self.status, self.payload)


def signed(key: str, status: bytes, payload: bytes) -> Row:
    """Make a record with its checksum."""
    name = key.encode()
    return Row(name, status, payload, _checksum(name, status, payload))


def _checksum(key: bytes, status: bytes, payload: bytes) -> bytes:
    return hashlib.sha256(b"\n".join((key, status, payload))).digest()


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open the ledger's file, made or mended where needed."""
    with explained(path):
        base = _sound_or_none(path)
        return base if base is not None else _mended(path)


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open the file beside a possible writer.

    Raises
    ------
    ResultsError
        ``no_ledger``, or as `explained`.
    """
    if not path.exists():
        raise ResultsError("no_ledger", str(path), "no runs are recorded here; check the directory")
    with explained(path):
        try:
            return _connected(path, "mode=ro")
        except sqlite3.OperationalError:
            if _beside(path, "-wal").exists():
                raise
            # A file left in write-ahead mode on a medium that cannot be written needs to be told that nobody writes.
            return _connected(path, "mode=ro&immutable=1")


def settle(base: sqlite3.Connection) -> None:
    """Fold the log into the file; while others still read, it stays beside."""
    with contextlib.suppress(sqlite3.Error):
        base.execute("PRAGMA busy_timeout = 0")
        base.execute("PRAGMA journal_mode = DELETE")


def find(base: sqlite3.Connection, key: str) -> Row | None:
    """Look one record up."""
    found = base.execute(f"SELECT {_AS_BYTES} FROM runs WHERE key = ?", (key,)).fetchone()
    return None if found is None else Row(*found)


def scan(base: sqlite3.Connection, order: Literal["ASC", "DESC"] = "ASC") -> Iterator[Row]:
    """Give all records in the order of their keys."""
    return (Row(*found) for found in base.execute(f"SELECT {_AS_BYTES} FROM runs ORDER BY key {order}"))


def is_logged(base: sqlite3.Connection) -> bool:
    """Whether the file has a write-ahead log; without one every record must reach the disk before the next."""
    return bool(base.execute("PRAGMA journal_mode").fetchone()[0] == b"wal")


def put(base: sqlite3.Connection, row: Row, *, synced: bool = True) -> None:
    """Write one record, in place of any other under its key.

    A record survives the death of this process at once. It survives a power cut once it, or a later one, was written
    `synced`; a cut before that takes the last records only, never part of one.
    """
    base.execute(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
    record = (row.key.decode(), row.status.decode(), row.payload, row.sha256)
    base.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", record)


def set_aside(base: sqlite3.Connection, row: Row) -> None:
    """Move a record to the damaged ones, both or neither."""
    with _transaction(base):
        base.execute("INSERT INTO damaged (key, status, payload, sha256) VALUES (?, ?, ?, ?)", row[:4])
        base.execute("DELETE FROM runs WHERE CAST(key AS BLOB) IS ?", (row.key,))


@contextlib.contextmanager
def _transaction(base: sqlite3.Connection) -> Iterator[None]:
    base.execute("BEGIN IMMEDIATE")
    try:
        yield
        base.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # some errors have rolled back already
            base.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's refusals into one clear message."""
    try:
        yield
    except _ERRORS as error:
        code, remedy = _MESSAGES.get(_code(error), ("unwritable", f"this file cannot be used ({error})"))
        raise ResultsError(code, str(path), remedy) from error


def _code(error: Exception) -> int:
    if isinstance(error, UnicodeDecodeError):
        return sqlite3.SQLITE_CORRUPT
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE


def _connected(path: Path, query: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?{query}"
    base = sqlite3.connect(address, uri=True, timeout=_WAIT_SECONDS, isolation_level=None)
    base.text_factory = bytes  # of a damaged file, text need not be text
    try:
        base.execute("PRAGMA trusted_schema = OFF")
        base.execute("SELECT count(*) FROM sqlite_master")
    except BaseException:
        base.close()
        raise
    return base


def _opened(path: Path) -> sqlite3.Connection:
    base = _connected(path, "mode=rwc")
    with contextlib.suppress(sqlite3.OperationalError):  # then the ordinary journal stays
        base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = FULL")
    return base


def _sound_or_none(path: Path) -> sqlite3.Connection | None:
    """Open the file and make its tables if it is new; None if it is damaged or another program's."""
    base: sqlite3.Connection | None = None
    try:
        base = _opened(path)
        _make_tables(base)
        if _is_sound(base):
            return base
    except _ERRORS as error:
        if _code(error) not in _BROKEN_FILE:
            raise
    if base is not None:
        base.close()
    return None


def _make_tables(base: sqlite3.Connection) -> None:
    if not _schema(base):
        with _transaction(base):
            for statement in _SCHEMA:
                base.execute(statement)


def _is_sound(base: sqlite3.Connection) -> bool:
    """Whether file and records are sound, once damaged records are set aside."""
    if _schema(base) != {statement.encode() for statement in _SCHEMA} or base.execute(
        "PRAGMA integrity_check(1)"
    ).fetchall() != [(b"ok",)]:
        return False
    for row in [row for row in scan(base) if not row.is_sound()]:
        set_aside(base, row)
    keys = (row.key if row.is_sound() else b"" for row in scan(base))
    return all(before < after for before, after in itertools.pairwise(itertools.chain([b""], keys)))


def _schema(base: sqlite3.Connection) -> set[bytes]:
    return {statement for (statement,) in base.execute("SELECT CAST(sql AS BLOB) FROM sqlite_master WHERE sql NOTNULL")}


def _mended(path: Path) -> sqlite3.Connection:
    """Put the unsound file aside and begin a new one with the records that can still be read."""
    aside = _unused_name(path)
    for suffix in ("-wal", "-shm", "-journal", ""):  # the file last: a log must never meet a file that is not its own
        if _beside(path, suffix).exists():
            _beside(path, suffix).rename(_beside(aside, suffix))
    base = _opened(path)
    _make_tables(base)
    for row in _readable(aside):
        if row.is_sound():
            put(base, row)
    return base


def _readable(path: Path) -> Iterator[Row]:
    """Read a damaged file from both ends, as far as each goes."""
    orders: tuple[Literal["ASC", "DESC"], ...] = ("ASC", "DESC")
    for order in orders:
        with contextlib.suppress(*_ERRORS), contextlib.closing(_connected(path, "mode=rw")) as base:
            yield from scan(base, order)


def _unused_name(path: Path) -> Path:
    names = (path.with_name(f"{path.stem}.damaged-{number}{path.suffix}") for number in itertools.count(1))
    return next(name for name in names if not name.exists())


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)

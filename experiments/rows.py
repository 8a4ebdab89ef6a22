"""Rows: what one job measures, as named float64 arrays with the same bytes everywhere."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Rows = Mapping[str, NDArray[np.float64]]

_MAGIC = b"YFR1"
_SIZES = struct.Struct("<IQ")
_NUMBERS = "biuf"
_EXACT_INTEGER = 2**53


class RowsError(ValueError):
    """A job's result is not a mapping of names to finite one-dimensional numbers."""


def as_rows(value: object) -> dict[str, NDArray[np.float64]]:
    """Check what a job returned and bring it to canonical rows, sorted by name.

    Parameters
    ----------
    value
        Mapping of printable names to numbers or one-dimensional arrays of numbers.

    Raises
    ------
    RowsError
        Not such a mapping, a NaN or infinity, or an integer float64 cannot hold.
    """
    if not isinstance(value, Mapping) or not value:
        raise RowsError(f"a job returns a mapping of names to numbers, not {value!r:.50}")
    for name in value:
        if not isinstance(name, str) or not name or not name.isprintable():
            raise RowsError(f"the measure name {name!r} is not printable text")
    return {name: _as_row(name, value[name]) for name in sorted(value)}


def _as_row(name: str, value: object) -> NDArray[np.float64]:
    given = np.atleast_1d(np.asarray(value))
    if given.dtype.kind not in _NUMBERS or given.itemsize > np.dtype(np.float64).itemsize or given.ndim != 1:
        raise RowsError(f"measure {name!r} is {given.dtype} in {given.ndim} dimensions, not one row of numbers")
    if given.dtype.kind in "iu" and any(abs(int(number)) > _EXACT_INTEGER for number in given):
        raise RowsError(f"measure {name!r} holds an integer beyond 2**53")
    row = np.ascontiguousarray(given, dtype=np.float64)
    broken = np.flatnonzero(~np.isfinite(row))
    if broken.size:
        raise RowsError(f"measure {name!r} is {row[broken[0]]} at position {broken[0]}")
    return row


def rows_to_bytes(rows: Rows) -> bytes:
    """Serialise rows; equal rows give equal bytes on every machine, whatever the order of names."""
    parts = [_MAGIC]
    for name, row in as_rows(rows).items():
        label = name.encode()
        parts += [_SIZES.pack(len(label), row.size), label, row.astype("<f8").tobytes()]
    return b"".join(parts)


def rows_from_bytes(data: bytes) -> dict[str, NDArray[np.float64]]:
    """Read rows back, bit for bit; the arrays are read-only.

    Raises
    ------
    RowsError
        The bytes were not written by `rows_to_bytes`.
    """
    if not data.startswith(_MAGIC):
        raise RowsError("these bytes are not rows")
    rows: dict[str, NDArray[np.float64]] = {}
    place = len(_MAGIC)
    while place < len(data):
        label_size, count = _SIZES.unpack_from(data, place)
        start = place + _SIZES.size + label_size
        row = np.frombuffer(data, dtype="<f8", count=count, offset=start).astype(np.float64)
        row.setflags(write=False)
        rows[data[place + _SIZES.size : start].decode()] = row
        place = start + row.nbytes
    return rows

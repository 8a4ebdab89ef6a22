"""The manifest: in full, what the runs of a results directory were made from.

Whether a directory may be continued is decided by comparing that, value by value, never by the times of files.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from experiments.errors import ResultsError

MANIFEST_NAME = "manifest.json"

Status = Literal["running", "complete", "interrupted", "failed"]

_FORMAT = 1
_LIBRARIES = ("numpy", "numba", "mesa", "scipy", "yangfeng")
_COMPARED = ("inputs", "seeds", "source_sha256", "versions")
_SHOWN_CHANGES = 20
_SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Change:
    """A value of the manifest that is not what it was; None stands for absent."""

    path: str
    before: object
    now: object

    def __str__(self) -> str:
        return f"{self.path}: {_short(self.before)} → {_short(self.now)}"


class ChangedError(ResultsError):
    """A directory was made from something else than what is asked now; `changes` lists all of it."""

    def __init__(self, directory: Path, changes: list[Change]) -> None:
        shown = "; ".join(str(change) for change in changes[:_SHOWN_CHANGES])
        more = f"; and {len(changes) - _SHOWN_CHANGES} more" if len(changes) > _SHOWN_CHANGES else ""
        remedy = f"the runs here were made from something else ({shown}{more}); choose a new directory, or restore that"
        super().__init__("changed", str(directory), remedy, changes=shown + more)
        self.changes = tuple(changes)


def versions_here() -> dict[str, str | None]:
    """Give the versions of Python and of the libraries that results may depend on, without importing them."""
    return {"python": platform.python_version()} | {name: _version(name) for name in _LIBRARIES}


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a results directory was made from.

    Parameters
    ----------
    inputs
        Everything that decides the results, as plain JSON values.
    seeds
        The seeds, by name.
    source_sha256
        Hash of the model that computes (`model.compilation.source_hash`).
    versions
        Versions of Python and of the libraries; None for one that is not installed.
    status
        How the work stands.
    command
        How it was asked for, for the reader only.
    started, finished
        UTC times in ISO 8601, for the reader only; None before.
    """

    inputs: Mapping[str, object]
    seeds: Mapping[str, int]
    source_sha256: str
    versions: Mapping[str, str | None] = field(default_factory=versions_here)
    status: Status = "running"
    command: str = ""
    started: str | None = None
    finished: str | None = None

    def document(self) -> dict[str, object]:
        """Give the manifest as it is written."""
        return {
            "format": _FORMAT,
            "status": self.status,
            "started": self.started,
            "finished": self.finished,
            "command": self.command,
            "inputs_sha256": inputs_sha256(self.inputs),
            "source_sha256": self.source_sha256,
            "seeds": dict(self.seeds),
            "versions": dict(self.versions),
            "inputs": dict(self.inputs),
        }


def read_manifest(directory: Path | str) -> dict[str, object]:
    """Read a directory's manifest.

    Raises
    ------
    ResultsError
        ``no_manifest``, or ``damaged_manifest``: it is not what was written.
    """
    path = Path(directory) / MANIFEST_NAME
    try:
        document = json.loads(path.read_bytes())
        sound = document["format"] == _FORMAT and document["inputs_sha256"] == inputs_sha256(document["inputs"])
    except OSError as error:
        raise ResultsError("no_manifest", str(path), "this file cannot be read; check the directory") from error
    except (ValueError, KeyError, TypeError):
        sound = False
    if not sound:
        remedy = "this file is damaged or of another version; delete it and start again, sound runs are kept"
        raise ResultsError("damaged_manifest", str(path), remedy)
    return dict(document)


def inputs_sha256(inputs: Mapping[str, object]) -> str:
    """Hash inputs by value: the order of names and the layout of a file do not matter."""
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def refuse_changes(place: Path, before: Mapping[str, object], now: Mapping[str, object]) -> None:
    """Compare two manifests as written.

    Raises
    ------
    ChangedError
        Inputs, seeds, source or versions differ; the message lists exactly what.
    """
    as_written = json.loads(json.dumps(now))
    changes = [change for name in _COMPARED for change in _changes(name, before.get(name), as_written.get(name))]
    if changes:
        raise ChangedError(place, changes)


def _changes(path: str, before: object, now: object) -> list[Change]:
    """Compare two JSON values down to the leaves."""
    if isinstance(before, dict) and isinstance(now, dict):
        names = list(dict.fromkeys([*before, *now]))
        return [change for name in names for change in _changes(f"{path}.{name}", before.get(name), now.get(name))]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        pairs = enumerate(zip(before, now, strict=True))
        return [change for place, (old, new) in pairs for change in _changes(f"{path}[{place}]", old, new)]
    return [] if (type(before), before) == (type(now), now) else [Change(path, before, now)]


def _short(value: object) -> str:
    text = "absent" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}…"

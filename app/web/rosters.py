"""A planner's own place: an uploaded scenario, or rosters given to an importer. Files get names of the server's own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from app.console import BadInputError, Language
from app.web.places import Place, of_file
from app.web.state import OWN
from scenarios.problems import shown
from scenarios.rosters.persons import masked

LARGEST = 20 * 1024**2
KEPT = 2 * LARGEST
"""Bytes of a refused upload that are kept for its corrected files."""
MOST_FILES = 6
SCENARIO = ".toml"
ROSTERS = (".csv", ".xlsx")

Importer = Callable[[Sequence[Path], Path, Language, str], Sequence[str]]
"""Reads rosters, writes the scenario of a title at a path, returns remarks in a language; what is wrong it raises."""


class Upload(NamedTuple):
    """A file as the browser sent it; its name is only ever shown."""

    name: str
    content: bytes


class UploadError(Exception):
    """What is wrong with an upload, in words that name the planner's own files."""


def completed(uploads: Sequence[Upload], kept: Sequence[Upload]) -> list[Upload]:
    """Return files with those kept of an upload that was refused, where all of them are corrected ones of it."""
    new, old = ({upload.name: upload for upload in some} for some in (uploads, kept))
    return list((old | new).values()) if new.keys() <= old.keys() else list(uploads)


def kinds(importer: Importer | None) -> tuple[str, ...]:
    """Return the endings that can be read."""
    return (SCENARIO,) if importer is None else (SCENARIO, *ROSTERS)


def place_of(
    uploads: Sequence[Upload],
    importer: Importer | None,
    language: Language,
    told: Callable[[BaseException], str | None],
    title: str = "",
) -> tuple[Place, Sequence[str]]:
    """Return the place that uploaded files describe, and remarks about it.

    Parameters
    ----------
    uploads
        One scenario, or rosters.
    importer
        Reads rosters; None where there is none.
    language
        Of the remarks.
    told
        Puts an expected error into words; None for any other, which is then raised.
    title
        What reports call a place that rosters describe.

    Raises
    ------
    BadInputError
        If they are too many, too large, or of a kind that cannot be read.
    UploadError
        With everything that is wrong with their content.
    """
    endings = [_checked(upload, kinds(importer)) for upload in uploads]
    most = 1 if SCENARIO in endings else MOST_FILES
    if not 1 <= len(uploads) <= most:
        raise BadInputError("too_many_files", value=len(uploads), most=most)
    folder = tempfile.TemporaryDirectory(prefix="yangfeng-place-")
    scenario = Path(folder.name) / f"{OWN}{SCENARIO}"
    with tempfile.TemporaryDirectory(prefix="yangfeng-given-") as given:  # what people sent goes when it is read
        named = _saved(uploads, endings, scenario, Path(given))
        try:
            remarks: Sequence[str] = ()
            if importer is not None and SCENARIO not in endings:
                remarks = importer(list(named), scenario, language, title)
            place = of_file(scenario, scenario.name, folder)
        except Exception as error:
            if (words := told(error)) is None:
                raise
            raise UploadError(_named(words, named)) from None
    return place, [_named(remark, named) for remark in remarks]


def _saved(uploads: Sequence[Upload], endings: Sequence[str], scenario: Path, given: Path) -> dict[Path, Upload]:
    """Save a scenario where it stays and rosters in a folder apart, under names of the server's own; return which."""
    names = [f"roster{number}{ending}" for number, ending in enumerate(endings, 1)]
    paths = [scenario if SCENARIO in endings else given / name for name in names]
    for path, upload in zip(paths, uploads, strict=True):
        path.write_bytes(upload.content)
    return dict(zip(paths, uploads, strict=True))


def _checked(upload: Upload, allowed: Sequence[str]) -> str:
    """Return the ending of an upload that can be read."""
    ending = PurePosixPath(upload.name).suffix.lower()
    if ending not in allowed:
        raise BadInputError("bad_type", value=name_of(upload), allowed=", ".join(allowed))
    if len(upload.content) > LARGEST:
        raise BadInputError("too_large", value=name_of(upload), limit=f"{LARGEST // 1024**2} MB")
    return ending


def name_of(upload: Upload) -> str:
    """Return the name of an upload as it may be shown: without folders and people's numbers, printable and short."""
    return shown(masked(PureWindowsPath(PurePosixPath(upload.name).name).name))


def _named(words: str, uploads: Mapping[Path, Upload]) -> str:
    """Return words in which files have the planner's names."""
    for path, upload in uploads.items():
        words = words.replace(str(path), name_of(upload)).replace(path.name, name_of(upload))
    return words

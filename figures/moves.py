"""What a number that was varied or set moves, in words: the policies compared, the control, both, or nothing there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from figures.records import Comparison, Reach, Record
from figures.text import Text

MOST_NAMED = 4
"""So many numbers are named; of the others it is told how many they are."""


class Moved(Record):
    """A number that was varied or set, and what it moves; None where that was not saved."""

    name: str
    moves: Reach | None = None


def sentences(numbers: Sequence[Moved], t: Text) -> list[str]:
    """Return one sentence for each thing that is moved, with the numbers that move it."""
    found = {reach: [one.name for one in numbers if one.moves == reach] for reach in get_args(Reach)}
    return [t(f"moves.{reach}", names=_named(names, t)) for reach, names in found.items() if names]


def of_changes(comparison: Comparison, t: Text) -> list[str]:
    """Return what the numbers that are not as declared move; nothing where all are as declared."""
    return sentences([Moved(name=one.path, moves=one.moves) for one in comparison.changed], t)


def _named(names: Sequence[str], t: Text) -> str:
    shown = t("phrase.comma").join(names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else t("moves.more", names=shown, count=len(names) - MOST_NAMED)

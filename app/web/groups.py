"""Groups proposed for a place: it becomes the planner's own, with the same schools otherwise grouped."""

from __future__ import annotations

import tempfile
from pathlib import Path

from app.grouping import bring_teachers
from app.web.places import Place, of_file
from app.web.state import OWN
from figures.text import Text
from figures.wording import number
from scenarios.grouping import scenario as grouped
from scenarios.grouping.propose import Proposal, propose
from scenarios.grouping.wish import Wish
from scenarios.source import read

SIZES = ((2, 3), (3, 5), (4, 8), (8, 16))
"""Fewest and most schools of a group, the lead among them."""


def proposed(place: Place, size: tuple[int, int]) -> tuple[Place, Proposal]:
    """Return the place with groups of a size, near, balanced, mixed, the weak with the strong.

    Raises
    ------
    ScenarioError
        If no such groups can be made: which part of the wish cannot be kept, and what would have to give way.
    """
    source, scenario = read(place.path), place.scenario()
    proposal = propose(scenario.roster, Wish(*size))
    folder = tempfile.TemporaryDirectory(prefix="yangfeng-place-")
    path = Path(folder.name) / f"{OWN}.toml"
    bring_teachers(source.data["world"], place.path.parent, path.parent)
    path.write_text(grouped.text(scenario, source, proposal), encoding="utf-8", newline="\n")
    return of_file(path, path.name, folder), proposal


def told(proposal: Proposal, t: Text) -> str:
    """Return what the groups are like, in a sentence."""
    found = proposal.measures()
    return t(
        "web.groups.done", groups=found.groups, smallest=found.smallest, largest=found.largest,
        mean=number(found.mean_km, 1), farthest=number(found.farthest_km, 1), strong=found.needy_with_strong,
        needy=found.needy,
    )  # fmt: skip

"""A scenario once read: a world, what is in force in it, and the policies to compare."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from model.parameters import Parameters
from model.policy import Policy
from model.world import World
from scenarios.build import Labels
from scenarios.catalogue import Catalogue
from scenarios.known import Known
from scenarios.problems import Problem
from scenarios.roster import Names, Roster
from scenarios.schema import Provenance


class Choice(NamedTuple):
    """One policy by names; `rotation` and `support` may join several with ``+``."""

    mode: str
    rotation: str = "none"
    support: str = "none"


class Run(NamedTuple):
    """Length of a run and of its burn-in, in years."""

    years: int
    burn_in: int


@dataclass(frozen=True, eq=False)
class Scenario:
    """A world, what is in force in it, and the policies to compare.

    Attributes
    ----------
    name, title, synthetic
        File name without its ending; language → words; whether the schools are made up.
    world, labels, roster
        The world of the model, the ids of its rows, and the schools and groups it was built from.
    school_names
        School id → language → display name.
    levels
        Levels of schooling in it.
    parameters, catalogue
        Numbers of the world, and the records of the policies compared, the file's own and any overrides included.
    in_force, declared
        Copies of the records in force before, which are the control's; and all records as the file declares them.
    baseline, control_name
        What is in force before any new policy; the control that the file asks for (``as_is`` or ``none``).
    assigned
        Modes by the code in `world.groups.assigned`; empty where the scenario plans none.
    zone
        Mode of the second tier that goes with every policy, or None.
    compare
        The policies to compare.
    run
        Years and burn-in.
    provenance
        Where each field comes from.
    known
        How many values that the official indicators rest on are known from lists of the place, by level.
    warnings
        What was found and not refused.
    inputs_sha256
        Hash of everything that matters to the numbers, in hexadecimal.
    """

    name: str
    title: Names
    synthetic: bool
    world: World
    labels: Labels
    roster: Roster
    school_names: Mapping[str, Names]
    levels: tuple[str, ...]
    parameters: Parameters
    catalogue: Catalogue
    in_force: Catalogue
    declared: Catalogue
    baseline: Policy
    control_name: str
    assigned: tuple[str, ...]
    zone: str | None
    compare: tuple[Choice, ...]
    run: Run
    provenance: tuple[Provenance, ...]
    known: tuple[Known, ...]
    warnings: tuple[Problem, ...]
    inputs_sha256: str

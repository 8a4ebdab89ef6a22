"""Two schools to work cases on by hand."""

import numpy as np

from model.chance import key
from model.policy import Layer, Mode, Policy, RotationPolicy, SupportPolicy
from model.process import Moment
from model.world import World
from tests.model import worlds
from tests.model.worlds import (
    Site,
    built,
    changed,
    teamed,
)

LEAD, MEMBER = Site("lead", (1, 1), "g", "lead"), Site("member", (1, 1), "g", "member", x=6.0)
YEAR = Moment(key(0, 0), 0, 1.0, 0, True, False, 0.0)
BLANK = {"practice": 0.0, "practice_anchor": 0.0, "drive": 1.0, "capacity": 0.5}


def at(world: World, name: str) -> int:
    """Return the row of a school."""
    return int(np.flatnonzero(world.schools.id == worlds.stable_ids([name])[0])[0])


def pair(lead: Site = LEAD, member: Site = MEMBER) -> World:
    """Return a lead and a member, with teams, and nothing to tell them apart."""
    return teamed(changed(built([lead, member], pairs=False), schools=BLANK, ties={"trust": 0.5}))


def tie(world: World, rank: int = 1) -> int:
    """Return the row of the tie from the lead to the member, or back."""
    return int(np.flatnonzero((world.ties.rank == rank) & (world.ties.layer == 0))[0])


def only(mode: Mode, *rules: RotationPolicy, support: SupportPolicy | None = None) -> Policy:
    """Return a policy of one group mode."""
    return Policy((Layer(0, (mode,)),), rules, support or SupportPolicy("none"))

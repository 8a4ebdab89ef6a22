"""Layers of ties and their modes, by tie and by school: what every part of compiling a policy asks of them."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.codes import Code, Rank, TieLayer
from model.columns import Flags, Floats, Rows
from model.policy import INDEPENDENT, Layer, Mode, Policy
from model.world import World


def with_independence(layer: Layer) -> Layer:
    """Where groups have modes of their own, a group without one is independent: code −1 is the last mode."""
    return layer if len(layer.modes) == 1 else replace(layer, modes=(*layer.modes, INDEPENDENT))


def is_tied(mode: Mode) -> bool:
    """Return whether the mode ties or governs anything: a record equal to independence changes nothing."""
    return mode != Mode(mode.name, span=mode.span)


def number(modes: tuple[Mode, ...], name: str) -> Floats:
    """Return a field of every mode as a number."""
    return np.array([float(getattr(mode, name)) for mode in modes])


def says(modes: tuple[Mode, ...], name: str, code: Code) -> Flags:
    """Return which modes have the word of a code in a field."""
    return np.array([getattr(mode, name) == code.word for mode in modes])


class Membership(NamedTuple):
    """The group layer by school: its modes, each school's mode and lead (−1 for none), and who belongs to a group."""

    modes: tuple[Mode, ...]
    mode: NDArray[np.int64]
    lead: Rows
    grouped: Flags

    @property
    def in_group(self) -> Flags:
        """Schools whose group is tied by something."""
        return self.grouped & np.array([is_tied(mode) for mode in self.modes])[self.mode]

    @property
    def leads(self) -> Flags:
        """Schools that lead such a group."""
        return self.in_group & (self.lead == np.arange(len(self.lead)))

    @property
    def members(self) -> Flags:
        """The other schools of such groups."""
        return self.in_group & ~self.leads

    def says(self, name: str, code: Code) -> Flags:
        """Return by school whether its mode has the word of a code in a field."""
        return says(self.modes, name, code)[self.mode]

    def number(self, name: str, neutral: float, override: float | None = None) -> Floats:
        """Return a field of each school's mode, or what overrides it; `neutral` outside groups."""
        numbers = np.full(len(self.modes), override) if override is not None else number(self.modes, name)
        return np.where(self.in_group, numbers[self.mode], neutral)


def membership(policy: Policy, world: World) -> Membership:
    """Return the group layer of a policy by school."""
    found = (with_independence(layer) for layer in policy.layers if layer.layer == TieLayer.GROUP)
    layer = next(found, Layer(TieLayer.GROUP, (INDEPENDENT,)))
    group, groups = world.schools.group, world.groups
    grouped = group >= 0
    if len(groups.id) == 0:
        none = np.full(len(group), -1, dtype=np.int32)
        return Membership(layer.modes, np.zeros(len(group), dtype=np.int64), none, grouped)
    mode = np.where(grouped, mode_of_group(layer, world)[group], 0)
    return Membership(layer.modes, mode, np.where(grouped, groups.lead[group], -1).astype(np.int32), grouped)


def mode_of_group(layer: Layer, world: World) -> NDArray[np.int64]:
    """Return the mode of every group, as a place in the layer's modes."""
    if len(layer.modes) == 1:
        return np.zeros(len(world.groups.id), dtype=np.int64)
    return world.groups.assigned.astype(np.int64) % len(layer.modes)


def tie_modes(layer: Layer, world: World) -> NDArray[np.int64]:
    """Return the mode of every tie of this layer, −1 on ties of other layers."""
    ties, of_group = world.ties, mode_of_group(layer, world)
    modes = np.zeros(len(ties.id), dtype=np.int64)
    if layer.layer == TieLayer.GROUP and len(of_group):
        modes = of_group[world.schools.group[ties.target]]
    return np.where(ties.layer == layer.layer, modes, -1)


def same_level(world: World) -> Flags:
    """Return which ties join schools of one level: only research and the repository reach across levels."""
    level = world.schools.level
    return np.asarray(level[world.ties.source] == level[world.ties.target])


def led_ties(layer: Layer, world: World) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of this layer's ties that lead within one level, schools open longest first, and their modes."""
    ties, modes = world.ties, tie_modes(layer, world)
    tied = np.array([is_tied(m) for m in layer.modes])
    rows = np.flatnonzero((modes >= 0) & tied[modes] & (ties.rank == Rank.SOURCE_LEADS) & same_level(world))
    rows = rows[np.argsort(world.schools.opens[ties.target[rows]], kind="stable")]
    return rows, modes[rows]

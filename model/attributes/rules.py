"""Rotation policies as numbers by rule and school: who moves among which schools, how many, where to, for how long."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.attributes.layers import Membership
from model.codes import (
    Backfill,
    Code,
    Destination,
    Direction,
    Ownership,
    PoolRule,
    Quota,
    Rank,
    Role,
    Scope,
    Setting,
    StaffPool,
    TieLayer,
    Who,
)
from model.columns import Flags, Floats, Rows
from model.policy import Mode, Policy, RotationPolicy, SupportPolicy
from model.world import World


class Rules(NamedTuple):
    """Rotation rules by rule and school, (K, S) each; NaN leaves an amount to the parameters."""

    pool: Rows  # lowest row of the schools among which teachers move, −1 outside any pool
    sends: Rows  # 1: may send
    receives: Rows  # 1: may receive
    who: Rows  # a code of `Who`
    quota: Rows  # a code of `Quota`
    destination: Rows  # a code of `Destination`
    backfill: Rows  # a code of `Backfill`
    compulsory: Rows  # 1: nobody is asked
    lead: Rows  # lead or helper of the school, −1 for none
    share: Floats
    backbone_share: Floats
    eligible_years: Floats
    time_share: Floats
    stay_years: Floats
    incentive: Floats


def rules_of(policy: Policy, group: Membership, world: World) -> Rules:
    """Compile the rotation policies; pools never cross levels or employers."""
    rotations = policy.rotations or (RotationPolicy("none", quota=Quota.NONE.word),)
    compiled = [_rule(rotation, group, policy.support, world) for rotation in rotations]
    return Rules(*(np.stack(part) for part in zip(*compiled, strict=True)))


class _Pairs(NamedTuple):
    """Pairs of the pair layer: lowest row of the schools tied together (−1: none), helper (−1: none), helps others."""

    cluster: NDArray[np.int64]
    helper: Rows
    helps: Flags


def _pairs(world: World) -> _Pairs:
    ties, count = world.ties, len(world.schools.id)
    led = np.flatnonzero((ties.layer == TieLayer.PAIR) & (ties.rank == Rank.SOURCE_LEADS))
    source, target = ties.source[led], ties.target[led]
    cluster, before = np.arange(count), np.full(count, -1)
    while not np.array_equal(cluster, before):
        before = cluster.copy()
        np.minimum.at(cluster, target, cluster[source])
        np.minimum.at(cluster, source, cluster[target])
    helper, helps = np.full(count, -1, dtype=np.int32), np.zeros(count, dtype=np.bool_)
    helper[target[::-1]] = source[::-1]
    helps[source] = True
    return _Pairs(np.where(helps | (helper >= 0), cluster, -1), helper, helps)


class _Moving(NamedTuple):
    """Under one rotation, by school: the schools it moves among, whether in a pair, its cluster, its lead or helper."""

    scope: NDArray[np.int64]
    paired: Flags
    cluster: NDArray[np.int64]
    lead: Rows
    helps: Flags


def _moving(rotation: RotationPolicy, group: Membership, world: World) -> _Moving:
    pairs = _pairs(world)
    scope = np.array([_scope(rotation, mode) for mode in group.modes])[group.mode]
    paired = (scope == StaffPool.PAIR) & (pairs.cluster >= 0)
    # Where the world knows no pairs, a group is one.
    unpaired = (scope == StaffPool.PAIR) & ~paired & bool((pairs.cluster >= 0).any())
    alone = ~group.grouped & ~paired & (scope != StaffPool.COUNTY)
    elsewhere = StaffPool.COUNTY if Scope.of(rotation.scope) == Scope.MODE else StaffPool.NONE
    scope = np.where(alone, elsewhere, np.where(unpaired, StaffPool.NONE, scope))
    cluster = np.where(paired, pairs.cluster, world.schools.group)
    return _Moving(scope, paired, cluster, np.where(paired, pairs.helper, group.lead), pairs.helps)


def _ends(rotation: RotationPolicy, moving: _Moving, world: World) -> tuple[Flags, Flags]:
    """Return which schools send and which receive."""
    schools, everywhere = world.schools, np.ones(len(world.schools.id), dtype=np.bool_)
    in_town = (moving.scope == StaffPool.COUNTY) & (schools.setting == Setting.URBAN)
    outward = np.where(moving.paired, moving.helps, (schools.role >= Role.LEAD) | in_town)
    return {
        Direction.OUTWARD: (outward, ~outward),
        Direction.BOTH: (everywhere, everywhere),
        Direction.INWARD: (~outward, outward),
    }[Direction.of(rotation.direction)]


def _rule(rotation: RotationPolicy, group: Membership, support: SupportPolicy, world: World) -> Rules:
    """Return one rule by school, (S,) each."""
    moving = _moving(rotation, group, world)
    sends, receives = _ends(rotation, moving, world)
    voluntary = group.says("pool_rule", PoolRule.VOLUNTARY) & (moving.scope != StaffPool.COUNTY)
    count = len(world.schools.id)

    def all_of(code: Code) -> Rows:
        return np.full(count, code, dtype=np.int32)

    def everywhere(value: float | None) -> Floats:
        return np.full(count, np.nan if value is None else value)

    return Rules(
        pool=_pools(moving.scope, moving.cluster, world),
        sends=sends.astype(np.int32),
        receives=receives.astype(np.int32),
        who=all_of(Who.of(rotation.who)),
        quota=all_of(Quota.of(rotation.quota)),
        destination=all_of(Destination.of(rotation.destination)),
        backfill=all_of(Backfill.of(rotation.backfill)),
        compulsory=np.where(voluntary, 0, rotation.compulsory).astype(np.int32),
        lead=moving.lead.astype(np.int32),
        share=everywhere(rotation.share),
        backbone_share=everywhere(rotation.backbone_share),
        eligible_years=everywhere(rotation.eligible_years),
        time_share=everywhere(rotation.time_share),
        stay_years=everywhere(np.inf if rotation.until_redeployed else rotation.stay_years),
        incentive=everywhere(support.incentive),
    )


def _scope(rotation: RotationPolicy, mode: Mode) -> StaffPool:
    """Return the schools among which a rotation moves under a mode: those it names, or those of the mode."""
    if Scope.of(rotation.scope) != Scope.MODE:
        return StaffPool.of(rotation.scope)
    own = StaffPool.of(mode.staff_pool)
    return StaffPool.COUNTY if own == StaffPool.NONE else own


def _pools(scopes: NDArray[np.int64], cluster: NDArray[np.int64], world: World) -> Rows:
    """Return the number of each school's pool: the lowest school row in it, −1 outside any pool."""
    schools = world.schools
    count = len(schools.id)
    own = np.where(schools.ownership == Ownership.PUBLIC, -1, np.arange(count))
    place = np.where(scopes == StaffPool.COUNTY, schools.county, cluster)
    first: dict[tuple[Any, ...], int] = {}
    pool = np.full(count, -1, dtype=np.int32)
    for row in range(count):
        if scopes[row] == StaffPool.NONE:
            continue
        identity = (scopes[row], place[row], schools.level[row], own[row])
        pool[row] = first.setdefault(identity, row)
    return pool

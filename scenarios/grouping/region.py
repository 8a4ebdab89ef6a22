"""The schools that may be grouped with each other, as whole numbers: distances, strength, who may lead whom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.columns import OWNERSHIPS, SETTINGS
from scenarios.grouping.wish import LeadRule, Wish, called, refused
from scenarios.pairing import BETTER_PART, WEAK_PART
from scenarios.problems import ScenarioError
from scenarios.roster import School

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
POINTS = 10_000
"""Points of cost that make one unit; costs are whole, so that they are the same on every machine."""
METRES = 1000
RURAL = "rural"
SHORTEST = 1
"""The typical distance is at least a metre."""


@dataclass(frozen=True)
class Region:
    """Schools of one county and level, in the order of their ids, and what is settled about them.

    Attributes
    ----------
    county, level
        Where; empty where groups may go across.
    schools
        Shape (n,).
    strength
        SD of the region; of quality, or of size where nothing is known about quality. Shape (n,).
    sized
        Whether strength is size, for want of anything known about quality.
    strong, needy
        Whether a school is of the better half, and whether it must be with one: rural, of the weakest quarter, or to
        be opened. Shape (n,).
    leads
        Rows of those that may lead, ascending. Shape (m,).
    forced
        Whether they must lead. Shape (m,).
    last
        How far down they are by the rule, from 0 (preferred) to 1. Shape (m,).
    metres
        Distances of schools from leads, shape (n, m).
    allowed
        Whether a school may belong to a lead, shape (n, m).
    """

    county: str
    level: str
    schools: tuple[School, ...]
    strength: NDArray[np.float64]
    sized: bool
    strong: Flags
    needy: Flags
    leads: Ints
    forced: Flags
    last: NDArray[np.float64]
    metres: Ints
    allowed: Flags

    @property
    def size(self) -> int:
        """Number of schools."""
        return len(self.schools)

    @cached_property
    def places(self) -> Ints:
        """Metres east and north of the south-western corner, shape (n, 2)."""
        return places_of(self.schools)


@dataclass(frozen=True)
class Costs:
    """What a grouping costs, in points.

    The cost is the sum over schools of `member`, over leads of `lead`, and over groups and features of the absolute sum
    of `features` over the schools of the group.

    Attributes
    ----------
    member
        Shape (n, m): of a school with a lead; where it may not, a negative number.
    lead
        Shape (m,).
    features
        Shape (n, k): strength and kinds, as deviations from what a group should have.
    """

    member: Ints
    lead: Ints
    features: Ints

    def of(self, chosen: Ints) -> int:
        """Return the cost of a grouping: the column of the lead of each school."""
        total = int(self.member[np.arange(len(chosen)), chosen].sum())
        for column in np.unique(chosen):
            own = self.features[chosen == column]
            total += int(self.lead[column]) + int(np.abs(own.sum(axis=0)).sum())
        return total


def places_of(schools: Sequence[School]) -> Ints:
    """Return metres east and north of the south-western corner of all, so that a shift of the map changes nothing."""
    places = np.array([(school.x, school.y) for school in schools], dtype=np.float64).reshape(-1, 2)
    return np.asarray(np.rint((places - places.min(axis=0)) * METRES), dtype=np.int64)


def distances(one: Ints, other: Ints) -> Ints:
    """Return metres between places, shape (len(one), len(other))."""
    out = np.empty((len(one), len(other)), dtype=np.int64)
    for n, place in enumerate(one):
        gap = other - place
        out[n] = np.rint(np.sqrt((gap[:, 0] * gap[:, 0] + gap[:, 1] * gap[:, 1]).astype(np.float64)))
    return out


def region_of(county: str, level: str, schools: Sequence[School], wish: Wish) -> Region:
    """Return the region of schools under a wish, what is fixed in force."""
    own = tuple(sorted(schools, key=lambda school: school.id))
    row = {school.id: n for n, school in enumerate(own)}
    strength, sized = _strength(own)
    strong, needy = _standing(own, strength)
    eligible = [n for n, school in enumerate(own) if strong[n] and _may_lead(school, wish.rule)]
    slots = _slots(own, row, eligible, wish)
    led = {slots[group] for group in slots}
    member = {row[s] for s, group in wish.fixes.groups.items() if s in row and slots[group] != row[s]}
    leads = np.array(sorted((set(eligible) - member) | led), dtype=np.int64)
    places = places_of(own)
    metres = distances(places, places[leads])
    region = Region(
        county, level, own, strength, sized, strong, needy, leads, np.isin(leads, sorted(led)),
        _last(own, leads, strength, wish.rule), metres, np.ones(metres.shape, dtype=np.bool_),
    )  # fmt: skip
    return replace(region, allowed=_allowed(region, wish, slots))


def _strength(schools: Sequence[School]) -> tuple[NDArray[np.float64], bool]:
    """Return strength in SD of the region, and whether it is size for want of anything known about quality."""
    known = any(school.reliability > 0.0 for school in schools)
    values = np.array([school.standing if known else float(school.pupils) for school in schools])
    apart = values - values.mean()
    sd = float(np.sqrt((apart * apart).mean()))
    # Rounded, so that the order in which a machine adds up does not show.
    return np.round(apart / sd if sd > 0.0 else apart, 6), not known


def _standing(schools: Sequence[School], strength: NDArray[np.float64]) -> tuple[Flags, Flags]:
    """Return who is of the better half and stands already, and who must be with one of those."""
    order = sorted(range(len(schools)), key=lambda n: (strength[n], schools[n].id))
    strong, needy = np.zeros(len(schools), dtype=np.bool_), np.zeros(len(schools), dtype=np.bool_)
    strong[order[len(order) // BETTER_PART :]] = True
    needy[order[: -(-len(order) // WEAK_PART)]] = True
    new = np.array([school.opens >= 0.0 for school in schools], dtype=np.bool_)
    rural = np.array([school.setting == RURAL for school in schools], dtype=np.bool_)
    return strong & ~new, needy & ~strong | rural | new


def _may_lead(school: School, rule: LeadRule) -> bool:
    """Whether a strong school may lead by its ownership and setting."""
    return (rule.private or school.ownership == "public") and (rule.rural or school.setting != RURAL)


def _order(school: School, strength: float, rule: LeadRule) -> tuple[float, ...]:
    """Return what a lead is preferred by, the highest first."""
    if rule.order == "size":
        return (float(school.pupils),)
    return (-float(SETTINGS.index(school.setting)), strength) if rule.order == "setting" else (strength,)


def _last(schools: Sequence[School], leads: Ints, strength: NDArray[np.float64], rule: LeadRule) -> Any:  # noqa: ANN401
    """Return how far down those who may lead are by the rule, by rank, equals alike."""
    orders = [_order(schools[n], float(strength[n]), rule) for n in leads]
    ranks = {order: rank for rank, order in enumerate(sorted(set(orders), reverse=True))}
    return np.array([ranks[order] / max(1, len(ranks) - 1) for order in orders], dtype=np.float64)


def _slots(schools: Sequence[School], row: dict[str, int], eligible: Sequence[int], wish: Wish) -> dict[str, int]:
    """Return group → row of its lead, for groups that are settled and have schools here.

    Where the lead is not, the most preferred of the settled schools that may lead leads; where none may, the nearest
    school that may and is not settled elsewhere. A rural school may lead villages only.
    """
    fixes, found = wish.fixes, dict[str, int]()
    settled: dict[str, list[int]] = {}
    for school, group in sorted(fixes.groups.items()):
        if school in row:
            settled.setdefault(group, []).append(row[school])
    for group, own in settled.items():
        if group in fixes.leads and fixes.leads[group] not in row:
            raise refused("fixed_apart", "--fix", called(schools[own[0]]), lead=fixes.leads[group])
        if group in fixes.leads:
            found[group] = row[fixes.leads[group]]
    for group, own in settled.items():
        count = len({*own, found.get(group, own[0])})
        if count > wish.most:
            raise refused("fixed_too_many", "--fix", group, count=count, most=wish.most)
    taken = {n for own in settled.values() for n in own} | set(found.values())
    strength, _ = _strength(schools)
    for group in sorted(settled.keys() - found.keys()):
        villages = all(schools[n].setting == RURAL for n in settled[group])
        suited = [n for n in eligible if villages or schools[n].setting != RURAL]
        able = [n for n in settled[group] if n in suited]
        free = [n for n in suited if n not in taken]
        if not (able or free):
            raise refused("nobody_leads_fixed", "--fix", group)
        best = max(able, key=lambda n: (_order(schools[n], float(strength[n]), wish.rule), -n), default=None)
        found[group] = _nearest(schools, settled[group], free) if best is None else best
        taken.add(found[group])
    return found


def _nearest(schools: Sequence[School], members: Sequence[int], free: Sequence[int]) -> int:
    places = places_of(schools)
    apart = distances(places[free], places[list(members)]).sum(axis=1)
    return int(free[int(np.argmin(apart))])


def _allowed(region: Region, wish: Wish, slots: dict[str, int]) -> Flags:
    """Return who may belong to whom: the needy to the strong, villages to rural leads, all within reach or as settled.

    Raises
    ------
    ScenarioError
        If something settled is not allowed by the rest of the wish; all that is not is told.
    """
    leads, rural = region.leads, np.array([school.setting == RURAL for school in region.schools], dtype=np.bool_)
    named = np.array([region.schools[n].id in wish.fixes.leads.values() for n in leads], dtype=np.bool_)
    allowed = ~region.needy[:, None] | region.strong[leads]
    allowed = allowed & (~rural[leads] | named | rural[:, None])
    if wish.max_km is not None:
        allowed &= region.metres <= round(wish.max_km * METRES)
    allowed[leads, np.arange(len(leads))] = True
    column = {int(n): m for m, n in enumerate(leads)}
    members = [
        (n, wish.fixes.groups[school.id]) for n, school in enumerate(region.schools) if school.id in wish.fixes.groups
    ]
    settled = {n: column[slots[group]] for n, group in members}
    settled |= {int(n): column[int(n)] for n in leads[region.forced]}
    clashes = [_clash(region, n, m, wish) for n, m in settled.items() if not allowed[n, m]]
    if clashes:
        raise ScenarioError([problem for clash in clashes for problem in clash.problems])
    for n, m in settled.items():
        allowed[n] = np.arange(len(leads)) == m
    return np.asarray(allowed)


def _clash(region: Region, n: int, m: int, wish: Wish) -> ScenarioError:
    """Return the error of a settled assignment that the rest of the wish forbids."""
    school, lead = called(region.schools[n]), called(region.schools[int(region.leads[m])])
    km = region.metres[n, m] / METRES
    if wish.max_km is not None and km > wish.max_km:
        return refused("fixed_too_far", "--fix", school, lead=lead, km=f"{km:.1f}", limit=f"{wish.max_km:g}")
    return refused("fixed_to_weak", "--fix", school, lead=lead)


def typical_metres(region: Region, groups: int) -> int:
    """Return how far schools are from the nearest leads, were these spread evenly among those who may: the unit."""
    rank = min(len(region.leads) - 1, -(-len(region.leads) // groups) - 1)
    return max(SHORTEST, int(np.partition(region.metres, rank, axis=1)[:, rank].sum()) // region.size)


def costs_of(region: Region, groups: int, wish: Wish) -> Costs:
    """Return what groupings of a region into so many groups cost."""
    weights, n = wish.weights, region.size
    far = region.metres / typical_metres(region, groups)
    # Twice the typical distance counts as three times, so that nobody is left far out for the others' sake.
    member = np.rint(POINTS * weights.proximity * (far + far * far) / 2).astype(np.int64)
    lead = np.rint(POINTS * weights.lead * region.last * n / groups).astype(np.int64)
    kinds = [[school.setting == name for school in region.schools] for name in SETTINGS]
    if wish.mix_ownership:
        kinds += [[school.ownership == name for school in region.schools] for name in OWNERSHIPS]
    flags = np.array(kinds, dtype=np.float64).T
    # Half a point each, since a school that is missing somewhere is one too many elsewhere.
    mix = np.rint(POINTS * weights.mix / 2 * (flags - flags.sum(axis=0) / n)).astype(np.int64)
    balance = np.rint(POINTS * weights.balance * region.strength).astype(np.int64)
    features = np.column_stack([balance, mix])
    return Costs(np.where(region.allowed, member, -1), lead, features[:, features.any(axis=0)])

"""What a grouping is like: distances, balance of strength, mix of kinds, weak schools with strong ones."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.columns import OWNERSHIPS, SETTINGS
from scenarios.roster import School


@dataclass(frozen=True)
class Measures:
    """Measures of a grouping of the schools of one or several regions.

    Attributes
    ----------
    schools, groups, smallest, largest
        Counts; sizes with the lead.
    mean_km, farthest_km
        Straight lines from members to their leads.
    imbalance
        Standard deviation between groups of the mean strength, SD of the region.
    settings_off, ownership_off
        Share of schools that would have to change groups for each to have its region's mix.
    needy, needy_with_strong
        Rural, weak and new schools, and how many of them are led by a strong one.
    """

    schools: int
    groups: int
    smallest: int
    largest: int
    mean_km: float
    farthest_km: float
    imbalance: float
    settings_off: float
    ownership_off: float
    needy: int
    needy_with_strong: int


@dataclass(frozen=True)
class Placed:
    """A school in a grouping: its region's name, its lead, its strength in the region, and how it stands there."""

    school: School
    region: str
    lead: School
    strength: float
    strong: bool
    needy: bool

    @property
    def km(self) -> float:
        """Distance from the lead."""
        return math.hypot(self.school.x - self.lead.x, self.school.y - self.lead.y)


def measures(placed: Sequence[Placed]) -> Measures:
    """Return the measures of a grouping."""
    groups: dict[str, list[Placed]] = {}
    for one in placed:
        groups.setdefault(one.lead.id, []).append(one)
    strong = {one.school.id: one.strong for one in placed}
    away = [one.km for one in placed if one.school.id != one.lead.id]
    needy = [one for one in placed if one.needy]
    sizes = [len(own) for own in groups.values()]
    return Measures(
        len(placed), len(groups), min(sizes), max(sizes), _mean(away), max(away, default=0.0), _imbalance(groups),
        _off(placed, groups, "setting", SETTINGS), _off(placed, groups, "ownership", OWNERSHIPS), len(needy),
        sum(strong.get(one.lead.id, False) for one in needy),
    )  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0


def _imbalance(groups: Mapping[str, Sequence[Placed]]) -> float:
    means = [_mean([one.strength for one in own]) for own in groups.values()]
    middle = _mean(means)
    return math.sqrt(_mean([(mean - middle) * (mean - middle) for mean in means]))


def _off(placed: Sequence[Placed], groups: Mapping[str, Sequence[Placed]], kind: str, names: Sequence[str]) -> float:
    """Return the share of schools that are one too many of their kind in their group, by the mix of the region."""
    regions: dict[str, list[Placed]] = {}
    for one in placed:
        regions.setdefault(one.region, []).append(one)
    total = 0.0
    for own in groups.values():
        whole = regions[own[0].region]
        for name in names:
            share = sum(getattr(one.school, kind) == name for one in whole) / len(whole)
            total += abs(sum(getattr(one.school, kind) == name for one in own) - share * len(own))
    return total / 2 / len(placed)

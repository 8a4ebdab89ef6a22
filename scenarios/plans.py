"""What a synthetic world is generated from: counties, and their schools by level as counts and shares."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Counts = Mapping[str, int]
Paired = Literal["none", "members", "weak"]
PUBLIC: Mapping[str, float] = {"public": 1.0}


@dataclass(frozen=True)
class GroupPlan:
    """Groups alike: how many, with how many members beside the lead, and the mode they are assigned.

    `lead` is the setting of the lead and `lead_level` its level, empty for that of the members. `beside` maps another
    level → members of it, in the lead's setting, beside the `members`. `settings` and `ownership` map kind → members
    of each group; where empty they are drawn from those of the level. `new` members open in the year `opens`, seeded
    by the lead. `across` members lie in the next county. With `hubs`, the best-standing members are the centres of
    research, teaching and culture.
    """

    count: int
    members: int
    mode: str = ""
    lead: str = "urban"
    lead_level: str = ""
    beside: Counts = field(default_factory=dict)
    settings: Counts = field(default_factory=dict)
    ownership: Counts = field(default_factory=dict)
    new: int = 0
    opens: float = 1.0
    across: int = 0
    hubs: bool = False


@dataclass(frozen=True)
class LevelPlan:
    """How many groups of one level there are, how large they are, and what the level's schools are like.

    `settings` (of members that no group plan settles) and `ungrouped` map setting → number of schools; `staff` is the
    mean number of posts at factor 1, `factor` its multiple by setting; `standing` maps kind of school → mean quality in
    SD. `ownership` maps kind → share of the schools that lead no group; `contract_share` is the share of contract
    teachers (编外) at public schools. `paired` ties from before: members to their lead, or every rural or weak school
    to a better one. `near_km` is how far members lie from their lead, None where towns decide. `county` names the
    counties in which the level is found, empty for all.
    """

    level: str
    zones: int
    groups: Sequence[GroupPlan]
    settings: Counts
    staff: float
    factor: Mapping[str, float]
    pupils_per_teacher: float
    standing: Mapping[str, float]
    ungrouped: Counts = field(default_factory=dict)
    reliability: float = 0.8
    paired: Paired = "none"
    ownership: Mapping[str, float] = field(default_factory=lambda: PUBLIC)
    contract_share: float = 0.0
    near_km: float | None = None
    county: str = ""

    @property
    def members(self) -> int:
        """Number of member schools whose setting is drawn from `settings`."""
        return sum(plan.count * plan.members for plan in self.groups if not plan.settings)


@dataclass(frozen=True)
class CountyPlan:
    """A county: its extent and its towns. `count` counties alike are numbered; `names` is language → display name."""

    name: str
    width_km: float
    height_km: float
    towns: int
    urban_radius_km: float
    count: int = 1
    names: Mapping[str, str] = field(default_factory=dict)

    def one_by_one(self) -> Iterator[str]:
        """Yield the name of each county; it keys every draw."""
        width = max(2, len(str(self.count)))
        yield from [f"{self.name}-{n:0{width}d}" for n in range(1, self.count + 1)] if self.count > 1 else [self.name]


@dataclass(frozen=True)
class WorldPlan:
    """Counties and levels of schooling. `name` keys the draws of levels that are found in all counties."""

    name: str
    counties: Sequence[CountyPlan]
    levels: Sequence[LevelPlan]

"""The shape of every scenario and policy file. What is not declared here is refused, and numbers out of bounds too."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from model import codes
from model.policy import (
    Backfill,
    Destination,
    Direction,
    HeadPlacement,
    LegalPerson,
    Pool,
    PoolRule,
    Purse,
    Quota,
    Scope,
    Who,
)
from model.words import Word
from scenarios.plans import Paired

Level = Word[str, codes.Level]
Setting = Word[str, codes.Setting]
Ownership = Word[str, codes.Ownership]
Role = Word[str, codes.Role]
Control = Literal["as_is", "none", "same_money"]

PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]*$"
"""Characters that files of every kind can hold: neither XML nor spreadsheets take the others."""
Words = Annotated[str, Field(min_length=1, max_length=2000, pattern=PRINTABLE)]
Id = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]
Rate = Annotated[float, Field(ge=0.0, le=1.0)]
Kilometres = Annotated[float, Field(ge=-10_000.0, le=10_000.0)]
Extent = Annotated[float, Field(gt=0.0, le=10_000.0)]
Spread = Annotated[float, Field(ge=-10.0, le=10.0)]
Ratio = Annotated[float, Field(gt=0.0, le=100.0)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Years = Annotated[float, Field(ge=0.0, le=100.0)]


class Table(BaseModel):
    """A table of a file: nothing undeclared, no value converted, no infinite number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Title(Table):
    """A name or remark in both languages; one text stands for both."""

    en: Words
    zh: Words

    @model_validator(mode="before")
    @classmethod
    def _for_both(cls, value: object) -> object:
        return {"en": value, "zh": value} if isinstance(value, str) else value

    def both(self) -> dict[str, str]:
        """Return language → words."""
        return {"en": self.en, "zh": self.zh}


class Weight(Table):
    """A share read from words: the value used, and the range that sensitivity analyses vary it over.

    A number alone is a share that is known.
    """

    default: Rate
    low: Rate | None = None
    high: Rate | None = None

    @model_validator(mode="before")
    @classmethod
    def _known(cls, value: object) -> object:
        return value if isinstance(value, Mapping | Weight) else {"default": value}

    @model_validator(mode="after")
    def _inside(self) -> Self:
        low, high = 0.0 if self.low is None else self.low, 1.0 if self.high is None else self.high
        if low > high:
            raise PydanticCustomError("range_reversed", "range reversed")
        if not low <= self.default <= high:
            raise PydanticCustomError("default_outside_range", "outside", {"allowed": f"[{low:g}, {high:g}]"})
        return self

    def range(self) -> tuple[float, float]:
        """Return the lowest and the highest value."""
        return (
            self.default if self.low is None else self.low,
            self.default if self.high is None else self.high,
        )


class Provenance(Table):
    """Where fields come from: words of a document, by row of DOCUMENTS.md, or an assumption and its reason.

    `fields` are names within the file, a table's name standing for all below it and ``*`` for all that is not named
    elsewhere. `means` puts the quotation into English; `assumed` beside it says what the words leave open. `file` is
    a table of the user's own that they were read from, `drawn` of how many schools of a level it does not have them;
    `regrouped` says that the groups are others than those of the document, proposed or put right by hand.
    """

    fields: Annotated[list[Words], Field(min_length=1)]
    row: Words | None = None
    quotation: Words | None = None
    means: Words | None = None
    assumed: Title | None = None
    file: Words | None = None
    drawn: dict[Id, Count] | None = None
    regrouped: Literal[True] | None = None

    @model_validator(mode="after")
    def _has_ground(self) -> Self:
        if self.assumed is None and self.file is None and (self.row is None or self.quotation is None):
            raise PydanticCustomError("no_ground", "no ground")
        return self


class Policy(Table):
    """What every policy file has. `based_on` names the record that fields left out are taken from."""

    title: Title | None = None
    based_on: Id | None = None
    documents: list[Words] = []
    provenance: list[Provenance] = []


class ModeTable(Policy):
    """A mode: `model.policy.Mode`, its shares with ranges."""

    management: Weight = Weight(default=0.0)
    teaching: Weight = Weight(default=0.0)
    research: Weight = Weight(default=0.0)
    culture: Weight = Weight(default=0.0)
    platform: Weight = Weight(default=0.0)
    online: Weight = Weight(default=0.0)
    legal_person: LegalPerson = "own"
    heads: HeadPlacement = "own"
    staff_pool: Pool = "none"
    pool_rule: PoolRule = "none"
    autonomy: Weight = Weight(default=1.0)
    symmetry: Weight = Weight(default=0.0)
    head_on_members: Weight = Weight(default=0.0)
    pay_on_group: Weight = Weight(default=0.0)
    pay_on_member: Weight = Weight(default=1.0)
    supervision: Weight = Weight(default=0.0)
    self_picked: bool = False
    brand: bool = False
    purse: Purse = "own"
    coordination: Annotated[float, Field(ge=0.0, le=10.0)] = 1.0
    span: Annotated[list[Count], Field(min_length=2, max_length=2)] | None = None


class RotationTable(Policy):
    """A rotation policy: `model.policy.RotationPolicy`. A number left out is left to the parameters."""

    who: Who = "all"
    quota: Quota = "eligible"
    share: Rate | None = None
    backbone_share: Rate | None = None
    eligible_years: Years | None = None
    destination: Destination = "need"
    scope: Scope = "mode"
    direction: Direction = "outward"
    time_share: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    stay_years: Annotated[float, Field(ge=0.5, le=100.0)] | None = None
    until_redeployed: bool = False
    backfill: Backfill = "swap"
    compulsory: bool = True


class SupportTable(Policy):
    """A support policy: `model.policy.SupportPolicy`, its shares with ranges."""

    incentive: Weight = Weight(default=0.0)
    title_credit: Weight = Weight(default=0.0)
    supervision: Weight = Weight(default=0.0)
    supervisors: Annotated[float, Field(ge=0.0, le=100.0)] = 0.0
    export_award: Weight = Weight(default=0.0)
    recognition_lead: Weight = Weight(default=0.0)
    recognition_members: Weight = Weight(default=0.0)
    county_posts: Weight = Weight(default=0.0)
    training_cycle: Annotated[int, Field(ge=0, le=50)] = 0
    cultivation: Weight = Weight(default=0.0)
    uplift_files: Weight = Weight(default=0.0)
    fund: Annotated[float, Field(ge=0.0, le=1e10)] = 0.0
    ends_in_year: Annotated[int, Field(ge=1, le=100)] | None = None
    head_on_members: Weight | None = None
    pay_on_group: Weight | None = None
    pay_on_member: Weight | None = None


class SchoolTable(Table):
    """One school of an explicit list. Quality is `standing`, in SD units of the schools of its level.

    Without `standing` nothing is known and all of it is drawn; `reliability` is the share of it that is known.
    `contract_share` is the share of its posts that contract teachers (编外) hold, at a public school.
    """

    id: Id
    name: Title | None = None
    county: Id | None = None
    level: Level
    setting: Setting
    ownership: Ownership = "public"
    group: Id | None = None
    role: Role | None = None
    x: Kilometres
    y: Kilometres
    pupils: Annotated[int, Field(ge=1, le=100_000)]
    posts: Annotated[int, Field(ge=1, le=10_000)]
    standing: Spread | None = None
    reliability: Rate = 0.8
    opens: Annotated[float, Field(ge=0.0, le=100.0)] | None = None
    seeded_by: Id | None = None
    paired_with: list[Id] = []
    contract_share: Rate = 0.0


class HubsTable(Table):
    """Schools of a group that are the centre of a channel in the lead's place."""

    management: Id | None = None
    teaching: Id | None = None
    research: Id | None = None
    culture: Id | None = None

    def given(self) -> dict[str, str]:
        """Return channel → school."""
        return self.model_dump(exclude_none=True)


class GroupTable(Table):
    """One group of an explicit list; its members name it as their `group`."""

    id: Id
    name: Title | None = None
    lead: Id | None = None
    zone: Id | None = None
    mode: Id | None = None
    hubs: HubsTable = HubsTable()


class ZoneTable(Table):
    """One zone of an explicit list: its head leads one of the zone's groups."""

    id: Id
    head: Id | None = None


class BySetting(Table):
    """A number for each setting."""

    urban: Ratio = 1.6
    township: Ratio = 1.0
    rural: Ratio = 0.5


class SettingCounts(Table):
    """Schools by setting."""

    urban: Count = 0
    township: Count = 0
    rural: Count = 0


class OwnershipCounts(Table):
    """Schools by ownership."""

    public: Count = 0
    inclusive_private: Count = 0
    private: Count = 0


class OwnershipShares(Table):
    """Shares of schools by ownership; they add up to 1."""

    public: Rate = 0.0
    inclusive_private: Rate = 0.0
    private: Rate = 0.0


class LevelCounts(Table):
    """Schools by level."""

    kindergarten: Count = 0
    primary: Count = 0
    junior: Count = 0
    senior: Count = 0


class GroupPlanTable(Table):
    """Groups alike: how many, with how many members beside the lead, and the mode they are assigned.

    Parameters
    ----------
    lead, lead_level
        Setting of the lead; its level, where it is not that of the members.
    beside
        Members of other levels, beside the `members`; they lie where the lead does.
    settings, ownership
        Members of each group by kind. Left out, they are drawn from those of the level.
    new, opens
        How many members of each group open in that year of the run, with staff and practice of the lead (名校+新校).
    across
        How many members of each group lie in the next county.
    hubs
        Whether the best-standing members are the centres of research, teaching and culture, one each (择优).
    """

    count: Annotated[int, Field(ge=1, le=100_000)]
    members: Annotated[int, Field(ge=0, le=10_000)]
    mode: Id | None = None
    lead: Setting = "urban"
    lead_level: Level | None = None
    beside: LevelCounts = LevelCounts()
    settings: SettingCounts = SettingCounts()
    ownership: OwnershipCounts = OwnershipCounts()
    new: Count = 0
    opens: Annotated[float, Field(ge=0.0, le=100.0)] = 1.0
    across: Count = 0
    hubs: bool = False


class StandingTable(Table):
    """Mean quality by kind of school, in SD units before it is standardised."""

    zone_head: Spread = 1.8
    lead: Spread = 1.1
    urban: Spread = 0.1
    township: Spread = -0.3
    rural: Spread = -0.8


def _pairs(value: object) -> object:
    return {True: "members", False: "none"}[value] if isinstance(value, bool) else value


class LevelTable(Table):
    """Schools of one level by counts; they are generated.

    Parameters
    ----------
    county
        Id of the county table where they are; left out, in all counties.
    settings
        Members of groups that do not settle it themselves.
    ungrouped
        Schools of no group.
    staff, factor
        Posts a school, and its multiple by setting.
    ownership
        Shares of the schools that lead no group; leads are public.
    contract_share
        Share of the posts at public schools that contract teachers (编外) hold.
    near_km
        Members lie within this distance of their lead, east–west and north–south; left out, towns decide.
    paired
        Ties from before: ``members`` (or true) with their lead, ``weak`` every rural or weak school, in a group or not,
        with a better one of its level.
    """

    level: Level
    county: Id | None = None
    zones: Count = 0
    groups: list[GroupPlanTable] = []
    settings: SettingCounts = SettingCounts()
    ungrouped: SettingCounts = SettingCounts()
    staff: Annotated[float, Field(gt=0.0, le=1000.0)]
    factor: BySetting = BySetting()
    pupils_per_teacher: Ratio
    ownership: OwnershipShares = OwnershipShares(public=1.0)
    contract_share: Rate = 0.0
    standing: StandingTable = StandingTable()
    reliability: Rate = 0.8
    near_km: Extent | None = None
    paired: Annotated[Paired, BeforeValidator(_pairs)] = "none"


class CountyTable(Table):
    """A county, or several alike, of a generated world; what is left out is as the world says."""

    id: Id
    name: Title | None = None
    count: Annotated[int, Field(ge=1, le=10_000)] = 1
    width_km: Extent | None = None
    height_km: Extent | None = None
    towns: Annotated[int, Field(ge=1, le=1000)] | None = None
    urban_radius_km: Extent | None = None


class TeachersTable(Table):
    """A table of teachers beside the scenario file: its path from there, and the SHA-256 of what it must hold."""

    file: Words
    sha256: Annotated[str, Field(min_length=64, max_length=64)]


class WorldTable(Table):
    """The world: schools, groups and zones one by one, or counts by level with the county's extent and towns.

    Several `counties` lie side by side; without any, the world is one county. `teachers` is a roster of those in post
    at the start of the policies; what it does not say is drawn.
    """

    county: Id
    teachers: TeachersTable | None = None
    schools: list[SchoolTable] = []
    groups: list[GroupTable] = []
    zones: list[ZoneTable] = []
    levels: list[LevelTable] = []
    counties: list[CountyTable] = []
    width_km: Extent = 40.0
    height_km: Extent = 30.0
    towns: Annotated[int, Field(ge=1, le=1000)] = 15
    urban_radius_km: Extent = 4.0


class BaselineTable(Table):
    """What is in force before any new policy: a mode for each layer of ties, and rotation policies."""

    layers: dict[str, Id] = {}
    rotation: Words = "national_rule"


class PoliciesTable(Table):
    """The policies to compare: every mode with every rotation; `zone` is the mode of a second tier on top.

    `set` has numbers of these policies, as after ``--set``; the file's own records are those of the control as well.
    """

    modes: Annotated[list[Words], Field(min_length=1)]
    rotations: Annotated[list[Words], Field(min_length=1)]
    zone: Id | None = None
    control: Control = "as_is"
    set: dict[str, Any] = {}


class SupportNames(Table):
    """The support policies to compare, each with every mode and rotation."""

    names: Annotated[list[Words], Field(min_length=1)] = ["none"]


class RunTable(Table):
    """Length of a run, in years."""

    years: Annotated[int, Field(ge=1, le=100)] = 10
    burn_in: Annotated[int, Field(ge=2, le=100)] = 5


class ScenarioTable(Table):
    """A scenario file. Its own modes, rotations and supports are checked as `ModeTable` and so on, one by one.

    A `benchmark` measures speed and memory; it is no example for planners.
    """

    title: Title
    synthetic: bool
    benchmark: bool = False
    world: WorldTable
    baseline: BaselineTable = BaselineTable()
    policies: PoliciesTable
    support: SupportNames = SupportNames()
    run: RunTable = RunTable()
    parameters: dict[str, dict[str, Any]] = {}
    modes: dict[Id, dict[str, Any]] = {}
    rotations: dict[Id, dict[str, Any]] = {}
    supports: dict[Id, dict[str, Any]] = {}
    provenance: list[Provenance] = []

"""Modes, rotation policies and support policies as frozen records. A new one is a new record, never a branch."""

from dataclasses import dataclass, field

from model import codes
from model.words import Word

# Records are written in words, as files are.
LegalPerson = Word[str, codes.LegalPerson]
HeadPlacement = Word[str, codes.HeadPlacement]
Pool = Word[str, codes.StaffPool]
PoolRule = Word[str, codes.PoolRule]
Who = Word[str, codes.Who]
Quota = Word[str, codes.Quota]
Destination = Word[str, codes.Destination]
Backfill = Word[str, tuple(codes.Backfill)[1:]]
Direction = Word[str, codes.Direction]
Scope = Word[str, codes.Scope]
Purse = Word[str, codes.Purse]


@dataclass(frozen=True)
class Mode:
    """How schools of one layer are tied and governed. Weights and shares are in [0, 1].

    `symmetry` is the weight of ties that do not start at the lead, relative to those that do. `self_picked`
    means that the lead chooses the work it is judged on. With a `pooled` purse the lead pays for all of the group.
    `span` is the advised range of members.
    """

    name: str
    management: float = 0.0
    teaching: float = 0.0
    research: float = 0.0
    culture: float = 0.0
    platform: float = 0.0
    online: float = 0.0
    legal_person: LegalPerson = "own"
    heads: HeadPlacement = "own"
    staff_pool: Pool = "none"
    pool_rule: PoolRule = "none"
    autonomy: float = 1.0
    symmetry: float = 0.0
    head_on_members: float = 0.0
    pay_on_group: float = 0.0
    pay_on_member: float = 1.0
    supervision: float = 0.0
    self_picked: bool = False
    brand: bool = False
    purse: Purse = "own"
    coordination: float = 1.0
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class RotationPolicy:
    """Who moves where, how many, for how long, and who covers. `None` leaves a number to the parameters."""

    name: str
    who: Who = "all"
    quota: Quota = "eligible"
    share: float | None = None
    backbone_share: float | None = None
    eligible_years: float | None = None
    destination: Destination = "need"
    scope: Scope = "mode"
    direction: Direction = "outward"
    time_share: float = 1.0
    stay_years: float | None = None
    until_redeployed: bool = False
    backfill: Backfill = "swap"
    compulsory: bool = True


@dataclass(frozen=True)
class SupportPolicy:
    """Incentives, supervision, assessment, hiring, training and money that go with a policy. Shares in [0, 1].

    `training_cycle` is in years (0: none), `cultivation` in coaching doses a year per head of staff at schools
    that export, `fund` in yuan a year per group, `supervisors` in full posts per group, `ends_in_year` in years
    after the start. `head_on_members`, `pay_on_group` and `pay_on_member` override the mode where given.
    """

    name: str
    incentive: float = 0.0
    title_credit: float = 0.0
    supervision: float = 0.0
    supervisors: float = 0.0
    export_award: float = 0.0
    recognition_lead: float = 0.0
    recognition_members: float = 0.0
    county_posts: float = 0.0
    training_cycle: int = 0
    cultivation: float = 0.0
    uplift_files: float = 0.0
    fund: float = 0.0
    ends_in_year: int | None = None
    head_on_members: float | None = None
    pay_on_group: float | None = None
    pay_on_member: float | None = None


@dataclass(frozen=True)
class Layer:
    """One layer of ties: the mode of each group by its `assigned` code (one mode: all groups), and since when.

    `layer` is a code of `TieLayer`. `since` is the year the ties began, relative to the start of the policy; standing
    ties began long ago.
    """

    layer: int
    modes: tuple[Mode, ...]
    since: float = 0.0


STANDING = -1000.0
INDEPENDENT = Mode("independent")


@dataclass(frozen=True)
class Policy:
    """Everything that is in force at one time: layers of ties, rotation policies and support."""

    layers: tuple[Layer, ...] = ()
    rotations: tuple[RotationPolicy, ...] = ()
    support: SupportPolicy = field(default_factory=lambda: SupportPolicy("none"))

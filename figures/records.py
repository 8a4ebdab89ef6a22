"""What `compare` saves, as records: NaN and infinity are refused, fields not drawn are passed over."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from figures.problems import ResultsError
from figures.text import LANGUAGES


def _bilingual(title: dict[str, str]) -> dict[str, str]:
    if missing := set(LANGUAGES) - title.keys():
        raise ValueError(f"no title in {', '.join(sorted(missing))}")
    return title


def _bound(value: object) -> object:
    return None if isinstance(value, float) and math.isinf(value) else value


Bound = Annotated[float | None, BeforeValidator(_bound)]
Title = Annotated[dict[str, str], AfterValidator(_bilingual)]
Recorded = TypeVar("Recorded", bound="Record")
Reach = Literal["policies", "control", "both", "nothing"]
"""What a number moves."""
Verdict = Literal["lift", "fill", "peak_shaving", "dilution", "widening", "inert", "undecided"]


class Record(BaseModel):
    """A part of ``comparison.json``; NaN and infinity are refused, fields not drawn are passed over."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="ignore")


class Estimate(Record):
    """A mean with its interval, σ per school year; ``None`` where a single replicate leaves it unbounded."""

    mean: float
    low: Bound
    high: Bound


class Ratio(Record):
    """A ratio of two effects; ``None`` where the interval is unbounded."""

    mean: Bound
    low: Bound
    high: Bound


class Band(Record):
    """A yearly mean with pointwise limits, σ, each of length `years`."""

    mean: list[float]
    low: list[Bound]
    high: list[Bound]


class Trajectory(Record):
    """Paired differences by year for each reference set."""

    peak: Band
    valley: Band
    middle: Band | None = None
    mean: Band


class BackboneCV(Record):
    """Official balance indicator: CV of backbone teachers between all schools."""

    before: float
    after: float


class Flip(Record):
    """A value of one number beyond which, all else at defaults, the verdict is another."""

    value: float
    verdict: Verdict


class Hinge(Record):
    """A number that a verdict hinges on, with its range and where alone it changes the verdict.

    `of` is the title of the mode or support that a weight belongs to.
    """

    path: str
    unit: str = "share"
    of: Title | None = None
    correlation: float
    low: float
    default: float
    high: float
    flips: list[Flip]


class Shares(Record):
    """How draws of the uncertain numbers fall among the verdicts: the share of the one told, and of the next."""

    share: float
    runner_up: Verdict | None
    runner_up_share: float
    regions: dict[Verdict, int]


class Spread(Record):
    """Median and 5 and 95 % quantile of an effect over draws, σ per school year."""

    median: float
    low: float
    high: float


class Effects(Record):
    """Spreads of the long-run effects."""

    d_peak: Spread
    d_valley: Spread
    d_mean: Spread


class Certainty(Shares):
    """What draws of the uncertain numbers say of the long run: shares, effects by draw (peak, valley, mean), hinges.

    `point` is the region of the mean effects at the declared numbers, from which hinges flip; `year3` holds the shares
    of year 3; `draws_for_hinges` is how many draws it takes to notice a hinge.
    """

    draws: int
    point: Verdict
    year3: Shares
    effects: Effects
    by_draw: list[tuple[float, float, float]]
    draws_for_hinges: int = 0
    hinges: list[Hinge] = []


class Warning(Record):
    """How well something seen in year 1 warns that the strongest schools will have fallen."""

    sign: str
    direction: float
    threshold: float
    hit_rate: float
    false_alarms: float


class EarlySigns(Record):
    """Cases (policies under draws of the uncertain numbers), how many fell, and the signs that warn best.

    It takes `least` cases of either kind to tell a sign.
    """

    cases: int
    fell: int
    least: int = 20
    signs: list[Warning]


class Ends(Record):
    """Ends of an interval."""

    low: Bound
    high: Bound


class Outcome(Ends):
    """An effect (σ per school year) and what each family of mechanisms contributes; the parts give the total."""

    total: float
    mechanisms: dict[str, float]
    intervals: dict[str, Ends]


class Attribution(Record):
    """Why a policy does what it does, from so many pairs of runs."""

    replicates: int
    d_peak: Outcome
    d_valley: Outcome
    d_mean: Outcome
    d_peak_year3: Outcome
    d_valley_year3: Outcome
    d_mean_year3: Outcome


class Official(Record):
    """A coefficient of variation between all schools of one level, and the most that is allowed for a county."""

    indicator: str
    unit: str
    level: str
    limit: float | None
    before: float
    after: float
    control: float


class Value(Record):
    """A kind of value that an indicator rests on: of how many schools or posts it is known, from lists of the place."""

    value: str
    known: int
    of: int


class Basis(Record):
    """Over how many schools of a level an indicator is counted, and what it rests on at the start."""

    level: str
    indicator: str
    schools: int
    rests_on: list[Value]


class Costs(Record):
    """Yuan per pupil a year; per 0.01 σ where something is gained."""

    by_line: dict[str, float]
    by_line_control: dict[str, float]
    by_payer: dict[str, float] = {}
    beyond_control: float
    per_hundredth_sigma_valley: float | None
    per_hundredth_sigma_mean: float | None


class Moves(Record):
    """How many moves a year are made of one kind."""

    honour: str
    cover: str
    moves_per_year: float


class Measure(Record):
    """A measure before and after, and its difference from the control."""

    before: float
    after: float
    d_mean: float
    d_low: Bound
    d_high: Bound


class Told(NamedTuple):
    """A verdict at one horizon: that of most draws with its shares (None without draws), and the point estimate."""

    verdict: Verdict
    shares: Shares | None
    point: Verdict
    regions: Sequence[Verdict]


class Ended(Record):
    """A rotation in force under the control that a policy ends."""

    name: str
    title: Title


class Policy(Record):
    """One policy compared with the control.

    `verdict` is the region of most draws, with its share in `certainty`; without draws it is the point estimate.
    `point_verdict` is that at the declared numbers, `point_regions` what its intervals leave open; so are the effects.
    """

    mode: str
    rotation: str
    support: str
    title: Title
    ends: list[Ended] = []
    verdict: Verdict
    point_verdict: Verdict
    point_regions: list[Verdict]
    replicates: int
    d_peak: Estimate
    d_valley: Estimate
    d_middle: Estimate | None = None
    d_mean: Estimate
    d_ungrouped: Estimate | None = None
    d_leads: Estimate | None = None
    d_top_tenth: Estimate | None = None
    d_lead_worst_team: Estimate | None = None
    d_peak_year3: Estimate
    d_valley_year3: Estimate
    d_mean_year3: Estimate
    verdict_year3: Verdict
    point_verdict_year3: Verdict
    point_regions_year3: list[Verdict]
    peak_cost_ratio: Ratio
    dip_depth: float | None
    recovery_year: float | None
    left_of_gain: float | None = None
    cost_per_pupil: float
    backbone_cv: BackboneCV
    trajectory: Trajectory
    certainty: Certainty | None = None
    attribution: Attribution | None = None
    official: list[Official] = []
    costs: Costs | None = None
    moves: list[Moves] = []
    outcomes: dict[str, Measure] = {}

    @property
    def name(self) -> str:
        """Return mode+rotation+support, by which tables name a policy."""
        return f"{self.mode}+{self.rotation}+{self.support}"

    @property
    def late(self) -> Told:
        """Return the verdict of the long run."""
        return Told(self.verdict, self.certainty, self.point_verdict, self.point_regions)

    @property
    def early(self) -> Told:
        """Return the verdict of year 3."""
        shares = self.certainty.year3 if self.certainty else None
        return Told(self.verdict_year3, shares, self.point_verdict_year3, self.point_regions_year3)


def saved(path: Path, record: type[Recorded]) -> Recorded:
    """Return a record saved as JSON.

    Raises
    ------
    ResultsError
        If it is not there or holds something else.
    """
    try:
        return record.model_validate(json.loads(path.read_bytes()))
    except OSError:
        raise ResultsError("missing_file", path=str(path)) from None
    except (ValueError, ValidationError) as fault:
        raise ResultsError("bad_file", path=str(path), fault=str(fault).splitlines()[0]) from None


class Control(Record):
    """What every policy is compared with."""

    name: str
    title: Title


class Ground(Record):
    """Where fields of the world come from: words of a document, a table of the user's own, an assumption."""

    fields: list[str]
    row: str | None = None
    quotation: str | None = None
    means: str | None = None
    assumed: Title | None = None
    file: str | None = None
    regrouped: bool = False


class Change(Record):
    """A number that is not as declared; `of` is the title of the mode, rotation or support that a field belongs to.

    `moves` is None in results saved before it was told.
    """

    path: str
    unit: str
    of: Title | None = None
    declared: Any
    value: Any
    moves: Reach | None = None


class World(Record):
    """Size of the simulated region."""

    schools: int
    teachers: int
    pupils: int
    groups: int
    zones: int
    peak_minus_valley: float
    no_peak_to_shave: bool


class Comparison(Record):
    """The document that ``compare`` saves."""

    format: Literal[2]
    scenario: str
    title: Title
    synthetic: bool
    level: list[str]
    delta: float
    alpha: float
    seed: int
    years: int
    burn_in: int
    version: str
    inputs_sha256: str
    control: Control
    world: World
    policies: list[Policy]
    official_basis: list[Basis] = []
    grounds: list[Ground] = []
    changed: list[Change] = []
    early_signs: EarlySigns | None = None
    score_sd: float | None = None

"""Every column of every table of the model, declared once.

Each table is a named tuple of NumPy arrays. A column's type, unit and meaning stand beside its name as a
`Column`; the ODD tables, the contract test over the processes and the exports are generated from them.
One row of `Teachers` is an establishment post (编制), which never disappears; the person in it may change.
"""

from typing import Annotated, Any, NamedTuple, get_type_hints

import numpy as np
from numpy.typing import NDArray

from model import codes
from model.codes import (
    Backfill,
    Channel,
    CostLine,
    Employment,
    Honour,
    Level,
    Ownership,
    Role,
    Setting,
    Subject,
    TieLayer,
    Title,
)

Ids = NDArray[np.uint64]
Rows = NDArray[np.int32]
Positions = NDArray[np.int64]
Codes = NDArray[np.int8]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# The words of the codes, in order of the codes.
SUBJECTS, LEVELS, SETTINGS, OWNERSHIPS = Subject.words(), Level.words(), Setting.words(), Ownership.words()
ROLES, TITLES, HONOURS, EMPLOYMENTS = Role.words(), Title.words(), Honour.words(), Employment.words()
LAYERS, CHANNELS, BACKFILLS, COST_LINES = TieLayer.words(), Channel.words(), Backfill.words(), CostLine.words()
PRACTICES = tuple(practice.word for practice in codes.PRACTICES)


class Column(NamedTuple):
    """What one column holds: element type, unit, meaning and trailing shape."""

    dtype: str
    unit: str
    meaning: str
    width: int = 1


class Teachers(NamedTuple):
    """Establishment posts; N rows sorted by county, group, home school and id."""

    id: Annotated[Ids, Column("uint64", "–", "hash of the post's stable id; keys every draw")]
    home: Annotated[Rows, Column("int32", "school row", "school that owns the post")]
    post: Annotated[Rows, Column("int32", "school row", "school where the teacher works now")]
    visiting: Annotated[Rows, Column("int32", "school row", "second school of itinerant teaching, −1 for none")]
    visit_share: Annotated[Floats, Column("float64", "share", "share of the week at the second school")]
    partner: Annotated[Rows, Column("int32", "teacher row", "counterpart of a swap, −1 for none")]
    away_until: Annotated[Floats, Column("float64", "year", "when a stay ends; −inf at home, inf until redeployed")]
    backfill: Annotated[Codes, Column("int8", "code", "who covers the classes left at home (Backfill)")]
    hired: Annotated[Rows, Column("int32", "year", "year of hiring; with the post's id it identifies the person")]
    subject: Annotated[Codes, Column("int8", "code", "subject taught (Subject)")]
    qualified: Annotated[Flags, Column("bool", "–", "qualified for the subject")]
    experience: Annotated[Floats, Column("float64", "years", "years of service")]
    tenure: Annotated[Floats, Column("float64", "years", "time at the present post")]
    school_years: Annotated[Floats, Column("float64", "years", "years at one school since the last stay elsewhere")]
    years_away: Annotated[Floats, Column("float64", "years", "years spent on rotation so far")]
    title: Annotated[Codes, Column("int8", "code", "professional title (职称), granted at home (Title)")]
    honour: Annotated[Codes, Column("int8", "code", "backbone or master, conferred by the bureau (Honour)")]
    employment: Annotated[Codes, Column("int8", "code", "established, contract or private (Employment)")]
    talent: Annotated[Floats, Column("float64", "σ", "lasting part of skill, drawn at hiring")]
    career: Annotated[Floats, Column("float64", "σ", "career return to experience")]
    extra: Annotated[Floats, Column("float64", "σ", "learned beyond an ordinary career")]
    match: Annotated[Floats, Column("float64", "σ", "fit of this person with the present school")]
    skill: Annotated[Floats, Column("float64", "σ", "talent + career + extra + match")]
    morale: Annotated[Floats, Column("float64", "σ", "morale, at most 0")]
    shock: Annotated[Floats, Column("float64", "share", "share of the new-post cost that applies: 1 moved, ½ returned")]
    known_hired: Annotated[Rows, Column("int32", "year", "hiring of who is known to be in post at year 0; 0 nobody")]
    known_qualified: Annotated[Codes, Column("int8", "code", "what is known of it at year 0 (Known)")]
    known_title: Annotated[Codes, Column("int8", "code", "title known at year 0, plus 1 (Title); 0 nothing")]
    known_honour: Annotated[Codes, Column("int8", "code", "honour known at year 0, plus 1 (Honour); 0 nothing")]
    standing: Annotated[Floats, Column("float64", "SD", "expected talent of who is known, among the school's teachers")]
    reliability: Annotated[Floats, Column("float64", "share", "share of talent's variance that `standing` explains")]


class Schools(NamedTuple):
    """Schools (campuses); S rows sorted by county, group and id."""

    id: Annotated[Ids, Column("uint64", "–", "hash of the school's stable id")]
    county: Annotated[Rows, Column("int32", "county", "county number")]
    region: Annotated[Rows, Column("int32", "region row", "county and level together")]
    group: Annotated[Rows, Column("int32", "group row", "education group, −1 for none")]
    role: Annotated[Codes, Column("int8", "code", "designated role in the group (Role)")]
    level: Annotated[Codes, Column("int8", "code", "kindergarten, primary or junior (Level)")]
    setting: Annotated[Codes, Column("int8", "code", "urban, township or rural (Setting)")]
    ownership: Annotated[Codes, Column("int8", "code", "public, inclusive private or private (Ownership)")]
    x: Annotated[Floats, Column("float64", "km", "place, eastward")]
    y: Annotated[Floats, Column("float64", "km", "place, northward")]
    pupils: Annotated[Floats, Column("float64", "pupils", "pupils; the weight in regional means")]
    opens: Annotated[Floats, Column("float64", "year", "year the school opens; −inf for a standing school")]
    seeded_by: Annotated[Rows, Column("int32", "school row", "lead that may seed a new school, −1 for none")]
    standing: Annotated[Floats, Column("float64", "SD", "expected quality of the school before any draw")]
    reliability: Annotated[Floats, Column("float64", "share", "share of quality's variance that standing explains")]
    subject_need: Annotated[Floats, Column("float64", "share", "share of lessons by subject", len(SUBJECTS))]
    entry: Annotated[Floats, Column("float64", "σ", "mean talent of a novice hired here")]
    practice: Annotated[Floats, Column("float64", "σ", "management, teaching, culture practice", len(PRACTICES))]
    management: Annotated[Floats, Column("float64", "σ", "management in force: own practice and the head's level")]
    character: Annotated[Floats, Column("float64", "–", "position on the line of school cultures")]
    drive: Annotated[Floats, Column("float64", "ratio", "inner drive (内驱动力), 1 when autonomous and unrecognised")]
    attention: Annotated[Floats, Column("float64", "share", "share of the staff time wanted that can be given")]
    outreach: Annotated[Floats, Column("float64", "share", "own staff time given to other schools")]
    participation: Annotated[Floats, Column("float64", "share", "own staff time spent on taking part")]
    best: Annotated[Floats, Column("float64", "σ", "mean skill of the best fifth of teachers who work here")]
    generated: Annotated[Floats, Column("float64", "σ", "slack · drive · (best − novice): what renewal feeds on")]
    renewal_anchor: Annotated[Floats, Column("float64", "σ", "`generated` at baseline")]
    practice_anchor: Annotated[Floats, Column("float64", "σ", "practice at baseline", len(PRACTICES))]
    intake: Annotated[Floats, Column("float64", "σ/year", "practice taken in from others", len(PRACTICES))]
    intake_anchor: Annotated[Floats, Column("float64", "σ/year", "`intake` at baseline", len(PRACTICES))]
    capacity: Annotated[Floats, Column("float64", "share", "absorptive capacity at baseline, Φ of standardised `best`")]
    uplift: Annotated[Flags, Column("bool", "–", "in the weakest quarter of its region at baseline")]
    quality: Annotated[Floats, Column("float64", "σ", "learning a pupil gets above the regional reference")]
    mean_skill: Annotated[Floats, Column("float64", "σ", "time-weighted mean effective skill")]
    lessons_online: Annotated[Floats, Column("float64", "σ", "gain from lessons heard from tied schools")]
    misfit: Annotated[Floats, Column("float64", "σ", "loss from unlocalised uniform teaching")]
    unqualified: Annotated[Floats, Column("float64", "share", "share of lessons taught out of subject")]
    newcomers: Annotated[Floats, Column("float64", "share", "share of staff new to the school this year")]
    uncovered: Annotated[Floats, Column("float64", "share", "lessons of absent colleagues taken on by those who stay")]
    staff_home: Annotated[Floats, Column("float64", "posts", "filled posts owned")]
    staff_post: Annotated[Floats, Column("float64", "teachers", "teachers working here")]
    backbone_post: Annotated[Floats, Column("float64", "teachers", "backbone and master teachers working here")]
    away: Annotated[Floats, Column("float64", "teachers", "own teachers working elsewhere, by time")]
    morale: Annotated[Floats, Column("float64", "σ", "mean morale of those who work here")]
    leavers: Annotated[Floats, Column("float64", "teachers", "posts vacated this year")]
    mid_titles: Annotated[Floats, Column("float64", "teachers", "holders of a middle title, by home")]
    senior_titles: Annotated[Floats, Column("float64", "teachers", "holders of a senior title, by home")]
    senior_post: Annotated[Floats, Column("float64", "teachers", "holders of a senior title working here")]
    service: Annotated[Floats, Column("float64", "years", "mean years of service of those who work here")]
    veteran_backbone: Annotated[
        Floats, Column("float64", "teachers", "backbone and master teachers with 20 years of service working here")
    ]
    choice_pressure: Annotated[Floats, Column("float64", "share", "families who would choose another school")]
    satisfaction: Annotated[Floats, Column("float64", "share", "satisfied families")]
    cost: Annotated[Floats, Column("float64", "yuan/year", "spending by account line", len(COST_LINES))]


class Ties(NamedTuple):
    """Directed ties source → target; E rows sorted by target, source and layer."""

    id: Annotated[Ids, Column("uint64", "–", "hash of both schools' ids and the layer")]
    source: Annotated[Rows, Column("int32", "school row", "school that gives")]
    target: Annotated[Rows, Column("int32", "school row", "school that receives")]
    layer: Annotated[Codes, Column("int8", "code", "group, zone, pair or district (TieLayer)")]
    rank: Annotated[Codes, Column("int8", "code", "which end leads the other (Rank)")]
    hub: Annotated[Codes, Column("int8", "–", "by channel, 1: the source is its centre in the cluster", len(CHANNELS))]
    distance: Annotated[Floats, Column("float64", "km", "straight distance between the two")]
    trust: Annotated[Floats, Column("float64", "share", "trust between the two schools")]
    contact: Annotated[Floats, Column("float64", "share", "contact this term, from which trust grows")]
    strength: Annotated[Floats, Column("float64", "share", "effective weight by channel", len(CHANNELS))]


class Groups(NamedTuple):
    """Education groups; G rows sorted by county and id."""

    id: Annotated[Ids, Column("uint64", "–", "hash of the group's stable id")]
    county: Annotated[Rows, Column("int32", "county", "county number")]
    lead: Annotated[Rows, Column("int32", "school row", "lead school")]
    zone_head: Annotated[Rows, Column("int32", "school row", "brand school of the zone, −1 for none")]
    assigned: Annotated[Codes, Column("int8", "code", "mode the scenario assigns to this group, −1 for none")]


REFERENCE_POINTS = 257


class Regions(NamedTuple):
    """One county and level: the population that baseline moments refer to; R rows."""

    county: Annotated[Rows, Column("int32", "county", "county number")]
    level: Annotated[Codes, Column("int8", "code", "level (Level)")]
    talent_sd: Annotated[Floats, Column("float64", "σ", "SD of talent within a school")]
    match_sd: Annotated[Floats, Column("float64", "σ", "SD of teacher × school match")]
    reference_low: Annotated[Floats, Column("float64", "σ", "skill at the first point of `reference`")]
    reference_step: Annotated[Floats, Column("float64", "σ", "distance of the points of `reference`")]
    reference: Annotated[
        Floats, Column("float64", "σ", "what a teacher learns among the baseline population", REFERENCE_POINTS)
    ]
    ordinary: Annotated[Floats, Column("float64", "σ/year", "growth beyond `reference` that is ordinary here")]
    ordinary_anchor: Annotated[Floats, Column("float64", "σ/year", "`ordinary` averaged over the standing terms")]
    practice_mean: Annotated[Floats, Column("float64", "σ", "mean of summed practice at baseline")]
    practice_sd: Annotated[Floats, Column("float64", "σ", "declared SD of summed practice between schools")]


class Index(NamedTuple):
    """Row numbers derived from the other tables: rebuilt, never drawn."""

    county_start: Annotated[Rows, Column("int32", "teacher row", "first teacher of each county (C + 1)")]
    area_start: Annotated[Rows, Column("int32", "county", "first of neighbouring counties that share schools (A + 1)")]
    tie_start: Annotated[Rows, Column("int32", "tie row", "first tie into each school (S + 1)")]
    team_order: Annotated[Rows, Column("int32", "teacher row", "teachers by present school and team")]
    team_start: Annotated[Rows, Column("int32", "position", "first position of each school's teams (S · 7 + 1)")]
    team_of: Annotated[Codes, Column("int8", "code", "team of each teacher: a subject, or 6 for the mixed team")]
    neighbours: Annotated[Rows, Column("int32", "school row", "nearest schools of the region, −1 where fewer", 8)]


TEAMS = len(SUBJECTS) + 1

RECORDED = (
    "quality",
    "mean_skill",
    "practice",
    "management",
    "best",
    "drive",
    "attention",
    "outreach",
    "participation",
    "character",
    "lessons_online",
    "misfit",
    "unqualified",
    "newcomers",
    "uncovered",
    "staff_home",
    "staff_post",
    "backbone_post",
    "away",
    "morale",
    "leavers",
    "mid_titles",
    "senior_titles",
    "senior_post",
    "service",
    "veteran_backbone",
    "choice_pressure",
    "satisfaction",
    "cost",
)


def columns(table: type) -> dict[str, Column]:
    """Return name → `Column` of a table class, in order."""
    hints = get_type_hints(table, include_extras=True)
    return {name: _column(hint) for name, hint in hints.items()}


def _column(hint: Any) -> Column:  # noqa: ANN401
    return next(item for item in hint.__metadata__ if isinstance(item, Column))


def empty(table: type, rows: int) -> dict[str, NDArray[Any]]:
    """Return zero-filled arrays for every column of `table`, `rows` long."""
    shapes = {name: (rows, c.width) if c.width > 1 else (rows,) for name, c in columns(table).items()}
    return {name: np.zeros(shapes[name], dtype=c.dtype) for name, c in columns(table).items()}

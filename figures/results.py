"""Read a saved results directory, checked once here so that no figure has to doubt it."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from figures.problems import ResultsError
from figures.text import LANGUAGES

HORIZON = 3
"""Year at which the documents themselves look back."""
LATE_YEARS = 2
"""The last so many years are the long-run effect."""
CHANNELS = ("management", "teaching", "research", "culture", "platform")
SCHOOL_TEXT = ("id", "name", "level", "setting", "ownership", "role", "group", "zone")
SCHOOL_NUMBERS = ("x_km", "y_km", "pupils", "staff", "baseline_quality")
TIE_TEXT = ("source", "target", "layer")
TIE_NUMBERS = ("distance_km", *CHANNELS, "online")


def _bilingual(title: dict[str, str]) -> dict[str, str]:
    if missing := set(LANGUAGES) - title.keys():
        raise ValueError(f"no title in {', '.join(sorted(missing))}")
    return title


def _bound(value: object) -> object:
    return None if isinstance(value, float) and math.isinf(value) else value


Bound = Annotated[float | None, BeforeValidator(_bound)]
Title = Annotated[dict[str, str], AfterValidator(_bilingual)]
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
    """Official balance indicator: CV of backbone teachers between schools."""

    before: float
    after: float


class Flip(Record):
    """A value of one number beyond which, all else at defaults, the verdict is another."""

    value: float
    verdict: Verdict


class Hinge(Record):
    """A number that a verdict hinges on, with its range and where alone it changes the verdict."""

    path: str
    correlation: float
    low: float
    default: float
    high: float
    flips: list[Flip]


class Certainty(Record):
    """Share of draws of the uncertain parameters that give the same verdict, and what it hinges on."""

    verdict: Verdict
    share: float
    draws: int
    regions: dict[Verdict, int]
    hinges: list[Hinge] = []


class Policy(Record):
    """One policy compared with the control."""

    mode: str
    rotation: str
    support: str
    title: Title
    verdict: Verdict
    verdict_regions: list[Verdict]
    replicates: int
    d_peak: Estimate
    d_valley: Estimate
    d_middle: Estimate | None = None
    d_mean: Estimate
    d_ungrouped: Estimate | None = None
    d_leads: Estimate | None = None
    d_top_tenth: Estimate | None = None
    d_peak_year3: Estimate
    d_valley_year3: Estimate
    d_mean_year3: Estimate
    verdict_year3: Verdict
    verdict_regions_year3: list[Verdict]
    peak_cost_ratio: Ratio
    dip_depth: float | None
    recovery_year: float | None
    cost_per_pupil: float
    backbone_cv: BackboneCV
    trajectory: Trajectory
    certainty: Certainty | None = None


class Control(Record):
    """What every policy is compared with."""

    name: str
    title: Title


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

    format: Literal[1]
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


@dataclass(frozen=True)
class Results:
    """A results directory in memory.

    Attributes
    ----------
    comparison
        Verdicts, effects and trajectories.
    schools
        One row per school, columns ``SCHOOL_TEXT`` and ``SCHOOL_NUMBERS`` (km, persons, σ).
    ties
        One row per tie, columns ``TIE_TEXT`` and ``TIE_NUMBERS`` (km, weights in [0, 1]).
    manifest
        The record of the run, as saved; empty where there is none.
    """

    comparison: Comparison
    schools: pd.DataFrame
    ties: pd.DataFrame
    manifest: dict[str, object]


def load(directory: str | Path) -> Results:
    """Return the results saved in `directory`.

    Raises
    ------
    ResultsError
        If a file is absent, cannot be read or lacks a field, or a tie names an unknown school.
    """
    folder = Path(directory)
    schools = _table(folder / "network" / "schools.csv", SCHOOL_TEXT, SCHOOL_NUMBERS)
    ties = _table(folder / "network" / "ties.csv", TIE_TEXT, TIE_NUMBERS)
    stray = sorted((set(ties["source"]) | set(ties["target"])) - set(schools["id"]))
    if stray:
        raise ResultsError("stray_tie", path=folder / "network" / "ties.csv", schools=", ".join(stray[:5]))
    return Results(_comparison(folder / "comparison.json"), schools, ties, _manifest(folder / "manifest.json"))


def _comparison(path: Path) -> Comparison:
    try:
        return Comparison.model_validate_json(_read(path))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc'])) or 'JSON'}: {fault['msg']}" for fault in error.errors()]
        raise ResultsError("bad_file", path=path, fault="; ".join(faults[:5])) from error


def _manifest(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        manifest = json.loads(_read(path))
    except ValueError as error:
        raise ResultsError("bad_file", path=path, fault=error) from error
    if not isinstance(manifest, dict):
        raise ResultsError("bad_file", path=path, fault="not an object")
    return manifest


def _table(path: Path, words: tuple[str, ...], numbers: tuple[str, ...]) -> pd.DataFrame:
    _read(path)
    try:
        # Everything as text first: 00123 stays an id and NA stays a name.
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        missing = [column for column in (*words, *numbers) if column not in raw]
        if missing:
            raise ValueError(f"no column {', '.join(missing)}")
        table = raw.astype(dict.fromkeys(numbers, float))
        if not np.isfinite(table[list(numbers)].to_numpy()).all():
            raise ValueError("a number is not finite")
    except ValueError as error:
        raise ResultsError("bad_file", path=path, fault=error) from error
    return table[[*words, *numbers]]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ResultsError("missing_file", path=path) from error

"""What `experiment` saves, as records: the claim, what its contrasts say, and what the figure shows."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from figures.moves import Moved
from figures.records import Hinge as Number
from figures.records import Record, Title
from figures.results import read_record

NAME, EVERY = "experiment.json", "claims.json"
Verdict = Literal["holds", "does_not_hold", "depends"]


class Value(Record):
    """A mean with its interval."""

    mean: float
    low: float
    high: float


class Draws(Record):
    """The tenth, half and nine tenths of draws; None without draws."""

    low: float | None
    middle: float | None
    high: float | None


class Words(Record):
    """A title and a unit."""

    title: Title
    unit: Title | None


class Lever(Words):
    """What a contrast or a figure goes along."""

    name: str


class Cell(Record):
    """A contrast at one value of its lever."""

    at: float | str | None
    label: Title | None
    value: Value
    advantage: Value
    draws: Draws
    share: float | None
    answer: Literal["yes", "no", "open"]
    judged: bool


class Border(Record):
    """Where along a lever the answer turns: at the declared values, and in draws."""

    lever: str
    values: list[float]
    draws: Draws
    share: float | None


class Hinge(Number):
    """A number that a contrast hinges on, and where by itself it turns the answer, below and above its value."""

    flips: list[object] = []  # type: ignore[assignment]  # noqa: RUF012
    at_low: float
    at_default: float
    at_high: float
    below: float | None
    above: float | None


class Contrast(Record):
    """One contrast with its verdict."""

    title: Title
    outcome: Words
    direction: Literal["above", "below", "within"]
    margin: float
    beside: bool
    some: bool
    along: Lever | None
    verdict: Verdict
    depends_on: list[Literal["lever", "parameters", "chance"]]
    cells: list[Cell]
    border: Border | None
    hinges: list[Hinge]


class Line(Record):
    """One line of the figure."""

    label: Title
    x: list[float]
    mean: list[float]
    low: list[float]
    high: list[float]
    draws_low: list[float | None]
    draws_high: list[float | None]


class Drawn(Record):
    """What the figure shows beside the contrasts."""

    kind: Literal["contrasts", "along", "years"]
    outcome: Words | None = None
    lever: Lever | None = None
    ticks: list[Title] | None = None
    lines: list[Line] = []  # noqa: RUF012 - copied by pydantic


class Quotation(Record):
    """Words of a document."""

    row: str
    quotation: str
    means: str


class Presumed(Record):
    """A sign that the equations have from the start."""

    process: str
    parameters: list[str]
    sign: Title


class Experiment(Record):
    """A claim that was tried."""

    claim: str
    title: Title
    kind: Literal["stated", "implied"]
    documents: list[str]
    quotations: list[Quotation]
    presumed: list[Presumed]
    note: Title | None
    scenario: str
    scenario_title: Title
    synthetic: bool
    seed: int
    years: int
    replicates: int
    draws: int
    draw_replicates: int
    level: float
    agree: float
    verdict: Verdict
    contrasts: list[Contrast]
    figure: Drawn
    moves: list[Moved] = []  # noqa: RUF012 - copied by pydantic
    version: str
    results_dir: str


class Experiments(Record):
    """All claims that were tried together."""

    claims: list[Experiment]
    version: str


def load(directory: str | Path) -> Experiment:
    """Return a saved experiment; raises as `figures.results.read_record`."""
    return read_record(Path(directory) / NAME, Experiment)


def load_all(directory: str | Path) -> Experiments:
    """Return saved experiments; raises as `figures.results.read_record`."""
    return read_record(Path(directory) / EVERY, Experiments)

"""The shape of a claim's file: what is claimed and where, levers and policies, and the contrasts that judge."""

from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from scenarios.schema import Control, Id, Rate, Table, Title, Words


def _by_type(code: str) -> Discriminator:
    """Return what tells kinds of a value apart by its type, so that a wrong one is one fault, with `code`."""
    return Discriminator(lambda value: type(value).__name__, custom_error_type=code, custom_error_message=code)


Float = Annotated[float, Tag("float")]
Int = Annotated[int, Tag("int")]
Text = Annotated[str, Tag("str")]
Value = Annotated[Float | Int | Text, _by_type("not_a_value")]
Cell = dict[Id, Value]
Settings = dict[Words, Annotated[Float | Int | Text | Annotated[bool, Tag("bool")], _by_type("not_a_setting")]]
Number = Annotated[float, Field(ge=-1e12, le=1e12)]
Names = Annotated[list[Words], Tag("list"), Field(min_length=1)]
Measure = Annotated[
    Annotated[Words, Tag("str")] | Annotated[dict[Words, Number], Tag("dict"), Field(min_length=1)] | Names,
    _by_type("not_a_measure"),
]
Varied = Annotated[
    Annotated[Literal["all"], Tag("str")] | Annotated[list[Words], Tag("list")], _by_type("not_paths_or_all")
]


class QuotationTable(Table):
    """Words of a document, by row of the documents' table, and what they mean in English."""

    row: Words
    quotation: Words
    means: Words


class PresumedTable(Table):
    """A sign that the equations have from the start: the process, the parameters that size it, and what is presumed."""

    process: Id
    parameters: Annotated[list[Words], Field(min_length=1)]
    sign: Title


class PolicyTable(Table):
    """A policy to contrast: names as on the command line, with what is particular to it.

    `layers` puts a mode on another layer of ties (``pair``, ``zone``, ``district``; ``none`` takes it away), `set` sets
    paths as ``--set`` does or fields of the scenario's file, and `scenario` and `control` replace the claim's own.
    """

    title: Title
    mode: Words = "independent"
    rotation: Words = "none"
    support: Words = "none"
    layers: dict[Id, Id] = Field(default_factory=dict)
    scenario: Words | None = None
    control: Control | None = None
    set: Settings = Field(default_factory=dict)


class LeverTable(Table):
    """Something a county decides, or a circumstance: listed `values`, or `steps` from `low` to `high`.

    Where a cell names none, its `default` holds, or the first. A value is set at all `paths`, or sets what its item of
    `settings` says; with `policy`, for that policy only.
    """

    title: Title
    unit: Title | None = None
    values: list[Value] = Field(default_factory=list)
    default: Value | None = None
    labels: list[Title] = Field(default_factory=list)
    low: Number | None = None
    high: Number | None = None
    steps: Annotated[int, Field(ge=2, le=200)] = 5
    policy: Id | None = None
    paths: list[Words] = Field(default_factory=list)
    settings: list[Settings] = Field(default_factory=list)

    def taken(self) -> list[Value]:
        """Return the values that it takes, in order."""
        if self.low is None or self.high is None:
            return self.values
        low, high = sorted((self.low, self.high))
        return self.values or np.clip(np.round(np.linspace(self.low, self.high, self.steps), 6), low, high).tolist()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.values) == (self.low is not None and self.high is not None):
            raise PydanticCustomError("values_or_range", "values or range")
        if bool(self.paths) == bool(self.settings):
            raise PydanticCustomError("paths_or_settings", "paths or settings")
        for given in (self.settings, self.labels):
            if given and len(given) != len(self.values):
                raise PydanticCustomError("one_a_value", "one a value", {"allowed": str(len(self.values))})
        if len(set(self.taken())) < len(self.taken()):
            raise PydanticCustomError("value_twice", "a value twice")
        return self


class UncertaintiesTable(Table):
    """What draws vary: ``all`` that is uncertain in the scenario, or paths; and paths suspected of deciding."""

    vary: Varied = "all"
    suspects: list[Words] = Field(default_factory=list)


class OutcomeTable(Table):
    """A number of one run: an outcome; a sum of several, each times a factor; or a list, the least of which counts."""

    title: Title
    measure: Measure
    unit: Title = Title(en="σ a year", zh="σ/年")


class ContrastTable(Table):
    """What must be so if the claim is true: an outcome in one cell, less that in another, lies on one side of a margin.

    Parameters
    ----------
    of, against
        Lever → value; what is not named is at its default. Without `against`, the outcome itself is judged.
    along
        A lever through whose values the contrast goes. Where `of` names it, only that value is judged and the others
        show where the answer turns; otherwise it is judged at every one.
    some
        One value of `along` is enough, as for a claim that something is possible.
    direction, margin
        ``above`` the margin, ``below`` minus the margin, or ``within`` it. A negative margin asks only that the
        contrast is not so far on the wrong side.
    beside
        Whether it is told beside the claim without deciding it: whether the experiment is fair, or what else it costs.
    """

    title: Title
    outcome: Id
    of: Cell = Field(default_factory=dict)
    against: Cell | None = None
    along: Id | None = None
    some: bool = False
    direction: Literal["above", "below", "within"] = "above"
    margin: Number = 0.02
    beside: bool = False


class FigureTable(Table):
    """What the figure shows: the contrasts, or an outcome along a lever or by year, a line for each of some cells."""

    kind: Literal["contrasts", "along", "years"] = "contrasts"
    outcome: Id | None = None
    lever: Id | None = None
    lines: list[Cell] = Field(default_factory=list)


class BudgetTable(Table):
    """Paired runs of each cell at the declared values; draws of what is uncertain; paired runs of each in each draw."""

    replicates: Annotated[int, Field(ge=2, le=100_000)] = 12
    draws: Annotated[int, Field(ge=0, le=100_000)] = 48
    draw_replicates: Annotated[int, Field(ge=1, le=1000)] = 1


class ClaimTable(Table):
    """A claim: words, ground, experiment and judgement."""

    title: Title
    kind: Literal["stated", "implied"]
    documents: list[Words] = Field(default_factory=list)
    quotations: list[QuotationTable] = Field(default_factory=list)
    presumed: list[PresumedTable] = Field(default_factory=list)
    note: Title | None = None
    scenario: Words
    control: Control | None = None
    years: Annotated[int, Field(ge=2, le=100)] = 10
    constants: Settings = Field(default_factory=dict)
    policies: Annotated[dict[Id, PolicyTable], Field(min_length=1)]
    levers: dict[Id, LeverTable] = Field(default_factory=dict)
    uncertainties: UncertaintiesTable = UncertaintiesTable()
    outcomes: Annotated[dict[Id, OutcomeTable], Field(min_length=1)]
    contrasts: Annotated[list[ContrastTable], Field(min_length=1)]
    figure: FigureTable = FigureTable()
    budget: BudgetTable = BudgetTable()
    agree: Rate = 0.7

    def document(self) -> dict[str, Any]:
        """Return the claim as plain values."""
        return self.model_dump(exclude_none=True)

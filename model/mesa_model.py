"""The model as users of Mesa know it: the same terms and the same numbers, with rows of the tables as agents."""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import mesa
import numpy as np

from model.attributes import Attributes, compile_policy
from model.chance import key
from model.columns import RECORDED, Schools, columns
from model.parameters import Parameters
from model.policy import Policy
from model.sets import baseline_quality, reference_sets
from model.simulation import TERMS_PER_YEAR, Record, Snapshot, burn_in, moment, term
from model.weighted import weighted_mean
from model.world import TABLES, Pool, World


def _cell(agent: "RowAgent", column: str) -> Any:  # noqa: ANN401
    value = getattr(getattr(agent.model.world, agent.table), column)[agent.row]
    return tuple(value.tolist()) if value.ndim else value.item()


class RowAgent(mesa.Agent):  # type: ignore[misc]
    """A view on one row of a table of `model.world`: a property per column, none of which can be set."""

    row = property(operator.attrgetter("_row"), doc="Row in the table, by which other tables refer to it.")
    table: ClassVar[str]

    def __init_subclass__(cls, table: str = "") -> None:
        cls.table = table or cls.table
        for name, column in columns(TABLES[table]).items() if table else ():
            setattr(cls, name, property(partial(_cell, column=name), doc=f"{column.meaning} ({column.unit})"))

    def __init__(self, model: "SchoolGroups", row: int) -> None:
        super().__init__(model)
        self._row = row


class TeacherAgent(RowAgent, table="teachers"):
    """An establishment post and whoever holds it now."""


class SchoolAgent(RowAgent, table="schools"):
    """A school (campus)."""


class GroupAgent(RowAgent, table="groups"):
    """An education group."""


def quality_of(model: "SchoolGroups", schools: str) -> float:
    """Return the pupil-weighted mean quality (σ) of one of the `model.sets.Sets`, NaN where it is empty."""
    table, chosen = model.world.schools, getattr(model.sets, schools)
    return float(weighted_mean(table.quality, table.pupils, chosen)) if chosen.any() else np.nan


SETS = {"mean": "grouped", "peak": "peak", "middle": "middle", "valley": "valley"}
REPORTERS = {name: partial(quality_of, schools=schools) for name, schools in SETS.items()}


@dataclass(frozen=True, eq=False)
class Setup:
    """All that a run needs besides its seed, in one object because `batch_run` would iterate over a world.

    `phases` are (first year, policy) in order, `agents` the classes whose rows are agents from the start, and
    `reporters` the arguments of the `DataCollector`.
    """

    structure: World = field(repr=False)
    baseline: Policy | Attributes = field(repr=False)
    phases: Sequence[tuple[int, Policy | Attributes]] = field(repr=False)
    parameters: Parameters = field(default=Parameters(), repr=False)
    years: int = 10
    burn_in_years: int = 5
    terms_per_year: int = TERMS_PER_YEAR
    agents: tuple[type[RowAgent], ...] = ()
    reporters: Mapping[str, Any] = field(default_factory=lambda: {"model_reporters": REPORTERS}, repr=False)
    name: str = ""


def _compiled(rules: Policy | Attributes, world: World) -> Attributes:
    return compile_policy(rules, world) if isinstance(rules, Policy) else rules


class SchoolGroups(mesa.Model):  # type: ignore[misc]
    """A run under Mesa: `step` is one term, and every number has the bytes of `simulate`'s.

    Parameters
    ----------
    setup
        What is run; `batch_run(SchoolGroups, {"setup": [a, b], "replicate": range(4)})` runs several.
    replicate, rng
        Number of the replicate and seed of the study (0 when None), whole numbers; equal ones give equal numbers.
    start
        The standing state, if another run under the same baseline, seed and replicate has it (`other.start`).
    """

    def __init__(self, setup: Setup, replicate: int = 0, rng: int | None = None, start: Snapshot | None = None) -> None:
        own = key(operator.index(0 if rng is None else rng), operator.index(replicate))
        super().__init__(rng=int(own.k0))
        self.setup, self.key, self.term = setup, own, 0
        years, world = (setup.burn_in_years, setup.terms_per_year), setup.structure
        self.start = start or burn_in(world, _compiled(setup.baseline, world), setup.parameters, own, *years)
        self.world = self.start.world
        self.phases = [(year, _compiled(rules, world)) for year, rules in setup.phases]
        self.sets = reference_sets(self.world, baseline_quality(self.start.record))
        self.history: list[Schools] = []
        self.datacollector = mesa.DataCollector(**setup.reporters)
        self.populate(*setup.agents)
        self.datacollector.collect(self)

    @property
    def record(self) -> Record:
        """The terms so far, as `simulate` records them."""
        tables = {name: np.array([getattr(s, name) for s in self.history], dtype=np.float64) for name in RECORDED}
        return Record(self.setup.terms_per_year, tables)

    def step(self) -> None:
        """Advance by one term; a further step ends the run, as Mesa 3.3's batch runner reports the state before it."""
        self.running = self.term < self.setup.years * self.setup.terms_per_year
        if not self.running:
            return self._forget_ids()
        now = moment(self.key, self.term, self.setup.terms_per_year, burn_in=False)
        attributes = [rules for year, rules in self.phases if year <= now.year][-1]
        # Each term has its own pool, so that a world which a user keeps is never written over.
        self.world = term(self.world, attributes, self.setup.parameters, now, Pool())
        self.term += 1
        self.history.append(self.world.schools)
        self.datacollector.collect(self)

    def populate(self, *kinds: type[RowAgent]) -> None:
        """Make agents of all rows of these kinds, once each, in row order."""
        for kind in kinds:
            rows = list(range(len(getattr(self.world, kind.table).id)))
            if not self.agents_by_type.get(kind):
                kind.create_agents(self, len(rows), rows)

    def close(self) -> None:
        """Remove the agents, so that nothing in Mesa keeps this model alive; its numbers stay."""
        self.remove_all_agents()
        self._forget_ids()

    def _forget_ids(self) -> None:
        # Mesa 3.3 counts ids in a dictionary of its own, by model, from which no model is ever taken.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

"""From a scenario and policies by name to a study; and the study at any point of a design."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from experiments.comparison import Arm, Study
from experiments.design import POLICY, Value
from scenarios import fields, reader
from scenarios.changes import changes
from scenarios.policies import ended_rotations
from scenarios.reader import Choice, Scenario
from scenarios.regrouping import own_name
from scenarios.roster import Group
from scenarios.uncertainty import moved
from scenarios.variation import read_value

KEPT_SCENARIOS = 4
LANGUAGES = ("en", "zh")
Items = tuple[tuple[str, object], ...]


@dataclass(frozen=True)
class Options:
    """What a study asks beyond the scenario: control, margin, horizon and seed.

    `control` is ``as_is``, ``none``, ``same_money`` or the scenario's own; `years` its own where None.
    """

    control: str | None = None
    delta: float = 0.02
    years: int | None = None
    seed: int = 0


def study_of(scenario: Scenario, choices: Sequence[Choice], options: Options = Options()) -> Study:
    """Return the comparison of policies with a control in a scenario.

    Raises
    ------
    ScenarioError
        If a name is unknown.
    """
    kind = options.control or scenario.control_name
    control = Arm(kind, kind, "none", dict(reader.CONTROL_TITLES[kind]), reader.control(scenario, kind))
    arms = [_arm(scenario, choice, kind) for choice in choices]
    return Study(
        scenario.name, dict(scenario.title), scenario.world, scenario.labels.schools, scenario.labels.groups,
        scenario.parameters, control, arms, options.seed, options.years or scenario.run.years, scenario.run.burn_in,
        options.delta, scenario.synthetic, scenario.levels, kind == "same_money",
        {"scenario_sha256": scenario.inputs_sha256},
        scenario.school_names, [ground.model_dump(exclude_none=True) for ground in scenario.provenance],
        [_group(scenario, group) for group in scenario.roster.groups], changes(scenario, choices, kind), scenario.known,
    )  # fmt: skip


def _group(scenario: Scenario, group: Group) -> dict[str, str]:
    """Return who a group is: its own name if it has one, its lead, and the mode that the scenario plans for it."""
    name, mode = own_name(group), scenario.catalogue.modes[group.mode].title if group.mode else {}
    words = {"name": name, "mode": mode}
    told = {f"{what}_{language}": said.get(language, "") for what, said in words.items() for language in LANGUAGES}
    return {"id": group.id, "lead": group.lead, "mode": group.mode} | told


def _arm(scenario: Scenario, choice: Choice, control: str) -> Arm:
    policy = reader.policy_for(scenario, choice, standing=control != "none")
    title, rules = reader.title_of(scenario, choice, control), scenario.catalogue.rotations
    ends = [{"name": n, "title": dict(rules[n].title)} for n in ended_rotations(scenario, choice.rotation, control)]
    return Arm(*choice, title, policy, policy.support.ends_in_year, ends)


@dataclass(frozen=True)
class Situation:
    """A scenario and one policy in it, from which the study at any point of a design is made.

    Parameters
    ----------
    scenario
        A bundled name or a file.
    choice
        The policy where a point names none.
    options
        Control, margin, horizon and seed.
    overrides
        Path → value in force at every point, over what the file says.
    rival
        Name of a rival structure, or None.
    """

    scenario: str | Path
    choice: Choice
    options: Options = Options()
    overrides: Mapping[str, object] = field(default_factory=dict)
    rival: str | None = None

    def scenario_at(self, values: Mapping[str, Value]) -> Scenario:
        """Return the scenario with the world and the numbers of a point; raises as `study`."""
        inside = tuple((path, _read(value)) for path, value in values.items() if fields.is_field(path))
        scenario = _loaded(self.scenario, tuple(self.overrides.items()), self.rival, _Shown(inside))
        numbers = {p: _read(v) for p, v in values.items() if p not in POLICY and not fields.is_field(p)}
        return moved(scenario, numbers) if numbers else scenario

    def study(self, values: Mapping[str, Value]) -> Study:
        """Return the study at a point: path → value, and under ``mode``, ``rotation``, ``support`` names.

        Raises
        ------
        ScenarioError
            If a path or a name is unknown, or a value is out of bounds.
        """
        names = {name: str(values[name]) for name in POLICY if name in values}
        return study_of(self.scenario_at(values), [self.choice._replace(**names)], self.options)

    def at_seed(self, seed: int) -> Situation:
        """Return the same with another seed."""
        return replace(self, options=replace(self.options, seed=seed))


def _read(value: Value) -> object:
    return read_value(value) if isinstance(value, str) else value


class _Shown(tuple[tuple[str, object], ...]):
    """Field values, compared by how they are written, since tables among them cannot be hashed."""

    def __hash__(self) -> int:
        return hash(repr(self))


@functools.lru_cache(maxsize=KEPT_SCENARIOS)
def _loaded(name: str | Path, overrides: Items, rival: str | None, inside: _Shown) -> Scenario:
    """Return a scenario, read once for all points of the same world."""
    return reader.load(name, dict(overrides), rival, dict(inside))

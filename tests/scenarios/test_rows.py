import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import BaseModel

from model.attributes import compile_policy
from model.chance import key
from model.columns import RECORDED
from model.measures import yearly_measures
from model.parameters import declared
from model.schedule import TERM
from model.sets import baseline_quality, reference_sets
from model.simulation import Record, burn_in, simulate
from model.world import World
from scenarios import reader, schema
from scenarios.catalogue import documents
from scenarios.rows import NAMES, Switch, documents_of, rows
from scenarios.scenario import Choice, Scenario
from tests.scenarios.test_provenance import plain, sources  # noqa: F401 - a fixture

TESTS = Path(__file__).resolve().parents[2]
EXPECTED = {"L": range(1, 16), "Y": range(14), "H": range(1, 9), "C": range(1, 12), "Z": range(1, 13)}
MODELLED = {ident: row for ident, row in rows().items() if row.not_modelled is None}
SWITCHES = [
    pytest.param(switch, id=f"{ident}-{n}") for ident, row in MODELLED.items() for n, switch in enumerate(row.switch, 1)
]
RECORDS = {"mode": schema.ModeTable, "rotation": schema.RotationTable, "support": schema.SupportTable}
Outcome = tuple[World, Record, dict[str, Any]]
BEYOND_THE_TERM = {"world", "measures"}


def test_every_row_of_every_document_is_there_and_nothing_else() -> None:
    wanted = [f"{letter}{n}" for letter, numbers in EXPECTED.items() for n in numbers]
    assert list(MODELLED) == wanted
    assert all(row.switch and row.fields and row.process for row in MODELLED.values())


def test_what_is_not_modelled_has_a_reason_and_no_switch() -> None:
    left = {ident: row for ident, row in rows().items() if ident not in MODELLED}
    assert len(left) == 7
    assert not any(row.switch or row.fields or row.process for row in left.values())
    assert all(set(row.documents) <= set(documents()) and row.documents for row in left.values())


def _has(table: Any, path: list[str]) -> bool:  # noqa: ANN401
    """Whether a path of field names leads through the models of a schema, lists and tables of any name passed by."""
    models = [one for one in (table, *get_args(table), *(b for a in get_args(table) for b in get_args(a)))]
    found = [one for one in models if isinstance(one, type) and issubclass(one, BaseModel)]
    if not path:
        return True
    if not found:
        return bool(get_args(table)) or table is not Any
    return any(path[0] in one.model_fields and _has(one.model_fields[path[0]].annotation, path[1:]) for one in found)


@pytest.mark.parametrize("ident", MODELLED)
def test_fields_and_processes_of_a_row_exist(ident: str) -> None:
    row = MODELLED[ident]
    for field in row.fields:
        head, *rest = field.split(".")
        if head == "parameters":
            assert ".".join(rest) in declared()
        else:
            assert _has(RECORDS.get(head, schema.ScenarioTable), rest if head in RECORDS else [head, *rest]), field
    assert set(row.process) <= {process.name for process in TERM} | BEYOND_THE_TERM


@pytest.mark.parametrize("ident", MODELLED)
def test_tests_that_a_row_names_exist(ident: str) -> None:
    for place in MODELLED[ident].tests:
        file, _, name = place.partition("::")
        text = (TESTS / file).read_text("utf-8")
        assert not name or re.search(rf"^def {name}\(", text, re.MULTILINE), place


def _loaded(switch: Switch, values: Mapping[str, Any]) -> tuple[Scenario, Choice, bool]:
    paths = {path: value for path, value in values.items() if path not in NAMES}
    fields = {path: value for path, value in paths.items() if path.split(".")[0] in ("world", "baseline", "policies")}
    overrides = {path: value for path, value in paths.items() if path not in fields}
    scenario = reader.load(switch.world, overrides, fields=fields)
    choice = Choice(values.get("mode", "independent"), values.get("rotation", "none"), values.get("support", "none"))
    return scenario, choice, bool(values.get("zone", True))


@functools.cache
def _run(world: str, values: tuple[tuple[str, str], ...], years: int, again: Any) -> Outcome:  # noqa: ANN401
    switch, given = again.switch, again.values
    scenario, choice, zone = _loaded(switch, given)
    control = compile_policy(reader.control(scenario), scenario.world)
    policy = reader.policy_for(scenario, choice, zone=zone)
    parameters, seed = scenario.parameters, key(1, 0)
    start = burn_in(scenario.world, control, parameters, seed, 2)
    end = policy.support.ends_in_year
    phases = [(0, compile_policy(policy, scenario.world))] + ([] if end is None else [(end, control)])
    world, record = simulate(start.world, phases, parameters, seed, years)
    sets = reference_sets(scenario.world, baseline_quality(start.record))
    return world, record, yearly_measures(scenario.world, record, sets)


class _Again:
    """What a cached run needs beside its key, left out of the key's comparison."""

    def __init__(self, switch: Switch, values: Mapping[str, Any]) -> None:
        self.switch, self.values = switch, values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Again)

    def __hash__(self) -> int:
        return 0


def _outcome(switch: Switch, side: Mapping[str, Any]) -> Outcome:
    values = tuple(sorted((path, repr(value)) for path, value in side.items()))
    return _run(switch.world, values, switch.years, _Again(switch, side))


def _chosen(world: Any, at: str) -> Any:  # noqa: ANN401
    s = world.schools
    leads = np.isin(np.arange(len(s.id)), world.groups.lead)
    return {
        "all": s.opens < 0.0,
        "leads": leads,
        "members": (s.group >= 0) & ~leads & (s.opens < 0.0),
        "new": s.opens >= 0.0,
    }[at]


def _value(outcome: Outcome, name: str, at: str) -> float:
    world, record, measures = outcome
    if name not in RECORDED:
        return float(measures[name][-1])
    table = record.columns[name][-2:].mean(axis=0)[_chosen(world, at)]
    return float(table.sum(axis=tuple(range(1, table.ndim))).mean())


def _differs(off: Outcome, on: Outcome, name: str) -> bool:
    if name not in RECORDED:
        return not np.array_equal(off[2][name], on[2][name])
    before, after = off[1].columns[name], on[1].columns[name]
    return before.shape != after.shape or not np.array_equal(before, after)


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_works(switch: Switch) -> None:
    off, on = _outcome(switch, switch.off), _outcome(switch, switch.on)
    named = (*switch.rises, *switch.falls)
    told = {name: (_value(off, name, switch.at), _value(on, name, switch.at)) for name in named}
    assert {name: pair for name, pair in told.items() if name in switch.rises and not pair[1] > pair[0] + 1e-9} == {}
    assert {name: pair for name, pair in told.items() if name in switch.falls and not pair[1] < pair[0] - 1e-9} == {}
    assert [name for name in switch.changes if not _differs(off, on, name)] == []
    assert [name for name in switch.unchanged if _differs(off, on, name)] == []


def _acts(name: str, off: World, on: World) -> bool:
    """Whether some column that a process writes differs between two worlds of the same rows."""
    written = next(process.writes for process in TERM if process.name == name)
    pairs = [(getattr(getattr(off, t), c), getattr(getattr(on, t), c)) for t, c in (w.split(".") for w in written)]
    return any(a.shape != b.shape or not np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)


@pytest.mark.parametrize("ident", MODELLED)
def test_every_process_that_a_row_names_acts_under_one_of_its_switches(ident: str) -> None:
    row = MODELLED[ident]
    worlds = [(_outcome(switch, switch.off)[0], _outcome(switch, switch.on)[0]) for switch in row.switch]
    idle = [name for name in row.process if name not in BEYOND_THE_TERM and not any(_acts(name, *w) for w in worlds)]
    assert idle == []


def test_pupils_stay_where_they_are_whatever_the_policy() -> None:
    switch = MODELLED["H3"].switch[0]
    scenario, choice, _ = _loaded(switch, switch.on)
    control = compile_policy(reader.control(scenario), scenario.world)
    start = burn_in(scenario.world, control, scenario.parameters, key(0, 0), 2)
    policy = compile_policy(reader.policy_for(scenario, choice), scenario.world)
    world, _ = simulate(start.world, [(0, policy)], scenario.parameters, key(0, 0), 3)
    assert np.array_equal(world.schools.pupils, scenario.world.schools.pupils)


def test_every_row_quotes_words_of_its_documents(sources: dict[str, str]) -> None:  # noqa: F811
    texts = {letter: plain(text) for letter, text in sources.items()}
    absent = [
        (ident, row.quotation)
        for ident, row in rows().items()
        if not any(plain(row.quotation) in texts[letter] for letter in documents_of(ident, row))
    ]
    assert absent == []

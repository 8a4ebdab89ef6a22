"""Everything uncertain in a scenario: parameters and weights with ranges, and the scenario with some changed.

What a weight read from words is, nobody knows; but it is one fact, so where the control has the same record with the
same number, a draw moves both. Once someone has set either, they are two numbers. What a county decides is a lever and
moves the policies compared only: see `scenarios.variation`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from model.parameters import get
from model.policy import Policy
from scenarios.catalogue import Catalogue
from scenarios.policies import AS_PLANNED, as_written, parts, rotations_of
from scenarios.positions import Path
from scenarios.scenario import Scenario
from scenarios.source import Report, Source
from scenarios.variation import (
    BOTH,
    CONTROL,
    DECLARED,
    PRICES,
    Numbers,
    copies_of,
    default_of,
    overridden,
    uncertain,
)

Ranges = dict[str, tuple[float, float, float]]
OWN = {"en": "{} (the control's)", "zh": "{}（对照的）"}


def ranges_of(scenario: Scenario) -> Ranges:
    """Return path → (low, value in force, high) of every parameter but prices, and of every weight read from words.

    Weights are those of the modes and supports compared, of the second tier, and of what is in force before, its own
    where it differs from that of the policies. A value set outside its range stretches it.
    """
    found: Ranges = {}
    for path, parameter in DECLARED.items():
        if not path.startswith(PRICES):
            found[path] = (parameter.low, float(get(scenario.parameters, path)), parameter.high)
    for kind, names in (("mode", _modes(scenario)), ("support", _supports(scenario))):
        for name in names:
            found |= uncertain(scenario.catalogue, kind, name)
    for name in scenario.in_force.modes:
        own = uncertain(scenario.in_force, "mode", name)
        found |= {f"{CONTROL}{path}": ends for path, ends in own.items() if not _is_shared(scenario, path)}
    return {path: (min(low, now), now, max(high, now)) for path, (low, now, high) in found.items() if low < high}


def drawn_at(scenario: Scenario, path: str) -> str:
    """Return the path at which a draw of an uncertain number is set: of both copies where they are one fact."""
    return f"{BOTH}{path}" if _is_shared(scenario, path) else path


def _is_shared(scenario: Scenario, path: str) -> bool:
    """Whether policies and control have a record, and the same number in it, with the same range."""
    copies = [_written(catalogue, path) for catalogue in (scenario.catalogue, scenario.in_force)]
    return None not in copies and copies[0] == copies[1]


def _written(catalogue: Catalogue, path: str) -> object:
    """Return what is written at the path of a field of one record; None where there is none."""
    head, _, name = path.rpartition(".")
    kind, _, ident = head.partition(".")
    entries = getattr(catalogue, kind, {})
    return getattr(entries[ident].table, name) if ident in entries else None


def said_of(scenario: Scenario, path: str) -> dict[str, Any]:
    """Return the `unit` of an uncertain number, and `of`: the title of the mode or support it belongs to, or None."""
    if path in DECLARED:
        return {"unit": DECLARED[path].unit, "of": None}
    (copy, *_), inner = copies_of(path)
    kind, ident, _ = inner.split(".")
    title = getattr(scenario, copy).of(kind.removesuffix("s"))[ident].title
    return {"unit": "share", "of": own_title(title) if path.startswith(CONTROL) else dict(title)}


def own_title(title: Mapping[str, str]) -> dict[str, str]:
    """Return the title of a record with the words that it is the control's copy."""
    return {language: OWN[language].format(words) for language, words in title.items()}


def _modes(scenario: Scenario) -> list[str]:
    named = [choice.mode for choice in scenario.compare if choice.mode != AS_PLANNED]
    planned = scenario.assigned if any(choice.mode == AS_PLANNED for choice in scenario.compare) else ()
    before = [mode.name for layer in scenario.baseline.layers for mode in layer.modes]
    tier = [scenario.zone] if scenario.zone else []
    return list(dict.fromkeys([*named, *planned, *tier, *before]))


def _supports(scenario: Scenario) -> list[str]:
    return list(dict.fromkeys(name for choice in scenario.compare for name in parts(choice.support)))


def varied(scenario: Scenario, values: Mapping[str, object]) -> Scenario:
    """Return the scenario with uncertain numbers drawn, in policies and control alike where they are one fact.

    Raises
    ------
    ScenarioError
        If there is no such path, or a value is out of bounds.
    """
    return moved(scenario, {drawn_at(scenario, path): value for path, value in values.items()})


def moved(scenario: Scenario, values: Mapping[str, object]) -> Scenario:
    """Return the scenario with numbers set where their paths say; whole ones are rounded. The world stays as it is.

    Raises
    ------
    ScenarioError
        If there is no such path, or a value is out of bounds.
    """
    report = Report(Source("", "", {}))
    given: dict[Path, object] = {tuple(path.split(".")): _whole(path, value) for path, value in values.items()}
    numbers = Numbers(scenario.parameters, scenario.catalogue, scenario.in_force)
    numbers = overridden(numbers, given, report)
    report.settle()
    layers = as_written(scenario.baseline.layers, numbers.in_force)
    rotations = rotations_of(numbers.in_force, "+".join(numbers.in_force.rotations))
    return replace(scenario, **numbers._asdict(), baseline=Policy(layers, rotations))


def _whole(path: str, value: object) -> object:
    """Return a drawn number rounded where the parameter is a whole one."""
    whole = isinstance(value, float) and path in DECLARED and isinstance(default_of(path), int)
    return round(value) if whole and isinstance(value, float) else value

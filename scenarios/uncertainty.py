"""Everything uncertain in a scenario: parameters and weights with ranges, and the scenario with some changed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from model.columns import LAYERS
from model.parameters import get
from scenarios.policies import AS_PLANNED, baseline_of, parts
from scenarios.positions import Path
from scenarios.scenario import Scenario
from scenarios.source import Report, Source
from scenarios.variation import DECLARED, PRICES, default_of, overridden, uncertain

Ranges = dict[str, tuple[float, float, float]]


def ranges_of(scenario: Scenario) -> Ranges:
    """Return path → (low, value in force, high) of every parameter but prices, and of every weight read from words.

    Weights are those of the modes and supports compared, of the second tier, and of what is in force before. A value
    set outside its range stretches it.
    """
    found: Ranges = {}
    for path, parameter in DECLARED.items():
        if not path.startswith(PRICES):
            found[path] = (parameter.low, float(get(scenario.parameters, path)), parameter.high)
    for kind, names in (("mode", _modes(scenario)), ("support", _supports(scenario))):
        for name in names:
            found |= uncertain(scenario.catalogue, kind, name)
    return {path: (min(low, now), now, max(high, now)) for path, (low, now, high) in found.items() if low < high}


def said_of(scenario: Scenario, path: str) -> dict[str, Any]:
    """Return the `unit` of an uncertain number, and `of`: the title of the mode or support it belongs to, or None."""
    if path in DECLARED:
        return {"unit": DECLARED[path].unit, "of": None}
    kind, ident, _ = path.split(".")
    return {"unit": "share", "of": dict(scenario.catalogue.of(kind.removesuffix("s"))[ident].title)}


def _modes(scenario: Scenario) -> list[str]:
    named = [choice.mode for choice in scenario.compare if choice.mode != AS_PLANNED]
    planned = scenario.assigned if any(choice.mode == AS_PLANNED for choice in scenario.compare) else ()
    before = [mode.name for layer in scenario.baseline.layers for mode in layer.modes]
    tier = [scenario.zone] if scenario.zone else []
    return list(dict.fromkeys([*named, *planned, *tier, *before]))


def _supports(scenario: Scenario) -> list[str]:
    return list(dict.fromkeys(name for choice in scenario.compare for name in parts(choice.support)))


def varied(scenario: Scenario, values: Mapping[str, object]) -> Scenario:
    """Return the scenario with numbers set by path; whole ones are rounded. The world stays as it is.

    Raises
    ------
    ScenarioError
        If there is no such path, or a value is out of bounds.
    """
    report = Report(Source("", "", {}))
    given: dict[Path, object] = {tuple(path.split(".")): _whole(path, value) for path, value in values.items()}
    parameters, catalogue = overridden(scenario.parameters, scenario.catalogue, given, report)
    report.settle()
    standing = scenario.baseline
    layers = {LAYERS[layer.layer]: layer.modes[0].name for layer in standing.layers}
    rotation = "+".join(record.name for record in standing.rotations) or "none"
    baseline = baseline_of(catalogue, layers, rotation)
    return replace(scenario, parameters=parameters, catalogue=catalogue, baseline=baseline)


def _whole(path: str, value: object) -> object:
    """Return a drawn number rounded where the parameter is a whole one."""
    whole = isinstance(value, float) and path in DECLARED and isinstance(default_of(path), int)
    return round(value) if whole and isinstance(value, float) else value

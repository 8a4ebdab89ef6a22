"""Read a scenario by name or path and check it as a whole, telling everything that is wrong at once."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

from model.columns import LAYERS
from model.parameters import Parameters
from scenarios import counting, listing, positions, rivals, schema
from scenarios.build import build
from scenarios.catalogue import Catalogue, bundled, extended, levels_of, worlds
from scenarios.fields import changed
from scenarios.fingerprint import fingerprint
from scenarios.known import known_values
from scenarios.policies import (
    AS_PLANNED,
    CONTROL_TITLES,
    baseline_of,
    control,
    in_force,
    parts,
    policy_for,
    title_of,
)
from scenarios.problems import Problem, ScenarioError, Where, nearest, shown
from scenarios.roster import Roster
from scenarios.scenario import Choice, Run, Scenario
from scenarios.source import Report, Source, parse, read
from scenarios.staff import staff_of
from scenarios.validation import checked, salvaged
from scenarios.variation import Numbers, overridden, read_value

MOST_POSTS = 20_000_000
UNPLANNED = "independent"

__all__ = [
    "AS_PLANNED",
    "CONTROL_TITLES",
    "Choice",
    "Run",
    "Scenario",
    "control",
    "document",
    "file_of",
    "inputs_sha256",
    "load",
    "loads",
    "policy_for",
    "title_of",
]


def load(
    name_or_path: str | Path,
    overrides: Mapping[str, object] | None = None,
    rival: str | None = None,
    fields: Mapping[str, object] | None = None,
) -> Scenario:
    """Return the scenario of a bundled name or of a TOML file.

    Parameters
    ----------
    name_or_path
        A bundled name such as ``yuyao_2020``, or the path of a file.
    overrides
        Path → value, over what the file says; texts are read as TOML values. See `scenarios.variation` for paths.
    rival
        Name of a rival structure to put it under, over all of it; its title then stands beside the scenario's.
    fields
        Path → value of fields of the file to change before it is read. See `scenarios.fields` for paths.

    Raises
    ------
    ScenarioError
        With everything that is wrong with the file, or with the overrides, or if there is no such rival.
    """
    source = document(name_or_path)
    source = changed(source, fields) if fields else source
    scenario = _scenario(Path(source.name).stem, source, overrides or {})
    return scenario if rival is None else _under(scenario, rivals.rival(rival))


def document(name_or_path: str | Path) -> Source:
    """Return the TOML document of a bundled name or of a file; raises as `load`."""
    return read(file_of(name_or_path))


def loads(name: str, text: str, overrides: Mapping[str, object] | None = None) -> Scenario:
    """Return the scenario written in `text`, as `load` does."""
    return _scenario(name, parse(name, text), overrides or {})


def _under(scenario: Scenario, rival: rivals.Rival) -> Scenario:
    """Return a scenario under a rival structure."""
    title = {language: f"{words} · {rival.title[language]}" for language, words in scenario.title.items()}
    changed = replace(scenario, title=title, parameters=rival.of(scenario.parameters))
    return replace(changed, inputs_sha256=inputs_sha256(changed))


def file_of(name_or_path: str | Path) -> Path:
    """Return the file of a bundled name or of a path."""
    known = worlds()
    if str(name_or_path) in known:
        return known[str(name_or_path)]
    path = Path(name_or_path)
    if os.path.exists(path):  # unlike Path.exists no error where the name is too long to be one
        return path
    remedy = {"nearest": nearest(name_or_path, known)}
    raise ScenarioError([Problem("unknown_scenario", Where("scenario"), shown(str(name_or_path)), remedy)])


def _scenario(name: str, source: Source, overrides: Mapping[str, object]) -> Scenario:
    report = Report(source)
    table = checked(schema.ScenarioTable, source.data, report) or salvaged(schema.ScenarioTable, source.data)
    catalogue = extended(bundled(), table, report)
    numbers = overridden(Numbers(Parameters(), catalogue), _numbers(table), report)
    catalogue = numbers.catalogue
    numbers = numbers._replace(in_force=in_force(catalogue, table.baseline.layers, table.baseline.rotation))
    numbers = overridden(numbers, dict(_leaves(table.policies.set, ("policies", "set"))), report)
    _check_names(table, catalogue, report)
    roster = _roster(table.world, report)
    staff = staff_of(table.world, report)
    report.settle()
    assert roster is not None  # settled: the world has no fault
    roster = replace(roster, staff=staff)
    numbers = _with_overrides(numbers, overrides)
    _warn_of_span(table, roster, numbers.catalogue, report)
    return _assembled(name, table, roster, numbers, catalogue, report)


def _numbers(table: schema.ScenarioTable) -> dict[positions.Path, object]:
    """Return place → value of the parameters that the file sets."""
    groups = table.parameters.items()
    return {("parameters", group, name): value for group, values in groups for name, value in values.items()}


def _leaves(table: Mapping[str, object], place: positions.Path) -> Iterator[tuple[positions.Path, object]]:
    """Yield place → value of what is set in tables within tables; a weight with its range is one value."""
    for name, value in table.items():
        inner = (*place, *name.split("."))
        if isinstance(value, Mapping) and not value.keys() <= schema.Weight.model_fields.keys():
            yield from _leaves(value, inner)
        else:
            yield inner, value


def _with_overrides(numbers: Numbers, overrides: Mapping[str, object]) -> Numbers:
    """Return numbers with a caller's values in place."""
    report = Report(Source("--set", "", {}))
    values: dict[positions.Path, object] = {
        tuple(path.split(".")): read_value(value) if isinstance(value, str) else value
        for path, value in overrides.items()
    }
    changed = overridden(numbers, values, report)
    report.settle()
    return changed


def _check_names(table: schema.ScenarioTable, catalogue: Catalogue, report: Report) -> None:
    """Every mode, rotation and support that the file names exists."""
    planned = list(_assigned_places(table.world))
    for layer, mode in table.baseline.layers.items():
        if layer not in LAYERS:
            remedy = {"nearest": nearest(layer, LAYERS), "allowed": ", ".join(LAYERS)}
            report.add("unknown_choice", ("baseline", "layers", layer), layer, **remedy)
        report.unknown("mode", ("baseline", "layers", layer), mode, catalogue.modes)
    zone = [(("policies", "zone"), table.policies.zone)] if table.policies.zone else []
    for path, mode in [*planned, *zone]:
        report.unknown("mode", path, mode, catalogue.modes)
    for row, mode in enumerate(table.policies.modes):
        path = ("policies", "modes", row)
        if mode != AS_PLANNED:
            report.unknown("mode", path, mode, {**catalogue.modes, AS_PLANNED: None})
        elif not planned:
            report.add("nothing_planned", path, mode)
    _check_parts("rotation", ("baseline", "rotation"), table.baseline.rotation, catalogue, report)
    for row, names in enumerate(table.policies.rotations):
        _check_parts("rotation", ("policies", "rotations", row), names, catalogue, report)
    for row, names in enumerate(table.support.names):
        _check_parts("support", ("support", "names", row), names, catalogue, report)


def _check_parts(kind: str, path: positions.Path, names: str, catalogue: Catalogue, report: Report) -> None:
    for name in parts(names):
        report.unknown(kind, path, name, catalogue.of(kind))


def _assigned_places(world: schema.WorldTable) -> Iterator[tuple[positions.Path, str]]:
    """Yield the modes that the world assigns to groups, with their places."""
    for row, group in enumerate(world.groups):
        if group.mode:
            yield ("world", "groups", row, "mode"), group.mode
    for row, level in enumerate(world.levels):
        for number, plan in enumerate(level.groups):
            if plan.mode:
                yield ("world", "levels", row, "groups", number, "mode"), plan.mode


def _roster(world: schema.WorldTable, report: Report) -> Roster | None:
    """Return the schools of a world, listed or counted; faults are noted in `report`."""
    sound = not any(problem.where.name.startswith("world") for problem in report.problems)
    counted = [name for name in ("levels", "counties") if getattr(world, name)]
    if world.schools and counted:
        report.add("list_or_counts", ("world", counted[0]))
    elif world.schools or world.groups:
        return listing.roster_of(world, report)
    elif not world.levels and sound:
        report.add("no_schools", ("world",))
    elif sound and counting.posts(world) > MOST_POSTS:
        report.add("too_many_posts", ("world", "levels"), round(counting.posts(world)), limit=MOST_POSTS)
    elif sound:
        return counting.roster_of(world, report)
    return None


def _warn_of_span(table: schema.ScenarioTable, roster: Roster, catalogue: Catalogue, report: Report) -> None:
    """Say how many groups are larger, or smaller, than a mode that is to be compared advises."""
    sizes = roster.members()
    for row, name in enumerate(table.policies.modes):
        mode_of = {group.id: group.mode if name == AS_PLANNED else name for group in roster.groups}
        for mode in sorted(set(mode_of.values()) - {""}):
            span = catalogue.modes[mode].record.span
            own = [sizes[group] for group, one in mode_of.items() if one == mode]
            outside = sum(not span[0] <= size <= span[1] for size in own) if span else 0
            if span and outside:
                remedy = {"mode": mode, "allowed": f"{span[0]}–{span[1]}"}
                report.add("span_exceeded", ("policies", "modes", row), outside, **remedy)


def _assembled(  # noqa: PLR0913 - what a scenario consists of
    name: str, table: schema.ScenarioTable, roster: Roster, numbers: Numbers, declared: Catalogue, report: Report
) -> Scenario:
    planned = any(group.mode for group in roster.groups)
    roster = _fully_planned(roster) if planned else roster
    assigned = tuple(sorted({group.mode for group in roster.groups})) if planned else ()
    world, labels = build(roster, assigned)
    baseline = baseline_of(numbers.in_force, table.baseline.layers, table.baseline.rotation)
    policies = table.policies
    combinations = product(policies.modes, policies.rotations, table.support.names)
    scenario = Scenario(
        name=name,
        title=table.title.both(),
        synthetic=table.synthetic,
        world=world,
        labels=labels,
        roster=roster,
        school_names={school.id: school.name for school in roster.schools},
        levels=levels_of(table.world),
        parameters=numbers.parameters,
        catalogue=numbers.catalogue,
        in_force=numbers.in_force,
        declared=declared,
        baseline=baseline,
        control_name=policies.control,
        assigned=assigned,
        zone=policies.zone,
        compare=tuple(dict.fromkeys(Choice(*names) for names in combinations)),
        run=Run(table.run.years, table.run.burn_in),
        provenance=tuple(table.provenance),
        known=known_values(table, roster),
        warnings=report.warnings,
        inputs_sha256="",
    )
    return replace(scenario, inputs_sha256=inputs_sha256(scenario))


def _fully_planned(roster: Roster) -> Roster:
    """Return a roster in which groups without a mode stay independent, where the others have one."""
    return replace(roster, groups=tuple(replace(group, mode=group.mode or UNPLANNED) for group in roster.groups))


def inputs_sha256(scenario: Scenario) -> str:
    """Return the hash of everything that matters to a scenario's numbers, display names and order of rows left out."""
    roster = scenario.roster
    modes = {choice.mode for choice in scenario.compare if choice.mode != AS_PLANNED} | set(scenario.assigned)
    return fingerprint(
        schools=sorted(roster.schools, key=lambda school: school.id),
        groups=sorted(roster.groups, key=lambda group: group.id),
        zone_heads=roster.zone_heads,
        parameters=scenario.parameters,
        baseline=scenario.baseline,
        control=scenario.control_name,
        policies=[policy_for(scenario, *choice) for choice in scenario.compare],
        ranges={name: scenario.catalogue.modes[name].ranges for name in modes},
        run=scenario.run,
        **({} if roster.staff is None else {"teachers": roster.staff.sha256}),
    )

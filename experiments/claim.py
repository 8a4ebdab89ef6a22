"""Read a claim's file, bundled or the user's own, and tell everything that is wrong with it at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from experiments import claim_schema as schema
from experiments import outcomes
from experiments.comparison import Study
from experiments.design import DesignError, Factor, Value
from experiments.studies import Options, Situation, study_of
from model.codes import TieLayer
from model.columns import LAYERS
from model.policy import Layer, Policy
from scenarios import fields
from scenarios.catalogue import Catalogue, documents, worlds
from scenarios.positions import Path as Place
from scenarios.problems import Problem, ScenarioError, Where, nearest, shown
from scenarios.reader import Choice, Scenario
from scenarios.source import Report, Source, read
from scenarios.uncertainty import Ranges, drawn_at, ranges_of, said_of
from scenarios.validation import checked
from scenarios.variation import copies_of

FOLDER = Path(__file__).parent / "claims"
POLICY, CONTROL, SCENARIO, LAYER = "policy", "control", "scenario", "layer."
ONLY = ":"
NOTHING, UNTIED = "none", "independent"
ROW = re.compile(r"(?P<letter>[A-Z])\d{1,2}")
ITEM = re.compile(r"\[(\d+)\]")

Cell = tuple[tuple[str, Value], ...]
"""A value of every lever, the policy first."""


@dataclass(frozen=True, eq=False)
class Claim:
    """A claim once read: its name, its table, and its levers, the policy being the first."""

    name: str
    source: Source
    table: schema.ClaimTable
    factors: tuple[Factor, ...]

    def cell(self, given: Mapping[str, Value]) -> Cell:
        """Return a whole cell: what is given, and the first value of every other lever."""
        return tuple((factor.name, given.get(factor.name, _usual(factor))) for factor in self.factors)

    def values(self, lever: str) -> tuple[Value, ...]:
        """Return the values of a lever."""
        return next(factor.values for factor in self.factors if factor.name == lever)

    def title(self, lever: str, value: Value) -> dict[str, str]:
        """Return language → words for a value of a lever."""
        if lever == POLICY:
            return self.table.policies[str(value)].title.both()
        table, place = self.table.levers[lever], self.values(lever).index(value)
        if table.labels:
            return table.labels[place].both()
        return dict.fromkeys(("en", "zh"), f"{value:g}" if isinstance(value, int | float) else value)

    def measures(self, outcome: str) -> tuple[tuple[tuple[str, float], ...], ...]:
        """Return the parts of an outcome, each a sum of measures of a run times factors."""
        measure = self.table.outcomes[outcome].measure
        if isinstance(measure, Mapping):
            return (tuple(measure.items()),)
        return tuple(((name, 1.0),) for name in ([measure] if isinstance(measure, str) else measure))


def bundled() -> dict[str, Path]:
    """Return name → file of the claims that come with the project."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}


def load(name_or_path: str | Path) -> Claim:
    """Return the claim of a bundled name or of a TOML file, checked but for its runs.

    Raises
    ------
    ScenarioError
        With everything that is wrong with it.
    """
    known = bundled()
    path = known.get(str(name_or_path).lower(), Path(name_or_path))
    if not os.path.exists(path):
        remedy = {"nearest": nearest(name_or_path, known)}
        raise ScenarioError([Problem("unknown_claim", Where("claim"), shown(str(name_or_path)), remedy)])
    return claim_of(path.stem, read(path))


def claim_of(name: str, source: Source) -> Claim:
    """Return the claim that a document describes; raises as `load`."""
    report = Report(source)
    table = checked(schema.ClaimTable, source.data, report)
    report.settle()
    assert table is not None  # settled: there was no fault
    factors = (_policies(table), *(_lever(name, one) for name, one in table.levers.items()))
    claim = Claim(name, source, table, factors)
    _check_names(claim, report)
    report.settle()
    return claim


def _policies(table: schema.ClaimTable) -> Factor:
    return Factor(POLICY, values=tuple(table.policies), settings={n: _sets(n, p) for n, p in table.policies.items()})


def _sets(policy_name: str, policy: schema.PolicyTable) -> dict[str, Any]:
    names = {name: getattr(policy, name) for name in Choice._fields}
    more = {SCENARIO: policy.scenario, CONTROL: policy.control}
    layers = {f"{LAYER}{layer}": mode for layer, mode in policy.layers.items()}
    return (
        {POLICY: policy_name}
        | names
        | {name: value for name, value in more.items() if value is not None}
        | layers
        | dict(policy.set)
    )


def _lever(name: str, lever: schema.LeverTable) -> Factor:
    values = tuple(lever.taken())
    given = lever.settings or [dict.fromkeys(lever.paths, value) for value in values]
    own = f"{lever.policy}{ONLY}" if lever.policy else ""
    items = [{f"{own}{path}": value for path, value in item.items()} for item in given]
    return Factor(name, values=values, default=lever.default, settings=dict(zip(values, items, strict=True)))


def _usual(factor: Factor) -> Value:
    return factor.values[0] if factor.default is None else factor.default


def _check_names(claim: Claim, report: Report) -> None:
    """Rows, levers, values and outcomes that are named exist, and years are simulated."""
    table, letters = claim.table, documents()
    for row, words in enumerate(table.documents):
        _check_row(("documents", row), words, letters, report)
    for row, quoted in enumerate(table.quotations):
        _check_row(("quotations", row, "row"), quoted.row, letters, report)
    for name in table.outcomes:
        for measure in dict(pair for part in claim.measures(name) for pair in part):
            _check_measure(("outcomes", name, "measure"), measure, table.years, report)
    for name, policy in table.policies.items():
        for layer in policy.layers:
            _known(("policies", name, "layers", layer), layer, LAYERS, report)
    _check_levers(claim, report)
    _check_contrasts(claim, report)
    _check_figure(claim, report)


def _check_levers(claim: Claim, report: Report) -> None:
    for name, lever in claim.table.levers.items():
        if lever.policy is not None:
            _known(("levers", name, "policy"), lever.policy, claim.table.policies, report)
        if lever.default is not None:
            _known(("levers", name, "default"), lever.default, claim.values(name), report)


def _check_contrasts(claim: Claim, report: Report) -> None:
    for row, contrast in enumerate(claim.table.contrasts):
        place: Place = ("contrasts", row)
        _known((*place, "outcome"), contrast.outcome, claim.table.outcomes, report)
        _check_cell(claim, (*place, "of"), contrast.of, report)
        _check_cell(claim, (*place, "against"), contrast.against or {}, report)
        if contrast.along is not None:
            _known((*place, "along"), contrast.along, [factor.name for factor in claim.factors], report)


def _check_figure(claim: Claim, report: Report) -> None:
    figure = claim.table.figure
    if figure.kind == "contrasts":
        return
    _known(("figure", "outcome"), figure.outcome or "", claim.table.outcomes, report)
    if figure.kind == "along":
        _known(("figure", "lever"), figure.lever or "", list(claim.table.levers), report)
    for row, line in enumerate(figure.lines):
        _check_cell(claim, ("figure", "lines", row), line, report)


def _check_row(place: Place, row: str, letters: Mapping[str, object], report: Report) -> None:
    match = ROW.fullmatch(row)
    _known(place, match["letter"] if match else row, letters, report)


def _check_cell(claim: Claim, place: Place, cell: Mapping[str, Value], report: Report) -> None:
    names = [factor.name for factor in claim.factors]
    for lever, value in cell.items():
        if _known((*place, lever), lever, names, report):
            _known((*place, lever), value, claim.values(lever), report)


def _known(place: Place, value: Value, names: Sequence[Value] | Mapping[str, object], report: Report) -> bool:
    if value in names:
        return True
    words = [str(name) for name in names]
    report.add("unknown_choice", place, value, nearest=nearest(value, words), allowed=", ".join(words))
    return False


def _check_measure(place: Place, name: str, years: int, report: Report) -> None:
    try:
        outcomes.check([name], years)
    except DesignError as refused:
        if refused.code == "no_such_year":
            report.add("out_of_bounds", place, name, allowed=f"≤ {years}")
        else:
            report.add("unknown_outcome", place, name, nearest=nearest(name, outcomes.MEASURED))


@dataclass(frozen=True)
class Setting:
    """From path → value at a point of a claim's design to the study there.

    Parameters
    ----------
    scenario
        The claim's own, a bundled name or a file.
    options
        Control, horizon and seed.
    drawn
        Paths that draws vary; a weight of a mode or support that another scenario does not have is passed over there.
    """

    scenario: str | Path
    options: Options
    drawn: frozenset[str] = frozenset()

    def situation(self, values: Mapping[str, Value]) -> tuple[Situation, dict[str, Value]]:
        """Return the situation of a point, and its values for it: those that no other command knows are taken out."""
        rest = applied(values)
        control = rest.pop(CONTROL, None) or self.options.control
        scenario = rest.pop(SCENARIO, None) or self.scenario
        options = replace(self.options, control=None if control is None else str(control))
        return Situation(
            Path(scenario) if isinstance(scenario, Path) else str(scenario), Choice(NOTHING), options
        ), rest

    def study(self, values: Mapping[str, Value]) -> Study:
        """Return the study at a point; raises as `experiments.studies.Situation.study`."""
        situation, rest = self.situation(values)
        layers = {path.removeprefix(LAYER): str(rest.pop(path)) for path in list(rest) if path.startswith(LAYER)}
        names = _taken(rest)
        scenario = self._scenario(situation, rest)
        study = study_of(scenario, [names], situation.options)
        arm = study.arms[0]
        return replace(study, arms=[replace(arm, policy=layered(arm.policy, layers, scenario.catalogue))])

    def _scenario(self, situation: Situation, values: Mapping[str, Value]) -> Scenario:
        place = situation.scenario_at({path: v for path, v in values.items() if fields.is_field(path)})
        # What is drawn goes first, so that what the claim sets in one copy of a record stands.
        drawn = {drawn_at(place, p): v for p, v in values.items() if p in self.drawn and _is_there(p, place)}
        return situation.scenario_at(drawn | {p: v for p, v in values.items() if p not in self.drawn})

    def said(self, values: Mapping[str, Value], path: str) -> dict[str, Any]:
        """Return the unit of an uncertain number, and the title of the mode or support it belongs to."""
        situation, _ = self.situation(values)
        return said_of(situation.scenario_at({}), path)

    def ranges(self, values: Mapping[str, Value]) -> Ranges:
        """Return path → (low, value in force, high) of everything uncertain with the policy of a point."""
        situation, rest = self.situation(values)
        names = _taken(rest)
        inside = {path: value for path, value in rest.items() if not path.startswith(LAYER)}
        return ranges_of(replace(situation.scenario_at(inside), compare=(names,)))


def applied(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values of a point without those of levers that are another policy's."""
    own = f"{values.get(POLICY)}{ONLY}"
    return {p.removeprefix(own): v for p, v in values.items() if p != POLICY and (ONLY not in p or p.startswith(own))}


def _taken(values: dict[str, Value]) -> Choice:
    """Take the names of a policy out of the values of a point."""
    usual = Choice(UNTIED)._asdict()
    return Choice(**{name: str(values.pop(name, usual[name])) for name in usual})


def _is_there(path: str, scenario: Scenario) -> bool:
    """Whether a path's record, if it is one's, exists."""
    (copy, *_), own = copies_of(path)
    kind, *rest = own.split(".")
    known: Catalogue = getattr(scenario, copy)
    return kind not in ("modes", "rotations", "supports") or rest[0] in known.of(kind.removesuffix("s"))


def layered(policy: Policy, layers: Mapping[str, str], catalogue: Catalogue) -> Policy:
    """Return a policy with a mode on further layers of ties, from its start on; ``none`` takes a layer away.

    Raises
    ------
    KeyError
        If there is no such mode.
    """
    kept = [layer for layer in policy.layers if LAYERS[layer.layer] not in layers]
    added = [
        Layer(TieLayer.of(name), (catalogue.modes[mode].record,)) for name, mode in layers.items() if mode != NOTHING
    ]
    return replace(policy, layers=tuple(sorted([*kept, *added], key=lambda layer: layer.layer)))


def setting_of(claim: Claim, seed: int = 0) -> Setting:
    """Return where a claim is tried: a scenario's file beside the claim's own, or a bundled one."""
    beside = Path(claim.source.name).parent / claim.table.scenario
    scenario = beside if claim.table.scenario not in worlds() and os.path.exists(beside) else claim.table.scenario
    return Setting(scenario, Options(claim.table.control, years=claim.table.years, seed=seed))


def check_settings(claim: Claim, setting: Setting) -> None:
    """Refuse constants, policies and levers that the scenario cannot take.

    Raises
    ------
    ScenarioError
        With all of them, at their places in the claim's file.
    """
    report = Report(claim.source)
    for policy in claim.table.policies:
        _try(claim, setting, claim.cell({POLICY: policy}), ("policies", policy), report)
    report.settle()
    for factor in claim.factors[1:]:
        policy = claim.table.levers[factor.name].policy or str(_usual(claim.factors[0]))
        for value in factor.values:
            cell = claim.cell({POLICY: policy, factor.name: value})
            _try(claim, setting, cell, ("levers", factor.name), report)
    _check_uncertainties(claim, setting, report)
    report.settle()


def _check_uncertainties(claim: Claim, setting: Setting, report: Report) -> None:
    known = list(_uncertain(claim, setting))
    for field in ("vary", "suspects"):
        given = getattr(claim.table.uncertainties, field)
        for row, path in enumerate([] if given == "all" else given):
            if path not in known:
                report.add("unknown_parameter", ("uncertainties", field, row), path, nearest=nearest(path, known))


def values_of(claim: Claim, cell: Cell) -> dict[str, Value]:
    """Return path → value in a cell, constants included."""
    out: dict[str, Any] = dict(claim.table.constants)
    for factor, (_, value) in zip(claim.factors, cell, strict=True):
        out |= factor.sets(value)
    return out


def ranges_at(claim: Claim, setting: Setting) -> Ranges:
    """Return path → (low, value in force, high) of all that is uncertain and that the claim lets vary."""
    found, vary = _uncertain(claim, setting), claim.table.uncertainties.vary
    return found if vary == "all" else {path: found[path] for path in vary}


def _uncertain(claim: Claim, setting: Setting) -> Ranges:
    """Return the ranges of all that is uncertain and that the claim does not set."""
    found: Ranges = {}
    for policy in claim.table.policies:
        found |= setting.ranges(values_of(claim, claim.cell({POLICY: policy})))
    fixed = {path.split(ONLY)[-1] for factor in claim.factors for sets in factor.settings.values() for path in sets}
    return {path: ends for path, ends in found.items() if path not in fixed and path not in claim.table.constants}


def _try(claim: Claim, setting: Setting, cell: Cell, place: Place, report: Report) -> None:
    """Note what is wrong in a cell, where the claim sets what the fault names, or else at `place`."""
    try:
        setting.study(values_of(claim, cell))
    except ScenarioError as fault:
        own = _places(claim, cell)
        for problem in fault.problems:
            found = ITEM.sub(lambda match: f".{int(match[1]) - 1}", problem.where.name)
            path = next((path for path in own if found.startswith(path)), "")
            report.add(problem.code, own.get(path, place), problem.value, **problem.remedy)
    except KeyError as fault:
        report.add("unknown_mode", (*place, "layers"), fault.args[0], nearest="–")


def _places(claim: Claim, cell: Cell) -> dict[str, Place]:
    """Return path → where in the file a cell sets it; what holds in the end goes before."""
    (_, policy), *levers = cell
    out: dict[str, Place] = {path: ("constants", path) for path in claim.table.constants}
    out |= {path: ("policies", str(policy), "set", path) for path in claim.table.policies[str(policy)].set}
    sets = {name: factor.sets(value) for factor, (name, value) in zip(claim.factors[1:], levers, strict=True)}
    return out | {path.split(ONLY)[-1]: ("levers", name) for name, paths in sets.items() for path in paths}

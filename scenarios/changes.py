"""What a scenario takes otherwise than declared: parameters, and fields of the modes, rotations and supports known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from model.parameters import get
from scenarios.catalogue import KINDS, Catalogue, bundled
from scenarios.fingerprint import canonical
from scenarios.reach import reach
from scenarios.scenario import Choice, Scenario
from scenarios.uncertainty import own_title
from scenarios.variation import BOTH, CONTROL, DECLARED, default_of, field_names


def changes(scenario: Scenario, choices: Sequence[Choice] | None = None, kind: str = "as_is") -> list[dict[str, Any]]:
    """Return every number that is not as declared, whoever set it: a file, a setting, a slider or a rival structure.

    A record that comes with the project is declared there, one of the file's own in the file.

    Parameters
    ----------
    scenario
        Where.
    choices, kind
        Policies and control, to tell what each number moves; the scenario's own policies where None.

    Returns
    -------
    list
        One entry a number: `path`, `unit` (empty for fields of records), `of` (title of the record, or None),
        `declared` and `value`, as JSON can hold them, and `moves` as `scenarios.reach.reach` has it.
    """
    chosen = scenario.compare if choices is None else choices
    found = [*_of_parameters(scenario), *(change for copy in KINDS for change in _of_records(scenario, copy))]
    return [change | {"moves": reach(scenario, chosen, change.pop("moved"), kind)} for change in found]


def _of_parameters(scenario: Scenario) -> Iterator[dict[str, Any]]:
    for path, said in DECLARED.items():
        usual, now = float(default_of(path)), get(scenario.parameters, path)
        if now != usual:
            yield {"path": path, "unit": said.unit, "of": None, "declared": usual, "value": now, "moved": path}


def _of_records(scenario: Scenario, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the fields of records of a kind that are not as declared; the control's copy apart where it differs."""
    for ident, usual in {**scenario.declared.of(kind), **bundled().of(kind)}.items():
        for name in field_names(kind):
            path, before = f"{kind}s.{ident}.{name}", getattr(usual.record, name)
            unit, title = "share" if name in usual.ranges else "", scenario.catalogue.of(kind)[ident].title
            own = _value(scenario.in_force, kind, ident, name, before)
            after = _value(scenario.catalogue, kind, ident, name, before)
            said = {"unit": unit, "declared": canonical(before)}
            if after != before:
                moved = f"{BOTH}{path}" if own == after else path
                yield said | {"path": path, "of": dict(title), "value": canonical(after), "moved": moved}
            if own not in (before, after):
                moved = f"{CONTROL}{path}"
                yield said | {"path": moved, "of": own_title(title), "value": canonical(own), "moved": moved}


def _value(catalogue: Catalogue, kind: str, ident: str, name: str, usual: object) -> object:
    """Return the value of a field in a catalogue; the usual one where it does not have the record."""
    entries = catalogue.of(kind)
    return getattr(entries[ident].record, name) if ident in entries else usual

"""What a scenario takes otherwise than declared: parameters, and fields of the modes, rotations and supports known."""

from __future__ import annotations

from typing import Any

from model.parameters import get
from scenarios.catalogue import KINDS, bundled
from scenarios.fingerprint import canonical
from scenarios.scenario import Scenario
from scenarios.variation import DECLARED, default_of, field_names


def changes(scenario: Scenario) -> list[dict[str, Any]]:
    """Return every number that is not as declared, whoever set it: a file, a setting, a slider or a rival structure.

    Returns
    -------
    list
        One entry a number: `path`, `unit` (empty for fields of records), `of` (title of the record, or None),
        `declared` and `value`, as JSON can hold them.
    """
    found = []
    for path, said in DECLARED.items():
        usual, now = float(default_of(path)), get(scenario.parameters, path)
        if now != usual:
            found.append({"path": path, "unit": said.unit, "of": None, "declared": usual, "value": now})
    return found + [change for kind in KINDS for change in _of_records(scenario, kind)]


def _of_records(scenario: Scenario, kind: str) -> list[dict[str, Any]]:
    """Return the fields of records of a kind that are not as they come with the project."""
    found = []
    for ident, usual in bundled().of(kind).items():
        now = scenario.catalogue.of(kind)[ident]
        for name in field_names(kind):
            before, after = getattr(usual.record, name), getattr(now.record, name)
            if before != after:
                unit = "share" if name in usual.ranges else ""
                said = {"path": f"{kind}s.{ident}.{name}", "unit": unit, "of": dict(now.title)}
                found.append(said | {"declared": canonical(before), "value": canonical(after)})
    return found

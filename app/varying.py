"""`--vary PATH=…`: from what was typed to the factors of a design."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from app.console import BadInputError
from experiments.design import POLICY, Design, Factor, Value
from experiments.sampling import STEPS
from experiments.studies import Situation
from model.parameters import get
from scenarios import fields, reader
from scenarios.changes import changes
from scenarios.reach import reach
from scenarios.reader import Choice, Scenario
from scenarios.variation import DECLARED, copies_of, default_of, read_value, value_at

OPENING, CLOSING, QUOTES = "{[(", "}])", "\"'"
MOST_PARTS = 3


def factors_of(texts: Sequence[str]) -> tuple[list[Factor], list[int]]:
    """Return the factors typed, ``PATH=LOW:HIGH[:STEPS]`` or ``PATH=VALUE,VALUE…``, and the steps through each.

    Raises
    ------
    BadInputError
        If one cannot be read; `experiments.design.DesignError` if its range or list makes no sense.
    """
    pairs = [_factor(text) for text in texts]
    return [factor for factor, _ in pairs], [steps for _, steps in pairs]


def _factor(text: str) -> tuple[Factor, int]:
    path, sign, said = (part.strip() for part in text.partition("="))
    if not path or not sign or not said:
        raise BadInputError("bad_vary", value=text)
    values = [_value(part) for part in _split(said)]
    if len(values) == 1 and isinstance(values[0], str) and ":" in said:
        return _range(text, path, said)
    return Factor(path, values=tuple(values)), len(values)


def _range(text: str, path: str, said: str) -> tuple[Factor, int]:
    parts = said.split(":")
    try:
        low, high = float(parts[0]), float(parts[1])
        steps = int(parts[2]) if len(parts) == MOST_PARTS else STEPS
    except ValueError:
        raise BadInputError("bad_vary", value=text) from None
    if len(parts) > MOST_PARTS or steps < 2:  # noqa: PLR2004 - a range has two ends
        raise BadInputError("bad_vary", value=text)
    return Factor(path, low, high), steps


def _value(text: str) -> Value:
    """Return a number, or else the text: a name, or a table in TOML."""
    found = read_value(text)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else text


def _split(text: str) -> Iterator[str]:
    """Yield the parts between commas that stand in no bracket and no quotation."""
    part, depth, quote = "", 0, ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in QUOTES:
            quote = sign
        depth += 0 if quote else (sign in OPENING) - (sign in CLOSING)
        if sign == "," and depth == 0 and not quote:
            yield part.strip()
            part = ""
        else:
            part += sign
    yield part.strip()


def declared(factors: Sequence[Factor], situation: Situation) -> list[Factor]:
    """Return the factors with what the scenario says of them: values in force, whether only whole numbers do, reach.

    Raises
    ------
    ScenarioError
        If there is no such path or name, or an end of a range or a value is out of bounds; all else is as in force.
    """
    scenario = situation.scenario_at({})
    out = [_with_default(factor, situation, scenario) for factor in factors]
    for factor in out:
        for code in factor.steps(2):
            situation.study(factor.sets(factor.value(code)))
    choices = list(choices_of(situation.choice, {}, out))
    kind = situation.options.control or scenario.control_name
    return [replace(factor, moves=reach(scenario, choices, factor.name, kind)) for factor in out]


def choices_of(choice: Choice, level: Mapping[str, Value], levers: Sequence[Factor]) -> Iterator[Choice]:
    """Give every policy that occurs, so that the weights of all of them are varied."""
    options = {name: [getattr(choice, name)] for name in POLICY}
    options |= {name: [str(value)] for name, value in level.items() if name in POLICY}
    options |= {f.name: [str(value) for value in f.values] for f in levers if f.name in POLICY}
    for names in product(*options.values()):
        yield Choice(*names)


def moving(designs: Sequence[Design], situation: Situation, scenario: Scenario) -> list[dict[str, Any]]:
    """Return `name` and `moves` of everything that is varied in designs, or set otherwise than declared."""
    kind = situation.options.control or scenario.control_name
    factors = {factor.name: factor for design in designs for factor in design.factors}
    levels = [design.constants for design in designs]
    found = (one for level in levels for one in choices_of(situation.choice, level, list(factors.values())))
    choices = list(dict.fromkeys(found))
    told = {name: factor.moves or reach(scenario, choices, name, kind) for name, factor in factors.items()}
    told |= {name: reach(scenario, choices, name, kind) for level in levels for name in level}
    told |= {change["path"]: change["moves"] for change in changes(scenario, choices, kind)}
    return [{"name": name, "moves": moves} for name, moves in told.items()]


def _with_default(factor: Factor, situation: Situation, scenario: Scenario) -> Factor:
    found: object
    if factor.name in POLICY:
        found = getattr(situation.choice, factor.name)
    elif fields.is_field(factor.name):
        found = fields.value_at(reader.document(situation.scenario), factor.name)
    else:
        found = _in_force(scenario, factor.name)
    whole = isinstance(found, int) and not isinstance(found, bool) and not factor.values
    default = found if isinstance(found, int | float | str) and not isinstance(found, bool) else None
    return replace(factor, default=default, whole=whole)


def _in_force(scenario: Scenario, path: str) -> object:
    """Return the value at a path of parameters or of one record; None where it names several."""
    if path in DECLARED:
        return type(default_of(path))(get(scenario.parameters, path))
    (copy, *_), own = copies_of(path)
    try:
        return value_at(scenario.parameters, getattr(scenario, copy), own)
    except (KeyError, ValueError, AttributeError):
        return None

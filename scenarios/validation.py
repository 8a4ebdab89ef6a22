"""Check a document against its schema and tell every fault as a `Problem`."""

import math
import re
from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from scenarios.positions import Path
from scenarios.problems import nearest
from scenarios.source import Report

Schema = TypeVar("Schema", bound=BaseModel)

KINDS = {
    "missing": "missing_field",
    "finite_number": "not_finite",
    "string_type": "not_text",
    "string_pattern_mismatch": "unprintable",
    "bool_type": "not_true_or_false",
    "literal_error": "unknown_choice",
    "list_type": "not_a_list",
    "dict_type": "not_a_table",
    "model_type": "not_a_table",
    "model_attributes_type": "not_a_table",
}
BOUNDS = {
    "greater_than_equal": "≥ {ge:g}",
    "greater_than": "> {gt:g}",
    "less_than_equal": "≤ {le:g}",
    "less_than": "< {lt:g}",
    "too_large_for_float": "< 10^308",
}
LENGTHS = {
    "too_short": "≥ {min_length}",
    "too_long": "≤ {max_length}",
    "string_too_short": "≥ {min_length}",
    "string_too_long": "≤ {max_length}",
}
QUOTED = re.compile(r"'([^']*)'")


def checked(schema: type[Schema], data: object, report: Report, prefix: Path = ()) -> Schema | None:
    """Return `data` as `schema`, or None after every fault has been noted in `report` below `prefix`."""
    try:
        return schema.model_validate(data)
    except ValidationError as fault:
        for error in fault.errors(include_url=False):
            _note(error, schema, data, report, prefix)
        return None


def _note(error: ErrorDetails, schema: type[BaseModel], data: object, report: Report, prefix: Path) -> None:
    value = error.get("input")
    kind = _not_number(error["type"], value)
    inner = _written(error["loc"], data, absent=kind == "missing")
    path = (*prefix, *inner)
    if kind == "extra_forbidden":
        report.add("unknown_field", path, inner[-1], nearest=nearest(inner[-1], _fields(schema, inner[:-1])))
    elif kind == "missing":
        report.add("missing_field", path, inner[-1])
    else:
        found = value["default"] if kind == "default_outside_range" and isinstance(value, Mapping) else value
        report.add(_code(kind), path, found, **_remedy(kind, error.get("ctx", {}), value))


def _not_number(kind: str, value: object) -> str:
    """Return why a value is no number, or no whole number: pydantic has one word for several reasons."""
    if kind not in ("float_type", "int_type") or isinstance(value, bool):
        return "not_a_number" if kind in ("float_type", "int_type") else kind
    if isinstance(value, int):
        return "too_large_for_float"
    if isinstance(value, float):
        return "not_whole" if math.isfinite(value) else "not_finite"
    return "not_a_number"


def _code(kind: str) -> str:
    """Return our code of a kind of error."""
    if kind in BOUNDS:
        return "out_of_bounds"
    return "bad_length" if kind in LENGTHS else KINDS.get(kind, kind)


def _remedy(kind: str, context: Mapping[str, Any], value: object) -> dict[str, str]:
    """Return what would be right."""
    if kind in BOUNDS or kind in LENGTHS:
        return {"allowed": (BOUNDS | LENGTHS)[kind].format(**context)}
    if kind == "literal_error":
        choices = QUOTED.findall(context["expected"])
        return {"nearest": nearest(value, choices), "allowed": ", ".join(choices)}
    return {"allowed": context["allowed"]} if kind == "default_outside_range" else {}


def _written(location: Path, data: object, absent: bool) -> Path:
    """Return the path that is in the file: a location names also the kinds tried for a value, and tables not there.

    With `absent`, what the location ends in is missing from the file.
    """
    here: Any = data
    path: Path = ()
    for part in location:
        there = range(len(here)) if isinstance(here, list) else here if isinstance(here, dict) else ()
        if part in there:
            here, path = here[part], (*path, part)
    return (*path, location[-1]) if absent else path


def _fields(schema: type[BaseModel], path: Path) -> list[str]:
    """Return the fields declared at `path` below `schema`."""
    kind: Any = schema
    for part in path:
        kind = next(found for option in _options(kind) if (found := _below(option, part)) is not None)
    return [name for option in _options(kind) if _is_model(option) for name in option.model_fields]


def _options(annotation: Any) -> list[Any]:  # noqa: ANN401 - an annotation may be anything
    """Return the types that an annotation allows."""
    if get_origin(annotation) is Annotated:
        return _options(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [option for part in get_args(annotation) for option in _options(part)]
    return [annotation]


def _is_model(annotation: object) -> bool:
    return get_origin(annotation) is None and isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _below(annotation: Any, part: str | int) -> Any:  # noqa: ANN401 - annotations
    """Return what a type declares at a field, a key or an item; None where it has no such thing."""
    if _is_model(annotation):
        field = annotation.model_fields.get(part)
        return None if field is None else field.annotation
    kinds = {list: int, dict: str}
    origin = get_origin(annotation)
    return get_args(annotation)[-1] if origin in kinds and isinstance(part, kinds[origin]) else None


def _model_in(annotation: object) -> type[BaseModel] | None:
    """Return the model that a field is, or that its list or union is made of."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def salvaged(schema: type[Schema], data: object) -> Schema:
    """Return as much of faulty `data` as has the right shape, so that further checks can be made.

    Tables and lists that are missing or faulty are empty, other required fields None.
    """
    try:
        return schema.model_validate(data)
    except ValidationError as fault:
        failed = {error["loc"][0] for error in fault.errors() if error["loc"]}
    given = data if isinstance(data, Mapping) else {}
    fields = schema.model_fields.items()
    values: dict[str, Any] = {name: _part(field, given.get(name), name in failed) for name, field in fields}
    return schema.model_construct(**values)


def _part(field: FieldInfo, raw: object, failed: bool) -> object:
    """Return one field of a salvaged table."""
    inner, is_list = _model_in(field.annotation), get_origin(field.annotation) is list
    if inner is not None and is_list:
        return [salvaged(inner, item) for item in raw] if isinstance(raw, list) else []
    if inner is not None and (isinstance(raw, Mapping) or field.is_required()):
        return salvaged(inner, raw)
    if raw is not None and not failed:
        return raw
    if field.is_required():
        return [] if is_list else None
    return field.get_default(call_default_factory=True)

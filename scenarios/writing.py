"""Write a scenario file: a document as TOML, and a roster as its list of schools, groups and zones."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scenarios.roster import Group, Names, Roster, School

COUNTED = ("levels", "counties", "width_km", "height_km", "towns", "urban_radius_km")
"""Fields of a world that say how to generate it."""
Document = Mapping[str, Any]


def toml(document: Document) -> str:
    """Return a document as TOML: values first, then its tables, lists of tables item by item; deeper tables inline."""
    return "\n".join(_lines(document, "")).strip() + "\n"


def _lines(table: Document, name: str) -> Iterator[str]:
    deeper = {key: value for key, value in table.items() if _is_table(value) or _is_tables(value)}
    yield from (f"{_key(key)} = {_value(value)}" for key, value in table.items() if key not in deeper)
    for key, value in deeper.items():
        path = f"{name}.{_key(key)}" if name else _key(key)
        if _is_table(value):
            yield f"\n[{path}]"
            yield from _lines(value, path)
            continue
        for item in value:
            yield f"\n[[{path}]]"
            yield from (f"{_key(field)} = {_value(part)}" for field, part in item.items())


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: object) -> bool:
    return isinstance(value, Sequence) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if bare else _text(key)


def _text(value: str) -> str:
    """Return a basic string; JSON and TOML differ in one control character only."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:  # noqa: ANN401 - a TOML value
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return _text(value) if isinstance(value, str) else repr(value)


def listed(world: Document, roster: Roster) -> dict[str, Any]:
    """Return a world table that lists the schools, groups and zones of `roster` one by one.

    Parameters
    ----------
    world
        The table as it was; what says how to generate schools, and its own lists, are left out.
    roster
        What is listed.
    """
    groups = [_group(group) for group in roster.groups]
    zones = [{"id": zone, "head": head} for zone, head in sorted(roster.zone_heads.items())]
    kept = {key: value for key, value in world.items() if key not in (*COUNTED, "schools", "groups", "zones")}
    lists = {"schools": [_school(school) for school in roster.schools], "groups": groups, "zones": zones}
    return kept | {name: items for name, items in lists.items() if items}


def _school(school: School) -> dict[str, Any]:
    """Return the fields of a school that are not what they would be if left out."""
    fields: dict[str, Any] = {
        "id": school.id, "name": _name(school.name, school.id), "county": school.county, "level": school.level,
        "setting": school.setting, "ownership": school.ownership, "group": school.group, "x": school.x, "y": school.y,
        "pupils": school.pupils, "posts": school.posts, "seeded_by": school.seeded_by,
        "paired_with": list(school.pairs),
    }  # fmt: skip
    if school.reliability > 0.0:
        fields |= {"standing": school.standing, "reliability": school.reliability}
    if school.contract_share > 0.0:
        fields["contract_share"] = school.contract_share
    if school.opens > -math.inf:
        fields["opens"] = school.opens
    return {key: value for key, value in fields.items() if value not in ("", [], None)}


def _group(group: Group) -> dict[str, Any]:
    fields = {
        "id": group.id, "name": _name(group.name, group.id), "lead": group.lead, "zone": group.zone,
        "mode": group.mode, "hubs": dict(group.hubs),
    }  # fmt: skip
    return {key: value for key, value in fields.items() if value not in ("", {}, None)}


def _name(name: Names, ident: str) -> object:
    """Return a display name: a text where it is the same in both languages, None where it is the id."""
    if name["en"] == name["zh"]:
        return None if name["en"] == ident else name["en"]
    return dict(name)

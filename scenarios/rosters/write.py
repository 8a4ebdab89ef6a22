"""Write an imported county: the scenario, and its tables cleaned, from which the same can be imported again."""

import csv
import hashlib
import io
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from scenarios.cells import marked
from scenarios.policies import AS_PLANNED
from scenarios.roster import Names
from scenarios.rosters.check import LEADING
from scenarios.rosters.county import County
from scenarios.rosters.headers import Measure
from scenarios.rosters.records import School
from scenarios.rosters.standing import SCORE_VALIDITY
from scenarios.writing import toml

SCHOOL_FIELDS = (
    "id", "name", "county", "town", "level", "setting", "ownership", "pupils", "posts", "contract_share", "lon", "lat",
    "x", "y", "group", "role", "mode", "zone",
)  # fmt: skip
TEACHER_FIELDS = (
    "id", "school", "subject", "qualified", "experience", "rank", "honour", "employment", "value_added",
)  # fmt: skip
MARK = "SYNTHETIC 合成数据"
MODES = {True: ("preschool_district", "multi_legal_person"), False: ("collaboration", "co_construction", "fusion")}


@dataclass(frozen=True)
class Written:
    """Texts by file name, the scenario last; CSV texts are to be saved with a byte order mark, which `files` adds."""

    files: Mapping[str, str]
    scenario: str


def written(county: County, name: str, pseudonymise: bool = False, title: str = "") -> Written:
    """Return the files of a county: `name` is what they are called, `title` what it is called; the name if empty."""
    schools = f"{name}.schools.csv"
    files = {schools: _schools_csv(county, pseudonymise)}
    teachers: dict[str, str] = {}
    if county.teachers:
        file = f"{name}.teachers.csv"
        files[file] = _csv(TEACHER_FIELDS, _teacher_rows(county))
        teachers = {"file": file, "sha256": hashlib.sha256(files[file].encode()).hexdigest()}
    if any(county.helpers.values()):
        rows = [(helper, school.id) for school in county.schools for helper in county.helpers.get(school.id, ())]
        files[f"{name}.ties.csv"] = _csv(("helper", "helped"), rows)
    if county.key:
        files[f"{name}.key.csv"] = _csv(("code", "name", "id"), county.key)
    files[f"{name}.toml"] = toml(_scenario(county, name, title or name, teachers, pseudonymise))
    return Written(files, f"{name}.toml")


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if title:
        writer.writerow([title])
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _cell(value: object) -> str:
    """Return a value as text; text that a spreadsheet would take for a formula gets a mark in front."""
    if isinstance(value, str):
        return str(marked(value))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value).removesuffix(".0")


def _schools_csv(county: County, pseudonymise: bool) -> str:
    found = {measure: None for school in county.schools for measure in school.measures}
    measures = sorted(found, key=lambda measure: (measure.kind, measure.span, measure.year, measure.header))
    header = [*SCHOOL_FIELDS, *_measure_names(measures)]
    rows = (
        [
            *("" if name == "name" and pseudonymise else getattr(school, name) for name in SCHOOL_FIELDS),
            *(school.measures.get(measure) for measure in measures),
        ]
        for school in county.schools
    )
    return _csv(header, rows, MARK if county.synthetic else "")


def _measure_names(measures: Sequence[Measure]) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for measure in measures:
        when = f"{measure.span}-year mean" if measure.span > 1 else str(measure.year or "")
        name = f"{measure.kind} {when}".strip()
        counts[name] += 1
        yield f"{name} no. {counts[name]:02d}"


def _teacher_rows(county: County) -> Iterator[list[object]]:
    for school in county.schools:
        for teacher in county.teachers.get(school.id, ()):
            yield [school.id if name == "school" else getattr(teacher, name) for name in TEACHER_FIELDS]


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((Path(__file__).parent / "provenance.toml").read_text(encoding="utf-8"))


def _said(what: str, **values: object) -> Names:
    return {language: words.format(**values) for language, words in _words()[what].items()}


def _scenario(county: County, name: str, title: str, teachers: dict[str, str], pseudonymise: bool) -> dict[str, Any]:
    """Return the scenario as a document; `teachers` names the table of teachers and its hash, if there is one."""
    preschool = all(school.level == "kindergarten" for school in county.schools)
    return {
        "title": _said("synthetic_title" if county.synthetic else "title", name=title),
        "synthetic": county.synthetic,
        "world": _world(county, name, pseudonymise) | ({"teachers": teachers} if teachers else {}),
        "baseline": {
            "rotation": "none" if preschool else "national_rule",
            "layers": {"pair": "pairing"} if any(county.helpers.values()) else {},
        },
        "policies": {
            "modes": [*([AS_PLANNED] if any(s.mode for s in county.schools) else []), *MODES[preschool]],
            "rotations": ["none", "backbone_flow" if preschool else "national_rule"],
            "control": "as_is",
        },
        "support": {"names": ["none"]},
        "run": {"years": 10, "burn_in": 5},
        "provenance": list(_provenance(county, name, teachers.get("file", ""))),
    }


def _world(county: County, name: str, pseudonymise: bool) -> dict[str, Any]:
    leads = sorted((s for s in county.schools if s.group and s.role in LEADING), key=lambda school: school.group)
    heads = sorted((s for s in leads if s.role == "zone_head"), key=lambda school: school.zone)
    groups = [{"id": lead.group, "lead": lead.id, "zone": lead.zone, "mode": lead.mode} for lead in leads]
    lists = {
        "schools": [_school(county, school, "" if pseudonymise else school.name) for school in county.schools],
        "groups": [{field: value for field, value in group.items() if value} for group in groups],
        "zones": [{"id": head.zone, "head": head.id} for head in heads],
    }
    return {"county": name} | {what: items for what, items in lists.items() if items}


def _school(county: County, school: School, name: str) -> dict[str, Any]:
    size, (x, y) = county.sizes[school.id], county.places[school.id]
    known = county.standings.get(school.id)
    fields = {
        "id": school.id, "name": name, "county": school.county, "level": school.level, "setting": school.setting,
        "ownership": school.ownership or "public", "group": school.group, "x": x, "y": y, "pupils": size.pupils,
        "posts": size.posts, "standing": known.value if known else None,
        "reliability": known.reliability if known else None, "contract_share": school.contract_share,
        "paired_with": sorted(county.helpers.get(school.id, ())),
    }  # fmt: skip
    return {field: value for field, value in fields.items() if value not in (None, "", [])}


def _provenance(county: County, name: str, teachers: str) -> Iterator[dict[str, Any]]:
    file, schools = f"{name}.schools.csv", county.schools
    own = ("id", "name", "county", "level", "setting", "group")
    grounds: list[tuple[list[str], str, Names]] = [
        (["title", "synthetic", "world.county", *(f"world.schools.{f}" for f in own), "world.groups", "world.zones",
          "world.schools.paired_with", "world.schools.contract_share"], file, _said("own")),
        (["world.schools.pupils"], file, _filled("pupils", sum(s.pupils is None for s in schools))),
        (["world.schools.posts"], file, _filled("posts", sum(s.posts is None for s in schools))),
        (["world.schools.ownership"], file, _filled("ownership", sum(s.ownership is None for s in schools))),
        *_placed(county, file),
        (["world.schools.standing", "world.schools.reliability"], file, _measured(county)),
        (["baseline", "policies", "support", "run"], "", _said("policies")),
    ]  # fmt: skip
    if teachers:
        listed = sum(map(len, county.teachers.values()))
        drawn = sum(size.posts for size in county.sizes.values()) - listed
        told = any(teacher.honour for own in county.teachers.values() for teacher in own)
        honours = _said("honours") if told else dict.fromkeys(_words()["teachers"], "")
        said = _said("teachers", listed=listed, drawn=drawn)
        added = {language: words + honours[language] for language, words in said.items()}
        grounds.append((["world.teachers"], teachers, added))
    for fields, source, assumed in grounds:
        lacking = _lacking(county, fields[0].rpartition(".")[2])
        more = {name: value for name, value in (("file", source), ("drawn", lacking)) if value}
        yield {"fields": fields} | more | {"assumed": assumed}


def _lacking(county: County, what: str) -> dict[str, int]:
    """Return of how many schools of each level pupils or posts had to be drawn; nothing of another field."""
    lacking = {
        "pupils": [school for school in county.schools if school.pupils is None],
        "posts": [s for s in county.schools if s.posts is None and not county.teachers.get(s.id)],
    }
    return dict(Counter(school.level or "" for school in lacking.get(what, ())))


def _filled(what: str, count: int) -> Names:
    return _said(what, count=count) if count else _said("own")


def _placed(county: County, file: str) -> Iterator[tuple[list[str], str, Names]]:
    """Yield where positions come from: those of the roster, and, as an assumption of its own, those that were drawn."""
    fields, drawn = ["world.schools.x", "world.schools.y"], sum(_unplaced(school) for school in county.schools)
    if county.middle:
        yield fields, file, _said("places_degrees", middle="{1}°N {0}°E".format(*county.middle))
    elif drawn < len(county.schools):
        yield fields, file, _said("places")
    if drawn:
        yield fields, "", _said("places_drawn", count=drawn)


def _unplaced(school: School) -> bool:
    return (school.lon is None or school.lat is None) and (school.x is None or school.y is None)


def _measured(county: County) -> Names:
    if not county.standings:
        return _said("no_quality")
    kinds = sorted({standing.kind for standing in county.standings.values()})
    share, unknown = round(100 * SCORE_VALIDITY), len(county.schools) - len(county.standings)
    more = _said("quality_unknown", unknown=unknown) if unknown else dict.fromkeys(_words()["quality"], "")
    return {
        language: words.format(used=", ".join(_words()[kind][language] for kind in kinds), share=share) + more[language]
        for language, words in _words()["quality"].items()
    }

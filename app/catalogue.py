"""`list` and `show`: what there is to choose from, with provenance and sources."""

import difflib
from collections.abc import Sequence
from typing import Any

from app.claim_listing import claims
from app.console import BadInputError, Language
from app.measure_listing import NAMES, measures
from figures.text import text
from model.parameters import Parameters, declared, get
from scenarios.catalogue import Entry, Summary, bundled, documents, summaries
from scenarios.rivals import Rival, rivals
from scenarios.rows import Row, Switch, documents_of, rows

COLUMNS: dict[str, tuple[str, ...]] = {
    "scenarios": ("name", "title", "levels", "modes", "rotations", "synthetic"),
    "modes": ("name", "title", "documents", "weights"),
    "rotations": ("name", "title", "documents"),
    "supports": ("name", "title", "documents"),
    "rivals": ("name", "title", "why"),
    "experiments": ("name", "title", "documents", "kind", "presumed", "result"),
    "documents": ("row", "says", "fields", "process", "shown by"),
    "measures": ("name", "title", "unit", "schools"),
    "parameters": ("name", "default", "low", "high", "unit", "kind", "meaning", "source"),
}
SWITCH_TEST = "tests/scenarios/test_rows.py::test_a_switch_works"
CHANNELS = ("management", "teaching", "research", "culture", "platform")


def columns(what: str) -> tuple[str, ...]:
    """Return the columns of a listing."""
    return COLUMNS.get(what, ())


def listing(what: str, language: Language) -> list[dict[str, Any]]:
    """Return one row for each entry of a kind.

    Raises
    ------
    BadInputError
        If there is no such kind.
    """
    if what == "scenarios":
        return [_scenario(s, language) for s in summaries() if not s.benchmark]
    if what == "parameters":
        return [_parameter(name, language) for name in declared()]
    if what == "measures":
        return measures(language.value)
    if what == "rivals":
        return [_rival(found, language) for found in rivals().values()]
    if what == "documents":
        return [_described(ident, row, language) for ident, row in rows().items()]
    if what == "experiments":
        return claims(language)
    if what not in COLUMNS:
        raise BadInputError("unknown_kind", value=what, allowed=", ".join(COLUMNS))
    return [_row(e, what, language) for e in bundled().of(what.removesuffix("s")).values()]


def _scenario(summary: Summary, language: Language) -> dict[str, Any]:
    return {
        "name": summary.name,
        "title": summary.title[language.value],
        "levels": ", ".join(summary.levels),
        "modes": ", ".join(summary.modes),
        "rotations": ", ".join(summary.rotations),
        "synthetic": summary.synthetic,
        "benchmark": summary.benchmark,
    }


def _described(ident: str, row: Row, language: Language) -> dict[str, Any]:
    """Return what a document says in one row, what carries it and the test that shows it; or why nothing does."""
    titles = [documents()[letter].title[language.value] for letter in documents_of(ident, row)]
    said = {"row": ident, "says": row.says.both()[language.value], "quotation": row.quotation, "documents": titles}
    if row.not_modelled is not None:
        reason = text(language.value)("cli.not_modelled", reason=row.not_modelled.both()[language.value])
        return said | {"modelled": False, "fields": reason, "process": "", "shown by": ""}
    carried = {"fields": ", ".join(row.fields), "process": ", ".join(row.process)}
    tests = [f"{SWITCH_TEST}[{ident}-{n}]" for n in range(1, len(row.switch) + 1)]
    switches = [switch.model_dump(mode="json", exclude_defaults=True) for switch in row.switch]
    shown = [f"[{ident}-{n}] {_shown(switch)}" for n, switch in enumerate(row.switch, 1)]
    told = {"tests": [*tests, *row.tests], "shown by": "\n".join(shown)}
    return said | {"modelled": True} | carried | told | {"switches": switches}


def _shown(switch: Switch) -> str:
    """Return what a switch changes, such as ``outreach ↑, quality =``."""
    signs = {"↑": switch.rises, "↓": switch.falls, "≠": switch.changes, "=": switch.unchanged}
    told = [f"{name} {sign}" for sign, names in signs.items() for name in names]
    return f"{', '.join(told)} ({switch.world})"


def _parameter(name: str, language: Language) -> dict[str, Any]:
    said = declared()[name]
    if language is Language.ZH:
        said = said._replace(meaning=text(language.value)(f"parameter.{name}"))
    return {"name": name, "default": get(Parameters(), name)} | said._asdict()


def _rival(found: Rival, language: Language) -> dict[str, Any]:
    words = {"title": found.title[language.value], "why": found.why[language.value]}
    return {"name": found.id} | words | {"parameters": dict(found.values)}


def _row(found: Entry[Any], what: str, language: Language) -> dict[str, Any]:
    row = {"name": found.id, "title": found.title[language.value], "documents": ", ".join(found.documents)}
    if what == "modes":
        row["weights"] = " ".join(f"{getattr(found.record, channel):g}" for channel in CHANNELS)
    return row


def _names() -> dict[str, str]:
    """Return every name → its kind."""
    names = (
        dict.fromkeys(NAMES, "measure")
        | {s.name: "scenario" for s in summaries()}
        | dict.fromkeys(declared(), "parameter")
    )
    names |= dict.fromkeys(rivals(), "rival") | dict.fromkeys(rows(), "row")
    for kind in ("support", "rotation", "mode"):
        names |= dict.fromkeys(bundled().of(kind), kind)
    return names


def entry(name: str, language: Language) -> dict[str, Any]:
    """Return everything known of one entry.

    Raises
    ------
    BadInputError
        If nothing has that name; the nearest names are given.
    """
    kind = _names().get(name)
    if kind is None:
        raise BadInputError("unknown_name", value=name, nearest=_nearest(name, list(_names()), language))
    if kind == "parameter":
        return _parameter(name, language)
    if kind == "measure":
        return next(row for row in measures(language.value) if row["name"] == name)
    if kind == "row":
        return _described(name, rows()[name], language)
    if kind == "rival":
        return _rival(rivals()[name], language)
    if kind == "scenario":
        summary = next(s for s in summaries() if s.name == name)
        return _scenario(summary, language) | {"provenance": _provenance(summary.provenance)}
    return _record(bundled().of(kind)[name], kind, language)


def _nearest(name: str, names: Sequence[str], language: Language) -> str:
    t = text(language.value)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return str(t("cli.problem.did_you_mean", names=", ".join(close)) if close else t("cli.problem.see_list"))


def _record(found: Entry[Any], kind: str, language: Language) -> dict[str, Any]:
    fields = {key: value for key, value in vars(found.record).items() if key != "name"}
    return {
        "name": found.id,
        "kind": kind,
        "title": found.title[language.value],
        "documents": list(found.documents),
        "fields": fields,
        "ranges": {key: list(pair) for key, pair in found.ranges.items()},
        "provenance": _provenance(found.provenance),
    }


def _provenance(items: Sequence[Any]) -> dict[str, Any]:
    return {str(n): item.model_dump(exclude_none=True) for n, item in enumerate(items, 1)}

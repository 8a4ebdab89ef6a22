"""Keep the tables of model/ODD.md in step with the code: `python -m app.odd` rewrites them, `--check` only looks.

The page says `<!-- generated: NAME -->` where a table begins and `<!-- end -->` where it ends; the text around the
tables is written by hand.
"""

import argparse
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import model
from model import codes, columns
from model.attributes import Attributes, family_of
from model.measures import MEASURES
from model.parameters import GROUPS, Parameters, declared, get
from model.policy import Mode, RotationPolicy, SupportPolicy
from model.process import Process
from model.schedule import TERM
from model.world import TABLES

PAGE = Path(model.__file__).with_name("ODD.md")
BLOCK = re.compile(r"(<!-- generated: (?P<name>[\w.]+) -->\n).*?(<!-- end -->)", re.DOTALL)
NOTE = re.compile(r"^ +(\w+): Annotated\[.*\]  # (.+)$", re.MULTILINE)
CONSTANTS = (
    ("simulation.TERMS_PER_YEAR", "terms a year, Δ = 1/terms"),
    ("simulation.STANDING_YEARS", "last years of burn-in, over which the baseline is measured"),
    ("attributes.schools.GROUP_PAY", "what pay on the group counts for drive, against pay on the own school"),
    ("processes.promotion.MID_YEARS", "years of service before a middle title"),
    ("processes.promotion.SENIOR_YEARS", "years of service before a senior title"),
    ("processes.promotion.CREDITED_YEARS", "most years on rotation that count for a title"),
    ("processes.learning.coaching.NOVICE_YEARS", "years of service in which a teacher is a novice"),
    ("processes.learning.coaching.RECIPIENT_SHARE", "share of those without honours who are cultivated"),
    ("processes.learning.QUARTILES", "distance (SD) of the quartiles of a normal law, for the climate of a school"),
    ("processes.practice.BEST_SHARE", "share of teaching time whose mean skill renewal feeds on"),
    ("processes.practice.NOVICE", "floor of that mean (σ): the skill of an average novice of the region, B_f"),
    ("staff.RETURN_SHOCK", "share of the new-post cost that applies on return home"),
    ("initial.ROUNDS", "rounds in which standing variances and `extra` are made to agree"),
    ("initial.STEPS", "years of learning in each round"),
    ("initial.LEAST_WITHIN", "least share of variance left to talent within schools"),
    ("columns.REFERENCE_POINTS", "points at which the reference lesson is tabulated"),
    ("assembly.NEIGHBOURS", "nearest schools that families compare"),
)


def grid(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _writers(path: str) -> str:
    return ", ".join(p.name for p in TERM if path in p.writes) or "–"


def state_table(table: str) -> str:
    """Return the columns of one table of the world, and the processes that write them."""
    rows = (
        (f"`{name}`", _type(c), c.unit, c.meaning, _writers(f"{table}.{name}"))
        for name, c in columns.columns(TABLES[table]).items()
    )
    return grid(("column", "type", "unit", "meaning", "written by"), rows)


def _type(column: columns.Column) -> str:
    return column.dtype + (f" × {column.width}" if column.width > 1 else "")


def code_table() -> str:
    """Return what the whole numbers in code columns stand for."""
    lists = [one for one in vars(codes).values() if inspect.isclass(one) and issubclass(one, codes.Code) and len(one)]
    rows = ((f"`{one.__name__}`", _doc(one), ", ".join(f"{code} {code.word}" for code in one)) for one in lists)
    return grid(("codes", "of what", "meaning"), rows)


def schedule_table() -> str:
    """Return the processes of a term in order, with what they read and write."""
    rows = (
        (n, f"**{p.name}**", p.number, _when(p), _saying(p), _paths(p.reads), _paths(p.writes))
        for n, p in enumerate(TERM, 1)
    )
    return grid(("order", "process", "stream", "when", "what happens", "reads", "writes"), rows)


def _when(process: Process) -> str:
    return "autumn" if process.annual else "every term"


def _saying(process: Process) -> str:
    """Return the first sentence of the module that a process is written in."""
    words = inspect.getdoc(sys.modules[process.step.__module__]) or ""
    return words.partition("\n\n")[0].replace("\n", " ")


def _paths(paths: Sequence[str]) -> str:
    """Return `table`: column, column; … for `table.column` names."""
    by_table: dict[str, list[str]] = {}
    for path in paths:
        table, column = path.split(".")
        by_table.setdefault(table, []).append(column)
    return "; ".join(f"*{table}*: {', '.join(names)}" for table, names in by_table.items())


def parameter_tables() -> str:
    """Return every parameter with unit, default, range, kind of evidence and source, group by group."""
    return "\n".join(f"**{group}** – {_doc(kind)}\n\n{_group(group)}" for group, kind in GROUPS.items())


def _doc(kind: type) -> str:
    return (inspect.getdoc(kind) or "").partition("\n")[0]


def _group(group: str) -> str:
    rows = (
        (f"`{path}`", p.meaning, p.unit, f"{get(Parameters(), path):g}", f"{p.low:g} – {p.high:g}", p.kind, p.source)
        for path, p in declared().items()
        if path.startswith(f"{group}.")
    )
    return grid(("parameter", "meaning", "unit", "default", "range", "kind", "source"), rows)


def family_table() -> str:
    """Return the fields of a compiled policy by family of mechanisms."""
    notes = dict(NOTE.findall(inspect.getsource(Attributes)))
    rows = (
        (family.value, "<br>".join(_field(name, notes) for name, own in family_of().items() if own is family))
        for family in codes.Family
    )
    return grid(("family", "fields: shape (E ties, S schools) and meaning"), rows)


def _field(name: str, notes: dict[str, str]) -> str:
    return f"`{name}` {notes[name]}" if name in notes else f"`{name}`"


def record_table(record: type[Any]) -> str:
    """Return the fields of a kind of policy: what they can be, and what they are where nothing is said."""
    hints = get_type_hints(record)
    rows = ((f"`{f.name}`", _values(hints[f.name]), _plain(f.default)) for f in fields(record) if f.name != "name")
    return grid(("field", "values", "default"), rows)


def _values(hint: Any) -> str:  # noqa: ANN401
    """Return the words allowed, or the kind of value."""
    parts = get_args(hint)
    if type(None) in parts:
        return f"{_values(parts[0])}; may be left out"
    if get_origin(hint) is tuple:
        return "two whole numbers"
    return ", ".join(parts) if parts else _named(hint)


def _named(hint: type) -> str:
    return {"float": "number", "int": "whole number", "bool": "yes or no", "str": "text"}[hint.__name__]


def _plain(value: object) -> str:
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value).lower()


def constant_table() -> str:
    """Return the numbers that are fixed in the code."""
    return grid(("constant", "value", "meaning"), ((f"`{path}`", _constant(path), said) for path, said in CONSTANTS))


def _constant(path: str) -> str:
    module, _, name = path.rpartition(".")
    return f"{getattr(importlib.import_module(f'model.{module}'), name):g}"


def measure_table() -> str:
    """Return what is measured of a run by year, over which schools."""
    rows = ((f"`{m.name}`", m.unit, m.of, m.meaning) for m in MEASURES)
    return grid(("measure", "unit", "schools", "meaning"), rows)


def recorded_list() -> str:
    """Return the columns that a run records each term."""
    return ", ".join(f"`{name}`" for name in columns.RECORDED) + "\n"


def blocks() -> dict[str, Callable[[], str]]:
    """Return the name of every generated table → what writes it."""
    own: dict[str, Callable[[], str]] = {
        "codes": code_table,
        "schedule": schedule_table,
        "parameters": parameter_tables,
        "families": family_table,
        "modes": lambda: record_table(Mode),
        "rotations": lambda: record_table(RotationPolicy),
        "supports": lambda: record_table(SupportPolicy),
        "constants": constant_table,
        "recorded": recorded_list,
        "measures": measure_table,
    }
    return own | {f"state.{table}": lambda table=table: state_table(table) for table in TABLES}


def refreshed(page: str) -> str:
    """Return the page with every generated table as the code has it now.

    Raises
    ------
    ValueError
        If a table is missing from the page, is there twice, or is none that can be generated.
    """
    found = [match["name"] for match in BLOCK.finditer(page)]
    if sorted(found) != sorted(blocks()):
        odd = sorted(set(found) ^ set(blocks())) or [name for name in found if found.count(name) > 1]
        raise ValueError(f"each generated table belongs on the page once; look at: {', '.join(odd)}")
    return BLOCK.sub(lambda match: f"{match[1]}{blocks()[match['name']]()}{match[3]}", page)


def main(arguments: Sequence[str] | None = None) -> int:
    """Rewrite the page, or with `--check` return 1 when it is stale."""
    parser = argparse.ArgumentParser(prog="python -m app.odd", description="Keep model/ODD.md up to date.")
    parser.add_argument("--check", action="store_true", help="only say whether the tables are up to date")
    page = PAGE.read_text(encoding="utf-8")
    new = refreshed(page)
    if not parser.parse_args(arguments).check:
        PAGE.write_text(new, encoding="utf-8", newline="\n")
        return 0
    if new != page:
        sys.stderr.write("model/ODD.md is stale: run python -m app.odd\n")
    return int(new != page)


if __name__ == "__main__":
    sys.exit(main())

"""What the five documents describe, row by row: the fields and processes that carry it, and switches that show it.

The rows stand in `rows.toml`. `fields` are what a user sets: a field of a mode, rotation or support, of the parameters,
or of a scenario's file; `process` is what acts on it. A test throws every switch and sees the columns change.
"""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, Strict, create_model

from scenarios.catalogue import KINDS, ROOM
from scenarios.schema import Id, Table, Title, Words
from scenarios.source import Report, read
from scenarios.validation import checked

At = Literal["all", "leads", "members", "new"]
Names = Annotated[tuple[Id, ...], Strict(False)]
Places = Annotated[tuple[Words, ...], Strict(False)]
NAMES = (*KINDS, "zone")


class Switch(Table):
    """A place, what is set `off` and `on`, and what differs in the last of `years` under the same chance events.

    Keys of `off` and `on` are ``mode``, ``rotation``, ``support``, ``zone`` (the second tier, true or false), paths of
    `scenarios.variation`, and places in the scenario's file. Names of what differs are recorded columns of schools or
    yearly measures; columns are compared over the schools named by `at`.
    """

    world: Id
    off: dict[str, Any]
    on: dict[str, Any]
    years: Annotated[int, Field(ge=1, le=20)] = 3
    at: At = "all"
    rises: Names = ()
    falls: Names = ()
    changes: Names = ()
    unchanged: Names = ()


class Row(Table):
    """One row: what the document says, its words, and what carries it; or why it is not modelled."""

    says: Title
    quotation: Words
    documents: Names = ()
    fields: Places = ()
    process: Names = ()
    switch: Annotated[tuple[Switch, ...], Strict(False)] = ()
    tests: Places = ()
    not_modelled: Title | None = None


@cache
def rows() -> dict[str, Row]:
    """Return every row by its id, in the order of the documents."""
    source = read(ROOM / "rows.toml")
    report = Report(source)
    kinds: dict[str, Any] = dict.fromkeys(source.data, (Row, ...))
    table = checked(create_model("Rows", __base__=Table, **kinds), source.data, report)
    report.settle()
    assert table is not None  # settled: there was no fault
    return {ident: getattr(table, ident) for ident in source.data}


def documents_of(ident: str, row: Row) -> tuple[str, ...]:
    """Return the letters of the documents that a row belongs to."""
    return row.documents or (ident[0],)

"""What can be chosen: modes, rotations and supports as records with their sources, and the bundled scenarios."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from model.policy import Mode, RotationPolicy, SupportPolicy
from scenarios import schema
from scenarios.roster import Names
from scenarios.source import Report, read
from scenarios.validation import checked

ROOM = Path(__file__).resolve().parent
KINDS: dict[str, tuple[type[schema.Policy], type[Any]]] = {
    "mode": (schema.ModeTable, Mode),
    "rotation": (schema.RotationTable, RotationPolicy),
    "support": (schema.SupportTable, SupportPolicy),
}
RESERVED = "as_planned"
CHANNELS = ("management", "teaching", "research", "culture", "platform")

Record = TypeVar("Record", Mode, RotationPolicy, SupportPolicy)
Ranges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Entry(Generic[Record]):
    """One record that can be chosen by name.

    Attributes
    ----------
    id
        Name in files and on the command line.
    title
        Language → words.
    record
        What the model takes.
    ranges
        Field → lowest and highest value, for shares that are read from words.
    documents
        Rows of DOCUMENTS.md that it carries.
    provenance
        Where each field comes from.
    table
        The record as it was written.
    """

    id: str
    title: Names
    record: Record
    ranges: Ranges
    documents: tuple[str, ...]
    provenance: tuple[schema.Provenance, ...]
    table: schema.Policy


@dataclass(frozen=True)
class Catalogue:
    """Everything that policies are put together from, by id."""

    modes: Mapping[str, Entry[Mode]]
    rotations: Mapping[str, Entry[RotationPolicy]]
    supports: Mapping[str, Entry[SupportPolicy]]

    def of(self, kind: str) -> Mapping[str, Entry[Any]]:
        """Return the entries of a kind: ``mode``, ``rotation`` or ``support``."""
        entries: Mapping[str, Entry[Any]] = getattr(self, f"{kind}s")
        return entries


@dataclass(frozen=True)
class Summary:
    """A bundled scenario, read without building its world."""

    name: str
    title: Names
    synthetic: bool
    levels: tuple[str, ...]
    modes: tuple[str, ...]
    rotations: tuple[str, ...]
    provenance: tuple[schema.Provenance, ...]
    benchmark: bool = False


@dataclass(frozen=True)
class Document:
    """A policy document: its title, and which copy of it was read."""

    title: Names
    file: str
    sha256: str


def documents() -> dict[str, Document]:
    """Return the documents by the letter that begins the names of their rows."""
    tables = read(ROOM / "documents.toml").data
    return {letter: Document(table["title"], table["file"], table["sha256"]) for letter, table in tables.items()}


def worlds() -> dict[str, Path]:
    """Return name → file of every bundled scenario."""
    return {path.stem: path for path in sorted((ROOM / "worlds").glob("*.toml"))}


def summaries() -> tuple[Summary, ...]:
    """Return every bundled scenario."""
    return tuple(_summary(name, path) for name, path in worlds().items())


def _summary(name: str, path: Path) -> Summary:
    source = read(path)
    report = Report(source)
    table = checked(schema.ScenarioTable, source.data, report)
    report.settle()
    assert table is not None  # settled: there was no fault
    return Summary(
        name, table.title.both(), table.synthetic, levels_of(table.world), tuple(table.policies.modes),
        tuple(table.policies.rotations), tuple(table.provenance), table.benchmark,
    )  # fmt: skip


def levels_of(world: schema.WorldTable) -> tuple[str, ...]:
    """Return the levels of schooling in a world, in the order of the file."""
    return tuple(dict.fromkeys([level.level for level in world.levels] + [school.level for school in world.schools]))


@cache
def bundled() -> Catalogue:
    """Return the modes, rotations and supports that come with the project."""
    return Catalogue(**{f"{kind}s": dict(_bundled(kind)) for kind in KINDS})


def _bundled(kind: str) -> Iterator[tuple[str, Entry[Any]]]:
    for path in sorted((ROOM / "policies" / f"{kind}s").glob("*.toml")):
        source = read(path)
        report = Report(source)
        table = checked(KINDS[kind][0], source.data, report)
        report.settle()
        assert table is not None  # settled: there was no fault
        yield path.stem, entry(kind, path.stem, table)


def entry(kind: str, ident: str, table: schema.Policy) -> Entry[Any]:
    """Return the entry that a checked table describes."""
    record = KINDS[kind][1]
    written = {f.name: getattr(table, f.name) for f in fields(record) if f.name != "name"}
    ranges = {name: w.range() for name, w in written.items() if isinstance(w, schema.Weight) and w.low != w.high}
    title = table.title.both() if table.title else {"en": ident, "zh": ident}
    values = {name: _plain(value) for name, value in written.items()}
    return Entry(ident, title, record(ident, **values), ranges, tuple(table.documents), tuple(table.provenance), table)


def _plain(value: object) -> object:
    if isinstance(value, schema.Weight):
        return value.default
    return tuple(value) if isinstance(value, list) else value


def extended(base: Catalogue, table: schema.ScenarioTable, report: Report) -> Catalogue:
    """Return `base` with a scenario's own modes, rotations and supports; faults are noted in `report`."""
    own = {kind: _Own(kind, base.of(kind), getattr(table, f"{kind}s"), report) for kind in KINDS}
    return replace(base, **{f"{kind}s": {**base.of(kind), **one.entries()} for kind, one in own.items()})


class _Own:
    """The records of one kind that a scenario brings, each on the basis of another, of its namesake, or of nothing."""

    def __init__(self, kind: str, base: Mapping[str, Entry[Any]], raw: Mapping[str, object], report: Report) -> None:
        self.kind, self.base, self.report = kind, base, report
        found = {ident: checked(KINDS[kind][0], table, report, (f"{kind}s", ident)) for ident, table in raw.items()}
        self.tables = {ident: table for ident, table in found.items() if table is not None}

    def entries(self) -> dict[str, Entry[Any]]:
        """Return the records that have no fault."""
        completed = {ident: self._completed(ident, ()) for ident in self.tables}
        out = {ident: entry(self.kind, ident, table) for ident, table in completed.items() if table is not None}
        for ident, made in out.items():
            if ident == RESERVED:
                self.report.add("reserved_name", (f"{self.kind}s", ident), ident)
            if self.kind == "mode" and _is_weightless(made.record):
                self.report.add("weights_all_zero", ("modes", ident), ident)
        return out

    def _completed(self, ident: str, above: tuple[str, ...]) -> schema.Policy | None:
        """Return a table with the fields it leaves out taken from its basis."""
        table = self.tables[ident]
        basis, path = table.based_on or ident, (f"{self.kind}s", ident, "based_on")
        if basis in above or (table.based_on == ident and ident not in self.base):
            self.report.add("circular_basis", path, basis)
            return None
        if table.based_on and self.report.unknown(self.kind, path, basis, {**self.base, **self.tables}):
            return None
        under = table if basis not in self.base else self.base[basis].table
        if basis in self.tables and basis != ident:
            found = self._completed(basis, (*above, ident))
            if found is None:
                return None
            under = found
        given = {name: getattr(table, name) for name in table.model_fields_set}
        return under.model_copy(update=given if basis == ident else {"title": table.title} | given)


def _is_weightless(mode: Mode) -> bool:
    """Whether a mode that is not independence has no channel: it would tie schools with nothing."""
    return mode != Mode(mode.name, span=mode.span) and not any(getattr(mode, channel) for channel in CHANNELS)

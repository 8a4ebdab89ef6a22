"""Throw broken input at the import: `python -m tests.fuzz_rosters N M` reads N sets of files and M cells a parser.

Nothing may come of it but a county or a refusal with messages, within bounded memory. Everything is drawn from a seed,
so a failure is found again. The table is printed; that of the last campaign is kept in `fuzz_rosters.md`.
"""

import contextlib
import io
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from figures.text import text
from scenarios.reader import load
from scenarios.rosters import values
from scenarios.rosters.county import county_of
from scenarios.rosters.headers import field_of, measure_of, words
from scenarios.rosters.problems import Notes, RosterError
from scenarios.rosters.write import Written, written
from tests.scenarios.rosters.samples import SCHOOLS, TEACHERS, TIES, TODAY, workbook

Rng = np.random.Generator
SEED = 20_240_901
LETTERS = list(
    "0123456789.,-+%eE年月日°′″'\"/ \t\r\n\u3000０９，．％①Ⅳ〇㐂\x00\x1f\ufeff\u200b\ud7ff😀=@#NAaÅß县小学园初中"
)
PIECES = [
    "nan", "inf", "1e400", "#REF!", "2024-03-05", "1,200", "１２００", "4.1E+17", "119°15′", "无", "合计", "示例",
    "语文", "九年一贯制", "实验小学", "-", "99999999999999999999", "0", "-0", "12年6个月", "九十", "TRUE", "<script>",
    "=1+1", "\\", "''", "<!ENTITY", "%s{}", "2005.13", "29991231", "平均分", "增值2023", "经度", "学校", "小学", "85",
]  # fmt: skip
PARSERS: dict[str, Callable[[str], object]] = {
    "number": values.number, "whole": lambda cell: values.whole(cell, 1, 100), "share": values.share,
    "years": values.years, "date": values.date, "degrees": values.degrees,
    "coordinates": values.coordinates, "score": values.score, "name": values.name,
    "ident": values.ident, "subject": values.subject, "honour": values.honour, "grade": values.grade,
    "level_in": values.level_in, "measure_of": measure_of, "field_of": partial(field_of, "schools"),
} | {f"choice of {kind}": partial(values.choice, kind) for kind in words()["values"]}  # fmt: skip


def cell(rng: Rng) -> str:
    """Return the text of a cell: letters, pieces that mean something, or both."""
    kind = rng.integers(3)
    if kind == 0:
        return "".join(rng.choice(LETTERS, rng.integers(0, 12)))
    pieces = [str(piece) for piece in rng.choice(PIECES, rng.integers(1, 3))]
    return "".join(pieces) if kind == 1 else "".join([*pieces, *rng.choice(LETTERS, rng.integers(0, 4))])


def fuzz_cells(name: str, count: int) -> None:
    """Give `count` cells to a parser, and an answer must come."""
    rng = np.random.default_rng([SEED, len(name), sum(map(ord, name))])
    for _ in range(count):
        found = cell(rng)
        try:
            PARSERS[name](found)
        except Exception as fault:
            raise AssertionError(f"{name} of {found!r}") from fault


def _mutated_text(rng: Rng, table: str) -> bytes:
    """Return a CSV with cells, separators, rows and bytes changed."""
    rows = [row.split(",") for row in table.splitlines()]
    for _ in range(rng.integers(1, 3) if rng.random() < 0.6 else rng.integers(3, 12)):
        row = rows[rng.integers(len(rows))]
        row[rng.integers(len(row))] = cell(rng)
        if rng.random() < 0.2:
            rows.insert(int(rng.integers(len(rows))), rows[rng.integers(len(rows))][: rng.integers(1, 14)] or [""])
        if rng.random() < 0.1:
            rng.shuffle(rows)
    encoding = str(rng.choice(["utf-8", "utf-8", "gb18030", "utf-16", "utf-8-sig", "utf-16-le", "utf-32"]))
    content = bytearray("\n".join(",".join(row) for row in rows).encode(encoding, "replace"))
    for _ in range(rng.integers(1, 4) if rng.random() < 0.3 else 0):
        content[rng.integers(len(content))] = rng.integers(256)
    return bytes(content[: rng.integers(len(content))] if rng.random() < 0.1 else content)


FACTS = ("subject", "qualified", "experience", "rank", "honour", "employment")
CHOICES = {"schools": {4: "ownership", 3: "setting"}, "teachers": dict(enumerate(FACTS, 3))}
OPTIONAL = {"schools": (5, 6, 9, 11, 12), "teachers": (0, 3, 4, 5, 6, 7, 8)}


def _odd_but_sound(rng: Rng, table: str, name: str) -> bytes:
    """Return a CSV in which words are other words for something, and cells that may be empty are."""
    rows = [row.split(",") for row in table.splitlines()]
    for _ in range(rng.integers(1, 12) if name in OPTIONAL else 0):
        row = rows[rng.integers(1, len(rows))]
        if rng.random() < 0.5:
            column = int(rng.choice(list(CHOICES[name])))
            known = words()["values"].get(CHOICES[name][column], {"none": [str(rng.integers(60))]})
            row[column] = str(rng.choice([word for some in known.values() for word in some]))
        else:
            column = int(rng.choice(OPTIONAL[name]))
            row[column : column + (2 if name == "schools" and column == 9 else 1)] = [""] * (1 + (column == 9))
        row[:] = row[: len(rows[0])]
    return "\n".join(",".join(row) for row in rows).encode(str(rng.choice(["utf-8", "gb18030", "utf-16"])))


def _mutated_workbook(rng: Rng, table: str) -> bytes:
    """Return a workbook with cells of any type, or with bytes changed, packed or unpacked."""
    rows: list[list[object]] = [list(row.split(",")) for row in table.splitlines()]
    for _ in range(rng.integers(1, 3)):
        row = rows[rng.integers(len(rows))]
        odd = [float(rng.normal() * 10.0 ** rng.integers(-5, 300)), TODAY, True, None, "=1/0", _clean(cell(rng))]
        row[rng.integers(len(row))] = odd[rng.integers(len(odd))]
    content = bytearray(workbook(rows))
    if rng.random() < 0.3:
        for _ in range(rng.integers(1, 6)):
            content[rng.integers(len(content))] = rng.integers(256)
    elif rng.random() < 0.5:
        return _mutated_parts(rng, bytes(content))
    return bytes(content)


def _clean(text_: str) -> str:
    return "".join(letter for letter in text_ if letter.isprintable())


def _mutated_parts(rng: Rng, content: bytes) -> bytes:
    """Return a sound archive whose XML is not."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = bytearray(source.read(name))
            for _ in range(rng.integers(0, 3) if data else 0):
                data[rng.integers(len(data))] = rng.integers(256)
            if rng.random() < 0.95:
                target.writestr(name, bytes(data))
    return out.getvalue()


def rosters(rng: Rng, folder: Path) -> list[Path]:
    """Save broken rosters in a folder and return their paths."""
    tables = {"schools": SCHOOLS, "teachers": TEACHERS, "ties": TIES}
    broken, paths = str(rng.choice([*tables, "schools"])), []
    for name, table in tables.items():
        kind, content = ".csv", table.encode()
        if name == broken and rng.random() < 0.35:
            content = _odd_but_sound(rng, table, name)
        elif name == broken and rng.random() < 0.5:
            kind, content = ".xlsx", _mutated_workbook(rng, table)
        elif name == broken:
            content = _mutated_text(rng, table)
        path = folder / f"{name}{kind}"
        path.write_bytes(content)
        paths.append(path)
    return paths


def fuzz_files(count: int, start: int = 0) -> tuple[int, int]:
    """Import `count` sets of rosters, one of them broken; return how many became a county and how many were refused."""
    imported = refused = 0
    with tempfile.TemporaryDirectory() as place:
        for number in range(start, start + count):
            folder = Path(place)
            paths = rosters(np.random.default_rng([SEED, number]), folder)
            try:
                _read(paths, number % 7 == 0)
                imported += 1
            except RosterError:
                refused += 1
            except Exception as fault:
                raise AssertionError(f"set {number}") from fault
            for path in paths:
                path.unlink()
    return imported, refused


def _read(paths: list[Path], pseudonymise: bool) -> None:
    """Import rosters and put everything into words, as the command does."""
    from app.roster_wording import refusal, remark

    notes = Notes()
    try:
        county = county_of(paths, notes, TODAY, pseudonymise)
    except RosterError as error:
        refusal(error, "zh")
        raise
    for problem in notes.problems("warning", "note"):
        remark(problem, text("en"))
    _check(written(county, "x", pseudonymise), pseudonymise)


def _check(found: Written, pseudonymise: bool) -> None:
    """Whatever is imported can be loaded, and its cleaned tables give the same again."""
    with tempfile.TemporaryDirectory() as place:
        for name, content in found.files.items():
            (Path(place) / name).write_text(content, encoding="utf-8", newline="\n")
        load(Path(place) / found.scenario)
        (Path(place) / "x.key.csv").unlink(missing_ok=True)
        again = written(county_of(sorted(Path(place).glob("*.csv")), Notes(), TODAY), "x", pseudonymise)
        assert again.files == {name: content for name, content in found.files.items() if name != "x.key.csv"}


def _memory() -> int:
    """Return the most memory used so far, in MB; 0 where the system does not tell."""
    with contextlib.suppress(ImportError):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return 0


def campaign(count: int, cells: int) -> Iterator[str]:
    """Run all of it and yield the lines of the table."""
    yield "| given to | inputs | outcome | seconds (CPU) | memory so far (MB) |"
    yield "|---|---:|---|---:|---:|"
    began = time.process_time()
    imported, refused = fuzz_files(count)
    outcome = f"no exception: {imported:,} imported, {refused:,} refused"
    yield f"| sets of whole files | {count:,} | {outcome} | {time.process_time() - began:.0f} | {_memory()} |"
    for name in PARSERS:
        began = time.process_time()
        fuzz_cells(name, cells)
        yield f"| {name} | {cells:,} | no exception | {time.process_time() - began:.0f} | {_memory()} |"


def main() -> None:
    """Print the table of a campaign of the size asked for."""
    sizes = [int(word) for word in sys.argv[1:3]]
    for line in campaign(*(sizes or [100, 10_000])):
        print(line, flush=True)


if __name__ == "__main__":
    main()

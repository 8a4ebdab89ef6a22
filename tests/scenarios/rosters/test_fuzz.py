"""A short run of the campaign that `python -m tests.fuzz_rosters N` makes at length."""

import contextlib
from itertools import product
from pathlib import Path

import pytest

from scenarios.rosters.problems import RosterError
from tests import fuzz_rosters
from tests.fuzz_rosters import PARSERS, fuzz_cells, fuzz_files
from tests.scenarios.rosters.samples import SOUND

EXTREME = ("1e308", "-1e308", "1e155", "99999999999999999999999999", "-1", "0", "2024-01-01", "nan", "=1+1", "x")


@pytest.mark.parametrize("name", PARSERS)
def test_no_cell_is_too_odd_for_a_parser(name: str) -> None:
    fuzz_cells(name, 300)


def test_no_file_is_too_odd_for_the_import_and_what_is_imported_can_be_used() -> None:
    imported, refused = fuzz_files(150, start=1_000_000)
    assert imported > 30
    assert refused > 60


def test_a_fault_is_told_with_the_cell_that_made_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fuzz_rosters.PARSERS, "number", int)
    with pytest.raises(AssertionError, match=r"^number of '"):
        fuzz_cells("number", 300)


@pytest.mark.parametrize("table", SOUND)
def test_no_value_in_all_of_a_column_is_too_odd_for_the_import(table: str, tmp_path: Path) -> None:
    rows = [row.split(",") for row in SOUND[table].splitlines()]
    heads = [*rows[0], *(("x (km)", "y (km)", "成长值2024") if table == "schools" else ())]
    for column, value in product(range(len(heads)), EXTREME):
        whole = [(row + [""] * len(heads))[: len(heads)] for row in rows[1:]]
        for row in whole:
            row[column : column + 2] = [value] * len(row[column : column + 2])  # and its neighbour: x and y, two years
        lines = (",".join(row) for row in (heads, *whole))
        (tmp_path / f"{table}.csv").write_text("\n".join(lines), encoding="utf-8")
        for other in SOUND.keys() - {table}:
            (tmp_path / f"{other}.csv").write_text(SOUND[other], encoding="utf-8")
        with contextlib.suppress(RosterError):
            fuzz_rosters._read(sorted(tmp_path.glob("*.csv")), False)

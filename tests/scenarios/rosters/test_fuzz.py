"""A short run of the campaign that `python -m tests.fuzz_rosters N` makes at length."""

import pytest

from tests import fuzz_rosters
from tests.fuzz_rosters import PARSERS, fuzz_cells, fuzz_files


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

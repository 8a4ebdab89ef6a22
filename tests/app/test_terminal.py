"""Tables of the terminal fit it, and break neither words nor numbers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from app.terminal import LEAST, Column, table, width

COLUMNS = [Column("Policy"), Column("Verdict"), *(Column(f"{name} Δ", number=True) for name in ("Peak", "All"))]
ROWS = [
    ["Co-construction + national rotation rule", "Peak-shaving (57.8 %), then Fill (21.9 %)"]
    + ["−0.054 [−0.110,\u00a0+0.001]"] * 2,
    ["融合型＋不轮岗", "削峰填谷（57.8 %），其次填谷不削峰（21.9 %）", "+0.111", "0.000"],
]


@pytest.mark.parametrize("room", [60, 80, 100, 120, 160])
def test_a_table_is_no_wider_than_the_terminal_and_keeps_every_word(room: int) -> None:
    printed = table(COLUMNS, ROWS, room)
    assert max(map(cell_len, printed.splitlines())) <= room
    for word in ("Co-construction", "Peak-shaving", "[−0.110, +0.001]", "(57.8 %),", "−0.054"):
        assert word in printed


def test_a_row_with_room_stays_on_one_line() -> None:
    lines = table(COLUMNS, [ROWS[0]], 160).splitlines()
    assert len(lines) == 3
    assert lines[2].endswith("−0.054 [−0.110, +0.001]")


def test_numbers_stand_on_the_right_under_their_head() -> None:
    assert table([Column("name"), Column("n", number=True)], [["a", "1"], ["b", "100"]], 80).splitlines() == [
        "name    n", "────  ───", "a       1", "b     100",
    ]  # fmt: skip


def test_where_single_words_do_not_fit_beside_each_other_rows_become_records() -> None:
    rows = [["first", *(["x" * 20] * 3)], ["second", "", "y", "z"]]
    assert table([Column(head) for head in "abcd"], rows, 50).splitlines() == [
        "a: first", f"b: {'x' * 20}", f"c: {'x' * 20}", f"d: {'x' * 20}", "", "a: second", "c: y", "d: z",
    ]  # fmt: skip


words = st.text(st.sampled_from("ab峰谷−0.5[]%（）"), min_size=1, max_size=12)
cells = st.lists(words, max_size=6).map(" ".join)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=5), st.integers(LEAST, 120))
def test_nothing_is_lost_and_nothing_sticks_out(rows: list[tuple[str, str, str]], room: int) -> None:
    printed = table([Column("一"), Column("two"), Column("three", number=True)], rows, room)
    assert max(map(cell_len, printed.splitlines())) <= room
    inside = [cell for row in rows for cell in row if cell]
    for sign in set("".join(inside)) - {" ", "\u00a0"}:
        assert printed.count(sign) >= sum(cell.count(sign) for cell in inside)


def test_the_width_is_that_of_the_terminal_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns, expected in (("100", 100), ("20", 40), ("400", 160)):
        monkeypatch.setenv("COLUMNS", columns)
        assert width() == expected
    monkeypatch.delenv("COLUMNS")
    assert re.fullmatch(r"\d+", str(width()))

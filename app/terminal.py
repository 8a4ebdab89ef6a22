"""Tables for the terminal that fit it, from 80 columns on, and never break a word or a number."""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

USUAL, LEAST, MOST = 80, 40, 160
"""Columns of a terminal that does not say, and the fewest and most that a table is laid out for."""
GAPS = (2, 1)
"""Columns between two cells, the first with which everything fits."""
READABLE = 8
"""A column of longer words is at least so wide, Chinese ones too."""
KEPT = "\ue000"
"""Stands for a space at which no line may break; the layout would break at one of Unicode's own."""
WIDE = 2
"""Columns that a Chinese character takes; between two of them a line may break."""


class Column(NamedTuple):
    """A column of a table: its head, and whether it holds numbers, which stand on the right."""

    head: str
    number: bool = False


def width() -> int:
    """Return the columns of the terminal (`COLUMNS` says otherwise); 80 where there is none."""
    return min(max(shutil.get_terminal_size((USUAL, 24)).columns, LEAST), MOST)


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], columns_at_hand: int | None = None) -> str:
    """Return rows as an aligned table no wider than the terminal.

    Lines break between words, in the columns that have most to spare. Where even single words do not fit beside each
    other, every row becomes a record: a line a cell, after its head.
    """
    room = columns_at_hand or width()
    columns = [Column(_kept(column.head), column.number) for column in columns]
    rows = [[_kept(cell) for cell in row] for row in rows]
    cells = [[column.head for column in columns], *rows]
    least = [max(_longest_word(row[n]) for row in cells) for n in range(len(columns))]
    most = [max(_longest_line(row[n]) for row in cells) for n in range(len(columns))]
    for gap in GAPS:
        free = room - gap * (len(columns) - 1)
        if sum(least) <= free:
            return _grid(columns, rows, _widths(least, most, free), gap)
    return _records(columns, rows, room)


def _widths(least: Sequence[int], most: Sequence[int], free: int) -> list[int]:
    """Return what each column takes: what its longest line needs, or of what is left as much as all others can get."""
    if sum(most) <= free:
        return list(most)
    found = list(least)
    # A column at a time, that which lacks fewest, so that short columns do not break for the sake of long ones.
    left, order = free - sum(least), sorted(range(len(least)), key=lambda n: most[n] - least[n])
    for place, n in enumerate(order):
        more = min(most[n] - least[n], left // (len(order) - place))
        found[n] += more
        left -= more
    return found


def _grid(columns: Sequence[Column], rows: Sequence[Sequence[str]], widths: Sequence[int], gap: int) -> str:
    grid = Table(box=None, show_edge=False, pad_edge=False, padding=(0, gap, 0, 0), header_style="")
    for column, size in zip(columns, widths, strict=True):
        grid.add_column(column.head, width=size, justify="right" if column.number else "left", overflow="fold")
    grid.add_row(*("─" * size for size in widths))
    for row in rows:
        grid.add_row(*row)
    return _printed(grid, sum(widths) + gap * (len(columns) - 1))


def _records(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> str:
    """Return a block a row: head and cell on a line, empty cells left out."""
    blocks = [
        "\n".join(f"{column.head}: {cell}".strip() for column, cell in zip(columns, row, strict=True) if cell)
        for row in rows
    ]
    return _printed("\n\n".join(blocks), room)


def _printed(what: Table | str, room: int) -> str:
    out = io.StringIO()
    Console(file=out, width=room, highlight=False, markup=False, emoji=False, color_system=None).print(what)
    return "\n".join(line.rstrip() for line in out.getvalue().replace(KEPT, " ").rstrip().splitlines())


def _kept(cell: str) -> str:
    """Return a cell with the spaces marked at which no line may break: those within intervals and before %."""
    return cell.replace("\u00a0", KEPT).replace(" %", f"{KEPT}%")


def _longest_line(cell: str) -> int:
    return max((cell_len(line) for line in cell.splitlines()), default=0)


def _longest_word(cell: str) -> int:
    """Return the columns of what must stay on a line: a word or a number; Chinese breaks at every character."""
    longest = max((_unbroken(word) for word in cell.split()), default=0)
    return max(longest, min(_longest_line(cell), READABLE))


def _unbroken(word: str) -> int:
    longest = run = 0
    for sign in word:
        size = cell_len(sign)
        run = size if size == WIDE else run + size
        longest = max(longest, run)
    return longest

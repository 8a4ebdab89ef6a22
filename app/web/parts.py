"""Parts that every step is made of. Text goes in escaped; what is markup says so by its type."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from markupsafe import Markup, escape
from nicegui import ui
from nicegui.elements.button import Button
from nicegui.elements.html import Html


def html(content: str, tag: str = "div", classes: str = "") -> Html:
    """Show text, or markup, in an element."""
    return ui.html(str(escape(content)), sanitize=False, tag=tag).classes(classes)


def heading(words: str, level: int = 2) -> None:
    """Show a heading."""
    html(words, f"h{level}")


def note(words: str, classes: str = "") -> Html:
    """Show a remark."""
    return html(words, "p", f"note {classes}")


def select(options: dict[str, str], value: str, label: str) -> Html:
    """Show the browser's own list of choices: it works with every keyboard, screen reader and zoom."""
    items = Markup("").join(
        Markup('<option value="{}"{}>{}</option>').format(key, Markup(" selected") if key == value else "", words)
        for key, words in options.items()
    )
    found = html(items, "select", "choice")
    found.props["aria-label"] = label
    return found


@contextmanager
def card(title: str = "", level: int = 2, classes: str = "") -> Iterator[None]:
    """Put what follows on a card with a heading."""
    with ui.element("section").classes(f"card {classes}"):
        if title:
            heading(title, level)
        yield


@contextmanager
def folded(title: str, classes: str = "", is_open: bool = False) -> Iterator[None]:
    """Put what follows behind a title that opens and closes."""
    with ui.element("details").classes(f"folded {classes}").props("open" if is_open else ""):
        html(title, "summary")
        yield


def button(words: str, do: Callable[..., Any], classes: str = "plain", label: str = "") -> Button:
    """Show a button; `label` is read out in place of its words."""
    found = ui.button(words, on_click=do, color=None).props("no-caps unelevated").classes(f"act {classes}")
    if label:
        found.props["aria-label"] = label
    return found


def download(words: str, name: str, kind: str, content: Callable[[], bytes]) -> None:
    """Show a button that has something made and gives it to the browser as a file of a media type."""

    async def send() -> None:
        ui.download.content(await asyncio.to_thread(content), name, kind)

    button(words, send)


def chart(
    options: dict[str, Any], label: str, classes: str = "chart", choose: Callable[[str], None] | None = None
) -> None:
    """Show a chart; `label` says in words what it shows, `choose` is given the id of a point that is pressed."""
    with ui.element("figure").classes(classes) as figure:
        figure.props["role"] = "img"
        figure.props["aria-label"] = label
        found = ui.echart(options, renderer="svg").classes("fill")
    if choose is not None:
        found.on_point_click(lambda event: choose(str(event.data["id"])) if "id" in event.data else None)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str, numbers: int = 0) -> None:
    """Show a table; the last `numbers` columns are numbers."""
    plain, count = Markup('<th scope="col">{}</th>'), Markup('<th scope="col" class="number">{}</th>')
    heads = Markup("").join((plain if n < len(head) - numbers else count).format(name) for n, name in enumerate(head))
    frame = '<caption class="unseen">{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody>'
    with ui.element("div").classes("wide").props("tabindex=0 role=region") as region:
        region.props["aria-label"] = caption
        html(Markup(frame).format(caption, heads, rows_of(rows, numbers)), "table")


def rows_of(rows: Sequence[Sequence[str]], numbers: int, after: int = 0) -> Markup:
    """Return rows of a table; the last `numbers` columns but for `after` are numbers."""
    return Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                _cell(cell, n, len(row) - numbers - after <= n < len(row) - after) for n, cell in enumerate(row)
            )
        )
        for row in rows
    )


def _cell(cell: str, column: int, is_number: bool) -> Markup:
    if column == 0:
        return Markup('<th scope="row">{}</th>').format(cell)
    if not is_number:
        return Markup("<td>{}</td>").format(cell)
    value, is_interval, bounds = cell.partition(" [")
    if not is_interval:
        return Markup('<td class="number">{}</td>').format(cell)
    return Markup('<td class="number">{} <span class="bounds">[{}</span></td>').format(value, bounds)


def verdict(code: str, words: str) -> Markup:
    """Return the badge of a verdict: its name, on its colour, behind its sign."""
    return Markup('<span class="verdict {}"><span aria-hidden="true">{}</span> {}</span>').format(
        code, SIGNS[code], words
    )


SIGNS = {
    "lift": "▲▲",
    "fill": "▲●",
    "peak_shaving": "▲▼",
    "dilution": "▼▼",
    "widening": "▼▲",
    "inert": "●●",
    "undecided": "?",
}
"""What the weakest do, then what the strongest do: so that colour is never alone."""

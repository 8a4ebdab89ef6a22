"""Step 3: run the comparison, and watch the first answers come in."""

from __future__ import annotations

import asyncio

from nicegui import ui

from app.web import answers, charts, parts
from app.web.page import Page
from app.web.watching import Banner
from figures.results import Comparison
from scenarios.policies import CONTROL_TITLES


def show(page: Page) -> None:
    """Show the question, the button that runs it, and what is known so far."""
    session, t = page.session, page.session.t
    parts.heading(t("web.run.title"))
    parts.note(t("web.run.lead"))
    if session.place is None or not session.state.policies:
        parts.note(t("web.run.nothing"), "empty")
        step = "place" if session.place is None else "policies"
        parts.button(t(f"web.step.{step}"), lambda: page.go(step), "main")
        return
    with parts.card(classes="question"):
        parts.html(_question(page), "p")
        if session.is_changed:
            parts.note(t("web.run.changed"), "warning")

        async def begin() -> None:
            await asyncio.to_thread(session.begin)
            page.show()

        parts.button(t("web.run.again" if session.run else "web.run.start"), begin, "main run")
    if session.run is not None:
        Banner(page)
        Live(page)


def _question(page: Page) -> str:
    """Return in a sentence what will be compared."""
    session, t = page.session, page.session.t
    scenario, state = session.scenario(), session.state
    return t(
        "web.run.question", place=scenario.title[t.language], count=len(state.compared),
        control=CONTROL_TITLES[state.control or scenario.control_name][t.language],
        years=scenario.run.years if state.years is None else state.years,
        precision=t(f"web.policies.precision_{state.replicates}"),
    )  # fmt: skip


class Live:
    """The answers so far, drawn anew when there are newer ones."""

    def __init__(self, page: Page) -> None:
        self._page, self._number = page, 0
        self._frame = ui.element("div")
        # Apart from what is drawn anew, so that no press of it is lost.
        self._read = parts.button(page.session.t("web.run.read"), lambda: page.go("read"), "main read")
        self._read.set_visibility(False)
        self._look()
        page.watch(self._frame, self._look)

    def _look(self) -> None:
        run = self._page.session.run
        found = None if run is None else run.found
        if found is None or found.number == self._number:
            return
        self._number = found.number
        t, comparison = self._page.session.t, Comparison.model_validate(found.document)
        self._frame.clear()
        with self._frame, parts.card():
            answers.table(comparison, t)
            label = " ".join(answers.sentences(comparison, t))
            parts.chart(charts.quadrant(comparison, t), label, "chart tall")
        self._read.set_visibility(True)

"""Step 4: read the answer, as a whole and policy by policy."""

from __future__ import annotations

from nicegui import ui

from app.web import answers, charts, details, parts, takeaway
from app.web.found import Found
from app.web.page import Page
from app.web.school_table import SchoolTable
from app.web.watching import Banner
from figures import ending, wording
from figures.results import Comparison


def show(page: Page) -> None:
    """Show the answer of the tab's run, and keep it up to date."""
    session, t = page.session, page.session.t
    run = session.run
    parts.heading(t("web.read.title") if run is None else t("web.read.of", place=run.place.title[t.language]))
    if run is None or (run.found is None and not run.is_active):
        parts.note(t("web.read.empty"), "empty")
        parts.button(t("web.read.to_run"), lambda: page.go("run"), "main")
        return
    if session.is_changed:
        parts.note(t("web.run.changed"), "warning")
    Banner(page)
    Answer(page)


class Answer:
    """Everything that is known, drawn anew when more is."""

    def __init__(self, page: Page) -> None:
        self._page, self._number = page, 0
        self._frame = ui.element("div").classes("answer")
        self._look()
        page.watch(self._frame, self._look)

    def _look(self) -> None:
        run = self._page.session.run
        found = None if run is None else run.found
        if found is None or found.number == self._number:
            return
        if self._number:
            self._page.keep_place()
        self._number = found.number
        self._frame.clear()
        with self._frame:
            _draw(self._page, found)


def _draw(page: Page, found: Found) -> None:
    session, t = page.session, page.session.t
    comparison = Comparison.model_validate(found.document)
    years = wording.late_years(comparison)
    control = comparison.control.title[t.language]
    for words in answers.flags(comparison, t):
        parts.note(words, "warning")
    parts.note(t("web.read.lead", control=control, delta=f"{comparison.delta:g}", **years))
    if ended := ending.note(comparison, t):
        parts.note(ended)
    answers.cards(comparison, t)
    with parts.card(t("web.read.side")):
        answers.table(comparison, t)
    with parts.card(t("web.read.quadrant")):
        confidence = wording.percent(1 - comparison.alpha)
        parts.note(t("web.read.quadrant_hint", confidence=confidence, delta=f"{comparison.delta:g}"))
        parts.chart(charts.quadrant(comparison, t), " ".join(answers.sentences(comparison, t)), "chart tall")
    parts.heading(t("web.read.detail"))
    session.policy = min(session.policy, len(comparison.policies) - 1)
    options = {str(n): f"{n + 1} · {p.title[t.language]}" for n, p in enumerate(comparison.policies)}
    select = parts.select(options, str(session.policy), t("web.read.policy"))
    frame = ui.element("div").classes("detail")

    def choose(number: int) -> None:
        session.policy = number
        frame.clear()
        with frame:
            _detail(page, found, comparison, number)

    select.on("change", lambda event: choose(int(event.args)), js_handler="(e) => emit(e.target.value)")
    choose(session.policy)
    if not found.first:
        takeaway.show(page)


def _detail(page: Page, found: Found, comparison: Comparison, number: int) -> None:
    """Show one policy: over time, on the map, school by school, why, at what price, and how sure."""
    t, policy = page.session.t, comparison.policies[number]
    with ui.element("div").classes("pair"):
        with parts.card(t("web.read.trajectories"), 3):
            parts.note(t("web.read.trajectories_hint"))
            parts.chart(charts.trajectories(policy, comparison, t), wording.sentence(policy, comparison, t))
            with parts.folded(t("web.numbers")):
                details.by_year(policy, t)
        with parts.card(t("web.read.map"), 3):
            details.map_of(page, found, comparison, number)
    SchoolTable(page, found, comparison, number)
    if not found.first:
        with ui.element("div").classes("pair"):
            details.why(page, policy)
            details.sure(page, policy)
    details.costs(policy, t)
    details.official(policy, comparison, t)

"""The page: its head, the four steps, and what is told; each step draws itself into the middle."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping

from nicegui import ui

from app.console import Language
from app.web import parts
from app.web.session import STEPS, Session

LOG = logging.getLogger("yangfeng.web")
POLL_SECONDS, AWAITED_SECONDS = 0.25, 0.05
"""Seconds between looks at the run: usually, and while its first answer is awaited."""
NAMES = {"en": "English", "zh": "中文"}
FORGET = "for (const name in mounted_app.$refs) if (!mounted_app.$refs[name]) delete mounted_app.$refs[name];"
"""In the browser: let go of the names of elements that are gone, which Vue else keeps as long as the tab is open."""

KEEP = (
    "{const y = scrollY; for (const ms of [50, 150, 400, 800]) setTimeout(() => {if (scrollY < y) scrollTo(0, y)}, ms)}"
)
"""In the browser: go back to where one was, once what was drawn anew is as high as before."""
BACK = "window.onpopstate = (e) => {if (e.state) emitEvent('went', e.state)}"
"""In the browser: back and forward lead from step to step."""


class Page:
    """The page of one tab.

    Parameters
    ----------
    session
        What the tab is doing.
    steps
        Step → what draws it.
    """

    def __init__(self, session: Session, steps: Mapping[str, Callable[[Page], None]]) -> None:
        self.session, self._steps = session, steps
        self._watchers: list[tuple[ui.element, Callable[[], None]]] = []
        self._client = ui.context.client
        self._frame = ui.element("div").classes("page")
        with ui.element("div").classes("unseen").props("role=status aria-live=polite"):
            self._said = ui.label("")
        self._timer = ui.timer(POLL_SECONDS, self._poll)
        ui.on_exception(self._failed)
        ui.on("went", lambda event: self._went(str(event.args)))
        self._client.run_javascript(BACK)

    def show(self, focus: str = "") -> None:
        """Draw everything anew, put the state into the address, and the keyboard where `focus`, an id, says."""
        session = self.session
        self._watchers.clear()
        self._frame.clear()
        with self._frame:
            self._head()
            self._nav()
            with ui.element("div").props("id=main tabindex=-1"):
                if not session.fault_title:
                    faults(self)
                self._step()
        title = f"{session.t('web.title')} · {session.t(f'web.step.{session.step}')}"
        language = json.dumps(session.language.value)
        self._client.run_javascript(f"document.documentElement.lang={language};document.title={json.dumps(title)}")
        self._client.run_javascript(FORGET)
        if focus:
            self._client.run_javascript(f"document.getElementById({json.dumps(focus)})?.focus({{preventScroll: true}})")
        self.remember()

    def _step(self) -> None:
        """Draw the step; where that fails the rest of the page stays, and the log says why."""
        try:
            self._steps[self.session.step](self)
        except Exception:
            LOG.exception("a step could not be drawn")
            parts.note(self.session.t("web.broken"), "warning")

    def _failed(self, error: Exception) -> None:
        """Tell whatever went wrong in anything that was pressed, chosen or given, and was not told by it."""
        before = self.session.faults
        self.session.fault(error)
        if self.session.faults != before:  # what goes wrong again and again must not draw again and again
            self.show()
            self.reveal(".faults", "nearest")

    def reveal(self, selector: str, where: str) -> None:
        """Scroll until something is seen: at the top of the window (`start`), or as little as it takes (`nearest`)."""
        options = json.dumps({"block": where})
        self._client.run_javascript(f"document.querySelector({json.dumps(selector)})?.scrollIntoView({options})")

    def put(self, ident: str, value: str) -> None:
        """Put a value into a field of the browser's own."""
        self._client.run_javascript(f"document.getElementById({json.dumps(ident)}).value = {json.dumps(value)}")

    def keep_place(self) -> None:
        """Keep what is seen where it is while something above or around it is drawn anew."""
        self._client.run_javascript(KEEP)

    def remember(self) -> None:
        """Put the state into the address, so that a reload or a link finds it, and back leads to the step before."""
        place = f"{json.dumps(self.session.step)},'',{json.dumps('?' + self.session.query())}"
        self._client.run_javascript(f"history.replaceState({place})")

    def go(self, step: str) -> None:
        """Go to a step, from its top."""
        if step != self.session.step:
            self._client.run_javascript(f"history.pushState({json.dumps(step)},'',location.search)")
        self._went(step)

    def _went(self, step: str) -> None:
        """Show a step that the browser's history is at already."""
        if step in STEPS:
            self.session.step = step
            self.show()
            self._client.run_javascript("window.scrollTo(0,0);document.getElementById('main').focus()")

    def onwards(self, step: str) -> None:
        """Show the button that leads to the next step."""
        t = self.session.t
        with ui.element("div").classes("onwards"):
            parts.button(t("web.next", step=t(f"web.step.{step}")), lambda: self.go(step), "main")

    def watch(self, owner: ui.element, look: Callable[[], None]) -> None:
        """Have something look at the run, now and then, for as long as its element is on the page."""
        self._watchers.append((owner, look))

    def tell(self, words: str) -> None:
        """Tell something in passing, to the eye and to screen readers."""
        self._said.set_text(words)
        with self._frame:
            ui.notify(words, position="bottom", timeout=4000, classes="told")

    def _poll(self) -> None:
        self.session.seen = time.monotonic()
        self._watchers = [(owner, look) for owner, look in self._watchers if not owner.is_deleted]
        for owner, look in list(self._watchers):
            if not owner.is_deleted:
                self._looked(owner, look)
        run = self.session.run
        is_awaited = run is not None and run.found is None and run.is_active
        self._timer.interval = AWAITED_SECONDS if is_awaited else POLL_SECONDS

    def _looked(self, owner: ui.element, look: Callable[[], None]) -> None:
        """Have something look; one that fails is told once and looks no more."""
        try:
            look()
        except Exception as error:
            self._watchers = [(other, then) for other, then in self._watchers if other is not owner]
            self.tell(self.session.message(error))

    def _head(self) -> None:
        session, t = self.session, self.session.t
        parts.html(t("web.skip"), "a", "skip").props("href=#main")
        with ui.element("header").classes("head"):
            with ui.element("div"):
                parts.html(t("web.title"), "h1")
                parts.html(t("web.subtitle"), "p")
            with ui.element("div").classes("languages").props("role=group") as group:
                group.props["aria-label"] = t("web.language")
                for code, name in NAMES.items():
                    self._language(code, name, code == session.language.value)

    def _language(self, code: str, name: str, is_chosen: bool) -> None:
        def choose() -> None:
            self.session.language = Language(code)
            self.show()

        button = parts.button(name, choose, "language")
        button.props["lang"], button.props["aria-pressed"] = code, str(is_chosen).lower()

    def _nav(self) -> None:
        session, t = self.session, self.session.t
        with ui.element("nav").classes("steps") as nav, ui.element("ol"):
            nav.props["aria-label"] = t("web.steps")
            for number, step in enumerate(STEPS, 1):
                with ui.element("li"), ui.element("button").on("click", lambda step=step: self.go(step)) as button:
                    button.props["type"] = "button"
                    if step == session.step:
                        button.props["aria-current"] = "step"
                    parts.html(str(number), "span", "number")
                    parts.html(t(f"web.step.{step}"), "span")


def faults(page: Page) -> None:
    """Show what is wrong with what was asked for or given, if anything is; what is wrong with a file has a title."""
    session, t = page.session, page.session.t
    if not session.faults:
        return

    def close() -> None:
        session.forget()
        page.show()

    with ui.element("section").classes("card faults").props("role=alert"):
        parts.heading(session.fault_title or t("web.wrong" if session.fault_hint else "web.error"))
        parts.html(session.faults, "pre")
        if session.fault_hint:
            parts.note(session.fault_hint)
        parts.button(t("web.close"), close)

"""How a run is going: words, a bar and a button to cancel, kept in place while only what they say changes."""

from __future__ import annotations

from markupsafe import escape
from nicegui import ui

from app.console import Language
from app.console import told as known
from app.web import parts
from app.web.page import Page
from app.web.run import Run
from experiments.progress import clock_time
from figures.text import Text


class Banner:
    """Shows a run's progress, and looks again whenever the page polls."""

    def __init__(self, page: Page) -> None:
        self._page, self._before = page, ""
        t = page.session.t
        with ui.element("section").classes("banner"):
            self._said = parts.html("", "p", "status").props("role=status")
            self._bar = ui.element("progress").props("max=100")
            self._bar.props["aria-label"] = t("web.run.bar")
            self._detail = parts.html("", "p", "note")
            self._cancel = parts.button(t("web.run.cancel"), self._stop, "cancel")
        self._look()
        page.watch(self._bar, self._look)

    def _stop(self) -> None:
        page = self._page
        if page.session.cancel():
            page.tell(page.session.t("web.run.stands_again"))
            page.show()

    def _look(self) -> None:
        t, run = self._page.session.t, self._page.session.run
        said = told(run, t)
        if said != self._before:
            self._before = said
            self._said.content = str(escape(said))
        active = run is not None and run.is_active
        self._bar.set_visibility(active)
        self._cancel.set_visibility(active)
        self._detail.set_visibility(active)
        if run is None or not active:
            return
        progress = run.progress
        if progress.total:
            value = str(round(100 * progress.done / progress.total))
            if self._bar.props.get("value") != value:
                self._bar.props["value"] = value
        detail = str(escape(_detail(run, t)))
        if detail != self._detail.content:
            self._detail.content = detail


def told(run: Run | None, t: Text) -> str:
    """Return in a sentence how a run is going."""
    if run is None:
        return t("web.run.empty")
    if run.status == "failed":
        said = None if run.error is None else known(run.error, Language(t.language))
        return t("web.failed", error=said or run.failure)
    if run.status == "busy":
        return t("web.busy")
    if run.status == "cancelled":
        return t("web.run.cancelled")
    if run.is_active and run.progress.stage != "compare":
        words = {"done": run.progress.done, "total": run.progress.total or "–"}
        return t("web.run.files") if run.progress.stage == "files" else t(f"web.run.{run.progress.stage}", **words)
    if not run.pool.warm:
        return t("web.run.preparing")
    if run.found is None:
        return t("web.run.starting" if run.status == "running" else "web.run.waiting")
    if run.found.first:
        return t("web.run.first", pairs=run.found.pairs)
    if run.is_active:
        return t("web.run.look", pairs=run.found.pairs, planned=run.progress.planned)
    return t("web.run.done", pairs=run.found.pairs)


def _detail(run: Run, t: Text) -> str:
    progress = run.progress
    if progress.total is None:
        return ""
    said = [t("web.run.progress", done=progress.done, total=progress.total)]
    if progress.left is not None:
        said.append(t("web.run.left", time=clock_time(progress.left)))
    return " · ".join(said)

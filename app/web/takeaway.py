"""What can be taken away: report, figures, data, scenario, a link, and the same as a command."""

from __future__ import annotations

import json

from nicegui import ui

from app.web import details, files, parts
from app.web.files import HTML, PDF, PLAIN, XLSX, ZIP
from app.web.page import Page
from app.web.state import LONGEST_LINK, OWN
from app.web.toml import with_settings


def show(page: Page) -> None:
    """Show everything that can be taken away from the answer."""
    session, t = page.session, page.session.t
    run = session.run
    if run is None:
        return
    with parts.card(t("web.take.title"), classes="take"):
        parts.note(t("web.take.lead"))
        frame = ui.element("div").classes("acts")
        state = {"filed": None}

        def look() -> None:
            if state["filed"] != run.is_filed:
                state["filed"] = run.is_filed  # type: ignore[assignment]
                frame.clear()
                with frame:
                    _files(page)

        look()
        page.watch(frame, look)
        _scenario(page)
        _link(page)
        _command(page)


def _files(page: Page) -> None:
    """Show what a worker makes: first the button to have it made, then what was made."""
    t, run = page.session.t, page.session.run
    if run is None:
        return
    if not run.is_filed:
        details.ask(page, t("web.take.prepare"), "files")
        return
    name, where, language = run.place.name, run.directory, t.language
    parts.download(t("web.take.report"), f"{name}.html", HTML, lambda: files.report(where, language, "html"))
    parts.download(t("web.take.printed"), f"{name}.pdf", PDF, lambda: files.report(where, language, "pdf"))
    parts.download(t("web.take.figures"), f"{name}-figures.zip", ZIP, lambda: files.figures(where))
    parts.download(t("web.take.workbook"), f"{name}.xlsx", XLSX, lambda: files.workbook(where, language))
    parts.download(t("web.take.tables"), f"{name}-data.zip", ZIP, lambda: files.tables(where))
    parts.note(t("web.take.report_hint"))
    parts.note(t("web.take.data_hint"))


def _scenario(page: Page) -> None:
    """Show the scenario with its numbers set; with the tables that belong to it, as an archive."""
    run = page.session.run
    if run is None:
        return
    place, settings, words = run.place, run.state.settings, page.session.t("web.take.scenario")
    with ui.element("div").classes("acts"):
        if len(place.files) == 1:
            text = place.path.read_text(encoding="utf-8")
            parts.download(words, f"{place.name}.toml", PLAIN, lambda: with_settings(text, settings).encode())
        else:
            parts.download(words, f"{place.name}.zip", ZIP, lambda: files.place(place, settings))


def _link(page: Page) -> None:
    session, t = page.session, page.session.t
    run = session.run
    if run is None:
        return
    query = run.state.query()
    if run.place.name == OWN or len(query) > LONGEST_LINK:
        parts.note(t("web.take.no_link" if run.place.name == OWN else "web.take.long_link"))
        return
    _copied(page, "link", t("web.take.link"), f"{session.address}?{query}&lang={t.language}")
    parts.note(t("web.take.link_hint"))


def _command(page: Page) -> None:
    t, run = page.session.t, page.session.run
    if run is None:
        return
    if run.place.folder is not None:
        packed = "own" if len(run.place.files) == 1 else "packed"
        parts.note(t(f"web.take.command_{packed}", file=run.place.called))
    command = run.state.command(run.place.called)
    _copied(page, "command", t("web.take.command"), command)


def _copied(page: Page, name: str, words: str, shown: str) -> None:
    """Show a text with a button that copies it."""
    t = page.session.t

    def tell() -> None:
        page.tell(t("web.take.copied"))

    with ui.element("div").classes("copied"):
        parts.heading(words, 3)
        parts.html(shown, "code", name).props("tabindex=0")
        button = parts.button(t("web.take.copy"), tell, label=f"{t('web.take.copy')}: {words}")
        button.on("click", js_handler=f"() => navigator.clipboard?.writeText({json.dumps(shown)})")

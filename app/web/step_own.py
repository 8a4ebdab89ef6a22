"""Step 1, a place of one's own: empty rosters to fill in, files taken in, and what is wrong with them told here."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

from nicegui import events, ui

from app.importing import LONGEST_TITLE
from app.web import files, parts, rosters
from app.web.guard import LARGEST_BODY
from app.web.page import Page, faults


def show(page: Page) -> None:
    """Show the way to one's own place."""
    session, t = page.session, page.session.t
    with parts.card(t("web.place.own"), classes="own"):
        if session.service.importer is None:
            parts.note(t("web.place.own_lead"))
        else:
            parts.note(t("web.place.own_rosters"))
            _templates(page)
            _title(page)
        _upload(page)
        if session.fault_title:
            faults(page)


def _templates(page: Page) -> None:
    """Show what gives rosters to fill in, and an example of them filled in."""
    t = page.session.t
    with ui.element("div").classes("acts"):
        for name, demo in (("template", False), ("example", True)):
            content = functools.partial(files.rosters, t.language, demo)
            parts.download(t(f"web.place.{name}"), f"{name}.zip", files.ZIP, content)


def _title(page: Page) -> None:
    """Show the field for what reports call the place."""
    session, t = page.session, page.session.t

    def change(event: Any) -> None:  # noqa: ANN401 - NiceGUI's event carries what the browser sent
        session.own_title = "".join(filter(str.isprintable, str(event.args)))[:LONGEST_TITLE].strip()

    with ui.element("div").classes("number"):
        parts.html(t("web.place.name"), "label").props("for=own-title")
        field = (
            ui.element("input").props(f"type=text id=own-title maxlength={LONGEST_TITLE}").classes("entry wide-entry")
        )
        field.props["placeholder"] = t("web.place.name_hint")
        field.props["value"] = session.own_title
        field.on("change", change, js_handler="(e) => emit(e.target.value)")


def _upload(page: Page) -> None:
    """Show the button that takes files in."""
    session, t = page.session, page.session.t
    endings = rosters.kinds(session.service.importer)

    async def take(event: events.MultiUploadEventArguments) -> None:
        given = [rosters.Upload(file.name, await file.read()) for file in event.files]
        if not await asyncio.to_thread(session.bring, given):
            page.show()
            page.reveal(".faults", "nearest")
            return
        page.tell(t("web.place.uploaded", name=t("phrase.comma").join(map(rosters.name_of, given))))
        page.show()
        page.reveal(".known", "start")

    limit = f"{rosters.LARGEST // 1024**2} MB"
    upload = ui.upload(
        multiple=True, auto_upload=True, max_files=rosters.MOST_FILES, max_file_size=rosters.LARGEST,
        on_multi_upload=take,
        on_rejected=lambda: page.tell(t("web.place.rejected", limit=limit, kinds=", ".join(endings))),
    ).props(f'accept="{",".join(endings)}"').classes("hidden")  # fmt: skip
    most = f"{LARGEST_BODY // 1024**2} MB"
    upload.on("failed", lambda: page.tell(t("web.place.not_arrived", limit=most)))
    button = parts.button(t("web.place.upload"), lambda: None, "upload main")
    button.on("click", js_handler=f"() => getElement({upload.id}).$refs.qRef.pickFiles()")

"""The server of the page: all it needs is on this machine, and only this machine is served unless told otherwise."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import Request
from nicegui import app, ui

from app.comparing import plan_of, study_of
from app.console import BadInputError, Language, brief
from app.web import parts, places, step_place, step_policies, step_read, step_run
from app.web.guard import Guard, names_of
from app.web.memory import share_arenas
from app.web.page import Page
from app.web.pool import Pool
from app.web.rosters import Importer
from app.web.runs import Runs
from app.web.session import Service
from app.web.state import YEARS, State
from app.web.tabs import Tabs
from app.where import INITIALISER, Where
from app.work import runs_at
from experiments.comparison import Comparison
from experiments.files import prepare_directory
from experiments.jobs import Job
from figures.fonts import BUNDLED
from figures.text import text

LOG = logging.getLogger("yangfeng.web")
STEPS: dict[str, Callable[[Page], None]] = {
    "place": step_place.show,
    "policies": step_policies.show,
    "run": step_run.show,
    "read": step_read.show,
}
STATIC = Path(__file__).parent / "static"
MOST_AT_ONCE = 32
CONNECTED_WITHIN = 30.0
"""Seconds until a page that nobody looks at, such as a probe's, is given up."""
WARMED_ON = "shuangtaizi_two_schools"


def serve(
    scenario: str, host: str, port: int, results: Path | None, browse: bool, language: Language,
    importer: Importer | None, ready: Callable[[], None],
) -> None:  # fmt: skip
    """Serve the page until interrupted.

    Parameters
    ----------
    scenario
        Bundled name or file to begin with; empty for none.
    host, port
        Where to listen.
    results
        Where results directories are kept; None for a folder that goes with the server.
    browse
        Whether to open a browser.
    language
        Language to begin with.
    importer
        Reads rosters, if there is one.
    ready
        Called once the page is there.

    Raises
    ------
    BadInputError
        If the port is taken.
    ScenarioError
        If there is no such scenario.
    """
    share_arenas()
    known, name = _known(scenario)
    _check_free(host, port)
    with runs_at(Where()):  # compiled once a machine, by all workers together
        warm = warming()
    with _folder(results) as root:
        pool = Pool(os.cpu_count() or 1, MOST_AT_ONCE, INITIALISER, warm)
        runs = Runs(pool, root, keep=results is not None)
        _pages(Service(known, runs, name, language, importer))
        app.add_middleware(Guard, names=names_of(host))
        app.on_startup(ready)
        app.on_shutdown(pool.close)
        ui.run(
            host=host, port=port, show=browse, reload=False, title="Yangfeng", favicon=STATIC / "icon.svg",
            tailwind=False, show_welcome_message=False, reconnect_timeout=30.0,
        )  # fmt: skip


def _known(scenario: str) -> tuple[places.Places, str]:
    """Return the places, and the name of the one to begin with."""
    known = places.bundled()
    if not scenario:
        return known, ""
    if scenario in known.known:
        return known, scenario
    place = places.of_file(Path(scenario), scenario)
    return known.added(place), place.name


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadInputError("bad_port", value=f"{host}:{port}", reason=error.strerror or "–") from None


@contextmanager
def _folder(results: Path | None) -> Iterator[Path]:
    if results is not None:
        prepare_directory(results)
        yield results
        return
    with tempfile.TemporaryDirectory(prefix="yangfeng-web-") as folder:
        yield Path(folder)


def warming() -> Job:
    """Return a small pair of runs, by which workers load what is compiled before anybody waits for them."""
    scenario = places.bundled()[WARMED_ON].scenario()
    study = study_of(scenario, State(WARMED_ON, tuple(scenario.compare), years=YEARS[0]).wish())
    return Comparison(study, plan_of("auto")).job(0, [arm.name for arm in study.arms])


def _pages(service: Service) -> None:
    """Declare the page and the files it needs."""
    tabs = Tabs(service)
    app.add_static_files("/yangfeng", STATIC)
    app.add_static_file(local_file=BUNDLED, url_path="/yangfeng/font.ttf")
    ui.add_css(STATIC / "page.css", shared=True)
    # The library's own bar over the window is decoration: without a name it would only puzzle a screen reader.
    app.config.quasar_config["loadingBar"]["aria-hidden"] = "true"

    @ui.page("/", response_timeout=30.0)
    async def index(request: Request) -> None:
        client = ui.context.client
        await client.connected(CONNECTED_WITHIN)
        if not client.has_socket_connection:
            return
        try:
            # A link may ask for groups that take a while to propose.
            session = await asyncio.to_thread(tabs.session, app.storage.tab, request.url.query)
        except Exception as error:
            LOG.exception("a tab could not be opened")
            parts.html(text(service.language.value)("web.unexpected", error=brief(error)), "pre").props("role=alert")
            return
        session.address = str(request.url.replace(query=None))
        Page(session, STEPS).show()

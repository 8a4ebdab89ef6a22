"""The page in a browser: memory of its server and of a tab over many runs, and seconds until a first answer.

`python -m benchmarks.browser tab 200` runs that many questions one after the other in one tab, `… tabs 200` each in a
tab of its own that is then closed, and `… first` presses Run on every county and city.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.page import EVERY, QUESTION, RUNS

CHROMIUM = os.environ.get("YANGFENG_CHROMIUM") or shutil.which("chromium")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PLACES = (
    "shuangtaizi_two_schools", "yuyao_2020", "lishui_2019_primary", "lishui_2019_preschool", "jiangjin_districts",
    "chongqing_2021", "shenzhen_preschool",
)  # fmt: skip
ROUNDS, STARTED_WITHIN, WARM_AFTER, REST = 3, 240.0, 10.0, 5.0
MEGA = 2**20
TIMED = """() => {
    const run = document.querySelector('button.run');
    run.addEventListener('click', () => {
        const began = performance.now();
        const drawn = new MutationObserver(() => {
            if (!document.querySelector('table .verdict')) return;
            drawn.disconnect();
            requestAnimationFrame(() => setTimeout(() => { window.waited = (performance.now() - began) / 1000; }));
        });
        drawn.observe(document.body, {childList: true, subtree: true});
    }, {capture: true});
}"""
"""From the press of Run until the first table of verdicts is painted."""


@contextmanager
def served(log: Path) -> Iterator[tuple[str, int]]:
    """Serve the page in a process of its own; give its address and the process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "app.cli", "web", "--no-open", "--port", str(port), "--lang", "en"]
    # The page's library behaves otherwise where it sees pytest.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out, env=plain) as server:
        site = f"http://127.0.0.1:{port}"
        try:
            _await(site, server)
            yield site, server.pid
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)


def _await(site: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTED_WITHIN
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(site, timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise TimeoutError("the page did not start")


def resident(process: int) -> float:
    """Return the memory of a process, MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGA


def of_tab(page: Page) -> tuple[float, float]:
    """Return what a tab holds once its garbage is collected: MB of its scripts, and nodes of documents."""
    sight = page.context.new_cdp_session(page)
    sight.send("Performance.enable")
    sight.send("HeapProfiler.collectGarbage")
    found = {one["name"]: one["value"] for one in sight.send("Performance.getMetrics")["metrics"]}
    sight.detach()
    return found["JSHeapUsedSize"] / MEGA, found["Nodes"]


def run_and_read(page: Page) -> None:
    """Press Run, wait until all is computed, and read the answer."""
    # Locators only: a handle would keep what it points at in the tab's memory.
    page.locator("button.run").click()
    page.locator("button.read").wait_for()
    page.wait_for_timeout(300)
    page.wait_for_function("!document.querySelector('progress').checkVisibility()")
    page.locator("button.read").click()
    page.locator(".answer .verdicts").wait_for()


def _ask_anew(page: Page, seed: int) -> None:
    page.locator("nav.steps li:nth-child(2) button").click()
    entry = page.locator("[id=e-seed]")
    entry.wait_for(state="attached")
    entry.evaluate(f"one => {{ one.value = '{seed}'; one.dispatchEvent(new Event('change')); }}")
    page.wait_for_url(f"**seed={seed}**")
    page.locator("nav.steps li:nth-child(3) button").click()
    page.locator("button.run").wait_for()


def in_one_tab(browser: Browser, site: str, process: int, count: int) -> Iterator[dict[str, float]]:
    """Run questions in one tab; give memory now and then."""
    page = browser.new_page(base_url=site)
    page.goto(f"/?{QUESTION}")
    for number in range(1, count + 1):
        if number > 1:
            _ask_anew(page, number)
        run_and_read(page)
        if number % EVERY == 0:
            heap, nodes = of_tab(page)
            yield {"runs": number, "server_mb": resident(process), "tab_mb": heap, "tab_nodes": nodes}


def in_many_tabs(browser: Browser, site: str, process: int, count: int) -> Iterator[dict[str, float]]:
    """Run questions each in a tab that is then closed; give memory now and then."""
    for number in range(1, count + 1):
        page = browser.new_page(base_url=site)
        page.goto(f"/?{QUESTION}&seed={number}")
        run_and_read(page)
        page.close()
        if number % EVERY == 0:
            yield {"runs": number, "server_mb": resident(process)}


def first_answers(browser: Browser, site: str) -> Iterator[dict[str, Any]]:
    """Press Run on every place, each time with a fresh seed; give the seconds until verdicts are seen."""
    for place in PLACES:
        seconds = []
        for _ in range(ROUNDS):
            page = browser.new_page(base_url=site)
            page.goto(f"/?place={place}&seed={time.time_ns() % 10**9}")
            page.locator("button.run").wait_for()
            time.sleep(1.0)
            page.evaluate(TIMED)
            page.locator("button.run").click()
            page.wait_for_function("window.waited")
            seconds.append(round(page.evaluate("window.waited"), 2))
            if page.locator("button.cancel").is_visible():
                page.locator("button.cancel").click()
            time.sleep(REST)  # until workers are done with what is under way
            page.close()
        yield {"place": place, "seconds": seconds}


def main(what: str, count: int) -> None:
    """Measure, a line of JSON at a time."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "log") as (site, process),
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS) as browser,
    ):
        time.sleep(WARM_AFTER)
        soaks = {"tab": in_one_tab, "tabs": in_many_tabs}
        found = first_answers(browser, site) if what == "first" else soaks[what](browser, site, process, count)
        for line in found:
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else RUNS)  # noqa: PLR2004

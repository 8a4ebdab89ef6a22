"""Soak of the page: many runs one after the other, and the memory of its server; how soon a county's first answer is.

`python -m benchmarks.page RUNS` prints the memory along the way; RESULTS.md has the table of 200 runs. No browser takes
part: what is measured is what the page does for one.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.console import Language
from app.web import places
from app.web.pool import Pool
from app.web.run import Run
from app.web.runs import Runs
from app.web.server import warming
from app.web.session import Service, Session
from app.web.tabs import Tabs
from app.where import INITIALISER
from benchmarks.measure import Finding

PLACE, COUNTY = "shuangtaizi_two_schools", "yuyao_2020"
QUESTION = f"place={PLACE}&replicates=8&years=4"
RUNS, EVERY, ROUNDS = 200, 20, 5
MOST_GROWTH, MOST_SECONDS = 2.0, 2.0


@dataclass(frozen=True)
class Soak:
    """Memory after every `EVERY` runs, MB; seconds of each run but the first; runs that were left behind."""

    memory: list[float]
    seconds: list[float]
    left: int


def resident() -> float:
    """Return the memory of this process, MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


@contextmanager
def served(workers: int) -> Iterator[tuple[Tabs, Runs]]:
    """Give what the server of the page has: tabs and runs, on workers that are warm."""
    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(workers, 8, INITIALISER, warming())
        runs = Runs(pool, Path(folder), keep=False)
        while pool.warm < workers:
            time.sleep(0.1)
        yield Tabs(Service(places.bundled(), runs)), runs
        pool.close()


def soak(count: int) -> Soak:
    """Run so many questions, each in a tab of its own that is then left."""
    memory: list[float] = []
    seconds: list[float] = []
    with served(1) as (tabs, runs):
        for number in range(count):
            session, began = tabs.session({}, f"{QUESTION}&seed={number}"), time.monotonic()
            run = _asked(session)
            run.wait()
            assert run.status == "done", run.error
            seconds.append(time.monotonic() - began)
            session.leave()
            if number % EVERY == EVERY - 1:
                gc.collect()
                memory.append(round(resident(), 1))
        return Soak(memory, seconds[1:], len(runs))


def first_answers() -> list[float]:
    """Return the seconds from the wish to the first answer about a county, its own policies compared."""
    found = []
    with served(2) as (tabs, _):
        for number in range(ROUNDS):
            session, began = tabs.session({}, f"place={COUNTY}&seed={number}"), time.monotonic()
            run = _asked(session)
            while run.found is None and run.is_active:
                time.sleep(0.01)
            found.append(time.monotonic() - began)
            run.cancel()
            run.wait()
    return found


def _asked(session: Session) -> Run:
    session.language = Language.ZH
    session.begin()
    assert session.run is not None, session.faults
    return session.run


def run() -> list[Finding]:
    """Return the findings."""
    found, first = soak(RUNS), first_answers()
    growth = max(found.memory) - found.memory[0]
    return [
        _finding(f"memory of the server over {RUNS} runs", found.memory, "MB", note=f"every {EVERY} runs"),
        Finding("growth of it", growth, growth, growth, "MB", at_most=MOST_GROWTH, note=f"after run {EVERY}"),
        _finding(f"a run, {PLACE}", found.seconds, "s", note="8 pairs, 4 years"),
        _finding(f"first answer, {COUNTY}", first, "s", MOST_SECONDS, "6 policies, 2 workers, without the browser"),
    ]


def _finding(what: str, values: list[float], unit: str, most: float | None = None, note: str = "") -> Finding:
    return Finding(what, min(values), statistics.median(values), max(values), unit, at_most=most, note=note)


if __name__ == "__main__":
    done = soak(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
    print(json.dumps({"memory_mb": done.memory, "slowest_s": round(max(done.seconds), 2), "left": done.left}))

"""Soak of the page: many runs one after the other, and the memory of the server; `python -m benchmarks.page RUNS`."""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from pathlib import Path

from app.console import Language
from app.web import places
from app.web.pool import Pool
from app.web.runs import Runs
from app.web.server import warming
from app.web.session import Service, Session
from app.web.tabs import Tabs
from app.where import INITIALISER

PLACE = "shuangtaizi_two_schools"
QUESTION = f"place={PLACE}&replicates=8&years=4"
EVERY = 20


def resident() -> float:
    """Return the memory of this process, MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def soak(count: int) -> dict[str, object]:
    """Run so many questions, each in a tab of its own that is then left; return memory along the way."""
    memory: list[float] = []
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(1, 8, INITIALISER, warming())
        runs = Runs(pool, Path(folder), keep=False)
        tabs = Tabs(Service(places.bundled(), runs))
        for number in range(count):
            session = tabs.session({}, f"{QUESTION}&seed={number}")
            seconds.append(_asked(session))
            session.leave()
            if number % EVERY == EVERY - 1:
                gc.collect()
                memory.append(round(resident(), 1))
        left = len(runs)
        pool.close()
    return {"runs": count, "memory_mb": memory, "left": left, "slowest_s": round(max(seconds[1:]), 2)}


def _asked(session: Session) -> float:
    began = time.monotonic()
    session.language = Language.ZH
    session.begin()
    run = session.run
    assert run is not None, session.faults
    run.wait()
    assert run.status == "done", run.error
    return time.monotonic() - began


if __name__ == "__main__":
    print(json.dumps(soak(int(sys.argv[1]) if len(sys.argv) > 1 else 200)))

"""All runs of the page: each under a name nobody can guess, so many at most, and none kept that nobody looks at."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from pathlib import Path

from app.web.places import Place
from app.web.pool import Pool
from app.web.run import Run
from app.web.state import State

MOST_RUNS = 48
UNSEEN_SECONDS = 1800.0


class Runs:
    """Runs by token.

    Parameters
    ----------
    pool
        Where their jobs go.
    root
        Where results directories are made.
    keep
        Whether results directories outlive their runs.
    """

    def __init__(self, pool: Pool, root: Path, keep: bool) -> None:
        self.pool, self.root, self.keep = pool, root, keep
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._runs)

    def begin(self, place: Place, state: State) -> tuple[str, Run]:
        """Begin a comparison; return its token and the run."""
        token = secrets.token_urlsafe(16)
        directory = self.root / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
        run = Run(place, state, self.pool, directory)
        with self._lock:
            self._runs[token] = run
        self.sweep()
        run.start("compare")
        return token, run

    def get(self, token: str) -> Run | None:
        """Return a run that is still there."""
        run = self._runs.get(token)
        if run is not None:
            run.seen = time.monotonic()
        return run

    def drop(self, token: str) -> None:
        """Stop a run and forget it."""
        with self._lock:
            run = self._runs.pop(token, None)
        if run is not None:
            run.cancel()
            threading.Thread(target=self._removed, args=(run,), daemon=True).start()

    def sweep(self) -> None:
        """Forget runs that nobody has looked at for long, and the longest unseen beyond the number kept."""
        by_age = sorted(self._runs.items(), key=lambda item: item[1].seen)
        now, excess = time.monotonic(), len(by_age) - MOST_RUNS
        for number, (token, run) in enumerate(by_age):
            if number < excess or now - run.seen > UNSEEN_SECONDS:
                self.drop(token)

    def _removed(self, run: Run) -> None:
        run.wait()
        if not self.keep:
            shutil.rmtree(run.directory, ignore_errors=True)

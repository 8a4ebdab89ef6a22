"""Time things in turns, and say what came out: lowest, median and highest over the rounds."""

import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

LIBRARIES = ("numpy", "numba", "mesa")
ROUNDS = 7
LEAST_SECONDS = 0.25


class Spent(NamedTuple):
    """Seconds of processor and of clock, children included."""

    cpu: float
    wall: float


class Finding(NamedTuple):
    """One line of the results. `target` is what was hoped for: at least or at most so much; None for no target."""

    what: str
    low: float
    median: float
    high: float
    unit: str = "×"
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the median meets the target; None without one."""
        if self.at_least is None and self.at_most is None:
            return None
        return (self.at_least is None or self.median >= self.at_least) and (
            self.at_most is None or self.median <= self.at_most
        )


def _clock() -> Spent:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(time.process_time() + children.ru_utime + children.ru_stime, time.perf_counter())


def spent(work: Callable[[], object]) -> Spent:
    """Return what one call takes."""
    before = _clock()
    work()
    after = _clock()
    return Spent(after.cpu - before.cpu, after.wall - before.wall)


def repeats(work: Callable[[], object]) -> int:
    """Return how many calls it takes to be timed well; makes two calls, the first to warm up."""
    work()
    return max(1, round(LEAST_SECONDS / max(1e-6, spent(work).cpu)))


def in_turns(works: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, list[Spent]]:
    """Return what one call of each takes, by round; all are timed in every round, so that a busy machine slows all."""
    counts = {name: repeats(work) for name, work in works.items()}
    found: dict[str, list[Spent]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            count = counts[name]
            total = spent(lambda work=work, count=count: [work() for _ in range(count)])  # type: ignore[misc]
            found[name].append(Spent(total.cpu / count, total.wall / count))
    return found


def cpu(times: Sequence[Spent]) -> list[float]:
    """Return the processor seconds."""
    return [one.cpu for one in times]


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Return the ratio in each round."""
    return [a / b for a, b in zip(above, below, strict=True)]


def finding(what: str, values: Sequence[float], unit: str = "×", **more: Any) -> Finding:  # noqa: ANN401
    """Return the finding of values by round."""
    return Finding(what, min(values), statistics.median(values), max(values), unit, **more)


def machine() -> dict[str, str]:
    """Return what the numbers were measured on; nothing that names the machine."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    } | {name: version(name) for name in LIBRARIES}


def _processor() -> str:
    table = Path("/proc/cpuinfo")
    if not table.exists():
        return platform.processor() or platform.machine()
    lines = [line.partition(":")[2].strip() for line in table.read_text().splitlines() if line.startswith("model name")]
    return lines[0] if lines else platform.machine()


def _memory() -> str:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return "unknown"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def tell(text: str) -> None:
    """Say on standard error what is going on."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()

"""Time per teacher-term from four thousand to four million teachers: copies of one county side by side."""

from collections.abc import Callable
from functools import partial

from benchmarks.measure import Finding, cpu, finding, in_turns, ratios, tell
from benchmarks.start import CORE, Start, county, term_of, tiled
from model.process import Process
from model.schedule import TERM
from model.simulation import TERMS_PER_YEAR, term
from model.world import Pool

COPIES = (1, 10, 100, 1000)
POSTS = 3_900
ROUNDS = 5
NANO = 1e9
MOST_RATIO = 1.5


def _year(start: Start, schedule: tuple[Process, ...]) -> Callable[[], object]:
    """Return a call that runs the two terms after the start: a spring and an autumn."""
    pool = Pool()

    def once() -> None:
        world = start.world
        for number in range(1, TERMS_PER_YEAR + 1):
            world = term(world, start.attributes, start.parameters, term_of(start, number), pool, schedule)
        pool.commit(world, {name: table._asdict() for name, table in world._asdict().items()})

    return once


def _findings(starts: list[Start], schedule: tuple[Process, ...], name: str, target: float | None) -> list[Finding]:
    tell(f"  {name}")
    runs = {str(number): _year(start, schedule) for number, start in enumerate(starts)}
    times = [cpu(found) for found in in_turns(runs, ROUNDS).values()]
    units = [NANO / (start.teachers * TERMS_PER_YEAR) for start in starts]
    each = [[unit * t for t in found] for unit, found in zip(units, times, strict=True)]
    spread = ratios([max(by) for by in zip(*each, strict=True)], [min(by) for by in zip(*each, strict=True)])
    growth = f"{name}: {starts[-1].teachers:,} / {starts[0].teachers:,} teachers"
    return [
        finding(growth, ratios(each[-1], each[0]), at_most=target),
        finding(
            f"{name}: {starts[-1].teachers:,} / {starts[1].teachers:,} teachers",
            ratios(each[-1], each[1]),
            note="what a call costs whatever the size no longer counts in the smaller one",
        ),
        finding(f"{name}: slowest / quickest size", spread),
    ] + [
        finding(f"{name}, {start.teachers:,} teachers", found, "ns per teacher-term")
        for start, found in zip(starts, each, strict=True)
    ]


def run() -> list[Finding]:
    """Time a whole year, and the core of its terms, at four sizes in turns."""
    sizes = partial(tiled, county(posts=POSTS))
    starts = [sizes(copies) for copies in COPIES]
    return _findings(starts, TERM, "whole year", MOST_RATIO) + _findings(starts, CORE, "core", MOST_RATIO)

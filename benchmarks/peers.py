"""The core of a term, run by the model's kernels and by three peers that give the same numbers."""

import tracemalloc
from collections.abc import Callable
from typing import Any

from benchmarks.fused import LEARNING, Fused
from benchmarks.measure import Finding, cpu, finding, in_turns, ratios, tell
from benchmarks.mesa_agents import MesaAgents
from benchmarks.start import Kernels, Peer, Start, county, greatest_difference, term_of, tiled
from benchmarks.vectorised import Vectorised
from model.processes.learning import learning
from model.world import Pool

PEERS: dict[str, Callable[[Start], Peer]] = {
    "plain Mesa": MesaAgents,
    "vectorised NumPy": Vectorised,
    "fused scalar loop": Fused,
}
TARGETS = {"plain Mesa": 40.0, "vectorised NumPy": 1.5, "fused scalar loop": 1.0}
TOLERANCE = 1e-9
VERIFIED_TERMS = 3
COPIES = (1, 20)
NANO = 1e9
# Everything that the core can do, so that agreement means something.
EVERYTHING = ("as_planned", "national_rule+itinerant", "cultivation+training_cycle+uplift_files+supervision")


def verify(start: Start, peer: Peer, terms: int = VERIFIED_TERMS) -> float:
    """Run a peer beside the kernels and return the greatest difference in anything that they write.

    Raises
    ------
    ValueError
        If a column differs by more than 1e-9: the two do not do the same.
    """
    kernels, worst = Kernels(start), 0.0
    for number in range(1, terms + 1):
        now = term_of(start, number)
        kernels.advance(now)
        peer.advance(now)
        gap, column = greatest_difference(kernels, peer)
        if not gap <= TOLERANCE:
            raise ValueError(f"{type(peer).__name__} differs by {gap:.2g} in {column}, term {number}")
        worst = max(worst, gap)
    return worst


def _running(peer: Peer, start: Start) -> Callable[[], None]:
    """Return a call that runs one more term."""
    number = 0

    def one_more() -> None:
        nonlocal number
        number += 1
        peer.advance(term_of(start, number))

    return one_more


def _learning(start: Start, process: Any) -> Callable[[], object]:  # noqa: ANN401
    """Return a call that runs learning alone, over and over from the start."""
    pool, now = Pool(), term_of(start, 1)

    def once() -> None:
        for columns in process.step(start.world, start.attributes, start.parameters, now, pool).values():
            pool.release(*columns.values())

    return once


def _compare(start: Start) -> list[Finding]:
    runs: dict[str, Callable[[], object]] = {"kernels": _running(Kernels(start), start)}
    runs |= {name: _running(make(start), start) for name, make in PEERS.items()}
    runs["learning"], runs["fused learning"] = _learning(start, learning), _learning(start, LEARNING)
    times = {name: cpu(found) for name, found in in_turns(runs).items()}
    size = f"{start.teachers:,} teachers"
    out = [
        finding(f"{name} / kernels, {size}", ratios(times[name], times["kernels"]), at_least=TARGETS[name])
        for name in PEERS
    ]
    out.append(finding(f"learning alone: fused / kernels, {size}", ratios(times["fused learning"], times["learning"])))
    return out + [
        finding(f"{name}, {size}", [NANO * t / start.teachers for t in times[name]], "ns per teacher-term")
        for name in ("kernels", "learning", *PEERS)
    ]


def world_bytes(start: Start) -> int:
    """Return the bytes of a world's columns."""
    return sum(array.nbytes for table in start.world for array in table)


def _memory(start: Start) -> list[Finding]:
    tracemalloc.start()
    peer = MesaAgents(start)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del peer
    ratio, size = held / world_bytes(start), world_bytes(start) / start.teachers
    return [
        finding("memory held: plain Mesa / columns", [ratio]),
        finding("columns of a world", [size], "bytes per teacher", note="ties, schools and index included"),
    ]


def run() -> list[Finding]:
    """Verify every peer, then time all of them in turns on one county and on twenty."""
    out = []
    for name, make in PEERS.items():
        worst = max(verify(county(*EVERYTHING), make(county(*EVERYTHING))), verify(county(), make(county())))
        out.append(finding(f"greatest difference, {name}", [worst], "in any column", at_most=TOLERANCE))
    for copies in COPIES:
        tell(f"  {copies} counties")
        out += _compare(tiled(county(), copies))
    return out + _memory(county())

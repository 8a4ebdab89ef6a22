from collections.abc import Callable, Mapping
from functools import partial
from itertools import groupby

import numpy as np
import pytest

from benchmarks.__main__ import report
from benchmarks.measure import Finding, finding, in_turns
from benchmarks.peers import EVERYTHING, PEERS, TOLERANCE, verify
from benchmarks.start import Kernels, Peer, Start, county, term_of, tiled
from model.columns import Floats


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("make", PEERS.values(), ids=PEERS.keys())
def test_every_peer_gives_the_numbers_of_the_kernels(make: Callable[[Start], Peer]) -> None:
    start = county(*EVERYTHING)
    assert (start.world.teachers.visiting >= 0).any(), "the policy is to send visitors"
    assert start.attributes.cultivation.any() and start.attributes.training.any() and start.attributes.uplift.any()
    assert verify(start, make(start)) <= TOLERANCE


class _Off(Kernels):
    """Kernels that are off by a little in one school."""

    def columns(self) -> Mapping[str, Floats]:
        out = dict(super().columns())
        out["schools.quality"] = out["schools.quality"] + 1e-8 * (np.arange(len(out["schools.quality"])) == 1)
        return out


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_peer_that_is_off_is_refused() -> None:
    start = county(posts=100)
    with pytest.raises(ValueError, match="in schools"):
        verify(start, _Off(start))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_copies_of_a_county_are_counties_of_their_own() -> None:
    start = county(posts=100)
    many = tiled(start, 3)
    assert many.teachers == 3 * start.teachers
    assert len(np.unique(many.world.teachers.id)) == many.teachers
    assert (
        many.world.schools.county[many.world.ties.source] == many.world.schools.county[many.world.ties.target]
    ).all()
    kernels = Kernels(many)
    kernels.advance(term_of(many, 1))
    quality = kernels.world.schools.quality.reshape(3, -1)
    assert (quality[0] != quality[1]).any(), "copies draw other numbers"
    assert np.abs(quality - quality[0]).max() < 0.1


def test_a_finding_is_the_lowest_median_and_highest() -> None:
    assert finding("x", [3.0, 1.0, 2.0])[:4] == ("x", 1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("found", "met"),
    [
        (Finding("x", 1.0, 2.0, 3.0), None),
        (Finding("x", 1.0, 2.0, 3.0, at_least=2.0), True),
        (Finding("x", 1.0, 2.0, 3.0, at_least=2.5), False),
        (Finding("x", 1.0, 2.0, 3.0, at_most=1.5), False),
    ],
)
def test_targets_are_held_against_the_median(found: Finding, met: bool | None) -> None:
    assert found.met is met


def test_the_page_says_which_target_is_missed() -> None:
    missed = Finding("x / y", 1.0, 1.2, 1.4, at_least=1.5)._asdict()
    page = report({"peers": {"machine": {"processor": "any"}, "findings": [missed]}})
    assert "| x / y | 1 | 1.2 | 1.4 | × | ≥ 1.5 ✗ |" in page


def test_all_take_turns_in_every_round() -> None:
    calls: list[str] = []

    def work(name: str) -> None:
        calls.append(name)
        sum(range(5 * 10**6))

    times = in_turns({"a": partial(work, "a"), "b": partial(work, "b")}, rounds=3)
    assert {name: len(found) for name, found in times.items()} == {"a": 3, "b": 3}
    assert [name for name, _ in groupby(calls)] == ["a", "b"] * (1 + 3), "warming up, then three rounds"

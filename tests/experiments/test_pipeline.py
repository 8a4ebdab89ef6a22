"""The whole way: design, jobs in any order on several workers, ledger, table, analysis. Known indices come back."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments import sampling
from experiments.design import Design, DesignError, Factor, Floats, Value
from experiments.indices import indices
from experiments.outcomes import outcomes
from experiments.points import column, point_row, run_rows
from experiments.results import Manifest, open_results
from experiments.runner import Place, run
from experiments.store import canonical_sha256
from experiments.sweep import Prepared, Sweep
from tests.experiments import functions

NAMES = ("d_peak", "d_valley", "d_mean")
Places = tuple[Place, int]
ALONE: Places = ("inline", 1)
MANIFEST = Manifest({"study": "functions"}, {"study": 0}, "0" * 64)


def factors(count: int) -> list[Factor]:
    return [Factor(f"x{n}", 0.0, 1.0) for n in range(count)]


class Shuffling(ThreadPoolExecutor):
    """Finishes tasks in an order of its own: holds back eight and lets a middle one go first."""

    def __init__(self) -> None:
        super().__init__(1)
        self._held: list[tuple[Future[Any], Callable[[], Any]]] = []
        self._guard = threading.Lock()

    def submit(self, function: Callable[..., Any], /, *args: object, **keywords: object) -> Future[Any]:
        future: Future[Any] = Future()
        with self._guard:
            self._held.append((future, partial(function, *args, **keywords)))
        super().submit(self._finish_one)
        return future

    def _finish_one(self) -> None:
        with self._guard:
            future, call = self._held.pop((7 * len(self._held) + 3) % len(self._held))
        future.set_result(call())


def swept(
    directory: Path, sweep: Sweep, executor: Place = "inline", workers: int = 1
) -> tuple[list[dict[str, Any]], str]:
    """Run a sweep; return its points and the hash of its runs."""
    with open_results(directory, MANIFEST) as results:
        for _ in sweep.run(results, partial(run, workers=workers, executor=executor)):
            pass
        measure = partial(outcomes, names=NAMES)
        runs = run_rows(sweep, results.ledger, measure)
        points = [point_row(rows, sweep.design.names, NAMES, 0.02) for rows in runs]
        return points, canonical_sha256(results.ledger)


def found(directory: Path, design: Design, function: functions.Function, place: Places = ALONE) -> dict[str, Floats]:
    points, _ = swept(directory, Sweep(design, functions.prepared(function), 1), *place)
    return indices(design, column(points, "d_peak"))


@pytest.fixture(params=["shuffled", "processes"])
def place(request: pytest.FixtureRequest) -> Iterator[Places]:
    if request.param == "processes":
        yield "process", 2
        return
    with Shuffling() as executor:
        yield executor, 8


def test_sobol_indices_of_ishigami_come_back(tmp_path: Path, place: Places) -> None:
    got = found(tmp_path, sampling.sobol(factors(3), 1024, seed=3), functions.ishigami, place)
    first, total = functions.ishigami_indices()
    np.testing.assert_allclose(got["S1"], first, atol=0.03)
    np.testing.assert_allclose(got["ST"], total, atol=0.03)
    assert (np.abs(got["S1"] - first) <= 2 * got["S1_conf"]).all()


def test_sobol_indices_of_the_g_function_come_back(tmp_path: Path) -> None:
    got = found(tmp_path, sampling.sobol(factors(8), 256, seed=1), functions.g_function)
    first, total = functions.g_indices()
    np.testing.assert_allclose(got["S1"], first, atol=0.03)
    np.testing.assert_allclose(got["ST"], total, atol=0.03)


def test_fast_indices_of_ishigami_come_back(tmp_path: Path) -> None:
    got = found(tmp_path, sampling.fast(factors(3), 1025, seed=1, harmonics=8), functions.ishigami)
    np.testing.assert_allclose(got["S1"], functions.ishigami_indices()[0], atol=0.01)


def test_morris_ranks_the_factors_of_the_g_function(tmp_path: Path) -> None:
    got = found(tmp_path, sampling.morris(factors(8), 40, seed=1), functions.g_function)
    assert np.argsort(-got["mu_star"])[:4].tolist() == [0, 1, 2, 3]


def test_second_order_of_ishigami_is_that_of_the_first_and_third(tmp_path: Path) -> None:
    got = found(tmp_path, sampling.sobol(factors(3), 1024, seed=3, second_order=True), functions.ishigami)
    first, total = functions.ishigami_indices()
    assert got["S2"][0, 2] == pytest.approx(total[0] - first[0], abs=0.04)
    assert got["S2"][0, 1] == pytest.approx(0.0, abs=0.04)


def test_a_factor_that_does_nothing_has_none_with_common_seeds_and_seems_to_with_independent_ones(
    tmp_path: Path,
) -> None:
    design = sampling.sobol(factors(3), 64, seed=2)
    total = {}
    for independent in (False, True):
        sweep = Sweep(design, functions.prepared(functions.noisy), 4, independent=independent)
        points, _ = swept(tmp_path / str(independent), sweep)
        total[independent] = indices(design, column(points, "d_peak"))["ST"]
    np.testing.assert_allclose(total[False][1:], 0.0, atol=1e-12)
    assert (total[True][1:] > 0.2).all()


def test_one_run_is_one_wherever_it_is_wanted(tmp_path: Path) -> None:
    """The points of a second design that a first one had are not computed again, nor points listed twice."""
    one = sampling.factorial(factors(2), 3)
    half = Design("matrix", one.factors, np.concatenate([one.codes[:4], one.codes[:2], [[0.3, 0.7]]]))
    with open_results(tmp_path, MANIFEST) as results:
        go = partial(run, workers=4, executor="inline")
        first = [*Sweep(one, functions.prepared(functions.noisy), 2).run(results, go)][-1]
        second = [*Sweep(half, functions.prepared(functions.noisy), 2).run(results, go)][-1]
    assert (first.done, first.reused) == (18, 0)
    assert (second.done, second.reused) == (2, 12)


def test_points_that_fail_are_recorded_and_named_and_stop_nothing(tmp_path: Path) -> None:
    design = sampling.factorial(factors(1), 9)
    sweep = Sweep(design, functions.prepared(functions.negative_refused), 2)
    points, _ = swept(tmp_path, sweep)
    assert [point["failed"] for point in points] == [2, 2, 0, 0, 0, 0, 0, 0, 0]
    assert points[0]["d_peak"] is None
    with pytest.raises(DesignError, match="point 0, 1;"):
        column(points, "d_peak")
    with pytest.raises(DesignError, match="finite"):
        indices(sampling.sobol(factors(1), 2), np.array([1.0, np.nan, 1.0, 1.0, 1.0, 1.0]))


def test_a_point_that_cannot_be_made_is_a_failed_run(tmp_path: Path) -> None:
    def prepare(values: Mapping[str, Value]) -> Prepared:
        if values["x0"] == 0.5:
            raise ValueError("no such world")
        return functions.prepared(functions.noisy)(values)

    points, _ = swept(tmp_path, Sweep(sampling.factorial(factors(1), 3), prepare, 1))
    assert [(point["done"], point["failed"]) for point in points] == [(1, 0), (0, 1), (1, 0)]


def test_a_killed_worker_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YANGFENG_TEST_MARKER", str(tmp_path / "marker"))
    design = sampling.factorial(factors(3), [5, 2, 2])
    points, _ = swept(tmp_path / "a", Sweep(design, functions.prepared(functions.deadly_once), 1), "process", 2)
    assert (tmp_path / "marker").exists()
    assert all(point["done"] == 1 for point in points)


def test_runs_are_wanted_a_replicate_of_every_point_after_the_other() -> None:
    sweep = Sweep(sampling.factorial(factors(1), 3), functions.prepared(functions.noisy), 2)
    assert [(one.replicate, one.point) for one in sweep.wanted()] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]

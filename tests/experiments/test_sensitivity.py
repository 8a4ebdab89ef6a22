"""Sensitivity with its noise: known indices, a factor that does nothing, and what is refused or warned of."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from SALib.analyze import pawn as salib_pawn

from experiments import factors, pawn, sampling
from experiments.design import Design, DesignError, Factor, Floats
from experiments.indices import indices
from experiments.methods import METHODS
from experiments.noise import noise, pseudo_values, replicates_for
from experiments.outcomes import outcomes
from experiments.points import Row, run_rows
from experiments.responses import response
from experiments.results import Manifest, open_results
from experiments.runner import run
from experiments.sensitivity import ALL_METHODS, LEADING, analysed
from experiments.sweep import Sweep
from scenarios import reader
from tests.experiments import functions

MANIFEST = Manifest({"study": "functions"}, {"study": 0}, "0" * 64)
QUIET = np.random.Generator(np.random.Philox(5))


def uniform(count: int) -> list[Factor]:
    return [Factor(f"x{n}", 0.0, 1.0, default=0.5) for n in range(count)]


def runs_of(
    directory: Path, design: Design, function: functions.Function, replicates: int, *, independent: bool
) -> list[list[Row]]:
    sweep = Sweep(design, functions.prepared(function), replicates, independent=independent)
    with open_results(directory, MANIFEST) as results:
        for _ in sweep.run(results, partial(run, workers=1, executor="inline")):
            pass
        names = ("d_peak", "d_valley", "d_mean")
        return list(run_rows(sweep, results.ledger, partial(outcomes, names=names)))


def noisy(design: Design, function: Callable[[Floats], Floats], deviation: float, replicates: int) -> Floats:
    places = design.shares if design.shares is not None else design.codes
    chance = np.random.Generator(np.random.Philox(7))
    return function(places)[:, None] + deviation * chance.normal(size=(len(places), replicates))


def ishigami(places: Floats) -> Floats:
    x = np.pi * (2.0 * places - 1.0)
    return np.asarray(np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))


def test_known_indices_come_back_with_intervals_that_hold_them() -> None:
    design = sampling.sobol(uniform(3), 1024, seed=3)
    found = analysed(design, "sobol", ishigami(design.shares)[:, None].repeat(2, axis=1))  # type: ignore[index]
    first, total = functions.ishigami_indices()
    np.testing.assert_allclose(found["S1"], first, atol=0.03)
    np.testing.assert_allclose(found["ST"], total, atol=0.03)
    assert (np.abs(np.array(found["ST"]) - total) <= found["ST_conf"]).all()
    assert found["noise_share"] == 0.0
    assert found["ST_mc"] == pytest.approx([0.0] * 3, abs=1e-12)


def test_noise_added_to_a_known_function_is_found_again_and_widens_its_intervals() -> None:
    design = sampling.sobol(uniform(3), 512, seed=3)
    variance = float(ishigami(design.shares).var())  # type: ignore[arg-type]
    deviation = float(np.sqrt(variance / 4.0))
    values = noisy(design, ishigami, deviation, 4)
    found = analysed(design, "sobol", values, independent=True)
    assert found["noise_share"] == pytest.approx(1.0 / 17.0, abs=0.01)
    assert found["noise_share_single"] == pytest.approx(0.2, abs=0.02)
    calm = analysed(design, "sobol", noisy(design, ishigami, 0.0, 4), independent=True)
    assert sum(found["ST_conf"]) > sum(calm["ST_conf"])
    assert replicates_for(values, 0.05, common=False) == pytest.approx(0.95 / 0.05 / 4.0, abs=1.0)


def test_seeds_that_act_alike_everywhere_are_no_noise_where_they_are_common() -> None:
    points, seeds = QUIET.normal(size=(200, 1)), 3.0 * QUIET.normal(size=(1, 4))
    shared = noise(points + seeds, common=True)
    apart = noise(points + seeds, common=False)
    assert shared is not None
    assert apart is not None
    assert shared.share == pytest.approx(0.0, abs=1e-12)
    assert shared.one_way == apart.share > 0.5
    assert replicates_for(points + seeds, 0.1, common=True) == 1.0
    assert noise(points, common=True) is None


@pytest.mark.parametrize("method", ["sobol", "morris", "oat"])
def test_a_factor_that_does_nothing_is_nothing_with_common_seeds_and_seems_something_with_others(
    tmp_path: Path, method: str
) -> None:
    design = sampling.one_at_a_time(uniform(3), 3) if method == "oat" else METHODS[method].draw(uniform(3), 32, 2)
    index, found = LEADING[method], {}
    for independent in (False, True):
        rows = runs_of(tmp_path / str(independent), design, functions.noisy, 4, independent=independent)
        found[independent] = analysed(design, method, response(rows, "d_peak", 0.02), independent=independent)
    shared, apart = found[False], found[True]
    assert all(
        abs(value) <= max(width, 1e-12)
        for value, width in zip(shared[index][1:], shared[f"{index}_conf"][1:], strict=True)
    )
    np.testing.assert_allclose(shared[index][1:], 0.0, atol=1e-12)
    assert min(apart[index][1:]) > 100.0 * max(map(abs, shared[index][1:]))
    if method == "sobol":
        assert all(value > width for value, width in zip(apart["ST"][1:], apart["ST_conf"][1:], strict=True))
        assert apart["noise_share"] > 0.1
        assert "noise" in {one["code"] for one in apart["warnings"]}


def test_pawn_is_that_of_salib_and_does_not_see_what_does_nothing() -> None:
    design = sampling.lhs(uniform(3), 600, 1)
    assert design.shares is not None
    outcome = np.sin(6.0 * design.shares[:, 0]) + 0.5 * design.shares[:, 1]
    own = indices(design, outcome, method="pawn")["median"]
    np.testing.assert_allclose(own, salib_pawn.analyze(design.problem(), design.shares, outcome)["median"], atol=0.01)
    found = analysed(design, "pawn", outcome[:, None].repeat(2, axis=1))
    assert found["dummy"][0] < min(found["median"][:2])
    assert found["median"][2] < 1.3 * found["dummy"][0]
    seen = [np.median(pawn._distances(QUIET.random((600, 1)), outcome)) > found["dummy"][0] for _ in range(200)]
    assert 2 <= sum(seen) <= 24


@pytest.mark.parametrize("method", [name for name in ALL_METHODS if name not in ("hdmr", "enhanced_hdmr", "delta")])
def test_every_method_runs_on_a_tiny_design_and_finds_the_strong_factor(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if method in METHODS:
        monkeypatch.setitem(METHODS, method, METHODS[method]._replace(resamples=10, luck=5))
    samples = {"ff": 1, "fast": 65, "pawn": 100, "rbd_fast": 100, "rsa": 100, "discrepancy": 100}.get(method, 16)
    design = sampling.one_at_a_time(uniform(3), 3) if method == "oat" else METHODS[method].draw(uniform(3), samples, 1)
    values = noisy(design, lambda x: np.asarray(5.0 * x[:, 0] + x[:, 1]), 0.0, 2)
    found = analysed(design, method, values)
    assert found["parameters"] == ["x0", "x1", "x2"]
    assert int(np.argmax(found[LEADING[method]])) == 0
    assert found["runs"] == values.size
    again = analysed(design, method, values)
    assert found == again


@pytest.mark.parametrize("method", ["hdmr", "enhanced_hdmr", "delta"])
def test_costly_methods_run_too(method: str, capfd: pytest.CaptureFixture[str]) -> None:
    design = METHODS[method].draw(uniform(2), 300, 1)
    assert design.shares is not None
    outcome = np.asarray(5.0 * design.shares[:, 0] + design.shares[:, 1])
    found = indices(design, outcome, method=method, resamples=2)
    assert int(np.argmax(found[LEADING[method]])) == 0
    assert capfd.readouterr().out == ""


def test_groups_are_told_as_one_and_values_without_order_only_where_order_does_not_matter() -> None:
    some = [Factor("x0", 0.0, 1.0, group="g"), Factor("x1", 0.0, 1.0), Factor("x2", 0.0, 1.0, group="g")]
    for method in ("sobol", "morris"):
        design = METHODS[method].draw(some, 32, 1)
        found = analysed(design, method, noisy(design, lambda x: np.asarray(x[:, 0] + x[:, 2]), 0.0, 2))
        assert found["parameters"] == ["g", "x1"]
        assert found[LEADING[method]][1] == pytest.approx(0.0, abs=1e-9)
    assert {name for name, method in METHODS.items() if method.listed} == {"sobol", "shapley", "sobol_jansen"}


def test_points_without_a_number_are_refused_by_name() -> None:
    rows = [[{"point": n, "status": "done", "d_peak": 0.1, "d_valley": 0.1, "d_mean": 0.1}] for n in range(4)]
    rows[2][0] = {"point": 2, "status": "failed", "d_peak": None, "d_valley": None, "d_mean": None}
    with pytest.raises(DesignError, match="point 2;"):
        response(rows, "d_peak", 0.02)
    rows[2][0] = rows[1][0] | {"point": 2, "d_valley": -0.01}
    with pytest.raises(DesignError, match="point 2, where no valley is filled"):
        response(rows, "peak_cost_ratio", 0.02)
    assert response(rows, "peak_cost_angle", 0.02)[0, 0] == pytest.approx(-45.0)
    design = sampling.sobol(uniform(1), 2)
    with pytest.raises(DesignError, match="same at every point"):
        indices(design, np.ones(6))


def test_a_ratio_and_a_probability_have_noise_of_their_own() -> None:
    runs = np.array([[-0.03, 0.06, 0.0], [-0.01, 0.05, 0.0], [-0.03, 0.04, 0.0], [-0.01, 0.05, 0.0]])
    ratio = pseudo_values(runs, lambda r: float(-r[:, 0].mean() / r[:, 1].mean()))
    assert ratio.mean() == pytest.approx(0.4)
    assert ratio.std() > 0.0
    rows = [
        [
            {"point": 0, "status": "done"} | dict(zip(("d_peak", "d_valley", "d_mean"), r, strict=True))
            for r in runs.tolist()
        ]
    ]
    assert 0.0 < response(rows, "probability_peak_shaving", 0.02).mean() < 1.0


def test_a_budget_too_small_to_rank_is_told() -> None:
    design = sampling.sobol(uniform(3), 8, seed=1)
    found = analysed(design, "sobol", noisy(design, lambda x: np.asarray(x[:, 0] + 0.9 * x[:, 1]), 0.0, 2))
    assert "overlap" in {one["code"] for one in found["warnings"]}
    design = sampling.sobol(uniform(3), 64, seed=1)
    found = analysed(design, "sobol", noisy(design, lambda x: 0.0 * x[:, 0], 1.0, 2), independent=True)
    assert "sum_of_totals" in {one["code"] for one in found["warnings"]}


def test_factors_are_those_declared_with_weights_of_the_policy_asked() -> None:
    scenario = reader.load("shuangtaizi_two_schools")
    choice = scenario.compare[0]
    every = {factor.name: factor for factor in factors.uncertain_factors(scenario, [choice])}
    assert {"practice.renewal", "modes.two_school_integration.teaching"} <= set(every)
    assert not any(name.startswith("finance.") for name in every)
    assert every["learning.contacts"].whole
    some = factors.grouped(factors.uncertain_factors(scenario, [choice], ["practice.*", "modes.*"]), "product")
    together = factors.members(some)[factors.PRODUCT]
    assert {"practice.transfer_rate", "modes.two_school_integration.culture"} <= set(together)
    assert "practice.renewal" not in together
    with pytest.raises(DesignError, match=r"practice\.renewal"):
        factors.uncertain_factors(scenario, [choice], ["practice.renewall"])


def test_derivatives_of_whole_numbers_are_refused() -> None:
    with pytest.raises(DesignError, match="whole numbers"):
        METHODS["dgsm"].draw([Factor("x", 1.0, 5.0, whole=True)], 4, 0)

"""Sweeps of the model: what is shared changes nothing, and the table says what the runs say."""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments import sampling, sweep_files
from experiments.comparison import Comparison
from experiments.design import Design, DesignError, Factor, Value
from experiments.errors import PointError
from experiments.jobs import Done, attempt
from experiments.outcomes import OUTCOMES, check, outcome, outcomes
from experiments.points import point_row, probabilities, run_rows
from experiments.results import Manifest, Results, open_results
from experiments.runner import Place, run
from experiments.store import Ledger, canonical_export, canonical_sha256
from experiments.studies import Options, Situation
from experiments.sweep import Prepared, Sweep, paired
from experiments.verdict import REGIONS, Plan, region, regions
from scenarios.problems import Problem, ScenarioError, Where
from scenarios.reader import Choice

SITUATION = Situation("shuangtaizi_two_schools", Choice("fusion", "unified_deployment"), Options(years=4))
MANIFEST = Manifest({"scenario": "two"}, {"study": 0}, "0" * 64)
MODES = Factor("mode", values=("fusion", "two_school_integration", "co_construction"))
DESIGN = sampling.factorial([Factor("practice.renewal", 0.2, 0.8), MODES], 2)


def computed(directory: Path, sweep: Sweep, executor: Place = "inline", workers: int = 1) -> str:
    with open_results(directory, MANIFEST) as results:
        compute(results, sweep, executor, workers)
        sweep_files.write(sweep, results.ledger, directory, ("d_valley_year3",), 0.02)
        return canonical_sha256(results.ledger)


def compute(results: Results, sweep: Sweep, executor: Place = "inline", workers: int = 1) -> Any:  # noqa: ANN401
    return [*sweep.run(results, functools.partial(run, workers=workers, executor=executor))][-1]


def sweep_of(design: Design = DESIGN, replicates: int = 2, situation: Situation = SITUATION, **options: bool) -> Sweep:
    return Sweep(design, paired(situation.study), replicates, **options)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sweep")
    computed(directory, sweep_of())
    return directory


def test_runs_done_together_are_those_done_alone(swept: Path) -> None:
    sweep, ledger = sweep_of(), Ledger(swept, readonly=True)
    alone = [attempt(sweep.job(one)) for one in sweep.wanted()]
    for found in alone:
        assert isinstance(found, Done)
        kept = ledger.get(found.key)
        assert kept is not None
        assert {name: row.tobytes() for name, row in kept.items()} == {n: r.tobytes() for n, r in found.rows.items()}


def test_a_sweep_says_what_a_comparison_says(swept: Path) -> None:
    """Same seeds, same policy: the numbers of `compare`, to the last bit."""
    study = SITUATION.study({"practice.renewal": 0.8, "mode": "co_construction"})
    job = Comparison(study, Plan(looks=(8,))).job(1, [study.arms[0].name])
    done = attempt(job)
    assert isinstance(done, Done)
    difference = done.rows[f"{study.arms[0].name}/valley"] - done.rows["control/valley"]
    table = pd.read_parquet(swept / "sweep.parquet").set_index(["practice.renewal", "mode", "replicate"])
    assert table.loc[(0.8, "co_construction", 1), "d_valley"] == difference[-2:].mean()
    assert table.loc[(0.8, "co_construction", 1), "d_valley_year3"] == difference[2]


def test_the_same_point_of_another_design_is_the_same_run(swept: Path, tmp_path: Path) -> None:
    other = sampling.factorial([MODES, Factor("practice.renewal", 0.2, 0.8)], 3)
    keys = {key for point in range(len(DESIGN)) for key in sweep_of().keys(point)}
    again = {key for point in range(len(other)) for key in sweep_of(other).keys(point)}
    assert len(keys) == 12
    assert keys < again
    assert keys.isdisjoint({key for point in range(3) for key in sweep_of(DESIGN, 1, SITUATION.at_seed(1)).keys(point)})


def test_every_point_meets_the_same_chance_unless_told_otherwise(tmp_path: Path) -> None:
    """A factor that changes nothing (a price) leaves every effect as it is, and with seeds of their own does not."""
    design = sampling.factorial([Factor("finance.travel", 1.0, 4.0)], 2)
    effects = {}
    for independent in (False, True):
        sweep = sweep_of(design, 1, independent=independent)
        with open_results(tmp_path / str(independent), MANIFEST) as results:
            compute(results, sweep)
            rows = run_rows(sweep, results.ledger, functools.partial(outcomes, names=("d_valley", "cost_per_pupil")))
            effects[independent] = [runs[0]["d_valley"] for runs in rows]
    assert effects[False][0] == effects[False][1]
    assert len({effects[False][0], *effects[True]}) == 3


def prepared_but(impossible: Callable[[Mapping[str, Value]], bool]) -> Callable[[Mapping[str, Value]], Prepared]:
    """Prepare points as ever, but for those that a scenario would refuse."""

    def prepare(values: Mapping[str, Value]) -> Prepared:
        if impossible(values):
            raise ScenarioError([Problem("out_of_bounds", Where("", field="x"), "7", {"allowed": "≤ 5"})])
        return paired(SITUATION.study)(values)

    return prepare


def test_a_value_that_cannot_be_stops_a_sweep_of_worlds_where_it_is_met(tmp_path: Path) -> None:
    design = sampling.factorial([Factor("world.schools.1.posts", values=(60, 0, 30)), MODES])
    with open_results(tmp_path, MANIFEST) as results:
        with pytest.raises(PointError, match=r"point 3: .*world\.schools\[2\]\.posts: out_of_bounds: 0 allowed=≥ 1"):
            compute(results, sweep_of(design, 1))
        assert results.ledger.failed() == []


def test_a_combination_that_cannot_be_is_a_failed_run_unless_every_point_is_needed(tmp_path: Path) -> None:
    """Either value can be elsewhere: the table has a hole, where a table will do."""
    prepare = prepared_but(lambda values: values.get("practice.renewal") == 0.8 and values.get("mode") == "fusion")
    with open_results(tmp_path, MANIFEST) as results:
        tally = compute(results, Sweep(DESIGN, prepare, 1))
        found = sweep_files.write(Sweep(DESIGN, prepare, 1), results.ledger, tmp_path, (), 0.02)
        with pytest.raises(PointError, match="point 3: "):
            compute(results, Sweep(DESIGN, prepare, 1, whole=True))
    assert (tally.done, tally.failed) == (5, 1)
    assert found["runs"] == {"done": 5, "failed": 1}
    assert "point 3: ValueError: ScenarioError" in found["first_fault"]
    table = pd.read_csv(tmp_path / "sweep.csv")
    assert table["status"].tolist() == ["done"] * 3 + ["failed"] + ["done"] * 2
    assert table["d_peak"].isna().tolist() == [False] * 3 + [True] + [False] * 2


def test_a_value_that_cannot_be_anywhere_stops_also_where_holes_are_allowed(tmp_path: Path) -> None:
    prepare = prepared_but(lambda values: values.get("practice.renewal") == 0.8)
    with (
        open_results(tmp_path, MANIFEST) as results,
        pytest.raises(PointError, match="x: out_of_bounds: 7 allowed=≤ 5"),
    ):
        compute(results, Sweep(DESIGN, prepare, 1))


def test_against_the_same_money_the_difference_is_to_the_control_that_spends_it() -> None:
    situation = Situation(SITUATION.scenario, SITUATION.choice, Options("same_money", years=4))
    sweep = sweep_of(sampling.factorial([Factor("practice.renewal", values=(0.3,))]), 1, situation)
    done = attempt(sweep.job(next(sweep.wanted())))
    assert isinstance(done, Done)
    rows = done.rows
    assert outcome(rows, "d_peak") == (rows["policy/peak"] - rows["policy@same_money/peak"])[-2:].mean()
    assert outcome(rows, "d_peak") != (rows["policy/peak"] - rows["control/peak"])[-2:].mean()
    assert outcome(rows, "control_peak_year3") == rows["policy@same_money/peak"][2]


def test_an_outcome_that_nobody_measures_is_refused() -> None:
    rows = {"policy/peak": np.arange(4.0), "control/peak": np.zeros(4)}
    assert outcome(rows, "peak") == 2.5
    assert outcome(rows, "d_ungrouped") is None
    with pytest.raises(DesignError, match="nearest: peak"):
        outcome(rows, "d_paek")
    with pytest.raises(DesignError, match="valley"):
        check(["d_peak", "d_valey"], 4)
    with pytest.raises(DesignError, match="4 years"):
        check(["d_peak_year5"], 4)
    with pytest.raises(DesignError, match="4 years"):
        outcome(rows, "peak_year5")


def test_every_measure_of_a_run_is_a_known_outcome(swept: Path) -> None:
    _, rows = next(Ledger(swept, readonly=True).items())
    check({name.removeprefix("policy/") for name in rows if name.startswith("policy/")} | set(OUTCOMES), 4)


def test_tables_are_the_same_from_any_place_with_any_number_of_workers(swept: Path, tmp_path: Path) -> None:
    assert computed(tmp_path / "two", sweep_of(), "process", 2) == canonical_sha256(Ledger(swept, readonly=True))
    for name in ("sweep.csv", "points.csv", "sweep.parquet"):
        assert (tmp_path / "two" / name).read_bytes() == (swept / name).read_bytes()


def test_what_was_done_before_a_stop_is_kept_balanced_and_finished_later(swept: Path, tmp_path: Path) -> None:
    """Stopped half-way, every point has its first replicate; then it ends in the same bytes."""
    with open_results(tmp_path, MANIFEST) as results:
        steps = sweep_of().run(results, functools.partial(run, workers=1, executor="inline"))
        while next(steps).done < len(DESIGN):
            pass
        steps.close()
        measure = functools.partial(outcomes, names=("d_peak", "d_valley", "d_mean"))
        half = [point_row(runs, [], ("d_peak",), 0.02) for runs in run_rows(sweep_of(), results.ledger, measure)]
    assert [point["done"] for point in half] == [1] * len(DESIGN)
    computed(tmp_path, sweep_of())
    for name in ("sweep.csv", "points.csv"):
        assert (tmp_path / name).read_bytes() == (swept / name).read_bytes()
    assert list(canonical_export(Ledger(tmp_path))) == list(canonical_export(Ledger(swept, readonly=True)))


def test_regions_of_many_are_those_of_each() -> None:
    values = [-0.05, -0.02, -0.015, -0.01, 0.0, 0.01, 0.02, 0.05]
    effects = np.array([(p, v, m) for p in values for v in values for m in values])
    assert [REGIONS[index] for index in regions(effects, 0.02)] == [region(*row, 0.02) for row in effects.tolist()]


def test_probabilities_of_regions_follow_the_runs() -> None:
    far = np.array([[-0.1, 0.1, 0.05], [-0.11, 0.11, 0.05], [-0.1, 0.11, 0.05], [-0.105, 0.1, 0.05]])
    sure = dict(zip([found.value for found in REGIONS], probabilities(far, 0.02), strict=True))
    assert sure["peak_shaving"] > 0.99
    edge = np.array([[-0.1, 0.02 + n, 0.05] for n in (-0.01, 0.01, -0.02, 0.02)])
    split = dict(zip([found.value for found in REGIONS], probabilities(edge, 0.02), strict=True))
    assert split["peak_shaving"] == pytest.approx(0.5, abs=0.02)
    assert sum(split.values()) == pytest.approx(1.0)
    run = {"point": 0, "status": "done", "d_peak": -0.1, "d_valley": 0.1, "d_mean": 0.0}
    alone = point_row([run], [], (), 0.02)
    assert (alone["region"], alone["probability_peak_shaving"]) == ("peak_shaving", None)
    assert alone["share_peak_shaving"] == 1.0

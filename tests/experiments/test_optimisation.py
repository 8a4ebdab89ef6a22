"""Known Pareto sets are recovered the whole way that policies go; the front is judged, tried anew and told right."""

import contextlib
from collections.abc import Iterator
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from experiments import pareto
from experiments.candidates import Space, drawn, undecided
from experiments.design import Factor
from experiments.evolution import hypervolumes
from experiments.optimisation import Effort, Member, Optimisation, Question
from experiments.pareto import Judge
from experiments.results import Manifest, Results, open_results
from experiments.runner import Place, kept_workers, run
from experiments.sweep import Sweep
from tests.experiments import trades

MANIFEST = Manifest({"study": "trades"}, {"study": 0}, "0" * 64)
AIMS = ("d_valley", "cost_per_pupil")
DELTA = 0.02
MEAN = Judge(AIMS, None, None)
NAMES = (Factor("mode", values=("a", "b", "c", "d")), Factor("support", values=("none", "more", "less", "waste")))
UNCERTAIN = [Factor("u", 0.0, 1.0)]


def question(function: trades.Function, space: Space, judge: Judge = MEAN, uncertain: bool = False) -> Question:
    return Question(space, UNCERTAIN if uncertain else [], partial(trades.prepared, function), judge, DELTA, 3)


@contextlib.contextmanager
def searching(
    directory: Path, asked: Question, effort: Effort, place: tuple[int, Place] = (1, "inline"), stop: int = -1
) -> Iterator[Optimisation]:
    """Give a search whose runs go through a results directory, cut off after `stop` runs."""
    with open_results(directory, MANIFEST) as results:
        left = [stop]

        def do(_: str, sweep: Sweep) -> None:
            _computed(results, sweep, partial(run, workers=place[0], executor=place[1]), left)

        yield Optimisation(asked, effort, do, results.ledger)


def _computed(results: Results, sweep: Sweep, how: partial[object], left: list[int]) -> None:
    with contextlib.closing(sweep.run(results, how)) as steps:  # type: ignore[arg-type]
        for _ in steps:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt


def enumerated(directory: Path, asked: Question, effort: Effort) -> tuple[Optimisation, list[Member]]:
    with searching(directory, asked, effort) as search:
        search.enumerate()
        return search, search.confirmed()


def test_a_known_front_is_recovered(tmp_path: Path) -> None:
    levers = [Factor(f"x{n}", 0.0, 1.0) for n in range(3)]
    space = Space((Factor("mode", values=("good", "bad")), *levers))
    with searching(tmp_path, question(trades.zdt1, space), Effort(24, 25, 0, 1, 12, 8)) as search:
        search.evolve()
        found, members = search.front(), search.confirmed()
    values = np.array([(-one.usual["d_valley"], one.usual["cost_per_pupil"]) for one in found])
    assert {space.values(one.codes)["mode"] for one in found} == {"good"}
    assert np.mean(values[:, 1] - (1.0 - np.sqrt(values[:, 0]))) < 0.15
    assert np.ptp(values[:, 0]) > 0.6
    volumes = hypervolumes(
        search.question.judge.gains([one.robust for one in search.tried.values()]),
        [one.generation for one in search.tried.values()],
    )
    assert len(volumes) == 25
    assert volumes == sorted(volumes)
    assert volumes[0] < volumes[-1]
    assert len(members) == 12
    assert {member.status for member in members} == {"front"}


def brute_force(floor: float) -> set[tuple[str, str]]:
    """Return the front of the listed problem at its declared numbers, by comparing every pair."""
    table = {}
    for mode, support in product(trades.TABLE, trades.EXTRA):
        valley, cost, peak = (sum(pair) for pair in zip(trades.TABLE[mode], trades.EXTRA[support], strict=True))
        if peak >= floor:
            table[mode, support] = valley, -cost
    return {
        name
        for name, one in table.items()
        if not any(all(x >= y for x, y in zip(other, one, strict=True)) and other != one for other in table.values())
    }


@pytest.mark.parametrize("floor", [None, -DELTA])
def test_enumeration_is_brute_force(floor: float | None, tmp_path: Path) -> None:
    space = Space(NAMES)
    search, members = enumerated(
        tmp_path, question(trades.listed, space, Judge(AIMS, floor, None)), Effort(16, 1, 0, 1, 16, 8)
    )
    named = {tuple(space.values(member.tried.codes).values()) for member in members}
    assert len(search.tried) == 16
    assert named == brute_force(-np.inf if floor is None else floor)
    assert (("d", "more") in named) == (floor is None)


def test_a_policy_that_is_worse_in_all_changes_nothing_on_the_front(tmp_path: Path) -> None:
    fewer = Space((NAMES[0], Factor("support", values=("none", "more", "less"))))
    judge = Judge(AIMS, -DELTA, 0.1)
    fronts = []
    for name, space in (("fewer", fewer), ("all", Space(NAMES))):
        asked = question(trades.listed, space, judge, uncertain=True)
        _, members = enumerated(tmp_path / name, asked, Effort(16, 1, 6, 2, 16, 8))
        fronts.append([(space.values(m.tried.codes), m.tried.robust, m.by_draw.tolist(), m.status) for m in members])
    assert fronts[0] == fronts[1]
    assert fronts[0]


def test_results_do_not_depend_on_workers_nor_on_being_cut_off(tmp_path: Path) -> None:
    levers = [Factor(f"x{n}", 0.0, 1.0) for n in range(3)]
    asked = question(trades.zdt1, Space((Factor("mode", values=("good", "bad")), *levers)))
    effort, found = Effort(6, 3, 0, 2, 4, 8), []
    with (
        pytest.raises(KeyboardInterrupt),
        searching(tmp_path / "cut", asked, effort, stop=17) as search,
    ):
        search.evolve()
    for name in ("one", "two", "cut"):
        with (
            kept_workers(2) as two,
            searching(tmp_path / name, asked, effort, (2, two) if name == "two" else (1, "inline")) as search,
        ):
            search.evolve()
            members = [(m.tried.codes, m.usual.tolist(), m.status) for m in search.confirmed()]
            found.append((search.tried, members, [(key, repr(rows)) for key, rows in search.ledger.items()]))
    assert found[0] == found[1] == found[2]


def test_what_candidates_are_judged_by_is_what_a_hand_finds() -> None:
    draws = np.array([5.0, 1.0, 4.0, 2.0, 3.0, 9.0, 8.0, 7.0, 6.0, 10.0])
    assert Judge(AIMS, None, 0.1).value("d_valley", draws) == 1.0
    assert Judge(AIMS, None, 0.25).value("d_valley", draws) == 3.0
    assert Judge(AIMS, None, 0.1).value("cost_per_pupil", draws) == 10.0
    assert Judge(AIMS, None, 0.3).value("cost_per_pupil", draws) == 8.0
    assert Judge(AIMS, None, None).value("d_valley", draws) == 5.5
    many = np.arange(1.0, 65.0)
    assert Judge(AIMS, None, 0.1).interval("d_valley", many) == (7.0, 2.0, 12.0)
    assert Judge(AIMS, None, 0.1).interval("cost_per_pupil", many) == (58.0, 53.0, 63.0)
    assert Judge(AIMS, None, 0.01).interval("d_valley", many)[:2] == (1.0, None)
    judge = Judge(AIMS, -0.02, 0.1)
    assert judge.lacking([{"d_peak": -0.05}, {"d_peak": -0.02}]).tolist() == pytest.approx([0.03, 0.0])


def test_the_interval_of_a_quantile_holds_as_often_as_it_says() -> None:
    chance = np.random.Generator(np.random.Philox(5))
    judge, true = Judge(AIMS, None, 0.1), -1.2815515655446004
    inside = 0
    for _ in range(2000):
        _, low, high = judge.interval("d_valley", chance.standard_normal(64))
        assert low is not None
        assert high is not None
        inside += low <= true <= high
    assert inside >= 0.945 * 2000


def test_a_robust_value_is_taken_over_the_draws_all_candidates_share(tmp_path: Path) -> None:
    space = Space(NAMES)
    search, members = enumerated(
        tmp_path, question(trades.listed, space, Judge(AIMS, None, 0.25), uncertain=True), Effort(16, 1, 8, 2, 16, 8)
    )
    draws = sorted(float(values["u"]) for n, values in drawn(UNCERTAIN, 8, 3).settings.items() if n)
    for one in search.tried.values():
        mode, support = (str(name) for name in space.values(one.codes).values())
        scale = 0.03 if mode == "b" else 0.02
        usual = trades.TABLE[mode][0] + trades.EXTRA[support][0]
        assert one.usual["d_valley"] == pytest.approx(usual)
        assert one.robust["d_valley"] == pytest.approx(usual + scale * (draws[1] - 0.5))
    again = sorted(
        float(values["u"]) for n, values in drawn(UNCERTAIN, 64, search.question.fresh).settings.items() if n
    )
    best = members[0]
    assert best.by_draw.shape == (64, 4)
    scale = 0.03 if space.values(best.tried.codes)["mode"] == "b" else 0.02
    told = best.document(search.question)["robust"]["d_valley"]["mean"]
    assert told - best.usual[:, 1].mean() == pytest.approx(scale * (again[15] - 0.5))


def test_the_front_is_tried_anew_with_other_seeds(tmp_path: Path) -> None:
    space = Space((Factor("mode", values=tuple(map(str, range(40)))), Factor("support", values=("none",))))
    asked = question(trades.chance, space)
    search, members = enumerated(tmp_path, asked, Effort(40, 1, 0, 1, 5, 200))
    assert asked.fresh != asked.seed
    assert search.tried[members[0].tried.codes].usual["d_valley"] > 0.4
    assert abs(members[0].usual[:, 0].mean()) < 0.15
    assert members[0].usual.shape == (200, 4)


def test_members_that_fall_behind_or_lose_the_peak_are_flagged(tmp_path: Path) -> None:
    space = Space((Factor("mode", values=tuple(map(str, range(6)))), Factor("support", values=("none",))))
    asked = question(trades.chance, space, Judge(("d_valley", "d_peak"), None, None))
    search, _ = enumerated(tmp_path, asked, Effort(6, 1, 0, 1, 6, 8))
    one = next(iter(search.tried.values()))
    usual = [np.tile([peak, valley, 0.0, 1.0], (8, 1)) for peak, valley in ((0.0, 0.1), (-0.01, 0.05), (-0.5, 0.9))]
    search.question = question(trades.chance, space, Judge(("d_valley", "d_peak"), -DELTA, None))
    status = {m.usual[0, 0]: m.status for m in search._members([(one, values, values) for values in usual])}
    assert status == {0.0: "front", -0.01: "dominated", -0.5: "peak_falls"}


def test_a_candidate_of_which_a_run_failed_is_left_out(tmp_path: Path) -> None:
    space = Space((Factor("mode", values=("a", "broken")), Factor("support", values=("none",))))
    search, members = enumerated(tmp_path, question(trades.listed, space), Effort(2, 1, 0, 2, 2, 8))
    assert len(search.failed) == 1
    assert [space.values(m.tried.codes)["mode"] for m in members] == ["a"]


def test_a_lever_counts_only_where_its_policy_is_chosen() -> None:
    rotation = Factor("rotation", values=("none", "heavy", "heavy+studio"))
    share = Factor("rotations.heavy.share", 0.1, 0.4)
    mode = Factor("mode", values=("as_planned", "merger"))
    weight = Factor("modes.fusion.research", 0.2, 0.8)
    space = Space((mode, rotation, share, weight), planned=frozenset({"fusion"}))
    assert space.values((1.0, 0.0, 0.3, 0.5)) == {"mode": "merger", "rotation": "none"}
    assert space.candidate((1.0, 0.0, 0.3, 0.5)) == space.candidate((1.0, 0.0, 0.1, 0.7))
    assert set(space.values((0.0, 2.0, 0.3, 0.5))) == {"mode", "rotation", share.name, weight.name}
    assert space.idle() == []
    assert Space((mode, rotation, Factor("rotations.reservoir.share", 0.1, 0.4))).idle() == [
        "rotations.reservoir.share"
    ]
    assert Space((rotation, Factor("rotation.share", 0.1, 0.4))).idle() == []
    assert Space((mode, rotation, share)).size is None
    assert len(Space((mode, rotation, Factor("rotations.heavy.stay_years", 1, 3, whole=True))).all()) == 2 * (1 + 3 + 3)


def test_what_a_lever_decides_is_not_drawn() -> None:
    names = ("practice.renewal", "modes.fusion.research", "modes.merger.research", "supports.fund.research")
    left = undecided([Factor(name, 0.0, 1.0) for name in names], ["mode.research", "practice.renewal"])
    assert [factor.name for factor in left] == ["supports.fund.research"]


def test_where_no_peak_is_kept_lacking_less_is_an_objective() -> None:
    gains = np.array([[1.0, -5.0], [2.0, -5.0], [3.0, -9.0], [0.5, -6.0]])
    assert pareto.front(gains, np.zeros(4)) == [1, 2]
    assert pareto.front(gains, np.array([0.0, 0.1, 0.1, 0.0])) == [0]
    assert pareto.front(gains, np.array([0.1, 0.2, 0.3, 0.4])) == [0, 1, 2]
    assert pareto.front(np.empty((0, 2)), np.empty(0)) == []


def test_members_lie_far_apart_and_the_best_in_each_objective_is_among_them() -> None:
    x = np.linspace(0.0, 1.0, 41)
    gains = np.column_stack([x, 100.0 * (1.0 - x)])
    chosen = pareto.spread(gains, 5)
    assert chosen[0] == 0
    assert chosen[-1] == 40
    assert np.diff(x[chosen]).min() > 0.2
    assert pareto.spread(gains[:3], 5) == [0, 1, 2]


def test_hypervolume_is_the_area_the_front_dominates() -> None:
    gains = np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.25, 0.25]])
    assert hypervolumes(gains, [1, 1, 2, 3]) == pytest.approx([0.0, 0.25, 0.25])
    assert hypervolumes(np.empty((0, 2)), []) == []

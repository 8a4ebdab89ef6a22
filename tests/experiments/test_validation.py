"""Published facts and rival structures: every experiment, every rival, the command, and what it leaves behind."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from app.cli import app
from experiments import facts as studies
from experiments.comparison import content_hash
from experiments.fact import Fact, both
from experiments.facts import experiments, facts
from experiments.places import county
from experiments.statistics import Interval, fieller, paired_interval
from experiments.trials import Trial
from experiments.validation import LEVEL, REPLICATES, Task, run_task, usual_replicates, within
from model.arithmetic import exp, log
from model.chance import Stream, uniform
from model.parameters import Parameters, declared, get
from model.policy import Policy, RotationPolicy
from model.processes.learning.peers import learn_in_team, lesson
from model.processes.rotation.choice import race_keys, selection_strength
from model.staff import pack
from scenarios.rivals import rivals

ROOT = Path(__file__).parents[2]
RUNNER = CliRunner()
DEFAULT = Parameters()


def call(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == code, result.output + str(result.exception)
    return result.stdout if code == 0 else result.stderr


@pytest.fixture(scope="module")
def trial() -> Trial:
    return Trial.of(county(), DEFAULT, 0, 0)


# Facts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", studies.FILES)
def test_every_experiment_measures_the_facts_it_declares(name: str) -> None:
    experiment = experiments()[name]
    declared_facts = {fact.id for fact in experiment.facts}
    for replicate in range(2):
        found = run_task(Task(name, DEFAULT, 0, replicate))
        assert found.keys() == declared_facts
        assert np.isfinite(np.concatenate([np.atleast_1d(value) for value in found.values()])).all()
        assert found == run_task(Task(name, DEFAULT, 0, replicate))


def test_every_file_of_facts_is_listed_and_every_fact_is_told_in_full() -> None:
    files = {path.stem for path in (ROOT / "experiments" / "facts").glob("*.py")} - {"__init__"}
    assert files == set(studies.FILES)
    every = [fact for experiment in experiments().values() for fact in experiment.facts]
    assert len(facts()) == len(every) >= 18
    entries = set(re.findall(r"^@\w+\{([^,]+),", (ROOT / "docs/references.bib").read_text("utf-8"), re.MULTILINE))
    for fact in every:
        cited = re.findall(r"[a-z]+\d{4}", fact.source)
        assert set(cited) <= entries, fact.id
        assert cited or "parameters" in fact.source
        assert fact.low is not None or fact.high is not None
        assert fact.low is None or fact.high is None or fact.low < fact.high
        for words in (fact.title, fact.study, fact.quantity, fact.proxy, *([fact.mechanism] if fact.mechanism else [])):
            assert words["en"].strip()
            assert words["zh"].strip()


def fact(low: float | None, high: float | None) -> Fact:
    words = both("a", "甲")
    return Fact("x", words, words, "kraft2026", words, "sigma", low, high, words)


@pytest.mark.parametrize(
    ("target", "interval", "said"),
    [
        ((0.0, 1.0), (0.2, 0.8), "inside"),
        ((0.0, 1.0), (-0.1, 0.8), "straddles"),
        ((0.0, 1.0), (0.2, 1.1), "straddles"),
        ((0.0, 1.0), (-1.0, 2.0), "straddles"),
        ((0.0, 1.0), (1.2, 1.3), "outside"),
        ((0.0, 1.0), (-1.2, -0.3), "outside"),
        ((0.0, None), (0.1, 9.0), "inside"),
        ((0.0, None), (0.0, 0.0), "outside"),
        ((None, 1.0), (-9.0, 0.9), "inside"),
        ((None, 1.0), (0.9, 1.1), "straddles"),
        ((0.0, 1.0), (None, None), "straddles"),
    ],
)
def test_an_interval_is_inside_outside_or_across(
    target: tuple[float | None, float | None], interval: tuple[float | None, float | None], said: str
) -> None:
    assert within(Interval(0.0, *interval), fact(*target)) == said


def test_rivals_share_the_replicates() -> None:
    assert usual_replicates(1) == REPLICATES
    assert usual_replicates(5) * 5 <= REPLICATES
    assert usual_replicates(100) > 8


# Rivals ---------------------------------------------------------------------------------------------------------------


def rival_parameters(name: str) -> Parameters:
    return rivals()[name].of(DEFAULT)


@pytest.mark.parametrize("name", rivals())
def test_every_rival_lies_at_or_beyond_the_end_of_a_range_and_changes_some_fact(name: str) -> None:
    changed = rival_parameters(name)
    for path in rivals()[name].values:
        said = declared()[path]
        assert not said.low < get(changed, path) < said.high
    tasks = [(Task(n, DEFAULT, 0, 0), Task(n, changed, 0, 0)) for n in ("talent_transfer", "replication")]
    assert any(run_task(own) != run_task(other) for own, other in tasks)


def test_under_plain_averaging_a_lesson_is_the_mean_gap_exactly() -> None:
    p = rival_parameters("plain_averaging").learning
    gaps = np.linspace(-2.0, 2.0, 81)
    assert [lesson(gap, p.absorptive_range, p.weak_peer_ratio) for gap in gaps] == gaps.tolist()
    skill = np.array([0.3, -0.2, 0.05, 0.4, 0.0])
    faded = np.array([float(exp(-s / p.absorptive_range)) for s in skill])
    assert (faded == 1.0).all()
    out = np.empty(5)
    learn_in_team(skill, faded, p.weak_peer_ratio, np.empty(5, dtype=np.int64), out)
    assert out == pytest.approx([(skill.sum() - s) / 4 - s for s in skill], abs=1e-15)


def test_without_match_effects_nothing_belongs_to_teacher_and_school_together() -> None:
    trial = Trial.of(county("national_rule"), rival_parameters("no_match"), 0, 0)
    assert not trial.run(1).world.teachers.match.any()


def test_blind_selection_draws_by_lot_whatever_a_school_is_judged_on(trial: Trial) -> None:
    f = pack(trial.start, slice(0, len(trial.start.teachers.id)))
    rows = trial.teachers(trial.schools()[:2])
    for judged_on_members in (0.0, 0.9):
        strength = selection_strength(rival_parameters("blind_selection").rotation.selection, judged_on_members)
        keys = race_keys(f, rows, strength, trial.key, 3)
        lots = [-float(log(uniform(trial.key, f.id[i], 3, int(Stream.ROTATION), 1))) for i in rows]
        assert keys.tolist() == lots


def test_constant_renewal_leaves_practice_where_it_was_whoever_leaves() -> None:
    heavy = Policy(rotations=(RotationPolicy("heavy", share=0.4, backbone_share=0.5, scope="county"),))
    drained = {}
    for name, p in (("rival", rival_parameters("constant_renewal")), ("model", DEFAULT)):
        trial = Trial.of(county(), p, 0, 0)
        run = trial.run(3, heavy)
        drained[name] = np.abs(run.world.schools.practice - trial.start.schools.practice).max()
    assert drained["rival"] == pytest.approx(0.0, abs=1e-15)
    assert drained["model"] > 0.001


# The command ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("validation") / "v"
    call(
        "validate", "movers", "replication", "--replicates", "3", "--rival", "blind_selection", "--workers", "2",
        "--out", str(place), "--lang", "en",
    )  # fmt: skip
    return place


def test_what_a_validation_leaves_behind(made: Path) -> None:
    found = json.loads((made / "validation.json").read_text("utf-8"))
    assert [one["id"] for one in found["facts"]] == ["movers", "new_campus", "parent_campus", "network_spread"]
    assert {"id", "target", "low", "high", "model", "within"} <= found["facts"][0].keys()
    table, drawn = (pd.read_csv(made / name) for name in ("validation.csv", "forest.csv"))
    assert table["model"].tolist()[:4] == [one["model"] for one in found["facts"]] == drawn["model"].tolist()
    assert table["variant"].tolist() == ["model"] * 4 + ["blind_selection"] * 4
    for name in ("forest.png", "forest.svg", "forest.zh.png", "forest.zh.svg"):
        assert (made / name).stat().st_size > 10_000
    before = (made / "forest.svg").read_bytes()
    call("figures", str(made))
    assert (made / "forest.svg").read_bytes() == before


def test_estimates_are_means_and_quotients_of_means_of_the_trials(made: Path) -> None:
    found = {one["id"]: one for one in json.loads((made / "validation.json").read_text("utf-8"))["facts"]}
    trials = [run_task(Task("replication", DEFAULT, 0, n)) for n in range(3)]
    mean = paired_interval([one["parent_campus"] for one in trials], LEVEL)
    ratio = fieller(*zip(*(one["new_campus"] for one in trials), strict=True), LEVEL)
    for name, interval in (("parent_campus", mean), ("new_campus", ratio)):
        said = found[name]
        assert (said["model"], said["low"], said["high"]) == pytest.approx(tuple(interval))


def test_one_and_two_workers_give_the_same(made: Path, tmp_path: Path) -> None:
    call(
        "validate", "movers", "replication", "--replicates", "3", "--rival", "blind_selection", "--workers", "1",
        "--out", str(tmp_path / "v"),
    )  # fmt: skip
    assert (tmp_path / "v" / "validation.csv").read_bytes() == (made / "validation.csv").read_bytes()
    assert (tmp_path / "v" / "forest.svg").read_bytes() == (made / "forest.svg").read_bytes()


def test_the_table_tells_facts_misses_and_rivals_in_both_languages(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    words = ("validate", "movers", "replication", "--replicates", "3", "--rival", "blind_selection", "--out", str(made))
    for language, said in (("en", ("outside", "Blind selection")), ("zh", ("区间外", "盲选派出"))):
        text = call(*words, "--language", language)
        for word in (*said, "new_campus", *(f.title[language] for f in experiments()["replication"].facts)):
            assert word in text
        mechanism = facts()["parent_campus"].mechanism
        assert mechanism is not None
        assert mechanism[language] in text
    document = json.loads(call(*words, "--json"))
    assert document["rivals"][0]["id"] == "blind_selection"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("validate", "moovers"), "movers"),
        (("validate", "movers", "--rival", "plain_averagin"), "plain_averaging"),
        (("validate", "movers", "--replicates", "1"), "--replicates 1"),
        (("run", "shuangtaizi_two_schools", "--rival", "no_mach"), "no_match"),
        (("compare", "shuangtaizi_two_schools", "--rival", "all"), "no_match"),
        (("report", "nowhere"), "nowhere"),
    ],
)
def test_a_bad_name_gets_one_message_and_leaves_nothing(
    words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for language in ("en", "zh"):
        message = call(*words, "--lang", language, code=2)
        assert said in message
        assert "Traceback" not in message
    assert list(tmp_path.iterdir()) == []


def test_a_run_and_a_comparison_can_be_made_under_a_rival(tmp_path: Path) -> None:
    words = ("run", "shuangtaizi_two_schools", "--mode", "two_school_integration", "--years", "2", "--json")
    own = json.loads(call(*words, "--out", str(tmp_path / "own")))
    other = json.loads(call(*words, "--rival", "no_match", "--out", str(tmp_path / "rival")))
    assert own["measures"]["mean"] != other["measures"]["mean"]
    words = (
        "compare",
        "shuangtaizi_two_schools",
        "--replicates",
        "8",
        "--years",
        "4",
        "--no-figures",
        "--json",
        "--certainty",
        "2",
        "--explain",
        "none",
    )
    place = tmp_path / "compared"
    document = json.loads(call(*words, "--rival", "constant_renewal", "--workers", "1", "--out", str(place)))
    assert "Constant renewal" in document["title"]["en"]
    manifest = json.loads((place / "manifest.json").read_text("utf-8"))
    assert manifest["inputs"]["parameters"]["practice.renewal"]["value"] == 0.0


def test_rivals_are_listed_and_shown() -> None:
    rows = json.loads(call("list", "rivals", "--json", "--lang", "zh"))
    assert [row["name"] for row in rows] == list(rivals())
    assert json.loads(call("show", "no_match", "--json"))["parameters"] == {"teachers.match_share": 0.0}


@pytest.mark.slow
def test_all_facts_at_the_usual_number_of_replicates(tmp_path: Path) -> None:
    """The published table: what is inside stays inside, and every miss has its mechanism told."""
    document = json.loads(call("validate", "--json", "--out", str(tmp_path / "v")))
    assert document["replicates"] == REPLICATES
    for one in document["facts"]:
        assert one["within"] == "inside" or one["mechanism"], one["id"]


def test_jobs_are_known_by_what_decides_their_numbers() -> None:
    tasks = [
        Task("partners", DEFAULT, 0, 0), Task("partners", DEFAULT, 0, 1), Task("partners", DEFAULT, 1, 0),
        Task("titles", DEFAULT, 0, 0), Task("partners", rival_parameters("no_match"), 0, 0),
    ]  # fmt: skip
    assert len({content_hash(tuple(task)) for task in tasks}) == len(tasks)

"""The command line as a user meets it: answers, files left behind, and one clear message for each mistake."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.comparing import Wish, free_ranges
from app.where import Where
from app.wording import first_verdicts, verdict_table
from experiments.verdict import Decision, Verdict
from scenarios import reader

RUNNER = CliRunner()
PROMISED = {
    "mode", "rotation", "support", "verdict", "point_verdict", "point_regions", "replicates",
    "d_peak", "d_valley", "d_mean",
    "d_peak_year3", "d_valley_year3", "d_mean_year3", "peak_cost_ratio", "dip_depth", "recovery_year", "left_of_gain",
    "certainty", "attribution", "cost_per_pupil", "backbone_cv",
}  # fmt: skip
BROKEN = '[world]\ncounty = "x"\nname = = 3\n'


def call(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == code, result.output + str(result.exception)
    return result.stdout if code == 0 else result.stderr


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("results") / "two"
    call(
        "compare", "shuangtaizi_two_schools", "--replicates", "8", "--years", "5", "--workers", "1", "--certainty", "8",
        "--out", str(directory), "--lang", "en",
    )  # fmt: skip
    return directory


@pytest.mark.parametrize("what", ["scenarios", "modes", "rotations", "supports", "measures", "parameters"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_that_can_be_listed_can_be_shown(what: str, language: str) -> None:
    rows = json.loads(call("list", what, "--json", "--lang", language))
    assert rows
    for row in (rows[0], rows[-1]):
        assert json.loads(call("show", row["name"], "--json", "--lang", language))["name"] == row["name"]


def test_a_benchmark_is_shown_but_not_among_the_examples() -> None:
    assert "china_compulsory" not in {row["name"] for row in json.loads(call("list", "scenarios", "--json"))}
    assert json.loads(call("show", "china_compulsory", "--json"))["benchmark"] is True


def test_json_is_one_document_with_the_promised_fields(tmp_path: Path) -> None:
    text = call(
        "compare", "shuangtaizi_two_schools", "--replicates", "8", "--years", "4", "--workers", "1", "--no-figures",
        "--certainty", "4", "--explain", "all", "--json", "--out", str(tmp_path / "x"),
    )  # fmt: skip
    found = json.loads(text)
    assert {"scenario", "delta", "seed", "version", "inputs_sha256", "control", "policies", "results_dir"} <= set(found)
    for policy in found["policies"]:
        assert set(policy) >= PROMISED
        assert all(set(policy[name]) == {"mean", "low", "high"} for name in PROMISED if name.startswith(("d_", "peak")))
        assert set(policy["backbone_cv"]) == {"before", "after"}
        drawn = policy["certainty"]
        assert {"share", "runner_up", "runner_up_share", "draws", "effects", "hinges"} <= set(drawn)
        assert drawn["regions"][policy["verdict"]] == max(drawn["regions"].values()) == 4 * drawn["share"]
        assert drawn["year3"]["regions"][policy["verdict_year3"]] == max(drawn["year3"]["regions"].values())
        assert len(drawn["by_draw"]) == sum(drawn["regions"].values()) == 4
        assert {"unit", "of"} <= set(policy["certainty"]["hinges"][0]) if policy["certainty"]["hinges"] else True
        for name in ("d_peak", "d_valley", "d_mean"):
            outcome = policy["attribution"][name]
            assert sum(outcome["mechanisms"].values()) == outcome["total"]


def test_what_was_not_asked_for_is_null(results: Path) -> None:
    policies = json.loads((results / "comparison.json").read_text(encoding="utf-8"))["policies"]
    assert all(policy["certainty"] is not None for policy in policies)
    assert [policy["attribution"] is None for policy in policies] == [
        not {"peak_shaving", "dilution"} & {policy["verdict"], *policy["point_regions"]} for policy in policies
    ]


def test_effects_of_schools_and_groups_are_saved(results: Path) -> None:
    """The one group's change is that of its schools by pupils, and equals the mean over all grouped schools."""
    effects, groups = (pd.read_csv(results / f"{name}.csv") for name in ("effects", "groups"))
    pupils = pd.read_csv(results / "network" / "schools.csv").set_index("id")["pupils"]
    policies = json.loads((results / "comparison.json").read_text(encoding="utf-8"))["policies"]
    for policy, group in zip(policies, groups.to_dict("records"), strict=True):
        own = effects[effects["policy"] == group["policy"]].set_index("school")["d_quality"]
        assert group["d_quality"] == pytest.approx((own * pupils).sum() / pupils.sum(), abs=1e-12)
        assert group["d_quality"] == pytest.approx(policy["d_mean"]["mean"], abs=1e-12)
        paid = policy["costs"]["by_payer"]
        assert 0.0 <= paid["leads"] <= policy["cost_per_pupil"]
        assert sum(paid.values()) == pytest.approx(policy["cost_per_pupil"])


def test_the_terminal_shows_how_many_draws_agree(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    document = json.loads((results / "comparison.json").read_text(encoding="utf-8"))
    for language, heading, beside in (("en", "8 draws", "point estimate"), ("zh", "8 次", "点估计")):
        said = verdict_table(document, language, reported=False)
        assert heading in said
        assert said.count(beside) >= len(document["policies"])
        for policy in document["policies"]:
            drawn = policy["certainty"]
            assert f"{round(100 * drawn['share'], 1):g} %" in said
            assert drawn["runner_up"] is None or f"{round(100 * drawn['runner_up_share'], 1):g} %" in said
    for policy in document["policies"]:
        policy["certainty"] = None
    said = verdict_table(document, "en", reported=False)
    assert "not tested over the uncertain numbers" in said
    assert "8 draws" not in said


@pytest.mark.parametrize(("language", "judged", "made_up"), [("en", "are judged", "synthetic"), ("zh", "判断", "合成")])
def test_weights_are_said_to_be_judged_and_only_synthetic_schools_synthetic(
    results: Path, language: str, judged: str, made_up: str
) -> None:
    document = json.loads((results / "comparison.json").read_text(encoding="utf-8"))
    own = document | {"title": {"en": "Ours", "zh": "本县"}}
    for synthetic in (True, False):
        said = verdict_table(own | {"synthetic": synthetic}, language, reported=False)
        assert judged in said
        assert (made_up in said) == synthetic


def test_a_report_is_made_again_with_marks(results: Path) -> None:
    call("report", str(results), "--score-sd", "15")
    assert " marks)" in (results / "report.html").read_text(encoding="utf-8")
    call("report", str(results))
    assert " marks)" not in (results / "report.html").read_text(encoding="utf-8")
    assert "--score-sd" in call("report", str(results), "--score-sd", "-1", code=2)


def test_first_verdicts_are_told_in_a_line() -> None:
    found = [Decision(Verdict.FILL, (Verdict.FILL,), None, 8), Decision(Verdict.UNDECIDED, (), None, 8)]  # type: ignore[arg-type]
    assert first_verdicts(["A", "B"], found, 8, "en") == "point estimates so far, 8 pairs: A: Fill; B: Undecided"


def test_numbers_in_json_csv_and_figures_are_the_same(results: Path) -> None:
    found = json.loads((results / "comparison.json").read_text(encoding="utf-8"))["policies"]
    verdicts = pd.read_csv(results / "verdicts.csv")
    drawn = pd.read_csv(results / "figures" / "quadrant.csv")
    assert verdicts["d_peak_mean"].tolist() == [policy["d_peak"]["mean"] for policy in found]
    assert verdicts["verdict"].tolist() == [policy["verdict"] for policy in found]
    assert set(drawn.select_dtypes("number").to_numpy().ravel()) >= {policy["d_valley"]["mean"] for policy in found}


def test_what_a_comparison_leaves_behind(results: Path) -> None:
    for name in ("manifest.json", "ledger.sqlite", "comparison.json", "verdicts.json", "report.html", "report.zh.html"):
        assert (results / name).stat().st_size > 0
    assert {path.suffix for path in (results / "figures").glob("trajectories.*")} == {
        ".pdf",
        ".svg",
        ".png",
        ".csv",
        ".md",
    }
    assert json.loads((results / "manifest.json").read_text())["status"] == "complete"


def test_export_is_the_same_for_one_and_two_workers(results: Path, tmp_path: Path) -> None:
    other = tmp_path / "two_workers"
    call(
        "compare", "shuangtaizi_two_schools", "--replicates", "8", "--years", "5", "--workers", "2", "--certainty", "8",
        "--no-figures", "--out", str(other),
    )  # fmt: skip
    one, two = (call("export", str(directory), "--canonical") for directory in (results, other))
    assert hashlib.sha256(one.encode()).hexdigest() == hashlib.sha256(two.encode()).hexdigest()
    assert one.count("\n") > 8


def test_the_network_is_exported_as_graphml(results: Path, tmp_path: Path) -> None:
    call("export", str(results), "--graphml", str(tmp_path / "net.graphml"))
    assert "edge" in (tmp_path / "net.graphml").read_text(encoding="utf-8")


def test_a_run_saves_its_school_by_term_table(tmp_path: Path) -> None:
    text = call(
        "run", "shuangtaizi_two_schools", "--mode", "two_school_integration", "--years", "3", "--out",
        str(tmp_path / "r"),
        "--json",
    )  # fmt: skip
    found = json.loads(text)
    table = pd.read_parquet(next((tmp_path / "r" / "schools").glob("*.parquet")))
    assert len(table) == 2 * 3 * 2
    third_year = table[table.year == 3].groupby("school").quality.mean()
    shown = [found["measures"][name][2] for name in ("peak", "valley")]
    assert sorted(shown) == pytest.approx(sorted(third_year), abs=1e-12)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("compare", "yuyao_2021"), "yuyao_2020"),
        (("compare", "yuyao_2020", "--modes", "fusian"), "fusion"),
        (("compare", "yuyao_2020", "--rotations", "national_rul"), "national_rule"),
        (("compare", "yuyao_2020", "--set", "practice.renewall=0.4"), "practice.renewal"),
        (("compare", "yuyao_2020", "--set", "practice.renewal=much"), "practice.renewal"),
        (("compare", "yuyao_2020", "--set", "practice.renewal=7"), "practice.renewal"),
        (("compare", "yuyao_2020", "--set", "practice.renewal=nan"), "practice.renewal"),
        (("compare", "yuyao_2020", "--set", "practice.renewal"), "practice.renewal=0.4"),
        (("compare", "yuyao_2020", "--replicates", "3"), "--replicates 3"),
        (("compare", "yuyao_2020", "--delta", "0"), "--delta"),
        (("compare", "yuyao_2020", "--control", "nothing"), "as_is"),
        (("list", "moods"), "modes"),
        (("show", "fusionn"), "fusion"),
        (("report", "nowhere"), "nowhere"),
    ],
)
def test_a_mistake_gets_one_message_and_leaves_nothing(
    words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for language in ("en", "zh"):
        message = call(*words, "--lang", language, code=2)
        assert said in message
        assert "Traceback" not in message
    assert list(tmp_path.iterdir()) == []


def test_a_broken_file_is_told_with_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(BROKEN, encoding="utf-8")
    message = call("compare", str(path), "--lang", "en", "--out", str(tmp_path / "out"), code=2)
    assert "mine.toml:3" in message
    assert not (tmp_path / "out").exists()


def test_another_study_is_not_written_over(results: Path) -> None:
    before = (results / "comparison.json").read_bytes()
    message = call(
        "compare", "shuangtaizi_two_schools", "--replicates", "8", "--years", "6", "--out", str(results), code=2
    )
    assert "years" in message
    assert (results / "comparison.json").read_bytes() == before


def test_documents_are_listed_row_by_row_in_both_languages() -> None:
    for lang in ("en", "zh"):
        listed = json.loads(call("list", "documents", "--json", "--lang", lang))
        rows = [row for row in listed if row["modelled"]]
        assert len(rows) == 60
        assert all(row["fields"] and row["process"] and row["tests"] and row["shown by"] for row in rows)
        assert all(row["says"] in call("show", row["row"], "--lang", lang) for row in rows[:3])
        left = [row for row in listed if not row["modelled"]]
        assert left and all(row["fields"] for row in left)


def test_the_weights_of_policies_asked_for_are_uncertain_too() -> None:
    scenario = reader.load("shuangtaizi_two_schools")
    asked = Wish(scenario.name, "fusion", "none", "cultivation", "8", 0.02, None, 5, 0, Where())
    ranges = free_ranges(scenario, asked)
    assert {"modes.fusion.autonomy", "supports.cultivation.cultivation"} <= ranges.keys()
    assert "modes.two_school_integration.autonomy" not in ranges
    fixed = free_ranges(scenario, replace(asked, rival="constant_renewal"))
    assert fixed.keys() < ranges.keys()


@pytest.mark.parametrize(("host", "is_told"), [("0.0.0.0", True), ("::", True), ("10.1.2.3", True), ("127.0.0.1", 0)])
def test_a_page_for_others_is_warned_of(host: str, is_told: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.server.serve", lambda *_: None)
    for language, word in (("en", "Warning"), ("zh", "警告")):
        found = RUNNER.invoke(app, ["web", "--host", host, "--lang", language])
        assert found.exit_code == 0, found.output
        assert (word in found.stderr and host in found.stderr) == is_told
        assert is_told or not found.stderr

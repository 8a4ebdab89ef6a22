"""Claims as files: the bundled eighteen, a user's own, and what is told of a broken one."""

import math
import os
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.experimenting import found_by
from app.where import Executor, Where
from app.work import Work
from experiments.claim import POLICY, Claim, bundled, check_settings, claim_of, load, setting_of, values_of
from experiments.claim_runs import Budget, Trial
from experiments.claim_schema import OutcomeTable
from experiments.results import Manifest
from model.parameters import declared
from model.policy import Policy
from model.schedule import TERM
from scenarios.catalogue import documents
from scenarios.problems import ScenarioError
from scenarios.rows import rows
from scenarios.source import parse

OWN = Path(__file__).parent / "claim.toml"
NAMES = [f"k{number:02d}" for number in range(1, 19)]


def test_all_eighteen_are_there() -> None:
    assert list(bundled()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_bundled_claim_is_sound_and_cites_rows_that_exist(name: str) -> None:
    claim = load(name)
    check_settings(claim, setting_of(claim))
    table = claim.table
    cited = [*table.documents, *(quoted.row for quoted in table.quotations)]
    assert cited and [row for row in cited if row not in rows()] == []
    assert table.quotations, "say where the claim stands, or what it is read out of"
    for presumed in table.presumed:
        assert presumed.process in {process.name for process in TERM}
        assert [path for path in presumed.parameters if path not in declared()] == []
    assert any(not contrast.beside for contrast in table.contrasts)


def test_every_quotation_stands_in_its_document() -> None:
    folder = os.environ.get("YANGFENG_SOURCES")
    if not folder:
        pytest.skip("set YANGFENG_SOURCES to a folder with the documents; their texts are not part of this project")
    from tests.scenarios.test_provenance import plain

    texts = {letter: plain((Path(folder) / one.file).read_text("utf-8")) for letter, one in documents().items()}
    quoted = [(name, one.row, one.quotation) for name in NAMES for one in load(name).table.quotations]
    assert [entry for entry in quoted if plain(entry[2]) not in texts[entry[1][0]]] == []


def tried(claim: Claim, budget: Budget, directory: Path) -> dict[str, Any]:
    manifest = Manifest({"claim": claim.name}, {"study": 0}, "test")
    with Work.open(directory, manifest, Where(executor=Executor.INLINE)) as work:
        return found_by(Trial(claim, budget, 0), work)


def test_a_claim_of_ones_own_comes_to_a_verdict(tmp_path: Path) -> None:
    found = tried(load(OWN), Budget(3, 2, 1), tmp_path)
    assert found["verdict"] in ("holds", "does_not_hold", "depends")
    judged, beside = found["contrasts"]
    assert [cell["at"] for cell in judged["cells"]] == [0.1, 0.9]
    for cell in judged["cells"]:
        assert cell["value"]["low"] <= cell["value"]["mean"] <= cell["value"]["high"]
        assert cell["share"] in (0.0, 0.5, 1.0)
        assert cell["judged"]
    assert (beside["verdict"], beside["beside"]) == ("holds", True)
    lines = found["figure"]["lines"]
    assert [line["label"]["en"] for line in lines] == ["Integration", "Alone"]
    # The contrast is the difference of the two lines, and a policy equal to its control has no effect.
    gaps = [one - other for one, other in zip(lines[0]["mean"], lines[1]["mean"], strict=True)]
    assert [cell["value"]["mean"] for cell in judged["cells"]] == pytest.approx(gaps)


def test_the_same_claim_says_the_same_from_what_is_saved(tmp_path: Path) -> None:
    claim = load(OWN)
    assert tried(claim, Budget(2, 0, 1), tmp_path) == tried(claim, Budget(2, 0, 1), tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_bundled_claim_runs(name: str, tmp_path: Path) -> None:
    """Two replicates of three years in as small a world as the claim has."""
    found = tried(shrunk(name), Budget(2, 0, 1), tmp_path)
    assert found["contrasts"]
    for contrast in found["contrasts"]:
        for cell in contrast["cells"]:
            assert all(math.isfinite(number) for number in cell["value"].values())


def shrunk(name: str) -> Claim:
    """Return a claim over a few years in which schools are small, without what its figure asks for."""
    claim = load(name)
    table = claim.table
    year = min(table.years, 3)
    outcomes = {ident: _early(outcome) for ident, outcome in table.outcomes.items()}
    kept = table.model_copy(
        update={
            "years": year,
            "outcomes": outcomes,
            "figure": table.figure.model_copy(update={"kind": "contrasts"}),
            "constants": _small(claim, table.constants),
        }
    )
    return replace(claim, table=kept)


def _early(outcome: OutcomeTable) -> OutcomeTable:
    """Return an outcome with the years that a short run has."""
    text = outcome.model_dump_json()
    for year in range(12, 3, -1):
        text = text.replace(f"_year{year}", f"_year{1 + year % 3}")
    return type(outcome).model_validate_json(text)


def _small(claim: Claim, constants: dict[str, Any]) -> dict[str, Any]:
    """Return constants with small schools, as far as the world is counted."""
    set_ = {path for factor in claim.factors for sets in factor.settings.values() for path in sets}
    inside = any(path.split(":")[-1].startswith("world.levels") for path in set_)
    if claim.table.scenario.startswith("..") or "world.levels" in constants or (inside and "k04" in claim.name):
        return constants
    return constants | {"world.levels.*.staff": 8.0}


def test_a_cell_holds_constants_policy_and_levers() -> None:
    claim = load(OWN)
    values = values_of(claim, claim.cell({POLICY: "integration", "renewal": 0.1}))
    assert values["world.schools.0.posts"] == 24
    assert (values["mode"], values["practice.renewal"]) == ("two_school_integration", 0.1)
    assert dict(claim.cell({}))["renewal"] == 0.9


def test_a_lever_of_one_policy_leaves_the_others_alone() -> None:
    claim = load("k08")
    setting = setting_of(claim)
    cells = [claim.cell({POLICY: policy, "cycle": 6}) for policy in ("training", "district")]
    cycles = [setting.study(values_of(claim, cell)).arms[0].policy.support.training_cycle for cell in cells]
    assert cycles == [6, 0]


def test_layers_of_ties_can_be_put_on_and_taken_away() -> None:
    pairs, zones = load("k11"), load("k10")
    found = {policy: [layer.layer for layer in _policy(pairs, policy).layers] for policy in ("pairs", "groups", "both")}
    assert found["both"] == sorted({*found["pairs"], *found["groups"]})
    assert len(found["both"]) == 2
    with_tier, without = (_policy(zones, name).layers for name in ("with_tier", "without_tier"))
    assert len(with_tier) == len(without) + 1


def _policy(claim: Claim, policy: str) -> Policy:
    return setting_of(claim).study(values_of(claim, claim.cell({POLICY: policy}))).arms[0].policy


BROKEN: dict[str, tuple[str, str]] = {
    'scenario = "shuangtaizi_two_schools"': ('scenario = "shuangtaizi"', "unknown_scenario"),
    'measure = "d_valley"': ('measure = "d_valey"', "unknown_outcome"),
    "measure = { d_valley = 1.0, d_peak = 1.0 }": ("measure = { d_valley_year9 = 1.0 }", "out_of_bounds"),
    'kind = "implied"': ('kind = "guessed"', "unknown_choice"),
    'lever = "renewal"': ('lever = "renewl"', "unknown_choice"),
    'of = { policy = "alone" }': ('of = { policy = "allone" }', "unknown_choice"),
    "values = [0.1, 0.9]": ("values = [0.1, 0.5]", "unknown_choice"),
    'paths = ["practice.renewal"]': ('paths = ["practice.renewel"]', "unknown_parameter"),
    '"world.schools.0.posts" = 24': ('"world.schools.0.posts" = -1', "out_of_bounds"),
    'mode = "two_school_integration"': ('mode = "integration"', "unknown_mode"),
    "margin = 10.0": ("margn = 10.0", "unknown_field"),
}


@pytest.mark.parametrize(("words", "wrong"), BROKEN.items())
def test_a_fault_is_told_with_its_line(words: str, wrong: tuple[str, str]) -> None:
    text = OWN.read_text("utf-8").replace(words, wrong[0], 1)
    with pytest.raises(ScenarioError) as caught:
        checked(text)
    found = [problem for problem in caught.value.problems if problem.code == wrong[1]]
    assert found, caught.value
    if wrong[1] != "unknown_scenario":
        line = text.splitlines()[(found[0].where.line or 0) - 1]
        assert line.strip() in {wrong[0], "[levers.renewal]", "[policies.integration]", "default = 0.9"}, (
            line,
            found[0],
        )


def checked(text: str) -> None:
    claim = claim_of("own", parse("own.toml", text))
    check_settings(claim, setting_of(claim))


def test_all_faults_of_names_are_told_at_once() -> None:
    text = OWN.read_text("utf-8")
    for words in ('measure = "d_valley"', 'of = { policy = "alone" }', 'lever = "renewal"'):
        text = text.replace(words, BROKEN[words][0], 1)
    with pytest.raises(ScenarioError) as caught:
        checked(text)
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["unknown_outcome", "unknown_choice", "unknown_choice"]
    assert caught.value.problems[0].remedy["nearest"].startswith("valley")


def test_a_suspect_that_is_not_uncertain_is_told() -> None:
    text = OWN.read_text("utf-8").replace('"heads.share"]', '"heads.shar"]')
    with pytest.raises(ScenarioError) as caught:
        checked(text)
    assert [(p.code, p.remedy["nearest"].split(", ")[0]) for p in caught.value.problems] == [
        ("unknown_parameter", "heads.share")
    ]


def test_an_unknown_claim_is_told_with_the_nearest() -> None:
    with pytest.raises(ScenarioError) as caught:
        load("k19")
    assert caught.value.problems[0].code == "unknown_claim"


def test_the_bundled_files_are_toml_without_repetition() -> None:
    titles = [tomllib.loads(path.read_text("utf-8"))["title"]["en"] for path in bundled().values()]
    assert len(set(titles)) == len(titles)

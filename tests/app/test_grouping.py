"""`yangfeng group` as a planner meets it: a table, a map, a scenario that can be compared, and clear refusals."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from scenarios import reader

RUNNER = CliRunner()
COUNTY = """
title = { en = "Three towns", zh = "三个镇" }
synthetic = true

[world]
county = "towns"
towns = 3

[[world.levels]]
level = "primary"
groups = [{ count = 3, members = 3 }]
settings = { township = 6, rural = 3 }
staff = 30.0
pupils_per_teacher = 16.0

[policies]
modes = ["collaboration"]
rotations = ["none"]
"""


def call(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == code, result.output + str(result.exception)
    return result.stdout if code == 0 else result.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("group")
    (place / "towns.toml").write_text(COUNTY, encoding="utf-8")
    text = call("group", str(place / "towns.toml"), "-o", str(place / "grouped.toml"), "--size", "2:4", "--lang", "zh")
    (place / "said.txt").write_text(text, encoding="utf-8")
    return place


def test_what_a_proposal_leaves_behind(folder: Path) -> None:
    pictures = {f"map{suffix}.{ending}" for suffix in ("", ".zh") for ending in ("pdf", "svg", "png", "csv", "md")}
    own = {"proposal.json", "schools.csv", "groups.csv", "groups.zh.csv"}
    assert {path.name for path in (folder / "grouped").iterdir()} == pictures | own


def test_table_json_and_scenario_say_the_same(folder: Path) -> None:
    found = json.loads((folder / "grouped" / "proposal.json").read_text(encoding="utf-8"))
    groups = {school: one["id"] for one in found["groups"] for school in one["schools"]}
    scenario = reader.load(folder / "grouped.toml")
    assert {school.id: school.group for school in scenario.roster.schools} == groups
    rows = list(csv.DictReader((folder / "grouped" / "groups.zh.csv").open(encoding="utf-8-sig")))
    assert {row["编号"]: row["组"] for row in rows} == groups
    assert Counter(row["角色"] for row in rows) == {"牵头校": 3, "成员校": 9}
    assert found["measures"]["needy"] == found["measures"]["needy_with_strong"]


def test_what_is_printed_names_leads_and_files(folder: Path) -> None:
    said = (folder / "said.txt").read_text(encoding="utf-8")
    for words in ("三个镇", "牵头校", "现状", str(folder / "grouped.toml"), "map.zh.png"):
        assert words in said


def test_json_is_one_document(folder: Path, tmp_path: Path) -> None:
    text = call("group", str(folder / "towns.toml"), "-o", str(tmp_path / "x.toml"), "--size", "4", "--json")
    found = json.loads(text)
    assert {"scenario", "wish", "rule", "measures", "before", "regions", "groups", "scenario_file"} <= set(found)
    assert found == json.loads((tmp_path / "x" / "proposal.json").read_text(encoding="utf-8"))


def test_the_map_is_drawn_again_from_what_is_saved(folder: Path) -> None:
    before = (folder / "grouped" / "map.zh.png").read_bytes()
    (folder / "grouped" / "map.zh.png").unlink()
    assert "map.zh.png" in call("figures", str(folder / "grouped"))
    assert (folder / "grouped" / "map.zh.png").read_bytes() == before


def test_a_grouped_scenario_can_be_compared(folder: Path, tmp_path: Path) -> None:
    text = call(
        "compare", str(folder / "grouped.toml"), "--replicates", "8", "--years", "4", "--workers", "1", "--certainty",
        "0", "--explain", "none", "--no-figures", "--json", "--out", str(tmp_path / "r"),
    )  # fmt: skip
    assert json.loads(text)["world"]["groups"] == 3


def test_a_mode_sets_sizes_and_stands_in_the_scenario(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "fusion.toml"
    call("group", str(folder / "towns.toml"), "-o", str(out), "--mode", "fusion", "--lead-rule", "quality,private")
    scenario = reader.load(out)
    assert {group.mode for group in scenario.roster.groups} == {"fusion"}
    assert set(scenario.roster.members().values()) <= {1, 2}
    assert scenario.compare[0].mode == "fusion"


def test_assignments_are_kept_and_marked(folder: Path, tmp_path: Path) -> None:
    leads = json.loads((folder / "grouped" / "proposal.json").read_text(encoding="utf-8"))["groups"]
    lead, member = leads[0]["lead"], leads[1]["schools"][-1]
    (tmp_path / "fix.csv").write_text(f"school,group\n{member},{lead}\n", encoding="utf-8")
    call(
        "group", str(folder / "towns.toml"), "-o", str(tmp_path / "x.toml"), "--size", "2:5", "--fix",
        str(tmp_path / "fix.csv"),
    )  # fmt: skip
    rows = list(csv.DictReader((tmp_path / "x" / "schools.csv").open(encoding="utf-8")))
    assert {row["id"]: row["lead"] for row in rows}[member] == lead
    assert {row["id"] for row in rows if row["settled"] == "1"} == {lead, member}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--size", "5:2"), "--size 5:2"),
        (("--size", "11:11"), "--size 11:12"),
        (("--size", "13:20"), "12"),
        (("--weights", "balanse=1"), "balance"),
        (("--lead-rule", "best"), "quality"),
        (("--max-km", "0"), "--max-km"),
        (("--max-km", "nan"), "--max-km"),
        (("--max-km", "0.001", "--size", "2:4"), "--max-km "),
        (("--levels", "primry"), "primary"),
        (("--mode", "fusian"), "fusion"),
        (("--fix", "nobody=east"), "nobody"),
        (("--fix", "nowhere.csv"), "nowhere.csv"),
        (("-o", "towns.toml"), "towns.toml"),
        (("-o", "grouped.csv"), ".toml"),
    ],
)
def test_a_wish_that_cannot_be_kept_gets_one_message_and_leaves_nothing(
    words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("towns.toml").write_text(COUNTY, encoding="utf-8")
    out = () if "-o" in words else ("-o", "new.toml")
    for language in ("en", "zh"):
        message = call("group", "towns.toml", *out, *words, "--lang", language, code=2)
        assert said in message
        assert "Traceback" not in message
        assert "{" not in message
    assert [path.name for path in tmp_path.iterdir()] == ["towns.toml"]
    assert Path("towns.toml").read_text(encoding="utf-8") == COUNTY

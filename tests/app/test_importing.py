"""From a template to a comparison on the command line, and refusals as a planner reads them."""

import base64
import io
import json
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from typer.testing import CliRunner

from app import roster_wording
from app.cli import app
from app.template import FIELDS, header
from figures.text import LANGUAGES, placeholders, text
from scenarios.reader import load
from scenarios.rosters.headers import field_of, meanings, measure_of, plain
from scenarios.rosters.problems import CODES, Notes, Place
from tests.app.contents import pieces, spellings
from tests.scenarios.rosters.samples import save

RUNNER = CliRunner()
LONGEST_LIST = 255
"""Letters that Excel takes for a list to choose from."""
NAMES = {"teacher_name": "name"}


def call(*words: str, code: int = 0) -> tuple[str, str]:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == code, result.output + str(result.exception)
    return result.stdout, result.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_header_and_choice_of_the_template_is_understood(language: str) -> None:
    t = text(language)
    for table, fields in FIELDS.items():
        for field in fields:
            name, _, year = field.partition(" ")
            measure = measure_of(header(field, t))
            found = (measure.kind, measure.year) if year and measure else field_of(table, header(field, t))
            assert found == ((name, int(year)) if year else NAMES.get(name, name)), header(field, t)
    for key, word in t.entries.items():
        if key.startswith("roster.choice."):
            _, _, kind, meaning = key.split(".")
            assert meanings("values", kind)[plain(word)] == meaning, word


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_a_sentence_that_mentions_nothing_unknown(language: str) -> None:
    entries = {key: value for key, value in text(language).entries.items() if key.startswith("roster.problem.")}
    assert {key.rpartition(".")[2] for key in entries} == set(CODES)
    for code, (_, names) in CODES.items():
        assert placeholders(entries[f"roster.problem.{code}"]) <= {"value", *names}, code
        assert set(names) <= placeholders(entries[f"roster.problem.{code}"]) | {"nearest"}, code


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_every_problem_reads_as_a_line(code: str, language: str) -> None:
    notes = Notes()
    for row in range(2, 11):
        notes.add(code, Place("a.xlsx", "b", row, "c"), "d", **dict.fromkeys(CODES[code][1], "e"))
    (problem,) = notes.problems("error", "warning", "note")
    line = roster_wording.remark(problem, text(language)) if problem.severity != "error" else None
    line = line or roster_wording.where(problem, text(language)) + roster_wording.what(problem, text(language))
    assert "a.xlsx" in line and "{" not in line


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("zh", "说明：teachers.csv · “任教学科”列：历史 2、物理 1 按模型的“科学及其他”计（共 3 人）。"),
        ("en", "teachers.csv · column “任教学科”: 历史 2, 物理 1 count as “science and others” in the model (3 teach"),
    ],
)
def test_what_words_were_taken_as_is_said(language: str, line: str, tmp_path: Path) -> None:
    save(tmp_path, {"changes": [["teachers", "英语", "历史"], ["teachers", "数学", "历史"]]})
    assert line in call("import", str(tmp_path), "-o", str(tmp_path / "x.toml"), "--lang", language)[0]


def test_headers_to_choose_from_are_in_the_readers_language(tmp_path: Path) -> None:
    save(tmp_path, {"changes": [["schools", "城乡", "备注"]]})
    refused = {
        language: call("import", str(tmp_path), "-o", str(tmp_path / "x.toml"), "--lang", language, code=2)[1]
        for language in LANGUAGES
    }
    assert "缺少“城乡”这一列；请补上，表头可写作 城乡 / 城乡类型。" in refused["zh"]
    assert "such as 城乡 / 城乡类型 / setting." in refused["en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wrong_with_rosters_is_said_without_the_command_line(language: str) -> None:
    """The page shows the same sentences."""
    said = [words for key, words in text(language).entries.items() if key.startswith("roster.problem.")]
    assert not [words for words in said if "--" in words or "yangfeng" in words]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("zh", "提醒：schools.csv：教师数按“教师数”读取；“核定编制”不参与计算。"),
        ("en", "Warning: schools.csv: posts: read from “教师数”; “核定编制” is not used."),
    ],
)
def test_which_of_two_columns_is_read_is_said(language: str, line: str, tmp_path: Path) -> None:
    save(tmp_path, {"changes": [["schools", "平均分2023", "核定编制"]]})
    assert line in call("import", str(tmp_path), "-o", str(tmp_path / "x.toml"), "--lang", language)[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_template_is_refused_kindly_and_a_filled_one_imported(language: str, tmp_path: Path) -> None:
    folder = tmp_path / "rosters"
    call("template", str(folder), "--lang", language)
    assert {path.name for path in folder.iterdir()} == {"schools.xlsx", "teachers.xlsx", "ties.xlsx", "csv"}
    _, said = call("import", str(folder), "-o", str(tmp_path / "x.toml"), "--lang", language, code=2)
    assert text(language)("roster.problem.no_schools") in said
    assert not (tmp_path / "x.toml").exists()
    book = load_workbook(folder / "schools.xlsx")
    sheet = book.worksheets[0]
    lists = [rule.formula1 or "" for rule in sheet.data_validations.dataValidation]
    assert lists and max(map(len, lists)) <= LONGEST_LIST
    t = text(language)
    choices = {field: t(f"roster.choice.{field}.{code}") for field, code in
               {"level": "primary", "setting": "rural", "ownership": "public"}.items()}  # fmt: skip
    names = [cell.value for cell in sheet[1]]
    for number in range(3):
        cells = {**choices, "name": f"N{number}", "pupils": 300, "posts": 20}
        sheet.append([cells.get(field, "") for field in FIELDS["schools"]])
    assert names == [header(field, t) for field in FIELDS["schools"]]
    book.save(folder / "schools.xlsx")
    call("import", str(folder), "-o", str(tmp_path / "x.toml"), "--lang", language)
    assert [school.id for school in load(tmp_path / "x.toml").roster.schools] == ["N0", "N1", "N2"]


def test_a_template_overwrites_nothing(tmp_path: Path) -> None:
    call("template", str(tmp_path))
    before = (tmp_path / "schools.xlsx").read_bytes()
    _, said = call("template", str(tmp_path), "--lang", "en", code=2)
    assert "schools.xlsx" in said
    assert (tmp_path / "schools.xlsx").read_bytes() == before


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demonstration")
    call("template", str(folder / "rosters"), "--demo", "--lang", "zh")
    return folder


def test_the_demonstration_is_a_county_that_says_it_is_synthetic(demonstration: Path) -> None:
    out, _ = call("import", str(demonstration / "rosters"), "-o", str(demonstration / "demo.toml"), "--json")
    found = json.loads(out)
    assert (found["schools"], found["groups"], found["synthetic"]) == (60, 7, True)
    assert 1_900 <= found["teachers_listed"] <= 2_400
    scenario = load(demonstration / "demo.toml")
    assert scenario.synthetic and "synthetic" in scenario.title["en"]
    assert sum(not school.group for school in scenario.roster.schools) > 10
    csvs = [str(path) for path in sorted((demonstration / "rosters" / "csv").iterdir())]
    call("import", *csvs, "-o", str(demonstration / "csv" / "demo.toml"))
    for name in ("demo.toml", "demo.schools.csv", "demo.teachers.csv"):
        assert (demonstration / "csv" / name).read_bytes() == (demonstration / name).read_bytes()


def test_importing_again_into_the_same_folder_leaves_out_what_was_written(tmp_path: Path) -> None:
    save(tmp_path, {})
    call("import", str(tmp_path), "-o", str(tmp_path / "x.toml"), "--today", "2024-09-01")
    before = (tmp_path / "x.toml").read_bytes()
    call("import", str(tmp_path), "-o", str(tmp_path / "x.toml"), "--today", "2024-09-01")
    assert (tmp_path / "x.toml").read_bytes() == before


SAMPLE = {
    "unknown_school": (
        [["teachers", "东山村小", "东山小学"]],
        "teachers.csv · 第 4 行 · “学校”列：学校名册里没有“东山小学”。最接近的有：东山村小",
        "teachers.csv · row 4 · column “学校”: the table of schools has no “东山小学”. Nearest: 东山村小",
    ),
    "several_levels": (
        [["schools", "河口中学,初中", "河口中学,九年一贯制"]],
        "schools.csv · 第 6 行 · “学段”列：“九年一贯制”包含几个学段。请拆成几行",
        "schools.csv · row 6 · column “学段”: “九年一贯制” has several levels in one. Give each level a row",
    ),
    "not_a_number": (
        [["schools", "1200,70", "约1200,70"]],
        "schools.csv · 第 2 行 · “学生数”列：“约1200”不是数；请只填数字",
        "schools.csv · row 2 · column “学生数”: “约1200” is no number; write digits only",
    ),
}


@pytest.mark.parametrize("code", SAMPLE)
def test_refusals_are_words_with_place_and_remedy_and_nothing_is_written(code: str, tmp_path: Path) -> None:
    changes, *lines = SAMPLE[code]
    save(tmp_path, {"changes": changes})
    for language, line in zip(("zh", "en"), lines, strict=True):
        out = tmp_path / "out" / "x.toml"
        said = call("import", str(tmp_path), "-o", str(out), "--lang", language, code=2)[1]
        assert line in said
        assert not out.parent.exists()
    document = json.loads(call("import", str(tmp_path), "-o", str(out), "--json", code=2)[0])
    assert [error["code"] for error in document["errors"]] == [code]


@pytest.mark.parametrize(
    ("option", "value"),
    [("-o", "x.txt"), ("-o", "a b.toml"), ("--today", "soon"), ("--title", 61 * "x")],
)
def test_options_that_cannot_be_used_are_refused(option: str, value: str, tmp_path: Path) -> None:
    save(tmp_path, {})
    own = ["-o", str(tmp_path / "x.toml")] if option != "-o" else []
    words = ["import", str(tmp_path), *own, option, str(tmp_path / value) if option == "-o" else value]
    assert value[:50] in call(*words, "--lang", "en", code=2)[1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("option", "value"), [("-o", "x_33018519800101123X.toml"), ("--title", "我县 138-1234-5678")])
def test_names_that_hold_a_persons_number_are_refused_without_it(
    option: str, value: str, language: str, tmp_path: Path
) -> None:
    save(tmp_path, {})
    own = {"-o": str(tmp_path / "x.toml")} | {option: str(tmp_path / value) if option == "-o" else value}
    words = [word for pair in own.items() for word in pair]
    said = call("import", str(tmp_path), *words, "--lang", language, code=2)[1]
    assert "****" in said and "1234" not in said and "1123X" not in said and len(said.splitlines()) == 1
    assert not list(tmp_path.glob("*.toml"))


def test_a_place_is_called_as_its_people_call_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    save(tmp_path / "in", {})
    for name, title, said in (("a", ' 我县 "2025" {x} ', '我县 "2025" {x}'), ("b", "", "b")):
        scenario = tmp_path / f"{name}.toml"
        call("import", str(tmp_path / "in"), "-o", str(scenario), "--title", title)
        found = load(str(scenario))
        assert found.title == {"en": f"{said} (own data)", "zh": f"{said}（本地数据）"}
        assert found.name == name


def coded(folder: Path) -> Path:
    """Import the sound set under codes."""
    (folder / "in").mkdir()
    save(folder / "in", {})
    scenario = folder / "county.toml"
    call("import", str(folder / "in"), "-o", str(scenario), "--pseudonymise", "--today", "2024-09-01")
    return scenario


PRIVATE = ("实验小学", "湖滨", "东山村小", "第一初级", "河口", "阳光", "王一", "张三", "实验集团")


def holds_name(path: Path, names: Sequence[str] = PRIVATE) -> bool:
    """Whether a file holds a name of the sound set, however it is written and packed."""
    sought = re.compile(b"|".join(re.escape(spelling) for name in names for spelling in spellings(name)))
    return any(sought.search(piece) for piece in pieces(path))


def nameless(results: Path) -> list[Path]:
    """Return every file that a command left behind, after searching it for names of the sound set."""
    searched = [path for path in results.rglob("*") if path.is_file()]
    assert [path for path in searched if holds_name(path)] == []
    return searched


def test_the_search_for_names_finds_them_however_they_are_packed(tmp_path: Path) -> None:
    name = PRIVATE[0]
    pd.DataFrame({"school": [name]}).to_parquet(tmp_path / "a.parquet")
    with sqlite3.connect(tmp_path / "a.sqlite") as base:
        base.execute("CREATE TABLE runs (row BLOB)")
        base.execute("INSERT INTO runs VALUES (?)", (zlib.compress(name.encode()),))
    (tmp_path / "a.json").write_text(json.dumps([name]), encoding="utf-8")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 stream\n" + zlib.compress(name.encode("utf-16-be")) + b"\nendstream")
    workbook = io.BytesIO()
    with zipfile.ZipFile(workbook, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{name}</t>")
    (tmp_path / "a.xlsx").write_bytes(workbook.getvalue())
    (tmp_path / "a.html").write_bytes(b"data:x;base64," + base64.b64encode(workbook.getvalue()))
    said = PngInfo()
    said.add_itxt("Title", name, zip=True)
    Image.new("L", (1, 1)).save(tmp_path / "a.png", pnginfo=said)
    paths = list(tmp_path.iterdir())
    assert [path.name for path in paths if not holds_name(path)] == []
    assert not any(holds_name(path, ["无此校"]) for path in paths)


def test_a_run_of_codes_holds_no_name(tmp_path: Path) -> None:
    results = tmp_path / "results"
    call("run", str(coded(tmp_path)), "--mode", "fusion", "--years", "1", "--out", str(results))
    (table,) = (path for path in nameless(results) if path.suffix == ".parquet")
    assert set(pd.read_parquet(table)["school"]) == {f"S0{number}" for number in range(1, 7)}


def test_a_proposal_for_codes_holds_no_name(tmp_path: Path) -> None:
    words = ("--size", "1:6", "--lead-rule", "quality,private")
    call("group", str(coded(tmp_path)), "-o", str(tmp_path / "out" / "grouped.toml"), *words)
    assert {path.suffix for path in nameless(tmp_path / "out")} >= {".toml", ".csv", ".json", ".png", ".pdf", ".svg"}


def test_numbers_of_people_are_left_in_no_file_and_said_nowhere(tmp_path: Path) -> None:
    """Those of identity cards, old and new, and phones: in ids, names, remarks, and the name of the file."""
    numbers = ("33018519800101123X", "992319198812993612", "330185800101123", "13812345678")
    ids = [["teachers", f"T00{n},", f"{number},"] for n, number in enumerate(numbers, 1)]
    more = [
        ["teachers", "王一", f"王一{numbers[0]}"],
        ["schools", "平均分2023", "备注"],
        ["schools", "88.5", numbers[3]],
    ]
    given = tmp_path / "given"
    given.mkdir()
    changes = [["teachers", "工号", "身份证件号"], ["schools", "湖滨小学", f"湖滨小学（{numbers[3]}）"]]
    save(given, {"changes": [*ids, *more, *changes]})
    (given / "teachers.csv").rename(given / f"教师{numbers[1]}.csv")
    out = str(tmp_path / "out" / "county.toml")
    for language in LANGUAGES:
        said = "".join(call("import", str(given), "-o", out, "--lang", language))
        line = text(language)("roster.problem.numbers_coded", value=5)
        assert [one.rpartition(line)[0].count("“身份证件号”") for one in said.splitlines() if line in one] == [1]
        assert not any(number in said for number in numbers)
    said = "".join(call("import", str(given), "-o", out, "--json"))
    call("run", out, "--mode", "independent", "--years", "1", "--out", str(tmp_path / "out" / "results"))
    searched = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(searched) > 4
    assert not any(number in said for number in numbers)
    assert [path for path in searched if holds_name(path, [*numbers, "王一"])] == []


@pytest.mark.slow
def test_a_comparison_of_codes_holds_no_name(tmp_path: Path) -> None:
    results = tmp_path / "results"
    call(
        "compare", str(coded(tmp_path)), "--modes", "fusion", "--rotations", "national_rule", "--replicates", "8",
        "--years", "4", "--workers", "1", "--certainty", "0", "--explain", "none", "--out", str(results),
    )  # fmt: skip
    assert {path.suffix for path in nameless(results)} >= {".html", ".svg", ".csv", ".json", ".sqlite", ".tex"}

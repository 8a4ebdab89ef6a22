"""What is taken away: a workbook in the reader's words, and an archive for machines that explains itself."""

import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.workbook import Workbook
from typer.testing import CliRunner

from app.cli import app
from app.web import files
from experiments.verdict import REGIONS, Verdict
from figures import codebook
from figures.codebook import TABLES
from figures.text import LANGUAGES, Text, text
from model.balance import INDICATORS, UNITS
from model.columns import BACKFILLS, COST_LINES, HONOURS, LAYERS, LEVELS, OWNERSHIPS, ROLES, SETTINGS, SUBJECTS, TITLES
from tests.app.web.samples import SMALL

CODES = {
    **{
        f"{name}{horizon}": tuple(Verdict)
        for name in ("verdict", "runner_up", "point_verdict")
        for horizon in ("", "_year3")
    },
    "indicator": INDICATORS, "unit": UNITS, "level": LEVELS,
    "line": COST_LINES, "subject": SUBJECTS, "honour": HONOURS, "title": TITLES, "cover": BACKFILLS,
    "setting": SETTINGS, "ownership": OWNERSHIPS, "role": ROLES, "layer": LAYERS,
}  # fmt: skip
"""Column → every code that the model can put into it."""
SHOWN = ("verdicts", "effects", "groups", "members", "official", "costs", "moves", "schools", "ties")
EVIL = {"hubin": "=cmd|'/c calc'!A0", "shiyan": "+1 <script>alert(1)</script>"}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what the command saves of a small comparison in which teachers move."""
    folder = tmp_path_factory.mktemp("saved") / "x"
    words = ["compare", SMALL, "--modes", "as_planned,collaboration", "--rotations", "unified_deployment"]
    plain = ["--years", "4", "--replicates", "8", "--certainty", "0", "--explain", "none", "--no-figures", "--json"]
    told = CliRunner().invoke(app, [*words, *plain, "--workers", "1", "--out", str(folder)])
    assert told.exit_code == 0, told.output
    return folder


def opened(folder: Path, language: str) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(files.workbook(folder, language)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_that_is_saved_has_words(saved: Path, language: str) -> None:
    t = text(language)
    for file, columns in TABLES.items():
        there = list(pd.read_csv(saved / f"{file}.csv"))
        told = [column.name for column in columns]
        assert there == [name for name in told if name in there or not name.startswith("d_middle")], file
        for column in columns:
            assert codebook.head(column, t)
            assert codebook.meaning(column, t)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_that_the_model_knows_has_words(language: str) -> None:
    t = text(language)
    coded = {column.name: column for own in TABLES.values() for column in own if column.kind not in codebook.KINDS}
    assert set(coded) == set(CODES)
    for name, codes in CODES.items():
        words = [codebook.coded(code, coded[name], t) for code in codes]
        assert len(set(words)) == len(words)
        assert set(codes) <= set(codebook.known(coded[name].kind))
    several = codebook.OR.join(REGIONS)
    assert codebook.coded(several, next(c for c in TABLES["verdicts"] if c.kind == codebook.VERDICTS), t).endswith(
        t(f"verdict.name.{REGIONS[-1]}")
    )


def test_a_chinese_workbook_has_no_english_words_and_no_codes(saved: Path) -> None:
    book, t = opened(saved, "zh"), text("zh")
    assert book.sheetnames == [t(f"data.sheet.{name}") for name in ("guide", *SHOWN)]
    for sheet in book.worksheets[1:]:
        for row in sheet.iter_rows(values_only=True):
            told = [cell for cell in row if isinstance(cell, str)]
            assert not [cell for cell in told if re.search("[A-Za-z_]{2}", cell) and cell not in ("hubin", "shiyan")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_guide_explains_every_sheet_and_column(saved: Path, language: str) -> None:
    book, t = opened(saved, language), text(language)
    guide, *others = book.worksheets
    rows = list(guide.iter_rows(values_only=True))
    assert {sheet.title for sheet in others} <= {row[0] for row in rows}
    told = {row[1] for row in rows}
    for sheet in others:
        heads = [str(cell.value) for cell in sheet[1]]
        assert not [head for head in heads if not any(head == n or head.startswith(f"{n}{_gap(t)}") for n in told if n)]
    document = json.loads((saved / "comparison.json").read_text(encoding="utf-8"))
    facts = {row[0]: row[1] for row in rows}
    assert facts[t("data.guide.seed")] == str(document["seed"])
    assert facts[t("data.guide.version")] == document["version"]
    assert facts[t("data.guide.scenario")] == SMALL


def _gap(t: Text) -> str:
    return t("data.head", name="", unit="").rstrip(")）")


def test_numbers_of_the_workbook_are_those_saved(saved: Path) -> None:
    sheet = opened(saved, "zh")["各校变化"]
    effects = pd.read_csv(saved / "effects.csv")
    assert [cell.value for cell in sheet["D"][1:]] == pytest.approx(effects["d_quality"].tolist(), rel=1e-12)
    titles = {p["title"]["zh"] for p in json.loads((saved / "verdicts.json").read_text(encoding="utf-8"))}
    assert {cell.value for cell in sheet["A"][1:]} == titles
    (row,) = (row for row in opened(saved, "zh")["集团与学校"].iter_rows(values_only=True) if row[3] == "湖滨小学")
    assert row[:3] == ("实验小学教育集团", "名校带新校一体化", "实验小学")


def test_bounds_that_are_not_determined_say_so(saved: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(saved, tmp_path / "x")
    verdicts = pd.read_csv(folder / "verdicts.csv")
    verdicts.assign(peak_cost_ratio_high=float("inf")).to_csv(folder / "verdicts.csv", index=False)
    assert "未定" in {cell.value for cell in opened(folder, "zh")["判定"][2]}


def test_no_cell_of_what_is_taken_away_is_a_formula(saved: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(saved, tmp_path / "x")
    for name in ("effects", "network/schools", "network/groups", "network/ties", "moves"):
        table = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        table.replace(EVIL).assign(**({"name_zh": list(EVIL.values())} if name == "network/schools" else {})).to_csv(
            folder / f"{name}.csv", index=False
        )
    book = opened(folder, "zh")
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert {f"'{name}" for name in EVIL.values()} <= {cell.value for cell in cells}
    packed = zipfile.ZipFile(io.BytesIO(files.tables(folder)))
    table = pd.read_csv(io.BytesIO(packed.read("effects.csv")))
    assert set(table["school"]) == {f"'{name}" for name in EVIL.values()}
    assert table["d_quality"].tolist() == pytest.approx(pd.read_csv(folder / "effects.csv")["d_quality"].tolist())


def test_the_archive_explains_itself_in_both_languages(saved: Path) -> None:
    packed = zipfile.ZipFile(io.BytesIO(files.tables(saved)))
    names = set(packed.namelist())
    assert {f"{file}.csv" for file in TABLES} | {"README.txt", "columns.csv", "codes.csv", "policies.csv"} == names
    told = packed.read("README.txt").decode("utf-8-sig")
    assert all(f"{file}.csv" in told for file in TABLES)
    columns = pd.read_csv(io.BytesIO(packed.read("columns.csv")))
    for file in TABLES:
        own = columns[columns["file"] == f"{file}.csv"]
        assert set(pd.read_csv(io.BytesIO(packed.read(f"{file}.csv")))) <= set(own["column"])
    assert not columns[["name_en", "name_zh", "meaning_en", "meaning_zh"]].isna().any(axis=None)
    policies = pd.read_csv(io.BytesIO(packed.read("policies.csv")))
    assert set(policies["policy"]) == set(pd.read_csv(io.BytesIO(packed.read("effects.csv")))["policy"])

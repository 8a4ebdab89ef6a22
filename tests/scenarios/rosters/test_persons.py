"""People's own numbers: found however they are written, coded alike for a person, and neither kept nor shown."""

import csv
import datetime
import io
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from figures.text import text
from scenarios.rosters.county import County
from scenarios.rosters.persons import Persons, masked
from scenarios.rosters.problems import RosterProblem
from scenarios.rosters.write import written
from tests.scenarios.rosters.samples import SOUND, TEACHERS, imported, save, workbook

CHECKED, MISTYPED, OLD, PHONE = "33018519800101123X", "992319198812993612", "330185800101123", "13812345678"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SPELLINGS = (
    "{0}", " {0} ", "{0} （长期）", "王一{0}", "身份证号：{0}。", "1.{0}", "G{0}", "{1}-{2}-{3}", "{1} {2} {3}",
    "{1}\u2014{2}\u200b{3}", "'{0}", "({0}/{4})", "\uff27{0}",
)  # fmt: skip

CALM = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def wide(number: str) -> str:
    """Return a number in letters of full width."""
    return "".join(chr(ord(sign) + 0xFEE0) for sign in number)


@st.composite
def identity(draw: st.DrawFn) -> str:
    """Return the number of an identity card, its check digit right or not, its day possible or not."""
    born = draw(st.dates(datetime.date(1900, 1, 1), datetime.date(2030, 1, 1)))
    day = draw(st.sampled_from([f"{born:%d}", "99"]))
    body = f"{draw(st.integers(110000, 189999) | st.integers(210000, 999999))}{born:%Y%m}{day}"
    body += f"{draw(st.integers(0, 999)):03d}"
    right = "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]
    return body + draw(st.sampled_from([right, right, "0", "7", "X"]))


@settings(parent=CALM)
@given(identity(), st.sampled_from(SPELLINGS), st.booleans(), st.booleans())
def test_a_number_is_found_however_it_is_written_and_has_one_code(
    number: str, spelling: str, full: bool, small: bool
) -> None:
    shown = spelling.format(number, number[:6], number[6:14], number[14:], PHONE)
    shown = wide(shown) if full and shown.isascii() and " " not in shown else shown
    persons = Persons()
    code = persons.coded(persons.hidden(number))
    coded = persons.coded(persons.hidden(shown.lower() if small else shown))
    assert code == "T0001" and code in coded
    assert not re.search(r"\d{5}", coded) and not re.search(r"\d\d", masked(shown))


@settings(parent=CALM)
@given(identity().filter(lambda number: not number.startswith("99")))
def test_both_forms_of_an_identity_card_are_of_one_person(number: str) -> None:
    number = number[:6] + "19" + number[8:17]
    number += "10X98765432"[sum(int(d) * w for d, w in zip(number, WEIGHTS, strict=True)) % 11]
    persons = Persons()
    assert persons.coded(persons.hidden(number)) == persons.coded(persons.hidden(number[:6] + number[8:17]))


@settings(parent=CALM)
@given(st.lists(identity(), unique=True, max_size=20))
def test_codes_run_in_the_order_of_use_and_two_people_never_share_one(numbers: Sequence[str]) -> None:
    persons = Persons()
    assert persons.hidden("t0002") == "t0002"
    hidden = [persons.hidden(number) for number in numbers]
    codes = [persons.coded(cell) for cell in hidden]
    assert codes == [f"T{n:04d}" for n in (1, *range(3, 30))][: len(codes)]
    assert not any(number[:17] in cell for number, cell in zip(numbers, hidden, strict=True))


@pytest.mark.parametrize(
    "cell",
    [
        "119.251234567890123", "119.251234567890123, 29.871234080512345", "0.12345678901234567", "1.2345678901234e-05",
        "3633000001", "3133000123456789012", "20150801-20180731", "2015-08-01 2018-07-31", "2022 2023 2024 2025",
        "201508-201807 201809", "2023-09-01 00:00:00", "教民133078160000018", "123300007450035204", "1,234,567",
        "0578-1234567", "13012345678-T001", "1380123456", "6.2123456789012345",
    ],
)  # fmt: skip
def test_what_is_no_persons_number_stays_as_it_is(cell: str) -> None:
    assert Persons().hidden(cell) == cell and masked(cell) == cell


@pytest.mark.parametrize(
    "cell",
    [
        MISTYPED, OLD, PHONE, "330,185,198,001,011,230", "330185198001011234.0", "33018519800101123", MISTYPED * 2,
        "3301851980010112345", "6222 0212 3456 7890 123", "+86 138-1234-5678", "0.330185198001011237",
    ],
)  # fmt: skip
def test_other_numbers_of_people_are_found_too(cell: str) -> None:
    assert masked(cell).removeprefix("0.") == "****"
    assert Persons().hidden(cell) != cell


# Tables ---------------------------------------------------------------------------------------------------------------


def digits(number: str) -> re.Pattern[str]:
    """Return what finds a number however its digits are set apart."""
    return re.compile(r"\D{0,3}".join(number[:15]))


def kept(found: County) -> str:
    """Return all that an import writes."""
    return "\n".join(content for name, content in written(found, "x").files.items() for content in (name, content))


def said(problems: Sequence[RosterProblem]) -> str:
    """Return all that is said of rosters, in both languages, and all that programs are told."""
    from app.roster_wording import document

    assert problems
    return "".join(str(document(problems, language)) for language in ("zh", "en"))


SECRET = {number: digits(number) for number in (CHECKED, MISTYPED, OLD, PHONE)}
PLACES = {
    "工号": [["teachers", "T002", "{}"]],
    "an id with the name": [["teachers", "T002", "李二{}"]],
    "names of teachers": [["teachers", "李二", "李二{}"]],
    "names of schools": [["schools", "湖滨小学", "湖滨小学{}"]],
    "groups": [["schools", "52,实验集团", "52,{}"], ["schools", "70,实验集团", "70,{}"]],
    "remarks": [["schools", "平均分2023", "备注"], ["schools", "82.0", "电话{}"]],
    "a header": [["schools", "平均分2023", "平均分2023 {}"]],
    "a title": [["schools", "学校编号", "填表人 {}\n学校编号"]],
    "faulty numbers": [["schools", "900,52", "{},52"]],
    "faulty choices": [["teachers", "数学", "{}"]],
    "faulty dates": [["teachers", "教龄,职称", "参加工作时间,职称"], ["teachers", "8,一级", "{},一级"]],
    "schools that are not there": [["teachers", "00102", "学校{}"]],
    "unreadable places": [["schools", "119.262", "{}"]],
    "measures": [["schools", "82.0", "{}"]],
    "cells too many": [["schools", "81.5", "81.5,{}"]],
    "rows left out": [["teachers", "T002,李二", "合计,{}"]],
    "people who do not teach": [["teachers", "数学", "后勤（{}）"]],
}


@pytest.mark.parametrize("number", [*SECRET, wide(CHECKED)])
@pytest.mark.parametrize("place", PLACES)
def test_a_number_anywhere_is_neither_kept_nor_told(place: str, number: str, tmp_path: Path) -> None:
    changes = [[table, old, new.format(number)] for table, old, new in PLACES[place]]
    save(tmp_path, {"changes": changes})
    (tmp_path / "schools.csv").rename(tmp_path / f"schools {number}.csv")
    found, told = imported(tmp_path)
    for sought in SECRET.values():
        assert not sought.search(said(told)), place
        assert found is None or not sought.search(kept(found)), place


@settings(parent=CALM, max_examples=60)
@given(st.data(), identity(), st.sampled_from(SPELLINGS), st.booleans())
def test_a_number_in_any_cell_of_any_table_is_neither_kept_nor_told(
    data: st.DataObject, number: str, spelling: str, alone: bool
) -> None:
    table = data.draw(st.sampled_from(list(SOUND)))
    rows = list(csv.reader(SOUND[table].splitlines()))
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[row]) - 1))
    spelled = spelling.format(number, number[:6], number[6:14], number[14:], PHONE)
    rows[row][column] = spelled if alone else rows[row][column] + " " + spelled
    text_of = io.StringIO()
    csv.writer(text_of).writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        save(Path(folder), {"table": table, "new": text_of.getvalue()})
        found, told = imported(Path(folder))
    assert not digits(number).search(said(told))
    assert found is None or not digits(number).search(kept(found))


@pytest.mark.parametrize("number", SECRET)
def test_sheets_and_titles_that_hold_a_number_are_read_without_it(number: str, tmp_path: Path) -> None:
    rows: list[list[object]] = [list(row.split(",")) for row in TEACHERS.splitlines()]
    save(tmp_path, {"only": ["schools"]})
    (tmp_path / "teachers.xlsx").write_bytes(workbook([[f"填表人：王一 {number}"], *rows], f"教师{number}"))
    rows[1][0], rows[2][3] = int(number.replace("X", "1")), "天文"
    (tmp_path / "more.xlsx").write_bytes(workbook(rows, number))
    found, told = imported(tmp_path)
    assert found is None
    assert not any(sought.search(said(told)) for sought in SECRET.values())


PAPERS = ("身份证号", "身份证件号", "身份证号码", "证件号码", "ID card number")


@pytest.mark.parametrize("header", PAPERS)
def test_ids_of_papers_become_codes_in_the_order_of_rows_whatever_they_are(header: str, tmp_path: Path) -> None:
    ids = {"T001": CHECKED, "T002": "E12345678", "T003": MISTYPED, "T004": OLD, "T005": "无"}
    changes = [["teachers", "工号", header], *(["teachers", own, paper] for own, paper in ids.items())]
    save(tmp_path, {"changes": changes})
    found, told = imported(tmp_path)
    assert found is not None, told
    codes = [teacher.id for own in found.teachers.values() for teacher in own]
    assert codes == ["T0001", "T0002", "T0003", "T0004", "00106-T001"]
    assert "E12345678" not in kept(found)
    (note,) = [problem for problem in told if problem.code == "numbers_coded"]
    assert (note.place.file, note.place.column, note.value) == ("teachers.csv", header, "4")


def test_other_numbers_give_the_same_files(tmp_path: Path) -> None:
    """Chance is keyed by ids, so it must not hang on numbers; nor on columns that are not read."""
    contents = []
    for number, (first, second, more) in enumerate((("330185198001011237", OLD, ""), (MISTYPED, CHECKED, PHONE))):
        folder = tmp_path / str(number)
        folder.mkdir()
        changes = [["teachers", "T001,王一", f"{first},王一{more}"], ["teachers", "T003", second]]
        save(folder, {"changes": [*changes, ["schools", "平均分2023", "联系电话"], ["schools", "88.5", more]]})
        found, told = imported(folder)
        assert found is not None, told
        contents.append(kept(found))
    assert contents[0] == contents[1] and "T0002" in contents[0]


def test_a_number_joins_the_tables_of_an_import(tmp_path: Path) -> None:
    """A school under a number of eighteen digits is found by it, however it is written there."""
    changes = [
        ["schools", "00103", CHECKED],
        ["teachers", "东山村小", wide(CHECKED)],
        ["ties", "东山村小", CHECKED.lower()],
    ]
    save(tmp_path, {"changes": changes})
    found, told = imported(tmp_path)
    assert found is not None, told
    assert [teacher.id for teacher in found.teachers["T0001"]] == ["T003"]
    assert found.helpers == {"T0001": ["00101"]}


def test_codes_of_schools_in_eleven_digits_are_no_phones(tmp_path: Path) -> None:
    changes = [["schools", "00103", "13070200012"], ["teachers", "东山村小", "13070200012"], ["teachers", "T003", ""]]
    save(tmp_path, {"changes": changes})
    found, told = imported(tmp_path)
    assert found is not None, told
    files = written(found, "x").files
    assert "13070200012,东山村小" in files["x.schools.csv"]
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8", newline="\n")
    again, told = imported(*sorted(tmp_path.glob("x.*.csv")))
    assert again is not None, told
    assert written(again, "x").files == files


def test_a_person_in_two_rows_is_told_without_the_number(tmp_path: Path) -> None:
    save(tmp_path, {"changes": [["teachers", "T002", CHECKED], ["teachers", "T004", wide(CHECKED)]]})
    found, told = imported(tmp_path)
    assert found is None
    (fault,) = [problem for problem in told if problem.severity == "error"]
    assert (fault.code, fault.rows, fault.remedy["first"]) == ("person_twice", (5,), "teachers.csv 3")
    assert "T0001" not in text("zh")(f"roster.problem.{fault.code}", value="", first="")


@pytest.mark.parametrize("shortened", ["3.30185E+17", "3.30185198001011e+17", 330185198001011237.0])
def test_numbers_that_lost_their_digits_are_not_used_and_stand_in_nobodys_way(
    shortened: object, tmp_path: Path
) -> None:
    rows: list[list[object]] = [list(row.split(",")) for row in TEACHERS.splitlines()]
    for row in rows[1:]:
        row[0] = shortened
    rows[0][0] = "身份证号"
    save(tmp_path, {"only": ["schools"]})
    (tmp_path / "teachers.xlsx").write_bytes(workbook(rows, "教师"))
    found, told = imported(tmp_path)
    assert found is not None, told
    assert [problem.count for problem in told if problem.code == "number_lost"] == [5]
    assert [teacher.id for teacher in found.teachers["00101"]] == ["00101-T001"]
    assert "0185198" not in kept(found) + said(told)


def test_what_is_written_of_a_teacher_is_what_the_model_uses(tmp_path: Path) -> None:
    """No name, and of a date of hiring only the years that have passed."""
    hired = {
        "15,高级": "2001,高级",
        "8,一级": "2009-03-17,一级",
        "2,二级": "2020,二级",
        "22,高级": "1999,高级",
        "4,未评": "2021,未评",
    }
    changes = [["teachers", "教龄,职称", "参加工作时间,职称"], *(["teachers", old, new] for old, new in hired.items())]
    save(tmp_path, {"changes": changes})
    found, told = imported(tmp_path)
    assert found is not None, told
    table = written(found, "x").files["x.teachers.csv"].removeprefix("\ufeff")
    rows = list(csv.DictReader(table.splitlines()))
    assert next(row for row in rows if row["id"] == "T002")["experience"] == "15"
    assert set(rows[0]) == {
        "id", "school", "subject", "qualified", "experience", "rank", "honour", "employment", "value_added",
    }  # fmt: skip

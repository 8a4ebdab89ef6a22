"""Workbooks as spreadsheets save them, and workbooks that must not be opened."""

import datetime
import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from scenarios.rosters.problems import MOST_TOLD, Notes, Place, RosterProblem
from tests.scenarios.rosters.samples import SCHOOLS, imported, workbook

HEADER = ["学校编号", "学校名称", "学段", "城乡", "学生数", "教师数", "编外教师比例", "平均分2024"]
ROW: list[object] = [7, "甲小学", "小学", "城区", 800, 50, 0.15, 81.25]
TEACHERS = ["工号", "学校", "参加工作时间", "任教学科"]


def told(folder: Path) -> dict[str, RosterProblem]:
    return {problem.code: problem for problem in imported(folder)[1]}


def saved(book: Workbook, path: Path) -> Path:
    book.save(path)
    return path


def repacked(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """Return a workbook with something replaced in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            assert name != part or old in data
            target.writestr(name, data.replace(old, new, 1) if name == part else data)
    return out.getvalue()


def test_numbers_dates_and_merged_titles_of_a_workbook(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(workbook([["某县学校情况"], HEADER, ROW, ["合计", None, None, None, 800, 50]])))
    book["学校"].merge_cells("A1:H1")
    book["学校"]["A3"].number_format = "00000"
    sheet = book.create_sheet("教师")
    sheet.append(TEACHERS)
    sheet.append(["T1", "甲小学", datetime.datetime(2004, 9, 1), "语文"])
    sheet.append(["T2", 7.0, "2014.9", "数学"])
    saved(book, tmp_path / "名册.xlsx")
    county, found = imported(tmp_path)
    assert county is not None, found
    (school,) = county.schools
    assert (school.id, school.pupils, school.contract_share) == ("7", 800, 0.15)
    assert list(school.measures.values()) == [81.25]
    assert [teacher.experience for teacher in county.teachers["7"]] == [20.0, 10.0]


def test_faults_of_a_workbook_are_told_with_sheet_row_and_column(tmp_path: Path) -> None:
    broken = [*ROW[:4], datetime.date(2024, 3, 5), 50, 1.5, "#DIV/0!"]
    (tmp_path / "a.xlsx").write_bytes(workbook([["标题"], [], HEADER, ROW, broken], "学校表"))
    found = imported(tmp_path)[1]
    places = {p.code: (p.place.file, p.place.sheet, p.rows, p.place.column, p.value) for p in found}
    assert places["became_date"] == ("a.xlsx", "学校表", (5,), "学生数", "2024-03-05")
    assert places["out_of_bounds"] == ("a.xlsx", "学校表", (5,), "编外教师比例", "1.5")
    assert places["formula_error"] == ("a.xlsx", "学校表", (5,), "平均分2024", "#DIV/0!")
    assert places["duplicate_id"] == ("a.xlsx", "学校表", (5,), "学校编号", "7")


def test_formulas_without_a_saved_value_are_told(tmp_path: Path) -> None:
    """Programs write them; a spreadsheet fills in the value when it saves."""
    (tmp_path / "a.xlsx").write_bytes(workbook([HEADER, [*ROW[:4], "=400+400", *ROW[5:]]]))
    assert told(tmp_path)["formula_error"].place.column == "学生数"


def test_an_id_that_a_spreadsheet_keeps_as_a_number_has_lost_its_digits(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbook([HEADER, [3133000123456789012, *ROW[1:]]]))
    assert told(tmp_path)["id_lost_digits"].rows == (2,)


def test_sheets_that_are_no_rosters_or_hidden_are_left_out(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(workbook([HEADER, ROW])))
    book.create_sheet("说明").append(["请认真填写"])
    book.create_sheet("统计口径").append(["城区：主城区"])
    hidden = book.create_sheet("旧表")
    hidden.append(HEADER)
    hidden.append(ROW)
    hidden.sheet_state = "hidden"
    book.create_sheet("Sheet3")
    saved(book, tmp_path / "a.xlsx")
    county, found = imported(tmp_path)
    assert county is not None
    assert [p.place.sheet for p in found if p.code == "sheet_skipped"] == ["统计口径"]
    assert len(county.schools) == 1


def test_files_that_spreadsheets_lock_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbook([HEADER, ROW]))
    (tmp_path / "~$a.xlsx").write_bytes(b"lock")
    assert imported(tmp_path)[0] is not None


@pytest.mark.parametrize("mark", [b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<! ENTITY a 'b'>"])
def test_xml_entities_are_refused(mark: bytes, tmp_path: Path) -> None:
    content = repacked(workbook([HEADER, ROW]), "xl/worksheets/sheet1.xml", b"<worksheet", mark + b"<worksheet")
    (tmp_path / "a.xlsx").write_bytes(content)
    assert "unsafe_workbook" in told(tmp_path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenarios.rosters.workbook.MOST_UNPACKED", 40 * 1024**2)
    bomb = b"<sheetData>" + b" " * 60_000_000
    (tmp_path / "a.xlsx").write_bytes(
        repacked(workbook([HEADER, ROW]), "xl/worksheets/sheet1.xml", b"<sheetData>", bomb)
    )
    assert (tmp_path / "a.xlsx").stat().st_size < 2_000_000
    assert told(tmp_path)["workbook_too_large"].remedy == {"limit": "40 MB"}


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    content = bytearray(workbook([HEADER, ROW]))
    place = content.rindex(b"PK\x01\x02", 0, content.rindex(b"xl/worksheets/sheet1.xml"))
    content[place + 24 : place + 28] = (10).to_bytes(4, "little")
    (tmp_path / "a.xlsx").write_bytes(bytes(content))
    assert "broken_workbook" in told(tmp_path)


def test_a_cell_far_out_is_refused(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(workbook([HEADER, ROW])))
    book["学校"]["XFD1048576"] = "x"
    saved(book, tmp_path / "a.xlsx")
    assert "workbook_too_large" in told(tmp_path)


@pytest.mark.parametrize("reference", [b"r='XFD1048576'", b' r = "XFD1048576"'])
def test_a_cell_far_out_is_seen_however_it_is_written(reference: bytes, tmp_path: Path) -> None:
    content = repacked(workbook([HEADER, ROW]), "xl/worksheets/sheet1.xml", b'r="H2"', reference)
    (tmp_path / "a.xlsx").write_bytes(content)
    assert told(tmp_path).keys() & {"workbook_too_large", "broken_workbook"}


def test_one_long_text_shown_in_every_cell_is_refused(tmp_path: Path) -> None:
    """Kilobytes that a reader would copy out to hundreds of megabytes."""
    cells = b"".join(b'<c r="A%d" t="s"><v>0</v></c>' % row for row in range(9, 4000))
    content = repacked(
        workbook([HEADER, ROW]), "xl/worksheets/sheet1.xml", b"</row>", b"</row><row>" + cells + b"</row>"
    )
    with zipfile.ZipFile(out := io.BytesIO(content), "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<sst><si><t>{'名' * 30_000}</t></si></sst>")
    (tmp_path / "a.xlsx").write_bytes(out.getvalue())
    assert (tmp_path / "a.xlsx").stat().st_size < 100_000
    assert "workbook_too_large" in told(tmp_path)


def test_teachers_of_every_school_on_a_sheet_of_its_own(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(workbook([HEADER, ROW, [8, "青山县乙小学", *ROW[2:]]])))
    for name, title, teacher in (("甲小学", "", "张三"), ("Sheet3", "乙小学教师花名册", "李四")):
        sheet = book.create_sheet(name)
        sheet.append([title])
        sheet.append(["姓名", "身份证号", "任教学科", "职称"])
        sheet.append([teacher, "", "语文", "一级"])
    saved(book, tmp_path / "a.xlsx")
    county, found = imported(tmp_path)
    assert county is not None, found
    assert {school: len(own) for school, own in county.teachers.items()} == {"7": 1, "8": 1}
    assert [p.place.sheet for p in found if p.code == "school_of_table"] == ["Sheet3", "甲小学"]


def test_faults_are_told_however_many_remarks_there_are() -> None:
    notes = Notes()
    for number in range(2 * MOST_TOLD):
        notes.add("unused_column", Place("a.xlsx"), number, nearest="")
    notes.add("no_schools", Place("a.xlsx"))
    assert [problem.code for problem in notes.problems("error")] == ["no_schools"]
    assert len(notes.problems("note")) == MOST_TOLD


def test_a_workbook_with_a_password_is_told_as_such(tmp_path: Path) -> None:
    """Excel wraps it into an older container."""
    (tmp_path / "a.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000))
    assert told(tmp_path).keys() & {"broken_workbook", "locked_workbook"}


def test_more_rows_than_the_limit_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("学校名称,学段,城乡\n" + "甲小学,小学,城区\n" * 150_001, encoding="utf-8")
    assert told(tmp_path)["too_many_rows"].remedy == {"limit": "150000"}


def test_a_cell_longer_than_any_spreadsheet_holds_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(SCHOOLS.replace("湖滨小学", "湖" * 40_000), encoding="utf-8")
    assert told(tmp_path)["cell_too_long"].rows == (3,)


def test_a_file_larger_than_the_limit_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(64 * 1024**2 + 1)
    assert told(tmp_path)["file_too_large"].remedy == {"limit": "64 MB"}


def test_a_table_as_bureaus_make_them_and_a_list_of_teachers_from_every_school(tmp_path: Path) -> None:
    """Titles, a header of two rows with merged cells, a total, a remark; teachers school by school in files."""
    above = ["序号", "单位", "办学类型", "所在地", "在校生数", "专任教师数", "教育集团", "身份", "经纬度", None]
    header = [[*above, "质量监测平均分", None], [*[None] * 8, "经度", "纬度", "2023年", "2024年"]]
    rows = [
        [1, "县实验小学", "完全小学", "城区", 1500, 90, "实小集团", "总校", 120.1, 29.5, 88, 89],
        [2, "河湾小学", "完全小学", "镇区", 500, 33, "实小集团", "分校", 120.2, 29.6, 75, 74],
    ]
    below = [["合计", None, None, None, 2000, 123], ["填表人：某某　审核人：某某"]]
    book = load_workbook(io.BytesIO(workbook([["附件1"], ["某县学校基本情况统计表"], *header, *rows, *below])))
    for cells in ("A2:J2", *(f"{column}3:{column}4" for column in "ABCDEFGH"), "I3:J3", "K3:L3"):
        book["学校"].merge_cells(cells)
    saved(book, tmp_path / "附件1.xlsx")
    for _, school, *_ in rows:
        staff = [[n, f"教师{n}", school, "语文", "2010.08", "中小学一级教师"] for n in range(3)]
        titles = ["序号", "姓名", "学校", "任教学科", "参加工作时间", "职称"]
        (tmp_path / f"{school}.xlsx").write_bytes(workbook([[f"{school}教师花名册"], titles, *staff]))
    county, found = imported(tmp_path)
    assert county is not None, found
    assert [(school.role, school.lon, len(school.measures)) for school in county.schools] == [
        ("lead", 120.1, 2),
        ("member", 120.2, 2),
    ]
    assert {school: len(own) for school, own in county.teachers.items()} == {"县实验小学": 3, "河湾小学": 3}

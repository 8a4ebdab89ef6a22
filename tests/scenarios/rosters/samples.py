"""A sound set of rosters, and ways to break and save it."""

import datetime
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from scenarios.rosters.county import County, county_of
from scenarios.rosters.problems import Notes, RosterError, RosterProblem

TODAY = datetime.date(2024, 9, 1)
SCHOOLS = """学校编号,学校名称,学段,城乡,办学性质,学生数,教师数,所属集团,集团角色,经度,纬度,平均分2023,平均分2024
00101,实验小学,小学,城区,公办,1200,70,实验集团,牵头校,119.251,29.871,88.5,89.0
00102,湖滨小学,小学,城区,公办,900,52,实验集团,成员校,119.262,29.882,82.0,81.5
00103,东山村小,小学,乡村,公办,210,16,实验集团,成员校,119.391,29.951,71.0,73.5
00104,第一初级中学,初中,城区,公办,1500,110,,,119.247,29.865,76.0,77.0
00105,河口中学,初中,镇区,公办,640,50,,,119.330,29.910,70.5,69.5
00106,阳光幼儿园,幼儿园,城区,普惠性民办,180,15,,,119.255,29.876,,
"""
TEACHERS = """工号,姓名,学校,任教学科,学科对口,教龄,职称,骨干称号,编制
T001,王一,实验小学,语文,是,15,高级,骨干教师,编内
T002,李二,00102,数学,是,8,一级,无,编内
T003,张三,东山村小,英语,否,2,二级,无,编外
T004,赵四,第一初级中学,物理,是,22,高级,名师,编内
T005,钱五,阳光幼儿园,保教,是,4,未评,无,民办
"""
TIES = "支援校,受援校\n实验小学,东山村小\n"
SOUND: Mapping[str, str] = {"schools": SCHOOLS, "teachers": TEACHERS, "ties": TIES}
ALWAYS = {"scores_shrunk"}
"""What is said of the sound set too."""


def save(folder: Path, case: Mapping[str, Any]) -> None:
    """Save the tables of a case in a folder."""
    texts = {table: text for table, text in SOUND.items() if table in case.get("only", SOUND)}
    table = case.get("table")
    if table and "new" in case:
        texts[table] = changed(texts[table], case["old"], case["new"]) if "old" in case else case["new"]
    for name, old, new in case.get("changes", ()):
        texts[name] = changed(texts[name], old, new)
    for name, text in texts.items():
        own = case if name == table else {}
        content = bytes.fromhex(own["bytes"]) if "bytes" in own else text.encode(own.get("encoding", "utf-8"))
        names = [own.get("save_as", f"{name}.csv"), *([own["copy_as"]] if "copy_as" in own else [])]
        for place in names:
            (folder / place).write_bytes(content)


def changed(text: str, old: str, new: str) -> str:
    """Return `text` with the first `old`, which must be there, replaced."""
    assert old in text, old
    return text.replace(old, new, 1)


def imported(*paths: Path, pseudonymise: bool = False) -> tuple[County | None, tuple[RosterProblem, ...]]:
    """Return the county that rosters describe, None if they are refused, and everything said about them."""
    notes = Notes()
    try:
        county = county_of(paths, notes, TODAY, pseudonymise)
    except RosterError as error:
        return None, error.problems + error.remarks
    return county, notes.problems("error", "warning", "note")


def workbook(rows: list[list[object]], title: str = "学校") -> bytes:
    """Return a workbook of one sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

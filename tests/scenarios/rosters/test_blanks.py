"""What empty cells of a roster mean, school by school; at the start of a policy honours are exactly the lists's."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from model.attributes import compile_policy
from model.chance import key
from model.simulation import burn_in
from scenarios.reader import load
from scenarios.rosters.county import County
from scenarios.rosters.problems import RosterProblem
from scenarios.rosters.write import written
from tests.scenarios.rosters.samples import imported

SCHOOLS = ("甲", "乙", "丙", "丁")
POSTS, LISTED = 30, {"甲": 30, "乙": 30, "丙": 18, "丁": 0}
HONOURED = {"甲": 4, "乙": 0, "丙": 2}
"""Of four schools one leaves the column empty, one lists a part of its posts, and one has no list."""


def county(
    folder: Path, column: str = "骨干称号", without: str = "", mark: str = ""
) -> tuple[County, list[RosterProblem]]:
    """Import four schools; the list of `without` lacks the column, and `mark` stands where nobody has an honour."""
    rows = "".join(f"{name}小学,小学,镇区,450,{POSTS}\n" for name in SCHOOLS)
    (folder / "schools.csv").write_text(f"学校名称,学段,城乡,学生数,教师数\n{rows}", encoding="utf-8")
    for name in SCHOOLS:
        lines = [f"工号,学校,教龄,职称{'' if name == without else f',{column}'}"]
        for number in range(LISTED[name]):
            honour = ("县骨干教师", "市名师")[number % 2] if number < HONOURED[name] else mark
            rank = "" if name == "乙" or number == 7 else "一级"
            more = "" if name == without else f",{honour}"
            lines.append(f"{name}{number},{name}小学,{6 + number},{rank}{more}")
        (folder / f"teachers {name}.csv").write_text("\n".join(lines), encoding="utf-8")
    found, told = imported(folder)
    assert found is not None, told
    return found, list(told)


def honours_at_start(folder: Path, found: County, seed: int = 0) -> dict[str, int]:
    """Return school → holders of an honour when the policy starts."""
    files = written(found, "x")
    folder.mkdir(exist_ok=True)
    for name, content in files.files.items():
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
    scenario = load(folder / files.scenario)
    baseline = compile_policy(scenario.baseline, scenario.world)
    world = burn_in(scenario.world, baseline, scenario.parameters, key(seed, 0), 3).world
    counts = np.bincount(world.teachers.home[world.teachers.honour > 0], minlength=len(SCHOOLS))
    return dict(zip(scenario.labels.schools, counts.tolist(), strict=True))


@pytest.mark.parametrize(("without", "mark"), [("", ""), ("乙", ""), ("", "无"), ("", "/"), ("", "不详")])
def test_honours_at_the_start_are_those_of_the_lists(without: str, mark: str, tmp_path: Path) -> None:
    found, _ = county(tmp_path, without=without, mark=mark)
    assert all(teacher.honour for own in found.teachers.values() for teacher in own)
    for seed in (0, 1):
        start = honours_at_start(tmp_path / "out", found, seed)
        # Nothing is known of the fourth school: it has its usual share of about a tenth, not all that is left.
        assert start.pop("丁小学") <= POSTS // 5
        assert start == {f"{name}小学": count for name, count in HONOURED.items()}


def test_honours_are_drawn_only_where_no_table_has_any_and_that_is_said(tmp_path: Path) -> None:
    found, told = county(tmp_path, column="备注")
    assert {teacher.honour for own in found.teachers.values() for teacher in own} == {None}
    (note,) = [problem for problem in told if problem.place.column == "honour"]
    assert (note.code, note.value, note.remedy["all"]) == ("teacher_column_drawn", "78", "78")
    assert sum(honours_at_start(tmp_path / "out", found).values()) > sum(HONOURED.values())


def test_what_is_taken_as_none_and_what_is_drawn_is_said_with_counts_and_schools(tmp_path: Path) -> None:
    _, told = county(tmp_path)
    said = {(p.code, p.place.column): (p.value, dict(p.remedy)) for p in told}
    assert said["honour_blank", "honour"] == ("72", {"all": "78"})
    assert said["honours_blank", "honour"] == ("乙小学", {"count": "1"})
    assert said["honours_of_listed", "honour"] == ("12", {})
    assert said["teacher_column_drawn", "rank"] == ("32", {"all": "78"})
    assert said["schools_blank", "rank"] == ("乙小学", {"count": "1"})
    assert [p.rows for p in told if p.code == "school_unlisted"] == [(5,)]
    assert Counter(p.code for p in told)["schools_blank"] == 1  # nobody's subject is told anywhere, so no school is odd


def test_a_share_of_contract_teachers_left_empty_beside_others_is_none_and_said(tmp_path: Path) -> None:
    rows = "甲小学,小学,镇区,450,30,12%\n乙小学,小学,镇区,450,30,\n丙小学,小学,镇区,450,30,0\n"
    (tmp_path / "a.csv").write_text(f"学校名称,学段,城乡,学生数,教师数,编外教师比例\n{rows}", encoding="utf-8")
    found, told = imported(tmp_path)
    assert found is not None, told
    assert [problem.rows for problem in told if problem.code == "contract_share_blank"] == [(3,)]

"""What a place knows of the values behind the official indicators: from its own lists, by level and column, or not."""

from pathlib import Path

import pytest

from app.importing import import_rosters
from scenarios.known import Known
from scenarios.reader import load, loads
from tests.scenarios.samples import LISTED, changed
from tests.scenarios.test_staff import saved

SCHOOLS = """id,name,level,setting,pupils,posts,group,role
a,A,primary,urban,800,50,g,lead
b,B,primary,rural,,14,g,member
c,C,primary,township,500,,,
d,D,junior,urban,,,,
e,E,junior,urban,600,3,,
"""
TEACHERS = """id,school,subject,qualified,experience,rank,honour,employment
t1,a,maths,yes,12,senior,backbone,established
t2,a,pe,,3,junior,none,contract
t3,c,chinese,no,9,junior,none,established
"""


def _told(known: tuple[Known, ...]) -> dict[tuple[str, str], tuple[int, int]]:
    return {(one.level, one.value): (one.known, one.of) for one in known}


def test_a_place_that_is_made_up_knows_nothing() -> None:
    for name in ("yuyao_2020", "shuangtaizi_two_schools", "lishui_2019_primary"):
        found = load(name)
        assert found.known
        assert all(one.known == 0 for one in found.known), name
        assert {one.of for one in found.known if one.value == "pupils"} <= {
            sum(school.level == level for school in found.roster.schools) for level in found.levels
        }


def test_an_import_tells_by_level_of_how_many_schools_and_posts_each_value_was_read(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    (tmp_path / "teachers.csv").write_text(TEACHERS, encoding="utf-8")
    found = load(import_rosters([tmp_path], tmp_path / "own.toml").scenario)
    posts = {level: sum(s.posts for s in found.roster.schools if s.level == level) for level in ("primary", "junior")}
    told = _told(found.known)
    assert told["primary", "pupils"] == (2, 3)
    assert told["primary", "posts"] == (3, 3)  # those of c are the teachers listed
    assert told["junior", "pupils"] == (1, 2)
    assert told["junior", "posts"] == (1, 2)
    assert told["primary", "honour"] == (3, posts["primary"])
    assert told["primary", "qualified"] == (2, posts["primary"])
    assert told["junior", "honour"] == (0, posts["junior"])


def test_without_a_table_of_teachers_nothing_about_persons_is_known(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    told = _told(load(import_rosters([tmp_path], tmp_path / "own.toml").scenario).known)
    assert told["primary", "honour"][0] == told["primary", "qualified"][0] == 0
    assert told["primary", "pupils"] == (2, 3)
    assert told["primary", "posts"] == (2, 3)


@pytest.mark.parametrize(
    ("ground", "known"),
    [
        ("", 3),
        ('[[provenance]]\nfields = ["world.schools"]\nassumed = "Made up."\n', 0),
        ('[[provenance]]\nfields = ["world.schools.pupils"]\nrow = "Y1"\nquotation = "800"\n', 3),
    ],
)
def test_schools_that_somebody_lists_are_known_unless_said_to_be_assumed(ground: str, known: int) -> None:
    text = changed(LISTED, "synthetic = true", "synthetic = false") + ground
    assert _told(loads("own", text).known)["primary", "pupils"] == (known, 3)


def test_a_table_of_teachers_is_known_row_by_row(tmp_path: Path) -> None:
    told = _told(load(saved(tmp_path)).known)
    assert told["primary", "honour"] == (2, 94)
    assert told["primary", "qualified"] == (2, 94)

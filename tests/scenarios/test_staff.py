"""The table of teachers beside a scenario: used as it says, refused when it was changed or is not of the right form."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from model.columns import EMPLOYMENTS, SUBJECTS
from scenarios.problems import ScenarioError
from scenarios.reader import load
from scenarios.roster import School, Teacher, known_and_left
from tests.scenarios.samples import LISTED, changed, scenario

HEAD = "id,school,subject,qualified,experience,rank,honour,employment,value_added\n"
ROWS = """t1,a,maths,yes,12,senior,backbone,established,3.0
t2,a,pe,no,0,junior,none,contract,1.0
t3,b,,,,,,,
"""


def saved(folder: Path, rows: str = ROWS, head: str = HEAD, digest: str = "", file: str = "x.teachers.csv") -> Path:
    """Save a scenario with a table of teachers."""
    content = ("\ufeff" + head + rows).encode()
    (folder / "x.teachers.csv").write_bytes(content)
    own = digest or hashlib.sha256(content).hexdigest()
    table = f'teachers = {{ file = "{file}", sha256 = "{own}" }}'
    path = folder / "x.toml"
    path.write_text(changed(LISTED, 'county = "c"', f'county = "c"\n{table}'), encoding="utf-8")
    return path


def told(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return [(problem.code, problem.value) for problem in caught.value.problems]


def test_teachers_stand_in_the_world_as_the_table_says(tmp_path: Path) -> None:
    found = load(saved(tmp_path))
    t, home = found.world.teachers, found.labels.schools.index("a")
    assert len(t.id) == len(scenario().world.teachers.id)
    rows = np.flatnonzero((t.home == home) & (t.known_hired < 0))
    order = np.argsort(t.known_hired[rows])
    rows = rows[order]
    assert t.known_hired[rows].tolist() == [-13, -1]
    assert t.known_title[rows].tolist() == [3, 1]
    assert t.known_honour[rows].tolist() == [2, 1]
    assert t.known_qualified[rows].tolist() == [2, 1]
    assert t.subject[rows].tolist() == [SUBJECTS.index("maths"), SUBJECTS.index("pe")]
    assert t.employment[rows].tolist() == [EMPLOYMENTS.index("established"), EMPLOYMENTS.index("contract")]
    assert t.standing[rows].tolist() == [1.0, -1.0]
    assert (t.known_hired == 1).sum() == 1  # somebody is known at b, but not since when


def test_posts_beyond_a_schools_list_have_no_honour_where_the_table_tells_honours(tmp_path: Path) -> None:
    """Both posts beyond a list and schools without one: a tells honours and lists two of its posts, c lists nobody."""
    t, schools = (found := load(saved(tmp_path))).world.teachers, found.labels.schools
    beyond = t.known_hired == 0
    told = {name: set(t.known_honour[beyond & (t.home == row)].tolist()) for row, name in enumerate(schools)}
    assert told.pop("a") == told.pop("b") == {1}
    assert told and set(map(tuple, told.values())) == {(0,)}
    untold = load(saved(tmp_path, ROWS.replace("backbone", "").replace("none", ""))).world.teachers
    assert set(untold.known_honour.tolist()) == {0}


def test_subjects_of_all_posts_stay_near_the_shares_of_the_level() -> None:
    school = School("a", {}, "c", "primary", "urban", "public", "none", "", "", 0.0, 0.0, 160, 10, 0.0, 0.8)
    maths = Teacher("t", SUBJECTS.index("maths"), None, None, None, None, None, None)
    unknown = maths._replace(subject=None)
    (listed, rest), _ = known_and_left(school, [maths, maths, unknown])
    assert listed[:2] == [1, 1]
    # Of ten posts 3.0 Chinese, 2.3 maths, 1.2 English, 0.9 science, 1.4 arts, 1.2 sport: two mathematicians are enough.
    assert sorted([*listed, *rest]) == [0, 0, 0, 1, 1, 2, 3, 4, 4, 5]


def test_the_hash_of_inputs_follows_the_table(tmp_path: Path) -> None:
    first = load(saved(tmp_path)).inputs_sha256
    assert load(saved(tmp_path)).inputs_sha256 == first
    assert load(saved(tmp_path, ROWS.replace("12,senior", "13,senior"))).inputs_sha256 != first
    assert scenario().inputs_sha256 != first


def test_a_table_that_was_changed_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path)
    table = tmp_path / "x.teachers.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("senior", "junior"), encoding="utf-8")
    assert told(path) == [("teachers_changed", "x.teachers.csv")]


@pytest.mark.parametrize("file", ["missing.csv", "../x.teachers.csv", "/etc/passwd"])
def test_a_table_that_is_not_beside_the_scenario_is_refused(file: str, tmp_path: Path) -> None:
    assert [code for code, _ in told(saved(tmp_path, file=file))] == ["teachers_unreadable"]


def test_a_table_of_an_unprintable_name_is_refused(tmp_path: Path) -> None:
    assert [code for code, _ in told(saved(tmp_path, file="nul\\u0000"))] == ["unprintable"]


@pytest.mark.parametrize(
    "rows",
    [
        "t1,a,latin,yes,12,senior,none,established,\n",
        "t1,a,maths,maybe,12,senior,none,established,\n",
        "t1,a,maths,yes,nan,senior,none,established,\n",
        "t1,a,maths,yes,99,senior,none,established,\n",
        "t1,a,maths,yes,12,senior,none,established,1e999\n",
        "33018519800101123X,a,maths,yes,12,senior,none,established,\n",
        "13812345678,a,maths,yes,12,senior,none,established,\n",
        ",a,maths,yes,12,senior,none,established,\n",
        "t1,a,maths\n",
        "t1,a,maths,yes,12,senior,none,established,1,1\n",
        't1,a,"maths\n',
    ],
)
def test_a_table_of_another_form_is_refused(rows: str, tmp_path: Path) -> None:
    assert {code for code, _ in told(saved(tmp_path, rows))} == {"teachers_broken"}


def test_another_header_a_school_that_is_not_there_and_too_many_teachers_are_refused(tmp_path: Path) -> None:
    assert [code for code, _ in told(saved(tmp_path, head="id,school\n"))] == ["teachers_broken"]
    assert [code for code, _ in told(saved(tmp_path, "t1,z,,,,,,,\n"))] == ["unknown_school"]
    rows = "".join(f"t{n},b,,,,,,,\n" for n in range(15))
    assert told(saved(tmp_path, rows)) == [("too_many_teachers", "b: 15")]

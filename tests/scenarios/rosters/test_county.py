"""What becomes of a sound roster: places, standings, sizes, teachers, codes, and files that give the same again."""

import math
from pathlib import Path
from typing import Any

import pytest

from scenarios.reader import load
from scenarios.rosters.county import County
from scenarios.rosters.headers import measure_of
from scenarios.rosters.write import written
from tests.scenarios.rosters.samples import SCHOOLS, imported, save

TITLED = "合成示例数据\n"


def county(folder: Path, pseudonymise: bool = False, **case: Any) -> County:  # noqa: ANN401
    """Return the county of the sound set, changed as a case of the corpus is."""
    save(folder, case)
    found, told = imported(folder, pseudonymise=pseudonymise)
    assert found is not None, told
    return found


def saved(folder: Path, found: County, pseudonymise: bool = False) -> Path:
    files = written(found, "my_county", pseudonymise)
    folder.mkdir(exist_ok=True)
    for name, text in files.files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder / files.scenario


@pytest.mark.parametrize("pseudonymise", [False, True])
def test_the_cleaned_tables_give_the_same_files_byte_for_byte(pseudonymise: bool, tmp_path: Path) -> None:
    changes = [
        ["schools", "湖滨小学", "=湖滨“小学”（东）"],
        ["schools", "119.391,29.951", ","],
        ["schools", "1500,110", ",110"],
        ["schools", "640,50", "640,"],
        ["schools", "79.5", "79.5"] if "79.5" in SCHOOLS else ["schools", "88.5", "88.25"],
        ["teachers", "教龄,职称", "参加工作时间,职称"],
        ["teachers", "15,高级", "2009.8,高级"],
        ["teachers", "8,一级", "2016年9月,一级"],
        ["teachers", "2,二级", ",二级"],
        ["teachers", "22,高级", "2002,高级"],
        ["teachers", "4,未评", "2020,未评"],
        ["teachers", "T003", ""],
    ]
    source = tmp_path / "source"
    source.mkdir()
    first = saved(tmp_path / "first", county(source, pseudonymise, changes=changes), pseudonymise)
    key = first.with_name("my_county.key.csv")
    assert key.exists() == pseudonymise
    key.unlink(missing_ok=True)
    again, told = imported(*sorted(first.parent.glob("*.csv")))
    assert again is not None, told
    second = saved(tmp_path / "second", again, pseudonymise)
    names = {path.name for path in first.parent.iterdir()}
    assert names == {path.name for path in second.parent.iterdir()}
    assert [n for n in names if (first.parent / n).read_bytes() != (second.parent / n).read_bytes()] == []


def test_a_county_can_be_loaded_with_its_teachers(tmp_path: Path) -> None:
    scenario = load(saved(tmp_path / "out", county(tmp_path)))
    assert scenario.warnings == () or all(p.code == "span_exceeded" for p in scenario.warnings)
    assert not scenario.synthetic
    assert len(scenario.world.teachers.id) == 70 + 52 + 16 + 110 + 50 + 15
    assert (scenario.world.teachers.known_hired < 0).sum() == 5
    assert scenario.baseline.layers[0] is not None
    pairs = [school.pairs for school in scenario.roster.schools if school.id == "00103"]
    assert pairs == [("00101",)]


def test_modes_of_groups_make_a_plan_that_is_compared(tmp_path: Path) -> None:
    changes = [["schools", "平均分2024", "教共体类型"], ["schools", "89.0", "融合型"]]
    changes += [["schools", score, ""] for score in ("81.5", "73.5", "77.0", "69.5")]
    scenario = load(saved(tmp_path / "out", county(tmp_path, changes=changes)))
    assert [group.mode for group in scenario.roster.groups] == ["fusion"]
    assert scenario.compare[0].mode == "as_planned"
    again, told = imported(tmp_path / "out" / "my_county.schools.csv")
    assert again is not None, told
    assert {school.mode for school in again.schools if school.group} == {"fusion"}


def test_the_whole_of_a_header_in_two_rows_is_read_and_not_a_part(tmp_path: Path) -> None:
    head = "学校名称,学段,城乡,学生数（人）,,教师数\n,,,女,合计,\n"
    (tmp_path / "a.csv").write_text(f"{head}甲小学,小学,城区,600,1250,70\n", encoding="utf-8")
    found, told = imported(tmp_path)
    assert found is not None, told
    assert [school.pupils for school in found.schools] == [1250]


def test_a_school_without_ids_is_found_by_its_name_and_the_level_taught(tmp_path: Path) -> None:
    schools = "学校名称,学段,城乡,学生数\n湖滨学校,小学,镇区,600\n湖滨学校（初中部）,初中,镇区,500\n"
    (tmp_path / "schools.csv").write_text(schools, encoding="utf-8")
    (tmp_path / "teachers.csv").write_text("工号,学校,学段\n甲,湖滨学校,初中\n乙,湖滨学校,小学\n", encoding="utf-8")
    found, told = imported(tmp_path)
    assert found is not None, told
    by_school = {school: [one.id for one in teachers] for school, teachers in found.teachers.items()}
    assert by_school == {"湖滨学校（初中部）": ["甲"], "湖滨学校": ["乙"]}


def test_teachers_of_sections_are_found_by_level(tmp_path: Path) -> None:
    changes = [
        ["schools", "湖滨小学", "湖滨学校（小学部）"], ["schools", "河口中学", "湖滨学校（初中部）"],
        ["teachers", "姓名,学校", "任教学段,学校"], ["teachers", "王一,实验小学", "小学,湖滨学校"],
        ["teachers", "张三,东山村小", "初中,湖滨学校"],
    ]  # fmt: skip
    found = county(tmp_path, changes=changes)
    assert [teacher.id for teacher in found.teachers["00102"]] == ["T001", "T002"]
    assert [teacher.id for teacher in found.teachers["00105"]] == ["T003"]


def test_ids_that_look_like_formulas_are_found_again(tmp_path: Path) -> None:
    changes = [["schools", "00102", "-7"], ["teachers", "00102", "-7"], ["teachers", "T002", "=A1"]]
    scenario = load(saved(tmp_path / "out", county(tmp_path, changes=changes)))
    assert scenario.roster.staff is not None
    assert [teacher.id for teacher in scenario.roster.staff.schools["-7"]] == ["=A1"]


def test_a_table_marked_as_synthetic_makes_a_synthetic_scenario(tmp_path: Path) -> None:
    found = county(tmp_path, table="schools", new=TITLED + SCHOOLS)
    assert load(saved(tmp_path / "out", found)).synthetic


def test_degrees_become_kilometres_as_on_the_ground(tmp_path: Path) -> None:
    """On WGS 84 at 29.9° north a degree of longitude is 96.56 km and one of latitude 110.86 km."""
    places = county(tmp_path).places
    lead, village = places["00101"], places["00103"]
    east, north = village[0] - lead[0], village[1] - lead[1]
    assert east == pytest.approx(0.140 * 96.56, abs=0.03)
    assert north == pytest.approx(0.080 * 110.86, abs=0.03)


def test_a_projection_of_a_province_keeps_distances(tmp_path: Path) -> None:
    """Hangzhou to Wenzhou is 256.6 km by the great ellipse; both lie east of the middle."""
    changes = [["schools", "119.251,29.871", "120.155,30.274"], ["schools", "119.262,29.882", "120.699,27.994"]]
    places = county(tmp_path, changes=changes).places
    km = math.dist(places["00101"], places["00102"])
    assert km == pytest.approx(258.3, rel=0.003)


def test_schools_without_places_lie_where_their_setting_says(tmp_path: Path) -> None:
    changes = [["schools", "119.262,29.882", ","], ["schools", "119.391,29.951", ","]]
    found = county(tmp_path, changes=changes)
    urban = [found.places[ident] for ident in ("00101", "00104", "00106")]
    seat = sum(x for x, _ in urban) / 3, sum(y for _, y in urban) / 3
    assert max(abs(a - b) for a, b in zip(found.places["00102"], seat, strict=True)) <= 4.01
    assert found.places == county(tmp_path, changes=changes).places


def test_ratings_of_kindergartens_are_never_called_scores(tmp_path: Path) -> None:
    head = "园名,城乡,幼儿数,园所等级\n"
    rows = "甲幼儿园,城区,300,省一级\n乙幼儿园,镇区,120,省三级\n丙幼儿园,乡村,60,准办园\n"
    (tmp_path / "a.csv").write_text(head + rows, encoding="utf-8")
    found, told = imported(tmp_path)
    assert found is not None, told
    codes = {problem.code for problem in told}
    assert "ratings_shrunk" in codes and "scores_shrunk" not in codes
    values = [found.standings[school.id].value for school in found.schools]
    assert values == sorted(values, reverse=True) and len(set(values)) == len(values)


def test_scores_shrink_and_growth_does_not(tmp_path: Path) -> None:
    """Two years of scores, judged to be alike by 0.8: 0.35 · 1.6 / 1.8 = 0.31. Of growth, 0.5: 1 / 1.5 = 0.67."""
    scores = county(tmp_path).standings
    assert scores["00101"].reliability == pytest.approx(0.31)
    changes = [["schools", "平均分2023,平均分2024", "增值2023,增值2024"]]
    growth = county(tmp_path, changes=changes).standings
    assert growth["00101"].reliability == pytest.approx(0.67)
    assert growth["00101"].value == scores["00101"].value


def test_standings_are_in_units_of_the_level_on_any_scale(tmp_path: Path) -> None:
    plain = county(tmp_path).standings
    changes = [["schools", "88.5", "885"], ["schools", "82.0", "820"], ["schools", "71.0", "710"]]
    assert county(tmp_path, changes=changes).standings == plain
    primary = [plain[ident].value for ident in ("00101", "00102", "00103")]
    assert sum(primary) == pytest.approx(0.0, abs=0.002)
    assert sum(value * value for value in primary) / 3 == pytest.approx(1.0, abs=0.003)
    assert plain["00104"].value == 1.0
    assert "00106" not in plain


def test_what_is_missing_is_drawn_from_the_id_alone(tmp_path: Path) -> None:
    """Other rows, and their order, change nothing."""
    changes = [["schools", "640,50", ","]]
    first = county(tmp_path, changes=changes).sizes["00105"]
    head, *rows = SCHOOLS.splitlines()
    rows = [row.replace("640,50", ",") for row in reversed(rows)]
    assert county(tmp_path, table="schools", new="\n".join([head, *rows])).sizes["00105"] == first
    assert 5 < first.posts < 200


def test_codes_take_the_place_of_names_everywhere(tmp_path: Path) -> None:
    scenario = saved(tmp_path / "out", county(tmp_path, pseudonymise=True), pseudonymise=True)
    names = ("实验", "湖滨", "东山", "第一初级", "河口", "阳光", "王一", "T001", "00101", "00103")
    for path in scenario.parent.iterdir():
        text = path.read_text(encoding="utf-8")
        assert ("实验小学" in text) == (path.name == "my_county.key.csv")
        assert path.name == "my_county.key.csv" or not any(name in text for name in names), path.name
    assert "姓名" not in (scenario.parent / "my_county.teachers.csv").read_text(encoding="utf-8")


def test_names_of_teachers_are_kept_nowhere(tmp_path: Path) -> None:
    scenario = saved(tmp_path / "out", county(tmp_path))
    assert not any("王一" in path.read_text(encoding="utf-8") for path in scenario.parent.iterdir())


def test_an_empty_honour_is_none_where_others_have_one(tmp_path: Path) -> None:
    changes = [["teachers", "一级,无", "一级,"], ["teachers", "二级,无", "二级,"]]
    honours = [teacher.honour for own in county(tmp_path, changes=changes).teachers.values() for teacher in own]
    assert sorted(map(str, honours)) == ["backbone", "master", "none", "none", "none"]
    changes += [
        ["teachers", "骨干教师,编内", ",编内"],
        ["teachers", "名师,编内", ",编内"],
        ["teachers", "未评,无", "未评,"],
    ]
    nobody = [teacher.honour for own in county(tmp_path, changes=changes).teachers.values() for teacher in own]
    assert nobody == [None] * 5


def test_words_taken_as_others_are_counted_once_over_all_sheets_and_words_of_the_model_are_not_told(
    tmp_path: Path,
) -> None:
    (tmp_path / "schools.csv").write_text("学校名称,学段,城乡\n甲小学,小学,城区\n", encoding="utf-8")
    head = "工号,学校,任教学科,职称,骨干称号,编制\n"
    subjects = (["历史"] * 3 + ["语文", "小学数学", "科学", "艺术"], ["地理", "历史", "英语老师", "体育", "其他"])
    for number, own in enumerate(subjects):
        rows = "".join(f"{number}{row},甲小学,{subject},一级教师,名师,在编\n" for row, subject in enumerate(own))
        (tmp_path / f"teachers{number}.csv").write_text(head + rows, encoding="utf-8")
    _, told = imported(tmp_path)
    (note,) = [problem for problem in told if problem.code.endswith("taken_as")]
    assert (note.value, dict(note.remedy)) == ("历史 4, 地理 1", {"counted": "subject.science", "count": "5"})
    assert (note.place.file, note.place.column) == ("", "subject")


def test_schools_of_a_town_lie_together_and_towns_apart_where_nobody_gave_a_place(tmp_path: Path) -> None:
    """As many towns as there are spots, each on its own; 城关镇 and the town of an urban school are the seat."""
    names = [f"{name}乡" for name in "甲乙丙丁戊己庚辛壬癸子丑寅卯"]
    rows = [f"{town}{n}小,小学,镇区,{town}" for town in names for n in (1, 2)]
    rows += ["城一小,小学,城区,东街道", "街二小,小学,镇区,东街道", "关一小,小学,镇区,城关镇", "无一小,小学,乡村,"]
    (tmp_path / "a.csv").write_text("\n".join(["学校名称,学段,城乡,所在乡镇", *rows]), encoding="utf-8")
    found, told = imported(tmp_path)
    assert found is not None, told
    middles = {}
    for town in names:
        one, other = (found.places[f"{town}{n}小"] for n in (1, 2))
        assert math.dist(one, other) <= 2.0 * math.sqrt(2.0)
        middles[town] = (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
    assert min(math.dist(middles[a], middles[b]) for a in names for b in names if a != b) > 1.0
    assert max(math.dist(found.places[ident], (20.0, 15.0)) for ident in ("街二小", "关一小")) <= math.sqrt(2.0) + 0.01


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("近三年均分", 3), ("三年平均成绩", 3), ("近3年平均分", 3), ("近两学年平均分", 2), ("2022-2024年平均分", 3),
        ("three-year mean score", 3), ("mean score of the last 5 years", 5), ("score 3-year mean no. 01", 3),
        ("平均分2024", 1), ("2023-2024学年平均分", 1), ("三年级平均分", 1), ("初三年均分", 1),
        ("六年级2024年平均分", 1),
    ],
)  # fmt: skip
def test_a_header_says_of_how_many_years_it_is_the_mean(header: str, span: int) -> None:
    measure = measure_of(header)
    assert measure is not None and measure.span == span


def test_a_mean_of_years_is_as_reliable_as_its_years_and_years_in_it_count_once(tmp_path: Path) -> None:
    """Scores alike by 0.8 from year to year: 0.35 · 0.8 = 0.28 of one, 0.35 · 2.4 / 2.6 = 0.32 of three."""
    several = ["schools", "平均分2023,平均分2024", "平均分2024,近三年均分"]
    for name, changes, expected in (
        ("one", [["schools", "平均分2023,平均分2024", "备注,平均分2024"]], (0.28, "1")),
        ("three", [["schools", "平均分2023,平均分2024", "备注,近三年均分"]], (0.32, "3")),
        ("both", [several], (0.32, "3")),
    ):
        (tmp_path / name).mkdir()
        found = county(tmp_path / name, changes=changes)
        assert found.standings["00101"].reliability == pytest.approx(expected[0]), name
        _, told = imported(tmp_path / name)
        assert {p.remedy["years"] for p in told if p.code == "scores_shrunk"} == {expected[1]}
        again, _ = imported(saved(tmp_path / f"{name}_out", found).with_name("my_county.schools.csv"))
        assert again is not None and again.standings == found.standings

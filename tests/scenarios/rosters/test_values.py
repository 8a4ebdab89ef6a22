"""Single cells by hand: what people write, and what it is."""

import datetime

import pytest

from scenarios.rosters import values
from scenarios.rosters.headers import field_of, measure_of, words
from scenarios.rosters.values import Fault


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1200", 1200.0), (" 1,200 ", 1200.0), ("１，２００", 1200.0), ("1 200", 1200.0), ("1.2万", 12000.0),
        ("85%", 85.0), ("-3.5", -3.5), ("1e3", 1000.0), ("45人", 45.0), ("3.2 km", 3.2), (".5", 0.5),
    ],
)  # fmt: skip
def test_numbers(text: str, number: float) -> None:
    assert values.number(text) == number


@pytest.mark.parametrize("text", ["", "abc", "1,20", "1,2,3", "30-40", "nan", "inf", "1e400", "一百", "0x10", "1_000"])
def test_what_is_no_number(text: str) -> None:
    assert values.number(text) == Fault("not_a_number")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2005-09-01", (2005, 9, 1)), ("2005/9", (2005, 9, 1)), ("2005.9", (2005, 9, 1)),
        ("2005年9月3日", (2005, 9, 3)), ("200509", (2005, 9, 1)), ("20050903", (2005, 9, 3)),
        ("2005", (2005, 9, 1)), ("38596", (2005, 9, 1)), ("2005-09-01 00:00:00", (2005, 9, 1)),
    ],
)  # fmt: skip
def test_dates(text: str, day: tuple[int, int, int]) -> None:
    assert values.date(text) == datetime.date(*day)


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("119.25", 119.25), ("119.25°", 119.25), ("119.25E", 119.25), ("119°15′30″", 119.2583333), ("-33.5", -33.5),
        ("东经119度15分", 119.25), ("33°30'S", -33.5), ("119°15'30\"E", 119.2583333),
    ],
)  # fmt: skip
def test_degrees(text: str, degrees: float) -> None:
    assert values.degrees(text) == pytest.approx(degrees)


@pytest.mark.parametrize(
    "text", ["119.25,29.87", "29.87， 119.25", "119.25E 29.87N", "119°15′/29°52′12″", "东经119.25度、北纬29.87度"]
)
def test_longitude_and_latitude_in_one_cell(text: str) -> None:
    assert values.coordinates(text) == pytest.approx((119.25, 29.87))


@pytest.mark.parametrize("text", ["119.25", "119.25,x", "1,2,3", "城东"])
def test_what_is_no_pair_of_degrees(text: str) -> None:
    assert values.coordinates(text) == Fault("not_coordinates")


def test_a_leading_mark_of_text_is_dropped_before_a_formula_only() -> None:
    assert values.name("'=1+1") == "=1+1"
    assert values.name("'abc") == "'abc"
    assert values.ident("００１２３") == "00123"


@pytest.mark.parametrize(
    ("header", "kind", "year"),
    [
        ("平均分2023", "score", 2023), ("2023年平均分", "score", 2023), ("2023-2024学年语文均分", "score", 2023),
        ("增值（2022年）", "growth", 2022), ("22年增值", "growth", 2022), ("mean score 2021", "score", 2021),
        ("Value added 2021", "growth", 2021), ("质量", "score", 0),
    ],
)  # fmt: skip
def test_columns_of_quality(header: str, kind: str, year: int) -> None:
    measure = measure_of(header)
    assert measure is not None
    assert (measure.kind, measure.year) == (kind, year)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("县级骨干", ("backbone", False)), ("省学科带头人", ("master", False)),
        ("校级骨干、市教坛新秀", ("backbone", False)),
        ("校级名师", ("none", False)),
        ("县骨干教师/劳模", ("backbone", True)), ("无", ("none", False)),
    ],
)  # fmt: skip
def test_the_highest_honour_counts_and_those_of_a_school_do_not(text: str, found: tuple[str, bool]) -> None:
    assert values.honour(text) == found


@pytest.mark.parametrize("text", ["、", "劳模", "劳模、十佳"])
def test_what_is_no_honour(text: str) -> None:
    assert isinstance(values.honour(text), Fault)


@pytest.mark.parametrize("text", ["小学语文", "语文教师", "初中语文老师", "语文课", "语文（班主任）", "语文学科"])
def test_a_subject_whatever_stands_around_it(text: str) -> None:
    assert values.subject(text) == ("chinese", False)


def test_brackets_may_say_more_or_nothing() -> None:
    assert values.choice("ownership", "民办（普惠性）") == "inclusive_private"
    assert values.choice("rank", "高级教师（专技六级）") == "senior"


@pytest.mark.parametrize("header", ["入学成绩", "生源质量", "学校名称", ""])
def test_columns_that_are_not_of_quality(header: str) -> None:
    assert measure_of(header) is None


def test_no_word_means_two_things() -> None:
    for kind in ("headers", "values"):
        for name, meanings in words()[kind].items():
            texts = [values.plain(text) for some in meanings.values() for text in some]
            doubles = {text for text in texts if texts.count(text) > 1}
            assert doubles == set(), (kind, name)


def test_headers_are_found_whatever_stands_around_them() -> None:
    assert field_of("schools", "学生数（其中女）") is None
    for text in ("学生数（含随迁子女）", "学生数（含寄宿生）", "在校生数（男女合计）", "pupils (boys and girls)"):
        assert field_of("schools", text) == "pupils"
    assert field_of("schools", "教师数（含编外）") == "posts"
    for text in ("用工性质（在编/编外）", "是否在编（在编、编外、临聘）", "编制（在编/编外）"):
        assert field_of("teachers", text) == "employment"
    for text in ("学生数", "学生数（人）", " 学 生 数 ", "*学生数", "学生数：", "Pupils", "PUPILS (number)"):
        assert field_of("schools", text) == "pupils"


@pytest.mark.parametrize("text", ["语文、数学", "语文，数学", "语文/数学"])
def test_two_subjects_are_never_read_as_one(text: str) -> None:
    assert values.subject(text) == ("chinese", True)


def test_a_level_is_told_by_a_name_that_tells_one() -> None:
    told = {
        "第二中学": None,
        "中小学名册": None,
        "小学初中": None,
        "实验小学": "primary",
        "县实验小学附属幼儿园": "kindergarten",
    }
    assert {name: values.level_in(name) for name in told} == told
    assert values.level_in("中小学初中部") == "junior"


def test_a_rating_stands_for_one_number_and_none_for_nothing() -> None:
    assert values.grade("合格园") == values.grade("合格") == 2.0
    assert values.grade("一星") == 1.0
    assert values.grade("未评级") is None

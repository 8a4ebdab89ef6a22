"""Words folded into a panel's room."""

import pytest

from figures.panels import CLOSING, OPENING, folded


@pytest.mark.parametrize("room", range(8, 40))
def test_no_chinese_line_ends_or_begins_with_the_wrong_sign(room: int) -> None:
    words = "流动与不流动相比：用人主体壁垒未使民办园受损（附带说明）——成员园中民办园比例，“最近”两年。"
    lines = folded(words, room).split("\n")
    assert "".join(lines) == words
    assert not any(line[-1] in OPENING for line in lines[:-1])
    assert not any(line[0] in CLOSING for line in lines[1:])


def test_a_closing_sign_is_no_line_of_its_own() -> None:
    assert folded("由名校开办（单一法人式）", 22) == "由名校开办（单一法人式）"


def test_a_chinese_character_counts_for_two_letters() -> None:
    assert folded("甲乙丙丁戊己庚辛", 8) == "甲乙丙丁戊己庚辛"
    assert folded("甲乙丙丁戊己庚辛壬癸甲乙", 16) == "甲乙丙丁戊己庚辛\n壬癸甲乙"
    assert folded("eight letters each", 8) == "eight\nletters\neach"

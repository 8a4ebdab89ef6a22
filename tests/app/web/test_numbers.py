"""Sliders: every number of every place can be told in both languages, with its range, unit and source."""

import pytest

from app.web import numbers, places
from figures.text import LANGUAGES, text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("place", places.bundled().known)
def test_every_number_of_every_place_is_told(place: str, language: str) -> None:
    scenario, t = places.bundled()[place].scenario(), text(language)
    found = numbers.parameters(scenario, t)
    assert [number.path for number in found] == list(numbers.MAIN)
    for number in [*found, *(one for mode in scenario.catalogue.modes for one in numbers.weights(scenario, mode, t))]:
        assert number.low <= number.usual <= number.high
        assert number.words and number.about and "{" not in number.about


def test_a_range_has_its_unit() -> None:
    scenario = places.bundled()["yuyao_2020"].scenario()
    for language, said in (("en", "from 0.1 to 0.7 (a year)"), ("zh", "0.1 到 0.7（每年）")):
        about = {number.path: number.about for number in numbers.parameters(scenario, text(language))}
        assert said in about["practice.transfer_rate"]
        assert "(" not in about["transfer.misfit_scale"]

"""Every uncertain number has words for the reader, in both languages, and a unit."""

from app.catalogue import entry
from app.console import Language
from figures.text import LANGUAGES, text
from model.parameters import declared
from scenarios import reader
from scenarios.uncertainty import ranges_of, said_of


def test_every_parameter_has_a_meaning_and_a_unit_in_words() -> None:
    for language in LANGUAGES:
        entries = text(language).entries
        named = {key.removeprefix("parameter.") for key in entries if key.startswith("parameter.")}
        assert named == set(declared())
        assert {said.unit for said in declared().values()} == {
            key.removeprefix("unit.") for key in entries if key.startswith("unit.")
        }


def test_every_weight_has_words_and_the_title_of_what_it_belongs_to() -> None:
    scenario = reader.load("yuyao_2020")
    weights = [path for path in ranges_of(scenario) if path not in declared()]
    assert weights
    for path in weights:
        assert said_of(scenario, path)["of"]["zh"]
        assert all(f"weight.{path.rpartition('.')[2]}" in text(language).entries for language in LANGUAGES)


def test_a_parameter_has_its_unit_and_belongs_to_nothing() -> None:
    scenario = reader.load("shuangtaizi_two_schools")
    assert said_of(scenario, "practice.transfer_rate") == {"unit": "1/year", "of": None}


def test_parameters_are_listed_in_the_readers_language() -> None:
    told = {language: entry("practice.renewal", Language(language))["meaning"] for language in LANGUAGES}
    assert told["en"] == declared()["practice.renewal"].meaning
    assert told["zh"] == text("zh")("parameter.practice.renewal")

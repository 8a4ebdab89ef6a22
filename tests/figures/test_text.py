import re
from itertools import product
from pathlib import Path

import pytest

from figures import text as module
from figures.text import LANGUAGES, MissingTextError, placeholders, text

VERDICTS = ("lift", "fill", "peak_shaving", "dilution", "widening", "inert", "undecided")


def test_both_languages_have_the_same_keys() -> None:
    assert text("en").entries.keys() == text("zh").entries.keys()


def test_both_languages_have_the_same_placeholders() -> None:
    en, zh = text("en").entries, text("zh").entries
    assert {key: placeholders(en[key]) for key in en} == {key: placeholders(zh[key]) for key in en}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_holds_mathematics(language: str) -> None:
    assert [key for key, words in text(language).entries.items() if not words.strip() or "$" in words] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_has_name_meaning_and_sentence(language: str) -> None:
    keys = {f"verdict.{part}.{code}" for part, code in product(("name", "meaning", "sentence"), VERDICTS)}
    assert keys <= text(language).entries.keys()


def test_chinese_verdict_names_are_the_agreed_ones() -> None:
    names = [text("zh")(f"verdict.name.{code}") for code in VERDICTS]
    assert names == ["填谷扬峰", "填谷不削峰", "削峰填谷", "资源稀释", "马太（差距扩大）", "无效", "尚难判定"]


def test_a_missing_key_is_an_error() -> None:
    with pytest.raises(MissingTextError, match="nonsense"):
        text("en")("verdict.name.nonsense")


def test_a_missing_placeholder_is_an_error_that_names_it() -> None:
    with pytest.raises(MissingTextError, match="weeks"):
        text("zh")("change.up", sigma="0.1")


def test_a_missing_language_is_an_error_that_names_the_others() -> None:
    with pytest.raises(MissingTextError, match="en, zh"):
        text("fr")


def test_alternatives_read_as_a_phrase() -> None:
    assert text("en").joined(["a"]) == "a"
    assert text("en").joined(["a", "b", "c"]) == "a, b or c"
    assert text("zh").joined(["a", "b", "c"]) == "a、b或c"


def test_every_key_the_code_spells_out_exists() -> None:
    folder = Path(module.__file__).parent
    sources = [*folder.glob("*.py"), *folder.glob("templates/*.j2")]
    spelled = {key for source in sources for key in re.findall(r"""\bt\(["']([a-z_.]+)["'][,)]""", source.read_text())}
    assert len(spelled) > 40
    assert spelled <= text("en").entries.keys()

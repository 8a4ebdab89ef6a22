import hashlib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from scenarios import catalogue
from scenarios.catalogue import KINDS, bundled, documents, worlds
from scenarios.schema import Provenance

ENTRIES = [(kind, ident) for kind in KINDS for ident in bundled().of(kind)]
SUMMARIES = {summary.name: summary for summary in catalogue.summaries()}
UNSAID = {"provenance", "modes", "title", "documents", "based_on"}


def leaves(table: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the names of all fields of a document, without the numbers of list items."""
    for name, value in table.items():
        for item in value if isinstance(value, list) and value and isinstance(value[0], dict) else [value]:
            if isinstance(item, dict) and item:
                yield from leaves(item, f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}"


def is_covered(leaf: str, grounds: tuple[Provenance, ...]) -> bool:
    said = {name for ground in grounds for name in ground.fields}
    return any(name in ("*", leaf) or leaf.startswith(f"{name}.") for name in said)


@pytest.mark.parametrize("name", worlds())
def test_provenance_covers_every_field_of_a_world(name: str) -> None:
    data = {
        key: value for key, value in tomllib.loads(worlds()[name].read_text("utf-8")).items() if key != "provenance"
    }
    bare = [leaf for leaf in leaves(data) if not is_covered(leaf, SUMMARIES[name].provenance)]
    assert bare == []


@pytest.mark.parametrize("name", worlds())
def test_provenance_of_a_world_names_fields_that_are_there(name: str) -> None:
    found = set(leaves(tomllib.loads(worlds()[name].read_text("utf-8"))))
    said = [name for ground in SUMMARIES[name].provenance for name in ground.fields]
    idle = [one for one in said if not any(leaf == one or leaf.startswith(f"{one}.") for leaf in found)]
    # An empty table has no leaf.
    assert [one for one in idle if one != "baseline.layers"] == []


@pytest.mark.parametrize(("kind", "ident"), ENTRIES)
def test_provenance_covers_every_field_of_a_record(kind: str, ident: str) -> None:
    entry = bundled().of(kind)[ident]
    names = {field.name for field in fields(entry.record)} - {"name"}
    assert {name for name in names if not is_covered(name, entry.provenance)} == set()
    assert {name for ground in entry.provenance for name in ground.fields} <= names | {"*"}


@pytest.mark.parametrize(("kind", "ident"), ENTRIES)
def test_records_have_titles_in_both_languages(kind: str, ident: str) -> None:
    title = bundled().of(kind)[ident].title
    assert re.search(r"[A-Za-z]", title["en"]) and re.search(r"[\u4e00-\u9fff]", title["zh"])


def test_titles_of_a_kind_differ() -> None:
    for kind in KINDS:
        for language in ("en", "zh"):
            titles = [entry.title[language] for entry in bundled().of(kind).values()]
            assert len(set(titles)) == len(titles)


def quotations() -> list[tuple[str, str, str]]:
    """Return (where, row, quotation) of everything quoted."""
    grounds = [(f"{kind} {ident}", g) for kind, ident in ENTRIES for g in bundled().of(kind)[ident].provenance]
    grounds += [(name, g) for name, summary in SUMMARIES.items() for g in summary.provenance]
    return [(where, g.row, g.quotation) for where, g in grounds if g.row and g.quotation]


def test_every_quotation_belongs_to_a_document_that_is_known() -> None:
    assert len(quotations()) > 50
    assert {row[0] for _, row, _ in quotations()} <= set(documents())
    assert all(re.fullmatch(r"[A-Z]\d{1,2}", row) for _, row, _ in quotations())


def test_every_quotation_has_an_english_meaning() -> None:
    grounds = [g for kind, ident in ENTRIES for g in bundled().of(kind)[ident].provenance]
    grounds += [g for summary in SUMMARIES.values() for g in summary.provenance]
    assert [g.quotation for g in grounds if g.quotation and not g.means] == []


def plain(text: str) -> str:
    """Return `text` without white space, and without the pinyin that one page put in brackets behind characters."""
    return re.sub(r"\s+", "", re.sub(r"[（(][a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]+[)）]", "", text))


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """Return letter → text of the documents, where copies are at hand."""
    folder = os.environ.get("YANGFENG_SOURCES")
    if not folder:
        pytest.skip("set YANGFENG_SOURCES to a folder with the documents; their texts are not part of this project")
    return {letter: (Path(folder) / document.file).read_text("utf-8") for letter, document in documents().items()}


def test_the_copies_are_those_that_were_read(sources: dict[str, str]) -> None:
    hashes = {letter: hashlib.sha256(text.encode()).hexdigest() for letter, text in sources.items()}
    assert hashes == {letter: document.sha256 for letter, document in documents().items()}


def test_every_quotation_stands_in_its_document(sources: dict[str, str]) -> None:
    texts = {letter: plain(text) for letter, text in sources.items()}
    absent = [(where, row, words) for where, row, words in quotations() if plain(words) not in texts[row[0]]]
    assert absent == []


def test_reading_without_pinyin_loses_no_words() -> None:
    assert plain("實驗小學(xué)、湖濱 小學(xué)") == "實驗小學、湖濱小學"
    assert plain("骨干教师流动(轮教)") == "骨干教师流动(轮教)"

"""The model description keeps step with the code: tables, sections, parameters, columns and sources."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from app import odd
from model.attributes import Family, family_of
from model.columns import columns
from model.parameters import declared
from model.policy import Mode, RotationPolicy, SupportPolicy
from model.schedule import TERM
from model.world import TABLES

PAGE = odd.PAGE.read_text(encoding="utf-8")
TEXT = odd.BLOCK.sub("", PAGE)
SECTIONS = (
    "1 Purpose and patterns", "2 Entities", "3 Process overview", "4 Design concepts", "5 Initialisation", "6 Input",
    "7 Submodels", "8 Choices this implementation makes",
)  # fmt: skip
CONCEPTS = (
    "Basic principles", "Emergence", "Adaptation", "Learning", "Prediction", "Interaction", "Collectives",
    "Heterogeneity", "Stochasticity", "Observation",
)  # fmt: skip
PATH = re.compile(r"[a-z]+\.[a-z_]+")


def section(number: int) -> str:
    """Return the text of submodel 7.`number`, hand-written and generated."""
    found = re.search(rf"^### 7\.{number} .*?(?=^##)", PAGE, re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


def backticked(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", text)) | set(PATH.findall(text))


def test_the_tables_are_up_to_date() -> None:
    assert odd.refreshed(PAGE) == PAGE, "run python -m app.odd"


@pytest.mark.parametrize("number", range(1, len(TERM) + 1), ids=[p.name for p in TERM])
def test_every_process_has_a_section_with_equations_in_the_order_of_the_term(number: int) -> None:
    text = section(number)
    assert text.startswith(f"### 7.{number} {TERM[number - 1].name.capitalize()}\n")
    assert re.search(r"```\n[^`]*[=≤∝][^`]*\n```", text)


def test_every_part_of_the_protocol_is_there_in_order() -> None:
    heads = [TEXT.index(f"\n## {name}") for name in SECTIONS]
    concepts = [TEXT.index(f"\n**{name}") for name in CONCEPTS]
    assert heads == sorted(heads)
    assert concepts == sorted(concepts)


def test_every_parameter_is_named_where_it_is_used() -> None:
    assert set(declared()) - backticked(TEXT) == set()


def test_no_parameter_or_column_is_named_that_does_not_exist() -> None:
    groups = {path.split(".")[0] for path in declared()} | set(TABLES)
    real = set(declared()) | {f"{table}.{name}" for table, kind in TABLES.items() for name in columns(kind)}
    named = {name for name in backticked(TEXT) if PATH.fullmatch(name) and name.split(".")[0] in groups}
    assert named - real == set()


def test_every_work_cited_is_in_the_bibliography() -> None:
    works = (odd.PAGE.parents[1] / "docs" / "references.bib").read_text(encoding="utf-8")
    entries = set(re.findall(r"^@\w+\{(\w+),", works, re.MULTILINE))
    cited = set(re.findall(r"\b[a-z]+(?:19|20)\d\d\b", PAGE))
    assert len(cited) > 20
    assert cited - entries == set()


def test_the_tables_hold_everything_declared() -> None:
    tables = {match["name"]: match[0] for match in odd.BLOCK.finditer(PAGE)}
    for table, kind in TABLES.items():
        assert set(columns(kind)) <= backticked(tables[f"state.{table}"])
    assert set(declared()) <= backticked(tables["parameters"])
    assert set(family_of()) <= backticked(tables["families"])
    assert all(family.value in tables["families"] for family in Family)
    for name, record in (("modes", Mode), ("rotations", RotationPolicy), ("supports", SupportPolicy)):
        assert {f.name for f in fields(record)} - {"name"} <= backticked(tables[name])
    for process in TERM:
        assert f"**{process.name}**" in tables["schedule"]


def test_a_stale_page_is_found_and_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = tmp_path / "ODD.md"
    stale.write_text(PAGE.replace("| staffing, promotion |", "| nobody |", 1), encoding="utf-8")
    assert stale.read_text(encoding="utf-8") != PAGE
    monkeypatch.setattr(odd, "PAGE", stale)
    assert odd.main(["--check"]) == 1
    assert odd.main([]) == 0
    assert stale.read_text(encoding="utf-8") == PAGE
    assert odd.main(["--check"]) == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda page: page.replace("<!-- generated: codes -->", "<!-- generated: coeds -->"),
        lambda page: page + "\n<!-- generated: codes -->\n<!-- end -->\n",
        lambda page: page.replace("<!-- generated: recorded -->\n", ""),
    ],
    ids=["unknown", "twice", "missing"],
)
def test_a_page_without_each_table_once_is_refused(spoil) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    with pytest.raises(ValueError, match=r"codes|recorded"):
        odd.refreshed(spoil(PAGE))

"""Both READMEs and tutorials say the same, and name what is there."""

import re

import pytest

from experiments.verdict import region
from figures.text import text
from tests.docs.examples import COMMANDS
from tests.docs.pages import PAGES, PAIRS, ROOT, blocks, read, sections

SIDES = (-0.05, 0.0, 0.05)
README = PAIRS["readme"]


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_both_languages_have_the_same_sections_examples_tables_and_links(pair: tuple[str, str]) -> None:
    english, chinese = (sections(page) for page in pair)
    assert len(english) > 5
    for number, (one, other) in enumerate(zip(english, chinese, strict=True)):
        assert one == other, f"section {number}"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_that_are_there(page: str) -> None:
    links = {link for link in re.findall(r"\]\(([^)#]+)", read(page)) if "://" not in link}
    assert links
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


@pytest.mark.parametrize(("page", "language"), [(README[0], "en"), (README[1], "zh")])
def test_the_table_of_verdicts_is_the_rule(page: str, language: str) -> None:
    cells = [line.strip("|").split("|")[1:] for line in read(page).splitlines() if line.startswith("| **")]
    t = text(language)
    for row, valley in zip(cells, reversed(SIDES), strict=True):
        for cell, peak in zip(row, SIDES, strict=True):
            verdict = region(peak, valley, 0.0, 0.02)
            assert t(f"verdict.name.{verdict.value}").lower() in cell.lower()
            assert ("\\*" in cell) == (region(peak, valley, -0.02, 0.02) != verdict)


def test_make_targets_exist_and_the_tests_are_those_of_the_check() -> None:
    makefile, check = read("Makefile"), read(".ci/run")
    for page in README:
        targets = set(re.findall(r"^make (\w+)$", "".join(blocks(page, "sh")), re.MULTILINE))
        assert {"demo", "test"} <= targets
        assert [name for name in targets if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []
    assert check.splitlines()[-1] == "make test"


@pytest.mark.parametrize("page", README)
def test_the_bundled_commands_come_first(page: str) -> None:
    assert blocks(page, "sh")[0].split("\n")[:2] == ["make demo", "make test"]
    assert "pip install -c constraints.txt -e ." in blocks(page, "powershell")[0]


@pytest.mark.parametrize("page", README)
def test_the_table_of_commands_lists_every_command(page: str) -> None:
    listed = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.+?) \|", read(page), re.MULTILINE))))
    assert set(COMMANDS) <= listed

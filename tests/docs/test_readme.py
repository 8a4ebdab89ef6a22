"""Both READMEs and tutorials say the same, and what they say works."""

import re
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from app import comparing, console, settings
from app.cli import app
from app.where import Where
from experiments.verdict import region
from figures.text import text
from scenarios import reader
from tests.docs import outputs
from tests.docs.pages import PAGES, PAIRS, ROOT, blocks, commands, read, sections

CHEAP = ("list", "show", "--help")
COMMANDS = commands(*PAGES)
SIDES = (-0.05, 0.0, 0.05)
README = PAIRS["readme"]


def spoken(arguments: list[str]) -> str:
    return " ".join(arguments)


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


@pytest.mark.parametrize("arguments", COMMANDS, ids=spoken)
def test_every_example_of_the_command_line_parses(arguments: list[str]) -> None:
    group = get_command(app)
    if arguments[0] == "--help":
        return
    name, *rest = arguments
    command = group.commands[name]  # type: ignore[attr-defined]
    assert command.make_context(name, rest).params


@pytest.mark.parametrize("arguments", [c for c in COMMANDS if c[0] in CHEAP], ids=spoken)
def test_examples_that_only_look_run(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) > 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that the README asks the reader to save."""
    place = tmp_path_factory.mktemp("reader")
    outputs.prepare(place)
    assert list(place.glob("*.toml"))
    return place


@pytest.mark.parametrize("arguments", [c for c in COMMANDS if c[0] == "compare"], ids=spoken)
def test_examples_of_comparisons_name_what_exists(
    arguments: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    asked = get_command(app).commands["compare"].make_context("compare", arguments[1:]).params  # type: ignore[attr-defined]
    names = ("scenario", "modes", "rotations", "supports", "replicates", "delta", "control", "years", "seed")
    wish = comparing.Wish(**{name: asked[name] for name in names}, where=Where())
    scenario = reader.load(wish.scenario, settings.parameters_from(asked["settings"]))
    study = comparing.study_of(scenario, wish)
    assert study.arms
    assert comparing.plan_of(wish.replicates).looks


@pytest.mark.parametrize("arguments", [c for c in COMMANDS if c[0] == "run"], ids=spoken)
def test_examples_of_runs_name_what_exists(arguments: list[str]) -> None:
    asked = get_command(app).commands["run"].make_context("run", arguments[1:]).params  # type: ignore[attr-defined]
    scenario = reader.load(asked["scenario"], settings.parameters_from(asked["settings"]))
    policy = reader.policy_for(scenario, reader.Choice(asked["mode"], asked["rotation"], asked["support"]))
    assert policy.layers


def test_the_python_examples_run_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for block in blocks("README.md", "python"):
        exec(compile(block, "README.md", "exec"), names)
        assert capsys.readouterr().out.strip()


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_the_outputs_shown_are_what_the_examples_print(tmp_path: Path) -> None:
    """Every example of the tutorials in turn, and the main one of the READMEs, in both languages."""
    outputs.prepare(tmp_path)
    for page in PAGES:
        assert outputs.refreshed(page, tmp_path) == read(page), "run python -m tests.docs.outputs"


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
    assert re.search(r"^make test$", check, re.MULTILINE)


@pytest.mark.parametrize("page", README)
def test_the_bundled_commands_come_first(page: str) -> None:
    assert blocks(page, "sh")[0].split("\n")[:2] == ["make demo", "make test"]
    assert "pip install -c constraints.txt -e ." in blocks(page, "powershell")[0]


@pytest.mark.parametrize("page", README)
def test_the_table_of_commands_lists_every_command(page: str) -> None:
    listed = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.+?) \|", read(page), re.MULTILINE))))
    assert set(get_command(app).commands) <= listed  # type: ignore[attr-defined]


def test_help_shows_an_example_for_every_command() -> None:
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert f"yangfeng {name} " in command.epilog
    assert console.Language("zh")

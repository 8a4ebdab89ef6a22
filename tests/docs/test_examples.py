"""Examples are run, not only read: the quick ones here, all of them by `make examples`."""

import re
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs import __main__ as command
from tests.docs import examples
from tests.docs.examples import COMMANDS, INSTALLED, QUICK, Book, Example, Shown, book, name_of
from tests.docs.pages import FENCE, read
from tests.docs.reader import Reader

BOOKS = (book(chinese=False), book(chinese=True))
EVERY = [one for language in BOOKS for one in language.examples]
QUICK_TOGETHER = 180.0
CALL = re.compile(r"^ *(?:\S+/)?yangfeng ([^|>\n]*)", re.MULTILINE)
with_a_shell = pytest.mark.skipif(sys.platform == "win32" or not shutil.which("bash"), reason="needs a POSIX shell")


def once(found: list[Example]) -> list[Example]:
    return list({one.key: one for one in found}.values())


def in_words(one: Example) -> str:
    return f"{one.page}:{one.line} {name_of(one)[:80]}"


CALLS = list(dict.fromkeys(words for one in EVERY if one.kind == "sh" for words in CALL.findall(one.text)))
FAST = [(language, one) for language in BOOKS for one in once(language.examples) if language.quick(one)]
TOLD = [(language, one) for language in BOOKS for one in language.shown if all(map(language.quick, one.examples))]


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Book, Reader]]:
    """Give a reader of each language, with a folder of its own."""
    english, chinese = (Reader(one, tmp_path_factory.mktemp("reader")) for one in BOOKS)
    with english, chinese:
        yield {english.book: english, chinese.book: chinese}


@with_a_shell
@pytest.mark.parametrize(("language", "one"), FAST, ids=[in_words(one) for _, one in FAST])
def test_a_quick_example_runs(readers: dict[Book, Reader], language: Book, one: Example) -> None:
    assert readers[language].outcome(one).fault == ""


@with_a_shell
@pytest.mark.parametrize(("language", "shown"), TOLD, ids=[f"{one.page}:{one.line}" for _, one in TOLD])
def test_an_output_shown_is_what_quick_examples_print(
    readers: dict[Book, Reader], language: Book, shown: Shown
) -> None:
    assert readers[language].fault(shown) == ""


@pytest.mark.parametrize("words", CALLS)
def test_every_example_of_the_command_line_parses(words: str) -> None:
    name, *rest = shlex.split(words.replace("$share", "0.1"))
    if name not in ("--help", "--version") and "--help" not in rest:
        assert COMMANDS[name].make_context(name, rest).params


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_an_example_that_runs(name: str) -> None:
    calls = [words.split() for one in EVERY if not examples.left(one) for words in CALL.findall(one.text)]
    assert [name, "--help"] in calls
    assert any(words[0] == name and "--help" not in words for words in calls)
    assert re.search(rf"yangfeng {name} ", COMMANDS[name].epilog)


@pytest.mark.parametrize("page", examples.PAGES)
def test_no_block_without_a_kind_holds_a_command(page: str) -> None:
    plain = "".join(text for kind, text in FENCE.findall(read(page)) if not kind)
    assert not re.search(r"^(yangfeng|make|pip|dask) ", plain, re.MULTILINE)


def test_every_output_shown_follows_what_prints_it() -> None:
    assert [f"{one.page}:{one.line}" for language in BOOKS for one in language.shown if not one.examples] == []


def test_no_two_examples_write_to_the_same_place() -> None:
    for language in BOOKS:
        makers = {(path, one.key) for one in language.examples for path in one.makes if path != INSTALLED}
        paths = [path for path, _ in makers]
        assert sorted(path for path in set(paths) if paths.count(path) > 1) == []


def test_what_is_changed_or_left_out_is_still_printed_and_has_a_reason() -> None:
    printed = [text for one in EVERY for text in (one.printed, one.saved)] + ["/home/me/.config/dask"]
    for change in examples.declared()["changed"]:
        assert change["because"]
        assert any(change["this"] in read(page) or change["this"] in "".join(printed) for page in examples.PAGES)
    for entry in examples.declared()["smaller"]:
        assert entry["because"]
        assert any(one.text.endswith(f" {entry['options']}") for one in EVERY)
    for entry in examples.declared()["left"]:
        assert entry["because"]
        assert entry["example"] in printed


def test_seconds_are_those_of_examples_that_are_printed() -> None:
    names = {name_of(one) for one in EVERY}
    assert [name for name in examples.measured() if name not in names] == [], "python -m tests.docs --write"
    assert sum(seconds for seconds in examples.measured().values() if seconds <= QUICK) <= QUICK_TOGETHER


def told(folder: Path, page: str) -> tuple[Book, list[str]]:
    """Return a page as a book, and what is wrong with each of its examples."""
    made_up = Book({"page.md": page})
    with Reader(made_up, folder) as reader:
        return made_up, [reader.outcome(one).fault for one in made_up.examples]


def block(kind: str, text: str) -> str:
    return f"\n```{kind}\n{text}\n```\n"


@with_a_shell
def test_what_fails_is_told_and_what_needs_it_is_not_tried(tmp_path: Path) -> None:
    lines = ("ls nowhere > made.txt", "cat made.txt", "true --out results/none", "yangfeng show fusoin")
    _, faults = told(tmp_path, block("sh", "\n".join(lines)))
    assert faults[0].startswith("exit code 2\n")
    assert faults[1] == "needs what failed: ls nowhere > made.txt"
    assert faults[2] == "not written: results/none"
    assert "fusoin" in faults[3]


@with_a_shell
def test_a_traceback_is_a_fault_whatever_the_exit_code(tmp_path: Path) -> None:
    _, faults = told(tmp_path, block("sh", "python3 -c 'raise ValueError(3)' || true"))
    assert "ValueError: 3" in faults[0]


@with_a_shell
def test_another_output_is_told_and_written_and_another_hash_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = block("sh", "echo results/two-01234567/report.html") + block("text", "results/two-89abcdef/report.html")
    page = hashed + block("sh", "echo 0.12\necho 3 '  '") + block("text", "0.13\n3")
    (tmp_path / "page.md").write_text(page, encoding="utf-8")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    with Reader(Book({"page.md": page}), tmp_path / "folder") as reader:
        same, other = (reader.fault(shown) for shown in reader.book.shown)
        assert same == ""
        assert [line for line in other.splitlines() if line[1:2] == "0"] == ["-0.13", "+0.12"]
        telling = command.Telling()
        command.compare(reader, [], telling, write=False)
        assert len(telling.faults) == 1
        command.compare(reader, [], telling, write=True)
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == page.replace("0.13", "0.12")


@with_a_shell
def test_what_fails_in_one_language_only_is_told_and_not_measured(tmp_path: Path) -> None:
    telling = command.Telling(measuring=True)
    for page in ("page.md", "page.zh.md"):
        with Reader(Book({page: block("sh", "test $LANG = en_US.UTF-8")}, ".zh." in page), tmp_path) as reader:
            command.read_through(reader, [], telling)
    assert [fault.split(":")[0] for fault in telling.faults] == ["page.zh.md"]
    assert list(telling.processor) == ["test $LANG = en_US.UTF-8"]


@with_a_shell
def test_python_knows_the_names_of_the_blocks_before_it_and_prints_only_its_own(tmp_path: Path) -> None:
    page = block("python", "x = 3\nprint(x)") + block("python", "print(x + 1)") + block("text", "4")
    made_up = Book({"page.md": page})
    with Reader(made_up, tmp_path) as reader:
        assert reader.fault(made_up.shown[0]) == ""


@with_a_shell
def test_a_block_to_save_is_saved_under_its_name(tmp_path: Path) -> None:
    page = "Save it as `own.toml`:\n" + block("toml", "a = 1") + block("sh", "cat own.toml") + block("text", "a = 1")
    made_up = Book({"page.md": page})
    with Reader(made_up, tmp_path) as reader:
        assert reader.fault(made_up.shown[0]) == ""


@with_a_shell
def test_a_server_that_does_not_serve_is_told(tmp_path: Path) -> None:
    _, faults = told(tmp_path, block("sh", "yangfeng web no_such_place"))
    assert faults[0].startswith("it ended before it served")
    assert "no_such_place" in faults[0]


@with_a_shell
def test_what_stays_in_the_background_ends_with_the_reader(tmp_path: Path) -> None:
    _, faults = told(tmp_path, block("sh", "(sleep 2; touch late) &\ntrue"))
    assert faults == ["", ""]
    time.sleep(2.5)
    assert not (tmp_path / "late").exists()


@with_a_shell
def test_the_next_reader_finds_results_and_nothing_else(tmp_path: Path) -> None:
    told(tmp_path, block("sh", "mkdir -p results/one\nmkdir -p rosters\necho 1 > left.txt"))
    told(tmp_path, block("sh", "true"))
    assert (tmp_path / "results" / "one").is_dir()
    assert not (tmp_path / "rosters").exists()
    assert not (tmp_path / "left.txt").exists()


def test_a_loop_is_one_statement_and_powershell_says_the_same() -> None:
    posix = Book({"page.md": block("sh", 'for x in 1 2; do\n  echo $x\ndone\necho "a \\\n b"')})
    power = Book({"page.md": block("powershell", 'foreach ($x in "1", "2") {\n  echo $x\n}\n.venv\\Scripts\\pip list')})
    assert [one.line for one in posix.examples] == [3, 6]
    assert power.examples[0].text == posix.examples[0].text
    assert power.examples[1].text == ".venv/bin/pip list"


def test_sentences_are_read_too_and_a_command_named_alone_is_asked_for_its_help() -> None:
    page = "`yangfeng show\nfusion`, `yangfeng sweep`, `make … VENV=x`; not `yangfeng`.\n"
    assert [one.text for one in Book({"page.md": page}).examples] == ["yangfeng show fusion", "yangfeng sweep --help"]


def test_quick_is_what_is_measured_to_be_and_all_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("make_a > a.txt", "make_b a.txt > b.txt", "read b.txt", "other")
    made_up = Book({"page.md": block("sh", "\n".join(names))})
    for slow, found in (({1: 60.0}, [True, False, False, True]), ({0: 60.0, 3: QUICK + 0.1}, [False] * 4)):
        seconds = {name: slow.get(n, 1.0) for n, name in enumerate(names)}
        monkeypatch.setattr(examples, "measured", lambda seconds=seconds: seconds)
        assert [made_up.quick(one) for one in made_up.examples] == found
    monkeypatch.setattr(examples, "measured", dict)
    assert not any(map(made_up.quick, made_up.examples))

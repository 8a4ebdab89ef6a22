"""One list of all examples that the pages and the help of the commands print, in the order of reading.

An example is a statement of a shell, a block of Python, a file to save, or a command named in a sentence. What needs
another form on a test's machine, or cannot run at all, stands with its reason in `examples.toml`. What is quick is
measured, not chosen: `seconds.json` holds the processor time of examples, as `python -m tests.docs --write` found it.
"""

import functools
import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from typer.main import get_command

from app.cli import app
from tests.docs.pages import FENCE, ROOT, headings, read

HERE = Path(__file__).parent
SECONDS = HERE / "seconds.json"
QUICK = 5.0
"""Seconds of processor time up to which an example belongs to the tests that every change has to pass."""
GUIDES = sorted(f"docs/{path.name}" for path in ROOT.glob("docs/*.md"))
PAGES = ("README.md", "README.zh.md", "CONTRIBUTING.md", *GUIDES)
COMMANDS = get_command(app).commands  # type: ignore[attr-defined]

INLINE = re.compile(r"`((?:\.venv[/\\]\w+[/\\])?(?:yangfeng|pip|make) [^`…]+)`")
SAVED = {"toml": "toml", "yaml": "yaml", "python": "py"}
WRITERS = "--out|-o|--graphml|-keyout|-out|>|mkdir -p|-m venv|yangfeng template"
WRITES = re.compile(rf"(?:{WRITERS}) ([\w.~{{][\w./~{{}}-]*)(?!\S)")
ENVIRONMENT = ".venv"
INSTALLED = f"{ENVIRONMENT}/bin/yangfeng"


@dataclass(frozen=True)
class Example:
    """What a page prints, and what is run for it."""

    page: str
    line: int
    kind: str
    """``sh``, ``python``, ``file`` (to save) or ``make``."""
    printed: str
    text: str
    """As printed, with the changes of `examples.toml`; lines for PowerShell as a POSIX shell has them."""
    section: int = 0
    before: str = ""
    """For Python, the blocks before it on its page, whose names it may use."""
    saved: str = ""
    makes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """What is the same when two pages print the same example."""
        return self.kind, self.text, self.before

    def mentions(self, path: str) -> bool:
        return re.search(rf"(?<![\w./~-]){re.escape(path)}(?![\w-])", self.text) is not None


class Shown(NamedTuple):
    """A block marked `text`: where it stands on its page, and the examples that print it."""

    page: str
    line: int
    text: str
    examples: tuple[Example, ...]


@functools.cache
def declared() -> dict[str, list[dict[str, str]]]:
    """Return what is run in another form and what is left out, each with its reason."""
    return tomllib.loads((HERE / "examples.toml").read_text(encoding="utf-8"))


@functools.cache
def measured() -> dict[str, float]:
    """Return the seconds of processor time that examples take, by what is run."""
    found: dict[str, float] = json.loads(SECONDS.read_text(encoding="utf-8"))
    return found


class _Reading:
    """A page being read from top to bottom."""

    def __init__(self, page: str, text: str) -> None:
        self.page, self.text = page, text
        self.heads = [self._line(head.start()) for head in headings(text)]
        self.examples: list[Example] = []
        self.shown: list[Shown] = []
        self._python: list[str] = []
        self._since: list[Example] = []  # since the last output shown

    def all(self) -> tuple[list[Example], list[Shown]]:
        end = 0
        for match in FENCE.finditer(self.text):
            self._sentences(end, match.start())
            self._block(match, self.text[end : match.start()])
            end = match.end()
        self._sentences(end, len(self.text))
        return self.examples, self.shown

    def _sentences(self, start: int, end: int) -> None:
        for match in INLINE.finditer(self.text, start, end):
            command = " ".join(match[1].split())
            name = command.removeprefix("yangfeng ")
            self._add("sh", self._line(match.start()), f"{command} --help" if name in COMMANDS else command)

    def _block(self, match: re.Match[str], before: str) -> None:
        kind, text, line = match[1], match[2], self._line(match.start(2))
        name = _saved(before, SAVED[kind]) if kind in SAVED else ""
        if kind == "text":
            self.shown.append(Shown(self.page, line, text, tuple(self._since)))
            self._since = []
        elif name:
            self._add("file", line, text, saved=name)
        elif kind == "python":
            self._since = [self._add("python", line, text, before="\n".join(self._python))]
            self._python.append(text)
        elif kind in ("sh", "powershell"):
            block = posix(text) if kind == "powershell" else text
            self._since = [self._add("sh", line + at, part) for at, part in statements(block)]

    def _add(self, kind: str, line: int, text: str, **more: str) -> Example:
        section = sum(head < line for head in self.heads)
        one = example(self.page, line, kind, text, section, **more)
        self.examples.append(one)
        return one

    def _line(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1


def _saved(before: str, suffix: str) -> str:
    """Return the file that the paragraph before a block says to save it as; empty if it names none."""
    paragraph = before.strip().split("\n\n")[-1]
    names = re.findall(rf"`([\w./~-]+\.{suffix})`", paragraph)
    return names[-1] if names else ""


def example(page: str, line: int, kind: str, printed: str, section: int = 0, **more: str) -> Example:
    """Return an example with the changes declared for it and the files it writes."""
    text, saved = _changed(printed), _changed(more.pop("saved", ""))
    if kind == "sh" and text.startswith("make "):
        kind = "make"
    if text.startswith("pip "):  # of the environment that the README makes, never of the one that runs the tests
        text = f"{ENVIRONMENT}/bin/{text}"
    makes = (saved,) if saved else tuple(WRITES.findall(text)) if kind == "sh" else ()
    if "pip install" in text:
        makes = (INSTALLED,)
    return Example(page, line, kind, printed, text, section, saved=saved, makes=makes, **more)


def _changed(text: str) -> str:
    for change in declared()["changed"]:
        text = text.replace(change["this"], change["to"])
    return text


def posix(block: str) -> str:
    """Return lines for PowerShell as a POSIX shell has them."""
    block = re.sub(r"^py(?: -3[.\d]*)? ", "python3 ", block, flags=re.MULTILINE)
    block = re.sub(r"\.venv\\Scripts\\", ".venv/bin/", block)
    return re.sub(r"foreach \(\$(\w+) in (.+?)\) \{\n(.*?)\n\}", _loop, block, flags=re.DOTALL)


def _loop(match: re.Match[str]) -> str:
    values = " ".join(re.findall(r'"([^"]*)"', match[2]))
    return f"for {match[1]} in {values}; do\n{match[3]}\ndone"


def statements(block: str) -> Iterator[tuple[int, str]]:
    """Yield the statements of a block with the lines they begin in; a loop is one."""
    for match in re.finditer(r"^(?:for .*?^done$|\S.*?(?<!\\)$)", block, re.MULTILINE | re.DOTALL):
        yield block.count("\n", 0, match.start()), match[0]


def of_help() -> list[Example]:
    """Return the help of every command, each with the examples that it ends in."""
    found = []
    for name, command in COMMANDS.items():
        page = f"yangfeng {name} --help"
        found.append(example(page, 0, "sh", page))
        found += [example(page, 0, "sh", one.strip()) for one in re.findall(r"yangfeng [^;]+", command.epilog or "")]
    return found


class Book:
    """The examples of some pages in one language, and the outputs that the pages show."""

    def __init__(self, pages: Mapping[str, str], chinese: bool = False, more: Sequence[Example] = ()) -> None:
        self.chinese = chinese
        self.pages: dict[str, list[Example]] = {}
        self.shown: list[Shown] = []
        for page, text in pages.items():
            self.pages[page], shown = _Reading(page, text).all()
            self.shown += shown
        for one in more:
            self.pages.setdefault(one.page, []).append(one)
        whole = {one.printed for shown in self.shown for one in shown.examples}
        self.pages = {name: [_smaller(one, whole) for one in page] for name, page in self.pages.items()}

    @property
    def examples(self) -> list[Example]:
        """All of them; one that two pages print is there twice."""
        return [one for page in self.pages.values() for one in page]

    def needs(self, one: Example) -> list[Example]:
        """Return the examples that have to run first: those that write what this one mentions.

        A block of Python says nothing of files in words to search for: it needs what its section ran before it.
        """
        here = self.pages[one.page]
        earlier = here[: here.index(one)]
        if one.kind == "python":
            return [other for other in earlier if other.section == one.section and other.kind != "python"]
        makers: dict[str, Example] = {}
        for other in [*earlier[::-1], *self.examples]:
            for path in other.makes:
                if other.key != one.key and path not in one.makes and one.mentions(path):
                    makers.setdefault(path, other)
        return list(dict.fromkeys(makers.values()))

    def quick(self, one: Example) -> bool:
        """Whether an example, with all that has to run first, is measured to take little time."""
        seconds = measured().get(name_of(one), math.inf)
        return seconds <= QUICK and not left(one) and all(self.quick(other) for other in self.needs(one))


def book(chinese: bool) -> Book:
    """Return the book of the project in a language; help is in English."""
    pages = {page: read(page) for page in PAGES if (".zh." in page) == chinese}
    return Book(pages, chinese, () if chinese else of_help())


def _smaller(one: Example, whole: Set[str]) -> Example:
    """Return an example with the options that make it smaller, unless some page shows what it prints."""
    for entry in declared()["smaller"]:
        if one.text.split()[:2] == entry["command"].split() and one.printed not in whole and "--help" not in one.text:
            return replace(one, text=f"{one.text} {entry['options']}")
    return one


def name_of(one: Example) -> str:
    """Return an example in one line, as it is told and measured."""
    return " ".join(one.text.split())


def left(one: Example) -> str:
    """Return why an example cannot run here; empty if it does."""
    if one.kind == "make" and one.printed.split()[:2] in [line.split()[:2] for line in read(".ci/run").splitlines()]:
        return "run by .ci/run"
    return next((entry["because"] for entry in declared()["left"] if entry["example"] == one.printed), "")

"""What the pages for readers say: sections, commands and files, in both languages."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAIRS = {
    "readme": ("README.md", "README.zh.md"),
    "tutorial": ("docs/tutorial.md", "docs/tutorial.zh.md"),
    "own county": ("docs/own_county.md", "docs/own_county.zh.md"),
    "the page": ("docs/page.md", "docs/page.zh.md"),
}
PAGES = tuple(name for pair in PAIRS.values() for name in pair)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEAD = re.compile(r"^(#+) .+$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#]+)")
EXAMPLES = ("sh", "powershell", "toml", "python")


class Section(NamedTuple):
    """What must be the same in both languages: depth of the heading, examples, tables and links."""

    depth: int
    examples: tuple[str, ...]
    table_rows: int
    bullets: int
    links: tuple[str, ...]


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, kind: str) -> list[str]:
    """Return the fenced blocks of a kind on a page."""
    return [text for name, text in FENCE.findall(read(page)) if name == kind]


def sections(page: str) -> list[Section]:
    """Return the sections of a page."""
    text = read(page)
    heads = headings(text)
    ends = [m.start() for m in heads[1:]] + [len(text)]
    return [_section(len(m[1]), text[m.end() : end]) for m, end in zip(heads, ends, strict=True)]


def headings(text: str) -> list[re.Match[str]]:
    """Return the headings of a page; those inside fenced blocks are none."""
    fenced = [match.span() for match in FENCE.finditer(text)]
    return [m for m in HEAD.finditer(text) if not any(a <= m.start() < b for a, b in fenced)]


def _section(depth: int, text: str) -> Section:
    lines = FENCE.sub("", text).splitlines()
    links = tuple(link.replace(".zh.", ".") for link in LINK.findall(text))
    examples = tuple(block for kind, block in FENCE.findall(text) if kind in EXAMPLES)
    return Section(
        depth,
        examples,
        sum(line.startswith("|") for line in lines),
        sum(line.startswith("- ") for line in lines),
        links,
    )

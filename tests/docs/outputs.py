"""What the pages show as output is what was printed: `python -m tests.docs.outputs` runs the examples and rewrites it.

A block marked `text` is the standard output of the block of commands or Python before it. Blocks are run in order, in a
folder that holds the TOML examples of the README, in the language of the page.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from app import grouping, importing, template
from tests.docs.pages import FENCE, PAGES, ROOT, blocks, read

LOCALES = {True: "zh_CN.UTF-8", False: "en_US.UTF-8"}
RUN = {"sh": ("bash", "-e", "-c"), "python": (sys.executable, "-c")}


def prepare(folder: Path) -> None:
    """Save the TOML examples of the README under the names it gives them, and put `yangfeng` on a path."""
    names = re.findall(r"`(\w+\.toml)`:", read("README.md"))
    for name, block in zip(names, blocks("README.md", "toml"), strict=True):
        (folder / name).write_text(block, encoding="utf-8")
    _county(folder)
    program = folder / "bin" / "yangfeng"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m app.cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)


def _county(folder: Path) -> None:
    """Import the demonstration, and group its schools, under the names that the pages give."""
    with tempfile.TemporaryDirectory() as rosters:
        template.make(Path(rosters), "en", demo=True)
        importing.import_rosters([Path(rosters)], folder / "my_county.toml", pseudonymise=False, today=None)
    asked = grouping.Asked(str(folder / "my_county.toml"), "2:6")
    grouping.group(asked, folder / "grouped.toml")


def printed(kind: str, block: str, folder: Path, chinese: bool) -> str:
    """Return the standard output of one block, without spaces at the ends of lines."""
    path = os.pathsep.join([str(folder / "bin"), os.environ["PATH"]])
    own = {"PATH": path, "PYTHONPATH": str(ROOT), "LANG": LOCALES[chinese]}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    done = subprocess.run([*RUN[kind], block], cwd=folder, env=kept | own, stdout=subprocess.PIPE, check=True)
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.decode("utf-8").strip("\n").splitlines())


def refreshed(page: str, folder: Path) -> str:
    """Return a page with the outputs that its examples have now; what comes after the last output is not run."""
    text, said = read(page), ""
    shutil.rmtree(folder / "rosters", ignore_errors=True)  # another page asked for them too
    found = list(FENCE.finditer(text))
    last = max((n for n, match in enumerate(found) if match[1] == "text"), default=-1)
    parts, end = [], 0
    for match in found[: last + 1]:
        if match[1] == "text":
            parts += [text[end : match.start(2)], said]
            end = match.end(2)
        elif match[1] in RUN and not match[2].startswith("make "):
            said = printed(match[1], match[2], folder, ".zh." in page)
    return "".join([*parts, text[end:]])


def main() -> None:
    """Rewrite the outputs on every page."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(folder)
        for page in PAGES:
            (ROOT / page).write_text(refreshed(page, folder), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

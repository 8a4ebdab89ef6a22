"""Run every example that the pages and the help print: `python -m tests.docs [--write] [PAGE …]`, or `make examples`.

A line tells each example with its seconds. What fails, and what is printed otherwise than a page shows, is told in full
at the end. With `--write` the outputs shown and the seconds of examples are written anew from what was seen.
"""

import argparse
import json
import math
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.docs.examples import ENVIRONMENT, QUICK, SECONDS, Book, Example, book, left, measured, name_of
from tests.docs.pages import ROOT
from tests.docs.reader import Outcome, Reader

AT_ONCE = 2
"""Readers of pages at the same time: while one draws figures, the other simulates."""
SLACK = 2.0
WIDTH = 150


class Telling:
    """Tells each example once, as soon as it is done, and remembers what was wrong."""

    def __init__(self, *, measuring: bool = False) -> None:
        self.measuring = measuring
        self.faults: list[str] = []
        self.processor: dict[str, float] = {}
        self.told: set[tuple[object, ...]] = set()
        self._lock = threading.Lock()

    def tell(self, example: Example, outcome: Outcome) -> None:
        """Tell what came of an example."""
        with self._lock:
            if not self._is_new(example):
                return
            name = name_of(example)
            if not outcome.fault:
                self.processor[name] = max(self.processor.get(name, 0.0), outcome.processor)
            fault = outcome.fault or ("" if self.measuring else _too_slow(name, outcome))
            seconds = f"{outcome.seconds:7.1f} s {outcome.processor:7.1f} s of processor"
            self._say(f"{'FAILED' if fault else 'ok':6} {seconds}  {_where(example)}  {name[:WIDTH]}")
            if fault:
                self._say(f"       {fault.strip().splitlines()[-1][:WIDTH]}")
                self.faults.append(f"{_where(example)}: {example.printed}\n{fault}")

    def leave(self, example: Example, reason: str) -> None:
        """Tell why an example is not run."""
        with self._lock:
            if self._is_new(example):
                self._say(f"left   {name_of(example)}: {reason}")

    def _is_new(self, example: Example) -> bool:
        """Whether an example was not told before in the language of its page."""
        known = len(self.told)
        self.told.add((".zh." in example.page, *example.key))
        return len(self.told) > known

    @staticmethod
    def _say(line: str) -> None:
        print(line, flush=True)


def _where(example: Example) -> str:
    return f"{example.page}:{example.line}" if example.line else example.page


def _too_slow(name: str, outcome: Outcome) -> str:
    """Return what is wrong with an example that every change has to pass and that has become slow."""
    if measured().get(name, math.inf) > QUICK or outcome.processor <= SLACK * QUICK:
        return ""
    return f"not quick any more: {outcome.processor:.0f} s of processor; python -m tests.docs --write"


def together(book: Book, wanted: Sequence[str]) -> list[list[Example]]:
    """Return the examples of the pages wanted, page by page; pages that install into one environment are one."""
    pages = [page for name, page in book.pages.items() if not wanted or name in wanted]
    installing = [page for page in pages if any(one.mentions(ENVIRONMENT) for one in page)]
    others = [page for page in pages if page not in installing]
    return [[one for page in installing for one in page], *others]


def read_through(reader: Reader, wanted: Sequence[str], telling: Telling) -> None:
    """Run the examples of the pages wanted."""

    def one_page(examples: Iterable[Example]) -> None:
        for example in examples:
            reason = left(example)
            if reason:
                telling.leave(example, reason)
            else:
                telling.tell(example, reader.outcome(example))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one_page, together(reader.book, wanted)))


def compare(reader: Reader, wanted: Sequence[str], telling: Telling, write: bool) -> None:
    """Hold the outputs that pages show against what was printed; write them anew where that is asked for."""
    for shown in reader.book.shown:
        if (wanted and shown.page not in wanted) or any(reader.outcome(one).fault for one in shown.examples):
            continue
        fault = reader.fault(shown)
        if fault and write:
            path = ROOT / shown.page
            page, printed = path.read_text(encoding="utf-8"), reader.printed(shown)
            page = page.replace(f"```text\n{shown.text}```", f"```text\n{printed}```")
            path.write_text(page, encoding="utf-8", newline="\n")
        elif fault:
            telling.faults.append(
                f"{shown.page}:{shown.line}: not what is printed; python -m tests.docs --write\n{fault}"
            )


def remember(telling: Telling, books: Sequence[Book]) -> None:
    """Write the seconds of examples anew; what was not run now keeps its own."""
    there = {name_of(example) for one in books for example in one.examples}
    seconds = {**measured(), **telling.processor}
    kept = {name: round(value, 1) for name, value in sorted(seconds.items()) if name in there}
    SECONDS.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    """Run the examples, in English and then in Chinese, and exit with 1 if one is not as printed."""
    parser = argparse.ArgumentParser(prog="python -m tests.docs", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write outputs and seconds anew")
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="such as README.md (default: all)")
    asked = parser.parse_args()
    books = [book(chinese) for chinese in (False, True)]
    unknown = set(asked.pages) - {page for one in books for page in one.pages}
    if unknown:
        parser.error(f"no such page: {', '.join(sorted(unknown))}")
    telling, begun = Telling(measuring=asked.write), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="yangfeng-examples-") as place:
        for one in books:
            with Reader(one, Path(place)) as reader:
                read_through(reader, asked.pages, telling)
                compare(reader, asked.pages, telling, asked.write)
    if asked.write:
        remember(telling, books)
    print(f"{len(telling.told)} examples in {(time.monotonic() - begun) / 60.0:.1f} minutes")
    for fault in telling.faults:
        print(f"\n{fault}")
    sys.exit(1 if telling.faults else 0)


if __name__ == "__main__":
    main()

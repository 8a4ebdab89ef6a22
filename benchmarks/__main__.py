"""Run the benchmarks: ``python -m benchmarks [name …]``; what is not run keeps its last results."""

import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import Finding, machine, tell

NAMES = ("peers", "scaling", "country", "pairing", "layer", "command", "grouping", "page")
HERE = Path(__file__).resolve().parent
RESULTS, REPORT = HERE / "results.json", HERE / "RESULTS.md"
HEADINGS = {
    "peers": "The core of a term against peers that give the same numbers",
    "scaling": "Time per teacher-term as the world grows",
    "country": "A whole country, ten years of one policy",
    "pairing": "What common random numbers save",
    "layer": "What the experiment layer costs a run",
    "grouping": "Groups proposed for 3,200 kindergartens",
    "command": "Commands, the compiler's cache warm",
    "page": "The page for planners: 200 runs, and a first answer",
}
INTRODUCTION = """# Benchmarks

`make bench` writes this page; `python -m benchmarks peers` renews one part. Ratios are of processor time in one run,
all variants in turns in every round; lowest, median and highest are over the rounds unless a note says otherwise.
Absolute times belong to the machine named under each heading and are there to explain the ratios. The core of a term
is attention, learning, practice, culture and teaching; every peer is checked against the kernels, column by column,
before it is timed.
"""


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000.0 else f"{value:,.0f}"  # noqa: PLR2004


def _target(one: Finding) -> str:
    if one.met is None:
        return ""
    hoped = f"≥ {_number(one.at_least)}" if one.at_least is not None else f"≤ {_number(one.at_most or 0.0)}"
    return f"{hoped} {'✓' if one.met else '✗'}"


def _row(one: Finding) -> str:
    cells = (one.what, *map(_number, (one.low, one.median, one.high)), one.unit, _target(one), one.note)
    return "| " + " | ".join(cells) + " |"


def _section(name: str, part: dict[str, Any]) -> list[str]:
    where = ", ".join(f"{key} {value}" for key, value in part["machine"].items())
    findings = [Finding(**one) for one in part["findings"]]
    header = ["| what | low | median | high | unit | target | note |", "|---|---:|---:|---:|---|---|---|"]
    return [f"\n## {HEADINGS[name]}\n", f"{where}.\n", *header, *map(_row, findings)]


def report(results: dict[str, Any]) -> str:
    """Return the page for what has been measured."""
    parts = [line for name in NAMES if name in results for line in _section(name, results[name])]
    return INTRODUCTION + "\n".join(parts) + "\n"


def main(names: Sequence[str]) -> None:
    """Run the benchmarks named, or all, and write the results and the page."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise SystemExit(f"no benchmark {', '.join(unknown)}: choose from {', '.join(NAMES)}")
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for name in names or NAMES:
        tell(name)
        findings = importlib.import_module(f"benchmarks.{name}").run()
        results[name] = {"machine": machine(), "findings": [one._asdict() for one in findings]}
        RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        REPORT.write_text(report(results), encoding="utf-8")
    sys.stdout.write(report({name: results[name] for name in names or NAMES}))


if __name__ == "__main__":
    main(sys.argv[1:])

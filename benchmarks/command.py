"""What the commands cost beside a bare start of Python, and beside the runs they are for."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

from benchmarks.measure import Finding, finding, in_turns, ratios, tell
from model.attributes import compile_policy
from model.chance import key
from model.simulation import burn_in, simulate
from scenarios import reader

PROJECT = Path(__file__).resolve().parents[1]
SCENARIO = "shuangtaizi_two_schools"
REPLICATES = 8
ROUNDS = 5
COMPARE = ("compare", SCENARIO, "--replicates", str(REPLICATES), "--workers", "1")
MILLI = 1000.0


def _command(*words: str) -> Callable[[], object]:
    """Return a call of Python with these words, in the project's folder."""
    return lambda: subprocess.run([sys.executable, *words], cwd=PROJECT, check=True, capture_output=True)


def _fresh(words: Sequence[str], scratch: Path) -> Callable[[], object]:
    """Return a call of the command that writes to a new place each time, so that no result is used again."""
    number = count()
    return lambda: _command("-m", "app.cli", *words, "--out", str(scratch / str(next(number))))()


def _runs() -> None:
    """Make the runs of the comparison, and nothing else."""
    scenario = reader.load(SCENARIO)
    world, numbers = scenario.world, (scenario.parameters,)
    control = compile_policy(reader.control(scenario), world)
    arms = [compile_policy(reader.policy_for(scenario, *choice), world) for choice in scenario.compare]
    for replicate in range(REPLICATES):
        chance = key(0, replicate)
        start = burn_in(world, control, *numbers, chance, scenario.run.burn_in)
        for arm in (control, *arms):
            simulate(start.world, ((0, arm),), *numbers, chance, scenario.run.years)


def run() -> list[Finding]:
    """Time bare Python, help, a list and a whole comparison in turns, with the compiler's cache warm."""
    with tempfile.TemporaryDirectory(prefix="yangfeng-bench-") as folder:
        scratch = Path(folder)
        works = {
            "python -c pass": _command("-c", "pass"),
            "yangfeng --help": _command("-m", "app.cli", "--help"),
            "yangfeng list modes": _command("-m", "app.cli", "list", "modes"),
            "yangfeng compare, no figures": _fresh((*COMPARE, "--no-figures"), scratch / "plain"),
            "yangfeng compare": _fresh(COMPARE, scratch / "whole"),
            "the runs alone": _runs,
        }
        tell("  commands")
        times = in_turns(works, ROUNDS)
    cpu = {name: [one.cpu for one in found] for name, found in times.items()}
    bare, runs = cpu.pop("python -c pass"), cpu.pop("the runs alone")
    out = [finding(f"{name} / bare start", ratios(found, bare)) for name, found in cpu.items()]
    out += [finding(f"{name} / its runs", ratios(cpu[name], runs)) for name in cpu if "compare" in name]
    return out + [finding(f"{name}, clock", [MILLI * one.wall for one in found], "ms") for name, found in times.items()]

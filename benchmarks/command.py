"""What the commands cost beside a bare start of Python, and beside the runs they are for."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
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


class Shell:
    """Calls of Python in the project's folder, its bytecode and results in a folder of their own."""

    def __init__(self, scratch: Path) -> None:
        self.scratch, self.number = scratch, count()
        self.environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(scratch / "bytecode")}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(self, *words: str) -> None:
        """Run Python with these words."""
        subprocess.run([sys.executable, *words], cwd=PROJECT, env=self.environment, check=True, capture_output=True)

    def compare(self, *words: str) -> None:
        """Run a comparison that writes to a new place, so that no result is used again."""
        self.run("-m", "app.cli", *COMPARE, *words, "--out", str(self.scratch / str(next(self.number))))


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
    """Time bare Python, help, a list and a whole comparison in turns, with bytecode and compiled kernels at hand."""
    with tempfile.TemporaryDirectory(prefix="yangfeng-bench-") as folder:
        shell = Shell(Path(folder))
        works: dict[str, Callable[[], object]] = {
            "python -c pass": partial(shell.run, "-c", "pass"),
            "yangfeng --help": partial(shell.run, "-m", "app.cli", "--help"),
            "yangfeng list modes": partial(shell.run, "-m", "app.cli", "list", "modes"),
            "yangfeng compare, no figures": partial(shell.compare, "--no-figures"),
            "yangfeng compare": shell.compare,
            "the runs alone": _runs,
        }
        tell("  commands")
        times = in_turns(works, ROUNDS)
    cpu = {name: [one.cpu for one in found] for name, found in times.items()}
    bare, runs = cpu.pop("python -c pass"), cpu.pop("the runs alone")
    out = [finding(f"{name} / bare start", ratios(found, bare)) for name, found in cpu.items()]
    out += [finding(f"{name} / its runs", ratios(cpu[name], runs)) for name in cpu if "compare" in name]
    return out + [finding(f"{name}, clock", [MILLI * one.wall for one in found], "ms") for name, found in times.items()]

"""What all schools of a country take: ten years of one policy after a burn-in, in one process."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measure import Finding, finding, tell
from model.attributes import compile_policy
from model.chance import key
from model.simulation import burn_in, simulate
from scenarios import reader
from scenarios.reader import Choice

PROJECT = Path(__file__).resolve().parents[1]
PLACE, SMALL = "china_compulsory", "shuangtaizi_two_schools"
POLICY = Choice("learning_district", "national_rule", "none")
GIB_OF_KIB = 2.0**-20
MOST_SECONDS, MOST_MEMORY = 120.0, 6.0


def _ten_years(place: str) -> dict[str, float]:
    """Return seconds by stage of one run, the standing state being kept as a comparison keeps it."""
    marks = [time.perf_counter()]
    scenario = reader.load(place)
    marks.append(time.perf_counter())
    control = compile_policy(scenario.baseline, scenario.world)
    policy = compile_policy(reader.policy_for(scenario, POLICY), scenario.world)
    start = burn_in(scenario.world, control, scenario.parameters, key(0, 0), scenario.run.burn_in)
    marks.append(time.perf_counter())
    simulate(start.world, ((0, policy),), scenario.parameters, key(0, 0), scenario.run.years)
    marks.append(time.perf_counter())
    return {name: marks[n + 1] - marks[n] for n, name in enumerate(("loading", "burn-in", "ten years"))}


def _main() -> None:
    """Print what one run took, as JSON; for a process of its own, since a peak of memory is a process's."""
    found = _ten_years(PLACE)
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * GIB_OF_KIB
    sys.stdout.write(json.dumps(found))


def run() -> list[Finding]:
    """Run the country once, its kernels compiled before."""
    _ten_years(SMALL)
    tell(f"  {PLACE}")
    words = [sys.executable, "-m", "benchmarks.country"]
    found = json.loads(subprocess.run(words, cwd=PROJECT, check=True, capture_output=True, text=True).stdout)
    limits = {"ten years": MOST_SECONDS}
    out = [
        finding(f"{PLACE}, {name}", [found[name]], "s", at_most=limits.get(name), note="once")
        for name in ("loading", "burn-in", "ten years")
    ]
    return [*out, finding(f"{PLACE}, peak memory of all", [found["memory"]], "GiB", at_most=MOST_MEMORY, note="once")]


if __name__ == "__main__":
    _main()

"""What the experiment layer costs a run, in time and memory, and Mesa's batch runner doing the same runs."""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from time import perf_counter, sleep

import mesa
from mesa.batchrunner import batch_run

from benchmarks.measure import Finding, finding, tell
from experiments import runner, sampling, sweep_files
from experiments.comparison import Point, content_hash
from experiments.design import Factor, Value
from experiments.jobs import Job
from experiments.results import Manifest, open_results
from experiments.runner import Place, kept_workers
from experiments.studies import Situation
from experiments.sweep import Prepared, Sweep, paired, run_paired
from scenarios.reader import Choice

ROUNDS = 5
WORKERS = 2
CHEAP, FEW, MANY = 2000, 500, 10_000
LENGTH, LONG_RUNS = 0.02, 200
RENEWALS, MODES = 15, ("fusion", "two_school_integration", "co_construction", "collaboration")
MILLI = 1e3
MANIFEST = Manifest({"study": "layer"}, {"study": 0}, "0" * 64)
SITUATION = Situation("shuangtaizi_two_schools", Choice("fusion", "unified_deployment"))
FACTOR = Factor("practice.renewal", 0.2, 0.8)


def nothing(x: float) -> dict[str, list[float]]:
    """Return rows such as a run of the model leaves, at no cost."""
    return {f"{arm}/{name}": [x] * 10 for arm in ("policy", "control") for name in ("peak", "valley", "mean")}


def idle(x: float) -> dict[str, list[float]]:
    """Return the same after a fiftieth of a second."""
    sleep(LENGTH)
    return nothing(x)


def idle_often(_: int) -> dict[str, float]:
    """Do the share of one worker with nothing between the runs."""
    for _ in range(LONG_RUNS // WORKERS):
        sleep(LENGTH)
    return {"n": LONG_RUNS / WORKERS}


def _prepare(function: Callable[[float], object], values: Mapping[str, Value]) -> Prepared:
    x = float(next(iter(values.values())))
    return Prepared(content_hash(function.__name__, x), function, lambda _: x)


def sweep_of(function: Callable[[float], object], count: int) -> Sweep:
    """Return a sweep of a function of one number."""
    return Sweep(sampling.factorial([FACTOR], count), partial(_prepare, function), 1)


def seconds(sweep: Sweep, place: Place, workers: int) -> float:
    """Return how long a sweep takes, from the design to its tables."""
    with tempfile.TemporaryDirectory() as directory, open_results(directory, MANIFEST) as results:
        began = perf_counter()
        for _ in sweep.run(results, partial(runner.run, workers=workers, executor=place)):
            pass
        sweep_files.write(sweep, results.ledger, Path(directory), ("d_peak",), 0.02)
        return perf_counter() - began


class OneRun(mesa.Model):
    """One run of the model as Mesa's batch runner does it: all of it in one step."""

    def __init__(self, renewal: float, mode: str, rng: int | None = None) -> None:
        super().__init__(rng=rng)
        self.values, self.d_peak = {FACTOR.name: renewal, "mode": mode}, 0.0
        self.datacollector = mesa.DataCollector(model_reporters={"d_peak": "d_peak"})

    def step(self) -> None:
        """Do the run."""
        argument = paired(SITUATION.study)(self.values).argument(0)
        assert isinstance(argument, Point)
        rows = run_paired(argument)
        self.d_peak = float((rows["policy/peak"] - rows["control/peak"])[-2:].mean())
        self.datacollector.collect(self)
        self.running = False


def mesa_seconds(renewals: list[float], modes: tuple[str, ...]) -> float:
    """Return how long Mesa's batch runner takes for the same runs, in one process."""
    began = perf_counter()
    batch_run(OneRun, {"renewal": renewals, "mode": modes}, number_processes=1, max_steps=1, display_progress=False)
    return perf_counter() - began


def against_mesa(modes: tuple[str, ...]) -> list[tuple[float, float]]:
    """Return seconds of a sweep and of Mesa's batch runner for the same runs, by round."""
    design = sampling.factorial([FACTOR, Factor("mode", values=modes)], RENEWALS)
    sweep, renewals = Sweep(design, paired(SITUATION.study), 1), FACTOR.steps(RENEWALS)
    return [(seconds(sweep, "inline", 1), mesa_seconds(renewals, modes)) for _ in range(ROUNDS)]


def waiting() -> list[float]:
    """Return by round how much longer runs of 20 ms take on two workers than with nothing between them, %."""
    bare = [Job(str(worker), idle_often, worker) for worker in range(WORKERS)]
    found = []
    with kept_workers(WORKERS) as place:
        seconds(sweep_of(idle, WORKERS), place, WORKERS)
        for _ in range(ROUNDS):
            began = perf_counter()
            list(runner.run(bare, workers=WORKERS, executor=place))
            least = perf_counter() - began
            found.append(100.0 * (seconds(sweep_of(idle, LONG_RUNS), place, WORKERS) / least - 1.0))
    return found


def _peak_memory(count: int) -> float:
    """Return the peak memory of a process that sweeps `count` cheap runs, MiB."""
    command = [sys.executable, "-m", "benchmarks.layer", str(count)]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], check=True, capture_output=True, text=True)
    return float(done.stdout)


def run() -> list[Finding]:
    """Measure all of it."""
    tell("  runs that cost nothing, and runs of 20 ms")
    alone = [MILLI * seconds(sweep_of(nothing, CHEAP), "inline", 1) / CHEAP for _ in range(ROUNDS)]
    between = waiting()
    tell("  Mesa's batch runner")
    mesa_seconds(FACTOR.steps(2), MODES[:1])
    one, several = against_mesa(MODES[:1]), against_mesa(MODES)
    tell("  memory")
    few, many = ([_peak_memory(count) for _ in range(3)] for count in (FEW, MANY))
    told = "the same runs in one process; the sweep keeps them in its ledger"
    shared = "policies share burn-in and control"
    return [
        finding("layer, a run that costs nothing", alone, "ms", at_most=1.0, note="ledger and tables included"),
        finding(
            "layer, runs of 20 ms on two workers", between, "% more", at_most=10.0, note="than nothing between them"
        ),
        finding("runs a second, sweep / Mesa's batch_run", [b / a for a, b in one], note=told),
        finding(f"the same, {len(MODES)} policies a point", [b / a for a, b in several], note=shared),
        finding("runs a second, sweep", [len(MODES) * RENEWALS / a for a, _ in several], "1/s", note=shared),
        finding(f"peak memory, {MANY:,} / {FEW} runs", [b / a for a, b in zip(few, many, strict=True)], at_most=1.1),
        finding(f"peak memory, {MANY:,} runs", many, "MiB"),
    ]


def _high_water() -> float:
    """Return the peak memory of this process, MiB; what `resource` says would include the parent's before it."""
    status = Path("/proc/self/status")
    if status.exists():
        return float(status.read_text().split("VmHWM:")[1].split()[0]) / 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def main(count: int) -> None:
    """Sweep so many cheap runs here and write the peak memory of it, MiB."""
    seconds(sweep_of(nothing, count), "inline", 1)
    sys.stdout.write(f"{_high_water()}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))

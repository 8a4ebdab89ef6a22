"""Kill a sweep and its workers at drawn moments, start it again, and compare the bytes it ends in.

Run as ``python -m tests.kill_campaign 100``: every trial starts ``yangfeng sweep`` in a new directory, kills it up to
three times (the command itself, one of its workers, or both), lets it finish, and holds the canonical export and the
tables against those of an undisturbed sweep. It writes its results to tests/kill_campaign.md and fails when any differ,
anything hangs, or a process is left behind.
"""

import hashlib
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from experiments.store import Ledger, canonical_sha256
from model.chance import Stream, stable_id, uniform
from model.chance import key as chance_key

ROOT = Path(__file__).resolve().parents[1]
REPORT = Path(__file__).with_suffix(".md")
SWEEP = (
    sys.executable, "-m", "app.cli", "sweep", "shuangtaizi_two_schools", "--vary", "practice.renewal=0.2:0.8:8",
    "--vary", "mode=fusion,co_construction", "--replicates", "3", "--years", "4", "--workers", "2", "--no-figures",
    "--resume", "--json", "--out",
)  # fmt: skip
TABLES = ("sweep.csv", "points.csv")
VICTIMS = ("command", "worker", "both")
MOST_KILLS = 3
LIMIT, COMPILING = 180.0, 1800.0


class Trial(NamedTuple):
    """What one trial did and what came of it."""

    number: int
    kills: tuple[tuple[str, float], ...]
    same: bool
    orphans: int
    hung: bool


def draw(trial: int, what: str, number: int) -> float:
    """Return the uniform number of one draw of a trial."""
    return float(uniform(chance_key(0, trial), stable_id(what), number, int(Stream.DESIGN), 0))


def processes_below(pid: int) -> list[int]:
    """Return the processes that a process started, and theirs."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] not in "ZX":
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, queue = [], [pid]
    while queue:
        children = parents.get(queue.pop(), [])
        found += children
        queue += children
    return found


def still_there(pids: Sequence[int], patience: float = 5.0) -> list[int]:
    """Return which processes outlive a few seconds."""
    end = time.monotonic() + patience
    left = list(pids)
    while left and time.monotonic() < end:
        time.sleep(0.02)
        left = [pid for pid in left if _runs(pid)]
    return left


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def results_of(directory: Path) -> tuple[str, ...]:
    """Return the hashes of the canonical export and of the tables."""
    with Ledger(directory, readonly=True) as ledger:
        runs = canonical_sha256(ledger)
    return (runs, *(hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in TABLES))


def finish(command: Sequence[str], directory: Path, limit: float = LIMIT) -> bool:
    """Let the command run to its end; False when it hangs."""
    try:
        subprocess.run([*command, str(directory)], cwd=ROOT, check=True, timeout=limit, stdout=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return False
    return True


def strike(command: Sequence[str], directory: Path, victim: str, moment: float) -> list[int] | None:
    """Start the command, kill the victim after `moment` seconds, let a survivor finish.

    Returns what is left behind; None where the command had ended before.
    """
    with subprocess.Popen([*command, str(directory)], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            below = processes_below(process.pid)
            if victim != "command":
                for pid in below[-1:]:
                    os.kill(pid, signal.SIGKILL)
            if victim != "worker":
                process.kill()
            process.wait(LIMIT)
            return still_there(below)
    return None


def trial(number: int, command: Sequence[str], directory: Path, expected: tuple[str, ...], duration: float) -> Trial:
    """Kill, start again, and compare; moments are drawn over the `duration` of an undisturbed run."""
    kills = 1 + int(MOST_KILLS * draw(number, "kills", 0))
    victims = tuple(VICTIMS[int(len(VICTIMS) * draw(number, "victim", n))] for n in range(kills))
    seconds = tuple(duration * draw(number, "moment", n) for n in range(kills))
    orphans, hung = 0, False
    done: list[tuple[str, float]] = []
    for victim, moment in zip(victims, seconds, strict=True):
        try:
            left = strike(command, directory, victim, moment)
        except subprocess.TimeoutExpired:
            left, hung = [], True
        if left is not None:
            done.append((victim, moment))
            orphans += len(left)
    hung |= not finish(command, directory)
    same = not hung and results_of(directory) == expected
    return Trial(number, tuple(done), same, orphans, hung)


def report(trials: Sequence[Trial], duration: float) -> str:
    """Return the page."""
    victims = Counter(victim for one in trials for victim, _ in one.kills)
    rows = [f"| {name} | {victims[name]} |" for name in VICTIMS]
    good = sum(one.same and not one.orphans and not one.hung for one in trials)
    return "\n".join([
        "# Killed and started again",
        "",
        f"`python -m tests.kill_campaign {len(trials)}` on Python {platform.python_version()}, {os.cpu_count()} cores.",
        f"The sweep, {duration:.1f} s undisturbed:",
        "",
        f"`yangfeng {' '.join(SWEEP[3:-2])}`",
        "",
        f"**{good} of {len(trials)}** trials ended in the same bytes (canonical export, {' and '.join(TABLES)}),",
        f"with no process left behind and none that hung; {sum(victims.values())} kills in all.",
        "",
        "| killed | times |",
        "|---|---:|",
        *rows,
        "",
        "| trial | killed, after seconds | same bytes | left behind | hung |",
        "|---:|---|---|---:|---|",
        *map(_row, trials),
        "",
    ])  # fmt: skip


def _row(one: Trial) -> str:
    kills = ", ".join(f"{victim} {moment:.2f}" for victim, moment in one.kills) or "–"
    said = ("yes" if one.same else "NO", str(one.orphans), "YES" if one.hung else "no")
    return f"| {one.number} | {kills} | {' | '.join(said)} |"


def main(count: int) -> int:
    """Run the campaign, write its page, and return the exit code."""
    trials = []
    with tempfile.TemporaryDirectory(prefix="yangfeng-kill-") as scratch:
        place = Path(scratch)
        assert finish(SWEEP, place / "warm", COMPILING)
        began = time.monotonic()
        assert finish(SWEEP, place / "undisturbed")
        duration, expected = time.monotonic() - began, results_of(place / "undisturbed")
        for number in range(count):
            trials.append(trial(number, SWEEP, place / str(number), expected, duration))
            print(_row(trials[-1]), flush=True)
            REPORT.write_text(report(trials, duration), encoding="utf-8")
    return int(not all(one.same and not one.orphans and not one.hung for one in trials))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))

"""Jobs that worker processes can import, well-behaved and not."""

import os
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from experiments.jobs import Job

Measures = dict[str, object]


def series(number: int) -> Measures:
    """Some numbers whose bytes are easily got wrong: thirds, a negative zero, a subnormal."""
    values = np.arange(1, 21, dtype=np.float64) / 3.0 * number
    return {"q_peak": values, "d_valley": [-0.0, 5e-324, 0.1 * number], "n": number}


def slow_series(number: int) -> Measures:
    time.sleep(0.05)
    return series(number)


def wrong(number: int) -> Measures:
    raise ZeroDivisionError(f"no school has {number} teachers")


def not_a_number(number: int) -> Measures:
    return {"q_peak": [1.0, float("nan"), float(number)]}


def leaves(code: int) -> Measures:
    raise SystemExit(code)


def kills_its_worker(_: int) -> Measures:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def kills_its_first_worker(marker: str) -> Measures:
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"n": 1}


def dies_while_it_answers(marker: str) -> Measures:
    """Let the first worker die with half of its answer in the pipe."""
    if not Path(marker).exists():
        Path(marker).touch()
        Connection._send = _send_half  # type: ignore[attr-defined]
    return {"q_peak": np.arange(1_000.0)}


def _send_half(pipe: Connection, data: bytes, write: object = None) -> None:
    os.write(pipe.fileno(), bytes(data)[: len(data) // 2])
    os.kill(os.getpid(), signal.SIGKILL)


def leaves_a_child_behind(marker: str) -> Measures:
    """Fork a process that keeps every descriptor open, then die."""
    if Path(marker).exists():
        return {"n": 1}
    Path(marker).touch()
    if os.fork() == 0:
        time.sleep(20)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def say_started() -> None:
    """Say so in one write: with two, the lines of two workers can run into each other."""
    sys.stdout.write("started\n")
    sys.stdout.flush()


def never_wakes(_: int) -> Measures:
    say_started()
    time.sleep(10_000)
    return {"n": 1}


def never_yields(_: int) -> Measures:
    """Stay in compiled code for hours, so that no other Python thread ever runs."""
    say_started()
    return {"n": sum(range(10**13))}


def speaks(number: int) -> Measures:
    print("not part of the document", flush=True)
    os.write(1, b"nor this\n")
    return {"n": number}


def process_id(_: int) -> Measures:
    return {"pid": os.getpid(), "ready": float(os.environ.get("YANGFENG_TEST_READY", "0"))}


def set_up() -> None:
    os.environ["YANGFENG_TEST_READY"] = str(float(os.environ.get("YANGFENG_TEST_READY", "0")) + 1)


def set_up_fails() -> None:
    raise ImportError("another package named model comes first")


def set_up_dies() -> None:
    os._exit(3)


def jobs(count: int, function: object = series) -> list[Job]:
    assert callable(function)
    return [Job(f"run-{number:04d}", function, number) for number in range(count)]

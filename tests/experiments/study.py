"""A small study to be killed: python -m tests.experiments.study DIRECTORY FUNCTION COUNT WORKERS."""

import contextlib
import signal
import sys
from functools import partial
from pathlib import Path

from experiments.results import Manifest, compute, open_results
from experiments.runner import run
from tests.experiments import work

MANIFEST = Manifest({"scenario": "yuyao_2020", "parameters": {"rotation": {"share": 0.15}}}, {"study": 0}, "0" * 64)


def main(directory: Path, function: str, count: int, workers: int) -> None:
    """Do what is missing, with a line on standard output whenever a run is recorded."""
    with open_results(directory, MANIFEST) as results:
        print("open", flush=True)
        wanted = work.jobs(count, getattr(work, function))
        with contextlib.closing(compute(results, wanted, partial(run, workers=workers), count)) as steps:
            for tally in steps:
                print(tally.done, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell starts its children deaf to it
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

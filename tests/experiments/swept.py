"""A small sweep to be killed: python -m tests.experiments.swept DIRECTORY."""

import contextlib
import sys
from functools import partial
from pathlib import Path

from experiments import sampling, sweep_files
from experiments.design import Factor
from experiments.results import Manifest, open_results
from experiments.runner import Place, run
from experiments.sweep import Sweep
from tests.experiments import functions

MANIFEST = Manifest({"study": "functions"}, {"study": 0}, "0" * 64)


def main(directory: Path, executor: Place = "process") -> None:
    """Do what is missing and write the tables."""
    design = sampling.lhs([Factor(f"x{n}", 0.0, 1.0) for n in range(3)], 40)
    sweep = Sweep(design, functions.prepared(functions.slow_ishigami), 2)
    with open_results(directory, MANIFEST, resume=True) as results:
        with contextlib.closing(sweep.run(results, partial(run, workers=1, executor=executor))) as steps:
            for _ in steps:
                pass
        sweep_files.write(sweep, results.ledger, directory, (), 0.02)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

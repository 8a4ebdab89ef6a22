"""What a results directory holds, told by the files that commands leave in it."""

from pathlib import Path

from figures.problems import ResultsError
from figures.text import text

COMPARISON = "compare"
KINDS = {
    COMPARISON: "comparison.json", "run": "run.json", "sweep": "sweep.json", "sensitivity": "sensitivity_*.json",
    "discover": "discovery.json", "phase": "phase.json", "optimise": "pareto.json", "explain": "explanation.json",
    "experiment": "experiment.json", "experiments": "claims.json", "validate": "validation.json",
    "group": "proposal.json", "unfinished": "manifest.json",
}  # fmt: skip
"""Kind → the file by which it is known; where several are there, the first counts."""


class OtherKindError(ResultsError):
    """A directory holds something else than what is asked of it.

    Parameters
    ----------
    code
        What is asked.
    directory
        Where.
    """

    def __init__(self, code: str, directory: str | Path) -> None:
        super().__init__(code, path=directory)
        self.kind = kind_of(directory)

    def message(self, language: str) -> str:
        """Return what is asked, and what is there instead, in `language`."""
        t = text(language)
        return t(f"problem.{self.code}", holds=t(f"holds.{self.kind}"), **self.values)


def kind_of(directory: str | Path) -> str:
    """Return the kind of results in a directory; ``nothing`` where there are none, ``missing`` where it is none."""
    folder = Path(directory)
    if not folder.is_dir():
        return "missing"
    return next((kind for kind, name in KINDS.items() if any(folder.glob(name))), "nothing")


def need_comparison(directory: str | Path) -> None:
    """Refuse a directory that holds no comparison.

    Raises
    ------
    OtherKindError
        ``no_comparison``.
    """
    if kind_of(directory) != COMPARISON:
        raise OtherKindError("no_comparison", directory)

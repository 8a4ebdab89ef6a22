"""Every command that takes a results directory, on results of every kind: sound output, or one message."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from experiments import claim
from experiments.jobs import attempt
from experiments.lock import LOCK_NAME
from experiments.results import Manifest, open_results
from experiments.store import LEDGER_NAME
from figures.kinds import KINDS
from tests.experiments import work

PLACE = "shuangtaizi_two_schools"
CLAIM = Path(__file__).parents[1] / "experiments" / "claim.toml"
INLINE = ("--executor", "inline")
FEW = ("--years", "4", "--replicates", "2", "--no-figures", *INLINE)
TWO = ("--parameters", "practice.renewal,learning.fade")
MADE_BY: dict[str, tuple[str, ...]] = {
    "compare": ("compare", PLACE, "--years", "4", "--replicates", "8", "--certainty", "0", "--no-figures", *INLINE),
    "run": ("run", PLACE, "--years", "2"),
    "sweep": ("sweep", PLACE, "--vary", "practice.renewal=0.2:0.8:2", *FEW),
    "sensitivity": ("sensitivity", PLACE, *TWO, "--samples", "2", *FEW),
    "discover": ("discover", PLACE, *TWO, "--samples", "20", *FEW),
    "phase": ("discover", PLACE, "--phase", "practice.renewal=0.1:0.9,learning.fade=0.1:0.3", "--budget", "25", *FEW),
    "optimise": ("optimise", PLACE, "--rotations", "none,heavy", "--draws", "0", "--confirmation", "8", *FEW),
    "explain": ("explain", PLACE, "--mode", "two_school_integration", *FEW),
    "experiment": ("experiment", str(CLAIM), "--replicates", "2", "--draws", "0", "--no-figures", *INLINE),
    "experiments": ("experiment", "all", "--replicates", "2", "--draws", "0", "--no-figures", *INLINE),
    "validate": ("validate", "experience_return", "--replicates", "4", *INLINE),
    "group": ("group", PLACE, "--size", "2:2"),
}  # fmt: skip
NOT_DRAWN = {"run", "unfinished", "nothing", "missing"}
WITHOUT_RUNS = {"run", "experiments", "group", "nothing", "missing"}


def called(*words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--lang", "en"])


@pytest.fixture(scope="module", params=[*KINDS, "nothing", "missing"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def results(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(kind)
    directory = folder / "results"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claim, "FOLDER", folder)  # all claims, of which there are then one
        shutil.copy(CLAIM, folder)
        if kind == "unfinished":
            with open_results(directory, Manifest({"claim": "none"}, {"study": 0}, "test")) as opened:
                opened.ledger.record(attempt(work.jobs(1)[0]))
        elif kind == "nothing":
            directory.mkdir()
        elif kind != "missing":
            made = called(*asked(kind, directory))
            assert made.exit_code == 0, made.output + str(made.exception)
    return directory


def asked(kind: str, directory: Path) -> tuple[str, ...]:
    """Return the command that makes results of a kind in a directory."""
    return (*MADE_BY[kind], *(("-o", f"{directory}.toml") if kind == "group" else ("--out", str(directory))))


def refused(result: Result, *mentioned: str) -> str:
    """Check that a command ended in one message with exit code 2, and return it."""
    assert result.exit_code == 2, result.output + repr(result.exception)
    assert isinstance(result.exception, SystemExit)
    (message,) = result.stderr.splitlines()
    assert all(word in message for word in mentioned), message
    return str(message)


def contents(folder: Path) -> dict[str, bytes]:
    """Return what is in a folder, but for the lock and the mode in which the ledger is open."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in (LOCK_NAME, LEDGER_NAME)]
    return {str(path): path.read_bytes() for path in files}


def test_figures(kind: str, results: Path) -> None:
    if kind == "compare":
        pytest.skip("drawn with its reports, which takes long")
    drawn = called("figures", str(results))
    if kind in NOT_DRAWN:
        refused(drawn, str(results))
    else:
        assert drawn.exit_code == 0, drawn.output + repr(drawn.exception)
        assert all(Path(line).is_file() for line in drawn.stdout.splitlines()) and drawn.stdout


def test_reports(kind: str, results: Path) -> None:
    told = called("report", str(results))
    if kind == "compare":
        assert {Path(line).suffix for line in told.stdout.splitlines()} == {".html", ".pdf"}
    else:
        assert "comparison" in refused(told, str(results))


def test_exports(kind: str, results: Path, tmp_path: Path) -> None:
    lines = called("export", str(results), "--canonical")
    if kind in WITHOUT_RUNS:
        refused(lines, str(results))
    else:
        assert lines.exit_code == 0 and "\t" in lines.stdout
    target = tmp_path / "network.graphml"
    graph = called("export", str(results), "--graphml", str(target))
    if kind == "compare":
        assert set(nx.read_graphml(target).nodes) == {"shiyan", "hubin"}
    else:
        refused(graph, str(results), "compare")
        assert not target.exists()


def test_discovery(kind: str, results: Path) -> None:
    found = called("discover", str(results), "--no-figures")
    if kind == "discover":
        assert found.exit_code == 0, found.output + repr(found.exception)
    else:
        refused(found)


@pytest.mark.parametrize("other", ["compare", "run", "explain", "group"])
def test_another_question_is_refused_and_leaves_everything_as_it_was(other: str, kind: str, results: Path) -> None:
    if kind in ("nothing", "missing", other):
        pytest.skip("this directory may be used")
    before = contents(results)
    refused(called(*asked(other, results)), str(results))
    assert contents(results) == before


@pytest.mark.parametrize("command", ["compare", "run", "sweep", "group", "experiment", "explain"])
def test_results_are_no_scenario_and_no_claim(command: str, kind: str, results: Path, tmp_path: Path) -> None:
    vary, mode, out = ("--vary", "mode=fusion"), ("--mode", "fusion"), ("-o", str(tmp_path / "x.toml"))
    more = {"sweep": vary, "explain": mode, "group": out}
    refused(called(command, str(results), *more.get(command, ())))


@pytest.mark.parametrize("command", ["run", "compare"])
def test_two_commands_in_one_directory(command: str, tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from experiments.lock import DirectoryLock\n"
    script += "lock = DirectoryLock(Path(sys.argv[1])); print('held', flush=True); input()"
    words, root = [sys.executable, "-c", script, str(tmp_path)], Path(__file__).parents[2]
    with subprocess.Popen(words, cwd=root, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None and first.stdout.readline() == "held\n"
        refused(called(*asked(command, tmp_path)), str(first.pid), socket.gethostname(), str(tmp_path))
        first.kill()
    assert called(*asked("run", tmp_path)).exit_code == 0

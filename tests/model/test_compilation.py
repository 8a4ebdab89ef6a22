"""The compiler's cache follows the source, and `model` is our own."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from model import compilation

PROJECT = Path(compilation.__file__).parents[1]
OWN_MECHANISM = Path(compilation.__file__).read_text("utf-8")
FIXED_DIRECTORY = "import numba\n\ncompiled = numba.njit(cache=True)\n"
HELPERS = """
from model.compilation import compiled
RATE = {rate}
@compiled
def scaled(x):
    return {factor} * x
"""
KERNEL = """
from model.compilation import compiled
from model.helpers import RATE, scaled
@compiled
def kernel(x):
    return scaled(x) + RATE
"""
RESULT_AND_HITS = "from model.kernel import kernel; print(kernel(10.0), sum(kernel.stats.cache_hits.values()))"
CACHE_DIRECTORY = "import model.compilation, numba; print(numba.config.CACHE_DIR)"
IDENTITY = """
import model.compilation, numba
from experiments.comparison import Comparison
from experiments.verdict import PLAN
from experiments.studies import study_of
from scenarios import reader
scenario = reader.load("shuangtaizi_two_schools")
job = Comparison(study_of(scenario, scenario.compare), PLAN).job(0, [])
print(numba.config.CACHE_DIR, model.compilation.source_hash(), job.key)
"""
SOURCE_HASH = "from model.compilation import source_hash; print(source_hash())"


def run(code: str, packages: Path, **environment: str) -> str:
    """Run `code` in a new process that imports from `packages`, and return what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", "XDG_", "PYTHON"))}
    places = {"PYTHONPATH": str(packages), "XDG_CACHE_HOME": str(packages / "caches")}
    environment = kept | places | {"PYTHONDONTWRITEBYTECODE": "1"} | environment
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, cwd=packages, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def small_model(root: Path, mechanism: str = OWN_MECHANISM) -> Path:
    """Write a package `model` of one kernel that takes a constant and a helper from another file."""
    room = root / "model"
    (room / "processes").mkdir(parents=True)
    (room / "__init__.py").touch()
    (room / "compilation.py").write_text(mechanism, "utf-8")
    (room / "kernel.py").write_text(KERNEL, "utf-8")
    (room / "helpers.py").write_text(HELPERS.format(rate=1.0, factor=2.0), "utf-8")
    return room


def results_over_edits(root: Path, mechanism: str) -> list[str]:
    """Run the kernel twice, then after an edit of the constant, then of the helper, each in a new process."""
    room = small_model(root, mechanism)
    printed = []
    for rate, factor in ((1.0, 2.0), (1.0, 2.0), (5.0, 2.0), (5.0, 3.0)):
        (room / "helpers.py").write_text(HELPERS.format(rate=rate, factor=factor), "utf-8")
        printed.append(run(RESULT_AND_HITS, root, NUMBA_CACHE_DIR=str(root / "cache")))
    return printed


def test_an_edited_dependency_gives_its_new_result_and_unedited_code_comes_from_the_cache(tmp_path: Path) -> None:
    assert results_over_edits(tmp_path, OWN_MECHANISM) == ["21.0 0", "21.0 1", "25.0 0", "35.0 0"]


def test_a_cache_without_the_hash_in_its_name_goes_stale(tmp_path: Path) -> None:
    # Should this fail, the compiler has learnt to follow dependencies and `model.compilation` can shrink.
    assert results_over_edits(tmp_path, FIXED_DIRECTORY) == ["21.0 0", "21.0 1", "21.0 1", "21.0 1"]


def test_the_hash_sees_paths_and_contents_of_code_at_any_depth_and_nothing_else(tmp_path: Path) -> None:
    room = small_model(tmp_path)
    deep = room / "engine" / "clock" / "term.py"
    seen = [compilation.tree_hash(room)]
    os.utime(room / "kernel.py", (0, 0))
    (room / "notes.txt").write_text("not source", "utf-8")
    (room / "kernel.py").write_bytes((room / "kernel.py").read_bytes().replace(b"\n", b"\r\n"))
    assert compilation.tree_hash(room) == seen[0]
    deep.parent.mkdir(parents=True)
    deep.touch()
    seen.append(compilation.tree_hash(room))
    deep.rename(deep.with_name("year.py"))
    seen.append(compilation.tree_hash(room))
    deep.with_name("year.py").write_text("# edited\n", "utf-8")
    seen.append(compilation.tree_hash(room))
    assert len(set(seen)) == 4


def test_a_module_in_a_new_folder_starts_a_new_cache_and_makes_other_runs(tmp_path: Path) -> None:
    """In a copy of the code, what names the cache, the manifest and a job follows a file two folders down."""
    for name in ("model", "scenarios", "experiments"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))

    def identity() -> list[str]:
        return run(IDENTITY, tmp_path, NUMBA_DISABLE_JIT="1").split()

    before = identity()
    folder = tmp_path / "model" / "observation" / "more"
    folder.mkdir(parents=True)
    (folder / "measure.py").write_text("WEIGHT = 1.0\n", "utf-8")
    assert [new == old for new, old in zip(identity(), before, strict=True)] == [False, False, False]


def test_the_cache_lies_in_the_users_place_for_caches(tmp_path: Path) -> None:
    small_model(tmp_path)
    name = f"yangfeng-{run(SOURCE_HASH, tmp_path)[:16]}"
    assert run(CACHE_DIRECTORY, tmp_path) == str(tmp_path / "caches" / "yangfeng" / name)


@pytest.mark.parametrize("first", ["", "import numba; "], ids=["alone", "after the compiler"])
def test_a_directory_set_by_the_user_gets_a_folder_of_ours_and_a_worker_shares_it(tmp_path: Path, first: str) -> None:
    small_model(tmp_path)
    settled = run(first + CACHE_DIRECTORY, tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "mine"))
    assert settled == str(tmp_path / "mine" / f"yangfeng-{run(SOURCE_HASH, tmp_path)[:16]}")
    assert run(first + CACHE_DIRECTORY, tmp_path, NUMBA_CACHE_DIR=settled) == settled


@pytest.mark.skipif(sys.platform == "win32", reason="temporary directories are each user's own on Windows")
@pytest.mark.parametrize(("mode", "taken"), [(0o700, True), (0o777, False)])
def test_without_a_writable_place_the_cache_goes_to_a_private_temporary_one(
    tmp_path: Path, mode: int, taken: bool
) -> None:
    small_model(tmp_path)
    (tmp_path / "file").touch()
    guessable = tmp_path / f"yangfeng-{os.getuid()}"
    guessable.mkdir()
    guessable.chmod(mode)
    directory = Path(run(CACHE_DIRECTORY, tmp_path, XDG_CACHE_HOME=str(tmp_path / "file"), TMPDIR=str(tmp_path)))
    assert directory.is_dir()
    assert directory.is_relative_to(tmp_path)
    assert directory.is_relative_to(guessable) == taken
    assert directory.parent.stat().st_mode & 0o077 == 0


def test_only_caches_of_other_sources_unused_for_a_month_are_removed(tmp_path: Path) -> None:
    small_model(tmp_path)
    own = Path(run(CACHE_DIRECTORY, tmp_path))
    month_ago = time.time() - 31 * 24 * 3600
    siblings = [own.parent / name for name in ("yangfeng-" + "0" * 16, "yangfeng-" + "1" * 16, "another")]
    old, recent, foreign = siblings
    for directory in siblings:
        directory.mkdir()
        (directory / "kernel.nbi").touch()
    for directory in (own, old, foreign):
        os.utime(directory, (month_ago, month_ago))
    run(CACHE_DIRECTORY, tmp_path)
    assert set(own.parent.iterdir()) == {own, recent, foreign}
    assert own.stat().st_mtime > month_ago + 3600


def test_with_the_compiler_off_kernels_are_plain_functions_of_the_same_result(tmp_path: Path) -> None:
    small_model(tmp_path)
    code = "from model.kernel import kernel; print(type(kernel).__name__, kernel(10.0))"
    assert run(code, tmp_path, NUMBA_DISABLE_JIT="1") == "function 21.0"


@compilation.compiled
def quotient(x: float, y: float) -> float:
    return x / y


@compilation.compiled
def total(values: np.ndarray) -> float:
    result = 0.0
    for i in range(values.size):
        result += values[i]
    return result


def test_kernels_divide_as_numpy_does_and_add_in_order() -> None:
    values = np.tile([1e16, 1.0, -1e16, 1.0], 64)
    in_order = 0.0
    for value in values.tolist():
        in_order += value
    assert quotient(1.0, 0.0) == np.inf
    assert total(values) == in_order


def test_our_own_packages_are_accepted() -> None:
    compilation.check_own_package("scenarios", "experiments", "figures", "app")


@pytest.mark.parametrize("room", ["model", "scenarios"])
def test_another_projects_package_is_refused_with_both_places(tmp_path: Path, room: str) -> None:
    foreign = tmp_path / room
    foreign.mkdir()
    (foreign / "__init__.py").touch()
    code = f"""
import importlib.util, sys
sys.path.insert(0, {str(tmp_path)!r})
spec = importlib.util.spec_from_file_location("ours", {compilation.__file__!r})
ours = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ours)
try:
    ours.check_own_package("scenarios")
except ImportError as error:
    print(error.name, error)
"""
    message = run(code, PROJECT, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert message.startswith(f"{room} the package '{room}'")
    assert str(foreign) in message
    assert str(PROJECT / room) in message


def test_a_package_that_is_nowhere_is_refused() -> None:
    with pytest.raises(ImportError, match="from nowhere"):
        compilation.check_own_package("no_such_room")

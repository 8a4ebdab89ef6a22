"""Compile kernels, and keep the compiler's cache honest.

Numba decides whether a cached kernel is fresh by the stamp of the file that defines it. A kernel that calls a helper
or uses a constant of *another* file is therefore served stale when only that other file was edited. So the cache
lives in a directory named by the hash of all of the model's source, folders in it included: any edit starts an empty
one. The same hash enters the identity of a run, so nothing computed by other code is taken up again. Every module of
the model takes `compiled` from here, which settles the directory before its first kernel is defined.
"""

import contextlib
import functools
import hashlib
import importlib.util
import os
import re
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.extending import register_jitable

ROOM = Path(__file__).resolve().parent
CACHE_NAME = re.compile(r"yangfeng-[0-9a-f]{16}")
CACHE_LIFE_SECONDS = 30 * 24 * 3600.0

Function = TypeVar("Function", bound=Callable[..., Any])


# No fast mathematics and no parallel loops, so equal inputs give equal bytes; division by zero follows IEEE 754.
OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True, "fastmath": False}


def compiled(function: Function) -> Function:
    """Compile a kernel at its first call from Python and keep it on disk; the plain function stays at `.py_func`.

    With `NUMBA_DISABLE_JIT=1` the function comes back as it is.
    """
    return cast("Function", numba.njit(cache=True, **OPTIONS)(function))


def helper(function: Function) -> Function:
    """Let kernels call a function that makes no array; it stays plain Python for everybody else.

    It is compiled within the kernels, without an entry from Python and without counting references to the arrays it is
    given, which can take longer than what it does. So neither it nor what it calls may make an array; the compiler
    refuses one that does: see `maker`.
    """
    return register_jitable(_nrt=False, **OPTIONS)(function)


def inlined(function: Function) -> Function:
    """Let kernels call a function, like `helper`, and always inline it.

    The compiler leaves calls of longer functions standing, and a loop with a call in it is never vectorised.
    """
    return register_jitable(_nrt=False, forceinline=True, **OPTIONS)(function)


def maker(function: Function) -> Function:
    """Let kernels call a function that makes arrays, itself or through another."""
    return register_jitable(**OPTIONS)(function)


def tree_hash(folder: Path) -> str:
    """Return the SHA-256, in hexadecimal, of the paths and contents of the Python files in a folder and below it.

    Line ends do not matter: the same code checked out on another system is the same code.
    """
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*.py")):
        if path.is_file():
            content = path.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


@functools.cache
def source_hash() -> str:
    """Return the hash of the model's source as first read: it names the kernel cache and enters a run's identity."""
    return tree_hash(ROOM)


def check_own_package(*rooms: str) -> None:
    """Refuse to go on when `model`, or one of `rooms`, is another project's package of that name.

    Parameters
    ----------
    *rooms
        Names of further top-level packages that must lie beside this one, such as ``"scenarios"``.

    Raises
    ------
    ImportError
        Names the package, where it was found, where Yangfeng's own is, and the remedy.
    """
    for room in ("model", *rooms):
        own = ROOM.parent / room
        found = _home(room)
        if found != own:
            raise ImportError(
                f"the package '{room}' would come from {found or 'nowhere'}, but Yangfeng's own is {own}: take the "
                "other one off PYTHONPATH, or uninstall it from this environment, or start from another folder",
                name=room,
            )


def _home(package: str) -> Path | None:
    """Return the directory a package is, or would be, imported from."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).resolve().parent


def _cache_base() -> Path:
    """Return where caches go: the user's `NUMBA_CACHE_DIR` if set, else the platform's place for caches."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        # A worker inherits the directory its parent settled: it must not nest another one in it.
        return Path(chosen).parent if CACHE_NAME.fullmatch(Path(chosen).name) else Path(chosen)
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        if os.environ.get(variable):
            return Path(os.environ[variable]) / "yangfeng"
    try:
        return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "yangfeng"
    except RuntimeError:  # a container's user may have no home
        return _temporary_base()


def _temporary_base() -> Path:
    """Return a directory for caches that no other user can have written: cached kernels are pickles."""
    common = Path(tempfile.gettempdir())
    if sys.platform == "win32":
        return common / "yangfeng"
    directory = common / f"yangfeng-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    status = directory.lstat()
    private = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022
    return directory if private else Path(tempfile.mkdtemp(prefix="yangfeng-"))


def _writable(directory: Path) -> bool:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return True
    except OSError:
        return False


def _settle_cache() -> None:
    """Point the compiler, here and in processes started from here, at the cache of this very source."""
    name = f"yangfeng-{source_hash()[:16]}"
    directory = _cache_base().absolute() / name
    if not _writable(directory):
        directory = _temporary_base() / name
        directory.mkdir(parents=True, exist_ok=True)
    os.utime(directory)
    _forget_old_caches(directory)
    os.environ["NUMBA_CACHE_DIR"] = str(directory)
    # The compiler may have been imported, and have read its environment, before us.
    numba.config.reload_config()  # type: ignore[no-untyped-call]


def _forget_old_caches(current: Path) -> None:
    """Remove the caches of other versions of the source that nothing has used for 30 days."""
    oldest = time.time() - CACHE_LIFE_SECONDS
    with contextlib.suppress(OSError):  # another process may be removing the same ones
        for sibling in current.parent.iterdir():
            if CACHE_NAME.fullmatch(sibling.name) and sibling != current and sibling.stat().st_mtime < oldest:
                shutil.rmtree(sibling, ignore_errors=True)


_settle_cache()

"""Compare the hash of the same results over Python versions and numbers of workers.

Run as ``python tests/matrix.py`` (or ``make matrix``): it takes python3.11, python3.12 and python3.13 where they are on
PATH, or the interpreters the variable PYTHONS names, gives each its own environment, prints one hash a line and fails
when two differ. Each interpreter starts with the compiler's cache empty and finds it warm at the second number.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SCENARIO = "shuangtaizi_two_schools"
REPLICATES = 8
WORKERS = (1, 2)
DEFAULT_PYTHONS = "python3.11 python3.12 python3.13"
VERSION = "import platform; print(platform.python_version())"


def version_of(python: str) -> str | None:
    """Return the version of an interpreter, or None where there is none or it does not start."""
    try:
        done = subprocess.run([python, "-c", VERSION], capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def environment_of(python: str, version: str) -> Path:
    """Bring the environment of an interpreter up to date, and return where its commands are."""
    venv = PROJECT / f".venv-{version}"
    subprocess.run(["make", "env", f"PYTHON={python}", f"VENV={venv}"], cwd=PROJECT, check=True, stdout=sys.stderr)
    return venv / "bin"


def canonical_hash(commands: Path, workers: int, scratch: Path) -> str:
    """Return the SHA-256 of the canonical export of one comparison, computed anew."""
    results = scratch / f"{workers}-workers"
    yangfeng = str(commands / "yangfeng")
    size = ["--replicates", str(REPLICATES), "--workers", str(workers), "--seed", "0"]
    settings = {**os.environ, "NUMBA_CACHE_DIR": str(scratch / "compiled")}
    compare = [yangfeng, "compare", SCENARIO, *size, "--out", str(results)]
    subprocess.run(compare, cwd=scratch, env=settings, check=True, stdout=subprocess.DEVNULL)
    export = [yangfeng, "export", str(results), "--canonical"]
    exported = subprocess.run(export, cwd=scratch, env=settings, check=True, stdout=subprocess.PIPE).stdout
    if not exported:
        raise SystemExit(f"nothing was exported from {results}")
    return hashlib.sha256(exported).hexdigest()


def hashes_of(python: str, version: str) -> list[str]:
    """Print and return the hash at each number of workers under one interpreter."""
    commands = environment_of(python, version)
    found = []
    with tempfile.TemporaryDirectory(prefix="yangfeng-matrix-") as scratch:
        for workers in WORKERS:
            found.append(canonical_hash(commands, workers, Path(scratch)))
            print(f"python {version}  workers {workers}  {found[-1]}", flush=True)
    return found


def main() -> int:
    """Run the matrix and return the exit code: 0 one hash, 1 several, 2 no interpreter."""
    named = os.environ.get("PYTHONS")
    interpreters: dict[str, str] = {}
    for python in (named or DEFAULT_PYTHONS).split():
        version = version_of(python)
        if version:
            interpreters.setdefault(version, python)
        elif named:
            print(f"{python} does not start", file=sys.stderr)
            return 2
    if not interpreters:
        print(f"none of {DEFAULT_PYTHONS} starts: name interpreters in PYTHONS", file=sys.stderr)
        return 2
    hashes = {digest for version, python in interpreters.items() for digest in hashes_of(python, version)}
    print("one hash" if len(hashes) == 1 else f"{len(hashes)} different hashes")
    return 0 if len(hashes) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())

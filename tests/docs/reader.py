"""A reader who tries every example, for real, in a folder that looks like the project."""

import difflib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, NamedTuple, Self

from tests.docs.examples import Book, Example, Shown, left
from tests.docs.pages import ROOT

LOCALES = {True: "zh_CN.UTF-8", False: "en_US.UTF-8"}
PATIENCE = 2400.0
"""Seconds until an example is given up."""
KEPT = ("results", ".venv")
"""What a second reader finds: the same commands go on from the runs that are there."""
PRIVATE = (".git", ".venv*", "results", "*.egg-info", "*cache*", "node_modules", "build", "dist")
ADDRESS = re.compile(r"https?://\S+")
HASH = re.compile(r"(results/\w+)-[0-9a-f]{8}\b")
OK, ENDED = 200, (0, 130)
NAMES = """
import contextlib, os
with open(os.devnull, "w") as sink, contextlib.redirect_stdout(sink):
    exec({before!r})
exec({text!r})
"""


class Outcome(NamedTuple):
    """What came of an example: what it printed, what is wrong (empty if nothing), and how long it took."""

    printed: str
    fault: str
    seconds: float
    processor: float


class Reader:
    """Runs examples of a book in a folder, each once; what an example needs runs before it."""

    def __init__(self, book: Book, folder: Path) -> None:
        self.book, self.folder = book, folder
        self._port = str(free_port())
        self._outcomes: dict[tuple[str, str, str], Future[Outcome]] = {}
        self._lock = threading.Lock()
        self._stay: list[int] = []
        _lay_out(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End what examples left running."""
        for group in self._stay:
            _end(group)

    def outcome(self, example: Example) -> Outcome:
        """Run an example, or wait for whoever runs it, and return what came of it."""
        with self._lock:
            is_first = example.key not in self._outcomes
            future = self._outcomes.setdefault(example.key, Future())
        if is_first:
            try:
                future.set_result(self._tried(example))
            except BaseException as error:
                future.set_exception(error)
        return future.result()

    def fault(self, shown: Shown) -> str:
        """Return how an output that is shown differs from what was printed; empty if it does not."""
        printed = self.printed(shown)
        if normal(printed) == normal(shown.text):
            return ""
        lines = (normal(text).splitlines() for text in (shown.text, printed))
        return "\n".join(difflib.unified_diff(*lines, "shown", "printed", lineterm="", n=1))

    def printed(self, shown: Shown) -> str:
        """Return what the examples of an output print, as a page shows it."""
        text = "".join(self.outcome(example).printed for example in shown.examples)
        return "".join(f"{line.rstrip()}\n" for line in text.strip("\n").splitlines())

    def _tried(self, example: Example) -> Outcome:
        for other in self.book.needs(example):
            if not left(other) and self.outcome(other).fault:
                return Outcome("", f"needs what failed: {other.printed}", 0.0, 0.0)
        text = self._here(example.text)
        if example.kind == "file":
            path = self.folder / self._here(example.saved)
            path.write_text(text, encoding="utf-8")
            return Outcome("", "", 0.0, 0.0)
        if example.kind == "python":
            # The installed model, whose kernels are kept, not the one in this folder, which would be compiled anew.
            return self._run([sys.executable, "-P", "-c", NAMES.format(before=example.before, text=text)], example)
        if re.search(r"yangfeng web\b(?!.*--help)", text):
            return self._served(f"{text} --port {free_port()}")
        return self._run(["bash", "-e", "-c", text], example)

    def _here(self, text: str) -> str:
        for name, value in (("folder", self.folder), ("port", self._port), ("python", sys.executable)):
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def _run(self, words: list[str], example: Example) -> Outcome:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            begun = time.monotonic()
            process = self._start(words, out.fileno(), err.fileno())
            code, processor = _waited(process)
            if example.text.endswith("&"):
                self._stay.append(process.pid)
            else:
                _end(process.pid)
            printed, errors = (_content(file) for file in (out, err))
        return Outcome(printed, self._wrong(example, code, errors), time.monotonic() - begun, processor)

    def _wrong(self, example: Example, code: int, errors: str) -> str:
        if code != 0:
            return f"exit code {code}\n{errors[-3000:]}"
        if "Traceback (most recent call last)" in errors:
            return errors[-3000:]
        if example.kind == "make" or example.text.endswith("&"):
            return ""
        missing = [path for path in example.makes if not (self.folder / self._here(path)).exists()]
        return f"not written: {', '.join(missing)}" if missing else ""

    def _served(self, text: str) -> Outcome:
        """Start a server, ask for its page, and stop it as Ctrl-C does."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, ThreadPoolExecutor(1) as waiting:
            begun = time.monotonic()
            process = self._start(["bash", "-e", "-c", f"exec {text}"], out.fileno(), err.fileno())
            ended = waiting.submit(_waited, process)
            fault = _asked(ended, out)
            if not ended.done():
                os.kill(process.pid, signal.SIGINT)
            code, processor = ended.result()
            _end(process.pid)
            errors = _content(err)
        if not fault and code not in ENDED:
            fault = f"exit code {code} after Ctrl-C"
        return Outcome("", f"{fault}\n{errors[-3000:]}" if fault else "", time.monotonic() - begun, processor)

    def _start(self, words: list[str], out: int, err: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            words, cwd=self.folder, env=self._environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            start_new_session=True,
        )  # fmt: skip

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "DASK_", "PYTEST"))}
        path = os.pathsep.join([str(self.folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
        # No browser is opened, and `make` takes the environment as it is.
        return kept | {
            "PATH": path, "LANG": LOCALES[self.book.chinese], "BROWSER": "true", "VENV": sys.prefix,
            "MAKEFLAGS": f"--old-file={sys.prefix}/.installed", "DASK_CONFIG": str(self.folder / "dask"),
        }  # fmt: skip


def _lay_out(folder: Path) -> None:
    """Show what is in the project, and nothing of an earlier reader but `KEPT`; stand-ins for programs come first."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            if path.name not in KEPT:
                shutil.rmtree(path)
        else:
            path.unlink()
    hidden = shutil.ignore_patterns(*PRIVATE)(str(ROOT), os.listdir(ROOT))
    for name in set(os.listdir(ROOT)) - set(hidden):
        (folder / name).symlink_to(ROOT / name)
    (folder / "bin").mkdir()
    for program in (Path(__file__).parent / "bin").iterdir():
        (folder / "bin" / program.name).symlink_to(program)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def normal(text: str) -> str:
    """Return an output without what may differ: the hash of a question in the name of its results."""
    return HASH.sub(r"\1-########", text)


def _asked(ended: Future[tuple[int, float]], out: IO[bytes]) -> str:
    """Return what is wrong with the page of a server; empty if it answers."""
    while not ended.done():
        found = ADDRESS.search(_content(out))
        if found:
            return _unanswered(found[0])
        time.sleep(0.2)
    return "it ended before it served"


def _unanswered(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=60.0) as answer:
            return "" if answer.status == OK else f"HTTP {answer.status}"
    except OSError as error:  # a status that is an error, too
        return str(error)


def _waited(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Return exit code and seconds of processor time of a process and its children; end what takes too long."""
    timer = threading.Timer(PATIENCE, _end, [process.pid])
    timer.start()
    _, status, used = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used.ru_utime + used.ru_stime


def _end(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _content(file: IO[bytes]) -> str:
    """Return what was written to a file so far, without moving the place where its writer goes on."""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode("utf-8", errors="replace")

"""One writer per results directory, across processes, and a clear name for the one who holds it.

The operating system's lock on an open file decides, and vanishes with its holder however that ended: where it is given,
a holder of this host that the file's text names is gone, even if nobody has reaped its process. A holder of another
host is believed, because a shared file system may keep locks from other hosts. Where a file system has no locks at all
the text alone decides, and a holder of this host counts unless it is known to have ended.

The library `filelock` would take the calls to the operating system from here and nothing else: its lock does not say
who holds it, so that what names a holder, and believes it or not, would stay.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from experiments.errors import ResultsError
from experiments.files import explained

LOCK_NAME = "run.lock"

_BUSY = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
_STATE_FIELD, _START_TIME_FIELD = 0, 19  # of /proc/PID/stat, counted after the command's closing bracket
_ENDED = "ZX"
"""States of a process that runs no more and waits only to be reaped."""
_NAMED_WITHIN, _PAUSE = 2.0, 0.02
"""Seconds that one who has just taken the lock gets to write its name, and between looks at it."""

State = Literal["given", "busy", "none"]
"""What became of asking for the lock; ``none`` where the file system has no locks."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that may write: its id, its host, and a mark of its start that no clock can change."""

    pid: int
    host: str
    started: str

    @classmethod
    def current(cls) -> Holder:
        """Describe this process."""
        return cls(os.getpid(), socket.gethostname(), start_mark(os.getpid()))

    def has_ended(self) -> bool:
        """Whether this very process is known to run no more on this host; without /proc nothing is known."""
        return bool(start_mark(os.getpid())) and self.started != start_mark(self.pid)


def start_mark(pid: int) -> str:
    """Give the boot and the tick at which a process started; an empty text if there is none such, or it has ended."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[_STATE_FIELD] in _ENDED else f"{boot}:{fields[_START_TIME_FIELD]}"


class DirectoryLock:
    """The right to write in a results directory, held until `release` or the end of the process.

    Raises
    ------
    ResultsError
        ``directory_in_use``: another run holds it; the message names its process and host. Or
        ``directory_in_use_elsewhere``, by a host whose processes nobody here can see; or ``directory_in_use_unnamed``.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / LOCK_NAME
        with explained(directory):
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            self._claim()
        except BaseException:
            os.close(self._descriptor)
            raise

    def release(self) -> None:
        """Give the right back; the emptied file stays."""
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1

    def _claim(self) -> None:
        state, holder = self._asked()
        here = Holder.current()
        if state == "busy" or (holder is not None and _counts(holder, here, state)):
            raise _refusal(holder, here, self._path)
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, json.dumps(asdict(here)).encode())

    def _asked(self) -> tuple[State, Holder | None]:
        """Ask for the lock; where it is busy, wait a moment for the one who has it to say who it is."""
        until = time.monotonic() + _NAMED_WITHIN
        while True:
            state, holder = _lock(self._descriptor), _read_holder(self._path)
            if state != "busy" or holder is not None or time.monotonic() > until:
                return state, holder
            time.sleep(_PAUSE)


def _counts(holder: Holder, here: Holder, state: State) -> bool:
    """Whether the holder that a text names is to be believed although the lock is not busy."""
    return holder.host != here.host or (state == "none" and not holder.has_ended())


def _refusal(holder: Holder | None, here: Holder, path: Path) -> ResultsError:
    where, ended = str(path.parent), f"if you know that it has ended, delete {path}"
    if holder is None:
        remedy = f"another run uses this directory and does not say who it is; wait for it, or, {ended}"
        return ResultsError("directory_in_use_unnamed", where, remedy, lock=path)
    who = f"process {holder.pid} on host {holder.host} uses this directory"
    if holder.host == here.host:
        remedy = f"{who}; wait for it or choose another directory"
        return ResultsError("directory_in_use", where, remedy, pid=holder.pid, host=holder.host)
    remedy = f"{who}; wait for it, or, {ended}"
    return ResultsError("directory_in_use_elsewhere", where, remedy, pid=holder.pid, host=holder.host, lock=path)


def _read_holder(path: Path) -> Holder | None:
    try:
        fields = json.loads(path.read_text())
        return Holder(int(fields["pid"]), str(fields["host"]), str(fields["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


if sys.platform == "win32":
    import msvcrt

    _FAR_OFFSET = 1 << 30  # beyond the text, which others must be able to read

    def _lock(descriptor: int) -> State:
        os.lseek(descriptor, _FAR_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            return "busy" if error.errno in _BUSY else "none"
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return "given"

else:
    import fcntl

    def _lock(descriptor: int) -> State:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return "busy" if error.errno in _BUSY else "none"
        return "given"

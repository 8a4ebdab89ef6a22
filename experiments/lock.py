"""One writer per results directory, across processes, and a clear name for the one who holds it.

The operating system's lock on an open file decides, and vanishes with its holder however that ended. The file's text
names the holder; where it names another host, or a process still alive although the lock could be taken (file systems
without locks), the text is believed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from experiments.errors import ResultsError
from experiments.files import explained

LOCK_NAME = "run.lock"

_BUSY = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
_START_TIME_FIELD = 19  # of /proc/PID/stat, counted after the command's closing bracket


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

    def is_alive(self) -> bool:
        """Whether this very process runs on this host; not known, hence False, where there is no /proc."""
        return bool(self.started) and self.started == start_mark(self.pid)


def start_mark(pid: int) -> str:
    """Give the boot and the tick at which a process started, or an empty text if there is none such."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return f"{boot}:{fields[_START_TIME_FIELD]}"


class DirectoryLock:
    """The right to write in a results directory, held until `release` or the end of the process.

    Raises
    ------
    ResultsError
        ``directory_in_use``: another run holds it; the message names its process and host.
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
        free = _lock(self._descriptor)
        holder = _read_holder(self._path)
        here = Holder.current()
        if not free or (holder is not None and (holder.host != here.host or holder.is_alive())):
            raise ResultsError("directory_in_use", str(self._path.parent), _busy_message(holder, here, self._path))
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, json.dumps(asdict(here)).encode())


def _busy_message(holder: Holder | None, here: Holder, path: Path) -> str:
    if holder is None:
        return "another run, just starting, uses this directory; wait for it or choose another directory"
    who = f"process {holder.pid} on host {holder.host} uses this directory"
    if holder.host == here.host:
        return f"{who}; wait for it or choose another directory"
    return f"{who}; wait for it, or, if you know that it has ended, delete {path}"


def _read_holder(path: Path) -> Holder | None:
    try:
        fields = json.loads(path.read_text())
        return Holder(int(fields["pid"]), str(fields["host"]), str(fields["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


if sys.platform == "win32":
    import msvcrt

    _FAR_OFFSET = 1 << 30  # beyond the text, which others must be able to read

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _FAR_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in _BUSY  # no locks on this file system: the text decides
        return True

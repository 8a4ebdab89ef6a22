"""One writer a results directory, and who it is; a holder that has ended holds nothing."""

import errno
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from app.console import Language, told
from experiments import lock
from experiments.errors import ResultsError
from experiments.lock import LOCK_NAME, Holder
from experiments.store import Ledger


def code_of(directory: Path) -> str:
    with pytest.raises(ResultsError) as caught:
        Ledger(directory)
    return caught.value.code


def test_a_second_writer_is_told_who_is_first(tmp_path: Path) -> None:
    script = "import sys; from experiments.store import Ledger; Ledger(sys.argv[1]); print('open', flush=True); input()"
    command = [sys.executable, "-c", script, str(tmp_path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None and first.stdout.readline() == "open\n"
        with pytest.raises(ResultsError) as caught:
            Ledger(tmp_path)
        first.kill()
    assert caught.value.code == "directory_in_use"
    assert f"process {first.pid} on host {socket.gethostname()}" in str(caught.value)
    Ledger(tmp_path).close()


def test_a_second_writer_in_the_same_process_is_refused(tmp_path: Path) -> None:
    with Ledger(tmp_path):
        assert code_of(tmp_path) == "directory_in_use"
    Ledger(tmp_path).close()


def a_dead_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def test_a_stale_lock_is_recovered(tmp_path: Path) -> None:
    here = Holder.current()
    for stale in (Holder(a_dead_process(), here.host, "boot:1"), Holder(here.pid, here.host, "boot:1")):
        (tmp_path / LOCK_NAME).write_text(json.dumps(asdict(stale)))
        with Ledger(tmp_path):
            assert json.loads((tmp_path / LOCK_NAME).read_text()) == asdict(here)
        assert (tmp_path / LOCK_NAME).read_text() == ""
    (tmp_path / LOCK_NAME).write_text('{"pid": 1')
    Ledger(tmp_path).close()


def test_a_holder_on_another_host_is_believed(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text(json.dumps(asdict(Holder(4711, "another-host", "boot:1"))))
    with pytest.raises(ResultsError, match=r"process 4711 on host another-host.*delete"):
        Ledger(tmp_path)


@pytest.fixture
def zombie() -> Iterator[Holder]:
    """Give a process that has ended and that nobody has reaped."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        holder = Holder(process.pid, socket.gethostname(), lock.start_mark(process.pid))
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        yield holder


@pytest.mark.skipif(sys.platform == "win32", reason="has no processes that wait to be reaped")
def test_a_process_that_nobody_reaped_holds_nothing(zombie: Holder, tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text(json.dumps(asdict(zombie)))
    Ledger(tmp_path).close()


@pytest.mark.skipif(sys.platform != "linux", reason="needs the state of a process from /proc")
def test_where_there_are_no_locks_a_holder_counts_until_it_has_ended(
    zombie: Holder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuses)
    here = Holder.current()
    (tmp_path / LOCK_NAME).write_text(json.dumps(asdict(here)))
    assert code_of(tmp_path) == "directory_in_use"
    for ended in (zombie, Holder(a_dead_process(), here.host, here.started), Holder(here.pid, here.host, "boot:1")):
        (tmp_path / LOCK_NAME).write_text(json.dumps(asdict(ended)))
        Ledger(tmp_path).close()


def test_one_who_comes_while_the_first_is_starting_is_told_its_name_too(tmp_path: Path) -> None:
    path = tmp_path / LOCK_NAME
    script = (
        "import fcntl, json, socket, sys, time; from dataclasses import asdict; from experiments.lock import Holder\n"
        "file = open(sys.argv[1], 'w'); fcntl.flock(file, fcntl.LOCK_EX); print('taken', flush=True); time.sleep(0.3)\n"
        "file.write(json.dumps(asdict(Holder.current()))); file.flush(); input()"
    )
    command, root = [sys.executable, "-c", script, str(path)], Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None and first.stdout.readline() == "taken\n"
        with pytest.raises(ResultsError, match=f"process {first.pid} on host"):
            Ledger(tmp_path)
        first.kill()


def test_a_holder_that_does_not_say_who_it_is_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_NAMED_WITHIN", 0.05)
    with Ledger(tmp_path):
        (tmp_path / LOCK_NAME).write_text("")
        assert code_of(tmp_path) == "directory_in_use_unnamed"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_refusal_names_process_and_host_in_every_language(language: str, tmp_path: Path) -> None:
    here = Holder.current()
    with Ledger(tmp_path), pytest.raises(ResultsError) as caught:
        Ledger(tmp_path)
    assert {str(here.pid), here.host} <= set(re.findall(r"[\w.-]+", told(caught.value, Language(language)) or ""))
    (tmp_path / LOCK_NAME).write_text(json.dumps(asdict(Holder(4711, "another-host", "boot:1"))))
    with pytest.raises(ResultsError) as caught:
        Ledger(tmp_path)
    said = told(caught.value, Language(language)) or ""
    assert {"4711", "another-host"} <= set(re.findall(r"[\w.-]+", said))
    assert str(tmp_path / LOCK_NAME) in said

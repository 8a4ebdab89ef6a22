"""The ledger: nothing recorded is lost, nothing damaged is believed, one writes and anyone reads."""

import errno
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from experiments import database, files
from experiments.errors import ResultsError
from experiments.files import write_json_atomic, write_text_atomic
from experiments.jobs import Done, Failed, Fault, attempt
from experiments.lock import LOCK_NAME
from experiments.rows import as_rows, rows_from_bytes, rows_to_bytes
from experiments.store import LEDGER_NAME, Ledger, canonical_export, canonical_sha256
from tests.experiments import work

FAILURE = Failed("run-0002", Fault("ValueError", "坏 \ud800 run", "Traceback of this machine"))
NOBODY = 65534
PAGE = 4096


def fill(directory: Path, count: int = 6) -> str:
    """Record some runs and give the hash of all of them."""
    with Ledger(directory) as ledger:
        for job in work.jobs(count):
            ledger.record(attempt(job))
        return canonical_sha256(ledger)


def refill(directory: Path, count: int = 6) -> tuple[int, str]:
    """Compute what is missing; give how many runs that were, and the hash of all."""
    wanted = {job.key: job for job in work.jobs(count)}
    with Ledger(directory) as ledger:
        missing = ledger.missing(wanted)
        for key in missing:
            ledger.record(attempt(wanted[key]))
        return len(missing), canonical_sha256(ledger)


def code_of(directory: Path) -> str:
    with pytest.raises(ResultsError) as caught:
        Ledger(directory)
    return caught.value.code


def test_rows_come_back_bit_for_bit() -> None:
    row = np.array([-0.0, 5e-324, 1 / 3, -1.7976931348623157e308])
    back = rows_from_bytes(rows_to_bytes({"z": row, "甲": np.arange(3.0), "a": np.array([])}))
    assert list(back) == ["a", "z", "甲"]
    assert back["z"].tobytes() == row.tobytes()
    assert rows_to_bytes(back) == rows_to_bytes({"a": np.array([]), "甲": np.arange(3.0), "z": row})


def test_what_is_recorded_is_found_again_by_the_next(tmp_path: Path) -> None:
    fill(tmp_path, 2)
    with Ledger(tmp_path) as ledger:
        ledger.record(FAILURE)
    with Ledger(tmp_path) as ledger:
        rows = ledger.get("run-0001")
        assert rows is not None
        assert rows_to_bytes(rows) == rows_to_bytes(as_rows(work.series(1)))
        assert ledger.get("run-0002") is None
        assert ledger.failed() == [FAILURE]
        assert [key for key, _ in ledger.items()] == ["run-0000", "run-0001"]
        wanted = ["run-0009", "run-0002", "run-0001", "run-0003", "run-0009"]
        assert ledger.missing(wanted) == ["run-0009", "run-0003"]
        assert ledger.missing(wanted, retry_failed=True) == ["run-0009", "run-0002", "run-0003"]


def test_rows_replace_a_failure_and_never_the_reverse(tmp_path: Path) -> None:
    done = Done(FAILURE.key, as_rows({"q": 1.0}))
    with Ledger(tmp_path) as ledger:
        for outcome in (FAILURE, done, FAILURE, done):
            ledger.record(outcome)
        assert ledger.missing([FAILURE.key]) == []
        assert ledger.get(FAILURE.key) is not None
        with pytest.raises(ResultsError) as caught:
            ledger.record(Done(FAILURE.key, as_rows({"q": 1.0000000000000002})))
    assert caught.value.code == "not_reproducible"


def test_the_export_is_the_same_whatever_the_order_of_recording(tmp_path: Path) -> None:
    outcomes = [*(attempt(job) for job in work.jobs(5)), Failed("run-0005", FAILURE.error)]
    hashes = set()
    for name, order in {"a": [0, 1, 2, 3, 4, 5], "b": [5, 3, 1, 4, 0, 2]}.items():
        with Ledger(tmp_path / name) as ledger:
            for place in order:
                ledger.record(outcomes[place])
            lines = list(canonical_export(ledger))
            hashes.add(canonical_sha256(ledger))
    assert len(hashes) == 1
    assert lines[0] == "run-0000\td_valley\t-0.0 5e-324 0.0"
    assert lines[-1] == "run-0005\tfailed"
    assert len(lines) == 5 * 3 + 1


def test_one_last_bit_changes_the_export(tmp_path: Path) -> None:
    lines = []
    for name, value in {"a": 0.1, "b": 0.10000000000000002, "c": 0.0, "d": -0.0}.items():
        with Ledger(tmp_path / name) as ledger:
            ledger.record(Done("run", as_rows({"q": value})))
            lines += canonical_export(ledger)
    assert len(set(lines)) == 4


def test_others_read_while_it_is_written(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        for job in work.jobs(3):
            ledger.record(attempt(job))
            with Ledger(tmp_path, readonly=True) as reader:
                assert reader.get(job.key) is not None
        with Ledger(tmp_path, readonly=True) as reader, pytest.raises(ResultsError) as caught:
            reader.record(Failed("another", FAILURE.error))
    assert caught.value.code == "read_only"
    assert sorted(path.name for path in tmp_path.iterdir()) == [LEDGER_NAME, LOCK_NAME]


def test_reading_where_nothing_is_recorded_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsError) as caught:
        Ledger(tmp_path / "nowhere", readonly=True)
    assert caught.value.code == "no_ledger"
    assert not (tmp_path / "nowhere").exists()


def test_without_a_write_ahead_log_the_plain_journal_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = database._connected
    monkeypatch.setattr(database, "_connected", lambda path, query: connected(path, f"{query}&vfs=unix-dotfile"))
    with Ledger(tmp_path) as ledger:
        assert ledger._base.execute("PRAGMA journal_mode").fetchone() == (b"delete",)
    monkeypatch.undo()
    there = fill(tmp_path)
    assert there == fill(tmp_path / "elsewhere")


# Damage


def test_a_flipped_byte_in_a_payload_is_set_aside_and_done_again(tmp_path: Path) -> None:
    whole = fill(tmp_path)
    path = tmp_path / LEDGER_NAME
    data = bytearray(path.read_bytes())
    data[data.index(np.float64(4 / 3).tobytes())] ^= 1
    path.write_bytes(data)
    assert refill(tmp_path) == (1, whole)
    with sqlite3.connect(path) as base:
        assert base.execute("SELECT count(*) FROM damaged").fetchone() == (1,)


def test_damage_met_while_open_is_set_aside_and_never_analysed(tmp_path: Path) -> None:
    fill(tmp_path)
    with Ledger(tmp_path) as ledger, sqlite3.connect(tmp_path / LEDGER_NAME, isolation_level=None) as other:
        other.execute("UPDATE runs SET payload = zeroblob(8) WHERE key IN ('run-0001', 'run-0003')")
        assert ledger.get("run-0001") is None
        with pytest.raises(ResultsError) as caught:
            list(ledger.items())
        assert caught.value.code == "damaged_run"
        assert "run-0003" in caught.value.where
        assert ledger.missing([job.key for job in work.jobs(6)]) == ["run-0001", "run-0003"]


def test_a_record_under_another_key_or_status_is_not_believed(tmp_path: Path) -> None:
    fill(tmp_path)
    with sqlite3.connect(tmp_path / LEDGER_NAME) as base:
        base.execute("UPDATE runs SET key = 'run-0009' WHERE key = 'run-0001'")
        base.execute("UPDATE runs SET status = 'failed' WHERE key = 'run-0002'")
    with Ledger(tmp_path) as ledger:
        assert ledger.missing(["run-0001", "run-0002", "run-0009"]) == ["run-0001", "run-0002", "run-0009"]


def test_a_key_that_is_no_longer_text_is_not_believed(tmp_path: Path) -> None:
    whole = fill(tmp_path)
    path = tmp_path / LEDGER_NAME
    data = bytearray(path.read_bytes())
    data[data.index(b"run-0005done") - 4] ^= 1  # the type of the key, in the head of its record: text becomes a blob
    path.write_bytes(data)
    assert refill(tmp_path) == (1, whole)


def damaged_copies(directory: Path, places: Iterator[int], bit: int = 0x40) -> Iterator[tuple[int, Path]]:
    """Give copies of a ledger with one byte changed each."""
    data = (directory / LEDGER_NAME).read_bytes()
    copy = directory / "copy"
    for place in places:
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        changed = bytearray(data)
        changed[place] ^= bit
        (copy / LEDGER_NAME).write_bytes(changed)
        yield place, copy


def test_a_byte_flipped_anywhere_never_changes_the_results(tmp_path: Path) -> None:
    whole = fill(tmp_path)
    size = (tmp_path / LEDGER_NAME).stat().st_size
    for place, copy in damaged_copies(tmp_path, iter([*range(0, 100, 5), *range(100, size, 499)])):
        assert refill(copy)[1] == whole, place


@pytest.mark.slow
@pytest.mark.parametrize("bit", [0x01, 0x80])
def test_every_byte_flipped_in_turn_never_changes_the_results(bit: int, tmp_path: Path) -> None:
    whole = fill(tmp_path)
    size = (tmp_path / LEDGER_NAME).stat().st_size
    for place, copy in damaged_copies(tmp_path, iter(range(size)), bit):
        assert refill(copy)[1] == whole, place


def test_a_file_cut_off_anywhere_is_put_aside_and_made_anew(tmp_path: Path) -> None:
    whole = fill(tmp_path)
    data = (tmp_path / LEDGER_NAME).read_bytes()
    for length in range(PAGE + 1, len(data), 1777):  # less than a page holds nothing
        copy = tmp_path / str(length)
        copy.mkdir()
        (copy / LEDGER_NAME).write_bytes(data[:length])
        computed, after = refill(copy)
        assert after == whole
        asides = [path.read_bytes() for path in copy.glob("ledger.damaged-*.sqlite")]
        assert asides == ([data[:length]] if computed else [])


def test_sound_records_of_a_broken_file_are_carried_over(tmp_path: Path) -> None:
    whole = fill(tmp_path, 200)
    path = tmp_path / LEDGER_NAME
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // PAGE * PAGE
    data[middle : middle + PAGE] = bytes(PAGE)
    path.write_bytes(data)
    computed, after = refill(tmp_path, 200)
    assert after == whole
    assert 0 < computed < 120


# Places that cannot be written


def test_a_directory_that_cannot_be_written_is_refused_at_once() -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "results"
        fill(place)
        for path in (*place.iterdir(), place):
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
        Path(name).chmod(0o755)
        with unprivileged():
            assert code_of(place) == "read_only"
            assert code_of(place / "below") == "read_only"
            with Ledger(place, readonly=True) as ledger:
                assert len(list(ledger.items())) == 6
        place.chmod(0o755)


class unprivileged:  # noqa: N801 - reads as a statement
    """Be nobody for a while, if one is the superuser, whom no permission stops."""

    def __enter__(self) -> None:
        self.before = os.geteuid()
        if self.before == 0:
            os.seteuid(NOBODY)

    def __exit__(self, *_: object) -> None:
        os.seteuid(self.before)


def test_a_place_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert code_of(tmp_path / "file") == "unwritable"
    assert code_of(tmp_path / "file" / "results") == "unwritable"


def test_a_full_disk_is_told_before_the_first_job(tmp_path: Path) -> None:
    script = (
        "import resource, sys; from experiments.store import Ledger\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))\n"
        "Ledger(sys.argv[1])"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "results")]
    ended = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert "the disk is full; free some space and start again [disk_full]" in ended.stderr
    assert list((tmp_path / "results").iterdir()) == []


def test_a_disk_that_fills_up_keeps_what_was_recorded(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger._base.execute("PRAGMA max_page_count = 8")
        with pytest.raises(ResultsError) as caught:
            for job in work.jobs(100):
                ledger.record(attempt(job))
        kept = len(list(ledger.items()))
    assert caught.value.code == "disk_full"
    assert kept > 0
    assert refill(tmp_path, 100) == (100 - kept, fill(tmp_path / "undisturbed", 100))


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EROFS, "read_only"), (errno.EIO, "unwritable")]
)
def test_a_failed_write_leaves_the_old_file(
    number: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: int) -> None:
        raise OSError(number, os.strerror(number))

    path = tmp_path / "comparison.json"
    write_json_atomic(path, {"标题": 0.1, "n": np.int64(3), "q": np.array([1.5])})
    before = path.read_bytes()
    monkeypatch.setattr(files.os, "fsync", fails)
    with pytest.raises(ResultsError) as caught:
        write_text_atomic(path, "new")
    assert caught.value.code == code
    assert path.read_bytes() == before == '{\n "标题": 0.1,\n "n": 3,\n "q": [\n  1.5\n ]\n}\n'.encode()
    assert list(tmp_path.iterdir()) == [path]


def test_json_holds_no_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Out of range"):
        write_json_atomic(tmp_path / "a.json", {"q": float("nan")})
    assert list(tmp_path.iterdir()) == []

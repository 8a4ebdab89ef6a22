"""The queue: everybody in turn, nobody more than there is room for, and nothing left of who gives up."""

import threading
import time
from collections.abc import Mapping

import pytest

from app.web.pool import BusyError, CancelledError, Pool
from experiments.jobs import Done, Failed, Job
from tests.app.web.samples import inline, job, pool

ORDER: list[str] = []
GATE = threading.Event()


def noted(name: str) -> Mapping[str, float]:
    GATE.wait(10)
    time.sleep(0.02)  # long enough for whoever asks to queue the next
    ORDER.append(name)
    return {name: 1.0}


def broken(name: str) -> Mapping[str, float]:
    raise ValueError(name)


def test_jobs_come_back_done() -> None:
    place = pool(2)
    with place.ticket() as ticket:
        found = list(place.run(ticket, iter([job(str(n)) for n in range(20)])))
    assert sorted(outcome.key for outcome in found) == sorted(str(n) for n in range(20))
    assert all(isinstance(outcome, Done) for outcome in found)
    place.close()


def test_a_job_that_fails_is_told_and_the_worker_goes_on() -> None:
    place = pool()
    with place.ticket() as ticket:
        first, second = list(place.run(ticket, iter([Job("x", broken, "x"), job("y")])))
    assert isinstance(first, Failed)
    assert isinstance(second, Done)
    place.close()


def test_two_askers_are_served_in_turn() -> None:
    ORDER.clear()
    GATE.clear()
    place = pool()

    def ask(name: str) -> None:
        with place.ticket() as ticket:
            list(place.run(ticket, iter([Job(f"{name}{n}", noted, name) for n in range(12)])))

    threads = [threading.Thread(target=ask, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    time.sleep(0.3)  # both wait by now
    GATE.set()
    for thread in threads:
        thread.join(10)
    middle = ORDER[2:20]
    assert abs(middle.count("a") - middle.count("b")) <= 2
    assert sorted(ORDER) == ["a"] * 12 + ["b"] * 12
    place.close()


def test_no_more_askers_than_there_is_room_for() -> None:
    place = pool(most=2)
    with place.ticket(), place.ticket(), pytest.raises(BusyError), place.ticket():
        pass
    with place.ticket():
        pass
    place.close()


def test_who_gives_up_stops_waiting_and_leaves_nothing() -> None:
    GATE.clear()
    place = pool()
    heard: list[BaseException] = []
    given: list[object] = []

    def ask() -> None:
        try:
            with place.ticket() as ticket:
                given.append(ticket)
                list(place.run(ticket, iter([Job(str(n), noted, "c") for n in range(50)])))
        except CancelledError as error:
            heard.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while not given:
        time.sleep(0.01)
    place.cancel(given[0])  # type: ignore[arg-type]
    GATE.set()
    thread.join(10)
    assert len(heard) == 1
    with place.ticket() as ticket:
        assert [outcome.key for outcome in place.run(ticket, iter([job("after")]))] == ["after"]
    place.close()


def test_few_jobs_wait_at_a_time() -> None:
    place = pool(2)
    drawn = 0

    def many() -> object:
        nonlocal drawn
        for number in range(1000):
            drawn += 1
            yield job(str(number))

    with place.ticket() as ticket:
        steps = place.run(ticket, many())  # type: ignore[arg-type]
        next(steps)
        assert drawn <= 5
    place.close()


def test_a_closed_pool_tells_who_waits() -> None:
    place = Pool(1, 4, place=inline)
    with place.ticket() as ticket:
        place.close()
        with pytest.raises(CancelledError):
            list(place.run(ticket, iter([job("z")])))


def test_every_worker_warms_up_before_its_first_turn() -> None:
    place = Pool(2, 4, warming=job("warm"), place=inline)
    deadline = time.monotonic() + 5
    while place.warm < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert place.warm == 2
    place.close()

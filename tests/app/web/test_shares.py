"""The first pair of runs in shares: the same numbers, the rest undivided, and a fault of one is a fault of all."""

from collections.abc import Iterator

from app.comparing import plan_of, study_of
from app.web import places
from app.web.shares import Shared
from app.web.state import State
from experiments.comparison import Comparison
from experiments.jobs import Done, Failed, Fault, Job, attempt
from experiments.rows import rows_to_bytes
from tests.app.web.samples import SMALL, job
from tests.app.web.test_run import POLICIES


def pairs(count: int, *, same_money: bool = False) -> list[Job]:
    state = State(SMALL, POLICIES, years=4, control="same_money" if same_money else "")
    comparison = Comparison(study_of(places.bundled()[SMALL].scenario(), state.wish()), plan_of("8"))
    return [comparison.job(number, [arm.name for arm in comparison.study.arms]) for number in range(count)]


def done(jobs: Iterator[Job]) -> list[Done]:
    return [one for one in map(attempt, jobs) if isinstance(one, Done)]


def test_shares_give_the_bytes_of_the_undivided_run() -> None:
    for same_money in (False, True):
        jobs = pairs(3, same_money=same_money)
        shared = Shared(iter(jobs), 2)
        found = list(shared.joined(map(attempt, shared.jobs)))
        assert [one.key for one in found] == [one.key for one in jobs]
        for mine, whole in zip(found, done(iter(jobs)), strict=True):
            assert isinstance(mine, Done)
            assert rows_to_bytes(mine.rows) == rows_to_bytes(whole.rows)


def test_only_the_first_is_divided_and_into_no_more_shares_than_policies() -> None:
    jobs = pairs(3)
    assert len(list(Shared(iter(jobs), 5).jobs)) == len(POLICIES) + 2
    assert list(Shared(iter(jobs), 1).jobs) == jobs
    assert list(Shared(iter([]), 2).jobs) == []


def test_other_work_is_not_divided() -> None:
    jobs = [job("a"), job("b")]
    shared = Shared(iter(jobs), 2)
    assert [one.key for one in shared.joined(map(attempt, shared.jobs))] == ["a", "b"]


def test_a_fault_of_one_share_is_one_of_the_whole() -> None:
    jobs = pairs(1)
    shared = Shared(iter(jobs), 2)
    first, second = list(shared.jobs)
    (found,) = shared.joined(iter([attempt(first), Failed(second.key, Fault("TimeoutError", "stopped"))]))
    assert isinstance(found, Failed)
    assert (found.key, found.error.kind) == (jobs[0].key, "TimeoutError")

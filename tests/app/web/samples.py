"""Small things the tests of the page share: a place whose runs take no time, and a pool that works here."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from app.console import Language
from app.web import places
from app.web.pool import Pool
from app.web.runs import Runs
from app.web.session import Service, Session
from experiments.jobs import Job
from experiments.runner import Place

SMALL = "shuangtaizi_two_schools"


@contextlib.contextmanager
def inline() -> Iterator[Place]:
    yield "inline"


def pool(workers: int = 1, most: int = 8) -> Pool:
    return Pool(workers, most, place=inline)


def service(root: Path, most: int = 8) -> Service:
    return Service(places.bundled(), Runs(pool(most=most), root, keep=False))


def session(root: Path) -> Session:
    found = Session(service(root), Language.EN)
    found.choose(SMALL)
    return found


def named(argument: str) -> dict[str, float]:
    """Do next to nothing: the work of tests of the queue."""
    return {argument: 1.0}


def job(name: str) -> Job:
    return Job(name, named, name)

"""Whatever goes wrong on the page, in a worker or in the session, is told there in the reader's language and logged."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload
from nicegui.testing import User, user_simulation

from app import template
from app.console import Language
from app.web import rosters, server, session, watching
from app.web.found import Stage
from app.web.pool import Pool
from app.web.run import Run
from app.web.runs import Runs
from app.web.session import Service, Session
from app.web.state import Grouping, State
from experiments.jobs import Done, Failed
from experiments.lock import DirectoryLock, Holder
from figures.text import Text, text
from scenarios.catalogue import worlds
from scenarios.reader import Choice
from tests.app.web.samples import SMALL, job, service
from tests.app.web.samples import session as opened

ROSTER = rosters.Upload("schools.xlsx", b"given")
WORDS = {"en": "an error in the program", "zh": "这是程序的错误"}


class PanicError(BaseException):
    """What libraries raise that are not written in Python."""


FAULTS = (
    RuntimeError("nobody knows"), KeyError(""), AttributeError("'list' has no 'x'"), MemoryError(), PanicError("!"),
)  # fmt: skip


def raising(error: BaseException) -> Callable[..., Any]:
    def act(*_: object, **__: object) -> None:
        raise error

    return act


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
def test_any_fault_of_an_upload_is_told_and_logged(
    error: BaseException, language: Language, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = Session(replace(service(tmp_path), importer=raising(error)), language)
    before = found.state
    assert not found.bring([ROSTER])
    assert WORDS[language.value] in found.faults and type(error).__name__ in found.faults
    assert "schools.xlsx" in found.fault_title
    assert found.fault_hint == "" and found.state == before
    (record,) = [one for one in caplog.records if one.name == "yangfeng.web"]
    assert record.levelno == logging.ERROR and record.exc_info is not None and record.exc_info[1] is error


def test_a_fault_of_the_files_is_told_as_theirs(tmp_path: Path) -> None:
    found = opened(tmp_path)
    source = worlds()[SMALL].read_text(encoding="utf-8")
    broken = rosters.Upload("mine.toml", f"{source}\n[supports.mine]\nsupervision = []\n".encode())
    assert not found.bring([broken])
    assert "mine.toml" in found.faults and "supports.mine.supervision" in found.faults
    assert found.fault_hint and len(found.faults.splitlines()) == 1
    assert found.bring([rosters.Upload("mine.toml", source.encode())])
    assert not found.faults and found.state.policies


@pytest.mark.parametrize("where", ["study_of", "groups.with_groups"])
def test_any_fault_of_a_question_is_told(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = opened(tmp_path)
    monkeypatch.setattr(f"app.web.session.{where}", raising(ZeroDivisionError("by chance")))
    found.begin()
    assert WORDS["en"] in found.faults and found.run is None
    found.open(f"place={SMALL}&policy=fusion/none/none")
    assert WORDS["en"] in found.faults and found.step == "place"


def test_a_run_that_cannot_begin_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = opened(tmp_path)
    monkeypatch.setattr(Runs, "begin", raising(RuntimeError("can't start new thread")))
    found.begin()
    assert "can't start new thread" in found.faults


def test_groups_that_fail_leave_those_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = opened(tmp_path)
    before = found.state
    monkeypatch.setattr(session.groups, "with_groups", raising(IndexError("none")))
    assert not found.regroup(lambda: Grouping("2:3"))
    assert WORDS["en"] in found.refused and found.state == before
    found.undoable = [Grouping("2:3")]
    with pytest.raises(IndexError):
        found.undo()
    assert found.state == before


def ended(run: Run, stage: Stage) -> Run:
    assert run.start(stage)
    run.wait()
    return run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    found = opened(tmp_path)
    question = State(SMALL, (Choice("fusion"),), years=4, replicates="8")
    return Run(found.places[SMALL], question, found.service.runs.pool, tmp_path / "run")


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
def test_any_fault_of_a_run_ends_it_and_is_told(
    error: BaseException, language: Language, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.run.study_of", raising(error))
    assert ended(run, "compare").status == "failed"
    assert type(error).__name__ in watching.told(run, text(language.value))


def test_making_files_that_fails_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ended(run, "compare").status == "done"
    monkeypatch.setattr("experiments.saved.write_json_atomic", raising(ValueError("no such number")))
    assert ended(run, "files").status == "failed"
    assert "no such number" in watching.told(run, text("en"))
    assert not run.is_filed and run.found is not None


@pytest.mark.parametrize("language", list(Language))
def test_a_directory_in_use_is_told_with_process_and_host(language: Language, run: Run) -> None:
    run.directory.mkdir()
    lock = DirectoryLock(run.directory)
    assert ended(run, "compare").status == "failed"
    said, here = watching.told(run, text(language.value)), Holder.current()
    assert str(here.pid) in said and here.host in said
    lock.release()
    assert ended(run, "compare").status == "done"


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
def test_whoever_asks_is_told_where_no_worker_can_be_had(error: BaseException) -> None:
    @contextlib.contextmanager
    def none() -> Iterator[Any]:
        raise error
        yield

    place = Pool(1, 8, place=none)
    with place.ticket() as ticket:
        (outcome,) = place.run(ticket, iter([job("x")]))
    assert isinstance(outcome, Failed) and outcome.error.kind == type(error).__name__
    place.close()


def test_a_worker_that_fails_once_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    place = opened(Path()).service.runs.pool
    with monkeypatch.context() as patch, place.ticket() as ticket:
        patch.setattr("app.web.pool.run", raising(OSError("too many open files")))
        (outcome,) = place.run(ticket, iter([job("x")]))
        assert isinstance(outcome, Failed)
    with place.ticket() as ticket:
        assert isinstance(next(iter(place.run(ticket, iter([job("y")])))), Done)


# The page itself


Found = TypeVar("Found")


async def until(there: Callable[[], Found]) -> Found:
    """Wait until something is there, and return it."""
    for _ in range(400):
        with contextlib.suppress(AssertionError, StopIteration):
            if found := there():
                return found
        await asyncio.sleep(0.05)
    raise AssertionError("it never came")


def one(user: User, kind: type[ui.element] = ui.element, words: str = "", **props: str) -> ui.element:
    """Return the one element of a kind with these words and properties, or the first of several."""
    found = user.find(kind).elements
    return next(
        element
        for element in sorted(found, key=lambda element: element.id)
        if words in getattr(element, "text", "")
        and all(str(element.props.get(name.replace("_", "-"))) == value for name, value in props.items())
    )


def alert(user: User) -> str:
    """Return what the page shouts."""
    return " ".join(str(getattr(part, "content", "")) for part in one(user, role="alert").descendants())


def press(user: User, element: ui.element, event: str = "click", args: object = None) -> None:
    """Do with an element what the browser would: send its event."""
    listener = next(each for each in element._event_listeners.values() if each.type == event and each.handler)
    assert user.client is not None
    user.client.handle_event({"id": element.id, "listener_id": listener.id, "args": [json.dumps(args or {})]})


async def give(user: User, name: str = "schools.csv", content: bytes = b"given") -> None:
    """Give a file as the browser would."""
    upload = one(user, ui.upload)
    assert isinstance(upload, ui.upload)
    await upload.handle_uploads([SmallFileUpload(name, "text/csv", content)])


@contextlib.asynccontextmanager
async def shown(service_: Service, step: str) -> AsyncIterator[User]:
    """Give a user who sees a step of the page."""
    async with user_simulation() as user:
        server._pages(service_)
        await user.open("/")
        t = text(service_.language.value)
        await until(lambda: user.find(t("web.title")))
        words = t(f"web.step.{step}")
        name = next(part for part in user.find(words).elements if getattr(part, "content", "") == words)
        assert name.parent_slot is not None
        press(user, name.parent_slot.parent)
        await until(lambda: user.find(t(f"web.{step}.title")))
        yield user


Act = Callable[[User, Text], Awaitable[None] | None]
ACTIONS: dict[str, tuple[str, tuple[object, str], Act]] = {
    "choose a place": (
        "place", (Session, "choose"), lambda user, t: press(user, one(user, data_place=SMALL)),
    ),
    "give files": ("place", (Session, "bring"), lambda user, t: give(user)),
    "take rosters to fill in": (
        "place", (template, "make"), lambda user, t: press(user, one(user, ui.button, t("web.place.template"))),
    ),
    "propose groups": (
        "place", (Session, "regroup"),
        lambda user, t: press(user, one(user, ui.button, t("web.groups.propose"))),
    ),
    "add a policy": (
        "policies", (Session, "add"),
        lambda user, t: press(user, one(user, ui.button, t("web.policies.add"))),
    ),
    "choose a mode": (
        "policies", (Session, "change"),
        lambda user, t: press(user, one(user, data_kind="mode"), "change", "fusion"),
    ),
    "move a number": (
        "policies", (State, "with_setting"),
        lambda user, t: press(user, one(user, type="range"), "change", 0.5),
    ),
    "run": (
        "run", (Session, "begin"), lambda user, t: press(user, one(user, ui.button, t("web.run.start"))),
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("action", ACTIONS)
def test_any_fault_of_anything_on_the_page_is_told_there(
    action: str, language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, where, act = ACTIONS[action]
    known = replace(service(tmp_path), place=SMALL, language=language, importer=lambda *_: [])

    async def do() -> None:
        async with shown(known, step) as user:
            monkeypatch.setattr(*where, raising(RuntimeError("nobody knows")))
            if (awaited := act(user, text(language.value))) is not None:
                await awaited
            said = await until(lambda: alert(user))
            assert WORDS[language.value] in said and "nobody knows" in said

    asyncio.run(do())


@pytest.mark.parametrize("language", list(Language))
def test_an_import_that_raises_is_told_where_the_files_were_given(language: Language, tmp_path: Path) -> None:
    known = replace(service(tmp_path), language=language, importer=raising(PanicError("out of order")))

    async def do() -> None:
        async with shown(known, "place") as user:
            await give(user)
            said = await until(lambda: alert(user))
            assert "schools.csv" in said and "PanicError: out of order" in said and WORDS[language.value] in said

    asyncio.run(do())


def test_a_scenario_with_a_list_for_a_number_is_refused_on_the_page_too(tmp_path: Path) -> None:
    source = worlds()[SMALL].read_text(encoding="utf-8") + "\n[supports.mine]\nsupervision = []\n"

    async def do() -> None:
        async with shown(service(tmp_path), "place") as user:
            await give(user, "mine.toml", source.encode())
            said = await until(lambda: alert(user))
            assert "mine.toml" in said and "supports.mine.supervision" in said
            assert text("en")("web.place.fault_hint") in said

    asyncio.run(do())


def test_what_watches_a_run_and_fails_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = replace(service(tmp_path), place=SMALL)

    async def do() -> None:
        async with shown(known, "run") as user:
            press(user, one(user, ui.button, text("en")("web.run.start")))
            await until(lambda: one(user, ui.button, text("en")("web.run.again")))
            monkeypatch.setattr(watching, "told", raising(TypeError("no words")))
            await until(lambda: user.notify.messages)
            await asyncio.sleep(1.0)
            assert [WORDS["en"] in said for said in user.notify.messages] == [True]

    asyncio.run(do())

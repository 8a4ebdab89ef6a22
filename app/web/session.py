"""What one browser tab is doing: its language, step and question, its own place if any, and its run."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.comparing import study_of
from app.console import Language, brief, told
from app.roster_wording import faults
from app.web import groups
from app.web.groups import Regrouped
from app.web.places import Place, Places
from app.web.rosters import KEPT, Importer, Upload, UploadError, completed, name_of, place_of
from app.web.run import Run
from app.web.runs import Runs
from app.web.state import MOST_POLICIES, OWN, Grouping, State, checked, read
from figures.text import Text, text
from scenarios.policies import AS_PLANNED
from scenarios.reader import Choice, Scenario
from scenarios.rosters.problems import RosterError

LOG = logging.getLogger("yangfeng.web")
MOST_UNDONE = 50
STEPS = ("place", "policies", "run", "read")


@dataclass(frozen=True)
class Service:
    """What all tabs share: places, runs, the place and language to begin with, and who reads rosters, if anybody."""

    places: Places
    runs: Runs
    place: str = ""
    language: Language = Language.EN
    importer: Importer | None = None


class Session:
    """One tab. Nothing here draws."""

    def __init__(self, service: Service, language: Language) -> None:
        self.service, self.places, self.language = service, service.places, language
        self.state, self.step = State(), STEPS[0]
        self.faults = self.fault_title = self.fault_hint = ""
        self.remarks: list[str] = []
        self.own_title = ""
        self.policy, self.address, self.seen = 0, "", time.monotonic()
        self.token, self.asked = "", State()
        self._before = "", State()
        self.kept: list[Upload] = []
        self.school, self.refused, self.undoable = "", "", list[Grouping]()
        self._grouped: Regrouped | None = None
        if service.place:
            self.choose(service.place)

    @property
    def t(self) -> Text:
        """Return the words of the tab's language."""
        return text(self.language.value)

    @property
    def run(self) -> Run | None:
        """Return the run of this tab, if there is one."""
        return self.service.runs.get(self.token) if self.token else None

    @property
    def place(self) -> Place | None:
        """Return the place chosen, if there is one."""
        return self.places.known.get(self.state.place)

    @property
    def is_changed(self) -> bool:
        """Whether the question is another than the one that was run."""
        return bool(self.token) and self.asked != self.state

    def grouped(self) -> Regrouped:
        """Return the place chosen with the groups wanted.

        Raises
        ------
        BadInputError, ScenarioError
            If there is none, or no such groups.
        """
        self._grouped = groups.with_groups(self.places[self.state.place], self.state.grouping, self._grouped)
        return self._grouped

    def scenario(self) -> Scenario:
        """Return the scenario of the place chosen, every number as its file says.

        Raises
        ------
        BadInputError, ScenarioError
            If there is none, or it has faults.
        """
        return self.grouped().place.scenario()

    def choose(self, name: str) -> None:
        """Choose a place, with its document's own policies and numbers."""
        self.places[name].scenario()  # before anything is changed
        self.state, self.remarks, self.kept = State(name), [], []
        self.forget()
        self.school, self.refused, self.undoable = "", "", []
        self.restore()

    def restore(self) -> None:
        """Return to the policies of the document."""
        self.state = replace(self.state, policies=tuple(self.scenario().compare[:MOST_POLICIES]))

    def regroup(self, wanted: Callable[[], Grouping]) -> bool:
        """Take other groups for the place, or say why they cannot be; policies that they still allow stay.

        Parameters
        ----------
        wanted
            Returns the groups.
        """
        before = self.state.grouping
        try:
            self._take(wanted())
        except Exception as error:
            self.refused = self.message(error)
            return False
        self.undoable = [*self.undoable[1 - MOST_UNDONE :], before]
        return True

    def undo(self) -> None:
        """Return to the groups before the last change; numbers and policies chosen since stay."""
        if self.undoable:
            self._take(self.undoable.pop())

    def _take(self, grouping: Grouping) -> None:
        """Take groups, and leave out policies that these do not allow."""
        before, self.state = self.state, replace(self.state, grouping=grouping)
        try:
            is_planned = bool(self.scenario().assigned)
        except Exception:
            self.state = before
            raise
        kept = tuple(one for one in self.state.policies if one.mode != AS_PLANNED or is_planned)
        self.state, self.refused = replace(self.state, policies=kept), ""
        if not kept:
            self.restore()

    def bring(self, given: list[Upload]) -> bool:
        """Take in a place of the planner's own from uploaded files, and choose it; or say what is wrong with them."""
        uploads, names = completed(given, self.kept), self.t("phrase.comma").join(map(name_of, given))
        title = self.own_title or self.t("web.place.own")
        try:
            place, remarks = place_of(uploads, self.service.importer, self.language, self.words, title)
            self.take(place)
        except BaseException as error:  # whatever it is: libraries that read files raise more than Exception
            heading = "web.place.unread" if self.words(error) is None else "web.place.faults"
            self.fault(error, self.t(heading, name=names), self.t("web.place.fault_hint"))
            self.kept = uploads if sum(len(one.content) for one in uploads) <= KEPT else []
            return False
        self.remarks = list(remarks)
        return True

    def take(self, place: Place) -> None:
        """Take in a place of the planner's own, and choose it."""
        self.places, self._grouped = self.places.added(place), None
        self.choose(place.name)

    def open(self, query: str) -> None:
        """Put the tab where a link leads; if it leads nowhere, say why and stay at the beginning."""
        try:
            state = read(query)
            if not state.place:
                return
            self.state = state
            self.school, self.refused, self.undoable = "", "", []
            if not state.policies:
                self.restore()
            self.check()
        except Exception as error:
            self.fault(error, hint=self.t("web.wrong_hint"))
            self.state, self._grouped, self.step = State(), None, STEPS[0]
            return
        self.step = "run"

    def check(self) -> None:
        """Prove that the question can be run.

        Raises
        ------
        BadInputError, ScenarioError
            With everything that is wrong with it.
        """
        checked(self.state)
        study_of(self.grouped().place.scenario(self.state.settings), self.state.wish())

    def add(self, policy: Choice) -> bool:
        """Compare one more policy, if there is room and it is not there yet."""
        policies = self.state.policies
        if len(policies) >= MOST_POLICIES or policy in policies:
            return False
        self.state = replace(self.state, policies=(*policies, policy))
        return True

    def change(self, number: int, policy: Choice) -> None:
        """Put a policy in the place of another."""
        policies = (*self.state.policies[:number], policy, *self.state.policies[number + 1 :])
        self.state = replace(self.state, policies=policies)

    def same_as(self, number: int) -> int | None:
        """Return an earlier policy that is the same as this one; None where there is none."""
        first = self.state.policies.index(self.state.policies[number])
        return first if first < number else None

    def remove(self, number: int) -> None:
        """Leave out a policy."""
        policies = self.state.policies
        self.state = replace(self.state, policies=policies[:number] + policies[number + 1 :])

    def begin(self) -> None:
        """Check the question and run it in place of what ran before; or say what is wrong with it."""
        self.forget()
        try:
            self.check()
            self._begin()
        except Exception as error:
            self.fault(error, hint=self.t("web.wrong_hint"))

    def _begin(self) -> None:
        if self.run is not None and self.run.status == "done":
            self._drop(self._before[0])
            self._before = self.token, self.asked
        else:
            self._drop(self.token)
        self.token, _ = self.service.runs.begin(self.grouped().place, self.state)
        self.asked = self.state

    def cancel(self) -> bool:
        """Stop what is computed; return whether an answer that was finished before stands there again."""
        run, (token, asked) = self.run, self._before
        if run is None:
            return False
        run.cancel()
        if run.progress.stage != "compare" or not token or self.service.runs.get(token) is None:
            return False
        self._drop(self.token)
        self.token, self.asked, self._before = token, asked, ("", State())
        return True

    def leave(self) -> None:
        """Give up the run, and the one before."""
        self._drop(self.token)
        self._drop(self._before[0])
        self.token, self._before = "", ("", State())

    def _drop(self, token: str) -> None:
        if token:
            self.service.runs.drop(token)

    def fault(self, error: BaseException, title: str = "", hint: str = "") -> None:
        """Keep an error to be shown until it is closed; title and hint are those of an expected one."""
        is_expected = self.words(error) is not None
        self.faults, self.fault_title = self.message(error), title
        self.fault_hint = hint if is_expected else ""

    def forget(self) -> None:
        """Show no error any more."""
        self.faults = self.fault_title = self.fault_hint = ""

    def message(self, error: BaseException) -> str:
        """Return the words for an error; one that has none is a fault of the program, and the log says where."""
        words = self.words(error)
        if words is None:
            LOG.error("an unexpected error", exc_info=error)
        return self.t("web.unexpected", error=brief(error)) if words is None else words

    def words(self, error: BaseException) -> str | None:
        """Return the words for an expected error, None for any other."""
        code = f"web.problem.{getattr(error, 'code', '')}"
        if code in self.t.entries:
            values = dict(getattr(error, "values", {}))
            named = self.t.entries.get(f"web.policies.{values.get('name')}")
            return self.t(code, **values | ({"name": named} if named else {}))
        if isinstance(error, RosterError):
            return faults(error, self.language.value)
        return str(error) if isinstance(error, UploadError) else told(error, self.language)

    def names(self) -> dict[str, str]:
        """Return the names of schools and groups of the run, in the tab's language."""
        names = {} if self.run is None else self.run.names
        return {ident: name[self.language.value] for ident, name in names.items()}

    def query(self) -> str:
        """Return the state as the query of a link, with the language; empty where no link can lead."""
        if not self.state.place or self.state.place == OWN:
            return f"lang={self.language.value}"
        return f"{self.state.query()}&lang={self.language.value}"

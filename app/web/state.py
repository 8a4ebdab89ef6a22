"""What a planner chose, as one value that fits into a link, and the same as a command."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from app.comparing import CONTROLS, Wish, listed
from app.console import BadInputError
from app.settings import parameters_from
from app.where import Where
from scenarios.reader import Choice

MOST_POLICIES = 6
MOST_SETTINGS = 60
MOST_MOVES = 300
LONGEST_LINK = 8000
LONGEST_VALUE = 120
MOST = {"policy": MOST_POLICIES, "set": MOST_SETTINGS, "move": MOST_MOVES, "lead": MOST_MOVES}
"""So many of each a link may name."""
OWN = "own"
"""The place that a planner uploaded; no link leads there."""
SIZES = ("2:3", "3:5", "4:8", "8:16")
"""Fewest and most schools of a group that can be asked for, the lead among them."""
PRECISIONS = ("auto", "8", "32")
YEARS = (4, 30)
DELTAS = (0.001, 0.5)
SEEDS = (0, 10**9)


@dataclass(frozen=True)
class Grouping:
    """Groups other than those of the place's document.

    Parameters
    ----------
    size
        Fewest and most schools of groups that are proposed, as ``3:5``; empty where none are.
    groups, leads
        School → the group it is put into by hand, empty for none; group → the school put at its head.
    """

    size: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    leads: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_hand(self) -> int:
        """Return how much was changed by hand."""
        return len(self.groups) + len(self.leads)

    def said(self) -> Iterable[tuple[str, str]]:
        """Yield what a link says of it."""
        yield from [("size", self.size)] if self.size else []
        yield from (("move", f"{school}={group}") for school, group in sorted(self.groups.items()))
        yield from (("lead", f"{group}={school}") for group, school in sorted(self.leads.items()))


@dataclass(frozen=True)
class State:
    """One question: a place, policies, numbers changed, and how to compare.

    Parameters
    ----------
    place
        Name of a place; empty while none is chosen.
    policies
        At most six, in the order they are shown; while one is put together it may be the same as another.
    settings
        Path → value, as after ``--set``.
    grouping
        Groups other than those of the place.
    control, years
        Empty and None for what the place says.
    delta, seed, replicates
        As of the command.
    """

    place: str = ""
    policies: tuple[Choice, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    control: str = ""
    years: int | None = None
    delta: float = 0.02
    seed: int = 0
    replicates: str = "auto"
    grouping: Grouping = field(default_factory=Grouping)

    def with_setting(self, path: str, value: str | None) -> State:
        """Return the state with one number set, or as it is without."""
        others = {name: old for name, old in self.settings.items() if name != path}
        return replace(self, settings=others if value is None else others | {path: value})

    @property
    def compared(self) -> tuple[Choice, ...]:
        """Return the policies, each once."""
        return tuple(dict.fromkeys(self.policies))

    def wish(self) -> Wish:
        """Return the state as the wish of the command."""
        return Wish(
            self.place, None, None, None, self.replicates, self.delta, self.control or None, self.years, self.seed,
            Where(), policies=tuple(map(written, self.compared)),
        )  # fmt: skip

    def query(self) -> str:
        """Return the state as the query of a link."""
        return urlencode([("place", self.place), *self.grouping.said(), *self._said()])

    def command(self, place: str) -> str:
        """Return the command that computes the same; `place` is what the command calls the place."""
        words = ["yangfeng", "compare", place]
        return shlex.join([*words, *(part for name, value in self._said() for part in (f"--{name}", value))])

    def _said(self) -> Iterable[tuple[str, str]]:
        yield from (("policy", written(policy)) for policy in self.compared)
        yield from (("set", f"{path}={value}") for path, value in self.settings.items())
        plain = State()
        for name in ("control", "years", "delta", "seed", "replicates"):
            if getattr(self, name) != getattr(plain, name):
                yield name, str(getattr(self, name))


def written(policy: Choice) -> str:
    """Return a policy as links and the command write it."""
    return "/".join(policy)


def read(query: str) -> State:
    """Return the state that a link describes; names are checked when the place is loaded.

    Raises
    ------
    BadInputError
        If it is none, or beyond what the page takes.
    """
    if len(query) > LONGEST_LINK:
        raise BadInputError("link_too_long", value=len(query), most=LONGEST_LINK)
    pairs = parse_qsl(query)
    if any(len(value) > LONGEST_VALUE for _, value in pairs):
        raise BadInputError("link_too_long", value=LONGEST_VALUE, most=LONGEST_VALUE)
    one = dict(pairs)
    given = {name: [value for key, value in pairs if key == name] for name in MOST}
    for name, most in MOST.items():
        if len(given[name]) > most:
            raise BadInputError("link_too_long", value=len(given[name]), most=most)
    settings = {path: str(value) for path, value in parameters_from(given["set"]).items()}
    return checked(
        State(
            one.get("place", ""),
            tuple(listed(text) for text in given["policy"]),
            settings,
            one.get("control", ""),
            _whole("years", one["years"], YEARS) if "years" in one else None,
            _number("delta", one.get("delta", "0.02")),
            _whole("seed", one.get("seed", "0"), SEEDS),
            one.get("replicates", "auto"),
            Grouping(one.get("size", ""), _pairs(given["move"]), _pairs(given["lead"])),
        )
    )


def _pairs(texts: Iterable[str]) -> dict[str, str]:
    return {name: value for name, _, value in (text.partition("=") for text in texts)}


def checked(state: State) -> State:
    """Return the state if its own numbers are within what the page takes.

    Raises
    ------
    BadInputError
        If one is not.
    """
    if state.replicates not in PRECISIONS:
        raise BadInputError("bad_choice", name="replicates", value=state.replicates, allowed=", ".join(PRECISIONS))
    if state.control and state.control not in CONTROLS:
        raise BadInputError("bad_control", value=state.control, allowed=", ".join(CONTROLS))
    if state.grouping.size not in ("", *SIZES):
        raise BadInputError("bad_choice", name="size", value=state.grouping.size, allowed=", ".join(SIZES))
    if not DELTAS[0] <= state.delta <= DELTAS[1]:
        raise BadInputError("bad_delta", value=state.delta)
    if state.years is not None and not YEARS[0] <= state.years <= YEARS[1]:
        raise BadInputError("bad_choice", name="years", value=state.years, allowed=_span(YEARS))
    if not SEEDS[0] <= state.seed <= SEEDS[1]:
        raise BadInputError("bad_choice", name="seed", value=state.seed, allowed=_span(SEEDS))
    return state


def _span(ends: tuple[int, int]) -> str:
    return f"{ends[0]}–{ends[1]}"


def _whole(name: str, text: str, ends: tuple[int, int]) -> int:
    if not text.isascii() or not text.isdecimal():
        raise BadInputError("bad_choice", name=name, value=text, allowed=_span(ends))
    return int(text)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadInputError("bad_delta", value=text) from None

"""What a user wants of groups: sizes, weights, who may lead, how far, and who belongs to whom already."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from scenarios.problems import Problem, ScenarioError, Where, nearest
from scenarios.roster import School

RULES = ("quality", "size", "setting")
WIDER = ("rural", "private")
TERMS = ("proximity", "balance", "mix", "lead")
LARGEST_GROUP = 10_000
HEAVIEST = 1000.0


@dataclass(frozen=True)
class LeadRule:
    """Who may lead and who is preferred.

    A lead is a public school of the better half, not a rural one. With `private` it may be of any ownership; with
    `rural` a good rural school may lead, but villages only. `order` says who is preferred: ``quality`` the strongest,
    ``size`` the largest by pupils, ``setting`` urban schools before township ones and then the strongest.
    """

    order: str = "quality"
    rural: bool = False
    private: bool = False

    def wider(self, word: str) -> "LeadRule":
        """Return the rule under which ``rural`` or ``private`` schools may lead too."""
        return LeadRule(self.order, self.rural or word == "rural", self.private or word == "private")

    def __str__(self) -> str:
        """Return the rule as the command line takes it."""
        return ",".join([self.order, *(word for word in WIDER if getattr(self, word))])


@dataclass(frozen=True)
class Weights:
    """How much each part of the wish counts; 0 leaves it out.

    The unit is one member at the typical distance of a group: so much is one school misplaced by setting or ownership,
    one SD by which the schools of a group together are off the mean, or a group led by the last choice in the first's
    place, for each of its schools.
    """

    proximity: float = 1.0
    balance: float = 1.0
    mix: float = 1.0
    lead: float = 1.0


@dataclass(frozen=True)
class Fixes:
    """Assignments that are settled: school → group, and the lead of a group where that is settled too."""

    groups: Mapping[str, str] = field(default_factory=dict)
    leads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wish:
    """What groups are to be like; sizes count the lead. Groups stay within a county and a level unless `across`.

    Parameters
    ----------
    least, most
        Schools in a group.
    max_km
        No member is farther from its lead, along a straight line.
    mix_ownership
        Whether every group is to have public and private schools by their shares in the county.
    levels
        Levels to be grouped, none for all; schools of others stay in the groups they are in.
    """

    least: int = 2
    most: int = 16
    weights: Weights = Weights()
    rule: LeadRule = LeadRule()
    fixes: Fixes = Fixes()
    max_km: float | None = None
    mix_ownership: bool = False
    across_counties: bool = False
    across_levels: bool = False
    levels: tuple[str, ...] = ()


def refused(code: str, where: str, value: object = "", **remedy: object) -> ScenarioError:
    """Return the error of a wish that cannot be read or kept."""
    words = {name: str(what) for name, what in remedy.items()}
    return ScenarioError([Problem(f"grouping.{code}", Where(where), str(value), words)])


def called(school: School) -> str:
    """Return what a school is called in messages: its name where that is one for both languages, else its id."""
    return school.name["en"] if school.name["en"] == school.name["zh"] else school.id


def sizes(text: str) -> tuple[int, int]:
    """Return the least and the most schools in a group, read from ``2:16`` or ``16``.

    Raises
    ------
    ScenarioError
        If these are no sizes.
    """
    parts = text.strip().split(":")
    if len(parts) in (1, 2) and all(part.isdecimal() and len(part) <= len(str(LARGEST_GROUP)) for part in parts):
        least, most = (Wish.least, int(parts[0])) if len(parts) == 1 else (int(parts[0]), int(parts[1]))
        if 1 <= least <= most <= LARGEST_GROUP:
            return least, most
    raise refused("bad_size", "--size", text)


def weights(text: str) -> Weights:
    """Return the weights read from ``proximity=1,balance=0.5``; those left out are 1.

    Raises
    ------
    ScenarioError
        If a name is unknown or a weight is no number from 0 to `HEAVIEST`.
    """
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = (word.strip() for word in part.partition("="))
        if name not in TERMS:
            raise refused("unknown_weight", "--weights", name, nearest=nearest(name, TERMS))
        found[name] = _weight(part, number)
    return Weights(**found)


def _weight(part: str, number: str) -> float:
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= HEAVIEST:
        raise refused("bad_weight", "--weights", part, limit=f"{HEAVIEST:g}")
    return value


def lead_rule(text: str) -> LeadRule:
    """Return the rule read from ``quality`` or ``size,rural,private``.

    Raises
    ------
    ScenarioError
        If a word is unknown, or two orders are given.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    allowed = (*RULES, *WIDER)
    for word in words:
        if word not in allowed:
            raise refused("unknown_lead_rule", "--lead-rule", word, allowed=", ".join(allowed))
    orders = [word for word in words if word in RULES]
    if len(orders) > 1:
        raise refused("two_lead_rules", "--lead-rule", ", ".join(orders))
    return LeadRule(orders[0] if orders else RULES[0], "rural" in words, "private" in words)

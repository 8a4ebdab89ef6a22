"""Other groups for a place: proposed, put right by hand, and written as a scenario of their own."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from app.console import BadInputError
from app.grouping import bring_teachers
from app.web.places import Place, of_file
from app.web.state import Grouping
from figures import grounds
from figures.text import Text
from figures.wording import number
from scenarios.grouping import scenario as grouped
from scenarios.grouping.propose import Proposal, propose
from scenarios.grouping.wish import Wish, sizes
from scenarios.regrouping import SUFFIX, regrouped
from scenarios.roster import Roster
from scenarios.scenario import Scenario
from scenarios.source import read


@dataclass(frozen=True)
class Regrouped:
    """A place with the groups that are wanted.

    Attributes
    ----------
    origin, wanted
        The place as it was, and what is wanted of it.
    place
        The place, with a scenario file of its own where groups are other than before.
    before
        Its roster before anything was changed by hand.
    proposal
        The groups proposed, None where none are.
    """

    origin: Place
    wanted: Grouping
    place: Place
    before: Roster
    proposal: Proposal | None


def with_groups(origin: Place, wanted: Grouping, known: Regrouped | None = None) -> Regrouped:
    """Return a place with other groups; what is proposed is taken from `known` where it fits.

    Raises
    ------
    ScenarioError
        If no such groups can be made: which part of the wish cannot be kept, and what would have to give way.
    """
    if known is not None and (known.origin, known.wanted) == (origin, wanted):
        return known
    scenario = origin.scenario()
    before, proposal = scenario.roster, None
    if wanted.size:
        fits = known is not None and (known.origin, known.wanted.size) == (origin, wanted.size)
        proposal = known.proposal if fits and known else propose(before, Wish(*sizes(wanted.size)))
        assert proposal is not None  # where a size is wanted there is a proposal
        before = grouped.roster_of(scenario, proposal)
    if not wanted.size and not wanted.by_hand:
        return Regrouped(origin, wanted, origin, before, None)
    source = read(origin.path)
    if wanted.by_hand:
        roster = regrouped(before, wanted.groups, wanted.leads)
        text = grouped.text_of(scenario, source, roster, grouped.by_hand(wanted.by_hand, proposal))
    else:
        assert proposal is not None  # nothing by hand, so they are proposed
        text = grouped.text(scenario, source, proposal)
    folder = tempfile.TemporaryDirectory(prefix="yangfeng-place-")
    path = Path(folder.name) / f"{origin.name}.toml"
    bring_teachers(source.data["world"], origin.path.parent, path.parent)
    path.write_text(text, encoding="utf-8", newline="\n")
    return Regrouped(origin, wanted, of_file(path, path.name, folder), before, proposal)


def moved(known: Regrouped, school: str, group: str, t: Text) -> Grouping:
    """Return what is wanted once a school is in another group, or in none.

    Raises
    ------
    BadInputError
        If the school leads others, who would be left without a lead.
    """
    now = known.place.scenario().roster
    led = {one.lead: one for one in now.groups}.get(school)
    names = {one.id: one.name[t.language] for one in now.schools}
    if led is not None and led.id != group and sum(one.group == led.id for one in now.schools) > 1:
        raise BadInputError("leads_others", school=names[school], group=led.name[t.language])
    return _wanted(known, regrouped(now, {school: group}, {group: school} if group not in _ids(now) and group else {}))


def led(known: Regrouped, school: str) -> Grouping:
    """Return what is wanted once a school leads the group it is in."""
    now = known.place.scenario().roster
    group = {one.id: one.group for one in now.schools}[school]
    return _wanted(known, regrouped(now, {}, {group: school}))


def new_group(roster: Roster, school: str) -> str:
    """Return the id of a group that a school could found."""
    there = _ids(roster)
    ident = f"{school}{SUFFIX}"
    return next(one for one in (ident, *(f"{ident}-{n}" for n in range(2, len(there) + 3))) if one not in there)


def _ids(roster: Roster) -> set[str]:
    return {group.id for group in roster.groups}


def _wanted(known: Regrouped, now: Roster) -> Grouping:
    """Return in what a roster differs from what it was before anything was changed by hand."""
    schools = {one.id: one.group for one in known.before.schools}
    leads = {one.id: one.lead for one in known.before.groups}
    groups = {one.id: one.group for one in now.schools if one.group != schools[one.id]}
    return replace(
        known.wanted, groups=groups, leads={one.id: one.lead for one in now.groups if one.lead != leads.get(one.id)}
    )


def told(known: Regrouped, t: Text) -> list[str]:
    """Return what was done to the groups of a place, in sentences."""
    said = [] if known.proposal is None else [_proposed(known.proposal, known.place.scenario(), t)]
    if known.wanted.by_hand:
        moves = known.wanted.groups
        said.append(t("web.groups.by_hand", schools=len(moves), leads=len(known.wanted.leads)))
    return said


def positions(scenario: Scenario, t: Text) -> str:
    """Return that positions of a place are assumed, to stand beside maps and distances; empty where they are not."""
    return grounds.positions(grounds.grounds_of(scenario.provenance), scenario.synthetic, t)


def _proposed(proposal: Proposal, scenario: Scenario, t: Text) -> str:
    found = proposal.measures()
    said = t(
        "web.groups.done", groups=found.groups, smallest=found.smallest, largest=found.largest,
        mean=number(found.mean_km, 1), farthest=number(found.farthest_km, 1), strong=found.needy_with_strong,
        needy=found.needy,
    )  # fmt: skip
    return grounds.beside(said, grounds.grounds_of(scenario.provenance), scenario.synthetic, t)

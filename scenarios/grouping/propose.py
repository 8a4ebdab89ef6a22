"""Propose groups for the schools of a roster: the best where that is proved, else by a search always the same."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from scenarios.grouping.exact import best, fewest
from scenarios.grouping.explain import check_counts, no_room
from scenarios.grouping.measure import Measures, Placed, measures
from scenarios.grouping.region import Costs, Ints, Region, costs_of, region_of
from scenarios.grouping.search import assigned, improved, seeds
from scenarios.grouping.wish import Fixes, Wish, refused
from scenarios.problems import Problem, ScenarioError
from scenarios.roster import Roster, School

MOST_PAIRS = 300
"""Up to so many pairs of school and lead the best of all groupings is looked for and proved."""
MOST_SCHOOLS = 5_000
"""Schools of one county and level; more would not fit into the memory of an ordinary computer."""
MANY_PAIRS = 4_000
"""Up to so many pairs, how few groups will do is settled by the exact programme from the start."""


class Start(NamedTuple):
    """Some grouping of a region: the column of the lead of each school, and the number of groups."""

    region: Region
    chosen: Ints
    groups: int


@dataclass(frozen=True)
class Solved:
    """The grouping of one region: the column of the lead of each school, its cost, and whether no other is cheaper."""

    region: Region
    costs: Costs
    chosen: Ints
    exact: bool

    def placed(self) -> Iterator[Placed]:
        """Yield every school with its lead."""
        region = self.region
        for n, school in enumerate(region.schools):
            lead = region.schools[int(region.leads[self.chosen[n]])]
            yield Placed(
                school, f"{region.county}/{region.level}", lead, float(region.strength[n]), bool(region.strong[n]),
                bool(region.needy[n]),
            )  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """Groups for a roster.

    Attributes
    ----------
    wish
        What was asked for.
    regions
        The grouping of each county and level.
    placed
        School → where it is placed.
    before
        Measures of the groups that there were, None where not every school was in one.
    """

    wish: Wish
    regions: tuple[Solved, ...]
    placed: Mapping[str, Placed]
    before: Measures | None

    def measures(self) -> Measures:
        """Return the measures of the proposal."""
        return measures(list(self.placed.values()))


def propose(roster: Roster, wish: Wish, tell: Callable[[int, int], None] = lambda done, all_: None) -> Proposal:
    """Return groups for the schools of a roster.

    Parameters
    ----------
    roster
        Its groups mean nothing but for the heads of its zones, which lead a group unless they are settled elsewhere.
    wish
        What the groups are to be like.
    tell
        Called with the number of schools done and of all.

    Raises
    ------
    ScenarioError
        If the wish cannot be kept: which part of it, where, and the least that would have to give way.
    """
    starts = _starts(roster, _with_heads(roster, wish))
    if not starts:
        raise refused("no_such_level", "--levels", ",".join(wish.levels), allowed=", ".join(_levels(roster)))
    solved, everything, done = [], sum(start.region.size for start in starts), 0
    for start in starts:
        solved.append(solve(start, wish))
        done += start.region.size
        tell(done, everything)
    placed = {one.school.id: one for part in solved for one in part.placed()}
    return Proposal(wish, tuple(solved), placed, _before(roster, placed))


def _levels(roster: Roster) -> list[str]:
    return sorted({school.level for school in roster.schools})


def _with_heads(roster: Roster, wish: Wish) -> Wish:
    """Return a wish under which the heads of zones lead, unless something else is settled about them."""
    groups, leads = dict(wish.fixes.groups), dict(wish.fixes.leads)
    for head in sorted(roster.zone_heads.values()):
        if groups.setdefault(head, head) == head:
            leads[head] = head
    return replace(wish, fixes=Fixes(groups, leads))


def _starts(roster: Roster, wish: Wish) -> list[Start]:
    """Return some grouping of each region of a roster; what is wrong is told of all of them at once."""
    found: dict[tuple[str, str], list[School]] = {}
    for school in roster.schools:
        if not wish.levels or school.level in wish.levels:
            place = "" if wish.across_counties else school.county, "" if wish.across_levels else school.level
            found.setdefault(place, []).append(school)
    starts, problems = list[Start](), list[Problem]()
    for (county, level), schools in sorted(found.items()):
        try:
            if len(schools) > MOST_SCHOOLS:
                raise refused("too_large", "group", len(schools), county=county, level=level, limit=MOST_SCHOOLS)
            region = region_of(county, level, schools, wish)
            check_counts(region, wish)
            starts.append(first(region, wish))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return starts


def solve(start: Start, wish: Wish) -> Solved:
    """Return the best grouping that is found of a region into as many groups as it starts with."""
    region, chosen, groups = start
    sizes = wish.least, wish.most
    costs = costs_of(region, groups, wish)
    found = chosen if region.size == 1 else improved(region, costs, chosen, sizes)
    proved = best(region, costs, groups, sizes) if region.allowed.sum() <= MOST_PAIRS else None
    if proved is None or costs.of(proved) > costs.of(found):
        return Solved(region, costs, found, False)
    # Of groupings equally cheap the search's is taken, which is the same on every machine.
    return Solved(region, costs, proved if costs.of(proved) < costs.of(found) else found, True)


def first(region: Region, wish: Wish) -> Start:
    """Return some grouping of a region into the fewest groups that keep the wish.

    Raises
    ------
    ScenarioError
        If there is none.
    """
    sizes = wish.least, wish.most
    groups = max(-(-region.size // wish.most), int(region.forced.sum()))
    if region.allowed.sum() > MANY_PAIRS or region.allowed.all():
        costs = costs_of(region, groups, wish)
        start = assigned(region, costs, seeds(region, costs, groups), sizes)
        if start is not None:
            return Start(region, start, groups)
    found = fewest(region, *sizes)
    if found is None or len(found.left):
        rows = range(region.size) if found is None else found.left
        raise no_room(region, wish, [region.schools[int(n)] for n in rows])
    groups = len(found.leads)
    costs = costs_of(region, groups, wish)
    start = assigned(region, costs, seeds(region, costs, groups), sizes)
    if start is None:
        start = assigned(region, costs, found.leads, sizes)
    assert start is not None  # the programme has shown that these leads can take all
    return Start(region, start, groups)


def _before(roster: Roster, placed: Mapping[str, Placed]) -> Measures | None:
    """Return the measures of the groups that there were, where every school was in one."""
    schools = {school.id: school for school in roster.schools}
    leads = {group.id: schools[group.lead] for group in roster.groups}
    if any(not one.school.group for one in placed.values()):
        return None
    return measures([replace(one, lead=leads[one.school.group]) for one in placed.values()])


def grouped(placed: Sequence[Placed]) -> dict[str, list[Placed]]:
    """Return lead → the schools of its group: the lead, then members from the nearest to the farthest."""
    out: dict[str, list[Placed]] = {}
    for one in sorted(placed, key=lambda one: (one.lead.id, one.school.id != one.lead.id, one.km, one.school.id)):
        out.setdefault(one.lead.id, []).append(one)
    return out

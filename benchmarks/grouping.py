"""Groups for 3,200 kindergartens in 200 districts of 16: time, distance and balance against two plain ways to group.

*Greedy* takes the leads that the rule prefers and gives every kindergarten, in turn, the nearest lead that has room.
*Random* draws leads among those who may lead and deals the others out. Both keep sizes, as proposals do. There is no
room at all in the districts: 200 times 16 is 3,200. RESULTS.md has the table. Where the best of all groupings can be
proved, the search that large regions rely on is held against it.
"""

from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.measure import Finding, finding, ratios, spent, tell
from scenarios.generate import generate
from scenarios.grouping import propose as proposing
from scenarios.grouping.exact import best
from scenarios.grouping.measure import Measures, measures
from scenarios.grouping.propose import Proposal, Solved, propose
from scenarios.grouping.region import Ints, Region, costs_of, region_of
from scenarios.grouping.search import improved
from scenarios.grouping.wish import LeadRule, Wish
from scenarios.plans import CountyPlan, GroupPlan, LevelPlan, WorldPlan
from scenarios.roster import Roster

DISTRICTS, MEMBERS = 200, 15
WISH = Wish(2, 1 + MEMBERS, mix_ownership=True)
CITIES = {"one city": (1, 45.0), "ten boroughs": (10, 14.0)}
OWNERSHIP = {"public": 0.44, "inclusive_private": 0.336, "private": 0.224}
STANDING = {"zone_head": 1.8, "lead": 1.1, "urban": 0.1, "township": -0.3, "rural": -0.8}
ROUNDS = 3
DRAWS = 5
MOST_SECONDS = 60.0
SMALL, SEEDS = 20, 12


def city(name: str, counties: int, width: float) -> Roster:
    """Return 3,200 synthetic kindergartens; the groups they are generated in are forgotten by proposals."""
    level = LevelPlan(
        "kindergarten", 0, [GroupPlan(DISTRICTS, MEMBERS)], {"urban": DISTRICTS * MEMBERS}, 13.5,
        {"urban": 1.6, "township": 1.0, "rural": 0.5}, 13.3, STANDING, ownership=OWNERSHIP, near_km=1.5,
    )  # fmt: skip
    return generate(WorldPlan(name, [CountyPlan(name, width, width, 1, width / 2, counties)], [level]))


def greedy(region: Region, groups: int) -> Ints:
    """Return each school with the nearest of the leads most preferred that has room."""
    columns = np.argsort(region.last, kind="stable")[:groups]
    return _dealt(region, columns, lambda n: region.metres[n, columns], np.arange(region.size))


def by_chance(region: Region, groups: int, seed: int) -> Ints:
    """Return schools dealt out at random to leads drawn at random."""
    chance = np.random.default_rng(seed)
    columns = chance.permutation(len(region.leads))[:groups]
    return _dealt(region, columns, lambda n: chance.random(groups), chance.permutation(region.size))


def _dealt(region: Region, columns: Ints, dislike: Callable[[int], Ints], order: Ints) -> Ints:
    """Give schools in order the least disliked lead that has room."""
    chosen, room = np.full(region.size, -1, dtype=np.int64), np.full(len(columns), MEMBERS)
    chosen[region.leads[columns]] = columns
    for n in order:
        if chosen[n] < 0:
            place = int(np.argmin(np.where(room > 0, dislike(int(n)), np.inf)))
            chosen[n] = columns[place]
            room[place] -= 1
    return chosen


def _measured(proposal: Proposal, ways: Callable[[Region, int], Ints]) -> Measures:
    """Return the measures of another way to group the regions of a proposal into as many groups."""
    placed = []
    for one in proposal.regions:
        chosen = ways(one.region, len(np.unique(one.chosen)))
        placed += list(Solved(one.region, one.costs, chosen, False).placed())
    return measures(placed)


def _compared(name: str, roster: Roster) -> list[Finding]:
    tell(f"  {name}")
    propose(roster, WISH)
    found: list[Proposal] = []
    times = [spent(lambda: found.append(propose(roster, WISH))) for _ in range(ROUNDS)]
    proposal, own = found[-1], found[-1].measures()
    size = f"{own.schools:,} kindergartens, {own.groups} districts, {name}"
    others = {
        "greedy": [_measured(proposal, greedy)],
        "random": [_measured(proposal, lambda r, g, s=seed: by_chance(r, g, s)) for seed in range(DRAWS)],  # type: ignore[misc]
    }
    return [
        finding(f"proposal, {size}", [one.cpu for one in times], "s of processor", at_most=MOST_SECONDS),
        finding("largest district", [float(own.largest)], "kindergartens", at_most=float(WISH.most)),
        *_ratios(own, others),
    ]


def _ratios(own: Measures, others: Mapping[str, list[Measures]]) -> list[Finding]:
    """Return how much farther, and how much less balanced and mixed, other ways are."""
    names = {
        "mean_km": "mean distance", "farthest_km": "farthest distance", "imbalance": "spread of strength",
        "ownership_off": "kindergartens off the mix",
    }  # fmt: skip
    return [
        finding(
            f"{words}, {way} / proposal",
            ratios([getattr(one, field) for one in found], [getattr(own, field)] * len(found)),
            at_least=1.0,
            note=f"proposal {getattr(own, field):.3g}",
        )
        for field, words in names.items()
        for way, found in others.items()
    ]


def _against_the_best() -> Finding:
    """Return how much dearer the search's groupings are than the best of all, where that is proved."""
    tell("  the best of all")
    found = []
    for seed in range(SEEDS):
        roster, wish = city(f"small-{seed}", 1, 14.0), Wish(2, 5, rule=LeadRule(private=True))
        region = region_of("c", "kindergarten", roster.schools[:SMALL], wish)
        start, groups = proposing.first(region, wish)
        costs = costs_of(region, groups, wish)
        proved = best(region, costs, groups, (2, 5))
        if proved is not None:
            found.append(costs.of(improved(region, costs, start, (2, 5))) / costs.of(proved))
    return finding(
        f"cost, search / best of all, {SMALL} kindergartens", found, at_most=1.01, note=f"{len(found)} places"
    )


def run() -> list[Finding]:
    """Time proposals and hold them against other ways to group."""
    findings = [one for name, shape in CITIES.items() for one in _compared(name, city(name, *shape))]
    return [*findings, _against_the_best()]

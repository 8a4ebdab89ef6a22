"""Generate a synthetic county of realistic size and geography from counts; every draw is keyed by an id.

Nothing here describes a real school. Which counts come from a document and which are assumed is said in the scenario
file's provenance. Only portable arithmetic is used: the same counts give the same county on every machine.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from model.arithmetic import exp, ordered_mean
from model.chance import Key, Stream, key, normal, stable_id, uniform
from scenarios.roster import Group, Names, Roster, School

Item = TypeVar("Item")
STREAM = int(Stream.WORLD)
TOWN_X, TOWN_Y, PLACE_X, PLACE_Y, SIZE, STANDING, RATIO, PICK = range(8)
STAFF_SPREAD = 0.35
RATIO_SPREAD = 0.10
STANDING_SPREAD = 0.55
LARGER_LEAD = 0.2
LEAST_DISTANCE_KM = 3.0
TOWN_RADIUS_KM = 1.0
VILLAGE_RADIUS_KM = 5.0
ATTEMPTS = 200
DECIMALS = 3
LEVEL_NAMES = {
    "kindergarten": ("Kindergarten", "幼儿园"),
    "primary": ("Primary", "小学"),
    "junior": ("Junior", "初中"),
}


@dataclass(frozen=True)
class GroupPlan:
    """Groups alike: how many, with how many members beside the lead, and the mode they are assigned."""

    count: int
    members: int
    mode: str = ""


@dataclass(frozen=True)
class LevelPlan:
    """How many groups of one level a county has, how large they are, and what its schools are like.

    `settings` and `ungrouped` map setting → number of schools; `staff` is the mean number of posts at factor 1,
    `factor` its multiple by setting; `standing` maps kind of school → mean quality in SD; `paired` ties every member to
    its lead from before.
    """

    level: str
    zones: int
    groups: Sequence[GroupPlan]
    settings: Mapping[str, int]
    staff: float
    factor: Mapping[str, float]
    pupils_per_teacher: float
    standing: Mapping[str, float]
    ungrouped: Mapping[str, int] = field(default_factory=dict)
    reliability: float = 0.8
    paired: bool = False

    @property
    def members(self) -> int:
        """Number of member schools."""
        return sum(plan.count * plan.members for plan in self.groups)


@dataclass(frozen=True)
class CountyPlan:
    """A county: its extent, its towns and its levels of schooling. `name` keys every draw."""

    name: str
    width_km: float
    height_km: float
    towns: int
    urban_radius_km: float
    levels: Sequence[LevelPlan]


@dataclass(frozen=True)
class _Site:
    """A school to be drawn: who it is, what it is, and which town it lies in."""

    id: str
    name: Names
    setting: str
    role: str
    group: str
    zone: str
    town: int
    helper: str = ""


@dataclass(frozen=True)
class _County:
    """A county plan with its key and its town centres (km)."""

    plan: CountyPlan
    base: Key
    centres: Sequence[tuple[float, float]]

    def other_town(self, draw_: float, step: int) -> int:
        """Return a town other than the seat, where there is one, `step` towns on from one drawn."""
        others = max(1, len(self.centres) - 1)
        return min(len(self.centres) - 1, 1 + (int(draw_ * others) + step) % others)


def draw(base: Key, text: str, what: int, attempt: int = 0) -> float:
    """Return the uniform draw of something named."""
    return float(uniform(base, np.uint64(stable_id(text)), attempt, STREAM, what))


def draw_normal(base: Key, text: str, what: int) -> float:
    """Return the standard normal draw of something named."""
    return float(normal(base, np.uint64(stable_id(text)), 0, STREAM, what))


def towns(plan: CountyPlan, base: Key) -> list[tuple[float, float]]:
    """Return town centres (km): the seat in the middle, the others apart from each other, in order round the seat."""
    places = [(plan.width_km / 2.0, plan.height_km / 2.0)]
    for number in range(1, plan.towns):
        for attempt in range(ATTEMPTS):
            x = plan.width_km * draw(base, f"town {number}", TOWN_X, attempt)
            y = plan.height_km * draw(base, f"town {number}", TOWN_Y, attempt)
            if all((x - a) * (x - a) + (y - b) * (y - b) >= LEAST_DISTANCE_KM * LEAST_DISTANCE_KM for a, b in places):
                break
        places.append((x, y))
    seat = places[0]
    return [seat, *sorted(places[1:], key=lambda place: direction(place[0] - seat[0], place[1] - seat[1]))]


def direction(dx: float, dy: float) -> float:
    """Return a number in [0, 4) that grows with the angle of (dx, dy), by arithmetic that is the same everywhere."""
    length = abs(dx) + abs(dy)
    if length == 0.0:
        return 0.0
    across = dx / length
    return 1.0 - across if dy >= 0.0 else 3.0 + across


def _place(county: _County, site: _Site) -> tuple[float, float]:
    """Urban schools lie around the seat, township schools in their town, rural ones a few km outside it."""
    plan = county.plan
    x, y = county.centres[0 if site.setting == "urban" else site.town]
    radius = {"urban": plan.urban_radius_km, "township": TOWN_RADIUS_KM, "rural": VILLAGE_RADIUS_KM}[site.setting]
    x += radius * (2.0 * draw(county.base, site.id, PLACE_X) - 1.0)
    y += radius * (2.0 * draw(county.base, site.id, PLACE_Y) - 1.0)
    return round(min(max(x, 0.0), plan.width_km), 2), round(min(max(y, 0.0), plan.height_km), 2)


def _posts(county: _County, level: LevelPlan, site: _Site) -> int:
    """Draw the number of posts, lognormal about the mean of the setting; leads are larger."""
    shift = LARGER_LEAD if site.role in ("lead", "zone_head") else 0.0
    spread = STAFF_SPREAD * draw_normal(county.base, site.id, SIZE) - STAFF_SPREAD * STAFF_SPREAD / 2.0
    return max(1, int(level.staff * level.factor[site.setting] * float(exp(spread + shift)) + 0.5))


def _school(county: _County, level: LevelPlan, site: _Site) -> School:
    x, y = _place(county, site)
    posts = _posts(county, level, site)
    ratio = level.pupils_per_teacher * float(exp(RATIO_SPREAD * draw_normal(county.base, site.id, RATIO)))
    kind = site.role if site.role in ("lead", "zone_head") else site.setting
    standing = level.standing[kind] + STANDING_SPREAD * draw_normal(county.base, site.id, STANDING)
    pupils = max(1, int(posts * ratio + 0.5))
    return School(
        site.id, site.name, county.plan.name, level.level, site.setting, "public", site.role, site.group, site.zone,
        x, y, pupils, posts, standing, level.reliability, pairs=(site.helper,) if site.helper else (),
    )  # fmt: skip


def _shuffled(base: Key, items: Sequence[Item], text: str) -> list[Item]:
    """Return items in an order drawn for `text`."""
    order = sorted(range(len(items)), key=lambda n: draw(base, f"{text} {n}", PICK))
    return [items[n] for n in order]


def _expanded(counts: Mapping[str, int]) -> list[str]:
    return [name for name, count in counts.items() for _ in range(count)]


def _standardised(schools: Sequence[School]) -> list[School]:
    """Return schools with standing in SD units over the schools of the level."""
    values = np.array([school.standing for school in schools])
    mean = float(ordered_mean(values))
    sd = math.sqrt(float(ordered_mean((values - mean) * (values - mean))))
    scale = 1.0 / sd if sd > 0.0 else 0.0
    return [replace(school, standing=round((school.standing - mean) * scale, DECIMALS)) for school in schools]


def _named(level: LevelPlan, en: str, zh: str) -> Names:
    name_en, name_zh = LEVEL_NAMES[level.level]
    return {"en": f"{name_en} {en}", "zh": f"{name_zh}{zh}"}


def _group_sites(
    county: _County, level: LevelPlan, group: Group, rank: tuple[int, int, str], settings: Sequence[str]
) -> list[_Site]:
    """Return the sites of one group: the lead in the seat, a member in each of a run of towns.

    `rank` is the group's number, how many there are, and its lead's role: groups follow each other round the seat.
    """
    number, count, role = rank
    name = _named(level, f"{number:02d} lead", f"{number:02d}组牵头校")
    sites = [_Site(group.lead, name, "urban", role, group.id, group.zone, 0)]
    first = (number - 1 + draw(county.base, group.id, TOWN_X)) / count
    for n, setting in enumerate(settings):
        name = _named(level, f"{number:02d} member {n + 1}", f"{number:02d}组成员校{n + 1}")
        town, helper = county.other_town(first, n), group.lead if level.paired else ""
        sites.append(_Site(f"{group.id}-m{n + 1}", name, setting, "member", group.id, group.zone, town, helper))
    return sites


def _ungrouped_sites(county: _County, level: LevelPlan, prefix: str) -> list[_Site]:
    sites = []
    for n, setting in enumerate(_expanded(level.ungrouped), 1):
        town = county.other_town(draw(county.base, f"{prefix} {n}", TOWN_X), 0)
        name = _named(level, f"ungrouped {n}", f"未入组校{n}")
        sites.append(_Site(f"{prefix}-u{n:02d}", name, setting, "none", "", "", town))
    return sites


def _level(county: _County, level: LevelPlan) -> Roster:
    """Return the schools and groups of one level; zones are sectors, the first group of each led by its zone head."""
    prefix = f"{county.plan.name}-{level.level}"
    plans = _shuffled(county.base, [plan for plan in level.groups for _ in range(plan.count)], f"{prefix} size")
    settings = iter(_shuffled(county.base, _expanded(level.settings), f"{prefix} setting"))
    groups, sites, heads = [], [], dict[str, str]()
    for number, plan in enumerate(plans, 1):
        ident = f"{prefix}-g{number:02d}"
        zone = f"{prefix}-z{(number - 1) * level.zones // len(plans) + 1}" if level.zones else ""
        head = bool(zone) and zone not in heads
        name = _named(level, f"group {number:02d}", f"{number:02d}组")
        group = Group(ident, name, county.plan.name, f"{ident}-lead", zone, plan.mode)
        if head:
            heads[zone] = group.lead
        groups.append(group)
        own = [next(settings) for _ in range(plan.members)]
        rank = number, len(plans), "zone_head" if head else "lead"
        sites += _group_sites(county, level, group, rank, own)
    sites += _ungrouped_sites(county, level, prefix)
    schools = _standardised([_school(county, level, site) for site in sites])
    return Roster(tuple(schools), tuple(groups), heads)


def generate(plan: CountyPlan) -> Roster:
    """Return the schools and groups of a synthetic county; the same plan gives the same county.

    Raises
    ------
    ValueError
        If the settings of member schools do not add up to the number of members, or zones outnumber groups.
    """
    for level in plan.levels:
        check_level(level)
    base = key(0, int(stable_id(plan.name)) & 0x7FFFFFFF)
    county = _County(plan, base, towns(plan, base))
    parts = [_level(county, level) for level in plan.levels]
    return Roster(
        tuple(school for part in parts for school in part.schools),
        tuple(group for part in parts for group in part.groups),
        {zone: head for part in parts for zone, head in part.zone_heads.items()},
    )


def check_level(level: LevelPlan) -> None:
    """Raise ValueError where the counts of a level contradict each other."""
    groups, settings = sum(plan.count for plan in level.groups), sum(level.settings.values())
    if settings != level.members:
        raise ValueError(f"{level.level}: settings add up to {settings}, members to {level.members}")
    if level.zones > groups:
        raise ValueError(f"{level.level}: {level.zones} zones for {groups} groups")

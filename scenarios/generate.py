"""Generate synthetic counties of realistic size and geography from counts; every draw is keyed by an id.

Nothing here describes a real school. Which counts come from a document and which are assumed is said in the scenario
file's provenance. Only portable arithmetic is used: the same counts give the same counties on every machine.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from model.arithmetic import exp, ordered_mean
from model.chance import Key, Stream, key, normal, stable_id, uniform
from model.columns import OWNERSHIPS, SETTINGS
from scenarios.pairing import with_pairs
from scenarios.plans import Counts, CountyPlan, GroupPlan, LevelPlan, WorldPlan
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
LEADING = ("lead", "zone_head")
HUBS = ("research", "teaching", "culture")
LEVEL_NAMES = {
    "kindergarten": ("Kindergarten", "幼儿园", "园"),
    "primary": ("Primary", "小学", "校"),
    "junior": ("Junior", "初中", "校"),
    "senior": ("Senior", "高中", "校"),
}


@dataclass(frozen=True)
class _County:
    """A county to be filled: its plan, key, south-western corner (km) and town centres (km)."""

    name: str
    title: Names
    plan: CountyPlan
    base: Key
    corner: tuple[float, float]
    centres: Sequence[tuple[float, float]]

    def other_town(self, draw_: float, step: int) -> int:
        """Return a town other than the seat, where there is one, `step` towns on from one drawn."""
        others = max(1, len(self.centres) - 1)
        return min(len(self.centres) - 1, 1 + (int(draw_ * others) + step) % others)


@dataclass(frozen=True)
class _Site:
    """A school to be drawn: who and what it is, where it lies, and who leads it."""

    id: str
    name: Names
    level: LevelPlan
    county: _County
    town: int
    setting: str
    ownership: str = "public"
    role: str = "none"
    group: str = ""
    zone: str = ""
    lead: str = ""
    opens: float = -math.inf


@dataclass(frozen=True)
class _Level:
    """A level in the counties where it is found, with what its schools are drawn from in turn."""

    plan: LevelPlan
    prefix: str
    base: Key
    counties: Sequence[_County]
    settings: Iterator[str]
    ownerships: Iterator[str]
    title: Names

    def names(self, what: str, en: str, zh: str) -> Names:
        """Return the display name of something of this level; ○ stands for the Chinese word for one of its schools."""
        name_en, name_zh, word = LEVEL_NAMES[what]
        name = {"en": f"{name_en} {en}", "zh": f"{name_zh}{zh.replace('○', word)}"}
        if not self.title:
            return name
        return {"en": f"{self.title['en']}, {name['en'].lower()}", "zh": self.title["zh"] + name["zh"]}


@dataclass(frozen=True)
class _Place:
    """Where a group stands in its level: number and how many there are, county, way round the seat (0–1), zone."""

    number: int
    county: int
    way: float
    group: Group
    head: bool


def draw(base: Key, text: str, what: int, attempt: int = 0) -> float:
    """Return the uniform draw of something named."""
    return float(uniform(base, np.uint64(stable_id(text)), attempt, STREAM, what))


def draw_normal(base: Key, text: str, what: int) -> float:
    """Return the standard normal draw of something named."""
    return float(normal(base, np.uint64(stable_id(text)), 0, STREAM, what))


def _key(name: str) -> Key:
    return key(0, int(stable_id(name)) & 0x7FFFFFFF)


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


def _counties(plan: WorldPlan) -> dict[str, list[_County]]:
    """Return the name of each county plan → its counties, side by side in rows of about as many as there are rows."""
    names = [(county, name) for county in plan.counties for name in county.one_by_one()]
    across = math.isqrt(len(names) - 1) + 1
    width, height = (max(getattr(c, f"{side}_km") for c in plan.counties) for side in ("width", "height"))
    found: dict[str, list[_County]] = {}
    for n, (county, name) in enumerate(names):
        base, title = _key(name), county.names if len(plan.counties) > 1 else {}
        corner = width * (n % across), height * (n // across)
        found.setdefault(county.name, []).append(_County(name, title, county, base, corner, towns(county, base)))
    return found


def _place(site: _Site, lead: tuple[float, float] | None) -> tuple[float, float]:
    """Urban schools lie around the seat, township schools in their town, rural ones a few km outside it.

    Where the level's groups are made by proximity, members lie around their lead.
    """
    county, plan = site.county, site.county.plan
    if site.level.near_km is not None and lead is not None:
        (x, y), radius = (lead[0] - county.corner[0], lead[1] - county.corner[1]), site.level.near_km
    else:
        x, y = county.centres[0 if site.setting == "urban" else site.town]
        radius = {"urban": plan.urban_radius_km, "township": TOWN_RADIUS_KM, "rural": VILLAGE_RADIUS_KM}[site.setting]
    x += radius * (2.0 * draw(county.base, site.id, PLACE_X) - 1.0)
    y += radius * (2.0 * draw(county.base, site.id, PLACE_Y) - 1.0)
    x, y = min(max(x, 0.0), plan.width_km), min(max(y, 0.0), plan.height_km)
    return round(county.corner[0] + x, 2), round(county.corner[1] + y, 2)


def _posts(site: _Site) -> int:
    """Draw the number of posts, lognormal about the mean of the setting; leads are larger."""
    shift = LARGER_LEAD if site.role in LEADING else 0.0
    spread = STAFF_SPREAD * draw_normal(site.county.base, site.id, SIZE) - STAFF_SPREAD * STAFF_SPREAD / 2.0
    return max(1, int(site.level.staff * site.level.factor[site.setting] * float(exp(spread + shift)) + 0.5))


def _school(site: _Site, places: dict[str, tuple[float, float]]) -> School:
    """Return a drawn school; `places` holds where the schools drawn before it lie."""
    level, base = site.level, site.county.base
    x, y = places[site.id] = _place(site, places.get(site.lead))
    posts = _posts(site)
    ratio = level.pupils_per_teacher * float(exp(RATIO_SPREAD * draw_normal(base, site.id, RATIO)))
    kind = site.role if site.role in LEADING else site.setting
    standing = level.standing[kind] + STANDING_SPREAD * draw_normal(base, site.id, STANDING)
    contract = level.contract_share if site.ownership == "public" else 0.0
    return School(
        site.id, site.name, site.county.name, level.level, site.setting, site.ownership, site.role, site.group,
        site.zone, x, y, max(1, int(posts * ratio + 0.5)), posts, standing, level.reliability, site.opens,
        site.lead if site.opens > -math.inf else "", (), contract,
    )  # fmt: skip


def _shuffled(base: Key, items: Sequence[Item], text: str) -> list[Item]:
    """Return items in an order drawn for `text`."""
    order = sorted(range(len(items)), key=lambda n: draw(base, f"{text} {n}", PICK))
    return [items[n] for n in order]


def _expanded(counts: Counts) -> list[str]:
    return [name for name, count in counts.items() for _ in range(count)]


def _dealt(shares: Mapping[str, float]) -> Iterator[str]:
    """Yield kinds so that, at any point, each has been yielded by its share: every group gets a mix of all."""
    given = dict.fromkeys(shares, 0)
    for n in itertools.count(1):
        kind = max(shares, key=lambda kind: shares[kind] * n - given[kind])
        given[kind] += 1
        yield kind


def _standardised(schools: Iterable[School]) -> list[School]:
    """Return schools with standing in SD units over the schools of the same county and level."""
    found: dict[tuple[str, str], list[School]] = {}
    for school in schools:
        found.setdefault((school.county, school.level), []).append(school)
    return [school for own in found.values() for school in _in_units(own)]


def _in_units(schools: Sequence[School]) -> Iterator[School]:
    values = np.array([school.standing for school in schools])
    mean = float(ordered_mean(values))
    sd = math.sqrt(float(ordered_mean((values - mean) * (values - mean))))
    scale = 1.0 / sd if sd > 0.0 else 0.0
    for school in schools:
        yield replace(school, standing=round((school.standing - mean) * scale, DECIMALS))


def _level(world: WorldPlan, plan: LevelPlan, counties: Mapping[str, Sequence[_County]]) -> _Level:
    """Return a level with its counties, and the settings and ownerships of its schools in the order they are taken."""
    name = plan.county or world.name
    prefix, base = f"{name}-{plan.level}", _key(name)
    own = counties[plan.county] if plan.county else list(itertools.chain(*counties.values()))
    settings = _shuffled(base, _expanded(plan.settings), f"{prefix} setting")
    title = own[0].title if plan.county else {}
    return _Level(plan, prefix, base, own, iter(settings), _dealt(plan.ownership), title)


def _places(level: _Level, plans: Sequence[GroupPlan]) -> Iterator[_Place]:
    """Yield where each group stands: groups fill the counties one after the other, and follow each other round a seat.

    Zones are runs of groups; the first group of each is led by its zone head.
    """
    zones, counties, seen = level.plan.zones, len(level.counties), set[str]()
    for number, plan in enumerate(plans, 1):
        ident = f"{level.prefix}-g{number:02d}"
        zone = f"{level.prefix}-z{(number - 1) * zones // len(plans) + 1}" if zones else ""
        county = (number - 1) * counties // len(plans)
        way = (number - 1 + draw(level.counties[county].base, ident, TOWN_X)) * counties / len(plans) % 1.0
        name = level.names(level.plan.level, f"group {number:02d}", f"{number:02d}组")
        group = Group(ident, name, level.counties[county].name, f"{ident}-lead", zone, plan.mode)
        yield _Place(number, county, way, group, bool(zone) and zone not in seen)
        seen.add(zone)


def _group_sites(level: _Level, plan: GroupPlan, place: _Place, described: Mapping[str, LevelPlan]) -> list[_Site]:
    """Return the sites of one group: the lead, then a member in each of a run of towns, then members of other levels.

    `described` is level → how the schools of another level are.
    """
    group, number, county = place.group, place.number, level.counties[place.county]
    leading = described.get(plan.lead_level, level.plan)
    name = level.names(leading.level, f"{number:02d} lead", f"{number:02d}组牵头○")
    role, town = "zone_head" if place.head else "lead", 0 if plan.lead == "urban" else county.other_town(place.way, 0)
    lead = _Site(group.lead, name, leading, county, town, plan.lead, "public", role, group.id, group.zone)
    members = [_member(level, plan, place, n, kind) for n, kind in enumerate(_kinds(level, plan))]
    return [lead, *members, *(_beside(level, lead, number, described[what], n) for what, n in _numbered(plan.beside))]


def _member(level: _Level, plan: GroupPlan, place: _Place, n: int, kind: tuple[str, str, float]) -> _Site:
    """Return the site of a member; the last ones of a group across counties lie in the next county."""
    group, (setting, ownership, opens) = place.group, kind
    across = n >= plan.members - plan.across
    county = level.counties[(place.county + across) % len(level.counties)]
    name = level.names(level.plan.level, f"{place.number:02d} member {n + 1}", f"{place.number:02d}组成员○{n + 1}")
    return _Site(
        f"{group.id}-m{n + 1}", name, level.plan, county, county.other_town(place.way, n), setting, ownership, "member",
        group.id, group.zone, group.lead, opens,
    )  # fmt: skip


def _numbered(counts: Counts) -> Iterator[tuple[str, int]]:
    for kind, count in counts.items():
        yield from ((kind, n) for n in range(1, count + 1))


def _beside(level: _Level, lead: _Site, number: int, plan: LevelPlan, n: int) -> _Site:
    """Return the site of a member of another level: it lies where the lead does."""
    name = level.names(plan.level, f"{number:02d} member {n}", f"{number:02d}组成员○{n}")
    ident = f"{lead.group}-{plan.level}{n}"
    return replace(lead, id=ident, name=name, level=plan, role="member", lead=lead.id)


def _kinds(level: _Level, plan: GroupPlan) -> list[tuple[str, str, float]]:
    """Return setting, ownership and year of opening of each member of one group.

    Private schools take the places nearest to the town, then new schools do.
    """
    members = range(plan.members)
    settings = _expanded(plan.settings) or [next(level.settings) for _ in members]
    own = sorted(_expanded(plan.ownership), key=lambda kind: -OWNERSHIPS.index(kind))
    ownerships = own or [next(level.ownerships) for _ in members]
    order = sorted(members, key=lambda n: (OWNERSHIPS.index(ownerships[n]), SETTINGS.index(settings[n]), n))
    new = set(order[: plan.new])
    return [(settings[n], ownerships[n], plan.opens if n in new else -math.inf) for n in members]


def _ungrouped_sites(level: _Level) -> Iterator[_Site]:
    """Yield the sites of schools of no group, dealt out to the counties in turn."""
    for n, setting in enumerate(_expanded(level.plan.ungrouped)):
        county = level.counties[n % len(level.counties)]
        town = county.other_town(draw(county.base, f"{level.prefix} {n + 1}", TOWN_X), 0)
        name = level.names(level.plan.level, f"ungrouped {n + 1}", f"未入组○{n + 1}")
        ident = f"{level.prefix}-u{n + 1:02d}"
        yield _Site(ident, name, level.plan, county, town, setting, next(level.ownerships))


def _hubs(plan: GroupPlan, group: Group, members: Sequence[School]) -> Group:
    """Return a group with the best-standing members, one each, as centres of research, teaching and culture."""
    if not plan.hubs:
        return group
    best = sorted((s for s in members if s.id != group.lead), key=lambda school: (-school.standing, school.id))
    return replace(group, hubs=dict(zip(HUBS, (school.id for school in best), strict=False)))


def generate(plan: WorldPlan) -> Roster:
    """Return the schools and groups of a synthetic world; the same plan gives the same world.

    Raises
    ------
    ValueError
        If the settings of member schools do not add up to the number of members, or zones outnumber groups.
    """
    for one in plan.levels:
        check_level(one)
    counties = _counties(plan)
    sites, made, heads = list[_Site](), list[tuple[GroupPlan, Group]](), dict[str, str]()
    for one in plan.levels:
        level = _level(plan, one, counties)
        described = {other.level: other for other in plan.levels if other.county in ("", one.county)}
        plans = _shuffled(level.base, [g for g in one.groups for _ in range(g.count)], f"{level.prefix} size")
        for own, place in zip(plans, _places(level, plans), strict=True):
            sites += _group_sites(level, own, place, described)
            made.append((own, place.group))
            if place.head:
                heads[place.group.zone] = place.group.lead
        sites += _ungrouped_sites(level)
    return _roster(plan, sites, made, heads)


def _roster(
    plan: WorldPlan, sites: Sequence[_Site], made: Sequence[tuple[GroupPlan, Group]], heads: Mapping[str, str]
) -> Roster:
    """Draw the schools of all sites, and tie what depends on how they turn out: pairs and hubs."""
    drawn: dict[str, tuple[float, float]] = {}
    schools = _standardised(_school(site, drawn) for site in sites)
    paired = {site.id: site.level.paired for site in sites}
    schools = with_pairs(schools, paired, {group.id: group.lead for _, group in made})
    members: dict[str, list[School]] = {}
    for school in schools:
        members.setdefault(school.group, []).append(school)
    groups = tuple(_hubs(own, group, members[group.id]) for own, group in made)
    return Roster(tuple(schools), groups, dict(heads))


def check_level(level: LevelPlan) -> None:
    """Raise ValueError where the counts of a level contradict each other."""
    groups, settings = sum(plan.count for plan in level.groups), sum(level.settings.values())
    if settings != level.members:
        raise ValueError(f"{level.level}: settings add up to {settings}, members to {level.members}")
    if level.zones > groups:
        raise ValueError(f"{level.level}: {level.zones} zones for {groups} groups")

"""Generate a synthetic county of realistic size and geography from counts; every draw is keyed by an id.

Nothing here describes a real school. Which counts come from a document and which are assumed is said in the scenario
file's provenance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.arithmetic import exp
from model.chance import Key, Stream, key, normal, stable_id, uniform
from model.columns import LEVELS, SETTINGS, SUBJECTS

STREAM = int(Stream.WORLD)
TOWN_X, TOWN_Y, PLACE_X, PLACE_Y, SIZE, STANDING, RATIO, PICK = range(8)
URBAN, TOWNSHIP, RURAL = range(3)
STAFF_SPREAD = 0.35
RATIO_SPREAD = 0.10
STANDING_SPREAD = 0.55
LEAST_DISTANCE_KM = 3.0
ATTEMPTS = 200
SUBJECT_SHARE: dict[str, tuple[float, ...]] = {
    "kindergarten": (0.80, 0.0, 0.0, 0.0, 0.10, 0.10),
    "primary": (0.30, 0.23, 0.12, 0.09, 0.14, 0.12),
    "junior": (0.19, 0.19, 0.19, 0.25, 0.09, 0.09),
}


@dataclass(frozen=True)
class LevelPlan:
    """How many groups of one level a county has, how large they are, and what its schools are like.

    `members` maps number of members → number of groups; `settings` maps setting → number of member schools;
    `assigned` maps mode → number of groups; `staff` is the mean number of posts, `factor` its multiple by setting.
    """

    level: str
    zones: int
    members: Mapping[int, int]
    settings: Mapping[str, int]
    staff: float
    factor: Mapping[str, float]
    pupils_per_teacher: float
    assigned: Mapping[str, int] = field(default_factory=dict)
    ungrouped: Mapping[str, int] = field(default_factory=dict)
    standing: Mapping[str, float] = field(
        default_factory=lambda: {"zone_head": 1.8, "lead": 1.1, "urban": 0.1, "township": -0.3, "rural": -0.8}
    )
    reliability: float = 0.8


@dataclass(frozen=True)
class CountyPlan:
    """A county: its extent, its towns and its levels of schooling."""

    name: str
    width_km: float
    height_km: float
    towns: int
    urban_radius_km: float
    levels: Sequence[LevelPlan]


@dataclass
class School:
    """One school of a scenario, before it becomes a row. `group` and `zone` are ids, empty for none."""

    id: str
    name: str
    county: str
    level: str
    setting: str
    ownership: str
    role: str
    group: str
    zone: str
    x: float
    y: float
    pupils: int
    posts: int
    standing: float
    reliability: float
    opens: float = -np.inf
    seeded_by: str = ""
    pair: str = ""


@dataclass
class Group:
    """One group of a scenario. `mode` is the mode that the scenario assigns, empty for none."""

    id: str
    county: str
    lead: str
    zone: str
    mode: str = ""


@dataclass
class Roster:
    """Schools and groups of a scenario."""

    schools: list[School]
    groups: list[Group]
    zone_heads: dict[str, str]


def draw(base: Key, text: str, what: int, attempt: int = 0) -> float:
    """Return the uniform draw of something named."""
    return float(uniform(base, np.uint64(stable_id(text)), attempt, STREAM, what))


def draw_normal(base: Key, text: str, what: int) -> float:
    """Return the standard normal draw of something named."""
    return float(normal(base, np.uint64(stable_id(text)), 0, STREAM, what))


def towns(plan: CountyPlan, base: Key) -> NDArray[np.float64]:
    """Return town centres (km), shape (towns, 2): the seat in the middle, the others apart from each other."""
    places = [(plan.width_km / 2.0, plan.height_km / 2.0)]
    for number in range(1, plan.towns):
        for attempt in range(ATTEMPTS):
            x = plan.width_km * draw(base, f"town {number}", TOWN_X, attempt)
            y = plan.height_km * draw(base, f"town {number}", TOWN_Y, attempt)
            if all((x - a) ** 2 + (y - b) ** 2 >= LEAST_DISTANCE_KM**2 for a, b in places):
                break
        places.append((x, y))
    return np.array(places)


def _place(plan: CountyPlan, base: Key, centres: NDArray[np.float64], school: str, setting: str, town: int) -> tuple[float, float]:
    """Urban schools lie around the seat, township schools in their town, rural ones a few km outside it."""
    x, y = centres[0] if setting == "urban" else centres[town]
    radius = {"urban": plan.urban_radius_km, "township": 1.0, "rural": 5.0}[setting]
    dx = radius * (2.0 * draw(base, school, PLACE_X) - 1.0)
    dy = radius * (2.0 * draw(base, school, PLACE_Y) - 1.0)
    inside_x = min(max(x + dx, 0.0), plan.width_km)
    return round(float(inside_x), 2), round(float(min(max(y + dy, 0.0), plan.height_km)), 2)


def _posts(level: LevelPlan, base: Key, school: str, setting: str, shift: float) -> int:
    mean = level.staff * level.factor[setting]
    return max(1, int(mean * exp(STAFF_SPREAD * draw_normal(base, school, SIZE) - STAFF_SPREAD**2 / 2.0 + shift) + 0.5))


def _school(
    plan: CountyPlan, level: LevelPlan, base: Key, centres: NDArray[np.float64], place: tuple[str, str, str, str, int]
) -> School:
    ident, setting, role, group, town = place
    x, y = _place(plan, base, centres, ident, setting, town)
    posts = _posts(level, base, ident, setting, 0.2 if role in ("lead", "zone_head") else 0.0)
    ratio = level.pupils_per_teacher * exp(RATIO_SPREAD * draw_normal(base, ident, RATIO))
    kind = role if role in ("lead", "zone_head") else setting
    standing = level.standing[kind] + STANDING_SPREAD * draw_normal(base, ident, STANDING)
    return School(
        ident, ident, plan.name, level.level, setting, "public", role, group, "", x, y, int(posts * ratio + 0.5), posts,
        standing, level.reliability,
    )  # fmt: skip


def _shuffled(base: Key, items: Sequence[str], text: str) -> list[str]:
    """Return items in an order drawn for `text`."""
    order = sorted(range(len(items)), key=lambda n: draw(base, f"{text} {n}", PICK))
    return [items[n] for n in order]


def _expanded(counts: Mapping[str, int]) -> list[str]:
    return [name for name, count in counts.items() for _ in range(count)]


def _sizes(level: LevelPlan, base: Key, prefix: str) -> list[int]:
    sizes = _expanded({str(size): count for size, count in level.members.items()})
    return [int(size) for size in _shuffled(base, sizes, f"{prefix} size")]


def _matched_modes(level: LevelPlan, base: Key, prefix: str, sizes: Sequence[int]) -> list[str]:
    """Return the mode of each group; a mode advised for few members goes to the smallest groups first."""
    modes = _expanded(level.assigned)
    if not modes:
        return [""] * len(sizes)
    order = sorted(range(len(sizes)), key=lambda n: (sizes[n], draw(base, f"{prefix} mode {n}", PICK)))
    out = [""] * len(sizes)
    for place, mode in zip(order, modes, strict=True):
        out[place] = mode
    return out


def _standardise(schools: list[School]) -> None:
    """Turn standing into SD units over the schools of a level."""
    mean = sum(s.standing for s in schools) / len(schools)
    sd = (sum((s.standing - mean) ** 2 for s in schools) / len(schools)) ** 0.5
    for school in schools:
        school.standing = round((school.standing - mean) / sd, 3) if sd > 0.0 else 0.0


def _level(plan: CountyPlan, level: LevelPlan, base: Key, centres: NDArray[np.float64], roster: Roster) -> None:
    prefix = f"{plan.name}-{level.level}"
    sizes = _sizes(level, base, prefix)
    modes = _matched_modes(level, base, prefix, sizes)
    settings = iter(_shuffled(base, _expanded(level.settings), f"{prefix} setting"))
    made: list[School] = []
    for number, (size, mode) in enumerate(zip(sizes, modes, strict=True), 1):
        group, zone = f"{prefix}-g{number:02d}", f"{prefix}-z{(number - 1) % level.zones + 1}"
        head = number <= level.zones
        lead = _school(plan, level, base, centres, (f"{group}-lead", "urban", "zone_head" if head else "lead", group, 0))
        if head:
            roster.zone_heads[zone] = lead.id
        roster.groups.append(Group(group, plan.name, lead.id, zone, mode))
        town = 1 + int(draw(base, group, TOWN_X) * (plan.towns - 1))
        members = [
            _school(plan, level, base, centres, (f"{group}-m{n + 1}", next(settings), "member", group, 1 + (town + n) % (plan.towns - 1)))
            for n in range(size)
        ]
        for school in (lead, *members):
            school.zone = zone
            school.pair = lead.id if school is not lead else ""
        made += [lead, *members]
    for n, setting in enumerate(_expanded(level.ungrouped), 1):
        town = 1 + int(draw(base, f"{prefix} {n}", TOWN_X) * (plan.towns - 1))
        made.append(_school(plan, level, base, centres, (f"{prefix}-u{n:02d}", setting, "none", "", town)))
    _standardise(made)
    roster.schools += made


def generate(plan: CountyPlan) -> Roster:
    """Return the schools and groups of a synthetic county; the same plan gives the same county.

    Raises
    ------
    ValueError
        If the settings of member schools do not add up to the number of members, or modes to groups.
    """
    base = key(0, int(stable_id(plan.name)) & 0x7FFFFFFF)
    for level in plan.levels:
        check_level(level)
    roster = Roster([], [], {})
    centres = towns(plan, base)
    for level in plan.levels:
        _level(plan, level, base, centres, roster)
    return roster


def check_level(level: LevelPlan) -> None:
    """Raise ValueError where the counts of a level contradict each other."""
    groups = sum(level.members.values())
    members = sum(size * count for size, count in level.members.items())
    if sum(level.settings.values()) != members:
        raise ValueError(f"{level.level}: settings add up to {sum(level.settings.values())}, members to {members}")
    if level.assigned and sum(level.assigned.values()) != groups:
        raise ValueError(f"{level.level}: modes are assigned to {sum(level.assigned.values())} of {groups} groups")
    if level.zones > groups:
        raise ValueError(f"{level.level}: {level.zones} zones for {groups} groups")


def subject_need(level: str) -> tuple[float, ...]:
    """Return the share of lessons by subject (assumed from the national curriculum plans)."""
    return SUBJECT_SHARE[level]


def subjects_of(posts: int, level: str) -> list[int]:
    """Return the subject of each post, the largest remainder rule on the level's shares."""
    shares = subject_need(level)
    counts = [int(posts * share) for share in shares]
    order = sorted(range(len(shares)), key=lambda k: (-(posts * shares[k] - counts[k]), k))
    for k in order[: posts - sum(counts)]:
        counts[k] += 1
    return [k for k in range(len(SUBJECTS)) for _ in range(counts[k])]


def codes(values: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return the code of each value."""
    return [names.index(value) for value in values]


__all__ = ["LEVELS", "SETTINGS", "CountyPlan", "Group", "LevelPlan", "Roster", "School", "generate"]

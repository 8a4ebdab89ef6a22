"""Turn a scenario's counts by level into a generated roster, telling where they contradict each other."""

import math
from collections.abc import Mapping, Sequence

from scenarios.generate import LARGER_LEAD, generate
from scenarios.plans import CountyPlan, GroupPlan, LevelPlan, WorldPlan
from scenarios.positions import Path
from scenarios.roster import Roster
from scenarios.schema import CountyTable, GroupPlanTable, LevelTable, Table, WorldTable
from scenarios.source import Report


def roster_of(table: WorldTable, report: Report) -> Roster | None:
    """Return the roster generated from the counts of `table`, which has the right shape; None after faults."""
    plan = _world_plan(table)
    _check_counties(table, report)
    for row, level in enumerate(table.levels):
        _check_level(level, plan, ("world", "levels", row), report)
    _check_levels(table.levels, report)
    if not any(_total(level.settings) + _total(level.ungrouped) + _groups(level) for level in table.levels):
        report.add("no_schools", ("world", "levels"))
    return None if report.errors else generate(plan)


def _groups(level: LevelTable) -> int:
    return sum(plan.count for plan in level.groups)


def posts(table: WorldTable) -> float:
    """Return about how many posts the world will have."""
    counted = sum(_posts(level) for level in table.levels)
    return counted + sum(school.posts for school in table.schools)


def _posts(level: LevelTable) -> float:
    """Return about how many posts a level has; leads and members of another level are taken as of this one."""
    factor, settings = level.factor.model_dump(), level.settings.model_dump()
    ungrouped = level.ungrouped.model_dump().items()
    counted: float = sum((settings[name] + count) * factor[name] for name, count in ungrouped)
    for plan in level.groups:
        own = sum(count * factor[name] for name, count in plan.settings.model_dump().items())
        counted += plan.count * (own + (math.exp(LARGER_LEAD) + _total(plan.beside)) * factor[plan.lead])
    return level.staff * counted


def _given(counts: Table) -> dict[str, int]:
    """Return the counts that are not 0."""
    return {name: count for name, count in counts.model_dump().items() if count}


def _total(counts: Table) -> int:
    return sum(counts.model_dump().values())


def _world_plan(table: WorldTable) -> WorldPlan:
    own = CountyTable(id=table.county)
    counties = [_county_plan(table, county) for county in table.counties or [own]]
    return WorldPlan(table.county, counties, [_level_plan(level) for level in table.levels])


def _county_plan(table: WorldTable, county: CountyTable) -> CountyPlan:
    return CountyPlan(
        county.id, county.width_km or table.width_km, county.height_km or table.height_km, county.towns or table.towns,
        county.urban_radius_km or table.urban_radius_km, county.count,
        county.name.both() if county.name else {"en": county.id, "zh": county.id},
    )  # fmt: skip


def _level_plan(level: LevelTable) -> LevelPlan:
    return LevelPlan(
        level.level, level.zones, [_group_plan(plan) for plan in level.groups], level.settings.model_dump(),
        level.staff, level.factor.model_dump(), level.pupils_per_teacher, level.standing.model_dump(),
        level.ungrouped.model_dump(), level.reliability, level.paired, level.ownership.model_dump(),
        level.contract_share, level.near_km, level.county or "",
    )  # fmt: skip


def _group_plan(plan: GroupPlanTable) -> GroupPlan:
    return GroupPlan(
        plan.count, plan.members, plan.mode or "", plan.lead, plan.lead_level or "", _given(plan.beside),
        _given(plan.settings), _given(plan.ownership), plan.new, plan.opens, plan.across, plan.hubs,
    )  # fmt: skip


def _check_counties(table: WorldTable, report: Report) -> None:
    """Note county ids that are given twice, or named by a level and not given."""
    known: dict[str, int] = {}
    for row, county in enumerate(table.counties):
        if known.setdefault(county.id, row) != row:
            report.add("duplicate_id", ("world", "counties", row, "id"), county.id)
    for row, level in enumerate(table.levels):
        if level.county:
            report.unknown("county", ("world", "levels", row, "county"), level.county, known)


def _check_levels(levels: Sequence[LevelTable], report: Report) -> None:
    """Note levels that are described twice in a county, and other levels of groups that are not described there."""
    for row, level in enumerate(levels):
        path = ("world", "levels", row)
        if any(other.level == level.level and _meet(other, level) for other in levels[:row]):
            report.add("duplicate_id", (*path, "level"), level.level)
        described: dict[str, None] = {other.level: None for other in levels if other.county in (None, level.county)}
        for number, plan in enumerate(level.groups):
            place = (*path, "groups", number)
            if plan.lead_level:
                report.unknown("level", (*place, "lead_level"), plan.lead_level, described)
            for name in _given(plan.beside):
                report.unknown("level", (*place, "beside", name), name, described)


def _meet(one: LevelTable, other: LevelTable) -> bool:
    """Whether two levels are found in the same county."""
    return None in (one.county, other.county) or one.county == other.county


def _check_level(level: LevelTable, world: WorldPlan, path: Path, report: Report) -> None:
    """Note counts and shares of one level that contradict each other."""
    plan = _level_plan(level)
    settings, groups = _total(level.settings), _groups(level)
    if settings != plan.members:
        report.add("settings_differ", (*path, "settings"), settings, members=plan.members, settings=settings)
    if plan.zones > groups:
        report.add("too_many_zones", (*path, "zones"), plan.zones, groups=groups)
    shares = sum(plan.ownership.values())
    if not math.isclose(shares, 1.0, abs_tol=1e-9):
        report.add("shares_differ", (*path, "ownership"), f"{shares:g}")
    counties = sum(county.count for county in world.counties if plan.county in ("", county.name))
    for number, group in enumerate(plan.groups):
        _check_group(group, counties, (*path, "groups", number), report)


def _check_group(plan: GroupPlan, counties: int, path: Path, report: Report) -> None:
    """Note counts within groups alike that contradict the number of members."""
    kinds: Mapping[str, Mapping[str, int]] = {"settings": plan.settings, "ownership": plan.ownership}
    for name, counts in kinds.items():
        found = sum(counts.values())
        if counts and found != plan.members:
            report.add(f"{name}_differ", (*path, name), found, members=plan.members, **{name: found})
    limits = {"new": plan.members, "across": plan.members if counties > 1 else 0}
    for name, limit in limits.items():
        if getattr(plan, name) > limit:
            report.add("out_of_bounds", (*path, name), getattr(plan, name), allowed=f"≤ {limit}")

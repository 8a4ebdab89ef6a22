"""Turn a scenario's counts by level into a generated roster, telling where they contradict each other."""

from collections.abc import Sequence

from scenarios.generate import CountyPlan, GroupPlan, LevelPlan, generate
from scenarios.roster import Roster
from scenarios.schema import LevelTable, WorldTable
from scenarios.source import Report


def roster_of(table: WorldTable, report: Report) -> Roster | None:
    """Return the roster generated from the counts of `table`, which has the right shape; None after faults."""
    plans = [_level_plan(level) for level in table.levels]
    _check(plans, report)
    county = CountyPlan(table.county, table.width_km, table.height_km, table.towns, table.urban_radius_km, plans)
    return None if report.errors else generate(county)


def _level_plan(level: LevelTable) -> LevelPlan:
    return LevelPlan(
        level.level, level.zones, [GroupPlan(g.count, g.members, g.mode or "") for g in level.groups],
        level.settings.model_dump(), level.staff, level.factor.model_dump(), level.pupils_per_teacher,
        level.standing.model_dump(), level.ungrouped.model_dump(), level.reliability, level.paired,
    )  # fmt: skip


def _check(plans: Sequence[LevelPlan], report: Report) -> None:
    seen: set[str] = set()
    for row, plan in enumerate(plans):
        path = ("world", "levels", row)
        settings, groups = sum(plan.settings.values()), sum(group.count for group in plan.groups)
        if plan.level in seen:
            report.add("duplicate_id", (*path, "level"), plan.level)
        if settings != plan.members:
            report.add("settings_differ", (*path, "settings"), settings, members=plan.members, settings=settings)
        if plan.zones > groups:
            report.add("too_many_zones", (*path, "zones"), plan.zones, groups=groups)
        seen.add(plan.level)


def posts(table: WorldTable) -> float:
    """Return about how many posts the world will have."""
    counted = sum(_posts(_level_plan(level)) for level in table.levels)
    return counted + sum(school.posts for school in table.schools)


def _posts(plan: LevelPlan) -> float:
    leads = sum(group.count for group in plan.groups)
    by_setting = sum((plan.settings[s] + plan.ungrouped[s]) * plan.factor[s] for s in plan.settings)
    return plan.staff * (by_setting + leads * plan.factor["urban"])

"""Rosters of a county that does not exist, to try the import on: about 60 schools and 2,000 teachers, all synthetic."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from model.chance import Key, key
from model.columns import EMPLOYMENTS, LEVELS, SUBJECTS
from scenarios.generate import draw, draw_normal, generate
from scenarios.plans import CountyPlan, GroupPlan, LevelPlan, WorldPlan
from scenarios.roster import School, employments_of, subjects_of
from scenarios.rosters.numbers import PUPILS_PER_TEACHER, STAFF
from scenarios.schema import BySetting, StandingTable

Cells = Mapping[str, object]
YEARS = (2022, 2023, 2024)
FACTOR, STANDING = BySetting().model_dump(), StandingTable().model_dump()
SCORE_MEAN, SCORE_SD, INTAKE, NOISE = 75.0, 6.0, 0.7, 0.5
GROWTH, SERVICE, QUALIFIED, RANK, HONOUR, SCORE, INTAKE_DRAW = range(100, 107)
LONGEST_SERVICE = 35
MID_YEARS, SENIOR_YEARS, HONOUR_YEARS = 6, 14, 5
UNQUALIFIED = {"urban": 0.05, "township": 0.12, "rural": 0.25}


@dataclass(frozen=True)
class Demonstration:
    """Rows of the three tables, field → value; names in both languages stand as a mapping."""

    schools: list[Cells]
    teachers: list[Cells]
    ties: list[Cells]


def _level(level: str, groups: tuple[GroupPlan, ...], settings: dict[str, int], ungrouped: dict[str, int]) -> LevelPlan:
    ratio = PUPILS_PER_TEACHER[level]
    return LevelPlan(level, 0, groups, settings, STAFF[level], FACTOR, ratio, STANDING, ungrouped, contract_share=0.12)


def demonstration() -> Demonstration:
    """Return the rosters; they are the same on every machine."""
    plan = WorldPlan(
        "demonstration",
        [CountyPlan("demonstration", 36.0, 28.0, 9, 4.0)],
        [
            _level("kindergarten", (), {}, {"urban": 5, "township": 7, "rural": 8}),
            _level(
                "primary", (GroupPlan(4, 3), GroupPlan(1, 2)), {"urban": 3, "township": 5, "rural": 6},
                {"township": 3, "rural": 8},
            ),
            _level("junior", (GroupPlan(2, 2),), {"urban": 1, "township": 2, "rural": 1}, {"township": 2, "rural": 2}),
        ],
    )  # fmt: skip
    roster = generate(plan)
    schools = sorted(roster.schools, key=lambda school: (LEVELS.index(school.level), school.id))
    groups = {group.id: dict(group.name) for group in roster.groups}
    draws = key(0, 0xDE30)
    codes = {school.id: f"{number:04d}" for number, school in enumerate(schools, 1)}
    teachers = [cells for school in schools for cells in _teachers(school, codes[school.id], draws)]
    rows = [_school(school, codes[school.id], groups, draws, number) for number, school in enumerate(schools)]
    leads = {school.group: school.id for school in schools if school.role == "lead"}
    helped = [s for s in schools if s.role == "member" and s.setting == "rural"][:4]
    ties = [{"helper": codes[leads[school.group]], "helped": codes[school.id]} for school in helped]
    return Demonstration(rows, teachers, list(ties))


def _school(school: School, code: str, groups: Mapping[str, Cells], draws: Key, number: int) -> Cells:
    """Return the row of a school; every ninth has no coordinates, every eleventh no quality."""
    intake = draw_normal(draws, school.id, INTAKE_DRAW)
    placed, measured = number % 9 != 8, number % 11 != 10  # noqa: PLR2004
    cells: dict[str, object] = {
        "id": code, "name": dict(school.name), "level": school.level, "setting": school.setting,
        "ownership": school.ownership, "pupils": school.pupils, "posts": school.posts,
        "x": school.x if placed else "", "y": school.y if placed else "",
        "group": groups.get(school.group, ""), "role": school.role if school.group else "",
    }  # fmt: skip
    for year in YEARS if measured and school.level != "kindergarten" else ():
        noise = draw_normal(draws, f"{school.id} {year}", SCORE)
        score = SCORE_MEAN + SCORE_SD * (0.6 * school.standing + INTAKE * intake + 0.3 * noise)
        growth = school.standing + NOISE * draw_normal(draws, f"{school.id} {year}", GROWTH)
        cells[f"score {year}"] = round(score, 1)
        if school.level == "junior":
            cells[f"growth {year}"] = round(growth, 2)
    return cells


def _teachers(school: School, code: str, draws: Key) -> Iterator[Cells]:
    employments = employments_of(school)
    for number, subject in enumerate(subjects_of(school.posts, school.level)):
        who = f"{school.id}/{number}"
        years = int(LONGEST_SERVICE * draw(draws, who, SERVICE))
        rank, honour = draw(draws, who, RANK), draw(draws, who, HONOUR) + 0.05 * school.standing
        yield {
            "id": f"T{code}{number:03d}", "school": code, "subject": SUBJECTS[subject],
            "qualified": "no" if draw(draws, who, QUALIFIED) < UNQUALIFIED[school.setting] else "yes",
            "experience": years, "employment": EMPLOYMENTS[employments[number]],
            "rank": "senior" if years >= SENIOR_YEARS and rank < 0.35  # noqa: PLR2004
            else "mid" if years >= MID_YEARS and rank < 0.8 else "junior",  # noqa: PLR2004
            "honour": "master" if years >= SENIOR_YEARS and honour > 0.97  # noqa: PLR2004
            else "backbone" if years >= HONOUR_YEARS and honour > 0.84 else "none",  # noqa: PLR2004
        }  # fmt: skip

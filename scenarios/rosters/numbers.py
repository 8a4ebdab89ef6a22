"""Pupils and posts that a roster leaves out, drawn about the national means that the bundled worlds use."""

from dataclasses import dataclass

from model.arithmetic import exp
from model.chance import Key
from scenarios.generate import RATIO, RATIO_SPREAD, SIZE, STAFF_SPREAD, draw_normal
from scenarios.rosters.check import check_size
from scenarios.rosters.problems import Notes
from scenarios.rosters.records import MOST_POSTS, MOST_PUPILS, School
from scenarios.schema import BySetting

STAFF = {"kindergarten": 11.0, "primary": 46.0, "junior": 77.0, "senior": 136.0}
PUPILS_PER_TEACHER = {"kindergarten": 13.3, "primary": 16.2, "junior": 12.7, "senior": 12.9}


@dataclass(frozen=True)
class Size:
    """Pupils and posts of a school."""

    pupils: int
    posts: int


def size_of(school: School, listed: int, key: Key, notes: Notes) -> Size:
    """Return the size of a school with `listed` teachers in the roster; what is drawn is noted."""
    ratio = PUPILS_PER_TEACHER[school.level or "primary"]
    posts = _posts(school, listed, ratio, key, notes)
    pupils = school.pupils
    if pupils is None:
        spread = float(exp(RATIO_SPREAD * draw_normal(key, school.id, RATIO)))
        pupils = min(MOST_PUPILS, max(1, int(posts * ratio * spread + 0.5)))
        notes.add("pupils_drawn", school.row.place())
    check_size(school, pupils, posts, notes)
    return Size(pupils, posts)


def _posts(school: School, listed: int, ratio: float, key: Key, notes: Notes) -> int:
    """Return the posts as given, or as the roster of teachers or the pupils imply, or drawn."""
    if listed > MOST_POSTS:
        notes.add("out_of_bounds", school.row.place(), listed, allowed=f"1–{MOST_POSTS}")
    if school.posts is not None:
        if listed > school.posts:
            place = school.row.place("posts")
            notes.add("more_teachers_than_posts", place, school.id, teachers=listed, posts=school.posts)
        return max(school.posts, listed)
    if listed:
        notes.add("posts_from_roster", school.row.place())
        return listed
    notes.add("posts_drawn", school.row.place())
    if school.pupils is not None:
        return max(1, min(MOST_POSTS, int(school.pupils / ratio + 0.5)))
    factor = 1.0 if school.level == "senior" else getattr(BySetting(), school.setting or "township")
    spread = STAFF_SPREAD * draw_normal(key, school.id, SIZE) - STAFF_SPREAD * STAFF_SPREAD / 2.0
    return max(1, int(STAFF[school.level or "primary"] * factor * float(exp(spread)) + 0.5))

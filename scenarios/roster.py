"""Schools and groups of a scenario as plain records, before they become rows of a world."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NamedTuple

from model.codes import Employment, Ownership, Subject

Names = Mapping[str, str]
SUBJECT_SHARE: dict[str, tuple[float, ...]] = {
    "kindergarten": (0.80, 0.0, 0.0, 0.0, 0.10, 0.10),
    "primary": (0.30, 0.23, 0.12, 0.09, 0.14, 0.12),
    "junior": (0.19, 0.19, 0.19, 0.25, 0.09, 0.09),
    "senior": (0.16, 0.16, 0.16, 0.36, 0.06, 0.10),
}


@dataclass(frozen=True)
class School:
    """One school. `group` and `zone` are ids, empty for none; `pairs` are the schools that help it from before.

    Places are in km, `standing` is in SD of quality among the schools of the level, `reliability` the share of
    quality's variance that it explains, `opens` a year of the run, −∞ for a standing school; `contract_share` is the
    share of its posts that contract teachers (编外) hold.
    """

    id: str
    name: Names
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
    opens: float = -math.inf
    seeded_by: str = ""
    pairs: tuple[str, ...] = ()
    contract_share: float = 0.0


class Teacher(NamedTuple):
    """A teacher known to be in post at the start of the policies; None stands for what is not known.

    Codes are those of `model.columns`. `standing` is the value added in SD among the colleagues of the school.
    """

    id: str
    subject: int | None
    qualified: bool | None
    experience: float | None
    title: int | None
    honour: int | None
    employment: int | None
    standing: float | None


@dataclass(frozen=True)
class Group:
    """One group. `mode` is the mode that the scenario assigns, empty for none.

    `hubs` maps channel → the school that is its centre; the lead is the centre of the channels it leaves out.
    """

    id: str
    name: Names
    county: str
    lead: str
    zone: str
    mode: str = ""
    hubs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Staff:
    """Teachers known to be in post at the start of the policies, and the hash of the table they come from."""

    schools: Mapping[str, Sequence[Teacher]]
    sha256: str


@dataclass(frozen=True)
class Roster:
    """Schools and groups of a scenario, and the head of each zone. The order of neither means anything.

    `staff` is who is known to be in post at the start of the policies, None where everybody is drawn.
    """

    schools: tuple[School, ...]
    groups: tuple[Group, ...]
    zone_heads: Mapping[str, str]
    staff: Staff | None = None

    def members(self) -> dict[str, int]:
        """Return group → number of schools beside the lead."""
        counts = {group.id: -1 for group in self.groups}
        for school in self.schools:
            if school.group:
                counts[school.group] += 1
        return counts


def subject_need(level: str) -> tuple[float, ...]:
    """Return the share of lessons by subject (assumed from the national curriculum plans)."""
    return SUBJECT_SHARE[level]


def apportioned(total: int, shares: Sequence[float]) -> list[int]:
    """Return whole numbers that add up to `total`, by the largest remainder rule on shares that add up to 1."""
    counts = [int(total * share) for share in shares]
    order = sorted(range(len(shares)), key=lambda k: (-(total * shares[k] - counts[k]), k))
    for k in order[: total - sum(counts)]:
        counts[k] += 1
    return counts


@cache
def subjects_of(posts: int, level: str) -> tuple[int, ...]:
    """Return the subject of each post, the largest remainder rule on the level's shares."""
    counts = apportioned(posts, subject_need(level))
    return tuple(k for k in range(len(Subject)) for _ in range(counts[k]))


def employments_of(school: School) -> list[int]:
    """Return the employment of each post: at public schools contract teachers are spread evenly over the posts."""
    if school.ownership != Ownership.PUBLIC.word:
        return [int(Employment.PRIVATE)] * school.posts
    share, kinds = school.contract_share, (int(Employment.ESTABLISHED), int(Employment.CONTRACT))
    return [kinds[int((n + 1) * share + 0.5) > int(n * share + 0.5)] for n in range(school.posts)]


def known_and_left(school: School, teachers: Sequence[Teacher]) -> tuple[tuple[list[int], list[int]], ...]:
    """Return subjects and employments, each of the teachers listed and of the other posts.

    What a teacher's row leaves out goes, like the other posts, to what is furthest short of the school's shares.
    """
    subjects = _completed([teacher.subject for teacher in teachers], school.posts, subject_need(school.level))
    known = [teacher.employment for teacher in teachers]
    pattern = iter(employments_of(replace(school, posts=school.posts - len(known) + known.count(None))))
    listed = [next(pattern) if code is None else code for code in known]
    return subjects, (listed, list(pattern))


def _completed(known: Sequence[int | None], total: int, shares: Sequence[float]) -> tuple[list[int], list[int]]:
    """Return codes of those listed and of the rest, so that all together come near the shares."""
    have = [known.count(k) for k in range(len(shares))]

    def neediest() -> int:
        k = max(range(len(shares)), key=lambda k: (shares[k] * total - have[k], -k))
        have[k] += 1
        return k

    return [neediest() if code is None else code for code in known], [neediest() for _ in range(total - len(known))]


def codes(values: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return the code of each value."""
    return [names.index(value) for value in values]

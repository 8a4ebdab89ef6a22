"""The peer as a fused scalar loop: everything one teacher learns in a term, in one go, then the next teacher.

Only learning differs from the model: attention, practice, culture and teaching are such loops there already, so they
are shared. Teams go by the same running sums over falling skill as in the model, but nothing is done in blocks. Small
formulas are the model's own, inlined. Studios and schools that open later are left out.

Arrays stand in local names and are passed one by one: each use of a field of a tuple would be counted at run time.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from benchmarks.start import CORE, Start, written
from model.arithmetic import exp, expm1_ratio
from model.attributes import Attributes
from model.chance import Key, Stream, uniform2
from model.columns import TEAMS, Codes, Floats, Rows
from model.compilation import compiled, inlined, maker
from model.parameters import Learning as Numbers
from model.parameters import Parameters
from model.process import Moment, gather
from model.processes.learning import climate, learning
from model.processes.learning.coaching import coaching_rate
from model.processes.learning.peers import reference_lesson, reference_place
from model.processes.learning.view import Growth, View
from model.simulation import term
from model.world import Changes, Pool, World

STREAM = int(Stream.LEARNING)
MIXED = TEAMS - 1
RESEARCH = 3
NOVICE_YEARS = 3.0
RECIPIENT_SHARE = 0.3


class When(NamedTuple):
    """The term, and what is the same for everybody in it."""

    key: Key
    term: int
    year: int
    dt: float
    contacts: int
    rate: float
    capacity: float


class School(NamedTuple):
    """What is the same for everybody at one school: research ties, climate, and doses for honoured, best and all."""

    number: int
    total: float
    factor: float
    honoured: float
    best: float
    bar: float
    everybody: float
    cycle: int


class Room(NamedTuple):
    """Ordinary growth by region, room for one team, and the columns to fill."""

    ordinary: Floats
    rank: Rows
    faded: Floats
    extra: Floats
    skill: Floats


@inlined
def _lesson(gap: float, p: Numbers) -> float:
    return gap * exp(-gap / p.absorptive_range) if gap > 0.0 else p.weak_peer_ratio * gap


@inlined
def _rank(rows: Rows, skill: Floats, rank: Rows) -> float:
    """Set `rank` to the rows of a team by falling skill, and return the sum of their skill."""
    total = 0.0
    for n in range(len(rows)):
        i, m = rows[n], n
        while m > 0 and skill[rank[m - 1]] < skill[i]:
            rank[m] = rank[m - 1]
            m -= 1
        rank[m] = i
        total += skill[i]
    return total


@inlined
def _met(source: Rows, strength: Floats, first: int, last: int, wanted: float) -> int:
    """Return the school met: the one at which the running sum of research weights passes `wanted`."""
    sofar, met = 0.0, -1
    for e in range(first, last):
        if strength[e, RESEARCH] > 0.0:
            sofar, met = sofar + strength[e, RESEARCH], source[e]
            if sofar > wanted:
                break
    return met


@inlined
def _colleague(school: int, subject: int, v: float, start: Rows) -> int:
    """Return the position in team order of anyone of the subject, or of the mixed team; −1 for nobody."""
    slot = school * TEAMS + subject
    if start[slot] == start[slot + 1]:
        slot = school * TEAMS + MIXED
    size = start[slot + 1] - start[slot]
    return start[slot] + min(size - 1, int(v * size)) if size > 0 else -1


@maker
def _cultivation(x: View, number: int, p: Numbers) -> tuple[float, float, float]:
    """Return the dose of a coach, of each of the best 30 % of those without honours, and the skill that takes."""
    rows = x.team_order[x.team_start[number * TEAMS] : x.team_start[(number + 1) * TEAMS]]
    coaches = (x.honour[rows] > 0).sum()
    wanted = int(np.ceil(RECIPIENT_SHARE * (len(rows) - coaches)))
    if coaches == 0 or wanted == 0:
        return 0.0, 0.0, np.inf
    given = min(x.cultivation[number] * len(rows), p.coach_load * coaches)
    bar = np.sort(x.skill[rows][x.honour[rows] == 0])[-wanted]
    taking_part = (x.skill[rows][x.honour[rows] == 0] >= bar).sum()
    return p.mentor_return * given / coaches, given / taking_part, bar


@maker
def _school(x: View, number: int, p: Numbers, when: When) -> School:
    total = 0.0
    for e in range(x.tie_start[number], x.tie_start[number + 1]):
        total += max(0.0, x.strength[e, RESEARCH])
    region = x.region[number]
    practice = x.practice[number, 0] + x.practice[number, 1] + x.practice[number, 2]
    factor = climate(p.environment_ratio, practice, x.practice_mean[region], x.practice_sd[region])
    coach, best, bar = 0.0, 0.0, np.inf
    if x.cultivation[number] > 0.0:
        coach, best, bar = _cultivation(x, number, p)
    coach += p.mentor_return * x.outreach[number] / when.capacity
    uplift = p.uplift_dose * x.uplift[number] if x.weakest[number] else 0.0
    return School(number, total, factor, coach, best, bar, uplift, x.training[number])


@inlined
def _mentors(rows: Rows, experience: Floats, honour: Codes, p: Numbers) -> tuple[float, float]:
    """Return the doses of each novice of a team and of each who mentors."""
    novices, honoured = 0, 0
    for i in rows:
        novices += experience[i] < NOVICE_YEARS
        honoured += honour[i] > 0
    if novices == 0 or honoured == 0:
        return 0.0, 0.0
    each = min(p.mentoring, p.coach_load * honoured / novices)
    return each, p.mentor_return * each * novices / honoured


@inlined
def _dose(identity: np.uint64, honoured: bool, skill: float, school: School, p: Numbers, year: int) -> float:  # noqa: PLR0913
    """Return the coaching dose of one teacher, mentoring apart."""
    dose = school.everybody
    if honoured:
        dose += school.honoured
    elif skill >= school.bar:
        dose += school.best
    turns = np.uint64(max(1, school.cycle))
    if school.cycle > 0 and int((identity >> np.uint64(20)) % turns) == year % school.cycle:
        dose += p.training_dose
    return dose


@inlined
def _relaxed(before: float, force: float, coached: float, p: Numbers, dt: float) -> float:
    if before >= p.ceiling:
        coached = 0.0
    speed = p.fade + coached / p.ceiling
    return before * exp(-speed * dt) + (force + coached) * dt * expm1_ratio(speed * dt)


@compiled
def _grow(x: View, g: Growth, p: Numbers, when: When, room: Room) -> None:
    """Set everybody's `extra` and `skill` after the term."""
    ids, subjects, experience, honour, skills = x.id, x.subject, x.experience, x.honour, x.skill
    order, start, tie_start, source, strength = x.team_order, x.team_start, x.tie_start, x.source, x.strength
    before, talent, career, match = g.before, g.talent, g.career, g.match
    ordinary, rank, faded, extra, skill = room
    for number in range(len(x.region)):
        school, region = _school(x, number, p, when), x.region[number]
        low, step, table = x.reference_low[region], x.reference_step[region], x.reference[region]
        ties = tie_start[number], tie_start[number + 1]
        share = p.cross_school_ratio * min(1.0, school.total) / when.contacts
        for slot in range(number * TEAMS, (number + 1) * TEAMS):
            rows = order[start[slot] : start[slot + 1]]
            if len(rows) == 0:
                continue
            total, novice_dose, mentor_dose = _rank(rows, skills, rank), 0.0, 0.0
            novice_dose, mentor_dose = _mentors(rows, experience, honour, p)
            top, better, moment, weight, above = skills[rank[0]], 0, 0.0, 0.0, 0.0
            for n in range(len(rows)):
                i = rank[n]
                own = skills[i]
                faded[n] = exp((top - own) / p.absorptive_range)
                while skills[rank[better]] > own:
                    moment += (skills[rank[better]] - top) * faded[better]
                    weight += faded[better]
                    above += skills[rank[better]]
                    better += 1
                loss = (len(rows) - better) * own - (total - above)
                gain = (moment - (own - top) * weight) / faded[n]
                learned = (gain - p.weak_peer_ratio * loss) / max(1, len(rows) - 1)
                for c in range(when.contacts if school.total > 0.0 else 0):
                    u, v = uniform2(when.key, ids[i], when.term, STREAM, c)
                    met = _met(source, strength, ties[0], ties[1], u * school.total)
                    other = _colleague(met, subjects[i], v, start)
                    learned += share * _lesson(skills[order[other]] - own, p) if other >= 0 else 0.0
                net = p.peer_rate * (learned - reference_lesson(table, reference_place(low, step, len(table), own)))
                force = (net * school.factor if net > 0.0 else net) - ordinary[region]
                dose = _dose(ids[i], honour[i] > 0, own, school, p, when.year)
                dose += (novice_dose if experience[i] < NOVICE_YEARS else 0.0) + (mentor_dose if honour[i] > 0 else 0.0)
                extra[i] = _relaxed(before[i], force, dose * when.rate * school.factor, p, when.dt)
                skill[i] = talent[i] + career[i] + extra[i] + match[i]


def _step(world: World, attributes: Attributes, parameters: Parameters, moment: Moment, pool: Pool) -> Changes:
    p, growth = parameters.learning, gather(Growth, world, attributes)
    contacts, rate = max(1, int(p.contacts * moment.dt + 0.5)), coaching_rate(p.coaching_gain, p.ceiling, p.fade)
    when = When(moment.key, moment.term, moment.year, moment.dt, contacts, rate, parameters.attention.capacity)
    most = int(np.diff(world.index.team_start).max())
    spare = np.empty(most, dtype=np.int32), np.empty(most), pool.like(growth.before), pool.like(growth.was)
    room = Room(world.regions.ordinary, *spare)
    _grow(gather(View, world, attributes), growth, p, when, room)
    return {"teachers": {"extra": room.extra, "skill": room.skill}}


LEARNING = learning._replace(step=_step)


class Fused:
    """The peer as the benchmark runs it."""

    def __init__(self, start: Start) -> None:
        if start.attributes.studio.any() or start.world.schools.opens.max() >= 0.0:
            raise ValueError("this peer knows neither studios nor schools that open later")
        self.start, self.world, self.pool = start, start.world, Pool()
        self.schedule = tuple(LEARNING if process is learning else process for process in CORE)

    def advance(self, now: Moment) -> None:
        """Run the core of one term."""
        start = self.start
        self.world = term(self.world, start.attributes, start.parameters, now, self.pool, self.schedule)

    def columns(self) -> Mapping[str, Floats]:
        """Return `table.column` → values for everything the core writes."""
        return {path: getattr(getattr(self.world, path.split(".")[0]), path.split(".")[1]) for path in written()}

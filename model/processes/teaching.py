"""What pupils get: effective skill, practice, and the losses of moving, overload, misfit and unqualified lessons.

Sources: atteberry2017 on new posts, ronfeldt2013 on churn, hill2008 on the value of lesson time; johnston2022,
clark2021 and bianchi2022 on lessons heard from elsewhere.
"""

from typing import Annotated, NamedTuple

import numpy as np

from model.arithmetic import exp, expm1_ratio
from model.attributes import Attributes
from model.chance import Stream
from model.codes import Backfill, Channel, Code, Honour, Subject, Title
from model.columns import TEAMS, Codes, Flags, Floats, Rows
from model.compilation import compiled, helper, inlined, maker
from model.parameters import Attention, Parameters, Staffing, Transfer
from model.parameters import Teachers as Persons
from model.process import Moment, Process, columns_of, gather, reads_of
from model.processes.practice import localisation
from model.staff import RETURN_SHOCK
from model.world import Changes, Pool, World

HALF_YEAR = 0.5
VETERAN_YEARS = 20.0  # the older half of a career of 35 to 40 years
SUBJECT_COUNT = len(Subject)


class Tally(Code):
    """What adds up from teachers to schools; the words are columns of schools."""

    MEAN_SKILL = 0
    UNQUALIFIED = 1
    NEWCOMERS = 2
    UNCOVERED = 3
    STAFF_HOME = 4
    STAFF_POST = 5
    BACKBONE_POST = 6
    AWAY = 7
    MORALE = 8
    MID_TITLES = 9
    SENIOR_TITLES = 10
    SENIOR_POST = 11
    SERVICE = 12
    VETERAN_BACKBONE = 13


TALLIES = len(Tally)


class People(NamedTuple):
    """What teaching knows of teachers, and the character of schools."""

    home: Annotated[Rows, "teachers.home"]
    post: Annotated[Rows, "teachers.post"]
    visiting: Annotated[Rows, "teachers.visiting"]
    visit_share: Annotated[Floats, "teachers.visit_share"]
    backfill: Annotated[Codes, "teachers.backfill"]
    subject: Annotated[Codes, "teachers.subject"]
    qualified: Annotated[Flags, "teachers.qualified"]
    tenure: Annotated[Floats, "teachers.tenure"]
    experience: Annotated[Floats, "teachers.experience"]
    years_away: Annotated[Floats, "teachers.years_away"]
    title: Annotated[Codes, "teachers.title"]
    honour: Annotated[Codes, "teachers.honour"]
    match: Annotated[Floats, "teachers.match"]
    skill: Annotated[Floats, "teachers.skill"]
    morale: Annotated[Floats, "teachers.morale"]
    shock: Annotated[Floats, "teachers.shock"]
    character: Annotated[Floats, "schools.character"]
    team_order: Annotated[Rows, "index.team_order"]
    team_start: Annotated[Rows, "index.team_start"]


class View(NamedTuple):
    """What teaching knows of schools and ties; the last three are spare columns to fill."""

    tie_start: Annotated[Rows, "index.tie_start"]
    source: Annotated[Rows, "ties.source"]
    strength: Annotated[Floats, "ties.strength"]
    practice: Annotated[Floats, "schools.practice"]
    management: Annotated[Floats, "schools.management"]
    character: Annotated[Floats, "schools.character"]
    capacity: Annotated[Floats, "schools.capacity"]
    outreach: Annotated[Floats, "schools.outreach"]
    participation: Annotated[Floats, "schools.participation"]
    before: Annotated[Floats, "schools.quality"]
    weight: Annotated[Floats, "attributes.weight"]
    lessons: Annotated[Floats, "attributes.lessons"]
    uniformity: Annotated[Floats, "attributes.uniformity"]
    autonomy_fit: Annotated[Floats, "attributes.autonomy_fit"]
    studio: Annotated[Floats, "attributes.studio"]
    quality: Floats
    lessons_online: Floats
    misfit: Floats


class Numeric(NamedTuple):
    """Parameter groups the kernels read."""

    persons: Persons
    attention: Attention
    transfer: Transfer
    staffing: Staffing


@inlined
def adaptation_loss(shock: float, tenure: float, distance: float, p: Persons, scale: float, dt: float) -> float:
    """Return the loss (σ) at a new post, averaged over a term of dt years that begins at `tenure`."""
    if shock == 0.0:
        return 0.0
    tau = p.adaptation_time * HALF_YEAR
    return p.new_post_cost * shock * exp(-tenure / tau) * expm1_ratio(dt / tau) * (1.0 + distance / scale)


@inlined
def effective_skill(x: People, i: int, p: Persons, scale: float, dt: float) -> float:
    """Return skill less the loss at a new post, plus morale (σ)."""
    distance = abs(x.character[x.post[i]] - x.character[x.home[i]])
    return x.skill[i] - adaptation_loss(x.shock[i], x.tenure[i], distance, p, scale, dt) + x.morale[i]


@inlined
def _add_guest(x: People, i: int, time: Floats, out: Floats, cover: Floats) -> None:
    """Count a visitor's share of the week at the second school: no match there, qualified lessons cover a shortage."""
    j, share = x.visiting[i], x.visit_share[i]
    out[j, Tally.MEAN_SKILL] += share * (x.skill[i] - x.match[i] + x.morale[i])
    time[j] += share
    cover[j, x.subject[i]] += share if x.qualified[i] else 0.0


@inlined
def _add_home(x: People, i: int, out: Floats, substitutes: Floats) -> None:
    """Count for the home school: posts, titles, absent staff and how they are covered."""
    home = x.home[i]
    gone = 1.0 if x.post[i] != home else x.visit_share[i]
    out[home, Tally.STAFF_HOME] += 1.0
    out[home, Tally.AWAY] += gone
    out[home, Tally.MID_TITLES] += x.title[i] == Title.MID
    out[home, Tally.SENIOR_TITLES] += x.title[i] == Title.SENIOR
    out[home, Tally.UNCOVERED] += gone if x.backfill[i] == Backfill.ABSORBED else 0.0
    substitutes[home] += gone if x.backfill[i] == Backfill.CONTRACT else 0.0


@inlined
def _add_post(x: People, i: int, skill: float, time: Floats, out: Floats, lacking: Floats) -> None:
    """Count for the school where the teacher works: skill by time, newcomers, honours, unqualified lessons."""
    post, share = x.post[i], 1.0 - x.visit_share[i]
    out[post, Tally.MEAN_SKILL] += share * skill
    time[post] += share
    out[post, Tally.STAFF_POST] += 1.0
    out[post, Tally.MORALE] += x.morale[i]
    honoured = share if x.honour[i] != Honour.NONE else 0.0
    out[post, Tally.BACKBONE_POST] += honoured
    out[post, Tally.VETERAN_BACKBONE] += honoured if x.experience[i] >= VETERAN_YEARS else 0.0
    out[post, Tally.SENIOR_POST] += share if x.title[i] == Title.SENIOR else 0.0
    out[post, Tally.SERVICE] += x.experience[i]
    out[post, Tally.NEWCOMERS] += x.tenure[i] < 1.0 and x.shock[i] != RETURN_SHOCK
    lacking[post, x.subject[i]] += 0.0 if x.qualified[i] else share


@helper
def _shares(out: Floats, time: Floats, substitutes: Floats, uncovered: Floats, contract_gap: float) -> None:
    """Turn sums into means and shares."""
    for j in range(len(out)):
        staff, home = max(1.0, out[j, Tally.STAFF_POST]), max(1.0, out[j, Tally.STAFF_HOME])
        for k in range(SUBJECT_COUNT):
            out[j, Tally.UNQUALIFIED] += max(0.0, uncovered[j, k]) / staff
        out[j, Tally.MEAN_SKILL] /= time[j] if time[j] > 0.0 else 1.0
        out[j, Tally.MEAN_SKILL] -= contract_gap * substitutes[j] / home
        out[j, Tally.NEWCOMERS] /= staff
        out[j, Tally.MORALE] /= staff
        out[j, Tally.SERVICE] /= staff
        out[j, Tally.UNCOVERED] /= home


@compiled
def tally(x: People, p: Numeric, dt: float) -> Floats:
    """Return what adds up from teachers to schools, shape (S, tallies)."""
    count = (len(x.team_start) - 1) // TEAMS
    out, time, substitutes = np.zeros((count, TALLIES)), np.zeros(count), np.zeros(count)
    lacking, cover = np.zeros((count, SUBJECT_COUNT)), np.zeros((count, SUBJECT_COUNT))
    for n in range(x.team_start[-1]):
        i = x.team_order[n]
        _add_home(x, i, out, substitutes)
        skill = effective_skill(x, i, p.persons, p.transfer.misfit_scale, dt)
        _add_post(x, i, skill, time, out, lacking)
        if x.visiting[i] >= 0:
            _add_guest(x, i, time, out, cover)
    _shares(out, time, substitutes, lacking - cover, p.staffing.contract_gap)
    return out


@helper
def fill_best_first(values: Floats, weights: Floats, used: Floats) -> None:
    """Use weights in order of falling value until they add to one; ties with nothing to offer are not used."""
    left = 1.0
    used[:] = 0.0
    while left > 0.0:
        best = -1
        for n in range(len(values)):
            if values[n] > 0.0 and weights[n] > 0.0 and used[n] == 0.0 and (best < 0 or values[n] > values[best]):
                best = n
        if best < 0:
            return
        used[best] = min(weights[best], left)
        left -= used[best]


@helper
def _misfit(x: View, p: Transfer, j: int) -> float:
    """Return the loss (σ) from uniform teaching that is not localised."""
    weight, distance = 0.0, 0.0
    for e in range(x.tie_start[j], x.tie_start[j + 1]):
        weight += x.uniformity[e]
        distance += x.uniformity[e] * abs(x.character[x.source[e]] - x.character[j])
    localised = localisation(p.base_localisation, x.autonomy_fit[j], x.capacity[j])
    return p.misfit_cost * (1.0 - localised) * distance / p.misfit_scale / max(1.0, weight)


@maker
def _lessons(x: View, p: Transfer, j: int) -> float:
    """Return the gain (σ) from lessons of tied schools that pupils hear online, on last term's quality."""
    first, last = x.tie_start[j], x.tie_start[j + 1]
    gaps, weights, used = np.zeros(last - first), np.zeros(last - first), np.zeros(last - first)
    for n in range(last - first):
        e = first + n
        if x.weight[e, Channel.TEACHING] > 0.0:
            gaps[n] = max(0.0, x.before[x.source[e]] - x.before[j])
            weights[n] = x.strength[e, Channel.TEACHING] * x.lessons[e] / x.weight[e, Channel.TEACHING]
    fill_best_first(gaps, weights, used)
    total = 0.0
    for n in range(last - first):
        total += used[n] * gaps[n]
    return p.online_lessons * total


@helper
def masters_time(x: People, studio: float, j: int) -> float:
    """Return the share of a school's lesson time that its master teachers spend in studios."""
    if studio == 0.0:
        return 0.0
    masters = 0
    first, last = x.team_start[j * TEAMS], x.team_start[(j + 1) * TEAMS]
    for n in range(first, last):
        masters += x.honour[x.team_order[n]] >= Honour.MASTER
    return studio * masters / max(1, last - first)


@compiled
def _add_quality(x: View, t: People, p: Numeric, tallies: Floats) -> None:
    """Add the parts of school quality (σ)."""
    for j in range(len(x.quality)):
        x.misfit[j] = _misfit(x, p.transfer, j)
        x.lessons_online[j] = _lessons(x, p.transfer, j)
        load = p.attention.displaced * (x.outreach[j] + x.participation[j])
        absent = load + tallies[j, Tally.UNCOVERED] + masters_time(t, x.studio[j], j)
        practice = x.management[j] + x.practice[j, Channel.TEACHING] + x.practice[j, Channel.CULTURE]
        gains = tallies[j, Tally.MEAN_SKILL] + practice + x.lessons_online[j]
        losses = p.staffing.churn * tallies[j, Tally.NEWCOMERS]
        losses += p.staffing.unqualified_cost * tallies[j, Tally.UNQUALIFIED]
        x.quality[j] = gains - losses - x.misfit[j] - p.attention.teaching_value * absent
        if tallies[j, Tally.STAFF_POST] == 0.0:
            x.quality[j] = 0.0


@compiled
def _pass_time(x: People, memory: float, dt: float, tenure: Floats, years_away: Floats, morale: Floats) -> None:
    """Tenure and time on rotation grow, and lost morale recovers."""
    kept = exp(-dt / memory)
    for i in range(len(tenure)):
        tenure[i] = x.tenure[i] + dt
        years_away[i] = x.years_away[i] + dt * (1.0 if x.post[i] != x.home[i] else x.visit_share[i])
        morale[i] = x.morale[i] * kept


def _step(world: World, attributes: Attributes, parameters: Parameters, moment: Moment, pool: Pool) -> Changes:
    t, s = gather(People, world, attributes), world.schools
    schools = {name: pool.like(getattr(s, name)) for name in (*Tally.words(), "quality", "lessons_online", "misfit")}
    x = gather(View, world, attributes, **{name: schools[name] for name in ("quality", "lessons_online", "misfit")})
    numbers = Numeric(parameters.teachers, parameters.attention, parameters.transfer, parameters.staffing)
    tallies = tally(t, numbers, moment.dt)
    _add_quality(x, t, numbers, tallies)
    for column in Tally:
        schools[column.word][:] = tallies[:, column]
    people = {name: pool.like(getattr(world.teachers, name)) for name in ("tenure", "years_away", "morale")}
    _pass_time(t, parameters.rotation.morale_memory, moment.dt, **people)
    return {"schools": schools, "teachers": people}


teaching = Process(
    "teaching",
    Stream.TEACHING,
    annual=False,
    reads=reads_of(People, View),
    writes=(
        *columns_of("schools", *Tally.words(), "quality", "lessons_online", "misfit"),
        *columns_of("teachers", "tenure", "years_away", "morale"),
    ),
    step=_step,
)  # fmt: skip

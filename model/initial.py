"""Draw the standing state: schools, people and what they have learned, before any burn-in.

Draws are keyed by id, so the same school is drawn alike in any world. Expected quality (`standing`) is met by
conditioning the draw of practice and talent on their sum; variances add up to the declared ones.
"""

from typing import Annotated, NamedTuple

import numpy as np

from model.arithmetic import normal_cdf
from model.attributes import Attributes
from model.chance import Key, Stream, normal, uniform
from model.codes import Channel, Honour, Known, Level, Setting, Title
from model.columns import Codes, Flags, Floats, Ids, Rows, Schools
from model.compilation import compiled, helper, maker
from model.parameters import Parameters, Staffing
from model.parameters import Practice as PracticeNumbers
from model.parameters import Schools as SchoolNumbers
from model.parameters import Teachers as TeacherNumbers
from model.person import Drawn, career_return, known_talent, match_draw
from model.process import gather
from model.processes.learning import grow, ordinary_growth, relax_extra
from model.processes.learning.view import Growth, View
from model.processes.practice import People as Practitioners
from model.processes.practice import best_of, summed_practice
from model.processes.promotion import People as Candidates
from model.processes.promotion import promote
from model.processes.staffing import leaving_probability, quit_rate, unqualified_rate
from model.reference import References, tabulate_reference
from model.teams import team_columns
from model.world import TABLES, Pool, World, freeze, frozen, seen

ROUNDS, STEPS = 3, 8
DRAWN = (
    "hired", "qualified", "experience", "tenure", "school_years", "title", "honour", "talent", "career", "extra",
    "match", "skill", "known_hired",
)  # fmt: skip
SMALLER = tuple(name for name in TABLES if name != "teachers")
LEAST_WITHIN = 0.05
LEAST_SD = 1e-12


class Places(NamedTuple):
    """Schools and regions as they are drawn."""

    id: Annotated[Ids, "schools.id"]
    region: Annotated[Rows, "schools.region"]
    role: Annotated[Codes, "schools.role"]
    setting: Annotated[Codes, "schools.setting"]
    opens: Annotated[Floats, "schools.opens"]
    standing: Annotated[Floats, "schools.standing"]
    reliability: Annotated[Floats, "schools.reliability"]
    practice: Annotated[Floats, "schools.practice"]
    entry: Annotated[Floats, "schools.entry"]
    character: Annotated[Floats, "schools.character"]
    drive: Annotated[Floats, "schools.drive"]
    level: Annotated[Codes, "regions.level"]
    practice_mean: Annotated[Floats, "regions.practice_mean"]
    practice_sd: Annotated[Floats, "regions.practice_sd"]
    match_sd: Annotated[Floats, "regions.match_sd"]
    talent_sd: Annotated[Floats, "regions.talent_sd"]


class People(NamedTuple):
    """Teachers as they are drawn."""

    id: Annotated[Ids, "teachers.id"]
    home: Annotated[Rows, "teachers.home"]
    subject: Annotated[Codes, "teachers.subject"]
    employment: Annotated[Codes, "teachers.employment"]
    hired: Annotated[Rows, "teachers.hired"]
    experience: Annotated[Floats, "teachers.experience"]
    career: Annotated[Floats, "teachers.career"]
    tenure: Annotated[Floats, "teachers.tenure"]
    school_years: Annotated[Floats, "teachers.school_years"]
    qualified: Annotated[Flags, "teachers.qualified"]
    talent: Annotated[Floats, "teachers.talent"]
    extra: Annotated[Floats, "teachers.extra"]
    match: Annotated[Floats, "teachers.match"]
    skill: Annotated[Floats, "teachers.skill"]
    known_hired: Annotated[Rows, "teachers.known_hired"]
    known_qualified: Annotated[Codes, "teachers.known_qualified"]
    standing: Annotated[Floats, "teachers.standing"]
    reliability: Annotated[Floats, "teachers.reliability"]


@helper
def entry_gap(setting: int, p: Staffing) -> float:
    """Return the mean talent of a novice in a setting against the region (σ)."""
    if setting == Setting.URBAN:
        return p.entry_gap_urban
    return p.entry_gap_township if setting == Setting.TOWNSHIP else p.entry_gap_rural


@maker
def _gap_moments(s: Places, p: Staffing) -> tuple[Floats, Floats]:
    """Return mean and variance of the entry gap over the schools of each region."""
    regions = len(s.level)
    count, mean, variance = np.zeros(regions), np.zeros(regions), np.zeros(regions)
    for j in range(len(s.id)):
        if s.opens[j] < 0.0:
            k, gap = s.region[j], entry_gap(s.setting[j], p)
            count[k] += 1.0
            mean[k] += gap
            variance[k] += gap * gap
    for k in range(regions):
        if count[k] > 0.0:
            mean[k] /= count[k]
            variance[k] = max(0.0, variance[k] / count[k] - mean[k] * mean[k])
    return mean, variance


@compiled
def draw_schools(
    s: Places, t: TeacherNumbers, n: SchoolNumbers, p: PracticeNumbers, hiring: Staffing, key: Key
) -> None:
    """Draw practice, entry talent and character of every school, conditional on its standing.

    The region's mean is zero by construction: entry gaps are taken from their regional mean.
    """
    sd = np.array([n.sd_management, p.channel_sd, p.channel_sd])
    rho = p.channel_correlation
    whole = sd[0] + sd[1] + sd[2]
    practice_variance = rho * whole * whole
    for c in range(len(sd)):
        practice_variance += (1.0 - rho) * sd[c] * sd[c]
    s.practice_sd[:] = np.sqrt(practice_variance)
    mean_gaps, gap_variances = _gap_moments(s, hiring)
    for j in range(len(s.id)):
        mean_gap, gap_variance = mean_gaps[s.region[j]], gap_variances[s.region[j]]
        total_sd = t.sd_kindergarten if s.level[s.region[j]] == Level.KINDERGARTEN else t.sd
        own_variance = max(0.0, t.between_school_share * total_sd * total_sd - gap_variance)
        free = practice_variance + own_variance
        common = normal(key, s.id[j], 0, Stream.INITIAL, Drawn.COMMON)
        talent = np.sqrt(own_variance) * normal(key, s.id[j], 0, Stream.INITIAL, Drawn.TALENT_OF_SCHOOL)
        gap = entry_gap(s.setting[j], hiring) - mean_gap
        sofar = talent + gap
        for c in range(len(sd)):
            own = normal(key, s.id[j], 0, Stream.INITIAL, Drawn.PRACTICE + c)
            s.practice[j, c] = sd[c] * (np.sqrt(rho) * common + np.sqrt(1.0 - rho) * own)
            sofar += s.practice[j, c]
        chance = normal(key, s.id[j], 0, Stream.INITIAL, Drawn.STANDING)
        known = s.reliability[j]
        wanted = np.sqrt(known) * s.standing[j] + np.sqrt(1.0 - known) * chance
        shift = (np.sqrt(free + gap_variance) * wanted - sofar) / free if free > 0.0 else 0.0
        for c in range(len(sd)):
            s.practice[j, c] += (rho * sd[c] * whole + (1.0 - rho) * sd[c] * sd[c]) * shift
        s.entry[j] = gap + talent + own_variance * shift
        s.character[j] = normal(key, s.id[j], 0, Stream.INITIAL, Drawn.CHARACTER)
        s.drive[j] = 1.0


@helper
def draw_experience(u: float, role: int, setting: int, employment: int, p: Staffing) -> float:
    """Return years of service drawn from the stationary law that leaving and retirement imply."""
    rate = quit_rate(role, setting, employment, p)
    total, alive = 0.0, 1.0
    for year in range(60):
        total += alive
        alive *= 1.0 - leaving_probability(rate, 0.0, float(year), p)
    place, sofar, alive = u * total, 0.0, 1.0
    for year in range(60):
        sofar += alive
        if place < sofar:
            return float(year)
        alive *= 1.0 - leaving_probability(rate, 0.0, float(year), p)
    return 0.0


@compiled
def draw_people(t: People, s: Places, numbers: TeacherNumbers, p: Staffing, key: Key, year: int) -> None:
    """Draw experience, qualification and match of everybody in post at the start."""
    for i in range(len(t.id)):
        home = t.home[i]
        u = uniform(key, t.id[i], 0, Stream.INITIAL, Drawn.EXPERIENCE)
        t.experience[i] = draw_experience(u, s.role[home], s.setting[home], t.employment[i], p)
        if t.known_hired[i] > 0:  # somebody is known to be in post at year 0, but not since when
            t.known_hired[i] = -1 - int(t.experience[i])
        if t.known_hired[i] < 0 and t.known_hired[i] < year:
            t.experience[i] = year - 1.0 - t.known_hired[i]
        t.hired[i] = year - int(t.experience[i]) - 1
        t.career[i] = career_return(t.experience[i], numbers.experience_total, numbers.experience_half)
        t.tenure[i] = t.experience[i] + 1.0
        t.school_years[i] = t.experience[i]
        rate = unqualified_rate(s.setting[home], t.subject[i], p)
        t.qualified[i] = uniform(key, t.id[i], 0, Stream.INITIAL, Drawn.QUALIFIED) >= rate
        if t.hired[i] == t.known_hired[i] and t.known_qualified[i] != Known.NOTHING:
            t.qualified[i] = t.known_qualified[i] == Known.YES
        t.match[i] = s.match_sd[s.region[home]] * match_draw(key, t.id[i], t.hired[i], s.id[home])


@compiled
def _covariance(a: Floats, b: Floats, region: Rows, regions: int) -> Floats:
    """Return the covariance of two columns by region; rows of no region (−1) are left out."""
    count, sum_a, sum_b = np.zeros(regions), np.zeros(regions), np.zeros(regions)
    product = np.zeros(regions)
    for i in range(len(a)):
        if region[i] >= 0:
            count[region[i]] += 1.0
            sum_a[region[i]] += a[i]
            sum_b[region[i]] += b[i]
    for i in range(len(a)):
        k = region[i]
        if k >= 0:
            product[k] += (a[i] - sum_a[k] / count[k]) * (b[i] - sum_b[k] / count[k])
    for k in range(regions):
        product[k] = product[k] / count[k] if count[k] > 0.0 else 0.0
    return product


@compiled
def draw_talent(t: People, s: Places, key: Key) -> None:
    """Set talent to the school's entry mean plus a draw of the region's spread within schools."""
    for i in range(len(t.id)):
        home = t.home[i]
        z = normal(key, t.id[i], 0, Stream.INITIAL, Drawn.TALENT)
        if t.hired[i] == t.known_hired[i]:
            z = known_talent(t.standing[i], t.reliability[i], z)
        t.talent[i] = s.entry[home] + s.talent_sd[s.region[home]] * z
        t.skill[i] = t.talent[i] + t.career[i] + t.extra[i] + t.match[i]


@compiled
def _mean_practice(s: Places) -> None:
    """Set each region's mean practice; its SD is the declared one, as a few schools would give a poor estimate."""
    count, total = np.zeros(len(s.level)), np.zeros(len(s.level))
    for j in range(len(s.id)):
        if s.opens[j] < 0.0:
            count[s.region[j]] += 1.0
            total[s.region[j]] += summed_practice(s.practice, j)
    for k in range(len(count)):
        s.practice_mean[k] = total[k] / count[k] if count[k] > 0.0 else 0.0


@compiled
def absorptive_capacity(best: Floats, opens: Floats, region: Rows, regions: int, out: Floats) -> None:
    """Set capacity to Φ of the school's best fifth, standardised over its region."""
    count, total, square = np.zeros(regions), np.zeros(regions), np.zeros(regions)
    for j in range(len(best)):
        standing = 1.0 if opens[j] < 0.0 else 0.0
        count[region[j]] += standing
        total[region[j]] += standing * best[j]
    for j in range(len(best)):
        gap = best[j] - total[region[j]] / max(1.0, count[region[j]])
        square[region[j]] += gap * gap if opens[j] < 0.0 else 0.0
    for j in range(len(best)):
        k = region[j]
        sd = np.sqrt(square[k] / max(1.0, count[k]))
        known = sd > LEAST_SD and opens[j] < 0.0
        out[j] = normal_cdf((best[j] - total[k] / count[k]) / sd) if known else 0.5


def _standing_region(world: World) -> Rows:
    """Return the region of each teacher, −1 for posts of schools that open later."""
    s = world.schools
    return np.where(s.opens < 0.0, s.region, -1).astype(np.int32)[world.teachers.home]


def _spreads(world: World, parameters: Parameters) -> None:
    """Set the SD of match and of talent within schools so that the standing variance comes out."""
    t, r, p = world.teachers, world.regions, parameters.teachers
    region = _standing_region(world)
    count = len(r.county)
    career = _covariance(t.career, t.career, region, count)
    extra = _covariance(t.extra, t.extra, region, count)
    both = _covariance(t.talent, t.extra, region, count)
    for k in range(count):
        sd = p.sd_kindergarten if r.level[k] == Level.KINDERGARTEN else p.sd
        variance = sd * sd
        within = variance * (1.0 - p.match_share - p.between_school_share) - career[k] - extra[k] - 2.0 * both[k]
        r.match_sd[k] = np.sqrt(p.match_share) * sd
        r.talent_sd[k] = np.sqrt(max(LEAST_WITHIN * variance, within))


def _learn_standing(
    world: World, view: World, attributes: Attributes, parameters: Parameters, key: Key, round_: int
) -> None:
    """Relax `extra` towards its standing state among the present colleagues, without anybody leaving."""
    t, p = world.teachers, parameters.learning
    x, growth = gather(View, view, attributes), gather(Growth, view, attributes)
    learned, coached = np.zeros(len(t.id)), np.zeros(len(t.id))
    for step in range(STEPS):
        term = -1000 - STEPS * round_ - step
        grow(x, p, parameters.attention.capacity, 1, key, term, term, learned, coached)
        ordinary = frozen(ordinary_growth(growth, p.ceiling, learned, coached, len(world.regions.county)))
        world.regions.ordinary[:] = ordinary
        extra, skill = t.extra.copy(), t.skill.copy()
        relax_extra(growth, p, ordinary, learned, coached, 1.0, extra, skill)
        t.extra[:], t.skill[:] = extra, skill


def _writeable(world: World) -> World:
    """Return a copy of `world` whose arrays may be written; columns of teachers that nothing here draws are shared."""
    drawn = {name: getattr(world.teachers, name).copy() for name in DRAWN}
    tables = {name: getattr(world, name)._make(array.copy() for array in getattr(world, name)) for name in SMALLER}
    return World(teachers=world.teachers._replace(**drawn), **tables)


def _seen(world: World) -> World:
    """Return `world`, still to be changed, as kernels know it."""
    return World(**{name: getattr(world, name)._make(map(seen, getattr(world, name))) for name in TABLES})


def initialise(structure: World, attributes: Attributes, parameters: Parameters, key: Key, burn_in_years: int) -> World:
    """Return the world at the start of burn-in, drawn under `key`."""
    world = _writeable(structure)
    t, s = world.teachers, world.schools
    start = -burn_in_years
    places, people = gather(Places, world, attributes), gather(People, world, attributes)
    draw_schools(places, parameters.teachers, parameters.schools, parameters.practice, parameters.staffing, key)
    _mean_practice(places)
    _spreads(world, parameters)
    draw_people(people, places, parameters.teachers, parameters.staffing, key, start)
    view = _seen(world)
    changes = team_columns(view, view.teachers.post, view.teachers.subject, start, Pool())
    world = world._replace(index=world.index._replace(**changes["index"]))
    view = _seen(world)
    region = _standing_region(world)
    by_region = np.argsort(region, kind="stable")
    for round_ in range(ROUNDS):
        _spreads(world, parameters)
        draw_talent(people, places, key)
        t.title[:], t.honour[:] = Title.JUNIOR, Honour.NONE
        t.title[:], t.honour[:] = promote(
            gather(Candidates, view, attributes), attributes.title_credit, parameters, key, start
        )
        numbers = parameters.learning.absorptive_range, parameters.learning.weak_peer_ratio
        tabulate_reference(gather(References, world, attributes), t.skill, by_region, region, *numbers)
        _learn_standing(world, view, attributes, parameters, key, round_)
    best_of(gather(Practitioners, view, attributes), s.best)
    absorptive_capacity(view.schools.best, view.schools.opens, view.schools.region, len(places.level), s.capacity)
    s.practice_anchor[:] = s.practice
    s.management[:] = s.practice[:, Channel.MANAGEMENT]
    world.ties.trust[:] = parameters.culture.trust_start
    return freeze(world)


def _weakest_quarter(s: Schools) -> Flags:
    """Return which standing schools are in the weakest quarter of their region, a school at least."""
    rows = np.flatnonzero(s.opens < 0.0)
    rows = rows[np.lexsort((s.quality[rows], s.region[rows]))]
    region = s.region[rows]
    place = np.arange(len(rows)) - np.searchsorted(region, region)
    out = np.zeros_like(s.uplift)
    out[rows] = place < (np.bincount(region)[region] + 3) // 4
    return out


def standing_state(world: World) -> World:
    """Return the world at the end of burn-in, with what is fixed there: capacity, ordinary growth, uplift files."""
    s, r = world.schools, world.regions
    capacity = np.empty_like(s.capacity)
    absorptive_capacity(s.best, s.opens, s.region, len(r.county), capacity)
    schools = s._replace(capacity=capacity, uplift=_weakest_quarter(s))
    return freeze(world._replace(schools=schools, regions=r._replace(ordinary=r.ordinary_anchor.copy())))

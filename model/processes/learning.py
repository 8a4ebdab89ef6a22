"""Teachers learn from better colleagues of their team and of tied schools, and from being coached.

Sources: jackson2009 on peers, sun2017 on direction, cohen1990 on absorptive range, kraft2018 on coaching,
kraft2014 on the school as an environment. What an ordinary career teaches is in the career return already, so only
what exceeds an ordinary team's learning counts here.
"""

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.arithmetic import exp, expm1_ratio, inlined, log
from model.attributes import Attributes
from model.chance import Key, Stream, uniform2
from model.columns import TEAMS, Codes, Flags, Floats, Ids, Rows
from model.compilation import compiled
from model.parameters import Learning as Numbers
from model.parameters import Parameters
from model.process import Moment, Process, gather, reads_of
from model.teams import MIXED
from model.world import Changes, Pool, World

Positions = NDArray[np.int64]

STREAM = int(Stream.LEARNING)
NOVICE_YEARS = 3.0
RECIPIENT_SHARE = 0.3
QUARTILES = 1.35
RESEARCH = 3
GROUP_LAYER = 0


class View(NamedTuple):
    """What learning knows of people, their teams, their schools and ties, and the region's reference."""

    id: Annotated[Ids, "teachers.id"]
    subject: Annotated[Codes, "teachers.subject"]
    experience: Annotated[Floats, "teachers.experience"]
    honour: Annotated[Codes, "teachers.honour"]
    skill: Annotated[Floats, "teachers.skill"]
    team_order: Annotated[Rows, "index.team_order"]
    team_start: Annotated[Rows, "index.team_start"]
    tie_start: Annotated[Rows, "index.tie_start"]
    source: Annotated[Rows, "ties.source"]
    layer: Annotated[Codes, "ties.layer"]
    strength: Annotated[Floats, "ties.strength"]
    region: Annotated[Rows, "schools.region"]
    practice: Annotated[Floats, "schools.practice"]
    outreach: Annotated[Floats, "schools.outreach"]
    weakest: Annotated[Flags, "schools.uplift"]
    reference_low: Annotated[Floats, "regions.reference_low"]
    reference_step: Annotated[Floats, "regions.reference_step"]
    reference: Annotated[Floats, "regions.reference"]
    practice_mean: Annotated[Floats, "regions.practice_mean"]
    practice_sd: Annotated[Floats, "regions.practice_sd"]
    training: Annotated[Rows, "attributes.training"]
    trained: Annotated[Floats, "attributes.trained"]
    uplift: Annotated[Floats, "attributes.uplift"]
    studio: Annotated[Floats, "attributes.studio"]
    research: Annotated[Floats, "attributes.research"]
    cultivation: Annotated[Floats, "attributes.cultivation"]


class Growth(NamedTuple):
    """What moves `extra`."""

    team_order: Annotated[Rows, "index.team_order"]
    team_start: Annotated[Rows, "index.team_start"]
    region: Annotated[Rows, "schools.region"]
    post: Annotated[Rows, "teachers.post"]
    talent: Annotated[Floats, "teachers.talent"]
    career: Annotated[Floats, "teachers.career"]
    match: Annotated[Floats, "teachers.match"]
    before: Annotated[Floats, "teachers.extra"]
    was: Annotated[Floats, "teachers.skill"]


@compiled
def lesson(gap: float, absorptive_range: float, weak_peer_ratio: float) -> float:
    """Return what one learns from a colleague better by `gap` (σ): g·exp(−g/Γ), or −weak·|g| from a weaker one."""
    return gap * exp(-gap / absorptive_range) if gap > 0.0 else weak_peer_ratio * gap


@inlined
def sort_by_falling(skill: Floats, order: Positions) -> None:
    """Set `order` to positions by falling skill; insertion, quick for the usual small team."""
    for n in range(len(skill)):
        m = n - 1
        while m >= 0 and skill[order[m]] < skill[n]:
            order[m + 1] = order[m]
            m -= 1
        order[m + 1] = n


@inlined
def learn_in_team(skill: Floats, faded: Floats, weak_peer_ratio: float, order: Positions, out: Floats) -> None:
    """Set `out` to the mean lesson that each member takes from the other members of one team.

    `faded` is exp(−(θ − c)/Γ) for any constant c. Σ (θⱼ−θᵢ)·exp(−(θⱼ−θᵢ)/Γ) over better j separates into running sums
    of θⱼ·fadedⱼ and fadedⱼ, so a team of m costs one sort and m exponentials instead of m².
    """
    size = len(skill)
    sort_by_falling(skill, order)
    first, moment, weight, above, total = 0, 0.0, 0.0, 0.0, 0.0
    for n in range(size):
        total += skill[order[n]]
    top = skill[order[0]]
    share = 1.0 / max(1, size - 1)
    for n in range(size):
        i = order[n]
        while skill[order[first]] > skill[i]:
            better = order[first]
            moment += (skill[better] - top) * faded[better]
            weight += faded[better]
            above += skill[better]
            first += 1
        gain = (moment - (skill[i] - top) * weight) / faded[i]
        loss = (size - first) * skill[i] - (total - above)
        out[i] = (gain - weak_peer_ratio * loss) * share


@inlined
def reference_lesson(table: Floats, low: float, step: float, skill: float) -> float:
    """Return L_ref: what a teacher of this skill learns among the region's baseline population (interpolated)."""
    place = min(max((skill - low) / step, 0.0), len(table) - 1.000001)
    k = int(place)
    return table[k] + (place - k) * (table[k + 1] - table[k])


@compiled
def coaching_rate(gain: float, ceiling: float, fade: float) -> float:
    """Return the rate c at which a full dose acts, so that a year of it nets `gain` (at most 0.9 of the ceiling).

    Solves gain = c/(c/K + δ) · (1 − exp(−(c/K + δ))) by bisection.
    """
    wanted = min(gain, 0.9 * ceiling)
    low, high = 0.0, 1000.0 * ceiling
    for _ in range(80):
        c = 0.5 * (low + high)
        if c * expm1_ratio(c / ceiling + fade) < wanted:
            low = c
        else:
            high = c
    return 0.5 * (low + high)


@compiled
def climate(ratio: float, practice: float, mean: float, sd: float) -> float:
    """Return the factor on growth at a school: ratio^(z/1.35), z its standardised practice."""
    z = (practice - mean) / sd if sd > 0.0 else 0.0
    return exp(log(ratio) * z / QUARTILES)


@compiled
def _research_ties(
    first: int, last: int, source: Rows, strength: Floats, sources: Positions, sums: Floats
) -> tuple[int, float]:
    """List the sources of research ties into one school with running sums of weight; return their number and total."""
    count, total = 0, 0.0
    for e in range(first, last):
        if strength[e, RESEARCH] > 0.0:
            total += strength[e, RESEARCH]
            sources[count], sums[count] = source[e], total
            count += 1
    return count, total


@inlined
def _colleague(school: int, subject: int, v: float, team_start: Rows) -> int:
    """Return the position in team order of anyone of the subject at a school, or of its mixed team; −1 for nobody."""
    slot = school * TEAMS + subject
    if team_start[slot] == team_start[slot + 1]:
        slot = school * TEAMS + MIXED
    size = team_start[slot + 1] - team_start[slot]
    return team_start[slot] + min(size - 1, int(v * size)) if size > 0 else -1


@compiled
def _learn_across(
    x: View, rows: Rows, contacts: int, ties: tuple[Positions, Floats, int, float], p: Numbers, key: Key, term: int,
    skill: Floats, gaps: Floats, out: Floats,
) -> None:  # fmt: skip
    """Add to `out` what the teachers in `rows` learn from colleagues met at tied schools, one draw a contact."""
    sources, sums, count, total = ties
    ids, subjects, skills, order, start = x.id, x.subject, x.skill, x.team_order, x.team_start
    share = p.cross_school_ratio * min(1.0, total) / contacts
    inverse, weak = -1.0 / p.absorptive_range, p.weak_peer_ratio
    for n in range(contacts):
        for m in range(len(rows)):
            u, v = uniform2(key, ids[rows[m]], term, STREAM, n)
            k = 0
            while k < count - 1 and sums[k] <= u * total:
                k += 1
            other = _colleague(sources[k], subjects[rows[m]], v, start)
            gaps[m] = skills[order[other]] - skill[m] if other >= 0 else 0.0
        for m in range(len(rows)):
            better = max(gaps[m], 0.0)
            out[m] += share * (better * exp(better * inverse) + weak * min(gaps[m], 0.0))


@compiled
def _mentor(experience: Floats, honour: Codes, rows: Rows, p: Numbers, dose: Floats) -> None:
    """Novices of a team are mentored by its honoured members, who gain from it."""
    novices, honoured = 0, 0
    for i in rows:
        novices += experience[i] < NOVICE_YEARS
        honoured += honour[i] > 0
    if novices == 0 or honoured == 0:
        return
    each = min(p.mentoring, p.coach_load * honoured / novices)
    for m in range(len(rows)):
        dose[m] += each if experience[rows[m]] < NOVICE_YEARS else 0.0
        dose[m] += p.mentor_return * each * novices / honoured if honour[rows[m]] > 0 else 0.0


@compiled
def _cultivate(skill: Floats, honour: Codes, rows: Rows, doses_per_head: float, p: Numbers, dose: Floats) -> None:
    """Cultivation (梯队培养): doses to the best 30 % of those without honours, as far as there are coaches."""
    honoured = 0
    for i in rows:
        honoured += honour[i] > 0
    others = len(rows) - honoured
    wanted = int(np.ceil(RECIPIENT_SHARE * others))
    if honoured == 0 or wanted == 0:
        return
    skills = np.empty(others)
    count, taking_part = 0, 0
    for i in rows:
        if honour[i] == 0:
            skills[count] = skill[i]
            count += 1
    bar = np.sort(skills)[others - wanted]
    for value in skills:
        taking_part += value >= bar
    given = min(doses_per_head * len(rows), p.coach_load * honoured)
    for m in range(len(rows)):
        if honour[rows[m]] > 0:
            dose[m] += p.mentor_return * given / honoured
        elif skill[rows[m]] >= bar:
            dose[m] += given / taking_part


@compiled
def _train(ids: Ids, rows: Rows, cycle: int, year: int, p: Numbers, dose: Floats) -> None:
    """Full training in an n-year cycle reaches each teacher once a cycle."""
    for m in range(len(rows)):
        turn = int((ids[rows[m]] >> np.uint64(20)) % np.uint64(cycle))
        dose[m] += p.training_dose if turn == year % cycle else 0.0


@compiled
def _studio_dose(x: View, school: int, subject: int, p: Numbers) -> float:
    """Return coaching doses that masters of tied schools give to one subject team of this school."""
    total = 0.0
    for e in range(x.tie_start[school], x.tie_start[school + 1]):
        source = x.source[e]
        if x.layer[e] != GROUP_LAYER or x.studio[source] == 0.0 or x.research[e] <= 0.0:
            continue
        slot = source * TEAMS + subject
        for n in range(x.team_start[slot], x.team_start[slot + 1]):
            total += p.studio_dose if x.honour[x.team_order[n]] >= 2 else 0.0  # noqa: PLR2004
    return total


@compiled
def _follow_studio(x: View, rows: Rows, school: int, p: Numbers, dose: Floats) -> None:
    """Give doses of studios to the team's members without honours, shared by the schools of the group."""
    peers = 0
    for e in range(x.tie_start[school], x.tie_start[school + 1]):
        peers += x.layer[e] == GROUP_LAYER
    followers = 0
    for i in rows:
        followers += x.honour[i] == 0
    if followers == 0 or peers == 0:
        return
    each = min(1.0, _studio_dose(x, school, x.subject[rows[0]], p) / peers / followers)
    for m in range(len(rows)):
        dose[m] += each if x.honour[rows[m]] == 0 else 0.0


@compiled
def _coach_school(x: View, p: Numbers, school: int, year: int, studios: bool, load: float, dose: Floats) -> None:
    """Set the coaching doses (1/year) of everybody who works at a school, in team order."""
    first = x.team_start[school * TEAMS]
    rows = x.team_order[first : x.team_start[(school + 1) * TEAMS]]
    dose[:] = 0.0
    for k in range(TEAMS):
        begin, end = x.team_start[school * TEAMS + k] - first, x.team_start[school * TEAMS + k + 1] - first
        if end > begin:
            _mentor(x.experience, x.honour, rows[begin:end], p, dose[begin:end])
            if studios:
                _follow_studio(x, rows[begin:end], school, p, dose[begin:end])
    if x.cultivation[school] > 0.0:
        _cultivate(x.skill, x.honour, rows, x.cultivation[school], p, dose)
    if x.training[school] > 0:
        _train(x.id, rows, x.training[school], year, p, dose)
    everybody = p.training_dose * x.trained[school] + (p.uplift_dose * x.uplift[school] if x.weakest[school] else 0.0)
    for m in range(len(rows)):
        dose[m] += everybody + (p.mentor_return * load if x.honour[rows[m]] > 0 else 0.0)


@compiled
def _team_growth(
    x: View, p: Numbers, school: int, skill: Floats, faded: Floats, order: Positions, learned: Floats
) -> None:
    """Set `learned` to what everybody at one school learns within the own team."""
    start, teams = x.team_start, x.team_order
    first = start[school * TEAMS]
    skills, inverse, top = x.skill, -1.0 / p.absorptive_range, x.skill[teams[first]]
    for m in range(len(skill)):
        skill[m] = skills[teams[first + m]]
    for m in range(len(skill)):
        faded[m] = exp((skill[m] - top) * inverse)
    for k in range(TEAMS):
        begin, end = start[school * TEAMS + k] - first, start[school * TEAMS + k + 1] - first
        if end > begin:
            learn_in_team(skill[begin:end], faded[begin:end], p.weak_peer_ratio, order, learned[begin:end])


@compiled
def _net_of_ordinary(
    x: View, p: Numbers, school: int, rate: float, skill: Floats, learned: Floats, dose: Floats
) -> None:
    """Turn lessons into growth beyond the reference, and doses into coaching, both in the school's climate."""
    region = x.region[school]
    practice = x.practice[school, 0] + x.practice[school, 1] + x.practice[school, 2]
    factor = climate(p.environment_ratio, practice, x.practice_mean[region], x.practice_sd[region])
    table, low, step = x.reference[region], x.reference_low[region], x.reference_step[region]
    for m in range(len(skill)):
        net = p.peer_rate * (learned[m] - reference_lesson(table, low, step, skill[m]))
        learned[m] = net * factor if net > 0.0 else net
        dose[m] *= rate * factor


@compiled
def _most_at_once(team_start: Rows, tie_start: Rows) -> tuple[int, int]:
    """Return the largest staff of a school and the largest number of ties into one."""
    staff, ties = 1, 1
    for s in range(len(tie_start) - 1):
        staff = max(staff, team_start[(s + 1) * TEAMS] - team_start[s * TEAMS])
        ties = max(ties, tie_start[s + 1] - tie_start[s])
    return staff, ties


@compiled
def grow(
    x: View,
    p: Numbers,
    capacity: float,
    contacts: int,
    key: Key,
    term: int,
    year: int,
    learned: Floats,
    coached: Floats,
) -> None:
    """Set growth (σ/year) and coaching rate (σ/year) of every teacher, in team order (N,)."""
    rate = coaching_rate(p.coaching_gain, p.ceiling, p.fade)
    staff, ties = _most_at_once(x.team_start, x.tie_start)
    skill, faded, gaps, order = np.empty(staff), np.empty(staff), np.empty(staff), np.empty(staff, dtype=np.int64)
    sources, sums = np.empty(ties, dtype=np.int64), np.empty(ties)
    studios = bool(x.studio.any())
    for school in range(len(x.region)):
        first, last = x.team_start[school * TEAMS], x.team_start[(school + 1) * TEAMS]
        size = last - first
        if size == 0:
            continue
        _team_growth(x, p, school, skill[:size], faded[:size], order, learned[first:last])
        count, total = _research_ties(x.tie_start[school], x.tie_start[school + 1], x.source, x.strength, sources, sums)
        if count > 0:
            found = sources, sums, count, total
            rows = x.team_order[first:last]
            _learn_across(x, rows, contacts, found, p, key, term, skill[:size], gaps[:size], learned[first:last])
        _coach_school(x, p, school, year, studios, x.outreach[school] / capacity, coached[first:last])
        _net_of_ordinary(x, p, school, rate, skill[:size], learned[first:last], coached[first:last])


@compiled
def ordinary_growth(x: Growth, ceiling: float, learned: Floats, coached: Floats, regions: int) -> Floats:
    """Return the mean growth of each region (σ/year): what is ordinary there."""
    total, count = np.zeros(regions), np.zeros(regions)
    for n in range(x.team_start[-1]):
        i = x.team_order[n]
        region = x.region[x.post[i]]
        total[region] += learned[n] + coached[n] * max(0.0, 1.0 - x.before[i] / ceiling)
        count[region] += 1.0
    for k in range(regions):
        total[k] = total[k] / count[k] if count[k] > 0.0 else 0.0
    return total


@compiled
def relax_extra(
    x: Growth, p: Numbers, ordinary: Floats, learned: Floats, coached: Floats, dt: float, extra: Floats, skill: Floats
) -> None:
    """Move `extra` along d extra/dt = growth + coaching·(1 − extra/ceiling)⁺ − δ·extra, exactly over dt."""
    faded, gained = exp(-p.fade * dt), dt * expm1_ratio(p.fade * dt)
    present = x.team_start[-1]
    for n in range(len(extra)):
        i = x.team_order[n]
        if n >= present:
            extra[i], skill[i] = x.before[i], x.was[i]
            continue
        force = learned[n] - ordinary[x.region[x.post[i]]]
        before = x.before[i]
        if coached[n] > 0.0 and before < p.ceiling:
            speed = p.fade + coached[n] / p.ceiling
            extra[i] = before * exp(-speed * dt) + (force + coached[n]) * dt * expm1_ratio(speed * dt)
        else:
            extra[i] = before * faded + force * gained
        skill[i] = x.talent[i] + x.career[i] + extra[i] + x.match[i]


def _step(world: World, attributes: Attributes, parameters: Parameters, moment: Moment, pool: Pool) -> Changes:
    view, growth = gather(View, world, attributes), gather(Growth, world, attributes)
    p = parameters.learning
    learned, coached = pool.like(growth.before), pool.like(growth.before)
    contacts = max(1, int(p.contacts * moment.dt + 0.5))
    grow(view, p, parameters.attention.capacity, contacts, moment.key, moment.term, moment.year, learned, coached)
    extra, skill = pool.like(growth.before), pool.like(growth.was)
    changes: Changes = {"teachers": {"extra": extra, "skill": skill}}
    ordinary = world.regions.ordinary
    if moment.burn_in:
        ordinary = ordinary_growth(growth, p.ceiling, learned, coached, len(ordinary))
        anchor = world.regions.ordinary_anchor + moment.standing * ordinary
        changes["regions"] = {"ordinary": ordinary, "ordinary_anchor": anchor}
    relax_extra(growth, p, ordinary, learned, coached, moment.dt, extra, skill)
    pool.release(learned, coached)
    return changes


learning = Process(
    "learning",
    STREAM,
    annual=False,
    reads=(*reads_of(View, Growth), "regions.ordinary", "regions.ordinary_anchor"),
    writes=("teachers.extra", "teachers.skill", "regions.ordinary", "regions.ordinary_anchor"),
    step=_step,
)

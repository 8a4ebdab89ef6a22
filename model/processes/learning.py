"""Teachers learn from better colleagues of their team and of tied schools, and from being coached.

Sources: jackson2009 on peers, sun2017 on direction, cohen1990 on absorptive range, kraft2018 on coaching,
kraft2014 on the school as an environment. What an ordinary career teaches is in the career return already, so only
what exceeds an ordinary team's learning counts here.
"""

from typing import Annotated, NamedTuple

import numpy as np

from model.arithmetic import exp, expm1_ratio, log, nth_smallest
from model.attributes import Attributes
from model.chance import Key, Stream, uniform2
from model.codes import Channel, Honour, TieLayer
from model.columns import TEAMS, Codes, Flags, Floats, Ids, Positions, Rows
from model.compilation import compiled, helper, inlined, maker
from model.parameters import Learning as Numbers
from model.parameters import Parameters
from model.process import Moment, Process, gather, reads_of
from model.processes.practice import summed_practice
from model.teams import MIXED
from model.world import Changes, Pool, World, frozen, seen

NOVICE_YEARS = 3.0
RECIPIENT_SHARE = 0.3
QUARTILES = 1.35


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


@helper
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
def reference_place(low: float, step: float, points: int, skill: float) -> float:
    """Return where a skill lies in the region's table: at which of its points, or how far past it."""
    return min(max((skill - low) / step, 0.0), points - 1.000001)


@inlined
def reference_lesson(table: Floats, place: float) -> float:
    """Return L_ref: what a teacher of this skill learns among the region's baseline population (interpolated)."""
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


@helper
def climate(ratio: float, practice: float, mean: float, sd: float) -> float:
    """Return the factor on growth at a school: ratio^(z/1.35), z its standardised practice."""
    z = (practice - mean) / sd if sd > 0.0 else 0.0
    return exp(log(ratio) * z / QUARTILES)


class Room(NamedTuple):
    """Scratch for one school, by teacher in team order; by research tie its source and the running sum of weight."""

    ids: Ids
    skill: Floats
    faded: Floats
    gaps: Floats
    u: Floats
    v: Floats
    order: Positions
    sources: Positions
    sums: Floats


@inlined
def _research_ties(x: View, school: int, sources: Positions, sums: Floats) -> tuple[int, float]:
    """List the sources of research ties into a school with running sums of weight; return their number and total."""
    count, total = 0, 0.0
    for e in range(x.tie_start[school], x.tie_start[school + 1]):
        if x.strength[e, Channel.RESEARCH] > 0.0:
            total += x.strength[e, Channel.RESEARCH]
            sources[count], sums[count] = x.source[e], total
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


@inlined
def _meet(x: View, rows: Rows, count: int, total: float, room: Room) -> None:
    """Set by how much (σ) the colleague whom each of `rows` meets at a tied school is better."""
    for m in range(len(rows)):
        k = 0
        while k < count - 1 and room.sums[k] <= room.u[m] * total:
            k += 1
        other = _colleague(room.sources[k], x.subject[rows[m]], room.v[m], x.team_start)
        room.gaps[m] = x.skill[x.team_order[other]] - room.skill[m] if other >= 0 else 0.0


@inlined
def _learn_across(
    x: View, rows: Rows, contacts: int, count: int, total: float, p: Numbers, key: Key, term: int, room: Room,
    out: Floats,
) -> None:  # fmt: skip
    """Add to `out` what the teachers in `rows` learn from colleagues met at tied schools, one draw a contact."""
    ids, u, v, gaps = room.ids, room.u, room.v, room.gaps
    share = p.cross_school_ratio * min(1.0, total) / contacts
    inverse, weak = -1.0 / p.absorptive_range, p.weak_peer_ratio
    for m in range(len(rows)):
        ids[m] = x.id[rows[m]]
    for n in range(contacts):
        for m in range(len(rows)):
            u[m], v[m] = uniform2(key, ids[m], term, Stream.LEARNING, n)
        _meet(x, rows, count, total, room)
        for m in range(len(rows)):
            better = max(gaps[m], 0.0)
            out[m] += share * (better * exp(better * inverse) + weak * min(gaps[m], 0.0))


@inlined
def _mentor(x: View, begin: int, end: int, p: Numbers, dose: Floats) -> None:
    """Novices of a team are mentored by its honoured members, who gain from it."""
    novices, honoured = 0, 0
    for n in range(begin, end):
        novices += x.experience[x.team_order[n]] < NOVICE_YEARS
        honoured += x.honour[x.team_order[n]] != Honour.NONE
    if novices == 0 or honoured == 0:
        return
    each = min(p.mentoring, p.coach_load * honoured / novices)
    for n in range(begin, end):
        dose[n] += each if x.experience[x.team_order[n]] < NOVICE_YEARS else 0.0
        dose[n] += p.mentor_return * each * novices / honoured if x.honour[x.team_order[n]] != Honour.NONE else 0.0


@helper
def _cultivate(x: View, school: int, p: Numbers, skills: Floats, dose: Floats) -> None:
    """Cultivation (梯队培养): doses to the best 30 % of those without honours, as far as there are coaches."""
    first, last = x.team_start[school * TEAMS], x.team_start[(school + 1) * TEAMS]
    others, taking_part = 0, 0
    for n in range(first, last):
        if x.honour[x.team_order[n]] == Honour.NONE:
            skills[others] = x.skill[x.team_order[n]]
            others += 1
    honoured, wanted = last - first - others, int(np.ceil(RECIPIENT_SHARE * others))
    if honoured == 0 or wanted == 0:
        return
    bar = nth_smallest(skills[:others], others - wanted)
    for m in range(others):
        taking_part += skills[m] >= bar
    given = min(x.cultivation[school] * (last - first), p.coach_load * honoured)
    for n in range(first, last):
        if x.honour[x.team_order[n]] != Honour.NONE:
            dose[n] += p.mentor_return * given / honoured
        elif x.skill[x.team_order[n]] >= bar:
            dose[n] += given / taking_part


@helper
def _train(x: View, school: int, year: int, p: Numbers, dose: Floats) -> None:
    """Full training in an n-year cycle reaches each teacher once a cycle."""
    cycle = x.training[school]
    for n in range(x.team_start[school * TEAMS], x.team_start[(school + 1) * TEAMS]):
        turn = int((x.id[x.team_order[n]] >> np.uint64(20)) % np.uint64(cycle))
        dose[n] += p.training_dose if turn == year % cycle else 0.0


@helper
def _studio_dose(x: View, school: int, subject: int, p: Numbers) -> float:
    """Return coaching doses that masters of tied schools give to one subject team of this school."""
    total = 0.0
    for e in range(x.tie_start[school], x.tie_start[school + 1]):
        source = x.source[e]
        if x.layer[e] != TieLayer.GROUP or x.studio[source] == 0.0 or x.research[e] <= 0.0:
            continue
        slot = source * TEAMS + subject
        for n in range(x.team_start[slot], x.team_start[slot + 1]):
            total += p.studio_dose if x.honour[x.team_order[n]] >= Honour.MASTER else 0.0
    return total


@helper
def _follow_studio(x: View, begin: int, end: int, school: int, p: Numbers, dose: Floats) -> None:
    """Give doses of studios to the team's members without honours, shared by the schools of the group."""
    peers = 0
    for e in range(x.tie_start[school], x.tie_start[school + 1]):
        peers += x.layer[e] == TieLayer.GROUP
    followers = 0
    for n in range(begin, end):
        followers += x.honour[x.team_order[n]] == Honour.NONE
    if followers == 0 or peers == 0:
        return
    each = min(1.0, _studio_dose(x, school, x.subject[x.team_order[begin]], p) / peers / followers)
    for n in range(begin, end):
        dose[n] += each if x.honour[x.team_order[n]] == Honour.NONE else 0.0


@inlined
def _coach_school(
    x: View, p: Numbers, school: int, year: int, studios: bool, load: float, room: Room, dose: Floats
) -> None:  # fmt: skip
    """Set the coaching doses (1/year) of everybody who works at a school, in team order."""
    first, last = x.team_start[school * TEAMS], x.team_start[(school + 1) * TEAMS]
    for n in range(first, last):
        dose[n] = 0.0
    for k in range(TEAMS):
        begin, end = x.team_start[school * TEAMS + k], x.team_start[school * TEAMS + k + 1]
        if end > begin:
            _mentor(x, begin, end, p, dose)
            if studios:
                _follow_studio(x, begin, end, school, p, dose)
    if x.cultivation[school] > 0.0:
        _cultivate(x, school, p, room.gaps, dose)
    if x.training[school] > 0:
        _train(x, school, year, p, dose)
    everybody = p.training_dose * x.trained[school] + (p.uplift_dose * x.uplift[school] if x.weakest[school] else 0.0)
    for n in range(first, last):
        dose[n] += everybody + (p.mentor_return * load if x.honour[x.team_order[n]] != Honour.NONE else 0.0)


@inlined
def _team_growth(x: View, p: Numbers, school: int, room: Room, learned: Floats) -> None:
    """Set `learned` to what everybody at one school learns within the own team."""
    start, skill, faded = x.team_start, room.skill, room.faded
    first = start[school * TEAMS]
    inverse, top = -1.0 / p.absorptive_range, x.skill[x.team_order[first]]
    for m in range(len(learned)):
        skill[m] = x.skill[x.team_order[first + m]]
    for m in range(len(learned)):
        faded[m] = exp((skill[m] - top) * inverse)
    for k in range(TEAMS):
        begin, end = start[school * TEAMS + k] - first, start[school * TEAMS + k + 1] - first
        if end > begin:
            learn_in_team(skill[begin:end], faded[begin:end], p.weak_peer_ratio, room.order, learned[begin:end])


@inlined
def _net_of_ordinary(x: View, p: Numbers, school: int, rate: float, room: Room, learned: Floats, dose: Floats) -> None:
    """Turn lessons into growth beyond the reference, and doses into coaching, both in the school's climate."""
    region, first, places = x.region[school], x.team_start[school * TEAMS], room.gaps
    size = x.team_start[(school + 1) * TEAMS] - first
    practice = summed_practice(x.practice, school)
    factor = climate(p.environment_ratio, practice, x.practice_mean[region], x.practice_sd[region])
    low, step, table = x.reference_low[region], x.reference_step[region], x.reference[region]
    for m in range(size):
        places[m] = reference_place(low, step, len(table), room.skill[m])
    for m in range(size):
        net = p.peer_rate * (learned[first + m] - reference_lesson(table, places[m]))
        learned[first + m] = net * factor if net > 0.0 else net
        dose[first + m] *= rate * factor


@maker
def _room_for(team_start: Rows, tie_start: Rows) -> Room:
    """Return room for the largest staff of a school and the largest number of ties into one."""
    staff, ties = 1, 1
    for s in range(len(tie_start) - 1):
        staff = max(staff, team_start[(s + 1) * TEAMS] - team_start[s * TEAMS])
        ties = max(ties, tie_start[s + 1] - tie_start[s])
    ids, order, sources = np.empty(staff, np.uint64), np.empty(staff, np.int64), np.empty(ties, np.int64)
    skill, faded, gaps, u, v = np.empty(staff), np.empty(staff), np.empty(staff), np.empty(staff), np.empty(staff)
    return Room(ids, skill, faded, gaps, u, v, order, sources, np.empty(ties))


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
    room = _room_for(x.team_start, x.tie_start)
    studios = bool(x.studio.any())
    for school in range(len(x.region)):
        first, last = x.team_start[school * TEAMS], x.team_start[(school + 1) * TEAMS]
        if first == last:
            continue
        _team_growth(x, p, school, room, learned[first:last])
        count, total = _research_ties(x, school, room.sources, room.sums)
        if count > 0:
            rows = x.team_order[first:last]
            _learn_across(x, rows, contacts, count, total, p, key, term, room, learned[first:last])
        _coach_school(x, p, school, year, studios, x.outreach[school] / capacity, room, coached)
        _net_of_ordinary(x, p, school, rate, room, learned, coached)


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
    before = growth._replace(before=seen(growth.before), was=seen(growth.was))
    extra, skill = pool.own(growth.before), pool.own(growth.was)
    changes: Changes = {"teachers": {"extra": extra, "skill": skill}}
    ordinary = world.regions.ordinary
    if moment.burn_in:
        ordinary = frozen(ordinary_growth(growth, p.ceiling, learned, coached, len(ordinary)))
        anchor = world.regions.ordinary_anchor + moment.standing * ordinary
        changes["regions"] = {"ordinary": ordinary, "ordinary_anchor": anchor}
    relax_extra(before, p, ordinary, learned, coached, moment.dt, extra, skill)
    pool.release(learned, coached)
    return changes


learning = Process(
    "learning",
    Stream.LEARNING,
    annual=False,
    reads=(*reads_of(View, Growth), "regions.ordinary", "regions.ordinary_anchor"),
    writes=("teachers.extra", "teachers.skill", "regions.ordinary", "regions.ordinary_anchor"),
    step=_step,
)

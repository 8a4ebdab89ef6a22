"""Lessons: what colleagues of the own team and of tied schools teach, and what an ordinary career teaches already.

Sources: jackson2009, sun2017, cohen1990.
"""

from model.arithmetic import exp
from model.chance import Key, Stream, uniform2
from model.codes import Channel
from model.columns import TEAMS, Floats, Positions, Rows
from model.compilation import helper, inlined
from model.parameters import Learning as Numbers
from model.processes.learning.view import Room, View
from model.teams import MIXED


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
def team_growth(x: View, p: Numbers, school: int, room: Room, learned: Floats) -> None:
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
def research_ties(x: View, school: int, sources: Positions, sums: Floats) -> tuple[int, float]:
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
def learn_across(
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
def reference_place(low: float, step: float, points: int, skill: float) -> float:
    """Return where a skill lies in the region's table: at which of its points, or how far past it."""
    return min(max((skill - low) / step, 0.0), points - 1.000001)


@inlined
def reference_lesson(table: Floats, place: float) -> float:
    """Return L_ref: what a teacher of this skill learns among the region's baseline population (interpolated)."""
    k = int(place)
    return table[k] + (place - k) * (table[k + 1] - table[k])

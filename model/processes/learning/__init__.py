"""Teachers learn from better colleagues of their team and of tied schools, and from being coached.

Sources: jackson2009 on peers, sun2017 on direction, cohen1990 on absorptive range, kraft2018 on coaching,
kraft2014 on the school as an environment. What an ordinary career teaches is in the career return already, so only
what exceeds an ordinary team's learning counts here.
"""

import numpy as np

from model.arithmetic import exp, expm1_ratio, log
from model.attributes import Attributes
from model.chance import Key, Stream
from model.columns import TEAMS, Floats, Rows
from model.compilation import compiled, helper, inlined, maker
from model.parameters import Learning as Numbers
from model.parameters import Parameters
from model.process import Moment, Process, gather, reads_of
from model.processes.learning.coaching import coach_school, coaching_rate
from model.processes.learning.peers import learn_across, reference_lesson, reference_place, research_ties, team_growth
from model.processes.learning.view import Growth, Room, View
from model.processes.practice import summed_practice
from model.world import Changes, Pool, World, frozen, seen

QUARTILES = 1.35


@helper
def climate(ratio: float, practice: float, mean: float, sd: float) -> float:
    """Return the factor on growth at a school: ratio^(z/1.35), z its standardised practice."""
    z = (practice - mean) / sd if sd > 0.0 else 0.0
    return exp(log(ratio) * z / QUARTILES)


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
        team_growth(x, p, school, room, learned[first:last])
        count, total = research_ties(x, school, room.sources, room.sums)
        if count > 0:
            rows = x.team_order[first:last]
            learn_across(x, rows, contacts, count, total, p, key, term, room, learned[first:last])
        coach_school(x, p, school, year, studios, x.outreach[school] / capacity, room, coached)
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

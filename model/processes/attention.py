"""A school has little time for others: effort, attention and reach decide what a tie carries.

Dilution by span: one lead, fixed hours, more members. Effort follows what the lead is judged on (documents Y9, Z9, H7).
"""

from typing import Annotated, NamedTuple

import numpy as np

from model.arithmetic import exp, power
from model.attributes import Attributes
from model.chance import Stream
from model.codes import Channel
from model.columns import TEAMS, Flags, Floats, Rows
from model.compilation import compiled, helper, inlined, maker
from model.parameters import Attention as Numbers
from model.parameters import Parameters, Transfer
from model.process import Moment, Process, gather, reads_of
from model.processes.practice import summed_practice
from model.world import Changes, Pool, World


class People(NamedTuple):
    """Who works where."""

    home: Annotated[Rows, "teachers.home"]
    post: Annotated[Rows, "teachers.post"]
    visiting: Annotated[Rows, "teachers.visiting"]
    visit_share: Annotated[Floats, "teachers.visit_share"]
    tie_start: Annotated[Rows, "index.tie_start"]
    source: Annotated[Rows, "ties.source"]


class Edges(NamedTuple):
    """What attention knows of ties and of the schools at their ends; the last five are spare columns to fill."""

    source: Annotated[Rows, "ties.source"]
    target: Annotated[Rows, "ties.target"]
    distance: Annotated[Floats, "ties.distance"]
    trust: Annotated[Floats, "ties.trust"]
    practice: Annotated[Floats, "schools.practice"]
    demand: Annotated[Floats, "attributes.demand"]
    stake: Annotated[Floats, "attributes.stake"]
    supervision: Annotated[Floats, "attributes.supervision"]
    since: Annotated[Floats, "attributes.since"]
    self_picked: Annotated[Flags, "attributes.self_picked"]
    online: Annotated[Floats, "attributes.online"]
    head_carried: Annotated[Floats, "attributes.head_carried"]
    coordination: Annotated[Floats, "attributes.coordination"]
    weight: Annotated[Floats, "attributes.weight"]
    authority: Annotated[Floats, "attributes.authority"]
    research: Annotated[Floats, "attributes.research"]
    research_authority: Annotated[Floats, "attributes.research_authority"]
    openness: Annotated[Floats, "attributes.openness"]
    attention: Floats
    outreach: Floats
    participation: Floats
    contact: Floats
    strength: Floats


@inlined
def effort(base: float, stake: float, supervision: float, years: float, relapse: float) -> float:
    """Return effort ε on a tie: ε₀ with nothing at stake, relapsing to it where nobody supervises."""
    full = 1.0 - (1.0 - base) * (1.0 - stake)
    return base + (full - base) * exp(-relapse * (1.0 - supervision) * max(0.0, years))


@helper
def attention_share(wanted: float, capacity: float) -> float:
    """Return a = min(1, h/D): the share of the time wanted that can be given."""
    return 1.0 if wanted <= capacity else capacity / wanted


@inlined
def remote_reach(online: float, fidelity: float, km: float, scale: float) -> float:
    """Return the reach of those who are not there: less online, and falling with distance otherwise."""
    return online * fidelity + (1.0 - online) * exp(-km / scale)


@inlined
def reach(carried: float, remote: float) -> float:
    """Return reach r: 1 for what people who are there carry, that of the others for the rest."""
    return carried + (1.0 - carried) * remote


@maker
def staff_of(team_start: Rows) -> Floats:
    """Return the number of teachers who work at each school."""
    schools = (len(team_start) - 1) // TEAMS
    out = np.empty(schools)
    for s in range(schools):
        out[s] = team_start[(s + 1) * TEAMS] - team_start[s * TEAMS]
    return out


@helper
def _add_presence(t: People, source: int, target: int, share: float, presence: Floats) -> None:
    for e in range(t.tie_start[target], t.tie_start[target + 1]):
        if t.source[e] == source:
            presence[e] += share


@maker
def presence_of(t: People, target: Rows, staff: Floats) -> Floats:
    """Return the share of the target's staff that comes from the source, per tie."""
    presence = np.zeros(len(target))
    for i in range(len(t.post)):
        if t.post[i] != t.home[i]:
            _add_presence(t, t.home[i], t.post[i], 1.0, presence)
        if t.visiting[i] >= 0:
            _add_presence(t, t.home[i], t.visiting[i], t.visit_share[i], presence)
    for e in range(len(presence)):
        presence[e] = min(1.0, presence[e] / max(1.0, staff[target[e]]))
    return presence


@maker
def _efforts(x: Edges, p: Numbers, time: float) -> Floats:
    out = np.empty(len(x.source))
    for e in range(len(out)):
        out[e] = effort(p.base_effort, x.stake[e], x.supervision[e], time - x.since[e], p.relapse)
    return out


@maker
def _wanted(x: Edges, p: Numbers, efforts: Floats) -> Floats:
    """Return the staff time wanted on each tie, as a share of the target's staff."""
    out = np.empty(len(efforts))
    for e in range(len(out)):
        out[e] = p.demand * efforts[e] * x.demand[e] * (1.0 - p.online_saving * x.online[e])
    return out


@maker
def _settle(x: Edges, p: Numbers, wanted: Floats, staff: Floats) -> None:
    """Set attention, outreach and participation of every school."""
    asked = np.zeros(len(staff))
    for e in range(len(wanted)):
        if staff[x.target[e]] > 0.0:
            asked[x.source[e]] += p.coordination * x.coordination[e]
            asked[x.source[e]] += wanted[e] * staff[x.target[e]] / max(1.0, staff[x.source[e]])
    for j in range(len(asked)):
        x.attention[j] = attention_share(asked[j], p.capacity)
        x.outreach[j] = min(p.capacity, asked[j])
        x.participation[j] = 0.0
    for e in range(len(wanted)):
        if staff[x.source[e]] > 0.0:
            x.participation[x.target[e]] += p.participation * wanted[e] * x.attention[x.source[e]]


@inlined
def channel_effort(effort: float, weights: Floats, strongest: int, picked: bool, channel: int) -> float:
    """Return effort on one channel; where the lead picks its project, its strongest channel is served first."""
    if not picked or weights[strongest] <= 0.0:
        return effort
    total = 0.0
    for w in weights:
        total += w
    first = min(1.0, effort * total / weights[strongest])
    if channel == strongest:
        return first
    rest = total - weights[strongest]
    return (effort * total - first * weights[strongest]) / rest if rest > 0.0 else effort


@inlined
def _strongest(practice: Floats) -> int:
    best = 0
    for c in range(1, len(practice)):
        if practice[c] > practice[best]:
            best = c
    return best


@inlined
def authority_ratio(cross_entity: float, authority: float, over_management: float, carried: float) -> float:
    """Return what is left of transfer without full authority; what seconded staff teach follows the contract."""
    ratio = power(cross_entity, 1.0 - authority)
    return ratio + carried * max(0.0, over_management - authority) * (1.0 - ratio)


@inlined
def _carry(
    x: Edges, e: int, effort: float, presence: float, p: Transfer, shares: tuple[float, float, float], weights: Floats
) -> None:
    """Set the effective weights of one tie, and its contact: the weights before trust and authority."""
    cross_entity, head_share, rivalry = shares
    source = x.source[e]
    for c in range(x.weight.shape[1]):
        weights[c] = x.weight[e, c]
    weights[Channel.RESEARCH] = x.research[e]
    strongest = _strongest(x.practice[source])
    remote = remote_reach(x.online[e], p.online_fidelity, x.distance[e], p.distance)
    x.contact[e] = 0.0
    for c in range(len(weights)):
        x.strength[e, c] = 0.0
        if weights[c] == 0.0:
            continue
        carried = head_share * x.head_carried[e] if c == Channel.MANAGEMENT else presence
        given = channel_effort(effort, weights, strongest, x.self_picked[e], c) * x.attention[source]
        met = weights[c] * given * reach(carried, remote)
        authority = x.research_authority[e] if c == Channel.RESEARCH else x.authority[e, c]
        taught = presence if c == Channel.TEACHING else 0.0
        ratio = authority_ratio(cross_entity, authority, x.authority[e, Channel.MANAGEMENT], taught)
        ratio *= 1.0 - rivalry * (1.0 - x.openness[source]) if c == Channel.RESEARCH else 1.0
        x.strength[e, c] = met * x.trust[e] * ratio
        x.contact[e] += met / len(weights)


@compiled
def _attend(
    x: Edges,
    t: People,
    team_start: Rows,
    p: Numbers,
    transfer: Transfer,
    shares: tuple[float, float, float],
    time: float,
) -> None:
    staff = staff_of(team_start)
    presence = presence_of(t, x.target, staff)
    efforts, weights = _efforts(x, p, time), np.empty(x.strength.shape[1])
    _settle(x, p, _wanted(x, p, efforts), staff)
    for e in range(len(efforts)):
        open_ends = staff[x.source[e]] > 0.0 and staff[x.target[e]] > 0.0
        if not open_ends or summed_practice(x.weight, e) + x.research[e] == 0.0:
            x.contact[e] = 0.0
            for c in range(len(weights)):
                x.strength[e, c] = 0.0
            continue
        _carry(x, e, efforts[e], presence[e], transfer, shares, weights)


def _step(world: World, attributes: Attributes, parameters: Parameters, moment: Moment, pool: Pool) -> Changes:
    schools = {name: pool.like(getattr(world.schools, name)) for name in ("attention", "outreach", "participation")}
    ties = {name: pool.like(getattr(world.ties, name)) for name in ("contact", "strength")}
    edges = gather(Edges, world, attributes, **schools, **ties)
    people = gather(People, world, attributes)
    shares = parameters.practice.cross_entity_ratio, parameters.heads.share, parameters.learning.rivalry
    _attend(edges, people, world.index.team_start, parameters.attention, parameters.transfer, shares, moment.time)
    return {"schools": schools, "ties": ties}


attention = Process(
    "attention",
    Stream.ATTENTION,
    annual=False,
    reads=(*reads_of(People, Edges), "index.team_start"),
    writes=(
        "schools.attention", "schools.outreach", "schools.participation", "ties.contact", "ties.strength",
    ),
    step=_step,
)  # fmt: skip

"""Practice spreads along ties, limited by fit and authority, and is renewed at home from what the best generate.

Sources: szulanski1996 on sticky transfer; bloom2020 on transfer within firms, and on decay; cohen1990 on absorptive
capacity.
A school has one full tie's worth of capacity and spends it where it closes most, so that a heavier tie to a better
school never lowers it, which a weighted mean over all ties would do.
"""

from typing import Annotated, NamedTuple

import numpy as np

from model.arithmetic import exp, expm1_ratio, log, relax
from model.attributes import Attributes
from model.chance import Stream
from model.codes import PRACTICES, Channel
from model.columns import TEAMS, Floats, Rows
from model.compilation import compiled, helper, inlined, maker
from model.parameters import Parameters, Transfer
from model.parameters import Practice as Numbers
from model.process import Moment, Process, gather, reads_of
from model.processes.heads import Governed, manage
from model.world import Changes, Pool, World

BEST_SHARE = 0.2
NOVICE = 0.0
BISECTIONS = 60
KINDS = len(PRACTICES)


class People(NamedTuple):
    """Who teaches where, and how well."""

    visiting: Annotated[Rows, "teachers.visiting"]
    visit_share: Annotated[Floats, "teachers.visit_share"]
    skill: Annotated[Floats, "teachers.skill"]
    match: Annotated[Floats, "teachers.match"]
    team_order: Annotated[Rows, "index.team_order"]
    team_start: Annotated[Rows, "index.team_start"]


class View(NamedTuple):
    """What practice knows of schools and ties; the last four are spare columns to fill."""

    tie_start: Annotated[Rows, "index.tie_start"]
    source: Annotated[Rows, "ties.source"]
    opens: Annotated[Floats, "schools.opens"]
    strength: Annotated[Floats, "ties.strength"]
    practice: Annotated[Floats, "schools.practice"]
    character: Annotated[Floats, "schools.character"]
    drive: Annotated[Floats, "schools.drive"]
    outreach: Annotated[Floats, "schools.outreach"]
    capacity: Annotated[Floats, "schools.capacity"]
    renewal_anchor: Annotated[Floats, "schools.renewal_anchor"]
    practice_anchor: Annotated[Floats, "schools.practice_anchor"]
    intake_anchor: Annotated[Floats, "schools.intake_anchor"]
    platform: Annotated[Floats, "attributes.platform"]
    autonomy_uptake: Annotated[Floats, "attributes.autonomy_uptake"]
    autonomy_fit: Annotated[Floats, "attributes.autonomy_fit"]
    best: Floats
    generated: Floats
    intake: Floats
    moved: Floats


class Numeric(NamedTuple):
    """Parameter groups the kernels read."""

    practice: Numbers
    transfer: Transfer
    capacity: float


@inlined
def summed_practice(by_channel: Floats, row: int) -> float:
    """Return the sum over the channels that are practices of a school, of a row of schools or ties."""
    return by_channel[row, Channel.MANAGEMENT] + by_channel[row, Channel.TEACHING] + by_channel[row, Channel.CULTURE]


@helper
def localisation(base: float, autonomy: float, capacity: float) -> float:
    """Return ℓ = ℓ₀ + (1 − ℓ₀) · autonomy · capacity: how far a school adapts what it takes over."""
    return base + (1.0 - base) * autonomy * capacity


@helper
def fit(localised: float, distance: float, scale: float) -> float:
    """Return f = exp(−(1 − ℓ)·|Δx|/ξ)."""
    return exp(-(1.0 - localised) * distance / scale)


@maker
def best_fifth(skill: Floats, weight: Floats) -> float:
    """Return the mean skill of the best fifth of teaching time; `weight` is each one's share of a post here."""
    total = 0.0
    for w in weight:
        total += w
    left = BEST_SHARE * total
    if left <= 0.0:
        return NOVICE
    share, value = left, 0.0
    for i in np.argsort(-skill, kind="mergesort"):
        used = min(weight[i], left)
        value += used * skill[i]
        left -= used
        if left <= 0.0:
            break
    return value / share


@inlined
def _best_of_whole(skill: Floats, rows: Rows, best: Floats) -> float:
    """Return the mean skill of the best fifth of `rows`, who all work full time; `best` has room for a fifth."""
    left = BEST_SHARE * len(rows)
    if left <= 0.0:
        return NOVICE
    share, value, count, most = left, 0.0, 0, int(np.ceil(left))
    for i in rows:
        if count == most and skill[i] <= best[count - 1]:
            continue
        n = min(count, most - 1)
        count = n + 1
        while n > 0 and best[n - 1] < skill[i]:
            best[n] = best[n - 1]
            n -= 1
        best[n] = skill[i]
    for n in range(count):
        used = min(1.0, left)
        value += used * best[n]
        left -= used
    return value / share


@maker
def _visitors(visiting: Rows, schools: int) -> tuple[Rows, Rows]:
    """Return visiting teachers ordered by the school visited, and each school's start."""
    start = np.zeros(schools + 1, dtype=np.int32)
    for i in range(len(visiting)):
        if visiting[i] >= 0:
            start[visiting[i] + 1] += 1
    for s in range(schools):
        start[s + 1] += start[s]
    order = np.empty(start[schools], dtype=np.int32)
    cursor = start[:-1].copy()
    for i in range(len(visiting)):
        if visiting[i] >= 0:
            order[cursor[visiting[i]]] = i
            cursor[visiting[i]] += 1
    return order, start


@inlined
def _all_whole(visit_share: Floats, rows: Rows) -> bool:
    """Whether everybody in `rows` works at one school only."""
    elsewhere = 0
    for i in rows:
        elsewhere += visit_share[i] > 0.0
    return elsewhere == 0


@maker
def _best_of_parts(t: People, rows: Rows, guests: Rows) -> float:
    """Return the mean skill of the best fifth of teaching time of staff and visitors."""
    count = len(rows) + len(guests)
    skill, weight = np.empty(count), np.empty(count)
    for n in range(len(rows)):
        skill[n], weight[n] = t.skill[rows[n]], 1.0 - t.visit_share[rows[n]]
    for n in range(len(guests)):
        i = guests[n]
        skill[len(rows) + n] = t.skill[i] - t.match[i]
        weight[len(rows) + n] = t.visit_share[i]
    return best_fifth(skill, weight)


@compiled
def best_of(t: People, out: Floats) -> None:
    """Set `out` to the mean skill of the best fifth of those who teach at each school."""
    visitors, start = _visitors(t.visiting, len(out))
    most = 0
    for s in range(len(out)):
        most = max(most, t.team_start[(s + 1) * TEAMS] - t.team_start[s * TEAMS])
    best = np.empty(most)
    for s in range(len(out)):
        rows = t.team_order[t.team_start[s * TEAMS] : t.team_start[(s + 1) * TEAMS]]
        if start[s] == start[s + 1] and (len(visitors) == 0 or _all_whole(t.visit_share, rows)):
            out[s] = _best_of_whole(t.skill, rows, best)
        else:
            out[s] = _best_of_parts(t, rows, visitors[start[s] : start[s + 1]])


@helper
def generated(best: float, drive: float, load: float, overload: float) -> float:
    """Return what renewal feeds on (σ): slack · drive · (best fifth above a novice)."""
    return (1.0 - overload * load) * drive * max(0.0, best - NOVICE)


class Scratch(NamedTuple):
    """Room for the ties into one school: tie row, fit, and by channel gap, weight, rate, offer and use."""

    rows: Rows
    fits: Floats
    gaps: Floats
    weights: Floats
    rates: Floats
    offers: Floats
    used: Floats


@helper
def _active_ties(x: View, p: Numeric, j: int, year: int, room: Scratch) -> int:
    """List the ties from open schools into school j that carry practice, with their fit; return their number."""
    localised = localisation(p.transfer.base_localisation, x.autonomy_fit[j], x.capacity[j])
    count = 0
    for e in range(x.tie_start[j], x.tie_start[j + 1]):
        carried = summed_practice(x.strength, e) + x.platform[e]
        if carried > 0.0 and x.opens[x.source[e]] <= year:
            distance = abs(x.character[x.source[e]] - x.character[j])
            room.rows[count], room.fits[count] = e, fit(localised, distance, p.transfer.misfit_scale)
            count += 1
    return count


@helper
def closed(gap: float, rate: float, weight: float, dt: float) -> float:
    """Return what of a gap (σ) one source closes over dt: gap · (1 − exp(−rate · weight · dt))."""
    return gap * rate * weight * dt * expm1_ratio(rate * weight * dt)


@helper
def _spent(offers: Floats, rates: Floats, weights: Floats, price: float, dt: float, used: Floats) -> float:
    """Set `used` to the weight spent on each source while its marginal gain exceeds `price`; return their sum."""
    total = 0.0
    for n in range(len(offers)):
        margin = offers[n] / price
        used[n] = 0.0
        if margin > 1.0:
            used[n] = min(weights[n], log(margin) / (rates[n] * dt))
        total += used[n]
    return total


@helper
def spend_attention(gaps: Floats, rates: Floats, weights: Floats, dt: float, offers: Floats, used: Floats) -> None:
    """Set how much of each tie a school uses: all, or where ties exceed one full tie, what closes most in total.

    Marginal gains are made equal (bisection on their price), so that a heavier tie to a better school never lowers
    what is closed.
    """
    total, high = 0.0, 0.0
    for n in range(len(gaps)):
        used[n] = weights[n] if gaps[n] > 0.0 else 0.0
        total += used[n]
        offers[n] = gaps[n] * rates[n] if used[n] > 0.0 else 0.0
        high = max(high, offers[n])
    if total <= 1.0:
        return
    low = 0.0
    for _ in range(BISECTIONS):
        price = 0.5 * (low + high)
        if _spent(offers, rates, weights, price, dt, used) > 1.0:
            low = price
        else:
            high = price
    _spent(offers, rates, weights, high, dt, used)


@helper
def _deposited(x: View, p: Numeric, room: Scratch, count: int, dt: float) -> float:
    """Return what the shared repository closes (σ): the gap to the best deposited practice."""
    best, offer = -1, 0.0
    for n in range(count):
        value = x.platform[room.rows[n]] * room.fits[n] * room.gaps[n]
        if value > offer:
            best, offer = n, value
    if best < 0:
        return 0.0
    rate = p.practice.transfer_rate * p.practice.platform_rate * p.transfer.online_fidelity
    return closed(room.gaps[best], rate * room.fits[best], x.platform[room.rows[best]], dt)


@helper
def _intake(x: View, p: Numeric, j: int, c: int, room: Scratch, count: int, dt: float) -> float:
    """Return what school j takes in on channel c over one term (σ), sources as they are at its start."""
    uptake = 1.0 - p.transfer.unlocalised_uptake * x.autonomy_uptake[j] if c == Channel.TEACHING else 1.0
    for n in range(count):
        e = room.rows[n]
        room.gaps[n] = x.practice[x.source[e], c] - x.practice[j, c]
        room.weights[n] = x.strength[e, c] * uptake
        room.rates[n] = p.practice.transfer_rate * room.fits[n]
    gaps, rates = room.gaps[:count], room.rates[:count]
    spend_attention(gaps, rates, room.weights[:count], dt, room.offers[:count], room.used[:count])
    total = _deposited(x, p, room, count, dt)
    for n in range(count):
        if room.used[n] > 0.0:
            total += closed(gaps[n], rates[n], room.used[n], dt)
    return total


@helper
def renewed(practice: float, taken_in: float, decay: float, target: float, dt: float) -> float:
    """Return practice after dt: relaxed to its target as exp(−ρt), plus what was taken in evenly over dt."""
    return relax(practice, target, decay, dt) + taken_in * expm1_ratio(decay * dt)


@compiled
def _spread(x: View, p: Numeric, dt: float, year: int, hold: bool) -> None:
    """Move every school's practice over one term; while `hold`, only measure intake (the standing state)."""
    most = 1
    for j in range(len(x.best)):
        most = max(most, x.tie_start[j + 1] - x.tie_start[j])
    room = Scratch(
        np.empty(most, dtype=np.int32),
        np.empty(most),
        np.empty(most),
        np.empty(most),
        np.empty(most),
        np.empty(most),
        np.empty(most),
    )
    for j in range(len(x.best)):
        if x.opens[j] > year:
            for c in range(KINDS):
                x.moved[j, c], x.intake[j, c] = x.practice[j, c], 0.0
            continue
        count = _active_ties(x, p, j, year, room)
        surplus = p.practice.renewal * (x.generated[j] - x.renewal_anchor[j]) / KINDS
        for c in range(KINDS):
            before = x.practice[j, c]
            taken = _intake(x, p, j, c, room, count, dt)
            x.intake[j, c] = taken / dt
            target = x.practice_anchor[j, c] + surplus
            after = renewed(before, taken - x.intake_anchor[j, c] * dt, p.practice.decay, target, dt)
            x.moved[j, c] = before if hold else after


@compiled
def _generate(t: People, x: View, p: Numeric) -> None:
    """Set the best fifth of every school, and what its renewal feeds on."""
    best_of(t, x.best)
    for j in range(len(x.best)):
        load = x.outreach[j] / p.capacity
        x.generated[j] = generated(x.best[j], x.drive[j], load, p.practice.renewal_overload)


def _anchor_new_schools(world: World, now: Moment, x: View, pool: Pool) -> tuple[View, dict[str, Floats]]:
    """Let a school that has just opened renew against what it generates now."""
    new = np.flatnonzero((world.schools.opens > now.year - 1) & (world.schools.opens <= now.year))
    if not now.autumn or len(new) == 0:
        return x, {}
    anchors = {name: pool.copy(getattr(x, name)) for name in ("renewal_anchor", "practice_anchor")}
    anchors["renewal_anchor"][new] = x.generated[new]
    anchors["practice_anchor"][new] = x.practice[new]
    return x._replace(**anchors), anchors


def _step(world: World, attributes: Attributes, parameters: Parameters, moment: Moment, pool: Pool) -> Changes:
    spare = {name: pool.like(getattr(world.schools, name)) for name in ("best", "generated", "intake")}
    moved, management = pool.like(world.schools.practice), pool.like(world.schools.management)
    x = gather(View, world, attributes, moved=moved, **spare)
    numbers = Numeric(parameters.practice, parameters.transfer, parameters.attention.capacity)
    _generate(gather(People, world, attributes), x, numbers)
    x, anchors = _anchor_new_schools(world, moment, x, pool)
    _spread(x, numbers, moment.dt, moment.year, moment.burn_in)
    heads = gather(Governed, world, attributes, practice=moved, management=management)
    manage(heads, parameters.heads, parameters.schools.sd_management, moment.year)
    if moment.standing > 0.0:
        anchors["renewal_anchor"] = x.renewal_anchor + moment.standing * x.generated
        anchors["intake_anchor"] = x.intake_anchor + moment.standing * x.intake
    return {"schools": {**spare, "practice": moved, "management": management, **anchors}}


practice = Process(
    "practice",
    Stream.PRACTICE,
    annual=False,
    reads=reads_of(People, View, Governed),
    writes=(
        "schools.practice", "schools.management", "schools.best", "schools.generated", "schools.intake",
        "schools.renewal_anchor", "schools.practice_anchor", "schools.intake_anchor",
    ),
    step=_step,
)  # fmt: skip

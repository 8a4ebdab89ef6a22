"""Good groupings of many schools: seeds, an exact assignment to them, then a keyed search by small exchanges.

Source: Dueck & Scheuer (1990), Threshold accepting, Journal of Computational Physics 90, on the search.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from model.chance import Key, Stream, key, stable_id, uniform, uniform2
from model.compilation import compiled
from scenarios.grouping.region import POINTS, Costs, Ints, Region, distances

NEIGHBOURS = 24
STEPS_PER_SCHOOL = 4_000
MOST_STEPS, LEAST_STEPS = 8_000_000, 50_000
RUNS, SHARED = 6, 1_000
"""Regions are searched so many times, each time with other chance; large ones less often, down to once."""
START = 1.5
"""Loss that is accepted at first, in units of cost; it falls to nothing."""
FORBIDDEN = 1e9
STREAM = int(Stream.DESIGN)
PLACE = "grouping"
NO, LEAD, EXCHANGE, RELOCATION = 1 << 60, 1, 2, 3


class State(NamedTuple):
    """A grouping that changes: by school its group, by group its lead (school and column), size and feature sums."""

    group: Ints
    lead: Ints
    column: Ints
    size: Ints
    sums: Ints


class Terms(NamedTuple):
    """What does not change: costs, each school's column among the leads (−1 for none), what is forced, neighbours."""

    member: Ints
    opening: Ints
    features: Ints
    column_of: Ints
    forced: Ints
    near: Ints


def seeds(region: Region, costs: Costs, groups: int) -> Ints:
    """Return the columns of so many leads: those that must, then each time the one that saves most; then exchanges."""
    price = np.where(costs.member < 0, np.int64(FORBIDDEN), costs.member)
    chosen = [int(m) for m in np.flatnonzero(region.forced)]
    now = price[:, chosen].min(axis=1) if chosen else np.full(region.size, np.int64(FORBIDDEN))
    while len(chosen) < groups:
        saved = np.maximum(now[:, None] - price, 0).sum(axis=0) - costs.lead
        saved[np.array(chosen, dtype=np.int64)] = np.iinfo(np.int64).min
        chosen.append(int(np.argmax(saved)))
        now = np.minimum(now, price[:, chosen[-1]])
    return np.array(sorted(chosen), dtype=np.int64)


def assigned(region: Region, costs: Costs, leads: Ints, sizes: tuple[int, int]) -> Ints | None:
    """Return the cheapest assignment of all schools to the leads given, by `member` alone; None where there is none.

    Every lead has as many slots as its group may have schools; the least number of them must be filled.
    """
    least, most = sizes
    price = np.where(costs.member[:, leads] < 0, FORBIDDEN, costs.member[:, leads]).astype(np.float64)
    rows = region.leads[leads]
    price[rows] = FORBIDDEN
    price[rows, np.arange(len(leads))] = 0.0
    must = np.repeat(np.arange(len(leads)), least)
    may = np.repeat(np.arange(len(leads)), most - least)[: len(leads) * (most - least)]
    if len(must) > region.size or len(must) + len(may) < region.size:
        return None
    bonus = FORBIDDEN * 16
    table = np.hstack([price[:, must] - bonus, price[:, may]])
    school, slot = linear_sum_assignment(table)
    taken = np.concatenate([must, may])[slot]
    if np.any(price[school, taken] >= FORBIDDEN) or np.count_nonzero(slot < len(must)) < len(must):
        return None
    chosen = np.empty(region.size, dtype=np.int64)
    chosen[school] = leads[taken]
    return chosen


def improved(region: Region, costs: Costs, start: Ints, sizes: tuple[int, int]) -> Ints:
    """Return the best grouping that searches from `start` meet; the same input gives the same on every machine."""
    terms = _terms(region, costs)
    runs = max(1, min(RUNS, SHARED // region.size))
    found = [start, *(_searched(region, terms, start, sizes, run) for run in range(runs))]
    return min(found, key=costs.of)


def _terms(region: Region, costs: Costs) -> Terms:
    column_of = np.full(region.size, -1, dtype=np.int64)
    column_of[region.leads] = np.arange(len(region.leads))
    forced = np.zeros(region.size, dtype=np.int64)
    forced[region.leads[region.forced]] = 1
    return Terms(costs.member, costs.lead, costs.features, column_of, forced, neighbours(region))


def _searched(region: Region, terms: Terms, start: Ints, sizes: tuple[int, int], run: int) -> Ints:
    columns = np.unique(start)
    group = np.searchsorted(columns, start)
    sums = np.zeros((len(columns), terms.features.shape[1]), dtype=np.int64)
    np.add.at(sums, group, terms.features)
    state = State(group, region.leads[columns], columns.copy(), np.bincount(group), sums)
    steps = min(MOST_STEPS, max(LEAST_STEPS, STEPS_PER_SCHOOL * region.size))
    best, lead = group.copy(), columns.copy()
    _search(state, terms, np.array(sizes), (steps, START * POINTS), key(0, run), stable_id(PLACE), best, lead)
    return np.asarray(lead[best])


def neighbours(region: Region) -> Ints:
    """Return the rows of the schools nearest to each, shape (n, k), nearest first."""
    places, count = region.places, min(NEIGHBOURS, region.size - 1)
    near = np.empty((region.size, count), dtype=np.int64)
    for n in range(region.size):
        apart = distances(places[n : n + 1], places)[0]
        apart[n] = -1
        near[n] = np.argsort(apart, kind="stable")[1 : count + 1]
    return near


@compiled
def _feature_change(state: State, terms: Terms, g: int, out: int, into: int) -> int:
    """Return by how much the feature costs of a group change when a school leaves (−1: none) and one comes."""
    change = 0
    for k in range(terms.features.shape[1]):
        old = state.sums[g, k]
        new = old
        if out >= 0:
            new -= terms.features[out, k]
        if into >= 0:
            new += terms.features[into, k]
        change += abs(new) - abs(old)
    return change


@compiled
def _led(state: State, terms: Terms, g: int, column: int, out: int) -> int:
    """Return the change of cost when another lead takes over a group but for the school `out`; `NO` if it may not."""
    change = terms.opening[column] - terms.opening[state.column[g]]
    for i in range(len(state.group)):
        if state.group[i] == g and i != out:
            new = terms.member[i, column]
            if new < 0:
                return NO
            change += new - terms.member[i, state.column[g]]
    return change


@compiled
def _shift(state: State, terms: Terms, i: int, g: int) -> None:
    """Move a school to a group."""
    old = state.group[i]
    for k in range(terms.features.shape[1]):
        state.sums[old, k] -= terms.features[i, k]
        state.sums[g, k] += terms.features[i, k]
    state.size[old] -= 1
    state.size[g] += 1
    state.group[i] = g


@compiled
def _relocation(state: State, terms: Terms, sizes: Ints, i: int, g: int) -> int:
    """Return the change of cost when a member goes to another group; too much where it may not."""
    old = state.group[i]
    new = terms.member[i, state.column[g]]
    if new < 0 or state.size[old] <= sizes[0] or state.size[g] >= sizes[1]:
        return NO
    change = new - terms.member[i, state.column[old]]
    return change + _feature_change(state, terms, old, i, -1) + _feature_change(state, terms, g, -1, i)


@compiled
def _exchange(state: State, terms: Terms, i: int, m: int) -> int:
    """Return the change of cost when two schools change places; where `i` leads, `m` takes the lead over from it."""
    g, h = state.group[i], state.group[m]
    if state.lead[h] == m:
        return NO
    change = _feature_change(state, terms, g, i, m) + _feature_change(state, terms, h, m, i)
    to_h = terms.member[i, state.column[h]]
    if to_h < 0:
        return NO
    if state.lead[g] != i:
        to_g = terms.member[m, state.column[g]]
        if to_g < 0:
            return NO
        return change + to_g + to_h - terms.member[i, state.column[g]] - terms.member[m, state.column[h]]
    column = terms.column_of[m]
    if column < 0 or terms.forced[i] == 1:
        return NO
    return change + to_h - terms.member[m, state.column[h]] + _led(state, terms, g, column, i)


@compiled
def _search(  # noqa: PLR0913 - a kernel takes arrays
    state: State,
    terms: Terms,
    sizes: Ints,
    effort: tuple[int, float],
    base: Key,
    ident: np.uint64,
    best: Ints,
    lead: Ints,
) -> None:
    """Try relocations, exchanges and new leads among neighbours; take what loses less than a falling threshold."""
    steps, first = effort
    cost, lowest = 0, 0
    for step in range(steps):
        threshold = int(first * (steps - step) / steps * uniform(base, ident, step, STREAM, 1))
        u, v = uniform2(base, ident, step, STREAM, 0)
        i = int(u * len(state.group))
        m = terms.near[i, int(v * terms.near.shape[1])]
        g, h = state.group[i], state.group[m]
        leads = state.lead[g] == i
        change, kind = NO, 0
        new = m if leads else i
        if g == h and terms.column_of[new] >= 0 and terms.forced[state.lead[g]] == 0:
            change, kind = _led(state, terms, g, terms.column_of[new], -1), LEAD
        elif g != h:
            change, kind = _exchange(state, terms, i, m), EXCHANGE
            away = NO if leads else _relocation(state, terms, sizes, i, h)
            if away < change:
                change, kind = away, RELOCATION
        if change > threshold:
            continue
        cost += change
        if kind == RELOCATION:
            _shift(state, terms, i, h)
        elif kind == EXCHANGE:
            _shift(state, terms, i, h)
            _shift(state, terms, m, g)
        if leads or kind == LEAD:
            state.lead[g] = new
            state.column[g] = terms.column_of[new]
        if cost < lowest:
            lowest = cost
            best[:] = state.group
            lead[:] = state.column

"""How many a school or a pool moves: a share of staff, or as many as even out backbone teachers or skill."""

import numpy as np

from model.codes import Quota
from model.columns import Flags, Floats, Positions
from model.compilation import helper, maker
from model.processes.rotation.case import Case, Tally, has_room, mean_ability, whole
from model.processes.rotation.choice import chosen_order, eligible_rows, race_keys, selection_strength
from model.processes.rotation.moves import send, send_home, try_to_send
from model.processes.rotation.places import blind_partner, may_go
from model.staff import ability


@helper
def set_caps(c: Case, schools: Positions) -> None:
    """Set how many each school may move this year, whole if full-time: share · staff, or backbone for the reservoir."""
    for j in schools:
        share = c.rules[j].share
        share = c.p.default_share if np.isnan(share) else share
        cap = share * (
            c.tally[j, Tally.BACKBONE] if c.rules[j].quota == Quota.EVEN_BACKBONE else c.tally[j, Tally.POSTS]
        )
        c.cap[j] = whole(c, j, cap) if c.rules[j].time_share >= 1.0 else cap


@maker
def send_quota(c: Case, school: int, schools: Positions) -> None:
    """One school sends its quota."""
    share, backbone = c.rules[school].share, c.rules[school].backbone_share
    share = c.p.default_share if np.isnan(share) else share
    backbone = c.p.default_backbone_share if np.isnan(backbone) else backbone
    rows = eligible_rows(c, school)
    base = len(rows) if c.rules[school].quota == Quota.ELIGIBLE else c.tally[school, Tally.POSTS]
    wanted = min(len(rows), int(whole(c, school, share * base)))
    strength = selection_strength(c.p.selection, c.sends_best[school])
    keys = race_keys(c.f, rows, strength, c.key, c.year)
    asked = chosen_order(c.f, rows, keys, wanted, int(np.ceil(backbone * wanted)))
    sent = 0
    for i in asked:
        if sent >= wanted:
            break
        sent += try_to_send(c, i, schools)


@helper
def _extreme(values: Floats, schools: Positions, opened: Flags, sign: float) -> int:
    """Return the open school with the largest sign · value, the first of equals, or −1."""
    best = -1
    for j in schools:
        if opened[j] and (best < 0 or sign * values[j] > sign * values[best]):
            best = j
    return best


@maker
def lend_backbone(c: Case, schools: Positions) -> bool:
    """One backbone teacher from where they are most plentiful to where they are scarcest; False when even."""
    cap, shares = c.cap, c.worth
    for j in schools:
        shares[j] = c.tally[j, Tally.BACKBONE] / max(1.0, c.tally[j, Tally.STAFF])
    high, low = _extreme(shares, schools, c.opened, 1.0), _extreme(shares, schools, c.opened, -1.0)
    if high < 0 or low < 0 or cap[high] < 1.0 or not has_room(c, low, 1.0):
        return False
    if shares[high] - shares[low] <= 1.0 / max(1.0, c.tally[high, Tally.STAFF]) + 1.0 / max(
        1.0, c.tally[low, Tally.STAFF]
    ):
        return False
    rows = eligible_rows(c, high)
    keys = race_keys(c.f, rows, selection_strength(c.p.selection, c.sends_best[high]), c.key, c.year)
    for i in chosen_order(c.f, rows, keys, 1, 0):
        partner = blind_partner(c, i, low, False)
        if partner >= 0 and has_room(c, high, 1.0) and may_go(c, i, low):
            send(c, i, low, partner)
            cap[high] -= 1.0
            return True
    return False


@helper
def _narrows(c: Case, i: int, j: int, gap: float, high: int, low: int) -> bool:
    """Whether exchanging i and j narrows the gap in mean ability without turning it round."""
    closed = (ability(c.f, i) - ability(c.f, j)) * (1.0 / c.tally[high, Tally.STAFF] + 1.0 / c.tally[low, Tally.STAFF])
    return closed > 0.0 and closed <= gap + c.p.tolerance


@maker
def even_skill_once(c: Case, schools: Positions) -> bool:
    """One exchange between the strongest and the weakest school of the pool; False when they are even."""
    cap, means = c.cap, c.worth
    for j in schools:
        means[j] = mean_ability(c, j)
    high, low = _extreme(means, schools, c.opened, 1.0), _extreme(means, schools, c.opened, -1.0)
    if high < 0 or high == low or means[high] - means[low] <= c.p.tolerance:
        return False
    if min(cap[high], cap[low]) < 1.0 or not (has_room(c, high, 1.0) and has_room(c, low, 1.0)):
        return False
    rows = eligible_rows(c, high)
    keys = race_keys(c.f, rows, selection_strength(c.p.selection, c.sends_best[high]), c.key, c.year)
    for i in chosen_order(c.f, rows, keys, 1, 0):
        partner = blind_partner(c, i, low, True)
        gap = means[high] - means[low]
        if partner >= 0 and _narrows(c, i, partner, gap, high, low) and may_go(c, i, low):
            send(c, i, low, partner)
            cap[high] -= 1.0
            cap[low] -= 1.0
            return True
    return False


@helper
def send_back(c: Case, schools: Positions) -> None:
    """End permanent exchanges that have come to widen the difference they were made to narrow."""
    for j in schools:
        for i in c.order[c.start[j] : c.start[j + 1]]:
            k = c.f.code[i].partner
            if k < 0 or c.f.amount[i].away_until != np.inf or ability(c.f, i) <= ability(c.f, k):
                continue
            if mean_ability(c, c.f.code[i].post) - mean_ability(c, j) > c.p.tolerance:
                send_home(c, i)
                send_home(c, k)

"""Teachers move between schools: stays end, and every pool of schools carries out this year's moves.

Pools are schools, groups or counties, as the policy says, and never cross levels or employers. Quotas either send a
share of staff, or even out backbone teachers (the reservoir), skill and subject cover (unified deployment), or cover
shortages.

Documents L8, Y5, H3, C9 and Z8 describe the policies; jackson2013 and xu2012 what moves with a teacher.
"""

import numpy as np

from model.attributes import BACKBONE_SHARE, POOL, QUOTA, RECEIVES, SENDS, SHARE, STAY, TIME_SHARE, Attributes
from model.chance import Key, Stream, uniform
from model.codes import Employment, Quota
from model.columns import Flags, Floats, Positions
from model.compilation import compiled, helper, maker
from model.moves import (
    Case,
    Draw,
    Tally,
    blind_partner,
    chosen_order,
    eligible_rows,
    has_room,
    is_eligible,
    may_go,
    mean_ability,
    race_keys,
    selection_strength,
    send,
    send_home,
    tally_up,
    try_to_send,
    whole,
)
from model.parameters import Parameters
from model.process import Moment, Process, columns_of
from model.staff import (
    AMOUNTS,
    AWAY_UNTIL,
    CODES,
    EMPLOYMENT,
    EXPERIENCE,
    HOME,
    PARTNER,
    POST,
    QUALIFIED,
    SUBJECT,
    VISITING,
    Block,
    Staff,
    ability,
    blocks,
    end_visit,
    go_home,
    is_free,
    pack,
    unpack,
)
from model.teams import is_open, rows_by_home, team_columns
from model.world import Changes, Pool, World

COLUMNS = (
    "post", "visiting", "visit_share", "partner", "away_until", "backfill", "tenure", "school_years", "match", "skill",
    "morale", "shock",
)  # fmt: skip


@maker
def _send_quota(c: Case, school: int, schools: Positions) -> None:
    """One school sends its quota."""
    share, backbone = c.rule_amount[school, SHARE], c.rule_amount[school, BACKBONE_SHARE]
    share = c.p.default_share if np.isnan(share) else share
    backbone = c.p.default_backbone_share if np.isnan(backbone) else backbone
    rows = eligible_rows(c, school)
    base = len(rows) if c.rule_code[school, QUOTA] == Quota.ELIGIBLE else c.tally[school, Tally.POSTS]
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
def _lend_backbone(c: Case, schools: Positions) -> bool:
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
def _even_skill_once(c: Case, schools: Positions) -> bool:
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
def _send_back(c: Case, schools: Positions) -> None:
    """End permanent exchanges that have come to widen the difference they were made to narrow."""
    for j in schools:
        for i in c.order[c.start[j] : c.start[j + 1]]:
            k = c.f.code[i, PARTNER]
            if k < 0 or c.f.amount[i, AWAY_UNTIL] != np.inf or ability(c.f, i) <= ability(c.f, k):
                continue
            if mean_ability(c, c.f.code[i, POST]) - mean_ability(c, j) > c.p.tolerance:
                send_home(c, i)
                send_home(c, k)


@helper
def _set_caps(c: Case, schools: Positions) -> None:
    """Set how many each school may move this year, whole if full-time: share · staff, or backbone for the reservoir."""
    for j in schools:
        share = c.rule_amount[j, SHARE]
        share = c.p.default_share if np.isnan(share) else share
        cap = share * (
            c.tally[j, Tally.BACKBONE] if c.rule_code[j, QUOTA] == Quota.EVEN_BACKBONE else c.tally[j, Tally.POSTS]
        )
        c.cap[j] = whole(c, j, cap) if c.rule_amount[j, TIME_SHARE] >= 1.0 else cap


@helper
def _shortest(c: Case, schools: Positions, least: float) -> tuple[int, int]:
    """Return the school and subject with the largest untried shortage of qualified lessons, at least `least`."""
    school, subject, worst = -1, -1, least
    for j in schools:
        for k in range(c.lacking.shape[1]):
            larger = c.lacking[j, k] > worst or (school < 0 and c.lacking[j, k] >= least)
            if c.opened[j] and c.rule_code[j, RECEIVES] and not c.tried[j, k] and larger:
                school, subject, worst = j, k, c.lacking[j, k]
    return school, subject


@helper
def _helper(c: Case, schools: Positions, to: int, subject: int) -> int:
    """Return a qualified free teacher of the subject, from the school with most of them and no own shortage."""
    donor = -1
    for j in schools:
        own = c.lacking[j, subject] <= 0.0 and c.qualified[j, subject] > 1.0
        share = min(1.0, c.rule_amount[j, TIME_SHARE])
        able = j != to and c.opened[j] and c.rule_code[j, SENDS] and own and c.cap[j] >= share and has_room(c, j, share)
        if able and (donor < 0 or c.qualified[j, subject] > c.qualified[donor, subject]):
            donor = j
    if donor < 0:
        return -1
    best, best_key = -1, np.inf
    for i in c.order[c.start[donor] : c.start[donor + 1]]:
        able = c.f.code[i, QUALIFIED] and c.f.code[i, SUBJECT] == subject and c.f.amount[i, EXPERIENCE] > 0.0
        draw = uniform(c.key, c.f.id[i], c.year, Stream.ROTATION, Draw.RACE) if able else np.inf
        if draw < best_key and is_eligible(c, i) and may_go(c, i, to):
            best, best_key = i, draw
    return best


@helper
def _unqualified_partner(c: Case, school: int, subject: int, to: int) -> int:
    """Return a free teacher of `school` who teaches the subject unqualified and may go to `to`; −1 for nobody."""
    for j in c.order[c.start[school] : c.start[school + 1]]:
        able = is_free(c.f, j) and c.f.code[j, EMPLOYMENT] == Employment.ESTABLISHED and not c.f.code[j, QUALIFIED]
        if able and c.f.code[j, SUBJECT] == subject and may_go(c, j, to):
            return j
    return -1


@helper
def _cover_shortages(c: Case, schools: Positions) -> None:
    """Send qualified teachers where a subject lacks them, the largest shortage first."""
    for j in schools:
        c.tried[j] = False
    while True:
        to, subject = _shortest(c, schools, 0.5)
        if to < 0:
            return
        i = _helper(c, schools, to, subject)
        full = i >= 0 and c.rule_amount[c.f.code[i, HOME], TIME_SHARE] >= 1.0
        partner = _unqualified_partner(c, to, subject, c.f.code[i, HOME]) if full else -1
        if i < 0 or (full and (partner < 0 or not has_room(c, to, 1.0))):
            c.tried[to, subject] = True
            continue
        c.cap[c.f.code[i, HOME]] -= min(1.0, c.rule_amount[c.f.code[i, HOME], TIME_SHARE])
        send(c, i, to, partner)


@maker
def _serve_pool(c: Case, schools: Positions) -> None:
    """Carry out this year's moves in one pool."""
    quota = c.rule_code[schools[0], QUOTA]
    _set_caps(c, schools)
    if quota in (Quota.ELIGIBLE, Quota.STAFF):
        for j in schools:
            if c.rule_code[j, SENDS] and c.opened[j]:
                _send_quota(c, j, schools)
    elif quota == Quota.EVEN_BACKBONE:
        while _lend_backbone(c, schools):
            pass
    elif quota == Quota.EVEN_SKILL:
        _send_back(c, schools)
        _cover_shortages(c, schools)
        while _even_skill_once(c, schools):
            pass
    elif quota == Quota.SHORTAGE:
        _cover_shortages(c, schools)


@compiled
def _decide(c: Case, order: Positions) -> None:
    """Serve every pool of a rule, in order of its first school; `order` lists schools by pool."""
    first = 0
    while first < len(order):
        last = first
        while last < len(order) and c.rule_code[order[last], POOL] == c.rule_code[order[first], POOL]:
            last += 1
        if c.rule_code[order[first], POOL] >= 0 and last - first > 1:
            _serve_pool(c, order[first:last])
        first = last


@compiled
def _due(away_until: Floats, time: float) -> int:
    """Return how many stays end."""
    count = 0
    for i in range(len(away_until)):
        count += -np.inf < away_until[i] <= time
    return count


@compiled
def _return_due(f: Staff, key: Key, time: float, redeploys: Flags) -> None:
    """End the stays that are up, and those for good where nobody redeploys any more."""
    for i in range(len(f.code)):
        ended = f.amount[i, AWAY_UNTIL] == np.inf and not redeploys[f.code[i, HOME]]
        if ended or -np.inf < f.amount[i, AWAY_UNTIL] <= time:
            if f.code[i, VISITING] >= 0:
                end_visit(f, i)
            else:
                go_home(f, i, key)


def _case(f: Staff, posts: slice, world: World, attributes: Attributes, parameters: Parameters, moment: Moment) -> Case:
    s, rules = world.schools, attributes.rules
    count, subjects = len(s.id), s.subject_need.shape
    order, start = rows_by_home(world.teachers.home[posts], count)
    place = np.stack([s.x, s.y, s.character], axis=1)
    tallies = np.zeros((count, len(Tally))), np.zeros(subjects), np.zeros(subjects)
    room = np.zeros(count), np.zeros(count), np.zeros(subjects, dtype=np.bool_)
    opened = is_open(s.opens, moment.year)
    return Case(
        f, order, start, opened, place, *tallies, *room, rules.code[0], rules.amount[0], attributes.sends_best,
        parameters.rotation, moment.key, moment.year,
    )  # fmt: skip


def _move(f: Staff, block: Block, world: World, attributes: Attributes, parameters: Parameters, moment: Moment) -> None:
    """Carry out this year's moves in a block, one rule after the other."""
    case = _case(f, block.posts, world, attributes, parameters, moment)
    tally_up(case)
    for code, amount in zip(attributes.rules.code, attributes.rules.amount, strict=True):
        order = block.schools.start + np.argsort(code[block.schools, POOL], kind="stable")
        _decide(case._replace(rule_code=code, rule_amount=amount), order)


def _step(world: World, attributes: Attributes, parameters: Parameters, moment: Moment, pool: Pool) -> Changes:
    if not moment.autumn and _due(world.teachers.away_until, moment.time) == 0:
        return {}
    rules = attributes.rules
    moving = (rules.code[:, :, QUOTA] != Quota.NONE) & (rules.code[:, :, POOL] >= 0)
    lasting = moving & (rules.amount[:, :, STAY] == np.inf)
    redeploys = lasting.any(axis=0) | (not moment.autumn)
    columns = {name: pool.own(getattr(world.teachers, name)) for name in COLUMNS}
    for block in blocks(world):
        f = pack(world, block.posts)
        _return_due(f, moment.key, moment.time, redeploys)
        if moment.autumn and rules.code[:, :, QUOTA].any():
            _move(f, block, world, attributes, parameters, moment)
        unpack(f, columns, block.posts)
    return {"teachers": columns} | team_columns(world, columns["post"], world.teachers.subject, moment.year, pool)


rotation = Process(
    "rotation",
    Stream.ROTATION,
    annual=False,
    reads=columns_of("teachers", "id", *CODES, *AMOUNTS)
    + columns_of("schools", "id", "x", "y", "character", "opens", "region", "subject_need", "county")
    + columns_of("regions", "match_sd")
    + columns_of("index", "county_start", "area_start"),
    writes=columns_of("teachers", *COLUMNS) + columns_of("index", "team_order", "team_start", "team_of"),
    step=_step,
)

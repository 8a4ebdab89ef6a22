"""Teachers move between schools: stays end, and every pool of schools carries out this year's moves.

Pools are schools, groups or counties, as the policy says, and never cross levels or employers. Quotas either send a
share of staff, or even out backbone teachers (the reservoir), skill and subject cover (unified deployment), or cover
shortages.

Documents L8, Y5, H3, C9 and Z8 describe the policies; jackson2013 and xu2012 what moves with a teacher.
"""

import numpy as np

from model.attributes import Attributes
from model.chance import Key, Stream
from model.codes import Quota
from model.columns import Flags, Floats, Positions
from model.compilation import compiled, maker
from model.parameters import Parameters
from model.process import Moment, Process, columns_of
from model.processes.rotation.case import Case, Tally, packed_rule, tally_up
from model.processes.rotation.quotas import even_skill_once, lend_backbone, send_back, send_quota, set_caps
from model.processes.rotation.shortages import cover_shortages
from model.staff import FACTS, Block, Staff, blocks, end_visit, go_home, pack, unpack
from model.teams import is_open, rows_by_home, team_columns
from model.world import Changes, Pool, World

COLUMNS = (
    "post", "visiting", "visit_share", "partner", "away_until", "backfill", "tenure", "school_years", "match", "skill",
    "morale", "shock",
)  # fmt: skip


@maker
def _serve_pool(c: Case, schools: Positions) -> None:
    """Carry out this year's moves in one pool."""
    quota = c.rules[schools[0]].quota
    set_caps(c, schools)
    if quota in (Quota.ELIGIBLE, Quota.STAFF):
        for j in schools:
            if c.rules[j].sends and c.opened[j]:
                send_quota(c, j, schools)
    elif quota == Quota.EVEN_BACKBONE:
        while lend_backbone(c, schools):
            pass
    elif quota == Quota.EVEN_SKILL:
        send_back(c, schools)
        cover_shortages(c, schools)
        while even_skill_once(c, schools):
            pass
    elif quota == Quota.SHORTAGE:
        cover_shortages(c, schools)


@compiled
def _decide(c: Case, order: Positions) -> None:
    """Serve every pool of a rule, in order of its first school; `order` lists schools by pool."""
    first = 0
    while first < len(order):
        last = first
        while last < len(order) and c.rules[order[last]].pool == c.rules[order[first]].pool:
            last += 1
        if c.rules[order[first]].pool >= 0 and last - first > 1:
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
        ended = f.amount[i].away_until == np.inf and not redeploys[f.code[i].home]
        if ended or -np.inf < f.amount[i].away_until <= time:
            if f.code[i].visiting >= 0:
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
        f, order, start, opened, place, *tallies, *room, packed_rule(rules, 0), attributes.sends_best,
        parameters.rotation, moment.key, moment.year,
    )  # fmt: skip


def _move(f: Staff, block: Block, world: World, attributes: Attributes, parameters: Parameters, moment: Moment) -> None:
    """Carry out this year's moves in a block, one rule after the other."""
    case = _case(f, block.posts, world, attributes, parameters, moment)
    tally_up(case)
    for number, pool in enumerate(attributes.rules.pool):
        order = block.schools.start + np.argsort(pool[block.schools], kind="stable")
        _decide(case._replace(rules=packed_rule(attributes.rules, number)), order)


def _step(world: World, attributes: Attributes, parameters: Parameters, moment: Moment, pool: Pool) -> Changes:
    if not moment.autumn and _due(world.teachers.away_until, moment.time) == 0:
        return {}
    rules = attributes.rules
    lasting = (rules.quota != Quota.NONE) & (rules.pool >= 0) & (rules.stay_years == np.inf)
    redeploys = lasting.any(axis=0) | (not moment.autumn)
    columns = {name: pool.own(getattr(world.teachers, name)) for name in COLUMNS}
    for block in blocks(world):
        f = pack(world, block.posts)
        _return_due(f, moment.key, moment.time, redeploys)
        if moment.autumn and rules.quota.any():
            _move(f, block, world, attributes, parameters, moment)
        unpack(f, columns, block.posts)
    return {"teachers": columns} | team_columns(world, columns["post"], world.teachers.subject, moment.year, pool)


rotation = Process(
    "rotation",
    Stream.ROTATION,
    annual=False,
    reads=columns_of("teachers", "id", *FACTS)
    + columns_of("schools", "id", "x", "y", "character", "opens", "region", "subject_need", "county")
    + columns_of("regions", "match_sd")
    + columns_of("index", "county_start", "area_start"),
    writes=columns_of("teachers", *COLUMNS) + columns_of("index", "team_order", "team_start", "team_of"),
    step=_step,
)

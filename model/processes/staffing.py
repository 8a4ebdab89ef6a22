"""Teachers leave and retire; novices take their posts; the county redeploys vacant posts; new schools open.

Leaving depends on setting and morale (hanushek2004 for the direction); 县管校聘 moves a vacant post, home and all, to
the neediest school and subject of the county, whose total never changes.
"""

from enum import IntEnum
from typing import Annotated, NamedTuple

import numpy as np

from model.arithmetic import exp, log
from model.attributes import Attributes
from model.chance import Key, Stream, normal, uniform
from model.codes import MINOR_SUBJECTS, Employment, Honour, Known, Ownership, Role, Setting, Title
from model.columns import Codes, Flags, Floats, Rows
from model.compilation import compiled, helper, maker
from model.parameters import Parameters
from model.parameters import Staffing as Rates
from model.person import career_return, known_talent
from model.process import Moment, Process, columns_of, gather, reads_of
from model.staff import FACTS, Staff, blocks, end_visit, go_home, is_free, pack, unpack, update_match, update_skill
from model.teams import is_open, team_columns
from model.world import Changes, Pool, World

LEAST_SD = 1e-12
COLUMNS = tuple(name for name in FACTS if name != "employment")
KNOWN = ("known_hired", "known_qualified", "known_standing", "known_reliability")


class Draw(IntEnum):
    """The frozen number of each draw under `Stream.STAFFING`."""

    LEAVE = 0
    NEW_TALENT = 1
    NEW_QUALIFIED = 2
    COUNTY = 3
    SEED = 4


class Places(NamedTuple):
    """What staffing knows of schools, and of the teachers known to be in post at year 0."""

    role: Annotated[Codes, "schools.role"]
    setting: Annotated[Codes, "schools.setting"]
    ownership: Annotated[Codes, "schools.ownership"]
    region: Annotated[Rows, "schools.region"]
    pupils: Annotated[Floats, "schools.pupils"]
    opens: Annotated[Floats, "schools.opens"]
    seeded_by: Annotated[Rows, "schools.seeded_by"]
    need: Annotated[Floats, "schools.subject_need"]
    entry: Annotated[Floats, "schools.entry"]
    talent_sd: Annotated[Floats, "regions.talent_sd"]
    known_hired: Annotated[Rows, "teachers.known_hired"]
    known_qualified: Annotated[Codes, "teachers.known_qualified"]
    known_standing: Annotated[Floats, "teachers.standing"]
    known_reliability: Annotated[Floats, "teachers.reliability"]


@helper
def quit_rate(role: int, setting: int, employment: int, p: Rates) -> float:
    """Return the yearly probability of leaving before retirement with morale 0."""
    rate = p.quit_rural if setting == Setting.RURAL else p.quit_urban
    rate = p.quit_lead if role >= Role.LEAD else rate
    return rate if employment == Employment.ESTABLISHED else min(1.0, p.quit_off_establishment * rate)


@helper
def leaving_probability(rate: float, morale: float, experience: float, p: Rates) -> float:
    """Return the probability of leaving this autumn, one more year of service now being complete."""
    quitting = min(1.0, rate * exp(-p.morale_on_quit * morale))
    retiring = min(1.0, max(0.0, experience + 2.0 - p.service_years))
    return 1.0 - (1.0 - quitting) * (1.0 - retiring)


@helper
def unqualified_rate(setting: int, subject: int, p: Rates) -> float:
    """Return the probability that a novice is not qualified for the subject."""
    if setting == Setting.URBAN:
        rate = p.unqualified_urban
    elif setting == Setting.TOWNSHIP:
        rate = p.unqualified_township
    else:
        rate = p.unqualified_rural
    return rate if subject in MINOR_SUBJECTS else rate * p.unqualified_major


@helper
def _hire(f: Staff, i: int, s: Places, p: Rates, key: Key, year: int) -> None:
    """Put a novice into post `i`, at home."""
    home = f.code[i].home
    end_visit(f, i)
    f.code[i].post, f.code[i].partner, f.code[i].hired = home, -1, year
    f.code[i].title, f.code[i].honour = Title.JUNIOR, Honour.NONE
    who = f.amount[i]
    who.experience, who.tenure, who.school_years, who.years_away = 0.0, 0.0, 0.0, 0.0
    who.career, who.extra, who.morale, who.shock = 0.0, 0.0, 0.0, 0.0
    spread = s.talent_sd[s.region[home]]
    z = normal(key, f.id[i], year, Stream.STAFFING, Draw.NEW_TALENT)
    if year == s.known_hired[i]:
        z = known_talent(s.known_standing[i], s.known_reliability[i], z)
    f.amount[i].talent = s.entry[home] + spread * z
    rate = unqualified_rate(s.setting[home], f.code[i].subject, p)
    f.code[i].qualified = uniform(key, f.id[i], year, Stream.STAFFING, Draw.NEW_QUALIFIED) >= rate
    if year == s.known_hired[i] and s.known_qualified[i] != Known.NOTHING:
        f.code[i].qualified = s.known_qualified[i] == Known.YES
    update_match(f, i, home, key)


@compiled
def _leavers(f: Staff, s: Places, opened: Flags, p: Rates, key: Key, year: int, leavers: Floats) -> Flags:
    """Draw who leaves, shape (N,), and count them by school.

    Before year 0, a post whose teacher is known changes hands when that teacher comes, and then no more.
    """
    out = np.zeros(len(f.code), dtype=np.bool_)
    for i in range(len(f.code)):
        home = f.code[i].home
        if opened[home]:
            rate = quit_rate(s.role[home], s.setting[home], f.code[i].employment, p)
            chance = leaving_probability(rate, f.amount[i].morale, f.amount[i].experience, p)
            out[i] = uniform(key, f.id[i], year, Stream.STAFFING, Draw.LEAVE) < chance
            if year < 0 and s.known_hired[i] < 0:
                out[i] = year == s.known_hired[i]
            leavers[home] += out[i]
    return out


@compiled
def _age(f: Staff, total: float, half: float) -> None:
    """One more year of service for everybody."""
    for i in range(len(f.code)):
        f.amount[i].experience += 1.0
        f.amount[i].school_years += 1.0
        f.amount[i].career = career_return(f.amount[i].experience, total, half)
        update_skill(f, i)


@helper
def neediest_school(posts: Floats, pupils: Floats, region: Rows, ownership: Codes, origin: int) -> int:
    """Return the school of the same county, level and owner with the fewest posts per pupil; one has posts already."""
    best = origin
    for j in range(len(posts)):
        same = region[j] == region[origin] and ownership[j] == ownership[origin] and pupils[j] > 0.0 and posts[j] > 0.0
        if same and posts[j] * pupils[best] < posts[best] * pupils[j]:
            best = j
    return best


@helper
def neediest_subject(cover: Floats, need: Floats) -> int:
    """Return the subject whose qualified teachers fall furthest short of its share of lessons."""
    total = 0.0
    for k in range(len(need)):
        total += cover[k]
    best, worst = 0, np.inf
    for k in range(len(need)):
        surplus = cover[k] - need[k] * (total + 1.0)
        if surplus < worst:
            best, worst = k, surplus
    return best


@compiled
def _redeploy(f: Staff, s: Places, leaving: Flags, opened: Flags, share: Floats, key: Key, year: int) -> None:
    """Move vacant posts to the neediest school and subject, one after the other."""
    posts, cover = np.zeros(len(s.role)), np.zeros(s.need.shape)
    for i in range(len(f.code)):
        if opened[f.code[i].home]:
            posts[f.code[i].home] += 1.0
            cover[f.code[i].home, f.code[i].subject] += 1.0 if f.code[i].qualified and not leaving[i] else 0.0
    for i in range(len(f.code)):
        home = f.code[i].home
        vacant = leaving[i] and s.ownership[home] == Ownership.PUBLIC
        if vacant and uniform(key, f.id[i], year, Stream.STAFFING, Draw.COUNTY) < share[home]:
            posts[home] -= 1.0
            target = neediest_school(posts, s.pupils, s.region, s.ownership, home)
            posts[target] += 1.0
            f.code[i].home = target
            f.code[i].subject = neediest_subject(cover[target], s.need[target])
            cover[target, f.code[i].subject] += 1.0


@compiled
def _replace_leavers(f: Staff, s: Places, leaving: Flags, p: Rates, key: Key, year: int) -> None:
    """Send a leaver's counterpart home, and put a novice into the post."""
    for i in range(len(f.code)):
        partner = f.code[i].partner
        if leaving[i] and partner >= 0 and not leaving[partner]:
            go_home(f, partner, key)
    for i in range(len(f.code)):
        if leaving[i]:
            _hire(f, i, s, p, key, year)


@helper
def _seed_person(f: Staff, new: int, old: int) -> None:
    """Move the person in post `old` into post `new`; the caller then hires into `old`."""
    post, person = f.code[new], f.code[old]
    post.subject, post.qualified = person.subject, person.qualified
    post.title, post.honour = person.title, person.honour
    own, learned = f.amount[new], f.amount[old]
    own.experience, own.career, own.talent = learned.experience, learned.career, learned.talent
    own.extra, own.morale, own.years_away = learned.extra, learned.morale, learned.years_away
    own.shock = 1.0


@maker
def _seed_staff(f: Staff, wanted: int, lead: int, strength: float, key: Key, year: int) -> Rows:
    """Return the lead's teachers who go to a new school, chosen by the lead as for rotation."""
    keys = np.full(len(f.code), np.inf)
    for i in range(len(f.code)):
        if f.code[i].home == lead and is_free(f, i) and f.amount[i].experience > 0.0:
            u = uniform(key, f.id[i], year, Stream.STAFFING, Draw.SEED)
            keys[i] = -log(u) * exp(-strength * f.amount[i].skill)
    order = np.argsort(keys, kind="mergesort")
    found = 0
    while found < wanted and found < len(order) and keys[order[found]] < np.inf:
        found += 1
    return order[:found].astype(np.int32)


@compiled
def _open_school(
    f: Staff, s: Places, p: Rates, j: int, seeded: bool, strength: float, share: float, key: Key, year: int
) -> None:
    """Staff a new school: novices, and where a lead seeds it, a share of people from the lead."""
    rows = np.flatnonzero(f.code["home"] == j)
    for n in range(len(rows)):
        i = int(rows[n])
        _hire(f, i, s, p, key, year)
    if not seeded:
        return
    lead = s.seeded_by[j]
    spread = max(s.talent_sd[s.region[lead]], LEAST_SD)
    movers = _seed_staff(f, int(share * len(rows) + 0.5), lead, strength / spread, key, year)
    for n in range(len(movers)):
        _seed_person(f, rows[n], movers[n])
        update_match(f, rows[n], j, key)
        _hire(f, movers[n], s, p, key, year)


def _renew(f: Staff, s: Places, a: Attributes, parameters: Parameters, now: Moment, leavers: Floats) -> None:
    """Let teachers leave and novices come, in their posts or in posts that the county moves; count who left."""
    p, key, year = parameters.staffing, now.key, now.year
    opened = is_open(s.opens, year - 1)
    leaving = _leavers(f, s, opened, p, key, year, leavers)
    _age(f, parameters.teachers.experience_total, parameters.teachers.experience_half)
    if a.county_posts.any():
        _redeploy(f, s, leaving, opened, a.county_posts, key, year)
    _replace_leavers(f, s, leaving, p, key, year)


def _open(
    f: Staff,
    schools: slice,
    s: Places,
    a: Attributes,
    parameters: Parameters,
    now: Moment,
    practice: Floats,
    character: Floats,
) -> None:
    """Open the schools of this year, with people, culture, practice and entry law of the lead where there is one."""
    kept, transfer, opens = parameters.practice, parameters.transfer, s.opens[schools]
    for j in map(int, schools.start + np.flatnonzero((opens > now.year - 1) & (opens <= now.year))):
        lead, seeded = s.seeded_by[j], bool(s.seeded_by[j] >= 0 and a.seed[j] > 0.0)
        strength = parameters.rotation.selection * (2.0 * float(a.sends_best[lead]) - 1.0) if seeded else 0.0
        share = parameters.schools.seed_staff_share
        s.entry[j] = s.entry[lead] if seeded else s.entry[j]
        _open_school(f, s, parameters.staffing, j, seeded, strength, share, now.key, now.year)
        if seeded:
            fidelity = kept.seed_fidelity if a.seed[j] >= 1.0 else kept.seed_fidelity_other
            gap = (1.0 - fidelity) * (character[lead] - character[j])
            character[j] = character[lead] - gap
            practice[j] = (
                fidelity * exp(-(1.0 - transfer.base_localisation) * abs(gap) / transfer.misfit_scale) * practice[lead]
            )


def _step(world: World, attributes: Attributes, parameters: Parameters, moment: Moment, pool: Pool) -> Changes:
    s = gather(Places, world, attributes, entry=pool.copy(world.schools.entry))
    leavers, practice = pool.like(world.schools.leavers), pool.copy(world.schools.practice)
    leavers[:] = 0.0
    character = pool.copy(world.schools.character)
    columns = {name: pool.own(getattr(world.teachers, name)) for name in COLUMNS}
    for block in blocks(world):
        f, here = pack(world, block.posts), s._replace(**{name: getattr(s, name)[block.posts] for name in KNOWN})
        _renew(f, here, attributes, parameters, moment, leavers)
        _open(f, block.schools, here, attributes, parameters, moment, practice, character)
        unpack(f, columns, block.posts)
    changes: Changes = {
        "teachers": columns,
        "schools": {"leavers": leavers, "practice": practice, "character": character, "entry": s.entry},
    }
    return changes | team_columns(world, columns["post"], columns["subject"], moment.year, pool)


staffing = Process(
    "staffing",
    Stream.STAFFING,
    annual=True,
    reads=reads_of(Places)
    + columns_of("teachers", "id", *FACTS)
    + columns_of("schools", "id", "practice", "character", "county")
    + columns_of("regions", "match_sd")
    + columns_of("index", "county_start", "area_start"),
    writes=columns_of("teachers", *COLUMNS)
    + columns_of("schools", "leavers", "practice", "character", "entry")
    + columns_of("index", "team_order", "team_start", "team_of"),
    step=_step,
)

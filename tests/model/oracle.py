"""The model once more, one person and one school at a time: slow, plain Python, written from the description.

It shares with the model its keyed draws (which draw belongs to what is part of the contract) and nothing else: no
kernel, no view, no array code. Every process takes a `State` and returns a new one.
"""

import copy
import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from model.attributes import Attributes
from model.columns import SUBJECTS
from model.parameters import Parameters
from model.process import Moment
from model.world import World

MANAGEMENT, TEACHING, CULTURE, RESEARCH = range(4)
MIXED = len(SUBJECTS)
TABLES = ("teachers", "schools", "ties", "groups", "regions")


@dataclass
class State:
    """A world as lists of rows, a policy, parameters and the moment."""

    teachers: list[Any]
    schools: list[Any]
    ties: list[Any]
    groups: list[Any]
    regions: list[Any]
    near: list[list[int]]
    policy: Attributes
    p: Parameters
    now: Moment

    def is_open(self, school: int) -> bool:
        """Whether a school is open this year."""
        return bool(self.schools[school].opens <= self.now.year)

    def present(self) -> list[Any]:
        """Return the teachers whose post is at an open school."""
        return [t for t in self.teachers if self.is_open(t.post)]

    def staff(self, school: int) -> list[Any]:
        """Return the teachers who work at a school."""
        return [t for t in self.present() if t.post == school]

    def into(self, school: int) -> list[Any]:
        """Return the ties into a school, in order of their rows."""
        return [e for e in self.ties if e.target == school]


def _row(table: Any, n: int) -> SimpleNamespace:  # noqa: ANN401 - any table of the world
    values = {name: getattr(table, name)[n] for name in table._fields}
    plain = {k: v if k == "id" else v.tolist() if getattr(v, "ndim", 0) else v.item() for k, v in values.items()}
    return SimpleNamespace(row=n, **plain)


def state_of(world: World, policy: Attributes, parameters: Parameters, now: Moment) -> State:
    """Return a world as rows of plain Python numbers."""
    tables = [getattr(world, name) for name in TABLES]
    rows = [[_row(table, n) for n in range(len(table[0]))] for table in tables]
    return State(*rows, world.index.neighbours.tolist(), policy, parameters, now)


def teams_of(s: State, school: int) -> dict[int, list[Any]]:
    """Return team → members: by subject; the lone form the mixed team, a single lone one joins the largest team."""
    members: dict[int, list[Any]] = {}
    for t in s.staff(school):
        members.setdefault(t.subject, []).append(t)
    alone = [k for k in sorted(members) if len(members[k]) == 1]
    larger = [k for k in sorted(members) if len(members[k]) > 1]
    if len(alone) == 1 and larger:
        home = max(larger, key=lambda k: (len(members[k]), -k))
        return {k: sorted(members[k] + (members[alone[0]] if k == home else []), key=lambda t: t.row) for k in larger}
    teams = {k: members[k] for k in larger}
    if alone:
        teams[MIXED] = sorted((members[k][0] for k in alone), key=lambda t: t.row)
    return teams


# 4 Attention ----------------------------------------------------------------------------------------------------------


def effort_on(s: State, e: Any) -> float:  # noqa: ANN401
    """ε = 1 − (1 − ε₀)(1 − stake), relapsing to ε₀ at the rate left by supervision."""
    a, p, n = s.policy, s.p.attention, e.row
    full = 1.0 - (1.0 - p.base_effort) * (1.0 - float(a.stake[n]))
    years = max(0.0, s.now.term * s.now.dt - float(a.since[n]))
    return p.base_effort + (full - p.base_effort) * math.exp(-p.relapse * (1.0 - float(a.supervision[n])) * years)


def effort_by_channel(s: State, e: Any, effort: float, weights: list[float]) -> list[float]:  # noqa: ANN401
    """Where the lead picks its project, its strongest channel is served first and the rest share what is left."""
    levels = s.schools[e.source].practice
    strongest = levels.index(max(levels))
    if not s.policy.self_picked[e.row] or weights[strongest] <= 0.0:
        return [effort] * 4
    total, own = sum(weights), weights[strongest]
    first = min(1.0, effort * total / own)
    rest = (effort * total - first * own) / (total - own) if total > own else effort
    return [first if c == strongest else rest for c in range(4)]


def presence_on(s: State, e: Any) -> float:  # noqa: ANN401
    """Return the share of the target's staff that people of the source are."""
    days = sum(1.0 for t in s.teachers if t.home == e.source and t.post == e.target and t.post != t.home)
    days += sum(t.visit_share for t in s.teachers if t.home == e.source and t.visiting == e.target)
    return min(1.0, days / max(1, len(s.staff(e.target))))


def attention(before: State) -> State:
    """Attention a = min(1, h/D), load min(h, D), and what every tie carries."""
    s, a = copy.deepcopy(before), before.policy
    p, staff = s.p.attention, [len(s.staff(j.row)) for j in s.schools]
    efforts = [effort_on(s, e) for e in s.ties]
    online = [float(a.online[e.row]) for e in s.ties]
    wanted = [
        p.demand * efforts[n] * float(a.demand[n]) * (1.0 - p.online_saving * online[n]) for n in range(len(s.ties))
    ]
    for j in s.schools:
        out = [e for e in s.ties if e.source == j.row]
        asked = sum(p.coordination * float(a.coordination[e.row]) for e in out if staff[e.target])
        asked += sum(wanted[e.row] * staff[e.target] / max(1, staff[j.row]) for e in out)
        j.attention = min(1.0, p.capacity / asked) if asked > 0.0 else 1.0
        j.outreach = min(p.capacity, asked)
    for j in s.schools:
        ties = [e for e in s.into(j.row) if staff[e.source]]
        j.participation = sum(p.participation * wanted[e.row] * s.schools[e.source].attention for e in ties)
    for e in s.ties:
        e.contact, e.strength = 0.0, [0.0] * 4
        if staff[e.source] and staff[e.target]:
            _carry(s, e, efforts[e.row])
    return s


def _carry(s: State, e: Any, effort: float) -> None:  # noqa: ANN401
    a, t, n = s.policy, s.p.transfer, e.row
    weights = [*(float(w) for w in a.weight[n]), float(a.research[n])]
    efforts, presence = effort_by_channel(s, e, effort, weights), presence_on(s, e)
    remote = float(a.online[n]) * t.online_fidelity + (1.0 - float(a.online[n])) * math.exp(-e.distance / t.distance)
    for c in range(4):
        carried = s.p.heads.share * float(a.head_carried[n]) if c == MANAGEMENT else presence
        met = weights[c] * efforts[c] * s.schools[e.source].attention * (carried + (1.0 - carried) * remote)
        e.contact += met / 4.0
        e.strength[c] = met * e.trust * _authority(s, e, c, presence)


def _authority(s: State, e: Any, c: int, presence: float) -> float:  # noqa: ANN401
    """cross_entity_ratio^(1 − authority); what seconded staff teach has the authority of the management contract."""
    a, ratio = s.policy, s.p.practice.cross_entity_ratio
    authority = float(a.research_authority[e.row] if c == RESEARCH else a.authority[e.row, c])
    left = ratio ** (1.0 - authority)
    if c == TEACHING:
        left += presence * max(0.0, float(a.authority[e.row, MANAGEMENT]) - authority) * (1.0 - left)
    if c == RESEARCH:
        left *= 1.0 - s.p.learning.rivalry * (1.0 - float(a.openness[e.source]))
    return left


# 6 Practice -----------------------------------------------------------------------------------------------------------


def best_fifth(s: State, school: int) -> float:
    """Return the mean skill of the best fifth of teaching time at a school; visitors leave their match at home."""
    people = [(t.skill, 1.0 - t.visit_share) for t in s.staff(school)]
    people += [(t.skill - t.match, t.visit_share) for t in s.teachers if t.visiting == school]
    wanted = left = 0.2 * sum(share for _, share in people)
    value = 0.0
    for skill, share in sorted(people, key=lambda one: -one[0]):
        value += min(share, left) * skill
        left -= min(share, left)
    return value / wanted if wanted > 0.0 else 0.0


def localisation(s: State, j: Any) -> float:  # noqa: ANN401
    """ℓ₀ + (1 − ℓ₀)·autonomy·capacity."""
    base = s.p.transfer.base_localisation
    return base + (1.0 - base) * float(s.policy.autonomy_fit[j.row]) * j.capacity


def fit(s: State, e: Any) -> float:  # noqa: ANN401
    """exp(−(1 − ℓ)·|Δx|/ξ)."""
    here, there = s.schools[e.target], s.schools[e.source]
    distance = abs(there.character - here.character)
    return math.exp(-(1.0 - localisation(s, here)) * distance / s.p.transfer.misfit_scale)


def allotted(offers: list[tuple[float, float, float]], dt: float) -> list[float]:
    """Return how much of each (gap, rate, weight) is used: all up to one full tie, else what closes most in total."""
    weights = [w for _, _, w in offers]
    if sum(weights) <= 1.0:
        return weights

    def used(log_price: float) -> list[float]:
        return [min(w, max(0.0, (math.log(g * r) - log_price) / (r * dt))) for g, r, w in offers]

    low = min(math.log(g * r) - r * w * dt for g, r, w in offers)
    high = max(math.log(g * r) for g, r, _ in offers)
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if sum(used(middle)) > 1.0 else (low, middle)
    return used(high)


def taken_in(s: State, school: int, c: int) -> float:
    """Return what a school takes in over the term on one channel (σ), from ties and from the shared repository."""
    p, a, j = s.p.practice, s.policy, s.schools[school]
    uptake = 1.0 - s.p.transfer.unlocalised_uptake * float(a.autonomy_uptake[school]) if c == TEACHING else 1.0
    offers, deposits = [], []
    for e in [e for e in s.into(school) if s.is_open(e.source)]:
        gap = s.schools[e.source].practice[c] - j.practice[c]
        if gap > 0.0 and e.strength[c] * uptake > 0.0:
            offers.append((gap, p.transfer_rate * fit(s, e), e.strength[c] * uptake))
        if gap > 0.0 and a.platform[e.row] > 0.0:
            deposits.append((float(a.platform[e.row]) * fit(s, e) * gap, gap, float(a.platform[e.row]) * fit(s, e)))
    used = allotted(offers, s.now.dt)
    total = sum(-g * math.expm1(-r * u * s.now.dt) for (g, r, _), u in zip(offers, used, strict=True))
    if deposits:
        _, gap, carried = max(deposits)
        rate = p.transfer_rate * p.platform_rate * s.p.transfer.online_fidelity * carried
        total += -gap * math.expm1(-rate * s.now.dt)
    return total


def practice(before: State) -> State:
    """dP/dt = intake + ρ·(target − P): own renewal pulls to what the school can generate against its baseline."""
    s, p, now = copy.deepcopy(before), before.p.practice, before.now
    for j in s.schools:
        j.best = best_fifth(before, j.row)
        slack = 1.0 - p.renewal_overload * j.outreach / s.p.attention.capacity
        j.generated = slack * j.drive * max(0.0, j.best)
        if now.autumn and now.year - 1 < j.opens <= now.year:
            j.renewal_anchor, j.practice_anchor = j.generated, list(j.practice)
        for c in range(3):
            taken = taken_in(before, j.row, c) if s.is_open(j.row) else 0.0
            j.intake[c] = taken / now.dt
            target = j.practice_anchor[c] + p.renewal * (j.generated - j.renewal_anchor) / 3.0
            evenly = -math.expm1(-p.decay * now.dt) / (p.decay * now.dt)
            after = target + (j.practice[c] - target) * math.exp(-p.decay * now.dt)
            if s.is_open(j.row) and not now.burn_in:
                j.practice[c] = after + (taken - j.intake_anchor[c] * now.dt) * evenly
    for j in s.schools:
        _head(s, j)
        if now.standing > 0.0:
            j.renewal_anchor += now.standing * j.generated
            j.intake_anchor = [old + now.standing * new for old, new in zip(j.intake_anchor, j.intake, strict=True)]
    return s


def _head(s: State, j: Any) -> None:  # noqa: ANN401
    """The head carries a share of management; lending or sharing heads costs part of the own head's contribution."""
    a, heads, own = s.policy, s.p.heads, j.practice[0]
    source, mix = int(a.head_from[j.row]), float(a.head_mix[j.row])
    brought = source >= 0 and s.is_open(source) and s.is_open(j.row)
    level = own + mix * (s.schools[source].practice[0] - own) if brought else own
    lent = sum(float(a.head_carried[e.row]) for e in s.ties if e.source == j.row and s.is_open(e.target))
    lent += float(a.head_divided[j.row]) if s.is_open(j.row) else 0.0
    lost = heads.share * max(0.0, level + s.p.schools.sd_management) * (1.0 - (1.0 - heads.loss) ** int(lent))
    j.management = own + heads.share * (level - own) - lost


# 7 Culture and trust --------------------------------------------------------------------------------------------------


def culture(before: State) -> State:
    """dx/dt = ν·Σŵ·(x_source − x); trust rises with contact and fades without; drive follows autonomy and reward."""
    s, a, p, drive, dt = copy.deepcopy(before), before.policy, before.p.culture, before.p.drive, before.now.dt
    for j in s.schools:
        pulls = [
            (
                p.convergence * e.strength[CULTURE] * float(a.drift[e.row] / a.weight[e.row, CULTURE]),
                before.schools[e.source],
            )
            for e in s.into(j.row)
            if a.weight[e.row, CULTURE] > 0.0
        ]
        speed = sum(w for w, _ in pulls)
        if speed > 0.0:
            goal = sum(w * other.character for w, other in pulls) / speed
            j.character = goal + (j.character - goal) * math.exp(-speed * dt)
        j.drive = 1.0 + drive.autonomy * (float(a.autonomy_drive[j.row]) - 1.0)
        j.drive += drive.recognition * float(a.recognition[j.row]) + drive.pay * (float(a.incentive[j.row]) - 1.0)
    for e in s.ties:
        up, down = p.trust_rise * e.contact, p.trust_fade * (1.0 - e.contact)
        goal = (up + down * p.trust_start) / (up + down)
        e.trust = goal + (e.trust - goal) * math.exp(-(up + down) * dt)
    return s


# 8 Teaching -----------------------------------------------------------------------------------------------------------


def effective_skill(s: State, t: Any) -> float:  # noqa: ANN401
    """θ − a·shock·(mean over the term of exp(−tenure/τ))·(1 + |Δx|/ξ) + morale."""
    p, tau = s.p.teachers, s.p.teachers.adaptation_time * 0.5
    distance = abs(s.schools[t.post].character - s.schools[t.home].character)
    mean = math.exp(-t.tenure / tau) * tau / s.now.dt * -math.expm1(-s.now.dt / tau)
    return float(t.skill - p.new_post_cost * t.shock * mean * (1.0 + distance / s.p.transfer.misfit_scale) + t.morale)


def teaching(before: State) -> State:
    """School quality: people, practice, lessons heard online, less churn, unqualified lessons, misfit and lost time."""
    s = copy.deepcopy(before)
    for j in s.schools:
        _count(before, j)
        j.misfit, j.lessons_online = _misfit(before, j), _lessons(before, j)
        j.quality = _quality(before, j) if j.staff_post else 0.0
    for t in s.teachers:
        t.tenure += s.now.dt
        t.years_away += s.now.dt * (1.0 if t.post != t.home else t.visit_share)
        t.morale *= math.exp(-s.now.dt / s.p.rotation.morale_memory)
    return s


def _count(s: State, j: Any) -> None:  # noqa: ANN401
    """Set what adds up from teachers to a school: those who work there, and those whose post it owns."""
    here, owned = s.staff(j.row), [t for t in s.present() if t.home == j.row]
    guests = [t for t in s.present() if t.visiting == j.row]
    gone = {t.row: 1.0 if t.post != t.home else t.visit_share for t in owned}
    time = sum(1.0 - t.visit_share for t in here) + sum(t.visit_share for t in guests)
    skill = sum((1.0 - t.visit_share) * effective_skill(s, t) for t in here)
    skill += sum(t.visit_share * (t.skill - t.match + t.morale) for t in guests)
    substitutes = sum(gone[t.row] for t in owned if t.backfill == 4) / max(1, len(owned))
    j.mean_skill = (skill / time if time > 0.0 else skill) - s.p.staffing.contract_gap * substitutes
    lacking = {k: sum(1.0 - t.visit_share for t in here if t.subject == k and not t.qualified) for k in range(MIXED)}
    cover = {k: sum(t.visit_share for t in guests if t.subject == k and t.qualified) for k in range(MIXED)}
    j.unqualified = sum(max(0.0, lacking[k] - cover[k]) for k in range(MIXED)) / max(1, len(here))
    j.newcomers = sum(1.0 for t in here if t.tenure < 1.0 and t.shock != 0.5) / max(1, len(here))
    j.uncovered = sum(gone[t.row] for t in owned if t.backfill == 2) / max(1, len(owned))
    j.staff_home, j.staff_post, j.away = float(len(owned)), float(len(here)), sum(gone.values())
    j.backbone_post = sum(1.0 - t.visit_share for t in here if t.honour > 0)
    j.morale = sum(t.morale for t in here) / max(1, len(here))
    j.mid_titles = float(sum(t.title == 1 for t in owned))
    j.senior_titles = float(sum(t.title == 2 for t in owned))
    j.senior_post = sum(1.0 - t.visit_share for t in here if t.title == 2)
    j.service = sum(t.experience for t in here) / max(1, len(here))
    j.veteran_backbone = sum(1.0 - t.visit_share for t in here if t.honour > 0 and t.experience >= 20.0)


def _misfit(s: State, j: Any) -> float:  # noqa: ANN401
    """ψ·w·(1 − ℓ)·|Δx|/ξ for uniform teaching, over all ties that impose it, at most one full tie."""
    p, imposed = s.p.transfer, [(float(s.policy.uniformity[e.row]), s.schools[e.source]) for e in s.into(j.row)]
    distance = sum(w * abs(other.character - j.character) for w, other in imposed) / max(
        1.0, sum(w for w, _ in imposed)
    )
    return float(p.misfit_cost * (1.0 - localisation(s, j)) * distance / p.misfit_scale)


def _lessons(s: State, j: Any) -> float:  # noqa: ANN401
    """o·ŵ·online·(Q_source − Q)⁺ on last term's quality, the best source first, at most one full dose."""
    a, offers = s.policy, []
    for e in s.into(j.row):
        if a.weight[e.row, TEACHING] > 0.0:
            dose = e.strength[TEACHING] * float(a.lessons[e.row] / a.weight[e.row, TEACHING])
            offers.append((max(0.0, s.schools[e.source].quality - j.quality), dose))
    left, total = 1.0, 0.0
    for gap, dose in sorted(offers, key=lambda offer: -offer[0]):
        total += gap * min(dose, left)
        left -= min(dose, left)
    return s.p.transfer.online_lessons * total


def _quality(s: State, j: Any) -> float:  # noqa: ANN401
    p, here = s.p, s.staff(j.row)
    studio = float(s.policy.studio[j.row]) * sum(t.honour >= 2 for t in here) / max(1, len(here))
    absent = p.attention.displaced * (j.outreach + j.participation) + j.uncovered + studio
    gains = j.mean_skill + j.management + j.practice[1] + j.practice[2] + j.lessons_online
    losses = p.staffing.churn * j.newcomers + p.staffing.unqualified_cost * j.unqualified + j.misfit
    return float(gains - losses - p.attention.teaching_value * absent)


# 9 Families, 10 Finance -----------------------------------------------------------------------------------------------


def _km(a: Any, b: Any) -> float:  # noqa: ANN401
    return math.hypot(a.x - b.x, a.y - b.y)


def families(before: State) -> State:
    """Logit choice by perceived quality and distance; satisfaction by quality, proximity, class size, participation."""
    s, p = copy.deepcopy(before), before.p.families
    running = [j for j in s.schools if j.staff_home > 0.0]

    def perceived(j: Any) -> float:  # noqa: ANN401
        named = int(s.policy.brand_from[j.row])
        return p.brand * s.schools[named].quality + (1.0 - p.brand) * j.quality if named >= 0 else j.quality

    for j in s.schools:
        others = [s.schools[n] for n in s.near[j.row] if n >= 0 and s.schools[n].staff_home > 0.0]
        pull = sum(math.exp(p.per_sigma * (perceived(o) - perceived(j)) + p.per_km * _km(j, o)) for o in others)
        j.choice_pressure = pull / (1.0 + pull) if j.staff_home > 0.0 else 0.0
        region = [o for o in running if o.region == j.region]
        crowding, pupils = 0.0, sum(o.pupils for o in region)
        if j.staff_home > 0.0 and pupils > 0.0:
            crowding = j.pupils / j.staff_home / (pupils / sum(o.staff_home for o in region)) - 1.0
        way = 0.5 * min((_km(j, o) for o in others), default=0.0)
        logit = p.per_sigma * perceived(j) + p.per_km * way + p.crowding * crowding
        j.satisfaction = 1.0 / (1.0 + math.exp(-(logit + p.participation * float(s.policy.autonomy_drive[j.row]))))
    return s


def finance(before: State) -> State:
    """What it costs, by account line: allowance, travel, cover, training, coordination, contract, supervision, …"""
    s, a, p = copy.deepcopy(before), before.policy, before.p.finance
    for j in s.schools:
        n, staff = j.row, j.staff_home
        doses = before.p.learning.uplift_dose * float(a.uplift[n]) * staff if j.uplift else 0.0
        doses += min(float(a.cultivation[n]) * j.staff_post, before.p.learning.coach_load * j.backbone_post)
        training = p.coaching * doses + (p.training * staff / int(a.training[n]) if a.training[n] else 0.0)
        members = sum(float(a.coordination[e.row]) for e in s.ties if e.source == n and s.is_open(e.target))
        if not s.is_open(n):
            j.cost = [0.0] * 9
            continue
        j.cost = [
            0.0, 0.0, 0.0, training, p.coordination * members, p.contract * float(a.contracts[n]),
            p.supervisor * float(a.supervisors[n]), p.award * float(a.awards[n]) + float(a.fund[n]),
            p.platform * float(a.platforms[n]),
        ]  # fmt: skip
    for t in s.teachers:
        to = t.post if t.post != t.home else t.visiting
        if to >= 0 and to != t.home:
            share = 1.0 if t.post != t.home else t.visit_share
            s.schools[to].cost[0] += p.allowance * share
            s.schools[to].cost[1] += p.travel * p.trips * share * _km(s.schools[t.home], s.schools[to])
            s.schools[t.home].cost[2] += p.post * share if t.backfill in (3, 4) else 0.0
    for j in s.schools:
        payer = s.schools[int(a.payer[j.row])]
        if payer is not j:
            payer.cost = [one + other for one, other in zip(payer.cost, j.cost, strict=True)]
            j.cost = [0.0] * 9
    return s

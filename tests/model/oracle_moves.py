"""The oracle's rotation: who moves where, everything counted anew whenever it is needed."""

import copy
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from model.chance import uniform
from tests.model.oracle import State
from tests.model.oracle_staff import ROTATION, go_home, is_free, pair, tilt, work_at

# 3 Rotation -----------------------------------------------------------------------------------------------------------


class Rule(NamedTuple):
    """One rotation rule as one school has it."""

    pool: int
    sends: bool
    receives: bool
    kind: int
    quota: int
    destination: int
    cover: int
    compulsory: bool
    lead: int
    share: float
    backbone_share: float
    years: float
    time_share: float
    stay: float
    incentive: float


def _rule(s: State, number: int, school: int) -> Rule:
    rules, p = s.policy.rules, s.p.rotation
    own = [column[number, school].item() for column in rules]
    code, amount = own[:9], own[9:]
    defaults = (p.default_share, p.default_backbone_share, p.eligible_years, 1.0, p.stay_years, 0.0)
    amounts = [d if math.isnan(a) else a for a, d in zip(amount, defaults, strict=True)]
    return Rule(code[0], bool(code[1]), bool(code[2]), *code[3:7], bool(code[7]), code[8], *amounts)


class Moves:
    """This year's moves under one rule; everything is counted anew from where people are, whenever it is needed."""

    def __init__(self, s: State, number: int) -> None:
        self.s, self.rules = s, [_rule(s, number, j.row) for j in s.schools]

    def people(self) -> list[Any]:
        """Return the teachers whose home is open."""
        return [t for t in self.s.teachers if self.s.is_open(t.home)]

    def draw(self, t: Any, what: int) -> float:  # noqa: ANN401
        """Return one of this year's draws of a teacher."""
        return float(uniform(self.s.now.key, t.id, self.s.now.year, ROTATION, what))

    def staff(self, school: int) -> list[Any]:
        """Return who works at a school, visitors not counted."""
        return [t for t in self.people() if t.post == school]

    def mean_ability(self, school: int) -> float:
        """Return the mean skill without match."""
        here = self.staff(school)
        return sum(t.talent + t.career + t.extra for t in here) / max(1, len(here))

    def has_room(self, school: int, more: float) -> bool:
        """Whether `more` of a school's own staff may be away."""
        owned = [t for t in self.people() if t.home == school]
        away = sum(1.0 if t.post != t.home else 0.0 for t in owned) + sum(
            t.visit_share for t in owned if t.visiting >= 0
        )
        return away + more <= self.s.p.rotation.most_away * len(owned) + 1e-9

    def lacking(self, school: int, subject: int) -> float:
        """Return posts of a subject without a qualified teacher, less what qualified visitors cover."""
        short = sum(1.0 for t in self.staff(school) if t.subject == subject and not t.qualified)
        guests = [t for t in self.people() if t.visiting == school and t.subject == subject and t.qualified]
        return short - sum(t.visit_share for t in guests)

    def qualified(self, school: int, subject: int) -> int:
        """Return the number of qualified teachers of a subject who work at a school."""
        return sum(1 for t in self.staff(school) if t.subject == subject and t.qualified)

    def eligible(self, school: int) -> list[Any]:
        """Return those with the years at one school, of the kind named, established, at home and not excused."""
        rule = self.rules[school]
        fits: Callable[[Any], bool] = (
            lambda t: True, lambda t: t.honour >= 1, lambda t: t.qualified and t.subject >= 3, lambda t: t.honour >= 2,
        )[rule.kind]  # fmt: skip
        return [
            t
            for t in self.s.teachers
            if t.home == school and is_free(t) and t.employment == 0 and t.school_years >= rule.years and fits(t)
            if self.draw(t, 0) < self.s.p.rotation.eligible_share
        ]

    def by_choice(self, school: int, people: list[Any]) -> list[Any]:
        """Return people in the order the school lets them go: a race with weights exp(s·z)."""
        mean = sum(t.skill for t in people) / max(1, len(people))
        sd = math.sqrt(sum((t.skill - mean) ** 2 for t in people) / max(1, len(people)))
        strength = tilt(self.s, school)

        def key(t: Any) -> float:  # noqa: ANN401
            z = (t.skill - mean) / sd if sd > 0.0 else 0.0
            return -math.log(self.draw(t, 1)) * math.exp(-strength * z)

        return sorted(people, key=key)

    def agrees(self, t: Any, to: int) -> bool:  # noqa: ANN401
        """Willingness: logistic in incentive, distance and culture distance."""
        p, a, b = self.s.p.rotation, self.s.schools[t.home], self.s.schools[to]
        logit = p.willing_base + p.willing_incentive * self.rules[t.home].incentive
        logit += p.willing_distance * math.hypot(a.x - b.x, a.y - b.y) / 10.0
        logit += p.willing_culture * abs(a.character - b.character)
        return self.draw(t, 3) < 1.0 / (1.0 + math.exp(-logit))

    def may_go(self, t: Any, to: int) -> bool:  # noqa: ANN401
        """Whether a teacher can be sent."""
        return self.rules[t.home].compulsory or self.agrees(t, to)

    def partner(self, t: Any, school: int, honoured: bool = True) -> Any | None:  # noqa: ANN401
        """Return a free teacher of the school, of the same subject where possible, chosen blind."""
        free = [o for o in self.s.teachers if o.home == school and is_free(o) and o.employment == 0]
        free = [o for o in free if (honoured or o.honour == 0) and self.may_go(o, t.home)]
        return min(free, key=lambda o: (o.subject != t.subject, self.draw(o, 2)), default=None)

    def _arrive(self, t: Any, school: int, until: float, backfill: int) -> None:  # noqa: ANN401
        t.__dict__.update(tenure=0.0, shock=1.0, away_until=until, backfill=backfill)
        work_at(self.s, t, school)

    def ask(self, t: Any, to: int) -> None:  # noqa: ANN401
        """The unwilling go too where the policy is compulsory, at a loss of morale."""
        if self.rules[t.home].compulsory and not self.agrees(t, to):
            t.morale -= self.s.p.rotation.unwilling_cost

    def send(self, t: Any, to: int, partner: Any | None) -> None:  # noqa: ANN401
        """Carry out one move."""
        rule, home = self.rules[t.home], t.home
        self.ask(t, to)
        until = self.s.now.year + rule.stay
        if rule.time_share < 1.0:
            t.__dict__.update(visiting=to, visit_share=rule.time_share, away_until=until, backfill=rule.cover)
            return
        self._arrive(t, to, until, rule.cover)
        if partner is not None:
            self.ask(partner, home)
            self._arrive(partner, home, until, 1)
            t.partner, partner.partner = partner.row, t.row

    def destination(self, t: Any, pool: list[int]) -> int:  # noqa: ANN401
        """Return where a teacher is sent, −1 for nowhere: nearest, drawn, or where mean ability is lowest."""
        rule, here = self.rules[t.home], self.s.schools[t.home]
        bound_to_lead = rule.destination == 4 or (rule.destination == 2 and rule.lead not in (-1, t.home))
        swaps = rule.cover == 1 and rule.time_share >= 1.0
        open_to = [j for j in pool if j != t.home and self.rules[j].receives and self.s.is_open(j)]
        open_to = [j for j in open_to if not bound_to_lead or j == rule.lead]
        open_to = [j for j in open_to if not swaps or self.has_room(j, 1.0)]

        def key(j: int) -> tuple[float, ...]:
            there = self.s.schools[j]
            if rule.destination == 1:
                return (math.hypot(here.x - there.x, here.y - there.y),)
            if rule.destination == 3:
                return (float(uniform(self.s.now.key, pair(t.id, there.id), self.s.now.year, ROTATION, 4)),)
            return self.mean_ability(j), -self.lacking(j, t.subject)

        return min(open_to, key=key, default=-1)

    def send_quota(self, school: int, pool: list[int]) -> None:
        """Send share × eligible, made whole by chance, of them at least the backbone share."""
        rule, eligible = self.rules[school], self.eligible(school)
        owned = sum(1 for t in self.people() if t.home == school)
        wanted = min(len(eligible), self.whole(school, rule.share * (len(eligible) if rule.quota == 1 else owned)))
        order = self.by_choice(school, eligible)
        first = [t for t in order if t.honour >= 1][: min(wanted, math.ceil(rule.backbone_share * wanted))]
        sent = 0
        for t in first + [t for t in order if t not in first]:
            if sent < wanted:
                sent += self.try_to_send(t, pool)

    def whole(self, school: int, number: float) -> int:
        """Return a number made whole by the school's draw of the year."""
        turn = uniform(self.s.now.key, self.s.schools[school].id, self.s.now.year, ROTATION, 5)
        return math.floor(number + float(turn))

    def try_to_send(self, t: Any, pool: list[int]) -> bool:  # noqa: ANN401
        """Send a teacher if there is a place, room, consent where asked, and a counterpart where needed."""
        rule, to = self.rules[t.home], self.destination(t, pool)
        if to < 0 or not self.has_room(t.home, min(1.0, rule.time_share)) or not is_free(t) or not self.may_go(t, to):
            return False
        swaps = rule.cover == 1 and rule.time_share >= 1.0
        partner = self.partner(t, to) if swaps else None
        if swaps and partner is None:
            return False
        self.send(t, to, partner)
        return True

    def caps(self, pool: list[int]) -> dict[int, float]:
        """Return how many each school may move: share · staff, or share · backbone for the reservoir."""
        out = {}
        for j in pool:
            backbone = sum(1 for t in self.staff(j) if t.honour > 0)
            owned = sum(1 for t in self.people() if t.home == j)
            out[j] = self.rules[j].share * (backbone if self.rules[j].quota == 3 else owned)
            out[j] = float(self.whole(j, out[j])) if self.rules[j].time_share >= 1.0 else out[j]
        return out

    def ends(self, values: dict[int, float]) -> tuple[int, int]:
        """Return the open schools with the highest and the lowest value, −1 for none; the first of equals."""
        running = [j for j in values if self.s.is_open(j)]
        return max(running, key=lambda j: values[j], default=-1), min(running, key=lambda j: values[j], default=-1)

    def lend_backbone(self, pool: list[int], caps: dict[int, float]) -> bool:
        """One backbone teacher from where they are most plentiful to where they are scarcest."""
        size = {j: max(1, len(self.staff(j))) for j in pool}
        shares = {j: sum(1 for t in self.staff(j) if t.honour > 0) / size[j] for j in pool}
        high, low = self.ends(shares)
        if high < 0 or caps[high] < 1.0 or not self.has_room(low, 1.0):
            return False
        if shares[high] - shares[low] <= 1.0 / size[high] + 1.0 / size[low]:
            return False
        for t in self.by_choice(high, self.eligible(high)):
            partner = self.partner(t, low, honoured=False)
            if partner is not None and self.has_room(high, 1.0) and self.may_go(t, low):
                self.send(t, low, partner)
                caps[high] -= 1.0
                return True
        return False

    def even_skill(self, pool: list[int], caps: dict[int, float]) -> bool:
        """One exchange between the strongest and the weakest school that narrows their difference."""
        means, tolerance = {j: self.mean_ability(j) for j in pool}, self.s.p.rotation.tolerance
        high, low = self.ends(means)
        if high < 0 or high == low or means[high] - means[low] <= tolerance or min(caps[high], caps[low]) < 1.0:
            return False
        if not (self.has_room(high, 1.0) and self.has_room(low, 1.0)):
            return False
        per_head = 1.0 / len(self.staff(high)) + 1.0 / len(self.staff(low))
        for t in self.by_choice(high, self.eligible(high)):
            o = self.partner(t, low)
            if o is None:
                continue
            closed = (t.talent + t.career + t.extra - o.talent - o.career - o.extra) * per_head
            if 0.0 < closed <= means[high] - means[low] + tolerance and self.may_go(t, low):
                self.send(t, low, o)
                caps[high] -= 1.0
                caps[low] -= 1.0
                return True
        return False

    def send_back(self, pool: list[int]) -> None:
        """End permanent exchanges that have come to widen the difference they were made to narrow."""
        for j in pool:
            for t in [t for t in self.s.teachers if t.home == j]:
                if t.partner < 0 or t.away_until != math.inf:
                    continue
                o = self.s.teachers[t.partner]
                abler = t.talent + t.career + t.extra > o.talent + o.career + o.extra
                if abler and self.mean_ability(t.post) - self.mean_ability(j) > self.s.p.rotation.tolerance:
                    go_home(self.s, t)
                    go_home(self.s, o)

    def helper(self, to: int, subject: int, pool: list[int], caps: dict[int, float]) -> Any | None:  # noqa: ANN401
        """Return a qualified free teacher from the school with most of them and no shortage of its own."""
        donors = []
        for j in pool:
            share = min(1.0, self.rules[j].time_share)
            spare = self.lacking(j, subject) <= 0.0 and self.qualified(j, subject) > 1
            spare = spare and caps[j] >= share and self.has_room(j, share)
            if j != to and self.s.is_open(j) and self.rules[j].sends and spare:
                donors.append(j)
        donor = max(donors, key=lambda j: self.qualified(j, subject), default=-1)
        able = [
            t
            for t in (self.eligible(donor) if donor >= 0 else [])
            if t.qualified and t.subject == subject and t.experience > 0.0 and self.may_go(t, to)
        ]
        return min(able, key=lambda t: self.draw(t, 1), default=None)

    def cover_shortages(self, pool: list[int], caps: dict[int, float]) -> None:
        """Send qualified teachers where a subject lacks them, the largest shortage first."""
        tried: set[tuple[int, int]] = set()
        while True:
            places = [(j, k) for j in pool if self.s.is_open(j) and self.rules[j].receives for k in range(6)]
            short = [place for place in places if place not in tried and self.lacking(*place) >= 0.5]
            if not short:
                return
            to, subject = max(short, key=lambda place: self.lacking(*place))
            t = self.helper(to, subject, pool, caps)
            whole = t is not None and self.rules[t.home].time_share >= 1.0
            unqualified = [
                o
                for o in self.s.teachers
                if o.home == to and is_free(o) and o.employment == 0 and not o.qualified and o.subject == subject
                if t is not None and self.may_go(o, t.home)
            ]
            if t is None or (whole and (not unqualified or not self.has_room(to, 1.0))):
                tried.add((to, subject))
                continue
            caps[t.home] -= min(1.0, self.rules[t.home].time_share)
            self.send(t, to, unqualified[0] if whole else None)

    def serve(self, pool: list[int]) -> None:
        """Carry out this year's moves in one pool."""
        quota, caps = self.rules[pool[0]].quota, self.caps(pool)
        if quota in (1, 2):
            for j in pool:
                if self.rules[j].sends and self.s.is_open(j):
                    self.send_quota(j, pool)
        elif quota == 3:
            while self.lend_backbone(pool, caps):
                pass
        elif quota == 4:
            self.send_back(pool)
            self.cover_shortages(pool, caps)
            while self.even_skill(pool, caps):
                pass
        elif quota == 5:
            self.cover_shortages(pool, caps)


def rotation(before: State) -> State:
    """Stays that are up end; in autumn every pool of every rule carries out its moves."""
    s, rules = copy.deepcopy(before), before.policy.rules
    for t in s.teachers:
        lasting = any(
            rules.quota[number, t.home] > 0
            and rules.pool[number, t.home] >= 0
            and rules.stay_years[number, t.home] == math.inf
            for number in range(len(rules.pool))
        )
        ended = s.now.autumn and t.away_until == math.inf and not lasting
        if ended or -math.inf < t.away_until <= s.now.term * s.now.dt:
            if t.visiting >= 0:
                t.__dict__.update(visiting=-1, visit_share=0.0, backfill=0, away_until=-math.inf)
            else:
                go_home(s, t)
    if s.now.autumn:
        for number in range(len(s.policy.rules.pool)):
            moves = Moves(s, number)
            for pool in sorted({rule.pool for rule in moves.rules if rule.pool >= 0}):
                members = [j for j, rule in enumerate(moves.rules) if rule.pool == pool]
                if len(members) > 1:
                    moves.serve(members)
    return s

"""The oracle's learning: from colleagues, from contacts at tied schools, and from being coached."""

import copy
import math
from typing import Any

from model.chance import uniform2
from tests.model.oracle import MIXED, RESEARCH, State, teams_of

LEARNING_STREAM = 6


# 5 Learning -----------------------------------------------------------------------------------------------------------


def lesson(s: State, gap: float) -> float:
    """g·exp(−g/Γ) from one better by g, −weak·|g| from a worse one."""
    return gap * math.exp(-gap / s.p.learning.absorptive_range) if gap > 0.0 else s.p.learning.weak_peer_ratio * gap


def met_elsewhere(s: State, t: Any, school: int) -> float:  # noqa: ANN401
    """ϑ·R·L_cross: mean lesson of this term's contacts at tied schools, each drawn in proportion to the ties."""
    ties = [e for e in s.into(school) if e.strength[RESEARCH] > 0.0]
    total = sum(e.strength[RESEARCH] for e in ties)
    if not ties:
        return 0.0
    contacts, learned = max(1, int(s.p.learning.contacts * s.now.dt + 0.5)), 0.0
    for n in range(contacts):
        u, v = uniform2(s.now.key, t.id, s.now.term, LEARNING_STREAM, n)
        reached, partner = 0.0, ties[-1]
        for e in ties:
            reached += e.strength[RESEARCH]
            if u * total < reached:
                partner = e
                break
        teams = teams_of(s, partner.source)
        colleagues = teams.get(t.subject) or teams.get(MIXED) or []
        if colleagues:
            other = colleagues[min(len(colleagues) - 1, int(v * len(colleagues)))]
            learned += lesson(s, other.skill - t.skill)
    return s.p.learning.cross_school_ratio * min(1.0, total) * learned / contacts


def doses_at(s: State, school: int) -> dict[int, float]:
    """Return coaching doses (1/year) by teacher row."""
    p, a, staff, teams = s.p.learning, s.policy, s.staff(school), teams_of(s, school)
    doses = {t.row: 0.0 for t in staff}
    for team in teams.values():
        _mentoring(s, team, doses)
        _studio(s, school, team, doses)
    honoured = [t for t in staff if t.honour > 0]
    if a.cultivation[school] > 0.0 and honoured and len(honoured) < len(staff):
        _cultivation(s, school, staff, doses)
    for t in staff:
        cycle = int(a.training[school])
        if cycle and (int(t.id) >> 20) % cycle == s.now.year % cycle:
            doses[t.row] += p.training_dose
        if s.schools[school].uplift:
            doses[t.row] += p.uplift_dose * float(a.uplift[school])
        if t.honour > 0:
            doses[t.row] += p.mentor_return * s.schools[school].outreach / s.p.attention.capacity
    return doses


def _mentoring(s: State, team: list[Any], doses: dict[int, float]) -> None:
    p = s.p.learning
    novices, coaches = [t for t in team if t.experience < 3.0], [t for t in team if t.honour > 0]
    if novices and coaches:
        each = min(p.mentoring, p.coach_load * len(coaches) / len(novices))
        for t in novices:
            doses[t.row] += each
        for t in coaches:
            doses[t.row] += p.mentor_return * each * len(novices) / len(coaches)


def _studio(s: State, school: int, team: list[Any], doses: dict[int, float]) -> None:
    """Masters of tied schools of the group share their doses among its schools, and there among followers."""
    ties = [e for e in s.into(school) if e.layer == 0]
    followers = [t for t in team if t.honour == 0]
    given = 0.0
    for e in ties:
        if s.policy.studio[e.source] > 0.0 and s.policy.research[e.row] > 0.0:
            masters = [t for t in teams_of(s, e.source).get(team[0].subject, []) if t.honour >= 2]
            given += s.p.learning.studio_dose * len(masters)
    for t in followers:
        doses[t.row] += min(1.0, given / len(ties) / len(followers)) if ties else 0.0


def _cultivation(s: State, school: int, staff: list[Any], doses: dict[int, float]) -> None:
    """Full doses a head of staff to the best 30 % without honours, as far as there are coaches."""
    p, coaches = s.p.learning, [t for t in staff if t.honour > 0]
    others = sorted((t for t in staff if t.honour == 0), key=lambda t: -t.skill)
    bar = others[math.ceil(0.3 * len(others)) - 1].skill
    chosen = [t for t in others if t.skill >= bar]
    given = min(float(s.policy.cultivation[school]) * len(staff), p.coach_load * len(coaches))
    for t in chosen:
        doses[t.row] += given / len(chosen)
    for t in coaches:
        doses[t.row] += p.mentor_return * given / len(coaches)


def rate_of_a_dose(s: State) -> float:
    """Return c such that a year of full dose nets the gain: c·(1 − exp(−k))/k with k = c/K + δ."""
    p = s.p.learning
    wanted = min(p.coaching_gain, 0.9 * p.ceiling)
    low, high = 0.0, 1000.0 * p.ceiling
    while high - low > 1e-16 * high:
        middle = 0.5 * (low + high)
        k = middle / p.ceiling + p.fade
        if middle in (low, high):
            break
        low, high = (middle, high) if -middle * math.expm1(-k) / k < wanted else (low, middle)
    return low


def reference(region: Any, skill: float) -> float:  # noqa: ANN401
    """L_ref, interpolated in the region's table; beyond its ends the end, to a millionth of a step."""
    table, place = region.reference, (skill - region.reference_low) / region.reference_step
    place = min(max(place, 0.0), len(table) - 1.000001)
    k = int(place)
    return float(table[k] + (place - k) * (table[k + 1] - table[k]))


def learning(before: State) -> State:
    """d extra/dt = η·[L + ϑ·R·L_cross − L_ref] + coaching − δ·extra, gains times the climate, solved over the term."""
    s, p, rate = copy.deepcopy(before), before.p.learning, rate_of_a_dose(before)
    grown, coached = {}, {}
    for j in s.schools:
        region = s.regions[j.region]
        z = (sum(j.practice) - region.practice_mean) / region.practice_sd if region.practice_sd > 0.0 else 0.0
        climate, doses = p.environment_ratio ** (z / 1.35), doses_at(before, j.row)
        for team in teams_of(before, j.row).values():
            for t in team:
                others = [lesson(before, o.skill - t.skill) for o in team if o is not t]
                mean = sum(others) / len(others) if others else 0.0
                net = p.peer_rate * (mean + met_elsewhere(before, t, j.row) - reference(region, t.skill))
                grown[t.row] = net * climate if net > 0.0 else net
                coached[t.row] = rate * doses[t.row] * climate
    _ordinary(s, grown, coached)
    for t in s.teachers:
        if t.row in grown:
            _relax_extra(s, t, grown[t.row], coached[t.row])
    return s


def _ordinary(s: State, grown: dict[int, float], coached: dict[int, float]) -> None:
    """During burn-in, what is ordinary is the region's mean growth; its mean over the standing terms is kept."""
    if not s.now.burn_in:
        return
    for region in s.regions:
        here = [t for t in s.present() if s.schools[t.post].region == region.row]
        growth = [grown[t.row] + coached[t.row] * max(0.0, 1.0 - t.extra / s.p.learning.ceiling) for t in here]
        region.ordinary = sum(growth) / len(growth) if growth else 0.0
        region.ordinary_anchor += s.now.standing * region.ordinary


def _relax_extra(s: State, t: Any, grown: float, coached: float) -> None:  # noqa: ANN401
    p, dt = s.p.learning, s.now.dt
    force = grown - s.regions[s.schools[t.post].region].ordinary
    speed = p.fade
    if coached > 0.0 and t.extra < p.ceiling:
        speed, force = p.fade + coached / p.ceiling, force + coached
    t.extra = t.extra * math.exp(-speed * dt) + force * -math.expm1(-speed * dt) / speed
    t.skill = t.talent + t.career + t.extra + t.match

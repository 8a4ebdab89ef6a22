"""The oracle's people: who leaves and is hired, who is promoted, and what a change of place means."""

import copy
import math
from typing import Any

import numpy as np

from model.chance import normal, pair_id, person_id, uniform
from tests.model.oracle import State

INITIAL, STAFFING, PROMOTION, ROTATION = 1, 2, 3, 4
TAKEN_ALONG = (
    "qualified", "title", "honour", "subject", "experience", "career", "talent", "extra", "morale", "years_away",
)  # fmt: skip
HOME_AGAIN = {"partner": -1, "backfill": 0, "away_until": -math.inf}


def pair(a: Any, b: Any) -> Any:  # noqa: ANN401
    return np.uint64(pair_id(a, b))


def person(t: Any) -> Any:  # noqa: ANN401
    return np.uint64(person_id(t.id, t.hired))


def _matched(s: State, t: Any, school: int) -> float:  # noqa: ANN401
    """Return the match of a person with a school: one draw for the pair."""
    place = s.schools[school]
    return float(s.regions[place.region].match_sd * normal(s.now.key, pair(person(t), place.id), 0, INITIAL, 7))


def work_at(s: State, t: Any, school: int) -> None:  # noqa: ANN401
    t.post, t.match = school, _matched(s, t, school)
    t.skill = t.talent + t.career + t.extra + t.match


def go_home(s: State, t: Any) -> None:  # noqa: ANN401
    """A stay ends: at half the cost of a new post, and the clock of years at one school restarts."""
    t.__dict__.update(HOME_AGAIN, tenure=0.0, school_years=0.0, shock=0.5)
    work_at(s, t, t.home)


def is_free(t: Any) -> bool:  # noqa: ANN401
    return bool(t.post == t.home and t.visiting < 0)


def tilt(s: State, school: int) -> float:
    """s = s₀·(2·head_on_members − 1)."""
    return s.p.rotation.selection * (2.0 * float(s.policy.sends_best[school]) - 1.0)


# 1 Staffing -----------------------------------------------------------------------------------------------------------


def _leaves(s: State, t: Any) -> bool:  # noqa: ANN401
    """Quit with q(setting)·exp(−k_m·morale), or retire when the years of service are complete."""
    p, school = s.p.staffing, s.schools[t.home]
    rate = p.quit_lead if school.role >= 2 else p.quit_rural if school.setting == 2 else p.quit_urban
    rate *= p.quit_off_establishment if t.employment else 1.0
    quitting = min(1.0, rate * math.exp(-p.morale_on_quit * t.morale))
    retiring = min(1.0, max(0.0, t.experience + 1.0 - (p.service_years - 1.0)))
    return bool(uniform(s.now.key, t.id, s.now.year, STAFFING, 0) < 1.0 - (1.0 - quitting) * (1.0 - retiring))


def _hire(s: State, t: Any) -> None:  # noqa: ANN401
    """A novice takes the row, at home."""
    p, school, now = s.p.staffing, s.schools[t.home], s.now
    t.__dict__.update(HOME_AGAIN, visiting=-1, visit_share=0.0, hired=now.year, title=0, honour=0)
    for name in ("experience", "tenure", "school_years", "years_away", "extra", "morale", "shock", "career"):
        setattr(t, name, 0.0)
    spread = s.regions[school.region].talent_sd
    t.talent = school.entry + spread * float(normal(now.key, t.id, now.year, STAFFING, 1))
    rate = (p.unqualified_urban, p.unqualified_township, p.unqualified_rural)[school.setting]
    rate *= 1.0 if t.subject >= 3 else p.unqualified_major
    t.qualified = bool(uniform(now.key, t.id, now.year, STAFFING, 2) >= rate)
    work_at(s, t, t.home)


def _redeploy(s: State, leaving: set[int], was_open: list[bool]) -> None:
    """Vacant posts go to the school of the county with fewest posts per pupil, and its subject in shortest supply."""
    owned = [sum(1 for t in s.teachers if t.home == j.row and was_open[j.row]) for j in s.schools]
    cover = [[0.0] * 6 for _ in s.schools]
    for t in s.teachers:
        if was_open[t.home] and t.qualified and t.row not in leaving:
            cover[t.home][t.subject] += 1.0
    for t in s.teachers:
        old = s.schools[t.home]
        drawn = uniform(s.now.key, t.id, s.now.year, STAFFING, 3) < s.policy.county_posts[t.home]
        if t.row not in leaving or old.ownership != 0 or not drawn:
            continue
        owned[old.row] -= 1
        alike = [j for j in s.schools if (j.region, j.ownership) == (old.region, old.ownership)]
        others = [j for j in alike if j.pupils > 0.0 and owned[j.row] > 0 and j is not old]
        neediest = min([old, *others], key=lambda j: owned[j.row] / j.pupils)
        owned[neediest.row] += 1
        t.home, have = neediest.row, cover[neediest.row]
        t.subject = min(range(6), key=lambda k: have[k] - neediest.subject_need[k] * (sum(have) + 1.0))
        have[t.subject] += 1.0


def _open(s: State, j: Any) -> None:  # noqa: ANN401
    """A new school: novices, and from the lead that seeds it a share of people, and its practice so far as it fits."""
    a, p = s.policy, s.p
    rows = [t for t in s.teachers if t.home == j.row]
    seeded = j.seeded_by >= 0 and a.seed[j.row] > 0.0
    lead = s.schools[j.seeded_by]
    j.entry = lead.entry if seeded else j.entry
    for t in rows:
        _hire(s, t)
    if not seeded:
        return
    spread = max(s.regions[lead.region].talent_sd, 1e-12)
    strength = tilt(s, lead.row)
    staff = [t for t in s.teachers if t.home == lead.row and is_free(t) and t.experience > 0.0]
    draws = {t.row: -math.log(uniform(s.now.key, t.id, s.now.year, STAFFING, 4)) for t in staff}
    staff.sort(key=lambda t: draws[t.row] * math.exp(-strength * t.skill / spread))
    for new, old in zip(rows, staff[: int(p.schools.seed_staff_share * len(rows) + 0.5)], strict=False):
        for name in TAKEN_ALONG:
            setattr(new, name, getattr(old, name))
        new.shock = 1.0
        work_at(s, new, j.row)
        _hire(s, old)
    fidelity = p.practice.seed_fidelity if a.seed[j.row] >= 1.0 else p.practice.seed_fidelity_other
    j.character = fidelity * lead.character + (1.0 - fidelity) * j.character
    misfit = (1.0 - p.transfer.base_localisation) * abs(lead.character - j.character) / p.transfer.misfit_scale
    j.practice = [fidelity * math.exp(-misfit) * level for level in lead.practice]


def staffing(before: State) -> State:
    """Leave, age, redeploy vacant posts, hire, open schools."""
    s = copy.deepcopy(before)
    was_open = [j.opens <= s.now.year - 1 for j in s.schools]
    leaving = {t.row for t in s.teachers if was_open[t.home] and _leaves(s, t)}
    for j in s.schools:
        j.leavers = float(sum(1 for t in s.teachers if t.row in leaving and t.home == j.row))
    for t in s.teachers:
        t.experience, t.school_years = t.experience + 1.0, t.school_years + 1.0
        total, half = s.p.teachers.experience_total, s.p.teachers.experience_half
        t.career = total * (1.0 - 2.0 ** (-t.experience / half))
        t.skill = t.talent + t.career + t.extra + t.match
    if s.policy.county_posts.any():
        _redeploy(s, leaving, was_open)
    for t in s.teachers:
        if t.row in leaving and t.partner >= 0 and t.partner not in leaving:
            go_home(s, s.teachers[t.partner])
    for t in s.teachers:
        if t.row in leaving:
            _hire(s, t)
    for j in s.schools:
        if s.now.year - 1 < j.opens <= s.now.year:
            _open(s, j)
    return s


# 2 Promotion ----------------------------------------------------------------------------------------------------------


def promotion(before: State) -> State:
    """Honours over the county to the best judged; titles within each home school's quota; nobody loses either."""
    s, p = copy.deepcopy(before), before.p.staffing
    noise = {t.row: float(normal(s.now.key, person(t), 0, PROMOTION, 0)) for t in s.teachers}
    merit = {t.row: t.skill - t.match + p.merit_noise * noise[t.row] for t in s.teachers}
    for county in {j.county for j in s.schools}:
        people = [t for t in s.teachers if s.schools[t.home].county == county]
        staff = sum(1 for t in people if s.is_open(t.home))
        for rank, share in ((1, s.p.schools.backbone_share), (2, s.p.schools.master_share)):
            ready = [t for t in people if t.experience >= p.honour_years and s.is_open(t.home) and t.honour == rank - 1]
            places = int(share * staff + 0.5) - sum(1 for t in people if t.honour >= rank)
            for t in sorted(ready, key=lambda t: -merit[t.row])[: max(0, places)]:
                t.honour = rank
    for j in s.schools:
        people = [t for t in s.teachers if t.home == j.row and t.employment == 0]
        credit = float(s.policy.title_credit[j.row])
        held = [sum(1 for t in s.teachers if t.home == j.row and t.title >= level) for level in (1, 2)]
        for level, quota, years in ((1, p.title_quota, 5.0), (2, p.senior_quota, 12.0)):
            ready = [t for t in people if t.experience >= years and t.title == level - 1]
            ready.sort(key=lambda t: -(merit[t.row] + p.rotation_credit * credit * min(t.years_away, 3.0)))
            for t in ready[: max(0, int(quota * len(people) + 0.5) - held[level - 1])]:
                t.title = level
    return s

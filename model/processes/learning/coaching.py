"""Coaching: mentors of novices, cultivation of the next in line, training, studios of masters, uplift files.

Source: kraft2018.
"""

import numpy as np

from model.arithmetic import expm1_ratio, nth_smallest
from model.codes import Honour, TieLayer
from model.columns import TEAMS, Floats
from model.compilation import compiled, helper, inlined
from model.parameters import Learning as Numbers
from model.processes.learning.view import Room, View

NOVICE_YEARS = 3.0
RECIPIENT_SHARE = 0.3


@compiled
def coaching_rate(gain: float, ceiling: float, fade: float) -> float:
    """Return the rate c at which a full dose acts, so that a year of it nets `gain` (at most 0.9 of the ceiling).

    Solves gain = c/(c/K + δ) · (1 − exp(−(c/K + δ))) by bisection.
    """
    wanted = min(gain, 0.9 * ceiling)
    low, high = 0.0, 1000.0 * ceiling
    for _ in range(80):
        c = 0.5 * (low + high)
        if c * expm1_ratio(c / ceiling + fade) < wanted:
            low = c
        else:
            high = c
    return 0.5 * (low + high)


@inlined
def _mentor(x: View, begin: int, end: int, p: Numbers, dose: Floats) -> None:
    """Novices of a team are mentored by its honoured members, who gain from it."""
    novices, honoured = 0, 0
    for n in range(begin, end):
        novices += x.experience[x.team_order[n]] < NOVICE_YEARS
        honoured += x.honour[x.team_order[n]] != Honour.NONE
    if novices == 0 or honoured == 0:
        return
    each = min(p.mentoring, p.coach_load * honoured / novices)
    for n in range(begin, end):
        dose[n] += each if x.experience[x.team_order[n]] < NOVICE_YEARS else 0.0
        dose[n] += p.mentor_return * each * novices / honoured if x.honour[x.team_order[n]] != Honour.NONE else 0.0


@helper
def _cultivate(x: View, school: int, p: Numbers, skills: Floats, dose: Floats) -> None:
    """Cultivation (梯队培养): doses to the best 30 % of those without honours, as far as there are coaches."""
    first, last = x.team_start[school * TEAMS], x.team_start[(school + 1) * TEAMS]
    others, taking_part = 0, 0
    for n in range(first, last):
        if x.honour[x.team_order[n]] == Honour.NONE:
            skills[others] = x.skill[x.team_order[n]]
            others += 1
    honoured, wanted = last - first - others, int(np.ceil(RECIPIENT_SHARE * others))
    if honoured == 0 or wanted == 0:
        return
    bar = nth_smallest(skills[:others], others - wanted)
    for m in range(others):
        taking_part += skills[m] >= bar
    given = min(x.cultivation[school] * (last - first), p.coach_load * honoured)
    for n in range(first, last):
        if x.honour[x.team_order[n]] != Honour.NONE:
            dose[n] += p.mentor_return * given / honoured
        elif x.skill[x.team_order[n]] >= bar:
            dose[n] += given / taking_part


@helper
def _train(x: View, school: int, year: int, p: Numbers, dose: Floats) -> None:
    """Full training in an n-year cycle reaches each teacher once a cycle."""
    cycle = x.training[school]
    for n in range(x.team_start[school * TEAMS], x.team_start[(school + 1) * TEAMS]):
        turn = int((x.id[x.team_order[n]] >> np.uint64(20)) % np.uint64(cycle))
        dose[n] += p.training_dose if turn == year % cycle else 0.0


@helper
def _studio_dose(x: View, school: int, subject: int, p: Numbers) -> float:
    """Return coaching doses that masters of tied schools give to one subject team of this school."""
    total = 0.0
    for e in range(x.tie_start[school], x.tie_start[school + 1]):
        source = x.source[e]
        if x.layer[e] != TieLayer.GROUP or x.studio[source] == 0.0 or x.research[e] <= 0.0:
            continue
        slot = source * TEAMS + subject
        for n in range(x.team_start[slot], x.team_start[slot + 1]):
            total += p.studio_dose if x.honour[x.team_order[n]] >= Honour.MASTER else 0.0
    return total


@helper
def _follow_studio(x: View, begin: int, end: int, school: int, p: Numbers, dose: Floats) -> None:
    """Give doses of studios to the team's members without honours, shared by the schools of the group."""
    peers = 0
    for e in range(x.tie_start[school], x.tie_start[school + 1]):
        peers += x.layer[e] == TieLayer.GROUP
    followers = 0
    for n in range(begin, end):
        followers += x.honour[x.team_order[n]] == Honour.NONE
    if followers == 0 or peers == 0:
        return
    each = min(1.0, _studio_dose(x, school, x.subject[x.team_order[begin]], p) / peers / followers)
    for n in range(begin, end):
        dose[n] += each if x.honour[x.team_order[n]] == Honour.NONE else 0.0


@inlined
def coach_school(
    x: View, p: Numbers, school: int, year: int, studios: bool, load: float, room: Room, dose: Floats
) -> None:  # fmt: skip
    """Set the coaching doses (1/year) of everybody who works at a school, in team order."""
    first, last = x.team_start[school * TEAMS], x.team_start[(school + 1) * TEAMS]
    for n in range(first, last):
        dose[n] = 0.0
    for k in range(TEAMS):
        begin, end = x.team_start[school * TEAMS + k], x.team_start[school * TEAMS + k + 1]
        if end > begin:
            _mentor(x, begin, end, p, dose)
            if studios:
                _follow_studio(x, begin, end, school, p, dose)
    if x.cultivation[school] > 0.0:
        _cultivate(x, school, p, room.gaps, dose)
    if x.training[school] > 0:
        _train(x, school, year, p, dose)
    everybody = p.training_dose * x.trained[school] + (p.uplift_dose * x.uplift[school] if x.weakest[school] else 0.0)
    for n in range(first, last):
        dose[n] += everybody + (p.mentor_return * load if x.honour[x.team_order[n]] != Honour.NONE else 0.0)

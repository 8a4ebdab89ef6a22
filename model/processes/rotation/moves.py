"""One move of one teacher: leaving, arriving, covering and coming home, with the tallies kept up to date."""

import numpy as np

from model.codes import Backfill
from model.columns import Positions
from model.compilation import helper
from model.processes.rotation.case import Case, Tally, count_at, has_room
from model.processes.rotation.places import agrees, blind_partner, destination, may_go
from model.staff import go_home, is_free, update_match


@helper
def _arrive(c: Case, i: int, school: int, until: float) -> None:
    """Teacher i starts work at another school."""
    f = c.f
    count_at(c, i, f.code[i].post, -1.0)
    f.code[i].post = school
    f.amount[i].tenure, f.amount[i].shock, f.amount[i].away_until = 0.0, 1.0, until
    update_match(f, i, school, c.key)
    count_at(c, i, school, 1.0)
    c.tally[f.code[i].home, Tally.AWAY] += 1.0


@helper
def _visit(c: Case, i: int, school: int, until: float) -> None:
    """Teacher i teaches part of the week at another school; home and post stay."""
    home = c.f.code[i].home
    share = c.rules[home].time_share
    c.f.code[i].visiting, c.f.amount[i].visit_share, c.f.amount[i].away_until = school, share, until
    c.f.code[i].backfill = c.rules[home].backfill
    c.tally[home, Tally.AWAY] += share
    if c.f.code[i].qualified:
        c.lacking[school, c.f.code[i].subject] -= share


@helper
def _until(c: Case, school: int) -> float:
    years = c.rules[school].stay_years
    return c.year + (c.p.stay_years if np.isnan(years) else years)


@helper
def _ask(c: Case, i: int, to: int) -> None:
    """Where the policy is compulsory, an unwilling teacher goes too, at a loss of morale."""
    if c.rules[c.f.code[i].home].compulsory and not agrees(c, i, to):
        c.f.amount[i].morale -= c.p.unwilling_cost


@helper
def send(c: Case, i: int, to: int, partner: int) -> None:
    """Carry out one move, with the counterpart of a swap."""
    home = c.f.code[i].home
    _ask(c, i, to)
    until = _until(c, home)
    if c.rules[home].time_share < 1.0:
        _visit(c, i, to, until)
        return
    c.f.code[i].backfill = c.rules[home].backfill
    _arrive(c, i, to, until)
    if partner >= 0:
        _ask(c, partner, home)
        _arrive(c, partner, home, until)
        c.f.code[partner].backfill = Backfill.SWAP
        c.f.code[i].partner, c.f.code[partner].partner = partner, i


@helper
def try_to_send(c: Case, i: int, schools: Positions) -> bool:
    """Send teacher i if there is a place, a cover where one is needed, and consent where it is asked."""
    home = c.f.code[i].home
    share = min(1.0, c.rules[home].time_share)
    to = destination(c, i, schools)
    if to < 0 or not has_room(c, home, share) or not is_free(c.f, i):
        return False
    if not may_go(c, i, to):
        return False
    partner = -1
    if c.rules[home].backfill == Backfill.SWAP and share >= 1.0:
        partner = blind_partner(c, i, to, True)
        if partner < 0:
            return False
    send(c, i, to, partner)
    return True


@helper
def send_home(c: Case, i: int) -> None:
    """End a permanent redeployment, keeping the tallies."""
    count_at(c, i, c.f.code[i].post, -1.0)
    go_home(c.f, i, c.key)
    count_at(c, i, c.f.code[i].home, 1.0)
    c.tally[c.f.code[i].home, Tally.AWAY] -= 1.0

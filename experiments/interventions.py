"""What virtual experiments do to named teachers, by the model's own equations."""

import numpy as np

from experiments.trials import Intervention
from model.arithmetic import exp, expm1_ratio
from model.columns import Rows
from model.parameters import Learning, Parameters
from model.process import Moment
from model.processes.learning import climate, coaching_rate
from model.processes.learning import lesson as lesson_of
from model.processes.rotation import COLUMNS
from model.staff import AWAY_UNTIL, BACKFILL, PARTNER, POST, SHOCK, TENURE, Staff, pack, unpack, update_match
from model.teams import team_columns
from model.world import Changes, Pool, World

SWAP = 1


def exchange(pairs: Rows) -> Intervention:
    """Let the two of each pair (n, 2) change posts for good in the first autumn; neither is unwilling."""

    def step(world: World, parameters: Parameters, now: Moment, pool: Pool) -> Changes:
        f = pack(world.teachers, world.schools, world.regions)
        places = f.code[pairs, POST]
        for (one, other), (here, there) in zip(pairs, places, strict=True):
            _arrive(f, one, there, other, now)
            _arrive(f, other, here, one, now)
        columns = unpack(f, world.teachers, COLUMNS, pool)
        return {"teachers": columns} | team_columns(world, columns["post"], world.teachers.subject, now.year, pool)

    return Intervention("rotation", 1, True, step)


def _arrive(f: Staff, i: int, school: int, partner: int, now: Moment) -> None:
    f.code[i, POST], f.code[i, PARTNER], f.code[i, BACKFILL] = school, partner, SWAP
    f.amount[i, TENURE], f.amount[i, SHOCK], f.amount[i, AWAY_UNTIL] = 0.0, 1.0, np.inf
    update_match(f, i, school, now.key)


def partner(pairs: Rows, dose: float = 1.0, contact: float = 1.0, years: int = 1) -> Intervention:
    """Let the two of each pair (low, high) work together at their school for `years` years.

    The high one coaches the low one (`dose` coaching doses a year, for the usual return), and both learn from each
    other as colleagues of a team of two do, beyond what their own teams teach (`contact`, in hours of a team's meetings).
    """

    def step(world: World, parameters: Parameters, now: Moment, pool: Pool) -> Changes:
        p, t = parameters.learning, world.teachers
        low, high = pairs.T
        extra, skill = pool.copy(t.extra), pool.like(t.skill)
        for one, other, doses in ((low, high, dose), (high, low, dose * p.mentor_return)):
            for i, j in zip(one, other, strict=True):
                extra[i] = _grown(world, p, i, contact * _lesson(t.skill[j] - t.skill[i], p), doses, now.dt)
        skill[:] = t.skill + (extra - t.extra)
        return {"teachers": {"extra": extra, "skill": skill}}

    return Intervention("learning", years, False, step)


def _lesson(gap: float, p: Learning) -> float:
    return float(lesson_of(float(gap), p.absorptive_range, p.weak_peer_ratio))


def _grown(world: World, p: Learning, i: int, lesson: float, doses: float, dt: float) -> float:
    """Return `extra` of teacher i with a term's lesson (σ) and coaching of the pair added to what learning gave."""
    t, s, r = world.teachers, world.schools, world.regions
    school = t.post[i]
    region = s.region[school]
    practice = float(s.practice[school].sum())
    factor = climate(p.environment_ratio, practice, r.practice_mean[region], r.practice_sd[region])
    force = p.peer_rate * lesson * (factor if lesson > 0.0 else 1.0)
    before = float(t.extra[i])
    coached = factor * doses * coaching_rate(p.coaching_gain, p.ceiling, p.fade) if before < p.ceiling else 0.0
    # Learning has let `before` fade already; what is added now fades, and saturates, while it is gained.
    speed = coached / p.ceiling
    return float(before * exp(-speed * dt) + (force + coached) * dt * expm1_ratio((p.fade + speed) * dt))

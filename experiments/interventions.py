"""What virtual experiments do to named teachers, by the model's own equations."""

from experiments.trials import Intervention
from model.arithmetic import exp, expm1_ratio
from model.chance import Key
from model.codes import Backfill
from model.columns import Rows
from model.compilation import compiled
from model.parameters import Learning, Parameters
from model.process import Moment
from model.processes.learning import climate
from model.processes.learning.coaching import coaching_rate
from model.processes.learning.peers import lesson
from model.processes.rotation import COLUMNS
from model.staff import Staff, pack, unpack, update_match
from model.teams import team_columns
from model.world import Changes, Pool, World

# A year that never comes: a stay without end is ended where no rotation policy redeploys.
FOR_GOOD = 1e6


def exchange(pairs: Rows) -> Intervention:
    """Let the two of each pair (n, 2) change posts for good in the first autumn; neither is unwilling."""

    def step(world: World, parameters: Parameters, now: Moment, pool: Pool) -> Changes:
        everybody = slice(0, len(world.teachers.id))
        f, columns = pack(world, everybody), {name: pool.own(getattr(world.teachers, name)) for name in COLUMNS}
        places = f.code["post"][pairs]
        for (one, other), (here, there) in zip(pairs, places, strict=True):
            _arrive(f, one, there, other, now.key)
            _arrive(f, other, here, one, now.key)
        unpack(f, columns, everybody)
        return {"teachers": columns} | team_columns(world, columns["post"], world.teachers.subject, now.year, pool)

    return Intervention("rotation", 1, True, step)


@compiled
def _arrive(f: Staff, i: int, school: int, partner: int, key: Key) -> None:
    f.code[i].post, f.code[i].partner, f.code[i].backfill = school, partner, Backfill.SWAP
    f.amount[i].tenure, f.amount[i].shock, f.amount[i].away_until = 0.0, 1.0, FOR_GOOD
    update_match(f, i, school, key)


def partner(pairs: Rows, dose: float = 1.0, contact: float = 1.0, years: int = 1) -> Intervention:
    """Let the two of each pair (low, high) work together at their school for `years` years.

    The high one coaches the low one (`dose` doses a year, for the usual return), and both learn from each other as a
    team of two does, beyond what their own teams teach (`contact`, in hours of a team's meetings).
    """

    def step(world: World, parameters: Parameters, now: Moment, pool: Pool) -> Changes:
        p, t = parameters.learning, world.teachers
        low, high = pairs.T
        extra, skill = pool.copy(t.extra), pool.like(t.skill)
        for one, other, doses in ((low, high, dose), (high, low, dose * p.mentor_return)):
            for i, j in zip(one, other, strict=True):
                taught = p.peer_rate * contact * lesson(t.skill[j] - t.skill[i], p.absorptive_range, p.weak_peer_ratio)
                factor = _climate(world, p, i)
                coached = factor * doses * coaching_rate(p.coaching_gain, p.ceiling, p.fade)
                extra[i] = grown(t.extra[i], taught * (factor if taught > 0.0 else 1.0), coached, p, now.dt)
        skill[:] = t.skill + (extra - t.extra)
        return {"teachers": {"extra": extra, "skill": skill}}

    return Intervention("learning", years, False, step)


def _climate(world: World, p: Learning, i: int) -> float:
    """Return the factor on the growth of teacher i that the school's practice makes."""
    school = world.teachers.post[i]
    r, region = world.regions, world.schools.region[school]
    practice = float(world.schools.practice[school].sum())
    return float(climate(p.environment_ratio, practice, r.practice_mean[region], r.practice_sd[region]))


def grown(extra: float, force: float, coached: float, p: Learning, dt: float) -> float:
    """Return `extra` when lessons (`force`) and coaching (σ/year) of one term are added to what learning gave.

    Learning has let `extra` fade already; what is added fades, and saturates, while it is gained.
    """
    speed = coached / p.ceiling if extra < p.ceiling else 0.0
    gained = (force + speed * p.ceiling) * dt * expm1_ratio((p.fade + speed) * dt)
    return float(extra * exp(-speed * dt) + gained)

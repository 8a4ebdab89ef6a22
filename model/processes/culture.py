"""Characters converge along culture ties; trust grows with contact; drive follows autonomy and reward.

Documents C4 (trust through shared culture), C8 and L11 (inner drive), H7 (assessment at two levels) give the
directions; no study measures the rates.
"""

from typing import Annotated, NamedTuple

from model.arithmetic import relax
from model.attributes import Attributes
from model.chance import Stream
from model.codes import Channel
from model.columns import Floats, Rows
from model.compilation import compiled, helper
from model.parameters import Culture as Numbers
from model.parameters import Drive, Parameters
from model.process import Moment, Process, gather, reads_of
from model.world import Changes, Pool, World


class View(NamedTuple):
    """What culture knows of schools and ties; the last three are spare columns to fill."""

    tie_start: Annotated[Rows, "index.tie_start"]
    source: Annotated[Rows, "ties.source"]
    trust: Annotated[Floats, "ties.trust"]
    contact: Annotated[Floats, "ties.contact"]
    strength: Annotated[Floats, "ties.strength"]
    character: Annotated[Floats, "schools.character"]
    weight: Annotated[Floats, "attributes.weight"]
    drift: Annotated[Floats, "attributes.drift"]
    autonomy: Annotated[Floats, "attributes.autonomy_drive"]
    recognition: Annotated[Floats, "attributes.recognition"]
    incentive: Annotated[Floats, "attributes.incentive"]
    character_after: Floats
    drive_after: Floats
    trust_after: Floats


@helper
def drive_of(autonomy: float, recognition: float, incentive: float, p: Drive) -> float:
    """Return drive: 1 when autonomous, unrecognised and paid on the own school (`incentive` 1)."""
    return 1.0 + p.autonomy * (autonomy - 1.0) + p.recognition * recognition + p.pay * (incentive - 1.0)


@helper
def trust_after(trust: float, contact: float, start: float, rise: float, fade: float, dt: float) -> float:
    """Return trust after dt: it rises towards 1 with contact and fades towards its start without."""
    up, down = rise * contact, fade * (1.0 - contact)
    speed = up + down
    return relax(trust, (up + down * start) / speed, speed, dt) if speed > 0.0 else trust


@helper
def _pull(x: View, e: int) -> float:
    """Return the effective culture weight on which characters converge along one tie."""
    weight = x.weight[e, Channel.CULTURE]
    return x.strength[e, Channel.CULTURE] * x.drift[e] / weight if weight > 0.0 else 0.0


@compiled
def _converge(x: View, p: Numbers, drive: Drive, dt: float) -> None:
    for j in range(len(x.character)):
        speed, pull = 0.0, 0.0
        for e in range(x.tie_start[j], x.tie_start[j + 1]):
            w = p.convergence * _pull(x, e)
            speed += w
            pull += w * x.character[x.source[e]]
        x.character_after[j] = relax(x.character[j], pull / speed, speed, dt) if speed > 0.0 else x.character[j]
        x.drive_after[j] = drive_of(x.autonomy[j], x.recognition[j], x.incentive[j], drive)


@compiled
def _trust(x: View, p: Numbers, dt: float) -> None:
    for e in range(len(x.trust)):
        x.trust_after[e] = trust_after(x.trust[e], x.contact[e], p.trust_start, p.trust_rise, p.trust_fade, dt)


def _step(world: World, attributes: Attributes, parameters: Parameters, moment: Moment, pool: Pool) -> Changes:
    s, trust = world.schools, pool.like(world.ties.trust)
    character, drive = pool.like(s.character), pool.like(s.drive)
    x = gather(View, world, attributes, character_after=character, drive_after=drive, trust_after=trust)
    _converge(x, parameters.culture, parameters.drive, moment.dt)
    _trust(x, parameters.culture, moment.dt)
    return {"schools": {"character": character, "drive": drive}, "ties": {"trust": trust}}


culture = Process(
    "culture",
    Stream.CULTURE,
    annual=False,
    reads=reads_of(View),
    writes=("schools.character", "schools.drive", "ties.trust"),
    step=_step,
)

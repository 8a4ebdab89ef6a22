"""What it costs, by account line and by the school that pays: where the money is spent, or the lead of a pooled purse.

Prices are judged orders of magnitude (documents L9, Y11, Z10 name the lines, not the sums); a county puts in its own.
"""

from typing import Annotated, NamedTuple

import numpy as np

from model.attributes import Attributes
from model.chance import Stream
from model.codes import Backfill, CostLine
from model.columns import Codes, Flags, Floats, Rows
from model.compilation import compiled
from model.parameters import Finance as Prices
from model.parameters import Learning, Parameters
from model.process import Moment, Process, gather, reads_of
from model.world import Changes, Pool, World


class People(NamedTuple):
    """Who works elsewhere, and where schools lie."""

    home: Annotated[Rows, "teachers.home"]
    post: Annotated[Rows, "teachers.post"]
    visiting: Annotated[Rows, "teachers.visiting"]
    visit_share: Annotated[Floats, "teachers.visit_share"]
    backfill: Annotated[Codes, "teachers.backfill"]
    x: Annotated[Floats, "schools.x"]
    y: Annotated[Floats, "schools.y"]


class Programmes(NamedTuple):
    """What schools take part in."""

    staff: Annotated[Floats, "schools.staff_home"]
    weakest: Annotated[Flags, "schools.uplift"]
    training: Annotated[Rows, "attributes.training"]
    trained: Annotated[Floats, "attributes.trained"]
    cultivation: Annotated[Floats, "attributes.cultivation"]
    uplift: Annotated[Floats, "attributes.uplift"]
    source: Annotated[Rows, "ties.source"]
    target: Annotated[Rows, "ties.target"]
    opens: Annotated[Floats, "schools.opens"]
    staff_post: Annotated[Floats, "schools.staff_post"]
    coaches: Annotated[Floats, "schools.backbone_post"]
    coordination: Annotated[Floats, "attributes.coordination"]
    contracts: Annotated[Floats, "attributes.contracts"]
    supervisors: Annotated[Floats, "attributes.supervisors"]
    awards: Annotated[Floats, "attributes.awards"]
    fund: Annotated[Floats, "attributes.fund"]
    platforms: Annotated[Floats, "attributes.platforms"]


@compiled
def _moves(t: People, p: Prices, cost: Floats) -> None:
    """Charge allowances, travel and cover for everybody who works elsewhere, to the school that receives them."""
    for i in range(len(t.post)):
        away = t.post[i] != t.home[i]
        if not away and t.visiting[i] < 0:
            continue
        home, to = t.home[i], t.post[i] if away else t.visiting[i]
        share = 1.0 if away else t.visit_share[i]
        dx, dy = t.x[home] - t.x[to], t.y[home] - t.y[to]
        cost[to, CostLine.ALLOWANCE] += p.allowance * share
        cost[to, CostLine.TRAVEL] += p.travel * p.trips * share * np.sqrt(dx * dx + dy * dy)
        if t.backfill[i] == Backfill.EXTRA or t.backfill[i] == Backfill.CONTRACT:
            cost[home, CostLine.COVER] += p.post * share


@compiled
def _programmes(a: Programmes, p: Prices, learning: Learning, year: int, cost: Floats) -> None:
    """Charge training, cultivation, uplift, contracts, supervision, awards and platforms of open schools."""
    for j in range(len(a.staff)):
        if a.opens[j] > year:
            continue
        staff = a.staff[j]
        if a.training[j] > 0:
            cost[j, CostLine.TRAINING] += p.training * staff / a.training[j]
        doses = min(a.cultivation[j] * a.staff_post[j], learning.coach_load * a.coaches[j])
        doses += learning.uplift_dose * a.uplift[j] * staff if a.weakest[j] else 0.0
        cost[j, CostLine.TRAINING] += p.coaching * doses + p.training * a.trained[j] * staff
        cost[j, CostLine.CONTRACT] += p.contract * a.contracts[j]
        cost[j, CostLine.SUPERVISION] += p.supervisor * a.supervisors[j]
        cost[j, CostLine.AWARD] += p.award * a.awards[j] + a.fund[j]
        cost[j, CostLine.PLATFORM] += p.platform * a.platforms[j]


@compiled
def _coordination(a: Programmes, price: float, year: int, cost: Floats) -> None:
    """Charge each lead for coordinating its open members."""
    for e in range(len(a.source)):
        if a.opens[a.target[e]] <= year:
            cost[a.source[e], CostLine.COORDINATION] += price * a.coordination[e]


@compiled
def _pool(payer: Rows, cost: Floats) -> None:
    """Move what is spent at schools of a pooled purse to the account of the school that pays for them."""
    for j in range(len(payer)):
        if payer[j] != j:
            cost[payer[j]] += cost[j]
            cost[j] = 0.0


def _step(world: World, attributes: Attributes, parameters: Parameters, moment: Moment, pool: Pool) -> Changes:
    cost = pool.like(world.schools.cost)
    cost[:] = 0.0
    _moves(gather(People, world, attributes), parameters.finance, cost)
    programmes = gather(Programmes, world, attributes)
    _programmes(programmes, parameters.finance, parameters.learning, moment.year, cost)
    _coordination(programmes, parameters.finance.coordination, moment.year, cost)
    _pool(attributes.payer, cost)
    return {"schools": {"cost": cost}}


finance = Process(
    "finance",
    Stream.FINANCE,
    annual=False,
    reads=reads_of(People, Programmes),
    writes=("schools.cost",),
    step=_step,
)

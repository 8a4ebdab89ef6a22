"""What a policy makes of every tie: weights by channel, authority, stake and supervision, effort and demand."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.attributes.layers import is_tied, number, same_level, tie_modes, with_independence
from model.codes import PRACTICES, Channel, LegalPerson, PoolRule, Rank, TieLayer
from model.policy import Layer, Mode, Policy, SupportPolicy
from model.world import World

NUMBERS = (
    "management", "teaching", "research", "culture", "platform", "online", "symmetry", "head_on_members",
    "supervision", "self_picked",
)  # fmt: skip


def tie_fields(policy: Policy, world: World) -> dict[str, Any]:
    """Return the fields of `Attributes` that are by tie, but for heads."""
    ties = world.ties
    count = len(ties.id)
    out: dict[str, Any] = {
        name: np.zeros(count)
        for name in (
            "demand", "stake", "supervision", "online", "research", "research_authority", "platform", "uniformity",
            "drift", "lessons", "coordination",
        )
    }  # fmt: skip
    out |= {"weight": np.zeros((count, 3)), "authority": np.zeros((count, 3)), "since": np.zeros(count)}
    out["self_picked"] = np.zeros(count, dtype=np.bool_)
    for layer in map(with_independence, policy.layers):
        modes = tie_modes(layer, world)
        rows = np.flatnonzero(modes >= 0)
        if len(rows):
            _fill_layer(out, layer, policy.support, modes[rows], rows, world)
    return out


def _fill_layer(
    out: dict[str, Any],
    layer: Layer,
    support: SupportPolicy,
    mode: NDArray[np.int64],
    rows: NDArray[np.int64],
    world: World,
) -> None:
    value = {name: number(layer.modes, name)[mode] for name in NUMBERS}
    led, hub, alike = world.ties.rank[rows] == Rank.SOURCE_LEADS, world.ties.hub[rows] == 1, same_level(world)[rows]
    scale = np.where(hub, 1.0, value["symmetry"][:, None])
    weights = np.stack([value[practice.word] for practice in PRACTICES], axis=1)
    weights = weights * scale[:, PRACTICES] * alike[:, None]
    authority = np.array([_authority(m) for m in layer.modes])[mode]
    out["weight"][rows] = weights
    out["research"][rows] = value["research"] * scale[:, Channel.RESEARCH]
    out["platform"][rows] = value["platform"]
    out["authority"][rows] = authority[:, [0, 1, 1]]
    out["research_authority"][rows] = authority[:, 1]
    out["online"][rows] = value["online"]
    management, teaching, culture = (weights[:, practice] for practice in PRACTICES)
    out["demand"][rows] = (management + teaching + culture + out["research"][rows]) / len(Channel)
    out["drift"][rows] = culture
    out["lessons"][rows] = teaching * value["online"]
    out["uniformity"][rows] = np.where(hub[:, Channel.TEACHING], teaching * (1.0 - value["symmetry"]), 0.0)
    out["since"][rows] = layer.since
    out["self_picked"][rows] = value["self_picked"] > 0
    assessed = value["head_on_members"]
    of_group = layer.layer == TieLayer.GROUP
    if of_group and support.head_on_members is not None:
        assessed = np.full(len(rows), support.head_on_members)
    supervised = 1.0 - (1.0 - value["supervision"]) * (1.0 - (support.supervision if layer.since >= 0.0 else 0.0))
    award = support.export_award if of_group and layer.since >= 0.0 else 0.0
    out["supervision"][rows] = supervised
    out["stake"][rows] = 1.0 - (1.0 - np.where(led, assessed, 0.0)) * (1.0 - supervised) * (1.0 - award)
    if of_group:
        tied = np.array([is_tied(m) for m in layer.modes])[mode]
        out["coordination"][rows] = np.where(led & tied, number(layer.modes, "coordination")[mode], 0.0)


def _authority(mode: Mode) -> tuple[float, float]:
    """Return authority over management and over the rest: whole, half or none."""
    person = LegalPerson.of(mode.legal_person)
    if person == LegalPerson.ONE:
        return 1.0, 1.0
    half = 0.5 if person == LegalPerson.ONE_PLAN or PoolRule.of(mode.pool_rule) == PoolRule.QUOTA else 0.0
    return (1.0 if person == LegalPerson.CONTRACT else half), half

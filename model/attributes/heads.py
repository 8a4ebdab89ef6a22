"""Whose head each school has under a policy, and which ties carry one."""

from typing import Any

import numpy as np

from model.attributes.layers import led_ties, with_independence
from model.codes import HeadPlacement
from model.policy import Policy
from model.world import World


def head_fields(policy: Policy, world: World) -> dict[str, Any]:
    """Say whose head each school has: the group's mode goes before other layers; who exchanges two does it once."""
    ties, count = world.ties, len(world.schools.id)
    head_from, mix, divided = np.full(count, -1, dtype=np.int32), np.zeros(count), np.zeros(count)
    carried = np.zeros(len(ties.id))
    for layer in sorted(map(with_independence, policy.layers), key=lambda item: item.layer):
        placed = [HeadPlacement.of(m.heads) for m in layer.modes]
        for row, mode in zip(*led_ties(layer, world), strict=True):
            source, target, kind = ties.source[row], ties.target[row], placed[mode]
            if kind == HeadPlacement.OWN or head_from[target] >= 0:
                continue
            head_from[target], mix[target] = source, 0.5 if kind == HeadPlacement.EXCHANGE else 1.0
            carried[row], divided[target] = kind != HeadPlacement.EXCHANGE, kind == HeadPlacement.SHARED
            if kind == HeadPlacement.EXCHANGE and head_from[source] < 0:
                head_from[source], mix[source] = target, 0.5
    return {"head_from": head_from, "head_mix": mix, "head_divided": divided, "head_carried": carried}

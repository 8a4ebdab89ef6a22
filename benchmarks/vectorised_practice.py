"""Practice transfer of the vectorised peer: how much of each tie is used, on all channels at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.attributes import Attributes
from model.columns import Floats
from model.parameters import Parameters, Transfer

TEACHING = 1
BISECTIONS = 60
Columns = Mapping[str, NDArray[Any]]


def fading(x: Any) -> Any:  # noqa: ANN401 - a number or an array
    """Return (1 − exp(−x)) / x, 1 at 0."""
    positive = np.where(x == 0.0, 1.0, x)
    return np.where(x == 0.0, 1.0, -np.expm1(-positive) / positive)


def held(schools: Columns, a: Attributes, p: Transfer) -> Floats:
    """Return how far each school adapts what it takes over."""
    return np.asarray(p.base_localisation + (1.0 - p.base_localisation) * a.autonomy_fit * schools["capacity"])


def practice_taken(schools: Columns, ties: Columns, a: Attributes, p: Parameters, dt: float) -> Floats:
    """Return what each school takes in on each channel over a term (σ), shape (S, 3)."""
    source, target, practice = ties["source"], ties["target"], schools["practice"]
    distance = np.abs(schools["character"][source] - schools["character"][target])
    fit = np.exp(-(1.0 - held(schools, a, p.transfer)[target]) * distance / p.transfer.misfit_scale)[:, None]
    gap = practice[source] - practice[target]
    weight = np.where(gap > 0.0, ties["strength"][:, :3], 0.0)
    weight[:, TEACHING] *= (1.0 - p.transfer.unlocalised_uptake * a.autonomy_uptake)[target]
    cell = target[:, None] * 3 + np.arange(3)
    rate = np.broadcast_to(p.practice.transfer_rate * fit, weight.shape)
    used = _used(cell.ravel(), weight.ravel(), (gap * rate).ravel(), (rate * dt).ravel(), practice.size)
    closed = np.bincount(cell.ravel(), -(gap * np.expm1(-rate * dt * used.reshape(-1, 3))).ravel(), practice.size)
    repository = p.practice.transfer_rate * p.practice.platform_rate * p.transfer.online_fidelity * dt
    deposited = _deposited(target, a.platform[:, None] * fit, gap, repository, practice.shape)
    return np.asarray(closed.reshape(-1, 3) + deposited)


def _used(cell: NDArray[np.int64], weight: Floats, offer: Floats, speed: Floats, cells: int) -> Floats:
    """Return what of each tie is used: all, or where they exceed one full tie, so that marginal gains are equal."""
    used = weight.copy()
    rows = np.flatnonzero((np.bincount(cell, weight, cells) > 1.0)[cell] & (weight > 0.0))
    if not len(rows):
        return used
    weight, offer, speed = weight[rows], offer[rows], speed[rows]
    full, cell = np.unique(cell[rows], return_inverse=True)
    low, high = np.zeros(len(full)), np.zeros(len(full))
    np.maximum.at(high, cell, offer)
    for _ in range(BISECTIONS):
        price = 0.5 * (low + high)
        spent = np.clip(np.log(offer / price[cell]) / speed, 0.0, weight)
        dear = np.bincount(cell, spent, len(full)) > 1.0
        low, high = np.where(dear, price, low), np.where(dear, high, price)
    used[rows] = np.clip(np.log(offer / high[cell]) / speed, 0.0, weight)
    return used


def _deposited(target: NDArray[np.int32], weight: Floats, gap: Floats, rate: float, shape: tuple[int, ...]) -> Floats:
    """Return what the shared repository closes: the gap to the best deposited practice of each channel."""
    offer = weight * gap
    best = np.zeros(shape)
    np.maximum.at(best, target, offer)
    tie, channel = np.nonzero((offer == best[target]) & (offer > 0.0))
    first = np.full(shape, -1)
    first[target[tie[::-1]], channel[::-1]] = tie[::-1]
    closed = -gap[first, np.arange(shape[1])] * np.expm1(-rate * weight[first, 0])
    return np.where(first >= 0, closed, 0.0)

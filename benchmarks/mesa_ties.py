"""Ties of the plain Mesa peer: what one school gives another this term."""

import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.mesa_agents import PlainModel, School

MANAGEMENT, TEACHING, CULTURE, RESEARCH = range(4)
BISECTIONS = 60


class Tie(SimpleNamespace):
    """A directed tie from one school to another; its numbers are the columns of the model and of the policy."""

    trust: float
    contact: float

    def __init__(self, source: "School", target: "School", columns: dict[str, Any]) -> None:
        super().__init__(**columns)
        self.source, self.target = source, target
        self.weights = [*columns["weight"], columns["research"]]
        self.authorities = [*columns["authority"], columns["research_authority"]]
        self.presence = 0.0

    def ask(self, model: "PlainModel") -> None:
        """Set effort and the staff time wanted, and ask the source for it."""
        p, years = model.p.attention, max(0.0, model.now.time - self.since)
        full = 1.0 - (1.0 - p.base_effort) * (1.0 - self.stake)
        relapse = math.exp(-p.relapse * (1.0 - self.supervision) * years)
        self.effort = p.base_effort + (full - p.base_effort) * relapse
        self.wanted = p.demand * self.effort * self.demand * (1.0 - p.online_saving * self.online)
        self.source.asked += self.wanted * len(self.target.staff) / max(1, len(self.source.staff))
        self.source.asked += model.p.attention.coordination * self.coordination
        self.source.heads_lent += self.head_carried

    def _effort_on(self, channel: int) -> float:
        best = max(range(3), key=lambda c: self.source.practice[c])
        if not self.self_picked or self.weights[best] <= 0.0:
            return float(self.effort)
        total = sum(self.weights)
        first = min(1.0, self.effort * total / self.weights[best])
        if channel == best:
            return float(first)
        rest = total - self.weights[best]
        return float((self.effort * total - first * self.weights[best]) / rest if rest > 0.0 else self.effort)

    def _reach(self, channel: int, model: "PlainModel") -> float:
        p = model.p.transfer
        there = model.p.heads.share * self.head_carried if channel == MANAGEMENT else self.presence
        remote = self.online * p.online_fidelity + (1.0 - self.online) * math.exp(-self.distance / p.distance)
        return float(there + (1.0 - there) * remote)

    def _ratio(self, channel: int, model: "PlainModel") -> float:
        ratio = model.p.practice.cross_entity_ratio ** (1.0 - self.authorities[channel])
        if channel == TEACHING:
            ratio += self.presence * max(0.0, self.authorities[MANAGEMENT] - self.authorities[TEACHING]) * (1.0 - ratio)
        if channel == RESEARCH:
            ratio *= 1.0 - model.p.learning.rivalry * (1.0 - self.source.openness)
        return float(ratio)

    def carry(self, model: "PlainModel") -> None:
        """Set contact and effective weights by channel."""
        self.contact, self.strength = 0.0, [0.0] * 4
        for channel, weight in enumerate(self.weights):
            if weight > 0.0:
                met = weight * self._effort_on(channel) * self.source.attention * self._reach(channel, model)
                self.strength[channel] = met * self.trust * self._ratio(channel, model)
                self.contact += met / 4.0

    def grow_trust(self, model: "PlainModel") -> None:
        """Trust rises with contact and fades without."""
        p = model.p.culture
        up, down = p.trust_rise * self.contact, p.trust_fade * (1.0 - self.contact)
        if up + down > 0.0:
            target = (up + down * p.trust_start) / (up + down)
            self.trust = target + (self.trust - target) * math.exp(-(up + down) * model.now.dt)


def spent(weights: Sequence[float], gaps: Sequence[float], rates: Sequence[float], dt: float) -> list[float]:
    """Return how much of each tie is used: all, or where they exceed one full tie, so that margins are equal."""
    used = [w if g > 0.0 else 0.0 for w, g in zip(weights, gaps, strict=True)]
    if sum(used) <= 1.0:
        return used
    offers = [g * r if w > 0.0 else 0.0 for w, g, r in zip(used, gaps, rates, strict=True)]

    def at(price: float) -> list[float]:
        return [
            min(w, math.log(o / price) / (r * dt)) if o > price else 0.0
            for w, o, r in zip(weights, offers, rates, strict=True)
        ]

    low, high = 0.0, max(offers)
    for _ in range(BISECTIONS):
        price = 0.5 * (low + high)
        low, high = (price, high) if sum(at(price)) > 1.0 else (low, price)
    return at(high)


def closed(gap: float, speed: float, dt: float) -> float:
    """Return what of a gap is closed over dt."""
    return -gap * math.expm1(-speed * dt)

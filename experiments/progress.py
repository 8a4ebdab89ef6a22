"""How far a set of runs has come, for whoever wants to show it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

from experiments.jobs import Failed, Outcome

_MINUTE = 60
_HOUR = 3600


class Progress(Protocol):
    """What a display may read at any time."""

    @property
    def done(self) -> int:
        """Runs finished now."""

    @property
    def failed(self) -> int:
        """Runs failed now."""

    @property
    def reused(self) -> int:
        """Runs that were recorded before."""

    @property
    def total(self) -> int | None:
        """All runs wanted, where known."""

    @property
    def rate(self) -> float:
        """Runs computed per second since the start; 0 before the first."""

    @property
    def eta(self) -> float | None:
        """Seconds left at this rate; None while unknown."""


@dataclass(slots=True)
class Tally:
    """A `Progress` kept by counting outcomes; time is taken from a clock that cannot be set back."""

    total: int | None = None
    done: int = 0
    failed: int = 0
    reused: int = 0
    started: float = field(default_factory=time.monotonic)

    def count(self, outcome: Outcome) -> None:
        """Take one outcome into account."""
        if isinstance(outcome, Failed):
            self.failed += 1
        else:
            self.done += 1

    @property
    def rate(self) -> float:
        """Runs computed per second since the start; 0 before the first."""
        elapsed = time.monotonic() - self.started
        return (self.done + self.failed) / elapsed if elapsed > 0 else 0.0

    @property
    def eta(self) -> float | None:
        """Seconds left at this rate; None while unknown."""
        if self.total is None or self.rate <= 0:
            return None
        return max(0, self.total - self.done - self.failed - self.reused) / self.rate


def clock_time(seconds: float) -> str:
    """Write a duration as ``m:ss`` or ``h:mm:ss``."""
    whole = round(seconds)
    hours, minutes, rest = whole // _HOUR, whole % _HOUR // _MINUTE, whole % _MINUTE
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

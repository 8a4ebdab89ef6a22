"""What a virtual experiment is: facts with their targets, a place, and what is measured in one trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from experiments.trials import Place, Trial

Words = Mapping[str, str]
Measured = Mapping[str, float | tuple[float, float]]
Unit = Literal["sigma", "ratio"]


def both(en: str, zh: str) -> Words:
    """Return the words of both languages."""
    return {"en": en, "zh": zh}


@dataclass(frozen=True)
class Fact:
    """A published finding and the interval that the model's number is to fall into, stated before any run.

    Parameters
    ----------
    id
        Name on the command line and in files.
    title, study
        The finding, and who found it.
    source
        Keys of docs/references.bib, or rows of the declared parameters.
    quantity, unit
        What is measured and when; ``sigma``: student SD of learning a year, ``ratio``: shares, quotients, CVs.
    low, high
        Ends of the target; None where the study gives a sign only.
    proxy
        What stands for what, where the model cannot measure what the study did.
    mechanism
        Why the model misses, told only when it does.
    """

    id: str
    title: Words
    study: Words
    source: str
    quantity: Words
    unit: Unit
    low: float | None
    high: float | None
    proxy: Words
    mechanism: Words | None = None


@dataclass(frozen=True)
class Experiment:
    """Facts that the same runs tell of.

    `measure` gives, for each fact's id, the number of one trial, or numerator and denominator of a quotient of means.
    """

    place: Callable[[], Place]
    measure: Callable[[Trial], Measured]
    facts: tuple[Fact, ...]
    replicates: int = 64

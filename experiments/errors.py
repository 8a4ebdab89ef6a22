"""Refusals of the experiments room: a code to translate, the place, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the runner and the store, which import this file, know nothing of scenarios
    from scenarios.problems import ScenarioError


class ExperimentError(Exception):
    """A condition that stops an experiment, told as (code, where, remedy).

    Parameters
    ----------
    code
        Stable identifier, translated for readers by a higher room.
    where
        Directory, file, key or host concerned.
    remedy
        One English sentence: what happened and what to do.
    values
        What a translation of the remedy mentions, by placeholder name.
    """

    def __init__(self, code: str, where: str, remedy: str, **values: object) -> None:
        super().__init__(code, where, remedy)
        self.code = code
        self.where = where
        self.remedy = remedy
        self.values = values

    def __str__(self) -> str:
        return f"{self.where}: {self.remedy} [{self.code}]"


class ResultsError(ExperimentError):
    """The results directory cannot be used as asked."""


class WorkersError(ExperimentError):
    """The place where runs are computed cannot be used as asked."""


class PointError(ExperimentError):
    """A point of a design asks for what cannot be; `fault` says which number, its value, and what is allowed."""

    def __init__(self, point: int, fault: ScenarioError) -> None:
        remedy = f"it cannot be: {fault}; change the range, the list or the table that it comes from"
        super().__init__("impossible_point", f"point {point}", remedy, point=point)
        self.fault = fault

"""The measures of a run as `list` shows them, in the reader's words."""

from typing import Any

from experiments.composition import BY_KIND
from figures.text import Text, text
from model.balance import INDICATORS, UNITS
from model.codes import CostLine, Level
from model.measures import MEASURES, SIGNS

EVERY = (*MEASURES, *BY_KIND)
NAMES = tuple(measure.name for measure in EVERY)


def measures(language: str) -> list[dict[str, Any]]:
    """Return name, title, unit and schools of every measure, in the order in which they are recorded."""
    t = text(language)
    titles = _composed(t)
    return [
        {
            "name": one.name,
            "title": titles[one.name] if one.name in titles else t(f"measure.{one.name}"),
            "unit": t(f"measure_unit.{one.unit}"),
            "schools": t(f"measure_of.{one.of}"),
        }
        for one in EVERY
    ]


def _composed(t: Text) -> dict[str, str]:
    """Return the titles of measures that are told of a line of cost, a sign at the peak or an official indicator."""
    told = {f"cost_{line}": t("measure.cost_line", line=t(f"cost.{line}")) for line in CostLine.words()}
    told |= {f"peak_{name}": t("measure.at_peak", sign=t(f"sign.peak_{name}")) for name in ("away", *SIGNS)}
    return told | {
        f"cv_{name}_{unit}_{level}": t(
            "measure.official", indicator=t(f"indicator.{name}"), unit=t(f"web.unit.{unit}"), level=t(f"level.{level}")
        )
        for name in INDICATORS
        for unit in UNITS
        for level in Level.words()
    }

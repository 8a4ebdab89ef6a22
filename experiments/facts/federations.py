"""English schools under one governing body, most of them two: strong with weak, or equals (chapman2014, signs only)."""

from experiments.fact import Experiment, Fact, Measured, both
from experiments.places import grouped, partnerships
from experiments.trials import Trial

STUDY = both("Chapman & Muijs 2014", "Chapman、Muijs 2014")
MODE = both(
    "The bundled mode of two schools under one head stands for a federation; equals are schools at the mean.",
    "以内置“名校带新校一体化”（两校一长）代表联合学校；“对等”指两所平均水平的学校。",
)
LATER = Fact(
    "strong_weak_later",
    both("Strong–weak less equal pairs, later", "强弱联合减对等联合：后期"),
    STUDY,
    "chapman2014",
    both("effect on both schools, strong–weak less equal, years 2–4", "两校平均效应，强弱联合减对等联合，第 2–4 年"),
    "sigma",
    low=0.0,
    high=None,
    proxy=MODE,
)
START = Fact(
    "strong_weak_start",
    both("Strong–weak less equal pairs, at the start", "强弱联合减对等联合：起步时"),
    STUDY,
    "chapman2014",
    both("the same, year 1", "同上，第 1 年"),
    "sigma",
    # Within the smallest difference that matters.
    low=-0.02,
    high=0.02,
    proxy=MODE,
)


def measure(trial: Trial) -> Measured:
    """Join all pairs of schools under one head."""
    treated, control = trial.run(4, grouped("two_school_integration")), trial.run(4)

    def ahead(first: int, last: int) -> float:
        unequal, equal = (
            treated.quality(schools, first, last) - control.quality(schools, first, last)
            for schools in (trial.schools(name="unequal"), trial.schools(name="equal"))
        )
        return unequal - equal

    return {"strong_weak_later": ahead(2, 4), "strong_weak_start": ahead(1, 1)}


EXPERIMENT = Experiment(partnerships, measure, (LATER, START))

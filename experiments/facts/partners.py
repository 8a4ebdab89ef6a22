"""Low and high performers of a school work together for a year: a trial in Tennessee (papay2020).

A pair is a coaching dose for the low one, on whose skills they work, and a team of two for both. Half of the teachers
count as low, because the study's effect on schools is about half of that on the low performers.
"""

from experiments.fact import Experiment, Fact, Measured, both
from experiments.interventions import partner
from experiments.places import county
from experiments.trials import Trial

STUDY = both("Papay et al. 2020", "Papay 等 2020")
LOW = Fact(
    "low_partners",
    both("Low performers paired with high ones", "与高效能同事结对的低效能教师"),
    STUDY,
    "papay2020",
    both("effective skill of the low ones against no pairs, year 1", "与不结对相比，低效能一方的有效教学水平，第 1 年"),
    "sigma",
    # 0.12 σ in the study, give or take half.
    low=0.06,
    high=0.18,
    proxy=both(
        "Low: the lower half of a school by estimated skill; in the study, low in at least one of nineteen skills.",
        "“低”指本校教学水平估计值的后一半；原研究指十九项技能中至少一项得分低。",
    ),
)
SCHOOLS = Fact(
    "paired_schools",
    both("Schools where low and high are paired", "高低效能教师结对的学校平均"),
    STUDY,
    "papay2020",
    both("quality of schools against no pairs, year 1", "与不结对相比的学校质量，第 1 年"),
    "sigma",
    low=0.02,
    high=0.09,
    proxy=both(
        "That half of a school's teachers are paired as low is assumed.", "每校半数教师作为低效能一方结对，为假定。"
    ),
)
HIGH = Fact(
    "high_partners",
    both("Pupils of the high performers in pairs", "结对中高效能一方的学生"),
    STUDY,
    "papay2020",
    both(
        "effective skill of the high ones against no pairs, year 1", "与不结对相比，高效能一方的有效教学水平，第 1 年"
    ),
    "sigma",
    # Not worse, within the smallest difference that matters.
    low=-0.02,
    high=None,
    proxy=both(
        "Coaching takes no lesson time in the model: that it costs little is assumed.",
        "模型中指导同事不占课时：代价小是假定。",
    ),
)


def measure(trial: Trial) -> Measured:
    """Pair everybody in every second school."""
    schools = trial.ranked(0.0, 1.0)[::2]
    pairs = trial.low_with_high(schools)
    treated, control = trial.run(1, None, partner(pairs)), trial.run(1)
    low, high = pairs.T
    return {
        "low_partners": treated.taught(low) - control.taught(low),
        "paired_schools": treated.quality(schools) - control.quality(schools),
        "high_partners": treated.taught(high) - control.taught(high),
    }


EXPERIMENT = Experiment(county, measure, (LOW, SCHOOLS, HIGH))

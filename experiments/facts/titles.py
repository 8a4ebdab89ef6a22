"""Grouping without incentives and the titles of teachers: primary schools of Nanjing, 2009–2015 (liyao2019, signs)."""

from experiments.fact import Experiment, Fact, Measured, both
from experiments.places import city, grouped
from experiments.trials import Trial

STUDY = both("Li & Yao 2019", "李多慧、姚继军 2019")
YEARS = 5
PLACE = both(
    "Teachers count where they work, at members of brand groups; quotas at home are fixed, so only moves change it.",
    "按实际任教学校统计品牌集团成员校教师；职称名额在原校固定，只有流动能改变占比。",
)
MIDDLE = Fact(
    "middle_titles",
    both("Grouping, no incentives: middle titles", "无激励的集团化：中级职称占比变化"),
    STUDY,
    "liyao2019",
    both("share at member schools against no group, years 1–5", "与不组集团相比，成员校教师中占比，第 1–5 年"),
    "ratio",
    low=0.0,
    high=None,
    proxy=PLACE,
)
SENIOR = Fact(
    "senior_titles",
    both("Grouping, no incentives: senior titles", "无激励的集团化：高级职称占比变化"),
    STUDY,
    "liyao2019",
    both("share at member schools against no group, years 1–5", "与不组集团相比，成员校教师中占比，第 1–5 年"),
    "ratio",
    low=-0.01,
    high=0.01,
    proxy=PLACE,
)


def measure(trial: Trial) -> Measured:
    """Put the city's schools into brand groups; nothing but the national rotation rule moves anybody."""
    members = trial.schools("member")
    treated, control = trial.run(YEARS, grouped("brand_group", "national_rule")), trial.run(YEARS)
    return {
        "middle_titles": treated.titled("mid", members) - control.titled("mid", members),
        "senior_titles": treated.titled("senior", members) - control.titled("senior", members),
    }


EXPERIMENT = Experiment(lambda: city("national_rule"), measure, (MIDDLE, SENIOR))

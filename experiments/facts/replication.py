"""Strong schools open second campuses under one management and one way of working: Boston's charters (cohodes2021)."""

import numpy as np

from experiments.fact import Experiment, Fact, Measured, both
from experiments.places import grouped, networks
from experiments.trials import Trial

STUDY = both("Cohodes et al. 2021", "Cohodes 等 2021")
YEARS = 3
MODE = both(
    "The closest bundled mode (fusion) stands for a charter network; the effect is quality above ordinary schools.",
    "以最紧密的内置模式（融合型）代表特许学校网络；效应为高出普通学校的质量。",
)
CAMPUS = Fact(
    "new_campus",
    both("New campus: share of the parent's effect", "新校区：占母体校效应之比"),
    STUDY,
    "cohodes2021",
    both(
        "effect of the campus over that of a parent that opens none, years 1–3",
        "新校区效应与不开新校区的母体校效应之比，第 1–3 年",
    ),
    "ratio",
    # On par in the study, give or take a fifth.
    low=0.8,
    high=1.2,
    proxy=MODE,
    mechanism=both(
        "seven in ten of its teachers are novices, and what a first year of service lacks outweighs the practice "
        "that a campus inherits; a parent that sends a third of its staff has less to give.",
        "七成教师是新教师，入职头几年的不足超过校区所继承的做法；母体校派出三成教师后，可输送的也减少。",
    ),
)
PARENT = Fact(
    "parent_campus",
    both("New campus: change at the parent", "新校区：母体校的变化"),
    STUDY,
    "cohodes2021",
    both("quality of the parent against opening none, years 1–3", "与不开新校区相比的母体校质量，第 1–3 年"),
    "sigma",
    low=-0.05,
    high=None,
    proxy=MODE,
    mechanism=both(
        "the parent sends nearly a third of its teachers, its best as it is judged on the campus, and gets novices for "
        "them; its head lends time and management falls.",
        "母体校派出近三成教师，因按新校区进步考核而派出骨干，空岗由新教师填补；校长分身，管理下降。",
    ),
)
SPREAD = Fact(
    "network_spread",
    both("New campus: spread of teachers, ratio", "新校区：教师差异之比"),
    STUDY,
    "cohodes2021",
    both(
        "SD of effective skill at both campuses over that at the parent alone, years 1–3",
        "两校区教师水平标准差与母体校单独时之比，第 1–3 年",
    ),
    "ratio",
    low=None,
    high=1.0,
    mechanism=both(
        "common standards act on schools in the model, not on how teachers differ; veterans beside novices widen it.",
        "模型中统一标准只作用于学校，不缩小教师之间的差异；派去的骨干与新教师并存反而拉大差异。",
    ),
    proxy=both(
        "Against the same parents without a campus; the study compares charter with district schools.",
        "与未开新校区的同一母体校比较；原研究比较特许学校与学区学校。",
    ),
)


def measure(trial: Trial) -> Measured:
    """Let every network open its campus under fusion, or none, and compare with ordinary schools."""
    parents, campuses = trial.schools("lead"), trial.schools("member", standing=False)
    ordinary = trial.schools(name="ordinary")
    opened, alone = trial.run(YEARS, grouped("fusion")), trial.run(YEARS, opening=False)
    return {
        "new_campus": (
            opened.quality(campuses) - opened.quality(ordinary),
            alone.quality(parents) - alone.quality(ordinary),
        ),
        "parent_campus": opened.quality(parents) - alone.quality(parents),
        "network_spread": opened.spread(np.concatenate([parents, campuses])) / alone.spread(parents),
    }


EXPERIMENT = Experiment(networks, measure, (CAMPUS, PARENT, SPREAD))

"""Strong schools open second campuses under one management and one way of working: Boston's charters (cohodes2021)."""

from experiments.fact import Experiment, Fact, Measured, both
from experiments.places import grouped, networks
from experiments.trials import Trial

STUDY = both("Cohodes, Setren & Walters 2021", "Cohodes、Setren、Walters 2021")
YEARS = 3
MODE = both(
    "The closest bundled mode (fusion) stands for a charter network; the effect is quality above ordinary schools.",
    "以最紧密的内置模式（融合型）代表特许学校网络；效应为高出普通学校的质量。",
)
CAMPUS = Fact(
    "new_campus",
    both("New campus under one management: share of the parent's effect", "同一管理下的新校区：占母体校效应之比"),
    STUDY,
    "cohodes2021",
    both("effect of the campus over that of a parent that opens none, years 1–3", "新校区效应与不开新校区的母体校效应之比，第 1–3 年"),
    "ratio",
    # On par in the study, give or take a fifth.
    low=0.8,
    high=1.2,
    proxy=MODE,
)
PARENT = Fact(
    "parent_campus",
    both("… change at the parent campus", "……母体校的变化"),
    STUDY,
    "cohodes2021",
    both("quality of the parent against opening none, years 1–3", "与不开新校区相比的母体校质量，第 1–3 年"),
    "sigma",
    low=-0.05,
    high=None,
    proxy=MODE,
)
SPREAD = Fact(
    "network_spread",
    both("… spread of teachers within a campus narrows", "……校区内教师差异缩小"),
    STUDY,
    "cohodes2021",
    both("SD of effective skill at both campuses over that at the parent alone, years 1–3", "两校区教师有效教学水平标准差与母体校单独时之比，第 1–3 年"),
    "ratio",
    low=None,
    high=1.0,
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
    both_campuses = [*parents, *campuses]
    return {
        "new_campus": (
            opened.quality(campuses) - opened.quality(ordinary),
            alone.quality(parents) - alone.quality(ordinary),
        ),
        "parent_campus": opened.quality(parents) - alone.quality(parents),
        "network_spread": opened.spread(both_campuses) / alone.spread(parents),
    }


EXPERIMENT = Experiment(networks, measure, (CAMPUS, PARENT, SPREAD))

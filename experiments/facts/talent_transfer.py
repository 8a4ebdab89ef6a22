"""Top-fifth teachers move to weak schools for a bonus: the Talent Transfer Initiative in ten American districts.

kraft2026 follows the movers, glazerman2013 the classes that would else have had whoever was hired for the vacancy.
"""

from experiments.fact import Experiment, Fact, Measured, both
from experiments.interventions import exchange
from experiments.places import county
from experiments.trials import Trial

MOVERS = Fact(
    "movers",
    both("Top-fifth teachers moved to weak schools: own effect", "前五分之一教师调往薄弱校：自身效能变化"),
    both("Kraft, Papay et al. 2026", "Kraft、Papay 等 2026"),
    "kraft2026",
    both("effective skill against not moving, years 1–2", "与不调动相比的有效教学水平，第 1–2 年"),
    "sigma",
    # −0.12 σ in the study, give or take half.
    low=-0.18,
    high=-0.06,
    proxy=both(
        "Match and getting used to the school; the study's value-added also takes in what the weak school does to a class, "
        "and knowledge of one's own pupils.",
        "只含人校匹配与适应；原研究的增值还含薄弱校对班级的影响和对原有学生的了解。",
    ),
)
CLASSES = Fact(
    "receiving_classes",
    both("… the primary classes that receive them", "……接收他们的小学班级"),
    both("Glazerman et al. 2013", "Glazerman 等 2013"),
    "glazerman2013",
    both("effective skill against who was hired instead, years 1–2", "与原本新聘教师相比的有效教学水平，第 1–2 年"),
    "sigma",
    # The range of effects in primary schools, up to a quarter of a σ, with a margin.
    low=0.05,
    high=0.30,
    proxy=both(
        "Vacancies of the model are filled by novices; in the study also by experienced teachers.",
        "模型中空岗均由新教师填补；原研究中也有有经验的教师。",
    ),
)


def measure(trial: Trial) -> Measured:
    """Exchange novices of the weakest quarter for top-fifth teachers of the stronger half; follow those who stay."""
    vacancies = trial.novices(trial.ranked(0.0, 0.25))
    pairs = trial.same_subject(trial.best(0.2, trial.ranked(0.5, 1.0), least=2.0), vacancies)
    treated, control = trial.run(2, None, exchange(pairs)), trial.run(2)
    movers, hired = pairs[(treated.stay(pairs, 2) & control.stay(pairs, 2)).all(axis=1)].T
    return {
        "movers": treated.taught(movers) - control.taught(movers),
        "receiving_classes": treated.taught(movers) - control.taught(hired),
    }


EXPERIMENT = Experiment(county, measure, (MOVERS, CLASSES))

"""What a county without any new policy looks like: experience, age, where good teachers are, the national indicator."""

from experiments.fact import Experiment, Fact, Measured, both
from experiments.places import county
from experiments.trials import Trial

EXPERIENCE = Fact(
    "experience_return",
    both("Growth in the first five years of service", "入职头五年的成长"),
    both("Papay & Kraft 2015", "Papay、Kraft 2015"),
    "papay2015 clotfelter2007",
    both(
        "effective skill in year 6 less year 1 of those hired in year 1",
        "第 1 年入职者第 6 年与第 1 年有效教学水平之差",
    ),
    "sigma",
    # A curve at both ends of its measured ranges: 0.08 (1 − 2^(−5/8)) and 0.20 (1 − 2^(−5/3)).
    low=0.03,
    high=0.14,
    proxy=both(
        "The curve is put in at 0.06 σ, mentoring and colleagues come on top: a check of equations more than of facts.",
        "经验曲线本身按 0.06 σ 输入，另加带教与同伴学习；主要检验方程而非事实。",
    ),
)
AGE = Fact(
    "age_structure",
    both("Drift of mean service in ten years", "平均教龄十年漂移"),
    both("required of the model", "对模型的要求"),
    "parameters staffing.quit_lead to staffing.service_years",
    both("mean years of service in year 10 over year 1, less 1", "第 10 年与第 1 年平均教龄之比减 1"),
    "ratio",
    low=-0.05,
    high=0.05,
    proxy=both("No study: a standing county must not age.", "没有对应研究：无政策变化的县不应整体变老。"),
)
BETWEEN = Fact(
    "between_schools",
    both("Share of teacher variance between schools", "教师差异中的校际比例"),
    both("Mansfield 2015", "Mansfield 2015"),
    "mansfield2015",
    both("effective skill, one-way random effects, year 1", "有效教学水平，单因素随机效应，第 1 年"),
    "ratio",
    # The declared range of teachers.between_school_share, judged from the study.
    low=0.05,
    high=0.30,
    proxy=both(
        "The share of talent is put in at 0.15; learning and moves come on top.",
        "天赋部分按 0.15 输入，另加学习与流动。",
    ),
)
INDICATOR = Fact(
    "backbone_cv",
    both("National indicator (backbone CV) at start", "国家指标（骨干教师差异系数）起点"),
    both("Jiujiang, Ningguo", "鸠江区、宁国市"),
    "jiujiang2023 ningguo2022 standard2017",
    both("pupil-weighted CV between primary schools, year 1", "小学校际差异系数（按学生数加权），第 1 年"),
    "ratio",
    # 0.50 and 0.67 in the two places, a tenth added at both ends; the standard asks for at most 0.50.
    low=0.40,
    high=0.80,
    proxy=both("Two places that publish it stand for all.", "以公布该指标的两地代表各地。"),
)


def measure(trial: Trial) -> Measured:
    """Run the county as it is for ten years."""
    schools, run = trial.schools(), trial.run(10)
    novices = trial.novices(schools)
    novices = novices[run.stay(novices, 6)]
    service = [run.service(year) for year in (1, 10)]
    return {
        "experience_return": run.taught(novices, 6, 6) - run.taught(novices, 1, 1),
        "age_structure": service[1] / service[0] - 1.0,
        "between_schools": run.between(schools),
        "backbone_cv": run.backbone_cv(schools),
    }


EXPERIMENT = Experiment(lambda: county("national_rule"), measure, (EXPERIENCE, AGE, BETWEEN, INDICATOR))

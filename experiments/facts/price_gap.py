"""Homes near a famous school's group: how much of the premium its other campuses carry, and when.

Nanjing (huang2019): 19.7 % at famous primary schools, 3.6 % at their campuses. Beijing (hayu2017): prices near weak schools that
were put under strong ones rise only a year or more after the announcement.
"""

from experiments.fact import Experiment, Fact, Measured, both
from experiments.places import city, grouped
from experiments.trials import Trial
from model.policy import Mode

PRICES = both(
    "Housing prices mix the group's name with its quality; the model's number is quality alone.",
    "房价混合了集团名声与办学质量；模型所测仅为质量。",
)
# A brand group as MODES.md reads it: strong teaching and research ties, own legal persons, a quota of exchanged staff.
BRAND = Mode(
    "brand_group",
    management=0.5, teaching=0.8, research=0.8, culture=0.6, platform=0.8, online=0.2, staff_pool="group",
    pool_rule="quota", autonomy=0.5, symmetry=0.2, head_on_members=0.5, pay_on_group=0.4, pay_on_member=0.6, brand=True,
)  # fmt: skip
LATER = Fact(
    "gap_closed",
    both("Share of the lead–member gap closed by a group", "集团化弥合的牵头校与成员校差距之比"),
    both("Huang, Yun & Fan 2019; Ha & Yu 2017", "黄斌等 2019；哈巍、余韧哲 2017"),
    "huang2019 hayu2017",
    both("gap in quality against no group, years 3–6", "与不组集团相比的质量差距，第 3–6 年"),
    "ratio",
    # 3.6 of 19.7 points in Nanjing at the low end; the high end allows for what prices do not show.
    low=0.15,
    high=0.60,
    proxy=PRICES,
)
FIRST = Fact(
    "gap_first_year",
    both("… not visible in the first year", "……第一年尚不可见"),
    both("Ha & Yu 2017", "哈巍、余韧哲 2017"),
    "hayu2017",
    both("the same, year 1", "同上，第 1 年"),
    "ratio",
    # A tenth of the gap is taken as what prices cannot show.
    low=-0.10,
    high=0.10,
    proxy=PRICES,
)


def measure(trial: Trial) -> Measured:
    """Put the city's schools into brand groups, the national rotation rule in force before and after."""
    leads, members = trial.schools("lead"), trial.schools("member")
    treated, control = trial.run(6, grouped(BRAND, "national_rule")), trial.run(6)

    def closed(first: int, last: int) -> tuple[float, float]:
        gap, before = (run.quality(leads, first, last) - run.quality(members, first, last) for run in (treated, control))
        return before - gap, before

    return {"gap_closed": closed(3, 6), "gap_first_year": closed(1, 1)}


EXPERIMENT = Experiment(lambda: city("national_rule"), measure, (LATER, FIRST))

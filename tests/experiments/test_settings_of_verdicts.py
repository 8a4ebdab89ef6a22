"""Each of the six verdicts occurs: a setting inside the declared ranges that produces it clearly.

Twelve groups of a lead and four members (experiments/worlds/county.toml) against no ties and no rotation, years 9-10.
"""

from collections.abc import Mapping

import pytest

from experiments.comparison import Comparison, run_point
from experiments.studies import Options, study_of
from experiments.validation import HERE
from experiments.verdict import Plan, Verdict
from scenarios import reader
from scenarios.scenario import Choice

COUNTY = HERE / "worlds" / "county.toml"
REPLICATES = 8
EAGER = {"supports.cultivation.cultivation": 0.15, "supports.fund.recognition_lead": 0.5}
SETTINGS: dict[Verdict, tuple[Choice, Mapping[str, float]]] = {
    # Leads raise and are recognised, members too, and there is time and a good platform to share it.
    Verdict.LIFT: (
        Choice("multi_legal_person", "none", "cultivation+fund"),
        EAGER
        | {
            "supports.fund.recognition_members": 0.5,
            "practice.platform_rate": 0.15,
            "practice.transfer_rate": 0.7,
            "attention.capacity": 0.12,
        },
    ),
    # The same spread of practice without anything raised: rotation pays for it out of what comes back.
    Verdict.FILL: (
        Choice("multi_legal_person", "national_rule"),
        {"practice.platform_rate": 0.15, "practice.transfer_rate": 0.7},
    ),
    # One legal person at defaults: heads and teachers leave the lead for its members.
    Verdict.PEAK_SHAVING: (Choice("fusion", "national_rule"), {}),
    # Much is moved and little of it takes root: the total shrinks.
    Verdict.DILUTION: (
        Choice("entrusted_management", "heavy"),
        {
            "practice.cross_entity_ratio": 0.1,
            "practice.transfer_rate": 0.1,
            "staffing.churn": 0.06,
            "teachers.new_post_cost": 0.05,
        },
    ),
    # Leads alone are cultivated and recognised, and hardly anything spreads.
    Verdict.WIDENING: (
        Choice("collaboration", "none", "cultivation+fund"),
        EAGER
        | {
            "supports.fund.recognition_members": 0.0,
            "practice.platform_rate": 0.03,
            "practice.transfer_rate": 0.1,
            "learning.cross_school_ratio": 0.1,
        },
    ),
    # A loose alliance whose platform carries little.
    Verdict.INERT: (Choice("collaboration", "none"), {"practice.platform_rate": 0.03}),
}


@pytest.mark.parametrize("verdict", SETTINGS)
def test_a_setting_inside_the_declared_ranges_gives_the_verdict(verdict: Verdict) -> None:
    choice, numbers = SETTINGS[verdict]
    scenario = reader.load(COUNTY, numbers)
    study = study_of(scenario, [choice], Options("none", 0.02, None, 0))
    comparison = Comparison(study, Plan(looks=(REPLICATES,)), schools=False)
    jobs = [comparison.job(replicate, [study.arms[0].name]) for replicate in range(REPLICATES)]
    comparison.rows = [run_point(job.argument) for job in jobs]  # type: ignore[arg-type]
    assert comparison.decisions(0)[0].verdict is verdict


def test_all_six_are_there() -> None:
    assert set(SETTINGS) | {Verdict.UNDECIDED} == set(Verdict)

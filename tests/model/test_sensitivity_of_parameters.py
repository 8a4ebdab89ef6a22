"""Every parameter matters somewhere: low against high changes what is recorded under a policy named here."""

import functools

import numpy as np
import pytest

from model.chance import key
from model.parameters import declared, get, replaced
from model.simulation import simulate
from model.world import World
from tests.model import worlds
from tests.model.test_contract import seeded_world
from tests.model.worlds import DEFAULT, POLICIES, attributes

# Most parameters act under the baseline of a county; the others under the world and policy named here.
USUAL = ("county", "as_is")
ELSEWHERE = {
    "teachers.sd_kindergarten": ("kindergartens", "as_is"),
    "schools.master_share": ("county", "integrated, itinerant"),
    "schools.seed_staff_share": ("opening", "fusion, full support"),
    "learning.training_dose": ("county", "fusion, full support"),
    "learning.uplift_dose": ("county", "fusion, full support"),
    "learning.studio_dose": ("county", "integrated, itinerant"),
    "practice.seed_fidelity": ("opening", "fusion, full support"),
    "practice.seed_fidelity_other": ("opening", "extra posts"),
    "heads.share": ("county", "entrusted, resident"),
    "heads.loss": ("county", "integrated, itinerant"),
    "attention.coordination": ("county", "fusion, full support"),
    "finance.coordination": ("county", "fusion, full support"),
    "finance.platform": ("county", "fusion, full support"),
    "drive.autonomy": ("county", "fusion, full support"),
    "drive.pay": ("county", "fusion, unified deployment"),
    "drive.recognition": ("county", "fusion, full support"),
    "staffing.contract_gap": ("county", "contract teachers"),
    "rotation.default_backbone_share": ("county", "extra posts"),
    "rotation.tolerance": ("county", "fusion, unified deployment"),
    "rotation.willing_incentive": ("county", "fusion, full support"),
    "families.brand": ("county", "fusion, full support"),
    "finance.training": ("county", "fusion, full support"),
    "finance.coaching": ("county", "fusion, full support"),
    "finance.contract": ("county", "entrusted, resident"),
    "finance.supervisor": ("county", "fusion, full support"),
    "finance.award": ("county", "fusion, full support"),
    "finance.post": ("county", "extra posts"),
    "staffing.quit_off_establishment": ("private", "as_is"),
    "staffing.morale_on_quit": ("county", "fusion, full support"),
    "staffing.rotation_credit": ("county", "fusion, full support"),
}
# Rare events need longer: those who were sent against their will and leave.
YEARS = {"staffing.morale_on_quit": 15, "staffing.rotation_credit": 10}
# Exits by morale are rare where it is hardly hurt: for them it is hurt as much as declared ranges allow.
SHARPENED = {
    "staffing.morale_on_quit": {
        "rotation.unwilling_cost": 0.08, "rotation.willing_base": -1.5, "rotation.eligible_share": 0.8,
        "rotation.eligible_years": 3.0, "rotation.most_away": 0.4, "staffing.quit_rural": 0.1,
        "staffing.quit_urban": 0.06,
    }
}  # fmt: skip
# Who holds a title changes nothing that schools record: their number is the quota's.
SEEN_IN_PEOPLE = {"staffing.rotation_credit": "title"}


@functools.cache
def world_called(name: str) -> World:
    """Return a county, the same as kindergartens or as private schools, or a group with a school that opens later."""
    if name == "opening":
        return seeded_world()
    if name == "kindergartens":
        return worlds.built([worlds.replace(site, level=0) for site in worlds.county_sites()])
    if name == "private":
        return worlds.built([worlds.replace(site, ownership=2) for site in worlds.county_sites()])
    return worlds.county()


def outcome(world: World, policy: str, path: str, value: float) -> dict[str, np.ndarray]:
    """Return everything recorded, and what is looked at in people, with one parameter set."""
    parameters = replaced(DEFAULT, SHARPENED.get(path, {}) | {path: value})
    start = worlds.snapshot(world, parameters).world
    compiled = [(0, attributes(POLICIES[policy], world))]
    end, record = simulate(start, compiled, parameters, key(0, 0), YEARS.get(path, 4))
    people = {SEEN_IN_PEOPLE[path]: getattr(end.teachers, SEEN_IN_PEOPLE[path])} if path in SEEN_IN_PEOPLE else {}
    return record.columns | people


@pytest.mark.parametrize("path", declared())
def test_low_against_high_changes_a_recorded_column(path: str) -> None:
    name, policy = ELSEWHERE.get(path, USUAL)
    parameter, world = declared()[path], world_called(name)
    low, high = (outcome(world, policy, path, value) for value in (parameter.low, parameter.high))
    changed = [column for column in low if low[column].tobytes() != high[column].tobytes()]
    assert changed
    assert all(np.isfinite(low[column]).all() and np.isfinite(high[column]).all() for column in low)


def test_exceptions_are_parameters() -> None:
    assert {*ELSEWHERE, *YEARS, *SEEN_IN_PEOPLE} <= set(declared())
    assert all(policy in POLICIES for _, policy in ELSEWHERE.values())


SIGNS = {
    # path: (world, policy, column, sign): where the equations leave no doubt, a higher value moves the column so.
    "attention.displaced": (*USUAL, "quality", -1),
    "attention.teaching_value": (*USUAL, "quality", -1),
    "staffing.churn": (*USUAL, "quality", -1),
    "staffing.unqualified_cost": (*USUAL, "quality", -1),
    "transfer.misfit_cost": ("county", "fusion", "misfit", 1),
    "transfer.online_lessons": ("county", "collaboration, flexible", "lessons_online", 1),
    "teachers.new_post_cost": (*USUAL, "mean_skill", -1),
    "staffing.contract_gap": ("county", "contract teachers", "mean_skill", -1),
    "practice.renewal_overload": ("county", "fusion", "practice", -1),
    "heads.loss": ("county", "integrated, itinerant", "management", -1),
    "rotation.unwilling_cost": (*USUAL, "morale", -1),
    "finance.allowance": (*USUAL, "cost", 1),
    "staffing.quit_rural": (*USUAL, "leavers", 1),
    "rotation.default_share": (*USUAL, "away", 1),
    "families.per_km": (*USUAL, "choice_pressure", 1),
    "drive.recognition": ("county", "fusion, full support", "drive", 1),
    "practice.platform_rate": ("county", "equals, two ways", "practice", 1),
    "learning.uplift_dose": ("county", "fusion, full support", "cost", 1),
}


@pytest.mark.parametrize("path", SIGNS)
def test_the_sign_is_the_one_that_the_equation_says(path: str) -> None:
    """From one starting world, so that only the years of the policy differ; summed over schools and years."""
    name, policy, column, sign = SIGNS[path]
    world, parameter = world_called(name), declared()[path]
    start, compiled = worlds.snapshot(world).world, [(0, attributes(POLICIES[policy], world))]
    totals = [
        simulate(start, compiled, replaced(DEFAULT, {path: value}), key(0, 0), 4)[1].columns[column].sum()
        for value in (parameter.low, get(DEFAULT, path), parameter.high)
    ]
    assert sign * (totals[1] - totals[0]) >= -1e-12
    assert sign * (totals[2] - totals[1]) >= -1e-12
    assert sign * (totals[2] - totals[0]) > 0.0

"""Cases of policies and people that a reader can check by hand: the numbers stand in the comments."""

import math
from dataclasses import replace

import numpy as np
import pytest

from model.person import career_return
from model.policy import Mode, Policy, RotationPolicy, SupportPolicy
from model.processes.staffing import leaving_probability, neediest_school, neediest_subject, unqualified_rate
from model.world import World
from tests.model import worlds
from tests.model.hand import LEAD, MEMBER, at, only, pair, tie
from tests.model.worlds import (
    CO,
    DEFAULT,
    ENTRUSTED,
    FUSION,
    INTEGRATED,
    NONE,
    Site,
    attributes,
    built,
    changed,
    stepped,
)

# Policies as numbers --------------------------------------------------------------------------------------------------


def test_fusion_gives_whole_authority_and_a_fifth_of_the_weight_on_the_way_back() -> None:
    world = pair()
    a, out, back = attributes(only(FUSION), world), tie(world), tie(world, -1)
    assert a.weight[out].tolist() == [1.0, 1.0, 0.9]
    assert a.weight[back].tolist() == pytest.approx([0.2, 0.2, 0.18])  # symmetry 0.2
    assert a.demand[out] == pytest.approx((1.0 + 1.0 + 0.9 + 1.0) / 4.0)  # mean of four channels
    assert a.authority[out].tolist() == [1.0, 1.0, 1.0]  # one legal person
    assert a.stake[out] == pytest.approx(0.9)  # head_on_members 0.9, nothing else at stake
    assert a.stake[back] == 0.0  # a member's head is not judged on the lead
    assert a.uniformity[out] == pytest.approx(1.0 * (1.0 - 0.2))
    assert a.autonomy_drive[[at(world, "lead"), at(world, "member")]].tolist() == [1.0, 0.2]
    leading = (world.ties.layer == 0) & (world.ties.rank == 1)
    assert a.coordination.tolist() == leading.astype(float).tolist()
    assert a.legal_person.tolist() == [at(world, "lead")] * 2


@pytest.mark.parametrize(
    ("mode", "management", "rest"), [(FUSION, 1.0, 1.0), (ENTRUSTED, 1.0, 0.0), (INTEGRATED, 0.5, 0.5), (CO, 0.5, 0.5)]
)
def test_authority_is_whole_in_one_person_over_management_by_contract_half_in_one_plan_or_quota_pool(
    mode: Mode, management: float, rest: float
) -> None:
    world = pair()
    assert attributes(only(mode), world).authority[tie(world)].tolist() == [management, rest, rest]
    assert attributes(only(mode), world).research_authority[tie(world)] == rest


def test_a_stake_joins_assessment_supervision_and_award() -> None:
    """1 − (1 − 0.7)(1 − 0.3)(1 − 0.5) = 1 − 0.105."""
    world, support = pair(), SupportPolicy("s", supervision=0.3, export_award=0.5)
    assert attributes(only(CO, support=support), world).stake[tie(world)] == pytest.approx(0.895)


def test_the_national_rule_pools_a_group_sends_outward_and_swaps() -> None:
    world = pair()
    rules = attributes(only(CO, worlds.NATIONAL), world).rules
    lead, member = at(world, "lead"), at(world, "member")
    assert rules.pool[0, lead] == rules.pool[0, member] >= 0
    assert (rules.sends[0, lead], rules.sends[0, member]) == (1, 0)
    assert (rules.receives[0, lead], rules.receives[0, member]) == (0, 1)
    assert rules.backfill[0, lead] == 1


def test_nobody_is_pooled_across_employers_or_levels() -> None:
    sites = [LEAD, MEMBER, replace(MEMBER, name="private", ownership=2), replace(MEMBER, name="junior", level=2)]
    world = built(sites)
    pools = attributes(only(CO, worlds.NATIONAL), world).rules.pool[0]
    assert pools[at(world, "lead")] == pools[at(world, "member")]
    assert len({int(pools[at(world, name)]) for name in ("lead", "private", "junior")}) == 3


# 1 Staffing -----------------------------------------------------------------------------------------------------------


def test_career_return_is_half_after_5_years_and_three_quarters_after_10() -> None:
    assert career_return(0.0, 0.12, 5.0) == 0.0
    assert career_return(5.0, 0.12, 5.0) == pytest.approx(0.06)
    assert career_return(10.0, 0.12, 5.0) == pytest.approx(0.09)


def test_low_morale_raises_leaving_and_35_years_end_service() -> None:
    p = DEFAULT.staffing
    assert leaving_probability(0.03, 0.0, 10.0, p) == pytest.approx(0.03)
    assert leaving_probability(0.03, -0.05, 10.0, p) == pytest.approx(0.03 * math.exp(10.0 * 0.05))  # 0.0495
    assert leaving_probability(0.03, 0.0, 33.0, p) == pytest.approx(0.03)
    assert leaving_probability(0.03, 0.0, 34.0, p) == 1.0
    assert leaving_probability(0.9, -5.0, 0.0, p) == 1.0  # a probability, whatever the morale
    half = p._replace(service_years=34.5)  # between two autumns: half go at the first, the rest at the second
    assert leaving_probability(0.0, 0.0, 33.0, half) == pytest.approx(0.5)
    assert leaving_probability(0.0, 0.0, 34.0, half) == 1.0


def test_unqualified_novices_are_a_quarter_in_rural_minor_subjects_and_a_fifth_of_that_in_major_ones() -> None:
    assert unqualified_rate(2, 4, DEFAULT.staffing) == 0.25
    assert unqualified_rate(2, 0, DEFAULT.staffing) == pytest.approx(0.05)
    assert unqualified_rate(0, 3, DEFAULT.staffing) == 0.02


def test_a_vacant_post_goes_where_posts_per_pupil_and_subject_cover_are_lowest() -> None:
    posts, pupils = np.array([12.0, 12.0, 20.0]), np.array([120.0, 240.0, 240.0])  # 0.10, 0.05, 0.083 a pupil
    region, owner = np.zeros(3, dtype=np.int32), np.zeros(3, dtype=np.int8)
    assert neediest_school(posts, pupils, region, owner, 0) == 1
    # 5 qualified, one more to come: wanted 3, 1.8 and 1.2 of 6; there are 4, 1 and 0: subject 2 lacks 1.2.
    assert neediest_subject(np.array([4.0, 1.0, 0.0]), np.array([0.5, 0.3, 0.2])) == 2


def test_a_new_school_starts_with_its_leads_practice_as_far_as_it_fits() -> None:
    """Own legal person: culture 0.6 of the way, so 0.6 · exp(−0.7 · 0.2) · 0.10 = 0.0522; 3 of 10 staff come over."""
    world = built(
        [Site("lead", (1,) * 20, "g", "lead"), Site("new", (1,) * 10, "g", "member", opens=0.0, seeded_by="lead")]
    )
    lead, new = at(world, "lead"), at(world, "new")
    shape = np.arange(2) == lead
    world = changed(
        world,
        schools={"practice": np.where(shape[:, None], 0.10, 0.0), "character": np.where(shape, 0.5, 0.0)},
        teachers={"experience": 8.0, "talent": 0.1, "hired": -9},
        regions={"talent_sd": 0.1, "match_sd": 0.0},
    )
    after = stepped("staffing", world, only(CO), worlds.with_parameters(staffing__quit_lead=0.0))
    np.testing.assert_allclose(after.schools.practice[new], 0.6 * math.exp(-0.14) * 0.10)
    seeds = (after.teachers.home == new) & (after.teachers.experience > 0.0)
    assert seeds.sum() == 3
    assert (after.teachers.talent[seeds] == 0.1).all()
    assert ((after.teachers.home == lead) & (after.teachers.hired == 0)).sum() == 3


# 2 Promotion ----------------------------------------------------------------------------------------------------------


def test_titles_go_to_the_most_able_within_the_quota_of_the_home_school() -> None:
    """10 posts: round(0.45 · 10) = 5 titles, round(0.10 · 10) = 1 of them senior; 12 years' service for that."""
    world = built([Site("only", (1,) * 10)])
    skill = np.linspace(0.0, 0.9, 10)
    years = np.where(np.arange(10) == 9, 11.0, 20.0)  # the ablest is one year short of a senior title
    world = changed(world, teachers={"skill": skill, "experience": years})
    title = stepped("promotion", world, NONE, worlds.with_parameters(staffing__merit_noise=0.0)).teachers.title
    assert title.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 2, 1]


def test_years_away_count_for_titles_where_the_support_says_so() -> None:
    """Two posts, one title: 0.10 σ ahead, against 3 years away worth 0.05 σ each."""
    world = changed(
        built([Site("only", (1, 1))]),
        teachers={"skill": np.array([0.10, 0.0]), "years_away": np.array([0.0, 3.0]), "experience": 9.0},
    )
    calm = worlds.with_parameters(staffing__merit_noise=0.0)
    credit = Policy(support=SupportPolicy("credit", title_credit=1.0))
    assert stepped("promotion", world, NONE, calm).teachers.title.tolist() == [1, 0]
    assert stepped("promotion", world, credit, calm).teachers.title.tolist() == [0, 1]


def test_honours_go_to_the_ablest_of_the_county() -> None:
    """40 staff: round(0.15 · 40) = 6 backbone teachers, round(0.02 · 40) = 1 master; all from the abler school."""
    world = built([Site("a", (1,) * 20), Site("b", (1,) * 20)])
    skill = np.where(world.teachers.home == at(world, "a"), 0.5, 0.0) + np.arange(40) * 1e-3
    world = changed(world, teachers={"skill": skill, "experience": 9.0})
    honour = stepped("promotion", world, NONE, worlds.with_parameters(staffing__merit_noise=0.0)).teachers.honour
    order = np.argsort(-skill)
    assert honour[order[:7]].tolist() == [2, 1, 1, 1, 1, 1, 0]


# 3 Rotation -----------------------------------------------------------------------------------------------------------


def willing(**parameters: float) -> worlds.Parameters:
    """Return parameters under which nobody is excused and caps do not bind."""
    return worlds.with_parameters(rotation__eligible_share=1.0, rotation__most_away=1.0, **parameters)


def rotating(rule: RotationPolicy, lead: int = 20, member: int = 20, mode: Mode = CO) -> tuple[World, World]:
    """Return a pair of schools before and after one autumn's moves."""
    world = pair(replace(LEAD, subjects=(1,) * lead), replace(MEMBER, subjects=(1,) * member))
    skill = np.where(world.teachers.home == at(world, "lead"), 0.1, 0.0)
    honour = np.where(np.arange(lead + member) % 5 == 0, 1, 0)
    world = changed(
        world, teachers={"school_years": 7.0, "talent": skill, "skill": skill, "honour": honour, "qualified": True}
    )
    return world, stepped("rotation", world, only(mode, rule), willing())


def test_the_national_rule_swaps_two_of_twenty_one_of_them_backbone() -> None:
    """20 eligible · 0.10 = 2 go, ⌈0.2 · 2⌉ = 1 of them backbone; two come in exchange; counts stay 20 and 20."""
    before, after = rotating(worlds.NATIONAL)
    away = after.teachers.post != after.teachers.home
    sent = away & (before.teachers.home == at(before, "lead"))
    assert (away.sum(), sent.sum()) == (4, 2)
    assert after.teachers.honour[sent].sum() >= 1
    assert np.bincount(after.teachers.post).tolist() == [20, 20]
    assert (after.teachers.away_until[away] == 1.0).all()  # one year


def test_a_stay_of_two_years_absorbed_leaves_the_post_empty() -> None:
    """Staff quota 0.10 of 20 = 2 posts, nobody in exchange."""
    rule = RotationPolicy("r", quota="staff", share=0.1, stay_years=2.0, backfill="absorbed", scope="group")
    before, after = rotating(rule)
    away = after.teachers.post != after.teachers.home
    assert np.bincount(after.teachers.post)[at(before, "lead")] == 18
    assert (after.teachers.backfill[away] == 2).all()
    assert (after.teachers.away_until[away] == 2.0).all()


def test_willingness_falls_with_distance_and_culture_and_rises_with_incentive() -> None:
    """−0.5 + 1·0.5 − 0.5·(20 km/10) − 0.3·1 = −1.3: a chance of 0.2142; of 4,000, within 4 standard errors."""
    world = built([Site("lead", (1,) * 4000, "g", "lead"), Site("member", (1,), "g", "member", x=20.0)])
    lead = at(world, "lead")
    facts = {"school_years": 7.0, "qualified": True}
    world = changed(world, teachers=facts, schools={"character": np.where(np.arange(2) == lead, 1.0, 0.0)})
    rule = RotationPolicy("v", quota="staff", share=1.0, backfill="absorbed", scope="group", compulsory=False)
    policy = only(CO, rule, support=SupportPolicy("paid", incentive=0.5))
    went = (stepped("rotation", world, policy, willing()).teachers.post != world.teachers.home).sum()
    chance = 1.0 / (1.0 + math.exp(1.3))
    assert abs(went - 4000 * chance) < 4.0 * math.sqrt(4000 * chance * (1.0 - chance))


def test_who_is_sent_against_the_will_loses_morale_of_0_02() -> None:
    world, _ = rotating(worlds.NATIONAL)
    after = stepped("rotation", world, only(CO, worlds.NATIONAL), willing(rotation__willing_base=-1000.0))
    sent = after.teachers.post != after.teachers.home
    assert np.bincount(world.teachers.home[sent]).min() > 0  # counterparts are not asked either
    assert (after.teachers.morale[sent] == -0.02).all()
    assert not after.teachers.morale[~sent].any()


def test_need_goes_to_the_school_of_lowest_mean_skill_and_is_weighed_anew_after_each_move() -> None:
    """Means 0.00 and 0.01 of 10 each; a mover of 0.2 lifts the first to 0.2/11 = 0.018: the next goes to the second."""
    sites = [Site("lead", (1,) * 20, "g", "lead"), *(Site(n, (1,) * 10, "g", "member") for n in ("m", "n"))]
    world = built(sites)
    rows = {n: at(world, n) for n in ("lead", "m", "n")}
    talent = np.select([world.teachers.home == rows["m"], world.teachers.home == rows["n"]], [0.0, 0.01], 0.2)
    world = changed(world, teachers={"talent": talent, "skill": talent, "school_years": 7.0, "qualified": True})
    rule = RotationPolicy("r", quota="staff", share=0.1, backfill="absorbed", scope="group")
    after = stepped("rotation", world, only(CO, rule), willing())
    assert np.bincount(after.teachers.post)[[rows["m"], rows["n"]]].tolist() == [11, 11]


def test_the_reservoir_lends_until_shares_differ_by_less_than_one_teacher() -> None:
    """8 of 20 and 0 of 20 backbone: 40 % and 0 %; each exchange moves one; even at 4 and 4."""
    world, _ = rotating(worlds.NATIONAL)
    lead = at(world, "lead")
    first = np.flatnonzero(world.teachers.home == lead)[:8]
    honour = np.zeros(40, dtype=int)
    honour[first] = 1
    world = changed(world, teachers={"honour": honour})
    after = stepped("rotation", world, only(CO, replace(worlds.RESERVOIR, share=1.0)), willing())
    backbone = np.bincount(after.teachers.post, weights=after.teachers.honour)
    assert backbone.tolist() == [4.0, 4.0] or abs(backbone[0] - backbone[1]) <= 2.0
    assert np.bincount(after.teachers.post).tolist() == [20, 20]
    few = stepped("rotation", world, only(CO, replace(worlds.RESERVOIR, share=0.25)), willing())
    assert (few.teachers.post != few.teachers.home).sum() == 4  # 0.25 · 8 = 2 lent, 2 in exchange


def test_a_visitor_covers_the_subject_that_lacks_a_qualified_teacher() -> None:
    """The member's only arts post is unqualified: one visit of 0.4 leaves 0.6 ≥ 0.5, a second leaves 0.2."""
    world = pair(replace(LEAD, subjects=(4,) * 10), replace(MEMBER, subjects=(0, 0, 4)))
    unqualified = (world.teachers.home == at(world, "member")) & (world.teachers.subject == 4)
    world = changed(world, teachers={"qualified": ~unqualified, "experience": 5.0})
    after = stepped("rotation", world, only(CO, worlds.ITINERANT), willing())
    visitors = after.teachers.visiting == at(world, "member")
    assert visitors.sum() == 2
    assert (after.teachers.visit_share[visitors] == 0.4).all()
    assert (after.teachers.post == after.teachers.home).all()

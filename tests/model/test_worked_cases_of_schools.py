"""Cases of schools that a reader can check by hand: the numbers stand in the comments."""

import math
from dataclasses import replace

import numpy as np
import pytest

from model.policy import Mode, SupportPolicy
from tests.model import worlds
from tests.model.hand import BLANK, LEAD, MEMBER, YEAR, at, only, pair, tie
from tests.model.worlds import (
    DEFAULT,
    ENTRUSTED,
    FUSION,
    NONE,
    Site,
    built,
    changed,
    stepped,
    teamed,
)

# 6 Practice -----------------------------------------------------------------------------------------------------------


def test_a_gap_of_practice_closes_by_exp_minus_phi_t() -> None:
    """Strength 1, fit 1, φ = 0.35, ρ = 0: after half a year 0.1·(1 − e^−0.175) = 0.01605 of 0.1 is taken over."""
    world = pair()
    lead, member = at(world, "lead"), at(world, "member")
    own = np.zeros((2, 3))
    own[lead] = 0.1
    strength = np.zeros((2, 4))
    strength[tie(world)] = 1.0
    world = changed(world, schools={"practice": own, "practice_anchor": own}, ties={"strength": strength})
    after = stepped("practice", world, NONE, worlds.with_parameters(practice__decay=0.0)).schools.practice
    closed = 0.1 * -math.expm1(-0.175)
    # Full autonomy costs 0.3 of the uptake of common teaching standards.
    np.testing.assert_allclose(after[member], [closed, 0.1 * -math.expm1(-0.7 * 0.175), closed])
    np.testing.assert_allclose(after[lead], 0.1)


def test_the_best_fifth_of_ten_are_the_best_two_and_of_seven_the_best_and_two_fifths_of_the_next() -> None:
    for count, best in ((10, (0.9 + 0.8) / 2.0), (7, (0.6 + 0.4 * 0.5) / 1.4)):
        world = teamed(built([Site("only", (1,) * count)]))
        world = changed(world, teachers={"skill": np.arange(count) / 10.0}, schools=BLANK)
        assert stepped("practice", world, NONE).schools.best[0] == pytest.approx(best)


def test_a_lead_that_lends_all_its_hours_renews_less() -> None:
    """Best 0.3, slack 1 − 0.3·1, drive 1: generated 0.21 against 0.3; target −0.5·0.09/3 = −0.015, an eighth a year."""
    world = teamed(built([Site("only", (1,))]))
    world = changed(
        world, teachers={"skill": 0.3}, schools=BLANK | {"outreach": DEFAULT.attention.capacity, "renewal_anchor": 0.3}
    )
    after = stepped("practice", world, NONE, DEFAULT, YEAR).schools
    assert after.generated[0] == pytest.approx(0.21)
    np.testing.assert_allclose(after.practice[0], 0.015 * math.expm1(-0.08))


def test_an_executive_head_brings_half_of_the_leads_management_and_is_missed_at_home() -> None:
    """Lead 0.1, member 0: the member has 0.05 in force. The lead loses 0.5·(0.1 + 0.05)·0.3 = 0.0225."""
    world = pair()
    lead, member = at(world, "lead"), at(world, "member")
    own = np.zeros((2, 3))
    own[lead] = 0.1
    world = changed(world, schools={"practice": own, "practice_anchor": own})
    management = stepped("practice", world, only(replace(FUSION, platform=0.0))).schools.management
    assert management[member] == pytest.approx(0.05)
    assert management[lead] == pytest.approx(0.1 - 0.0225)


# 7 Culture ------------------------------------------------------------------------------------------------------------


def test_trust_rises_to_1_with_contact_and_fades_to_its_start_without() -> None:
    """Half a year at full contact: 1 − 0.5·e^−0.15; without any: 0.5 + 0.4·e^−0.05."""
    world = changed(pair(), ties={"trust": np.array([0.5, 0.9]), "contact": np.array([1.0, 0.0])})
    trust = stepped("culture", world, NONE).ties.trust
    np.testing.assert_allclose(trust, [1.0 - 0.5 * math.exp(-0.15), 0.5 + 0.4 * math.exp(-0.05)])


def test_characters_converge_along_culture_ties() -> None:
    """Strength 0.5 on culture, ν = 0.15, one apart: after half a year exp(−0.0375) apart."""
    world = pair()
    strength = np.zeros((2, 4))
    strength[tie(world), 2] = 0.5
    character = np.where(np.arange(2) == at(world, "lead"), 1.0, 0.0)
    world = changed(world, ties={"strength": strength}, schools={"character": character})
    after = stepped("culture", world, only(FUSION)).schools.character
    assert after[at(world, "lead")] == 1.0
    assert 1.0 - after[at(world, "member")] == pytest.approx(math.exp(-0.0375))


def test_drive_follows_autonomy_recognition_and_pay() -> None:
    """Fusion's member: 1 − 0.3·0.8 − 0.1·½ (paid on the group alone) = 0.71; a recognised lead 1 + 0.2·0.5 − 0.05."""
    world = pair()
    drive = stepped("culture", world, only(FUSION, support=SupportPolicy("s", recognition_lead=0.5))).schools.drive
    assert drive[at(world, "member")] == pytest.approx(0.71)
    assert drive[at(world, "lead")] == pytest.approx(1.05)


# 8 Teaching -----------------------------------------------------------------------------------------------------------


def test_the_loss_at_a_new_post_fades_over_the_year() -> None:
    """0.03·(1 − e^−0.5)/0.5 = 0.0236 in the first half-year, e^−0.5 of that in the second; half after a return."""
    world = teamed(built([Site("only", (1,))]))
    first = 0.03 * -math.expm1(-0.5) / 0.5
    for tenure, shock, loss in (
        (0.0, 1.0, first),
        (0.5, 1.0, first * math.exp(-0.5)),
        (0.0, 0.5, first / 2.0),
        (0.0, 0.0, 0.0),
    ):
        moved = changed(world, teachers={"tenure": tenure, "shock": shock, "qualified": True}, schools=BLANK)
        assert stepped("teaching", moved, NONE).schools.mean_skill[0] == pytest.approx(-loss, abs=1e-15)


def test_quality_is_people_plus_practice_less_what_is_lost() -> None:
    """Four teachers of 0.1, 0.2, 0.3 and 0.4, one new by 0.02·¼, one unqualified by 0.10·¼, a tenth of time away.

    0.25 + (0.03 + 0.02 + 0.01) − 0.005 − 0.025 − 0.35·0.3·0.1 = 0.2695; a morale of −0.04 of one costs 0.01 more.
    """
    world = teamed(built([Site("only", (1,) * 4)]))
    world = changed(
        world,
        teachers={
            "skill": np.array([0.1, 0.2, 0.3, 0.4]), "tenure": np.array([0.5, 2.0, 2.0, 2.0]),
            "qualified": np.array([True, False, True, True]), "morale": np.array([0.0, 0.0, -0.04, 0.0]),
        },
        schools={
            "practice": np.array([[0.5, 0.02, 0.01]]), "management": 0.03, "outreach": 0.08, "participation": 0.02,
        },
    )  # fmt: skip
    after = stepped("teaching", world, NONE)
    assert after.schools.quality[0] == pytest.approx(0.2695 - 0.01)
    assert after.schools.newcomers[0] == 0.25
    assert after.schools.unqualified[0] == 0.25
    np.testing.assert_allclose(after.teachers.tenure, [1.0, 2.5, 2.5, 2.5])
    assert after.teachers.morale[2] == pytest.approx(-0.04 * math.exp(-0.25))  # two years to 1/e


def test_colleagues_take_the_classes_of_one_who_is_away() -> None:
    """One of four away, absorbed: 0.35 · ¼ = 0.0875 lost at home; covered by a contract teacher: 0.10 · ¼ of skill."""
    world = pair(replace(LEAD, subjects=(1,) * 4))
    lead, member = at(world, "lead"), at(world, "member")
    gone = int(np.flatnonzero(world.teachers.home == lead)[0])
    post = np.where(np.arange(6) == gone, member, world.teachers.home)
    quality = {}
    for cover in (2, 3, 4):
        away = changed(
            world,
            teachers={
                "post": post,
                "backfill": np.where(np.arange(6) == gone, cover, 0),
                "tenure": 3.0,
                "qualified": True,
            },
        )
        quality[cover] = stepped("teaching", teamed(away), NONE).schools.quality[lead]
    assert quality[2] == pytest.approx(-0.0875)
    assert quality[3] == 0.0
    assert quality[4] == pytest.approx(-0.025)


def test_lessons_heard_online_and_misfit() -> None:
    """Teaching 1.0 of it half online, strength 0.6, a gap of 0.2: 0.4·0.3·0.2 = 0.024 gained.

    Uniform teaching, |Δx| = 1, ℓ = 0.3 + 0.7·0.2·0.5 = 0.37: 0.03·0.63 = 0.0189 lost.
    """
    world = pair()
    lead, member = at(world, "lead"), at(world, "member")
    mode = Mode("online", teaching=1.0, online=0.5, autonomy=0.2)
    strength = np.zeros((2, 4))
    strength[tie(world), 1] = 0.6
    shape = np.arange(2) == lead
    world = changed(
        world,
        ties={"strength": strength},
        schools={"quality": np.where(shape, 0.2, 0.0), "character": np.where(shape, 1.0, 0.0)},
    )
    after = stepped("teaching", world, only(mode)).schools
    assert after.lessons_online[member] == pytest.approx(0.024)
    assert after.misfit[member] == pytest.approx(0.0189)
    assert after.lessons_online[lead] == after.misfit[lead] == 0.0


# 9 Families -----------------------------------------------------------------------------------------------------------


def test_half_the_families_would_choose_an_equal_school_next_door() -> None:
    """Equal and 0 km: ½; 2 km away: e^−1/(1 + e^−1) = 0.2689; better by 0.25 σ and 2 km away: e^1/(1 + e^1)."""
    for km, gap, share in ((0.0, 0.0, 0.5), (2.0, 0.0, 1.0 / (1.0 + math.e)), (2.0, 0.25, math.e / (1.0 + math.e))):
        world = pair(member=replace(MEMBER, x=km))
        quality = np.where(np.arange(2) == at(world, "lead"), gap, 0.0)
        world = changed(world, schools={"quality": quality, "staff_home": 2.0})
        after = stepped("families", world, NONE).schools
        assert after.choice_pressure[at(world, "member")] == pytest.approx(share)


def test_a_groups_name_moves_choice_without_moving_quality() -> None:
    """A gap of 0.5 σ, of which the name covers 0.3: 8·0.35 instead of 8·0.5, next door."""
    world = pair(member=replace(MEMBER, x=0.0))
    quality = np.where(np.arange(2) == at(world, "lead"), 0.5, 0.0)
    world = changed(world, schools={"quality": quality, "staff_home": 2.0})
    pressure = {
        brand: stepped("families", world, only(replace(FUSION, brand=brand))).schools.choice_pressure[
            at(world, "member")
        ]
        for brand in (False, True)
    }
    assert pressure[False] == pytest.approx(1.0 / (1.0 + math.exp(-4.0)))
    assert pressure[True] == pytest.approx(1.0 / (1.0 + math.exp(-2.8)))


def test_satisfaction_of_an_ordinary_school_and_of_a_crowded_one() -> None:
    """Quality 0, full participation 0.3, nobody near: e^0.3/(1 + e^0.3). 120 and 240 pupils for 12 and 12 staff:
    15 on average, so 20 is a third too many: logit 0.3 − 1/3 − 0.5·½·6 km."""
    logit = {}
    alone = changed(teamed(built([Site("only", (1,))])), schools={"staff_home": 1.0})
    satisfied = stepped("families", alone, NONE).schools.satisfaction[0]
    assert satisfied == pytest.approx(1.0 / (1.0 + math.exp(-0.3)))
    world = pair(member=replace(MEMBER, pupils=240.0))
    after = stepped("families", changed(world, schools={"staff_home": 12.0}), NONE).schools.satisfaction
    logit = math.log(after[at(world, "member")] / (1.0 - after[at(world, "member")]))
    assert logit == pytest.approx(0.3 - 1.0 / 3.0 - 0.5 * 0.5 * 6.0)


# 10 Finance -----------------------------------------------------------------------------------------------------------


def test_what_one_mover_costs() -> None:
    """6 km away for a year: 12,000 of allowance, 3 · 80 · 6 = 1,440 of travel; an extra post 120,000, paid at home."""
    world = pair()
    lead, member = at(world, "lead"), at(world, "member")
    gone = int(np.flatnonzero(world.teachers.home == lead)[0])
    one = np.arange(4) == gone
    for cover, paid in ((1, 0.0), (3, 120_000.0), (4, 120_000.0)):
        away = changed(
            world, teachers={"post": np.where(one, member, world.teachers.home), "backfill": np.where(one, cover, 0)}
        )
        cost = stepped("finance", away, NONE).schools.cost
        assert cost[member, :3].tolist() == [12_000.0, pytest.approx(1_440.0), 0.0]
        assert cost[lead, 2] == paid
    visit = changed(
        world, teachers={"visiting": np.where(one, member, -1), "visit_share": np.where(one, 0.4, 0.0), "backfill": 0}
    )
    cost = stepped("finance", visit, NONE).schools.cost
    assert cost[member, :2].tolist() == [pytest.approx(4_800.0), pytest.approx(576.0)]


def test_what_programmes_cost() -> None:
    """Entrusted, 2 staff each: coordination 20,000, contract 500,000, platform 30,000; a supervisor's half 75,000;

    award 0.5 · 100,000 and a fund of 10,000; training 3,000 · 2 / 3; cultivation 8,000 · 0.06 · 2 at the lead.
    """
    world = changed(pair(), schools={"staff_home": 2.0, "staff_post": 2.0, "backbone_post": 1.0})
    support = SupportPolicy(
        "all", supervisors=0.5, export_award=0.5, fund=10_000.0, training_cycle=3, cultivation=0.06, uplift_files=0.0
    )
    cost = stepped("finance", world, only(ENTRUSTED, support=support)).schools.cost
    lead, member = at(world, "lead"), at(world, "member")
    np.testing.assert_allclose(cost[lead], [0, 0, 0, 2_000 + 960, 20_000, 0, 75_000, 60_000, 30_000])
    np.testing.assert_allclose(cost[member], [0, 0, 0, 2_000, 0, 500_000, 0, 0, 30_000])


def test_the_lead_of_a_pooled_purse_pays_for_all() -> None:
    """The same programmes: 2,960 + 2,000 of training, 500,000 of contract, 60,000 of platforms, all at the lead."""
    world = changed(pair(), schools={"staff_home": 2.0, "staff_post": 2.0, "backbone_post": 1.0})
    support = SupportPolicy("all", training_cycle=3, cultivation=0.06)
    own = stepped("finance", world, only(ENTRUSTED, support=support)).schools.cost
    pooled = stepped("finance", world, only(replace(ENTRUSTED, purse="pooled"), support=support)).schools.cost
    lead, member = at(world, "lead"), at(world, "member")
    np.testing.assert_allclose(pooled[lead], [0, 0, 0, 4_960, 20_000, 500_000, 0, 0, 60_000])
    np.testing.assert_allclose(pooled[lead], own[lead] + own[member])
    assert not pooled[member].any()


def test_service_and_rank_are_counted_where_people_work() -> None:
    """Lead 25 and 5 years, member 21 and 1; the lead's senior backbone of 25 years works at the member this year."""
    world = pair()
    lead, member = at(world, "lead"), at(world, "member")
    t = world.teachers
    old = int(np.flatnonzero(t.home == lead)[0])
    years = np.where(t.home == lead, 5.0, 1.0)
    years[[old, int(np.flatnonzero(t.home == member)[0])]] = 25.0, 21.0
    one = np.arange(4) == old
    moved = changed(
        world,
        teachers={
            "experience": years,
            "honour": np.where(one, 1, 0),
            "title": np.where(one, 2, 0),
            "post": np.where(one, member, t.home),
        },
    )
    after = stepped("teaching", teamed(moved), NONE).schools
    assert after.service[[lead, member]].tolist() == [5.0, pytest.approx(47.0 / 3.0)]
    assert after.senior_titles[[lead, member]].tolist() == [1.0, 0.0]
    assert after.senior_post[[lead, member]].tolist() == [0.0, 1.0]
    assert after.veteran_backbone[[lead, member]].tolist() == [0.0, 1.0]

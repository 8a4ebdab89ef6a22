"""Cases of attention and learning that a reader can check by hand: the numbers stand in the comments."""

import math
from dataclasses import replace

import numpy as np
import pytest

from model.chance import key
from model.policy import Mode, Policy, SupportPolicy
from model.process import Moment
from model.processes.learning import climate
from model.processes.learning.coaching import coaching_rate
from model.processes.learning.peers import lesson
from model.world import World
from tests.model import worlds
from tests.model.hand import BLANK, LEAD, MEMBER, YEAR, at, only, pair, tie
from tests.model.worlds import (
    CO,
    DEFAULT,
    FUSION,
    NONE,
    Site,
    built,
    changed,
    stepped,
    teamed,
)

# 4 Attention ----------------------------------------------------------------------------------------------------------


def test_what_fusion_carries_to_one_member_6_km_away() -> None:
    """One member of the lead's size under fusion, trust 0.5, in the first term.

    Effort ε = 1 − 0.6·0.1 = 0.94. Wanted: 0.03·0.94·0.975·(1 − 0.7·0.2) = 0.02365 on the way out,
    0.03·0.4·0.195·0.86 = 0.00201 of the member's time on the way back. The lead's D = 0.02365 + 0.002 < 0.06: a = 1.
    Reach: 0.2·0.6 + 0.8·exp(−6/20) = 0.7127; on management half is carried by the executive head: 0.8563.
    """
    world = pair()
    after, out = stepped("attention", world, only(FUSION)), tie(world)
    lead, member = at(world, "lead"), at(world, "member")
    wanted = 0.03 * 0.94 * 0.975 * 0.86
    assert after.schools.attention[lead] == 1.0
    assert after.schools.outreach[lead] == pytest.approx(wanted + 0.002)
    assert after.schools.participation[member] == pytest.approx(0.5 * wanted)
    reach = 0.2 * 0.6 + 0.8 * math.exp(-0.3)
    carried = [0.5 + 0.5 * reach, reach, 0.9 * reach, reach]
    np.testing.assert_allclose(after.ties.strength[out], 0.5 * 0.94 * np.array(carried))
    assert after.ties.contact[out] == pytest.approx(0.94 * sum(carried) / 4.0)


def test_without_authority_three_tenths_are_left_and_with_half_the_square_root() -> None:
    """Teaching, weight 1, effort 0.4, no distance, trust 1: 0.4·0.3 = 0.12 against 0.4·√0.3 = 0.219."""
    world = changed(pair(member=replace(MEMBER, x=0.0)), ties={"trust": 1.0})
    loose, plan = Mode("loose", teaching=1.0), Mode("plan", teaching=1.0, legal_person="one_plan")
    strength = [stepped("attention", world, only(m)).ties.strength[tie(world), 1] for m in (loose, plan)]
    np.testing.assert_allclose(strength, [0.12, 0.4 * math.sqrt(0.3)])


def test_unsupervised_effort_relapses() -> None:
    """Fusion after 4 years: 0.4 + (0.94 − 0.4)·exp(−0.1·4) = 0.762; supervised by 0.5 and 0.97: half as fast."""
    world, later = (
        changed(pair(member=replace(MEMBER, x=0.0)), ties={"trust": 1.0}),
        Moment(key(0, 0), 8, 0.5, 4, True, False, 0.0),
    )
    mode = replace(FUSION, online=0.0)
    loose = stepped("attention", world, only(mode), now=later).ties.strength[tie(world), 1]
    watched = only(mode, support=SupportPolicy("s", supervision=0.5))
    kept = stepped("attention", world, watched, now=later).ties.strength[tie(world), 1]
    assert loose == pytest.approx(0.4 + 0.54 * math.exp(-0.4))
    assert kept == pytest.approx(0.4 + 0.57 * math.exp(-0.2))


def test_too_many_members_share_the_leads_hours() -> None:
    """Four members, D = 4·0.03·0.94·0.975·0.86 + 4·0.002 = 0.1026 > 0.06: a = 0.5848, load 0.06."""
    world = teamed(
        changed(built([LEAD, *(replace(MEMBER, name=f"m{n}") for n in range(4))], pairs=False), schools=BLANK)
    )
    after = stepped("attention", world, only(FUSION))
    asked = 4.0 * (0.03 * 0.94 * 0.975 * 0.86 + 0.002)
    assert after.schools.attention[at(world, "lead")] == pytest.approx(0.06 / asked)
    assert after.schools.outreach[at(world, "lead")] == 0.06


# 5 Learning -----------------------------------------------------------------------------------------------------------


def test_a_lesson_grows_with_the_gap_up_to_the_absorptive_range() -> None:
    """0.2·exp(−0.4) = 0.1341; the most at Γ = 0.5; nothing from a weaker one, or a loss of 0.3 of the gap."""
    assert lesson(0.2, 0.5, 0.0) == pytest.approx(0.2 * math.exp(-0.4))
    assert lesson(0.5, 0.5, 0.0) > max(lesson(0.4, 0.5, 0.0), lesson(0.6, 0.5, 0.0))
    assert lesson(-0.2, 0.5, 0.0) == 0.0
    assert lesson(-0.2, 0.5, 0.3) == pytest.approx(-0.06)


def test_growth_in_a_75th_percentile_school_is_1_38_times_that_in_a_25th() -> None:
    ratio = climate(1.38, 0.6745 * 0.1, 0.0, 0.1) / climate(1.38, -0.6745 * 0.1, 0.0, 0.1)
    assert ratio == pytest.approx(1.38, rel=1e-3)
    assert climate(1.38, 0.3, 0.3, 0.1) == 1.0


def learning_world(skill: list[float], **teachers: object) -> World:
    """Return one team with the given skills, where ordinary learning and climate count for nothing."""
    world = teamed(built([Site("only", (1,) * len(skill))]))
    facts = {"skill": np.array(skill), "talent": np.array(skill), "experience": 9.0, **teachers}
    return changed(world, teachers=facts, regions={"reference": 0.0, "reference_step": 1.0, "practice_sd": 0.0})


def test_a_year_of_full_coaching_nets_0_09() -> None:
    """Everybody trained every year at a full dose, from nothing, with fading at work: 0.09 σ at the year's end."""
    world = learning_world([0.0])
    numbers = worlds.with_parameters(learning__training_dose=1.0, learning__mentoring=0.0)
    policy = Policy(support=SupportPolicy("training", training_cycle=1))
    assert stepped("learning", world, policy, numbers, YEAR).teachers.extra[0] == pytest.approx(0.09)
    assert coaching_rate(0.09, 0.15, 0.2) > 0.09  # the rate inside is higher: it works against fading and the ceiling


def test_a_training_cycle_of_three_years_reaches_everybody_once() -> None:
    world = teamed(learning_world([0.0] * 60))
    numbers = worlds.with_parameters(learning__mentoring=0.0)
    policy = Policy(support=SupportPolicy("training", training_cycle=3))
    reached = [
        stepped("learning", world, policy, numbers, Moment(key(0, 0), 2 * y, 0.5, y, True, False, 0.0)).teachers.extra
        > 0.0
        for y in range(3)
    ]
    assert np.sum(reached, axis=0).tolist() == [1] * 60


def test_what_a_team_teaches_in_a_year() -> None:
    """Two colleagues 0.2 σ apart, η = 0.2: the weaker grows by 0.2·0.1341·(1 − e^−0.2)/0.2 = 0.0243, the other not."""
    world = learning_world([0.0, 0.2])
    extra = stepped("learning", world, NONE, worlds.with_parameters(learning__mentoring=0.0), YEAR).teachers.extra
    grown = 0.2 * 0.2 * math.exp(-0.4) * -math.expm1(-0.2) / 0.2
    np.testing.assert_allclose(extra, [grown, 0.0], atol=1e-15)


def test_extra_fades_by_a_fifth_a_year() -> None:
    world = learning_world([0.1], extra=0.1)
    extra = stepped("learning", world, NONE, DEFAULT, YEAR).teachers.extra
    np.testing.assert_allclose(extra, 0.1 * math.exp(-0.2))


def test_one_honoured_team_mate_mentors_a_novice_and_gains_a_twentieth() -> None:
    """Dose 0.3 for the novice, 0.05·0.3 = 0.015 for the mentor; with c the rate, k = δ + c·dose/K over one year."""
    world = learning_world([0.0, 0.0, 0.0], experience=np.array([1.0, 9.0, 9.0]), honour=np.array([0, 1, 0]))
    extra = stepped("learning", world, NONE, DEFAULT, YEAR).teachers.extra
    c = coaching_rate(0.09, 0.15, 0.2)

    def after(dose: float) -> float:
        k = 0.2 + c * dose / 0.15
        return c * dose * -math.expm1(-k) / k

    np.testing.assert_allclose(extra, [after(0.3), after(0.015), 0.0], rtol=1e-9)


def test_cultivation_goes_to_the_best_three_tenths_without_honours() -> None:
    """11 at the lead, 1 honoured: ⌈0.3 · 10⌉ = 3 share 11 · 0.06 = 0.66 doses; the coach gains 0.05 · 0.66."""
    world = teamed(built([Site("lead", (1,) * 11, "g", "lead"), Site("member", (0,), "g", "member")], pairs=False))
    skill = np.arange(12) * 1e-6
    top = int(np.flatnonzero(world.teachers.home == at(world, "lead"))[0])
    honour = (np.arange(12) == top).astype(int)
    world = changed(
        world,
        teachers={"skill": skill, "talent": skill, "experience": 9.0, "honour": honour},
        regions={"reference": 0.0, "reference_step": 1.0, "practice_sd": 0.0},
    )
    support = SupportPolicy("cultivation", cultivation=0.06)
    numbers = worlds.with_parameters(learning__peer_rate=0.0)
    grown = stepped("learning", world, only(CO, support=support), numbers, YEAR).teachers.extra
    c = coaching_rate(0.09, 0.15, 0.2)
    k, best = 0.2 + c * 0.22 / 0.15, np.flatnonzero(world.teachers.home == at(world, "lead"))[-3:]
    np.testing.assert_allclose(grown[best], c * 0.22 * -math.expm1(-k) / k, rtol=1e-9)
    assert np.flatnonzero(grown).tolist() == sorted([top, *best.tolist()])


def test_cultivation_gives_no_more_doses_than_there_are_where_skills_are_equal() -> None:
    """As above with equal skills: 0.66 doses in all, whoever gets them; to first order each gives c·dose."""
    world = teamed(built([Site("lead", (1,) * 11, "g", "lead"), Site("member", (0,), "g", "member")], pairs=False))
    lead = world.teachers.home == at(world, "lead")
    honour = (np.arange(12) == int(np.flatnonzero(lead)[0])).astype(int)
    world = changed(
        world,
        teachers={"skill": 0.0, "talent": 0.0, "experience": 9.0, "honour": honour},
        regions={"reference": 0.0, "reference_step": 1.0, "practice_sd": 0.0},
    )
    numbers = worlds.with_parameters(learning__peer_rate=0.0, learning__mentor_return=0.0)
    policy = only(CO, support=SupportPolicy("cultivation", cultivation=0.06))
    extra = stepped("learning", world, policy, numbers, YEAR).teachers.extra
    assert extra.sum() <= 1.01 * coaching_rate(0.09, 0.15, 0.2) * 0.66


def test_a_studio_shares_a_masters_doses_among_schools_and_followers() -> None:
    """One master at the lead, three schools, two followers at each: a member's ties are two, so 1.0 / 2 / 2 = 0.25.

    The studio takes 0.1 of the master's week: one of two teachers, 0.35 · 0.1 · ½ = 0.0175 of the lead's quality.
    """
    sites = [LEAD, MEMBER, replace(MEMBER, name="other")]
    world = teamed(changed(built(sites, pairs=False), schools=BLANK))
    lead = at(world, "lead")
    master = np.arange(6) == int(np.flatnonzero(world.teachers.home == lead)[0])
    world = changed(
        world,
        teachers={"experience": 9.0, "honour": np.where(master, 2, 0), "qualified": True, "tenure": 9.0},
        regions={"reference": 0.0, "reference_step": 1.0, "practice_sd": 0.0},
    )
    policy, numbers = only(CO, worlds.STUDIO), worlds.with_parameters(learning__peer_rate=0.0)
    extra = stepped("learning", world, policy, numbers, YEAR).teachers.extra
    c = coaching_rate(0.09, 0.15, 0.2)
    k = 0.2 + c * 0.25 / 0.15
    np.testing.assert_allclose(extra[world.teachers.home != lead], c * 0.25 * -math.expm1(-k) / k, rtol=1e-9)
    assert stepped("teaching", world, policy).schools.quality[lead] == pytest.approx(-0.0175)

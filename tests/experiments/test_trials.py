"""The vocabulary of virtual experiments by hand: choosing, moving, pairing, opening, measuring."""

import numpy as np
import pytest

from experiments.interventions import exchange, grown, partner
from experiments.places import county, grouped, networks, partnerships
from experiments.trials import Run, Trial
from model.arithmetic import exp, expm1_ratio
from model.attributes import compile_policy
from model.chance import key
from model.columns import TITLES
from model.parameters import Parameters, replaced
from model.policy import Policy
from model.processes.learning.coaching import coaching_rate
from model.simulation import burn_in, simulate
from model.world import Pool

DEFAULT = Parameters()
# Nobody learns from colleagues or mentors, and schools are alike to grow in: what is done to somebody is all there is.
ALONE = replaced(
    DEFAULT, {"learning.peer_rate": 0.0, "learning.mentoring": 0.0, "learning.environment_ratio": 1.0}
)  # fmt: skip


@pytest.fixture(scope="module")
def trial() -> Trial:
    return Trial.of(county(), DEFAULT, 0, 0)


@pytest.fixture(scope="module")
def alone() -> Trial:
    return Trial.of(county(), ALONE, 0, 0)


def same(one: Run, other: Run) -> bool:
    arrays = zip((one.skill, *one.schools.values()), (other.skill, *other.schools.values()), strict=True)
    return all(np.array_equal(a, b) for a, b in arrays)


def test_a_run_in_which_nothing_is_done_is_the_model_itself(trial: Trial) -> None:
    world, seed = county().world, key(0, 0)
    baseline = compile_policy(Policy(), world)
    start = burn_in(world, baseline, DEFAULT, seed)
    end, record = simulate(start.world, [(0, baseline)], DEFAULT, seed, 3)
    run = trial.run(3)
    assert np.array_equal(run.schools["quality"], record.columns["quality"])
    assert np.array_equal(run.world.teachers.skill, end.teachers.skill)


def test_a_control_equals_itself_and_doing_nothing_to_nobody_equals_the_control(trial: Trial) -> None:
    control, nobody = trial.run(2), np.zeros((0, 2), dtype=np.int32)
    pairs = trial.low_with_high(trial.ranked(0.0, 0.1))
    assert same(trial.run(2), control)
    assert same(trial.run(2, None, exchange(nobody)), control)
    assert same(trial.run(2, None, partner(pairs, dose=0.0, contact=0.0)), control)
    assert not same(trial.run(2, None, partner(pairs)), control)


def test_taking_over_the_baseline_as_a_policy_changes_nothing() -> None:
    place = county("national_rule")
    here = Trial.of(place, DEFAULT, 0, 1)
    assert same(here.run(2), here.run(2, place.baseline))


def test_an_exchange_moves_the_two_for_good_and_nobody_else(trial: Trial) -> None:
    novices = trial.novices(trial.ranked(0.0, 0.25))
    pairs = trial.same_subject(trial.best(0.2, trial.ranked(0.5, 1.0)), novices)
    treated, control = trial.run(2, None, exchange(pairs)), trial.run(2)
    moved, before = treated.teachers["post"], trial.staff.post
    one, other = pairs.T
    assert len(pairs) > 10
    assert np.array_equal(moved[0, one], before[other])
    assert np.array_equal(moved[0, other], before[one])
    rest = np.setdiff1d(np.arange(len(before)), pairs)
    assert np.array_equal(moved[:, rest], control.teachers["post"][:, rest])
    staying = treated.stay(pairs, 2).all(axis=1)
    assert np.array_equal(moved[3, one[staying]], before[other[staying]])
    assert np.array_equal(np.bincount(moved[0]), np.bincount(before))


def test_a_mover_loses_the_difference_in_match_and_the_cost_of_a_new_post(alone: Trial) -> None:
    pairs = alone.same_subject(
        alone.teachers(alone.ranked(0.9, 1.0), 5.0), alone.teachers(alone.ranked(0.0, 0.1), 5.0)
    )  # fmt: skip
    treated, control = alone.run(1, None, exchange(pairs)), alone.run(1)
    p, t, s = ALONE.teachers, treated.world.teachers, treated.world.schools
    assert p.adaptation_time == 2.0
    for i in pairs[:, 0]:
        distance = abs(s.character[t.post[i]] - s.character[t.home[i]]) / ALONE.transfer.misfit_scale
        cost = p.new_post_cost * float(expm1_ratio(0.5)) * (1.0 + distance)
        match = t.match[i] - control.world.teachers.match[i]
        assert treated.taught([i], 1, 1) != control.taught([i], 1, 1)
        assert treated.skill[0, i] - control.skill[0, i] == pytest.approx(match - cost, abs=1e-12)


def test_a_year_of_pairing_nets_the_gain_of_a_coaching_year(alone: Trial) -> None:
    pairs = alone.low_with_high(alone.ranked(0.0, 0.2))
    treated, control = alone.run(1, None, partner(pairs)), alone.run(1)
    grew = treated.world.teachers.extra - control.world.teachers.extra
    low, high = pairs.T
    assert control.world.teachers.extra[pairs] == pytest.approx(0.0, abs=1e-12)
    assert grew[low] == pytest.approx(ALONE.learning.coaching_gain, abs=1e-9)
    p = ALONE.learning
    rate = p.mentor_return * float(coaching_rate(p.coaching_gain, p.ceiling, p.fade))
    assert grew[high] == pytest.approx(rate * float(expm1_ratio(p.fade + rate / p.ceiling)), abs=1e-12)
    assert np.delete(grew, pairs) == pytest.approx(0.0, abs=1e-15)


def test_partners_learn_from_each_other_as_a_team_of_two_does(alone: Trial) -> None:
    p = replaced(ALONE, {"learning.peer_rate": 0.2, "learning.weak_peer_ratio": 0.3})
    pairs = alone.low_with_high(alone.ranked(0.0, 0.2))
    step, now = partner(pairs, dose=0.0).step, type("Now", (), {"dt": 0.5})
    before = alone.start.teachers
    after = step(alone.start, p, now, Pool())["teachers"]
    reach = 0.2 * 0.5 * float(expm1_ratio(0.5 * p.learning.fade))
    for one, other in (*pairs, *pairs[:, ::-1]):
        gap = before.skill[other] - before.skill[one]
        learned = gap * float(exp(-gap / p.learning.absorptive_range)) if gap > 0.0 else 0.3 * gap
        assert after["extra"][one] - before.extra[one] == pytest.approx(reach * learned, abs=1e-12)
        assert after["skill"][one] - before.skill[one] == pytest.approx(reach * learned, abs=1e-12)


def test_what_is_added_to_learning_fades_and_saturates_as_learning_does() -> None:
    p = DEFAULT.learning
    rate = float(coaching_rate(p.coaching_gain, p.ceiling, p.fade))
    first = grown(0.0, 0.0, rate, p, 0.5)
    second = grown(first * float(exp(-0.5 * p.fade)), 0.0, rate, p, 0.5)
    assert second == pytest.approx(p.coaching_gain, abs=1e-9)
    assert grown(0.1, 0.0, 0.0, p, 0.5) == 0.1
    assert grown(p.ceiling, 0.0, rate, p, 0.5) == p.ceiling
    assert grown(0.02, 0.1, 0.0, p, 0.5) == pytest.approx(0.02 + 0.05 * float(expm1_ratio(0.5 * p.fade)), abs=1e-15)


def test_schools_and_teachers_are_chosen_as_said(trial: Trial) -> None:
    standing = trial.standing
    assert standing[trial.ranked(0.0, 0.25)].max() <= standing[trial.ranked(0.25, 1.0)].min()
    assert len(np.union1d(trial.ranked(0.0, 0.3), trial.ranked(0.3, 1.0))) == 60
    assert len(trial.schools("lead")) == 12
    novices = trial.novices(trial.schools())
    assert (trial.staff.experience[novices] == 0.0).all()
    assert (trial.staff.hired[novices] == 0).all()
    best, estimates = trial.best(0.2, trial.ranked(0.5, 1.0), least=2.0), trial.estimates()
    everybody = trial.teachers(trial.schools(), 2.0)
    assert (estimates[best] >= np.quantile(estimates[everybody], 0.8)).all()
    assert np.isin(trial.staff.post[best], trial.ranked(0.5, 1.0)).all()
    error = (estimates - trial.staff.skill) / DEFAULT.staffing.merit_noise
    assert abs(error.mean()) < 4.0 / np.sqrt(len(error))
    assert error.std() == pytest.approx(1.0, abs=0.05)
    assert abs(np.corrcoef(error, trial.staff.skill)[0, 1]) < 0.08


def test_pairs_are_of_one_subject_or_of_one_school_and_nobody_is_in_two(trial: Trial) -> None:
    subject = trial.same_subject(trial.best(0.2, trial.schools()), trial.novices(trial.schools()))
    assert (trial.staff.subject[subject[:, 0]] == trial.staff.subject[subject[:, 1]]).all()
    school = trial.low_with_high(trial.schools())
    assert (trial.staff.post[school[:, 0]] == trial.staff.post[school[:, 1]]).all()
    assert (trial.estimates()[school[:, 0]] <= trial.estimates()[school[:, 1]]).all()
    for pairs in (subject, school):
        assert len(np.unique(pairs)) == pairs.size


def test_measures_by_hand(trial: Trial) -> None:
    run = Run(trial.start, 4)
    schools, posts = np.array([0, 1]), np.array([0, 0, 0, 1, 1])
    run.skill = np.array([[0.1, 0.2, 0.3, 0.5, 0.7]] * 2 + [[0.2, 0.2, 0.2, 0.0, 0.4]] * 2)
    run.teachers = {name: np.tile(posts, (4, 1)) for name in run.teachers}
    run.teachers["hired"] = np.array([[1, 1, 1, 1, 1]] * 3 + [[1, 1, 9, 1, 1]])
    run.teachers["title"] = np.tile([TITLES.index(name) for name in ("junior", "mid", "mid", "senior", "mid")], (4, 1))
    run.teachers["experience"] = np.tile([2.0, 4.0, 6.0, 0.0, 3.0], (4, 1))
    assert run.taught(np.array([0, 4])) == pytest.approx((0.1 + 0.7 + 0.2 + 0.4) / 4)
    assert run.taught(np.array([0, 4]), 2, 2) == pytest.approx(0.3)
    assert run.stay(np.array([1, 2]), 2).tolist() == [True, False]
    assert run.stay(np.array([1, 2]), 1).tolist() == [True, True]
    assert run.titled("mid", np.array([0])) == pytest.approx(2 / 3)
    assert run.titled("senior", schools) == pytest.approx(0.2)
    assert run.service(1) == 3.0
    assert run.spread(schools, 1, 1) == pytest.approx(np.sqrt((0.01 + 0.0 + 0.01 + 0.01 + 0.01) / 5))
    # Mean squares between and within: 0.192/1 and 0.04/3; the typical size is 5 − 13/5.
    between = (0.192 - 0.04 / 3) / 2.4
    assert run.between(schools) == pytest.approx(between / (between + 0.04 / 3))


def test_schools_are_weighed_by_pupils(trial: Trial) -> None:
    run, schools = trial.run(1), trial.schools()[:5]
    pupils = run.world.schools.pupils[schools]
    quality = run.schools["quality"][:, schools].mean(axis=0)
    assert run.quality(schools) == pytest.approx((quality * pupils).sum() / pupils.sum(), abs=1e-15)
    ratio = run.schools["backbone_post"][:, schools].mean(axis=0) / pupils
    mean = (ratio * pupils).sum() / pupils.sum()
    spread = np.sqrt((pupils * (ratio - mean) ** 2).sum() / pupils.sum())
    assert run.backbone_cv(schools) == pytest.approx(spread / mean, abs=1e-12)
    row = trial.teachers(schools)[:1]
    s = run.world.schools
    practice = s.management + s.practice[:, 1] + s.practice[:, 2]
    assert run.surrounding(row, 1, 1) == pytest.approx(practice[trial.staff.post[row[0]]], abs=0.01)


def test_campuses_open_under_a_lead_or_not_at_all() -> None:
    trial = Trial.of(networks(), DEFAULT, 0, 0)
    campuses, parents = trial.schools("member", standing=False), trial.schools("lead")
    assert len(campuses) == len(parents) == 12
    opened, alone = trial.run(1, grouped("fusion")), trial.run(1, opening=False)
    assert (alone.schools["quality"][:, campuses] == 0.0).all()
    assert (opened.schools["quality"][:, campuses] != 0.0).all()
    staff = np.isin(opened.teachers["post"][0], campuses)
    seeded = opened.teachers["experience"][0, staff] > 0.0
    assert seeded.mean() == pytest.approx(round(0.3 * 46) / 46)
    # Ordinary schools notice only that the county names honours over more staff.
    ordinary = trial.schools(name="ordinary")
    assert opened.schools["quality"][0, ordinary] == pytest.approx(alone.schools["quality"][0, ordinary], abs=0.01)


def test_partnerships_are_strong_with_weak_or_of_equals() -> None:
    trial = Trial.of(partnerships(), DEFAULT, 0, 0)
    gaps = {}
    for kind in ("unequal", "equal"):
        leads, members = trial.schools("lead", name=kind), trial.schools("member", name=kind)
        assert len(leads) == len(members) == 24
        gaps[kind] = trial.standing[leads].mean() - trial.standing[members].mean()
    assert gaps["unequal"] > 0.15
    assert gaps["equal"] < 0.05
    assert len(grouped("fusion", "national_rule").rotations) == 1

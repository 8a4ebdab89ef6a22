"""Teachers of whom a roster tells something are as it says when the policy starts, and like everybody afterwards."""

import functools

import numpy as np
import pytest

from model.world import World
from tests.model import worlds
from tests.model.worlds import changed

BURN_IN = 4
EVERY = np.arange(10**6)


@functools.cache
def known_world() -> World:
    """Return the county with 0 to 29 years of service, titles and so on known of every post but each seventh."""
    world = worlds.county()
    row = EVERY[: len(world.teachers.id)]
    nobody = row % 7 == 0
    facts = {
        "known_hired": -1 - row % 30,
        "known_qualified": 1 + row % 2,
        "known_title": 1 + row % 3,
        "known_honour": 1 + (row // 3) % 3,
    }
    return changed(world, teachers={name: np.where(nobody, 0, values) for name, values in facts.items()})


def at_start(world: World, seed: int = 0) -> World:
    return worlds.snapshot(world, seed=seed, years=BURN_IN).world


def test_at_the_start_of_the_policy_everything_is_as_known() -> None:
    t = at_start(known_world()).teachers
    known = t.known_hired < 0
    assert known.sum() > 100
    np.testing.assert_array_equal(t.hired[known], t.known_hired[known])
    np.testing.assert_array_equal(t.experience[known], -1 - t.known_hired[known])
    np.testing.assert_array_equal(t.qualified[known], t.known_qualified[known] == 2)
    np.testing.assert_array_equal(t.title[known], t.known_title[known] - 1)
    np.testing.assert_array_equal(t.honour[known], t.known_honour[known] - 1)


def test_what_is_known_of_nobody_is_drawn_as_ever() -> None:
    """One known post changes nobody's draws: leavers and novices of the other posts are the same people."""
    plain = worlds.county()
    one = np.where(EVERY[: len(plain.teachers.id)] == 5, -12, 0)
    with_one = at_start(changed(plain, teachers={"known_hired": one})).teachers
    without = at_start(plain).teachers
    others = one == 0
    np.testing.assert_array_equal(with_one.hired[others], without.hired[others])
    assert with_one.hired[5] == -12


def test_service_that_is_not_known_is_drawn_and_differs_by_seed() -> None:
    """Somebody is in post at the start, with a senior title: service is drawn, the title is as known."""
    plain = worlds.county()
    count = len(plain.teachers.id)
    world = changed(plain, teachers={"known_hired": np.ones(count, dtype=int), "known_title": np.full(count, 3)})
    first, second = at_start(world).teachers, at_start(world, seed=1).teachers
    assert (first.title == 2).all() and (first.experience >= 0).all()
    assert (first.experience < BURN_IN).any() and (first.experience > BURN_IN).any()
    assert (first.experience != second.experience).any()


def test_a_post_of_which_no_honour_is_known_gets_the_usual_share_and_no_more() -> None:
    """Half the posts are known to have no honour, whoever holds them; of the others a tenth have one, as ever."""
    plain = worlds.county()
    none = EVERY[: len(plain.teachers.id)] % 2 == 0
    t = at_start(changed(plain, teachers={"known_honour": np.where(none, 1, 0)})).teachers
    assert not t.honour[none].any()
    share = (t.honour[~none] > 0).mean()
    assert share == pytest.approx((at_start(plain).teachers.honour > 0).mean(), abs=0.01)


@pytest.mark.parametrize("hired", [-2, -20])
def test_value_added_moves_talent_by_its_reliability(hired: int) -> None:
    """Two SD, half of it known: talent is √½·2 SD higher than with standing 0; hired in burn-in or long before."""
    plain = worlds.county()
    own = {"known_hired": np.full(len(plain.teachers.id), hired), "reliability": 0.5}
    middling = at_start(changed(plain, teachers=own | {"standing": 0.0}))
    able = at_start(changed(plain, teachers=own | {"standing": 2.0}))
    sd = able.regions.talent_sd[able.schools.region[able.teachers.home]]
    gain = (able.teachers.talent - middling.teachers.talent) / sd
    # The spread of talent itself is settled by what people learn, so it differs by a little.
    np.testing.assert_allclose(gain.mean(), np.sqrt(0.5) * 2.0, rtol=0.05)


def test_after_the_start_the_known_leave_like_everybody() -> None:
    world = at_start(known_world())
    later = worlds.stepped("staffing", world, worlds.AS_IS).teachers
    known = world.teachers.known_hired < 0
    left = (later.hired == 0) & known
    assert 0 < left.sum() < known.sum() / 2

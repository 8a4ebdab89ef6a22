"""Large worlds are packed in blocks of counties: that changes no number, and no block shares a teacher with another."""

import numpy as np
import pytest

from model import staff
from model.chance import key
from model.parameters import Parameters
from model.simulation import burn_in, simulate
from model.world import World
from scenarios import reader
from tests.model import worlds

MOVING = ("fusion, full support", "fusion, unified deployment", "entrusted, resident")


@pytest.fixture(scope="module")
def lishui() -> World:
    """Nine counties; two groups reach into the next one."""
    return reader.load("lishui_2019_primary").world


def test_counties_that_share_nothing_are_areas_of_their_own() -> None:
    assert worlds.two_counties().index.area_start.tolist() == [0, 1, 2]
    assert worlds.county().index.area_start.tolist() == [0, 1]


def test_a_group_a_tie_or_an_opening_keeps_counties_in_one_area(lishui: World) -> None:
    s, ties, first = lishui.schools, lishui.ties, lishui.index.area_start
    area = np.searchsorted(first, s.county, side="right")
    grouped, seeded = s.group >= 0, s.seeded_by >= 0
    across = s.county[lishui.groups.lead[s.group[grouped]]] != s.county[grouped]
    assert across.any(), "the case has a group across a border"
    assert (area[lishui.groups.lead[s.group[grouped]]] == area[grouped]).all()
    assert (area[ties.source] == area[ties.target]).all()
    assert (area[s.seeded_by[seeded]] == area[seeded]).all()
    assert first[0] == 0
    assert first[-1] == s.county.max() + 1
    assert 2 < len(first) < s.county.max() + 2, "some counties are together, and not all"


def test_blocks_are_all_posts_and_schools_once(lishui: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff, "PACKED", 1)
    found = staff.blocks(lishui)
    assert len(found) == len(lishui.index.area_start) - 1 > 1
    posts, schools = [block.posts for block in found], [block.schools for block in found]
    for parts, rows in ((posts, len(lishui.teachers.id)), (schools, len(lishui.schools.id))):
        assert [part.start for part in parts] == [0, *(part.stop for part in parts[:-1])]
        assert parts[-1].stop == rows
    for block in found:
        home = lishui.teachers.home[block.posts]
        assert home.min() >= block.schools.start
        assert home.max() < block.schools.stop


def _bytes(world: World, policy: str) -> dict[str, bytes]:
    start = burn_in(world, worlds.attributes(worlds.AS_IS, world), Parameters(), key(3, 0), 2).world
    phases = ((0, worlds.attributes(worlds.POLICIES[policy], world)),)
    end, record = simulate(start, phases, Parameters(), key(3, 0), 2)
    assert (end.teachers.post != end.teachers.home).any() or (end.teachers.visiting >= 0).any()
    return worlds.bytes_of(record) | {name: column.tobytes() for name, column in worlds.arrays(end).items()}


@pytest.mark.parametrize("policy", MOVING)
def test_many_blocks_give_the_bytes_of_one(lishui: World, policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _bytes(lishui, policy)
    monkeypatch.setattr(staff, "PACKED", 1)
    assert _bytes(lishui, policy) == whole


def test_a_run_leaves_the_world_it_starts_from_as_it_was() -> None:
    start = worlds.county_snapshot().world
    before = {name: column.tobytes() for name, column in worlds.arrays(start).items()}
    worlds.run(start, worlds.POLICIES["fusion, full support"], 2)
    assert {name: column.tobytes() for name, column in worlds.arrays(start).items()} == before
    assert not any(column.flags.writeable for column in worlds.arrays(start).values())

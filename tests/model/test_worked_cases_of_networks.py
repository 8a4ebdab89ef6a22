"""Hand cases of who is tied to whom: centres by channel, other levels, pairs inside groups, and staff by employment."""

from dataclasses import replace

import numpy as np
import pytest

from model.assembly import assemble
from model.columns import CHANNELS, LAYERS
from model.policy import Layer, Mode, Policy, RotationPolicy, SupportPolicy
from model.processes.rotation.places import willingness
from model.world import World
from tests.model import worlds
from tests.model.hand import LEAD, MEMBER, at, only, tie
from tests.model.worlds import CO, FUSION, NONE, Site, attributes, built, changed, stepped, with_parameters

PAIR = LAYERS.index("pair")
EXCHANGE = Mode("pair", management=0.3, teaching=0.3, research=0.4, culture=0.2, heads="exchange", autonomy=0.9)
TWO_WAY = RotationPolicy("two ways", quota="staff", share=0.5, eligible_years=0.0, destination="pair", scope="pair",
                         direction="both")  # fmt: skip
WILLING = {"rotation__eligible_share": 1.0, "rotation__most_away": 1.0, "rotation__willing_base": 1000.0}


def trio() -> World:
    """Return a lead and two members, each of them paired with the lead."""
    return built([LEAD, MEMBER, replace(MEMBER, name="other", x=3.0)])


def between(world: World, source: str, target: str, layer: int = 0) -> int:
    """Return the row of one tie."""
    t = world.ties
    return int(
        np.flatnonzero((t.source == at(world, source)) & (t.target == at(world, target)) & (t.layer == layer))[0]
    )


def test_a_channel_starts_at_its_centre_the_others_carry_the_share_of_symmetry() -> None:
    """Research is centred at the member: its tie to the lead weighs 1.0, the lead's own 0.2; management stays."""
    tables = worlds.tables([LEAD, MEMBER])
    teachers, schools, ties, groups = tables
    member = 1
    hub = np.repeat(ties["rank"][:, None] == 1, len(CHANNELS), axis=1)
    hub[:, CHANNELS.index("research")] = ties["source"] == member
    world = assemble(teachers, schools, ties | {"hub": hub}, groups)
    a, out, back = attributes(only(FUSION), world), tie(world), tie(world, -1)
    assert (a.research[out], a.research[back]) == (pytest.approx(0.2), 1.0)
    assert a.weight[out].tolist() == [1.0, 1.0, 0.9]
    assert a.uniformity[back] == 0.0


def test_between_levels_only_research_and_the_repository_are_tied() -> None:
    world = built([replace(LEAD, level=3), replace(MEMBER, level=2)])
    a, out = attributes(only(FUSION), world), tie(world)
    assert not a.weight.any()
    assert not a.head_carried.any()
    assert (a.head_from == -1).all()
    assert a.research[out] == 1.0
    assert a.platform[out] == FUSION.platform
    assert a.demand[out] == pytest.approx(0.25)  # one of four channels


def test_heads_of_a_pair_exchange_half_of_what_they_bring_and_the_lead_exchanges_once() -> None:
    """In a layer of pairs under no group mode; the lead's counterpart is the first of its two."""
    world = trio()
    a = attributes(Policy((Layer(PAIR, (EXCHANGE,)),)), world)
    lead, first, second = (at(world, name) for name in ("lead", "member", "other"))
    assert a.head_from[[first, second]].tolist() == [lead, lead]
    assert a.head_from[lead] in (first, second)
    assert a.head_mix.tolist() == [0.5] * 3
    assert not a.head_carried.any()  # nobody is lent: they change places
    assert a.autonomy_drive[[lead, first, second]].tolist() == [1.0, 0.9, 0.9]


def test_the_groups_heads_come_before_those_of_pairs() -> None:
    world = trio()
    a = attributes(Policy((Layer(PAIR, (EXCHANGE,)), Layer(0, (FUSION,)))), world)
    assert a.head_mix[[at(world, "member"), at(world, "other")]].tolist() == [1.0, 1.0]
    assert a.head_carried[[between(world, "lead", name) for name in ("member", "other")]].tolist() == [1.0, 1.0]


def test_exchange_in_pairs_stays_within_the_pair() -> None:
    """A group of four of which one member is paired: half of its staff of eight goes to its helper, and no other."""
    sites = [LEAD, MEMBER, replace(MEMBER, name="free", x=2.0), replace(MEMBER, name="third", x=9.0)]
    teachers, schools, ties, groups = worlds.tables(sites)
    keep = (ties["layer"] != PAIR) | np.isin(ties["source"], (0, 1)) & np.isin(ties["target"], (0, 1))
    world = assemble(teachers, schools, {name: column[keep] for name, column in ties.items()}, groups)
    after = stepped("rotation", world, only(CO, TWO_WAY), with_parameters(**WILLING))
    moved = after.teachers.post != after.teachers.home
    touched = {*after.teachers.home[moved].tolist(), *after.teachers.post[moved].tolist()}
    assert touched == {at(world, "lead"), at(world, "member")}


def test_in_a_voluntary_swap_the_counterpart_is_asked_too() -> None:
    """Nobody of the member's is willing to travel its 1,000 km as a culture apart, though the lead's are."""
    world = built([replace(LEAD, x=0.0), replace(MEMBER, x=0.0)])
    world = changed(world, schools={"character": np.where(np.arange(2) == at(world, "lead"), 0.0, 1.0)})
    rule = replace(TWO_WAY, compulsory=False, direction="outward", scope="group", destination="need")
    quiet = WILLING | {"rotation__willing_base": 0.0, "rotation__willing_culture": 0.0}
    half = willingness(with_parameters(**quiet).rotation, 0.0, 0.0, 1.0)
    assert half == 0.5
    after = stepped("rotation", world, only(CO, rule), with_parameters(**quiet))
    swapped = np.flatnonzero(after.teachers.partner >= 0)
    refused = stepped("rotation", world, only(CO, rule), with_parameters(**quiet | {"rotation__willing_base": -1000.0}))
    assert 0 < len(swapped) < len(world.teachers.id)
    assert not (refused.teachers.partner >= 0).any()
    # Who swaps under "half are willing" is among those who agree: as a policy of their own school they would go too.
    back = replace(rule, direction="both")
    volunteers = stepped("rotation", world, only(CO, back), with_parameters(**quiet)).teachers
    assert set(swapped.tolist()) <= set(np.flatnonzero(volunteers.post != volunteers.home).tolist())


def test_a_redeployment_without_end_ends_with_the_policy() -> None:
    """Evened out for good in the first autumn; the policy over, everybody is home the next."""
    world = changed(trio(), teachers={"school_years": 9.0})
    rule = RotationPolicy("unified", quota="even_skill", share=0.5, eligible_years=0.0, scope="group", direction="both",
                          until_redeployed=True)  # fmt: skip
    skill = np.where(world.teachers.home == at(world, "lead"), 0.3, 0.0)
    world = changed(world, teachers={"talent": skill, "skill": skill})
    numbers = with_parameters(**WILLING)
    away = stepped("rotation", world, only(CO, rule), numbers)
    assert (away.teachers.away_until == np.inf).sum() > 0
    later = worlds.Moment(worlds.key(0, 0), 2, 0.5, 1, True, False, 0.0)
    kept = stepped("rotation", away, only(CO, rule), numbers, later)
    assert (kept.teachers.post != kept.teachers.home).any()
    over = stepped("rotation", away, only(CO), numbers, later)
    assert (over.teachers.post == over.teachers.home).all()
    assert not np.isposinf(over.teachers.away_until).any()


def test_contract_and_private_teachers_leave_twice_as_often() -> None:
    """1,000 teachers each, 3 % and 6 % a year: the difference within 4 standard errors."""
    sites = [Site("public", (0,) * 2000, setting=1), Site("private", (0,) * 2000, setting=1, ownership=2)]
    world = changed(built(sites), teachers={"experience": 3.0})
    after = stepped("staffing", world, NONE)
    shares = [after.schools.leavers[at(world, name)] / 2000.0 for name in ("public", "private")]
    for share, rate in zip(shares, (0.03, 0.06), strict=True):
        assert abs(share - rate) < 4.0 * np.sqrt(rate * (1.0 - rate) / 2000.0)


def test_titles_are_a_share_of_established_posts_and_go_to_their_holders() -> None:
    """Of 20 posts half are established: 45 % of ten are four or five mid-level titles, none held off establishment."""
    world = built([Site("only", (0,) * 20)])
    off = np.arange(20) % 2
    world = changed(world, teachers={"employment": off, "experience": 8.0, "title": 0, "skill": 0.1 * off})
    title = stepped("promotion", world, NONE).teachers.title
    assert (title >= 1).sum() == int(0.45 * 10 + 0.5)
    assert not title[off == 1].any()


def test_a_school_opened_by_a_lead_hires_at_the_leads_entry_law() -> None:
    """Novices of the new school come with the lead's mean talent 0.5 once a group seeds it, else with its own −0.5."""
    new = replace(MEMBER, name="new", opens=0.0, seeded_by="lead", subjects=(0,) * 400)
    world = built([replace(LEAD, subjects=(0,) * 40), new])
    entry = np.where(np.arange(2) == at(world, "lead"), 0.5, -0.5)
    world = changed(world, schools={"entry": entry}, regions={"talent_sd": 0.1, "match_sd": 0.0})
    novices = (world.teachers.home == at(world, "new"))[:, None]
    quiet = with_parameters(schools__seed_staff_share=0.0)
    for policy, mean in ((only(CO), 0.5), (NONE, -0.5)):
        after = stepped("staffing", world, policy, quiet)
        assert after.schools.entry[at(world, "new")] == mean
        talent = after.teachers.talent[novices[:, 0]]
        assert abs(talent.mean() - mean) < 4.0 * 0.1 / np.sqrt(400.0)


def test_cultivation_is_paid_where_a_pair_exports_too() -> None:
    world = trio()
    policy = Policy((Layer(PAIR, (EXCHANGE,)),), (), SupportPolicy("c", cultivation=0.06))
    wanted = np.where(np.arange(3) == at(world, "lead"), 0.06, 0.0)
    assert attributes(policy, world).cultivation.tolist() == wanted.tolist()


def test_a_school_founded_by_a_lead_begins_with_its_ways() -> None:
    """Cultures 1 and −1, one legal person: 0.9 of the way, so 0.8; practice 0.9 · exp(−0.7 · 0.2) of the lead's."""
    new = replace(MEMBER, name="new", opens=0.0, seeded_by="lead")
    world = built([LEAD, new])
    lead, row = at(world, "lead"), at(world, "new")
    own = np.where(np.arange(2) == lead, 1.0, -1.0)
    world = changed(world, schools={"character": own, "practice": np.full((2, 3), 0.1)})
    founded = stepped("staffing", world, only(FUSION)).schools
    assert founded.character[row] == pytest.approx(0.8)
    np.testing.assert_allclose(founded.practice[row], 0.1 * 0.9 * np.exp(-0.7 * 0.2))
    alone = stepped("staffing", world, NONE).schools
    assert alone.character[row] == -1.0

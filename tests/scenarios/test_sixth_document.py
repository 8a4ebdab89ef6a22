"""A document that nobody has read yet brings its mode, rotation and support by a TOML file alone.

The file beside this test is invented, and says so.
"""

from pathlib import Path

import numpy as np
import pytest

from model.attributes import Attributes, Family, active_families, compile_policy
from model.chance import key
from model.columns import COST_LINES, Floats
from model.simulation import Snapshot, burn_in, simulate
from scenarios.policies import title_of
from scenarios.reader import Choice, Scenario, control, load, policy_for
from scenarios.variation import uncertain

FILE = Path(__file__).with_name("sixth_document.toml")
KEY = key(0, 0)
YEARS = 4


@pytest.fixture(scope="module")
def invented() -> Scenario:
    return load(FILE)


@pytest.fixture(scope="module")
def standing(invented: Scenario) -> Snapshot:
    as_is = compile_policy(control(invented), invented.world)
    return burn_in(invented.world, as_is, invented.parameters, KEY, years=3)


def compiled(one: Scenario, *names: str) -> Attributes:
    return compile_policy(policy_for(one, *names), one.world)


def run(one: Scenario, start: Snapshot, *names: str) -> dict[str, Floats]:
    """Return quality, absence and cost by term of one policy."""
    attributes = compiled(one, *names)
    _, record = simulate(start.world, [(0, attributes)], one.parameters, KEY, YEARS, names=("quality", "away", "cost"))
    return record.columns


def test_the_file_says_that_it_is_invented_and_every_choice_has_a_title(invented: Scenario) -> None:
    assert FILE.read_text("utf-8").startswith("# INVENTED")
    assert invented.synthetic and not invented.warnings
    assert title_of(invented, Choice("river", "spring_visits", "ferry")) == {
        "en": "River of schools (invented) + spring visits (invented) + ferry tickets and tutors (invented)",
        "zh": "沿河联办（虚构） + 春季互访（虚构） + 船票与导师（虚构）",
    }
    assert len(invented.compare) == 8
    assert policy_for(invented, "as_planned") == policy_for(invented, "river")


def test_its_records_reach_the_model_as_they_are_written(invented: Scenario) -> None:
    policy = policy_for(invented, "river", "spring_visits", "ferry")
    mode, (rotation,), support = policy.layers[0].modes[0], policy.rotations, policy.support
    assert (mode.research, mode.symmetry, mode.heads, mode.span) == (0.9, 0.6, "exchange", (1, 6))
    assert (rotation.destination, rotation.time_share, rotation.stay_years) == ("nearest", 0.3, 0.5)
    assert (support.incentive, support.cultivation, support.fund) == (0.6, 0.05, 50_000.0)
    assert uncertain(invented.catalogue, "mode", "river")["modes.river.research"] == (0.6, 0.9, 1.0)
    assert uncertain(invented.catalogue, "support", "ferry")["supports.ferry.cultivation"] == (0.0, 0.05, 0.1)


def test_each_record_acts_through_mechanisms_of_its_own(invented: Scenario) -> None:
    bare = compiled(invented, "river")
    assert active_families(compiled(invented, "independent"), bare) >= {Family.LEARNING, Family.PRACTICE, Family.FIT}
    assert active_families(bare, compiled(invented, "river", "spring_visits")) == {Family.STAFF}
    assert Family.RENEWAL in active_families(bare, compiled(invented, "river", "none", "ferry"))


def test_each_record_changes_what_happens(invented: Scenario, standing: Snapshot) -> None:
    alone, mode = run(invented, standing, "independent"), run(invented, standing, "river")
    moved, helped = run(invented, standing, "river", "spring_visits"), run(invented, standing, "river", "none", "ferry")
    in_group = invented.world.schools.group >= 0
    assert np.all(mode["quality"][-1, in_group] != alone["quality"][-1, in_group])
    assert mode["away"].sum() == 0.0 and moved["away"].sum() > 0.0
    assert np.any(helped["quality"][-1] > mode["quality"][-1])
    cost = {name: table["cost"].sum(axis=(0, 1)) for name, table in {"mode": mode, "helped": helped}.items()}
    training = COST_LINES.index("training")
    assert cost["helped"][training] > cost["mode"][training]

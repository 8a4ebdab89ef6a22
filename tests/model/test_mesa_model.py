"""Under Mesa the model has the numbers of `simulate`, agents that only look, and leaves nothing behind."""

import gc
import math
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import mesa
import numpy as np
import pytest
from mesa.batchrunner import batch_run

from model.assembly import assemble, complete_ties, joined
from model.attributes import compile_policy
from model.chance import key, stable_ids
from model.columns import COST_LINES, RECORDED, columns
from model.measures import yearly_measures
from model.mesa_model import GroupAgent, RowAgent, SchoolAgent, SchoolGroups, Setup, TeacherAgent
from model.parameters import Parameters, replaced
from model.policy import STANDING, Layer, Mode, Policy, RotationPolicy
from model.sets import baseline_quality, reference_sets
from model.simulation import Record, burn_in, simulate
from model.world import TABLES, World

SIZES = (3, 4)
SCHOOLS = sum(SIZES) + 1
POSTS = 12
YEARS, BURN_IN = 2, 2
TERMS = 2 * YEARS
ROTATION = RotationPolicy("half", share=0.5, eligible_years=1.0, stay_years=1.0)
CLOSE = Mode("close", 1.0, 0.8, 0.8, 0.5, 1.0, 0.2, "one", "own", "group", "compulsory", 0.3)
PAIRING = Layer(2, (Mode("pairing", 0.3, 0.3, 0.4, 0.2),), STANDING)
BASELINE = Policy((PAIRING,), (RotationPolicy("rule"),))
POLICY = Policy((Layer(0, (CLOSE,)), PAIRING), (ROTATION,))


def small_world() -> World:
    """Return two groups, of three and four schools, and a school by itself, with twelve posts each."""
    group = [0] * SIZES[0] + [1] * SIZES[1] + [-1]
    leads = [0, SIZES[0]]
    clusters = [list(range(SIZES[0])), list(range(SIZES[0], SCHOOLS - 1))]
    role = [3 if row == 0 else 2 if row in leads else 1 if group[row] >= 0 else 0 for row in range(SCHOOLS)]
    schools = {
        "id": stable_ids([f"school {n}" for n in range(SCHOOLS)]), "county": np.zeros(SCHOOLS),
        "group": np.array(group), "role": np.array(role), "level": np.ones(SCHOOLS),
        "setting": np.array([0, 1, 2, 0, 1, 2, 2, 1]), "x": np.arange(SCHOOLS) * 2.0, "y": np.arange(SCHOOLS) % 3 * 1.5,
        "pupils": np.arange(150.0, 310.0, 20.0),
        "opens": np.full(SCHOOLS, -np.inf), "seeded_by": np.full(SCHOOLS, -1), "reliability": np.full(SCHOOLS, 0.8),
        "standing": np.array([1.8, -0.3, -0.8, 1.1, 0.1, -0.6, -1.2, -0.1]),
        "subject_need": np.tile([0.3, 0.25, 0.15, 0.1, 0.1, 0.1], (SCHOOLS, 1)),
    }  # fmt: skip
    teachers = {
        "id": stable_ids([f"school {row} post {post}" for row in range(SCHOOLS) for post in range(POSTS)]),
        "home": np.repeat(np.arange(SCHOOLS), POSTS), "subject": np.tile([0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5], SCHOOLS),
    }  # fmt: skip
    groups = {"id": stable_ids(["a", "b"]), "county": [0, 0], "lead": leads, "zone_head": [0, 0], "assigned": [-1, -1]}
    pairs = [[cluster[0], row] for cluster in clusters for row in cluster[1:]]
    ties = [complete_ties(clusters, leads, "group"), complete_ties(pairs, [pair[0] for pair in pairs], "pair")]
    return assemble(teachers, schools, joined(ties), groups)


@pytest.fixture(scope="module")
def setup() -> Setup:
    phases = [(0, BASELINE), (1, POLICY)]
    return Setup(small_world(), BASELINE, phases, years=YEARS, burn_in_years=BURN_IN, name="from the second year")


def simulated(setup: Setup, seed: int, replicate: int) -> tuple[World, World, Record, Record]:
    """Return what `burn_in` and `simulate` make of a setup: first and last world, record of burn-in and of the run."""
    own, structure, size = key(seed, replicate), setup.structure, setup.terms_per_year
    attributes = [(year, compile_policy(policy, structure)) for year, policy in setup.phases]
    control = compile_policy(setup.baseline, structure)
    start = burn_in(structure, control, setup.parameters, own, setup.burn_in_years, size)
    world, record = simulate(start.world, attributes, setup.parameters, own, setup.years, size)
    return start.world, world, start.record, record


def assert_same_world(one: World, other: World) -> None:
    for name, table, wanted in zip(World._fields, one, other, strict=True):
        for column in table._fields:
            assert getattr(table, column).tobytes() == getattr(wanted, column).tobytes(), f"{name}.{column}"


def assert_same_run(model: SchoolGroups, expected: tuple[World, World, Record, Record]) -> None:
    first, last, before, record = expected
    assert_same_world(model.start.world, first)
    assert_same_world(model.world, last)
    for found, wanted in ((model.start.record, before), (model.record, record)):
        assert (found.terms_per_year, tuple(found.columns)) == (wanted.terms_per_year, RECORDED)
        for name in RECORDED:
            assert found.columns[name].shape == wanted.columns[name].shape, name
            assert found.columns[name].tobytes() == wanted.columns[name].tobytes(), name


@pytest.mark.parametrize(("seed", "replicate"), [(0, 0), (-7, 3)])
@pytest.mark.parametrize(
    "changed",
    [{}, {"terms_per_year": 4}, {"burn_in_years": 3, "parameters": replaced(Parameters(), {"transfer.distance": 9.0})}],
    ids=["as it is", "four terms", "other parameters"],
)
def test_a_run_has_the_bytes_of_simulate(setup: Setup, changed: dict[str, Any], seed: int, replicate: int) -> None:
    this = replace(setup, **changed)
    model = SchoolGroups(this, replicate, rng=seed)
    model.run_model()
    assert_same_run(model, simulated(this, seed, replicate))


def test_the_small_world_has_moves_and_an_effect(setup: Setup) -> None:
    with_policy, without = SchoolGroups(setup), SchoolGroups(replace(setup, phases=[(0, BASELINE)]))
    for model in (with_policy, without):
        model.run_model()
    assert with_policy.record.columns["away"].max() >= 1.0
    assert abs(with_policy.record.columns["quality"] - without.record.columns["quality"]).max() > 1e-3


def test_agents_that_are_asked_and_shuffled_change_no_number(setup: Setup) -> None:
    reporters = {
        "agenttype_reporters": {TeacherAgent: {"skill": "skill", "post": "post"}},
        "agent_reporters": {"id": "id"},
    }  # fmt: skip
    model = SchoolGroups(replace(setup, agents=(SchoolAgent, GroupAgent, TeacherAgent), reporters=reporters))
    while model.running:
        model.agents.shuffle_do("step")
        model.agents_by_type[TeacherAgent].shuffle(inplace=True).select(lambda t: t.honour > 0).do("step")
        model.step()
    assert_same_run(model, simulated(setup, 0, 0))


def test_nothing_is_drawn_from_mesa_or_a_global_generator(setup: Setup) -> None:
    def states(model: SchoolGroups) -> tuple[str, tuple[Any, ...], list[int]]:
        return str(model.rng.bit_generator.state), model.random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002

    model = SchoolGroups(replace(setup, agents=(SchoolAgent,)))
    before = states(model)
    model.run_model()
    assert states(model) == before
    assert states(SchoolGroups(setup)) == before
    assert states(SchoolGroups(setup, 1))[:2] != before[:2]


def test_no_seed_is_the_seed_zero_and_only_whole_numbers_are_seeds(setup: Setup) -> None:
    starts = [SchoolGroups(setup, rng=seed).start.world for seed in (None, 0, np.int64(0))]
    for world in starts:
        assert_same_world(world, starts[0])
    assert starts[0].schools.quality.tobytes() != SchoolGroups(setup, rng=1).start.world.schools.quality.tobytes()
    for seed in (1.5, "1", np.random.default_rng(0)):
        with pytest.raises(TypeError):
            SchoolGroups(setup, rng=seed)


def test_the_run_ends_one_step_after_its_last_term(setup: Setup) -> None:
    model = SchoolGroups(setup)
    for number in range(TERMS):
        assert (model.term, model.running) == (number, True)
        model.step()
    last = model.world
    assert (model.term, model.running) == (TERMS, True)
    for _ in range(2):
        model.step()
        assert (model.term, model.running) == (TERMS, False)
        assert model.world is last
    assert len(model.datacollector.model_vars["mean"]) == TERMS + 1


def test_a_world_that_is_kept_is_not_written_over(setup: Setup) -> None:
    model = SchoolGroups(setup)
    kept, copies = [], []
    while model.running:
        kept.append(model.world)
        copies.append(World(*(type(table)(*(array.copy() for array in table)) for table in model.world)))
        model.step()
    for world, copy in zip(kept, copies, strict=True):
        assert_same_world(world, copy)


def test_a_start_in_common_gives_the_numbers_of_a_burn_in_of_ones_own(setup: Setup) -> None:
    first = SchoolGroups(replace(setup, phases=[(0, BASELINE)]), 2)
    first.run_model()
    second = SchoolGroups(setup, 2, start=first.start)
    assert second.start is first.start
    second.run_model()
    assert_same_run(second, simulated(setup, 0, 2))


def test_compiled_attributes_do_as_well_as_policies(setup: Setup) -> None:
    control, treated = (compile_policy(policy, setup.structure) for policy in (BASELINE, POLICY))
    model = SchoolGroups(replace(setup, baseline=control, phases=[(0, control), (1, treated)]))
    model.run_model()
    assert_same_run(model, simulated(setup, 0, 0))


def test_no_agent_exists_until_asked_for(setup: Setup) -> None:
    model = SchoolGroups(setup)
    model.step()
    assert (len(model.agents), list(model.agents_by_type)) == (0, [])
    model.populate(GroupAgent)
    model.populate(GroupAgent, SchoolAgent)
    assert {kind: len(agents) for kind, agents in model.agents_by_type.items()} == {GroupAgent: 2, SchoolAgent: SCHOOLS}
    model.populate(TeacherAgent)
    assert len(model.agents) == 2 + SCHOOLS + SCHOOLS * POSTS
    assert len(set(model.agents.get("unique_id"))) == len(model.agents)


@pytest.mark.parametrize("kind", [TeacherAgent, SchoolAgent, GroupAgent])
def test_an_agent_is_its_row_at_any_time(setup: Setup, kind: type[RowAgent]) -> None:
    model = SchoolGroups(replace(setup, agents=(kind,)))
    names = list(columns(TABLES[kind.table]))
    for _ in range(3):
        table = getattr(model.world, kind.table)
        found = model.agents.get(["row", *names])
        assert found == [[row, *cells] for row, cells in enumerate(zip(*(plain(c) for c in table), strict=True))]
        assert {type(cell) for agent in found for cell in agent} <= {int, float, bool, tuple}
        model.step()


def plain(column: np.ndarray) -> list[Any]:
    """Return a column as Python's own numbers, or tuples of them."""
    return [tuple(row) if isinstance(row, list) else row for row in column.tolist()]


def test_agents_are_selected_grouped_and_totalled_as_mesa_does(setup: Setup) -> None:
    model = SchoolGroups(replace(setup, agents=(SchoolAgent, GroupAgent, TeacherAgent)))
    model.step()
    schools, teachers = model.agents_by_type[SchoolAgent], model.agents_by_type[TeacherAgent]
    table = model.world.schools
    members = schools.select(lambda school: school.role == 1)
    assert members.get("row") == np.flatnonzero(table.role == 1).tolist()
    assert schools.agg("pupils", sum) == float(table.pupils.sum())
    by_group = schools.groupby("group").count()
    for group in model.agents_by_type[GroupAgent]:
        assert by_group[group.row] == len(schools.select(lambda s, row=group.row: s.group == row)) in SIZES
    away = teachers.select(lambda teacher: teacher.post != teacher.home)
    assert len(away) == int((model.world.teachers.post != model.world.teachers.home).sum())


@pytest.mark.parametrize("kind", [TeacherAgent, SchoolAgent, GroupAgent])
def test_a_view_refuses_to_be_written(setup: Setup, kind: type[RowAgent]) -> None:
    model = SchoolGroups(replace(setup, agents=(kind,)))
    agents = model.agents_by_type[kind]
    for name in ("row", *columns(TABLES[kind.table])):
        with pytest.raises(AttributeError):
            agents.set(name, 0)
    assert_same_world(model.world, SchoolGroups(setup).world)


def test_no_column_hides_a_word_of_mesas_agents() -> None:
    for kind in (TeacherAgent, SchoolAgent, GroupAgent):
        assert not set(columns(TABLES[kind.table])) & ({*dir(mesa.Agent)} | {"model", "unique_id", "pos", "scenario"})
        assert "row" not in columns(TABLES[kind.table])


class Neighbourhood(SchoolAgent):
    """A user's own kind of school agent, with a word of its own and one said otherwise."""

    @property
    def quality(self) -> str:
        return f"{super().quality:.2f}"

    def pupils_per_teacher(self) -> float:
        return self.pupils / self.staff_post


def test_a_users_own_kind_of_agent_adds_to_the_view(setup: Setup) -> None:
    model = SchoolGroups(replace(setup, agents=(Neighbourhood,)))
    schools = model.world.schools
    assert model.agents.get("quality") == [f"{quality:.2f}" for quality in schools.quality.tolist()]
    ratios = [agent.pupils_per_teacher() for agent in model.agents]
    assert ratios == (schools.pupils / schools.staff_post).tolist()


def test_reporters_give_the_measures_of_the_run(setup: Setup) -> None:
    model = SchoolGroups(setup)
    model.run_model()
    reported = model.datacollector.get_model_vars_dataframe()
    assert list(reported) == ["mean", "peak", "middle", "valley"]
    sets = reference_sets(model.start.world, baseline_quality(model.start.record))
    assert (sets.peak.sum(), sets.valley.sum()) == (2, 2)
    yearly = yearly_measures(model.world, model.record, sets)
    for name, values in reported.items():
        years = values.to_numpy()[1:].reshape(YEARS, 2).mean(axis=1)
        assert years == pytest.approx(yearly[name], rel=0, abs=1e-14)
    assert (reported["peak"] > reported["valley"]).all()
    assert reported["mean"].nunique() == TERMS + 1


def test_a_set_without_schools_has_no_quality(setup: Setup) -> None:
    model = SchoolGroups(setup)
    model.sets = model.sets._replace(middle=np.zeros(SCHOOLS, dtype=np.bool_))
    model.step()
    last = {name: values[-1] for name, values in model.datacollector.model_vars.items()}
    assert math.isnan(last.pop("middle"))
    assert all(map(math.isfinite, last.values()))


def total_cost(model: SchoolGroups, line: str) -> float:
    """Return spending on one line (yuan a year)."""
    return math.fsum(model.world.schools.cost[:, COST_LINES.index(line)].tolist())


def test_reporters_of_ones_own_and_agent_tables(setup: Setup) -> None:
    reporters = {
        "model_reporters": {"term": "term", "coordination": lambda model: total_cost(model, "coordination")},
        "agent_reporters": {"row": "row", "quality": "quality", "practice": "practice"},
    }
    model = SchoolGroups(replace(setup, agents=(SchoolAgent,), reporters=reporters))
    model.run_model()
    collector, record = model.datacollector, model.record
    assert collector.model_vars["term"] == list(range(TERMS + 1))
    cost = record.columns["cost"][:, :, COST_LINES.index("coordination")]
    assert collector.model_vars["coordination"][1:] == [math.fsum(row) for row in cost.tolist()]
    # What was collected stays, though the arrays it was read from have been replaced since.
    frame = collector.get_agent_vars_dataframe()
    for number in range(TERMS):
        at_end = frame.xs(number + 1, level="Step")
        assert at_end["quality"].tolist() == record.columns["quality"][number, at_end["row"]].tolist()
        assert at_end["practice"].tolist() == [tuple(cells) for cells in record.columns["practice"][number].tolist()]


def last_values(setup: Setup, replicate: int) -> tuple[float, list[float]]:
    """Return mean quality and the schools' quality at the end of a run."""
    model = SchoolGroups(setup, replicate)
    model.run_model()
    return model.datacollector.model_vars["mean"][-1], model.world.schools.quality.tolist()


def test_mesas_batch_run_reports_the_last_term_of_every_run(setup: Setup) -> None:
    reporters = {**setup.reporters, "agent_reporters": {"row": "row", "quality": "quality"}}
    treated = replace(setup, agents=(SchoolAgent,), reporters=reporters)
    control = replace(treated, phases=[(0, BASELINE)], name="control")
    rows = batch_run(SchoolGroups, {"setup": [treated, control], "replicate": range(2)}, display_progress=False)
    assert len(rows) == 4 * SCHOOLS
    for this in (treated, control):
        for replicate in range(2):
            mean, quality = last_values(this, replicate)
            run = [row for row in rows if row["setup"] is this and row["replicate"] == replicate]
            assert {(row["mean"], row["Step"]) for row in run} == {(mean, TERMS)}
            assert [row["quality"] for row in sorted(run, key=lambda row: row["row"])] == quality


@pytest.mark.parametrize(("period", "steps"), [(1, range(TERMS + 1)), (2, range(0, TERMS + 1, 2))])
def test_mesas_batch_run_reports_every_period_in_order(setup: Setup, period: int, steps: range) -> None:
    rows = batch_run(SchoolGroups, {"setup": setup}, data_collection_period=period, display_progress=False)
    model = SchoolGroups(setup)
    model.run_model()
    assert [row["Step"] for row in rows] == list(steps)
    assert [row["peak"] for row in rows] == model.datacollector.model_vars["peak"][::period]


def test_mesas_batch_run_cut_short_reports_where_it_stopped(setup: Setup) -> None:
    rows = batch_run(SchoolGroups, {"setup": setup}, max_steps=3, display_progress=False)
    model = SchoolGroups(setup)
    model.run_model()
    assert [(row["Step"], row["mean"]) for row in rows] == [(3, model.datacollector.model_vars["mean"][3])]


def test_mesas_batch_run_in_two_processes_gives_the_same_numbers(setup: Setup) -> None:
    design = {"setup": setup, "replicate": range(2)}
    rows = batch_run(SchoolGroups, design, number_processes=2, display_progress=False)
    assert {row["replicate"]: row["mean"] for row in rows} == {n: last_values(setup, n)[0] for n in range(2)}
    assert {str(row["setup"]) for row in rows} == {str(setup)}
    assert "from the second year" in str(setup)
    assert len(str(setup)) < 200


def finish(model: SchoolGroups) -> None:
    model.run_model()


def interrupt(model: SchoolGroups) -> None:
    model.step()
    model.close()


@pytest.mark.parametrize("leave", [finish, interrupt])
def test_twenty_models_do_not_accumulate(setup: Setup, leave: Callable[[SchoolGroups], None]) -> None:
    start, alive = SchoolGroups(setup).start, []
    for _ in range(20):
        model = SchoolGroups(replace(setup, agents=(SchoolAgent, TeacherAgent)), start=start)
        leave(model)
        alive.append(weakref.ref(model))
    del model
    gc.collect()
    assert [reference for reference in alive if reference() is not None] == []


def test_a_closed_model_has_no_agents_and_keeps_its_numbers(setup: Setup) -> None:
    model = SchoolGroups(replace(setup, agents=(SchoolAgent,)))
    model.run_model()
    model.close()
    model.close()
    assert len(model.agents) == 0
    assert_same_run(model, simulated(setup, 0, 0))

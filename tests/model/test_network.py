"""Ties become a graph and come back the same, also by way of a GraphML file."""

from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from model.assembly import assemble, complete_ties, joined
from model.chance import stable_ids
from model.columns import CHANNELS, LAYERS, Ties
from model.network import graph_of, ties_of
from model.world import World

SCHOOLS = 5


def world_of(ties: dict[str, Any]) -> World:
    """Return five schools at corners of a county: four in a group led by the first, one beside it."""
    schools = {
        "id": stable_ids([f"school {n}" for n in range(SCHOOLS)]),
        "county": np.zeros(SCHOOLS), "group": np.array([0, 0, 0, 0, -1]), "role": np.array([2, 1, 1, 1, 0]),
        "level": np.ones(SCHOOLS), "setting": np.array([0, 1, 2, 2, 2]), "x": np.array([0.0, 3.0, 0.0, 3.0, 10.0]),
        "y": np.array([0.0, 4.0, 4.0, 0.1, 0.0]), "pupils": np.arange(100.0, 600.0, 100.0),
        "opens": np.full(SCHOOLS, -np.inf), "seeded_by": np.full(SCHOOLS, -1),
        "quality": np.linspace(0.3, -0.1, SCHOOLS),
    }  # fmt: skip
    teachers = {"id": stable_ids([f"post {n}" for n in range(SCHOOLS)]), "home": np.arange(SCHOOLS)}
    groups = {"id": stable_ids(["group"]), "county": [0], "lead": [0], "zone_head": [-1], "assigned": [-1]}
    return assemble(teachers, schools, ties, groups)


@pytest.fixture
def world() -> World:
    """Return a world with parallel ties in two layers and uneven weights that no short decimal can say."""
    group, pairs = complete_ties([[0, 1, 2, 3]], [0], "group"), complete_ties([[0, 1], [3, 4]], [0, 4], "pair")
    world = world_of(joined([group, pairs]))
    count = len(world.ties.id)
    numbers = 1.0 / np.arange(3.0, 3.0 + count * 6).reshape(count, 6)
    trust, contact, strength = numbers[:, 0].copy(), numbers[:, 1].copy(), numbers[:, 2:].copy()
    return world._replace(ties=world.ties._replace(trust=trust, contact=contact, strength=strength))


def assert_equal_ties(table: dict[str, Any], ties: Ties) -> None:
    assert list(table) == list(Ties._fields)
    for name, column in table.items():
        wanted = getattr(ties, name)
        assert (column.dtype, column.shape) == (wanted.dtype, wanted.shape), name
        assert column.tobytes() == wanted.tobytes(), name


def test_the_graph_of_a_table_turns_back_into_the_table(world: World) -> None:
    assert_equal_ties(ties_of(graph_of(world)), world.ties)


def test_the_way_over_a_graphml_file_loses_nothing(world: World, tmp_path: Path) -> None:
    nx.write_graphml(graph_of(world), tmp_path / "ties.graphml")
    assert_equal_ties(ties_of(nx.read_graphml(tmp_path / "ties.graphml")), world.ties)


def test_an_edge_says_in_plain_values_what_its_tie_says(world: World) -> None:
    graph, ties = graph_of(world), world.ties
    assert graph.number_of_edges() == len(ties.id) == 16
    for source, target, row, data in graph.edges(keys=True, data=True):
        assert (source, target) == (ties.source[row], ties.target[row])
        assert {type(value) for value in data.values()} <= {str, int, float}
        assert data["layer"] == LAYERS[ties.layer[row]]
        assert (data["rank"], data["distance"], data["trust"]) == (ties.rank[row], ties.distance[row], ties.trust[row])
        assert [data[channel] for channel in CHANNELS] == ties.strength[row].tolist()


def test_parallel_ties_of_two_layers_stay_apart(world: World) -> None:
    graph, ids = graph_of(world), world.schools.id
    first, second = (int(np.flatnonzero(ids == number)[0]) for number in stable_ids(["school 0", "school 1"]))
    assert {data["layer"] for data in graph.get_edge_data(first, second).values()} == {"group", "pair"}
    assert {data["rank"] for data in graph.get_edge_data(first, second).values()} == {1}
    assert {data["rank"] for data in graph.get_edge_data(second, first).values()} == {-1}
    assert next(iter(graph.get_edge_data(first, second).values()))["distance"] == 5.0


def test_nodes_are_schools_with_places_of_their_own(world: World) -> None:
    graph, schools = graph_of(world), world.schools
    assert list(graph) == list(range(SCHOOLS))
    for row, data in graph.nodes(data=True):
        assert {type(value) for value in data.values()} <= {str, int, float}
        assert int(data["school"]) == schools.id[row]
        assert (data["x"], data["y"], data["pupils"]) == (schools.x[row], schools.y[row], schools.pupils[row])
        assert (data["group"], data["quality"]) == (schools.group[row], schools.quality[row])
    leads = [row for row, role in graph.nodes(data="role") if role == "lead"]
    assert leads == world.groups.lead.tolist()
    assert sorted(setting for _, setting in graph.nodes(data="setting")) == ["rural"] * 3 + ["township", "urban"]


def test_no_layout_is_drawn_and_no_chance_is_used(world: World) -> None:
    # networkx draws layouts from the global generator: the very state that must not move.
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    graph = graph_of(world)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
    assert nx.get_node_attributes(graph, "pos") == {}


def test_a_graph_made_by_hand_builds_a_world() -> None:
    graph = nx.MultiDiGraph()
    graph.add_edge(1, 0, layer="pair", rank=-1)
    graph.add_edge(0, 1, layer="pair", rank=1)
    graph.add_edge(4, 2, layer="district")
    built = world_of(ties_of(graph))
    rows = {"source": [0, 1, 4], "target": [1, 0, 2], "layer": [2, 2, 3], "rank": [1, -1, 0]}
    by_table = world_of({name: np.array(column) for name, column in rows.items()})
    assert_equal_ties(built.ties._asdict(), by_table.ties)
    assert len(set(built.ties.id.tolist())) == 3


def test_a_part_of_the_graph_gives_its_part_of_the_table(world: World) -> None:
    graph = graph_of(world)
    pairs = [edge[:3] for edge in graph.edges(keys=True, data="layer") if edge[3] == "pair"]
    table = ties_of(graph.edge_subgraph(pairs))
    assert table["id"].tolist() == world.ties.id[world.ties.layer == LAYERS.index("pair")].tolist()


def test_no_ties_at_all_go_both_ways() -> None:
    world = world_of(complete_ties([], [], "group"))
    graph = graph_of(world)
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (SCHOOLS, 0)
    assert_equal_ties(ties_of(graph), world.ties)


@pytest.mark.parametrize(
    ("edge", "message"),
    [
        ((0, "No. 1 School", {"layer": "pair"}), "'No. 1 School' is not the row"),
        ((-1, 0, {"layer": "pair"}), "-1 is not the row"),
        ((0, 1.5, {"layer": "pair"}), "1.5 is not the row"),
        ((0, 1, {"layer": "league"}), "'league' of edge 0 → 1 is none of group, zone, pair, district"),
        ((0, 1, {}), "None of edge 0 → 1"),
    ],
)
def test_what_is_no_tie_is_refused_by_name(edge: tuple[Any, Any, dict[str, str]], message: str) -> None:
    graph = nx.MultiDiGraph()
    graph.add_edge(edge[0], edge[1], **edge[2])
    with pytest.raises(ValueError, match=message):
        ties_of(graph)

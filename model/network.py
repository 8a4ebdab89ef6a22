"""Ties as a networkx graph, made on demand: the table of ties stays the truth, and a graph turns back into one.

Every attribute is a plain number or text, so `networkx.write_graphml` takes the graph as it is. Positions are the
schools' own; no layout is computed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np

from model.assembly import Table
from model.columns import CHANNELS, LAYERS, LEVELS, ROLES, SETTINGS, Codes, Ties, empty
from model.world import World

NUMBERS = ("rank", "distance", "trust", "contact")
SCHOOL_WORDS = {"level": LEVELS, "setting": SETTINGS, "role": ROLES}
SCHOOL_NUMBERS = ("group", "x", "y", "pupils", "quality")


def _records(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return one dictionary per row."""
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _words(codes: Codes, names: Sequence[str]) -> list[str]:
    return [names[code] for code in codes.tolist()]


def _school_records(world: World) -> list[dict[str, Any]]:
    schools = world.schools
    columns: dict[str, Sequence[Any]] = {"school": [str(number) for number in schools.id.tolist()]}
    columns |= {name: _words(getattr(schools, name), names) for name, names in SCHOOL_WORDS.items()}
    return _records(columns | {name: getattr(schools, name).tolist() for name in SCHOOL_NUMBERS})


def _tie_records(ties: Ties) -> list[dict[str, Any]]:
    # Ids do not fit the signed integers of GraphML, so they are text.
    columns: dict[str, Sequence[Any]] = {"tie": [str(number) for number in ties.id.tolist()]}
    columns |= {"layer": _words(ties.layer, LAYERS)}
    columns |= {name: getattr(ties, name).tolist() for name in NUMBERS}
    columns |= {"hub": [_centred(flags) for flags in ties.hub.tolist()]}
    return _records(columns | {name: ties.strength[:, c].tolist() for c, name in enumerate(CHANNELS)})


def _centred(hub: Sequence[int]) -> str:
    """Return the names of the channels whose centre a tie starts at."""
    return " ".join(name for name, flag in zip(CHANNELS, hub, strict=True) if flag)


def graph_of(world: World) -> nx.MultiDiGraph:
    """Return schools as nodes and ties as edges, numbered as the rows of their tables.

    An edge runs from the school that gives to the one that receives; its key is the row of the tie. It has `layer`,
    `rank`, `hub` (names of the channels it is the centre of), `distance` (km), `trust`, `contact`, the effective weight
    of each channel under the channel's name, and `tie`, the id as text. A node has `school` (the id as text), `level`,
    `setting`, `role`, `group` (row, −1 for none), `x` and `y` (km), `pupils` and `quality` (σ).
    """
    ties = world.ties
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(enumerate(_school_records(world)))
    rows = range(len(ties.id))
    graph.add_edges_from(zip(ties.source.tolist(), ties.target.tolist(), rows, _tie_records(ties), strict=True))
    return graph


def ties_of(graph: nx.MultiDiGraph) -> Table:
    """Return the table of a graph's ties by target, source and layer: that of `graph_of(world)` is `world.ties`.

    Nodes are rows of schools, as numbers or as text (`networkx.read_graphml` reads text). A graph made by hand needs a
    `layer` on each edge; what else is missing is 0, and a lead is the centre of all channels. `assemble` takes the
    table, and works out ids and distances itself.

    Raises
    ------
    ValueError
        If a node is not the row of a school, or the layer of an edge is not one of `LAYERS`.
    """
    edges = list(graph.edges(data=True))
    table = empty(Ties, len(edges))
    table["source"][:] = [_row(source) for source, _, _ in edges]
    table["target"][:] = [_row(target) for _, target, _ in edges]
    table["layer"][:] = [_layer(source, target, data) for source, target, data in edges]
    table["id"] = np.array([int(data.get("tie", 0)) for _, _, data in edges], dtype=np.uint64)
    places = {name: table[name] for name in NUMBERS} | {c: table["strength"][:, n] for n, c in enumerate(CHANNELS)}
    for name, place in places.items():
        place[:] = [data.get(name, 0) for _, _, data in edges]
    led = {1: " ".join(CHANNELS)}
    centres = [str(data.get("hub", led.get(data.get("rank", 0), ""))).split() for _, _, data in edges]
    for n, channel in enumerate(CHANNELS):
        table["hub"][:, n] = [channel in names for names in centres]
    order = np.lexsort((table["layer"], table["source"], table["target"]))
    return {name: column[order] for name, column in table.items()}


def _row(node: object) -> int:
    if not str(node).isdecimal():
        raise ValueError(f"node {node!r} is not the row of a school")
    return int(str(node))


def _layer(source: object, target: object, data: Mapping[str, Any]) -> int:
    if data.get("layer") not in LAYERS:
        raise ValueError(f"layer {data.get('layer')!r} of edge {source} → {target} is none of {', '.join(LAYERS)}")
    return LAYERS.index(data["layer"])

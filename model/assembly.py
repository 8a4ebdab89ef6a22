"""Put structural columns together into a `World`: canonical order, ties, regions and the row index.

Rows are sorted by county, group and hashed id, so the order in which a file lists schools changes nothing.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.chance import pair_id
from model.codes import Channel, Rank, TieLayer
from model.columns import (
    TEAMS,
    Groups,
    Index,
    Regions,
    Schools,
    Teachers,
    Ties,
    columns,
    empty,
)
from model.compilation import compiled
from model.world import World, freeze

Table = dict[str, NDArray[Any]]
NEIGHBOURS = 8


def _permuted(table: Table, order: NDArray[np.int64]) -> Table:
    return {name: np.ascontiguousarray(array[order]) for name, array in table.items()}


def _rows_after(order: NDArray[np.int64], rows: NDArray[np.int32]) -> NDArray[np.int32]:
    """Translate row numbers after a permutation, keeping −1."""
    place = np.empty(len(order) + 1, dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    place[-1] = -1
    return place[rows]


def _sort_groups(groups: Table, schools: Table) -> None:
    order = np.lexsort((groups["id"], groups["county"]))
    schools["group"] = _rows_after(order, schools["group"])
    groups.update(_permuted(groups, order))


def _sort_schools(schools: Table, teachers: Table, ties: Table, groups: Table) -> None:
    order = np.lexsort((schools["id"], schools["group"], schools["county"]))
    schools.update(_permuted(schools, order))
    schools["seeded_by"] = _rows_after(order, schools["seeded_by"])
    teachers["home"] = _rows_after(order, teachers["home"])
    for name in ("source", "target"):
        ties[name] = _rows_after(order, ties[name])
    for name in ("lead", "zone_head"):
        groups[name] = _rows_after(order, groups[name])


def _sorted_teachers(teachers: Table) -> Table:
    """Return the whole table; columns not given stay untouched zeros, which take no memory until they are written."""
    given = _permuted(teachers, np.lexsort((teachers["id"], teachers["home"])))
    rows = len(given["id"])
    none = np.full(rows, -1, dtype=np.int32)
    at_home = {"post": given["home"], "visiting": none, "partner": none, "away_until": np.full(rows, -np.inf)}
    return _complete(Teachers, given | at_home, rows)


def _sort_ties(ties: Table, schools: Table) -> None:
    ties.update(_permuted(ties, np.lexsort((ties["layer"], ties["source"], ties["target"]))))
    ids = schools["id"]
    for row, (source, target, layer) in enumerate(zip(ties["source"], ties["target"], ties["layer"], strict=True)):
        ties["id"][row] = pair_id(np.uint64(pair_id(ids[source], ids[target])), np.uint64(layer))
    dx = schools["x"][ties["source"]] - schools["x"][ties["target"]]
    dy = schools["y"][ties["source"]] - schools["y"][ties["target"]]
    ties["distance"] = np.sqrt(dx * dx + dy * dy)


def _regions(schools: Table) -> Table:
    """Return the table of regions, numbering county and level together."""
    pairs = sorted(set(zip(schools["county"].tolist(), schools["level"].tolist(), strict=True)))
    number = {pair: row for row, pair in enumerate(pairs)}
    found = zip(schools["county"].tolist(), schools["level"].tolist(), strict=True)
    schools["region"] = np.array([number[pair] for pair in found], dtype=np.int32)
    regions = empty(Regions, len(pairs))
    regions["county"] = np.array([county for county, _ in pairs], dtype=np.int32)
    regions["level"] = np.array([level for _, level in pairs], dtype=np.int8)
    return regions


@compiled
def _nearest(x: NDArray[np.float64], y: NDArray[np.float64], region: NDArray[np.int32], out: NDArray[np.int32]) -> None:
    """Set the nearest schools of the same region, rows of a region being contiguous or not."""
    count = out.shape[1]
    best = np.empty(count)
    by_region = np.argsort(region, kind="mergesort")
    first = 0
    while first < len(by_region):
        last = first
        while last < len(by_region) and region[by_region[last]] == region[by_region[first]]:
            last += 1
        for n in range(first, last):
            i = by_region[n]
            best[:] = np.inf
            for m in range(first, last):
                j = by_region[m]
                d = (x[i] - x[j]) * (x[i] - x[j]) + (y[i] - y[j]) * (y[i] - y[j])
                if j == i or d >= best[count - 1]:
                    continue
                k = count - 1
                while k > 0 and best[k - 1] > d:
                    best[k], out[i, k] = best[k - 1], out[i, k - 1]
                    k -= 1
                best[k], out[i, k] = d, j
        first = last


def _areas(schools: Table, ties: Table, groups: Table) -> NDArray[np.int32]:
    """Return where counties begin that no group, tie or opening joins to a county before them, and their number."""
    county = schools["county"]
    grouped, seeded = np.flatnonzero(schools["group"] >= 0), np.flatnonzero(schools["seeded_by"] >= 0)
    lead = groups["lead"][schools["group"][grouped]] if len(grouped) else grouped
    one = county[np.concatenate([lead, ties["source"], schools["seeded_by"][seeded]])]
    other = county[np.concatenate([grouped, ties["target"], seeded])]
    counties = np.arange(int(county.max()) + 1)
    reach = counties.copy()
    np.maximum.at(reach, np.minimum(one, other), np.maximum(one, other))
    apart = np.flatnonzero(np.maximum.accumulate(reach)[:-1] < counties[1:]) + 1
    return np.concatenate([[0], apart, [len(counties)]]).astype(np.int32)


def _index(teachers: Table, schools: Table, ties: Table, groups: Table) -> Table:
    count = len(schools["id"])
    counties = int(schools["county"].max()) + 1
    index = empty(Index, 0)
    county = schools["county"][teachers["home"]]
    index["county_start"] = np.searchsorted(county, np.arange(counties + 1)).astype(np.int32)
    index["area_start"] = _areas(schools, ties, groups)
    index["tie_start"] = np.searchsorted(ties["target"], np.arange(count + 1)).astype(np.int32)
    index["team_order"] = np.arange(len(teachers["id"]), dtype=np.int32)
    index["team_start"] = np.zeros(count * TEAMS + 1, dtype=np.int32)
    index["team_of"] = np.zeros(len(teachers["id"]), dtype=np.int8)
    index["neighbours"] = np.full((count, NEIGHBOURS), -1, dtype=np.int32)
    _nearest(schools["x"], schools["y"], schools["region"], index["neighbours"])
    return index


def _complete(kind: type, table: Table, rows: int) -> Table:
    """Fill in the columns that `table` does not give, and cast those it gives."""
    full = empty(kind, rows)
    declared = columns(kind)
    for name, array in table.items():
        full[name] = np.asarray(array, dtype=declared[name].dtype)
    return full


def assemble(teachers: Table, schools: Table, ties: Table, groups: Table) -> World:
    """Return the world that these structural columns describe.

    Parameters
    ----------
    teachers
        `id`, `home` (school row), `subject`, `employment`.
    schools
        `id`, `county`, `group`, `role`, `level`, `setting`, `ownership`, `x`, `y`, `pupils`, `opens`, `seeded_by`,
        `standing`, `reliability`, `subject_need`.
    ties
        `source`, `target`, `layer`, `rank`, and where some channel's centre is not the lead, `hub`.
    groups
        `id`, `county`, `lead`, `zone_head`, `assigned`.

    Raises
    ------
    ValueError
        If there is no school or no teacher.
    """
    if len(schools["id"]) == 0 or len(teachers["id"]) == 0:
        raise ValueError("a world needs at least one school and one teacher")
    t, s = dict(teachers), _complete(Schools, schools, len(schools["id"]))
    centred = {"hub": np.repeat(ties["rank"][:, None] == Rank.SOURCE_LEADS, len(Channel), axis=1)} | ties
    e, g = _complete(Ties, centred, len(ties["source"])), _complete(Groups, groups, len(groups["id"]))
    _sort_groups(g, s)
    _sort_schools(s, t, e, g)
    t = _sorted_teachers(t)
    _sort_ties(e, s)
    r = _regions(s)
    i = _index(t, s, e, g)
    return freeze(World(Teachers(**t), Schools(**s), Ties(**e), Groups(**g), Regions(**r), Index(**i)))


def complete_ties(members: list[list[int]], leads: list[int], layer: str) -> Table:
    """Return the ties between all ordered pairs of each cluster of schools; the lead's point outward."""
    rows = [
        (a, b, _rank(a, b, lead))
        for cluster, lead in zip(members, leads, strict=True)
        for a in cluster
        for b in cluster
        if a != b
    ]
    source, target, rank = (np.array(column, dtype=np.int32) for column in zip(*rows, strict=True)) if rows else (
        np.zeros(0, dtype=np.int32),
    ) * 3  # fmt: skip
    return {
        "source": source,
        "target": target,
        "rank": rank.astype(np.int8),
        "layer": np.full(len(source), TieLayer.of(layer), dtype=np.int8),
    }


def _rank(source: int, target: int, lead: int) -> Rank:
    if source == lead:
        return Rank.SOURCE_LEADS
    return Rank.TARGET_LEADS if target == lead else Rank.PEERS


def joined(tables: list[Table]) -> Table:
    """Return tables of the same columns one below the other."""
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}

"""`export`: saved results in other forms."""

import sys
from pathlib import Path

from app.console import BadInputError
from experiments.store import LEDGER_NAME, Ledger, canonical_export
from figures.kinds import OtherKindError

WHOLE = ("pupils", "staff")


def export(directory: Path, canonical: bool, graphml: Path | None) -> None:
    """Write the canonical lines of every run to standard output, or the network to a GraphML file.

    Raises
    ------
    BadInputError, ResultsError
        If neither is wanted, or the directory does not hold what is.
    """
    if not canonical and graphml is None:
        raise BadInputError("nothing_to_export")
    if canonical:
        if not (directory / LEDGER_NAME).is_file():
            raise OtherKindError("no_runs", directory)
        with Ledger(directory, readonly=True) as ledger:
            for line in canonical_export(ledger):
                sys.stdout.write(f"{line}\n")
    if graphml is not None:
        _network(directory, graphml)


def _network(directory: Path, target: Path) -> None:
    """Write schools and ties as a graph; attributes are the columns of the tables."""
    import networkx as nx

    from experiments.files import atomic_path
    from figures.results import load

    results = load(directory)
    graph = nx.from_pandas_edgelist(results.ties, edge_attr=True, create_using=nx.MultiDiGraph)
    schools = results.schools.astype(dict.fromkeys(WHOLE, int)).to_dict("records")
    graph.add_nodes_from((row.pop("id"), row) for row in schools)
    with atomic_path(target) as temporary:
        nx.write_graphml(graph, temporary)

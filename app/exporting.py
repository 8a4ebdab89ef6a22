"""`export`: saved results in other forms."""

import sys
from pathlib import Path

from app.console import BadInputError


def export(directory: Path, canonical: bool, graphml: Path | None) -> None:
    """Write the canonical lines of every run to standard output, or the network to a GraphML file."""
    if not canonical and graphml is None:
        raise BadInputError("nothing_to_export")
    if canonical:
        from experiments.store import Ledger, canonical_export

        with Ledger(directory, readonly=True) as ledger:
            for line in canonical_export(ledger):
                sys.stdout.write(f"{line}\n")
    if graphml is not None:
        import networkx as nx
        import pandas as pd

        ties = pd.read_csv(directory / "network" / "ties.csv", dtype={"source": str, "target": str})
        schools = pd.read_csv(directory / "network" / "schools.csv", dtype={"id": str}, keep_default_na=False)
        graph = nx.from_pandas_edgelist(ties, edge_attr=True, create_using=nx.MultiDiGraph)
        graph.add_nodes_from((row.pop("id"), row) for row in schools.to_dict("records"))
        nx.write_graphml(graph, graphml)

"""Published facts, one file a study: a new one is a file with an `EXPERIMENT`, and its name here."""

import functools
import importlib

from experiments.fact import Experiment, Fact

FILES = ("talent_transfer", "partners", "replication", "price_gap", "federations", "titles", "patterns")


@functools.cache
def experiments() -> dict[str, Experiment]:
    """Return every experiment by its file's name."""
    return {name: importlib.import_module(f"experiments.facts.{name}").EXPERIMENT for name in FILES}


def facts() -> dict[str, Fact]:
    """Return every fact by id, in order."""
    return {fact.id: fact for experiment in experiments().values() for fact in experiment.facts}

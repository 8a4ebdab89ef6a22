"""What sensitivity analyses and discovery found, put into words for the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from app.console import in_words
from app.terminal import Column, table
from app.wording import grounds
from figures import discovery, phase, sensitivity
from figures.absence import nothing
from figures.moves import sentences
from figures.text import Text, text
from figures.wording import number, percent

MOST_ROWS = 15


def sensitivity_table(document: dict[str, Any], language: str, drawn: bool) -> str:
    """Return each outcome's indices as an aligned table, with what one must know to read them."""
    t, directory = text(language), document["results_dir"]
    path = Path(directory) / f"sensitivity_{document['method']}.json"
    found = sensitivity.load(path)
    heading = t(
        "sensitivity.heading", title=found.title[language], policy=found.policy.title[language],
        control=found.control.title[language], method=found.method, points=found.design.points,
        replicates=found.replicates, seed=found.seed,
    )  # fmt: skip
    parts = [heading]
    for name, entry in found.outcomes.items():
        words = t("sensitivity.outcome", outcome=name, runs=entry.runs, noise=sensitivity.noise(entry, t))
        parts += ["", words, "", *_indices(found, entry, t), *sensitivity.warned(entry, t)]
    parts += [""] + [
        t(
            "sensitivity.refused",
            outcome=name,
            remedy=in_words(why["code"], why["where"], why["remedy"], why["values"], t),
        )
        for name, why in found.refused.items()
    ]
    parts += [*sensitivity.notes(found, t), grounds(found.synthetic, t)]
    parts.append(t("sensitivity.files", path=path))
    return "\n".join([*parts, t("sensitivity.figure", path=f"{directory}/figures/")] if drawn else parts)


def _indices(found: sensitivity.Sensitivity, entry: sensitivity.Entry, t: Text) -> list[str]:
    names = [name for name in entry.indices if name != "dummy"]
    columns = [Column(t("sensitivity.parameter")), *(Column(name, number=True) for name in names)]
    order = np.argsort(-np.abs(np.nan_to_num(entry.index(found.leading))), kind="stable")
    rows = [
        [entry.parameters[row], *(_cell(entry, name, row, t) for name in names)] for row in order[:MOST_ROWS].tolist()
    ]
    if "dummy" in entry.indices:
        cells = [number(float(entry.index("dummy")[0])) if name == found.leading else "" for name in names]
        rows.append([t("sensitivity.dummy"), *cells])
    more = len(order) - MOST_ROWS
    return [table(columns, rows), *([t("sensitivity.more", count=more)] if more > 0 else [])]


def _cell(entry: sensitivity.Entry, name: str, row: int, t: Text) -> str:
    value, width = float(entry.index(name)[row]), float(entry.index(f"{name}_conf")[row])
    if not np.isfinite(value):
        return t("phrase.none")
    return number(value, 4) if not np.isfinite(width) else f"{number(value, 4)} ± {number(width, 4)}"


def discovery_text(document: dict[str, Any], language: str, drawn: bool) -> str:
    """Return boxes and tree in words."""
    t, directory = text(language), document["results_dir"]
    found = discovery.load(directory)
    titles = {name: getattr(found, name).title[language] for name in ("policy", "control")}
    heading = t(
        "discovery.heading", title=found.title[language], points=found.points, replicates=found.replicates, **titles
    )
    parts = [heading, t("discovery.sought", of=discovery.sought(found, t), base=percent(found.base)), ""]
    parts += [discovery.sentence(found, box, number, t) for number, box in enumerate(found.boxes, 1)]
    parts += [nothing(found.stopped, len(found.boxes) + 1, t)] if found.stopped else []
    parts += ["", t("discovery.tree", explained=percent(max(0.0, found.tree.explained)))]
    parts += [*filter(None, [discovery.no_tree(found, t)]), *discovery.tree_lines(found, t)]
    parts += ["", *sentences(found.moves, t), grounds(found.synthetic, t)]
    parts.append(t("discovery.files", path=f"{directory}/{discovery.NAME}"))
    return "\n".join([*parts, t("sensitivity.figure", path=f"{directory}/figures/")] if drawn else parts)


def phase_text(document: dict[str, Any], language: str, drawn: bool) -> str:
    """Return how much of the plane has which verdict."""
    t, directory = text(language), document["results_dir"]
    found = phase.load(directory)
    told = phase.facts(found, t)
    parts = [t("phase.heading", title=found.title[language], **told), ""]
    if found.plane:
        columns = [Column(t("sweep.verdict")), Column(t("phase.share"), number=True)]
        shares = phase.shares(found).items()
        rows = [[t(f"verdict.name.{name}"), f"{percent(share)} %"] for name, share in shares]
        parts += [table(columns, rows), "", *phase.remarks(found, t)]
    else:
        parts.append(t("phase.failed", count=found.failed))
    parts += [*sentences(found.moves, t), grounds(found.synthetic, t)]
    parts.append(t("discovery.files", path=f"{directory}/{phase.NAME}"))
    return "\n".join([*parts, t("sensitivity.figure", path=f"{directory}/figures/")] if drawn else parts)

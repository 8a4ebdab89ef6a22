"""`list experiments`: every claim that comes with the project, and what its newest saved experiment found."""

import json
from pathlib import Path
from typing import Any

from app.console import Language

RESULTS = Path("results")


def claims(language: Language, directory: Path = RESULTS) -> list[dict[str, Any]]:
    """Return one row for each claim: title, rows, kind, whether the equations presume a sign, and its last result."""
    from experiments.claim import bundled, load
    from figures.claim_results import Experiment
    from figures.claim_words import verdict
    from figures.text import text

    t, found = text(language.value), last_results(directory)
    rows = []
    for name in bundled():
        table = load(name).table
        result = t("claim.not_run")
        if name in found:
            result = verdict(Experiment.model_validate(found[name]), t)
        presumed = ", ".join(dict.fromkeys(one.process for one in table.presumed))
        words = {"title": table.title.both()[language.value], "documents": ", ".join(table.documents)}
        rows.append(
            {"name": name} | words | {"kind": t(f"claim.kind_of.{table.kind}"), "presumed": presumed, "result": result}
        )
    return rows


def last_results(directory: Path) -> dict[str, dict[str, Any]]:
    """Return claim → what its newest saved experiment below a folder found."""
    from figures.claim_results import NAME

    paths = [*directory.glob(f"*/{NAME}"), *directory.glob(f"*/*/{NAME}")]
    found = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(paths, key=lambda path: path.stat().st_mtime)
    ]
    return {one["claim"]: one for one in found}

"""`experiment`: from a claim's name or file to its runs, its verdict and its figure; or all of them to a gallery."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.console import BadInputError, Language
from app.version import version
from app.where import Where
from app.work import Work, command, runs_at
from experiments.claim import Claim, bundled, check_settings, load, setting_of
from experiments.claim_document import Found, candidates, claim_document, contrast_document, hinge, see, series
from experiments.claim_runs import Budget, Trial
from experiments.comparison import content_hash
from experiments.files import write_json_atomic
from experiments.results import Manifest, Results, inputs_sha256, open_results
from model.compilation import source_hash

NAME = "experiment.json"
EVERY = "all"
MOST = 100_000
RESULTS = Path("results")


@dataclass(frozen=True)
class Wish:
    """What the reader asked for, as typed; numbers left out are the claim's own."""

    name: str
    replicates: int | None
    draws: int | None
    seed: int
    where: Where
    resume: bool


def experiment(wish: Wish, out: Path | None, figures: bool) -> dict[str, Any]:
    """Try a claim, or all that come with the project, and return experiment.json or claims.json."""
    for value, least in ((wish.replicates, 2), (wish.draws, 0)):
        if value is not None and not least <= value <= MOST:
            raise BadInputError("bad_trials", value=value, least=least, most=MOST)
    names = list(bundled()) if wish.name == EVERY else [wish.name]
    claims = [_checked(name) for name in names]
    if wish.name != EVERY:
        return _one(claims[0], wish, out or _directory(claims[0], wish), figures)
    return _every(claims, wish, out or RESULTS / "claims", figures)


def _checked(name: str) -> Claim:
    claim = load(name)
    check_settings(claim, setting_of(claim))
    return claim


def _directory(claim: Claim, wish: Wish) -> Path:
    return RESULTS / f"{claim.name}-{inputs_sha256(_inputs(claim, wish))[:8]}"


def _inputs(claim: Claim, wish: Wish) -> dict[str, Any]:
    setting = setting_of(claim, wish.seed)
    scenario = setting.situation({})[0].scenario_at({})
    return {
        "claim": claim.name,
        "claim_sha256": content_hash(json.dumps(claim.table.document(), sort_keys=True, ensure_ascii=False)),
        "scenario": scenario.name,
        "scenario_sha256": scenario.inputs_sha256,
        "seed": wish.seed,
    }


def _one(claim: Claim, wish: Wish, directory: Path, figures: bool) -> dict[str, Any]:
    with runs_at(wish.where) as run, _opened(claim, wish, directory) as results:
        return _tried(claim, wish, Work(results, run), directory, figures)


def _every(claims: Sequence[Claim], wish: Wish, directory: Path, figures: bool) -> dict[str, Any]:
    """Try every claim with the same workers, each in a directory of its own, and write what all say together."""
    found = []
    with runs_at(wish.where) as run:
        for claim in claims:
            with _opened(claim, wish, directory / claim.name) as results:
                found.append(_tried(claim, wish, Work(results, run), directory / claim.name, figures))
    together = {"format": 1, "claims": found, "version": version(), "results_dir": str(directory)}
    write_json_atomic(directory / "claims.json", together)
    from figures import gallery

    gallery.write_table(directory)
    if figures:
        gallery.build(directory)
    return together


def _opened(claim: Claim, wish: Wish, directory: Path) -> Results:
    manifest = Manifest(_inputs(claim, wish), {"study": wish.seed}, source_hash(), command=command())
    return open_results(directory, manifest, resume=wish.resume)


def _tried(tried: Claim, wish: Wish, work: Work, directory: Path, figures: bool) -> dict[str, Any]:
    """Run a claim into its directory, save what it says, and draw it."""
    usual = tried.table.budget
    replicates, draws = wish.replicates or usual.replicates, usual.draws if wish.draws is None else wish.draws
    trial = Trial(tried, Budget(replicates, draws, min(usual.draw_replicates, replicates)), wish.seed)
    found = found_by(trial, work) | {"version": version(), "results_dir": str(directory)}
    write_json_atomic(directory / NAME, found)
    if figures:
        from figures import claim

        claim.build(directory)
    return found


def found_by(trial: Trial, work: Work) -> dict[str, Any]:
    """Run a trial and return what it says; raises as `experiments.claim_runs.Trial.read`."""
    ledger, name = work.results.ledger, trial.claim.name
    declared, drawn = trial.declared(), trial.drawn()
    work.sweep(f"{name} declared", declared)
    (usual,) = trial.read(declared, ledger)
    if drawn is not None:
        work.sweep(f"{name} draws", drawn)
    found = Found(usual, [] if drawn is None else trial.read(drawn, ledger))
    contrasts = []
    for table in trial.claim.table.contrasts:
        seen, hinges = see(trial, table, found), []
        for path, correlation in candidates(trial, seen):
            values, sweep = trial.alone(path, seen.cells)
            work.sweep(f"{name} {path}", sweep)
            hinges.append(
                {"correlation": correlation} | hinge(trial, seen, path, found, values, trial.read(sweep, ledger))
            )
        contrasts.append(contrast_document(trial.claim, seen, hinges))
    return claim_document(trial, contrasts, series(trial, found, declared, ledger))


def summary(found: dict[str, Any], language: Language, figures: bool) -> str:
    """Return what the terminal shows."""
    from app.claim_wording import claim_table, claims_table

    table = claims_table if "claims" in found else claim_table
    return table(found, language.value, figures)


def holds(found: dict[str, Any]) -> bool:
    """Return whether the claim, or every one of several, holds."""
    return all(one["verdict"] == "holds" for one in found.get("claims", [found]))

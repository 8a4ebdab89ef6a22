"""Make every figure, table and report of a results directory again, from what is saved there."""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from figures import (
    attribution,
    claim,
    discovery,
    distribution,
    explanation,
    gallery,
    grouping,
    network,
    official,
    pareto,
    phase,
    printing,
    quadrant,
    ranking,
    report,
    sensitivity,
    style,
    sweep,
    tables,
    trajectories,
    validation,
    wording,
)
from figures.kinds import COMPARISON, OtherKindError, kind_of
from figures.results import Results, load, with_score_sd
from figures.text import LANGUAGES, text

FIGURES: dict[str, ModuleType] = {
    "network": network,
    "trajectories": trajectories,
    "quadrant": quadrant,
    "attribution": attribution,
    "ranking": ranking,
    "distribution": distribution,
    "official": official,
}
"""What is drawn of a comparison, each where there is something to draw."""
OTHERS: tuple[ModuleType, ...] = (
    validation, sweep, sensitivity, discovery, phase, pareto, explanation, grouping, claim, gallery,
)  # fmt: skip
"""What draws the results of other commands, each known by the files `NAME` they save."""


def build_all(
    results_dir: str | Path, languages: Sequence[str] = LANGUAGES, score_sd: float | None = None
) -> list[Path]:
    """Write figures, tables and reports into `results_dir` and return the paths written.

    With `score_sd`, the user's own standard deviation of marks, effects are told in marks too.

    English files have plain names, those of another language carry it: ``report.zh.html``, ``figures/quadrant.zh.pdf``.

    Raises
    ------
    ResultsError
        If the directory holds nothing that can be drawn.
    FontError
        If no font at hand has a character of a figure.
    MissingTextError
        If there is no such language.
    """
    drawn = [other for other in OTHERS if list(Path(results_dir).glob(other.NAME))]
    if drawn:
        return [path for other in drawn for path in other.build(results_dir, languages)]
    if kind_of(results_dir) != COMPARISON:
        raise OtherKindError("nothing_to_draw", results_dir)
    folder, results = Path(results_dir), with_score_sd(load(results_dir), score_sd)
    return [path for language in languages for path in _build(folder, results, language)]


def _build(folder: Path, results: Results, language: str) -> list[Path]:
    suffix = "" if language == "en" else f".{language}"
    paths, pictures = [], {}
    for name, figure in FIGURES.items():
        if figure.data(results).empty:
            _remove(folder / "figures", name + suffix)
            continue
        drawn, caption = figure.draw(results, language), wording.caption(name, results, text(language))
        saved = style.save(drawn, folder / "figures", name + suffix, figure.data(results), caption)
        pictures[name] = next(path for path in saved if path.suffix == ".svg").read_bytes()
        paths += saved
    paths += tables.write(results, folder / "tables", language, suffix)
    page, paper = (folder / f"report{suffix}.{ending}" for ending in ("html", "pdf"))
    page.write_text(report.render(results, language, pictures), encoding="utf-8", newline="\n")
    unseen = report.render(results, language, dict.fromkeys(pictures, b""))
    paper.write_bytes(printing.printed(unseen, text(language), folder / "figures", suffix))
    return [*paths, page, paper]


def _remove(folder: Path, name: str) -> None:
    """Remove a figure of an earlier comparison that this one does not have."""
    for ending in style.ENDINGS:
        (folder / f"{name}.{ending}").unlink(missing_ok=True)

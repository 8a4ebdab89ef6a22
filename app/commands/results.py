"""Results that are saved: figures, reports, exports."""

from pathlib import Path
from typing import Annotated

import typer

from app.console import guarded
from app.options import SYSTEM_LANGUAGE, Lang, ScoreSd, app
from app.settings import check_score_sd


def drawn_again(directory: Path, score_sd: float | None) -> list[Path]:
    """Draw figures and reports of a results directory and return the paths written."""
    from figures.build import build_all

    check_score_sd(score_sd)
    return build_all(directory, score_sd=score_sd)


@app.command(epilog="Example: yangfeng figures results/yuyao_2020")
def figures(
    directory: Annotated[Path, typer.Argument(help="Results directory.")],
    score_sd: ScoreSd = None,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Draw all figures and reports again, from saved results only."""
    with guarded(lang):
        for path in drawn_again(directory, score_sd):
            typer.echo(path)


@app.command(epilog="Example: yangfeng report results/yuyao_2020")
def report(
    directory: Annotated[Path, typer.Argument(help="Results directory.")],
    score_sd: ScoreSd = None,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Write the reports (HTML and PDF) again, from saved results only, and say where they are."""
    with guarded(lang):
        from figures.kinds import need_comparison

        need_comparison(directory)
        for path in drawn_again(directory, score_sd):
            if path.name.startswith("report."):
                typer.echo(path)


@app.command(epilog="Example: yangfeng export results/yuyao_2020 --canonical | sha256sum")
def export(
    directory: Annotated[Path, typer.Argument(help="Results directory.")],
    canonical: Annotated[bool, typer.Option("--canonical", help="Every run, sorted by key, bytes comparable.")] = False,
    graphml: Annotated[Path | None, typer.Option("--graphml", help="Write the network to this GraphML file.")] = None,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Write saved results in other forms: runs as canonical text, or the network as GraphML."""
    with guarded(lang):
        from app import exporting

        exporting.export(directory, canonical, graphml)

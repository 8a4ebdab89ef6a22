"""`web`: the page for planners, where its libraries are installed."""

from collections.abc import Sequence
from pathlib import Path

import typer

from app.console import BadInputError, Language
from figures.text import text


def serve(scenario: str, host: str, port: int, results: Path | None, browse: bool, language: Language) -> None:
    """Serve the page until interrupted, after saying where it is.

    Raises
    ------
    BadInputError
        If the libraries of the page are not installed, or the port is taken.
    ScenarioError
        If there is no such scenario.
    """
    try:
        from app.web import guard, server
    except ImportError as error:
        raise BadInputError("no_web", value=error.name) from error
    t = text(language.value)
    if guard.names_of(host) is None:
        typer.echo(t("web.open_to_others", host=host), err=True)
    typer.echo(t("web.preparing"))
    site = f"[{host}]" if ":" in host else host
    server.serve(
        scenario, host, port, results, browse, language, importer,
        lambda: typer.echo(t("web.serving", address=f"http://{site}:{port}")),
    )  # fmt: skip


def importer(rosters: Sequence[Path], scenario: Path, language: Language, title: str) -> list[str]:
    """Import uploaded rosters of a place with a title, and return what is to be noticed about them.

    Raises
    ------
    RosterError
        With everything that is wrong with them.
    BadInputError
        If the title is too long.
    """
    from app.importing import import_rosters
    from app.roster_wording import remark

    t = text(language.value)
    return [remark(problem, t) for problem in import_rosters(rosters, scenario, title=title).remarks]

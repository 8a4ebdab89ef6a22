"""The command line: `yangfeng`. Heavy rooms are imported by the command that needs them, so that help is quick."""

from typing import Annotated

import typer

from app.commands import looking, places, policies, research, results
from app.options import app

__all__ = ["app", "looking", "main", "places", "policies", "research", "results"]


def main() -> None:
    """Run the command line."""
    app()


def _tell_version(wanted: bool) -> None:
    if wanted:
        from app.version import version

        typer.echo(version())
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Simulate what happens to strong and weak schools when schools are put into groups (扬峰)."""


if __name__ == "__main__":
    main()

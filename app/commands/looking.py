"""What there is to choose from."""

from typing import Annotated

import typer

from app.console import answer, guarded
from app.options import SYSTEM_LANGUAGE, AsJson, Lang, app


@app.command("list", epilog="Example: yangfeng list modes --lang zh")
def list_(
    what: Annotated[
        str,
        typer.Argument(
            help="documents, scenarios, modes, rotations, supports, experiments, rivals, measures or parameters"
        ),
    ],
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """List what there is to choose from."""
    with guarded(lang):
        from app import catalogue

        answer(catalogue.listing(what, lang), as_json, catalogue.columns(what))


@app.command(epilog="Example: yangfeng show fusion")
def show(
    name: Annotated[
        str, typer.Argument(help="A scenario, mode, rotation, support, parameter, measure, rival or document row.")
    ],
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Show one of them, with provenance and sources."""
    with guarded(lang):
        from app import catalogue

        answer(catalogue.entry(name, lang), as_json)

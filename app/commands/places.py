"""Places of one's own: rosters in, groups proposed, a scenario out."""

from pathlib import Path
from typing import Annotated

import typer

from app.console import answer, guarded
from app.options import SYSTEM_LANGUAGE, AsJson, Lang, app


@app.command(epilog="Example: yangfeng template rosters --demo")
def template(
    directory: Annotated[Path, typer.Argument(help="Folder for the rosters.")],
    demo: Annotated[bool, typer.Option("--demo", help="Fill them in with a synthetic county.")] = False,
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Write rosters to fill in: schools, teachers and ties, with instructions and lists to choose from."""
    with guarded(lang):
        from app import template as templates

        files = templates.make(directory, lang.value, demo)
        document = {"directory": str(directory), "synthetic": demo, "files": [str(path) for path in files]}
        answer(document, as_json, text=templates.summary(directory, demo, lang.value))


@app.command("import", epilog="Example: yangfeng import rosters -o my_county.toml")
def import_(
    rosters: Annotated[list[Path], typer.Argument(help="Folders or files (.xlsx, .csv) with rosters.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE.toml", help="The scenario to write.")],
    pseudonymise: Annotated[bool, typer.Option("--pseudonymise", help="Replace names and ids by codes.")] = False,
    today: Annotated[str | None, typer.Option(help="Day up to which service counts (default: today).")] = None,
    title: Annotated[str, typer.Option(help="What reports call the place (default: the name of the file).")] = "",
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Turn rosters of schools, teachers and ties into a scenario; every fault is told with its row and remedy."""
    with guarded(lang):
        from app import importing
        from scenarios.rosters.problems import RosterError

        try:
            done = importing.import_rosters(rosters, out, pseudonymise, today, title)
        except RosterError as error:
            if as_json:
                answer(importing.refused(error, lang.value), as_json)
            raise
        answer(importing.document(done, lang.value), as_json, text=importing.summary(done, lang.value))


@app.command(epilog="Example: yangfeng group yuyao_2020 -o yuyao_grouped.toml --size 2:5")
def group(
    scenario: Annotated[str, typer.Argument(help="A bundled scenario or the path of a TOML file.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE.toml", help="The scenario to write.")],
    size: Annotated[
        str | None,
        typer.Option("--size", "--capacity", help="Schools in a group, the lead among them: least:most, or the most."),
    ] = None,
    weights: Annotated[str, typer.Option(help="What counts: proximity=1,balance=1,mix=1,lead=1.")] = "",
    lead_rule: Annotated[
        str, typer.Option(help="Who leads: quality, size or setting; with rural or private they may lead too.")
    ] = "quality",
    fix: Annotated[
        list[str], typer.Option(metavar="SCHOOL=GROUP|FILE", help="What is settled; a group is named by its lead.")
    ] = [],  # noqa: B006
    keep: Annotated[bool, typer.Option("--keep", help="Keep the groups there are; place the other schools.")] = False,
    max_km: Annotated[float | None, typer.Option(help="Farthest a member may be from its lead, km.")] = None,
    mix_ownership: Annotated[bool, typer.Option("--mix-ownership", help="Mix public and private schools.")] = False,
    across_counties: Annotated[bool, typer.Option("--across-counties", help="Groups may go across counties.")] = False,
    across_levels: Annotated[bool, typer.Option("--across-levels", help="Groups may go across levels.")] = False,
    levels: Annotated[str | None, typer.Option(help="Levels to group, separated by commas (default: all).")] = None,
    mode: Annotated[str | None, typer.Option(help="Mode of the proposed groups; it sets the sizes too.")] = None,
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Propose groups of schools: near each other, balanced, mixed, each weak or rural school with a strong one."""
    with guarded(lang):
        from app import grouping

        asked = grouping.Asked(
            scenario, size, weights, lead_rule, fix, keep, max_km, mix_ownership, across_counties, across_levels,
            levels, mode,
        )  # fmt: skip
        document = grouping.group(asked, out)
        answer(document, as_json, text=grouping.summary(document, lang))

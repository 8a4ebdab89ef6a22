"""What policies do: one run, a comparison, its mechanisms, and the page."""

from pathlib import Path
from typing import Annotated

import typer

from app.console import answer, guarded
from app.options import (
    LOOPBACK,
    SYSTEM_LANGUAGE,
    AsJson,
    Lang,
    Out,
    Place,
    Plain,
    Rival,
    Scheduler,
    ScoreSd,
    Settings,
    Workers,
    app,
)
from app.where import Executor, Where


@app.command(epilog="Example: yangfeng run yuyao_2020 --mode fusion --rotation national_rule --seed 0")
def run(
    scenario: Annotated[str, typer.Argument(help="A bundled scenario or the path of a TOML file.")],
    mode: Annotated[str, typer.Option(help="Organisational mode, or as_planned.")] = "independent",
    rotation: Annotated[str, typer.Option(help="Rotation policy; several joined by +.")] = "none",
    support: Annotated[str, typer.Option(help="Support policy; several joined by +.")] = "none",
    years: Annotated[int | None, typer.Option(min=1, max=100, help="Years under the policy.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all chance events.")] = 0,
    out: Out = None,
    settings: Settings = [],  # noqa: B006
    rival: Rival = None,
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Run one policy once and save its school × term table."""
    with guarded(lang):
        from app import running

        answer(running.run_once(scenario, (mode, rotation, support), years, seed, out, settings, rival), as_json)


@app.command(
    epilog="Example: yangfeng compare yuyao_2020 --modes fusion,co_construction --rotations none,national_rule "
    "--out results/yuyao_2020"
)
def compare(
    scenario: Annotated[str, typer.Argument(help="A bundled scenario or the path of a TOML file.")],
    modes: Annotated[str | None, typer.Option(help="Modes, separated by commas.")] = None,
    rotations: Annotated[str | None, typer.Option(help="Rotation policies, separated by commas.")] = None,
    supports: Annotated[str | None, typer.Option(help="Support policies, separated by commas.")] = None,
    policy: Annotated[
        list[str], typer.Option(metavar="MODE/ROTATION/SUPPORT", help="One policy in place of combinations; again.")
    ] = [],  # noqa: B006
    replicates: Annotated[str, typer.Option(help="auto, or a number of paired runs.")] = "auto",
    delta: Annotated[float, typer.Option(help="Smallest difference that matters, σ/year.")] = 0.02,
    control: Annotated[str | None, typer.Option(help="as_is, none or same_money.")] = None,
    years: Annotated[int | None, typer.Option(min=4, max=100, help="Years under the policies.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all chance events.")] = 0,
    out: Out = None,
    workers: Workers = None,
    executor: Place = Executor.PROCESS,
    scheduler: Scheduler = None,
    plain: Plain = False,
    certainty: Annotated[int, typer.Option(min=0, max=100_000, help="Draws of all uncertain numbers; 0: none.")] = 64,
    explain: Annotated[str, typer.Option(help="Attribute effects to mechanisms: harmful, all or none.")] = "harmful",
    settings: Settings = [],  # noqa: B006
    rival: Rival = None,
    score_sd: ScoreSd = None,
    figures: Annotated[bool, typer.Option(help="Draw figures and write the reports.")] = True,
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Compare policies with the control by paired runs, to a verdict for each."""
    with guarded(lang):
        from app import comparing

        names, where = (modes, rotations, supports), Where(workers, executor, scheduler, plain)
        wish = comparing.Wish(
            scenario, *names, replicates, delta, control, years, seed, where, certainty, comparing.explained(explain),
            rival, score_sd, tuple(policy),
        )  # fmt: skip
        document = comparing.compare(wish, out, settings, figures, lang)
        answer(document, as_json, text=comparing.summary(document, lang, figures))


@app.command(epilog="Example: yangfeng explain yuyao_2020 --mode fusion --rotation national_rule")
def explain(
    scenario: Annotated[str, typer.Argument(help="A bundled scenario or the path of a TOML file.")],
    mode: Annotated[str, typer.Option(help="Organisational mode, or as_planned.")],
    rotation: Annotated[str, typer.Option(help="Rotation policy; several joined by +.")] = "none",
    support: Annotated[str, typer.Option(help="Support policy; several joined by +.")] = "none",
    replicates: Annotated[int, typer.Option(min=2, max=100_000, help="Paired runs of every coalition.")] = 16,
    control: Annotated[str | None, typer.Option(help="as_is or none.")] = None,
    years: Annotated[int | None, typer.Option(min=4, max=100, help="Years under the policy.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all chance events.")] = 0,
    out: Out = None,
    workers: Workers = None,
    executor: Place = Executor.PROCESS,
    scheduler: Scheduler = None,
    plain: Plain = False,
    settings: Settings = [],  # noqa: B006
    rival: Rival = None,
    figures: Annotated[bool, typer.Option(help="Draw the waterfall.")] = True,
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Attribute the effects of one policy to six families of mechanisms, exactly (Shapley values)."""
    with guarded(lang):
        from app import explaining
        from app.comparing import Wish

        where = Where(workers, executor, scheduler, plain)
        wish = Wish(scenario, mode, rotation, support, "auto", 0.02, control, years, seed, where, rival=rival)
        found, directory = explaining.explain(wish, replicates, out, settings)
        if figures:
            from figures.build import build_all

            build_all(directory)
        text = None if as_json else explaining.summary(directory, lang, figures)
        answer(explaining.outcomes(found), as_json, text=text)


@app.command(epilog="Example: yangfeng web yuyao_2020 --lang zh")
def web(
    scenario: Annotated[str, typer.Argument(help="A bundled scenario or the path of a TOML file to begin with.")] = "",
    host: Annotated[str, typer.Option(help="Address to listen at.")] = LOOPBACK,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen at.")] = 8080,
    results: Annotated[
        Path | None, typer.Option("--results", metavar="DIR", help="Keep results directories here (default: not kept).")
    ] = None,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Open the page for planners in a browser: choose a place and policies, run, read."""
    with guarded(lang):
        from app import serving

        serving.serve(scenario, host, port, results, open_, lang)

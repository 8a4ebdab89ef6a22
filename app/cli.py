"""The command line: `yangfeng`. Heavy rooms are imported by the command that needs them, so that help is quick."""

from pathlib import Path
from typing import Annotated

import typer

from app.console import Language, answer, guarded, system_language
from app.settings import check_score_sd
from app.where import Executor, Where

app = typer.Typer(
    name="yangfeng",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="Simulate what happens to strong and weak schools when schools are put into groups (扬峰).",
    pretty_exceptions_enable=False,
)

LOOPBACK = "127.0.0.1"
SYSTEM_LANGUAGE = system_language()
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")]
Lang = Annotated[
    Language, typer.Option("--lang", "--language", help="Language of messages and tables (the system's by default).")
]
Settings = Annotated[
    list[str], typer.Option("--set", metavar="GROUP.NAME=VALUE", help="Override a parameter; may be given again.")
]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Results directory (default: under results/).")]
Rival = Annotated[str | None, typer.Option(help="Run under a rival structure (list rivals).")]
ScoreSd = Annotated[
    float | None, typer.Option("--score-sd", help="SD of your marks, such as 15: effects are told in marks too.")
]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Worker processes (default: one a core).")]

Place = Annotated[Executor, typer.Option("--executor", help="Where runs go; results are the same from all.")]
Scheduler = Annotated[
    str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster: tls://HOST:PORT, or its file.")
]
Plain = Annotated[bool, typer.Option("--plain", help="Allow a scheduler elsewhere without TLS.")]


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


@app.command("list", epilog="Example: yangfeng list modes --lang zh")
def list_(
    what: Annotated[
        str, typer.Argument(help="documents, scenarios, modes, rotations, supports, experiments, rivals or parameters")
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
    name: Annotated[str, typer.Argument(help="A scenario, mode, rotation, support, parameter, rival or document row.")],
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Show one of them, with provenance and sources."""
    with guarded(lang):
        from app import catalogue

        answer(catalogue.entry(name, lang), as_json)


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
    epilog="Example: yangfeng compare yuyao_2020 --modes fusion,co_construction --rotations none,national_rule"
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


@app.command(
    epilog="Example: yangfeng sweep yuyao_2020 --vary mode=fusion,co_construction --vary practice.renewal=0.2:0.8:4"
)
def sweep(
    scenario: Annotated[str, typer.Argument(help="A bundled scenario or the path of a TOML file.")],
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="PATH=LOW:HIGH[:STEPS]",
            help="A factor: a range, or values with commas (mode=fusion,merger); may be given again.",
        ),
    ] = [],  # noqa: B006
    matrix: Annotated[Path | None, typer.Option(help="Your own points: CSV or Parquet, a column a factor.")] = None,
    mode: Annotated[str | None, typer.Option(help="Organisational mode, or as_planned.")] = None,
    rotation: Annotated[str | None, typer.Option(help="Rotation policy; several joined by +.")] = None,
    support: Annotated[str | None, typer.Option(help="Support policy; several joined by +.")] = None,
    design: Annotated[str, typer.Option(help="factorial, oat, lhs, sobol, morris or fast.")] = "factorial",
    samples: Annotated[int, typer.Option(min=1, help="Points of lhs; base samples of the other drawn designs.")] = 64,
    replicates: Annotated[int, typer.Option(help="Paired runs at each point.")] = 4,
    independent: Annotated[bool, typer.Option("--independent", help="Give every point seeds of its own.")] = False,
    outcomes: Annotated[
        list[str], typer.Option("--outcome", help="A further outcome, such as d_leads_year5; may be given again.")
    ] = [],  # noqa: B006
    delta: Annotated[float, typer.Option(help="Smallest difference that matters, σ/year.")] = 0.02,
    control: Annotated[str | None, typer.Option(help="as_is, none or same_money.")] = None,
    years: Annotated[int | None, typer.Option(min=4, max=100, help="Years under the policies.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all chance events, and of drawn designs.")] = 0,
    out: Out = None,
    resume: Annotated[bool, typer.Option("--resume", help="Do failed runs again too.")] = False,
    workers: Workers = None,
    executor: Place = Executor.PROCESS,
    scheduler: Scheduler = None,
    plain: Plain = False,
    settings: Settings = [],  # noqa: B006
    rival: Rival = None,
    figures: Annotated[bool, typer.Option(help="Draw figures.")] = True,
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Run one policy at many points of a design, with its control, and say where it has which verdict."""
    with guarded(lang):
        from app import sweeping

        policy = {"mode": mode, "rotation": rotation, "support": support}
        wish = sweeping.Wish(
            scenario, vary, policy, design, samples, matrix, replicates, independent, outcomes, delta, control, years,
            seed, settings, rival, Where(workers, executor, scheduler, plain), resume,
        )  # fmt: skip
        document = sweeping.sweep(wish, out, figures)
        answer(document, as_json, text=None if as_json else sweeping.summary(document, lang, figures))


@app.command(epilog="Example: yangfeng sensitivity shuangtaizi_two_schools --method morris --outcome d_peak --years 5")
def sensitivity(
    scenario: Annotated[str, typer.Argument(help="A bundled scenario or the path of a TOML file.")],
    mode: Annotated[str | None, typer.Option(help="Organisational mode, or as_planned.")] = None,
    rotation: Annotated[str | None, typer.Option(help="Rotation policy; several joined by +.")] = None,
    support: Annotated[str | None, typer.Option(help="Support policy; several joined by +.")] = None,
    method: Annotated[
        str, typer.Option(help="oat (one at a time), morris, sobol, pawn, or another of SALib by its name.")
    ] = "oat",
    outcomes: Annotated[
        list[str],
        typer.Option(
            "--outcome",
            help="d_peak, d_valley, d_mean, peak_cost_ratio, peak_cost_angle, probability_peak_shaving …; "
            "may be given again, or several with commas.",
        ),
    ] = [],  # noqa: B006
    parameters: Annotated[
        str, typer.Option(help="What is varied, with commas; * stands for anything; none: only --vary.")
    ] = "*",
    vary: Annotated[
        list[str],
        typer.Option(metavar="PATH=LOW:HIGH", help="A lever varied too: a range, or values with commas."),
    ] = [],  # noqa: B006
    groups: Annotated[
        str | None, typer.Option(help="none, product (what cannot be told apart, as one) or all.")
    ] = None,
    samples: Annotated[int, typer.Option(min=0, help="Base samples, or steps of oat (0: the method's own).")] = 0,
    second_order: Annotated[bool, typer.Option("--second-order", help="Sobol indices of pairs too.")] = False,
    replicates: Annotated[str, typer.Option(help="auto, or a number of paired runs at each point.")] = "auto",
    precision: Annotated[float, typer.Option(help="Largest share of variance due to seeds, for auto.")] = 0.1,
    independent: Annotated[bool, typer.Option("--independent", help="Give every point seeds of its own.")] = False,
    delta: Annotated[float, typer.Option(help="Smallest difference that matters, σ/year.")] = 0.02,
    control: Annotated[str | None, typer.Option(help="as_is, none or same_money.")] = None,
    years: Annotated[int | None, typer.Option(min=4, max=100, help="Years under the policies.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all chance events, and of the design.")] = 0,
    out: Out = None,
    resume: Annotated[bool, typer.Option("--resume", help="Do failed runs again too.")] = False,
    workers: Workers = None,
    executor: Place = Executor.PROCESS,
    scheduler: Scheduler = None,
    plain: Plain = False,
    settings: Settings = [],  # noqa: B006
    rival: Rival = None,
    figures: Annotated[bool, typer.Option(help="Draw figures.")] = True,
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Ask which uncertain numbers the effects of a policy depend on, with the noise accounted for."""
    with guarded(lang):
        from app import sensing

        policy = {"mode": mode, "rotation": rotation, "support": support}
        question = sensing.Question(
            scenario, vary, policy, method, samples, None, sensing.counted(replicates), independent,
            sensing.parts(*outcomes), delta, control, years, seed, settings, rival,
            Where(workers, executor, scheduler, plain), resume, sensing.parts(parameters), groups, precision,
            second_order,
        )  # fmt: skip
        document = sensing.sensitivity(question, out, figures)
        answer(document, as_json, text=None if as_json else sensing.summary(document, lang, figures))


@app.command(
    epilog="Example: yangfeng discover shuangtaizi_two_schools "
    "--phase attention.displaced=0:1,practice.renewal_overload=0:0.6"
)
def discover(
    source: Annotated[str, typer.Argument(help="Results directory of a sweep, a bundled scenario or a TOML file.")],
    of: Annotated[str, typer.Option("--of", help="Verdicts sought, with commas.")] = "dilution,peak_shaving",
    phase: Annotated[
        str | None, typer.Option(metavar="PATH=LOW:HIGH,PATH=LOW:HIGH", help="Border of the verdict over two levers.")
    ] = None,
    budget: Annotated[int, typer.Option(help="Most points for the border.")] = 150,
    mode: Annotated[str | None, typer.Option(help="Organisational mode, or as_planned.")] = None,
    rotation: Annotated[str | None, typer.Option(help="Rotation policy; several joined by +.")] = None,
    support: Annotated[str | None, typer.Option(help="Support policy; several joined by +.")] = None,
    parameters: Annotated[
        str, typer.Option(help="What is varied, with commas; * stands for anything; none: only --vary.")
    ] = "*",
    vary: Annotated[
        list[str],
        typer.Option(metavar="PATH=LOW:HIGH", help="A lever varied too: a range, or values with commas."),
    ] = [],  # noqa: B006
    samples: Annotated[int, typer.Option(min=20, help="Points of the Latin hypercube.")] = 256,
    replicates: Annotated[int, typer.Option(help="Paired runs at each point.")] = 4,
    boxes: Annotated[int, typer.Option(min=1, max=9, help="So many boxes, each among what is left.")] = 1,
    step: Annotated[int | None, typer.Option(min=0, help="Choose another box of the trajectory.")] = None,
    delta: Annotated[float, typer.Option(help="Smallest difference that matters, σ/year.")] = 0.02,
    control: Annotated[str | None, typer.Option(help="as_is, none or same_money.")] = None,
    years: Annotated[int | None, typer.Option(min=4, max=100, help="Years under the policies.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all chance events, and of the design.")] = 0,
    out: Out = None,
    resume: Annotated[bool, typer.Option("--resume", help="Do failed runs again too.")] = False,
    workers: Workers = None,
    executor: Place = Executor.PROCESS,
    scheduler: Scheduler = None,
    plain: Plain = False,
    settings: Settings = [],  # noqa: B006
    rival: Rival = None,
    figures: Annotated[bool, typer.Option(help="Draw figures.")] = True,
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Say where in the space of what is uncertain or chosen it dilutes, or draw the border of the verdict."""
    with guarded(lang):
        from app import discovering, sensing

        policy = {"mode": mode, "rotation": rotation, "support": support}
        search = discovering.Search(
            source, vary, policy, "lhs", samples, None, replicates, False, [], delta, control, years, seed, settings,
            rival, Where(workers, executor, scheduler, plain), resume, sensing.parts(of), sensing.parts(parameters),
            sensing.parts(phase or ""), budget, boxes, step,
        )  # fmt: skip
        document = discovering.discover(search, out, figures)
        answer(document, as_json, text=None if as_json else discovering.summary(document, lang, figures))


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


@app.command(epilog="Example: yangfeng experiment k13 --check; all of them: yangfeng experiment all --out gallery")
def experiment(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A claim (list experiments), its file, or all.")],
    replicates: Annotated[int | None, typer.Option(help="Paired runs at the declared values (claim's own).")] = None,
    draws: Annotated[int | None, typer.Option(help="Draws of all uncertain numbers (claim's own); 0: none.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all chance events, and of the draws.")] = 0,
    out: Out = None,
    resume: Annotated[bool, typer.Option("--resume", help="Do failed runs again too.")] = False,
    workers: Workers = None,
    executor: Place = Executor.PROCESS,
    scheduler: Scheduler = None,
    plain: Plain = False,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 where the claim does not hold.")] = False,
    figures: Annotated[bool, typer.Option(help="Draw figures, and the gallery of all.")] = True,
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Try a claim of the documents, or your own, to its verdict: holds, does not hold, or depends, and on what."""
    with guarded(lang):
        from app import experimenting

        where = Where(workers, executor, scheduler, plain)
        wish = experimenting.Wish(name, replicates, draws, seed, where, resume)
        document = experimenting.experiment(wish, out, figures)
        answer(document, as_json, text=None if as_json else experimenting.summary(document, lang, figures))
        if check and not experimenting.holds(document):
            raise typer.Exit(1)


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


@app.command(epilog="Example: yangfeng validate movers new_campus --rival all")
def validate(
    facts: Annotated[list[str] | None, typer.Argument(help="Facts or experiments; all of them by default.")] = None,
    replicates: Annotated[int | None, typer.Option(help="Trials of each experiment (192, shared by rivals).")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all chance events.")] = 0,
    out: Out = None,
    workers: Workers = None,
    executor: Place = Executor.PROCESS,
    scheduler: Scheduler = None,
    plain: Plain = False,
    rival: Annotated[str | None, typer.Option(help="Compare with rival structures: names, or all.")] = None,
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Repeat published studies on the model and hold its numbers against theirs."""
    with guarded(lang):
        from app import validating

        where = Where(workers, executor, scheduler, plain)
        document = validating.validate(facts or [], out, replicates, seed, where, rival)
        answer(document, as_json, text=None if as_json else validating.summary(document, lang))


@app.command(epilog="Example: yangfeng template rosters --lang zh")
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
    as_json: AsJson = False,
    lang: Lang = SYSTEM_LANGUAGE,
) -> None:
    """Turn rosters of schools, teachers and ties into a scenario; every fault is told with its row and remedy."""
    with guarded(lang):
        from app import importing
        from scenarios.rosters.problems import RosterError

        try:
            done = importing.import_rosters(rosters, out, pseudonymise, today)
        except RosterError as error:
            if as_json:
                answer(importing.refused(error, lang.value), as_json)
            raise
        answer(importing.document(done, lang.value), as_json, text=importing.summary(done, lang.value))


def drawn_again(directory: Path, score_sd: float | None) -> list[Path]:
    """Draw figures and reports of a results directory and return the paths written."""
    from figures.build import build_all

    check_score_sd(score_sd)
    return build_all(directory, score_sd=score_sd)


@app.command(epilog="Example: yangfeng group yuyao_2020 -o grouped.toml --size 2:5")
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
    """Write the reports again, from saved results only, and say where they are."""
    with guarded(lang):
        for path in drawn_again(directory, score_sd):
            if path.suffix == ".html":
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


if __name__ == "__main__":
    main()

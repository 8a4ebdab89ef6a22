"""Designs of many runs: sweeps, sensitivity, discovery, claims and published findings."""

from pathlib import Path
from typing import Annotated

import typer

from app.console import answer, guarded
from app.options import SYSTEM_LANGUAGE, AsJson, Lang, Out, Place, Plain, Rival, Scheduler, Settings, Workers, app
from app.where import Executor, Where


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


@app.command(
    epilog="Example: yangfeng optimise shuangtaizi_two_schools --rotations none,national_rule "
    "--vary rotations.national_rule.share=0.05:0.4"
)
def optimise(
    scenario: Annotated[str, typer.Argument(help="A bundled scenario or the path of a TOML file.")],
    modes: Annotated[str | None, typer.Option(help="Modes to choose from, with commas (the scenario's).")] = None,
    rotations: Annotated[
        str | None, typer.Option(help="Rotations to choose from; several at once joined by +.")
    ] = None,
    supports: Annotated[str | None, typer.Option(help="Supports to choose from; several at once joined by +.")] = None,
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="PATH=LOW:HIGH",
            help="A lever: a range, or values with commas; left alone where its policy is not chosen.",
        ),
    ] = [],  # noqa: B006
    objectives: Annotated[
        list[str], typer.Option("--objective", help="d_valley, cost_per_pupil (both by default), d_peak, d_mean …")
    ] = [],  # noqa: B006
    peak: Annotated[str, typer.Option(help="keep (the strongest lose at most delta) or maximise.")] = "keep",
    robust: Annotated[
        str, typer.Option(help="Judge by what all but this share of draws, the worst, reach; or by their mean.")
    ] = "0.1",
    draws: Annotated[int, typer.Option(help="Draws of all that is uncertain; 0: the declared numbers only.")] = 16,
    replicates: Annotated[int, typer.Option(help="Paired runs at each draw.")] = 4,
    population: Annotated[int, typer.Option(help="Policies tried in a generation.")] = 20,
    generations: Annotated[int, typer.Option(help="Generations of the search.")] = 10,
    members: Annotated[int, typer.Option(help="Most policies of the front to be tried anew.")] = 10,
    confirmation: Annotated[int, typer.Option(help="Paired runs of each of them, with fresh seeds.")] = 32,
    budget: Annotated[int | None, typer.Option(help="Most runs in all; generations are cut to fit.")] = None,
    delta: Annotated[float, typer.Option(help="Smallest difference that matters, σ/year.")] = 0.02,
    control: Annotated[str | None, typer.Option(help="as_is, none or same_money.")] = None,
    years: Annotated[int | None, typer.Option(min=4, max=100, help="Years under the policies.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all chance events, of the draws and of the search.")] = 0,
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
    """Find the Pareto set of policies: the weakest up, the peak kept, cost down, robust over what is uncertain."""
    with guarded(lang):
        from app import optimising, sensing

        aim = optimising.Aim(
            scenario, vary, {}, "pareto", 0, None, replicates, False, sensing.parts(*objectives), delta, control,
            years, seed, settings, rival, Where(workers, executor, scheduler, plain), resume,
            optimising.names_of(modes, rotations, supports), peak, robust, draws,
            (population, generations, members, confirmation), budget,
        )  # fmt: skip
        document = optimising.optimise(aim, out, figures)
        answer(document, as_json, text=None if as_json else optimising.summary(document, lang, figures))


@app.command(
    epilog="Example: yangfeng experiment k14 --check; all of them: yangfeng experiment all --out results/claims"
)
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

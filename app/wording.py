"""Findings and problems put into words for the terminal."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from app.terminal import Column, table
from experiments.verdict import Decision
from figures import ending, explanation, moves, sweep
from figures.attribution import OUTCOMES
from figures.records import Comparison, Outcome
from figures.tables import DRAWN_EFFECTS
from figures.text import Text, text
from figures.validation import MARKS, Estimate, Validation, estimate, shown, target
from figures.wording import drawn, first_and_next, interval, late_years, percent, point, signed, whole
from scenarios.problems import Problem, ScenarioError

MOST_POINTS = 24


def scenario_problems(error: ScenarioError, language: str) -> str:
    """Return one line for each thing that is wrong with a scenario."""
    t = text(language)
    return "\n".join(t(f"problem.{problem.code}", **_read_out(problem, t)) for problem in error.problems)


def _read_out(problem: Problem, t: Text) -> dict[str, str]:
    """Return what a sentence about a problem mentions, levels and counties of groups in words."""
    values = problem.values
    if problem.code.startswith("grouping.") and "level" in values:
        values["level"] = t(f"level.{values['level']}") if values["level"] else t("grouping.every_level")
        values["county"] = values["county"] or t("grouping.every_county")
    return values


def grounds(synthetic: bool, t: Text) -> str:
    """Return what findings rest on and more runs do not make surer."""
    return t("cli.synthetic" if synthetic else "cli.judged")


def verdict_table(document: dict[str, Any], language: str, reported: bool) -> str:
    """Return the verdicts as an aligned table, with what one must know to read it."""
    t, found = text(language), Comparison.model_validate(document)
    heading = t("cli.verdicts", title=found.title[language], control=found.control.title[language], **late_years(found))
    draws = max((policy.certainty.draws for policy in found.policies if policy.certainty), default=0)
    read = t("cli.read" if draws else "cli.read_point", draws=draws, level=f"{100 * (1 - found.alpha):g}")
    ended = filter(None, [ending.note(found, t)])
    notes = [read, *ended, *moves.of_changes(found, t), grounds(found.synthetic, t)]
    name = "report.zh.html" if language == "zh" else "report.html"
    notes += [t("cli.report", path=f"{document['results_dir']}/{name}")] if reported else []
    return "\n".join([heading, "", _verdicts(found, t), "", *notes])


def _verdicts(found: Comparison, t: Text) -> str:
    """Return two rows a policy: what the draws say, and the point estimate with what it rests on and costs."""
    columns = [Column(t("cli.policy")), Column(t("cli.verdict"))]
    columns += [Column(t(f"cli.{name}"), number=True) for name in DRAWN_EFFECTS]
    rows = []
    for policy in found.policies:
        estimates = [interval(getattr(policy, f"d_{name}"), t) for name in DRAWN_EFFECTS]
        facts = [t("cli.paid", yuan=whole(policy.cost_per_pupil)), t("cli.counted", pairs=policy.replicates)]
        if policy.certainty is not None:
            spreads = [drawn(getattr(policy.certainty.effects, f"d_{name}"), t) for name in DRAWN_EFFECTS]
            rows.append([policy.title[t.language], first_and_next(policy.late, t), *spreads])
        about = t("phrase.comma").join(facts)
        title = about if policy.certainty is not None else f"{policy.title[t.language]}\n{about}"
        rows += [[title, t("cli.point", verdict=point(policy.late, t)), *estimates], [""] * len(columns)]
    return table(columns, rows[:-1])


def first_verdicts(titles: Sequence[str], found: Sequence[Decision], pairs: int, language: str) -> str:
    """Return in a line what the runs so far say of each policy."""
    t = text(language)
    said = [
        t("terminal.first_item", policy=title, verdict=t(f"verdict.name.{decision.verdict.value}"))
        for title, decision in zip(titles, found, strict=True)
    ]
    return t("terminal.first", pairs=pairs, verdicts=t("hinge.and").join(said))


def explanation_table(directory: Path, language: str, drawn: bool) -> str:
    """Return what each mechanism does as an aligned table, in the long run and in year 3, and in sentences."""
    t, found = text(language), explanation.load(directory)
    heading = t("mechanism.heading", policy=found.policy_title[language], **explanation.facts(found, t))
    parts = [
        heading,
        "",
        _mechanisms(found, "", t),
        "",
        t("mechanism.heading_year3"),
        "",
        _mechanisms(found, "_year3", t),
    ]
    parts += ["", *explanation.sentences(found, t)]
    name = "attribution.zh.png" if language == "zh" else "attribution.png"
    notes = [grounds(found.synthetic, t)]
    notes += [t("terminal.explained", path=f"{directory}/figures/{name}")] if drawn else []
    return "\n".join([*parts, "", *notes])


def _mechanisms(found: explanation.Explanation, horizon: str, t: Text) -> str:
    outcomes: list[Outcome] = [getattr(found.attribution, f"d_{name}{horizon}") for name in OUTCOMES]
    columns = [Column(t("mechanism.column")), *(Column(t(f"series.{name}"), number=True) for name in OUTCOMES)]
    rows = [
        [
            t(f"mechanism.name.{name}"),
            *(_ends(one.mechanisms[name], one.intervals[name].low, one.intervals[name].high, t) for one in outcomes),
        ]
        for name in outcomes[0].mechanisms
    ]
    rows.append([t("mechanism.name.total"), *(_ends(one.total, one.low, one.high, t) for one in outcomes)])
    return table(columns, rows)


def _ends(value: float, low: float | None, high: float | None, t: Text) -> str:
    if low is None or high is None:
        return t("phrase.unbounded", mean=signed(value))
    return t("phrase.interval", mean=signed(value), low=signed(low), high=signed(high))


def validation_table(document: dict[str, Any], language: str) -> str:
    """Return facts, targets and the model's numbers as an aligned table; then why it misses, and rivals if any."""
    t, found = text(language), Validation.model_validate(document)
    heading = t("validation.heading", seed=found.seed, replicates=found.replicates, level=f"{100 * found.level:g}")
    tally = {name: sum(fact.within == name for fact in found.facts) for name in MARKS}
    misses = [
        t("validation.miss", id=fact.id, mechanism=fact.mechanism[language])
        for fact in found.facts
        if fact.within != "inside" and fact.mechanism
    ]
    parts = [heading, "", _facts_grid(found, t), "", t("validation.count", all=len(found.facts), **tally)]
    parts += ["", t("validation.misses"), *misses] if misses else []
    parts += ["", t("validation.rivals"), "", _rivals_grid(found, t)] if found.rivals else []
    name = "forest.zh.png" if language == "zh" else "forest.png"
    directory = document["results_dir"]
    return "\n".join([
        *parts, "", t("validation.proxies", path=f"{directory}/validation.json"),
        t("validation.files", path=f"{directory}/{name}"),
    ])  # fmt: skip


def _facts_grid(found: Validation, t: Text) -> str:
    columns = [
        Column(t(f"validation.{name}"), number=name in ("target", "model"))
        for name in ("fact", "study", "target", "model", "within")
    ]
    rows = []
    for fact in found.facts:
        words = f"{fact.title[t.language]} [{fact.id}]", fact.study[t.language]
        numbers = target(fact, t), estimate(fact, fact.unit, t)
        rows.append([*words, *numbers, t(f"validation.verdict.{fact.within}")])
    return table(columns, rows)


def _rivals_grid(found: Validation, t: Text) -> str:
    titles = t("validation.own"), *(rival.title[t.language] for rival in found.rivals)
    columns = [Column(""), *(Column(title, number=True) for title in titles)]
    rows = [
        [fact.id, *(_marked(one, fact.unit, t) for one in (fact, *others))]
        for fact, *others in zip(found.facts, *(rival.facts for rival in found.rivals), strict=True)
    ]
    return table(columns, rows)


def sweep_table(document: dict[str, Any], language: str, drawn: bool) -> str:
    """Return the points of a sweep, or of many points how many have which verdict, with what one must know."""
    t, (found, points) = text(language), sweep.load(document["results_dir"])
    facts = sweep.facts(found, t)
    heading = t("sweep.heading", title=found.title[language], **facts)
    grid = _points_grid(found, points, t) if len(points) <= MOST_POINTS else _regions_grid(found, t)
    notes = [
        t(f"sweep.{status}", count=found.runs[status], fault=document["first_fault"])
        for status in ("failed", "missing")
        if status in found.runs
    ]
    directory = document["results_dir"]
    notes += [*moves.sentences(found.moves, t), grounds(found.synthetic, t)]
    notes += [t("sweep.files", runs=f"{directory}/sweep.csv", points=f"{directory}/{sweep.POINTS}")]
    name = "sweep.zh.png" if language == "zh" else "sweep.png"
    notes += [t("sweep.figure", path=f"{directory}/figures/{name}")] if drawn and sweep.is_drawn(found, points) else []
    return "\n".join([heading, "", grid, "", *notes])


def _points_grid(found: sweep.Sweep, points: pd.DataFrame, t: Text) -> str:
    names = [factor.name for factor in found.design.factors]
    heads = (t("sweep.point"), *names, *(t(f"cli.{name}") for name in sweep.EFFECTS), t("sweep.runs"))
    columns = [Column(head, number=True) for head in heads]
    columns += [Column(t(f"sweep.{name}")) for name in ("verdict", "share")]
    rows = []
    for row in sweep.data(found, points).assign(point=points["point"]).to_dict("records"):
        effects = [signed(row[f"d_{name}"]) for name in sweep.EFFECTS]
        sure = row["probability"]
        verdict = t(f"verdict.name.{row['region']}"), t("phrase.none") if pd.isna(sure) else f"{percent(sure)} %"
        levels = (_cell(row[name]) for name in names)
        rows.append([str(row["point"]), *levels, *effects, str(row["done"]), *verdict])
    return table(columns, rows)


def _cell(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _regions_grid(found: sweep.Sweep, t: Text) -> str:
    columns = [Column(t("sweep.verdict")), Column(t("sweep.points"), number=True)]
    order = sorted(found.regions.items(), key=lambda item: -item[1])
    return table(columns, [[t(f"verdict.name.{region}"), str(count)] for region, count in order])


def _marked(one: Estimate, unit: str, t: Text) -> str:
    sign = {"inside": "√", "straddles": "~", "outside": "×"}[one.within]
    return f"{t('phrase.none') if one.model is None else shown(one.model, unit)} {sign}"

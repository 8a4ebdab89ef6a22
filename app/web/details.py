"""One policy in detail: by year, on the map, why, at what price, on the official scale, and how sure."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from app.web import charts, parts, school_map
from app.web.found import Found
from app.web.page import Page
from app.web.school_table import changes
from experiments.certainty import DRAWS
from experiments.summary import LIMITS
from figures import basis, findings, grounds, style, wording
from figures.records import Comparison, Estimate, Official, Outcome, Policy
from figures.text import Text

SETS = ("valley", "peak", "mean")


def by_year(policy: Policy, t: Text) -> None:
    """Show the differences from the control by year as numbers."""
    columns = [getattr(policy.trajectory, name).mean for name in SETS]
    rows = [[str(year), *map(wording.signed, values)] for year, values in enumerate(zip(*columns, strict=True), 1)]
    head = [t("web.read.year"), *(t(f"series.{name}") for name in SETS)]
    parts.table(head, rows, t("web.read.trajectories"), numbers=len(SETS))


def map_of(page: Page, found: Found, comparison: Comparison, number: int) -> None:
    """Show the schools by what changes, with the ties of their groups."""
    t = page.session.t
    table = changes(found, comparison.policies[number], comparison.delta, page.session.names())
    counts = table["result"].value_counts()
    said = ", ".join(f"{t(f'web.read.{kind}')}: {counts.get(kind, 0)}" for kind in school_map.MARKS)
    parts.note(t("web.read.map_hint", delta=f"{comparison.delta:g}"))
    if drawn := grounds.positions(comparison.grounds, comparison.synthetic, t):
        parts.note(drawn)
    options = school_map.of_changes(table, found.ties, comparison.delta, t)
    parts.chart(options, f"{t('web.read.map')}. {said}", "chart map")


def why(page: Page, policy: Policy) -> None:
    """Show what each family of mechanisms contributes, or the way to find out."""
    t, found = page.session.t, policy.attribution
    with parts.card(t("web.read.why"), 3):
        parts.note(t("web.read.why_hint"))
        if found is None:
            ask(page, t("web.read.why_ask"), "explain", policy.name)
            return
        outcomes = {"valley": found.d_valley, "peak": found.d_peak}
        families = list(found.d_valley.mechanisms)
        series = {t(f"series.{name}"): [one.mechanisms[f] for f in families] for name, one in outcomes.items()}
        names = [t(f"mechanism.name.{family}") for family in families]
        words = t("web.read.why_sum", **{name: f"{wording.signed(one.total)} σ" for name, one in outcomes.items()})
        colours = [style.SERIES[name] for name in outcomes]
        parts.chart(charts.bars(names, series, t("figure.trajectories.y"), colours), words)
        parts.note(words)
        with parts.folded(t("web.numbers")):
            rows = [[n, *(_part(o, f, t) for o in outcomes.values())] for n, f in zip(names, families, strict=True)]
            parts.table([t("web.read.why"), *series], rows, t("web.read.why"), numbers=2)


def _part(outcome: Outcome, family: str, t: Text) -> str:
    ends = outcome.intervals[family]
    return wording.interval(Estimate(mean=outcome.mechanisms[family], low=ends.low, high=ends.high), t)


def ask(page: Page, words: str, stage: Any, policy: str = "") -> None:  # noqa: ANN401 - one of the run's stages
    """Show a button that begins a stage of the run; it waits while another is under way."""

    def begin() -> None:
        if (run := page.session.run) is not None:
            run.start(stage, policy)

    button = parts.button(words, begin, "ask")

    def look() -> None:
        run = page.session.run
        button.set_enabled(run is not None and not run.is_active)

    look()
    page.watch(button, look)


def sure(page: Page, policy: Policy) -> None:
    """Show on how much of what is uncertain the verdict stands, and what it hinges on; or the way to find out."""
    t, found = page.session.t, policy.certainty
    with parts.card(t("web.read.sure"), 3):
        parts.note(t("web.read.sure_hint", draws=DRAWS))
        if found is None:
            ask(page, t("web.read.sure_ask"), "certainty")
            return
        said = {"level": findings.sure(found, t), "share": findings.share(found, t)}
        parts.note(t("web.read.sureness", point=wording.point(policy.late, t), **said), "strong")
        rows = [[t(f"verdict.name.{code}"), str(count)] for code, count in found.regions.items()]
        parts.table([t("cli.verdict"), t("web.read.draws")], rows, t("web.read.sure"), numbers=1)
        parts.heading(t("hinge.title"), 4)
        if not found.hinges:
            parts.note(findings.no_hinge(found, t))
        with ui.element("ul"):
            for hinge in found.hinges:
                parts.html(f"{findings.number(hinge, t)}: {findings.flips(hinge, t, found)}", "li")


def costs(policy: Policy, t: Text) -> None:
    """Show what a policy costs by account line, beside the control."""
    found = policy.costs
    if found is None:
        return
    lines = [line for line, yuan in found.by_line.items() if yuan or found.by_line_control[line]]
    with parts.card(t("web.read.costs"), 3):
        told = {"total": wording.whole(policy.cost_per_pupil), "yuan": wording.whole(found.beyond_control)}
        parts.note(t("web.read.beyond", **told), "strong")
        parts.note(t("web.read.costs_hint"))
        names = [t(f"cost.{line}") for line in lines]
        sides = {t("web.read.policy"): found.by_line, t("web.read.control"): found.by_line_control}
        series = {name: [side[line] for line in lines] for name, side in sides.items()}
        options = charts.bars(names, series, t("web.read.line_cost"), (style.BLUE, style.FAINT))
        parts.chart(options, f"{t('web.read.costs')}: {t('phrase.comma').join(names)}")
        with parts.folded(t("web.numbers")):
            rows = [[t(f"cost.{line}"), *(wording.number(side[line], 1) for side in sides.values())] for line in lines]
            parts.table([t("web.read.costs"), *sides], rows, t("web.read.costs"), numbers=2)


def official(policy: Policy, comparison: Comparison, t: Text) -> None:
    """Show the official balance indicators before and after, against their limits, and what they rest on."""
    head = [t(f"web.read.{name}") for name in ("indicator", "unit", "level", "before", "control", "after", "limit")]
    limits = t("phrase.comma").join(f"{t(f'level.{level}')} {limit:.2f}" for level, limit in LIMITS.items())
    with parts.card(t("web.read.official"), 3):
        parts.note(basis.beside(t("web.read.official_hint", limits=limits), comparison, t))
        parts.table(head, [_indicator(row, t) for row in policy.official], t("web.read.official"), numbers=4)
        with parts.folded(t("basis.table")):
            rests = basis.table(comparison, t)
            parts.table(list(rests.columns), rests.values.tolist(), t("basis.table"), numbers=0)


def _indicator(row: Official, t: Text) -> list[str]:
    side = t("web.read.no_limit")
    if row.limit is not None:
        side = f"{row.limit:.2f} · {t('web.read.within' if row.after <= row.limit else 'web.read.above')}"
    named = [t(f"indicator.{row.indicator}"), t(f"web.unit.{row.unit}"), t(f"level.{row.level}")]
    return [*named, *map(wording.number, (row.before, row.control, row.after)), side]

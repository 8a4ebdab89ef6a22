"""What was found, in words: sentences for people who do not read statistics, and the table side by side."""

from __future__ import annotations

from nicegui import ui

from app.web import parts
from figures import findings, wording
from figures.results import HORIZON, Comparison, Policy
from figures.text import Text


def sentences(found: Comparison, t: Text) -> list[str]:
    """Return the finding about each policy as a sentence."""
    return [wording.sentence(policy, found, t) for policy in found.policies]


def cards(found: Comparison, t: Text) -> None:
    """Show every policy's verdict with its sentence."""
    with ui.element("ul").classes("verdicts"):
        for number, (policy, sentence) in enumerate(zip(found.policies, sentences(found, t), strict=True), 1):
            with ui.element("li"):
                parts.html(f"{number}", "span", "number")
                parts.html(parts.verdict(policy.verdict, wording.told(policy.late, t)), "span")
                parts.html(sentence, "p")
                if policy.verdict != "undecided":
                    parts.note(t(f"verdict.meaning.{policy.verdict}"))
                    parts.note(_sureness(policy, t), "sureness")


def _sureness(policy: Policy, t: Text) -> str:
    """Return how sure a verdict is and what the point estimate says, or that this was not tested."""
    found = policy.certainty
    if found is None:
        return t("web.read.untested")
    said = {"level": findings.sure(found, t), "share": findings.share(found, t)}
    return t("web.read.sureness", point=wording.point(policy.late, t), **said)


def table(found: Comparison, t: Text) -> None:
    """Show all policies side by side: verdicts, effects with their intervals, cost."""
    head = [
        t("web.run.policy"), t("web.run.so_far"), t("web.read.runner_up"), t("web.read.point"),
        t("web.read.year3", year=HORIZON), t("web.run.weakest"), t("web.run.strongest"), t("web.run.all"),
        t("web.read.ratio"), t("web.read.cost"), t("web.run.pairs"),
    ]  # fmt: skip
    rows = [_row(number, policy, t) for number, policy in enumerate(found.policies, 1)]
    parts.table(head, rows, t("web.read.side"), numbers=6)


def _row(number: int, policy: Policy, t: Text) -> list[str]:
    effects = (policy.d_valley, policy.d_peak, policy.d_mean)
    given = wording.given_up(policy)
    return [
        f"{number} · {policy.title[t.language]}",
        parts.verdict(policy.verdict, wording.told(policy.late, t)),
        wording.runner_up(policy.late, t),
        wording.point(policy.late, t),
        wording.told(policy.early, t),
        *(wording.interval(effect, t) for effect in effects),
        t("phrase.none") if given is None or given.mean is None else wording.number(given.mean, 2),
        wording.whole(policy.cost_per_pupil),
        str(policy.replicates),
    ]


def flags(found: Comparison, t: Text) -> list[str]:
    """Return what one must know before reading numbers."""
    said = [t("web.read.synthetic" if found.synthetic else "web.read.judged")]
    if found.world.no_peak_to_shave:
        said.append(t("web.read.no_peak", gap=wording.number(found.world.peak_minus_valley)))
    if "kindergarten" in found.level:
        said.append(t("web.read.kindergarten"))
    return said

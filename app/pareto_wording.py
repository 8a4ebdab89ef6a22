"""The Pareto set of policies put into words for the terminal."""

from __future__ import annotations

from typing import Any

from app.terminal import Column, table
from app.wording import grounds
from figures import pareto
from figures.moves import sentences
from figures.records import Ratio
from figures.text import Text, text
from figures.wording import first_and_next, interval, point, whole


def pareto_text(document: dict[str, Any], language: str, drawn: bool) -> str:
    """Return the front as an aligned table, with what one must know to read it."""
    t, found = text(language), pareto.load(document["results_dir"])
    told, directory = pareto.facts(found, t), document["results_dir"]
    parts = [t("pareto.heading", title=found.title[language], **told), t("pareto.asked", **told), ""]
    if lacking := pareto.none_keeps(found, t):
        parts += [lacking, ""]
    parts += [_front(found, t), "", *_notes(found, t), *sentences(found.moves, t), grounds(found.synthetic, t)]
    parts.append(t("pareto.files", path=f"{directory}/{pareto.NAME}", table=f"{directory}/pareto.csv"))
    name = "pareto.zh.png" if language == "zh" else "pareto.png"
    return "\n".join([*parts, t("sensitivity.figure", path=f"{directory}/figures/{name}")] if drawn else parts)


def _front(found: pareto.Pareto, t: Text) -> str:
    """Return two rows a member: at the declared numbers with its verdict there, and as judged over the draws."""
    names = list(dict.fromkeys(["d_valley", "d_peak", pareto.COST, *(o.name for o in found.objectives)]))
    columns = [Column(t("cli.policy")), Column(t("pareto.stands"))]
    columns += [Column(t(f"pareto.short.{name}"), number=True) for name in names]
    rows = []
    for n, one in enumerate(found.front, 1):
        usual = [_amount(one.numbers(pareto.USUAL)[name], name, t) for name in names]
        at = t("cli.point", verdict=point(one.told, t))
        status = f"({t(f'pareto.status.{one.status}')})"
        title, levers = f"{n} {one.title[t.language]}", "\n".join(pareto.levers(one))
        if found.draws:
            judged = [_amount(one.numbers(pareto.ROBUST)[name], name, t) for name in names]
            stands = f"{first_and_next(one.told, t)}\n{status}"
            rows += [[title, stands, *judged], [levers, at, *usual], [""] * len(columns)]
        else:
            stands = f"{at}\n{status}"
            rows += [["\n".join(filter(None, [title, levers])), stands, *usual], [""] * len(columns)]
    return table(columns, rows[:-1])


def _short(found: pareto.Pareto) -> str:
    return "mean_short" if found.robust == "mean" else "worst_short"


def _amount(found: Ratio, name: str, t: Text) -> str:
    """Return an effect with its interval; of money whole yuan, and no interval where nothing varies."""
    if name != pareto.COST or found.mean is None:
        return interval(found, t, 0 if name.endswith(pareto.COST) else 3)
    if found.low is None or found.high is None or whole(found.low) == whole(found.high):
        return whole(found.mean)
    return t("phrase.interval", mean=whole(found.mean), low=whole(found.low), high=whole(found.high))


def _notes(found: pareto.Pareto, t: Text) -> list[str]:
    told = pareto.facts(found, t)
    notes = [t("pareto.again", **told), pareto.convergence(found, t)]
    notes += [t("pareto.left_out", **told)] if found.left_out else []
    notes += [t("pareto.differs", **told)] if found.draws else []
    notes += [t("pareto.failed", count=found.search.failed)] if found.search.failed else []
    notes += [t("pareto.failed_anew", count=found.failed_anew)] if found.failed_anew else []
    return [note for note in notes if note]

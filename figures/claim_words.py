"""Findings about claims put into a reader's words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from figures.claim_results import Border, Cell, Contrast, Experiment, Hinge, Lever, Value
from figures.findings import amount, meaning
from figures.text import Text
from figures.wording import percent

Row = list[str]


def plain(value: float, size: float | None = None, signed: bool = False) -> str:
    """Return a number with a true minus sign and digits that suit `size`, the largest beside it."""
    largest = abs(value) if size is None else size
    digits = 4 if largest < 0.01 else 3 if largest < 1.0 else 2 if largest < 10.0 else 1 if largest < 100.0 else 0  # noqa: PLR2004
    rounded = round(value, digits) + 0.0
    shown = f"{abs(rounded):,.{digits}f}"
    sign = "−" if rounded < 0.0 else "+" if signed and rounded > 0.0 else ""
    return sign + shown


def interval(value: Value, t: Text) -> str:
    """Return “mean [low, high]” of a contrast."""
    size = max(abs(value.low), abs(value.high))
    mean, low, high = (plain(number, size, signed=True) for number in (value.mean, value.low, value.high))
    return t("phrase.interval", mean=mean, low=low, high=high)


def unit(contrast: Contrast, t: Text) -> str:
    """Return the unit of a contrast."""
    words = contrast.outcome.unit
    return "" if words is None else words[t.language]


def asked(contrast: Contrast, t: Text) -> str:
    """Return what would count, such as “above 0.020 σ a year”."""
    if contrast.direction == "within":
        return t("claim.asked.within", margin=plain(contrast.margin), unit=unit(contrast, t))
    threshold = contrast.margin if contrast.direction == "above" else -contrast.margin
    return t(f"claim.asked.{contrast.direction}", margin=plain(threshold, signed=True), unit=unit(contrast, t))


def place(cell: Cell, lever: Lever | None, t: Text) -> str:
    """Return at which value of the lever a cell lies; nothing where there is no lever."""
    if lever is None or cell.label is None:
        return ""
    return at(lever, cell.label[t.language], t)


def at(lever: Lever, value: str, t: Text) -> str:
    """Return a lever with a value of it, in words."""
    if lever.unit is None:
        return (
            value
            if lever.name in ("policy",) or not _is_number(value)
            else t("claim.at", lever=lever.title[t.language], value=value)
        )
    return t("claim.at_unit", lever=lever.title[t.language], value=value, unit=lever.unit[t.language])


def _is_number(words: str) -> bool:
    try:
        float(words)
    except ValueError:
        return False
    return True


def agreement(cell: Cell, t: Text) -> str:
    """Return the share of draws in which a cell says yes."""
    return t("phrase.none") if cell.share is None else f"{percent(cell.share)} %"


def answer(contrast: Contrast, t: Text) -> str:
    """Return a contrast's verdict, and what it depends on."""
    said = t(f"claim.verdict.{contrast.verdict}")
    if contrast.verdict != "depends":
        return said
    on = [t(f"claim.on.{one}") for one in contrast.depends_on] or [t("claim.on.parts")]
    return t("claim.depends_on", on=t("claim.and").join(on))


def border(contrast: Contrast, t: Text) -> str | None:
    """Return where along its lever a contrast turns, at the declared values and over draws; None where nowhere."""
    found, lever = contrast.border, contrast.along
    if found is None or lever is None or (not found.values and not found.share):
        return None
    places = [at(lever, short(value), t) for value in found.values]
    own = t("claim.border.declared", places=t("claim.and").join(places)) if places else t("claim.border.none")
    return own + _over_draws(found, lever, t)


def _over_draws(found: Border, lever: Lever, t: Text) -> str:
    ends = found.draws
    if not found.share or ends.low is None or ends.high is None:
        return ""
    values = {"share": percent(found.share), "low": short(ends.low), "high": short(ends.high)}
    return t("claim.border.draws", **values, unit=lever.unit[t.language] if lever.unit else "").rstrip()


def short(value: float) -> str:
    """Return a number to two or three digits."""
    if value == 0.0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))) - 1)
    return f"{value:,.{digits}f}".replace("-", "−")


def hinge(found: Hinge, t: Text) -> str:
    """Return what a contrast hinges on, and beyond which value the answer turns."""
    ends = {name: amount(getattr(found, name), found.unit, t) for name in ("default", "low", "high")}
    item = t("hinge.item", meaning=meaning(found, t), **ends)
    turns = [
        t(f"claim.turns.{side}", value=amount(value, found.unit, t))
        for side, value in (("below", found.below), ("above", found.above))
        if value is not None
    ]
    way = t("claim.way.up" if found.correlation > 0.0 else "claim.way.down")
    return t("claim.hinge", item=item, way=way, turns=t("claim.and").join(turns) if turns else t("claim.turns.never"))


def finding(contrast: Contrast, t: Text) -> str:
    """Return what a contrast says as a sentence: numbers judged, what was asked, how many draws agree, the answer."""
    judged = [cell for cell in contrast.cells if cell.judged]
    if contrast.some:
        judged = [max(judged, key=lambda cell: cell.advantage.mean)]
    parts = [_said(contrast, cell, t) for cell in judged]
    return t(
        "claim.finding", title=contrast.title[t.language], numbers=t("claim.and").join(parts), unit=unit(contrast, t),
        asked=asked(contrast, t), answer=answer(contrast, t),
    )  # fmt: skip


def _said(contrast: Contrast, cell: Cell, t: Text) -> str:
    where = place(cell, contrast.along, t)
    numbers = {"interval": interval(cell.value, t), "share": agreement(cell, t)}
    words = t("claim.number", **numbers) if cell.share is not None else numbers["interval"]
    return t("claim.number_at", place=where, number=words) if where else words


def more(contrast: Contrast, t: Text) -> list[str]:
    """Return borders and hinges of a contrast as sentences."""
    edge = border(contrast, t)
    return ([edge] if edge else []) + [hinge(one, t) for one in contrast.hinges]


def verdict(found: Experiment, t: Text) -> str:
    """Return the verdict of a claim, and where it depends, on which of its parts and on what."""
    said = t(f"claim.verdict.{found.verdict}")
    deciding = [one for one in found.contrasts if not one.beside]
    if found.verdict != "depends":
        return said
    reasons = dict.fromkeys(t(f"claim.on.{one}") for contrast in deciding for one in contrast.depends_on)
    if len({one.verdict for one in deciding}) > 1:
        reasons = {t("claim.on.parts"): None} | reasons
    return t("claim.depends_on", on=t("claim.and").join(reasons))


def rows(found: Experiment, t: Text) -> Sequence[Row]:
    """Return one row for each number: contrast, place, interval, unit, what was asked, agreeing draws, answer."""
    return [
        [
            contrast.title[t.language], place(cell, contrast.along, t), interval(cell.value, t), unit(contrast, t),
            asked(contrast, t), agreement(cell, t), t(f"claim.answer.{cell.answer}"),
        ]
        for contrast in found.contrasts
        for cell in contrast.cells
    ]  # fmt: skip


def facts(found: Experiment, t: Text) -> dict[str, object]:
    """Return what captions mention, by placeholder name."""
    return {
        "id": found.claim.upper(),
        "title": found.title[t.language],
        "scenario": found.scenario_title[t.language],
        "scenario_id": found.scenario,
        "replicates": found.replicates,
        "draws": found.draws,
        "draw_replicates": found.draw_replicates,
        "seed": found.seed,
        "first": max(found.years - 1, 1),
        "last": found.years,
        "level": f"{100 * found.level:g}",
        "agree": percent(found.agree),
        "version": found.version,
    }

"""Cards of modes, rotations and supports: the words of documents, and channels as bars. Markup only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from figures.grounds import grounds_of, reason_of
from figures.records import Ground
from figures.text import Text
from model.policy import Mode
from scenarios.catalogue import CHANNELS, Entry
from scenarios.schema import Provenance

FACTS = ("legal_person", "heads", "staff_pool", "purse")


def profile(entry: Entry[Mode], t: Text) -> Markup:
    """Return the channels of a mode as bars with their numbers, the range as a line."""
    return Markup('<dl class="profile">{}</dl>').format(
        Markup("").join(_bar(name, entry, t) for name in (*CHANNELS, "online", "autonomy"))
    )


def _bar(name: str, entry: Entry[Mode], t: Text) -> Markup:
    value = getattr(entry.record, name)
    low, high = entry.ranges.get(name, (value, value))
    return Markup(
        '<dt>{}</dt><dd><span class="bar" aria-hidden="true"><span class="value" style="width:{:.0f}%"></span>'
        '<span class="range" style="left:{:.0f}%;width:{:.0f}%"></span></span> <span class="amount">{:g}</span></dd>'
    ).format(t(f"web.field.{name}"), 100 * value, 100 * low, 100 * (high - low), value)


def facts(entry: Entry[Mode], t: Text) -> Markup:
    """Return how a mode is governed."""
    record = entry.record
    said = [(t(f"web.fact.{name}"), t(f"web.value.{getattr(record, name)}")) for name in FACTS]
    if record.span:
        said.append((t("web.fact.span"), "–".join(map(str, dict.fromkeys(record.span)))))
    parts = [Markup("<dt>{}</dt><dd>{}</dd>").format(*pair) for pair in said]
    return Markup('<dl class="facts">{}</dl>').format(Markup("").join(parts))


def words(provenance: Sequence[Provenance], t: Text) -> Markup:
    """Return what documents say, with its meaning for readers of English, and what is assumed; the same words once."""
    said = dict.fromkeys(_said(one, t) for one in grounds_of(provenance))
    return Markup('<ul class="words">{}</ul>').format(Markup("").join(said))


def _said(one: Ground, t: Text) -> Markup:
    parts = []
    if one.quotation:
        parts.append(Markup('<q lang="zh">{}</q>').format(one.quotation))
        if one.means and t.language == "en":
            parts.append(Markup('<span class="means">{}</span>').format(one.means))
        if one.row:
            parts.append(Markup("<small>{}</small>").format(t("ground.row", row=one.row)))
    if one.assumed:
        parts.append(Markup('<span class="assumed">{}</span>').format(reason_of(one, t)))
    return Markup("<li>{}</li>").format(Markup(" ").join(parts))


def title(entry: Entry[Any], t: Text) -> str:
    """Return the name of a record."""
    return entry.title[t.language]

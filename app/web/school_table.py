"""Who gains and who loses: every school with its change, sortable, by group."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from nicegui import ui

from app.web import parts
from app.web.found import Found
from app.web.page import Page
from app.web.school_map import SIGNS
from figures import wording
from figures.results import Comparison, Policy

PAGE = 15
COLUMNS = ("shown", "group", "role", "setting", "baseline_quality", "d_quality", "low", "result")
NUMBERS = ("baseline_quality", "d_quality", "low")
HEADS = {
    "shown": "school", "group": "group", "role": "role", "setting": "setting", "baseline_quality": "before",
    "d_quality": "change", "low": "interval", "result": "result",
}  # fmt: skip


def changes(found: Found, policy: Policy, delta: float, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the schools with what changes for each under a policy.

    Columns beside those of `schools.csv`: `d_quality`, `low`, `high` (σ a year), `shown` (the name) and `result`: gains
    or loses where more than δ is won or lost, holds otherwise.
    """
    name = f"{policy.mode}+{policy.rotation}+{policy.support}"
    rows = found.effects[found.effects["policy"] == name].set_index("school")
    table = found.schools.join(rows[["d_quality", "low", "high"]], on="id")
    table["shown"] = [names.get(ident, ident) for ident in table["id"]]
    table["group"] = [names.get(ident, ident) for ident in table["group"]]
    table["result"] = [_result(value, delta) for value in table["d_quality"]]
    return table


def _result(change: float, delta: float) -> str:
    return "gains" if change > delta else "loses" if change < -delta else "holds"


class SchoolTable:
    """A page of schools, in an order and of a group that the reader chooses."""

    def __init__(self, page: Page, found: Found, comparison: Comparison, number: int) -> None:
        self._t, self._delta = page.session.t, comparison.delta
        self._rows = changes(found, comparison.policies[number], comparison.delta, page.session.names())
        self._by, self._falling, self._group, self._first = "d_quality", False, "", 0
        t = self._t
        with parts.card(t("web.read.schools"), 3):
            parts.note(t("web.read.schools_hint", **wording.late_years(comparison)))
            self._choose_group()
            with ui.element("div").classes("wide").props("role=region tabindex=0") as region:
                region.props["aria-label"] = t("web.read.schools")
                with ui.element("table"):
                    parts.html(t("web.read.schools"), "caption", "unseen")
                    self._head = ui.element("thead")
                    self._body = parts.html("", "tbody")
            with ui.element("div").classes("acts"):
                self._back = parts.button(t("web.read.previous"), lambda: self._turn(-PAGE))
                self._where = parts.html("", "span").props("role=status")
                self._on = parts.button(t("web.read.following"), lambda: self._turn(PAGE))
        self._draw_head()
        self._draw()

    def _choose_group(self) -> None:
        t = self._t
        groups = sorted(set(self._rows["group"]) - {""})
        options = {"": t("web.read.all_groups")} | {group: group for group in groups}
        if (self._rows["group"] == "").any():
            options["-"] = t("web.read.in_no_group")
        select = parts.select(options, "", t("web.read.group"))
        select.on("change", lambda event: self._of_group(str(event.args)), js_handler="(e) => emit(e.target.value)")

    def _of_group(self, group: str) -> None:
        self._group, self._first = group, 0
        self._draw()

    def _sort(self, column: str) -> None:
        self._falling = not self._falling if column == self._by else column in NUMBERS
        self._by, self._first = column, 0
        self._draw_head()
        self._draw()

    def _turn(self, by: int) -> None:
        self._first += by
        self._draw()

    def _draw_head(self) -> None:
        self._head.clear()
        with self._head, ui.element("tr"):
            for column in COLUMNS:
                with ui.element("th").props("scope=col") as cell:
                    mark = ""
                    if column == self._by:
                        cell.props["aria-sort"] = "descending" if self._falling else "ascending"
                        mark = " ▼" if self._falling else " ▲"
                    words = self._t(f"web.read.{HEADS[column]}") + mark
                    with ui.element("button").on("click", lambda column=column: self._sort(column)) as button:
                        button.props["type"] = "button"
                        parts.html(words, "span")

    def _draw(self) -> None:
        chosen = self._rows
        if self._group:
            chosen = chosen[chosen["group"] == ("" if self._group == "-" else self._group)]
        ordered = chosen.sort_values([self._by, "id"], ascending=[not self._falling, True], kind="stable")
        part = ordered.iloc[self._first : self._first + PAGE]
        self._body.content = parts.rows_of([self._cells(row) for row in part.to_dict("records")], len(NUMBERS), 1)
        total, last = len(chosen), self._first + len(part)
        self._where.content = self._t("web.read.shown", first=min(self._first + 1, last), last=last, total=total)
        self._back.set_enabled(self._first > 0)
        self._on.set_enabled(last < total)

    def _cells(self, row: dict[str, object]) -> list[str]:
        t, change = self._t, float(str(row["d_quality"]))
        low, high = float(str(row["low"])), float(str(row["high"]))
        bounds = t("web.unknown") if abs(low) == float("inf") else f"[{wording.signed(low)}, {wording.signed(high)}]"
        sure = low > self._delta or high < -self._delta or -self._delta <= low <= high <= self._delta
        result = t(f"web.read.{row['result']}") + ("" if sure else f" ({t('web.read.open')})")
        return [
            str(row["shown"]), str(row["group"]) or t("web.read.in_no_group"), t(f"role.{row['role']}"),
            t(f"setting.{row['setting']}"), wording.signed(float(str(row["baseline_quality"]))), wording.signed(change),
            bounds, f"{SIGNS[str(row['result'])]} {result}",
        ]  # fmt: skip

"""Other groups for the schools of a place: proposed by a button, or put right by hand, on the map or in the table."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui

from app.web import groups, parts
from app.web.page import Page
from app.web.state import SIZES, Grouping
from figures import wording
from scenarios.policies import AS_PLANNED
from scenarios.roster import Roster, School

NAMED = 3
"""So many groups are named where more are outside what a mode advises."""
NONE = "-"
NUMBERS = ("pupils", "km")
COLUMNS = ("school", "role", "level", "setting", *NUMBERS)


def show(page: Page) -> None:
    """Show the way to groups that are proposed, and to putting groups right by hand."""
    session, t = page.session, page.session.t
    with parts.folded(t("web.groups.title"), "groups", is_open=bool(session.state.grouping.size)):
        parts.note(t("web.groups.lead"))
        _propose(page)
    if session.refused:
        parts.note(session.refused, "refused").props("role=alert")
    is_open = bool(session.school or session.state.grouping.by_hand)
    with parts.folded(t("web.groups.hand"), "groups hand", is_open=is_open):
        parts.note(t("web.groups.hand_lead"))
        if assumed := groups.positions(session.scenario(), t):
            parts.note(assumed, "warning")
        _hand(page)
    with ui.element("div").classes("acts"):
        if session.undoable:
            parts.button(t("web.groups.undo"), lambda: _redrawn(page, session.undo), "undo")
        if session.state.grouping != Grouping():
            parts.button(t("web.groups.restore"), lambda: _regrouped(page, Grouping), "restore")


def choose(page: Page, school: str) -> None:
    """Choose the school that is to be put elsewhere."""

    def do() -> None:
        page.session.school, page.session.refused = school, ""

    _redrawn(page, do)


def beyond(page: Page) -> list[str]:
    """Return which groups have more or fewer members than a mode to be compared advises."""
    session, t = page.session, page.session.t
    scenario, said = session.scenario(), []
    sizes = scenario.roster.members()
    for name in dict.fromkeys(policy.mode for policy in session.state.policies):
        mode_of = {one.id: one.mode if name == AS_PLANNED else name for one in scenario.roster.groups}
        for mode in dict.fromkeys(filter(None, mode_of.values())):
            span = scenario.catalogue.modes[mode].record.span
            own = [one for one in scenario.roster.groups if mode_of[one.id] == mode]
            outside = [one for one in own if span and not span[0] <= sizes[one.id] <= span[1]]
            if span and outside:
                named = [f"{group.name[t.language]} ({sizes[group.id]})" for group in outside[:NAMED]]
                listed = t("phrase.comma").join(named) + (" …" if len(outside) > NAMED else "")
                title = scenario.catalogue.modes[mode].title[t.language]
                words = {"mode": title, "span": wording_of(span), "count": len(outside), "groups": listed}
                said.append(t("web.groups.beyond", **words))
    return list(dict.fromkeys(said))


def wording_of(span: tuple[int, int]) -> str:
    """Return a range of members in figures."""
    return "–".join(map(str, dict.fromkeys(span)))


def _redrawn(page: Page, do: Callable[[], Any]) -> None:
    """Do something and show the page anew, with the keyboard where it was."""
    do()
    page.show(focus="chosen-school" if page.session.school else "")


async def _regrouped(page: Page, wanted: Callable[[], Grouping]) -> None:
    """Take other groups, without holding up anybody else meanwhile."""
    is_taken = await asyncio.to_thread(page.session.regroup, wanted)
    page.show(focus="chosen-school" if page.session.school else "")
    page.tell(page.session.t("web.groups.taken") if is_taken else page.session.refused)


def _propose(page: Page) -> None:
    """Show the sizes to choose from, and the button that proposes groups."""
    session, t = page.session, page.session.t
    chosen = {"size": session.state.grouping.size or SIZES[1]}
    options = {
        size: t("web.groups.size", **dict(zip(("least", "most"), size.split(":"), strict=True))) for size in SIZES
    }

    def choose_size(event: Any) -> None:  # noqa: ANN401 - NiceGUI's event carries what the browser sent
        if event.args in SIZES:
            chosen["size"] = str(event.args)

    async def propose() -> None:
        button.disable()
        await _regrouped(page, lambda: Grouping(chosen["size"]))

    with ui.element("div").classes("acts"):
        select = parts.select(options, chosen["size"], t("web.groups.sizes"))
        select.on("change", choose_size, js_handler="(e) => emit(e.target.value)")
        button = parts.button(t("web.groups.propose"), propose, "propose")


def _hand(page: Page) -> None:
    """Show a group to choose a school from, and what can be done with the school chosen."""
    session, t = page.session, page.session.t
    roster = session.scenario().roster
    schools = {school.id: school for school in roster.schools}
    chosen = schools.get(session.school)
    group = chosen.group if chosen else roster.groups[0].id if roster.groups else ""
    members, alone = roster.members(), sum(not school.group for school in roster.schools)
    options = {one.id: f"{one.name[t.language]} ({members[one.id] + 1})" for one in roster.groups}
    if alone:
        options[NONE] = f"{t('web.read.in_no_group')} ({alone})"

    def choose_group(event: Any) -> None:  # noqa: ANN401 - NiceGUI's event carries what the browser sent
        name = "" if event.args == NONE else str(event.args)
        found = [school.id for school in roster.schools if school.group == name]
        if found:
            choose(page, next((one.lead for one in roster.groups if one.id == name), found[0]))

    select = parts.select(options, group or NONE, t("web.groups.group"))
    select.classes("hand-group").on("change", choose_group, js_handler="(e) => emit(e.target.value)")
    _members(page, roster, group)
    if chosen is not None:
        _chosen(page, roster, chosen, options)


def _members(page: Page, roster: Roster, group: str) -> None:
    """Show the schools of a group, each as a button that chooses it."""
    t, lead = page.session.t, next((one.lead for one in roster.groups if one.id == group), "")
    there = {school.id: school for school in roster.schools if school.group == group}
    # What level they are of goes without saying where it is the same.
    columns = [one for one in COLUMNS if one != "level" or len({school.level for school in there.values()}) > 1]
    with ui.element("div").classes("wide").props("role=region tabindex=0") as region:
        region.props["aria-label"] = t("web.groups.group")
        with ui.element("table").classes("members"):
            with ui.element("thead"), ui.element("tr"):
                for name in columns:
                    parts.html(t(f"web.groups.{name}"), "th", "number" if name in NUMBERS else "").props("scope=col")
            with ui.element("tbody"):
                for ident in sorted(there, key=lambda one: (one != lead, _km(there[one], there.get(lead)), one)):
                    _row(page, there[ident], there.get(lead), columns)


def _row(page: Page, school: School, lead: School | None, columns: Sequence[str]) -> None:
    session, t = page.session, page.session.t
    is_chosen = session.school == school.id
    with ui.element("tr"):
        with ui.element("th").props("scope=row"):
            button = ui.element("button").on("click", lambda: choose(page, school.id)).classes("school")
            button.props["type"], button.props["aria-pressed"] = "button", str(is_chosen).lower()
            button.props["data-school"] = school.id
            if is_chosen:
                button.props["id"] = "chosen-school"
            with button:
                parts.html(("● " if is_chosen else "") + school.name[t.language], "span")
        said = {name: t(f"{name}.{getattr(school, name)}") for name in ("role", "level", "setting")}
        said |= {"pupils": wording.whole(school.pupils), "km": wording.number(_km(school, lead), 1) if lead else "–"}
        for name in columns[1:]:
            parts.html(said[name], "td", "number" if name in NUMBERS else "")


def _km(school: School, lead: School | None) -> float:
    return math.hypot(school.x - lead.x, school.y - lead.y) if lead else 0.0


def _chosen(page: Page, roster: Roster, school: School, options: dict[str, str]) -> None:
    """Show what can be done with the school chosen."""
    session, t = page.session, page.session.t
    name, is_lead = school.name[t.language], school.role in ("lead", "zone_head")
    others = {one: words for one, words in options.items() if one not in (school.group, NONE)}
    target = {"group": next(iter(others), "")}

    def aim(event: Any) -> None:  # noqa: ANN401 - NiceGUI's event carries what the browser sent
        if event.args in others:
            target["group"] = str(event.args)

    def put(group: Callable[[], str]) -> Callable[[], Any]:
        return lambda: _regrouped(page, lambda: groups.moved(session.grouped(), school.id, group(), t))

    with ui.element("fieldset").classes("put"):
        parts.html(t("web.groups.chosen", school=name), "legend")
        with ui.element("div").classes("acts"):
            if others:
                select = parts.select(others, target["group"], t("web.groups.into"))
                select.classes("put-into").on("change", aim, js_handler="(e) => emit(e.target.value)")
                parts.button(t("web.groups.put"), put(lambda: target["group"]), "put-there")
        with ui.element("div").classes("acts"):
            if school.group and not is_lead:
                parts.button(
                    t("web.groups.make_lead"),
                    lambda: _regrouped(page, lambda: groups.led(session.grouped(), school.id)), "make-lead",
                )  # fmt: skip
            if school.group:
                parts.button(t("web.groups.take_out"), put(lambda: ""), "take-out")
            alone = is_lead and roster.members()[school.group] == 0
            if not alone:
                parts.button(t("web.groups.found"), put(lambda: groups.new_group(roster, school.id)), "found-group")

"""Step 2: put policies together, read what the documents say, move numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nicegui import ui
from nicegui.elements.html import Html

from app.web import cards, numbers, parts
from app.web.page import Page
from app.web.state import MOST_POLICIES
from figures import ending
from scenarios.catalogue import Entry
from scenarios.policies import AS_PLANNED, ended_rotations, title_of_part
from scenarios.reader import Choice

KINDS = Choice._fields


def show(page: Page) -> None:
    """Show the policies to be compared, then what they can be put together from."""
    session, t = page.session, page.session.t
    parts.heading(t("web.policies.title"))
    parts.note(t("web.policies.lead", most=MOST_POLICIES))
    if session.place is None:
        parts.note(t("web.run.nothing"), "empty")
        parts.button(t("web.step.place"), lambda: page.go("place"), "main")
        return

    def draw() -> None:
        page.remember()
        below.clear()
        with below:
            _below(page)

    basket = ui.element("div")
    below = ui.element("div")
    with basket:
        _basket(page, draw)


def _below(page: Page) -> None:
    """Show what policies can be put together from, and the numbers of those chosen."""
    _modes(page)
    for kind in KINDS[1:]:
        _others(page, kind)
    numbers.show(page)
    page.onwards("run")


def _basket(page: Page, changed: Callable[[], None]) -> None:
    """Show the policies to be compared, one a line; `changed` is called when one is another now."""
    session, t = page.session, page.session.t
    policies = session.state.policies
    with parts.card(t("web.policies.basket"), classes="basket"):
        if not policies:
            parts.note(t("web.policies.none"), "empty")
        remarks = [_line(page, number, lambda: mark()) for number in range(len(policies))]

        def mark() -> None:
            for number, remark in enumerate(remarks):
                same = session.same_as(number)
                remark.set_visibility(same is not None)
                remark.content = "" if same is None else t("web.policies.same", number=same + 1)
            changed()

        mark()
        with ui.element("div").classes("acts"):
            add = parts.button(t("web.policies.add"), lambda: _add(page, _next(page)))
            add.set_enabled(len(policies) < MOST_POLICIES)
            parts.button(t("web.policies.own"), lambda: _do(page, session.restore))
            if len(policies) >= MOST_POLICIES:
                parts.note(t("web.policies.full"))
        if said := ends(page):
            parts.note(said, "info")


def ends(page: Page) -> str:
    """Return that a policy without rotation ends what is in force under the control; empty where nothing is."""
    scenario, found = page.session.scenario(), page.session.scenario().catalogue.rotations
    ended = ended_rotations(scenario, "none", _against(page))
    return ending.hint([found[name].title for name in ended], page.session.t)


def _line(page: Page, number: int, changed: Callable[[], None]) -> Html:
    """Show one policy: three choices, and a button to leave it out; return the remark on it."""
    session, t = page.session, page.session.t
    title, policy = t("web.policies.policy", number=number + 1), session.state.policies[number]
    with ui.element("fieldset").classes("policy"):
        parts.html(title, "legend")
        for kind in KINDS:
            with ui.element("div"):
                words = t(f"web.policies.{kind}")
                parts.html(words, "span", "over").props("aria-hidden=true")
                select = parts.select(options(page, kind), getattr(policy, kind), f"{title}: {words}")
            select.on("change", _changing(page, number, kind, changed), js_handler="(e) => emit(e.target.value)")
            select.props["data-kind"] = kind
        label = t("web.policies.remove", number=number + 1)
        parts.button("×", lambda: _do(page, lambda: session.remove(number)), "remove", label)
        return parts.note("", "warning same")


def _changing(page: Page, number: int, kind: str, changed: Callable[[], None]) -> Callable[[Any], None]:
    def change(event: Any) -> None:  # noqa: ANN401 - NiceGUI's event carries what the browser sent
        session, value = page.session, str(event.args)
        if value in options(page, kind):
            session.change(number, session.state.policies[number]._replace(**{kind: value}))
        changed()  # the list chosen from stays, and with it the keyboard's place

    return change


def options(page: Page, kind: str) -> dict[str, str]:
    """Return name → title of what can be chosen of a kind, the document's own first."""
    session = page.session
    scenario, language = session.scenario(), session.language.value
    own = list(dict.fromkeys(getattr(choice, kind) for choice in (*session.state.policies, *scenario.compare)))
    found = scenario.catalogue.of(kind)
    names = dict.fromkeys([*own, *(["none"] if kind != "mode" else []), *found])
    if kind == "mode" and scenario.assigned:
        names = dict.fromkeys([*names, AS_PLANNED])
    against = _against(page)
    return {name: title_of_part(scenario, kind, name, against)[language] for name in names}


def _against(page: Page) -> str:
    """Return the control that policies are held against."""
    return page.session.state.control or page.session.scenario().control_name


def _next(page: Page) -> Choice:
    """Return a policy that is not compared yet: the next of the document, or any other mode."""
    session = page.session
    there = set(session.state.policies)
    others = [Choice(mode) for mode in options(page, "mode")]
    return next(one for one in [*session.scenario().compare, *others] if one not in there)


def _add(page: Page, policy: Choice) -> None:
    page.session.add(policy)
    page.show()


def _do(page: Page, do: Callable[[], None]) -> None:
    do()
    page.show()


def _modes(page: Page) -> None:
    """Show modes as cards, those of the place's document first."""
    session, t = page.session, page.session.t
    found = session.scenario().catalogue.modes
    own = {choice.mode for choice in session.scenario().compare} | {policy.mode for policy in session.state.policies}
    with parts.card(t("web.policies.modes")):
        parts.note(t("web.policies.modes_hint"))
        _cards(page, [entry for name, entry in found.items() if name in own])
        with parts.folded(t("web.policies.other_modes")):
            _cards(page, [entry for name, entry in found.items() if name not in own])


def _cards(page: Page, entries: Iterable[Entry[Any]]) -> None:
    t = page.session.t
    with ui.element("ul").classes("modes"):
        for entry in entries:
            with ui.element("li").classes("mode"):
                parts.heading(cards.title(entry, t), 3)
                parts.html(cards.profile(entry, t))
                parts.html(cards.facts(entry, t))
                with parts.folded(t("web.policies.words")):
                    parts.html(cards.words(entry.provenance, t))
                _compare(page, Choice(entry.id), cards.title(entry, t))


def _compare(page: Page, policy: Choice, name: str) -> None:
    """Show a button that takes a policy into the comparison, or that it is there."""
    session, t = page.session, page.session.t
    if any(one.mode == policy.mode for one in session.state.policies):
        parts.html(f"● {t('web.policies.compared')}", "p", "chosen")
        return
    button = parts.button(t("web.policies.compare", name=name), lambda: _add(page, policy))
    button.set_enabled(len(session.state.policies) < MOST_POLICIES)


def _others(page: Page, kind: str) -> None:
    """Show rotations or supports with the words of their documents."""
    t = page.session.t
    with parts.folded(t(f"web.policies.{kind}s"), "card"):
        scenario, against = page.session.scenario(), _against(page)
        for name, entry in scenario.catalogue.of(kind).items():
            with parts.folded(title_of_part(scenario, kind, name, against)[t.language]):
                parts.html(cards.words(entry.provenance, t))

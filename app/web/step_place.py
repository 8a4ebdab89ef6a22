"""Step 1: choose a bundled place, or bring one's own."""

from __future__ import annotations

import asyncio

from markupsafe import Markup
from nicegui import ui

from app.web import cards, groups, parts, school_map, step_groups, step_own
from app.web.page import Page
from app.web.places import Place
from figures.wording import whole
from model.columns import LAYERS


def show(page: Page) -> None:
    """Show the places, what is known of the one chosen, and the way to one's own."""
    t = page.session.t
    parts.heading(t("web.place.title"))
    parts.note(t("web.place.lead"))
    with ui.element("ul").classes("places"):
        for place in page.session.places.known.values():
            with ui.element("li"):
                _choice(page, place)
    if page.session.place is not None:
        _known(page)
    step_own.show(page)


def _choice(page: Page, place: Place) -> None:
    """Show a place as a button that stays pressed while it is chosen."""
    t, chosen = page.session.t, page.session.state.place == place.name
    levels = t("phrase.comma").join(t(f"level.{level}") for level in place.levels)
    kind = t("web.place.synthetic" if place.synthetic else "web.place.real")

    async def choose() -> None:
        await asyncio.to_thread(page.session.choose, place.name)
        page.show()

    words = Markup('<strong>{}</strong><span>{}</span><span class="flag">{}</span>{}').format(
        place.title[t.language], levels, kind,
        Markup('<span class="chosen">● {}</span>').format(t("web.place.chosen")) if chosen else "",
    )  # fmt: skip
    with ui.element("button").classes("place").on("click", choose) as button:
        button.props["type"] = "button"
        button.props["aria-pressed"] = str(chosen).lower()
        button.props["data-place"] = place.name
        parts.html(words, "span")


def _known(page: Page) -> None:
    """Show what is known of the place chosen."""
    session, t = page.session, page.session.t
    scenario = session.scenario()
    world = scenario.world
    facts = t(
        "web.place.facts", schools=whole(len(world.schools.id)), groups=whole(len(world.groups.id)),
        teachers=whole(len(world.teachers.id)), pupils=whole(world.schools.pupils.sum()),
        levels=t("phrase.comma").join(t(f"level.{level}") for level in scenario.levels),
    )  # fmt: skip
    with parts.card(scenario.title[t.language], classes="known"):
        parts.note(facts)
        parts.note(t("web.place.before", before=_before(page)))
        for words in [*session.remarks, *step_groups.beyond(page)]:
            parts.note(words, "warning")
        for words in groups.told(session.grouped(), t):
            parts.note(words, "info")
        with ui.element("div").classes("pair"):
            with ui.element("div"):
                parts.heading(t("web.place.map"), 3)
                parts.note(t("web.place.map_hint"))
                if assumed := groups.positions(scenario, t):
                    parts.note(assumed, "warning")
                options = school_map.of_place(scenario, t, session.school)
                label = f"{t('web.place.map')}. {facts}"
                parts.chart(options, label, "chart map", lambda ident: step_groups.choose(page, ident))
            with ui.element("div"):
                with parts.folded(t("web.place.said")):
                    parts.html(cards.words(scenario.provenance, t))
                step_groups.show(page)
        page.onwards("policies")


def _before(page: Page) -> str:
    """Return what is in force before any new policy."""
    t, scenario = page.session.t, page.session.scenario()
    modes = [(LAYERS[layer.layer], mode.name) for layer in scenario.baseline.layers for mode in layer.modes]
    named = [f"{t(f'layer.{layer}')}: {scenario.catalogue.modes[name].title[t.language]}" for layer, name in modes]
    named += [scenario.catalogue.rotations[one.name].title[t.language] for one in scenario.baseline.rotations]
    return t("phrase.comma").join(named) if named else t("web.place.nothing_before")

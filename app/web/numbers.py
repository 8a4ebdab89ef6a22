"""Sliders: every number with what it means, its range and its source, from the one place where it is declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from nicegui import ui

from app.comparing import CONTROLS
from app.web import parts
from app.web.page import Page
from app.web.state import DELTAS, PRECISIONS, SEEDS, YEARS
from figures.text import Text
from model.parameters import declared, get
from scenarios.policies import AS_PLANNED, CONTROL_TITLES
from scenarios.scenario import Scenario

MAIN = (
    "practice.transfer_rate", "practice.renewal", "practice.cross_entity_ratio", "attention.capacity",
    "attention.demand", "attention.displaced", "attention.base_effort", "rotation.selection",
    "rotation.unwilling_cost", "learning.peer_rate", "transfer.misfit_scale", "transfer.distance", "heads.loss",
)  # fmt: skip
"""Parameters that planners ask about; the command line sets any."""
STEPS = 100


@dataclass(frozen=True)
class Number:
    """One number that can be moved, from `low` to `high`."""

    path: str
    words: str
    about: str
    usual: float
    low: float
    high: float


def parameters(scenario: Scenario, t: Text) -> list[Number]:
    """Return the main parameters of the model, from their declaration."""
    found = []
    for path in MAIN:
        said = declared()[path]
        kind = t("web.policies.kind", kind=t(f"web.kind.{said.kind}"), source=t(f"web.source.{path}"))
        words = t(f"parameter.{path}")
        about = f"{t('web.policies.range', low=f'{said.low:g}', high=_in_unit(said.high, said.unit, t))} · {kind}"
        found.append(
            Number(
                path, words[:1].upper() + words[1:], about, float(get(scenario.parameters, path)), said.low, said.high
            )
        )
    return found


def weights(scenario: Scenario, mode: str, t: Text) -> list[Number]:
    """Return what is read from the words of a mode's document, with the range that they leave open."""
    entry = scenario.catalogue.modes[mode]
    return [
        Number(
            f"modes.{mode}.{name}", t(f"web.field.{name}"),
            t("web.policies.range", low=f"{low:g}", high=f"{high:g}"), getattr(entry.record, name), 0.0, 1.0,
        )
        for name, (low, high) in entry.ranges.items()
    ]  # fmt: skip


def _in_unit(value: float, unit: str, t: Text) -> str:
    """Return a value with its unit, as the slider counts it."""
    words = t(f"unit.{unit}", value="").strip()
    return f"{value:g}" if words == "–" else t("web.policies.in_unit", value=f"{value:g}", unit=words)


def show(page: Page) -> None:
    """Show the sliders, and how to compare; folded, since a first answer needs none of it."""
    session, t = page.session, page.session.t
    scenario = session.scenario()
    with parts.folded(t("web.policies.numbers"), "card", is_open=bool(session.state.settings)):
        parts.note(t("web.policies.numbers_hint"))
        for mode in dict.fromkeys(policy.mode for policy in session.state.policies if policy.mode != AS_PLANNED):
            found = weights(scenario, mode, t)
            if found:
                title = f"{t('web.policies.weights')}: {scenario.catalogue.modes[mode].title[t.language]}"
                _group(page, title, t("web.policies.weights_hint"), found)
        _group(page, t("web.policies.model"), "", parameters(scenario, t))
    with parts.folded(t("web.policies.how"), "card"):
        _how(page)


def _group(page: Page, title: str, hint: str, found: list[Number]) -> None:
    with parts.folded(title, is_open=any(one.path in page.session.state.settings for one in found)):
        if hint:
            parts.note(hint)
        with ui.element("div").classes("numbers"):
            for number in found:
                _slider(page, number)


def _slider(page: Page, number: Number) -> None:
    """Show the browser's own slider with its value, what it means, and the way back to the usual value."""
    session, t = page.session, page.session.t
    now = float(session.state.settings.get(number.path, number.usual))
    with ui.element("div").classes("number"):
        ident = f"n-{number.path.replace('.', '-')}"
        parts.html(number.words, "label").props(f"for={ident}")
        with ui.element("div").classes("slide"):
            slider = ui.element("input").props(f"type=range id={ident}")
            slider.props["min"], slider.props["max"] = number.low, number.high
            slider.props["step"] = (number.high - number.low) / STEPS
            slider.props["value"] = now
            shown = parts.html(f"{now:g}", "output")
            back = parts.button(
                "↺", lambda: move(number.usual), "small", t("web.policies.reset", value=f"{number.usual:g}")
            )

        def move(value: float) -> None:
            value = round(min(max(value, number.low), number.high), 4)
            is_usual = abs(value - number.usual) < (number.high - number.low) / (4 * STEPS)
            session.state = session.state.with_setting(number.path, None if is_usual else f"{value:g}")
            shown.content = f"{value:g}"
            slider.props["value"] = value
            back.set_visibility(not is_usual)
            page.remember()

        back.set_visibility(number.path in session.state.settings)
        slider.on("change", lambda event: move(float(event.args)), js_handler="(e) => emit(Number(e.target.value))")
        parts.note(f"{number.about} · {t('web.policies.default', value=f'{number.usual:g}')}", "small")


def _how(page: Page) -> None:
    """Show what the policies are compared with, over how many years, and how precisely."""
    session, t = page.session, page.session.t
    scenario = session.scenario()
    usual = t("web.policies.control_default", control=CONTROL_TITLES[scenario.control_name][t.language])
    controls = {"": usual} | {name: CONTROL_TITLES[name][t.language] for name in CONTROLS}
    precisions = {name: t(f"web.policies.precision_{name}") for name in PRECISIONS}
    with ui.element("div").classes("numbers"):
        _choice(page, "control", controls, session.state.control)
        _choice(page, "replicates", precisions, session.state.replicates, "precision")
        years = scenario.run.years if session.state.years is None else session.state.years
        _entry(page, "delta", session.state.delta, float, DELTAS)
        _entry(page, "years", years, int, YEARS)
        _entry(page, "seed", session.state.seed, int, SEEDS)


def _choice(page: Page, name: str, options: dict[str, str], value: str, words: str = "") -> None:
    label = page.session.t(f"web.policies.{words or name}")
    with ui.element("div").classes("number"):
        parts.html(label, "label").props(f"for=c-{name}")
        select = parts.select(options, value, label).props(f"id=c-{name}")
        select.on("change", lambda event: _set(page, name, str(event.args)), js_handler="(e) => emit(e.target.value)")


def _entry(page: Page, name: str, value: float, kind: Callable[[str], float], ends: tuple[float, float]) -> None:
    """Show a field for a number; what is none, or beyond its ends, is told, and the field is as it was."""
    t = page.session.t
    words, said = t(f"web.policies.{name}"), {"low": f"{ends[0]:g}", "high": f"{ends[1]:.10g}"}
    now = [value]

    def change(event: Any) -> None:  # noqa: ANN401 - NiceGUI's event carries what the browser sent
        try:
            wanted = kind(str(event.args))
        except ValueError:
            wanted = ends[0] - 1
        if ends[0] <= wanted <= ends[1]:
            now[0] = wanted
            _set(page, name, wanted)
        else:
            page.tell(t("web.policies.out_of_bounds", name=words, **said))
            page.put(f"e-{name}", f"{now[0]:.10g}")

    with ui.element("div").classes("number"):
        parts.html(words, "label").props(f"for=e-{name}")
        field = ui.element("input").props(f"type=number id=e-{name} step={'1' if kind is int else '0.001'}")
        field.classes("entry").props["value"] = f"{value:.10g}"
        field.props["min"], field.props["max"] = ends
        field.on("change", change, js_handler="(e) => emit(e.target.value)")
        parts.note(t("web.policies.bounds", **said), "small")


def _set(page: Page, name: str, value: object) -> None:
    changes: dict[str, Any] = {name: value}
    page.session.state = replace(page.session.state, **changes)
    page.remember()
    if name == "control":  # what a policy without rotation ends, and is called by, follows from it
        page.show("c-control")

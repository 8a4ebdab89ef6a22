"""Put policies together from a catalogue: layers of ties, rotations and support."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from model.codes import TieLayer
from model.policy import INDEPENDENT, STANDING, Layer, Mode, Policy, RotationPolicy, SupportPolicy
from scenarios.catalogue import Catalogue
from scenarios.roster import Names
from scenarios.scenario import Choice, Scenario
from scenarios.source import Report, Source

AS_PLANNED = "as_planned"
PLANNED_TITLE: Names = {"en": "As planned", "zh": "按方案分型"}
CONTROL_TITLES: Mapping[str, Names] = {
    "as_is": {"en": "As is", "zh": "维持现状"},
    "none": {"en": "No ties and no rotation", "zh": "无联结、不轮岗"},
    "same_money": {"en": "As is, the same money spent on training", "zh": "维持现状，同等经费用于教师培训"},
}
ENDS_ROTATION: Names = {"en": "{title} (ends the rule in force)", "zh": "{title}（停止现行轮岗）"}
ENDS_TIES: Names = {"en": "{title} (ends the ties in force)", "zh": "{title}（解除现有联结）"}


def policy_for(  # noqa: PLR0913 - three names and two switches
    scenario: Scenario,
    mode: str | Choice,
    rotation: str = "none",
    support: str = "none",
    *,
    zone: bool = True,
    standing: bool = True,
) -> Policy:
    """Return standing layers with a group layer and the zone tier on top, and the rotations and support named.

    Parameters
    ----------
    scenario
        Where the names are looked up.
    mode
        Mode of every group, or ``as_planned``: of each group its own; or all three names as a `Choice`.
    rotation, support
        Names, several joined with ``+``. The rotation ``none`` is no rotation at all, not even the baseline's.
    zone
        Whether the scenario's second tier, if any, goes with it. It never goes with independence.
    standing
        Whether the ties from before stay; False for a comparison with the control ``none``.

    Raises
    ------
    ScenarioError
        If a name is unknown, or modes are wanted as planned and none are.
    """
    catalogue = scenario.catalogue
    report = Report(Source("policy", "", {}))
    choice = mode if isinstance(mode, Choice) else Choice(mode, rotation, support)
    check_choice(choice, catalogue, scenario.assigned, report)
    report.settle()
    names = scenario.assigned if choice.mode == AS_PLANNED else (choice.mode,)
    modes = tuple(catalogue.modes[name].record for name in names)
    layers = [Layer(TieLayer.GROUP, modes)]
    if zone and scenario.zone and not all(is_independent(one) for one in modes):
        layers.append(Layer(TieLayer.ZONE, (catalogue.modes[scenario.zone].record,)))
    taken = [layer.layer for layer in layers]
    # Ties from before go on with the policy's own numbers, not with the control's.
    kept = as_written(scenario.baseline.layers, catalogue) if standing else ()
    layers += [layer for layer in kept if layer.layer not in taken]
    return Policy(tuple(layers), rotations_of(catalogue, choice.rotation), support_of(catalogue, choice.support))


def as_written(layers: Sequence[Layer], catalogue: Catalogue) -> tuple[Layer, ...]:
    """Return layers with the modes of a catalogue in the place of their namesakes."""
    return tuple(replace(old, modes=tuple(catalogue.modes[mode.name].record for mode in old.modes)) for old in layers)


def control(scenario: Scenario, kind: str = "as_is") -> Policy:
    """Return the policy of a control arm: ``as_is``, what is in force before; ``none``, no ties and no rotation.

    ``same_money`` is what is in force before as well; the training is bought run by run, for what a policy costs.

    Raises
    ------
    ValueError
        If there is no such control.
    """
    if kind not in CONTROL_TITLES:
        raise ValueError(f"no control {kind!r}: choose from {', '.join(CONTROL_TITLES)}")
    return Policy() if kind == "none" else scenario.baseline


def in_force(catalogue: Catalogue, layers: Mapping[str, str], rotation: str) -> Catalogue:
    """Return the records that what is in force before is made of, as far as they exist."""
    modes = {name: catalogue.modes[name] for name in layers.values() if name in catalogue.modes}
    rotations = {name: catalogue.rotations[name] for name in parts(rotation) if name in catalogue.rotations}
    return Catalogue(modes, rotations, {})


def baseline_of(catalogue: Catalogue, layers: Mapping[str, str], rotation: str) -> Policy:
    """Return what is in force before: a mode for each layer, its ties long standing, and rotations."""
    standing = [Layer(TieLayer.of(name), (catalogue.modes[mode].record,), STANDING) for name, mode in layers.items()]
    return Policy(tuple(sorted(standing, key=lambda layer: layer.layer)), rotations_of(catalogue, rotation))


def title_of(scenario: Scenario, choice: Choice, against: str | None = None) -> dict[str, str]:
    """Return language → words for a choice, such as “Fusion + National rotation rule”.

    Held `against` a control, a choice that ends what is in force there says so.
    """
    mode, supports = title_of_part(scenario, "mode", choice.mode, against), scenario.catalogue.supports
    titles = [mode, *_rotation_titles(scenario, choice.rotation, against)]
    titles += [supports[name].title for name in parts(choice.support) if name != "none"]
    return {"en": " + ".join(_lowered(titles, "en")), "zh": " + ".join(title["zh"] for title in titles)}


def title_of_part(scenario: Scenario, kind: str, names: str, against: str | None = None) -> Names:
    """Return language → words for a mode, for rotations or for supports by name; `against` as for `title_of`."""
    if kind == "rotation":
        titles = _rotation_titles(scenario, names, against)
    elif names == AS_PLANNED:
        titles = [PLANNED_TITLE]
    else:
        titles = [scenario.catalogue.of(kind)[name].title for name in parts(names)]
        ties = kind == "mode" and against is not None and ended_ties(scenario, names, against)
        titles = [_worded(ENDS_TIES, title) for title in titles] if ties else titles
    return {language: " + ".join(title[language] for title in titles) for language in ("en", "zh")}


def _rotation_titles(scenario: Scenario, names: str, against: str | None) -> list[Names]:
    """Return a title for each rotation named; where none of them moves anybody, the first says what that ends."""
    first, *rest = (scenario.catalogue.rotations[name].title for name in parts(names))
    ends = against is not None and ended_rotations(scenario, names, against)
    return [_worded(ENDS_ROTATION, first) if ends else first, *rest]


def _worded(words: Names, title: Names) -> Names:
    return {language: words[language].format(title=said) for language, said in title.items()}


def ended_rotations(scenario: Scenario, names: str, against: str) -> tuple[str, ...]:
    """Return the rotations in force under a control that rotations by name just end.

    Those that move anybody put another rule in the place of the one in force, and say which.
    """
    if rotations_of(scenario.catalogue, names):
        return ()
    return tuple(one.name for one in control(scenario, against).rotations)


def ended_ties(scenario: Scenario, mode: str, against: str) -> bool:
    """Whether a mode that ties nothing ends ties of groups that are in force under a control."""
    if mode == AS_PLANNED or not is_independent(scenario.catalogue.modes[mode].record):
        return False
    return any(layer.layer == TieLayer.GROUP for layer in control(scenario, against).layers)


def _lowered(titles: Sequence[Names], language: str) -> list[str]:
    """Return titles as one phrase's parts: only the first begins with a capital."""
    first, *rest = (title[language] for title in titles)
    return [first, *(title[:1].lower() + title[1:] for title in rest)]


def parts(names: str) -> list[str]:
    """Return the names joined with ``+``."""
    return [name.strip() for name in names.split("+")]


def is_independent(mode: Mode) -> bool:
    """Whether a mode ties and governs nothing."""
    return replace(mode, name=INDEPENDENT.name, span=None) == INDEPENDENT


def rotations_of(catalogue: Catalogue, names: str) -> tuple[RotationPolicy, ...]:
    """Return the rotation policies of names joined with ``+``; one that moves nobody adds nothing."""
    records = [catalogue.rotations[name].record for name in parts(names)]
    return tuple(record for record in records if record.quota != "none")


def support_of(catalogue: Catalogue, names: str) -> SupportPolicy:
    """Return the support of names joined with ``+``; where several set a field, the last one does."""
    neutral, out = SupportPolicy("none"), SupportPolicy(names)
    for name in parts(names):
        record = catalogue.supports[name].record
        given = {key: value for key, value in vars(record).items() if key != "name" and value != getattr(neutral, key)}
        out = replace(out, **given)
    return out


def check_choice(choice: Choice, catalogue: Catalogue, planned: Sequence[str], report: Report) -> None:
    """Note in `report` the names of a choice that do not exist."""
    if choice.mode == AS_PLANNED and not planned:
        report.add("nothing_planned", ("mode",), choice.mode)
    elif choice.mode != AS_PLANNED:
        report.unknown("mode", ("mode",), choice.mode, {**catalogue.modes, AS_PLANNED: None})
    for kind, names in (("rotation", choice.rotation), ("support", choice.support)):
        for name in parts(names):
            report.unknown(kind, (kind,), name, catalogue.of(kind))

"""A proposal as a scenario file: the same place with the proposed groups in place of its own."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from scenarios.grouping.propose import Proposal, grouped
from scenarios.policies import AS_PLANNED
from scenarios.regrouping import SUFFIX, group_led_by
from scenarios.roster import Names, Roster, School
from scenarios.scenario import Scenario
from scenarios.source import Source
from scenarios.writing import COUNTED, listed, toml

FIELDS = ("world.schools.group", "world.groups", "world.zones")
STALE = (*FIELDS, "world.schools.role", *(f"world.{name}" for name in COUNTED))


def roster_of(scenario: Scenario, proposal: Proposal, mode: str | None = None) -> Roster:
    """Return the roster with the proposed groups; zones form about their heads, where those still lead.

    Schools of levels that were not grouped keep a group that is wholly among them.
    """
    old, placed = scenario.roster, proposal.placed
    kept = {group.id for group in old.groups} - {s.group for s in old.schools if s.id in placed}
    groups = [group for group in old.groups if group.id in kept]
    leads = {lead: own[0].school for lead, own in grouped(list(placed.values())).items()}
    leading = {group.lead for group in groups} | leads.keys()
    zones = {zone: head for zone, head in old.zone_heads.items() if head in leading}
    groups += [group_led_by(lead, mode or "", _nearest(lead, zones, leads)) for lead in leads.values()]
    zone_of = {group.id: group.zone for group in groups}
    schools = []
    for school in old.schools:
        group = f"{placed[school.id].lead.id}{SUFFIX}" if school.id in placed else school.group * (school.group in kept)
        role = ("lead" if school.id in leading else "member") if group else "none"
        role = "zone_head" if school.id in zones.values() else role
        schools.append(replace(school, group=group, role=role, zone=zone_of.get(group, "")))
    return Roster(tuple(schools), tuple(groups), zones)


def _nearest(lead: School, zones: Mapping[str, str], leads: Mapping[str, School]) -> str:
    """Return the zone whose head, of the same county and level, is nearest to a lead; empty where there is none."""
    heads = {zone: leads[head] for zone, head in zones.items() if head in leads}
    near = {
        ((head.x - lead.x) * (head.x - lead.x) + (head.y - lead.y) * (head.y - lead.y), zone)
        for zone, head in heads.items()
        if (head.county, head.level) == (lead.county, lead.level)
    }
    return min(near)[1] if near else ""


def text(scenario: Scenario, source: Source, proposal: Proposal, mode: str | None = None) -> str:
    """Return the scenario file of a proposal.

    Parameters
    ----------
    scenario, source
        The scenario that was grouped, and the document it was read from.
    proposal
        The proposed groups.
    mode
        Mode of all proposed groups; it joins those that are compared.
    """
    return text_of(scenario, source, roster_of(scenario, proposal, mode), rule(proposal), mode)


def text_of(scenario: Scenario, source: Source, roster: Roster, assumed: Names, mode: str | None = None) -> str:
    """Return the scenario file of a place whose groups are those of `roster`, `assumed` as it says in both languages.

    Parameters
    ----------
    scenario, source
        The place, and the document it was read from.
    roster
        Its schools in other groups.
    assumed
        Where the groups come from.
    mode
        Mode that joins those that are compared.
    """
    document = dict(source.data)
    document["world"] = listed(document["world"], roster)
    document["policies"] = _policies(scenario, document["policies"], roster, mode)
    document["provenance"] = _provenance(scenario, assumed, source.data, document["world"])
    return toml(document)


def _policies(scenario: Scenario, table: Mapping[str, Any], roster: Roster, mode: str | None) -> dict[str, Any]:
    """Return the policies to compare: with the mode asked for, and with modes as planned only if there is a plan."""
    modes = list(dict.fromkeys([*([mode] if mode else []), *table["modes"]]))
    if not any(group.mode for group in roster.groups):
        modes = [name for name in modes if name != AS_PLANNED] or [m for m in scenario.assigned if m != "independent"]
    return {**table, "modes": modes}


def _provenance(scenario: Scenario, assumed: Names, data: Mapping[str, Any], world: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return where the fields come from: as before, but for what was counted and is listed now, and for the groups."""
    out = []
    for ground in data.get("provenance", []):
        fields = [name for name in ground["fields"] if not any(name == s or name.startswith(f"{s}.") for s in STALE)]
        if fields:
            out.append({**ground, "fields": fields})
    if "levels" in data["world"]:
        fields = [f"world.schools.{name}" for name in dict.fromkeys(field for s in world["schools"] for field in s)]
        own = [name for name in fields if name not in FIELDS]
        out.append({"fields": own, "assumed": _both("counted", place=scenario.name)})
    parts = [name for name in FIELDS if name == FIELDS[0] or name.removeprefix("world.") in world]
    out.append({"fields": parts, "assumed": dict(assumed), "regrouped": True})
    return out


def rule(proposal: Proposal) -> Names:
    """Return the rule by which groups were proposed, in both languages."""
    wish = proposal.wish
    across = {(False, False): "within", (True, False): "across_counties", (False, True): "across_levels"}
    who = ("any" if wish.rule.private else "public") + ("_rural" if wish.rule.rural else "")
    order = "order_setting" if wish.rule.order == "setting" else wish.rule.order
    weights = asdict(wish.weights)
    measured = {solved.region.sized for solved in proposal.regions}
    strength = "by_either" if len(measured) > 1 else "by_size" if True in measured else "by_quality"
    settled = len(wish.fixes.groups.keys() | set(wish.fixes.leads.values()))
    return {
        language: _words()["proposed"][language].format(
            least=wish.least, most=wish.most,
            within=_word(across.get((wish.across_counties, wish.across_levels), "across"), language),
            mixed=_word("ownership" if wish.mix_ownership else "setting", language),
            weights=", ".join(f"{name}={value:g}" for name, value in weights.items()),
            strength=_word(strength, language),
            lead=_word("lead", language, who=_word(who, language), order=_word(order, language)),
            reach="" if wish.max_km is None else _word("reach", language, km=f"{wish.max_km:g}"),
            settled=_word("settled", language, count=settled) if settled else "",
            how=_word("exact", language, exact=sum(s.exact for s in proposal.regions), regions=len(proposal.regions)),
        )
        for language in ("en", "zh")
    }  # fmt: skip


def by_hand(count: int, proposal: Proposal | None) -> Names:
    """Return, in both languages, that so many schools were put into other groups by hand, and where the rest is from.

    Parameters
    ----------
    count
        Schools moved, and leads changed.
    proposal
        The groups that were put right; None for those of the place.
    """
    before = _both("before_hand") if proposal is None else rule(proposal)
    return {language: _word("by_hand", language, count=count, before=before[language]) for language in ("en", "zh")}


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((Path(__file__).parent / "provenance.toml").read_text(encoding="utf-8"))


def _word(name: str, language: str, **values: object) -> str:
    return _words()[name][language].format(**values)


def _both(name: str, **values: object) -> dict[str, str]:
    return {language: _word(name, language, **values) for language in ("en", "zh")}

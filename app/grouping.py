"""`group`: from a scenario and a wish to proposed groups, their table, map and scenario."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from app.console import BadInputError, Language
from app.terminal import Column, table
from app.version import version
from experiments.files import explained, prepare_directory, write_json_atomic, write_text_atomic
from experiments.results import refuse_foreign
from figures import grounds, grouping, style
from figures.records import Ground
from figures.text import Text, text
from figures.wording import number, percent
from model.columns import OWNERSHIPS, SETTINGS
from scenarios import reader
from scenarios.grouping import scenario as grouped_scenario
from scenarios.grouping import wish as wishes
from scenarios.grouping.fixes import fixes
from scenarios.grouping.measure import Measures, Placed, measures
from scenarios.grouping.propose import Proposal, grouped, propose
from scenarios.grouping.wish import Wish
from scenarios.problems import nearest
from scenarios.regrouping import SUFFIX
from scenarios.roster import Roster
from scenarios.scenario import Scenario
from scenarios.source import read

SHOWN = 40
"""So many groups are shown in the terminal."""


@dataclass(frozen=True)
class Asked:
    """What was typed."""

    scenario: str
    size: str | None = None
    weights: str = ""
    lead_rule: str = "quality"
    fix: Sequence[str] = ()
    keep: bool = False
    max_km: float | None = None
    mix_ownership: bool = False
    across_counties: bool = False
    across_levels: bool = False
    levels: str | None = None
    mode: str | None = None


def group(asked: Asked, out: Path) -> dict[str, Any]:
    """Propose groups, write the scenario, and beside it a folder with proposal, tables and map; return the proposal."""
    path = reader.file_of(asked.scenario)
    source, scenario = read(path), reader.load(asked.scenario)
    if out.suffix != ".toml" or (out.exists() and out.samefile(path)):
        raise BadInputError("bad_scenario_out", value=out)
    wish = wish_of(asked, scenario)
    proposal = propose(scenario.roster, wish, _tell)
    written = grouped_scenario.text(scenario, source, proposal, asked.mode)
    roster = grouped_scenario.roster_of(scenario, proposal, asked.mode)
    folder = out.with_suffix("")
    found = document(scenario, proposal, roster) | {
        "mode": asked.mode,
        "scenario_file": str(out),
        "folder": str(folder),
    }
    refuse_foreign(folder, (grouping.NAME,))
    prepare_directory(folder)
    write_text_atomic(folder / grouping.SCHOOLS, style.spreadsheet(_schools(proposal, roster)))
    write_json_atomic(folder / grouping.NAME, found)
    with explained(folder):
        grouping.build(folder)
    bring_teachers(source.data["world"], path.parent, out.parent)
    write_text_atomic(out, written)
    return found


def wish_of(asked: Asked, scenario: Scenario) -> Wish:
    """Return the wish that was typed; sizes left out are those the mode is meant for.

    Raises
    ------
    ScenarioError
        If a part of it cannot be read.
    BadInputError
        If there is no such mode.
    """
    modes = scenario.catalogue.modes
    if asked.mode is not None and asked.mode not in modes:
        raise BadInputError("unknown_group_mode", value=asked.mode, nearest=nearest(asked.mode, modes))
    span = modes[asked.mode].record.span if asked.mode else None
    meant = (span[0] + 1, span[1] + 1) if span else (Wish.least, Wish.most)
    least, most = wishes.sizes(asked.size) if asked.size else meant
    if asked.max_km is not None and not 0.0 < asked.max_km < math.inf:
        raise wishes.refused("bad_distance", "--max-km", asked.max_km)
    levels = tuple(filter(None, (name.strip() for name in (asked.levels or "").split(","))))
    known = sorted({school.level for school in scenario.roster.schools})
    for level in levels:
        if level not in known:
            raise wishes.refused("no_such_level", "--levels", level, allowed=", ".join(known))
    return Wish(
        least, most, wishes.weights(asked.weights), wishes.lead_rule(asked.lead_rule),
        fixes(asked.fix, scenario.roster, asked.keep), asked.max_km, asked.mix_ownership, asked.across_counties,
        asked.across_levels, levels,
    )  # fmt: skip


def _tell(done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{done} / {total}" + ("\n" if done == total else ""))
        sys.stderr.flush()


def bring_teachers(world: Any, origin: Path, target: Path) -> None:  # noqa: ANN401 - a TOML table
    """Copy a table of teachers that the scenario refers to beside the new scenario."""
    name = world.get("teachers", {}).get("file")
    if name and origin.resolve() != target.resolve():
        with explained(target):
            shutil.copyfile(origin / name, target / name)


def document(scenario: Scenario, proposal: Proposal, roster: Roster) -> dict[str, Any]:
    """Return the proposal as it is saved and printed as JSON."""
    wish = proposal.wish
    names = {group.id: dict(group.name) for group in roster.groups}
    return {
        "format": 1,
        "scenario": scenario.name,
        "title": dict(scenario.title),
        "synthetic": scenario.synthetic,
        "version": version(),
        "inputs_sha256": scenario.inputs_sha256,
        "wish": {
            "size": [wish.least, wish.most], "weights": asdict(wish.weights), "lead_rule": str(wish.rule),
            "max_km": wish.max_km, "mix_ownership": wish.mix_ownership, "across_counties": wish.across_counties,
            "across_levels": wish.across_levels, "levels": list(wish.levels), "fixed": dict(wish.fixes.groups),
            "fixed_leads": dict(wish.fixes.leads),
        },
        "rule": dict(grouped_scenario.rule(proposal)),
        "grounds": [one.model_dump(exclude_none=True) for one in grounds.grounds_of(scenario.provenance)],
        "measures": asdict(proposal.measures()),
        "before": None if proposal.before is None else asdict(proposal.before),
        "regions": [
            {"county": one.region.county, "level": one.region.level, "schools": one.region.size, "exact": one.exact,
             "strength": "size" if one.region.sized else "quality"}
            for one in proposal.regions
        ],
        "groups": [_group(own, names) for own in grouped(list(proposal.placed.values())).values()],
    }  # fmt: skip


def _group(own: Sequence[Placed], names: dict[str, dict[str, str]]) -> dict[str, Any]:
    lead, found = own[0].school, measures(own)
    ident = f"{lead.id}{SUFFIX}"
    return {
        "id": ident,
        "name": names[ident],
        "county": lead.county,
        "level": lead.level,
        "lead": lead.id,
        "lead_name": dict(lead.name),
        "schools": [one.school.id for one in own],
        "mean_km": found.mean_km,
        "farthest_km": found.farthest_km,
        "strength": math.fsum(one.strength for one in own) / len(own),
        "needy": found.needy,
        "settings": {name: sum(one.school.setting == name for one in own) for name in SETTINGS},
        "ownership": {name: sum(one.school.ownership == name for one in own) for name in OWNERSHIPS},
    }


def _schools(proposal: Proposal, roster: Roster) -> pd.DataFrame:
    """Return one row a school, group by group with the lead first."""
    new, fixed = {school.id: school for school in roster.schools}, proposal.wish.fixes
    settled = fixed.groups.keys() | set(fixed.leads.values())
    part = {s.id: solved.region.level for solved in proposal.regions for s in solved.region.schools}
    rows = [
        {
            "id": one.school.id, "name_en": one.school.name["en"], "name_zh": one.school.name["zh"],
            "county": one.school.county, "level": one.school.level, "setting": one.school.setting,
            "ownership": one.school.ownership, "group": new[one.school.id].group, "lead": one.lead.id,
            "role": new[one.school.id].role, "part": part[one.school.id], "needy": int(one.needy),
            "settled": int(one.school.id in settled), "x_km": one.school.x, "y_km": one.school.y,
            "pupils": one.school.pupils, "strength": one.strength, "km": one.km,
        }
        for own in grouped(list(proposal.placed.values())).values()
        for one in own
    ]  # fmt: skip
    return pd.DataFrame(rows)


def summary(found: dict[str, Any], language: Language) -> str:
    """Return the proposal for the terminal: groups, what has changed, and where everything is."""
    t, folder = text(language.value), Path(found["folder"])
    suffix = "" if language.value == "en" else f".{language.value}"
    table = folder / f"groups{suffix}.csv"
    count = sum(len(one["schools"]) for one in found["groups"])
    more = len(found["groups"]) - SHOWN
    assumed = grounds.positions(list(map(Ground.model_validate, found["grounds"])), found["synthetic"], t)
    places = t("phrase.comma").join(_place(one, t) for one in found["regions"] if one["strength"] == "size")
    return "\n".join([
        t("grouping.heading", title=found["title"][language.value], groups=len(found["groups"]), schools=count), "",
        _groups(found["groups"][:SHOWN], t), *([t("grouping.more", count=more, path=table)] if more > 0 else []), "",
        _changes(found, t), "", *([t("grouping.size_stands_in", places=places)] if places else []),
        *([assumed] if assumed else []), t("grouping.rule", rule=found["rule"][language.value]),
        t("grouping.files", table=table, map=folder / f"map{suffix}.png"),
        t("grouping.scenario", path=found["scenario_file"]), t("grouping.next", path=found["scenario_file"]),
    ])  # fmt: skip


def _place(region: dict[str, Any], t: Text) -> str:
    level = t(f"level.{region['level']}") if region["level"] else t("grouping.every_level")
    return t("grouping.place", county=region["county"] or t("grouping.every_county"), level=level)


def _groups(groups: Sequence[dict[str, Any]], t: Text) -> str:
    words = ("lead", "level")
    names = (*words, "size", "mean_km", "farthest_km", "strength", "needy", "settings", "ownership")
    columns = [Column(t(f"grouping.{name}"), number=name not in words) for name in names]
    rows = [
        [
            one["lead_name"][t.language], t(f"level.{one['level']}"), str(len(one["schools"])),
            number(one["mean_km"], 1), number(one["farthest_km"], 1), number(one["strength"], 2), str(one["needy"]),
            "/".join(map(str, one["settings"].values())), "/".join(map(str, one["ownership"].values())),
        ]
        for one in groups
    ]  # fmt: skip
    return table(columns, rows)


def _changes(found: dict[str, Any], t: Text) -> str:
    """Return the measures of the proposal, beside those of the groups that there were."""
    versions = {"before": found["before"], "after": found["measures"]}
    shown = {name: Measures(**values) for name, values in versions.items() if values}
    columns = [Column(t("grouping.measure")), *(Column(t(f"grouping.{name}"), number=True) for name in shown)]
    rows = [_read_out(one, t) for one in shown.values()]
    return table(columns, [[t(f"grouping.{name}"), *(row[name] for row in rows)] for name in rows[0]])


def _read_out(one: Measures, t: Text) -> dict[str, str]:
    return {
        "groups": str(one.groups),
        "sizes": t("grouping.from_to", least=one.smallest, most=one.largest),
        "mean_km": number(one.mean_km, 1),
        "farthest_km": number(one.farthest_km, 1),
        "imbalance": number(one.imbalance, 2),
        "settings_off": percent(one.settings_off),
        "ownership_off": percent(one.ownership_off),
        "with_strong": t("grouping.of_all", count=one.needy_with_strong, all=one.needy),
    }

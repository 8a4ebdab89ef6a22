"""Write what a comparison leaves behind: comparison.json, verdicts as JSON and CSV, and the network as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.comparison import D_EFFECTS, EARLY_YEAR, LEVEL, Comparison
from experiments.design import POLICY
from experiments.files import write_json_atomic, write_table_atomic
from experiments.statistics import student
from model.attributes import Attributes
from model.columns import LAYERS, LEVELS, OWNERSHIPS, ROLES, SETTINGS

INTERVALS = (*D_EFFECTS, "d_middle", *(f"{name}_year{EARLY_YEAR}" for name in D_EFFECTS), "peak_cost_ratio")
SHARES = ("share", "runner_up", "runner_up_share")
GROUP = ("id", "name_en", "name_zh", "lead", "mode", "mode_en", "mode_zh")


def school_table(comparison: Comparison) -> pd.DataFrame:
    """Return one row a school: who it is, where it lies, and its quality before the policy, meaned over replicates.

    `name` is in both languages, once where they are the same; `opens` is the year in which a school opens that does
    not stand yet.
    """
    world, s = comparison.study.world, comparison.study.world.schools
    quality = np.array([rows["baseline/quality"] for rows in comparison.rows]).mean(axis=0)
    ids = list(comparison.study.school_ids)
    names = {ident: comparison.study.school_names.get(ident, {"en": ident, "zh": ident}) for ident in ids}
    zone = [_zone(world.groups.zone_head, group, ids) for group in s.group]
    return pd.DataFrame(
        {
            "id": ids,
            "name": [" ".join(dict.fromkeys((names[i]["en"], names[i]["zh"]))) for i in ids],
            "name_en": [names[i]["en"] for i in ids],
            "name_zh": [names[i]["zh"] for i in ids],
            "level": [LEVELS[c] for c in s.level],
            "setting": [SETTINGS[c] for c in s.setting],
            "ownership": [OWNERSHIPS[c] for c in s.ownership],
            "role": [ROLES[c] for c in s.role],
            "group": [comparison.study.group_ids[g] if g >= 0 else "" for g in s.group],
            "zone": zone,
            "x_km": s.x,
            "y_km": s.y,
            "pupils": s.pupils.astype(int),
            "staff": np.bincount(world.teachers.home, minlength=len(ids)),
            "opens": [f"{year:g}" if year >= 0.0 else "" for year in s.opens],
            "baseline_quality": quality,
        }
    )


def _zone(heads: np.ndarray, group: int, ids: list[str]) -> str:
    return ids[heads[group]] if group >= 0 and heads[group] >= 0 else ""


def tie_table(comparison: Comparison) -> pd.DataFrame:
    """Return one row a tie: standing ties as in the baseline, the others as in the first policy compared."""
    ties, ids = comparison.study.world.ties, comparison.study.school_ids
    first = next(iter(comparison.phases.values()))[0][1]
    standing = _weights(comparison.control)
    weights = np.where(standing.any(axis=1, keepdims=True), standing, _weights(first))
    table = pd.DataFrame(
        {
            "source": [ids[i] for i in ties.source],
            "target": [ids[i] for i in ties.target],
            "layer": [LAYERS[c] for c in ties.layer],
            "distance_km": ties.distance,
        }
    )
    names = ("management", "teaching", "culture", "research", "platform", "online")
    table[list(names)] = weights
    return table[weights[:, :5].any(axis=1)]


def _weights(a: Attributes) -> np.ndarray:
    return np.column_stack([a.weight, a.research, a.platform, a.online])


def effect_table(comparison: Comparison) -> pd.DataFrame:
    """Return one row a policy and school: its quality in the last two years (σ), and the change with its interval."""
    parts = []
    for arm in comparison.study.arms:
        quality = np.array([rows[f"{arm.name}/school_quality"] for rows in comparison.replicates(arm)]).mean(axis=0)
        found = {"quality": quality} | _changes(comparison.differences(arm, "school_quality"))
        parts.append(pd.DataFrame({"policy": arm.name, "school": list(comparison.study.school_ids), **found}))
    return pd.concat(parts, ignore_index=True)


def group_table(comparison: Comparison) -> pd.DataFrame:
    """Return one row a policy and group: the pupil-weighted change of its schools' quality (σ), with its interval."""
    study, s = comparison.study, comparison.study.world.schools
    inside = (s.group[:, None] == np.arange(len(study.group_ids))) & (s.opens < 0.0)[:, None]
    weights = inside * s.pupils[:, None]
    shares = weights / np.maximum(weights.sum(axis=0), 1.0)
    parts = []
    for arm in study.arms:
        changes = _changes(comparison.differences(arm, "school_quality") @ shares)
        parts.append(pd.DataFrame({"policy": arm.name, "group": list(study.group_ids), **changes}))
    return pd.concat(parts, ignore_index=True)


def _changes(differences: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return mean and 95 % interval over replicates (rows)."""
    mean, half = student(differences, 1.0 - LEVEL)
    return {"d_quality": mean, "low": mean - half, "high": mean + half}


def _listed(document: dict[str, Any], field: str) -> pd.DataFrame:
    """Return the rows that every policy has under a field, with the policy's name."""
    names = [f"{p['mode']}+{p['rotation']}+{p['support']}" for p in document["policies"]]
    rows = [{"policy": name} | row for name, p in zip(names, document["policies"], strict=True) for row in p[field]]
    return pd.DataFrame(rows)


def _official_table(document: dict[str, Any]) -> pd.DataFrame:
    """Return one row a policy and indicator, with the share known of each value that it rests on."""
    known = pd.DataFrame(
        [
            {name: basis[name] for name in ("level", "indicator", "schools")}
            | {f"known_{one['value']}": one["known"] / one["of"] for one in basis["rests_on"]}
            for basis in document["official_basis"]
        ]
    )
    found = _listed(document, "official")
    return found.merge(known, on=["level", "indicator"], how="left") if len(known) and len(found) else found


def _cost_table(document: dict[str, Any]) -> pd.DataFrame:
    """Return one row a policy and account line: yuan a pupil and year, of the policy and of the control."""
    rows = [
        {"policy": f"{p['mode']}+{p['rotation']}+{p['support']}", "line": line, "yuan_per_pupil": yuan}
        | {"control_yuan_per_pupil": p["costs"]["by_line_control"][line]}
        for p in document["policies"]
        for line, yuan in p["costs"]["by_line"].items()
    ]
    return pd.DataFrame(rows)


def _told(policy: dict[str, Any], horizon: str) -> dict[str, Any]:
    """Return a verdict with its share of the draws and the runner-up, None where nothing was drawn; then the point."""
    drawn = policy["certainty"] or {}
    shares = drawn.get("year3", {}) if horizon else drawn
    return (
        {f"verdict{horizon}": policy[f"verdict{horizon}"]}
        | {f"{name}{horizon}": shares.get(name) for name in SHARES}
        | {f"point_verdict{horizon}": policy[f"point_verdict{horizon}"]}
        | {f"point_regions{horizon}": " or ".join(policy[f"point_regions{horizon}"])}
    )


def _spreads(policy: dict[str, Any]) -> dict[str, float | None]:
    """Return median, 5 and 95 % quantile over the draws of the effects of the last two years."""
    drawn = (policy["certainty"] or {}).get("effects", {})
    return {
        f"{name}_draws_{part}": drawn.get(name, {}).get(part)
        for name in D_EFFECTS
        for part in ("median", "low", "high")
    }


def _flat(policy: dict[str, Any]) -> dict[str, Any]:
    row = {name: policy[name] for name in POLICY} | _told(policy, "") | {"replicates": policy["replicates"]}
    row |= _told(policy, "_year3") | _spreads(policy)
    for name in INTERVALS:
        row |= {f"{name}_{part}": value for part, value in (policy[name] or {}).items()}
    row |= {"dip_depth": policy["dip_depth"], "recovery_year": policy["recovery_year"]}
    row |= {"cost_per_pupil": policy["cost_per_pupil"]}
    return row | {f"backbone_cv_{when}": value for when, value in policy["backbone_cv"].items()}


def save(comparison: Comparison, document: dict[str, Any], moves: pd.DataFrame, directory: Path) -> None:
    """Write all of it into a results directory, each file whole or not at all."""
    tables = {
        "effects": effect_table(comparison),
        "groups": group_table(comparison),
        "moves": moves,
        "official": _official_table(document),
        "costs": _cost_table(document),
    }
    for name, table in tables.items():
        write_table_atomic(directory / f"{name}.csv", table)
    (directory / "network").mkdir(exist_ok=True)
    write_table_atomic(directory / "network" / "schools.csv", school_table(comparison))
    groups = pd.DataFrame(list(comparison.study.groups), columns=list(GROUP))
    write_table_atomic(directory / "network" / "groups.csv", groups)
    write_table_atomic(directory / "network" / "ties.csv", tie_table(comparison))
    flat = pd.DataFrame([_flat(policy) for policy in document["policies"]])
    write_table_atomic(directory / "verdicts.csv", flat)
    write_json_atomic(directory / "verdicts.json", document["policies"])
    write_json_atomic(directory / "comparison.json", document)

"""Made-up parts that a comparison has with certainty, attribution and details of schools; plausible, no finding."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

MECHANISMS = {"staff_moves": -0.02, "attention_and_load": -0.006, "practice_transfer": 0.004, "fit": -0.00002}
LINES = {"allowance": 61.0, "travel": 7.5, "cover": 0.0, "platform": 19.5}
HINGES = (
    ("practice.transfer_rate", "1/year", None, (0.1, 0.35, 0.7), [{"value": 0.52, "verdict": "peak_shaving"}]),
    (
        "modes.fusion.teaching", "share", {"en": "Fusion", "zh": "融合型"}, (0.8, 1.0, 1.0),
        [{"value": 0.83, "verdict": "inert"}],
    ),
    ("learning.contacts", "1/year", None, (2.0, 4.0, 8.0), []),
)  # fmt: skip
SIGNS = (
    ("peak_newcomers", 1.0, 0.031, 0.82, 0.19),
    ("peak_best", -1.0, -0.012, 0.71, 0.12),
    ("peak_drive", -1.0, -0.05, 0.66, 0.3),
    ("peak_morale", -1.0, 0.001, 0.6, 0.4),
)


def outcome(scale: float) -> dict[str, Any]:
    parts = {name: value * scale for name, value in MECHANISMS.items()}
    total = sum(parts.values())
    intervals = {name: {"low": value - 0.002, "high": value + 0.002} for name, value in parts.items()}
    return {"total": total, "low": total - 0.004, "high": total + 0.004, "mechanisms": parts, "intervals": intervals}


def attribution() -> dict[str, Any]:
    scales = {"d_peak": 1.0, "d_valley": -1.5, "d_mean": 0.25}
    return {"replicates": 16} | {f"{n}{h}": outcome(s) for n, s in scales.items() for h in ("", "_year3")}


def shares(told: str, other: str, agree: int) -> dict[str, Any]:
    return {
        "share": agree / 64,
        "runner_up": other if agree < 64 else None,
        "runner_up_share": 1.0 - agree / 64,
        "regions": {told: agree} | ({other: 64 - agree} if agree < 64 else {}),
    }


def certainty(told: str, point: str, agree: int, effects: Sequence[float], hinges: bool = True) -> dict[str, Any]:
    """Return 64 made-up draws around the effects (peak, valley, mean), counted as told."""
    other = "inert" if told != "inert" else "fill"
    found = [
        {"path": path, "unit": unit, "of": of, "correlation": -0.6, "low": low, "default": now, "high": high}
        | {"flips": flips}
        for path, unit, of, (low, now, high), flips in HINGES
    ]
    draws = np.asarray(effects) + np.random.default_rng(8).normal(0.0, 0.02, (64, 3))
    low, median, high = np.quantile(draws, (0.05, 0.5, 0.95), axis=0).tolist()
    return shares(told, other, agree) | {
        "draws": 64, "replicates": 4, "point": point, "year3": shares("inert", "fill", 40), "by_draw": draws.tolist(),
        "effects": {
            f"d_{name}": {"median": median[n], "low": low[n], "high": high[n]}
            for n, name in enumerate(("peak", "valley", "mean"))
        },
        "hinges": found if hinges else [],
    }  # fmt: skip


def official() -> list[dict[str, Any]]:
    return [
        {"indicator": indicator, "unit": unit, "level": level, "limit": limit}
        | {"before": before, "after": before - 0.1, "control": before + 0.01}
        for level, limit in (("primary", 0.5), ("junior", 0.45))
        for indicator, before in (("backbone", 0.58), ("staff_home", 0.2))
        for unit in ("campus", "legal_person")
    ]


def costs(total: float) -> dict[str, Any]:
    lines = {name: value * total / sum(LINES.values()) for name, value in LINES.items()}
    return {
        "by_line": lines,
        "by_line_control": {name: 2.0 if value else 0.0 for name, value in LINES.items()},
        "by_payer": {"leads": 0.4 * total, "others": 0.6 * total},
        "beyond_control": total - 6.0,
        "per_hundredth_sigma_valley": 21.4,
        "per_hundredth_sigma_mean": None,
    }


def enriched(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with everything that `compare` can add to it."""
    for policy, agree in zip(document["policies"], (64, 61, 50, 38, 64, 44), strict=False):
        likely = policy["point_regions"][0]
        effects = [policy[f"d_{name}"]["mean"] for name in ("peak", "valley", "mean")]
        harmful = policy["verdict"] == "peak_shaving"
        policy |= {
            "d_lead_worst_team": {"mean": -0.051, "low": -0.06, "high": -0.042},
            "left_of_gain": 0.63,
            "verdict": likely,
            "verdict_year3": "inert",
            "certainty": certainty(likely, likely, agree, effects, hinges=agree < 60),
            "attribution": attribution() if harmful else None,
            "official": official(),
            "costs": costs(policy["cost_per_pupil"]),
            "moves": [{"honour": "backbone", "cover": "swap", "moves_per_year": 3.1}],
            "outcomes": {"gini": {"before": 0.13, "after": 0.1, "d_mean": -0.031, "d_low": -0.04, "d_high": -0.02}},
        }
    names = ("sign", "direction", "threshold", "hit_rate", "false_alarms")
    signs = [dict(zip(names, sign, strict=True)) | {"area": 0.8} for sign in SIGNS]
    return document | {"early_signs": {"cases": 1536, "fell": 400, "signs": signs}, "score_sd": None}


def tables(document: dict[str, Any], schools: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return what became of schools and groups, who moved, and who the groups are; the third has no name of its own."""
    chance = np.random.default_rng(3)
    effects, groups, moves = [], [], []
    for policy in document["policies"]:
        name = f"{policy['mode']}+{policy['rotation']}+{policy['support']}"
        lead = schools["role"].isin(["lead", "zone_head"])
        middle = np.where(lead, policy["d_peak"]["mean"], policy["d_valley"]["mean"])
        change = middle + chance.normal(0.0, 0.01, len(schools))
        quality = schools["baseline_quality"] + change
        ends = {"d_quality": change, "low": change - 0.006, "high": change + 0.006}
        effects.append(pd.DataFrame({"policy": name, "school": schools["id"], "quality": quality} | ends))
        ids = sorted(set(schools["group"]) - {""})
        mean = chance.normal(0.01, 0.01, len(ids))
        ends = {"d_quality": mean, "low": mean - 0.004, "high": mean + 0.004}
        groups.append(pd.DataFrame({"policy": name, "group": ids} | ends))
        if policy["rotation"] != "none":
            row = {
                "policy": name,
                "year": 1,
                "person": "3/−4",
                "subject": "maths",
                "honour": "backbone",
                "title": "mid",
            }
            ways = (("00000", "00001"), ("00001", "00000"), ("00001", "00002"), ("00000", "00002"))
            moves += [row | {"from": a, "to": b, "share": 1.0, "cover": "swap"} for a, b in ways]
    found = {"effects": pd.concat(effects), "groups": pd.concat(groups), "moves": pd.DataFrame(moves)}
    return found | {"network/groups": _groups(schools)}


def _groups(schools: pd.DataFrame) -> pd.DataFrame:
    leads = schools[schools["role"].isin(["lead", "zone_head"])]
    rows = [
        {"id": group, "lead": lead, "mode": "fusion", "mode_en": "Fusion", "mode_zh": "融合型"}
        | ({"name_en": "", "name_zh": ""} if n == 2 else {"name_en": f"Group {n}", "name_zh": f"第{n}教育集团"})
        for n, (group, lead) in enumerate(zip(leads["group"], leads["id"], strict=True))
    ]
    return pd.DataFrame(rows)

"""A made-up results directory: plausible sizes, no finding. Nothing here may leave the tests."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from figures.build import build_all
from figures.results import CHANNELS, Results, load
from tests.figures import enriched

YEARS = 10
TITLES = {
    "fusion": {"en": "Fusion", "zh": "融合型"},
    "co_construction": {"en": "Co-construction", "zh": "共建型"},
    "collaboration": {"en": "Collaboration", "zh": "协作型"},
    "none": {"en": "no rotation", "zh": "不轮岗"},
    "national_rule": {"en": "national rotation rule", "zh": "国家轮岗规定"},
}
# mode, rotation, verdict, year-3 verdict, ΔPeak, ΔValley, ΔMean (σ), yuan per pupil
CASES = (
    ("fusion", "none", "fill", "undecided", -0.012, 0.088, 0.036, 96),
    ("fusion", "national_rule", "peak_shaving", "dilution", -0.034, 0.097, 0.031, 128),
    ("co_construction", "none", "fill", "inert", -0.009, 0.041, 0.014, 61),
    ("co_construction", "national_rule", "undecided", "inert", -0.021, 0.046, 0.012, 94),
    ("collaboration", "none", "inert", "inert", 0.002, 0.012, 0.004, 24),
    ("collaboration", "national_rule", "lift", "fill", 0.027, 0.038, 0.024, 57),
)
PLACES = ["东山", "西坞", "南溪", "北塘", "上林", "下沙", "大港", "小桥", "新丰", "古渡"]


def _estimate(mean: float, half: float) -> dict[str, float]:
    return {"mean": mean, "low": mean - half, "high": mean + half}


def _band(last: float) -> dict[str, list[float]]:
    year = np.arange(1, YEARS + 1)
    mean = last * (1 - np.exp(-year / 3)) / (1 - np.exp(-YEARS / 3)) - 0.01 * np.exp(-((year - 1) ** 2) / 2)
    half = 0.002 + 0.0006 * year
    return {"mean": mean.tolist(), "low": (mean - half).tolist(), "high": (mean + half).tolist()}


def made_up_policy(case: tuple[str, str, str, str, float, float, float, float]) -> dict[str, object]:
    mode, rotation, verdict, early, peak, valley, mean, cost = case
    effects = {"d_peak": peak, "d_valley": valley, "d_mean": mean}
    return {
        "mode": mode,
        "rotation": rotation,
        "support": "none",
        "title": {
            "en": f"{TITLES[mode]['en']} + {TITLES[rotation]['en']}",
            "zh": f"{TITLES[mode]['zh']} + {TITLES[rotation]['zh']}",
        },
        "verdict": verdict,
        "point_verdict": verdict,
        "point_regions": ["fill", "peak_shaving"] if verdict == "undecided" else [verdict],
        "verdict_year3": early,
        "point_verdict_year3": early,
        "point_regions_year3": ["fill", "inert"] if early == "undecided" else [early],
        "replicates": 64,
        **{name: _estimate(value, 0.005) for name, value in effects.items()},
        **{f"{name}_year3": _estimate(value * 0.6, 0.006) for name, value in effects.items()},
        "d_middle": _estimate((peak + valley) / 3, 0.006),
        "d_ungrouped": _estimate(-0.001, 0.004),
        "d_leads": _estimate(-peak if mode == "collaboration" else peak, 0.007),
        "d_top_tenth": _estimate(peak + 0.004, 0.004),
        "peak_cost_ratio": {"mean": -peak / valley, "low": None if valley < 0.02 else 0.05, "high": 0.6},
        "dip_depth": 0.006,
        "recovery_year": None if verdict == "peak_shaving" else 4,
        "cost_per_pupil": cost,
        "backbone_cv": {"before": 0.52, "after": 0.41},
        "trajectory": {
            "peak": _band(peak),
            "valley": _band(valley),
            "middle": _band((peak + valley) / 3),
            "mean": _band(mean),
        },
        "replicate_effects": [[peak, valley, mean]] * 4,
        "correlation": [0.9] * YEARS,
    }


def made_up_comparison() -> dict[str, Any]:
    return {
        "format": 2,
        "scenario": "made_up_for_tests",
        "title": {"en": "Made-up county (test data)", "zh": "虚构县（测试数据）"},
        "synthetic": True,
        "level": ["primary", "junior"],
        "delta": 0.02,
        "seed": 7,
        "years": YEARS,
        "burn_in": 5,
        "version": "0.0.test",
        "inputs_sha256": "0123456789abcdef" * 4,
        "alpha": 0.05,
        "control": {
            "name": "as_is",
            "title": {"en": "things as they are", "zh": "现状"},
            "levels": {name: [0.0] * YEARS for name in ("peak", "valley", "middle", "mean")},
        },
        "world": {
            "schools": 90,
            "teachers": 4321,
            "pupils": 70123,
            "groups": 15,
            "zones": 3,
            "peak_minus_valley": 0.187,
            "no_peak_to_shave": False,
        },
        "policies": [made_up_policy(case) for case in CASES],
        "results_dir": "made_up",
    }


def made_up_schools() -> pd.DataFrame:
    """Ninety schools: 15 groups of five around their leads, three of which head zones, and 15 schools in no group."""
    chance = np.random.default_rng(20)
    rows = []
    for index in range(90):
        group, place = divmod(index, 5) if index < 75 else (15, index - 70)
        angle, far = 2 * np.pi * group / 15, 8 + 9 * (group % 3)
        role = "none" if index >= 75 else "member" if place else "zone_head" if group < 3 else "lead"
        rows.append(
            {
                "id": f"{index:05d}",
                "name": f"{PLACES[index % 10]}{'第一二三四五六七八九'[index // 10]}小学",
                "level": "primary",
                "setting": "urban" if far < 10 else "township" if far < 20 else "rural",
                "ownership": "public",
                "role": role,
                "group": f"g{group:02d}" if index < 75 else "",
                "zone": f"z{group % 3}" if index < 75 else "",
                "x_km": 30 + far * np.cos(angle) + chance.normal(0, 2.5),
                "y_km": 25 + 0.7 * far * np.sin(angle) + chance.normal(0, 2.5),
                "pupils": int(chance.integers(120, 900)) * (1 if place else 3),
                "staff": int(chance.integers(12, 90)),
                "opens": "",
                "baseline_quality": chance.normal(0.08 if place == 0 else -0.02, 0.07),
            }
        )
    return pd.DataFrame(rows)


def made_up_ties(schools: pd.DataFrame) -> pd.DataFrame:
    inside = [(f"{5 * g:05d}", f"{5 * g + m:05d}", "group", 0.8) for g in range(15) for m in range(1, 5)]
    zones = [(f"{5 * (g % 3):05d}", f"{5 * g:05d}", "zone", 0.25) for g in range(3, 15)]
    pairs = [(f"{5 * g:05d}", f"{75 + g:05d}", "pair", 0.4) for g in range(10)]
    at = schools.set_index("id")[["x_km", "y_km"]]
    return pd.DataFrame(
        [
            {
                "source": source,
                "target": target,
                "layer": layer,
                "distance_km": float(np.hypot(*(at.loc[source] - at.loc[target]))),
                **dict.fromkeys(CHANNELS, weight),
                "online": 0.2,
            }
            for source, target, layer, weight in [*inside, *zones, *pairs]
        ]
    )


MANIFEST = {
    "command": ["yangfeng", "compare", "made_up_for_tests", "--replicates", "64"],
    "source_sha256": "fedcba9876543210" * 4,
    "inputs": {
        "parameters": {
            "teachers": {"sd": {"value": 0.15, "unit": "σ", "kind": "measured", "source": "Rockoff 2004"}},
            "practice": {"decay": 0.08},
        }
    },
}

Write = Callable[..., Path]


@pytest.fixture(scope="session")
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Return a function that writes a made-up results directory, with parts replaced, or with `details`, as told."""

    def written(
        comparison: dict[str, Any] | None = None, schools: pd.DataFrame | None = None, *, details: bool = False
    ) -> Path:
        folder = tmp_path_factory.mktemp("results")
        (folder / "network").mkdir()
        document = made_up_comparison() if comparison is None else comparison
        rows = made_up_schools() if schools is None else schools
        (folder / "comparison.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        (folder / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
        rows.to_csv(folder / "network" / "schools.csv", index=False)
        made_up_ties(rows).to_csv(folder / "network" / "ties.csv", index=False)
        for name, table in (enriched.tables(document, rows) if details else {}).items():
            table.to_csv(folder / f"{name}.csv", index=False)
        return folder

    return written


@pytest.fixture
def comparison() -> dict[str, Any]:
    """Return the made-up document, to be changed and written."""
    return made_up_comparison()


@pytest.fixture
def schools() -> pd.DataFrame:
    """Return the made-up schools, to be changed and written."""
    return made_up_schools()


@pytest.fixture(scope="session")
def results(write: Write) -> Results:
    return load(write())


@pytest.fixture(scope="session")
def built(write: Write) -> Path:
    """Return a results directory with everything drawn in both languages."""
    folder = write()
    build_all(folder)
    return folder


@pytest.fixture
def full(comparison: dict[str, Any]) -> dict[str, Any]:
    """Return the made-up document with certainty, attribution and all else, to be changed and written."""
    return enriched.enriched(comparison)


@pytest.fixture(scope="session")
def detailed(write: Write) -> Path:
    """Return a results directory with certainty, attribution and details of schools, drawn in both languages."""
    folder = write(enriched.enriched(made_up_comparison()), details=True)
    build_all(folder)
    return folder

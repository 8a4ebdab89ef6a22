"""Early warning: what seen in year 1 tells that the strongest schools will have fallen in the last two years.

Cases are the policies under all draws of the uncertain numbers. A threshold is chosen on half of the draws and its hit
rate counted on the other half, so that the rate is one for draws it has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from experiments.comparison import LATE_YEARS
from model.measures import SIGNS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
SEEN = ("peak", "peak_away", *(f"peak_{name}" for name in SIGNS))
MOST = 5
LEAST_CASES = 20


class Cases(NamedTuple):
    """By case: changes seen in year 1 by sign, whether the peak fell by more than δ in the end, and the draw."""

    seen: dict[str, Floats]
    fell: Flags
    draw: NDArray[np.int64]


def cases(
    runs: Sequence[Sequence[Mapping[str, Floats]]], pairs: Mapping[str, str], delta: float
) -> Cases:  # fmt: skip
    """Return the cases of draws.

    Parameters
    ----------
    runs
        Rows of every replicate, by draw.
    pairs
        Policy → the control it is held against.
    delta
        Margin δ, σ a year.
    """
    rows = [
        (n, {sign: r[f"{name}/{sign}"] - r[f"{control}/{sign}"] for sign in SEEN})
        for n, replicates in enumerate(runs)
        for r in replicates
        for name, control in pairs.items()
    ]
    fell = np.array([change["peak"][-LATE_YEARS:].mean() < -delta for _, change in rows])
    seen = {sign: np.array([change[sign][0] for _, change in rows]) for sign in SEEN}
    return Cases(seen, fell, np.array([n for n, _ in rows]))


def warning(values: Floats, fell: Flags, even: Flags) -> dict[str, float] | None:
    """Return how well one sign warns; None where it does not, or cases of either kind are too few.

    `area` is the chance that a case that fell shows more of the sign than one that did not (area under the ROC curve),
    over all cases; `threshold` parts the even draws best (Youden); `hit_rate` and `false_alarms` are shares of the
    fallen and of the others beyond it, over the other draws.
    """
    if min(fell.sum(), (~fell).sum()) < LEAST_CASES or np.ptp(values) == 0.0:
        return None
    ranks = stats.rankdata(values)
    area = (ranks[fell].mean() - (fell.sum() + 1) / 2.0) / (~fell).sum()
    sign = 1.0 if area >= 0.5 else -1.0  # noqa: PLR2004 - no better than a coin
    threshold = _best_threshold(sign * values[even], fell[even])
    beyond, others = sign * values[~even] >= threshold, fell[~even]
    if not (others.any() and (~others).any()):
        return None
    return {
        "direction": sign,
        "area": float(max(area, 1.0 - area)),
        "threshold": float(sign * threshold),
        "hit_rate": float(beyond[others].mean()),
        "false_alarms": float(beyond[~others].mean()),
    }


def _best_threshold(values: Floats, fell: Flags) -> float:
    """Return the value at or beyond which hits less false alarms are most."""
    order = np.argsort(-values, kind="stable")
    hits = np.cumsum(fell[order]) / max(1, fell.sum())
    alarms = np.cumsum(~fell[order]) / max(1, (~fell).sum())
    last = np.append(np.flatnonzero(np.diff(values[order])), len(order) - 1)
    return float(values[order][last[np.argmax((hits - alarms)[last])]])


def document(found: Cases) -> dict[str, Any]:
    """Return the signs that warn best, best first, with the number of cases and of those that fell."""
    even = found.draw % 2 == 0
    told = {sign: warning(values, found.fell, even) for sign, values in found.seen.items()}
    good = sorted(((sign, w) for sign, w in told.items() if w), key=lambda item: -item[1]["area"])
    return {
        "cases": len(found.fell),
        "fell": int(found.fell.sum()),
        "least": LEAST_CASES,
        "signs": [{"sign": sign} | numbers for sign, numbers in good[:MOST]],
    }

"""A small tree of decisions that tells points where something is likely from points where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.design import Factor, Floats

MOST_LEAVES = 6
LEAST_SHARE, LEAST_POINTS = 0.05, 5
FOLDS = 5


def grown(factors: Sequence[Factor], codes: Floats, chance: Floats) -> dict[str, Any]:
    """Return a regression tree of the probability at each point as nested plain values.

    Values without order are split one against the others.

    Returns
    -------
    dict
        ``root``: nodes with ``mean``, ``points`` and, unless they are leaves, ``factor`` with ``threshold`` or
        ``value``, ``yes`` (at most the threshold, or the value itself) and ``no``; ``explained``: the share of variance
        that trees grown without a fifth of the points explain in that fifth.
    """
    from sklearn.tree import DecisionTreeRegressor

    columns, questions = _columns(factors, codes)
    least = max(LEAST_POINTS, int(LEAST_SHARE * len(codes)))

    def fitted(rows: Any) -> Any:  # noqa: ANN401 - rows of an array, and a class without types
        tree = DecisionTreeRegressor(max_leaf_nodes=MOST_LEAVES, min_samples_leaf=least, random_state=1)
        return tree.fit(columns[rows], chance[rows])

    guess = np.empty(len(codes))
    for fold in range(FOLDS):
        out = np.arange(len(codes)) % FOLDS == fold
        guess[out] = fitted(~out).predict(columns[out])
    variance = float(((chance - chance.mean()) ** 2).sum())
    explained = 1.0 - float(((chance - guess) ** 2).sum()) / variance if variance > 0.0 else 0.0
    return {"root": _node(fitted(slice(None)).tree_, 0, questions), "explained": explained}


def _columns(factors: Sequence[Factor], codes: Floats) -> tuple[Floats, list[dict[str, Any]]]:
    columns: list[Floats] = []
    questions: list[dict[str, Any]] = []
    for n, factor in enumerate(factors):
        for index, value in enumerate(factor.values):
            columns.append((codes[:, n] != index).astype(np.float64))
            questions.append({"factor": factor.name, "value": value})
        if not factor.values:
            columns.append(codes[:, n])
            questions.append({"factor": factor.name})
    return np.array(columns).T, questions


def _node(tree: Any, index: int, questions: Sequence[dict[str, Any]]) -> dict[str, Any]:  # noqa: ANN401
    node: dict[str, Any] = {"mean": float(tree.value[index].item()), "points": int(tree.n_node_samples[index])}
    if tree.children_left[index] < 0:
        return node
    question = questions[tree.feature[index]]
    threshold = {} if "value" in question else {"threshold": float(tree.threshold[index])}
    sides = {"yes": tree.children_left[index], "no": tree.children_right[index]}
    below = {side: _node(tree, int(at), questions) for side, at in sides.items()}
    return {**node, **question, **threshold, **below}

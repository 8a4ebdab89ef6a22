"""Settings that are checked before anything runs: `--set group.name=value`, `--score-sd`."""

import math
from collections.abc import Sequence

from app.console import BadInputError


def parameters_from(settings: Sequence[str]) -> dict[str, object]:
    """Return path → text of each setting; the scenario's reader checks paths and values.

    Raises
    ------
    BadInputError
        If a setting has no equals sign, or a path is set twice.
    """
    out: dict[str, object] = {}
    for setting in settings:
        path, sign, value = setting.partition("=")
        if not sign or not path.strip() or not value.strip():
            raise BadInputError("bad_setting", value=setting)
        if path.strip() in out:
            raise BadInputError("setting_twice", value=path.strip())
        out[path.strip()] = value.strip()
    return out


def check_score_sd(value: float | None) -> None:
    """Refuse a standard deviation of marks that is none.

    Raises
    ------
    BadInputError
        If one is given that is not above zero and finite.
    """
    if value is not None and not 0.0 < value < math.inf:
        raise BadInputError("bad_score_sd", value=value)

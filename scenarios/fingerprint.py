"""Identify the inputs of a study by everything that matters to its numbers, and by no display name."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

DISPLAY = ("name", "title")


def fingerprint(**inputs: object) -> str:
    """Return the SHA-256, in hexadecimal, of inputs as canonical JSON: sorted keys, exact numbers, no names."""
    text = json.dumps(canonical(inputs), sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: object) -> Any:  # noqa: ANN401 - a JSON document
    """Return `value` as JSON can hold it; infinities become words, records lose their display names."""
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    if is_dataclass(value):
        return {f.name: canonical(getattr(value, f.name)) for f in fields(value) if f.name not in DISPLAY}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return canonical(value._asdict())
    if isinstance(value, Mapping):
        return {str(key): canonical(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [canonical(item) for item in value]
    return value

"""What a parameter means, in the reader's language."""

import tomllib
from collections.abc import Mapping
from functools import cache

from figures.text import FOLDER


def meaning(name: str, declared: Mapping[str, str], language: str) -> str:
    """Return the meaning of a parameter; empty where nothing is known but its name.

    Parameters
    ----------
    name
        Its path.
    declared
        Path → English meaning, as saved with the results.
    language
        ``en`` or ``zh``.
    """
    english = declared.get(name, "")
    return _chinese().get(name, english) if language == "zh" else english


@cache
def _chinese() -> dict[str, str]:
    found = tomllib.loads((FOLDER / "meanings.zh.toml").read_text(encoding="utf-8"))
    return {str(name): str(words) for name, words in found.items()}

"""A scenario's text with numbers set, so that the file alone says everything."""

from __future__ import annotations

from collections.abc import Mapping

from model.parameters import declared


def with_settings(text: str, settings: Mapping[str, str]) -> str:
    """Return a scenario's text with parameters set, and fields of modes in the policies that it compares.

    Parameters
    ----------
    text
        A scenario file.
    settings
        Path → value, as after ``--set``.
    """
    for path, value in settings.items():
        table, _, name = path.rpartition(".")
        # A record of the file's own would be the control's as well.
        text = _set(text, f"parameters.{table}" if path in declared() else f"policies.set.{table}", name, value)
    return text


def _set(text: str, table: str, name: str, value: str) -> str:
    """Return the text with one value set in a table, which is added at the end if it is not there."""
    lines = text.rstrip("\n").split("\n")
    header, line = f"[{table}]", f"{name} = {value}"
    places = [number for number, one in enumerate(lines) if one.split("#")[0].strip() == header]
    if not places:
        return "\n".join([*lines, "", header, line, ""])
    start = places[0] + 1
    end = next((n for n in range(start, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
    kept = [one for one in lines[start:end] if one.split("=")[0].strip() != name]
    return "\n".join([*lines[:start], line, *kept, *lines[end:], ""])

"""Numbers that are not as declared, as words: what they mean, what was taken, and what they move."""

from figures import findings
from figures.records import Comparison
from figures.text import Text


def rows(comparison: Comparison, t: Text) -> list[dict[str, str]]:
    """Return the numbers that are not as declared, as words."""
    return [
        {"name": one.path, "meaning": _named(findings.meaning(one, t), one.path)}
        | {"declared": shown(one.declared), "used": shown(one.value), "unit": worded("unit", one.unit, t)}
        | {"moves": t(f"moves.short.{one.moves}") if one.moves else ""}
        for one in comparison.changed
    ]


def _named(words: str, path: str) -> str:
    return "" if words == path else words


def worded(fact: str, value: str, t: Text) -> str:
    """Return a unit or a kind in words, as it is where there are none."""
    return t.entries.get(f"{fact}.{value}", value).replace("{value}", "").strip()


def shown(value: object) -> str:
    """Return a value for people; a number that a record leaves to the parameters is a dash."""
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    if value is None:
        return "–"
    return f"{value:g}".replace("-", "−") if isinstance(value, float) else str(value)

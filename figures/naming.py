"""What schools and groups are called: by their own name, and a group without one by the school that leads it."""

from __future__ import annotations

import pandas as pd

from figures.results import Results
from figures.text import Text

LEADING = ("lead", "zone_head")


def of_group(own: str, lead: str, t: Text) -> str:
    """Return what to call a group: its own name, or “group of” and the name of its lead."""
    return own or t("naming.led_by", lead=lead)


def schools(results: Results, t: Text) -> dict[str, str]:
    """Return school → name in the reader's language, where that is saved, else in both."""
    table, own = results.schools, f"name_{t.language}"
    return dict(zip(table["id"], table[own] if own in table else table["name"], strict=True))


def groups(results: Results, t: Text) -> pd.DataFrame:
    """Return one row a group: `id`, `called`, `lead` (id of a school) and `mode` (words, empty where none is planned).

    Results saved before groups had a table of their own say by the roles of schools who leads.
    """
    called, saved = schools(results, t), results.tables["network/groups"]
    found = [(row["id"], row[f"name_{t.language}"], row["lead"], row[f"mode_{t.language}"]) for row in _rows(saved)]
    if not found:
        leads = results.schools[results.schools["role"].isin(LEADING) & (results.schools["group"] != "")]
        found = [(row["group"], row["group"], row["id"], "") for row in _rows(leads)]
    told = [(ident, of_group(own, called.get(lead, lead), t), lead, mode) for ident, own, lead, mode in found]
    return pd.DataFrame(told, columns=["id", "called", "lead", "mode"])


def _rows(table: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(name): str(value) for name, value in row.items()} for row in table.to_dict("records")]


def groups_called(results: Results, t: Text) -> dict[str, str]:
    """Return group → what to call it."""
    found = groups(results, t)
    return dict(zip(found["id"], found["called"], strict=True))

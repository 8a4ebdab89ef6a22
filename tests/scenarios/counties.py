"""Small made-up counties to group; nothing in them stands for a real school."""

from dataclasses import replace

from model.chance import key, stable_id, uniform
from scenarios.roster import Group, Roster, School

SETTINGS = ("urban", "urban", "township", "rural")
OWNERSHIPS = ("public", "public", "inclusive_private", "public", "private")


def school(number: int, seed: int = 0, **fields: object) -> School:
    """Return the school of a number; what `fields` do not say is drawn."""
    ident = f"s{number:03d}"
    x, y, standing, pupils = (
        float(uniform(key(seed, 0), stable_id(ident), 0, 12, what)) for what in ("xyqp".index(c) for c in "xyqp")
    )
    drawn = School(
        ident, {"en": f"School {number}", "zh": f"第{number}校"}, "c", "primary", SETTINGS[number % 4],
        OWNERSHIPS[number % 5], "none", "", "", round(20 * x, 2), round(15 * y, 2), 100 + int(900 * pupils), 20,
        round(4 * standing - 2, 3), 0.8,
    )  # fmt: skip
    return replace(drawn, **fields)  # type: ignore[arg-type]


def county(size: int, seed: int = 0, **fields: object) -> Roster:
    """Return a county of so many ungrouped schools."""
    return Roster(tuple(school(number, seed, **fields) for number in range(size)), (), {})


def in_groups(roster: Roster, groups: dict[str, tuple[str, ...]]) -> Roster:
    """Return a roster with groups: id → the lead and then the members."""
    own = {ident: group for group, schools in groups.items() for ident in schools}
    made = [Group(name, {"en": name, "zh": name}, "c", schools[0], "") for name, schools in groups.items()]
    return replace(
        roster,
        schools=tuple(replace(s, group=own.get(s.id, "")) for s in roster.schools),
        groups=tuple(made),
    )

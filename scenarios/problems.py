"""What can be wrong with a scenario, as codes. The language files of the figures room put each into words."""

import difflib
import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

LONGEST_SHOWN = 60
SUGGESTIONS = 3

CODES: dict[str, tuple[str, ...]] = {
    # the file itself
    "unreadable_scenario": (),
    "not_utf8": ("encoding",),
    "file_too_large": ("limit",),
    "broken_toml": (),
    "duplicate_key": (),
    "more_faults": (),
    # shape and type of a value
    "unknown_field": ("nearest",),
    "missing_field": (),
    "not_a_number": (),
    "not_whole": (),
    "not_finite": (),
    "not_text": (),
    "unprintable": (),
    "not_a_list": (),
    "not_a_table": (),
    "not_true_or_false": (),
    "not_a_value": (),
    "not_a_setting": (),
    "not_a_measure": (),
    "not_paths_or_all": (),
    "out_of_bounds": ("allowed",),
    "bad_length": ("allowed",),
    "unknown_choice": ("nearest", "allowed"),
    "default_outside_range": ("allowed",),
    "range_reversed": (),
    "no_ground": (),
    "values_or_range": (),
    "paths_or_settings": (),
    "one_a_value": (),
    "value_twice": (),
    # names
    "unknown_scenario": ("nearest",),
    "unknown_mode": ("nearest",),
    "unknown_rotation": ("nearest",),
    "unknown_support": ("nearest",),
    "unknown_school": ("nearest",),
    "unknown_group": ("nearest",),
    "unknown_zone": ("nearest",),
    "unknown_level": ("nearest",),
    "unknown_county": ("nearest",),
    "unknown_parameter": ("nearest",),
    "unknown_rival": ("nearest",),
    "unknown_claim": ("nearest",),
    "unknown_outcome": ("nearest",),
    "circular_basis": (),
    "reserved_name": (),
    # schools and groups
    "no_schools": (),
    "list_or_counts": (),
    "duplicate_id": (),
    "group_without_lead": (),
    "two_leads": ("schools",),
    "lead_not_in_group": ("group",),
    "school_in_two_groups": ("groups",),
    "role_differs": ("expected",),
    "zone_without_head": (),
    "zone_head_elsewhere": ("zone",),
    "cyclic_tiers": ("chain",),
    "hub_outside_group": ("group",),
    "settings_differ": ("members", "settings"),
    "ownership_differ": ("members", "ownership"),
    "shares_differ": (),
    "too_many_zones": ("groups",),
    "too_many_posts": ("limit",),
    # the roster of teachers
    "teachers_unreadable": (),
    "teachers_changed": (),
    "teachers_broken": ("row",),
    "teachers_of_counts": (),
    "too_many_teachers": ("posts",),
    # policies
    "weights_all_zero": (),
    "nothing_planned": (),
    "span_exceeded": ("allowed", "mode"),
    # groups that are asked for
    "grouping.bad_size": (),
    "grouping.unknown_weight": ("nearest",),
    "grouping.bad_weight": ("limit",),
    "grouping.unknown_lead_rule": ("allowed",),
    "grouping.two_lead_rules": (),
    "grouping.bad_distance": (),
    "grouping.no_such_level": ("allowed",),
    "grouping.bad_fix": (),
    "grouping.bad_fix_header": (),
    "grouping.unreadable_fix": (),
    "grouping.unknown_fixed_school": ("nearest",),
    "grouping.name_of_several": ("schools",),
    "grouping.fixed_twice": ("groups",),
    "grouping.two_fixed_leads": ("schools",),
    "grouping.fixed_apart": ("lead",),
    "grouping.nobody_leads_fixed": (),
    "grouping.fixed_too_many": ("count", "most"),
    "grouping.too_many_fixed": ("county", "level", "schools", "least", "most"),
    "grouping.fixed_too_far": ("lead", "km", "limit"),
    "grouping.fixed_to_weak": ("lead",),
    "grouping.too_large": ("county", "level", "limit"),
    "grouping.too_few_schools": ("county", "level", "least"),
    "grouping.sizes_do_not_fit": ("county", "level", "schools", "helps"),
    "grouping.too_few_leads": ("county", "level", "schools", "needed", "most", "helps"),
    "grouping.no_room": ("county", "level", "count", "helps"),
}  # fmt: skip
"""Code → what its sentence mentions beside `where` and `value`."""

WARNINGS = frozenset({"span_exceeded"})
"""Codes of what a document only advises: said, never refused."""


@dataclass(frozen=True)
class Where:
    """Place of a problem: file or option, if any, table, field, and line and column from 1 where they are known."""

    file: str
    table: str = ""
    field: str = ""
    line: int | None = None
    column: int | None = None

    @property
    def name(self) -> str:
        """Table and field, such as ``world.schools[2].pupils``."""
        return ".".join(part for part in (self.table, self.field) if part)

    def __str__(self) -> str:
        """Return the place as compilers write it: ``file:12:3: world.schools[2].pupils``."""
        place = ":".join(str(part) for part in (self.file or None, self.line, self.column) if part is not None)
        return ": ".join(part for part in (place, self.name) if part)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: what kind, where, the value found, and what would be right.

    Parameters
    ----------
    code
        Key of `CODES`; `problem.CODE` in the language files.
    where
        Place in the file.
    value
        What was found there, shortened.
    remedy
        What would be right, by the placeholder names that `CODES` lists.
    """

    code: str
    where: Where
    value: str = ""
    remedy: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if set(self.remedy) != set(CODES[self.code]):
            raise KeyError(f"{self.code} needs {CODES[self.code]}, not {tuple(self.remedy)}")

    @property
    def values(self) -> dict[str, str]:
        """Everything the sentence mentions, by placeholder name."""
        return {"where": str(self.where), "value": self.value, **self.remedy}

    @property
    def is_warning(self) -> bool:
        """Whether this is said and not refused."""
        return self.code in WARNINGS

    def __str__(self) -> str:
        """Return the problem in no language: place, code, value and remedy."""
        remedy = "".join(f" {name}={words}" for name, words in self.remedy.items())
        return f"{self.where}: {self.code}: {self.value}{remedy}"


class ScenarioError(Exception):
    """A scenario cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        """Return one line a problem."""
        return "\n".join(str(problem) for problem in self.problems)


def shown(value: object) -> str:
    """Return a value found in a file, short enough to print."""
    if isinstance(value, Mapping):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    text = str(value).lower() if isinstance(value, bool) else _written(value)
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return printable if len(printable) <= LONGEST_SHOWN else f"{printable[: LONGEST_SHOWN - 1]}…"


def _written(value: object) -> str:
    """Return `str(value)`, or the size of a whole number too long for Python to print."""
    if isinstance(value, int) and value.bit_length() > 4 * LONGEST_SHOWN:
        return f"{'−' if value < 0 else ''}2^{value.bit_length() - 1}…"
    return str(value)


def nearest(word: object, names: Iterable[str]) -> str:
    """Return the names most like `word`, the likest first, as a list to read; “–” where there is none."""
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(str(word)[:LONGEST_SHOWN].casefold())

    def unlikeness(name: str) -> tuple[float, str]:
        matcher.set_seq1(name[:LONGEST_SHOWN].casefold())
        return -matcher.ratio(), name

    return ", ".join(heapq.nsmallest(SUGGESTIONS, names, key=unlikeness)) or "–"

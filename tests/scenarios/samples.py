"""Small scenarios as text, to change one thing in."""

from scenarios.problems import Problem, ScenarioError
from scenarios.reader import Scenario, loads

HEAD = """
title = "Two groups"
synthetic = true
"""

SCHOOLS = """
[world]
county = "c"

[[world.schools]]
id = "a"
level = "primary"
setting = "urban"
group = "g1"
x = 0.0
y = 0.0
pupils = 800
posts = 50
standing = 1.2

[[world.schools]]
id = "b"
level = "primary"
setting = "rural"
group = "g1"
x = 3.0
y = 4.0
pupils = 200
posts = 14
standing = -0.7
paired_with = ["a"]

[[world.schools]]
id = "c"
level = "primary"
setting = "township"
group = "g2"
x = 9.0
y = 1.0
pupils = 500
posts = 30

[[world.groups]]
id = "g1"
lead = "a"
zone = "z"
mode = "fusion"

[[world.groups]]
id = "g2"
lead = "c"
zone = "z"

[[world.zones]]
id = "z"
head = "a"
"""

COUNTS = """
[world]
county = "c"
towns = 4

[[world.levels]]
level = "primary"
zones = 1
groups = [{ count = 2, members = 1, mode = "fusion" }, { count = 1, members = 2 }]
settings = { urban = 1, township = 2, rural = 1 }
staff = 12.0
pupils_per_teacher = 16.0
"""

POLICIES = """
[policies]
modes = ["fusion", "as_planned"]
rotations = ["none", "national_rule"]
"""

LISTED = HEAD + SCHOOLS + POLICIES
COUNTED = HEAD + COUNTS + POLICIES


def changed(text: str, old: str, new: str) -> str:
    """Return `text` with the first `old`, which must be there, replaced."""
    assert old in text
    return text.replace(old, new, 1)


def problems(text: str, **overrides: object) -> tuple[Problem, ...]:
    """Return what is wrong with a scenario."""
    try:
        loads("county.toml", text, overrides)
    except ScenarioError as error:
        return error.problems
    return ()


def scenario(text: str = LISTED) -> Scenario:
    """Return the scenario that a text describes."""
    return loads("county", text)

import tomllib
from pathlib import Path as FilePath

import pytest

from scenarios.catalogue import ROOM
from scenarios.positions import Path, line_of, lines_of

TEXT = '''# a comment = 1
title = "a # b"  # c
"quoted key" = 1
'it''s' = 2
a . b = [1, # one
  2, [3,
  4]]

[table]
text = """
not = "a key"
[nor] a table \\"""
"""
literal = \'\'\'x = [
\'\'\'
inline = { x = 1, y = { z = [ { w = 2 } ] } }

[[list]]
id = 1
[list.sub]
u = 1979-05-27T07:32:00Z
[[list]]
id = 2
[[list.inner]]
v = -1e3
[[list.inner]]
v = true
'''.replace("'it''s'", "'it s'")


def test_every_key_has_its_line() -> None:
    lines = lines_of(TEXT)
    expected: dict[Path, int] = {
        ("title",): 2,
        ("quoted key",): 3,
        ("it s",): 4,
        ("a", "b"): 5,
        ("a", "b", 0): 5,
        ("a", "b", 1): 6,
        ("a", "b", 2): 6,
        ("a", "b", 2, 1): 7,
        ("table",): 9,
        ("table", "text"): 10,
        ("table", "literal"): 14,
        ("table", "inline", "y", "z", 0, "w"): 16,
        ("list",): 18,
        ("list", 0, "id"): 19,
        ("list", 0, "sub", "u"): 21,
        ("list", 1): 22,
        ("list", 1, "inner", 0, "v"): 25,
        ("list", 1, "inner", 1, "v"): 27,
    }
    assert {path: lines[path] for path in expected} == expected


def paths(value: object, here: Path = ()) -> set[Path]:
    """Return the paths of everything in a document."""
    found = {here} if here else set()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        found |= paths(inner, (*here, name))
    return found


@pytest.mark.parametrize("path", sorted(ROOM.rglob("*.toml")), ids=lambda path: path.stem)
def test_what_is_found_is_what_the_file_holds(path: FilePath) -> None:
    text = path.read_text("utf-8")
    assert set(lines_of(text)) == paths(tomllib.loads(text))


def test_the_sample_holds_what_is_found() -> None:
    assert set(lines_of(TEXT)) == paths(tomllib.loads(TEXT))


def test_windows_line_ends_do_not_count_twice() -> None:
    assert lines_of("a = 1\r\nb = 2\r\n") == {("a",): 1, ("b",): 2}


def test_escapes_in_keys_are_read() -> None:
    assert set(lines_of('"a\\tb\\u00e9" = 1')) == {("a\tbé",)}


def test_something_absent_is_looked_for_around_it() -> None:
    lines = lines_of("[a]\nb = 1\n")
    assert (line_of(lines, ("a", "c")), line_of(lines, ("a", "b", 3)), line_of(lines, ("x",))) == (1, 2, None)

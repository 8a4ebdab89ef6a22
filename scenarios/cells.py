"""Text that a spreadsheet program would take for a formula: marked in tables, plain once they are read."""

import re

FORMULA = ("=", "+", "-", "@", "\t", "\r")
MARKED = re.compile(r"^'(?=[=+\-@\t\r])")


def marked(value: object) -> object:
    """Return a cell's value, with a mark before text that a spreadsheet program would take for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def plain(value: object) -> object:
    """Return a cell's value without the mark that `marked` puts before it."""
    return MARKED.sub("", value) if isinstance(value, str) else value

"""Find the line of every key of a valid TOML text, which `tomllib` does not tell."""

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]

BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
DOT = re.compile(r"[ \t]*\.[ \t]*")
BARE_VALUE = re.compile(r"[^,\]}\r\n#]*")
STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"""(?:"{0,2}(?!"))', re.S),
    re.compile(r"'''.*?'''(?:'{0,2}(?!'))", re.S),
    re.compile(r'"(?:\\.|[^"\\])*"'),
    re.compile(r"'[^']*'"),
)


def lines_of(text: str) -> Mapping[Path, int]:
    """Return path → line (from 1) of every table, key and list item of `text`, which must be valid TOML.

    Items of lists are numbered from 0, as in the loaded document.
    """
    return _Scanner(text).lines


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """Return the line of `path`, or of the nearest table around it; None for the whole file."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


class _Scanner:
    """One pass over the text; only where things stand is noted, no value is read."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}
        self._line, self._counted = 1, 0
        self._document()

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """Pass what matches here, and return it."""
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()

    def _peek(self, token: str) -> bool:
        return self.text.startswith(token, self.at)

    def _note(self, path: Path) -> None:
        """Note the present line for `path` and for the tables around it that had no line of their own."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        for length in range(len(path), 0, -1):
            if self.lines.setdefault(path[:length], self._line) != self._line:
                break

    def _string(self) -> str:
        return next((found for pattern in STRINGS if (found := self._skip(pattern))), "")

    def _key(self) -> Path:
        """Read a dotted key."""
        parts: list[str | int] = []
        while True:
            quoted = self._string()
            parts.append(_unquoted(quoted) if quoted else self._skip(BARE_KEY))
            if not self._skip(DOT):
                return tuple(parts)

    def _document(self) -> None:
        table: Path = ()
        self._skip(BLANK)
        while self.at < len(self.text):
            if self._peek("["):
                table = self._header()
            else:
                self._pair(table)
            self._skip(BLANK)

    def _header(self) -> Path:
        """Read `[a.b]` or `[[a.b]]` and return the path of what follows."""
        many = self._peek("[[")
        self.at += 2 if many else 1
        self._skip(BLANK)
        keys = self._key()
        path: Path = ()
        for key in keys[:-1]:
            path = self._entered((*path, key))
        path = (*path, keys[-1])
        if many:
            self.counts[path] = self.counts.get(path, -1) + 1
        path = self._entered(path)
        self._note(path)
        self._skip(BLANK)
        self.at += 2 if many else 1
        return path

    def _entered(self, path: Path) -> Path:
        """Go into the latest item where `path` is a list of tables."""
        return (*path, self.counts[path]) if path in self.counts else path

    def _pair(self, table: Path) -> None:
        """Read `key = value`."""
        path = (*table, *self._key())
        self._note(path)
        self._skip(BLANK)
        self.at += 1
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip(BLANK)
        if self._peek("["):
            self._items(path, "]")
        elif self._peek("{"):
            self._items(path, "}")
        elif not self._string():
            self._skip(BARE_VALUE)

    def _items(self, path: Path, end: str) -> None:
        """Read what stands between brackets or braces."""
        self.at += 1
        self._skip(BLANK)
        number = 0
        while self.at < len(self.text) and not self._peek(end):
            if end == "}":
                self._pair(path)
            else:
                self._note((*path, number))
                self._value((*path, number))
                number += 1
            self._skip(BLANK)
            if self._peek(","):
                self.at += 1
                self._skip(BLANK)
        self.at += 1


def _unquoted(text: str) -> str:
    """Return a quoted key without its quotes, its escapes read."""
    if text.startswith("'"):
        return text[1:-1]
    return re.sub(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", _unescaped, text[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] in "uU":
        return chr(int(code[1:], 16))
    return {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}.get(code, code)

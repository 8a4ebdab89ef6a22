"""Every word a reader sees, in Chinese and English, looked up by key and never missing in silence."""

import string
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")
FOLDER = Path(__file__).parent / "language"


class MissingTextError(LookupError):
    """A key, a placeholder's value or a whole language does not exist."""


class Text:
    """The words of one language.

    Parameters
    ----------
    language
        ``en`` or ``zh``.
    entries
        Templates by dotted key; placeholders in braces.
    """

    def __init__(self, language: str, entries: Mapping[str, str]) -> None:
        self.language = language
        self.entries = entries

    def __call__(self, key: str, **values: object) -> str:
        """Return the words under `key` with its placeholders filled from `values`.

        Raises
        ------
        MissingTextError
            If the key is unknown or a placeholder has no value.
        """
        if key not in self.entries:
            raise MissingTextError(f"no text {key!r} in language {self.language!r}")
        template = self.entries[key]
        absent = placeholders(template) - values.keys()
        if absent:
            raise MissingTextError(f"text {key!r} needs {', '.join(sorted(absent))}")
        return template.format(**values)

    def joined(self, parts: list[str]) -> str:
        """Return alternatives as a phrase: “a, b or c”, “a、b或c”."""
        *first, last = parts
        return self("phrase.or", first=self("phrase.comma").join(first), last=last) if first else last


@cache
def text(language: str) -> Text:
    """Return the words of `language`.

    Raises
    ------
    MissingTextError
        If there is no such language.
    """
    if language not in LANGUAGES:
        raise MissingTextError(f"no language {language!r}: choose from {', '.join(LANGUAGES)}")
    tables = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return Text(language, dict(_flat(tables)))


def placeholders(template: str) -> set[str]:
    """Return the names in braces in `template`."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)

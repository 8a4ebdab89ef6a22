"""The type of a field that is written in words: ``Word[str, Role]`` is the `Literal` of the words of `Role`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from model.codes import Code

__all__ = ["Word"]

if TYPE_CHECKING:  # a type checker cannot compute the words, and sees text
    from typing import Annotated as Word
else:

    class Word:
        """The words of a list of codes, or of some codes of it, as a type."""

        def __class_getitem__(cls, parts: tuple[type[str], Iterable[Code]]) -> object:
            """Return the `Literal` of the words."""
            return Literal[tuple(code.word for code in parts[1])]

"""What can be wrong with the input of this room, as a code that the language files put into words."""

from figures.text import text


class FigureError(Exception):
    """A figure, table or report cannot be made from what was given.

    Parameters
    ----------
    code
        Key below ``problem`` in the language files.
    **values
        What the sentence mentions, by placeholder name.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def message(self, language: str) -> str:
        """Return the problem and its remedy as one sentence in `language` (``en`` or ``zh``)."""
        return text(language)(f"problem.{self.code}", **self.values)

    def __str__(self) -> str:
        """Return the English message."""
        return self.message("en")


class ResultsError(FigureError):
    """The results directory is incomplete or does not hold what it should."""


class FontError(FigureError):
    """A font cannot be found, or no font at hand has a character that is to be drawn."""

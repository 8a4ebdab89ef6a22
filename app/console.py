"""What every command shares: language, one clear message for an error, answers as text or JSON, progress."""

import contextlib
import json
import locale
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import typer

BAD_INPUT, INTERRUPTED = 2, 130
LONGEST_MESSAGE = 200


class Language(StrEnum):
    """Languages that a reader can choose."""

    ZH = "zh"
    EN = "en"


def system_language() -> Language:
    """Return Chinese on a Chinese system, English on any other."""
    name = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if not name:
        with contextlib.suppress(ValueError):
            name = locale.getlocale()[0] or ""
    return Language.ZH if name.lower().startswith(("zh", "chinese")) else Language.EN


class BadInputError(Exception):
    """Bad input found by the command line itself: a code and what its sentence mentions."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@contextlib.contextmanager
def guarded(language: Language) -> Iterator[None]:
    """Turn an expected error into one message and exit code 2; Ctrl-C into 130."""
    utf8_output()
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(_text(language)("cli.interrupted"), err=True)
        raise typer.Exit(INTERRUPTED) from None
    except Exception as error:
        message = told(error, language)
        if message is None:
            raise
        typer.echo(message, err=True)
        raise typer.Exit(BAD_INPUT) from None


def utf8_output() -> None:
    """Let Chinese out on consoles with another encoding (Windows)."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            with contextlib.suppress(ValueError, OSError):
                reconfigure(encoding="utf-8", errors="replace")


def _text(language: Language) -> Any:  # noqa: ANN401
    from figures.text import text

    return text(language.value)


def brief(error: BaseException) -> str:
    """Return an error that has no words of its own: its kind and its message, cut short."""
    return f"{type(error).__name__}: {str(error)[:LONGEST_MESSAGE]}"


def told(error: BaseException, language: Language) -> str | None:
    """Return the message of an expected error in the reader's language; None for any other."""
    from experiments.errors import ExperimentError, PointError
    from figures.problems import FigureError
    from scenarios.problems import ScenarioError
    from scenarios.rosters.problems import RosterError

    if isinstance(error, RosterError):
        from app.roster_wording import refusal

        return refusal(error, language.value)
    if isinstance(error, ScenarioError | PointError):
        from app.wording import scenario_problems

        if isinstance(error, PointError):
            fault = scenario_problems(error.fault, language.value)
            return str(_text(language)(f"experiment.problem.{error.code}", fault=fault, **error.values))
        return scenario_problems(error, language.value)
    if isinstance(error, FigureError):
        return error.message(language.value)
    if isinstance(error, BadInputError):
        return str(_text(language)(f"cli.problem.{error.code}", **error.values))
    if isinstance(error, ExperimentError):
        return in_words(error.code, error.where, error.remedy, error.values, _text(language))
    if isinstance(error, OSError) and error.filename is not None:
        return str(_text(language)("cli.problem.file_refused", path=error.filename, reason=error.strerror or "–"))
    return None


def in_words(code: str, where: str, remedy: str, values: Mapping[str, object], t: Any) -> str:  # noqa: ANN401 - words
    """Return a refusal of the experiments in the reader's language; in English where it has no words for the code."""
    key = f"experiment.problem.{code}"
    return str(t(key, where=where, **values)) if key in t.entries else f"{where}: {remedy} [{code}]"


def answer(
    document: Any,  # noqa: ANN401
    as_json: bool,
    columns: Sequence[str] = (),
    text: str | None = None,
) -> None:
    """Print a document: as JSON, as the text given, as a table of rows, or as lines of key and value."""
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
    elif text is not None:
        typer.echo(text)
    elif isinstance(document, list):
        table(document, columns)
    else:
        for key, value in document.items():
            typer.echo(f"{key}: {_short(value)}")


def _short(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        return "".join(f"\n  {key}: {_short(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "[" + ", ".join(f"{v:.4f}" if isinstance(v, float) else _short(v) for v in value) + "]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Print rows as an aligned table that fits the terminal."""
    from app import terminal

    cells = [["" if row.get(name) is None else str(row[name]) for name in columns] for row in rows]
    typer.echo(terminal.table([terminal.Column(name) for name in columns], cells))

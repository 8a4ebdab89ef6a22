"""The command line's program, and the options that commands share."""

from pathlib import Path
from typing import Annotated

import typer

from app.console import Language, system_language
from app.where import Executor

app = typer.Typer(
    name="yangfeng",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="Simulate what happens to strong and weak schools when schools are put into groups (扬峰).",
    pretty_exceptions_enable=False,
)

LOOPBACK = "127.0.0.1"
SYSTEM_LANGUAGE = system_language()
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")]
Lang = Annotated[
    Language, typer.Option("--lang", "--language", help="Language of messages and tables (the system's by default).")
]
Settings = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Set a parameter, or a field of the policies compared (of the control: control.PATH); may be given again.",
    ),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Results directory (default: under results/).")]
Rival = Annotated[str | None, typer.Option(help="Run under a rival structure (list rivals).")]
ScoreSd = Annotated[
    float | None, typer.Option("--score-sd", help="SD of your marks, such as 15: effects are told in marks too.")
]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Worker processes (default: one a core).")]

Place = Annotated[Executor, typer.Option("--executor", help="Where runs go; results are the same from all.")]
Scheduler = Annotated[
    str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster: tls://HOST:PORT, or its file.")
]
Plain = Annotated[bool, typer.Option("--plain", help="Allow a scheduler elsewhere without TLS.")]

"""The one style of all figures, and the one way to save them."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import matplotlib.style
import pandas as pd
from matplotlib.figure import Figure

from figures import fonts
from figures.cells import marked

SHEET = Path(__file__).parent / "yangfeng.mplstyle"
SINGLE = 89 / 25.4
"""Width of one journal column, inches."""
MIDDLE = 120 / 25.4
"""Width of a column and a half, inches."""
DOUBLE = 183 / 25.4
"""Width of two journal columns, inches."""

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
"""Colours told apart by readers with any colour vision: Okabe & Ito (2008), Color Universal Design."""
INK, SOFT, FAINT = "#202020", "#6E6E6E", "#C8C8C8"
SERIES = {"peak": VERMILLION, "valley": BLUE, "mean": BLACK}
VERDICTS = {
    "lift": GREEN,
    "fill": SKY,
    "peak_shaving": ORANGE,
    "dilution": VERMILLION,
    "widening": PURPLE,
    "inert": FAINT,
    "undecided": YELLOW,
}
CYCLE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
UNDATED: dict[str, dict[str, str | None]] = {
    "pdf": {"CreationDate": None},
    "svg": {"Date": None},
    "png": {"Software": None},
}
ENDINGS = (*UNDATED, "csv", "md")
"""Files of one figure: pictures, data, caption."""


@contextmanager
def applied() -> Iterator[None]:
    """Draw in the project's style, whatever the user's own Matplotlib settings; also a decorator."""
    with mpl.style.context(["default", str(SHEET)]), mpl.rc_context({"font.family": fonts.families()}):
        yield


def save(figure: Figure, directory: str | Path, name: str, data: pd.DataFrame, caption: str) -> list[Path]:
    """Write a figure in three formats with its data and caption beside it, the same bytes every time.

    Parameters
    ----------
    figure
        What ``draw`` returned.
    directory
        Folder, made when absent.
    name
        File name without its ending.
    data
        The numbers drawn; units stand in the column names or the caption.
    caption
        Markdown, with scenario, seed and version.

    Returns
    -------
    list of Path
        ``NAME.pdf``, ``.svg``, ``.png`` (300 dpi), ``.csv``, ``.md``.

    Raises
    ------
    FontError
        If no font has a character of the figure.
    """
    folder = Path(directory)
    pictures = {ending: picture(figure, ending) for ending in UNDATED}
    folder.mkdir(parents=True, exist_ok=True)
    files = pictures | {"csv": spreadsheet(data).encode(), "md": f"{caption.strip()}\n".encode()}
    paths = [folder / f"{name}.{ending}" for ending in files]
    for path, content in zip(paths, files.values(), strict=True):
        path.write_bytes(content)
    return paths


@applied()
def picture(figure: Figure, ending: str) -> bytes:
    """Return `figure` as the bytes of a ``pdf``, ``svg`` or ``png`` file without date."""
    buffer = io.BytesIO()
    with fonts.complete():
        figure.savefig(buffer, format=ending, metadata=UNDATED[ending])
    return buffer.getvalue()


def spreadsheet(data: pd.DataFrame) -> str:
    """Return `data` as CSV in which no text can be taken for a formula."""
    words = data.select_dtypes(exclude="number").columns
    harmless = data.assign(**{column: data[column].map(marked) for column in words})
    return str(harmless.to_csv(index=False, lineterminator="\n"))

"""Which fonts draw the text, so that Chinese appears everywhere and the same bytes come out everywhere.

Each character is taken from the first font that has it: the user's own (``YANGFENG_FONT``, a file or an installed
family), then the bundled subset of Noto Sans CJK SC, then a Chinese font of the system, then Matplotlib's DejaVu Sans.
The bundled one goes before the system's because figures then have the same bytes on every machine; the system's
supplies rare characters, such as those of a village's name, that the subset leaves out.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager, ft2font

from figures.problems import FontError

SETTING = "YANGFENG_FONT"
BUNDLED = Path(__file__).parent / "fonts" / "YangfengSansSC-Regular.ttf"
SYSTEM = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Arial Unicode MS",
)
LAST = "DejaVu Sans"


def families() -> list[str]:
    """Return font families in the order in which they are asked for a character.

    Raises
    ------
    FontError
        If the font the user set is neither a readable font file nor an installed family.
    """
    chosen = os.environ.get(SETTING, "").strip()
    first = [_chosen(chosen)] if chosen else []
    installed = set(font_manager.get_font_names())
    return list(dict.fromkeys([*first, _register(BUNDLED), *(name for name in SYSTEM if name in installed), LAST]))


def folders() -> list[str]:
    """Return where font files are looked for beside those of the system."""
    chosen = Path(os.environ.get(SETTING, "").strip())
    own = [str(chosen.parent)] if chosen.is_file() else []
    return [*own, str(BUNDLED.parent), str(Path(mpl.get_data_path()) / "fonts" / "ttf")]


@contextmanager
def complete() -> Iterator[None]:
    """Turn a character that no font can draw into an error while drawing.

    Raises
    ------
    FontError
        If a glyph is missing.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing from")
        try:
            yield
        except UserWarning as warning:
            raise FontError("missing_glyph", glyph=warning, setting=SETTING) from warning


def _chosen(setting: str) -> str:
    if Path(setting).is_file():
        try:
            return _register(Path(setting))
        except RuntimeError as error:
            raise FontError("unknown_font", font=setting, setting=SETTING) from error
    if setting not in font_manager.get_font_names():
        raise FontError("unknown_font", font=setting, setting=SETTING)
    return setting


@cache
def _register(path: Path) -> str:
    font_manager.fontManager.addfont(str(path))
    return str(ft2font.FT2Font(str(path)).family_name)

"""The report on paper: the HTML report set on A4 as an accessible PDF file, offline, by Typst."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Literal

import typst
from matplotlib import font_manager, ft2font

from figures import fonts
from figures.report import TEMPLATES
from figures.text import Text

STANDARD: Literal["ua-1"] = "ua-1"
"""PDF/UA-1 (ISO 14289-1): read aloud in order, with headings, table headers and words for pictures."""
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""


def printed(page: str, t: Text, pictures: Path, suffix: str) -> bytes:
    """Return the report as PDF, the same bytes every time.

    Parameters
    ----------
    page
        What `figures.report.render` returned; its pictures are not read.
    t
        The words of its language.
    pictures
        Folder of the figures, ``NAME{suffix}.svg``.
    suffix
        What the names of figures in this language end with.

    Raises
    ------
    FontError
        If the font the user set cannot be found.
    """
    legal = ILLEGAL.sub("", page)
    told = {"report": legal, "fonts": json.dumps(fonts.families()), "suffix": suffix, "lacking": _lacking(legal, t)}
    setting = (TEMPLATES / "report.typ").read_bytes()
    found = typst.Fonts(font_paths=fonts.folders())
    compiler = typst.Compiler(setting, root=str(pictures), font_paths=found, sys_inputs=told)
    made = compiler.compile(format="pdf", pdf_standards=STANDARD)
    assert isinstance(made, bytes)  # one file, not a list of pages
    return made


def _lacking(page: str, t: Text) -> str:
    """Return a remark on the characters that no font has; nothing where there is none."""
    lacking = sorted({ord(sign) for sign in page if sign.isprintable()} - _drawn(tuple(fonts.families())))
    codes = t("phrase.comma").join(f"U+{code:04X}" for code in lacking)
    return t("printing.lacking", codes=codes, setting=fonts.SETTING) if lacking else ""


@cache
def _drawn(families: tuple[str, ...]) -> frozenset[int]:
    """Return the characters that at least one font family has."""
    return frozenset(
        code for family in families for code in ft2font.FT2Font(font_manager.findfont(family)).get_charmap()
    )

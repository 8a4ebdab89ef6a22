"""The report on paper says what the HTML report says, whatever the names are, and can be read aloud."""

import html
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pypdf import PdfReader

from figures import fonts, printing
from figures.build import build_all
from figures.text import text

Write = Callable[..., Path]
NAMES = {"en": "report", "zh": "report.zh"}
A4 = (595.28, 841.89)
PAGE = """<html lang="en"><head><title>A title</title></head>
<body><main><p>{}</p><section class="evidence"></section></main></body></html>"""


def _words(page: str) -> list[str]:
    """Return what an HTML report says, word by word."""
    body = page[page.index("<main>") :]
    return [html.unescape(word) for word in re.sub("<[^>]+>", " ", body).split()]


def _said(pdf: PdfReader) -> str:
    """Return what a PDF report says without spaces, quotation marks all alike."""
    return _alike("".join("".join(page.extract_text() for page in pdf.pages).split()))


def _alike(words: str) -> str:
    return re.sub("[“”]", '"', words)


def _printed(folder: Path, language: str) -> PdfReader:
    build_all(folder, [language])
    return PdfReader(folder / f"{NAMES[language]}.pdf")


@pytest.mark.parametrize("language", NAMES)
def test_every_word_of_the_report_is_on_paper(detailed: Path, language: str) -> None:
    page = (detailed / f"{NAMES[language]}.html").read_text(encoding="utf-8")
    said = _said(PdfReader(detailed / f"{NAMES[language]}.pdf"))
    assert len(_words(page)) > 1000
    assert [word for word in _words(page) if _alike(word) not in said] == []


@pytest.mark.parametrize("language", NAMES)
def test_the_head_of_a_bureau_reads_one_page(detailed: Path, language: str) -> None:
    pdf = PdfReader(detailed / f"{NAMES[language]}.pdf")
    first, second = (_alike("".join(pdf.pages[number].extract_text().split())) for number in (0, 1))
    page = (detailed / f"{NAMES[language]}.html").read_text(encoding="utf-8")
    on_first, _ = page.split('<section class="evidence">')
    assert [word for word in _words(on_first) if _alike(word) not in first] == []
    assert second.startswith("".join(text(language)("report.evidence").split()))


@pytest.mark.parametrize("language", NAMES)
def test_it_can_be_read_aloud_and_printed_anywhere(built: Path, language: str) -> None:
    pdf = PdfReader(built / f"{NAMES[language]}.pdf")
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith(language)
    assert pdf.metadata is not None
    assert text(language)("report.title") in str(pdf.metadata.title)
    assert sum(len(part) if isinstance(part, list) else 1 for part in pdf.outline) > 5
    for page in pdf.pages:
        assert page.mediabox[2:] == pytest.approx(A4, abs=0.1)
        for font in page["/Resources"].get("/Font", {}).values():
            (drawn,) = font.get_object().get("/DescendantFonts", [font])
            assert {"/FontFile2", "/FontFile3"} & drawn.get_object()["/FontDescriptor"].keys()


def test_names_are_words_and_nothing_else(write: Write, comparison: dict[str, Any], schools: pd.DataFrame) -> None:
    names = ['#panic("x")', "$x^2$ *a* _b_", "<script>1</script>", "@none", "= \\ //", "a\x0bb"]
    for row, name in enumerate(names):
        schools.loc[row, "name"] = name
        schools.loc[row, "role"] = "lead"
    schools.loc[: len(names), "pupils"] = 9_999
    comparison["title"]["en"] = "#import sys"
    said = _said(_printed(write(comparison, schools), "en"))
    for name in ("#importsys", '#panic("x")', "$x^2$*a*_b_", "<script>1</script>", "@none", "=\\//", "ab"):
        assert name in said


def test_a_character_that_no_font_has_is_told(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "SYSTEM", ())
    t, folder = text("zh"), built / "figures"
    remark = "U+2A6D6"
    for words, is_told in (("村小\U0002a6d6", True), ("村小", False)):
        made = PdfReader(io.BytesIO(printing.printed(PAGE.format(words), t, folder, ".zh")))
        assert (remark in _said(made)) is is_told


def test_the_users_own_font_comes_first(built: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "own.ttf"
    own.write_bytes((Path(fonts.folders()[-1]) / "DejaVuSerif.ttf").read_bytes())
    monkeypatch.setenv(fonts.SETTING, str(own))
    made = PdfReader(io.BytesIO(printing.printed(PAGE.format("Some words"), text("en"), built / "figures", "")))
    (font,) = made.pages[0]["/Resources"]["/Font"].values()
    assert "DejaVuSerif" in font["/BaseFont"]

import struct
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.figure import Figure

from figures import style


def _figure() -> Figure:
    with style.applied():
        figure = Figure(figsize=(style.SINGLE, 2), layout="constrained")
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, -1], label="薄弱学校")
        axes.legend()
    return figure


def _dots_per_metre(png: bytes) -> int:
    start = png.index(b"pHYs") + 4
    return int(struct.unpack(">I", png[start : start + 4])[0])


def test_a_figure_is_saved_in_three_formats_with_data_and_caption(tmp_path: Path) -> None:
    paths = style.save(_figure(), tmp_path / "new", "line", pd.DataFrame({"x": [0.1], "name": ["东山"]}), "Caption.")
    assert [path.name for path in paths] == ["line.pdf", "line.svg", "line.png", "line.csv", "line.md"]
    assert paths[3].read_text(encoding="utf-8") == "x,name\n0.1,东山\n"
    assert paths[4].read_text(encoding="utf-8") == "Caption.\n"


@pytest.mark.parametrize("ending", ["pdf", "svg", "png"])
def test_a_picture_has_the_same_bytes_every_time_and_no_date(ending: str) -> None:
    first = style.picture(_figure(), ending)
    assert first == style.picture(_figure(), ending)
    assert b"CreationDate" not in first
    assert b"<dc:date>" not in first


def test_fonts_are_embedded_in_the_pdf_as_truetype() -> None:
    pdf = style.picture(_figure(), "pdf")
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf


def test_the_png_has_300_dots_per_inch() -> None:
    assert _dots_per_metre(style.picture(_figure(), "png")) == round(300 / 0.0254)


def test_the_users_matplotlib_settings_do_not_matter() -> None:
    plain = style.picture(_figure(), "svg")
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 30, "svg.fonttype": "none"}):
        assert style.picture(_figure(), "svg") == plain


def test_the_style_leaves_the_users_settings_alone() -> None:
    before = dict(mpl.rcParams)
    style.picture(_figure(), "svg")
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-x", "@name", "\tx"])
def test_text_in_a_spreadsheet_is_never_a_formula(cell: str) -> None:
    written = style.spreadsheet(pd.DataFrame({"name": [cell, "-"], "value": [-1.5, 2.0]}))
    assert written.splitlines()[1] == f"'{cell},-1.5"


def test_policies_and_verdicts_have_colours_of_their_own() -> None:
    assert len(set(style.VERDICTS.values())) == 7
    assert len(set(style.CYCLE)) == len(style.CYCLE)

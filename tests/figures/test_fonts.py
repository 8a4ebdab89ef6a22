from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from figures import fonts, style
from figures.problems import FontError
from figures.text import FOLDER as LANGUAGE

ROOT = Path(fonts.__file__).parent.parent
NO_ONES = "\U0010fffd"
"""A private character that no font draws."""


def _has() -> set[str]:
    return {chr(code) for code in FT2Font(str(fonts.BUNDLED)).get_charmap()}


def _words(*paths: Path) -> set[str]:
    return {c for path in paths for c in path.read_text(encoding="utf-8") if not c.isspace()}


def _figure(words: str) -> Figure:
    figure = Figure(figsize=(2, 1))
    with style.applied():
        figure.text(0.1, 0.5, words)
    return figure


def test_the_bundled_font_is_small_and_licensed() -> None:
    assert fonts.BUNDLED.stat().st_size < 1_500_000
    licence = (fonts.BUNDLED.parent / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Adobe" in licence


def test_the_bundled_font_has_gb2312_level_1() -> None:
    cells = ((row, cell) for row in range(16, 56) for cell in range(1, 95))
    level = {bytes((0xA0 + row, 0xA0 + cell)).decode("gb2312", "ignore") for row, cell in cells} - {""}
    assert len(level) == 3755
    assert level - _has() == set()


def test_the_bundled_font_has_every_character_of_our_texts() -> None:
    scenarios = [path for path in (ROOT / "scenarios").rglob("*.toml")]
    missing = _words(*LANGUAGE.glob("*.toml"), *scenarios, fonts.BUNDLED.parent / "place_names.txt") - _has()
    assert sorted(missing) == [], "make the font again: figures/fonts/README.md says how"


def test_a_character_no_font_has_is_an_error_in_both_languages() -> None:
    with pytest.raises(FontError) as caught:
        style.picture(_figure(f"扬峰{NO_ONES}"), "png")
    assert fonts.SETTING in caught.value.message("en")
    assert fonts.SETTING in caught.value.message("zh")


def test_nothing_is_saved_when_a_character_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FontError):
        style.save(_figure(NO_ONES), tmp_path / "out", "name", style.pd.DataFrame(), "")
    assert not (tmp_path / "out").exists()


def test_chinese_greek_and_signs_come_from_the_bundled_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(fonts.SETTING, raising=False)
    picture = style.picture(_figure("扬峰 削峰填谷 ΔPeak −0.02 σ ± δ → ≥"), "pdf")
    assert b"YangfengSansSC" in picture
    assert b"DejaVu" not in picture


def test_the_users_font_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fonts.SETTING, fonts.LAST)
    assert fonts.families()[0] == fonts.LAST
    monkeypatch.setenv(fonts.SETTING, str(fonts.BUNDLED))
    assert fonts.families()[0] == "Yangfeng Sans SC"


@pytest.mark.parametrize("setting", ["No Such Family", str(Path(__file__))])
def test_a_font_that_is_none_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setenv(fonts.SETTING, setting)
    with pytest.raises(FontError) as caught:
        fonts.families()
    assert setting in str(caught.value)

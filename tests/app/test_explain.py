"""`explain`: mechanisms that add up to the total, a figure, and one sentence each."""

import json
from pathlib import Path

import pandas as pd
import pytest

from figures.text import LANGUAGES, text
from tests.app.test_cli import call

WORDS = ("explain", "shuangtaizi_two_schools", "--mode", "two_school_integration", "--rotation", "unified_deployment")
FEW = ("--replicates", "2", "--years", "4", "--workers", "1")
OUTCOMES = {f"d_{name}{horizon}" for name in ("peak", "valley", "mean") for horizon in ("", "_year3")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("explain") / "why"


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, dict[str, object]]:
    return json.loads(call(*WORDS, *FEW, "--json", "--out", str(folder)))


def test_mechanisms_sum_to_the_total_bit_for_bit(found: dict[str, dict[str, object]]) -> None:
    assert set(found) == OUTCOMES
    for outcome in found.values():
        parts = list(outcome["mechanisms"].values())  # type: ignore[attr-defined]
        assert sum(parts) == sum(reversed(parts)) == outcome["total"]
        assert outcome["intervals"].keys() == outcome["mechanisms"].keys()  # type: ignore[attr-defined]


def test_the_figure_has_the_numbers_printed_and_is_drawn_again(
    found: dict[str, dict[str, object]], folder: Path
) -> None:
    names = {path.name for path in (folder / "figures").iterdir()}
    assert names == {f"attribution{s}.{e}" for s in ("", ".zh") for e in ("pdf", "svg", "png", "csv", "md")}
    drawn = pd.read_csv(folder / "figures" / "attribution.csv")
    for name, outcome in found.items():
        part = drawn[drawn["outcome"] == name].set_index("mechanism")["value"].to_dict()
        assert part == outcome["mechanisms"] | {"total": outcome["total"]}  # type: ignore[operator]
    picture = (folder / "figures" / "attribution.svg").read_bytes()
    call("figures", str(folder))
    assert (folder / "figures" / "attribution.svg").read_bytes() == picture


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mechanism_has_a_sentence(found: dict[str, dict[str, object]], folder: Path, language: str) -> None:
    said = call(*WORDS, *FEW, "--lang", language, "--no-figures", "--out", str(folder))
    caption = (folder / "figures" / f"attribution{'.zh' if language == 'zh' else ''}.md").read_text(encoding="utf-8")
    for name in found["d_peak"]["mechanisms"]:  # type: ignore[attr-defined]
        meaning = text(language)(f"mechanism.meaning.{name}")
        assert meaning in said
        assert meaning in caption


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("--mode", "fusion,collaboration"), "fusion,collaboration"),
        (("--mode", "fusian"), "fusion"),
        (("--mode", "fusion", "--rotation", "none,heavy"), "none,heavy"),
        (("--mode", "fusion", "--control", "same_money"), "as_is"),
    ],
)
def test_a_mistake_gets_one_message(
    words: tuple[str, ...], wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for language in LANGUAGES:
        message = call("explain", "yuyao_2020", *words, "--lang", language, code=2)
        assert wrong in message
        assert "Traceback" not in message
    assert list(tmp_path.iterdir()) == []

"""What was set stands beside every table and figure, with what it moves, in both languages."""

from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest

from figures import records, report, tables, wording
from figures.moves import MOST_NAMED, Moved, sentences
from figures.results import load
from figures.text import LANGUAGES, text
from scenarios.reach import Reach
from tests.figures.conftest import Write

RULE, OWN = "rotations.national_rule.share", "control.rotations.national_rule.share"


@pytest.fixture
def changed(write: Write, comparison: dict[str, Any]) -> Path:
    of = {"en": "National rotation rule", "zh": "国家轮岗规定"}
    one = {"unit": "", "of": of, "declared": None, "value": 0.3}
    comparison["changed"] = [one | {"path": RULE, "moves": "policies"}, one | {"path": OWN, "moves": "control"}]
    return write(comparison)


@pytest.mark.parametrize("language", LANGUAGES)
def test_captions_latex_csv_and_report_say_what_moved(changed: Path, language: str, tmp_path: Path) -> None:
    results, t = load(changed), text(language)
    told = sentences([Moved(name=RULE, moves="policies"), Moved(name=OWN, moves="control")], t)
    assert len(told) == 2
    caption = wording.caption("quadrant", results, t)
    assert all(sentence in caption for sentence in told)
    latex = tables.latex(results, language).replace("\\_", "_")
    assert all(name in latex for name in (f"{RULE}{told[0][-1]}", f"{OWN}{told[1][-1]}"))
    tables.write(results, tmp_path, language)
    table = pd.read_csv(tmp_path / "changed.csv")
    assert table[t("changed.number")].tolist() == [RULE, OWN]
    assert table[t("changed.moves")].tolist() == [t("moves.short.policies"), t("moves.short.control")]
    page = report.render(results, language, {})
    assert t("moves.short.control") in page[page.index(t("changed.title")) :]


def test_what_is_told_is_what_can_be_found() -> None:
    assert get_args(records.Reach) == get_args(Reach)


def test_where_nothing_was_set_no_table_and_no_sentence_ask(write: Write, tmp_path: Path) -> None:
    results = load(write())
    tables.write(results, tmp_path, "en")
    assert not (tmp_path / "changed.csv").exists()
    starts = [text("en").entries[f"moves.{reach}"].partition("{")[0] for reach in get_args(Reach)]
    assert not any(start in wording.caption("quadrant", results, text("en")) for start in starts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_many_numbers_it_is_told_how_many_there_are(language: str) -> None:
    many = [Moved(name=f"p{n}", moves="both") for n in range(MOST_NAMED + 7)]
    (told,) = sentences(many, text(language))
    assert f"p{MOST_NAMED - 1}" in told and f"p{MOST_NAMED}" not in told
    assert "7" in told
    assert sentences([Moved(name="old")], text(language)) == []

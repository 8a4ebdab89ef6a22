import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from figures.build import OTHERS
from figures.kinds import KINDS
from figures.problems import ResultsError
from figures.results import load
from figures.text import LANGUAGES, text

Write = Callable[..., Path]


def test_ids_and_names_stay_text(write: Write, schools: pd.DataFrame) -> None:
    schools.loc[3, "name"] = "NA"
    table = load(write(schools=schools)).schools
    assert table["id"][3] == "00003"
    assert table["name"][3] == "NA"


def test_numbers_are_read_exactly(write: Write, comparison: dict[str, Any]) -> None:
    comparison["policies"][0]["d_peak"]["mean"] = 0.1 + 0.2
    assert load(write(comparison)).comparison.policies[0].d_peak.mean == 0.1 + 0.2


@pytest.mark.parametrize("name", ["network/schools.csv", "network/ties.csv"])
def test_an_absent_file_is_named_in_both_languages(write: Write, name: str) -> None:
    folder = write()
    (folder / name).unlink()
    with pytest.raises(ResultsError) as caught:
        load(folder)
    assert caught.value.code == "missing_file"
    assert all(Path(name).name in caught.value.message(language) for language in ("en", "zh"))


def test_what_holds_no_comparison_is_told_with_what_it_holds(write: Write) -> None:
    folder = write()
    (folder / "comparison.json").rename(folder / "sweep.json")
    with pytest.raises(ResultsError) as caught:
        load(folder)
    assert caught.value.code == "no_comparison"
    assert "a sweep" in caught.value.message("en")
    assert "扫描" in caught.value.message("zh")


def test_every_kind_of_results_is_known_by_its_file_and_has_words() -> None:
    names = [one for other in OTHERS for one in KINDS.values() if one == other.NAME]
    assert names == [other.NAME for other in OTHERS]
    for language in LANGUAGES:
        assert all(f"holds.{kind}" in text(language).entries for kind in (*KINDS, "nothing", "missing"))


def test_the_manifest_may_be_absent_but_not_broken(write: Write) -> None:
    folder = write()
    (folder / "manifest.json").unlink()
    assert load(folder).manifest == {}
    for broken in ("{", "[]", "\x00"):
        (folder / "manifest.json").write_text(broken)
        with pytest.raises(ResultsError, match=r"manifest\.json"):
            load(folder)


def test_nan_is_refused_and_its_place_named(write: Write, comparison: dict[str, Any]) -> None:
    comparison["policies"][2]["d_valley"]["mean"] = float("nan")
    with pytest.raises(ResultsError, match=r"policies\.2\.d_valley\.mean"):
        load(write(comparison))


def test_an_infinite_limit_reads_as_unbounded(write: Write, comparison: dict[str, Any]) -> None:
    comparison["policies"][0]["d_peak"]["low"] = float("-inf")
    assert load(write(comparison)).comparison.policies[0].d_peak.low is None


def test_another_format_or_a_missing_title_is_refused(write: Write, comparison: dict[str, Any]) -> None:
    with pytest.raises(ResultsError, match="format"):
        load(write(comparison | {"format": 1}))
    del comparison["title"]["zh"]
    with pytest.raises(ResultsError, match="no title in zh"):
        load(write(comparison))


@pytest.mark.parametrize("bad", ["", "many", "nan", "inf"])
def test_a_school_without_a_number_is_refused(write: Write, bad: str) -> None:
    folder = write()
    path = folder / "network" / "schools.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[0, "pupils"] = bad
    table.to_csv(path, index=False)
    with pytest.raises(ResultsError, match=r"schools\.csv"):
        load(folder)


def test_a_missing_column_is_named(write: Write, schools: pd.DataFrame) -> None:
    with pytest.raises(ResultsError, match="no column setting"):
        load(write(schools=schools.drop(columns="setting")))


def test_a_tie_to_no_school_is_named(write: Write) -> None:
    folder = write()
    path = folder / "network" / "ties.csv"
    path.write_text(path.read_text().replace("00001", "99999"))
    with pytest.raises(ResultsError, match="99999"):
        load(folder)


def test_fields_that_are_not_drawn_are_passed_over(write: Write, comparison: dict[str, Any]) -> None:
    folder = write(comparison | {"attribution": {"staff_moves": 0.1}})
    document = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    assert "attribution" in document
    assert load(folder).comparison.scenario == "made_up_for_tests"

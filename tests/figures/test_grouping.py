import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection

from figures import grouping, style
from figures.problems import ResultsError
from figures.text import LANGUAGES

MEASURES = {
    "groups": 4, "smallest": 3, "largest": 3, "mean_km": 2.5, "farthest_km": 6.0, "imbalance": 0.1,
    "settings_off": 0.2, "ownership_off": 0.0, "needy": 4, "needy_with_strong": 4,
}  # fmt: skip


def schools(levels: tuple[str, ...] = ("primary",), groups: int = 4) -> pd.DataFrame:
    """Groups of three in a row, made up."""
    return pd.DataFrame([
        {
            "id": f"{level}-{number:02d}{place}", "name_en": f"{level} {number}/{place}",
            "name_zh": f"{number}组第{place}校", "county": "c", "level": level, "setting": "urban",
            "ownership": "public", "group": f"{level}-{number:02d}0-group", "lead": f"{level}-{number:02d}0",
            "role": "member" if place else "lead", "part": level, "needy": int(place == 2), "settled": 0,
            "x_km": 5.0 * number + place, "y_km": 3.0 * (number % 3) + place, "pupils": 300, "strength": 0.5 - place,
            "km": float(np.hypot(place, place)),
        }
        for level in levels for number in range(groups) for place in range(3)
    ])  # fmt: skip


def saved(folder: Path, table: pd.DataFrame) -> grouping.Grouping:
    words = {"en": "A rule.", "zh": "一条规则。"}
    document = {
        "scenario": "made_up", "title": {"en": "Made up", "zh": "虚构"}, "synthetic": True, "version": "0",
        "inputs_sha256": "0" * 64, "rule": words, "measures": MEASURES, "before": None,
    }  # fmt: skip
    (folder / grouping.NAME).write_text(json.dumps(document), encoding="utf-8")
    table.to_csv(folder / grouping.SCHOOLS, index=False)
    return grouping.load(folder)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_member_is_joined_to_its_lead_in_the_panel_of_its_level(tmp_path: Path, language: str) -> None:
    found = saved(tmp_path, schools(("junior", "primary")))
    figure = grouping.draw(found, language)
    panels = [axes for axes in figure.axes if axes.get_visible()]
    assert len(panels) == 2
    for axes in panels:
        (lines,) = [one for one in axes.collections if isinstance(one, LineCollection)]
        assert len(lines.get_segments()) == 12
        marks = [len(one.get_offsets()) for one in axes.collections if not isinstance(one, LineCollection)]
        assert sorted(marks) == [4, 4, 4]


def test_neighbouring_groups_have_different_colours(tmp_path: Path) -> None:
    table = grouping.data(saved(tmp_path, schools(groups=12)))
    colours = list(grouping._colours(table[table["id"] == table["lead"]]).values())
    assert all(one != other for one, other in pairwise(colours))
    assert set(colours) == set(style.CYCLE)


def test_leads_are_named_where_they_are_few(tmp_path: Path) -> None:
    few = grouping.draw(saved(tmp_path, schools()), "en")
    assert {note.get_text() for note in few.axes[0].texts} >= {f"primary {n}/0" for n in range(4)}
    many = grouping.draw(saved(tmp_path, schools(groups=grouping.NAMED + 1)), "en")
    assert not many.axes[0].texts


def test_groups_across_levels_share_one_panel(tmp_path: Path) -> None:
    found = saved(tmp_path, schools(("junior", "primary")).assign(part=""))
    assert len(grouping.draw(found, "zh").axes) == 1


def test_pictures_and_tables_are_the_same_every_time(tmp_path: Path) -> None:
    saved(tmp_path, schools())
    paths = grouping.build(tmp_path)
    before = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in grouping.build(tmp_path)] == before
    caption = (tmp_path / "map.zh.md").read_text(encoding="utf-8")
    assert "一条规则" in caption
    assert "{" not in caption


def test_a_name_that_looks_like_a_formula_is_harmless(tmp_path: Path) -> None:
    saved(tmp_path, schools().assign(name_en="=1+1"))
    grouping.build(tmp_path, ("en",))
    assert "'=1+1" in (tmp_path / "groups.csv").read_text(encoding="utf-8-sig")


def test_a_folder_without_a_proposal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="not there"):
        grouping.load(tmp_path)
    (tmp_path / grouping.NAME).write_text("{}")
    with pytest.raises(ResultsError, match="does not hold"):
        grouping.load(tmp_path)

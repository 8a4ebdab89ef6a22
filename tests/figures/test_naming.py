"""What schools and groups are called: nobody reads an id where there is a name."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from figures import evidence, naming
from figures.results import Results, load
from figures.text import text

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def found(detailed: Path) -> Results:
    return load(detailed)


def test_a_group_goes_by_its_own_name_or_by_that_of_its_lead(found: Results) -> None:
    lead = found.schools.set_index("id").loc["00010", "name"]
    assert naming.groups_called(found, text("zh"))["g02"] == f"以{lead}为首的集团"
    assert naming.groups_called(found, text("en"))["g02"] == f"Group of {lead}"
    assert naming.groups_called(found, text("zh"))["g01"] == "第1教育集团"


def test_results_of_earlier_versions_say_by_roles_who_leads(write: Write) -> None:
    older = load(write())
    assert naming.groups(older, text("en")).loc[1].to_dict() == {
        "id": "g01", "called": "g01", "lead": "00005", "mode": "",
    }  # fmt: skip
    assert "Mode planned" not in evidence.members(older, "en")


def test_schools_go_by_their_name_in_the_readers_language(write: Write, schools: pd.DataFrame) -> None:
    named = load(write(schools=schools.assign(name_en="Hill School", name_zh="山小学")))
    assert naming.schools(named, text("en"))["00000"] == "Hill School"
    assert naming.schools(named, text("zh"))["00000"] == "山小学"


def test_every_group_is_listed_with_its_lead_and_members(found: Results) -> None:
    listed = evidence.members(found, "en").set_index("Group")
    schools = found.schools.set_index("id")
    first = listed.loc["Group 0"]
    assert (first["Mode planned"], first["Lead"], first["Schools"]) == ("Fusion", schools.loc["00000", "name"], "5")
    assert int(first["Pupils"].replace(",", "")) == schools[schools["group"] == "g00"]["pupils"].sum()
    assert [part.partition(" (")[0] for part in first["Members"].split(", ")] == [
        schools.loc[f"0000{n}", "name"] for n in range(1, 5)
    ]


def test_of_many_groups_and_members_some_are_listed(found: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "SHOWN_GROUPS", 4)
    monkeypatch.setattr(evidence, "SHOWN_MEMBERS", 3)
    listed = evidence.members(found, "zh")
    assert len(listed) == 4
    assert listed["成员校"].str.endswith("、另有 1 所").all()


def test_the_report_names_no_group_by_an_id_made_for_it(detailed: Path) -> None:
    page = (detailed / "report.zh.html").read_text(encoding="utf-8")
    assert "第1教育集团" in page
    assert ">g01" not in page

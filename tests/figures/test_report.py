import base64
import html
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from figures import network, report, style, wording
from figures.build import build_all
from figures.results import Results, load
from figures.text import LANGUAGES, text
from tests.figures import enriched

Write = Callable[..., Path]
PICTURES = dict.fromkeys(("quadrant", "trajectories", "network"), b"<svg xmlns='http://www.w3.org/2000/svg'/>")
EVIL = "<script>alert('扬峰')</script>"


class _Tags(HTMLParser):
    """Collects tags, attributes that could load something, and checks that tags close in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.loads += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data", "action"}]
        if tag not in {"meta", "img", "br", "link"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _page(folder: Path, language: str = "en") -> str:
    return report.render(load(folder), language, PICTURES)


@pytest.mark.parametrize("name", ["report.html", "report.zh.html"])
def test_the_report_needs_nothing_from_outside(built: Path, name: str) -> None:
    page = (built / name).read_text(encoding="utf-8")
    tags = _Tags(page)
    assert tags.open == []
    assert len(tags.loads) == 3
    assert all(value.startswith("data:image/svg+xml;base64,") for value in tags.loads)
    assert not {"script", "link", "iframe", "object"} & set(tags.seen)
    assert not re.search(r"https?:|url\(|@import", page)
    assert "default-src 'none'" in page


def test_the_pictures_in_the_report_are_those_in_the_folder(built: Path) -> None:
    page = (built / "report.zh.html").read_text(encoding="utf-8")
    inlined = [base64.b64decode(part) for part in re.findall(r"base64,([A-Za-z0-9+/=]+)", page)]
    names = ("quadrant", "trajectories", "network")
    assert inlined == [(built / "figures" / f"{name}.zh.svg").read_bytes() for name in names]
    assert not any(re.search(rb'href="(?!#|data:)', picture) for picture in inlined)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_are_escaped(write: Write, comparison: dict[str, Any], schools: pd.DataFrame, language: str) -> None:
    schools.loc[0, "name"] = EVIL
    comparison["title"][language] = EVIL
    comparison["policies"][0]["title"][language] = EVIL
    page = _page(write(comparison, schools), language)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 4


def test_a_school_called_script_is_drawn_as_text(results: Results, schools: pd.DataFrame) -> None:
    schools.loc[0, "name"] = EVIL
    few = Results(results.comparison, schools.head(5), results.ties.head(4), {})
    picture = style.picture(network.draw(few, "zh"), "svg")
    tags = [element.tag.split("}")[-1] for element in ElementTree.fromstring(picture).iter()]
    assert "path" in tags
    assert "script" not in tags


def test_the_first_page_answers_the_question(built: Path) -> None:
    page = html.unescape((built / "report.html").read_text(encoding="utf-8")).split('class="evidence"')[0]
    assert "do the strong ones fall, do the weak ones rise, or do both rise?" in page
    assert "the strongest lose 0.034 σ a year (3.9 weeks of learning)" in page
    assert "weeks of learning = σ / 0.35 × 40 school weeks" in page
    assert "Hill, Bloom, Black & Lipsey 2008" in page
    assert "128 yuan per pupil a year, in all" in page
    assert "do not remove the uncertainty of judged parameters" in page
    assert "Policies compared: 6 – 1 Lift, 2 Fill, 1 Peak-shaving, 1 No effect, 1 Undecided." in page


def test_the_report_says_how_to_make_it_again(built: Path) -> None:
    page = (built / "report.zh.html").read_text(encoding="utf-8")
    for words in ("yangfeng compare made_up_for_tests --replicates 64", "0123456789abcdef" * 4, "fedcba9876543210" * 4):
        assert words in page
    assert "Rockoff 2004" in page
    assert "practice.decay" in page


def test_synthetic_data_are_labelled_and_real_ones_not(write: Write, comparison: dict[str, Any]) -> None:
    assert "Synthetic data" in _page(write(comparison))
    own = _page(write(comparison | {"synthetic": False}))
    assert "Synthetic data" not in own
    assert "These schools do not exist" not in own
    assert "judged from the wording of policy documents" in own


def test_no_peak_to_shave_is_flagged(write: Write, comparison: dict[str, Any]) -> None:
    assert text("zh")("report.no_peak_flag") not in _page(write(comparison), "zh")
    comparison["world"] |= {"no_peak_to_shave": True, "peak_minus_valley": 0.031}
    for language in ("en", "zh"):
        page = _page(write(comparison), language)
        assert text(language)("report.no_peak_flag") in page
        assert "0.031" in page


def test_doubt_comes_before_the_answer_and_leads_the_sentence(write: Write, full: dict[str, Any]) -> None:
    page = html.unescape(_page(write(full))).replace("\u00a0", " ")
    note = "2 of 6 verdicts are not sure"
    doubt = "not sure: likeliest is Fill, with only 38 of 64 draws (59.4 %); next comes No effect (40.6 %)"
    assert page.index(note) < page.index("The answer") < page.index(doubt) < page.index("How sure is this?")
    assert f"Co-construction + national rotation rule – {doubt}" in page
    assert "Point estimate, at the declared numbers alone: Undecided: Fill or Peak-shaving" in page
    assert "Fusion + no rotation: Fill, with 64 of 64 draws (100 %). In the middle" in page
    for policy in full["policies"]:
        policy["certainty"]["share"] = 1.0
    assert "not sure:" not in html.unescape(_page(write(full)))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("(taken as 0.35 a year; may lie between 0.1 a year and 0.7 a year)", "above 0.52 a year: Peak-shaving"),
        ),
        ("en", ("how far teaching runs in step in “Fusion”", "below 83 %: No effect")),
        ("en", ("colleagues met at tied schools", "by itself it does not change the verdict")),
        ("zh", ("同一法人内好做法传开的速度", "高于 每年 0.52 则为削峰填谷")),
        ("zh", ("“融合型”中教学同步的程度", "低于 83 % 则为无效")),
    ],
)
def test_hinges_are_named_by_what_they_mean(
    write: Write, full: dict[str, Any], language: str, words: tuple[str, str]
) -> None:
    first_page = html.unescape(_page(write(full), language)).split('class="evidence"')[0]
    assert all(part in first_page for part in words)
    assert "practice.transfer_rate" not in first_page


def test_signs_to_watch_have_a_hit_rate_and_false_alarms(write: Write, full: dict[str, Any]) -> None:
    page = html.unescape(_page(write(full)))
    assert (
        "share of staff new this year more than 3.1 percentage points higher: seen beforehand in 82 of 100 cases"
        in page
    )
    assert "mean skill of the best fifth of teachers more than 0.012 σ lower" in page
    assert "inner drive lower: seen beforehand in 66 of 100" in page
    assert "morale lower" not in page  # the fourth
    full["early_signs"] = {"cases": 1536, "fell": 3, "signs": []}
    assert "Too few cases fell" in _page(write(full))


def test_marks_are_told_where_their_deviation_is_given(write: Write, full: dict[str, Any]) -> None:
    assert "marks" not in _page(write(full)).split('class="evidence"')[0]
    page = _page(write(full | {"score_sd": 15.0}))
    assert re.search(r"the strongest lose 0\.\d+ σ a year \(\d\.\d weeks of learning, 0\.\d marks\)", page)
    assert "Marks: σ × 15" in page
    small = _page(write(full | {"score_sd": 15.0, "level": ["kindergarten"]}))
    assert "marks)" not in small
    assert "never a test of children" in small


def test_what_is_missing_is_said_and_nothing_breaks(write: Write, comparison: dict[str, Any]) -> None:
    page = _page(write(comparison))
    assert "has not been repeated over the uncertain numbers" in page
    assert "Peak-shaving (point estimate)" in page
    assert "Early signs were not sought" in page
    assert "No policy was explained" in page
    assert "No teacher moves" in page
    assert "What the verdict hinges on" not in page


def test_two_schools_in_one_group_make_a_report(write: Write, full: dict[str, Any], schools: pd.DataFrame) -> None:
    for policy in full["policies"]:
        policy |= {"d_middle": None, "d_ungrouped": None}
    folder, few = write(full, schools, details=True), schools.head(2)
    few.to_csv(folder / "network" / "schools.csv", index=False)
    ties = pd.read_csv(folder / "network" / "ties.csv", dtype={"source": str, "target": str}).head(1)
    ties.to_csv(folder / "network" / "ties.csv", index=False)
    enriched.tables(full, few)["effects"].to_csv(folder / "effects.csv", index=False)
    build_all(folder, ["en"])
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert few["name"][1] in page
    assert (folder / "figures" / "ranking.csv").exists()


def test_leads_that_move_the_other_way_are_pointed_out(write: Write, comparison: dict[str, Any]) -> None:
    assert "For Collaboration + national rotation rule" in _page(write(comparison))
    for policy in comparison["policies"]:
        policy |= {"d_leads": None, "d_top_tenth": None}
    assert "do not move in the same direction" not in _page(write(comparison))


def test_many_leading_schools_are_cut_short_and_said_so(write: Write, schools: pd.DataFrame) -> None:
    schools.loc[:49, "role"] = "lead"
    page = _page(write(schools=schools))
    assert page.count(">Lead school<") == report.SHOWN_SCHOOLS
    assert "and 35 more" in page


@pytest.mark.parametrize(("language", "row", "assumed"), [("en", "row Y1", "Assumed: "), ("zh", "条目 Y1", "假定：")])
def test_where_the_place_comes_from_is_told(
    write: Write, comparison: dict[str, Any], language: str, row: str, assumed: str
) -> None:
    reason = {"en": "as usual", "zh": "按常见情况"}
    comparison["grounds"] = [
        {"fields": ["world.towns"], "assumed": reason},
        {"fields": ["title"], "row": "Y1", "quotation": "一段原文", "means": "some words"},
        {"fields": ["world.schools.pupils"], "file": "my.schools.csv", "assumed": reason},
    ]
    comparison["grounds"].append(comparison["grounds"][2] | {"fields": ["world.schools.posts"]})
    page = html.unescape(_page(write(comparison), language))
    assert f"<li>{assumed}{reason[language]}</li>" in page
    assert "“一段原文”" in page and row in page
    assert ("some words" in page) is (language == "en")
    assert page.count(f"my.schools.csv · {reason[language]}</li>") == 1


def test_the_report_tells_what_was_changed_before_the_parameters(write: Write, comparison: dict[str, Any]) -> None:
    of = {"en": "Fusion", "zh": "融合型"}
    comparison["changed"] = [
        {"path": "practice.renewal", "unit": "ratio", "of": None, "declared": 0.5, "value": 0.4},
        {"path": "modes.fusion.teaching", "unit": "share", "of": of, "declared": 1.0, "value": 0.6},
    ]
    said = {"en": "Put right by hand (2 changes).", "zh": "经人工调整（2 处）。"}
    comparison["grounds"] = [{"fields": ["world.schools.group"], "assumed": said, "regrouped": True}]
    page = report.render(load(write(comparison)), "zh", {})
    told = page[page.index("本次比较改动了什么") : page.index("来源</th>")]
    assert "分组与该地原文件不同。经人工调整（2 处）。" in told
    assert "“融合型”中教学同步的程度" in told
    assert re.findall(r'<td class="words">([\d.]+)</td>', told)[:4] == ["0.5", "0.4", "1", "0.6"]


def test_where_nothing_was_changed_the_report_does_not_ask(results: Results) -> None:
    assert "Changed for this comparison" not in report.render(results, "en", {})


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_positions_are_assumed_stands_beside_the_map(
    write: Write, comparison: dict[str, Any], language: str
) -> None:
    reason = {"en": "5 schools are placed by chance.", "zh": "5 所学校随机安放。"}
    drawn = {"fields": ["world.schools.x", "world.schools.y"], "assumed": reason}
    comparison |= {"grounds": [drawn], "synthetic": False}
    said = reason[language].rstrip("。.")
    assert said in wording.caption("network", load(write(comparison)), text(language))
    assert said not in wording.caption("ranking", load(write(comparison)), text(language))
    for other in ({"grounds": [drawn | {"file": "my.schools.csv"}]}, {"synthetic": True}):
        assert said not in wording.caption("network", load(write(comparison | other)), text(language))

"""Every fault of a scenario is told with its code, its place and its remedy."""

import tomllib
from pathlib import Path

import pytest

from figures.text import LANGUAGES, placeholders, text
from scenarios.problems import CODES, Problem, ScenarioError, Where, nearest, shown
from scenarios.reader import load, loads
from tests.scenarios.samples import COUNTED, LISTED, changed, problems

ZONES = '[[world.zones]]\nid = "z"\nhead = "a"'

CASES = tomllib.loads((Path(__file__).parent / "faults.toml").read_text("utf-8"))


def sample(case: dict[str, str]) -> str:
    """Return the text that a case changes."""
    return {"listed": LISTED, "counted": COUNTED}[case.get("sample", "listed")]


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_told_with_code_place_value_and_remedy(name: str) -> None:
    case = CASES[name]
    (problem,) = problems(changed(sample(case), case["old"], case["new"]))
    assert (problem.code, problem.where.name, problem.value) == (case["code"], case["field"], case["value"])
    assert case["remedy"] in " ".join(problem.remedy.values())


def test_every_fault_is_at_the_line_that_was_changed() -> None:
    for case in CASES.values():
        old, new = case["old"], case["new"]
        if not new or case["code"] == "duplicate_key":  # nothing to point at; told at the second of the two
            continue
        (problem,) = problems(changed(sample(case), old, new))
        first = sample(case)[: sample(case).index(old)].count("\n") + 1
        assert first <= (problem.where.line or 0) <= first + new.count("\n"), new


def test_a_whole_number_too_large_for_a_number() -> None:
    (problem,) = problems(changed(LISTED, "x = 3.0", f"x = {10**400}"))
    assert (problem.code, problem.value, problem.remedy["allowed"]) == ("out_of_bounds", "2^1328…", "< 10^308")


def test_a_group_with_two_leads_by_role() -> None:
    text = changed(LISTED, LISTED[LISTED.index("[[world.groups]]") : LISTED.index("[policies]")], "")
    text = text.replace('modes = ["fusion", "as_planned"]', 'modes = ["fusion"]')
    for old in ('setting = "urban"', 'setting = "rural"', 'setting = "township"'):
        text = changed(text, old, f'{old}\nrole = "lead"')
    (problem,) = problems(text)
    assert (problem.code, problem.value, problem.remedy) == ("two_leads", "g1", {"schools": "a, b"})


def test_zones_above_each_other() -> None:
    text = changed(LISTED, ZONES, f'{ZONES}\n[[world.zones]]\nid = "y"\nhead = "c"')
    text = changed(text, 'lead = "a"\nzone = "z"', 'lead = "a"\nzone = "y"')
    found = problems(text)
    assert [(p.code, p.where.table, p.remedy["chain"]) for p in found] == [
        ("cyclic_tiers", "world.zones[1]", "z → y → z"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code", "field", "remedy"),
    [
        ("rural = 1", "rural = 2", "settings_differ", "settings", {"members": "4", "settings": "5"}),
        ("zones = 1", "zones = 4", "too_many_zones", "zones", {"groups": "3"}),
        ('"fusion"', '"fuson"', "unknown_mode", "mode", {"nearest": "fusion, multi_legal_person, zone_tier"}),
        ("members = 2", "members = -2", "out_of_bounds", "members", {"allowed": "≥ 0"}),
        ("staff = 12.0", "staff = 0.0", "out_of_bounds", "staff", {"allowed": "> 0"}),
        ("towns = 4", "towns = 0", "out_of_bounds", "towns", {"allowed": "≥ 1"}),
    ],
)
def test_counts_that_do_not_fit(old: str, new: str, code: str, field: str, remedy: dict[str, str]) -> None:
    (problem,) = problems(changed(COUNTED, old, new))
    assert (problem.code, problem.where.field, dict(problem.remedy)) == (code, field, remedy)


def test_the_same_level_twice() -> None:
    level = COUNTED[COUNTED.index("[[world.levels]]") : COUNTED.index("[policies]")]
    (problem,) = problems(changed(COUNTED, level, level + level))
    assert (problem.code, problem.value, problem.where.table) == ("duplicate_id", "primary", "world.levels[2]")


def test_a_world_without_schools() -> None:
    text = LISTED[: LISTED.index("[[world.schools]]")] + '[policies]\nmodes = ["fusion"]\nrotations = ["none"]\n'
    assert [problem.code for problem in problems(text)] == ["no_schools"]


def test_more_posts_than_memory_may_hold() -> None:
    text = COUNTED.replace("count = 2, members = 1", "count = 10000, members = 5000")
    text = text.replace("urban = 1, township = 2, rural = 1", "urban = 50000, township = 50000, rural = 2")
    text = text.replace("staff = 12.0", "staff = 1000.0")
    (problem,) = problems(text)
    assert (problem.code, problem.remedy["limit"]) == ("too_many_posts", "20000000")


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    text = LISTED.replace("pupils = 800", "pupils = -1").replace('lead = "c"', "").replace('"fusion",', '"fushion",')
    text = text.replace("x = 3.0", "x = nan").replace("[policies]", "[parameters.learning]\nfade = 9\n[policies]")
    found = problems(text)
    assert [p.code for p in found] == [
        "out_of_bounds",
        "not_finite",
        "group_without_lead",
        "out_of_bounds",
        "unknown_mode",
    ]
    assert [p.where.line for p in found] == sorted(p.where.line or 0 for p in found)


def test_a_thousand_faults_are_counted_and_not_all_told() -> None:
    school = SCHOOL.format
    text = HEAD_ONLY + "".join(school(n) for n in range(1000)) + LISTED[LISTED.index("[policies]") :]
    found = problems(text)
    assert len(found) == 201
    assert (found[-1].code, found[-1].value) == ("more_faults", "801")


SCHOOL = """
[[world.schools]]
id = "s{0}"
level = "primary"
setting = "rural"
group = "g{0}"
x = 0.0
y = 0.0
pupils = 9
posts = 1
"""
HEAD_ONLY = LISTED[: LISTED.index("[[world.schools]]")]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ('title = "a', "broken_toml", 1, 11),
        ("[world]\nx = 1.\n", "broken_toml", 2, 6),
        ("a = 1\nb = [1,\n2\n", "broken_toml", 3, 2),
        ("a = 1\nb = 2\na = 3\n", "duplicate_key", 3, 6),
        ("[a]\n[b]\n[a]\n", "duplicate_key", 3, 3),
        ("a = { x = 1, x = 2 }\n", "duplicate_key", 1, 19),
        ("a = \x00\n", "broken_toml", 1, 5),
    ],
)
def test_broken_toml_is_told_with_line_and_column(text: str, code: str, line: int, column: int) -> None:
    (problem,) = problems(text)
    assert (problem.code, problem.where.file, problem.where.line, problem.where.column) == (
        code,
        "county.toml",
        line,
        column,
    )


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = " + "[" * 5000])
def test_what_python_itself_cannot_read_is_broken_too(text: str) -> None:
    assert [problem.code for problem in problems(text)] == ["broken_toml"]


def test_an_empty_file_lacks_its_fields() -> None:
    assert {problem.value for problem in problems("")} == {"title", "synthetic", "world", "policies"}


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("标题 = 1".encode("gbk"), "GBK"),
        ("a = 1".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04", "ZIP/XLSX"),
        (b"\x00\xff", "?"),
    ],
)
def test_a_file_that_is_no_utf8_is_refused_and_recognised(tmp_path: Path, content: bytes, encoding: str) -> None:
    path = tmp_path / "county.toml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.remedy["encoding"], problem.where.file) == ("not_utf8", encoding, str(path))


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "county.toml"
    path.write_text(LISTED, encoding="utf-8-sig")
    assert load(path).title["en"] == "Two groups"


def test_a_file_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenarios.source.LARGEST_FILE", 10)
    path = tmp_path / "county.toml"
    path.write_text("a = 12345678\n")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert caught.value.problems[0].code == "file_too_large"


def test_an_unknown_scenario_names_the_nearest() -> None:
    with pytest.raises(ScenarioError) as caught:
        load("yuyao")
    (problem,) = caught.value.problems
    assert (problem.code, problem.value) == ("unknown_scenario", "yuyao")
    assert problem.remedy["nearest"].split(", ")[0] == "yuyao_2020"


def test_a_directory_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path)
    assert caught.value.problems[0].code == "unreadable_scenario"


def test_overrides_are_refused_with_their_paths() -> None:
    found = problems(
        LISTED, **{"learning.fad": 0.2, "learning.fade": "2", "mode.autonomy": 2, "modes.fusion.heads": "no"}
    )
    assert [(p.where.file, p.where.name, p.code) for p in found] == [
        ("--set", "learning.fad", "unknown_parameter"),
        ("--set", "learning.fade", "out_of_bounds"),
        ("--set", "mode.autonomy", "out_of_bounds"),
        ("--set", "modes.fusion.heads", "unknown_choice"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_has_words(language: str) -> None:
    for code, remedy in CODES.items():
        words = text(language).entries[f"problem.{code}"]
        assert set(remedy) <= placeholders(words) <= {*remedy, "where", "value"}, code


def test_a_problem_without_its_remedy_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        Problem("unknown_mode", Where("a.toml"))


def test_values_are_shown_short_and_printable() -> None:
    assert shown("a\x1b[31m\nb") == "a\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}b"
    assert len(shown("x" * 1000)) == 60
    assert (shown(True), shown([1]), shown({}), shown(-0.5)) == ("true", "[…]", "{…}", "-0.5")


def test_the_nearest_names_ignore_case_and_come_in_order() -> None:
    assert nearest("FUSOIN", ["pairing", "fusion", "co_construction", "zone"]) == "fusion, zone, pairing"
    assert nearest("x", []) == "–"


def test_a_loaded_text_is_not_needed_as_a_file() -> None:
    with pytest.raises(ScenarioError, match=r"t\.toml:1:3: broken_toml"):
        loads("t.toml", "a=")

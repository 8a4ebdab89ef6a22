"""What a tab does: choose, change, open links, refuse; and tabs keep apart."""

import io
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from app.console import Language
from app.serving import importer
from app.web import cards, files, groups, rosters, step_policies
from app.web.page import Page
from app.web.places import bundled
from app.web.session import Session
from app.web.state import MOST_POLICIES, OWN, Grouping
from app.web.tabs import MOST_TABS, UNSEEN_SECONDS, Tabs
from app.web.toml import with_settings
from scenarios import reader
from scenarios.catalogue import worlds
from scenarios.reader import Choice
from tests.app.web.samples import SMALL, service, session
from tests.scenarios.rosters.samples import SCHOOLS, TEACHERS

TEXT = worlds()[SMALL].read_text(encoding="utf-8")


def test_a_place_brings_its_documents_policies(tmp_path: Path) -> None:
    found = session(tmp_path)
    assert found.state.policies == found.scenario().compare
    assert found.place is not None and found.place.name == SMALL


@pytest.mark.parametrize("language", list(Language))
def test_no_rotation_is_offered_as_what_ends_the_rule_in_force(tmp_path: Path, language: Language) -> None:
    """The list to choose from and the hint beside it say so; not where the control has no rotation either."""
    found = session(tmp_path)
    found.language = language
    page = cast("Page", SimpleNamespace(session=found))
    rule = found.scenario().catalogue.rotations["national_rule"].title[language.value]
    ends = {"en": "ends the rule in force", "zh": "停止现行轮岗"}[language.value]
    offered = step_policies.options(page, "rotation")
    assert ends in offered["none"]
    assert not any(ends in title for name, title in offered.items() if name != "none")
    assert rule in step_policies.ends(page)
    found.state = replace(found.state, control="none")
    assert ends not in step_policies.options(page, "rotation")["none"]
    assert step_policies.ends(page) == ""


def test_policies_are_added_changed_and_left_out(tmp_path: Path) -> None:
    found = session(tmp_path)
    first, second = found.state.policies
    assert not found.add(first)
    for mode in ("fusion", "collaboration", "pairing", "brand_group"):
        assert found.add(Choice(mode))
    assert len(found.state.policies) == MOST_POLICIES and not found.add(Choice("research_district"))
    found.remove(0)
    assert first not in found.state.policies
    found.restore()
    assert found.state.policies == (first, second)


def test_a_policy_that_is_another_for_a_moment_stays_and_is_run_once(tmp_path: Path) -> None:
    found = session(tmp_path)
    first, second = found.state.policies
    assert found.same_as(1) is None
    found.change(1, first)
    assert found.state.policies == (first, first)
    assert (found.same_as(0), found.same_as(1)) == (None, 0)
    assert found.state.compared == (first,)
    assert len(found.state.wish().policies) == 1
    assert found.query().count("policy=") == found.state.command("x").count("--policy") == 1
    found.check()
    found.change(1, second)
    assert found.state.compared == (first, second)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    ("name", "value"), [("years", "abc"), ("years", "0"), ("seed", "-1"), ("delta", "x"), ("delta", "0")]
)
def test_a_number_that_cannot_be_is_told_in_the_pages_own_words(
    name: str, value: str, language: Language, tmp_path: Path
) -> None:
    found = Session(service(tmp_path), language)
    found.open(f"place={SMALL}&{name}={value}")
    assert value in found.faults
    assert "--" not in found.faults and f"{name} =" not in found.faults
    assert {"years": "4–30", "seed": "0–1000000000", "delta": "0.5"}[name] in found.faults


def test_a_finished_answer_outlives_a_new_run_that_is_cancelled(tmp_path: Path) -> None:
    found = session(tmp_path)
    found.state = replace(found.state, years=4, replicates="8")
    found.begin()
    assert found.run is not None
    finished, asked = found.run, found.asked
    finished.wait()
    found.state = replace(found.state, seed=5)
    found.begin()
    assert found.run is not finished
    assert found.cancel()
    assert found.run is finished and finished.status == "done" and found.asked == asked
    assert found.is_changed
    found.begin()
    assert found.run is not None
    found.run.wait()
    third = found.run
    found.leave()
    assert found.run is None and len(found.service.runs) == 0 and not found.cancel()
    third.wait()


def test_a_run_that_is_cancelled_with_none_before_keeps_what_it_has(tmp_path: Path) -> None:
    found = session(tmp_path)
    found.begin()
    run = found.run
    assert not found.cancel()
    assert found.run is run


def test_sound_files_of_a_refused_upload_need_not_be_given_again() -> None:
    first = [rosters.Upload("schools.xlsx", b"good"), rosters.Upload("teachers.xlsx", b"bad")]
    corrected = rosters.Upload("teachers.xlsx", b"better")
    assert rosters.completed([corrected], first) == [first[0], corrected]
    other = [rosters.Upload("others.xlsx", b"")]
    assert rosters.completed(other, first) == other
    assert rosters.completed(first, []) == first


def test_a_link_is_followed_to_the_run_step_without_running(tmp_path: Path) -> None:
    found = session(tmp_path)
    found.open(f"place={SMALL}&policy=fusion/none/none&set=practice.renewal=0.3&years=6")
    assert (found.step, found.faults, found.run) == ("run", "", None)
    assert found.state.policies == (Choice("fusion"),)
    assert f"{found.query()}" == f"{found.state.query()}&lang=en"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("place=yuyao_2021", "yuyao_2020"),
        ("place=../../etc/passwd", "etc/passwd"),
        ("place=/etc/passwd", "/etc/passwd"),
        ("place=own", "own"),
        (f"place={SMALL}&policy=fusian", "fusion"),
        (f"place={SMALL}&set=practice.renewall=0.3", "practice.renewal"),
        (f"place={SMALL}&set=practice.renewal=9", "practice.renewal"),
        (f"place={SMALL}&delta=2", "2"),
    ],
)
@pytest.mark.parametrize("language", list(Language))
def test_a_link_that_leads_nowhere_says_why(query: str, said: str, language: Language, tmp_path: Path) -> None:
    found = Session(service(tmp_path), language)
    found.open(query)
    assert said in found.faults
    assert found.step == "place" and found.place is None


def test_a_place_is_uploaded_and_a_faulty_one_is_told_by_line_under_its_own_name(tmp_path: Path) -> None:
    found = session(tmp_path)
    bad = rosters.Upload("我的县.toml", TEXT.replace('setting = "urban"', 'setting = "urbane"', 1).encode())
    with pytest.raises(rosters.UploadError) as told:
        rosters.place_of([bad], None, Language.EN, found.message)
    assert "我的县.toml:" in str(told.value) and "urbane" in str(told.value)
    assert "/tmp" not in str(told.value)
    place, _ = rosters.place_of([rosters.Upload("a.toml", TEXT.encode())], None, Language.EN, found.message)
    found.take(place)
    assert found.state.place == OWN and found.scenario().title["en"].startswith("Shuangtaizi")
    assert OWN not in bundled().known
    found.check()


def test_groups_are_proposed_for_a_place_and_a_link_says_so(tmp_path: Path) -> None:
    found = session(tmp_path)
    found.choose("yuyao_2020")
    before, policies = found.scenario(), found.state.policies
    assert found.regroup(lambda: Grouping("3:5"))
    after = found.scenario()
    assert {school.id for school in after.roster.schools} == {school.id for school in before.roster.schools}
    sizes = Counter(school.group for school in after.roster.schools if school.group)
    assert set(sizes.values()) <= {3, 4, 5}
    assert str(len(sizes)) in groups.told(found.grouped(), found.t)[0]
    assert found.state.policies == policies
    found.check()
    other = Session(found.service, Language.ZH)
    other.open(found.query())
    assert (other.faults, other.state) == ("", found.state)
    assert other.scenario().roster.groups == after.roster.groups


def test_groups_that_cannot_be_made_say_what_stands_in_the_way(tmp_path: Path) -> None:
    found = session(tmp_path)
    state = found.state
    assert not found.regroup(lambda: Grouping("8:16"))
    assert "8" in found.refused and found.state == state and not found.undoable


@pytest.fixture
def county(tmp_path: Path) -> Session:
    found = session(tmp_path)
    found.choose("lishui_2019_primary")
    return found


def test_groups_put_right_by_hand_are_in_the_run_the_file_and_the_link(county: Session, tmp_path: Path) -> None:
    roster = county.scenario().roster
    first, second = roster.groups[:2]
    member = next(s.id for s in roster.schools if s.group == first.id and s.id != first.lead)
    assert county.regroup(lambda: groups.moved(county.grouped(), member, second.id, county.t))
    assert county.regroup(lambda: groups.led(county.grouped(), member))
    now = county.scenario().roster
    assert {s.id: s.group for s in now.schools}[member] == second.id
    assert {g.id: g.lead for g in now.groups}[second.id] == member
    assert county.state.grouping == Grouping("", {member: second.id}, {second.id: member})
    county.check()
    place = county.grouped().place
    assert place.called == "lishui_2019_primary.toml"
    saved = zipfile.ZipFile(io.BytesIO(files.place(place, {}))) if len(place.files) > 1 else None
    (tmp_path / place.called).write_bytes(saved.read(place.called) if saved else place.path.read_bytes())
    again = reader.load(tmp_path / place.called)
    assert (
        again.roster.groups == now.groups
        and again.world.schools.group.tolist() == county.scenario().world.schools.group.tolist()
    )
    assert any("by hand" in one.assumed.both()["en"] for one in again.provenance if one.assumed)
    other = Session(county.service, Language.EN)
    other.open(county.query())
    assert (other.faults, other.state) == ("", county.state)
    county.undo()
    county.undo()
    assert county.state.grouping == Grouping() and county.grouped().place.name == "lishui_2019_primary"


def test_taking_back_groups_leaves_numbers_alone_and_never_leads_to_another_place(county: Session) -> None:
    group = county.scenario().roster.groups[0]
    member = next(s.id for s in county.scenario().roster.schools if s.group == group.id and s.id != group.lead)
    assert county.regroup(lambda: groups.moved(county.grouped(), member, "", county.t))
    county.state = replace(county.state, settings={"practice.renewal": "0.5"}, seed=7)
    county.undo()
    assert (county.state.settings, county.state.seed) == ({"practice.renewal": "0.5"}, 7)
    assert county.state.grouping == Grouping()
    assert county.regroup(lambda: groups.moved(county.grouped(), member, "", county.t))
    county.open("place=yuyao_2020")
    county.undo()
    assert county.state.place == "yuyao_2020"


@pytest.mark.parametrize("language", list(Language))
def test_a_lead_does_not_leave_its_members_alone(county: Session, language: Language) -> None:
    county.language = language
    roster = county.scenario().roster
    first, second = roster.groups[:2]
    for group in ("", second.id):
        assert not county.regroup(lambda group=group: groups.moved(county.grouped(), first.lead, group, county.t))  # type: ignore[misc]
        assert first.name[language.value] in county.refused
        assert county.state.grouping == Grouping()


def test_a_school_founds_a_group_and_a_group_left_by_all_is_gone(county: Session) -> None:
    roster = county.scenario().roster
    first = roster.groups[0]
    own = [s.id for s in roster.schools if s.group == first.id and s.id != first.lead]
    new = groups.new_group(roster, own[0])
    assert county.regroup(lambda: groups.moved(county.grouped(), own[0], new, county.t))
    assert {g.id: g.lead for g in county.scenario().roster.groups}[new] == own[0]
    for school in [*own[1:], first.lead]:
        assert county.regroup(lambda school=school: groups.moved(county.grouped(), school, "", county.t))  # type: ignore[misc]
    assert first.id not in {g.id for g in county.scenario().roster.groups}
    county.check()


@pytest.mark.parametrize(
    ("query", "said"), [("move=nobody=x", "nobody"), ("lead=x=y", "y"), ("size=1:99", "1:99"), ("size=3:5&move=a", "a")]
)
def test_a_link_with_groups_that_cannot_be_says_why(query: str, said: str, tmp_path: Path) -> None:
    found = session(tmp_path)
    found.open(f"place=yuyao_2020&{query}")
    assert said in found.faults and found.place is None


def test_rosters_go_to_the_importer_under_names_of_the_servers_own(tmp_path: Path) -> None:
    seen: list[str] = []

    def importer(paths: object, scenario: Path, language: Language, title: str) -> list[str]:
        seen.extend(path.name for path in paths)  # type: ignore[attr-defined]
        scenario.write_text(TEXT, encoding="utf-8")
        return [f"roster1.csv: a remark about {title}"]

    files = [rosters.Upload("../../schools.csv", b"a"), rosters.Upload("C:\\x\\teachers.XLSX", b"b")]
    place, remarks = rosters.place_of(files, importer, Language.ZH, session(tmp_path).message, "Own")
    assert seen == ["roster1.csv", "roster2.xlsx"]
    assert list(remarks) == ["schools.csv: a remark about Own"]
    assert [path.name for path in place.files] == ["own.toml"]
    folder = place.path.parent
    del place
    assert not folder.exists()


def test_numbers_of_people_in_rosters_are_neither_told_nor_kept_nor_taken_away(tmp_path: Path) -> None:
    number, told = "33018519800101123X", session(tmp_path).message
    schools = rosters.Upload(f"学校{number}.csv", SCHOOLS.encode())
    teachers = rosters.Upload("teachers.csv", TEACHERS.replace("T001", number).encode())
    place, remarks = rosters.place_of([schools, teachers], importer, Language.ZH, told)
    with zipfile.ZipFile(io.BytesIO(files.place(place, {}))) as archive:
        taken = {name: archive.read(name).decode() for name in archive.namelist()}
    assert "T0001" in taken["own.teachers.csv"]
    assert number not in "".join([*remarks, *taken, *taken.values()])
    assert [path for path in place.path.parent.rglob("*") if number.encode() in pieces_of(path)] == []
    with pytest.raises(rosters.UploadError) as refused:
        rosters.place_of([schools, teachers, schools], importer, Language.ZH, told)
    assert "学校****.csv" in str(refused.value) and number not in str(refused.value)


def pieces_of(path: Path) -> bytes:
    """Return the name of a file and what is in it."""
    return path.name.encode() + (path.read_bytes() if path.is_file() else b"")


@pytest.mark.parametrize("name", ["a.exe", "a", "a.toml.html", "a.csv"])
def test_other_kinds_of_files_are_refused(name: str, tmp_path: Path) -> None:
    found = session(tmp_path)
    with pytest.raises(Exception, match="bad_type") as told:
        rosters.place_of([rosters.Upload(name, b"")], None, Language.EN, found.message)
    assert name in found.message(told.value)


def test_too_large_and_too_many_files_are_refused(tmp_path: Path) -> None:
    told = session(tmp_path).message
    large = rosters.Upload("a.toml", bytes(rosters.LARGEST + 1))
    with pytest.raises(Exception, match="too_large"):
        rosters.place_of([large], None, Language.EN, told)
    with pytest.raises(Exception, match="too_many_files"):
        rosters.place_of([rosters.Upload("a.toml", b"")] * 2, None, Language.EN, told)


def test_a_scenario_taken_away_has_the_numbers_that_were_set(tmp_path: Path) -> None:
    settings = {"practice.renewal": "0.3", "practice.decay": "0.07", "modes.fusion.autonomy": "0.35"}
    path = tmp_path / f"{SMALL}.toml"
    path.write_text(with_settings(with_settings(TEXT, {"practice.renewal": "0.9"}), settings), encoding="utf-8")
    again, meant = reader.load(path), reader.load(SMALL, settings)
    assert again.parameters == meant.parameters
    assert again.catalogue.modes["fusion"].record == meant.catalogue.modes["fusion"].record
    assert again.parameters.practice.renewal == 0.3


def test_tabs_keep_apart_and_a_reload_finds_its_own(tmp_path: Path) -> None:
    tabs = Tabs(service(tmp_path))
    mine: dict[str, object] = {}
    first = tabs.session(mine, "lang=zh")
    first.choose(SMALL)
    assert tabs.session(mine, first.query()) is first
    assert first.language is Language.ZH
    assert tabs.session({}, first.query()) is not first
    assert tabs.session({"session": "guessed"}, "").state.place == ""


def test_only_so_many_tabs_are_kept(tmp_path: Path) -> None:
    tabs = Tabs(service(tmp_path))
    for _ in range(MOST_TABS + 20):
        tabs.session({}, "")
    assert len(tabs) <= MOST_TABS


def test_a_tab_that_is_looked_at_is_kept_and_one_unseen_for_long_is_not(tmp_path: Path) -> None:
    tabs = Tabs(service(tmp_path))
    looked_at: dict[str, object] = {}
    left: dict[str, object] = {}
    mine, other = tabs.session(looked_at, ""), tabs.session(left, "")
    other.seen -= UNSEEN_SECONDS + 1
    tabs.session({}, "")
    assert tabs.session(looked_at, "") is mine
    assert tabs.session(left, "") is not other


@pytest.mark.parametrize(
    ("language", "said"), [(Language.ZH, "24 所学校没有坐标"), (Language.EN, "24 schools without")]
)
def test_drawn_positions_are_told_beside_distances_and_map_and_the_roster_is_no_assumption(
    language: Language, said: str, tmp_path: Path
) -> None:
    settings = ("城区", "镇区", "乡村", "乡村")
    rows = [f"{n}小,小学,{settings[n % 4]},公办,{300 + 10 * n},{20 + n},{n % 5}乡,{60 + n}" for n in range(24)]
    head = "学校名称,学段,城乡,办学性质,学生数,教师数,所在乡镇,平均分2024"
    upload = rosters.Upload("schools.csv", "\n".join([head, *rows]).encode())
    found = session(tmp_path)
    found.language = language
    place, _ = rosters.place_of([upload], importer, language, found.message)
    found.take(place)
    assert found.regroup(lambda: Grouping("3:5"))
    assert said in groups.positions(found.scenario(), found.t)
    (done,) = groups.told(found.grouped(), found.t)
    assert said in done
    words = str(cards.words(found.scenario().provenance, found.t))
    as_it_is = {Language.ZH: "与名册一致。", Language.EN: "As the roster has it."}[language]
    assert words.count(f'<span class="assumed">{as_it_is}</span>') == 1
    assert words.count(as_it_is) == 1

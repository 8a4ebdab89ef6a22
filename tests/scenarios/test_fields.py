"""Fields of a scenario's file set by path before it is read."""

import pytest

from scenarios import fields, reader
from scenarios.problems import ScenarioError

TWO = "shuangtaizi_two_schools"


def codes(error: pytest.ExceptionInfo[ScenarioError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_a_changed_field_changes_the_world_and_nothing_else_does() -> None:
    usual, same = reader.load(TWO), reader.load(TWO, fields={"world.schools.1.posts": 60})
    changed = reader.load(TWO, fields={"world.schools.1.posts": 30.0})
    assert same.inputs_sha256 == usual.inputs_sha256 != changed.inputs_sha256
    assert len(usual.world.teachers.id) - len(changed.world.teachers.id) == 30


def test_a_star_stands_for_every_item_and_a_table_can_be_set_whole() -> None:
    usual = reader.load("yuyao_2020")
    source = reader.document("yuyao_2020")
    members = [plan["members"] for level in source.data["world"]["levels"] for plan in level["groups"]]
    places = {f"world.levels.{row}.settings": {"rural": count} for row, count in enumerate((18, 8))}
    fewer = reader.load("yuyao_2020", fields={"world.levels.*.groups.*.members": 1, **places})
    counts = [plan["count"] for level in source.data["world"]["levels"] for plan in level["groups"]]
    lost = sum(count * (own - 1) for count, own in zip(counts, members, strict=True))
    assert len(usual.world.schools.id) - len(fewer.world.schools.id) == lost


def test_what_the_file_leaves_open_can_be_set_and_read() -> None:
    source = reader.document(TWO)
    assert fields.value_at(source, "run.years") == 10
    assert fields.value_at(source, "world.towns") == 15
    assert fields.value_at(source, "world.schools.*.reliability") == 0.8
    assert reader.load(TWO, fields={"run.burn_in": 3}).run.burn_in == 3
    assert fields.value_at(fields.changed(source, {"world.towns": 3.0}), "world.towns") == 3


def test_the_file_itself_is_left_alone() -> None:
    source = reader.document(TWO)
    fields.changed(source, {"world.schools.0.posts": 1})
    assert source.data["world"]["schools"][0]["posts"] == 90


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("world.schools.2.posts", 3, "unknown_field"),
        ("world.schools.0.post", 3, "unknown_field"),
        ("world.scools.0.posts", 3, "unknown_field"),
        ("world.schools.0.posts", 2.5, "not_whole"),
        ("world.schools.0.posts", -1, "out_of_bounds"),
        ("world.schools.0.standing", float("nan"), "not_finite"),
        ("world.schools.0.level", "college", "unknown_choice"),
        ("baseline.rotation", "nobody", "unknown_rotation"),
    ],
)
def test_a_wrong_path_or_value_is_refused(path: str, value: object, code: str) -> None:
    with pytest.raises(ScenarioError) as error:
        reader.load(TWO, fields={path: value})
    assert code in codes(error)


@pytest.mark.parametrize("path", ["world.schools.2.posts", "world.schools.0.post", "run.year", "world.towns.x"])
def test_the_value_at_a_wrong_path_is_refused(path: str) -> None:
    with pytest.raises(ScenarioError) as error:
        fields.value_at(reader.document(TWO), path)
    assert codes(error) == ["unknown_field"]

"""What a scenario takes otherwise than declared is found, whoever set it, and nothing else is."""

from scenarios import reader
from scenarios.catalogue import worlds
from scenarios.changes import changes

SMALL = "shuangtaizi_two_schools"


def test_a_place_as_it_comes_changes_nothing() -> None:
    for name in ("shuangtaizi_two_schools", "yuyao_2020"):
        assert changes(reader.load(name)) == []


def test_parameters_and_fields_that_are_set_are_told_with_both_values() -> None:
    found = changes(reader.load(SMALL, {"practice.renewal": "0.4", "modes.fusion.teaching": "0.6"}))
    assert [(one["path"], one["unit"], one["declared"], one["value"]) for one in found] == [
        ("practice.renewal", "ratio", 0.5, 0.4),
        ("modes.fusion.teaching", "share", 1.0, 0.6),
    ]
    assert found[1]["of"] == {"en": "Fusion", "zh": "融合型"}


def test_a_number_set_to_what_it_is_declared_as_is_no_change() -> None:
    assert changes(reader.load(SMALL, {"practice.renewal": "0.5"})) == []


def test_what_the_file_itself_sets_is_told_too() -> None:
    text = worlds()[SMALL].read_text(encoding="utf-8") + "\n[parameters.practice]\nrenewal = 0.3\n"
    assert [one["value"] for one in changes(reader.loads("x", text))] == [0.3]

"""No value of any type, at any field of a claim's file, ends in anything but a sound claim or one fault in words."""

from dataclasses import replace
from pathlib import Path

import pytest

from experiments.claim import bundled, check_settings, claim_of, setting_of
from experiments.claim_schema import ClaimTable
from scenarios.problems import ScenarioError
from scenarios.source import Source, read
from tests.scenarios.anything import ODD, WRONG, declared, places, put, read_all, unlike

OWN = Path(__file__).parent / "claim.toml"


def tried(source: Source) -> None:
    claim = claim_of("claim", source)
    check_settings(claim, setting_of(claim))


def test_any_value_at_any_field_of_a_claim() -> None:
    source = read(OWN)
    sound, refused = read_all(source, {*places(source.data), *declared(ClaimTable, source.data)}, ODD, tried)
    assert sound > 150
    assert refused > 2000


@pytest.mark.parametrize("name", bundled())
def test_a_wrong_value_at_any_field_of_a_bundled_claim(name: str) -> None:
    source = read(bundled()[name])
    paths = [path for path in unlike(places(source.data)) if path[0] not in ("note", "presumed", "quotations")]
    _, refused = read_all(source, paths, WRONG[::2], lambda changed: claim_of(name, changed))
    assert refused > 4 * len(paths)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("constants", "practice.renewal"), [], "not_a_setting"),
        (("levers", "renewal", "values"), [0.1, []], "not_a_value"),
        (("levers", "renewal", "values"), [0.1, 0.1], "value_twice"),
        (("outcomes", "valley", "measure"), 3, "not_a_measure"),
        (("uncertainties", "vary"), 3, "not_paths_or_all"),
        (("levers", "renewal", "valuse"), [1], "unknown_field"),
        (("contrasts",), [], "bad_length"),
    ],
)
def test_a_wrong_kind_is_one_fault_at_its_place(path: tuple[str, ...], value: object, code: str) -> None:
    source = read(OWN)
    with pytest.raises(ScenarioError) as caught:
        tried(replace(source, data=put(source.data, path, value)))
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.where.name.startswith(".".join(path[:2]))

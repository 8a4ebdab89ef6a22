"""No value of whatever type, at any field of a file, ends in anything but a sound reading or one fault in words."""

from pathlib import Path

import pytest

from model.parameters import declared as parameters
from scenarios import reader, schema
from scenarios.catalogue import KINDS, ROOM, summaries
from scenarios.problems import ScenarioError
from scenarios.rivals import RivalTable, rival_of
from scenarios.source import Source, parse, read
from tests.scenarios.anything import ODD, WRONG, declared, places, read_all, unlike
from tests.scenarios.samples import COUNTED, LISTED

RECORDS = """
[parameters.learning]
fade = 0.2
[run]
years = 5
[world.teachers]
file = "county.teachers.csv"
sha256 = "x"
"""


def scenario(source: Source) -> object:
    return reader._scenario("county", source, {})


@pytest.mark.parametrize("sample", [LISTED, COUNTED])
def test_any_value_at_any_field_of_a_scenario(sample: str) -> None:
    source = parse("county.toml", sample + RECORDS)
    paths = {*places(source.data), *declared(schema.ScenarioTable, source.data)}
    read_all(source, paths, WRONG, scenario)
    sound, refused = read_all(parse("county.toml", sample), paths, ODD, scenario)
    assert sound > 100
    assert refused > 3000


@pytest.mark.parametrize("name", [one.name for one in summaries() if not one.benchmark])
def test_a_wrong_value_at_any_field_of_a_bundled_scenario(name: str) -> None:
    source = reader.document(name)
    paths = unlike(places(source.data))
    _, refused = read_all(source, paths, WRONG[:10], scenario)
    assert refused > 7 * len(paths)


def test_any_value_of_any_parameter() -> None:
    source = parse("county.toml", LISTED)
    paths = {("parameters", *path.split(".")) for path in parameters()}
    sound, refused = read_all(source, paths, WRONG, scenario)
    assert sound < len(paths) < refused


@pytest.mark.parametrize("kind", KINDS)
def test_any_value_at_any_field_of_a_record_of_policy(kind: str) -> None:
    records = {path.stem: read(path).data for path in (ROOM / "policies" / f"{kind}s").glob("*.toml")}
    source = Source("county.toml", "", {**parse("county.toml", LISTED).data, f"{kind}s": records})
    told = {field: (f"{kind}s", ident, *field) for ident in records for field in places(records[ident])}
    told |= {field: (f"{kind}s", "none", *field) for field in declared(KINDS[kind][0], {}) if field not in told}
    paths = unlike(told.values())
    _, refused = read_all(source, paths, WRONG, scenario)
    assert refused > 8 * len(paths)


@pytest.mark.parametrize("path", sorted((ROOM / "rivals").glob("*.toml")), ids=lambda path: path.stem)
def test_any_value_at_any_field_of_a_rival(path: Path) -> None:
    source = read(path)
    assert rival_of(path.stem, source).values
    fields = {*places(source.data), *declared(RivalTable, source.data), ("parameters", "staffing", "no_such")}
    sound, refused = read_all(source, fields, ODD, lambda changed: rival_of("rival", changed))
    assert sound < refused


def test_a_wrong_kind_is_one_fault_not_one_for_every_kind_that_would_be_right() -> None:
    with pytest.raises(ScenarioError) as caught:
        reader.loads("county.toml", LISTED + '[modes.mine]\nbased_on = "fusion"\nsupervision = []\n')
    (problem,) = caught.value.problems
    assert (problem.code, problem.where.name, problem.where.line) == ("not_a_number", "modes.mine.supervision", 61)


def test_a_price_that_no_county_could_pay_is_refused() -> None:
    with pytest.raises(ScenarioError) as caught:
        reader.loads("county.toml", LISTED, {"finance.travel": 1e308, "finance.trips": 10**400})
    assert [problem.remedy["allowed"] for problem in caught.value.problems] == ["[0, 1e+10]"] * 2

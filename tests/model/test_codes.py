"""Codes stand once: numbers and words come from `model.codes`, and nowhere is a code a bare number."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest

from model import codes, columns, policy
from model.codes import Code, Honour, Quota, Role, TieLayer
from model.compilation import compiled
from model.policy import Mode, RotationPolicy
from scenarios import schema
from tests.model.test_sources import PROJECT, source_files, tree_of

LISTS = [one for one in vars(codes).values() if inspect.isclass(one) and issubclass(one, Code) and len(one)]
MEMBERS = {(name, int(code)) for one in LISTS for name, code in one.__members__.items()}
# Columns of codes by the names that views and packed rows have for them.
COLUMNS = {"role", "setting", "ownership", "level", "layer", "rank", "title", "honour", "employment", "backfill"}
COLUMNS |= {"known_qualified", "HONOUR", "TITLE", "EMPLOYMENT", "BACKFILL", "QUOTA", "DESTINATION", "COVER", "KIND"}
CHECKED = [path for room in ("model", "scenarios", "experiments") for path in source_files(room)]
OWN = PROJECT / "model" / "codes.py"


def bare_numbers(tree: ast.Module) -> Iterator[str]:
    """Yield comparisons of a column of codes with a whole number, and names of codes given one outside a list."""
    inside = {id(node) for one in ast.walk(tree) if isinstance(one, ast.ClassDef) for node in one.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(map(is_column, (node.left, *node.comparators))):
            if any(map(is_number, (node.left, *node.comparators))):
                yield ast.unparse(node)
        elif isinstance(node, ast.Assign) and id(node) not in inside:
            yield from (name for name, number in numbered(node) if (name, number) in MEMBERS)


def numbered(node: ast.Assign) -> Iterator[tuple[str, int]]:
    """Yield the names that an assignment gives whole numbers to, with the numbers."""
    targets = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets
    values: list[ast.expr] = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    if isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "range":
        values = [ast.Constant(number) for number in range(len(targets))]
    for target, value in zip(targets, values, strict=False):
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and type(value.value) is int:
            yield target.id, value.value


def is_number(node: ast.expr) -> bool:
    """Whether an expression is a whole number."""
    return isinstance(node, ast.Constant) and type(node.value) is int


def is_column(node: ast.expr) -> bool:
    """Whether an expression takes a column of codes, or an entry of one."""
    if isinstance(node, ast.Subscript):
        return is_column(node.value) or any(getattr(n, "id", "") in COLUMNS for n in ast.walk(node.slice))
    return getattr(node, "attr", "") in COLUMNS


@pytest.mark.parametrize("path", CHECKED, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_no_code_is_a_bare_number(path: Path) -> None:
    assert path == OWN or list(bare_numbers(tree_of(path))) == []


def test_the_scan_finds_what_it_looks_for() -> None:
    faults = (
        "LEAD = 2", "MEMBER, LEAD = 1, 2", "NONE, SWAP = range(2)", "x.role[j] >= 2", "t.employment[i] == 0",
        "f.code[i, HONOUR] > 0", "layer.layer != 0", "s.setting == 0", "0 == world.ties.layer",
    )  # fmt: skip
    assert [len(list(bare_numbers(ast.parse(fault)))) for fault in faults] == [1, 2, 2, 1, 1, 1, 1, 1, 1]
    fine = (
        "x.role[j] >= Role.LEAD",
        "LEADS = 2",
        "SWAP = 7",
        "f.code[i, PARTNER] < 0",
        "region.levels == 2",
        "level = 0.95",
    )
    assert [list(bare_numbers(ast.parse(line))) for line in fine] == [[]] * len(fine)


@pytest.mark.parametrize("codes_", LISTS, ids=lambda one: one.__name__)
def test_words_and_numbers_lead_to_each_other(codes_: type[Code]) -> None:
    assert [codes_.of(word) for word in codes_.words()] == list(codes_)
    assert len(set(map(int, codes_))) == len(codes_) == len(codes_.__members__)
    with pytest.raises(KeyError):
        codes_.of("no such word")


def test_words_in_columns_stand_at_their_number() -> None:
    lists = {name: words for name, words in vars(columns).items() if isinstance(words, tuple) and name.isupper()}
    named = {"ROLES": codes.Role, "LAYERS": TieLayer, "COST_LINES": codes.CostLine, "CHANNELS": codes.Channel}
    for name, own in named.items():
        assert [own.of(word) for word in lists[name]] == list(range(len(own)))
    assert columns.CHANNELS[:3] == columns.PRACTICES


def test_policies_and_files_take_the_words_of_the_lists_and_no_others() -> None:
    said = {**get_type_hints(Mode), **get_type_hints(RotationPolicy)}
    assert get_args(said["legal_person"]) == codes.LegalPerson.words()
    assert get_args(said["quota"]) == Quota.words()
    assert get_args(policy.Backfill) == codes.Backfill.words()[1:]
    for table, record in ((schema.ModeTable, Mode), (schema.RotationTable, RotationPolicy)):
        for name, hint in get_type_hints(record).items():
            if name != "name" and get_args(hint) and isinstance(get_args(hint)[0], str):
                assert table.model_fields[name].annotation == hint
    assert get_args(schema.SchoolTable.model_fields["setting"].annotation) == codes.Setting.words()


@compiled
def counted(role: np.ndarray, honour: np.ndarray) -> int:
    out = 0
    for j in range(len(role)):
        out += role[j] >= Role.LEAD
        honour[j] = Honour.MASTER if honour[j] == Honour.BACKBONE else Honour.NONE
    return out


def test_kernels_take_codes_for_the_numbers_they_are() -> None:
    role, honour = np.arange(4, dtype=np.int8), np.array([0, 1, 2, 1], dtype=np.int8)
    assert counted(role, honour) == 2
    assert honour.tolist() == [0, 2, 0, 2]
    assert role.dtype == honour.dtype == np.int8

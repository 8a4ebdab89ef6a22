"""What the source of the model may contain: chance, arithmetic, imports, parameters and citations."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest

import model
from model.attributes import Attributes
from model.parameters import GROUPS, Parameters, declared, get
from model.schedule import TERM

PROJECT = Path(model.__file__).resolve().parents[1]
FLOORS = ("model", "scenarios", "experiments", "figures", "app")
# What a room may import of ours. Figures read saved results; only the rooms below them know how those are made.
MAY_IMPORT = {
    "model": {"model"},
    "scenarios": {"model", "scenarios"},
    "experiments": {"model", "scenarios", "experiments"},
    "figures": {"figures"},
    "app": set(FLOORS),
}
PORTABLE = (*sorted((PROJECT / "model").rglob("*.py")), PROJECT / "scenarios" / "generate.py")
UNPORTABLE = {
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "logaddexp", "power", "float_power", "pow", "cbrt", "sin",
    "cos", "tan", "tanh", "sum", "nansum", "mean", "nanmean", "average", "median", "std", "var", "cov", "corrcoef",
    "prod", "cumsum", "cumprod", "trapezoid", "dot", "vdot", "inner", "outer", "matmul", "tensordot", "einsum",
    "linalg", "fft", "quantile", "percentile", "interp", "convolve", "random", "fsum", "erf", "erfc", "gamma", "lgamma",
    "hypot",
}  # fmt: skip
METHODS = {"sum", "mean", "std", "var", "prod", "cumsum", "cumprod", "dot", "trace"}
LIBRARIES = {"np", "numpy", "math"}
KEY = re.compile(r"\b[a-z]{3,}(?:19|20)\d{2}[a-z]?\b")
ENTRY = re.compile(r"^@(\w+)\{([^,]+),$", re.MULTILINE)


def source_files(room: str) -> list[Path]:
    """Return the Python files of a room."""
    return sorted((PROJECT / room).rglob("*.py"))


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield the modules a file imports, in functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield ("." * node.level) + (node.module or "")
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield node.args[0].value


def docstrings(tree: ast.Module) -> Iterator[str]:
    """Yield the docstrings of a file."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    yield from (ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, kinds))


def own_names(tree: ast.Module) -> set[str]:
    """Return names that a file takes from the portable arithmetic or defines itself."""
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    taken = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "model.arithmetic"]
    return defined | {alias.name for node in taken for alias in node.names}


def is_whole(node: ast.expr) -> bool:
    """Whether an exponent is plainly a whole number: a power of one is a product, the same everywhere."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return is_whole(node.operand)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int)
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "int"


def unportable(tree: ast.Module) -> Iterator[str]:
    """Yield what in a file may give other bytes elsewhere, with its line."""
    own = own_names(tree)
    for node in ast.walk(tree):
        where = f"line {getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in LIBRARIES:
            if node.attr in UNPORTABLE:
                yield f"{where}: {node.value.id}.{node.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            if getattr(node.func.value, "id", "") in LIBRARIES:
                continue
            yield f"{where}: .{node.func.attr}()"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("pow", "hash", "sum") and node.func.id not in own and not counts(node):
                yield f"{where}: {node.func.id}()"
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult):
            yield f"{where}: @"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not is_whole(node.right):
            yield f"{where}: **"


def counts(call: ast.Call) -> bool:
    """Whether a `sum` adds whole numbers only: counts, lengths, comparisons; Python 3.12 rounds floats otherwise."""
    argument = call.args[0]
    added = argument.elt if isinstance(argument, ast.GeneratorExp | ast.ListComp) else argument
    names = {node.id for node in ast.walk(added) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(added) if isinstance(node, ast.Attribute)
    }
    return isinstance(added, ast.Compare) or bool(names & {"count", "counts", "len", "members", "settings", "size"})


# Chance and arithmetic ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PORTABLE, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_the_core_uses_portable_arithmetic_only(path: Path) -> None:
    assert list(unportable(tree_of(path))) == []


def test_the_scan_finds_what_it_looks_for() -> None:
    """The scan itself is tested: each line is one fault, the last ones are none."""
    faults = (
        "np.exp(x)", "numpy.log(x)", "math.exp(x)", "np.sum(x)", "x.mean()", "a @ b", "np.dot(a, b)", "x ** 0.5",
        "x ** y",
        "np.random.default_rng(1)", "sum(x)", "pow(x, y)", "sum(s.standing for s in t)", "x.sum(axis=0)", "a.dot(b)",
    )  # fmt: skip
    assert [len(list(unportable(ast.parse(fault)))) for fault in faults] == [1] * len(faults)
    fine = (
        "x ** 2",
        "x ** -1",
        "x ** int(n)",
        "np.sqrt(x)",
        "np.zeros(3)",
        "sum(len(x) for x in y)",
        "exp(x)",
        "x.any()",
    )
    assert [list(unportable(ast.parse(line))) for line in fine] == [[]] * len(fine)


@pytest.mark.parametrize("room", FLOORS)
def test_nothing_draws_from_an_unkeyed_generator(room: str) -> None:
    """`random` and `np.random` are nowhere; the rooms above the core may seed a generator for statistics of results.

    Tokens that keep sessions of the page apart are secrets, and nothing is simulated with them.
    """
    banned = {"random", "uuid"} if room == "app" else {"random", "secrets", "uuid"}
    for path in source_files(room):
        tree = tree_of(path)
        assert not any(name.split(".")[0] in banned for name in imported(tree)), path
        for node in ast.walk(tree):
            if not (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Attribute)
                and node.value.attr == "random"
            ):
                continue
            allowed = {"Generator", "Philox", "SeedSequence"} if room not in ("model", "scenarios") else set()
            assert node.attr in allowed, f"{path}: np.random.{node.attr}"


def test_kernels_are_compiled_without_fast_mathematics_and_in_one_thread() -> None:
    for path in source_files("model"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.keyword) and node.arg in ("fastmath", "parallel"):
                assert isinstance(node.value, ast.Constant), path
                assert node.value.value is False, path
            assert not (isinstance(node, ast.Attribute) and node.attr in ("prange", "vectorize", "guvectorize")), path


def test_the_model_does_no_input_or_output_and_draws_nothing() -> None:
    """Only the module that keeps the compiler's cache touches files."""
    forbidden = {
        "scipy",
        "pandas",
        "pyarrow",
        "matplotlib",
        "pydantic",
        "tomllib",
        "json",
        "csv",
        "pathlib",
        "os",
        "io",
    }
    for path in source_files("model"):
        names = {name.split(".")[0] for name in imported(tree_of(path))}
        if path.name != "compilation.py":
            assert not names & forbidden, f"{path}: {names & forbidden}"
        calls = [n.func.id for n in ast.walk(tree_of(path)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
        assert not {"open", "print", "input", "eval", "exec"} & set(calls), path


# Floors ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", FLOORS)
def test_imports_go_down_the_floors_only(room: str) -> None:
    """All rooms: app → figures, experiments → scenarios → model; figures know no room but their own."""
    for path in source_files(room):
        for name in imported(tree_of(path)):
            top = name.split(".")[0]
            assert name[:1] != ".", f"{path}: relative import {name}"
            assert top != "tests", f"{path} imports tests"
            assert top not in FLOORS or top in MAY_IMPORT[room], f"{path} imports {name}"


def test_no_process_asks_which_mode_it_is_in() -> None:
    """Processes see ties and attributes, never policies."""
    for path in source_files("model/processes"):
        assert "model.policy" not in set(imported(tree_of(path))), path
        taken = {node.attr for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)}
        assert not taken & {"mode", "modes", "Mode", "assigned", "layers"}, path


# Parameters -----------------------------------------------------------------------------------------------------------


@functools.cache
def read_attributes() -> set[str]:
    """Return every attribute name that the model's code takes, outside the declarations."""
    files = [path for path in source_files("model") if path.name != "parameters.py"]
    return {n.attr for path in files for n in ast.walk(tree_of(path)) if isinstance(n, ast.Attribute)}


@pytest.mark.parametrize("path", declared())
def test_every_parameter_is_read_and_fully_declared(path: str) -> None:
    parameter, (group, name) = declared()[path], path.split(".")
    assert name in read_attributes()
    assert group in read_attributes()
    assert parameter.meaning
    assert parameter.unit
    assert parameter.source
    assert parameter.kind in ("measured", "derived", "judged", "policy")
    assert parameter.low < parameter.high
    assert parameter.low <= get(Parameters(), path) <= parameter.high


def test_measured_and_derived_parameters_cite_a_work_or_show_the_arithmetic() -> None:
    for path, parameter in declared().items():
        if parameter.kind == "measured":
            assert KEY.search(parameter.source), path
        if parameter.kind == "derived":
            assert KEY.search(parameter.source) or re.search(r"\d", parameter.source), path


def test_every_group_is_declared_once() -> None:
    assert list(GROUPS) == list(get_type_hints(Parameters))
    assert sum(len(get_type_hints(kind)) for kind in GROUPS.values()) == len(declared())


@functools.cache
def view_paths() -> set[str]:
    """Return every `table.column` that a view of some process names."""
    found: set[str] = set()
    for path in source_files("model"):
        for node in ast.walk(tree_of(path)):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.fullmatch(r"[a-z]+\.[a-z_]+", node.value)
            ):
                found.add(node.value)
    return found


@functools.cache
def taken_by_steps() -> set[str]:
    """Return the fields of a policy that a step takes itself, not through a view."""
    return {
        node.attr
        for path in source_files("model/processes")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("attributes", "a")
    }


@functools.cache
def taken_by_measures() -> set[str]:
    """Return the fields of a policy that measures of outcomes are given."""
    tree = tree_of(PROJECT / "model" / "measures.py")
    return {argument.arg for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for argument in node.args.args}


@pytest.mark.parametrize("field", Attributes._fields)
def test_every_attribute_of_a_policy_is_read_by_a_process(field: str) -> None:
    """By a kernel's view, by the step itself, or by a measure; one that nobody reads is a promise nothing keeps."""
    measured = field == "legal_person" and field in taken_by_measures()
    assert f"attributes.{field}" in view_paths() or field in taken_by_steps() or measured


# Citations ------------------------------------------------------------------------------------------------------------


@functools.cache
def bibliography() -> dict[str, str]:
    """Return key → text of the entries of the bibliography."""
    text = (PROJECT / "docs" / "references.bib").read_text("utf-8")
    starts = list(ENTRY.finditer(text))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    return {match[2]: text[match.start() : end] for match, end in zip(starts, ends, strict=True)}


def cited() -> dict[str, str]:
    """Return citation key → where it is used."""
    found = {key: f"parameters {path}" for path, p in declared().items() for key in KEY.findall(p.source)}
    for path in source_files("model"):
        for text in docstrings(tree_of(path)):
            found |= dict.fromkeys(KEY.findall(text), path.name)
    return found


def test_every_citation_is_in_the_bibliography() -> None:
    missing = {key: where for key, where in cited().items() if key not in bibliography()}
    assert missing == {}
    assert len(cited()) > 25


def test_bibliography_entries_are_complete_and_unique() -> None:
    text = (PROJECT / "docs" / "references.bib").read_text("utf-8")
    keys = [match[2] for match in ENTRY.finditer(text)]
    assert len(set(keys)) == len(keys)
    for key, entry in bibliography().items():
        for field in ("author", "title", "year"):
            assert re.search(rf"^\s+{field}\s*=\s*\{{.+\}},?$", entry, re.MULTILINE), f"{key}: {field}"
        assert re.search(r"^\s+(journal|booktitle|publisher|institution|number)\s*=", entry, re.MULTILINE), key
        year = re.search(r"year\s*=\s*\{(\d{4})\}", entry)
        assert year, key
        assert year[1] in key, f"{key}: year {year[1]}"


@pytest.mark.parametrize("name", [process.name for process in TERM])
def test_every_process_names_its_source_or_the_document_that_gives_the_direction(name: str) -> None:
    home = PROJECT / "model" / "processes" / name
    text = ast.get_docstring(tree_of(home / "__init__.py" if home.is_dir() else home.with_suffix(".py"))) or ""
    assert KEY.search(text) or re.search(r"[Dd]ocuments? [A-Z]\d", text)

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import figures
from figures.build import build_all
from figures.results import load

ROOT = Path(figures.__file__).parent
Write = Callable[..., Path]
OURS = {"model", "scenarios", "experiments", "app"}
FIGURES = ("network", "trajectories", "quadrant")
MORE = ("attribution", "ranking", "distribution", "official")
ENDINGS = ("pdf", "svg", "png", "csv", "md")


def _made(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_everything_is_written_in_both_languages(built: Path) -> None:
    expected = {f"figures/{name}{suffix}.{ending}" for name in FIGURES for suffix in ("", ".zh") for ending in ENDINGS}
    expected |= {f"tables/verdicts{suffix}.{ending}" for suffix in ("", ".zh") for ending in ("csv", "tex")}
    expected |= {f"report{suffix}.{ending}" for suffix in ("", ".zh") for ending in ("html", "pdf")}
    inputs = {"comparison.json", "manifest.json", "network/schools.csv", "network/ties.csv"}
    assert _made(built).keys() == expected | inputs


def test_what_is_explained_and_told_by_school_is_drawn_too(detailed: Path) -> None:
    found = {path.name for path in (detailed / "figures").iterdir()}
    assert found == {f"{n}{s}.{e}" for n in FIGURES + MORE for s in ("", ".zh") for e in ENDINGS}


def test_a_figure_that_there_is_no_more_is_removed(write: Write, full: dict[str, Any]) -> None:
    folder = write(full, details=True)
    build_all(folder, ["en"])
    for policy in full["policies"]:
        policy["attribution"] = None
    (folder / "comparison.json").write_text(json.dumps(full), encoding="utf-8")
    build_all(folder, ["en"])
    assert list((folder / "figures").glob("attribution*")) == []
    assert (folder / "figures" / "ranking.pdf").exists()


def test_another_process_writes_the_same_bytes(built: Path, write: Write) -> None:
    again = write()
    command = "import sys; from figures.build import build_all; build_all(sys.argv[1])"
    environment = os.environ | {"PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT.parent), "TZ": "Asia/Shanghai"}
    subprocess.run([sys.executable, "-c", command, str(again)], check=True, env=environment)
    assert _made(again) == _made(built)


def test_the_paths_written_are_returned_for_the_language_asked(built: Path, write: Write) -> None:
    folder = write()
    paths = build_all(folder, ["zh"])
    assert all(path.is_file() and ".zh." in path.name for path in paths)
    assert len(paths) == 3 * 5 + 2 + 2
    assert not (folder / "report.html").exists()


def test_captions_tell_scenario_seed_and_version(built: Path) -> None:
    for name in FIGURES:
        caption = (built / "figures" / f"{name}.md").read_text(encoding="utf-8")
        for words in ("Made-up county", "made_up_for_tests", "seed 7", "0.0.test", "synthetic"):
            assert words in caption


def test_saved_results_are_left_as_they_were(built: Path, write: Write) -> None:
    fresh = write()
    for name in ("comparison.json", "manifest.json", "network/schools.csv", "network/ties.csv"):
        assert (built / name).read_bytes() == (fresh / name).read_bytes()


def test_every_pdf_has_its_fonts_inside(built: Path) -> None:
    for path in (built / "figures").glob("*.pdf"):
        pdf = path.read_bytes()
        assert b"/FontFile2" in pdf
        assert b"/Type3" not in pdf
        assert b"DejaVu" not in pdf


def test_figures_import_no_other_room() -> None:
    imported = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
    assert "matplotlib" in imported
    assert not imported & OURS


def test_nothing_made_up_is_shipped(built: Path) -> None:
    scenario = load(built).comparison.scenario
    shipped = [path for path in ROOT.rglob("*") if path.suffix in {".py", ".toml", ".j2", ".css", ".md"}]
    assert [path for path in shipped if scenario in path.read_text(encoding="utf-8")] == []

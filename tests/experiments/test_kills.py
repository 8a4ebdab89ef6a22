"""A short version of the campaign of tests/kill_campaign.py, on a cheap sweep."""

import sys
from pathlib import Path

import pytest

from tests import kill_campaign
from tests.experiments import swept

COMMAND = (sys.executable, "-m", "tests.experiments.swept")


@pytest.mark.skipif(sys.platform != "linux", reason="needs the processes of /proc")
def test_a_sweep_killed_with_its_worker_ends_in_the_same_bytes(tmp_path: Path) -> None:
    swept.main(tmp_path / "undisturbed", "inline")
    expected = kill_campaign.results_of(tmp_path / "undisturbed")
    left = kill_campaign.strike(COMMAND, tmp_path / "killed", "both", 2.5)
    assert not left
    assert kill_campaign.finish(COMMAND, tmp_path / "killed")
    assert kill_campaign.results_of(tmp_path / "killed") == expected

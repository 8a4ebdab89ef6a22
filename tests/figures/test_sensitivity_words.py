"""What a sensitivity figure is headed with."""

import pytest

from figures.sensitivity import Entry, worded
from figures.style import VERDICTS
from figures.text import LANGUAGES, text


def _entry(outcome: str, **level: str) -> Entry:
    found = {"outcome": outcome, "level": level, "parameters": ["a"], "samples": 1, "runs": 1, "replicates": 8}
    return Entry.model_validate(found | {"noise_share": None, "warnings": []})


@pytest.mark.parametrize("language", LANGUAGES)
def test_outcomes_are_named_in_words_and_unknown_ones_by_their_key(language: str) -> None:
    t = text(language)
    assert worded(_entry("d_peak", mode="fusion"), t) == t("sensitivity.named.d_peak") + " · mode = fusion"
    for verdict in VERDICTS:
        assert t(f"verdict.name.{verdict}") in worded(_entry(f"probability_{verdict}"), t)
    assert worded(_entry("d_gini_year3"), t) == "d_gini_year3"

"""What `explain` saves: one policy and why it does what it does, drawn as a waterfall."""

from collections.abc import Sequence
from pathlib import Path

from figures import attribution, ending, findings, style, wording
from figures.attribution import Explained
from figures.records import Attribution, Control, Ended, Record, Title
from figures.results import LATE_YEARS, read_record
from figures.text import LANGUAGES, Text, text

NAME = "explanation.json"


class Explanation(Record):
    """One policy explained."""

    scenario: str
    title: Title
    synthetic: bool
    policy: str
    policy_title: Title
    ends: tuple[Ended, ...] = ()
    control: Control
    delta: float
    seed: int
    years: int
    version: str
    inputs_sha256: str
    attribution: Attribution


def load(results_dir: str | Path) -> Explanation:
    """Return the explanation saved in a results directory.

    Raises
    ------
    ResultsError
        If it is not there or holds something else.
    """
    return read_record(Path(results_dir) / NAME, Explanation)


def build(results_dir: str | Path, languages: Sequence[str] = LANGUAGES) -> list[Path]:
    """Draw the waterfall into a results directory in every language and return the paths written."""
    found = load(results_dir)
    one = [Explained(found.policy, found.policy_title, found.attribution)]
    paths = []
    for language in languages:
        name = "attribution" if language == "en" else f"attribution.{language}"
        drawn = attribution.waterfalls(one, language)
        paths += style.save(
            drawn, Path(results_dir) / "figures", name, attribution.table(one), caption(found, text(language))
        )
    return paths


def facts(found: Explanation, t: Text) -> dict[str, object]:
    """Return what captions and tables mention, by placeholder name."""
    return {
        "scenario": found.title[t.language],
        "id": found.scenario,
        "control": found.control.title[t.language],
        "seed": found.seed,
        "replicates": found.attribution.replicates,
        "explained": found.attribution.replicates,
        "version": found.version,
        "inputs": found.inputs_sha256[: wording.HASH_SHOWN],
        "first": max(found.years - LATE_YEARS + 1, 1),
        "last": found.years,
    }


def caption(found: Explanation, t: Text) -> str:
    """Return title, caption, one sentence for each mechanism, and where it comes from."""
    told = facts(found, t)
    title = f"{t('figure.attribution.title')}: {found.policy_title[t.language]}"
    lines = [t("figure.entitled", title=title, caption=t("figure.attribution.caption", **told))]
    lines += sentences(found, t)
    lines.append(t("figure.provenance.line", **told))
    if found.synthetic:
        lines.append(t("figure.provenance.synthetic"))
    return "\n\n".join(lines)


def sentences(found: Explanation, t: Text) -> list[str]:
    """Return why the strongest schools change, one sentence for each mechanism, and what rule the policy ends."""
    title = found.policy_title[t.language]
    ended = ending.told(found.ends, found.control.title, t)
    return [
        findings.story(title, found.attribution, t),
        *findings.mechanisms(found.attribution, found.delta, t),
        *([ended] if ended else []),
    ]

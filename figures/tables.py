"""The verdict table, as numbers for a spreadsheet and as words for a paper or report."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from figures import changed, style, wording
from figures.moves import of_changes
from figures.records import Policy
from figures.results import HORIZON, Results
from figures.text import Text, text

EFFECTS = ("peak", "valley", "middle", "mean")
EARLY_EFFECTS = ("peak", "valley", "mean")
SIGNS = {"\u00a0": "~", "σ": r"$\sigma$", "Δ": r"$\Delta$", "−": "$-$", "→": r"$\rightarrow$", "–": "--"}
"""Signs that not every LaTeX engine reads."""


def data(results: Results, language: str) -> pd.DataFrame:
    """Return one row per policy, numbers unrounded, headed in `language`; effects in σ per school year."""
    t = text(language)
    return pd.DataFrame([_numbers(policy, t) for policy in results.comparison.policies])


def late(results: Results, language: str) -> pd.DataFrame:
    """Return verdicts and long-run effects with simultaneous intervals, as words."""
    return _words(
        results,
        language,
        lambda policy, t: {
            "verdict": wording.verdict(policy.verdict, policy.verdict_regions, t),
            "replicates": wording.whole(policy.replicates),
            **{effect: wording.interval(getattr(policy, f"d_{effect}"), t) for effect in EFFECTS},
        },
    )


def early(results: Results, language: str) -> pd.DataFrame:
    """Return verdicts and effects at year 3, the documents' own horizon, as words."""
    return _words(
        results,
        language,
        lambda policy, t: {
            "verdict": wording.verdict(policy.verdict_year3, policy.verdict_regions_year3, t),
            **{effect: wording.interval(getattr(policy, f"d_{effect}_year{HORIZON}"), t) for effect in EARLY_EFFECTS},
        },
    )


def others(results: Results, language: str) -> pd.DataFrame:
    """Return effects on other ways to say who is strong, and on schools outside the groups, as words."""
    names = ("leads", "top_tenth", "lead_worst_team", "ungrouped")
    return _words(
        results, language, lambda policy, t: {name: wording.interval(getattr(policy, f"d_{name}"), t) for name in names}
    )


def course(results: Results, language: str) -> pd.DataFrame:
    """Return the dip at the strongest schools on the way, when it is made good, and what is left when ties end."""
    return by_policy(
        results,
        text(language),
        lambda policy, t: {
            t("table.dip"): t("phrase.none") if policy.dip_depth is None else wording.signed(-abs(policy.dip_depth)),
            t("table.recovery"): _recovery(policy, t),
            t("evidence.left"): t("phrase.none")
            if policy.left_of_gain is None
            else f"{wording.percent(round(policy.left_of_gain, 2))} %",
        },
    )


def write(results: Results, directory: str | Path, language: str, suffix: str = "") -> list[Path]:
    """Write the verdict table as ``verdicts.csv`` and ``verdicts.tex`` to `directory`.

    Where a number is not as declared, ``changed.csv`` stands beside it.

    Returns
    -------
    list
        The paths written.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        # The mark at the start makes spreadsheet programs read Chinese as Chinese.
        folder / f"verdicts{suffix}.csv": style.spreadsheet(data(results, language)).encode("utf-8-sig"),
        folder / f"verdicts{suffix}.tex": latex(results, language).encode(),
    }
    told = altered(results, language)
    if not told.empty:
        files[folder / f"changed{suffix}.csv"] = style.spreadsheet(told).encode("utf-8-sig")
    for path, content in files.items():
        path.write_bytes(content)
    return list(files)


def altered(results: Results, language: str) -> pd.DataFrame:
    """Return one row for each number that is not as declared, headed in `language`, with what it moves."""
    t = text(language)
    table = pd.DataFrame(changed.rows(results.comparison, t))
    heads = {"name": t("changed.number"), "meaning": t("changed.meaning")}
    return table.rename(columns=heads | {name: t(f"changed.{name}") for name in ("declared", "used", "unit", "moves")})


def latex(results: Results, language: str) -> str:
    """Return the verdict table for LaTeX (package booktabs; Chinese needs ctex)."""
    t = text(language)
    # The widest page takes three intervals; the caption tells the replicates.
    table = late(results, language).drop(columns=[t("table.replicates"), t("table.middle")])
    told = t("table.caption", **wording.common(results.comparison, t))
    for sentence in of_changes(results.comparison, t):
        told = t("phrase.followed", said=told, more=sentence)
    caption = _escaped(told)
    styler = table.rename(columns=_escaped).map(_escaped).style.hide(axis="index")
    layout = "l" * 2 + "r" * (table.shape[1] - 2)
    latex = styler.to_latex(hrules=True, column_format=layout, caption=caption, label="tab:verdicts")
    return str(latex).replace(r"\begin{tabular}", "\\footnotesize\n\\begin{tabular}")


def by_policy(results: Results, t: Text, row: Callable[[Policy, Text], dict[str, str]]) -> pd.DataFrame:
    """Return one row a policy: its title, and what `row` tells of it by heading."""
    rows = [{t("table.policy"): policy.title[t.language], **row(policy, t)} for policy in results.comparison.policies]
    return pd.DataFrame(rows)


def _words(results: Results, language: str, row: Callable[[Policy, Text], dict[str, str]]) -> pd.DataFrame:
    t = text(language)
    return by_policy(results, t, lambda policy, t: {t(f"table.{name}"): cell for name, cell in row(policy, t).items()})


def _numbers(policy: Policy, t: Text) -> dict[str, object]:
    row: dict[str, object] = {
        t("table.policy"): policy.title[t.language],
        t("table.verdict"): wording.verdict(policy.verdict, policy.verdict_regions, t),
        t("table.replicates"): policy.replicates,
    }
    for effect in EFFECTS:
        column, estimate = t(f"table.{effect}"), getattr(policy, f"d_{effect}")
        row |= {
            column: None if estimate is None else estimate.mean,
            t("table.low", column=column): None if estimate is None else estimate.low,
            t("table.high", column=column): None if estimate is None else estimate.high,
        }
    return row | {t("table.cost"): policy.cost_per_pupil}


def _recovery(policy: Policy, t: Text) -> str:
    if not policy.dip_depth:
        return t("phrase.none")
    year = policy.recovery_year
    return t("phrase.never") if year is None else t("phrase.year", year=f"{year:g}")


def _escaped(words: str) -> str:
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(SIGNS.get(c) or special.get(c) or (f"\\{c}" if c in "&%$#_{}" else c) for c in words)

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
EARLY_EFFECTS = DRAWN_EFFECTS = ("peak", "valley", "mean")
SIGNS = {"\u00a0": "~", "σ": r"$\sigma$", "Δ": r"$\Delta$", "−": "$-$", "→": r"$\rightarrow$", "–": "--"}
"""Signs that not every LaTeX engine reads."""


def data(results: Results, language: str) -> pd.DataFrame:
    """Return one row per policy, numbers unrounded, headed in `language`; effects in σ per school year."""
    t = text(language)
    return pd.DataFrame([_numbers(policy, t) for policy in results.comparison.policies])


def late(results: Results, language: str) -> pd.DataFrame:
    """Return the verdicts of most draws with what comes next, and long-run effects over draws, as words.

    Nothing where nothing was drawn.
    """
    if not any(policy.certainty for policy in results.comparison.policies):
        return pd.DataFrame()

    def row(policy: Policy, t: Text) -> dict[str, str]:
        verdicts = {"verdict": wording.told(policy.late, t), "runner_up": wording.runner_up(policy.late, t)}
        return verdicts | _spreads(policy, t)

    return _words(results, language, row)


def _spreads(policy: Policy, t: Text) -> dict[str, str]:
    """Return the long-run effects over draws, as words."""
    found = policy.certainty
    return {
        effect: t("phrase.none") if found is None else wording.drawn(getattr(found.effects, f"d_{effect}"), t)
        for effect in DRAWN_EFFECTS
    }


def point(results: Results, language: str) -> pd.DataFrame:
    """Return the point estimates of verdicts and long-run effects, with simultaneous intervals, as words."""
    return _words(
        results,
        language,
        lambda policy, t: {
            "point": wording.point(policy.late, t),
            "replicates": wording.whole(policy.replicates),
            **{effect: wording.interval(getattr(policy, f"d_{effect}"), t) for effect in EFFECTS},
        },
    )


def early(results: Results, language: str) -> pd.DataFrame:
    """Return verdicts at year 3, the documents' own horizon, and the point estimates of effects there, as words."""
    return _words(
        results,
        language,
        lambda policy, t: {
            "verdict": wording.told(policy.early, t),
            "runner_up": wording.runner_up(policy.early, t),
            "point": wording.point(policy.early, t),
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
    """Return the verdict table for LaTeX (package booktabs; Chinese needs ctex).

    A policy has two rows: what most draws say, and the point estimate, which says that it is one.
    """
    t = text(language)
    rows = [row for policy in results.comparison.policies for row in _paired(policy, t)]
    names = ("policy", "verdict", *DRAWN_EFFECTS)
    table = pd.DataFrame(rows, columns=[t(f"table.{name}") for name in names])
    kind = "caption" if any(policy.certainty for policy in results.comparison.policies) else "caption_point"
    told = t(f"table.{kind}", **wording.common(results.comparison, t))
    for sentence in of_changes(results.comparison, t):
        told = t("phrase.followed", said=told, more=sentence)
    caption = _escaped(told)
    styler = table.rename(columns=_escaped).map(_escaped).style.hide(axis="index")
    # Policies and verdicts may break, so that a page takes three intervals beside them.
    layout = r"p{2.8cm}p{3.2cm}" + "r" * len(DRAWN_EFFECTS)
    latex = styler.to_latex(hrules=True, column_format=layout, caption=caption, label="tab:verdicts")
    return str(latex).replace(r"\begin{tabular}", "\\footnotesize\n\\begin{tabular}")


def _paired(policy: Policy, t: Text) -> list[list[str]]:
    """Return a policy's row over draws, where there are any, and that of its point estimate."""
    estimates = [wording.interval(getattr(policy, f"d_{effect}"), t) for effect in DRAWN_EFFECTS]
    only = t("certain.point_only", verdict=wording.point(policy.late, t))
    title = policy.title[t.language]
    if policy.certainty is None:
        return [[title, only, *estimates]]
    return [[title, wording.first_and_next(policy.late, t), *_spreads(policy, t).values()], ["", only, *estimates]]


def by_policy(results: Results, t: Text, row: Callable[[Policy, Text], dict[str, str]]) -> pd.DataFrame:
    """Return one row a policy: its title, and what `row` tells of it by heading."""
    rows = [{t("table.policy"): policy.title[t.language], **row(policy, t)} for policy in results.comparison.policies]
    return pd.DataFrame(rows)


def _words(results: Results, language: str, row: Callable[[Policy, Text], dict[str, str]]) -> pd.DataFrame:
    t = text(language)
    return by_policy(results, t, lambda policy, t: {t(f"table.{name}"): cell for name, cell in row(policy, t).items()})


def _numbers(policy: Policy, t: Text) -> dict[str, object]:
    shares = policy.late.shares
    row: dict[str, object] = {
        t("table.policy"): policy.title[t.language],
        t("table.verdict"): t(f"verdict.name.{policy.verdict}"),
        t("table.share"): shares.share if shares else None,
        t("table.runner_up"): t(f"verdict.name.{shares.runner_up}") if shares and shares.runner_up else None,
        t("table.runner_up_share"): shares.runner_up_share if shares else None,
        t("table.point"): wording.point(policy.late, t),
        t("table.replicates"): policy.replicates,
    }
    for effect in DRAWN_EFFECTS:
        spread = getattr(policy.certainty.effects, f"d_{effect}") if policy.certainty else None
        for part in ("median", "low", "high"):
            column = t(f"table.drawn_{part}", column=t(f"table.{effect}"))
            row[column] = getattr(spread, part) if spread else None
    for effect in EFFECTS:
        column, estimate = t("table.of_point", column=t(f"table.{effect}")), getattr(policy, f"d_{effect}")
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

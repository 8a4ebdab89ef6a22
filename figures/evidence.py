"""Tables of the evidence, as words: how sure, who gains, who moves, what it costs, what inspectors count."""

from collections.abc import Mapping

import pandas as pd

from figures import findings, naming, wording
from figures.basis import table as known_and_drawn
from figures.records import Policy
from figures.results import Results
from figures.tables import by_policy
from figures.text import Text, text
from figures.wording import interval, signed, whole

SHOWN = 3
"""So many largest gains and losses are shown of each policy."""
SUBJECTS = 3
SHOWN_GROUPS = 20
SHOWN_MEMBERS = 12
"""So many groups are listed, and so many members of each."""
FINE = ("gini", "theil", "unqualified", "newcomers", "coverage")
"""Measures that are told to three decimals; the others to two."""


def certain(results: Results, language: str) -> pd.DataFrame:
    """Return how sure each verdict is, and which others draws give."""
    t = text(language)
    rows = [
        {
            t("table.policy"): policy.title[language],
            t("table.verdict"): t(f"verdict.name.{policy.verdict}"),
            t("certain.agree"): findings.share(found, t),
            t("certain.others"): findings.others(policy, t),
            t("table.point"): wording.point(policy.late, t),
        }
        for policy in results.comparison.policies
        if (found := policy.certainty)
    ]
    return pd.DataFrame(rows)


def hinges(results: Results, language: str) -> pd.DataFrame:
    """Return every number that a verdict hinges on, with path, range and where it flips."""
    t = text(language)
    rows = [
        {
            t("table.policy"): policy.title[language],
            t("hinge.number"): f"{findings.meaning(hinge, t)} [{hinge.path}]",
            t("hinge.value"): findings.amount(hinge.default, hinge.unit, t),
            t("hinge.range"): "–".join(findings.amount(end, hinge.unit, t) for end in (hinge.low, hinge.high)),
            t("hinge.flip"): findings.flips(hinge, t, policy.certainty),
            t("hinge.correlation"): signed(hinge.correlation, 2),
        }
        for policy in results.comparison.policies
        for hinge in (policy.certainty.hinges if policy.certainty else ())
    ]
    return pd.DataFrame(rows)


def extremes(results: Results, language: str, kind: str) -> pd.DataFrame:
    """Return the largest gains and losses of schools (`kind` effects) or groups, one row a policy."""
    t = text(language)
    one = "school" if kind == "effects" else "group"
    names = naming.schools(results, t) if kind == "effects" else naming.groups_called(results, t)
    rows = []
    for policy in results.comparison.policies:
        found = results.of(kind, policy).sort_values(["d_quality", one], ascending=[False, True])
        told = [f"{names.get(row[one], row[one])} {signed(row['d_quality'])}" for row in found.to_dict("records")]
        if told:
            shown = min(SHOWN, (len(told) + 1) // 2)
            last = told[max(len(told) - SHOWN, shown) :]
            ends = {"gains": told[:shown], "losses": last[::-1]}
            cells = {t(f"evidence.{end}"): t("hinge.and").join(some) for end, some in ends.items()}
            rows.append({t("table.policy"): policy.title[language]} | cells)
    return pd.DataFrame(rows)


def members(results: Results, language: str) -> pd.DataFrame:
    """Return the groups, as many as are shown: mode if one is planned, lead, members with their setting, and pupils."""
    t = text(language)
    names, groups = naming.schools(results, t), naming.groups(results, t)
    inside = dict(tuple(results.schools.sort_values("id").groupby("group")))
    rows = []
    for group in groups.head(SHOWN_GROUPS).to_dict("records"):
        schools = inside.get(group["id"], results.schools[:0])
        others = [
            t("evidence.member", school=names[row["id"]], setting=t(f"setting.{row['setting']}"))
            for row in schools[schools["id"] != group["lead"]].to_dict("records")
        ]
        more = len(others) - SHOWN_MEMBERS
        told = others[:SHOWN_MEMBERS] + ([t("evidence.more_members", count=more)] if more > 0 else [])
        row = {"group": group["called"], "mode": group["mode"] or t("phrase.none")}
        row |= {
            "lead": names.get(group["lead"], group["lead"]),
            "members": t("phrase.comma").join(told) or t("phrase.none"),
        }
        rows.append(row | {"schools_count": str(len(schools)), "pupils": whole(schools["pupils"].sum())})
    kept = [name for name in rows[0] if name != "mode" or groups["mode"].any()] if rows else []
    return pd.DataFrame([{t(f"evidence.{name}"): row[name] for name in kept} for row in rows])


def moves(results: Results, language: str) -> pd.DataFrame:
    """Return who moves a year under each policy, between whom, and who covers, in one replicate."""
    t = text(language)
    years = results.comparison.years
    roles = dict(zip(results.schools["id"], results.schools["role"], strict=True))
    rows = []
    for policy in results.comparison.policies:
        found = results.of("moves", policy)
        if found.empty:
            continue
        leads = {end: found[end].map(roles).isin(naming.LEADING) for end in ("from", "to")}
        ways = (leads["from"] & ~leads["to"], ~leads["from"] & leads["to"], leads["from"] == leads["to"])
        honoured = int((found["honour"] != "none").sum())
        rows.append(
            {
                t("table.policy"): policy.title[language],
                t("evidence.moves"): wording.number(len(found) / years, 1),
                t("evidence.ways"): " / ".join(wording.number(way.sum() / years, 1) for way in ways),
                t("evidence.honours"): f"{wording.percent(round(honoured / len(found), 2))} %",
                t("evidence.subjects"): _most(found["subject"], "subject", t),
                t("evidence.covers"): _most(found["cover"], "cover", t),
            }
        )
    return pd.DataFrame(rows)


def _most(column: pd.Series, words: str, t: Text) -> str:
    counts = column.value_counts().sort_index(kind="stable").sort_values(ascending=False, kind="stable")
    said = [
        f"{t(f'{words}.{name}')} {100 * count / len(column):.0f} %" for name, count in counts.head(SUBJECTS).items()
    ]
    return t("phrase.comma").join(said)


def costs(results: Results, language: str) -> pd.DataFrame:
    """Return yuan per pupil a year by account line, the control's last."""
    t, policies = text(language), [policy for policy in results.comparison.policies if policy.costs]
    if not policies:
        return pd.DataFrame()
    accounts = [(policy.title[language], policy.costs.by_line) for policy in policies if policy.costs]
    last = policies[-1].costs
    accounts += [(results.comparison.control.title[language], last.by_line_control)] if last else []
    lines = [line for line in accounts[0][1] if any(lines[line] for _, lines in accounts)]
    return pd.DataFrame([_account(title, found, lines, t) for title, found in accounts])


def _account(title: str, found: Mapping[str, float], lines: list[str], t: Text) -> dict[str, str]:
    parts = {t(f"cost.{line}"): whole(found[line]) for line in lines}
    return {t("table.policy"): title} | parts | {t("evidence.total"): whole(sum(found.values()))}


def prices(results: Results, language: str) -> pd.DataFrame:
    """Return what a policy costs in all, who pays, and what a gain costs, beside the peak given up for it.

    Where next to nothing is gained, no price of it is told.
    """
    t, least = text(language), findings.SMALL * results.comparison.delta

    def row(policy: Policy, t: Text) -> dict[str, str]:
        none, found = t("phrase.none"), policy.costs
        values: dict[str, float | None] = {"beyond": None, "leads_pay": None, "per_valley": None, "per_mean": None}
        if found is not None:
            values = {
                "beyond": found.beyond_control,
                "leads_pay": found.by_payer.get("leads"),
                "per_valley": found.per_hundredth_sigma_valley if policy.d_valley.mean > least else None,
                "per_mean": found.per_hundredth_sigma_mean if policy.d_mean.mean > least else None,
            }
        told = {t(f"evidence.{name}"): none if value is None else whole(value) for name, value in values.items()}
        ratio = {t("table.ratio"): interval(wording.given_up(policy), t, 2)}
        return {t("table.cost"): whole(policy.cost_per_pupil)} | told | ratio

    return by_policy(results, t, row)


def official(results: Results, language: str) -> pd.DataFrame:
    """Return the official balance indicators: one row an indicator, level and way of counting, a column a policy."""
    t, late = text(language), wording.late_years(results.comparison)
    policies = [policy for policy in results.comparison.policies if policy.official]
    # The policy with most replicates knows best how things were and would have been without any.
    fullest = max(policies, key=lambda policy: policy.replicates, default=None)
    rows = []
    for place, one in enumerate(fullest.official if fullest else ()):
        limit = "" if one.limit is None else t("evidence.limit", limit=wording.number(one.limit, 2))
        names = {
            t("evidence.indicator"): f"{t(f'level.{one.level}')} · {t(f'indicator.{one.indicator}')}{limit}",
            t("evidence.unit"): t(f"figure.official.{one.unit}"),
            t("evidence.before"): _held(one.before, one.limit, t),
            t("evidence.after_control", **late): _held(one.control, one.limit, t),
        }
        after = {policy.title[language]: _held(policy.official[place].after, one.limit, t) for policy in policies}
        rows.append(names | after)
    return pd.DataFrame(rows)


def basis(results: Results, language: str) -> pd.DataFrame:
    """Return what each official indicator rests on at the start: known from lists of the place, or drawn."""
    return known_and_drawn(results.comparison, text(language))


def _held(value: float, limit: float | None, t: Text) -> str:
    """Return an indicator; one above what is allowed says so."""
    shown = wording.number(value, 2)
    return shown if limit is None or value <= limit else t("evidence.over", value=shown)


def outcomes(results: Results, language: str) -> pd.DataFrame:
    """Return every other measure: one row each, the differences from the control by policy."""
    t, policies = text(language), [policy for policy in results.comparison.policies if policy.outcomes]
    names = list(dict.fromkeys(name for policy in policies for name in policy.outcomes))
    rows = []
    for name in names:
        decimals = 3 if name in FINE else 2
        cells = {p.title[language]: signed(p.outcomes[name].d_mean, decimals) for p in policies if name in p.outcomes}
        before = wording.number(policies[0].outcomes[name].before, decimals)
        rows.append({t("evidence.measure"): t(f"measure.{name}"), t("evidence.before"): before} | cells)
    return pd.DataFrame(rows)

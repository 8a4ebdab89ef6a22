"""The report: one HTML file that needs nothing else, first page for the head of a bureau, evidence after it."""

import base64
import shlex
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from figures import basis, changed, ending, evidence, findings, grounds, naming, style, tables, wording
from figures.attribution import explained
from figures.records import Comparison, Policy
from figures.results import HORIZON, Results
from figures.text import Text, text

TEMPLATES = Path(__file__).parent / "templates"
SHOWN_SCHOOLS = 20
FACTS = ("value", "unit", "kind", "source")
"""What is told of a parameter, where the manifest has it."""
ENDS = 2


def render(results: Results, language: str, pictures: Mapping[str, bytes]) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    results
        What to report.
    language
        ``en`` or ``zh``.
    pictures
        SVG files by figure name; those that are not there are passed over.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    images = {name: base64.b64encode(picture).decode() for name, picture in pictures.items()}
    captions = {name: wording.description(name, results, text(language)) for name in images}
    content = _page(results, text(language)) | _evidence(results, text(language)) | _ground(results, text(language))
    page = environment.get_template("report.html.j2").render(**content, images=images, captions=captions)
    return page.rstrip() + "\n"


def _page(results: Results, t: Text) -> dict[str, object]:
    """Return what the first page tells."""
    comparison = results.comparison
    return {
        "t": t,
        "comparison": comparison,
        "title": comparison.title[t.language],
        "facts": _facts(comparison, t),
        "colours": style.VERDICTS,
        "answers": [_answer(policy, comparison, t) for policy in comparison.policies],
        "tally": _tally(comparison, t),
        "ended": ending.note(comparison, t),
        "doubts": findings.doubts(comparison, t),
        "hinges": findings.hinges(comparison, t),
        "no_hinges": findings.no_hinges(comparison, t),
        "watch": findings.watch(comparison, t),
        "no_sign": findings.no_sign(comparison, t),
        "marked": wording.marked(comparison),
    }


def _evidence(results: Results, t: Text) -> dict[str, object]:
    """Return what stands behind the first page."""
    comparison, language = results.comparison, t.language
    told = [tables.late, tables.point, tables.early, tables.others, tables.course]
    told += (evidence.prices, evidence.certain, evidence.hinges)
    more = (evidence.members, evidence.costs, evidence.moves, evidence.official, evidence.basis, evidence.outcomes)
    extremes = {kind: evidence.extremes(results, language, kind) for kind in ("effects", "groups")}
    return {
        "tables": {part.__name__: part(results, language) for part in (*told, *more)} | extremes,
        "meanings": _meanings(t),
        "reasons": [
            {
                "story": findings.story(one.title[language], one.attribution, t),
                "mechanisms": findings.mechanisms(one.attribution, comparison.delta, t),
            }
            for one in explained(results)
        ],
        "no_story": findings.no_story(comparison, t),
        "conflicts": _conflicts(comparison, t),
        "schools": _leading(results, t),
        "more_groups": max(results.comparison.world.groups - evidence.SHOWN_GROUPS, 0),
        "group_words": 4 if naming.groups(results, t)["mode"].any() else 3,
        "shown": evidence.SHOWN,
        "official": basis.sentences(comparison, t),
        "moved": not results.tables["moves"].empty,
    }


def _ground(results: Results, t: Text) -> dict[str, object]:
    """Return what it rests on, and how to make it again."""
    return {
        "grounds": grounds.lines(results.comparison.grounds, t),
        "parameters": _parameters(results.manifest, t),
        "changed": changed.rows(results.comparison, t),
        "regrouped": [one.assumed[t.language] for one in results.comparison.grounds if one.regrouped and one.assumed],
        "origin": _origin(results.manifest),
    }


def _facts(comparison: Comparison, t: Text) -> dict[str, object]:
    world = comparison.world
    counts = {
        name: wording.whole(getattr(world, name)) for name in ("schools", "groups", "zones", "pupils", "teachers")
    }
    signs = comparison.early_signs
    return {
        **wording.common(comparison, t),
        **counts,
        "levels": t("phrase.comma").join(t(f"level.{level}") for level in comparison.level),
        "years": comparison.years,
        "burn_in": comparison.burn_in,
        "gap": wording.number(world.peak_minus_valley),
        "delta_weeks": wording.number(wording.weeks(comparison.delta), 1),
        "year_gain": wording.YEAR_GAIN,
        "year_weeks": wording.YEAR_WEEKS,
        "firm": wording.percent(wording.FIRM),
        "cases": signs.cases if signs else 0,
        "fell": signs.fell if signs else 0,
        "score_sd": f"{comparison.score_sd:g}" if comparison.score_sd is not None else "",
    }


def _answer(policy: Policy, comparison: Comparison, t: Text) -> dict[str, str]:
    spill, costs = policy.d_ungrouped, policy.costs
    below = [t("page.verdict_line", year=HORIZON, verdict=wording.told(policy.early, t))]
    if policy.certainty is not None:
        below.insert(0, t("page.point_line", verdict=wording.point(policy.late, t)))
    if spill is not None and abs(spill.mean) > comparison.delta:
        change = wording.change(spill.mean, comparison.delta, t, wording.marked(comparison))
        below.append(t("page.ungrouped", change=change))
    beyond = None if costs is None else costs.beyond_control
    return {
        "verdict": policy.verdict,
        "told": wording.told(policy.late, t),
        "sentence": wording.sentence(policy, comparison, t),
        "below": " · ".join(below),
        "cost": t("report.yuan", yuan=wording.whole(policy.cost_per_pupil)),
        "beyond": "" if beyond is None else t("page.cost_beyond", yuan=wording.signed(beyond, 0)),
    }


def _tally(comparison: Comparison, t: Text) -> str:
    counts = Counter(str(policy.verdict) for policy in comparison.policies)
    parts = [
        t("report.tally", count=counts[code], verdict=t(f"verdict.name.{code}"))
        for code in style.VERDICTS
        if code in counts
    ]
    return t("report.tallies", total=len(comparison.policies), counts=t("phrase.comma").join(parts))


def _meanings(t: Text) -> list[str]:
    return [
        t("report.meaning", verdict=t(f"verdict.name.{code}"), meaning=t(f"verdict.meaning.{code}"))
        for code in style.VERDICTS
    ]


def _conflicts(comparison: Comparison, t: Text) -> list[str]:
    return [
        t(
            "report.signs_differ",
            policy=policy.title[t.language],
            others=t(f"report.others_{name}"),
            peak=wording.signed(policy.d_peak.mean),
            other=wording.signed(other.mean),
        )
        for policy in comparison.policies
        for name, other in (("leads", policy.d_leads), ("top_tenth", policy.d_top_tenth))
        if other is not None and other.mean * policy.d_peak.mean < 0
    ]


def _leading(results: Results, t: Text) -> dict[str, object]:
    """Return the schools others look to, the most tied first."""
    ties, names = results.ties, naming.schools(results, t)
    partners = pd.concat(
        [ties[["source", "target"]], ties[["target", "source"]].set_axis(["source", "target"], axis=1)]
    )
    count = partners.drop_duplicates().groupby("source").size()
    schools = results.schools.assign(partners=results.schools["id"].map(count).fillna(0).astype(int))
    leading = schools[schools["role"].isin(naming.LEADING)].sort_values(["partners", "id"], ascending=[False, True])
    rows = [
        [
            names[row["id"]],
            t(f"role.{row['role']}"),
            t(f"setting.{row['setting']}"),
            *(wording.whole(row[column]) for column in ("pupils", "staff")),
            wording.signed(row["baseline_quality"]),
            str(row["partners"]),
        ]
        for row in leading.head(SHOWN_SCHOOLS).to_dict("records")
    ]
    return {"rows": rows, "more": max(len(leading) - SHOWN_SCHOOLS, 0)}


def _parameters(manifest: Mapping[str, object], t: Text) -> list[dict[str, str]]:
    inputs = manifest.get("inputs")
    found = manifest.get("parameters") or (inputs.get("parameters") if isinstance(inputs, Mapping) else None)
    if not found:
        return []
    return [
        {"name": name, "meaning": t.entries.get(f"parameter.{name}", ""), "range": _range(record)}
        | {fact: changed.worded(fact, changed.shown(record.get(fact, "")), t) for fact in FACTS}
        for name, record in wording.entries(found)
    ]


def _range(record: Mapping[str, object]) -> str:
    ends = [record[end] for end in ("low", "high") if end in record]
    return "–".join(map(changed.shown, ends)) if len(ends) == ENDS else ""


def _origin(manifest: Mapping[str, object]) -> dict[str, str]:
    """Return the command of the run and its other checksums, as far as the manifest tells them."""
    command = manifest.get("command")
    line = shlex.join(map(str, command)) if isinstance(command, list) else command
    hashes = {name: str(value) for name, value in manifest.items() if name.endswith(("_sha256", "_hash"))}
    hashes.pop("inputs_sha256", None)
    return ({"command": str(line)} if line else {}) | hashes

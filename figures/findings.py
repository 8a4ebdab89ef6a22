"""What a head of a bureau reads: how sure each verdict is, what it hinges on, what to watch, why it is so."""

from figures import wording
from figures.records import Attribution, Certainty, Change, Comparison, Hinge, Policy, Warning
from figures.text import Text
from figures.wording import FIRM, SURE, agreeing, percent

PERCENT_UNITS = {"share"}
MOST_HINGES = 3
"""So many numbers are named on the first page; the others are in the evidence."""
MOST_SIGNS = 3
SIGMA_SIGNS = {"peak", "peak_best", "peak_management", "peak_morale"}
SHARE_SIGNS = {"peak_away", "peak_outreach", "peak_newcomers", "peak_uncovered", "peak_choice_pressure"}
HARM = {"peak_shaving", "dilution"}
SMALL = 0.1
"""A mechanism that changes less than this share of δ does next to nothing."""


def sure(certainty: Certainty, t: Text) -> str:
    """Return in a word or two how sure a verdict is."""
    level = "firm" if certainty.share >= SURE else "fair" if certainty.share >= FIRM else "fragile"
    return t(f"certain.{level}")


def share(certainty: Certainty, t: Text) -> str:
    """Return how many draws agree."""
    values = {"agree": agreeing(certainty), "draws": certainty.draws, "share": percent(certainty.share)}
    return t("certain.share", **values)


def doubts(comparison: Comparison, t: Text) -> str | None:
    """Return how many verdicts are not sure; None where none is."""
    found = [policy.certainty for policy in comparison.policies if policy.certainty]
    fragile = sum(certainty.share < FIRM for certainty in found)
    values = {"fragile": fragile, "total": len(found), "firm": percent(FIRM)}
    return t("certain.note", **values) if fragile else None


def meaning(hinge: Hinge | Change, t: Text) -> str:
    """Return what a number means, in words; the path where there are none."""
    key = f"parameter.{hinge.path}"
    if key in t.entries:
        return t(key)
    field = f"weight.{hinge.path.rpartition('.')[2]}"
    if hinge.of is None or field not in t.entries:
        return hinge.path
    return t("hinge.weight", field=t(field), of=hinge.of[t.language])


def amount(value: float, unit: str, t: Text) -> str:
    """Return a value with its unit; a share as a percentage."""
    if unit in PERCENT_UNITS:
        return f"{100 * value:.3g} %".replace("-", "−")
    shown = f"{value:.3g}".replace("-", "−")
    key = f"unit.{unit}"
    return t(key, value=shown) if "{value}" in t.entries.get(key, "") else shown


def number(hinge: Hinge, t: Text) -> str:
    """Return a number's meaning, what it is taken as, and its range."""
    ends = {name: amount(getattr(hinge, name), hinge.unit, t) for name in ("default", "low", "high")}
    return t("hinge.item", meaning=meaning(hinge, t), **ends)


def no_hinge(found: Certainty, t: Text) -> str:
    """Return why no number was found on which a verdict hinges: too few draws, or none beyond chance."""
    if found.draws < found.draws_for_hinges:
        return t("hinge.few_draws", draws=found.draws, needed=found.draws_for_hinges)
    return t("hinge.none")


def no_hinges(comparison: Comparison, t: Text) -> str:
    """Return why no number was found on which any verdict hinges."""
    found = [policy.certainty for policy in comparison.policies if policy.certainty]
    return no_hinge(found[0], t) if found else t("hinge.none")


def flips(hinge: Hinge, t: Text, certainty: Certainty | None = None) -> str:
    """Return beyond which values a verdict is another; where none is, whether it is in any draw of `certainty`."""
    parts = [
        t(
            "hinge.above" if flip.value > hinge.default else "hinge.below",
            value=amount(flip.value, hinge.unit, t),
            verdict=t(f"verdict.name.{flip.verdict}"),
        )
        for flip in hinge.flips
    ]
    never = certainty is not None and len(certainty.regions) == 1 and certainty.share == 1.0
    return t("phrase.comma").join(parts) if parts else t("hinge.never" if never else "hinge.alone")


def hinges(comparison: Comparison, t: Text, most: int = MOST_HINGES) -> list[dict[str, object]]:
    """Return the numbers that most verdicts hinge on: each in words, and for each policy where it flips."""
    found: dict[str, list[tuple[Policy, Hinge]]] = {}
    for policy in comparison.policies:
        for hinge in policy.certainty.hinges if policy.certainty else ():
            found.setdefault(hinge.path, []).append((policy, hinge))
    order = sorted(found, key=lambda path: (-sum(bool(h.flips) for _, h in found[path]), -len(found[path]), path))
    return [
        {
            "number": number(found[path][0][1], t),
            "policies": [_turning(policy, hinge, t) for policy, hinge in found[path]],
        }
        for path in order[:most]
    ]


def _turning(policy: Policy, hinge: Hinge, t: Text) -> str:
    assert policy.certainty is not None
    now = t(f"verdict.name.{policy.certainty.point}")
    return t("hinge.policy", policy=policy.title[t.language], verdict=now, flips=flips(hinge, t, policy.certainty))


def watch(comparison: Comparison, t: Text) -> list[str]:
    """Return the signs of year 1 that warn best, each with its hit rate and its false alarms."""
    found = comparison.early_signs
    return [_sign(sign, t) for sign in found.signs[:MOST_SIGNS]] if found else []


def no_sign(comparison: Comparison, t: Text) -> str:
    """Return why no sign of year 1 is told: not sought, too few cases of either kind, or none that warns."""
    found = comparison.early_signs
    if found is None:
        return t("watch.off")
    others = found.cases - found.fell
    told = {"cases": found.cases, "fell": found.fell, "others": others, "least": found.least}
    return t("watch.none" if min(found.fell, others) < found.least else "watch.no_sign", **told)


def no_story(comparison: Comparison, t: Text) -> str:
    """Return why no policy is explained by its mechanisms: none harms the strongest, or it was not asked for."""
    harms = any(HARM & {policy.verdict, *policy.point_regions} for policy in comparison.policies)
    return t("evidence.why_not_asked" if harms else "evidence.why_none")


def _sign(sign: Warning, t: Text) -> str:
    more = sign.direction > 0
    size = abs(sign.threshold)
    # A threshold on the other side of no change is told without its number.
    if sign.threshold * sign.direction > 0 and sign.sign in SIGMA_SIGNS | SHARE_SIGNS:
        points = t("watch.points", value=wording.number(100 * size, 1))
        value = f"{wording.number(size)} σ" if sign.sign in SIGMA_SIGNS else points
        direction = t("watch.more" if more else "watch.less", value=value)
    else:
        direction = t("watch.higher" if more else "watch.lower")
    rates = {"hits": f"{100 * sign.hit_rate:.0f}", "alarms": f"{100 * sign.false_alarms:.0f}"}
    return t("watch.item", sign=t(f"sign.{sign.sign}"), direction=direction, **rates)


def story(title: str, attribution: Attribution, t: Text) -> str:
    """Return in a sentence which mechanisms change the strongest schools, the largest first."""
    parts = attribution.d_peak.mechanisms
    if not parts:
        return t("mechanism.story_none", policy=title)
    order = sorted(parts, key=lambda name: -abs(parts[name]))
    said = [t("mechanism.part", name=t(f"mechanism.name.{n}"), sigma=wording.signed(parts[n])) for n in order]
    total = wording.signed(attribution.d_peak.total)
    return t("mechanism.story", policy=title, total=total, parts=t("phrase.comma").join(said))


def mechanisms(attribution: Attribution, delta: float, t: Text) -> list[str]:
    """Return one sentence for each family of mechanisms: what it does to the strongest and to the weakest."""
    peak, valley = attribution.d_peak.mechanisms, attribution.d_valley.mechanisms
    return [
        t(
            "mechanism.sentence",
            name=t(f"mechanism.name.{name}"),
            meaning=t(f"mechanism.meaning.{name}"),
            peak=_done(peak[name], delta, t),
            valley=_done(valley[name], delta, t),
        )
        for name in peak
    ]


def _done(value: float, delta: float, t: Text) -> str:
    if abs(value) < SMALL * delta:
        return t("mechanism.nothing")
    return t("mechanism.adds" if value > 0 else "mechanism.takes", sigma=wording.number(abs(value)))


def others(policy: Policy, t: Text) -> str:
    """Return the other verdicts that draws give, the likeliest first, with how many."""
    regions = policy.certainty.regions if policy.certainty else {}
    said = [f"{t(f'verdict.name.{code}')} {count}" for code, count in regions.items() if code != policy.verdict]
    return t("phrase.comma").join(said) or t("phrase.none")

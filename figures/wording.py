"""Numbers and findings put into a reader's words."""

from collections.abc import Iterator, Mapping, Sequence

from figures import basis, ending
from figures.grounds import beside
from figures.moves import of_changes
from figures.records import Certainty, Comparison, Estimate, Policy, Ratio, Shares, Spread, Told
from figures.results import HORIZON, LATE_YEARS, Results
from figures.text import Text

YEAR_GAIN = 0.35
"""Learning of one whole school year, σ: Hill, Bloom, Black & Lipsey (2008), upper primary."""
YEAR_WEEKS = 40
"""Teaching weeks in a school year."""
FIRM, SURE = 0.7, 0.9
"""Shares of draws below which a verdict is called not sure, and from which it is called very sure."""
NO_MARKS = "kindergarten"
"""A level of which no marks are given."""
HASH_SHOWN = 12
MAPS = ("network",)
AT_POINT = ("trajectories", "ranking", "distribution", "official", "attribution")
"""Figures of a comparison that are computed at the declared numbers alone."""
REGIONS = 6
"""So many verdicts there are: an undecided one that leaves all of them open names none."""
OFFICIAL = "official"


def weeks(sigma: float) -> float:
    """Return `sigma` (σ of learning) as weeks of ordinary teaching."""
    return sigma / YEAR_GAIN * YEAR_WEEKS


def number(value: float, decimals: int = 3) -> str:
    """Return `value` with a true minus sign, and never “−0”."""
    rounded = round(value, decimals)
    return f"{rounded + 0.0:.{decimals}f}".replace("-", "−")


def signed(value: float, decimals: int = 3) -> str:
    """Return `value` with its sign always shown."""
    shown = number(value, decimals)
    return f"+{shown}" if round(value, decimals) > 0 else shown


def whole(value: float) -> str:
    """Return `value` rounded, with thousands separated."""
    return f"{round(value):,}".replace("-", "−")


def percent(share: float) -> str:
    """Return `share` in [0, 1] as a percentage without decimals unless it needs them."""
    return f"{round(100 * share, 1):g}"


def interval(estimate: Estimate | Ratio | None, t: Text, decimals: int = 3) -> str:
    """Return an estimate as “mean [low, high]”, or say that its interval is unbounded."""
    if estimate is None or estimate.mean is None:
        return t("phrase.none")
    mean = signed(estimate.mean, decimals)
    if estimate.low is None or estimate.high is None:
        return t("phrase.unbounded", mean=mean)
    return t("phrase.interval", mean=mean, low=signed(estimate.low, decimals), high=signed(estimate.high, decimals))


def change(effect: float, delta: float, t: Text, score_sd: float | None = None) -> str:
    """Return what `effect` (σ a year) means for a school: it gains, loses or holds, and how much; in marks too."""
    flat = abs(effect) <= delta
    kind = "flat" if flat else "up" if effect > 0 else "down"
    said, size = (signed, effect) if flat else (number, abs(effect))
    values = {"sigma": said(size), "weeks": said(weeks(size), 1)}
    if score_sd is None:
        return t(f"change.{kind}", **values)
    return t(f"marks.{kind}", **values, marks=said(size * score_sd, 1))


def marked(comparison: Comparison) -> float | None:
    """Return the standard deviation of marks by which effects are told in marks too; None where they are not."""
    return None if NO_MARKS in comparison.level else comparison.score_sd


def given_up(policy: Policy) -> Ratio | None:
    """Return the peak given up per unit of valley filled, where a peak falls and a valley clearly fills; else None."""
    fills = policy.d_valley.low is not None and policy.d_valley.low > 0.0
    return policy.peak_cost_ratio if fills and policy.d_peak.mean < 0.0 else None


def sentence(policy: Policy, comparison: Comparison, t: Text) -> str:
    """Return the finding about `policy` as a sentence: what most draws say and what comes next, doubt first.

    Without draws it is the point estimate, and says so.
    """
    found = policy.certainty
    if found is None:
        return t("certain.untested", sentence=finding(policy, comparison, t))
    delta, score_sd = comparison.delta, marked(comparison)
    return t(
        "certain.told" if found.share >= FIRM else "certain.doubted",
        policy=policy.title[t.language],
        verdict=t(f"verdict.name.{policy.verdict}"),
        agree=agreeing(found),
        draws=found.draws,
        share=percent(found.share),
        next=_next(found, t),
        valley=change(found.effects.d_valley.median, delta, t, score_sd),
        peak=change(found.effects.d_peak.median, delta, t, score_sd),
    )


def _next(found: Shares, t: Text) -> str:
    """Return which verdict comes next among the draws, with its share; nothing where all agree."""
    if found.runner_up is None:
        return ""
    return t("certain.next", verdict=t(f"verdict.name.{found.runner_up}"), share=percent(found.runner_up_share))


def agreeing(certainty: Certainty) -> int:
    """Return how many draws give the verdict told."""
    return round(certainty.share * certainty.draws)


def finding(policy: Policy, comparison: Comparison, t: Text) -> str:
    """Return who gains, who loses and how much under `policy` at the declared numbers, as a sentence."""
    delta, score_sd = comparison.delta, marked(comparison)
    code: str = policy.point_verdict
    if code == "inert" and policy.d_middle is None:
        code = "inert_no_middle"
    return t(
        f"verdict.sentence.{code}",
        policy=policy.title[t.language],
        peak=change(policy.d_peak.mean, delta, t, score_sd),
        valley=change(policy.d_valley.mean, delta, t, score_sd),
        middle="" if policy.d_middle is None else change(policy.d_middle.mean, delta, t, score_sd),
        mean=change(policy.d_mean.mean, delta / 2, t, score_sd),
        regions=t.joined([t(f"verdict.name.{region}") for region in policy.point_regions]),
    )


def told(verdict: Told, t: Text) -> str:
    """Return the verdict of most draws with its share; without draws the point estimate, which says that it is one."""
    if verdict.shares is None:
        return t("certain.point_only", verdict=point(verdict, t))
    return t("certain.shared", verdict=t(f"verdict.name.{verdict.verdict}"), share=percent(verdict.shares.share))


def runner_up(verdict: Told, t: Text) -> str:
    """Return the next likeliest verdict with its share; a dash where there is none."""
    if verdict.shares is None or verdict.shares.runner_up is None:
        return t("phrase.none")
    name = t(f"verdict.name.{verdict.shares.runner_up}")
    return t("certain.shared", verdict=name, share=percent(verdict.shares.runner_up_share))


def first_and_next(verdict: Told, t: Text) -> str:
    """Return the verdict of most draws and the next likeliest, each with its share."""
    first = told(verdict, t)
    if verdict.shares is None or verdict.shares.runner_up is None:
        return first
    return t("certain.first_next", first=first, next=runner_up(verdict, t))


def point(verdict: Told, t: Text) -> str:
    """Return the verdict at the declared numbers; of an undecided one also what is left, unless that is everything."""
    return named(verdict.point, verdict.regions, t)


def named(code: str, regions: Sequence[str], t: Text) -> str:
    """Return the name of a verdict; for an undecided one with what is left open, unless that is everything."""
    name = t(f"verdict.name.{code}")
    if code != "undecided" or len(regions) == REGIONS:
        return name
    return t("phrase.left_open", verdict=name, regions=t.joined([t(f"verdict.name.{region}") for region in regions]))


def drawn(spread: Spread, t: Text) -> str:
    """Return an effect over draws as “median [5 %, 95 %]”."""
    return interval(Estimate(mean=spread.median, low=spread.low, high=spread.high), t)


def late_years(comparison: Comparison) -> dict[str, int]:
    """Return the first and last year of the long-run effect."""
    return {"first": max(comparison.years - LATE_YEARS + 1, 1), "last": comparison.years}


def replicates(comparison: Comparison) -> str:
    """Return the number of replicates, as a range where policies differ."""
    counts = sorted({policy.replicates for policy in comparison.policies})
    return "–".join(map(str, dict.fromkeys([counts[0], counts[-1]])))


def description(figure: str, results: Results, t: Text) -> str:
    """Return title and caption of `figure`."""
    title, facts = t(f"figure.{figure}.title"), common(results.comparison, t)
    said = t("figure.entitled", title=title, caption=t(f"figure.{figure}.{_captioned(figure, results)}", **facts))
    if figure in AT_POINT:
        said = t("figure.at_point", said=said)
    if figure == OFFICIAL:
        return basis.beside(said, results.comparison, t)
    return beside(said, results.comparison.grounds, results.comparison.synthetic, t) if figure in MAPS else said


def _captioned(figure: str, results: Results) -> str:
    """Return the key of a caption: of the quadrant there is another where nothing was drawn."""
    drawn = all(policy.certainty for policy in results.comparison.policies)
    return "caption_point" if figure == "quadrant" and not drawn else "caption"


def caption(figure: str, results: Results, t: Text) -> str:
    """Return title, caption and provenance of `figure`, for the file beside it."""
    comparison = results.comparison
    lines = [description(figure, results, t), ending.note(comparison, t), *of_changes(comparison, t)]
    lines = [*filter(None, lines), t("figure.provenance.line", **common(comparison, t))]
    if comparison.synthetic:
        lines.append(t("figure.provenance.synthetic"))
    return "\n\n".join(lines)


def common(comparison: Comparison, t: Text) -> dict[str, object]:
    """Return what captions and reports of `comparison` mention, by placeholder name."""
    return {
        "scenario": comparison.title[t.language],
        "id": comparison.scenario,
        "control": comparison.control.title[t.language],
        "delta": f"{comparison.delta:g}",
        "confidence": percent(1 - comparison.alpha),
        "seed": comparison.seed,
        "replicates": replicates(comparison),
        "explained": max((p.attribution.replicates for p in comparison.policies if p.attribution), default=0),
        "draws": max((p.certainty.draws for p in comparison.policies if p.certainty), default=0),
        "version": comparison.version,
        "inputs": comparison.inputs_sha256[:HASH_SHOWN],
        "early": HORIZON,
        **late_years(comparison),
    }


def entries(value: object, name: str = "") -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the parameters of a manifest by dotted name, each with ``value`` and what else is recorded of it."""
    if isinstance(value, Mapping) and "value" not in value:
        for key, inner in value.items():
            yield from entries(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, value if isinstance(value, Mapping) else {"value": value}

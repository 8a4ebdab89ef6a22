# fmt: off
"""Every parameter of the model, declared once: meaning, unit, default, range, kind of evidence and source.

`kind` is `measured` (a published figure), `derived` (arithmetic on one), `judged` (the literature fixes only a
direction or a range) or `policy` (a rule in force). Sources are keys of docs/references.bib, or a reason.
σ is the student-achievement standard deviation of learning per school year.
"""

from typing import Annotated, Any, NamedTuple, get_type_hints


class Parameter(NamedTuple):
    """Declaration of one number."""

    meaning: str
    unit: str
    low: float
    high: float
    kind: str
    source: str


class Teachers(NamedTuple):
    """Skill of teachers."""

    sd: Annotated[
        float,
        Parameter(
            "standing SD of teacher value-added, primary and junior",
            "σ", 0.10, 0.20, "measured",
            "rockoff2004 rivkin2005 hanushek2010 chetty2014 bau2020",
        ),
    ] = 0.15
    sd_kindergarten: Annotated[float, Parameter("the same in kindergartens", "σ", 0.07, 0.15, "measured", "araujo2016")] = 0.11
    between_school_share: Annotated[
        float, Parameter("share of that variance lying between schools", "share", 0.05, 0.30, "judged", "mansfield2015")
    ] = 0.15
    match_share: Annotated[
        float,
        Parameter(
            "share of that variance that belongs to teacher × school and is left behind on a move",
            "share", 0.0, 0.40, "measured", "jackson2013 xu2012",
        ),
    ] = 0.25
    new_post_cost: Annotated[
        float,
        Parameter("loss at the start of work at a new post", "σ", 0.01, 0.05, "derived", "atteberry2017: a third of the rookie gap"),
    ] = 0.03
    adaptation_time: Annotated[
        float, Parameter("e-folding time of that loss", "terms of half a year", 1.0, 4.0, "judged", "atteberry2017")
    ] = 2.0
    experience_total: Annotated[
        float, Parameter("career return to experience", "σ", 0.08, 0.20, "measured", "papay2015 clotfelter2007")
    ] = 0.12
    experience_half: Annotated[
        float, Parameter("years until half of it is reached", "years", 3.0, 8.0, "measured", "papay2015 clotfelter2007")
    ] = 5.0


class Schools(NamedTuple):
    """Schools at the start."""

    sd_management: Annotated[
        float,
        Parameter("SD of management practice (the principal's effect)", "σ", 0.05, 0.21, "measured", "branch2012 bloom2015"),
    ] = 0.05
    backbone_share: Annotated[
        float,
        Parameter("backbone teachers among staff, named by the bureau", "share", 0.10, 0.25, "derived", "standard2017: at least 1 per 100 pupils"),
    ] = 0.15
    master_share: Annotated[
        float, Parameter("master teachers (名师) among staff", "share", 0.01, 0.04, "judged", "a seventh of the backbone")
    ] = 0.02
    seed_staff_share: Annotated[
        float, Parameter("share of a new school's staff that its lead sends when it opens it", "share", 0.1, 0.5, "judged", "documents name the practice, not its size")
    ] = 0.3


class Learning(NamedTuple):
    """How teachers learn from each other."""

    peer_rate: Annotated[
        float,
        Parameter(
            "yearly learning per σ of mean positive gap beyond the ordinary (η)",
            "1/year", 0.07, 0.40, "derived", "jackson2009: 0.03 σ (0.01–0.05) per SD of peers, cumulating",
        ),
    ] = 0.20
    fade: Annotated[
        float, Parameter("fading of what was learned beyond a career (δ)", "1/year", 0.08, 0.40, "judged", "with peer_rate: a lasting team 1 SD better ends near 0.06 σ")
    ] = 0.20
    weak_peer_ratio: Annotated[
        float,
        Parameter("harm from a weaker peer over help from an equally better one", "ratio", 0.0, 0.3, "measured", "sun2017: direction"),
    ] = 0.0
    absorptive_range: Annotated[
        float, Parameter("gap beyond which a larger gap teaches less (Γ)", "σ", 0.2, 2.0, "judged", "cohen1990 cowan2004")
    ] = 0.5
    cross_school_ratio: Annotated[
        float, Parameter("an hour of contact across schools against one inside (ϑ)", "ratio", 0.1, 0.6, "judged", "bloom2020")
    ] = 0.3
    rivalry: Annotated[
        float, Parameter("research contact withheld when pay depends on the own school alone", "share", 0.0, 0.5, "judged", "document H7: direction")
    ] = 0.2
    contacts: Annotated[
        int, Parameter("colleagues met at tied schools", "1/year", 2, 8, "judged", "the own team meets whole")
    ] = 4
    coaching_gain: Annotated[
        float,
        Parameter("net gain at the end of a year of one-to-one coaching", "σ", 0.04, 0.18, "measured", "kraft2018: large programmes"),
    ] = 0.09
    ceiling: Annotated[
        float, Parameter("most that coaching adds to one teacher", "σ", 0.08, 0.25, "judged", "kraft2018")
    ] = 0.15
    mentoring: Annotated[
        float, Parameter("share of a full coaching dose that a novice gets from an honoured team-mate", "share", 0.0, 0.6, "judged", "novices are mentored everywhere, lightly")
    ] = 0.3
    training_dose: Annotated[
        float, Parameter("what a year of group training is of a coaching year", "share", 0.0, 0.3, "judged", "large group programmes often show nothing")
    ] = 0.1
    uplift_dose: Annotated[
        float, Parameter("coaching doses a head at a school with an uplift file", "1/year", 0.02, 0.3, "judged", "documents name the file, not its size")
    ] = 0.1
    studio_dose: Annotated[
        float, Parameter("coaching doses a master teacher gives in a studio", "1/year", 0.5, 2.0, "judged", "a tenth of the master's time")
    ] = 1.0
    coach_load: Annotated[
        float, Parameter("most coaching doses that one honoured teacher can give", "1/year", 0.5, 2.0, "judged", "documents: one mentor, one or two apprentices")
    ] = 1.0
    mentor_return: Annotated[
        float, Parameter("what a coach gains of what is given", "ratio", 0.0, 0.2, "judged", "helps decide how easily peaks rise")
    ] = 0.05
    environment_ratio: Annotated[
        float, Parameter("growth in a 75th- over a 25th-percentile school", "ratio", 1.1, 1.6, "measured", "kraft2014")
    ] = 1.38


class Practice(NamedTuple):
    """How schools' practice spreads, fades and is renewed."""

    transfer_rate: Annotated[
        float, Parameter("yearly closing of a practice gap at full weight inside one legal person (φ)", "1/year", 0.1, 0.7, "judged", "szulanski1996 bloom2020")
    ] = 0.35
    cross_entity_ratio: Annotated[
        float, Parameter("transfer with no authority over the other school, against full authority", "ratio", 0.1, 0.6, "judged", "bloom2020")
    ] = 0.3
    platform_rate: Annotated[
        float, Parameter("share of the transfer rate that a shared repository carries at full weight", "ratio", 0.03, 0.15, "judged", "decides whether loose modes fill at all")
    ] = 0.08
    seed_fidelity: Annotated[
        float, Parameter("practice that a new campus of the same legal person starts with, of its lead's", "share", 0.7, 1.0, "judged", "cohodes2021: direction")
    ] = 0.9
    seed_fidelity_other: Annotated[
        float, Parameter("the same for a new school that is its own legal person", "share", 0.3, 0.8, "judged", "cohodes2021: direction")
    ] = 0.6
    decay: Annotated[
        float, Parameter("yearly fading of practice towards what the school can renew (ρ)", "1/year", 0.04, 0.15, "derived", "bloom2020: half dropped in 8–9 years")
    ] = 0.08
    renewal: Annotated[
        float, Parameter("practice generated per σ of the best fifth of the school's teachers (γ)", "ratio", 0.1, 1.0, "judged", "always varied in sensitivity analysis")
    ] = 0.5
    channel_sd: Annotated[
        float, Parameter("SD of teaching and of culture practice between schools", "σ", 0.03, 0.07, "derived", "so that the spread of school value-added is 0.10 σ (0.05–0.15)")
    ] = 0.045
    channel_correlation: Annotated[
        float, Parameter("correlation of the practice channels", "–", 0.0, 0.5, "judged", "strong schools are not strong at everything")
    ] = 0.2
    renewal_overload: Annotated[
        float, Parameter("renewal lost at full outreach load", "share", 0.0, 0.6, "judged", "documents warn of it (C5)")
    ] = 0.3


class Heads(NamedTuple):
    """Heads of schools."""

    share: Annotated[
        float, Parameter("share of the management channel that the head carries", "share", 0.3, 0.8, "judged", "branch2012: direction")
    ] = 0.5
    loss: Annotated[
        float, Parameter("loss of the head's contribution per further school shared or head lent", "share", 0.1, 0.6, "judged", "attention is divided")
    ] = 0.3


class Attention(NamedTuple):
    """Time and effort of schools for each other."""

    capacity: Annotated[
        float, Parameter("share of a lead's staff time free for others (h)", "share", 0.02, 0.12, "judged", "no study measures it")
    ] = 0.06
    demand: Annotated[
        float, Parameter("share wanted by an equal-sized member at full weight (κ)", "share", 0.01, 0.06, "judged", "no study measures it")
    ] = 0.03
    displaced: Annotated[
        float, Parameter("share of outreach time that comes out of lessons (λ)", "share", 0.0, 1.0, "judged", "papay2020: partners' pupils were no worse")
    ] = 0.3
    base_effort: Annotated[
        float, Parameter("effort on a tie with nothing at stake (ε₀)", "share", 0.1, 0.8, "judged", "no study measures it")
    ] = 0.4
    relapse: Annotated[
        float, Parameter("yearly relapse of unsupervised effort towards the base effort", "1/year", 0.0, 0.3, "judged", "document Z3: 防止问题反弹")
    ] = 0.1
    coordination: Annotated[
        float, Parameter("coordination per member, share of the lead's staff time", "share", 0.0, 0.006, "judged", "joint meetings, charter")
    ] = 0.002
    participation: Annotated[
        float, Parameter("time the receiver spends, of what the source spends", "ratio", 0.2, 0.8, "judged", "receiving costs time too")
    ] = 0.5
    online_saving: Annotated[
        float, Parameter("staff time saved by working online (ω)", "share", 0.4, 0.9, "judged", "no travel")
    ] = 0.7
    teaching_value: Annotated[
        float, Parameter("learning of a whole year of instruction, lost in proportion to time away (b)", "σ", 0.25, 0.50, "measured", "hill2008: upper primary")
    ] = 0.35


class Transfer(NamedTuple):
    """Fit, distance and online work."""

    misfit_scale: Annotated[
        float, Parameter("culture distance over which transfer falls by e (ξ)", "–", 0.4, 3.0, "judged", "szulanski1996")
    ] = 1.0
    misfit_cost: Annotated[
        float, Parameter("cost of unlocalised uniform teaching per unit distance (ψ)", "σ", 0.0, 0.08, "judged", "szulanski1996")
    ] = 0.03
    base_localisation: Annotated[
        float, Parameter("localisation without autonomy (ℓ₀)", "share", 0.0, 0.7, "judged", "szulanski1996")
    ] = 0.3
    unlocalised_uptake: Annotated[
        float, Parameter("uptake of common standards lost by full autonomy (u_A)", "share", 0.0, 0.6, "judged", "autonomy is not free")
    ] = 0.3
    distance: Annotated[
        float, Parameter("e-folding distance of in-person contact (d₀)", "km", 5.0, 60.0, "judged", "a county's travel times")
    ] = 20.0
    online_fidelity: Annotated[
        float, Parameter("online over in-person contact", "ratio", 0.3, 0.9, "judged", "no study measures it between schools")
    ] = 0.6
    online_lessons: Annotated[
        float, Parameter("pupils' gain per σ of quality gap at full online dose (o)", "ratio", 0.1, 1.0, "derived", "johnston2022 clark2021 bianchi2022: 0.10 σ at full dose")
    ] = 0.4


class Culture(NamedTuple):
    """Culture and trust."""

    convergence: Annotated[
        float, Parameter("yearly convergence of character at full weight (ν)", "1/year", 0.05, 0.30, "judged", "no study measures it")
    ] = 0.15
    trust_start: Annotated[
        float, Parameter("trust on a new tie (t₀)", "share", 0.2, 0.8, "judged", "no study measures it")
    ] = 0.5
    trust_rise: Annotated[
        float, Parameter("yearly rise of trust at full contact", "1/year", 0.1, 0.6, "judged", "document C4")
    ] = 0.3
    trust_fade: Annotated[
        float, Parameter("yearly fading of trust without contact", "1/year", 0.05, 0.3, "judged", "document C4")
    ] = 0.1


class Drive(NamedTuple):
    """Inner drive."""

    autonomy: Annotated[
        float, Parameter("drive lost without autonomy (β_A)", "share", 0.0, 0.6, "judged", "documents C8 and L11: direction")
    ] = 0.3
    pay: Annotated[
        float, Parameter("drive lost when nothing in pay depends on results of the school or group (β_P)", "share", 0.0, 0.3, "judged", "document H7: direction")
    ] = 0.1
    recognition: Annotated[
        float, Parameter("drive gained from full recognition (β_R)", "share", 0.0, 0.5, "judged", "document L12: direction")
    ] = 0.2


class Staffing(NamedTuple):
    """Leaving, hiring, posts, titles and honours."""

    quit_lead: Annotated[float, Parameter("leaving before retirement, lead schools", "1/year", 0.005, 0.03, "judged", "Chinese surveys: order of magnitude")] = 0.015
    quit_urban: Annotated[float, Parameter("leaving before retirement, other urban and township schools", "1/year", 0.01, 0.06, "judged", "Chinese surveys: order of magnitude")] = 0.03
    quit_rural: Annotated[float, Parameter("leaving before retirement, rural schools", "1/year", 0.02, 0.10, "judged", "Chinese surveys: order of magnitude")] = 0.05
    quit_off_establishment: Annotated[float, Parameter("leaving of contract and private teachers relative to established ones", "ratio", 1.0, 4.0, "judged", "document Z1: direction only")] = 2.0
    service_years: Annotated[float, Parameter("years of service at retirement", "years", 30.0, 40.0, "policy", "retirement rules")] = 35.0
    morale_on_quit: Annotated[float, Parameter("effect of morale on leaving (k_m)", "1/σ", 0.0, 25.0, "judged", "direction only")] = 10.0
    entry_gap_urban: Annotated[float, Parameter("mean talent of an urban novice against the region", "σ", -0.02, 0.02, "judged", "direction only")] = 0.0
    entry_gap_township: Annotated[float, Parameter("the same, township", "σ", -0.06, 0.02, "judged", "direction only")] = -0.02
    entry_gap_rural: Annotated[float, Parameter("the same, rural", "σ", -0.12, 0.0, "judged", "direction only")] = -0.05
    churn: Annotated[float, Parameter("loss per share of staff new this year, beyond each one's own (χ)", "σ", 0.0, 0.06, "judged", "ronfeldt2013: direction")] = 0.02
    unqualified_cost: Annotated[float, Parameter("loss per share of lessons taught out of subject (ζ)", "σ", 0.0, 0.25, "judged", "direction only")] = 0.10
    unqualified_urban: Annotated[float, Parameter("novices unqualified in a minor subject, urban", "share", 0.01, 0.03, "judged", "documents Y5 and C9: direction")] = 0.02
    unqualified_township: Annotated[float, Parameter("the same, township", "share", 0.05, 0.15, "judged", "documents Y5 and C9: direction")] = 0.10
    unqualified_rural: Annotated[float, Parameter("the same, rural", "share", 0.125, 0.375, "judged", "documents Y5 and C9: direction")] = 0.25
    unqualified_major: Annotated[float, Parameter("unqualified in a major subject, of the share in minor ones", "ratio", 0.1, 0.3, "judged", "a fifth")] = 0.2
    title_quota: Annotated[float, Parameter("posts with a middle or senior title", "share", 0.3, 0.6, "judged", "title quotas by school")] = 0.45
    senior_quota: Annotated[float, Parameter("posts with a senior title", "share", 0.05, 0.2, "judged", "title quotas by school")] = 0.10
    merit_noise: Annotated[float, Parameter("SD of error when schools and bureau judge skill for titles and honours", "σ", 0.0, 0.3, "judged", "as much noise as signal")] = 0.15
    rotation_credit: Annotated[float, Parameter("what a year on rotation counts for in titles, where a support gives full credit (at most three)", "σ", 0.0, 0.15, "judged", "document L9: direction")] = 0.05
    honour_years: Annotated[float, Parameter("years of service before a first honour", "years", 3.0, 8.0, "judged", "typical rules")] = 5.0
    contract_gap: Annotated[float, Parameter("skill gap of a contract substitute", "σ", 0.05, 0.20, "judged", "direction only")] = 0.10


class Rotation(NamedTuple):
    """Moves between schools."""

    default_share: Annotated[float, Parameter("share of the eligible moved a year where the policy does not say", "share", 0.05, 0.45, "policy", "rule2014; first year in Beijing above 0.40")] = 0.10
    default_backbone_share: Annotated[float, Parameter("backbone teachers among the moved", "share", 0.10, 0.50, "policy", "rule2014")] = 0.20
    eligible_years: Annotated[float, Parameter("years at one school before a move", "years", 3.0, 9.0, "policy", "rule2014 and local rules")] = 6.0
    eligible_share: Annotated[float, Parameter("not excused, of those with the years", "share", 0.4, 0.8, "judged", "age, pregnancy, office")] = 0.6
    stay_years: Annotated[float, Parameter("length of a stay where the policy does not say", "years", 1.0, 3.0, "judged", "documents and local rules")] = 1.0
    most_away: Annotated[float, Parameter("most of a school's staff away at once", "share", 0.1, 0.4, "judged", "a school must stay a school")] = 0.25
    selection: Annotated[float, Parameter("strength of strategic choice of whom to send (s₀)", "1/SD", 0.0, 2.5, "judged", "no study measures it")] = 1.0
    unwilling_cost: Annotated[float, Parameter("morale lost by an unwilling mover", "σ", 0.0, 0.08, "judged", "direction only")] = 0.02
    morale_memory: Annotated[float, Parameter("e-folding time of lost morale", "years", 1.0, 4.0, "judged", "two years")] = 2.0
    tolerance: Annotated[float, Parameter("difference in mean skill at which unified deployment stops", "σ", 0.01, 0.05, "judged", "a stated tolerance")] = 0.02
    willing_base: Annotated[float, Parameter("willingness with nothing offered, logit", "–", -1.5, 0.5, "judged", "Chinese surveys: order of magnitude")] = -0.5
    willing_incentive: Annotated[float, Parameter("effect of full incentive on willingness, logit", "–", 0.3, 2.0, "judged", "direction only")] = 1.0
    willing_distance: Annotated[float, Parameter("effect of 10 km on willingness, logit", "–", -1.0, -0.2, "judged", "direction only")] = -0.5
    willing_culture: Annotated[float, Parameter("effect of a unit of culture distance, logit", "–", -0.8, 0.0, "judged", "direction only")] = -0.3


class Families(NamedTuple):
    """Families' choice and satisfaction."""

    per_sigma: Annotated[float, Parameter("choice logit per σ of perceived quality", "1/σ", 3.0, 15.0, "judged", "direction only")] = 8.0
    per_km: Annotated[float, Parameter("choice logit per km", "1/km", -1.0, -0.2, "judged", "direction only")] = -0.5
    brand: Annotated[float, Parameter("weight of the group's name in perceived quality (a)", "share", 0.0, 0.7, "judged", "document L15: direction")] = 0.3
    crowding: Annotated[float, Parameter("satisfaction logit per relative excess of pupils per teacher", "–", -2.0, 0.0, "judged", "direction only")] = -1.0
    participation: Annotated[float, Parameter("satisfaction logit from full participation of parents", "–", 0.0, 1.0, "judged", "document L11: direction")] = 0.3


class Finance(NamedTuple):
    """Prices a year; a county's own prices override them."""

    allowance: Annotated[float, Parameter("rotation allowance a person", "yuan/year", 6000.0, 18000.0, "judged", "local rules: order of magnitude")] = 12000.0
    travel: Annotated[float, Parameter("travel a km and trip", "yuan", 1.5, 4.5, "judged", "order of magnitude")] = 3.0
    trips: Annotated[float, Parameter("trips a year of a person who works elsewhere full time", "1/year", 40.0, 120.0, "judged", "two a week of forty")] = 80.0
    training: Annotated[float, Parameter("training a person-year", "yuan/year", 1500.0, 4500.0, "judged", "order of magnitude")] = 3000.0
    coaching: Annotated[float, Parameter("one coaching dose, mostly the coach's time", "yuan/year", 4000.0, 12000.0, "judged", "order of magnitude")] = 8000.0
    coordination: Annotated[float, Parameter("coordination a member", "yuan/year", 10000.0, 30000.0, "judged", "order of magnitude")] = 20000.0
    contract: Annotated[float, Parameter("management contract a school", "yuan/year", 250000.0, 750000.0, "judged", "order of magnitude")] = 500000.0
    supervisor: Annotated[float, Parameter("supervisor, a full post", "yuan/year", 75000.0, 225000.0, "judged", "order of magnitude")] = 150000.0
    award: Annotated[float, Parameter("export award a lead", "yuan/year", 50000.0, 150000.0, "judged", "order of magnitude")] = 100000.0
    platform: Annotated[float, Parameter("platform a school", "yuan/year", 15000.0, 45000.0, "judged", "order of magnitude")] = 30000.0
    post: Annotated[float, Parameter("extra post", "yuan/year", 60000.0, 180000.0, "judged", "order of magnitude")] = 120000.0


class Parameters(NamedTuple):
    """All parameter groups at their defaults; kernels take a group, not single numbers."""

    teachers: Teachers = Teachers()
    schools: Schools = Schools()
    learning: Learning = Learning()
    practice: Practice = Practice()
    heads: Heads = Heads()
    attention: Attention = Attention()
    transfer: Transfer = Transfer()
    culture: Culture = Culture()
    drive: Drive = Drive()
    staffing: Staffing = Staffing()
    rotation: Rotation = Rotation()
    families: Families = Families()
    finance: Finance = Finance()


GROUPS: dict[str, type] = {name: kind for name, kind in get_type_hints(Parameters).items()}


def declared() -> dict[str, Parameter]:
    """Return `group.name` → declaration for every parameter, in order."""
    return {
        f"{group}.{name}": next(m for m in hint.__metadata__ if isinstance(m, Parameter))
        for group, kind in GROUPS.items()
        for name, hint in get_type_hints(kind, include_extras=True).items()
    }


def get(parameters: Parameters, path: str) -> float:
    """Return the value at `group.name`."""
    group, name = path.split(".")
    return float(getattr(getattr(parameters, group), name))


def replaced(parameters: Parameters, values: dict[str, Any]) -> Parameters:
    """Return `parameters` with `values` (`group.name` → number) in place.

    Raises
    ------
    KeyError
        If a path is not declared.
    TypeError
        If a whole number is wanted and another given.
    """
    for path, value in values.items():
        if path not in declared():
            raise KeyError(path)
        group, name = path.split(".")
        kind = type(getattr(getattr(parameters, group), name))
        if kind is int and float(value) != int(value):
            raise TypeError(path)
        part = getattr(parameters, group)._replace(**{name: kind(value)})
        parameters = parameters._replace(**{group: part})
    return parameters

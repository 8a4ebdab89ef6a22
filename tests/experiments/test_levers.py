"""What a lever, a draw and a claim move when the policy and its control have the same record."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.candidates import drawn, undecided
from experiments.claim import POLICY, claim_of, setting_of, values_of
from experiments.claim_document import _moves
from experiments.claim_runs import Budget, Trial
from experiments.comparison import Study
from experiments.design import Design, Factor
from experiments.factors import uncertain_factors
from experiments.outcomes import outcome
from experiments.studies import Options, Situation
from experiments.sweep import paired
from model.attributes import compile_policy
from model.policy import Policy
from scenarios.catalogue import worlds
from scenarios.reader import Choice
from scenarios.source import parse
from scenarios.variation import DECLARED

RULE, OWN = "rotations.national_rule.share", "control.rotations.national_rule.share"
PAIR = "modes.internet_pairing.online"
CHOICE = Choice("fusion", "national_rule")
YUYAO = Situation("yuyao_2020", CHOICE, Options(years=3))
CLAIM = (Path(__file__).parent / "claim.toml").read_text(encoding="utf-8")


def measured(path: str, share: float) -> tuple[float | None, float | None]:
    """Return the peak under the control and under the policy, of one pair of runs."""
    prepared = paired(YUYAO.study)({path: share})
    rows: Any = prepared.function(prepared.argument(0))
    return outcome(rows, "control_peak"), outcome(rows, "peak")


def test_the_controls_levels_stay_where_a_lever_goes_and_move_where_it_is_named() -> None:
    low, high = measured(RULE, 0.05), measured(RULE, 0.4)
    assert low[0] == high[0]
    assert low[1] != high[1]
    low, high = measured(OWN, 0.05), measured(OWN, 0.4)
    assert low[0] != high[0]


def test_a_run_is_another_run_where_its_own_number_or_the_controls_is_another() -> None:
    prepare = paired(YUYAO.study)
    base, lever, own = (prepare(values) for values in ({}, {RULE: 0.3}, {OWN: 0.3}))
    assert base.base == lever.base
    assert len({base.digest, lever.digest, own.digest}) == 3
    assert own.base != base.base


@pytest.mark.parametrize("name", [name for name in worlds() if name != "china_compulsory"])
def test_no_setting_of_a_policy_moves_the_control_of_a_bundled_place(name: str) -> None:
    usual = Situation(name, Choice("fusion", "national_rule"))
    wild = {"mode.autonomy": "0.2", "mode.online": "0.6", "rotation.share": "0.33", "support.supervision": "0.4"}
    changed = Situation(name, usual.choice, overrides=wild)
    assert _control(usual.study({})) == _control(changed.study({})) == _control(usual.study(_numbers(wild)))
    assert repr(usual.study({}).arms[0].policy) != repr(changed.study({}).arms[0].policy)


def _control(study: Study) -> str:
    return repr(compile_policy(study.control.policy, study.world))


def _numbers(values: dict[str, str]) -> dict[str, float | str]:
    return {path: float(value) for path, value in values.items()}


def online(policy: Policy) -> float:
    return next(m.online for layer in policy.layers for m in layer.modes if m.name == "internet_pairing")


def at(factors: list[Factor], values: dict[str, float]) -> tuple[float, float]:
    """Return a weight under the policy and under the control at a point of a design."""
    codes = [[values.get(factor.name, float(factor.default or 0.0)) for factor in factors]]
    study = YUYAO.study(Design("matrix", tuple(factors), np.array(codes)).values(0))
    return online(study.arms[0].policy), online(study.control.policy)


def test_an_uncertain_weight_that_both_have_is_one_fact_and_a_lever_takes_the_policys_half() -> None:
    uncertain = uncertain_factors(YUYAO.scenario_at({}), [CHOICE], ["modes.internet_pairing.*"])
    assert {factor.moves for factor in uncertain} == {"both"}
    assert at(uncertain, {PAIR: 0.17}) == (0.17, 0.17)
    lever = Factor(PAIR, 0.0, 1.0, moves="policies")
    for levers in ([PAIR], ["mode.online"]):
        left = undecided(uncertain, levers)
        assert [(f.name, f.moves) for f in left if f.name.endswith("online")] == [(f"control.{PAIR}", "control")]
        assert len(left) == len(uncertain)
    assert at([lever, *undecided(uncertain, [PAIR])], {PAIR: 0.9, f"control.{PAIR}": 0.17}) == (0.9, 0.17)
    assert [f.name for f in undecided(uncertain, [f"control.{PAIR}"]) if f.name.endswith("online")] == [PAIR]
    assert not [f.name for f in undecided(uncertain, [f"both.{PAIR}"]) if f.name.endswith("online")]


def test_every_parameter_moves_both() -> None:
    parameters = [f for f in uncertain_factors(YUYAO.scenario_at({}), [CHOICE]) if f.name in DECLARED]
    assert {factor.moves for factor in parameters} == {"both"}


def test_a_draw_of_an_optimisation_moves_both() -> None:
    uncertain = uncertain_factors(YUYAO.scenario_at({}), [CHOICE], [PAIR])
    (value,) = drawn(uncertain, 1, 0).sets(1).values()
    study = YUYAO.study(drawn(uncertain, 1, 0).sets(1))
    assert online(study.arms[0].policy) == online(study.control.policy) == value


def test_against_the_control_none_there_are_no_ties_from_before_to_draw_for() -> None:
    paths = [PAIR, "modes.fusion.teaching"]
    found = uncertain_factors(YUYAO.scenario_at({}), [CHOICE], paths, "none")
    assert {factor.name: factor.moves for factor in found} == {paths[0]: "nothing", paths[1]: "policies"}


def trial(more: str) -> Trial:
    text = CLAIM.replace('vary = ["practice.transfer_rate", "heads.share"]', f'vary = ["practice.renewal", "{PAIR}"]')
    text = text.replace('"shuangtaizi_two_schools"', '"yuyao_2020"').replace("values = [0.1, 0.9]\ndefault = 0.9", "{}")
    text = text.replace('"world.schools.0.posts" = 24\n"world.schools.1.posts" = 16\n', "")
    text = text.replace("{}", "values = [0.1, 0.9]\ndefault = 0.9").replace('paths = ["practice.renewal"]', more)
    text = text.replace('mode = "two_school_integration"', 'mode = "fusion"\nrotation = "national_rule"')
    claim = claim_of("own", parse("own.toml", text.replace('"practice.renewal", ', "")))
    return Trial(claim, Budget(2, 2, 1), 0)


@pytest.mark.parametrize(("path", "moved"), [(RULE, "policies"), (OWN, "control")])
def test_a_claims_lever_moves_what_it_names_and_says_so(path: str, moved: str) -> None:
    tried = trial(f'paths = ["{path}"]')
    cells = [tried.claim.cell({POLICY: "integration", "renewal": value}) for value in (0.1, 0.9)]
    setting = setting_of(tried.claim)
    low, high = (setting.study(values_of(tried.claim, cell)) for cell in cells)
    shares = [[one.share for one in study.arms[0].policy.rotations] for study in (low, high)]
    own = [[one.share for one in study.control.policy.rotations] for study in (low, high)]
    assert (shares[0] == shares[1]) is (moved == "control")
    assert (own[0] == own[1]) is (moved == "policies")
    assert {one["name"]: one["moves"] for one in _moves(tried)} == {path: moved}


def test_a_claims_draw_moves_both_unless_the_claim_sets_one() -> None:
    tried = trial(f'paths = ["{RULE}"]')
    cell = values_of(tried.claim, tried.claim.cell({POLICY: "integration"}))
    study = tried.setting.study(cell | {PAIR: 0.17})
    assert online(study.arms[0].policy) == online(study.control.policy) == 0.17
    study = tried.setting.study(cell | {PAIR: 0.17, f"control.{PAIR}": 0.4})
    assert (online(study.arms[0].policy), online(study.control.policy)) == (0.17, 0.4)

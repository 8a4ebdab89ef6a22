"""What a path moves: the policies compared, the control, both of them, or nothing that is there."""

from collections.abc import Mapping, Sequence
from typing import Literal

from model.policy import Policy
from scenarios.catalogue import KINDS
from scenarios.policies import control, parts, policy_for
from scenarios.scenario import Choice, Scenario
from scenarios.variation import DECLARED, copies_of

Reach = Literal["policies", "control", "both", "nothing"]
Names = Mapping[str, set[str]]


def reach(scenario: Scenario, choices: Sequence[Choice], path: str, kind: str = "as_is") -> Reach:
    """Return what a path moves where some policies are compared with a control.

    Parameters
    ----------
    scenario, choices
        Where, and the policies.
    path
        A path that can be set, ``mode``, ``rotation`` or ``support``, or a field of the scenario's file.
    kind
        The control: ``as_is``, ``none`` or ``same_money``.
    """
    policies = [(policy_for(scenario, one, standing=kind != "none"), one.support) for one in choices]
    return reach_in(policies, control(scenario, kind), path)


def reach_in(policies: Sequence[tuple[Policy, str]], own: Policy, path: str) -> Reach:
    """Return what a path moves among policies, each with the names of its supports, and their control."""
    if path in KINDS:
        return "policies"
    copies, inner = copies_of(path)
    head, _, rest = inner.partition(".")
    if path in DECLARED or head.removesuffix("s") not in KINDS:
        return "both"  # a parameter, or a field of the place
    ident = rest.rpartition(".")[0]
    there = "catalogue" in copies and any(_has(_names(*one), head, ident) for one in policies)
    before = "in_force" in copies and _has(_names(own, ""), head, ident)
    return "both" if there and before else "policies" if there else "control" if before else "nothing"


def _names(policy: Policy, support: str) -> Names:
    """Return kind → the records that a policy is made of."""
    modes = {mode.name for layer in policy.layers for mode in layer.modes}
    return {"mode": modes, "rotation": {one.name for one in policy.rotations}, "support": {*parts(support)} - {""}}


def _has(names: Names, head: str, ident: str) -> bool:
    """Whether one record, or any of a kind where no one is named, is among them."""
    found = names[head.removesuffix("s")]
    return ident in found if ident else bool(found)

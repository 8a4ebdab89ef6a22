"""What a policy makes of every school: autonomy, pay, recognition, legal person and purse, support and its cost."""

from typing import Any

import numpy as np

from model.attributes.layers import Membership, led_ties, number, with_independence
from model.codes import LegalPerson, Purse, Quota, TieLayer
from model.columns import Flags, Floats
from model.policy import Policy, SupportPolicy
from model.world import World

GROUP_PAY = 0.5


def school_fields(policy: Policy, group: Membership, world: World) -> dict[str, Any]:
    """Return the fields of `Attributes` that are by school, but for heads and rotation rules."""
    return (
        _autonomy(policy, group, world)
        | _pay(policy.support, group)
        | _recognition(policy, group, world)
        | _legal_person(group)
        | _support(policy, group)
    )


def _autonomy(policy: Policy, group: Membership, world: World) -> dict[str, Any]:
    """Return autonomy: what the mode leaves its members, and no more than other layers do."""
    own = np.where(group.members, group.number("autonomy", 1.0), 1.0)
    autonomy = np.minimum(own, _freedom_left(policy, world))
    return {name: autonomy.copy() for name in ("autonomy_drive", "autonomy_fit", "autonomy_uptake")}


def _freedom_left(policy: Policy, world: World) -> Floats:
    """Return the least autonomy that layers other than the group leave a school they lead, shape (S,)."""
    out = np.ones(len(world.schools.id))
    for layer in policy.layers:
        if layer.layer != TieLayer.GROUP:
            rows, mode = led_ties(layer, world)
            np.minimum.at(out, world.ties.target[rows], number(layer.modes, "autonomy")[mode])
    return out


def _pay(support: SupportPolicy, group: Membership) -> dict[str, Any]:
    """Return what heads and schools are judged and paid on: the own school, the group, its members."""
    own = group.number("pay_on_member", 1.0, support.pay_on_member)
    common = group.number("pay_on_group", 0.0, support.pay_on_group)
    assessed = group.number("head_on_members", 0.0, support.head_on_members)
    return {
        "incentive": np.minimum(1.0, own + GROUP_PAY * common),
        "openness": 1.0 - own * (1.0 - common),
        "sends_best": np.where(group.leads, assessed, 0.0),
    }


def _recognition(policy: Policy, group: Membership, world: World) -> dict[str, Any]:
    """Return what recognition and coaching schools get for what they give."""
    support = policy.support
    lead = 1.0 - (1.0 - support.recognition_lead) * (1.0 - support.export_award)
    return {
        "recognition": np.where(group.leads, lead, np.where(group.members, support.recognition_members, 0.0)),
        "cultivation": np.where(_exports(policy, world), support.cultivation, 0.0),
    }


def _exports(policy: Policy, world: World) -> Flags:
    """Return which schools lead others in any layer that begins with the policy, or in their group."""
    out = np.zeros(len(world.schools.id), dtype=np.bool_)
    for layer in map(with_independence, policy.layers):
        if layer.layer == TieLayer.GROUP or layer.since >= 0.0:
            out[world.ties.source[led_ties(layer, world)[0]]] = True
    return out


def _legal_person(group: Membership) -> dict[str, Any]:
    """Return whose legal person, purse and name a member has, and how a new one is seeded by its lead."""
    rows, members = np.arange(len(group.lead), dtype=np.int32), group.members
    one_person = members & group.says("legal_person", LegalPerson.ONE)
    pooled = members & group.says("purse", Purse.POOLED)
    branded = members & np.array([mode.brand for mode in group.modes])[group.mode]
    contract = members & group.says("legal_person", LegalPerson.CONTRACT)
    return {
        "legal_person": np.where(one_person, group.lead, rows).astype(np.int32),
        "payer": np.where(pooled, group.lead, rows).astype(np.int32),
        "brand_from": np.where(branded, group.lead, -1).astype(np.int32),
        "contracts": np.where(contract, 1.0, 0.0),
        "platforms": np.where(group.number("platform", 0.0) > 0.0, 1.0, 0.0),
        "seed": np.where(members, np.where(one_person, 1.0, 0.5), 0.0),
    }


def _support(policy: Policy, group: Membership) -> dict[str, Any]:
    """Return what support gives to every school, to groups, and through their leads."""
    support, count, leads = policy.support, len(group.lead), group.leads
    studios = (rule.time_share for rule in policy.rotations if Quota.of(rule.quota) == Quota.STUDIO)
    return {
        "county_posts": np.full(count, support.county_posts),
        "title_credit": np.full(count, support.title_credit),
        "training": np.full(count, support.training_cycle, dtype=np.int32),
        "trained": np.zeros(count),
        "uplift": np.full(count, support.uplift_files),
        "studio": np.where(group.in_group, max(studios, default=0.0), 0.0),
        "supervisors": np.where(leads, support.supervisors, 0.0),
        "awards": np.where(leads, support.export_award, 0.0),
        "fund": np.where(leads, support.fund, 0.0),
    }

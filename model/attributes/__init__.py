"""Compile a policy for a world into arrays per tie and per school. No name and no string goes further.

Every field of `Attributes` belongs to one of six families of mechanisms, so that `mixed` can take some families
from the policy and the others from the control. All of the control's gives the control bit for bit.
"""

from typing import Annotated, Any, NamedTuple, get_type_hints

import numpy as np
from numpy.typing import NDArray

from model.attributes.heads import head_fields
from model.attributes.layers import membership
from model.attributes.rules import Rules, rules_of
from model.attributes.schools import school_fields
from model.attributes.ties import tie_fields
from model.codes import Family
from model.columns import Flags, Floats, Rows
from model.policy import Policy
from model.world import World, frozen


class Attributes(NamedTuple):
    """A policy as the processes see it: E ties, S schools, K rotation rules."""

    rules: Annotated[Rules, Family.STAFF]
    sends_best: Annotated[Floats, Family.STAFF]  # (S,) head_on_members of the school as a sender
    head_from: Annotated[Rows, Family.STAFF]  # (S,) school the head comes from, −1 own
    head_mix: Annotated[Floats, Family.STAFF]  # (S,) share of the head's level that comes from there
    head_carried: Annotated[Floats, Family.STAFF]  # (E,) the target's head comes along this tie
    head_divided: Annotated[Floats, Family.STAFF]  # (S,) the school's head is another school's too
    county_posts: Annotated[Floats, Family.STAFF]  # (S,) share of vacancies that the county redeploys
    title_credit: Annotated[Floats, Family.STAFF]  # (S,) credit of rotation years for titles
    seed: Annotated[Floats, Family.STAFF]  # (S,) a new school is seeded by its lead: 0, ½ (own person), 1

    demand: Annotated[Floats, Family.ATTENTION]  # (E,) mean channel weight
    stake: Annotated[Floats, Family.ATTENTION]  # (E,) effort above the base effort that is at stake
    supervision: Annotated[Floats, Family.ATTENTION]  # (E,) slows relapse
    since: Annotated[Floats, Family.ATTENTION]  # (E,) year the tie began
    self_picked: Annotated[Flags, Family.ATTENTION]  # (E,) effort goes to the strongest channel
    online: Annotated[Floats, Family.ATTENTION]  # (E,) online share
    coordination: Annotated[Floats, Family.ATTENTION]  # (E,) what coordinating the target asks of the lead, in members

    research: Annotated[Floats, Family.LEARNING]  # (E,) weight
    research_authority: Annotated[Floats, Family.LEARNING]  # (E,)
    openness: Annotated[Floats, Family.LEARNING]  # (S,) 1 − pay_on_member · (1 − pay_on_group)
    training: Annotated[Rows, Family.LEARNING]  # (S,) years of a training cycle, 0 for none
    trained: Annotated[Floats, Family.LEARNING]  # (S,) person-years of group training a head and year, beside the cycle
    uplift: Annotated[Floats, Family.LEARNING]  # (S,) uplift files for the weakest quarter
    studio: Annotated[Floats, Family.LEARNING]  # (S,) share of a master's time that goes to a studio

    weight: Annotated[Floats, Family.PRACTICE]  # (E, 3) management, teaching, culture
    authority: Annotated[Floats, Family.PRACTICE]  # (E, 3)
    platform: Annotated[Floats, Family.PRACTICE]  # (E,) weight of the shared repository
    autonomy_uptake: Annotated[Floats, Family.PRACTICE]  # (S,)

    autonomy_drive: Annotated[Floats, Family.RENEWAL]  # (S,)
    incentive: Annotated[Floats, Family.RENEWAL]  # (S,) pay_on_member + ½ pay_on_group, at most 1
    recognition: Annotated[Floats, Family.RENEWAL]  # (S,)
    cultivation: Annotated[Floats, Family.RENEWAL]  # (S,) coaching doses a year per head

    autonomy_fit: Annotated[Floats, Family.FIT]  # (S,)
    uniformity: Annotated[Floats, Family.FIT]  # (E,) teaching weight imposed by the lead
    drift: Annotated[Floats, Family.FIT]  # (E,) weight on which characters converge
    lessons: Annotated[Floats, Family.FIT]  # (E,) teaching weight × online share

    brand_from: Annotated[Rows, Family.FIT]  # (S,) school whose name it carries, −1 none
    legal_person: Annotated[Rows, Family.PRACTICE]  # (S,) row of the school that is its legal person
    payer: Annotated[Rows, Family.PRACTICE]  # (S,) row of the school that pays for it
    contracts: Annotated[Floats, Family.PRACTICE]  # (S,) management contracts bought for the school
    platforms: Annotated[Floats, Family.PRACTICE]  # (S,) takes part in a shared platform
    supervisors: Annotated[Floats, Family.ATTENTION]  # (S,) supervisor posts charged to the school
    awards: Annotated[Floats, Family.ATTENTION]  # (S,) export award charged to the lead
    fund: Annotated[Floats, Family.RENEWAL]  # (S,) yuan a year charged to the lead


def family_of() -> dict[str, Family]:
    """Return field → family."""
    hints = get_type_hints(Attributes, include_extras=True)
    return {name: next(m for m in hint.__metadata__ if isinstance(m, Family)) for name, hint in hints.items()}


def mixed(control: Attributes, policy: Attributes, families: set[Family]) -> Attributes:
    """Return `control` with the fields of `families` taken from `policy`."""
    chosen = {name: getattr(policy, name) for name, family in family_of().items() if family in families}
    return control._replace(**chosen)


def active_families(control: Attributes, policy: Attributes) -> set[Family]:
    """Return the families in which the two differ."""
    return {f for name, f in family_of().items() if not _equal(getattr(control, name), getattr(policy, name))}


def _equal(a: Any, b: Any) -> bool:  # noqa: ANN401
    if isinstance(a, tuple):
        return all(_equal(x, y) for x, y in zip(a, b, strict=True))
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def compile_policy(policy: Policy, world: World) -> Attributes:
    """Compile `policy` for the ties, schools and groups of `world`; only structural columns are read."""
    group = membership(policy, world)
    fields = tie_fields(policy, world) | head_fields(policy, world) | school_fields(policy, group, world)
    frozen_fields = {name: _frozen(value) for name, value in fields.items()}
    return Attributes(rules=Rules(*(_frozen(column) for column in rules_of(policy, group, world))), **frozen_fields)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    return frozen(np.ascontiguousarray(array))

"""Small worlds and policies that the tests of the model share."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from model.assembly import Table, assemble, complete_ties, joined
from model.attributes import Attributes, compile_policy
from model.chance import Key, key, stable_ids
from model.columns import ROLES
from model.parameters import Parameters, replaced
from model.policy import INDEPENDENT, STANDING, Layer, Mode, Policy, RotationPolicy, SupportPolicy
from model.simulation import Snapshot, burn_in
from model.world import TABLES, World
from scenarios.build import build
from scenarios.generate import CountyPlan, LevelPlan, Roster, generate, subject_need

NEED = subject_need("primary")
DEFAULT = Parameters()


@dataclass(frozen=True)
class Site:
    """One school of a hand-made world; `group` is a name, empty for none; `subjects` has one entry a post."""

    name: str
    subjects: tuple[int, ...] = (0, 0, 0, 1, 1, 2, 3, 4)
    group: str = ""
    role: str = "none"
    county: int = 0
    level: int = 1
    setting: int = 0
    ownership: int = 0
    x: float = 0.0
    y: float = 0.0
    pupils: float = 120.0
    opens: float = -np.inf
    seeded_by: str = ""
    standing: float = 0.0
    reliability: float = 0.0


def _numbers(sites: Sequence[Site], name: str, dtype: type) -> np.ndarray:
    return np.array([getattr(site, name) for site in sites], dtype=dtype)


def _groups(sites: Sequence[Site]) -> tuple[list[str], dict[str, list[int]], dict[str, int]]:
    """Return group names, and the rows and the lead's row of each."""
    names = sorted({site.group for site in sites if site.group})
    rows = {name: [n for n, site in enumerate(sites) if site.group == name] for name in names}
    leads = {name: next((n for n in rows[name] if ROLES.index(sites[n].role) >= 2), rows[name][0]) for name in names}
    return names, rows, leads


def tables(sites: Sequence[Site], pairs: bool = True) -> tuple[Table, Table, Table, Table]:
    """Return teachers, schools, ties and groups of hand-made schools, ready for `assemble`.

    Ties are the groups' and, where `pairs` says so, one pair between each lead and each of its members.
    """
    names, rows, leads = _groups(sites)
    row = {site.name: n for n, site in enumerate(sites)}
    schools: Table = {
        "id": stable_ids([site.name for site in sites]),
        "group": np.array([names.index(site.group) if site.group else -1 for site in sites], dtype=np.int32),
        "role": np.array([ROLES.index(site.role) for site in sites], dtype=np.int8),
        "seeded_by": np.array([row.get(site.seeded_by, -1) for site in sites], dtype=np.int32),
        "subject_need": np.array([NEED for _ in sites]),
    }
    schools |= {name: _numbers(sites, name, np.int32) for name in ("county", "level", "setting", "ownership")}
    schools |= {name: _numbers(sites, name, float) for name in ("x", "y", "pupils", "opens", "standing", "reliability")}
    home = np.repeat(np.arange(len(sites)), [len(site.subjects) for site in sites])
    teachers: Table = {
        "id": stable_ids([f"{site.name}/{n}" for site in sites for n in range(len(site.subjects))]),
        "home": home.astype(np.int32),
        "subject": np.array([subject for site in sites for subject in site.subjects], dtype=np.int8),
        "employment": np.where(schools["ownership"][home] > 0, 2, 0).astype(np.int8),
    }
    groups: Table = {
        "id": stable_ids([f"group {name}" for name in names]) if names else np.zeros(0, dtype=np.uint64),
        "county": np.array([sites[leads[name]].county for name in names], dtype=np.int32),
        "lead": np.array([leads[name] for name in names], dtype=np.int32),
        "zone_head": np.full(len(names), -1, dtype=np.int32),
        "assigned": np.full(len(names), -1, dtype=np.int8),
    }
    made = [complete_ties([rows[name] for name in names], [leads[name] for name in names], "group")]
    if pairs:
        couples = [[leads[name], n] for name in names for n in rows[name] if n != leads[name]]
        made.append(complete_ties(couples, [couple[0] for couple in couples], "pair"))
    return teachers, schools, joined(made), groups


def built(sites: Sequence[Site], pairs: bool = True) -> World:
    """Return the world of hand-made schools."""
    return assemble(*tables(sites, pairs))


STAFFED = (0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5)


def two_schools(posts: Sequence[int] = STAFFED) -> World:
    """Return a lead and one member 6 km away."""
    return built([
        Site("lead", tuple(posts), "g", "lead", standing=1.0, reliability=0.8),
        Site("member", tuple(posts), "g", "member", setting=2, x=6.0, standing=-1.0, reliability=0.8),
    ])  # fmt: skip


FACTOR = {"urban": 1.6, "township": 1.0, "rural": 0.5}


def small_plan(name: str = "small", staff: float = 14.0, ungrouped: int = 2) -> CountyPlan:
    """Return a county of three groups (2, 3 and 4 schools) and some ungrouped schools."""
    level = LevelPlan(
        "primary", 2, {1: 1, 2: 1, 3: 1}, {"urban": 1, "township": 3, "rural": 2}, staff, FACTOR, 16.2,
        {"one": 1, "two": 2}, {"township": ungrouped} if ungrouped else {},
    )  # fmt: skip
    return CountyPlan(name, 30.0, 20.0, 4, 4.0, [level])


@functools.cache
def county() -> World:
    """Return one county of three groups and two ungrouped schools."""
    return build(generate(small_plan()), ("one", "two"))[0]


def merged(*rosters: Roster) -> Roster:
    """Return one roster of several."""
    heads = {zone: head for roster in rosters for zone, head in roster.zone_heads.items()}
    return Roster([s for r in rosters for s in r.schools], [g for r in rosters for g in r.groups], heads)


@functools.cache
def two_counties() -> World:
    """Return the county of `county` and a second one."""
    return build(merged(generate(small_plan()), generate(small_plan("tiny", 9.0, 0))), ("one", "two"))[0]


@functools.cache
def second_county() -> World:
    """Return the second county of `two_counties` alone."""
    return build(generate(small_plan("tiny", 9.0, 0)), ("one", "two"))[0]


def boundary_worlds() -> dict[str, World]:
    """Return worlds at the edge of what can be described."""
    lead = Site("a", STAFFED, "g", "lead", standing=1.0, reliability=0.8)
    weak = Site("b", STAFFED, "g", "member", setting=2, x=5.0, standing=-1.0, reliability=0.8)
    equal = [replace(lead, name=n, role=r, standing=0.0, reliability=1.0) for n, r in (("a", "lead"), ("b", "member"))]
    return {
        "a school with one teacher": built([lead, replace(weak, subjects=(0,))]),
        "one school, one teacher": built([Site("only", (0,))]),
        "a group of one": built([lead, replace(weak, group="", role="none")]),
        "all equal": built([*equal, replace(equal[1], name="c")]),
        "a lead smaller than its members": built(
            [replace(lead, subjects=(0, 1)), weak, replace(weak, name="c", x=9.0)]
        ),
        "ungrouped schools only": built([replace(weak, name=n, group="", role="none") for n in "abc"]),
        "private beside public": built(
            [lead, weak, replace(weak, name="p", ownership=2), replace(weak, name="q", ownership=2)]
        ),
        "a school that opens later": built([lead, weak, replace(weak, name="new", opens=1.0, seeded_by="a")]),
        "no minor subject taught": built([replace(lead, subjects=(0, 0)), replace(weak, subjects=(1,))]),
    }


NATIONAL = RotationPolicy("national_rule")
HEAVY = RotationPolicy("heavy", share=0.4, backbone_share=0.5)
RESERVOIR = RotationPolicy("reservoir", who="backbone", quota="even_backbone", share=0.2, scope="group")
UNIFIED = RotationPolicy("unified", quota="even_skill", share=0.15, scope="group", until_redeployed=True)
ITINERANT = RotationPolicy("itinerant", quota="shortage", share=0.1, time_share=0.4, backfill="absorbed", scope="group")
RESIDENT = RotationPolicy("resident", quota="shortage", share=0.2, scope="county")
FLEXIBLE = RotationPolicy(
    "flexible", who="backbone", share=0.5, time_share=0.5, backfill="absorbed", compulsory=False, scope="group"
)
TWO_WAY = RotationPolicy("two_way", quota="staff", share=0.2, direction="both", destination="pair", scope="group")
SHADOWING = RotationPolicy(
    "shadowing", quota="staff", share=0.2, direction="inward", destination="lead", stay_years=0.5, backfill="absorbed",
    scope="group", compulsory=False,
)  # fmt: skip
STUDIO = RotationPolicy("studio", who="masters", quota="studio", time_share=0.1)
EXTRA = RotationPolicy("extra", quota="staff", share=0.3, backfill="extra", destination="nearest", scope="group")
CONTRACT = RotationPolicy(
    "contract", quota="staff", share=0.3, backfill="contract", destination="random", scope="county"
)
TWO_YEARS = RotationPolicy("two_years", share=0.3, stay_years=2.0, scope="group", direction="both", backfill="absorbed")

FUSION = Mode(
    "fusion", 1, 1, 1, 0.9, 1, 0.2, "one", "executive", "group", "compulsory", 0.2, 0.2, 0.9, 1, 0, brand=True
)
CO = Mode("co", 0.6, 0.7, 0.8, 0.6, 0.9, 0.2, "own", "own", "group", "quota", 0.5, 0.2, 0.7, 0.5, 0.5)
LOOSE = Mode(
    "loose", 0.2, 0.4, 0.5, 0.2, 0.7, 0.6, "own", "own", "none", "voluntary", 0.9, 0.3, 0.2, 0, 1, self_picked=True
)
ENTRUSTED = Mode(
    "entrusted", 0.9, 0.6, 0.5, 0.5, 0.5, 0.1, "contract", "seconded", "group", "contract", 0.4, 0, 0.6, 0, 1
)
EQUALS = Mode("equals", 0.3, 0.4, 0.6, 0.3, 0.8, 0.2, "own", "own", "group", "voluntary", 0.8, 0.9, 0.2, 0.3, 0.7)
INTEGRATED = Mode(
    "integrated", 1, 1, 0.9, 0.6, 1, 0, "one_plan", "shared", "group", "compulsory", 0.4, 0.3, 0.5, 0.8, 0.8
)
PAIRING = Mode("pairing", 0.3, 0.3, 0.4, 0.2, 0.2, 0.1, "own", "exchange", "pair", "voluntary", 0.9, 0.3, 0.2)
DISTRICT = Mode("district", research=0.3, platform=0.2, online=0.2)
ZONE = Mode("zone", 0.1, 0.1, 0.2, 0.1, 0.3, 0.3, head_on_members=0.3, supervision=0.3)

STANDING_LAYERS = (Layer(2, (PAIRING,), STANDING), Layer(3, (DISTRICT,), STANDING))
AS_IS = Policy(STANDING_LAYERS, (NATIONAL,))
NONE = Policy()
FULL_SUPPORT = SupportPolicy(
    "full", incentive=0.5, title_credit=0.5, supervision=0.3, supervisors=0.5, export_award=0.5, recognition_lead=0.4,
    recognition_members=0.3, county_posts=0.5, training_cycle=3, cultivation=0.06, uplift_files=1.0, fund=1e5,
)  # fmt: skip


def under(mode: Mode, *rotations: RotationPolicy, support: SupportPolicy | None = None, zone: bool = False) -> Policy:
    """Return a policy: the group layer of `mode` on top of the standing layers."""
    layers = (Layer(0, (mode,)), *((Layer(1, (ZONE,)),) if zone else ()), *STANDING_LAYERS)
    return Policy(layers, rotations, support or SupportPolicy("none"))


POLICIES: dict[str, Policy] = {
    "as_is": AS_IS,
    "none": NONE,
    "independent": under(INDEPENDENT),
    "fusion": under(FUSION, NATIONAL),
    "fusion, unified deployment": under(FUSION, UNIFIED),
    "fusion, full support": under(FUSION, HEAVY, support=FULL_SUPPORT, zone=True),
    "co_construction, reservoir": under(CO, RESERVOIR, support=FULL_SUPPORT),
    "collaboration, flexible": under(LOOSE, FLEXIBLE, NATIONAL, zone=True),
    "entrusted, resident": under(ENTRUSTED, RESIDENT),
    "equals, two ways": under(EQUALS, TWO_WAY, SHADOWING),
    "integrated, itinerant": under(INTEGRATED, ITINERANT, STUDIO),
    "extra posts": under(CO, EXTRA),
    "contract teachers": under(CO, CONTRACT),
    "two years, absorbed": under(ENTRUSTED, TWO_YEARS),
    "modes by group": Policy((Layer(0, (FUSION, CO)), *STANDING_LAYERS), (NATIONAL,)),
}


def attributes(policy: Policy, world: World) -> Attributes:
    """Return `policy` compiled for `world`."""
    return compile_policy(policy, world)


def snapshot(
    world: World, parameters: Parameters = DEFAULT, seed: int = 0, policy: Policy = AS_IS, years: int = 2
) -> Snapshot:
    """Return the standing state of a world under `policy` after a short burn-in."""
    return burn_in(world, compile_policy(policy, world), parameters, key(seed, 0), years)


@functools.cache
def county_snapshot() -> Snapshot:
    """Return the standing state of `county` under the baseline."""
    return snapshot(county(), years=5)


@functools.cache
def pair_snapshot() -> Snapshot:
    """Return the standing state of `two_schools` under the baseline."""
    return snapshot(two_schools(), years=5)


def with_parameters(**values: float) -> Parameters:
    """Return the defaults with `group__name` set."""
    return replaced(DEFAULT, {name.replace("__", "."): value for name, value in values.items()})


def changed(world: World, **columns: dict[str, Any]) -> World:
    """Return `world` with columns of some tables replaced: `changed(w, schools={"drive": 1.0})`."""
    out = {}
    for name, new in columns.items():
        table = getattr(world, name)
        old = table._asdict()
        out[name] = table._replace(**{
            column: np.ascontiguousarray(np.broadcast_to(value, old[column].shape), dtype=old[column].dtype)
            for column, value in new.items()
        })  # fmt: skip
    return world._replace(**out)


def arrays(world: World) -> dict[str, np.ndarray]:
    """Return `table.column` → array."""
    return {f"{name}.{column}": array for name in TABLES for column, array in getattr(world, name)._asdict().items()}


def differing(one: World, other: World) -> list[str]:
    """Return the columns whose bytes differ."""
    a, b = arrays(one), arrays(other)
    return [name for name in a if a[name].tobytes() != b[name].tobytes() or a[name].dtype != b[name].dtype]


def replicate_key(replicate: int) -> Key:
    """Return the key of one replicate of the tests' study."""
    return key(20, replicate)

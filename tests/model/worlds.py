"""Small worlds and policies that the tests of the model share."""

import functools
import hashlib
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
from model.process import Moment
from model.processes.practice import practice
from model.schedule import TERM
from model.simulation import Record, Snapshot, burn_in, simulate
from model.teams import team_columns
from model.world import TABLES, Pool, World, frozen
from scenarios.build import build
from scenarios.generate import generate
from scenarios.plans import CountyPlan, GroupPlan, LevelPlan, WorldPlan

NEED = (0.30, 0.23, 0.12, 0.09, 0.14, 0.12)
DEFAULT = Parameters()


@dataclass(frozen=True)
class Site:
    """One school of a hand-made world; `group` and `zone` are names, empty for none; `subjects` has one entry a post.

    The zone of a group is that of its lead; the zone's head is the lead whose role is `zone_head`.
    """

    name: str
    subjects: tuple[int, ...] = (0, 0, 0, 1, 1, 2, 3, 4)
    group: str = ""
    role: str = "none"
    zone: str = ""
    mode: int = -1
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


def _ties(sites: Sequence[Site], rows: dict[str, list[int]], leads: dict[str, int], pairs: bool) -> Table:
    """Return ties of all layers: groups whole, zone head and leads, pairs of lead and member, districts by zone."""
    heads = {site.zone: n for n, site in enumerate(sites) if site.role == "zone_head"}
    tiers = [[heads[sites[n].zone], n] for n in leads.values() if sites[n].zone in heads and heads[sites[n].zone] != n]
    couples = [[lead, n] for name, lead in leads.items() for n in rows[name] if n != lead and pairs]
    districts = [[n for n, site in enumerate(sites) if site.zone == zone] for zone in heads]
    return joined(
        [
            complete_ties(list(rows.values()), list(leads.values()), "group"),
            complete_ties(tiers, [tier[0] for tier in tiers], "zone"),
            complete_ties(couples, [couple[0] for couple in couples], "pair"),
            complete_ties(districts, list(heads.values()), "district"),
        ]
    )


def tables(sites: Sequence[Site], pairs: bool = True) -> tuple[Table, Table, Table, Table]:
    """Return teachers, schools, ties and groups of hand-made schools, ready for `assemble`."""
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
    heads = {site.zone: n for n, site in enumerate(sites) if site.role == "zone_head"}
    groups: Table = {
        "id": stable_ids([f"group {name}" for name in names]) if names else np.zeros(0, dtype=np.uint64),
        "county": np.array([sites[leads[name]].county for name in names], dtype=np.int32),
        "lead": np.array([leads[name] for name in names], dtype=np.int32),
        "zone_head": np.array([heads.get(sites[leads[name]].zone, -1) for name in names], dtype=np.int32),
        "assigned": np.array([sites[leads[name]].mode for name in names], dtype=np.int8),
    }
    return teachers, schools, _ties(sites, rows, leads, pairs), groups


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


def _staff(posts: int) -> tuple[int, ...]:
    """Return the subject of each post: the plan's shares, the last ones in the first subjects."""
    counts = [int(posts * share) for share in NEED]
    whole = [subject for subject, count in enumerate(counts) for _ in range(count)]
    return tuple(sorted(whole + list(range(6))[: posts - len(whole)]))


def county_sites(prefix: str = "", number: int = 0, posts: int = 14) -> list[Site]:
    """Return a county of three groups (2, 3 and 4 schools) in two zones, and two ungrouped schools."""
    sites = []
    shapes = (("f", 1, "z1", "zone_head", 0), ("g", 2, "z1", "lead", 1), ("h", 3, "z2", "zone_head", 1))
    for place, (name, members, zone, role, mode) in enumerate(shapes):
        at, group = 8.0 * place, prefix + name
        common = Site("", (), group, zone=prefix + zone, mode=mode, county=number, reliability=0.8)
        standing = 1.2 if role == "zone_head" else 0.9
        lead = replace(common, name=f"{group}0", role=role, x=at, standing=standing, pupils=40.0 * posts)
        sites.append(replace(lead, subjects=_staff(2 * posts)))
        for n in range(1, members + 1):
            size = max(2, posts - 4 * n)
            place_of = {
                "setting": 1 + n % 2,
                "x": at + 3.0 * n,
                "y": 2.0 * n,
                "standing": -0.4 * n,
                "pupils": 16.0 * size,
            }
            sites.append(replace(common, name=f"{group}{n}", role="member", subjects=_staff(size), **place_of))
    alone = Site(f"{prefix}u1", _staff(posts), county=number, setting=1, x=12.0, y=9.0, pupils=16.0 * posts)
    return [*sites, alone, replace(alone, name=f"{prefix}u2", setting=0, x=1.0, standing=0.5, reliability=0.8)]


@functools.cache
def county() -> World:
    """Return one county of three groups and two ungrouped schools."""
    return built(county_sites())


@functools.cache
def generated() -> World:
    """Return a county as scenarios generate it: three groups of two modes, and two ungrouped schools."""
    settings, factor = {"urban": 1, "township": 3, "rural": 2}, {"urban": 1.6, "township": 1.0, "rural": 0.5}
    standing = {"zone_head": 1.8, "lead": 1.1, "urban": 0.1, "township": -0.3, "rural": -0.8}
    plans = [GroupPlan(1, 1, "one"), GroupPlan(1, 2, "two"), GroupPlan(1, 3, "two")]
    level = LevelPlan("primary", 2, plans, settings, 14.0, factor, 16.2, standing, {"township": 2}, paired="members")
    county = CountyPlan("small", 30.0, 20.0, 4, 4.0)
    return build(generate(WorldPlan("small", [county], [level])), ("one", "two"))[0]


@functools.cache
def two_counties() -> World:
    """Return the county of `county` and a second one."""
    return built([*county_sites("second ", 1, 9), *county_sites()])


@functools.cache
def second_county() -> World:
    """Return the second county of `two_counties` alone."""
    return built(county_sites("second ", 0, 9))


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
ITINERANT = RotationPolicy(
    "itinerant", quota="shortage", share=0.1, eligible_years=0.0, time_share=0.4, backfill="absorbed", scope="group"
)
RESIDENT = RotationPolicy("resident", quota="shortage", share=0.2, eligible_years=0.0, scope="county")
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


def teamed(world: World, year: int = 0) -> World:
    """Return a world with the teams of whoever works where."""
    return Pool().commit(world, team_columns(world, world.teachers.post, world.teachers.subject, year, Pool()))


def stepped(
    name: str, world: World, policy: Policy, parameters: Parameters = DEFAULT, now: Moment | None = None
) -> World:
    """Return a world after one process; by default in the first autumn of the policy."""
    process = next(process for process in TERM if process.name == name)
    moment = now or Moment(key(0, 0), 0, 0.5, 0, True, False, 0.0)
    pool = Pool()
    return pool.commit(world, process.step(world, compile_policy(policy, world), parameters, moment, pool))


def changed(world: World, **columns: dict[str, Any]) -> World:
    """Return `world` with columns of some tables replaced: `changed(w, schools={"drive": 1.0})`.

    The new ones are read-only too: kernels are compiled anew for arrays that may be written.
    """
    out = {}
    for name, new in columns.items():
        table = getattr(world, name)
        old = table._asdict()
        out[name] = table._replace(**{
            column: frozen(np.array(np.broadcast_to(value, old[column].shape), dtype=old[column].dtype, order="C"))
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


def record_hash(replicate: int, policy: str, years: int = 3) -> str:
    """Return the SHA-256 of everything recorded in one run of `county`; a job that any process can do."""
    base = replicate_key(replicate)
    start = burn_in(county(), attributes(AS_IS, county()), DEFAULT, base, 2).world
    _, record = simulate(start, [(0, attributes(POLICIES[policy], start))], DEFAULT, base, years)
    return hashlib.sha256(b"".join(record.columns[name].tobytes() for name in sorted(record.columns))).hexdigest()


def replicate_key(replicate: int) -> Key:
    """Return the key of one replicate of the tests' study."""
    return key(20, replicate)


def chain(levels: Sequence[float], strength: float) -> World:
    """Return schools in a row, each tied to the one before it by `strength` on culture, alike in character."""
    names = "abcd"[: len(levels)]
    world = built([Site(n, (0,), "g", "lead" if n == "a" else "member") for n in names])
    place = np.argsort([[int(stable_ids([n])[0]) for n in names].index(int(i)) for i in world.schools.id])
    rank = np.argsort(place)
    tie = np.zeros((len(world.ties.id), 4))
    tie[(rank[world.ties.source] == rank[world.ties.target] - 1) & (world.ties.layer == 0), 2] = strength
    own = np.zeros((len(names), 3))
    own[:, 2] = np.array(levels)[rank]
    return changed(
        world, schools={"practice": own, "practice_anchor": own, "character": 0.0, "drive": 1.0, "generated": 0.0},
        ties={"strength": tie}, teachers={"skill": 0.0, "talent": 0.0},
    )  # fmt: skip


def levels_of(world: World) -> np.ndarray:
    """Return culture practice in the order of the chain."""
    names = [int(i) for i in stable_ids(["a", "b", "c", "d"][: len(world.schools.id)])]
    row = {int(i): n for n, i in enumerate(world.schools.id)}
    return np.array([world.schools.practice[row[name], 2] for name in names])


def practised(world: World, dt: float, terms: int, **parameters: float) -> World:
    """Return the world after some terms of practice alone."""
    numbers, policy, pool = with_parameters(**parameters), attributes(NONE, world), Pool()
    for number in range(terms):
        now = Moment(key(0, 0), number, dt, 0, number == 0, False, 0.0)
        world = pool.commit(world, practice.step(world, policy, numbers, now, pool))
    return world


def bytes_of(record: Record) -> dict[str, bytes]:
    """Return everything recorded, as bytes."""
    return {name: table.tobytes() for name, table in record.columns.items()}


def run(start: World, policy: Policy, years: int = 3, parameters: Parameters = DEFAULT) -> Record:
    """Return the record of `policy` from `start`."""
    return simulate(start, [(0, attributes(policy, start))], parameters, key(0, 0), years)[1]

"""Synthetic places for virtual experiments: a county, a city, partnerships, networks that open campuses.

Numbers of schools are made up, their sizes are national means, and everything else is drawn from the parameters.
"""

import functools
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiments.trials import Place
from model.codes import TieLayer
from model.policy import Layer, Policy
from scenarios import reader
from scenarios.build import build
from scenarios.catalogue import bundled
from scenarios.policies import rotations_of
from scenarios.roster import Group, Roster, School

POSTS, PUPILS_PER_TEACHER = 46, 16.2
WORLDS = Path(__file__).parent / "worlds"
NETWORKS = 12
PARTNERSHIPS = 24
ORDINARY = 36
STRONG = 1.5
KM_APART = 3.0


def grouped(mode: str, rotation: str = "none") -> Policy:
    """Return the policy that puts every group of a place under one mode, with the rotation policies named."""
    return Policy((Layer(TieLayer.GROUP, (bundled().modes[mode].record,)),), rotations_of(bundled(), rotation))


@functools.cache
def county(rotation: str = "none") -> Place:
    """Return a county of 60 primary schools in town and country, without ties."""
    return _of_file("county", rotation)


@functools.cache
def city(rotation: str = "none") -> Place:
    """Return a city of 48 primary schools, twelve leads with three members each, without ties.

    The national rule moves nobody between urban schools of no group.
    """
    return _of_file("city", rotation)


@functools.cache
def partnerships() -> Place:
    """Return 24 `unequal` pairs, a school 1 SD above with one 1 SD below the mean, and 24 `equal` ones at the mean."""
    schools, groups = [], []
    for kind, above in (("unequal", 1.0), ("equal", 0.0)):
        for n in range(PARTNERSHIPS):
            group = _group(f"{kind}-{n:02d}")
            groups.append(group)
            common = {"group": group.id, "y": 10.0 * len(groups)}
            schools.append(_school(group.lead, above, role="lead", **common))
            schools.append(_school(f"{group.id}-member", -above, role="member", x=KM_APART, **common))
    return _place(schools, groups)


@functools.cache
def networks() -> Place:
    """Return twelve `network` leads, 1.5 SD above the mean, that open a campus in year 1, and 36 `ordinary` schools."""
    schools = [_school(f"ordinary-{n:02d}", 0.0, reliability=0.0, x=20.0, y=5.0 * n) for n in range(ORDINARY)]
    groups = [_group(f"network-{n:02d}") for n in range(NETWORKS)]
    for n, group in enumerate(groups):
        common = {"group": group.id, "y": 10.0 * n}
        new = {"role": "member", "x": KM_APART, "opens": 0.0, "seeded_by": group.lead}
        schools.append(_school(group.lead, STRONG, role="lead", **common))
        schools.append(_school(f"{group.id}-campus", STRONG, **common, **new))
    return _place(schools, groups)


def _of_file(name: str, rotation: str) -> Place:
    scenario = reader.load(WORLDS / f"{name}.toml")
    return Place(scenario.world, scenario.labels.schools, Policy(rotations=rotations_of(bundled(), rotation)))


def _place(schools: list[School], groups: list[Group]) -> Place:
    world, labels = build(Roster(tuple(schools), tuple(groups), {}))
    return Place(world, labels.schools)


def _school(ident: str, standing: float, **given: Any) -> School:  # noqa: ANN401 - fields of a school
    """Return an urban primary school of mean size; standing explains four fifths of its quality's variance."""
    pupils = round(POSTS * PUPILS_PER_TEACHER)
    usual = School(
        ident, {"en": ident, "zh": ident}, "validation", "primary", "urban", "public", "none", "", "", 0.0, 0.0, pupils,
        POSTS, standing, 0.8,
    )  # fmt: skip
    return replace(usual, **given)


def _group(ident: str) -> Group:
    return Group(ident, {"en": ident, "zh": ident}, "validation", f"{ident}-lead", "")

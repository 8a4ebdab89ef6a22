"""The vocabulary of virtual experiments: a place in its standing state, whom to choose, what to run, what to measure.

All runs of one trial meet the same chance events, so they differ by what was done and by nothing else. Schools and
teachers are chosen by row. Years are counted from 1, the first year after burn-in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.attributes import compile_policy
from model.chance import Key, Stream, normal, pair_id, stable_id
from model.chance import key as chance_key
from model.columns import ROLES, TITLES, Floats, Ids, Rows
from model.compilation import compiled
from model.parameters import Parameters
from model.parameters import Teachers as Persons
from model.policy import Policy
from model.process import Moment, Process, gather
from model.processes.staffing import staffing
from model.processes.teaching import People, effective_skill
from model.schedule import TERM
from model.sets import baseline_quality
from model.simulation import TERMS_PER_YEAR, burn_in, moment, term
from model.world import Changes, Pool, World

TEACHER_NOTES = ("post", "hired", "title", "experience")
SCHOOL_NOTES = ("quality", "practised", "backbone_post")
STREAM = int(Stream.WORLD)
ESTIMATE, LOT = np.uint64(stable_id("estimated value-added")), np.uint64(stable_id("lot"))


class Place(NamedTuple):
    """Where an experiment is carried out: a world, the ids of its schools, and the policy before and in the control."""

    world: World
    names: tuple[str, ...]
    baseline: Policy = Policy()


class Intervention(NamedTuple):
    """Something done to named teachers: a step right after a process of the term, in the first `years` years.

    `annual` steps are taken in autumn only.
    """

    after: str
    years: int
    annual: bool
    step: Callable[[World, Parameters, Moment, Pool], Changes]


@compiled
def _draws(key: Key, ids: Ids, what: np.uint64, out: Floats) -> None:
    for i in range(len(ids)):
        out[i] = normal(key, pair_id(ids[i], what), 0, STREAM, 0)


@compiled
def _taught(x: People, p: Persons, scale: float, dt: float, out: Floats) -> None:
    for i in range(len(out)):
        out[i] = effective_skill(x, i, p, scale, dt)


class Run:
    """What became of everybody: teachers (terms, N) and schools (terms, S)."""

    def __init__(self, start: World, terms: int) -> None:
        self.world = start
        self.skill = np.empty((terms, len(start.teachers.id)))
        columns = {name: getattr(start.teachers, name) for name in TEACHER_NOTES}
        self.teachers = {name: np.empty((terms, len(a)), dtype=a.dtype) for name, a in columns.items()}
        self.schools = {name: np.empty((terms, len(start.schools.id))) for name in SCHOOL_NOTES}

    def taught(self, rows: Rows, first: int = 1, last: int | None = None) -> float:
        """Return the mean effective skill (σ) of the posts in `rows` over the years: what their pupils get of them."""
        return float(self.skill[_years(first, last)][:, rows].mean())

    def surrounding(self, rows: Rows, first: int = 1, last: int | None = None) -> float:
        """Return the mean practice (σ) of the schools where the posts in `rows` work over the years."""
        window = _years(first, last)
        return float(
            np.take_along_axis(self.schools["practised"][window], self.teachers["post"][window][:, rows], 1).mean()
        )

    def quality(self, schools: Rows, first: int = 1, last: int | None = None) -> float:
        """Return the pupil-weighted mean quality (σ) of schools over the years."""
        weights = self.world.schools.pupils[schools]
        return float(np.average(self.schools["quality"][_years(first, last)][:, schools].mean(axis=0), weights=weights))

    def stay(self, rows: Rows, last: int) -> NDArray[np.bool_]:
        """Return whose post is held by the same person from the first year to the end of year `last`."""
        hired = self.teachers["hired"]
        return np.asarray(hired[0, rows] == hired[last * TERMS_PER_YEAR - 1, rows])

    def spread(self, schools: Rows, first: int = 1, last: int | None = None) -> float:
        """Return the SD (σ) of effective skill among the teachers who work at the same school, over the years."""
        parts = []
        for t in range(len(self.skill))[_years(first, last)]:
            staffs = (self.skill[t, self.teachers["post"][t] == school] for school in schools)
            parts += [staff - staff.mean() for staff in staffs]
        return float(np.sqrt(np.square(np.concatenate(parts)).mean()))

    def between(self, schools: Rows, year: int = 1) -> float:
        """Return the share of the variance of effective skill that lies between schools (one-way random effects)."""
        t = (year - 1) * TERMS_PER_YEAR
        staffs = [self.skill[t, self.teachers["post"][t] == school] for school in schools]
        sizes, everybody = np.array([len(staff) for staff in staffs]), np.concatenate(staffs)
        means = np.array([staff.mean() for staff in staffs])
        above = (sizes * np.square(means - everybody.mean())).sum() / (len(staffs) - 1)
        inside = sum(np.square(staff - staff.mean()).sum() for staff in staffs) / (len(everybody) - len(staffs))
        typical = (len(everybody) - np.square(sizes).sum() / len(everybody)) / (len(staffs) - 1)
        variance = (above - inside) / typical
        return float(variance / (variance + inside))

    def titled(self, title: str, schools: Rows, first: int = 1, last: int | None = None) -> float:
        """Return the share of those who work at `schools` that hold a title."""
        window = _years(first, last)
        here = np.isin(self.teachers["post"][window], schools)
        return float((self.teachers["title"][window][here] == TITLES.index(title)).mean())

    def service(self, year: int) -> float:
        """Return the mean years of service of everybody in a year."""
        return float(self.teachers["experience"][_years(year, year)].mean())

    def backbone_cv(self, schools: Rows, year: int = 1) -> float:
        """Return the national indicator: the pupil-weighted CV of backbone teachers per pupil between schools."""
        pupils = self.world.schools.pupils[schools]
        ratio = self.schools["backbone_post"][_years(year, year)][:, schools].mean(axis=0) / pupils
        mean = np.average(ratio, weights=pupils)
        return float(np.sqrt(np.average(np.square(ratio - mean), weights=pupils)) / mean)

    def note_people(self, row: int, world: World, skill: Floats) -> None:
        """Note what everybody teaches this term."""
        self.skill[row] = skill
        for name, table in self.teachers.items():
            table[row] = getattr(world.teachers, name)

    def note_schools(self, row: int, world: World) -> None:
        """Note the schools at the end of a term."""
        self.world = world
        s = world.schools
        self.schools["quality"][row], self.schools["backbone_post"][row] = s.quality, s.backbone_post
        self.schools["practised"][row] = s.management + s.practice[:, 1:].sum(axis=1)


def _years(first: int, last: int | None) -> slice:
    return slice((first - 1) * TERMS_PER_YEAR, None if last is None else last * TERMS_PER_YEAR)


@dataclass(frozen=True, eq=False)
class Trial:
    """One replicate of an experiment.

    Attributes
    ----------
    place, parameters, key
        Where, with which numbers, under which chance.
    start
        The standing state after burn-in.
    standing
        Mean quality of each school over the last two years of burn-in (S,).
    staff
        Everybody in the first autumn, when leavers have been replaced: who may be chosen.
    """

    place: Place
    parameters: Parameters
    key: Key
    start: World
    standing: Floats
    staff: Any

    @classmethod
    def of(cls, place: Place, parameters: Parameters, seed: int, replicate: int, years: int = 5) -> Trial:
        """Return the trial of one replicate, after `years` years of burn-in."""
        key, attributes = chance_key(seed, replicate), compile_policy(place.baseline, place.world)
        snapshot = burn_in(place.world, attributes, parameters, key, years)
        now = moment(key, 0, TERMS_PER_YEAR, burn_in=False)
        autumn = term(snapshot.world, attributes, parameters, now, Pool(), (staffing,))
        return cls(place, parameters, key, snapshot.world, baseline_quality(snapshot.record), autumn.teachers)

    # Whom to choose ---------------------------------------------------------------------------------------------------

    def schools(self, role: str | None = None, name: str = "", standing: bool = True) -> Rows:
        """Return schools that stand (or that are yet to open): all, or those of a role, or whose id begins so."""
        s = self.start.schools
        named = np.array([one.startswith(name) for one in self.place.names])
        chosen = named & ((s.opens < 0.0) == standing)
        return _rows(chosen if role is None else chosen & (s.role == ROLES.index(role)))

    def ranked(self, low: float, high: float) -> Rows:
        """Return the schools from share `low` to share `high` of all, counted from the weakest at baseline."""
        rows = self.schools()
        order = rows[np.argsort(self.standing[rows], kind="stable")]
        return order[int(low * len(order) + 0.5) : int(high * len(order) + 0.5)]

    def teachers(self, schools: Rows, least: float = 0.0, most: float = np.inf) -> Rows:
        """Return those who work at `schools` with so many years of service."""
        years = self.staff.experience
        return _rows(np.isin(self.staff.post, schools) & (years >= least) & (years <= most))

    def novices(self, schools: Rows) -> Rows:
        """Return those just hired at `schools`."""
        return self.teachers(schools, 0.0, 0.0)

    def estimates(self) -> Floats:
        """Return everybody's value-added as it is estimated: with the error with which schools and bureau judge."""
        return np.asarray(self.staff.skill + self.parameters.staffing.merit_noise * self._normal(ESTIMATE))

    def best(self, share: float, schools: Rows, least: float = 1.0) -> Rows:
        """Return those at `schools` among the best `share` of all with `least` years of service, by estimate."""
        estimate, experienced = self.estimates(), self.teachers(self.schools(), least)
        bar = np.quantile(estimate[experienced], 1.0 - share)
        return _rows(np.isin(np.arange(len(estimate)), self.teachers(schools, least)) & (estimate >= bar))

    def same_subject(self, candidates: Rows, places: Rows) -> NDArray[np.int32]:
        """Return pairs (candidate, place) of one subject, candidates drawn by lot, each taken once."""
        lot, subject = self._normal(LOT), self.staff.subject
        left = list(candidates[np.argsort(lot[candidates], kind="stable")])
        pairs = []
        for place in places:
            found = next((one for one in left if subject[one] == subject[place]), None)
            if found is not None:
                left.remove(found)
                pairs.append((found, place))
        return np.array(pairs, dtype=np.int32).reshape(-1, 2)

    def low_with_high(self, schools: Rows, least: float = 1.0) -> NDArray[np.int32]:
        """Return pairs (low, high) of each school: its lower half by estimate, the weakest with the best and so on."""
        estimate, pairs = self.estimates(), []
        for school in schools:
            staff = self.teachers(np.array([school]), least)
            order = staff[np.argsort(estimate[staff], kind="stable")]
            pairs += list(zip(order[: len(order) // 2], order[::-1], strict=False))
        return np.array(pairs, dtype=np.int32).reshape(-1, 2)

    def _normal(self, what: np.uint64) -> Floats:
        out = np.empty(len(self.staff.id))
        _draws(self.key, self.staff.id, what, out)
        return out

    # What to run ------------------------------------------------------------------------------------------------------

    def run(self, years: int, policy: Policy | None = None, *done: Intervention, opening: bool = True) -> Run:
        """Run `years` years from the standing state.

        Parameters
        ----------
        years
            How many.
        policy
            What is in force; what was before, where None.
        done
            What is done to named teachers.
        opening
            Whether schools that are to open do.
        """
        start = self.start if opening else _without_openings(self.start)
        attributes = compile_policy(self.place.baseline if policy is None else policy, self.place.world)
        world, pool, out = start, Pool(), Run(start, years * TERMS_PER_YEAR)
        for row in range(years * TERMS_PER_YEAR):
            now = moment(self.key, row, TERMS_PER_YEAR, burn_in=False)
            schedule = self._schedule(out, row, now, done)
            world = term(world, attributes, self.parameters, now, pool, schedule)
            out.note_schools(row, world)
        return out

    def _schedule(self, out: Run, row: int, now: Moment, done: Sequence[Intervention]) -> list[Process]:
        """Return the term's processes with what is done in between, and a look at everybody before they teach."""

        def look(world: World, attributes: Any, parameters: Parameters, now: Moment, pool: Pool) -> Changes:  # noqa: ANN401
            skill = np.empty(len(world.teachers.id))
            people = gather(People, world, attributes)
            _taught(people, parameters.teachers, parameters.transfer.misfit_scale, now.dt, skill)
            out.note_people(row, world, skill)
            return {}

        schedule = []
        for process in TERM:
            schedule += [Process("look", 0, False, (), (), look)] if process.name == "teaching" else []
            schedule.append(process)
            due = (one for one in done if one.after == process.name and now.year < one.years)
            schedule += [_as_process(one) for one in due]
        return schedule


def _as_process(one: Intervention) -> Process:
    def step(world: World, _: Any, parameters: Parameters, now: Moment, pool: Pool) -> Changes:  # noqa: ANN401
        return one.step(world, parameters, now, pool)

    return Process("intervention", 0, one.annual, (), (), step)


def _rows(chosen: NDArray[np.bool_]) -> Rows:
    return np.flatnonzero(chosen).astype(np.int32)


def _without_openings(world: World) -> World:
    opens = np.where(world.schools.opens < 0.0, world.schools.opens, np.inf)
    return world._replace(schools=world.schools._replace(opens=opens))

"""The peer in plain Mesa: teachers and schools are agents, ties are objects, and each rule is Python on one of them.

It is written as a modeller would who knows Mesa and not NumPy; draws come from `model.chance`, which is compiled and so
favours it. Studios and schools that open later are left out.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import mesa
import numpy as np

from benchmarks.mesa_ties import CULTURE, RESEARCH, TEACHING, Tie, closed, spent
from benchmarks.start import Start, written
from model.chance import Stream, uniform2
from model.columns import SUBJECTS, TEAMS, Floats
from model.process import Moment
from model.processes.learning.coaching import coaching_rate

ABSORBED, CONTRACT = 2, 4
MIXED = TEAMS - 1
MID, SENIOR = 1, 2
VETERAN_YEARS = 20.0


def _rows(*tables: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Yield one dictionary of plain numbers a row, from tables given as name → array."""
    arrays = {name: values.tolist() for table in tables for name, values in table.items()}
    for row in zip(*arrays.values(), strict=True):
        yield dict(zip(arrays, row, strict=True))


class School(mesa.Agent):  # type: ignore[misc]
    """A school with its staff, teams and the ties into it; its other numbers are the columns of the model."""

    asked: float
    practice: list[float]
    character: float
    drive: float
    mean_skill: float
    newcomers: float
    unqualified: float

    def __init__(self, model: "PlainModel", columns: dict[str, Any]) -> None:
        super().__init__(model)
        self.__dict__.update(columns)
        self.staff: list[Teacher] = []
        self.owned: list[Teacher] = []
        self.guests: list[Teacher] = []
        self.teams: dict[int, list[Teacher]] = {}
        self.ties: list[Tie] = []

    def plan(self) -> None:
        """Begin with what coordination takes."""
        self.asked, self.heads_lent = 0.0, self.head_divided
        self.participation = 0.0

    def settle(self) -> None:
        """Give the time there is."""
        capacity = self.model.p.attention.capacity
        self.attention = 1.0 if self.asked <= capacity else capacity / self.asked
        self.outreach = min(capacity, self.asked)

    def take_part(self) -> None:
        """Spend time on what others give; count who is here from them."""
        here: dict[School, float] = defaultdict(float)
        for t in self.staff:
            if t.home is not self:
                here[t.home] += 1.0
        for t in self.guests:
            here[t.home] += t.visit_share
        for tie in self.ties:
            self.participation += self.model.p.attention.participation * tie.wanted * tie.source.attention
            tie.presence = min(1.0, here[tie.source] / max(1, len(self.staff)))

    def coach(self) -> None:
        """Set the coaching doses of everybody here, and whom they can meet."""
        model, p = self.model, self.model.p.learning
        self.meetings = [tie for tie in self.ties if tie.strength[RESEARCH] > 0.0]
        self.weights = np.cumsum([tie.strength[RESEARCH] for tie in self.meetings]).tolist()
        practice = sum(self.practice) - model.practice_mean[self.region]
        spread = model.practice_sd[self.region]
        self.climate = p.environment_ratio ** (practice / spread / 1.35) if spread > 0.0 else 1.0
        uplift = p.uplift_dose * self.uplift_file if self.weakest else 0.0
        load = self.outreach / model.p.attention.capacity
        for t in self.staff:
            t.dose = uplift + (p.mentor_return * load if t.honour > 0 else 0.0)
        for team in self.teams.values():
            self._mentor(team)
        if self.cultivation > 0.0:
            self._cultivate()
        if self.training > 0:
            for t in self.staff:
                if int(t.id >> np.uint64(20)) % self.training == model.now.year % self.training:
                    t.dose += p.training_dose

    def _mentor(self, team: "list[Teacher]") -> None:
        p = self.model.p.learning
        novices, honoured = [t for t in team if t.experience < 3.0], [t for t in team if t.honour > 0]  # noqa: PLR2004
        if novices and honoured:
            each = min(p.mentoring, p.coach_load * len(honoured) / len(novices))
            for t in novices:
                t.dose += each
            for t in honoured:
                t.dose += p.mentor_return * each * len(novices) / len(honoured)

    def _cultivate(self) -> None:
        p = self.model.p.learning
        others = sorted((t for t in self.staff if t.honour == 0), key=lambda t: -t.skill)
        honoured = [t for t in self.staff if t.honour > 0]
        wanted = math.ceil(0.3 * len(others))
        if not honoured or not wanted:
            return
        given = min(self.cultivation * len(self.staff), p.coach_load * len(honoured))
        for t in honoured:
            t.dose += p.mentor_return * given / len(honoured)
        chosen = [t for t in others if t.skill >= others[wanted - 1].skill]
        for t in chosen:
            t.dose += given / len(chosen)

    def generate(self) -> None:
        """Renew from the best fifth of those who teach here."""
        time = [(t.skill, 1.0 - t.visit_share) for t in self.staff]
        time += [(t.skill - t.match, t.visit_share) for t in self.guests]
        share = left = 0.2 * sum(w for _, w in time)
        value = 0.0
        for skill, weight in sorted(time, reverse=True):
            value += min(weight, left) * skill
            left -= min(weight, left)
            if left <= 0.0:
                break
        self.best = value / share if share > 0.0 else 0.0
        overload = self.model.p.practice.renewal_overload * self.outreach / self.model.p.attention.capacity
        self.generated = (1.0 - overload) * self.drive * max(0.0, self.best)

    def take_in(self) -> None:
        """Work out next term's practice from the sources as they are."""
        p, dt = self.model.p, self.model.now.dt
        localised = self._localised()
        active = [tie for tie in self.ties if sum(tie.strength[:3]) + tie.platform > 0.0]
        fits = [math.exp(-(1.0 - localised) * self._distance(tie) / p.transfer.misfit_scale) for tie in active]
        surplus = p.practice.renewal * (self.generated - self.renewal_anchor) / 3.0
        fade = math.exp(-p.practice.decay * dt)
        self.moved, self.intake = [0.0] * 3, [0.0] * 3
        for c in range(3):
            taken = self._taken(c, active, fits)
            self.intake[c] = taken / dt
            target, net = self.practice_anchor[c] + surplus, taken - self.intake_anchor[c] * dt
            evenly = (1.0 - fade) / (p.practice.decay * dt) if p.practice.decay > 0.0 else 1.0
            self.moved[c] = target + (self.practice[c] - target) * fade + net * evenly

    def _distance(self, tie: Tie) -> float:
        return abs(float(tie.source.character - self.character))

    def _localised(self) -> float:
        base = self.model.p.transfer.base_localisation
        return float(base + (1.0 - base) * self.autonomy_fit * self.capacity)

    def _taken(self, c: int, active: list[Tie], fits: list[float]) -> float:
        """Return what is taken in on one channel: from ties, and from the best of the platform."""
        p, dt = self.model.p, self.model.now.dt
        uptake = 1.0 - p.transfer.unlocalised_uptake * self.autonomy_uptake if c == TEACHING else 1.0
        gaps = [tie.source.practice[c] - self.practice[c] for tie in active]
        rates = [p.practice.transfer_rate * fit for fit in fits]
        used = spent([tie.strength[c] * uptake for tie in active], gaps, rates, dt)
        total = sum(closed(g, r * u, dt) for g, r, u in zip(gaps, rates, used, strict=True) if u > 0.0)
        offers = [tie.platform * f * g for tie, f, g in zip(active, fits, gaps, strict=True)]
        if offers and max(offers) > 0.0:
            n = offers.index(max(offers))
            rate = p.practice.transfer_rate * p.practice.platform_rate * p.transfer.online_fidelity
            total += closed(gaps[n], rate * fits[n] * active[n].platform, dt)
        return float(total)

    def adopt(self) -> None:
        """Take over what was worked out."""
        self.practice = self.moved

    def manage(self) -> None:
        """Set management in force under the head there is."""
        p = self.model.p
        own = self.practice[0]
        level = own
        if self.head_from >= 0:
            level += self.head_mix * (self.model.schools[self.head_from].practice[0] - own)
        lent = 1.0 - (1.0 - p.heads.loss) ** int(self.heads_lent)
        lost = p.heads.share * max(0.0, level + p.schools.sd_management) * lent
        self.management = own + p.heads.share * (level - own) - lost

    def converge(self) -> None:
        """Work out the next character; set drive."""
        p, d = self.model.p.culture, self.model.p.drive
        pulls = [
            (p.convergence * tie.strength[CULTURE] * tie.drift / tie.weights[CULTURE], tie.source.character)
            for tie in self.ties
            if tie.weights[CULTURE] > 0.0
        ]
        speed = sum(w for w, _ in pulls)
        target = sum(w * x for w, x in pulls) / speed if speed > 0.0 else self.character
        self.drawn = target + (self.character - target) * math.exp(-speed * self.model.now.dt)
        self.drive = 1.0 + d.autonomy * (self.autonomy_drive - 1.0) + d.recognition * self.recognition
        self.drive += d.pay * (self.incentive - 1.0)

    def become(self) -> None:
        """Take over the character that was worked out."""
        self.character = self.drawn

    def teach(self) -> None:
        """Work out what pupils get, on the others' quality of last term."""
        p = self.model.p
        self._count_staff()
        self._count_owned()
        self.misfit, self.lessons_online = self._misfit(), self._online()
        load = p.attention.displaced * (self.outreach + self.participation)
        gains = self.mean_skill + self.management + self.practice[1] + self.practice[2] + self.lessons_online
        losses = p.staffing.churn * self.newcomers + p.staffing.unqualified_cost * self.unqualified
        absent = p.attention.teaching_value * (load + self.uncovered)
        self.taught = gains - losses - self.misfit - absent if self.staff else 0.0

    def report(self) -> None:
        """Take over the quality that was worked out."""
        self.quality = self.taught

    def _count_staff(self) -> None:
        """Count who works here."""
        staff = max(1, len(self.staff))
        time = sum(1.0 - t.visit_share for t in self.staff) + sum(t.visit_share for t in self.guests)
        skill = sum((1.0 - t.visit_share) * t.effective() for t in self.staff)
        skill += sum(t.visit_share * (t.skill - t.match + t.morale) for t in self.guests)
        self.mean_skill = skill / time if time > 0.0 else skill
        self.staff_post = float(len(self.staff))
        self.morale = sum(t.morale for t in self.staff) / staff
        honoured = [t for t in self.staff if t.honour > 0]
        self.backbone_post = sum(1.0 - t.visit_share for t in honoured)
        self.veteran_backbone = sum(1.0 - t.visit_share for t in honoured if t.experience >= VETERAN_YEARS)
        self.senior_post = sum(1.0 - t.visit_share for t in self.staff if t.title == SENIOR)
        self.service = sum(t.experience for t in self.staff) / staff
        self.newcomers = sum(t.tenure < 1.0 and t.shock != 0.5 for t in self.staff) / staff  # noqa: PLR2004
        lacking = [0.0] * len(SUBJECTS)
        for t in self.staff:
            lacking[t.subject] += 0.0 if t.qualified else 1.0 - t.visit_share
        for t in self.guests:
            lacking[t.subject] -= t.visit_share if t.qualified else 0.0
        self.unqualified = sum(max(0.0, share) for share in lacking) / staff

    def _count_owned(self) -> None:
        """Count whose post is here."""
        posts = max(1, len(self.owned))
        self.staff_home = float(len(self.owned))
        self.away = sum(t.gone() for t in self.owned)
        self.mid_titles = float(sum(t.title == MID for t in self.owned))
        self.senior_titles = float(sum(t.title == SENIOR for t in self.owned))
        self.uncovered = sum(t.gone() for t in self.owned if t.backfill == ABSORBED) / posts
        substitutes = sum(t.gone() for t in self.owned if t.backfill == CONTRACT)
        self.mean_skill -= self.model.p.staffing.contract_gap * substitutes / posts

    def _misfit(self) -> float:
        p = self.model.p.transfer
        weight = sum(tie.uniformity for tie in self.ties)
        distance = sum(tie.uniformity * self._distance(tie) for tie in self.ties)
        return float(p.misfit_cost * (1.0 - self._localised()) * distance / p.misfit_scale / max(1.0, weight))

    def _online(self) -> float:
        heard = [
            (tie.source.quality - self.quality, tie.strength[TEACHING] * tie.lessons / tie.weights[TEACHING])
            for tie in self.ties
            if tie.weights[TEACHING] > 0.0
        ]
        left, total = 1.0, 0.0
        for gap, weight in sorted(heard, key=lambda pair: -pair[0]):
            if gap > 0.0:
                total += min(weight, left) * gap
                left -= min(weight, left)
        return float(self.model.p.transfer.online_lessons * total)


class Teacher(mesa.Agent):  # type: ignore[misc]
    """A teacher at a post; the other numbers are the columns of the model."""

    skill: float
    extra: float
    dose: float

    def __init__(self, model: "PlainModel", identity: np.uint64, columns: dict[str, Any]) -> None:
        super().__init__(model)
        self.__dict__.update(columns)
        self.id = identity
        self.home, self.post = model.schools[columns["home"]], model.schools[columns["post"]]
        self.home.owned.append(self)
        self.post.staff.append(self)
        if self.visiting >= 0:
            model.schools[self.visiting].guests.append(self)

    def _lesson(self, other: "Teacher") -> float:
        p, gap = self.model.p.learning, other.skill - self.skill
        return float(gap * math.exp(-gap / p.absorptive_range) if gap > 0.0 else p.weak_peer_ratio * gap)

    def _across(self) -> float:
        """Return what is learned from colleagues met at tied schools."""
        p, now, post = self.model.p.learning, self.model.now, self.post
        if not post.meetings:
            return 0.0
        count, total, learned = max(1, int(p.contacts * now.dt + 0.5)), post.weights[-1], 0.0
        for n in range(count):
            u, v = uniform2(now.key, self.id, now.term, int(Stream.LEARNING), n)
            k = min(bisect_right(post.weights, u * total), len(post.weights) - 1)
            teams = post.meetings[k].source.teams
            team = teams.get(self.subject) or teams.get(MIXED)
            if team:
                learned += self._lesson(team[min(len(team) - 1, int(v * len(team)))])
        return float(p.cross_school_ratio * min(1.0, total) / count * learned)

    def _reference(self) -> float:
        model, region = self.model, self.post.region
        table = model.reference[region]
        place = (self.skill - model.reference_low[region]) / model.reference_step[region]
        place = min(max(place, 0.0), len(table) - 1.000001)
        k = int(place)
        return float(table[k] + (place - k) * (table[k + 1] - table[k]))

    def learn(self) -> None:
        """Work out what is learned beyond an ordinary career."""
        model, p, dt = self.model, self.model.p.learning, self.model.now.dt
        lessons = sum(self._lesson(other) for other in self.team if other is not self) / max(1, len(self.team) - 1)
        net = p.peer_rate * (lessons + self._across() - self._reference())
        force = (net * self.post.climate if net > 0.0 else net) - model.ordinary[self.post.region]
        coached, speed = self.dose * model.rate * self.post.climate, p.fade
        if coached > 0.0 and self.extra < p.ceiling:
            force, speed = force + coached, speed + coached / p.ceiling
        fade = math.exp(-speed * dt)
        self.grown = self.extra * fade + force * ((1.0 - fade) / speed if speed > 0.0 else dt)

    def improve(self) -> None:
        """Take over what was learned."""
        self.extra = self.grown
        self.skill = self.talent + self.career + self.extra + self.match

    def effective(self) -> float:
        """Return skill less the loss at a new post, plus morale."""
        p, scale, dt = self.model.p.teachers, self.model.p.transfer.misfit_scale, self.model.now.dt
        if self.shock == 0.0:
            return float(self.skill + self.morale)
        tau = p.adaptation_time * 0.5
        mean = math.exp(-self.tenure / tau) * (1.0 - math.exp(-dt / tau)) / (dt / tau)
        distance = abs(self.post.character - self.home.character)
        return float(self.skill - p.new_post_cost * self.shock * mean * (1.0 + distance / scale) + self.morale)

    def gone(self) -> float:
        """Return the share of time away from home."""
        return 1.0 if self.post is not self.home else float(self.visit_share)

    def age(self) -> None:
        """Tenure and time on rotation grow, and lost morale recovers."""
        self.tenure += self.model.now.dt
        self.years_away += self.model.now.dt * self.gone()
        self.morale *= math.exp(-self.model.now.dt / self.model.p.rotation.morale_memory)


class PlainModel(mesa.Model):  # type: ignore[misc]
    """Teachers, schools and ties of a start as objects, and the core of one term."""

    def __init__(self, start: Start) -> None:
        super().__init__(rng=0)
        world, attributes = start.world, start.attributes
        if attributes.studio.any() or world.schools.opens.max() >= 0.0:
            raise ValueError("this peer knows neither studios nor schools that open later")
        self.p, self.start = start.parameters, start
        p = self.p.learning
        self.rate = coaching_rate(p.coaching_gain, p.ceiling, p.fade)
        for name in ("practice_mean", "practice_sd", "reference", "reference_low", "reference_step", "ordinary"):
            setattr(self, name, getattr(world.regions, name).tolist())
        self._add_schools()
        self._add_ties()
        self.teachers = [Teacher(self, i, row) for i, row in zip(world.teachers.id, self._people(), strict=True)]
        self._form_teams()

    def _people(self) -> Iterator[dict[str, Any]]:
        table = self.start.world.teachers._asdict()
        return _rows({name: values for name, values in table.items() if name != "id"})

    def _add_schools(self) -> None:
        table, a = self.start.world.schools._asdict(), self.start.attributes
        table |= {"weakest": table["uplift"], "uplift_file": a.uplift}
        names = (
            "openness", "training", "cultivation", "head_from", "head_mix", "head_divided",
            "autonomy_uptake", "autonomy_fit", "autonomy_drive", "incentive", "recognition",
        )  # fmt: skip
        rows = _rows(table, {name: getattr(a, name) for name in names})
        self.schools = [School(self, row) for row in rows]

    def _add_ties(self) -> None:
        ties, a = self.start.world.ties, self.start.attributes
        fields = {name: v for name, v in a._asdict().items() if name != "rules" and len(v) == len(ties.id)}
        assert len(ties.id) != len(self.schools)  # fields of ties and of schools are told apart by their length
        rows = _rows(ties._asdict(), fields)
        self.ties = [Tie(self.schools[row.pop("source")], self.schools[row.pop("target")], row) for row in rows]
        for tie in self.ties:
            tie.target.ties.append(tie)

    def _form_teams(self) -> None:
        number = self.start.world.index.team_of.tolist()
        place = {teacher: k for teacher, k in zip(self.teachers, number, strict=True)}
        for school in self.schools:
            staff = sorted(school.staff, key=lambda t: place[t])
            school.teams = {k: list(team) for k, team in groupby(staff, key=lambda t: place[t])}
            for team in school.teams.values():
                for teacher in team:
                    teacher.team = team

    def step(self) -> None:
        """Run the core of one term."""
        schools, teachers = self.agents_by_type[School], self.agents_by_type[Teacher]
        schools.do("plan")
        for tie in self.ties:
            tie.ask(self)
        schools.do("settle").do("take_part")
        for tie in self.ties:
            tie.carry(self)
        schools.do("coach")
        teachers.do("learn").do("improve")
        schools.do("generate").do("take_in").do("adopt").do("manage")
        schools.do("converge").do("become")
        for tie in self.ties:
            tie.grow_trust(self)
        schools.do("teach").do("report")
        teachers.do("age")


class MesaAgents:
    """The peer as the benchmark runs it."""

    def __init__(self, start: Start) -> None:
        self.model = PlainModel(start)

    def advance(self, now: Moment) -> None:
        """Run the core of one term."""
        self.model.now = now
        self.model.step()

    def columns(self) -> Mapping[str, Floats]:
        """Return `table.column` → values for everything the core writes."""
        model = self.model
        tables: dict[str, list[Any]] = {"teachers": model.teachers, "schools": model.schools, "ties": model.ties}
        out = {}
        for path in written():
            table, column = path.split(".")
            out[path] = np.array([getattr(row, column) for row in tables[table]], dtype=np.float64)
        return out

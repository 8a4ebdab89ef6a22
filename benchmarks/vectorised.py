"""The peer in vectorised NumPy: one array expression after another over all teachers, ties or schools.

Running sums inside a team or school are differences of sums over the whole table. Draws come from `model.chance` in one
compiled loop, which favours this peer. Studios and schools that open later are left out.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.start import Start, written
from benchmarks.vectorised_practice import fading, held, practice_taken
from model.chance import Key, Stream, uniform2
from model.columns import SUBJECTS, TEAMS, Floats
from model.compilation import compiled
from model.process import Moment
from model.processes.learning.coaching import coaching_rate

Array = NDArray[Any]
STREAM = int(Stream.LEARNING)
ABSORBED, CONTRACT = 2, 4
MIXED = TEAMS - 1
MANAGEMENT, TEACHING, CULTURE, RESEARCH = range(4)
MID, SENIOR = 1, 2
VETERAN_YEARS = 20.0
NOVICE_YEARS = 3.0
RETURNED = 0.5
# Wider than any difference in skill, so that one sort by segment and falling skill does.
SPAN = 64.0


@compiled
def _draws(ids: Array, key: Key, term: int, n: int, out: Floats) -> None:
    for row in range(len(ids)):
        out[0, row], out[1, row] = uniform2(key, ids[row], term, STREAM, n)


class Segments:
    """Runs of rows that belong together, in order; `of` is the run of each row and `first` where a row's run starts."""

    def __init__(self, of: Array, count: int) -> None:
        self.of, self.count = of, count
        self.size = np.bincount(of, minlength=count)
        start = np.cumsum(self.size) - self.size
        self.first = start[of]
        self.base = of * SPAN

    def falling(self, values: Floats) -> Array:
        """Return rows by run and falling value."""
        return np.argsort(self.base - values)

    def before(self, values: Floats) -> Floats:
        """Return the running sum of the run before each row."""
        running = np.cumsum(values) - values
        return np.asarray(running - running[self.first])

    def sums(self, values: Array) -> Floats:
        """Return the sum of each run."""
        return np.asarray(np.bincount(self.of, values, minlength=self.count), dtype=np.float64)


class Vectorised:
    """The peer as the benchmark runs it. The index of teams is kept between terms, as the model keeps it."""

    def __init__(self, start: Start) -> None:
        world, self.a, self.p = start.world, start.attributes, start.parameters
        if self.a.studio.any() or world.schools.opens.max() >= 0.0:
            raise ValueError("this peer knows neither studios nor schools that open later")
        self.t, self.s, self.e = (table._asdict() for table in world[:3])
        self.regions, self.index = world.regions, world.index
        self.count = len(world.schools.id)
        self.order = world.index.team_order
        slots = np.repeat(np.arange(self.count * TEAMS), np.diff(world.index.team_start))
        self.teams = Segments(np.unique(slots, return_inverse=True)[1], len(np.unique(slots)))
        self.school = slots // TEAMS
        self.region = world.schools.region[self.school]
        self.moved = np.flatnonzero(world.teachers.post != world.teachers.home)
        self.guests = np.flatnonzero(world.teachers.visiting >= 0)
        places = np.concatenate([world.teachers.post, world.teachers.visiting[self.guests]])
        self.by_place = np.argsort(places, kind="stable")
        self.places = Segments(places[self.by_place], self.count)

    def advance(self, now: Moment) -> None:
        """Run the core of one term."""
        self._attend(now)
        self._learn(now)
        self._practise(now)
        self._converge(now)
        self._teach(now)

    def columns(self) -> Mapping[str, Floats]:
        """Return `table.column` → values for everything the core writes."""
        tables = {"teachers": self.t, "schools": self.s, "ties": self.e}
        return {path: tables[path.split(".")[0]][path.split(".")[1]] for path in written()}

    def _of_school(self, schools: Array, values: Array) -> Floats:
        return np.asarray(np.bincount(schools, values, minlength=self.count), dtype=np.float64)

    def _presence(self, staff: Floats) -> Floats:
        """Return the share of the target's staff that comes from the source, per tie."""
        t, e = self.t, self.e
        whither = np.concatenate([t["post"][self.moved], t["visiting"][self.guests]])
        whence = np.concatenate([t["home"][self.moved], t["home"][self.guests]])
        share = np.concatenate([np.ones(len(self.moved)), t["visit_share"][self.guests]])
        pairs, row = np.unique(whither.astype(np.int64) * self.count + whence, return_inverse=True)
        here, ties = np.bincount(row, share), e["target"].astype(np.int64) * self.count + e["source"]
        place = np.minimum(np.searchsorted(pairs, ties), max(0, len(pairs) - 1))
        found = np.where(pairs[place] == ties, here[place], 0.0) if len(pairs) else np.zeros(len(ties))
        return np.asarray(np.minimum(1.0, found / np.maximum(1.0, staff[e["target"]])))

    def _attend(self, now: Moment) -> None:
        a, e, s, p = self.a, self.e, self.s, self.p.attention
        source, target = e["source"], e["target"]
        staff = np.bincount(self.school, minlength=self.count).astype(np.float64)
        full = 1.0 - (1.0 - p.base_effort) * (1.0 - a.stake)
        relapse = np.exp(-p.relapse * (1.0 - a.supervision) * np.maximum(0.0, now.time - a.since))
        effort = p.base_effort + (full - p.base_effort) * relapse
        wanted = p.demand * effort * a.demand * (1.0 - p.online_saving * a.online)
        asked = p.coordination * a.coordination + wanted * staff[target] / np.maximum(1.0, staff[source])
        asked = self._of_school(source, asked)
        s["attention"] = np.where(asked <= p.capacity, 1.0, p.capacity / np.maximum(asked, p.capacity))
        s["outreach"] = np.minimum(p.capacity, asked)
        s["participation"] = self._of_school(target, p.participation * wanted * s["attention"][source])
        self._carry(effort, self._presence(staff))

    def _efforts(self, effort: Floats, weights: Floats) -> Floats:
        """Return effort by tie and channel; where the lead picks its project, its strongest channel comes first."""
        rows = np.arange(len(effort))
        strongest = np.argmax(self.s["practice"][self.e["source"]], axis=1)
        top, total = weights[rows, strongest], weights.sum(axis=1)
        out = np.repeat(effort[:, None], 4, axis=1)
        picked = np.flatnonzero(self.a.self_picked & (top > 0.0))
        first = np.minimum(1.0, effort[picked] * total[picked] / top[picked])
        rest = total[picked] - top[picked]
        left = (effort[picked] * total[picked] - first * top[picked]) / np.where(rest > 0.0, rest, 1.0)
        out[picked] = np.where(rest > 0.0, left, effort[picked])[:, None]
        out[picked, strongest[picked]] = first
        return out

    def _carry(self, effort: Floats, presence: Floats) -> None:
        a, e, p = self.a, self.e, self.p.transfer
        source = e["source"]
        weights = np.column_stack([a.weight, a.research])
        remote = a.online * p.online_fidelity + (1.0 - a.online) * np.exp(-e["distance"] / p.distance)
        carried = np.repeat(presence[:, None], 4, axis=1)
        carried[:, MANAGEMENT] = self.p.heads.share * a.head_carried
        reach = carried + (1.0 - carried) * remote[:, None]
        met = weights * self._efforts(effort, weights) * self.s["attention"][source][:, None] * reach
        authority = np.column_stack([a.authority, a.research_authority])
        ratio = self.p.practice.cross_entity_ratio ** (1.0 - authority)
        over = np.maximum(0.0, authority[:, MANAGEMENT] - authority[:, TEACHING])
        ratio[:, TEACHING] += presence * over * (1.0 - ratio[:, TEACHING])
        ratio[:, RESEARCH] *= 1.0 - self.p.learning.rivalry * (1.0 - a.openness[source])
        e["strength"] = met * e["trust"][:, None] * ratio
        e["contact"] = met.sum(axis=1) / 4.0

    def _learn(self, now: Moment) -> None:
        t, p, order = self.t, self.p.learning, self.order
        skill = t["skill"][order]
        learned = self._in_team(skill) + self._across(skill, now)
        net = p.peer_rate * (learned - self._reference(skill))
        climate = self._climate()[self.school]
        force = np.where(net > 0.0, net * climate, net) - self.regions.ordinary[self.region]
        coached = self._doses(skill, now) * coaching_rate(p.coaching_gain, p.ceiling, p.fade) * climate
        before = t["extra"][order]
        coached = np.where(before < p.ceiling, coached, 0.0)
        speed = p.fade + coached / p.ceiling
        extra = np.empty_like(before)
        extra[order] = before * np.exp(-speed * now.dt) + (force + coached) * now.dt * fading(speed * now.dt)
        t["extra"] = extra
        t["skill"] = t["talent"] + t["career"] + extra + t["match"]

    def _in_team(self, skill: Floats) -> Floats:
        """Return the mean lesson from the other members of the team."""
        p, teams = self.p.learning, self.teams
        rank = teams.falling(skill)
        ordered = skill[rank]
        below = ordered - ordered[teams.first]
        faded = np.exp(-below / p.absorptive_range)
        gain = (teams.before(below * faded) - below * teams.before(faded)) / faded
        if p.weak_peer_ratio > 0.0:
            place = np.arange(len(ordered)) - teams.first
            weaker = teams.sums(ordered)[teams.of] - teams.before(ordered)
            gain -= p.weak_peer_ratio * ((teams.size[teams.of] - place) * ordered - weaker)
        out = np.empty_like(skill)
        out[rank] = gain / np.maximum(1, teams.size - 1)[teams.of]
        return out

    def _across(self, skill: Floats, now: Moment) -> Floats:
        """Return what is learned from colleagues met at tied schools."""
        p, e = self.p.learning, self.e
        ties = np.flatnonzero(e["strength"][:, RESEARCH] > 0.0)
        weight, target = e["strength"][ties, RESEARCH], e["target"][ties]
        total, last = self._of_school(target, weight), np.cumsum(self._of_school(target, np.ones(len(ties)))) - 1
        running, start = np.cumsum(weight), np.cumsum(total) - total
        rows = np.flatnonzero(total[self.school] > 0.0)
        school, ids = self.school[rows], self.t["id"][self.order[rows]]
        subject, own = self.t["subject"][self.order[rows]], skill[rows]
        contacts = max(1, int(p.contacts * now.dt + 0.5))
        lessons, drawn = np.zeros(len(rows)), np.empty((2, len(rows)))
        for n in range(contacts):
            _draws(ids, now.key, now.term, n, drawn)
            tie = np.searchsorted(running, start[school] + drawn[0] * total[school], side="right")
            met = e["source"][ties[np.minimum(tie, last[school].astype(np.int64))]]
            gap = self._gaps(skill, own, met.astype(np.int64), subject, drawn[1])
            better = np.maximum(gap, 0.0)
            lessons += better * np.exp(-better / p.absorptive_range) + p.weak_peer_ratio * np.minimum(gap, 0.0)
        out = np.zeros(len(skill))
        out[rows] = lessons * (p.cross_school_ratio / contacts * np.minimum(1.0, total[school]))
        return out

    def _gaps(self, skill: Floats, own: Floats, school: Array, subject: Array, v: Floats) -> Floats:
        """Return how much better whoever is met is; 0 where nobody is."""
        start = self.index.team_start
        slot = school * TEAMS + subject
        slot = np.where(start[slot] == start[slot + 1], school * TEAMS + MIXED, slot)
        size = start[slot + 1] - start[slot]
        other = start[slot] + np.minimum(size - 1, (v * size).astype(np.int64))
        return np.where(size > 0, skill[other] - own, 0.0)

    def _reference(self, skill: Floats) -> Floats:
        r, region = self.regions, self.region
        place = (skill - r.reference_low[region]) / r.reference_step[region]
        place = np.clip(place, 0.0, r.reference.shape[1] - 1.000001)
        k = place.astype(np.int64)
        low = r.reference[region, k]
        return np.asarray(low + (place - k) * (r.reference[region, k + 1] - low))

    def _climate(self) -> Floats:
        r, region = self.regions, self.s["region"]
        spread = r.practice_sd[region]
        gap = self.s["practice"].sum(axis=1) - r.practice_mean[region]
        z = np.where(spread > 0.0, gap / np.where(spread > 0.0, spread, 1.0), 0.0)
        return np.asarray(self.p.learning.environment_ratio ** (z / 1.35))

    def _doses(self, skill: Floats, now: Moment) -> Floats:
        """Return coaching doses, in team order."""
        t, a, p, teams = self.t, self.a, self.p.learning, self.teams
        honoured, novice = t["honour"][self.order] > 0, t["experience"][self.order] < NOVICE_YEARS
        mentors, taught = teams.sums(honoured), teams.sums(novice)
        each = np.minimum(p.mentoring, p.coach_load * mentors / np.maximum(1.0, taught))
        given = each * taught / np.maximum(1.0, mentors)
        load = self.s["outreach"] / self.p.attention.capacity
        dose: Floats = (p.uplift_dose * a.uplift * self.s["uplift"])[self.school]
        dose += np.where(novice, each[teams.of], 0.0)
        dose += np.where(honoured, p.mentor_return * (given[teams.of] + load[self.school]), 0.0)
        if a.training.any():
            cycle = a.training[self.school]
            turn = (t["id"][self.order] >> np.uint64(20)) % np.maximum(1, cycle).astype(np.uint64)
            dose += np.where((cycle > 0) & (turn == now.year % np.maximum(1, cycle)), p.training_dose, 0.0)
        return dose + self._cultivated(skill, honoured) if a.cultivation.any() else dose

    def _cultivated(self, skill: Floats, honoured: Array) -> Floats:
        """Return doses to the best 30 % of those without honours, and what their coaches gain."""
        p, school, a = self.p.learning, self.school, self.a
        mentors, staff = self._of_school(school, honoured), np.bincount(school, minlength=self.count)
        wanted = np.ceil(0.3 * (staff - mentors)).astype(np.int64)
        given = np.minimum(a.cultivation * staff, p.coach_load * mentors)
        given = np.where((mentors > 0) & (wanted > 0), given, 0.0)
        rank = np.lexsort((-skill, honoured, school))
        first = np.cumsum(staff) - staff
        bar = skill[rank[np.minimum(first + np.maximum(0, wanted - 1), len(rank) - 1)]]
        chosen = ~honoured & (skill >= bar[school])
        gain = np.where(chosen, (given / np.maximum(1.0, self._of_school(school, chosen)))[school], 0.0)
        return np.asarray(gain + np.where(honoured, (p.mentor_return * given / np.maximum(1.0, mentors))[school], 0.0))

    def _practise(self, now: Moment) -> None:
        s, p = self.s, self.p
        self._generate()
        taken = practice_taken(s, self.e, self.a, p, now.dt)
        s["intake"] = taken / now.dt
        surplus = p.practice.renewal * (s["generated"] - s["renewal_anchor"]) / 3.0
        target, decay = s["practice_anchor"] + surplus[:, None], p.practice.decay * now.dt
        net = taken - s["intake_anchor"] * now.dt
        s["practice"] = target + (s["practice"] - target) * np.exp(-decay) + net * fading(decay)
        own, a = s["practice"][:, MANAGEMENT], self.a
        level = np.where(a.head_from >= 0, own + a.head_mix * (own[a.head_from] - own), own)
        lent = a.head_divided + self._of_school(self.e["source"], a.head_carried)
        lost = p.heads.share * np.maximum(0.0, level + p.schools.sd_management) * (1.0 - (1.0 - p.heads.loss) ** lent)
        s["management"] = own + p.heads.share * (level - own) - lost

    def _generate(self) -> None:
        """Renew from the best fifth of those who teach at each school."""
        t, s, places = self.t, self.s, self.places
        skill = np.concatenate([t["skill"], (t["skill"] - t["match"])[self.guests]])[self.by_place]
        time = np.concatenate([1.0 - t["visit_share"], t["visit_share"][self.guests]])[self.by_place]
        rank = places.falling(skill)
        skill, time = skill[rank], time[rank]
        share = 0.2 * places.sums(time)
        used = np.clip(share[places.of] - places.before(time), 0.0, time)
        s["best"] = places.sums(used * skill) / np.where(share > 0.0, share, 1.0)
        overload = self.p.practice.renewal_overload * s["outreach"] / self.p.attention.capacity
        s["generated"] = (1.0 - overload) * s["drive"] * np.maximum(0.0, s["best"])

    def _converge(self, now: Moment) -> None:
        a, e, s, p, d = self.a, self.e, self.s, self.p.culture, self.p.drive
        weight = a.weight[:, CULTURE]
        pull = p.convergence * e["strength"][:, CULTURE] * a.drift / np.where(weight > 0.0, weight, 1.0)
        speed = self._of_school(e["target"], pull)
        drawn = self._of_school(e["target"], pull * s["character"][e["source"]])
        target = np.where(speed > 0.0, drawn / np.where(speed > 0.0, speed, 1.0), s["character"])
        s["character"] = target + (s["character"] - target) * np.exp(-speed * now.dt)
        s["drive"] = 1.0 + d.autonomy * (a.autonomy_drive - 1.0) + d.recognition * a.recognition
        s["drive"] += d.pay * (a.incentive - 1.0)
        up, down = p.trust_rise * e["contact"], p.trust_fade * (1.0 - e["contact"])
        rate = np.where(up + down > 0.0, up + down, 1.0)
        target = np.where(up + down > 0.0, (up + down * p.trust_start) / rate, e["trust"])
        e["trust"] = target + (e["trust"] - target) * np.exp(-(up + down) * now.dt)

    def _teach(self, now: Moment) -> None:
        t, s, p = self.t, self.s, self.p
        self._count_staff(now.dt)
        self._count_owned()
        self._misfit()
        s["lessons_online"] = self._online()
        load = p.attention.displaced * (s["outreach"] + s["participation"]) + s["uncovered"]
        gains = s["mean_skill"] + s["management"] + s["practice"][:, 1] + s["practice"][:, 2] + s["lessons_online"]
        losses = p.staffing.churn * s["newcomers"] + p.staffing.unqualified_cost * s["unqualified"]
        quality = gains - losses - s["misfit"] - p.attention.teaching_value * load
        s["quality"] = np.where(s["staff_post"] > 0.0, quality, 0.0)
        t["tenure"] = t["tenure"] + now.dt
        t["years_away"] = t["years_away"] + now.dt * np.where(t["post"] != t["home"], 1.0, t["visit_share"])
        t["morale"] = t["morale"] * np.exp(-now.dt / p.rotation.morale_memory)

    def _effective(self, dt: float) -> Floats:
        """Return skill less the loss at a new post, plus morale."""
        t, p = self.t, self.p.teachers
        tau, character = p.adaptation_time * 0.5, self.s["character"]
        distance = np.abs(character[t["post"]] - character[t["home"]]) / self.p.transfer.misfit_scale
        loss = p.new_post_cost * t["shock"] * np.exp(-t["tenure"] / tau) * fading(dt / tau) * (1.0 + distance)
        return np.asarray(t["skill"] - loss + t["morale"])

    def _count_staff(self, dt: float) -> None:
        """Count who works at each school."""
        t, s, post, guests = self.t, self.s, self.t["post"], self.guests
        share, where = 1.0 - t["visit_share"], t["visiting"][self.guests]
        part = t["visit_share"][guests]
        s["staff_post"] = self._of_school(post, np.ones(len(post)))
        staff = np.maximum(1.0, s["staff_post"])
        time = self._of_school(post, share) + self._of_school(where, part)
        skill = self._of_school(post, share * self._effective(dt))
        skill += self._of_school(where, part * (t["skill"] - t["match"] + t["morale"])[guests])
        s["mean_skill"] = skill / np.where(time > 0.0, time, 1.0)
        s["morale"] = self._of_school(post, t["morale"]) / staff
        s["backbone_post"] = self._of_school(post, np.where(t["honour"] > 0, share, 0.0))
        veteran = (t["honour"] > 0) & (t["experience"] >= VETERAN_YEARS)
        s["veteran_backbone"] = self._of_school(post, np.where(veteran, share, 0.0))
        s["senior_post"] = self._of_school(post, np.where(t["title"] == SENIOR, share, 0.0))
        s["service"] = self._of_school(post, t["experience"]) / staff
        s["newcomers"] = self._of_school(post, (t["tenure"] < 1.0) & (t["shock"] != RETURNED)) / staff
        kinds = len(SUBJECTS)
        lacking = np.bincount(
            post.astype(np.int64) * kinds + t["subject"],
            np.where(t["qualified"], 0.0, share),
            minlength=self.count * kinds,
        )
        cover = np.where(t["qualified"][guests], part, 0.0)
        slots = where.astype(np.int64) * kinds + t["subject"][guests]
        lacking -= np.bincount(slots, cover, minlength=self.count * kinds)
        s["unqualified"] = np.maximum(0.0, lacking).reshape(-1, kinds).sum(axis=1) / staff

    def _count_owned(self) -> None:
        """Count whose post is at each school."""
        t, s, home = self.t, self.s, self.t["home"]
        gone = np.where(t["post"] != home, 1.0, t["visit_share"])
        s["staff_home"] = self._of_school(home, np.ones(len(home)))
        posts = np.maximum(1.0, s["staff_home"])
        s["away"] = self._of_school(home, gone)
        s["mid_titles"] = self._of_school(home, t["title"] == MID)
        s["senior_titles"] = self._of_school(home, t["title"] == SENIOR)
        s["uncovered"] = self._of_school(home, np.where(t["backfill"] == ABSORBED, gone, 0.0)) / posts
        substitutes = self._of_school(home, np.where(t["backfill"] == CONTRACT, gone, 0.0))
        s["mean_skill"] -= self.p.staffing.contract_gap * substitutes / posts

    def _misfit(self) -> None:
        a, e, s, p = self.a, self.e, self.s, self.p.transfer
        distance = np.abs(s["character"][e["source"]] - s["character"][e["target"]])
        total = self._of_school(e["target"], a.uniformity * distance)
        weight = np.maximum(1.0, self._of_school(e["target"], a.uniformity))
        s["misfit"] = p.misfit_cost * (1.0 - held(s, a, p)) * total / p.misfit_scale / weight

    def _online(self) -> Floats:
        """Return the gain from lessons of tied schools, on last term's quality."""
        a, e, s = self.a, self.e, self.s
        weight = a.weight[:, TEACHING]
        gap = np.maximum(0.0, s["quality"][e["source"]] - s["quality"][e["target"]])
        heard = e["strength"][:, TEACHING] * a.lessons / np.where(weight > 0.0, weight, 1.0)
        rank = np.lexsort((-gap, e["target"]))
        target, heard = e["target"][rank], np.where((weight > 0.0) & (gap > 0.0), heard, 0.0)[rank]
        used = np.clip(1.0 - Segments(target, self.count).before(heard), 0.0, heard)
        return np.asarray(self.p.transfer.online_lessons * self._of_school(target, used * gap[rank]))

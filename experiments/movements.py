"""Who moves: every move of one replicate, with anonymous persons, and how often each kind of move is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.comparison import Phases, Study
from model.attributes import Attributes
from model.chance import key as chance_key
from model.columns import BACKFILLS, HONOURS, SUBJECTS, TITLES
from model.simulation import TERMS_PER_YEAR, burn_in, moment, term
from model.world import Pool, World

COLUMNS = ("year", "person", "subject", "honour", "title", "from", "to", "share", "cover")


def movements(study: Study, control: Attributes, phases: Phases, replicate: int = 0) -> pd.DataFrame:
    """Return one row a move in one replicate: year (from 1), person, subject, honour, title, from, to, share, cover.

    Persons are numbered in the order of their posts and hiring, so nobody can be named; `share` is the share of the
    week at the other school, `cover` who takes the classes left.
    """
    key = chance_key(study.seed, replicate)
    world, pool = burn_in(study.world, control, study.parameters, key, study.burn_in).world, Pool()
    rows: list[dict[str, Any]] = []
    for number in range(study.years * TERMS_PER_YEAR):
        now = moment(key, number, TERMS_PER_YEAR, burn_in=False)
        attributes = [a for year, a in phases if year <= now.year][-1]
        before = world
        world = term(before, attributes, study.parameters, now, pool)
        if now.autumn:
            rows += _moves(before, world, now.year + 1, study.school_ids)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _moves(before: World, after: World, year: int, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the moves that began in this autumn."""
    t, was = after.teachers, before.teachers
    begun = (t.tenure <= 1.0 / TERMS_PER_YEAR) & (t.post != t.home)
    visits = (t.visiting >= 0) & ((was.visiting != t.visiting) | (was.hired != t.hired))
    for i in np.flatnonzero(begun | visits):
        to, share = (t.post[i], 1.0) if begun[i] else (t.visiting[i], float(t.visit_share[i]))
        yield {
            "year": year,
            "person": f"{i + 1}/{int(t.hired[i])}",
            "subject": SUBJECTS[t.subject[i]],
            "honour": HONOURS[t.honour[i]],
            "title": TITLES[t.title[i]],
            "from": ids[t.home[i]],
            "to": ids[to],
            "share": share,
            "cover": BACKFILLS[t.backfill[i]],
        }


def counted(table: pd.DataFrame, years: int) -> list[dict[str, Any]]:
    """Return moves a year, over so many years, by honour and by who covers, most first."""
    kinds = table.groupby(["honour", "cover"], sort=True).size().sort_values(ascending=False, kind="stable")
    return [
        {"honour": str(honour), "cover": str(cover), "moves_per_year": float(count / years)}
        for (honour, cover), count in kinds.items()
    ]

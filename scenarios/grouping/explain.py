"""Say which wish cannot be kept, and what is the least that would have to give way."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from scenarios.grouping.exact import fewest
from scenarios.grouping.region import METRES, Region, region_of
from scenarios.grouping.wish import WIDER, Wish, called, refused
from scenarios.problems import ScenarioError
from scenarios.roster import School

SHOWN = 3
MOST_PAIRS_TRIED = 60_000
"""Beyond so many pairs of school and lead no relaxations are tried: it would take minutes."""


def counts_fit(schools: int, least: int, most: int) -> bool:
    """Whether so many schools can be shared out into groups of the sizes given."""
    return least * -(-schools // most) <= schools


def check_counts(region: Region, wish: Wish) -> None:
    """Raise what follows from counts alone: too few schools, sizes that do not fit, too few leads.

    Raises
    ------
    ScenarioError
        With the county, the level and the smallest relaxation that helps.
    """
    n, place = region.size, {"county": region.county, "level": region.level}
    if n < wish.least:
        raise refused("too_few_schools", "--size", n, least=wish.least, **place)
    if not counts_fit(n, wish.least, wish.most):
        helps = f"--size {n // -(-n // wish.most)}:{wish.most} | --size {wish.least}:{_larger(n, wish)}"
        raise refused("sizes_do_not_fit", "--size", f"{wish.least}:{wish.most}", schools=n, helps=helps, **place)
    settled = int(region.forced.sum())
    if settled * wish.least > n:
        raise refused("too_many_fixed", "--fix", settled, schools=n, least=wish.least, most=n // settled, **place)
    needed = -(-n // wish.most)
    if len(region.leads) < needed:
        wider = [f"--lead-rule {rule}" for rule in _wider(region, wish) if rule]
        sizes = [f"--size {wish.least}:{-(-n // len(region.leads))}"] if len(region.leads) else []
        values = {"schools": n, "needed": needed, "most": wish.most, "helps": " | ".join(wider + sizes) or "–"}
        raise refused("too_few_leads", "--lead-rule", len(region.leads), **values, **place)


def _larger(n: int, wish: Wish) -> int:
    """Return the next larger size that so many schools fit."""
    return next(most for most in range(wish.most, n + 1) if counts_fit(n, wish.least, most))


def _wider(region: Region, wish: Wish) -> Iterator[str]:
    """Yield the rules that widen the one given by one word and find leads enough."""
    for word in WIDER:
        if not getattr(wish.rule, word):
            wider = replace(wish, rule=wish.rule.wider(word))
            if len(_region(region.schools, wider).leads) >= -(-region.size // wish.most):
                yield str(wider.rule)


def _region(schools: Sequence[School], wish: Wish) -> Region:
    return region_of("", "", schools, wish)


def no_room(region: Region, wish: Wish, left: Sequence[School]) -> ScenarioError:
    """Return the error of schools that no group can take, with the smallest relaxations that help, each alone."""
    shown = ", ".join(map(called, left[:SHOWN])) + (", …" if len(left) > SHOWN else "")
    helps = list(_relaxations(region, wish)) if region.allowed.sum() <= MOST_PAIRS_TRIED else []
    place = {"county": region.county, "level": region.level}
    return refused("no_room", "group", shown, count=len(left), helps=" | ".join(helps) or "–", **place)


def _relaxations(region: Region, wish: Wish) -> Iterator[str]:
    """Yield the options that, each alone, make the wish one that can be kept, by as little as possible."""
    if wish.max_km is not None:
        km = sorted({int(d) for d in region.metres.ravel() if d > wish.max_km * METRES})
        found = _first(km, lambda metres: _fits(region, replace(wish, max_km=metres / METRES)))
        if found is not None:
            yield f"--max-km {-(-found // 100) / 10:g}"
    larger = list(range(wish.most + 1, region.size + 1))
    most = _first(larger, lambda size: _fits(region, replace(wish, most=size)))
    if most is not None:
        yield f"--size {wish.least}:{most}"
    smaller = list(range(wish.least - 1, 0, -1))
    least = _first(smaller, lambda size: _fits(region, replace(wish, least=size)))
    if least is not None:
        yield f"--size {least}:{wish.most}"
    for word in WIDER:
        if not getattr(wish.rule, word) and _fits(region, replace(wish, rule=wish.rule.wider(word))):
            yield f"--lead-rule {wish.rule.wider(word)}"


def _first(values: Sequence[int], fits: Callable[[int], bool]) -> int | None:
    """Return the first of values that fits, where all after one that fits do too."""
    if not values or not fits(values[-1]):
        return None
    low, high = 0, len(values) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(values[middle]) else (middle + 1, high)
    return values[low]


def _fits(region: Region, wish: Wish) -> bool:
    try:
        found = fewest(_region(region.schools, wish), wish.least, wish.most)
    except ScenarioError:
        return False
    return found is not None and not len(found.left)

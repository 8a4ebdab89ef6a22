"""Where schools are, in kilometres: from degrees, from kilometres, or drawn about the seat and towns by setting."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean, median

from model.chance import Key
from scenarios.generate import PLACE_X, PLACE_Y, TOWN_RADIUS_KM, TOWN_X, VILLAGE_RADIUS_KM, draw, towns
from scenarios.plans import CountyPlan
from scenarios.rosters.check import shown_name
from scenarios.rosters.problems import Notes
from scenarios.rosters.records import MOST_KM, School
from scenarios.rosters.values import choice

Point = tuple[float, float]
EQUATOR_KM, FLATTENING = 6378.137, 1.0 / 298.257223563
CHINA = (73.4, 135.1, 3.8, 53.6)
WIDTH_KM, HEIGHT_KM, TOWNS, URBAN_RADIUS_KM = 40.0, 30.0, 15, 4.0
MOST_TOWNS = 60
SMALL_SPAN, WIDE_KM, FAR_TIMES = 3.0, 100.0, 8.0
DECIMALS = 2


def positions(schools: Sequence[School], key: Key, notes: Notes) -> tuple[dict[str, Point], Point | None]:
    """Return school → place (km east and north), and the middle in degrees where degrees were given."""
    degrees = {s.id: p for s in schools if (p := _pair(s, "lon", "lat", notes)) is not None}
    plane = {s.id: p for s in schools if (p := _pair(s, "x", "y", notes)) is not None}
    if plane and not degrees and _are_degrees(list(plane.values())):
        notes.add("degrees_as_kilometres", next(s for s in schools if s.id in plane).row.place("x"))
        degrees, plane = plane, {}
    for school in schools:
        if school.id in plane and degrees:
            notes.add("two_kinds_of_place", school.row.place("x"))
        elif max(map(abs, plane.get(school.id, (0.0,)))) > MOST_KM:
            notes.add("metres", school.row.place("x"), f"{plane[school.id][0]:g}, {plane[school.id][1]:g}")
    # Told already; beyond this, distances would be no numbers.
    plane = {ident: (_limited(x, MOST_KM), _limited(y, MOST_KM)) for ident, (x, y) in plane.items()}
    middle = None
    if degrees:
        plane, middle = _projected(schools, degrees, notes)
    _warn_of_distance(schools, plane, notes)
    drawn = [school for school in schools if school.id not in plane]
    for school in drawn:
        notes.add("places_drawn", school.row.place())
    return plane | (_drawn(drawn, schools, plane, key) if drawn else {}), middle


def _pair(school: School, one: str, other: str, notes: Notes) -> Point | None:
    """Return the two halves of a place; a half alone is noted, unless the other was there and faulty."""
    a, b = getattr(school, one), getattr(school, other)
    if (a is None) == (b is None):
        return None if a is None or b is None else (a, b)
    missing, given = (one, other) if a is None else (other, one)
    if not school.row.text(missing):
        notes.add("half_a_place", school.row.place(given), school.row.text(given), other=missing)
    return None


def _inside_china(point: Point) -> bool:
    west, east, south, north = CHINA
    return west <= point[0] <= east and south <= point[1] <= north


def _are_degrees(points: Sequence[Point]) -> bool:
    """Whether numbers called x and y can only be degrees: all of them in China, and no county is so small in km."""
    spans = [max(values) - min(values) for values in zip(*points, strict=True)]
    return len(points) > 1 and all(map(_inside_china, points)) and max(spans) < SMALL_SPAN


def _projected(schools: Sequence[School], degrees: Mapping[str, Point], notes: Notes) -> tuple[dict[str, Point], Point]:
    """Return places in km about the middle; swapped degrees are put right, those outside China told."""
    points = {}
    for school in schools:
        point = degrees.get(school.id)
        if point is None:
            continue
        swapped = point[1], point[0]
        shown = f"{point[0]:g}, {point[1]:g}"
        if not _inside_china(point) and _inside_china(swapped):
            notes.add("swapped_coordinates", school.row.place("lon"), shown)
            point = swapped
        elif not _inside_china(point):
            notes.add("outside_china", school.row.place("lon"), shown)
        points[school.id] = point
    middle = (
        round(median(p[0] for p in points.values()), 3),
        round(median(max(-85.0, min(85.0, p[1])) for p in points.values()), 3),
    )
    return {ident: _kilometres(point, middle) for ident, point in points.items()}, middle


def _kilometres(point: Point, middle: Point) -> Point:
    """Return km east and north of the middle, on the ellipsoid WGS 84.

    The first terms of the transverse Mercator projection: within a county they are exact to metres.
    """
    square = FLATTENING * (2.0 - FLATTENING)
    north, east = math.radians(point[1]), math.radians((point[0] - middle[0] + 180.0) % 360.0 - 180.0)
    between = math.radians((point[1] + middle[1]) / 2.0)
    across = EQUATOR_KM / math.sqrt(1.0 - square * math.sin(north) ** 2)
    along = EQUATOR_KM * (1.0 - square) / (1.0 - square * math.sin(between) ** 2) ** 1.5
    a = east * math.cos(north)
    x = across * a * (1.0 + (1.0 - math.tan(north) ** 2) * a * a / 6.0) if abs(a) < 1.0 else across * a
    y = along * (north - math.radians(middle[1])) + across * math.tan(north) * a * a / 2.0
    return round(_limited(x, MOST_KM - 1.0), DECIMALS), round(_limited(y, MOST_KM - 1.0), DECIMALS)


def _limited(km: float, most: float) -> float:
    return max(-most, min(most, km))


def _warn_of_distance(schools: Sequence[School], plane: Mapping[str, Point], notes: Notes) -> None:
    """Warn of schools much farther from the middle than the others: a digit may be wrong."""
    if not plane:
        return
    x, y = (median(values) for values in zip(*plane.values(), strict=True))
    away = {ident: math.hypot(point[0] - x, point[1] - y) for ident, point in plane.items()}
    usual = median(away.values())
    for school in schools:
        km = away.get(school.id, 0.0)
        if km > max(WIDE_KM, FAR_TIMES * usual):
            place = school.row.place("x" if school.lon is None else "lon")
            notes.add("far_away", place, shown_name(school), km=f"{km:.0f}")


def _drawn(
    missing: Sequence[School], schools: Sequence[School], plane: Mapping[str, Point], key: Key
) -> dict[str, Point]:
    """Return places of schools that gave none: urban ones about the seat, others in or near a town of theirs."""
    known, seats = _centres(schools, plane), _seats(schools)
    apart = sorted({(s.county, s.town) for s in missing if s.town} - seats)
    most = max(Counter(county for county, _ in apart).values(), default=0) + 1
    layout = towns(CountyPlan("", WIDTH_KM, HEIGHT_KM, min(MOST_TOWNS, max(TOWNS, most)), URBAN_RADIUS_KM), key)
    spots = _spots(apart, len(layout) - 1, key)
    found = {}
    for school in missing:
        named = school.county, school.town
        seat = known.get((school.county, "urban")) or known.get((school.county,)) or layout[0]
        other = layout[1 + spots.get(named, _spot(school.id, len(layout) - 1, key))]
        town = seat if named in seats else (seat[0] + other[0] - layout[0][0], seat[1] + other[1] - layout[0][1])
        town = known.get((school.county, "town", school.town), town) if school.town else town
        centre, radius = {
            "urban": (seat, URBAN_RADIUS_KM), "township": (town, TOWN_RADIUS_KM), "rural": (town, VILLAGE_RADIUS_KM),
        }[school.setting or "township"]  # fmt: skip
        x = centre[0] + radius * (2.0 * draw(key, school.id, PLACE_X) - 1.0)
        y = centre[1] + radius * (2.0 * draw(key, school.id, PLACE_Y) - 1.0)
        found[school.id] = round(x, DECIMALS), round(y, DECIMALS)
    return found


def _seats(schools: Sequence[School]) -> set[tuple[str, str]]:
    """Return county and town of the towns that are the seat: called so, or with an urban school."""
    return {
        (school.county, school.town)
        for school in schools
        if school.town and (school.setting == "urban" or choice("setting", school.town) == "county_seat")
    }


def _spots(apart: Sequence[tuple[str, str]], count: int, key: Key) -> dict[tuple[str, str], int]:
    """Return the number of each town's place: where that drawn is taken in its county, the next that is free."""
    found: dict[tuple[str, str], int] = {}
    taken: dict[str, set[int]] = {}
    for county, town in apart:
        own, spot = taken.setdefault(county, set()), _spot(town, count, key)
        while spot in own and len(own) < count:
            spot = (spot + 1) % count
        own.add(spot)
        found[county, town] = spot
    return found


def _spot(name: str, count: int, key: Key) -> int:
    return int(draw(key, name, TOWN_X) * count)


def _centres(schools: Sequence[School], plane: Mapping[str, Point]) -> dict[tuple[str, ...], Point]:
    """Return the middle of the schools that gave their place: of a county, of its urban ones, and of a town."""
    points: dict[tuple[str, ...], list[Point]] = {}
    for school in schools:
        if school.id in plane:
            for name in ((), ("urban",) if school.setting == "urban" else (), ("town", school.town)):
                points.setdefault((school.county, *name), []).append(plane[school.id])
    return {name: (fmean(p[0] for p in own), fmean(p[1] for p in own)) for name, own in points.items()}

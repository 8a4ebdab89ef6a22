"""Why `discover` found no box or a tree that tells nothing, in words."""

from figures.records import Record
from figures.text import Text
from figures.wording import percent


class Other(Record):
    """A box of the trajectory that was not chosen, and what it is worth."""

    step: int
    density: float
    coverage: float
    points: int


class Absence(Record):
    """Why nothing was found: the points there are and how many it takes, and a box that was passed over."""

    code: str
    points: int = 0
    needed: int | None = None
    least: int = 0
    clear: float = 0.0
    part: float = 0.0
    share: float = 0.0
    other: Other | None = None


def nothing(why: Absence | None, number: int, t: Text) -> str:
    """Return why there is no box of a number; of results that do not tell, only that there is none."""
    where = t("discovery.absent.where", count=number - 1) if number > 1 else ""
    if why is None:
        return t("discovery.absent.unknown", where=where)
    said = t(f"discovery.absent.{_code(why)}", where=where, **_told(why))
    return t("ground.beside", said=said, assumed=_passed_over(why.other, t)) if why.other else said


def _passed_over(other: Other, t: Text) -> str:
    worth = {name: percent(getattr(other, name)) for name in ("density", "coverage")}
    return t("discovery.absent.other", step=other.step, points=other.points, **worth)


def of_tree(why: Absence | None, t: Text) -> str:
    """Return why a tree tells nothing; empty where it does."""
    return t(f"discovery.no_tree.{why.code}", **_told(why)) if why else ""


def short(why: Absence, t: Text) -> str:
    """Return in a few words, for a figure, why nothing is shown."""
    few = why.code == "too_few_points"
    return t("discovery.absent_short.few" if few else "discovery.absent_short.none", **_told(why))


def _code(why: Absence) -> str:
    return "none_left" if why.code == "too_few_left" and why.needed is None else why.code


def _told(why: Absence) -> dict[str, object]:
    shares = {name: percent(getattr(why, name)) for name in ("clear", "part", "share")}
    return shares | {"points": why.points, "needed": why.needed, "least": why.least}

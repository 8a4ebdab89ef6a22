"""Where the fields of a place come from, in words; and whether its positions are only assumed."""

from collections.abc import Iterable, Sequence

from pydantic import BaseModel

from figures.records import Ground
from figures.text import Text

POSITIONS = "world.schools.x"


def grounds_of(provenance: Iterable[BaseModel]) -> list[Ground]:
    """Return the provenance of a scenario as it is saved with results."""
    return [Ground.model_validate(one.model_dump(exclude_none=True)) for one in provenance]


def lines(grounds: Iterable[Ground], t: Text) -> list[str]:
    """Return where fields come from, a line each; what is said with the same words is said once."""
    return list(dict.fromkeys(_line(ground, t) for ground in grounds))


def _line(ground: Ground, t: Text) -> str:
    parts = [t("ground.quoted", words=ground.quotation)] if ground.quotation else []
    parts += [ground.means] if ground.means and t.language == "en" else []
    parts += [t("ground.row", row=ground.row)] if ground.row else []
    parts += [t("ground.file", file=ground.file)] if ground.file else []
    parts += [reason_of(ground, t)] if ground.assumed else []
    return " · ".join(parts)


def reason_of(ground: Ground, t: Text) -> str:
    """Return what is assumed; beside a table of the user's own it says what was read, and is no assumption."""
    reason = ground.assumed[t.language] if ground.assumed else ""
    return reason if ground.file or not reason else t("ground.assumed", reason=reason)


def positions(grounds: Sequence[Ground], synthetic: bool, t: Text) -> str:
    """Return that positions of schools are assumed, to stand beside maps and distances; empty where they are not.

    Parameters
    ----------
    grounds
        Where the fields of the place come from.
    synthetic
        Whether the place is, and says so itself.
    t
        Words of a language.
    """
    assumed = [one.assumed[t.language] for one in grounds if POSITIONS in one.fields and one.assumed and not one.file]
    reason = " ".join(assumed).rstrip("。.")
    return t("ground.positions", reason=reason) if reason and not synthetic else ""


def beside(said: str, grounds: Sequence[Ground], synthetic: bool, t: Text) -> str:
    """Return what is said of a map or of distances, followed by that positions are assumed where they are."""
    assumed = positions(grounds, synthetic, t)
    return t("ground.beside", said=said, assumed=assumed) if assumed else said

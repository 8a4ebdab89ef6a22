"""Facts about people that several processes need: identity, career return, match with a school."""

from enum import IntEnum

import numpy as np

from model.arithmetic import exp, normal_quantile
from model.chance import Key, Stream, pair_id, person_id, uniform
from model.compilation import helper

LOG_2 = 0.6931471805599453


class Drawn(IntEnum):
    """The frozen number of each draw under `Stream.INITIAL`; practice takes one by channel, from its own on."""

    COMMON = 0
    PRACTICE = 1
    TALENT_OF_SCHOOL = 4
    STANDING = 5
    CHARACTER = 6
    MATCH = 7
    TALENT = 10
    EXPERIENCE = 11
    QUALIFIED = 12


@helper
def career_return(experience: float, total: float, half: float) -> float:
    """Return the career return (σ) to `experience` years: total · (1 − 2^(−experience/half)).

    Source: papay2015, clotfelter2007.
    """
    return total * (1.0 - exp(-LOG_2 * experience / half))


@helper
def known_talent(standing: float, reliability: float, z: float) -> float:
    """Return talent among the school's teachers (SD) given what is known of it and a draw of the rest."""
    return np.sqrt(reliability) * standing + np.sqrt(1.0 - reliability) * z


@helper
def match_draw(key: Key, post_id: np.uint64, hired: int, school_id: np.uint64) -> float:
    """Return the standardised match of a person with a school: one draw for the pair, the same whenever they meet.

    A person is known by the post's id and the year of hiring. Source: jackson2013.
    """
    pair = pair_id(person_id(post_id, hired), school_id)
    return normal_quantile(uniform(key, pair, 0, Stream.INITIAL, Drawn.MATCH))

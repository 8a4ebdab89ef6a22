"""Every list of codes, once: the whole numbers in columns and kernels, and the words for them in files.

Kernels take the members as the numbers they are (`x.role[j] >= Role.LEAD`). A column of the world holds codes of one
list, and a policy is written in words of these lists. Numbers are recorded and words are saved: neither is changed or
used again.
"""

from enum import IntEnum, StrEnum
from typing import Self


class Code(IntEnum):
    """A list of codes. The word for a code is its name in small letters."""

    @property
    def word(self) -> str:
        """Return the word that files have for this code."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Self:
        """Return the code of a word; KeyError where the list has no such word."""
        return cls[word.upper()]

    @classmethod
    def words(cls) -> tuple[str, ...]:
        """Return the words of all codes in order: by a list that counts from 0, the word of code n stands at n."""
        return tuple(code.word for code in cls)


# What schools, teachers and ties are ----------------------------------------------------------------------------------


class Subject(Code):
    """Subjects taught."""

    CHINESE = 0
    MATHS = 1
    ENGLISH = 2
    SCIENCE = 3
    ARTS = 4
    PE = 5


MINOR_SUBJECTS = (Subject.SCIENCE, Subject.ARTS, Subject.PE)


class Level(Code):
    """Levels of schooling."""

    KINDERGARTEN = 0
    PRIMARY = 1
    JUNIOR = 2
    SENIOR = 3


class Setting(Code):
    """Where a school lies."""

    URBAN = 0
    TOWNSHIP = 1
    RURAL = 2


class Ownership(Code):
    """Whose a school is."""

    PUBLIC = 0
    INCLUSIVE_PRIVATE = 1
    PRIVATE = 2


class Role(Code):
    """Role of a school in its group; from `LEAD` on it leads one."""

    NONE = 0
    MEMBER = 1
    LEAD = 2
    ZONE_HEAD = 3


class Title(Code):
    """Professional titles (职称)."""

    JUNIOR = 0
    MID = 1
    SENIOR = 2


class Honour(Code):
    """Honours that the bureau confers; each is above the one before."""

    NONE = 0
    BACKBONE = 1
    MASTER = 2


class Employment(Code):
    """By whom a teacher is employed (编制)."""

    ESTABLISHED = 0
    CONTRACT = 1
    PRIVATE = 2


class Known(Code):
    """What is known of a fact about a teacher who is in post at year 0."""

    NOTHING = 0
    NO = 1
    YES = 2


class TieLayer(Code):
    """Layers of ties between schools."""

    GROUP = 0
    ZONE = 1
    PAIR = 2
    DISTRICT = 3


class Rank(Code):
    """Which end of a tie leads the other."""

    TARGET_LEADS = -1
    PEERS = 0
    SOURCE_LEADS = 1


class Channel(Code):
    """What a tie carries; the first three are practices of a school too."""

    MANAGEMENT = 0
    TEACHING = 1
    CULTURE = 2
    RESEARCH = 3


PRACTICES = tuple(channel for channel in Channel if channel != Channel.RESEARCH)


class CostLine(Code):
    """Account lines of spending."""

    ALLOWANCE = 0
    TRAVEL = 1
    COVER = 2
    TRAINING = 3
    COORDINATION = 4
    CONTRACT = 5
    SUPERVISION = 6
    AWARD = 7
    PLATFORM = 8


# What policies say ----------------------------------------------------------------------------------------------------


class LegalPerson(Code):
    """Whose legal person the members of a group are."""

    OWN = 0
    ONE = 1
    CONTRACT = 2
    ONE_PLAN = 3


class HeadPlacement(Code):
    """Where the heads of members come from."""

    OWN = 0
    SECONDED = 1
    EXECUTIVE = 2
    SHARED = 3
    EXCHANGE = 4


class StaffPool(Code):
    """Schools among which teachers move."""

    NONE = 0
    PAIR = 1
    GROUP = 2
    COUNTY = 3


class PoolRule(Code):
    """By what right they move."""

    NONE = 0
    VOLUNTARY = 1
    QUOTA = 2
    CONTRACT = 3
    COMPULSORY = 4


class Purse(Code):
    """Who pays for what members of a group cost."""

    OWN = 0
    POOLED = 1


class Who(Code):
    """Which teachers a rotation names."""

    ALL = 0
    BACKBONE = 1
    MINOR_QUALIFIED = 2
    MASTERS = 3


class Quota(Code):
    """How many a rotation moves: a share, or as many as even out or cover something."""

    NONE = 0
    ELIGIBLE = 1
    STAFF = 2
    EVEN_BACKBONE = 3
    EVEN_SKILL = 4
    SHORTAGE = 5
    STUDIO = 6


class Destination(Code):
    """Where a rotation sends to."""

    NEED = 0
    NEAREST = 1
    PAIR = 2
    RANDOM = 3
    LEAD = 4


class Scope(Code):
    """Among which schools a rotation moves: those that the mode says, or others."""

    MODE = 0
    PAIR = 1
    GROUP = 2
    COUNTY = 3


class Direction(Code):
    """Which schools a rotation sends from: those that lead, all, or those that are led."""

    OUTWARD = 0
    BOTH = 1
    INWARD = 2


class Backfill(Code):
    """Who covers the classes that somebody leaves at home."""

    NONE = 0
    SWAP = 1
    ABSORBED = 2
    EXTRA = 3
    CONTRACT = 4


class Family(StrEnum):
    """Families of mechanisms that an effect is attributed to; results are saved under these words."""

    STAFF = "staff_moves"
    ATTENTION = "attention_and_load"
    LEARNING = "learning_across_schools"
    PRACTICE = "practice_transfer"
    RENEWAL = "renewal_and_drive"
    FIT = "fit"

"""Random numbers as a pure function of who draws, when, for what, and under which seed.

There is no generator and no state: a draw is the Philox cipher applied to its own coordinates, so that two runs that
differ in policy give the same person the same draw, whatever else happened in between.

Source: Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC '11.
"""

import hashlib
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model.arithmetic import float_from_bits, formula, normal_quantile
from model.compilation import inlined

IdArray = npt.NDArray[np.uint64]
Block = tuple[np.uint32, np.uint32, np.uint32, np.uint32]
State = tuple[np.uint64, np.uint64, np.uint64, np.uint64]
Words = tuple[np.uint64, np.uint64]

# Every constant is an unsigned 64-bit number: mixed with a signed one the compiler would go over to doubles.
MULTIPLIER_0 = np.uint64(0xD2511F53)
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
KEY_STEP_0 = np.uint64(0x9E3779B9)
KEY_STEP_1 = np.uint64(0xBB67AE85)
WORD_MASK = np.uint64(0xFFFFFFFF)
WORD_BITS = np.uint64(32)
DROPPED_BITS = np.uint64(12)
ONE_BITS = np.uint64(0x3FF0000000000000)
# 1 - 2^-53: what is left of a fraction in [1, 2) is then an odd multiple of 2^-53.
ALMOST_ONE = 1.0 - 2.0**-53
# Terms of burn-in and years before the first are negative; the offset makes them counters.
TIME_OFFSET = 1 << 20
PROCESS_SHIFT = 16


class Stream(IntEnum):
    """The frozen number of each process that draws; a number is never changed or used again."""

    INITIAL = 1
    STAFFING = 2
    PROMOTION = 3
    ROTATION = 4
    ATTENTION = 5
    LEARNING = 6
    PRACTICE = 7
    CULTURE = 8
    TEACHING = 9
    FAMILIES = 10
    FINANCE = 11
    WORLD = 12
    DESIGN = 13


class Key(NamedTuple):
    """The two 32-bit words of a Philox key: one study seed and one replicate."""

    k0: np.uint32
    k1: np.uint32


# Ids are paired under a key of their own: the first 64 bits of the fraction of the square root of 3.
PAIR_KEY = Key(np.uint32(0xBB67AE85), np.uint32(0x84CAA73B))


def _digest(text: str) -> int:
    """Return the 64-bit BLAKE2b digest of a text in UTF-8."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "little")


def key(seed: int, replicate: int) -> Key:
    """Return the key of one replicate of a study; the policy has no part in it, so pairs align."""
    digest = _digest(f"seed {int(seed)} replicate {int(replicate)}")
    return Key(np.uint32(digest & 0xFFFFFFFF), np.uint32(digest >> 32))


def stable_id(text: str) -> np.uint64:
    """Return the 64-bit number of an id; it depends on the text alone."""
    return np.uint64(_digest(text))


def stable_ids(texts: Sequence[str]) -> IdArray:
    """Return the 64-bit numbers of ids that must all differ, shape (len(texts),).

    Raises
    ------
    ValueError
        If an id occurs twice or two ids have the same number; the message names them.
    """
    owners: dict[int, str] = {}
    clashes = []
    for text in texts:
        number = int(stable_id(text))
        if number in owners:
            clashes.append(f"{owners[number]!r} and {text!r}")
        owners.setdefault(number, text)
    if clashes:
        raise ValueError("these ids are the same or share a 64-bit hash: " + "; ".join(clashes))
    return np.array(list(owners), dtype=np.uint64)


@inlined
def _round(state: State, key: Words, step: int) -> State:
    """Return the state after one round under the key advanced by ``step`` rounds."""
    c0, c1, c2, c3 = state
    product_0 = MULTIPLIER_0 * c0
    product_1 = MULTIPLIER_1 * c2
    k0 = (key[0] + np.uint64(step) * KEY_STEP_0) & WORD_MASK
    k1 = (key[1] + np.uint64(step) * KEY_STEP_1) & WORD_MASK
    return (
        (product_1 >> WORD_BITS) ^ c1 ^ k0,
        product_1 & WORD_MASK,
        (product_0 >> WORD_BITS) ^ c3 ^ k1,
        product_0 & WORD_MASK,
    )


@formula
def philox(counter: Block, key: Key) -> Block:
    """Return the Philox4x32-10 block of a counter (four 32-bit words) under a key."""
    state = np.uint64(counter[0]), np.uint64(counter[1]), np.uint64(counter[2]), np.uint64(counter[3])
    words = np.uint64(key[0]), np.uint64(key[1])
    # Written out, not looped: an inner loop would keep a loop over rows from becoming vector instructions.
    state = _round(_round(_round(_round(_round(state, words, 0), words, 1), words, 2), words, 3), words, 4)
    state = _round(_round(_round(_round(_round(state, words, 5), words, 6), words, 7), words, 8), words, 9)
    return np.uint32(state[0]), np.uint32(state[1]), np.uint32(state[2]), np.uint32(state[3])


@inlined
def _halves(number: np.uint64) -> tuple[np.uint32, np.uint32]:
    """Return the lower and the upper 32 bits of a number."""
    return np.uint32(number & WORD_MASK), np.uint32(number >> WORD_BITS)


@inlined
def _joined(lower: np.uint32, upper: np.uint32) -> np.uint64:
    """Return the 64-bit number of two halves."""
    return (np.uint64(upper) << WORD_BITS) | np.uint64(lower)


@formula
def pair_id(a: np.uint64, b: np.uint64) -> np.uint64:
    """Return the id of the ordered pair (a, b): 64 bits of their Philox block under a fixed key.

    Called from outside compiled code it comes back as a Python int: make it a ``np.uint64`` before drawing with it.
    """
    a_lower, a_upper = _halves(np.uint64(a))
    b_lower, b_upper = _halves(np.uint64(b))
    r0, r1, _, _ = philox((a_lower, a_upper, b_lower, b_upper), PAIR_KEY)
    return _joined(r0, r1)


@formula
def person_id(row_id: np.uint64, year: int) -> np.uint64:
    """Return the id of whoever was hired into the post ``row_id`` in ``year`` (-2^20 or later)."""
    return pair_id(row_id, np.uint64(year + TIME_OFFSET))


@inlined
def _open_unit(lower: np.uint32, upper: np.uint32) -> float:
    """Return the number in (0, 1) of two words: an odd multiple of 2^-53, exact, never 0 or 1."""
    return float_from_bits((_joined(lower, upper) >> DROPPED_BITS) | ONE_BITS) - ALMOST_ONE


@inlined
def _block(key: Key, row_id: np.uint64, term: int, process: int, draw: int) -> Block:
    """Return the Philox block of one draw."""
    lower, upper = _halves(np.uint64(row_id))
    return philox((lower, upper, np.uint32(term + TIME_OFFSET), np.uint32((process << PROCESS_SHIFT) | draw)), key)


@formula
def uniform(key: Key, row_id: np.uint64, term: int, process: int, draw: int) -> float:
    """Return the uniform number in (0, 1) of one draw.

    Parameters
    ----------
    key
        The study seed and replicate, from :func:`key`.
    row_id
        The 64-bit id of who draws: :func:`stable_id`, :func:`pair_id` or :func:`person_id`.
    term
        The time step, from -2^20 to 2^32 - 2^20 - 1.
    process
        A :class:`Stream`, below 2^16.
    draw
        Which draw of this process in this term, below 2^16.
    """
    r0, r1, _, _ = _block(key, row_id, term, process, draw)
    return _open_unit(r0, r1)


@formula
def uniform2(key: Key, row_id: np.uint64, term: int, process: int, draw: int) -> tuple[float, float]:
    """Return two independent uniform numbers from one block; the first is that of :func:`uniform`."""
    r0, r1, r2, r3 = _block(key, row_id, term, process, draw)
    return _open_unit(r0, r1), _open_unit(r2, r3)


@formula
def normal(key: Key, row_id: np.uint64, term: int, process: int, draw: int) -> float:
    """Return the standard normal number of one draw, by the quantile of its uniform number."""
    return normal_quantile(uniform(key, row_id, term, process, draw))

"""Published answers, coordinates, uniformity and independence of the keyed random numbers."""

import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from model import chance
from model.arithmetic import normal_quantile
from model.chance import Key, Stream
from model.compilation import compiled

ROOT = Path(__file__).parents[2]
FloatArray = npt.NDArray[np.float64]
DRAWS = 16_384
WORD = 0xFFFFFFFF
TOP = np.uint64(2**64 - 1)


def words(*values: int) -> tuple[np.uint32, ...]:
    """Return integers as 32-bit words."""
    return tuple(np.uint32(value) for value in values)


def plain_philox(counter: tuple[int, ...], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the Philox4x32-10 block in unbounded integers, from the definition of the paper."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        upper0, lower0 = divmod(0xD2511F53 * c0, 2**32)
        upper1, lower1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = upper1 ^ c1 ^ k0, lower1, upper0 ^ c3 ^ k1, lower0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c0, c1, c2, c3


# Random123 1.14, tests/kat_vectors, the three lines of philox4x32 with 10 rounds.
KNOWN_ANSWERS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((WORD, WORD, WORD, WORD), (WORD, WORD), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(
    counter: tuple[int, ...], key: tuple[int, int], answer: tuple[int, ...]
) -> None:
    block = chance.philox(words(*counter), Key(*words(*key)))  # type: ignore[arg-type]
    assert tuple(int(word) for word in block) == answer


@pytest.mark.parametrize("row_id", [0, 1, 2**32, 2**64 - 1, 0x0123456789ABCDEF])
@pytest.mark.parametrize(("term", "process", "draw"), [(0, 0, 0), (-7, 3, 2), (79, 65_535, 65_535)])
def test_a_uniform_number_is_the_block_of_its_coordinates(row_id: int, term: int, process: int, draw: int) -> None:
    key = chance.key(20_240_901, 17)
    counter = (row_id % 2**32, row_id >> 32, term + 2**20, process * 2**16 + draw)
    r0, r1, r2, r3 = plain_philox(counter, (int(key.k0), int(key.k1)))
    first = ((r1 * 2**32 + r0) // 2**12 * 2 + 1) / 2**53
    second = ((r3 * 2**32 + r2) // 2**12 * 2 + 1) / 2**53
    assert chance.uniform(key, np.uint64(row_id), term, process, draw) == first
    assert chance.uniform2(key, np.uint64(row_id), term, process, draw) == (first, second)
    assert chance.normal(key, np.uint64(row_id), term, process, draw) == normal_quantile(first)


def test_a_uniform_number_is_never_0_or_1() -> None:
    assert chance._open_unit(*words(0, 0)) == 2.0**-53
    assert chance._open_unit(*words(WORD, WORD)) == 1.0 - 2.0**-53
    assert chance._open_unit(*words(0, 0x80000000)) == 0.5 + 2.0**-53


def test_processes_keep_their_numbers() -> None:
    assert {stream.name.lower(): stream.value for stream in Stream} == {
        "initial": 1, "staffing": 2, "promotion": 3, "rotation": 4, "attention": 5, "learning": 6,
        "practice": 7, "culture": 8, "teaching": 9, "families": 10, "finance": 11, "world": 12,
        "design": 13,
    }  # fmt: skip


@compiled
def staffing_draw(key: Key, row_id: np.uint64) -> float:
    return chance.uniform(key, row_id, 4, Stream.STAFFING, 1)


def test_a_compiled_kernel_may_name_the_process() -> None:
    key = chance.key(1, 1)
    assert staffing_draw(key, np.uint64(9)) == chance.uniform(key, np.uint64(9), 4, 2, 1)


def test_ids_are_the_blake2b_of_their_text() -> None:
    # The eight bytes that `b2sum -l 64` prints, read from the lowest.
    assert int(chance.stable_id("yangfeng")).to_bytes(8, "little").hex() == "c44b69f6eea9ac23"
    assert int(chance.stable_id("扬峰")).to_bytes(8, "little").hex() == "74886013ec5a5c6c"


def test_ids_keep_the_order_of_their_texts() -> None:
    texts = [f"county {i}" for i in range(50)]
    ids = chance.stable_ids(texts)
    assert ids.dtype == np.uint64
    assert ids.tolist() == [int(chance.stable_id(text)) for text in texts]
    assert chance.stable_ids([]).shape == (0,)


def test_an_id_given_twice_is_named() -> None:
    with pytest.raises(ValueError, match="'b' and 'b'; 'c' and 'c'"):
        chance.stable_ids(["a", "b", "c", "b", "c"])


def test_two_ids_with_one_hash_are_both_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chance, "_digest", len)
    with pytest.raises(ValueError, match="'south' and 'north'"):
        chance.stable_ids(["south", "west", "north"])


def test_keys_differ_by_seed_and_replicate() -> None:
    keys = [chance.key(seed, replicate) for seed in range(-20, 60) for replicate in range(80)]
    assert len(set(keys)) == len(keys)
    assert chance.key(11, 1) != chance.key(1, 11)
    assert chance.key(2**200, 0) != chance.key(0, 0)
    assert chance.key(np.int64(5), np.int64(3)) == chance.key(5, 3)  # type: ignore[arg-type]


def test_the_key_is_the_digest_of_seed_and_replicate() -> None:
    key = chance.key(5, 7)
    assert (int(key.k0), int(key.k1)) == divmod(int(chance.stable_id("seed 5 replicate 7")), 2**32)[::-1]


@pytest.mark.parametrize(("a", "b"), [(0, 0), (1, 2), (2, 1), (2**64 - 1, 2**63), (12_345 << 32, 7)])
def test_a_pair_is_hashed_by_philox(a: int, b: int) -> None:
    r0, r1, _, _ = plain_philox((a % 2**32, a >> 32, b % 2**32, b >> 32), (0xBB67AE85, 0x84CAA73B))
    assert int(chance.pair_id(np.uint64(a), np.uint64(b))) == (r1 << 32) + r0


def test_pairs_are_ordered_and_do_not_collide() -> None:
    ids = [np.uint64(i) for i in range(40)] + [TOP - np.uint64(i) for i in range(40)]
    pairs = {int(chance.pair_id(a, b)) for a in ids for b in ids}
    assert len(pairs) == len(ids) ** 2


def test_one_bit_of_a_pair_changes_half_of_its_hash() -> None:
    a, b = chance.stable_id("a"), chance.stable_id("b")
    base = int(chance.pair_id(a, b))
    bits = [np.uint64(1 << i) for i in range(64)]
    flips = [(int(chance.pair_id(a ^ bit, b)) ^ base).bit_count() for bit in bits]
    flips += [(int(chance.pair_id(a, b ^ bit)) ^ base).bit_count() for bit in bits]
    # 128 binomial(64, 1/2) counts: standard deviation 4 each, 0.35 of their mean.
    assert abs(np.mean(flips) - 32.0) < 5.0 * 4.0 / math.sqrt(128)
    assert min(flips) > 32 - 24


def test_each_holder_of_a_post_is_another_person() -> None:
    post = chance.stable_id("post")
    people = {int(chance.person_id(post, year)) for year in range(-30, 2060)}
    assert len(people) == 2090
    assert chance.person_id(post, 2024) == chance.pair_id(post, np.uint64(2024 + 2**20))
    assert chance.person_id(post, 2024) != chance.person_id(chance.stable_id("other post"), 2024)


@compiled
def draw_block(key: Key, ids: chance.IdArray, terms: npt.NDArray[np.int64], process: int, draw: int) -> FloatArray:
    numbers = np.empty(ids.shape[0])
    for i in range(ids.shape[0]):
        numbers[i] = chance.uniform(key, ids[i], terms[i], process, draw)
    return numbers


@compiled
def draw_pairs(key: Key, ids: chance.IdArray) -> FloatArray:
    numbers = np.empty((2, ids.shape[0]))
    for i in range(ids.shape[0]):
        numbers[0, i], numbers[1, i] = chance.uniform2(key, ids[i], 1, 1, 0)
    return numbers


def draws(replicate: int = 0, shift: int = 0, term: int = 0, process: int = 1, draw: int = 0) -> FloatArray:
    """Return the numbers of consecutive ids from one stream, shape (DRAWS,)."""
    ids = np.arange(shift, DRAWS + shift, dtype=np.uint64)
    return draw_block(chance.key(1, replicate), ids, np.full(DRAWS, term), process, draw)


def over_terms() -> FloatArray:
    """Return the numbers of one id in consecutive terms, shape (DRAWS,)."""
    return draw_block(chance.key(1, 0), np.full(DRAWS, chance.stable_id("one")), np.arange(DRAWS), 1, 0)


def over_hashes() -> FloatArray:
    """Return the numbers of hashed ids, shape (DRAWS,)."""
    return draw_block(chance.key(1, 0), chance.stable_ids([str(i) for i in range(DRAWS)]), np.full(DRAWS, 3), 2, 1)


def assert_uniform(numbers: FloatArray) -> None:
    """Check chi-squared over 64 cells and the Kolmogorov distance, each within its 1e-6 points."""
    counts = np.histogram(numbers, bins=64, range=(0.0, 1.0))[0]
    expected = len(numbers) / 64
    chi_squared = float(((counts - expected) ** 2).sum() / expected)
    # The points of 63 degrees of freedom at which either tail is 1e-6.
    assert 23.1 < chi_squared < 131.4
    steps = np.arange(len(numbers) + 1) / len(numbers)
    ordered = np.sort(numbers)
    distance = max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max())
    # 2 exp(-2 d^2) = 1e-6.
    assert distance * math.sqrt(len(numbers)) < 2.694


def assert_uncorrelated(first: FloatArray, second: FloatArray) -> None:
    """Check the correlation of two streams, and of their distances from the middle, at five standard errors."""
    for left, right in ((first, second), (abs(first - 0.5), abs(second - 0.5))):
        correlation = np.corrcoef(left, right)[0, 1]
        assert abs(correlation) * math.sqrt(len(first)) < 5.0


@pytest.mark.parametrize("numbers", [draws, over_terms, over_hashes])
def test_numbers_are_uniform(numbers: Callable[[], FloatArray]) -> None:
    assert_uniform(numbers())


def test_the_lowest_bits_are_uniform() -> None:
    assert_uniform(draws() * 2.0**30 % 1.0)


@pytest.mark.parametrize(
    "other",
    [{"replicate": 1}, {"shift": 1}, {"shift": DRAWS}, {"shift": 2**32}, {"term": 1}, {"term": -1}, {"process": 2},
     {"draw": 1}, {"draw": 65_535}],
)  # fmt: skip
def test_streams_are_uncorrelated(other: dict[str, int]) -> None:
    assert_uncorrelated(draws(), draws(**other))


def test_seeds_are_uncorrelated() -> None:
    ids = np.arange(DRAWS, dtype=np.uint64)
    first, second = (draw_block(chance.key(seed, 0), ids, np.zeros(DRAWS, np.int64), 1, 0) for seed in (1, 2))
    assert_uncorrelated(first, second)


def test_successive_terms_and_ids_are_uncorrelated() -> None:
    for numbers in (over_terms(), draws()):
        for lag in (1, 2, 4, 256):
            assert_uncorrelated(numbers[:-lag], numbers[lag:])


def test_the_two_numbers_of_a_block_are_uncorrelated() -> None:
    first, second = draw_pairs(chance.key(1, 0), np.arange(DRAWS, dtype=np.uint64))
    assert first.tobytes() == draws(term=1).tobytes()
    assert_uniform(second)
    assert_uncorrelated(first, second)


def test_a_vectorised_block_has_the_bytes_of_single_calls() -> None:
    key = chance.key(1, 0)
    single = [chance.uniform(key, np.uint64(i), 0, 1, 0) for i in range(100)]
    assert draws()[:100].tolist() == single


def test_normal_numbers_have_normal_moments() -> None:
    key = chance.key(3, 0)
    numbers = np.array([chance.normal(key, np.uint64(i), 0, 1, 0) for i in range(4096)])
    # Standard errors of the mean, the variance and the fourth moment: sqrt(1, 2, 96 / n).
    assert abs(numbers.mean()) < 5.0 / 64.0
    assert abs((numbers**2).mean() - 1.0) < 5.0 * math.sqrt(2.0) / 64.0
    assert abs((numbers**4).mean() - 3.0) < 5.0 * math.sqrt(96.0) / 64.0


def sample() -> str:
    """Return numbers of every kind in hexadecimal, for comparison between compiled and plain Python."""
    ids = [np.uint64(0), TOP, chance.stable_id("扬峰"), np.uint64(2**63)]
    pairs = chance.pair_id(ids[1], ids[2]), chance.pair_id(TOP, TOP), chance.person_id(ids[2], -3)
    # Compiled code hands unsigned numbers back as plain ones.
    ids += [np.uint64(pair) for pair in pairs]
    key = chance.key(-4, 2)
    numbers = [chance.uniform(key, i, term, 12, 65_535) for i in ids for term in (-(2**20), 0, 3)]
    numbers += [chance.normal(key, i, 9, Stream.ROTATION, 2) for i in ids]
    numbers += [number for i in ids for number in chance.uniform2(key, i, 9, 65_535, 0)]
    return " ".join([*(hex(int(i)) for i in ids), *(float(number).hex() for number in numbers)])


def test_plain_python_has_the_bytes_of_the_compiler() -> None:
    other = "0" if os.environ.get("NUMBA_DISABLE_JIT", "0") == "1" else "1"
    command = "from tests.model.test_chance import sample; print(sample())"
    result = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", command],
        env={**os.environ, "NUMBA_DISABLE_JIT": other, "PYTHONPATH": str(ROOT)},
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert result.stdout.strip() == sample()

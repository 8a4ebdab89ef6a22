"""The elementary functions against high-precision decimals, and the order of sums."""

import math
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pytest

from model import arithmetic
from model.compilation import compiled

ROOT = Path(__file__).parents[2]
Scalar = Callable[[float], float]
UNIT = 2.0**-52


def spread(low: float, high: float, n: int = 400) -> list[float]:
    """Return n points from low to high that are not round numbers."""
    points = low + (high - low) * ((np.arange(n) + 0.5) / n) ** 1.1
    return [float(x) for x in points]


def worst(function: Scalar, oracle: Callable[[Decimal], Decimal], points: list[float], digits: int = 60) -> float:
    """Return the largest relative error of a function over points, in units of 2^-52."""
    with localcontext() as context:
        context.prec = digits
        truth = [oracle(Decimal(x)) for x in points]
        errors = [abs(Decimal(function(x)) / y - 1) for x, y in zip(points, truth, strict=True)]
    return float(max(errors)) / UNIT


def decimal_cdf(x: Decimal) -> Decimal:
    """Return P(Z <= x) by the series of Marsaglia (2004), Journal of Statistical Software 11(4)."""
    with localcontext() as context:
        # The sum cancels down to the tail: as many digits more as the tail has zeros.
        context.prec = 60 + int(x * x / 2)
        term = total = x
        odd = 1
        while abs(term) > abs(total) * Decimal(10) ** -context.prec:
            odd += 2
            term = term * x * x / odd
            total += term
        density = (-x * x / 2).exp() / (2 * PI).sqrt()
        return Decimal("0.5") + density * total


def decimal_pi() -> Decimal:
    """Return pi to 400 digits by the formula of Machin."""
    with localcontext() as context:
        context.prec = 420

        def arctan_of_inverse(n: int) -> Decimal:
            power = total = Decimal(1) / n
            for k in range(1, 320 if n > 100 else 640):
                power /= -n * n
                total += power / (2 * k + 1)
            return total

        return 16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)


PI = decimal_pi()


@pytest.mark.parametrize("bounds", [(-708.0, 709.0), (-1.0, 1.0), (-1e-8, 1e-8), (-20.0, 20.0)])
def test_exp_is_within_one_unit(bounds: tuple[float, float]) -> None:
    assert worst(arithmetic.exp, lambda x: x.exp(), spread(*bounds)) < 1.0


def test_exp_at_and_beyond_its_limits() -> None:
    assert arithmetic.exp(0.0) == arithmetic.exp(-0.0) == 1.0
    assert arithmetic.exp(-708.0) > 0.0
    assert arithmetic.exp(math.nextafter(-708.0, -math.inf)) == arithmetic.exp(-math.inf) == 0.0
    assert math.isfinite(arithmetic.exp(709.0))
    assert arithmetic.exp(math.nextafter(709.0, math.inf)) == arithmetic.exp(math.inf) == math.inf
    assert math.isnan(arithmetic.exp(math.nan))


@pytest.mark.parametrize("k", range(-12, 13))
def test_exp_does_not_jump_where_the_reduction_changes(k: int) -> None:
    edge = (k + 0.5) * math.log(2.0)
    points = [edge + step * abs(edge) * UNIT for step in range(-6, 7)]
    values = [arithmetic.exp(x) for x in points]
    assert worst(arithmetic.exp, lambda x: x.exp(), points) < 1.0
    assert max(values) / min(values) - 1.0 < 20.0 * abs(edge) * UNIT + 4.0 * UNIT


@pytest.mark.parametrize("bounds", [(-700.0, 700.0), (-1.0, 1.0), (-1e-5, 1e-5), (-1e-20, 1e-20)])
def test_expm1_keeps_its_relative_precision(bounds: tuple[float, float]) -> None:
    assert worst(arithmetic.expm1, lambda x: x.exp() - 1, spread(*bounds)) < 2.0


def test_expm1_at_its_limits() -> None:
    assert arithmetic.expm1(0.0) == 0.0
    assert arithmetic.expm1(-800.0) == arithmetic.expm1(-math.inf) == -1.0
    assert arithmetic.expm1(800.0) == math.inf
    assert math.isnan(arithmetic.expm1(math.nan))


@pytest.mark.parametrize("bounds", [(-30.0, 30.0), (-1.0, 1.0), (-1e-9, 1e-9), (0.0, 1e-20)])
def test_expm1_ratio_is_accurate_also_near_zero(bounds: tuple[float, float]) -> None:
    assert worst(arithmetic.expm1_ratio, lambda x: (1 - (-x).exp()) / x, spread(*bounds)) < 3.0
    assert arithmetic.expm1_ratio(0.0) == arithmetic.expm1_ratio(1e-310) == 1.0
    assert arithmetic.expm1_ratio(math.inf) == 0.0


@pytest.mark.parametrize(("rate", "dt"), [(0.3, 0.5), (1e-9, 1.0), (2.0, 7.0), (40.0, 40.0)])
def test_relax_solves_the_equation(rate: float, dt: float) -> None:
    remaining = Decimal(-(rate * dt)).exp()
    for value, target in ((0.2, 0.9), (3.0, -1.0), (0.0, 1.0), (0.7, 0.7)):
        exact = Decimal(target) + (Decimal(value) - Decimal(target)) * remaining
        assert abs(Decimal(arithmetic.relax(value, target, rate, dt)) - exact) < 4.0 * UNIT


def test_relax_stands_still_and_composes() -> None:
    assert arithmetic.relax(0.1, 0.9, 0.0, 5.0) == arithmetic.relax(0.1, 0.9, 5.0, 0.0) == 0.1
    assert arithmetic.relax(0.3, 0.3, 2.0, 1.0) == 0.3
    halfway = arithmetic.relax(0.1, 0.9, 0.4, 0.75)
    assert arithmetic.relax(halfway, 0.9, 0.4, 1.25) == pytest.approx(
        arithmetic.relax(0.1, 0.9, 0.4, 2.0), rel=4 * UNIT
    )


@pytest.mark.parametrize("bounds", [(1e-6, 1e6), (0.5, 2.0), (0.999, 1.001), (1e-320, 1e-300), (1e300, 1e308)])
def test_log_is_within_one_unit(bounds: tuple[float, float]) -> None:
    assert worst(arithmetic.log, lambda x: x.ln(), spread(*bounds)) < 1.0


def test_log_at_its_limits() -> None:
    assert arithmetic.log(1.0) == 0.0
    assert arithmetic.log(0.0) == -math.inf
    assert arithmetic.log(math.inf) == math.inf
    assert math.isnan(arithmetic.log(-1.0))
    assert math.isnan(arithmetic.log(-math.inf))
    assert math.isnan(arithmetic.log(math.nan))
    assert worst(arithmetic.log, lambda x: x.ln(), [5e-324, sys.float_info.min, sys.float_info.max]) < 1.0


@pytest.mark.parametrize("a", [-2.5, -1.0, 0.5, 1.0, 3.7])
def test_power_follows_the_decimal(a: float) -> None:
    tolerance = 2.0 + 2.0 * abs(a) * math.log(1e6)
    assert worst(lambda c: arithmetic.power(c, a), lambda c: c ** Decimal(a), spread(1e-6, 1e6, 100)) < tolerance


def test_power_at_its_limits() -> None:
    assert arithmetic.power(0.0, 0.5) == 0.0
    assert arithmetic.power(0.0, -0.5) == math.inf
    assert arithmetic.power(0.0, 0.0) == arithmetic.power(7.0, 0.0) == arithmetic.power(1.0, 9.0) == 1.0
    assert math.isnan(arithmetic.power(-1.0, 2.0))


@pytest.mark.parametrize("bounds", [(-700.0, 0.0), (-5.0, 5.0), (0.0, 700.0)])
def test_logistic_keeps_its_relative_precision(bounds: tuple[float, float]) -> None:
    assert worst(arithmetic.logistic, lambda x: 1 / (1 + (-x).exp()), spread(*bounds)) < 2.0


def test_logistic_at_its_limits() -> None:
    assert arithmetic.logistic(0.0) == 0.5
    assert arithmetic.logistic(-math.inf) == arithmetic.logistic(-800.0) == 0.0
    assert arithmetic.logistic(math.inf) == arithmetic.logistic(800.0) == 1.0


@pytest.mark.parametrize(
    ("bounds", "tolerance"),
    [((-0.6744, 0.6744), 1.5), ((-1.0, 8.0), 3.0), ((-5.65, -0.675), 6.0), ((-36.0, -5.657), 8.0)],
)
def test_normal_cdf_keeps_its_relative_precision(bounds: tuple[float, float], tolerance: float) -> None:
    assert worst(arithmetic.normal_cdf, decimal_cdf, spread(*bounds, n=60), digits=360) < tolerance


def test_normal_cdf_at_its_limits() -> None:
    assert arithmetic.normal_cdf(0.0) == 0.5
    assert arithmetic.normal_cdf(-50.0) == arithmetic.normal_cdf(-math.inf) == 0.0
    assert arithmetic.normal_cdf(50.0) == arithmetic.normal_cdf(math.inf) == 1.0
    assert math.isnan(arithmetic.normal_cdf(math.nan))


def test_normal_cdf_does_not_jump_where_the_approximations_meet() -> None:
    for edge in (0.67448975, math.sqrt(32.0)):
        below, above = math.nextafter(edge, 0.0), math.nextafter(edge, 9.0)
        for sign in (1.0, -1.0):
            value = arithmetic.normal_cdf(sign * below)
            slope = sign * math.exp(-0.5 * edge * edge) / math.sqrt(2.0 * math.pi)
            gap = arithmetic.normal_cdf(sign * above) - value - slope * (above - below)
            assert abs(gap) < 8.0 * UNIT * value


QUANTILE_POINTS = (1e-300, 1e-20, 2.0**-53, 1e-11, 1.4e-11, 0.001, 0.0749, 0.0751, 0.3, 0.4999, 0.51, 0.97, 0.9999)


@pytest.mark.parametrize("u", QUANTILE_POINTS)
def test_normal_quantile_inverts_the_distribution(u: float) -> None:
    x = arithmetic.normal_quantile(u)
    with localcontext() as context:
        context.prec = 360
        slope = float((Decimal(x) * Decimal(x) / -2).exp() / (2 * PI).sqrt() / Decimal(u))
        error = float(abs(decimal_cdf(Decimal(x)) / Decimal(u) - 1))
    assert error / slope < 2e-15 * max(abs(x), 0.01)


def test_quantile_and_cdf_round_trip() -> None:
    for x in spread(-30.0, 4.0):
        # A step of one unit in u moves x by u / density(x): large in the upper tail.
        u = arithmetic.normal_cdf(x)
        density = math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
        tolerance = 8.0 * UNIT * (u / density + abs(x) + 1.0)
        assert abs(arithmetic.normal_quantile(u) - x) < tolerance


def test_normal_quantile_is_odd_and_ordered() -> None:
    assert arithmetic.normal_quantile(0.5) == 0.0
    assert arithmetic.normal_quantile(0.125) == -arithmetic.normal_quantile(0.875)
    points = [arithmetic.normal_quantile(u) for u in spread(1e-12, 1.0 - 1e-12, 2000)]
    assert points == sorted(points)


def test_bits_and_floats_are_each_other() -> None:
    for value in (0.0, 1.0, math.pi, 5e-324, 1e308, math.inf):
        assert arithmetic.float_from_bits(arithmetic.bits_from_float(value)) == value
    assert arithmetic.bits_from_float(1.0) == 0x3FF0000000000000
    assert arithmetic.bits_from_float(-0.0) == -(2**63)


@compiled
def multiply_and_add(a: float, b: float, c: float) -> float:
    return a * b + c


def test_products_are_rounded_before_they_are_added() -> None:
    assert multiply_and_add(1.0 + 2.0**-30, 1.0 - 2.0**-30, -1.0) == 0.0


@compiled
def block(values: arithmetic.FloatArray, results: arithmetic.FloatArray) -> None:
    for i in range(values.shape[0]):
        x = values[i]
        results[i, 0] = arithmetic.exp(x)
        results[i, 1] = arithmetic.log(x)
        results[i, 2] = arithmetic.expm1_ratio(x)
        results[i, 3] = arithmetic.logistic(x)


def test_a_vectorised_block_has_the_bytes_of_single_calls() -> None:
    values = np.concatenate([spread(-720.0, 720.0, 301), spread(-2.0, 2.0, 301), [0.0, math.inf]])
    results = np.empty((len(values), 4))
    block(values, results)
    functions = (arithmetic.exp, arithmetic.log, arithmetic.expm1_ratio, arithmetic.logistic)
    single = np.array([[function(float(x)) for function in functions] for x in values])
    assert results.tobytes() == single.tobytes()


def test_sums_run_in_the_order_of_the_rows() -> None:
    assert arithmetic.ordered_sum(np.array([1e16, 1.0, -1e16])) == 0.0
    assert arithmetic.ordered_sum(np.array([1e16, -1e16, 1.0])) == 1.0
    # One by one each half unit is rounded away; any pairing of them would not be.
    assert arithmetic.ordered_sum(np.array([1.0] + [2.0**-53] * 4096)) == 1.0
    assert arithmetic.ordered_sum(np.empty(0)) == 0.0


def test_mean_is_the_ordered_sum_over_the_count() -> None:
    assert arithmetic.ordered_mean(np.array([1.0, 2.0, 6.0])) == 3.0
    assert arithmetic.ordered_mean(np.array([1.0] + [2.0**-53] * 4095)) == 2.0**-12
    assert math.isnan(arithmetic.ordered_mean(np.empty(0)))


def test_sums_by_group_run_in_the_order_of_the_rows() -> None:
    groups = np.array([2, 0, 2, 0, 2, 0])
    values = np.array([1e16, 1.0, 1.0, 2.0**-53, -1e16, 2.0**-53])
    assert arithmetic.sum_by(groups, values, 4).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert arithmetic.sum_by(groups.astype(np.int32), values, 3).tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("group", [-1, 3])
def test_a_group_out_of_range_is_refused(group: int) -> None:
    with pytest.raises(IndexError, match="outside the range"):
        arithmetic.sum_by(np.array([0, group]), np.array([1.0, 1.0]), 3)


def sample() -> str:
    """Return values of every function as hexadecimal, for comparison between compiled and plain Python."""
    points = [*spread(-720.0, 720.0, 40), *spread(-7.0, 7.0, 40), 0.0, 1e-310, math.inf]
    functions = (arithmetic.exp, arithmetic.expm1, arithmetic.log, arithmetic.logistic, arithmetic.normal_cdf)
    values = [function(x) for function in (*functions, arithmetic.expm1_ratio) for x in points]
    values += [arithmetic.normal_quantile(u) for u in (1e-30, 1e-5, 0.2, 0.7, 0.9999)]
    values += [arithmetic.power(x, 0.3) for x in (0.0, 0.2, 5.0)] + [arithmetic.relax(0.1, 0.9, 0.3, 0.5)]
    values += arithmetic.sum_by(np.arange(80) % 3, np.array(points[:80]), 3).tolist()
    values += [arithmetic.ordered_sum(np.array(points[:80])), arithmetic.ordered_mean(np.array(points[:80]))]
    return " ".join(float(value).hex() for value in values)


def test_plain_python_has_the_bytes_of_the_compiler() -> None:
    other = "0" if os.environ.get("NUMBA_DISABLE_JIT", "0") == "1" else "1"
    command = "from tests.model.test_arithmetic import sample; print(sample())"
    result = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", command],
        env={**os.environ, "NUMBA_DISABLE_JIT": other, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == sample()

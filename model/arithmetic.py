"""Elementary functions and ordered sums whose results have the same bytes on every machine.

Only ``+ - * /``, square root, comparison and reinterpretation of bits are used: IEEE 754 fixes their results, while the
exponential of a C library or of NumPy differs between versions and processors. Nothing here may be compiled with
``fastmath``, and sums run in the order of the rows. The functions of the hot kernels have no branches, so that a loop
over a block of rows becomes vector instructions.
"""

import functools
import math
import struct
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt
from numba import types
from numba.extending import intrinsic, overload

from model.compilation import OPTIONS, compiled, helper, inlined

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.integer[Any]]
Function = TypeVar("Function", bound=Callable[..., Any])

LOG2_E = 1.4426950408889634
# ln 2 in two parts: the upper has 21 trailing zero bits, so its product with any exponent is exact.
LN2_UPPER = 6.93147180369123816490e-01
LN2_LOWER = 1.90821492927058770002e-10
# Adding 1.5 * 2^52 rounds to an integer and leaves it in the lowest bits.
ROUNDER = 6755399441055744.0
EXP_LOWEST = -708.0
EXP_HIGHEST = 709.0

FRACTION_BITS = 52
FRACTION_MASK = (1 << FRACTION_BITS) - 1
EXPONENT_MASK = 0x7FF
EXPONENT_BIAS = 1023
SMALLEST_NORMAL = 2.2250738585072014e-308
TWO_54 = 18014398509481984.0
SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
ONE_LESS_SQRT_HALF_BITS = 0x3FF0000000000000 - SQRT_HALF_BITS


def formula(function: Function) -> Function:
    """Let kernels call a function, always inlined like `inlined`, and compile it for Python too.

    Kernels do not call what Python calls: that would be compiled anew for each constant among the arguments.
    """
    quick = numba.njit(cache=True, **OPTIONS)(function)
    if quick is function:  # the compiler is off
        return function

    @functools.wraps(function)
    def from_python(*arguments: Any) -> Any:  # noqa: ANN401
        return quick(*arguments)

    inline: Any = {"_nrt": False, "forceinline": True, **OPTIONS}
    overload(from_python, inline, strict=False)(lambda *_: function)
    return cast("Function", from_python)


def float_from_bits(bits: int | np.uint64) -> float:
    """Return the double whose IEEE 754 pattern is the non-negative integer ``bits``."""
    return float(struct.unpack("<d", struct.pack("<q", bits))[0])


def bits_from_float(value: float) -> int:
    """Return the IEEE 754 pattern of ``value`` as a signed 64-bit integer."""
    return int(struct.unpack("<q", struct.pack("<d", value))[0])


def _bitcast(result: Any) -> Any:  # noqa: ANN401 - the compiler's own types
    """Make a compiled function that reinterprets the 64 bits of its argument as the type ``result``."""

    def typed(typing_context: Any, value: Any) -> Any:  # noqa: ANN401
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
            return builder.bitcast(arguments[0], context.get_value_type(result))

        return result(value), generate

    return intrinsic(typed)


_as_float = _bitcast(types.float64)
_as_integer = _bitcast(types.int64)


@overload(float_from_bits)
def _compiled_float_from_bits(bits: Any) -> Any:  # noqa: ANN401 - the compiler's own types
    def implementation(bits: Any) -> Any:  # noqa: ANN401
        return _as_float(np.int64(bits))

    return implementation


@overload(bits_from_float)
def _compiled_bits_from_float(value: Any) -> Any:  # noqa: ANN401
    def implementation(value: Any) -> Any:  # noqa: ANN401
        return _as_integer(np.float64(value))

    return implementation


@inlined
def _reduced_exp(x: float) -> tuple[float, float]:
    """Return (exp(r) - 1, 2^k) with x = k ln 2 + r, |r| <= ln 2 / 2; x within the normal range."""
    shifted = x * LOG2_E + ROUNDER
    k = shifted - ROUNDER
    r = (x - k * LN2_UPPER) - k * LN2_LOWER
    q = 1.0 / 479001600.0 + r * (1.0 / 6227020800.0)
    q = 1.0 / 3628800.0 + r * (1.0 / 39916800.0 + r * q)
    q = 1.0 / 40320.0 + r * (1.0 / 362880.0 + r * q)
    q = 1.0 / 720.0 + r * (1.0 / 5040.0 + r * q)
    q = 1.0 / 24.0 + r * (1.0 / 120.0 + r * q)
    q = 1.0 / 2.0 + r * (1.0 / 6.0 + r * q)
    exponent = (bits_from_float(shifted) + EXPONENT_BIAS) & EXPONENT_MASK
    return r + r * r * q, float_from_bits(exponent << FRACTION_BITS)


@inlined
def _clamped(x: float) -> float:
    """Return x held within the range in which exp(x) is a normal number; NaN stays NaN."""
    lifted = EXP_LOWEST if x < EXP_LOWEST else x
    return EXP_HIGHEST if lifted > EXP_HIGHEST else lifted


@formula
def exp(x: float) -> float:
    """Return e^x to within one unit in the last place; 0 below -708, infinity above 709.

    Reduction by ln 2 in two parts (Cody and Waite 1980), then the Taylor polynomial of degree 13,
    whose remainder is below 5e-18.
    """
    p, scale = _reduced_exp(_clamped(x))
    value = scale + scale * p
    value = 0.0 if x < EXP_LOWEST else value
    return math.inf if x > EXP_HIGHEST else value


@formula
def expm1(x: float) -> float:
    """Return e^x - 1 without cancellation near 0; -1 below -708, infinity above 709."""
    p, scale = _reduced_exp(_clamped(x))
    value = scale * p + (scale - 1.0)
    return math.inf if x > EXP_HIGHEST else value


@formula
def expm1_ratio(x: float) -> float:
    """Return (1 - e^-x) / x, the mean of e^-s over s from 0 to x; 1 at x = 0."""
    return 1.0 if x == 0.0 else -expm1(-x) / x


@formula
def relax(value: float, target: float, rate: float, dt: float) -> float:
    """Return the exact solution after ``dt`` of dx/dt = rate (target - x) from ``value``.

    ``rate`` is per unit of the time in which ``dt`` is given; both are non-negative.
    """
    return value - (target - value) * expm1(-(rate * dt))


@formula
def log(x: float) -> float:
    """Return ln x to within one unit in the last place; -infinity at 0, NaN below.

    Source: the reduction and minimax coefficients of fdlibm ``e_log.c`` (Sun Microsystems 1993).
    """
    small = x < SMALLEST_NORMAL
    bits = bits_from_float(x * TWO_54 if small else x) + ONE_LESS_SQRT_HALF_BITS
    k = float((bits >> FRACTION_BITS) - EXPONENT_BIAS) - (54.0 if small else 0.0)
    f = float_from_bits((bits & FRACTION_MASK) + SQRT_HALF_BITS) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = 0.2857142874366239149 + w * (0.1818357216161805012 + w * 0.1479819860511658591)
    even = 0.3999999999940941908 + w * (0.2222219843214978396 + w * 0.1531383769920937332)
    remainder = w * even + z * (0.6666666666666735130 + w * odd)
    half = 0.5 * f * f
    value = k * LN2_UPPER - ((half - (s * (half + remainder) + k * LN2_LOWER)) - f)
    value = value if x > 0.0 else math.nan
    value = -math.inf if x == 0.0 else value
    return x if x == math.inf else value


@formula
def power(c: float, a: float) -> float:
    """Return c^a for c >= 0 as exp(a ln c); relative error about 1e-16 (1 + |a ln c|)."""
    return 1.0 if a == 0.0 else exp(a * log(c))


@formula
def logistic(x: float) -> float:
    """Return 1 / (1 + e^-x)."""
    return 1.0 / (1.0 + exp(-x))


CENTRAL_LIMIT = 0.67448975
MIDDLE_LIMIT = 5.656854249492381
# Beyond this the probability is below the smallest normal double.
TAIL_LIMIT = 38.0
INVERSE_SQRT_2PI = 0.3989422804014327

# Coefficients by falling powers.
CDF_CENTRE = (
    (6.5682337918207449113e-2, 2.2352520354606839287, 1.6102823106855587881e2, 1.0676894854603709582e3,
     1.8154981253343561249e4),
    (1.0, 4.720258190468824187e1, 9.7609855173777669322e2, 1.0260932208618978205e4, 4.5507789335026729956e4),
)  # fmt: skip
CDF_MIDDLE = (
    (1.0765576773720192317e-8, 3.9894151208813466764e-1, 8.8831497943883759412, 9.3506656132177855979e1,
     5.9727027639480026226e2, 2.4945375852903726711e3, 6.8481904505362823326e3, 1.1602651437647350124e4,
     9.8427148383839780218e3),
    (1.0, 2.2266688044328115691e1, 2.3538790178262499861e2, 1.519377599407554805e3, 6.485558298266760755e3,
     1.8615571640885098091e4, 3.4900952721145977266e4, 3.8912003286093271411e4, 1.9685429676859990727e4),
)  # fmt: skip
CDF_TAIL = (
    (2.307344176494017303e-2, 2.1589853405795699e-1, 1.274011611602473639e-1, 2.2235277870649807e-2,
     1.421619193227893466e-3, 2.9112874951168792e-5),
    (1.0, 1.28426009614491121, 4.68238212480865118e-1, 6.59881378689285515e-2, 3.78239633202758244e-3,
     7.29751555083966205e-5),
)  # fmt: skip


@inlined
def _rational(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: float) -> float:
    """Return the ratio of two polynomials in x, coefficients by falling powers."""
    above, below = coefficients
    numerator = 0.0
    denominator = 0.0
    for i in range(len(above)):
        numerator = numerator * x + above[i]
        denominator = denominator * x + below[i]
    return numerator / denominator


@helper
def _upper_tail(y: float) -> float:
    """Return P(Z > y) for a standard normal Z and y above the central range."""
    if y <= MIDDLE_LIMIT:
        mills = _rational(CDF_MIDDLE, y)
    else:
        z = 1.0 / (y * y)
        mills = (INVERSE_SQRT_2PI - z * _rational(CDF_TAIL, z)) / y
    # y^2 is split so that the rounding of the large part does not enter the exponential.
    coarse = ((y * 16.0 + ROUNDER) - ROUNDER) * 0.0625
    return exp(-0.5 * coarse * coarse) * exp(-0.5 * (y - coarse) * (y + coarse)) * mills


@compiled
def normal_cdf(x: float) -> float:
    """Return P(Z <= x) for a standard normal Z, also to full relative precision in the lower tail.

    Source: the rational Chebyshev approximations of Cody (1969), Math. Comp. 23, 631-637, in the
    form of his ANORM (1993), ACM TOMS 19, Algorithm 715.
    """
    y = abs(x)
    if y <= CENTRAL_LIMIT:
        return 0.5 + x * _rational(CDF_CENTRE, x * x)
    tail = _upper_tail(TAIL_LIMIT if y > TAIL_LIMIT else y)
    return tail if x < 0.0 else 1.0 - tail


QUANTILE_CENTRE_LIMIT = 0.425
QUANTILE_MIDDLE_LIMIT = 5.0

QUANTILE_CENTRE = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.387132872796366608),
    (5.226495278852854561e3, 2.8729085735721942674e4, 3.930789580009271061e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.871870074920579083e2, 4.2313330701600911252e1, 1.0),
)  # fmt: skip
QUANTILE_MIDDLE = (
    (7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.4178072517745061177e-1, 1.27045825245236838258,
     3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 1.51986665636164571966e-2, 1.4810397642748007459e-1,
     6.8976733498510000455e-1, 1.6763848301838038494, 2.05319162663775882187, 1.0),
)  # fmt: skip
QUANTILE_TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.2426609473880784386e-3, 2.6532189526576123093e-2,
     2.9656057182850489123e-1, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
     1.48753612908506148525e-2, 1.3692988092273580531e-1, 5.9983220655588793769e-1, 1.0),
)  # fmt: skip


@formula
def normal_quantile(u: float) -> float:
    """Return the standard normal quantile of u in (0, 1), to about 1e-15 relative.

    Source: Wichura (1988), Applied Statistics 37, 477-484, Algorithm AS 241, PPND16.
    """
    q = u - 0.5
    centre = q * _rational(QUANTILE_CENTRE, 0.180625 - q * q)
    # All three approximations are computed and one is kept: a branch would keep blocks from vector instructions.
    r = math.sqrt(-log(u if q < 0.0 else 1.0 - u))
    middle = _rational(QUANTILE_MIDDLE, r - 1.6)
    tail = _rational(QUANTILE_TAIL, r - 5.0)
    outer = middle if r <= QUANTILE_MIDDLE_LIMIT else tail
    outer = -outer if q < 0.0 else outer
    return centre if abs(q) <= QUANTILE_CENTRE_LIMIT else outer


@helper
def nth_smallest(values: FloatArray, n: int) -> float:
    """Return the value that `n` others come before in rising order; `values` is put in order as far as that takes.

    Source: Hoare (1961), Algorithm 65: find, Communications of the ACM 4, 321-322.
    """
    low, high = 0, values.shape[0] - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        low, high = i if n > j else low, j if n < i else high
    return values[n]


@compiled
def ordered_sum(values: FloatArray) -> float:
    """Return the sum of a vector, added one by one from the first row to the last."""
    total = 0.0
    for i in range(values.shape[0]):
        total += values[i]
    return total


@compiled
def ordered_mean(values: FloatArray) -> float:
    """Return the mean of a vector by the ordered sum; NaN if it is empty."""
    return ordered_sum(values) / values.shape[0] if values.shape[0] > 0 else math.nan


@compiled
def sum_by(group_index: IndexArray, values: FloatArray, n: int) -> FloatArray:
    """Return the n totals of ``values`` by group, each added in the order of the rows.

    Parameters
    ----------
    group_index
        The group of each row, from 0 to n - 1, shape (rows,).
    values
        The addends, shape (rows,).
    n
        The number of groups.

    Raises
    ------
    IndexError
        If a row's group is outside 0 to n - 1.
    """
    totals = np.zeros(n)
    for i in range(values.shape[0]):
        group = group_index[i]
        if group < 0 or group >= n:
            raise IndexError("a row's group is outside the range of groups")
        totals[group] += values[i]
    return totals

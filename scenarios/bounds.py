"""Rounding at the ends of a range: a number that arithmetic put just beyond an end is that end."""

SLACK = 1e-12
"""Rounding that is forgiven, as a share of the larger end: thousands of times what a sum and a product can err by."""


def within(value: float, low: float, high: float) -> float:
    """Return the end of a range that a value misses by rounding alone; any other value as it is, inside or not."""
    slack = SLACK * max(abs(end) for end in (low, high) if abs(end) < float("inf"))
    if low - slack <= value < low:
        return low
    return high if high < value <= high + slack else value


def along(low: float, high: float, share: float) -> float:
    """Return the number at a share, in [0, 1], of the way from low to high; never beyond either end."""
    return float(min(max(low + (high - low) * share, low), high))

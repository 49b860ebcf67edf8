"""Intervals drawn with characters, on one scale for all rows of a table."""

import math
from collections.abc import Callable, Sequence

Ends = tuple[float | None, float | None, float | None]
"""Mean, low and high; None where unknown."""


def drawn_intervals(intervals: Sequence[Ends], width: int = 24) -> list[str]:
    """Each interval as a line with its mean as a dot.

    Args:
        intervals: mean, low and high of each row.
        width: characters per row; nothing is drawn in fewer than 3.

    Returns:
        One text of `width` characters per row; blank where there is no mean.

    Example:
        >>> drawn_intervals([(0.5, 0.0, 1.0), (1.0, None, None)], width=9)
        ['├───●───┤', '        ●']
    """
    if width < 3:
        return [""] * len(intervals)
    known = [value for ends in intervals for value in ends if value is not None and math.isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)

    def at(value: float) -> int:
        return round((value - low) / (high - low) * (width - 1)) if high > low else width // 2

    return ["".join(_row(ends, at, width)) for ends in intervals]


def _row(ends: Ends, at: Callable[[float], int], width: int) -> list[str]:
    mean, low, high = ends
    cells = [" "] * width
    if mean is None:
        return cells
    if low is not None and high is not None:
        first, last = at(low), at(high)
        cells[first : last + 1] = ["─"] * (last - first + 1)
        cells[first], cells[last] = "├", "┤"
    cells[at(mean)] = "●"
    return cells

"""Round numbers for the ticks of an axis."""

from collections.abc import Sequence
from math import ceil, floor, log10


def nice_ticks(
    low: float,
    high: float,
    most: int = 6,
    *,
    whole: bool = False,
    log: Sequence[Sequence[int]] = (),
    fewest: int = 2,
) -> list[float]:
    """The round numbers within a range, as many as fit: multiples of 1, 2 or 5 times a power of ten.

    Args:
        low: lower end, included.
        high: upper end, included.
        most: number of ticks.
        whole: whether only whole numbers are ticks.
        log: the axis is logarithmic, of positive numbers: leading digits of its ticks, to be tried in turn.
        fewest: ticks that a choice of leading digits must give.

    Returns:
        The ticks in ascending order, the ends themselves where there is at most one. On a logarithmic axis none where
        no choice of leading digits fits.

    Example:
        >>> nice_ticks(0.0, 0.5), nice_ticks(1e-4, 1.0, log=[(1,)])
        ([0.0, 0.1, 0.2, 0.3, 0.4, 0.5], [0.0001, 0.001, 0.01, 0.1, 1.0])
    """
    if low >= high:
        return [low]
    for leading in log:
        decades = range(floor(log10(low)), ceil(log10(high)) + 1)
        found = [m * 10.0**d for d in decades for m in leading if low * 0.999 <= m * 10.0**d <= high * 1.001]
        if fewest <= len(found) <= most:
            return found
        if len(leading) == 1 and len(found) > most:
            return found[:: ceil(len(found) / most)]
    if log:
        return []
    power = 10.0 ** floor(log10(high - low))
    step = next(m * power for m in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if (high - low) / (m * power) <= most - 1)
    step = max(round(step), 1) if whole else step
    ticks = [float(f"{k * step:.12g}") for k in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]
    return ticks if len(ticks) >= 2 else [low, high]

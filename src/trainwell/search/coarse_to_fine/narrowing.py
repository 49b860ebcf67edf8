"""From where the good trials lie to the next range: plain arithmetic on positions in the unit interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

BORDER = 0.25  # share of a range that counts as its border
What = Literal["kept", "narrowed", "widened", "moved up", "moved down"]


@dataclass(frozen=True)
class Narrowed:
    """The next range of a number.

    Attributes:
        low: its lower end, in [0, 1].
        high: its upper end.
        what: what has changed.
    """

    low: float
    high: float
    what: What


def narrow(good: Sequence[float], current: tuple[float, float], *, margin: float, smallest: float) -> Narrowed:
    """Narrow a range around the good values.

    The margin is measured in mean gaps between neighbouring good values: at 1, a range in which all values are
    equally good keeps its width in expectation (k uniform values span (k-1)/(k+1) of their range, and gaps of both
    ends make it (k+1)/(k-1) times as wide).

    Args:
        good: positions of the good trials in the declared range, best first; at least 2, in [0, 1].
        current: ends of the current range, in [0, 1].
        margin: on either side, in mean gaps between good values; at least 0.
        smallest: width of the next range as a share of the current one's, at least; in (0, 1].

    Returns:
        The next range, inside [0, 1]. It extends beyond the current one where good values of earlier rounds lie
        there, and by its width where the best value and half of the good ones sit at its border.

    Example:
        >>> narrow([0.5, 0.4, 0.6], (0.0, 1.0), margin=1.0, smallest=0.25)
        Narrowed(low=0.3, high=0.7, what='narrowed')
        >>> narrow([0.5, 0.48, 0.49], (0.4, 0.5), margin=1.0, smallest=0.25)
        Narrowed(low=0.47, high=0.6, what='moved up')
    """
    start, end = current
    width = end - start
    gap = margin * (max(good) - min(good)) / (len(good) - 1)
    low, high = min(good) - gap, max(good) + gap
    up = end < 1 and at_upper(good, start, end)
    down = start > 0 and at_upper([-value for value in good], -end, -start)
    if up:
        high = max(high, end + width)
    if down:
        low = min(low, start - width)
    lacking = smallest * width - (high - low)
    if lacking > 0:
        low, high = low - lacking / 2, high + lacking / 2
    low, high = max(low, 0.0), min(high, 1.0)
    if high - low < smallest * width:  # cut off at an end of the declared range: grow to the other side
        low, high = (low, min(low + smallest * width, 1.0)) if low == 0 else (max(high - smallest * width, 0.0), high)
    return Narrowed(round(low, 12), round(high, 12), _what(current, low, high, up, down))


def at_upper(good: Sequence[float], start: float, end: float, share: float = BORDER) -> bool:
    """Whether the best value and at least half of the good ones lie in the uppermost share of a range."""
    border = end - share * (end - start)
    return good[0] >= border and 2 * sum(value >= border for value in good) >= len(good)


def _what(current: tuple[float, float], low: float, high: float, up: bool, down: bool) -> What:
    """Name the change."""
    if up != down:
        return "moved up" if up else "moved down"
    width = current[1] - current[0]
    if high - low < 0.99 * width:
        return "narrowed"
    return "widened" if high - low > 1.01 * width else "kept"

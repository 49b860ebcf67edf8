"""Critical points of a sum of one function over all axes: every combination of the function's own."""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np

from trainwell.landscape.critical.point import CriticalPoint, Kind


def grid_of_points(
    roots: Sequence[float], value: Callable[[float], float], second: Callable[[float], float], dimension: int
) -> tuple[CriticalPoint, ...]:
    """The critical points of f(x) = Σ h(xᵢ), minima first, by value.

    Args:
        roots: the zeros of h′; h is lowest at one of them.
        value: h.
        second: h″, not 0 at the roots: below 0 on none of the axes makes a minimum, on all a maximum.
        dimension: number of axes.
    """
    heights = {root: value(root) for root in roots}
    bends = {root: second(root) > 0 for root in roots}
    least = dimension * min(heights.values())
    found = []
    for point in product(roots, repeat=dimension):
        up = sum(bends[root] for root in point)
        kind: Kind = "minimum" if up == dimension else "maximum" if up == 0 else "saddle"
        height = sum(heights[root] for root in point)
        found.append(CriticalPoint(np.array(point), height, kind, is_global=bool(height <= least + 1e-12)))
    order = {"minimum": 0, "saddle": 1, "maximum": 2}
    return tuple(sorted(found, key=lambda one: (order[one.kind], one.value)))

"""Surfaces with many minima."""

from collections.abc import Callable, Sequence
from itertools import pairwise, product
from math import cos, pi, sin

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.landscape.surfaces.checks import MOST_LISTED, cube, whole_number
from trainwell.landscape.surfaces.surface import CriticalPoint, Kind, Numbers, Surface, minimum

HIMMELBLAU_MINIMA = (
    (3.0, 2.0),
    (3.5844283403304917, -1.8481265269644034),
    (-3.779310253377747, -3.283185991286169),
    (-2.805118086952745, 3.131312518250573),
)
HIMMELBLAU_SADDLES = (
    ((3.3851541836070207, 0.07385187983774928), 13.31192627040559),
    ((0.08667750455539634, 2.884254701174776), 67.71915008752613),
    ((-3.0730257507643897, -0.08135304428796751), 104.01516291755811),
    ((-0.12796134673068005, -1.9537149802445766), 178.33723920192745),
)
HIMMELBLAU_TOP = ((-0.2708445906673476, -0.9230385564799816), 181.6165215225827)


def _himmelblau(x: Float[Array, " 2"], numbers: Numbers) -> Float[Array, ""]:
    """(x² + y − 11)² + (x + y² − 7)²."""
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


def himmelblau() -> Surface:
    """Himmelblau's function, with four minima; start and optimizer decide which one is reached.

    Source: Himmelblau 1972, "Applied nonlinear programming"; all critical points are roots of the gradient.
    """
    return Surface(
        "himmelblau",
        _himmelblau,
        cube(2, -5, 5),
        np.array([0.0, 0.0]),
        (
            *(minimum(np.array(point)) for point in HIMMELBLAU_MINIMA),
            *(CriticalPoint(np.array(point), height, "saddle") for point, height in HIMMELBLAU_SADDLES),
            CriticalPoint(np.array(HIMMELBLAU_TOP[0]), HIMMELBLAU_TOP[1], "maximum"),
        ),
        complete=True,
        description="four equal minima around a hill",
        source="Himmelblau 1972",
    )


SIDE = 5.12


def _rastrigin(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """Σ xᵢ² + 10(1 − cos 2πxᵢ)."""
    return jnp.sum(x**2 + 10 * (1 - jnp.cos(2 * jnp.pi * x)))


def rastrigin(dimension: int = 2) -> Surface:
    """Rastrigin's function: along every axis 11 minima, with higher values farther out, and 10 maxima between them.

    In two dimensions it has 121 minima, 220 saddles and 100 maxima within its domain.

    Args:
        dimension: D.

    Raises:
        LandscapeError: the dimension is out of range.

    Source: Rastrigin 1974; Mühlenbein, Schomisch & Born 1991, "The parallel genetic algorithm as function optimizer".
    """
    D = whole_number("the dimension of 'rastrigin'", dimension)
    roots = _rastrigin_roots()
    listed = len(roots) ** D <= MOST_LISTED
    return Surface(
        "rastrigin",
        _rastrigin,
        cube(D, -SIDE, SIDE),
        np.linspace(-3.7, -2.3, D) if D > 1 else np.array([-3.7]),
        grid_of_points(roots, _rastrigin_height, D) if listed else (minimum(np.zeros(D)),),
        complete=listed,
        description="a bowl full of holes",
        source="Rastrigin 1974; Mühlenbein, Schomisch & Born 1991",
    )


def _rastrigin_height(x: float) -> float:
    return x * x + 10 * (1 - cos(2 * pi * x))


def _rastrigin_slope(x: float) -> float:
    return 2 * x + 20 * pi * sin(2 * pi * x)


def _rastrigin_second(x: float) -> float:
    return 2 + 40 * pi**2 * cos(2 * pi * x)


def _rastrigin_roots() -> list[float]:
    """Points where the slope along one axis is 0: one in each half wave, where it changes its sign."""
    ends = [-5.25 + 0.5 * i for i in range(22)]  # the sine is ±1 here, and the slope has its sign: 20π > 2·5.25
    return [0.0 if a == -b else _rastrigin_root(a, b) for a, b in pairwise(ends)]


def _rastrigin_root(low: float, high: float) -> float:
    """Newton's method, with bisection if a step would leave the bracket."""
    rising = _rastrigin_slope(low) < 0
    x = (low + high) / 2
    for _ in range(100):
        slope = _rastrigin_slope(x)
        low, high = (x, high) if (slope < 0) == rising else (low, x)
        newton = x - slope / _rastrigin_second(x)
        closer = newton if low < newton < high else (low + high) / 2
        if abs(closer - x) <= 1e-16 * abs(x):
            break
        x = closer
    return x


def _styblinski_tang(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """½ Σ xᵢ⁴ − 16xᵢ² + 5xᵢ."""
    return 0.5 * jnp.sum(x**4 - 16 * x**2 + 5 * x)


def styblinski_tang(dimension: int = 2) -> Surface:
    """The Styblinski-Tang function: 3^D critical points, 2^D of them minima, one of these global.

    Args:
        dimension: D.

    Raises:
        LandscapeError: the dimension is out of range.

    Source: Styblinski & Tang 1990, "Experiments in nonconvex optimization".
    """
    D = whole_number("the dimension of 'styblinski_tang'", dimension)
    roots = _styblinski_tang_roots()
    listed = 3**D <= MOST_LISTED
    deepest = np.full(D, roots[0])
    return Surface(
        "styblinski_tang",
        _styblinski_tang,
        cube(D, -5, 5),
        np.linspace(0.5, 4.0, D) if D > 1 else np.array([4.0]),
        grid_of_points(roots, _styblinski_tang_height, D)
        if listed
        else (minimum(deepest, D * _styblinski_tang_height(roots[0])),),
        complete=listed,
        description="two minima along every axis, the left one deeper",
        source="Styblinski & Tang 1990",
    )


def _styblinski_tang_height(x: float) -> float:
    return 0.5 * (x**4 - 16 * x**2 + 5 * x)


def _styblinski_tang_roots() -> list[float]:
    """The zeros of 2x³ − 16x + 5/2, ascending: Viète's formula, then one Newton step for the last digit."""
    p, q = -8.0, 1.25  # x³ + px + q
    size = 2 * np.sqrt(-p / 3)
    angle = np.arccos(3 * q / (p * size)) / 3
    x = np.sort(size * np.cos(angle - 2 * np.pi * np.arange(3) / 3))
    x = x - (x**3 + p * x + q) / (3 * x**2 + p)
    return [float(root) for root in x]


def grid_of_points(
    roots: Sequence[float], value: Callable[[float], float], dimension: int
) -> tuple[CriticalPoint, ...]:
    """The critical points of f(x) = Σ h(xᵢ), minima first, by value.

    Args:
        roots: the zeros of h′, ascending: minima of h, with a maximum between any two.
        value: h.
        dimension: number of axes.
    """
    heights = {root: value(root) for root in roots}
    bends = {root: i % 2 == 0 for i, root in enumerate(roots)}  # upwards on all axes at a minimum, on none at a maximum
    least = dimension * min(heights.values())
    found = []
    for point in product(roots, repeat=dimension):
        up = sum(bends[root] for root in point)
        kind: Kind = "minimum" if up == dimension else "maximum" if up == 0 else "saddle"
        height = sum(heights[root] for root in point)
        found.append(CriticalPoint(np.array(point), height, kind, is_global=bool(height <= least + 1e-12)))
    order = {"minimum": 0, "saddle": 1, "maximum": 2}
    return tuple(sorted(found, key=lambda one: (order[one.kind], one.value)))

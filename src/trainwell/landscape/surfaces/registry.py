"""The built-in surfaces by name."""

from collections.abc import Callable
from functools import lru_cache
from inspect import signature
from typing import Any

from trainwell.core import nearest
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.surfaces.bowls_and_saddles import booth, bowl, monkey_saddle, quadratic, saddle
from trainwell.landscape.surfaces.many_minima import himmelblau, rastrigin, styblinski_tang
from trainwell.landscape.surfaces.surface import Surface
from trainwell.landscape.surfaces.valleys import beale, double_valley, plateau, rosenbrock

_ALL = (
    bowl,
    quadratic,
    beale,
    rosenbrock,
    himmelblau,
    booth,
    rastrigin,
    styblinski_tang,
    saddle,
    monkey_saddle,
    plateau,
    double_valley,
)
SURFACES: dict[str, Callable[..., Surface]] = {factory.__name__: factory for factory in _ALL}
"""Functions that make the built-in surfaces, by name."""


def surface(name: str, **numbers: Any) -> Surface:
    """The built-in surface with this name.

    Args:
        name: a key of `SURFACES`.
        **numbers: parameters, which are arguments of the surface's function, such as `dimension=5`.

    Returns:
        The surface; the same object for the same parameters.

    Raises:
        LandscapeError: the name is unknown, the surface has no such parameter, or one is out of range.

    Example:
        >>> surface("rosenbrock", dimension=3).minima[0].point.tolist()
        [1.0, 1.0, 1.0]
    """
    if name not in SURFACES:
        raise LandscapeError(f"there is no surface '{name}': {nearest(str(name), SURFACES)}")
    known = signature(SURFACES[name]).parameters
    for number in numbers:
        if number not in known:
            hint = nearest(number, known) if known else "it has none"
            raise LandscapeError(f"the surface '{name}' has no parameter '{number}': {hint}")
        if not isinstance(numbers[number], int | float | None):
            raise LandscapeError(f"{number} of the surface '{name}' must be a number, got {numbers[number]!r}")
    return _made(name, tuple(sorted(numbers.items())))


def surface_of(given: Surface | str) -> Surface:
    """A surface, or the built-in surface with this name.

    Raises:
        LandscapeError: it is neither a surface nor a known name.
    """
    made = surface(given) if isinstance(given, str) else given
    if not isinstance(made, Surface):
        raise LandscapeError(f"a surface or its name is needed, got {type(made).__name__}: see own_surface")
    return made


@lru_cache(maxsize=256, typed=True)
def _made(name: str, numbers: tuple[tuple[str, Any], ...]) -> Surface:
    return SURFACES[name](**dict(numbers))

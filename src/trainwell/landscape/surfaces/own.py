"""A surface of the user's own: any function that JAX can trace."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Array, ArrayLike, Float

from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.surfaces.surface import CriticalPoint, Numbers, Surface

DOMAIN = (-10.0, 10.0)


@dataclass(frozen=True)
class OwnFormula:
    """A function of a point alone as a surface's formula; surfaces of the same function share compiled programs."""

    function: Callable[[Float[Array, " D"]], Any]

    def __call__(self, x: Float[Array, " D"], numbers: Numbers) -> Any:
        """The function's value."""
        return self.function(x)


def own_surface(
    function: Callable[[Float[Array, " D"]], Any],
    dimension: int,
    *,
    domain: Sequence[float] | Float[ArrayLike, "D 2"] = DOMAIN,
    start: Float[ArrayLike, " D"] | None = None,
    critical: Sequence[CriticalPoint] = (),
    name: str | None = None,
) -> Surface:
    """A surface from a Python function.

    Args:
        function: of a point `[D]`, written with `jax.numpy`; returns one number.
        dimension: D.
        domain: lower and upper end of every axis, or of all.
        start: the usual start; None is halfway between the domain's middle and its lower ends.
        critical: critical points, where they are known.
        name: how errors and pages call it; None is the function's own name.

    Returns:
        The surface.

    Raises:
        LandscapeError: the function cannot be traced, returns no single number, or is not finite at the start; or a
            size does not fit.

    Example:
        >>> import jax.numpy as jnp
        >>> waves = own_surface(lambda x: jnp.sum(jnp.sin(x) ** 2), 3, domain=(-4, 4), name="waves")
        >>> waves.dimension, waves.start.tolist()
        (3, [-2.0, -2.0, -2.0])
    """
    if not callable(function):
        raise LandscapeError(f"a surface must be a function of a point, got {type(function).__name__}")
    if isinstance(dimension, bool) or not isinstance(dimension, int | np.integer) or dimension < 1:
        raise LandscapeError(f"dimension must be a whole number from 1, got {dimension!r}")
    called = str(getattr(function, "__name__", "own")) if name is None else name
    try:
        ends = np.asarray(domain, np.float64)
        ends = np.tile(ends, (dimension, 1)) if ends.shape == (2,) else ends
        if ends.shape != (dimension, 2):
            raise ValueError(f"the domain is of shape {list(ends.shape)}, not [2] or [{dimension}, 2]")
        begin = ends @ (0.75, 0.25) if start is None else np.asarray(start, np.float64)
    except (TypeError, ValueError) as error:
        raise LandscapeError(f"surface '{called}': domain and start must be numbers ({error})") from error
    if begin.shape != (dimension,):
        raise LandscapeError(f"surface '{called}' has dimension {dimension}, but a start of shape {list(begin.shape)}")
    return Surface(called, OwnFormula(function), ends, begin, tuple(critical), description="a function of one's own")

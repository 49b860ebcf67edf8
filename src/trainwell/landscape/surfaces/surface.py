"""Surface: a function of a few numbers with a domain, a start and its known critical points."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from trainwell.core import stream
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.surfaces.checks import whole_number

Kind: TypeAlias = Literal["minimum", "saddle", "maximum"]


@dataclass(frozen=True, eq=False)
class CriticalPoint:
    """A point of a surface where its gradient is 0.

    Attributes:
        point: its coordinates.
        value: the surface's value there.
        kind: minimum, saddle or maximum.
        is_global: whether it is a global minimum or maximum.
    """

    point: Float[np.ndarray, " D"]
    value: float
    kind: Kind
    is_global: bool = False

    @property
    def title(self) -> str:
        """Its kind as text: `global minimum`, `local minimum`, `saddle` or `maximum`."""
        return self.kind if self.kind != "minimum" else "global minimum" if self.is_global else "local minimum"


def minimum(point: Float[np.ndarray, " D"], value: float = 0.0) -> CriticalPoint:
    """A global minimum."""
    return CriticalPoint(point, value, "minimum", is_global=True)


Numbers: TypeAlias = Mapping[str, ArrayLike]
"""A surface's parameters by name. They are traced: surfaces that differ only in them share compiled programs."""
Formula: TypeAlias = Callable[[Float[Array, " D"], Numbers], Float[Array, ""]]
"""`formula(x, numbers) -> value`."""


@dataclass(frozen=True, eq=False)
class Surface:
    """A function of D numbers with a domain, a start and its known critical points.

    Attributes:
        name: its name in messages and on pages.
        formula: `formula(x, numbers) -> value`, written for JAX.
        domain: lower and upper end of every axis.
        start: the default start, within the domain.
        critical: known critical points within the domain.
        complete: whether these are all critical points.
        numbers: parameters of the formula by name.
        description: what makes it interesting.
        source: publication of the formula.

    Raises:
        LandscapeError: shapes do not fit; a side of the domain is empty; a point is outside the domain; or value or
            gradient is not finite at the start.

    Example:
        >>> hill = Surface("hill", lambda x, numbers: x @ x, np.array([[-2.0, 2.0]] * 2), np.array([1.0, 2.0]))
        >>> float(hill.function(hill.start)), hill.dimension
        (5.0, 2)
    """

    name: str
    formula: Formula
    domain: Float[np.ndarray, "D 2"]
    start: Float[np.ndarray, " D"]
    critical: tuple[CriticalPoint, ...] = ()
    complete: bool = False
    numbers: Mapping[str, np.ndarray] = field(default_factory=dict)
    description: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        for name in ("domain", "start"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))
        if self.start.ndim != 1 or not len(self.start) or self.domain.shape != (len(self.start), 2):
            raise LandscapeError(
                f"surface '{self.name}': domain must be [D, 2] and start [D], got {list(self.domain.shape)} and "
                f"{list(self.start.shape)}: give a lower and an upper end for every axis"
            )
        low, high = self.domain.T
        if not (np.isfinite(self.domain).all() and (low < high).all()):
            raise LandscapeError(f"surface '{self.name}': every lower end of the domain must be below its upper end")
        for what, point in (("start", self.start), *(("critical point", one.point) for one in self.critical)):
            if np.shape(point) != self.start.shape or not self.inside(point):
                raise LandscapeError(f"surface '{self.name}': the {what} {shown(point)} is not in its domain")
        self._check_function()

    @property
    def dimension(self) -> int:
        """D."""
        return len(self.start)

    @property
    def minima(self) -> tuple[CriticalPoint, ...]:
        """The known minima."""
        return tuple(one for one in self.critical if one.kind == "minimum")

    @property
    def global_minima(self) -> tuple[CriticalPoint, ...]:
        """The known global minima."""
        return tuple(one for one in self.minima if one.is_global)

    @property
    def lowest(self) -> float | None:
        """The value of the global minimum; None if it is unknown."""
        return min((one.value for one in self.global_minima), default=None)

    def function(self, x: ArrayLike) -> Float[Array, ""]:
        """The surface's value at a point, in the point's dtype; a JAX function that can be differentiated."""
        point = jnp.asarray(x)
        return self.formula(point, self._numbers_like(point))

    def values(self, points: Float[ArrayLike, "N D"]) -> Float[np.ndarray, " N"]:
        """The values at several points."""
        some = jnp.asarray(points)
        return np.asarray(_values(self.formula, some, self._numbers_like(some)))

    def hessians(self, points: Float[ArrayLike, "N D"]) -> Float[np.ndarray, "N D D"]:
        """The second derivatives at several points."""
        some = jnp.asarray(points)
        return np.asarray(_hessians(self.formula, some, self._numbers_like(some)))

    def _numbers_like(self, points: Array) -> dict[str, Array]:
        return {name: jnp.asarray(value, points.dtype) for name, value in self.numbers.items()}

    def inside(self, points: Float[ArrayLike, "... D"]) -> Any:
        """Whether points are in the domain, its ends included."""
        low, high = self.domain.T
        return ((low <= np.asarray(points)) & (np.asarray(points) <= high)).all(-1)

    def random_starts(self, count: int, seed: int = 0) -> Float[np.ndarray, "S D"]:
        """Start points drawn uniformly from the domain; the first ones do not depend on `count`.

        Raises:
            LandscapeError: the count is below 1, or the seed is below 0.
        """
        count, seed = whole_number("the number of starts", count), whole_number("the seed of the starts", seed, 0)
        low, high = self.domain.T
        return np.asarray(low + (high - low) * stream(seed, "starts").random((count, self.dimension)))

    def _check_function(self) -> None:
        """Raise an error if the function cannot be traced, is not scalar, or is not finite at the start."""
        who, start = f"surface '{self.name}'", jnp.asarray(self.start)
        try:
            seen = jax.eval_shape(self.function, start)
        except Exception as error:  # whatever a user's function raises
            first = next(iter(str(error).splitlines()), "")
            raise LandscapeError(
                f"{who}: its function cannot be traced ({type(error).__name__}: {first}): write it with jax.numpy, "
                "without branching on x"
            ) from error
        shape, dtype = getattr(seen, "shape", None), getattr(seen, "dtype", np.dtype(bool))
        if shape != () or not jnp.issubdtype(dtype, jnp.floating):
            got = type(seen).__name__ if shape is None else f"{dtype} of shape {list(shape)}"
            raise LandscapeError(f"{who}: its function must return one real number per point, got {got}")
        value, gradient = _value_and_gradient(self.formula, start, self._numbers_like(start))
        for what, found in (("value", value), ("gradient", gradient)):
            if not np.isfinite(found).all():
                raise LandscapeError(
                    f"{who}: the {what} at the start {shown(self.start)} is not finite: choose another start"
                )


@partial(jax.jit, static_argnums=0)
def _values(formula: Formula, points: Float[Array, "N D"], numbers: Numbers) -> Float[Array, " N"]:
    found: Float[Array, " N"] = jax.vmap(lambda x: formula(x, numbers))(points)
    return found


@partial(jax.jit, static_argnums=0)
def _value_and_gradient(
    formula: Formula, point: Float[Array, " D"], numbers: Numbers
) -> tuple[Float[Array, ""], Float[Array, " D"]]:
    found: tuple[Float[Array, ""], Float[Array, " D"]] = jax.value_and_grad(formula)(point, numbers)
    return found


@partial(jax.jit, static_argnums=0)
def _hessians(formula: Formula, points: Float[Array, "N D"], numbers: Numbers) -> Float[Array, "N D D"]:
    found: Float[Array, "N D D"] = jax.vmap(jax.hessian(lambda x: formula(x, numbers)))(points)
    return found


def shown(point: Any, most: int = 6) -> str:
    """A point as text.

    Example:
        >>> shown([1.0, -0.5])
        '(1, -0.5)'
    """
    parts = [f"{float(part):g}" for part in np.ravel(point)]
    return f"({', '.join(parts[:most])}{', …' if len(parts) > most else ''})"


DOMAIN = (-10.0, 10.0)


@dataclass(frozen=True)
class OwnFormula:
    """A user's function as a surface's formula; surfaces of the same function share compiled programs."""

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
        function: takes a point `[D]` and returns one number; written with `jax.numpy`.
        dimension: D.
        domain: lower and upper end of every axis, or one pair for all axes.
        start: the default start; None is halfway between the domain's middle and its lower ends.
        critical: known critical points.
        name: its name in messages and on pages; None uses the function's name.

    Returns:
        The surface.

    Raises:
        LandscapeError: the function cannot be traced, does not return one number, or is not finite at the start; or
            shapes do not fit.

    Example:
        >>> import jax.numpy as jnp
        >>> waves = own_surface(lambda x: jnp.sum(jnp.sin(x) ** 2), 3, domain=(-4, 4), name="waves")
        >>> waves.dimension, waves.start.tolist()
        (3, [-2.0, -2.0, -2.0])
    """
    if not callable(function):
        raise LandscapeError(f"a surface must be a function of a point, got {type(function).__name__}")
    dimension = whole_number("dimension", dimension)
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
    return Surface(called, OwnFormula(function), ends, begin, tuple(critical), description="your own function")

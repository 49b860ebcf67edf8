"""A surface as the engine's problem. Descents are measured while they run, so that paths need not be stored."""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int, PyTree, UInt32

from trainwell.core import stream
from trainwell.landscape.surfaces.surface import Formula, Surface
from trainwell.nn import noise_at, random_bits
from trainwell.training import Numbers

Leaf: TypeAlias = Any
"""A JAX array inside the program, a NumPy array outside. Comments give shapes."""


class Ground(NamedTuple):
    """Numbers of the surface and the request that the measures need."""

    axes: Leaf  # [D D]
    """The principal axes, as rows."""
    centre: Leaf  # [D]
    """The middle of the domain."""
    reach: Leaf  # [D]
    """Distance from the middle, along each coordinate, beyond which a descent has left."""
    tolerance: Leaf  # scalar
    """The gradient's norm at or below which a descent has settled."""


class Measures(NamedTuple):
    """Where a descent is, and its measures so far."""

    x: Leaf  # [D]
    value: Leaf  # scalar
    gradient: Leaf  # [D]
    """Current point, value and gradient; if the descent has left, those of the first point outside."""
    left: Leaf  # scalar
    """Updates after which the descent was outside, or its value or gradient not finite; -1 before."""
    settled: Leaf  # scalar
    """Updates since which the gradient's norm has been at most the tolerance; -1 if it is above."""
    least: Leaf  # scalar
    """The smallest value."""
    length: Leaf  # scalar
    """Length of the path, Σ ‖xₜ₊₁ − xₜ‖."""
    turns: Leaf  # [D]
    """Changes of direction along each principal axis."""
    heading: Leaf  # [D]
    """Sign of the last move along each principal axis; 0 before the first."""
    low: Leaf  # [D]
    """Smallest coordinate along each principal axis."""
    high: Leaf  # [D]
    """Largest coordinate along each principal axis."""


UNROLLED = 8
"""Largest dimension for which sums over axes are unrolled; for a cohort of points they become plain additions."""


def total(terms: Float[Array, " D"]) -> Float[Array, ""]:
    """The sum of a few numbers."""
    return sum(terms[1:], terms[0]) if len(terms) <= UNROLLED else jnp.sum(terms)


def along(axes: Float[Array, "D D"], x: Float[Array, " D"]) -> Float[Array, " D"]:
    """Coordinates along the principal axes."""
    if len(x) > UNROLLED:
        return axes @ x
    return jnp.stack([total(axis * x) for axis in axes])


def measures_at(
    x: Float[Array, " D"], value: Float[Array, ""], gradient: Float[Array, " D"], ground: Ground
) -> Measures:
    """The measures at the start of a descent, where value and gradient are finite."""
    none, place, zero = jnp.asarray(-1, jnp.int32), along(ground.axes, x), jnp.zeros_like(x)
    settled = jnp.where(_norm(gradient) <= ground.tolerance, 0, none)
    turns = jnp.zeros(x.shape, jnp.int32)
    return Measures(x, value, gradient, none, settled, value, jnp.zeros_like(value), turns, zero, place, place)


def measured(
    before: Measures,
    x: Float[Array, " D"],
    value: Float[Array, ""],
    gradient: Float[Array, " D"],
    ground: Ground,
    step: Int[Array, ""],
) -> Measures:
    """The measures after an update; unchanged once the descent has left.

    Args:
        before: measures before the update.
        x: the new point.
        value: the surface's value at `x`.
        gradient: the surface's gradient at `x`.
        ground: numbers of the surface and the request.
        step: updates done.
    """
    # 0 times a number is 0 only if the number is finite.
    finite = total(gradient * 0) + value * 0 == 0
    here = finite & (total((jnp.abs(x - ground.centre) <= ground.reach).astype(x.dtype)) == len(x))
    small, none = _norm(gradient) <= ground.tolerance, jnp.asarray(-1, jnp.int32)
    move, place = along(ground.axes, x - before.x), along(ground.axes, x)
    heading = jnp.sign(move)
    inside = before._replace(
        settled=jnp.where(small, jnp.where(before.settled < 0, step, before.settled), none),
        least=jnp.where(value < before.least, value, before.least),
        length=before.length + _norm(x - before.x),
        turns=before.turns + (heading * before.heading < 0),
        heading=jnp.where(heading == 0, before.heading, heading),
        low=jnp.where(place < before.low, place, before.low),
        high=jnp.where(place > before.high, place, before.high),
    )
    outside = before._replace(left=step, settled=none)
    after = jax.tree.map(lambda a, b: jnp.where(here, a, b), inside, outside)
    after = after._replace(x=x, value=value, gradient=gradient)
    kept: Measures = jax.tree.map(lambda a, b: jnp.where(before.left < 0, a, b), after, before)
    return kept


def _norm(x: Float[Array, " D"]) -> Float[Array, ""]:
    return jnp.sqrt(total(x * x))


def principal_axes(surface: Surface) -> Float[np.ndarray, "D D"]:
    """The eigenvectors of the Hessian, as rows, the most curved first.

    The Hessian is taken at the surface's first known global minimum, else at its start. If it is not finite, the
    principal axes are the coordinate axes. Each axis has the sign that makes its largest component positive.

    Example:
        >>> from trainwell.landscape.surfaces.bowls_and_saddles import bowl
        >>> principal_axes(bowl()).round(6).tolist()  # y is the steep one
        [[0.0, 1.0], [1.0, 0.0]]
    """
    at = next((one.point for one in surface.minima if one.is_global), surface.start)
    hessian = surface.hessians(at[None])[0].astype(np.float64)
    if not np.isfinite(hessian).all():
        return np.eye(surface.dimension)
    curvatures, vectors = np.linalg.eigh(hessian)
    rows = vectors.T[np.argsort(-abs(curvatures), kind="stable")]
    largest = np.take_along_axis(rows, abs(rows).argmax(1)[:, None], 1)
    return np.asarray(rows * np.sign(largest) + 0.0)  # no −0


REACH = 100.0
"""Distance from the domain's middle, in half-widths, beyond which a descent has left."""
COHORT_SIZE = 2048
"""Largest number of points of a cohort, so that its state stays in a core's cache."""
FLOPS_PER_AXIS = 100.0  # operations per coordinate of a point, roughly


@dataclass(frozen=True)
class Structure:
    """Everything that changes the compiled program."""

    formula: Formula
    dimension: int
    cohort_size: int
    noisy: bool
    looks_ahead: bool
    paths: bool


@dataclass(frozen=True, eq=False)
class SurfaceProblem:
    """Descents on a surface. The starts are divided into cohorts of equal size; the member with seed i is cohort i.

    All cohorts share a program. The last one is filled with copies of the first start.

    Attributes:
        surface: the surface.
        starts: all start points.
        tolerance: norm of the gradient at or below which a descent has settled.
        noise: standard deviation of the normal noise that is added to each component of the optimizer's gradient.
        noise_seed: seed of the noise; all optimizers get the same noise from the same start.
        looks_ahead: whether the rule takes the gradient at another point than the current one.
        paths: whether to record every point; otherwise only measures are kept.
        dtype: dtype of points and arithmetic.
    """

    surface: Surface
    starts: Float[np.ndarray, "S D"]
    tolerance: float
    noise: float = 0.0
    noise_seed: int = 0
    looks_ahead: bool = False
    paths: bool = False
    dtype: Any = np.float32

    steps_per_epoch = 1
    metric = "loss"  # not used: descents have no early stopping
    deterministic = False  # without noise it is, but there is no gradient to reuse
    cohort = True

    @cached_property
    def cohorts(self) -> Int[np.ndarray, "cohorts size"]:
        """The index of each point's start."""
        S = len(self.starts)
        size = min(COHORT_SIZE, 1 << (S - 1).bit_length())
        filled = np.zeros(-(-S // size) * size, np.int64)
        filled[:S] = np.arange(S)
        return filled.reshape(-1, size)

    @cached_property
    def structure(self) -> Structure:
        """Everything that changes the compiled program."""
        surface, size = self.surface, len(self.cohorts[0])
        return Structure(surface.formula, surface.dimension, size, self.noise > 0, self.looks_ahead, self.paths)

    @property
    def facts(self) -> dict[str, Any]:
        """The surface's name, the starts, and the seed of the noise."""
        return {"surface": self.surface.name, "starts": self.starts.tolist(), "noise_seed": self.noise_seed}

    @cached_property
    def data(self) -> dict[str, Any]:
        """The surface's numbers, those of the measures, and the standard deviation of the noise."""
        low, high = self.surface.domain.T
        ground = (principal_axes(self.surface), (low + high) / 2, REACH * (high - low) / 2, np.array(self.tolerance))
        return {
            "numbers": {name: jnp.asarray(value, self.dtype) for name, value in self.surface.numbers.items()},
            "ground": Ground(*(jnp.asarray(part, self.dtype) for part in ground)),
            "noise": jnp.asarray(self.noise, self.dtype),
        }

    @property
    def flops_per_step(self) -> float:
        """A rough estimate, which only determines the length of a chunk."""
        return FLOPS_PER_AXIS * self.surface.dimension * len(self.cohorts[0])

    @property
    def observed(self) -> tuple[str, ...]:
        """`value` and the coordinates if paths are recorded; else nothing."""
        return ("value", *(f"x{i}" for i in range(self.surface.dimension))) if self.paths else ()

    def init(self, seed: int) -> tuple[PyTree, PyTree]:
        """The starts of a cohort, and the measures at the starts."""
        measures = jax.tree.map(lambda leaf: leaf[self.cohorts[seed]], self.at_start)
        return [{"x": measures.x}], measures

    def numbers(self, seed: int) -> dict[str, np.ndarray]:
        """The random words for the noise of a cohort's points; empty without noise."""
        return {"noise": self._noise[self.cohorts[seed]]} if self.noise > 0 else {}

    def order(self, seed: int, first: int, count: int) -> Int[np.ndarray, "count 0"]:
        """An empty array: a surface has no rows."""
        return np.zeros((count, 0), np.int32)

    def loss(
        self,
        params: PyTree,
        carry: PyTree,
        data: PyTree,
        rows: Int[Array, " 0"],
        step: Int[Array, ""],
        numbers: Numbers,
    ) -> tuple[Float[Array, ""], PyTree]:
        """The value, with the noisy gradient; both were computed after the previous update."""
        x = params[0]["x"]
        value, gradient = carry.value, carry.gradient
        if self.looks_ahead:
            value, gradient = self._evaluated(lax.stop_gradient(x), data)
        if self.noise > 0:
            gradient = gradient + data["noise"] * _normal(noise_at(numbers["noise"], step), x)
        # A function with the surface's value and the noisy gradient as its derivative.
        return value + total(lax.stop_gradient(gradient) * (x - lax.stop_gradient(x))), carry

    def penalize(self, grads: PyTree, params: PyTree, numbers: Numbers) -> PyTree:
        """The gradient unchanged: there is no penalty."""
        return grads

    def objective(
        self,
        params: PyTree,
        carry: PyTree,
        data: PyTree,
        rows: Int[Array, " 0"],
        step: Int[Array, ""],
        numbers: Numbers,
    ) -> Float[Array, ""]:
        """The value; with noise plus the linear function whose gradient is the noise."""
        x = params[0]["x"]
        value = jnp.asarray(self.surface.formula(x, data["numbers"]), x.dtype)
        if self.noise > 0:
            value = value + total(data["noise"] * _normal(noise_at(numbers["noise"], step), x) * x)
        return value

    def update_carry(
        self, params: PyTree, carry: PyTree, data: PyTree, step: Int[Array, ""], numbers: Numbers
    ) -> PyTree:
        """The measures after an update."""
        x = params[0]["x"]
        return measured(carry, x, *self._evaluated(x, data), data["ground"], step + 1)

    def observe(
        self, params: PyTree, carry: PyTree, data: PyTree, rows: Int[Array, " 0"], numbers: Numbers
    ) -> dict[str, Array]:
        """Value and coordinates if paths are recorded."""
        seen = [carry.value, *carry.x] if self.paths else []
        return dict(zip(self.observed, seen, strict=True))

    def layer_of(self, params: PyTree) -> PyTree:
        """All parameters are in layer 0."""
        return [{"x": 0}]

    @cached_property
    def at_start(self) -> Measures:
        """The measures at all starts, with the starts as first axis."""
        starts = jnp.asarray(self.starts, self.dtype)
        found: Measures = jax.tree.map(np.asarray, _measures_at_all(self.surface.formula, starts, self.data))
        return found

    @cached_property
    def _noise(self) -> UInt32[np.ndarray, "S 2"]:
        """64 random bits for each start; those of the first starts do not depend on the number of starts."""
        return stream(self.noise_seed, "gradient noise").integers(0, 2**32, (len(self.starts), 2), np.uint32)

    def _evaluated(self, x: Float[Array, " D"], data: PyTree) -> tuple[Float[Array, ""], Float[Array, " D"]]:
        return _value_and_gradient(self.surface.formula, x, data)


def _value_and_gradient(
    formula: Formula, x: Float[Array, " D"], data: PyTree
) -> tuple[Float[Array, ""], Float[Array, " D"]]:
    value, gradient = jax.value_and_grad(formula)(x, data["numbers"])
    return jnp.asarray(value, x.dtype), gradient


@partial(jax.jit, static_argnums=0)
def _measures_at_all(formula: Formula, starts: Float[Array, "S D"], data: PyTree) -> Measures:
    def one(x: Float[Array, " D"]) -> Measures:
        return measures_at(x, *_value_and_gradient(formula, x, data), data["ground"])

    found: Measures = jax.vmap(one)(starts)
    return found


def _normal(noise: UInt32[Array, " 2"], like: Float[Array, " D"]) -> Float[Array, " D"]:
    """Standard normal random numbers from 24 random bits each, by the inverse of the normal distribution."""
    uniform = ((random_bits(noise, like.shape) >> 8).astype(like.dtype) + 0.5) / 2**23 - 1
    return jnp.sqrt(jnp.asarray(2, like.dtype)) * lax.erf_inv(uniform)

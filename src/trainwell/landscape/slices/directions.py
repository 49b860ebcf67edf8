"""Directions in the space of a network's parameters, and the lines and planes that they span."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from trainwell.core import stream
from trainwell.landscape.errors import LandscapeError
from trainwell.nn import WEIGHT_DIMENSIONS


def inner_products(a: Sequence[PyTree], b: Sequence[PyTree]) -> Float[np.ndarray, "A B"]:
    """⟨aᵢ, bⱼ⟩ for all pairs, computed leaf by leaf to save memory.

    Args:
        a: trees of one structure.
        b: trees of the same structure.

    Example:
        >>> inner_products([{"x": np.ones(2)}], [{"x": np.array([3.0, 4.0])}, {"x": np.zeros(2)}]).tolist()
        [[7.0, 0.0]]
    """
    total = np.zeros((len(a), len(b)))
    for of_a, of_b in zip(_by_leaf(a), _by_leaf(b), strict=True):
        total += of_a @ of_b.T
    return total


def difference(a: PyTree, b: PyTree) -> PyTree:
    """The difference a − b, leaf by leaf."""
    return jax.tree.map(lambda x, y: np.asarray(x) - np.asarray(y), a, b)


def check_alike(trees: Sequence[PyTree], centre: PyTree, what: str) -> None:
    """Check that all trees have the centre's structure and shapes.

    Raises:
        LandscapeError: one differs from the centre.
    """
    expected = _shapes(centre)
    for i, tree in enumerate(trees):
        if _shapes(tree) != expected:
            raise LandscapeError(
                f"{what} {i} differs from the centre in its structure or shapes: give parameters of the same network"
            )


def _shapes(tree: PyTree) -> tuple[object, ...]:
    leaves, structure = jax.tree.flatten(tree)
    return structure, [np.shape(leaf) for leaf in leaves]


def _by_leaf(trees: Sequence[PyTree]) -> list[Float[np.ndarray, "A p"]]:
    """For each leaf, one matrix whose rows are the flattened leaves of all trees."""
    leaves = zip(*(jax.tree.leaves(tree) for tree in trees), strict=True)
    return [np.stack([np.asarray(leaf, np.float64).ravel() for leaf in same]) for same in leaves]


def random_directions(params: PyTree, count: int = 2, seed: int = 0) -> list[PyTree]:
    """Normal random directions with filter normalisation.

        dᵢ ← dᵢ ‖wᵢ‖ / ‖dᵢ‖        for the incoming weights wᵢ of unit i

    A ReLU network stays the same function if a unit's weights are scaled up and the next layer's are scaled down.
    Directions scaled like the weights make slices of different networks comparable. Entries for biases and for batch
    norm's scales and shifts are 0.

    Args:
        params: the network's parameters. Arrays with at least two dimensions are weights, with one unit per entry of
            the first axis, as in [out, in].
        count: number of directions, at least 1. With many parameters they are nearly orthogonal.
        seed: seed of the directions; the first directions do not depend on the count.

    Returns:
        Directions with the structure and dtypes of the parameters.

    Raises:
        LandscapeError: there are no weights.

    Example:
        >>> params = [{"weights": np.array([[3.0, 4.0], [0.0, 0.5]]), "biases": np.ones(2)}]
        >>> (along,) = random_directions(params, 1)
        >>> np.linalg.norm(along[0]["weights"], axis=1).round(6).tolist(), along[0]["biases"].tolist()
        ([5.0, 0.5], [0.0, 0.0])

    Source: Li et al. (2018), "Visualizing the loss landscape of neural nets", section 4.
    """
    leaves, structure = jax.tree.flatten(params)
    weights = [i for i, leaf in enumerate(leaves) if np.ndim(leaf) >= WEIGHT_DIMENSIONS]
    if not weights:
        raise LandscapeError("random directions need layers with weights: give a network's parameters")
    directions = []
    for i in range(count):
        arrays = [np.zeros_like(leaf) for leaf in leaves]
        for depth, place in enumerate(weights):
            arrays[place] = _random_rows(np.asarray(leaves[place]), seed, i, depth)
        directions.append(jax.tree.unflatten(structure, arrays))
    return directions


def _random_rows(weights: np.ndarray, seed: int, i: int, depth: int) -> np.ndarray:
    """Normal random numbers, each row scaled to the norm of the weights' row."""
    draws = stream(seed, "slice direction", i, depth).standard_normal(weights.shape)
    return np.asarray(draws * (_norms(weights) / _norms(draws))).astype(weights.dtype)


def _norms(rows: Float[np.ndarray, "H ..."]) -> Float[np.ndarray, "H ..."]:
    axes = tuple(range(1, rows.ndim))
    return np.asarray(np.sqrt(np.sum(rows.astype(np.float64) ** 2, axis=axes, keepdims=True)))


def directions_between(first: PyTree, second: PyTree, third: PyTree | None = None) -> list[PyTree]:
    """The direction from one solution to another, or two directions of the plane through three solutions.

        u = θ₁ − θ₀        v = (θ₂ − θ₀) − u ⟨θ₂ − θ₀, u⟩ / ⟨u, u⟩

    θ₁ = θ₀ + u, and v is orthogonal to u; θ₂ has coordinate 1 along v.

    Args:
        first: θ₀, the centre of the slice.
        second: θ₁.
        third: θ₂; None for a line.

    Returns:
        One or two directions.

    Raises:
        LandscapeError: the solutions differ in structure, are equal, or lie on one line.

    Example:
        >>> (u, v) = directions_between({"x": np.zeros(2)}, {"x": np.array([2.0, 0.0])}, {"x": np.array([1.0, 3.0])})
        >>> u["x"].tolist(), v["x"].tolist()
        ([2.0, 0.0], [0.0, 3.0])

    Source: Goodfellow et al. (2015), "Qualitatively characterizing neural network optimization problems" (the
    line); Garipov et al. (2018), "Loss surfaces, mode connectivity, and fast ensembling of DNNs" (the plane).
    """
    others = [second] if third is None else [second, third]
    check_alike(others, first, "solution")
    directions = [difference(other, first) for other in others]
    gram = inner_products(directions, directions)
    if not gram[0, 0] > 0:
        raise LandscapeError("the two solutions are equal: give two different ones")
    if third is not None:
        u, v = directions
        share = gram[0, 1] / gram[0, 0]
        if not gram[1, 1] - share * gram[0, 1] > 1e-12 * gram[1, 1]:
            raise LandscapeError("the three solutions lie on one line: leave the third out")
        directions[1] = jax.tree.map(lambda x, y: y - np.asarray(share, y.dtype) * x, u, v)
    return directions


@dataclass(frozen=True, eq=False)
class PathComponents:
    """Principal components of a path, relative to its end.

    Attributes:
        directions: orthogonal unit vectors, the one with the largest share first; the path's start has positive
            coordinates.
        shares: each direction's share of the squared distances between the path's points and its end.
    """

    directions: tuple[PyTree, ...]
    shares: Float[np.ndarray, " A"]


def path_components(path: Sequence[PyTree], count: int = 2) -> PathComponents:
    """Principal components of a path, relative to its end.

        A = [θ₀ − θ_T; …; θ_{T−1} − θ_T]        A Aᵀ uₖ = σₖ² uₖ        dₖ = Aᵀ uₖ / σₖ        shareₖ = σₖ² / Σ σ²

    Distances are from the end and not from the mean of the points, so that the plane contains the final network; of all
    such planes it fits the path best. High shares alone say little about training: for a random walk in many dimensions
    the first share is 8/π² = 0.81, the second 0.09.

    Args:
        path: parameters in order, the end last; at least `count` others.
        count: number of components, at least 1.

    Returns:
        Directions and shares. Only a matrix [T, T] is made of all the parameters.

    Raises:
        LandscapeError: there are too few points, they differ in structure, are not finite, or span fewer directions.

    Example:
        >>> found = path_components([{"x": np.array(p)} for p in ([3.0, 1.0], [3.0, -1.0], [0.0, 0.0])])
        >>> (found.directions[0]["x"].round(6) + 0.0).tolist(), found.shares.round(6).tolist()
        ([1.0, 0.0], [0.9, 0.1])

    Source: Li et al. (2018), "Visualizing the loss landscape of neural nets", section 7.2; on shares of random walks
    Antognini and Sohl-Dickstein (2018), "PCA of high dimensional random walks with comparison to neural network
    training", about the mean of the points.
    """
    if len(path) <= count:
        raise LandscapeError(f"{count} components need a path of at least {count + 1} points, got {len(path)}")
    check_alike(path, path[-1], "point")
    moved = [difference(point, path[-1]) for point in path[:-1]]
    gram = inner_products(moved, moved)
    if not np.isfinite(gram).all():
        raise LandscapeError("the path has points that are not finite: leave them out")
    squares, vectors = np.linalg.eigh(gram)
    squares, vectors = squares[::-1][:count], vectors[:, ::-1][:, :count]
    if not squares[-1] > 1e-12 * squares[0] > 0:
        raise LandscapeError(f"the path goes in fewer than {count} directions: ask for fewer components")
    vectors = vectors * np.where(vectors[0] < 0, -1, 1) / np.sqrt(squares)
    directions = tuple(_combined(moved, weights) for weights in vectors.T)
    return PathComponents(directions, squares / np.trace(gram))


def _combined(trees: Sequence[PyTree], weights: Float[np.ndarray, " T"]) -> PyTree:
    """Σ wₜ treeₜ, computed in float64."""

    def leaf(*leaves: np.ndarray) -> np.ndarray:
        total = np.zeros(leaves[0].shape, np.float64)
        for weight, array in zip(weights, leaves, strict=True):
            total += weight * array
        return total.astype(leaves[0].dtype)

    return jax.tree.map(leaf, *trees)


Extent: TypeAlias = float | tuple[float, float] | Sequence[tuple[float, float]]
"""Extent of a slice: a number for both sides, a low and a high end, or these ends for each direction."""
MARGIN = 0.15  # around the path and marks, as a share of their width


class SliceFrame:
    """A line or plane in parameter space.

    Args:
        centre: θ, at coordinates 0.
        directions: one or two, not parallel.
        path: parameters in order.
        marks: single parameters by label.

    Raises:
        LandscapeError: structures differ; there are not one or two directions; a direction is 0; two are parallel; or
            something is not finite.
    """

    def __init__(
        self, centre: PyTree, directions: Sequence[PyTree], path: Sequence[PyTree], marks: Mapping[str, PyTree]
    ) -> None:
        if len(directions) not in (1, 2):
            raise LandscapeError(f"a slice has one or two directions, got {len(directions)}")
        check_alike(directions, centre, "direction")
        check_alike([*path, *marks.values()], centre, "point")
        self.centre, self.directions, self._path = centre, list(directions), path
        self._gram = inner_products(self.directions, self.directions)
        self.lengths: Float[np.ndarray, " n"] = np.sqrt(np.diag(self._gram))
        if not (np.isfinite(self._gram).all() and (self.lengths > 0).all()):
            raise LandscapeError("directions must be finite and not 0")
        cosines = self._gram / np.outer(self.lengths, self.lengths)
        if not np.linalg.det(cosines) > 1e-10:
            raise LandscapeError("the two directions are parallel: give one of them, or another")
        self.path = self.project(path)
        self.marks = dict(zip(marks, self.project(list(marks.values())), strict=True))

    def project(self, points: Sequence[PyTree]) -> Float[np.ndarray, "T n"]:
        """Coordinates of the points' orthogonal projections into the slice."""
        if not points:
            return np.zeros((0, len(self.directions)))
        away = [difference(point, self.centre) for point in points]
        places: Float[np.ndarray, "T n"] = np.linalg.solve(self._gram, inner_products(self.directions, away)).T
        if not np.isfinite(places).all():
            raise LandscapeError("path and marks of a slice must be finite: leave diverged points out")
        return places

    @cached_property
    def outside(self) -> float:
        """Share of the path's length that is lost by projection; NaN if the path has no length."""
        pairs = zip(self._path[1:], self._path[:-1], strict=True) if len(self._path) else ()
        pieces = [difference(after, before) for after, before in pairs]
        whole = sum(float(np.sqrt(inner_products([piece], [piece])[0, 0])) for piece in pieces)
        along = np.diff(self.path, axis=0)
        inside = np.sqrt(np.einsum("ti,ij,tj->t", along, self._gram, along)).sum()
        return max(0.0, 1 - float(inside) / whole) if whole > 0 else float("nan")

    def axes(self, extent: Extent | None, points: int) -> tuple[Float[np.ndarray, " A"], ...]:
        """Evenly spaced coordinates along each direction.

        Args:
            extent: see `Extent`; None covers the path and marks with a margin, or ±1 without any.
            points: number of points along each direction.

        Raises:
            LandscapeError: the extent is invalid, or there are fewer than 2 points.
        """
        if isinstance(points, bool) or not isinstance(points, int | np.integer) or points < 2:
            raise LandscapeError(f"a slice needs at least 2 points along each direction, got {points!r}")
        return tuple(np.linspace(low, high, int(points)) for low, high in self._ends(extent))

    def _ends(self, extent: Extent | None) -> Float[np.ndarray, "n 2"]:
        n = len(self.directions)
        if extent is None:
            drawn = np.vstack([np.zeros((1, n)), self.path, *self.marks.values()])
            low, high = drawn.min(0), drawn.max(0)
            width = np.where(high > low, high - low, 2 / (1 + 2 * MARGIN))
            middle, half = (low + high) / 2, (0.5 + MARGIN) * width
            return np.stack([middle - half, middle + half], axis=1)
        try:
            ends = np.array(extent, np.float64)
        except (TypeError, ValueError) as error:
            raise LandscapeError(f"the extent of a slice must be numbers, got {extent!r}") from error
        ends = np.array([-ends, ends]) if ends.ndim == 0 else ends
        if ends.shape not in ((2,), (n, 2)) or not np.isfinite(ends).all() or not (ends[..., 0] < ends[..., 1]).all():
            raise LandscapeError(
                f"the extent of a slice must be a number above 0, or a low and a high end (for each direction), "
                f"got {extent!r}"
            )
        return np.broadcast_to(ends, (n, 2))


def moved(centre: PyTree, directions: Sequence[PyTree], place: Float[Array, " n"]) -> PyTree:
    """θ + a d₁ + b d₂."""

    def leaf(x: Array, *along: Array) -> Array:
        return jnp.asarray(x) + sum(place[i].astype(x.dtype) * d for i, d in enumerate(along))

    return jax.tree.map(leaf, centre, *directions)

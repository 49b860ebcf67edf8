"""Where a slice lies: its centre, its directions, and what a path is like when it is projected into it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.slices.directions import check_alike, difference, inner_products

Extent: TypeAlias = float | tuple[float, float] | Sequence[tuple[float, float]]
"""How far a slice goes: to both sides, from a low to a high end, or these ends for each direction."""
MARGIN = 0.15  # beyond what is drawn in, as a share of its width


class SliceFrame:
    """A line or plane in the space of parameters.

    Args:
        centre: θ, at coordinates 0.
        directions: one or two, not parallel.
        path: parameters in order.
        marks: single parameters by label.

    Raises:
        LandscapeError: structures differ, directions are not one or two, 0 or parallel, or something is not finite.
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
            raise LandscapeError("directions must be finite and not 0: such a direction leads nowhere")
        cosines = self._gram / np.outer(self.lengths, self.lengths)
        if not np.linalg.det(cosines) > 1e-10:
            raise LandscapeError("the two directions are parallel: give one of them, or another")
        self.path = self.project(path)
        self.marks = dict(zip(marks, self.project(list(marks.values())), strict=True))

    def project(self, points: Sequence[PyTree]) -> Float[np.ndarray, "T n"]:
        """Coordinates of the places in the slice that are nearest to some parameters."""
        if not points:
            return np.zeros((0, len(self.directions)))
        away = [difference(point, self.centre) for point in points]
        places: Float[np.ndarray, "T n"] = np.linalg.solve(self._gram, inner_products(self.directions, away)).T
        if not np.isfinite(places).all():
            raise LandscapeError("what is drawn into a slice must be finite: leave diverged points out")
        return places

    @cached_property
    def outside(self) -> float:
        """Share of the path's length that its projection lacks; NaN where there is no length."""
        pairs = zip(self._path[1:], self._path[:-1], strict=True) if len(self._path) else ()
        pieces = [difference(after, before) for after, before in pairs]
        whole = sum(float(np.sqrt(inner_products([piece], [piece])[0, 0])) for piece in pieces)
        along = np.diff(self.path, axis=0)
        inside = np.sqrt(np.einsum("ti,ij,tj->t", along, self._gram, along)).sum()
        return max(0.0, 1 - float(inside) / whole) if whole > 0 else float("nan")

    def axes(self, extent: Extent | None, points: int) -> tuple[Float[np.ndarray, " A"], ...]:
        """Evenly spaced coordinates along each direction.

        Args:
            extent: how far; None is as far as the path and the marks go, with a margin, or 1 without any.
            points: along each direction.

        Raises:
            LandscapeError: the extent is none, or there are fewer than 2 points.
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

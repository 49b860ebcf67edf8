"""Slices: a loss along one or two directions through a point, with a path, or with its Taylor expansions."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from trainwell.core import Interrupted, configure_runtime
from trainwell.data import Split
from trainwell.display import Figure, slice_chart
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.networks.loss import (
    ROWS_AT_ONCE,
    loss_at,
    loss_value,
    network_loss,
    network_plane,
    with_leaves,
)
from trainwell.landscape.slices.directions import Extent, SliceFrame
from trainwell.nn import Net
from trainwell.optim import Loss

LEAST = 1e-6  # smaller losses count as this when the reach is chosen, since only rounding errors would be visible


@dataclass(frozen=True, eq=False)
class LossAlong:
    """f(θ + t·v) for a unit vector v, and its Taylor expansions at θ.

    Attributes:
        distances: t, from −reach to reach; 0 in the middle.
        losses: f(θ + t·v).
        first: first-order expansion f(θ) + t·gᵀv.
        second: second-order expansion f(θ) + t·gᵀv + ½t²·vᵀHv.
        slope: gᵀv, at most 0: v points downhill.
        curvature: vᵀHv.
        direction: v, with the structure of the parameters.
    """

    distances: Float[np.ndarray, " T"]
    losses: Float[np.ndarray, " T"]
    first: Float[np.ndarray, " T"]
    second: Float[np.ndarray, " T"]
    slope: float
    curvature: float
    direction: PyTree


def loss_along(
    f: Loss, params: PyTree, direction: PyTree, *, reach: float | None = None, points: int = 41
) -> LossAlong:
    """A loss along one direction, with its Taylor expansions of first and second order.

    Args:
        f: the loss.
        params: θ.
        direction: a direction with the structure of `params`; it is scaled to length 1 and turned downhill.
        reach: the largest |t|, above 0. None: the distance at which ½t²·vᵀHv has the size of f(θ), but at most ‖θ‖.
        points: number of points, at least 3; an even number is increased by 1, so that θ is one of them.

    Returns:
        Distances, losses and expansions.

    Raises:
        ValueError: `reach` or `points` is out of range, or the direction has no length.

    Example:
        >>> found = loss_along(lambda p: p["x"] ** 2 + p["y"], {"x": 3.0, "y": 0.0}, {"x": 1.0, "y": 0.0}, reach=1.0)
        >>> found.slope, found.curvature, found.losses[[0, -1]].tolist()
        (-6.0, 2.0, [16.0, 4.0])

    Source: T-2ND-1.
    """
    length = float(_norm(direction))
    if points < 3 or not length > 0 or (reach is not None and not reach > 0):
        raise ValueError(
            f"points must be at least 3, the direction's length and reach above 0, got {points}, {length} and {reach}"
        )
    f, params = with_leaves(f), jax.tree.map(jnp.asarray, params)
    v = jax.tree.map(lambda p, d: jnp.asarray(d, p.dtype) / length, params, direction)
    value, slope, curvature = map(float, _derivatives(f, params, v))
    if slope > 0:
        v, slope = jax.tree.map(jnp.negative, v), -slope
    size = float(_norm(params)) or 1.0
    if reach is None:
        height = max(abs(value), LEAST)
        reach = min((2 * height / abs(curvature)) ** 0.5, size) if curvature else size
    t = np.linspace(-reach, reach, points | 1)
    losses = np.asarray(_losses(f, params, v, jnp.asarray(t, jnp.result_type(*jax.tree.leaves(params)))))
    first = value + t * slope
    second = first + t**2 * curvature / 2
    return LossAlong(t, losses, first, second, slope, curvature, jax.tree.map(np.asarray, v))


def _norm(tree: PyTree) -> Array:
    return jnp.asarray(jnp.linalg.norm(ravel_pytree(tree)[0]))


@jax.jit
def _derivatives(f: Loss, params: PyTree, v: PyTree) -> tuple[Array, Array, Array]:
    """The loss, gᵀv and vᵀHv at θ: its derivatives along v."""

    def along(t: Array) -> Array:
        value: Array = f(jax.tree.map(lambda p, d: p + t * d, params, v))
        return value

    def both(t: Array) -> tuple[Array, Array]:
        return jax.jvp(along, (t,), (jnp.ones_like(t),))

    zero = jnp.zeros((), jnp.result_type(*jax.tree.leaves(params)))
    (value, slope), (_, curvature) = jax.jvp(both, (zero,), (jnp.ones_like(zero),))
    return value, slope, curvature


@jax.jit
def _losses(f: Loss, params: PyTree, v: PyTree, t: Float[Array, " T"]) -> Float[Array, " T"]:
    """The loss at each θ + t·v."""
    losses: Array = lax.map(lambda t: f(jax.tree.map(lambda p, d: p + t * d, params, v)), t)
    return losses


POINTS_PER_CALL = 16
"""Few, so that Ctrl-C works soon and all cores finish at about the same time."""
SIDE_BY_SIDE = 16
"""Points evaluated at once on an accelerator; a CPU's core evaluates one at a time, to keep a layer in its cache."""


def evaluations(
    f: Callable[[PyTree, Float[Array, " A"]], Float[Array, ""]], given: PyTree, points: Float[np.ndarray, "G A"]
) -> Float[np.ndarray, " G"]:
    """Evaluate a function at many points, in parallel.

    Args:
        f: `f(given, point)` -> a number; compiled once.
        given: the first argument of f, the same for all points.
        points: one per row, converted to the runtime's dtype.

    Returns:
        The values; they may be NaN or infinite.

    Raises:
        Interrupted: Ctrl-C was pressed.
    """
    runtime = configure_runtime()
    on_cpu = runtime.platform == "cpu"
    G, A = points.shape
    size = min(POINTS_PER_CALL, -(-G // runtime.jobs) if on_cpu else G)
    padded = np.zeros((-(-G // size), size, A), runtime.precision)
    padded.reshape(-1, A)[:G] = points

    given = jax.tree.map(jnp.asarray, given)
    with jax.default_matmul_precision("highest"):  # the default on accelerators has about three digits
        program = _at_points.lower(f, None if on_cpu else SIDE_BY_SIDE, given, padded[0]).compile()
    # One thread per core, as in training: a network's matrix products are too small to be parallelised well.
    with ThreadPoolExecutor(runtime.jobs if on_cpu else 1) as pool:
        calls = [pool.submit(lambda part: np.asarray(program(given, part)), part) for part in padded]
        try:
            return np.concatenate([call.result() for call in calls])[:G]
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            done = sum(call.done() and not call.cancelled() for call in calls)
            raise Interrupted(f"stopped on request: {done} of {len(calls)} parts were evaluated") from None


@partial(jax.jit, static_argnums=(0, 1))
def _at_points(
    f: Callable[[PyTree, Float[Array, " A"]], Float[Array, ""]],
    side_by_side: int | None,
    given: PyTree,
    points: Float[Array, "size A"],
) -> Float[Array, " size"]:
    values: Float[Array, " size"] = lax.map(lambda point: f(given, point), points, batch_size=side_by_side)
    return values


POINTS = 51


@dataclass(frozen=True, eq=False)
class Slice:
    """A loss along one or two directions. Coordinates are multiples of the directions; the centre is at 0.

    Attributes:
        axes: coordinates along each direction.
        losses: loss at every point of the grid; may be NaN or infinite.
        centre_loss: loss at the centre.
        lengths: norm of each direction, the distance of one unit of its coordinate.
        path: coordinates of the path's points, projected into the slice; no rows without a path.
        path_losses: losses at the path's points themselves, without projection.
        outside: share of the path's length that is lost by projection; NaN without a path.
        marks: coordinates of other points by label, projected into the slice.
        mark_losses: losses at these points themselves, without projection.
        labels: a description of each direction.
    """

    axes: tuple[Float[np.ndarray, " A"], ...]
    losses: Float[np.ndarray, "A *B"]
    centre_loss: float
    lengths: Float[np.ndarray, " n"]
    path: Float[np.ndarray, "T n"]
    path_losses: Float[np.ndarray, " T"]
    outside: float = float("nan")
    marks: Mapping[str, Float[np.ndarray, " n"]] = field(default_factory=dict)
    mark_losses: Mapping[str, float] = field(default_factory=dict)
    labels: tuple[str, ...] = ("direction 1", "direction 2")

    def chart(self) -> Figure:
        """The loss as a curve or as contours, with the path and the marks."""
        drawn_in = (self.path, self.path_losses, self.marks, self.mark_losses)
        return slice_chart(self.axes, self.losses, self.labels, self.centre_loss, *drawn_in)


def loss_slice(
    loss: Loss,
    centre: PyTree,
    directions: Sequence[PyTree],
    extent: Extent | None = None,
    points: int = POINTS,
    *,
    path: Sequence[PyTree] = (),
    marks: Mapping[str, PyTree] | None = None,
    labels: Sequence[str] | None = None,
) -> Slice:
    """Compute a loss along one or two directions.

        L(a, b) = f(θ + a d₁ + b d₂)

    For a network's loss `network_slice` is faster.

    Args:
        loss: f, any function of parameters.
        centre: θ.
        directions: one or two, with the structure of θ: see `random_directions`, `directions_between` and
            `path_components`. They need not be orthogonal.
        extent: range of coordinates, in multiples of the directions: a number for both sides, a low and a high end, or
            these ends for each direction. None covers the path and the marks, or ±1 without any.
        points: number of points along each direction, at least 2. If it is odd and the extent symmetric, the centre is
            one of them.
        path: parameters in order, shown as a path.
        marks: single parameters by label, shown as points.
        labels: a description of each direction.

    Returns:
        The losses on a grid, and path and marks projected into it.

    Raises:
        LandscapeError: there are not one or two directions, or they have another structure, are 0 or parallel; extent,
            points or labels are invalid; path or marks are not finite; or the loss is not a single number.
        Interrupted: Ctrl-C was pressed.

    Example:
        >>> found = loss_slice(lambda p: p["x"] @ p["x"], {"x": np.zeros(2)}, [{"x": np.array([1.0, 1.0])}], 2, 5)
        >>> found.axes[0].tolist(), found.losses.tolist()
        ([-2.0, -1.0, 0.0, 1.0, 2.0], [8.0, 2.0, 0.0, 2.0, 8.0])
    """
    frame = SliceFrame(centre, directions, path, marks or {})
    shape = jnp.shape(jax.eval_shape(loss, centre))
    if shape != ():
        raise LandscapeError(f"the loss must be one number, got an array of shape {list(shape)}: take its mean or sum")
    loss = with_leaves(loss)
    given = (loss, frame.centre, list(frame.directions))
    return _filled(frame, loss_at, given, loss, extent, points, path, marks or {}, labels)


def network_slice(
    structure: Net,
    state: PyTree,
    numbers: Mapping[str, np.ndarray],
    split: Split,
    centre: PyTree,
    directions: Sequence[PyTree],
    extent: Extent | None = None,
    points: int = POINTS,
    *,
    path: Sequence[PyTree] = (),
    marks: Mapping[str, PyTree] | None = None,
    labels: Sequence[str] | None = None,
    regularized: bool = True,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Slice:
    """Compute a network's loss on some rows along one or two directions.

    The same as `loss_slice` of `network_loss`: the loss in inference mode, without dropout. The given state,
    such as batch norm's running statistics, is used at every point, also at the path's points.

    Args:
        structure: see `network_loss`.
        state: see `network_loss`.
        numbers: see `network_loss`.
        split: see `network_loss`.
        centre: see `loss_slice`.
        directions: see `loss_slice`.
        extent: see `loss_slice`.
        points: see `loss_slice`.
        path: see `loss_slice`.
        marks: see `loss_slice`.
        labels: see `loss_slice`.
        regularized: see `network_loss`.
        rows_at_once: see `network_loss`.

    Returns:
        The losses on a grid, and path and marks projected into it.

    Raises:
        LandscapeError: see `loss_slice`.
        Interrupted: Ctrl-C was pressed.
        ValueError: the split has no rows.
    """
    frame = SliceFrame(centre, directions, path, marks or {})
    how: dict[str, Any] = {"regularized": regularized, "rows_at_once": rows_at_once}
    loss = network_loss(structure, state, numbers, split, **how)
    along, given = network_plane(structure, state, numbers, split, frame.centre, frame.directions, **how)
    return _filled(frame, along, given, loss, extent, points, path, marks or {}, labels)


def _filled(
    frame: SliceFrame,
    along: Any,
    given: PyTree,
    loss: Loss,
    extent: Extent | None,
    points: int,
    path: Sequence[PyTree],
    marks: Mapping[str, PyTree],
    labels: Sequence[str] | None,
) -> Slice:
    """The slice with its losses."""
    n = len(frame.directions)
    labels = Slice.labels[:n] if labels is None else tuple(labels)
    if len(labels) != n:
        raise LandscapeError(f"give one label per direction: got {len(labels)} labels for {n}")
    axes = frame.axes(extent, points)
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    losses = evaluations(along, given, grid.reshape(-1, n)).reshape(grid.shape[:-1])

    def at(params: PyTree) -> float:
        return float(loss_value(loss, params))

    return Slice(
        axes,
        losses,
        at(frame.centre),
        frame.lengths,
        frame.path,
        np.array([at(point) for point in path]),
        frame.outside,
        frame.marks,
        {label: at(point) for label, point in marks.items()},
        labels,
    )

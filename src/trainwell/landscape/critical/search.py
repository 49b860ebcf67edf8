"""`critical_points`: finds points where a surface's gradient is 0, from many starts."""

from dataclasses import dataclass
from typing import Literal, get_args

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import ArrayLike, Bool, Float, Int

from trainwell.core import configure_runtime
from trainwell.landscape.critical.gradient_search import LEFT, NOT_FINITE, RUNNING, Search, begin, joined, search
from trainwell.landscape.descents.run import descend, starts_on
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.surfaces.checks import positive, whole_number
from trainwell.landscape.surfaces.registry import surface_of
from trainwell.landscape.surfaces.surface import CriticalPoint, Surface
from trainwell.optim import KINDS, classify_all


def merged(points: Float[np.ndarray, "N D"], near: float) -> Int[np.ndarray, " N"]:
    """Group points that are at most about `near` apart; groups are numbered in order of first appearance.

    Points should be either much closer or much farther apart than `near`.

    Example:
        >>> merged(np.array([[0.0], [5.0], [1e-9], [5.0]]), 1e-5).tolist()
        [0, 1, 0, 1]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import KDTree

    if not len(points):
        return np.zeros(0, np.int64)
    # Grid cells first, because thousands of copies of one point would give millions of pairs.
    _, first, cell = np.unique(np.round(points / near), axis=0, return_index=True, return_inverse=True)
    i, j = KDTree(points[first]).query_pairs(near, output_type="ndarray").T
    graph = coo_array((np.ones(len(i)), (i, j)), shape=(len(first), len(first)))
    joined = connected_components(graph, directed=False)[1][cell.ravel()]
    _, earliest, group = np.unique(joined, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(earliest))[group])


End = Literal["found", "flat", "left", "stalled", "running", "not finite"]
ENDS: tuple[End, ...] = get_args(End)
KNOWN_WITHIN = 1e-4
"""A found point is a known one if they are closer than this share of the domain's longest side."""


@dataclass(frozen=True, eq=False)
class CriticalSet:
    """N critical points of a surface, lowest first, and the results of S searches.

    Attributes:
        surface: the surface.
        starts: starts of the searches.
        points: the critical points.
        values: the surface's values at the points.
        gradients: largest absolute component of the gradient at the points.
        eigenvalues: eigenvalues of the Hessian at the points, ascending.
        kinds: `minimum`, `maximum`, `saddle` or `degenerate`, see `classify_all`.
        indices: number of negative eigenvalues, without those near zero.
        num_zero: number of eigenvalues near zero.
        counts: number of searches that found each point.
        reached: index of the point that each search found; -1 if none.
        ends: how each search ended: `found`, at a critical point; `flat`, where gradient and curvature are almost 0 but
            no critical point is near; `left`, outside the domain; `stalled`, at a minimum of the gradient's norm above
            0; `running`, its steps were used up; `not finite`, the derivatives at its start are not finite.
    """

    surface: Surface
    starts: Float[np.ndarray, "S D"]
    points: Float[np.ndarray, "N D"]
    values: Float[np.ndarray, " N"]
    gradients: Float[np.ndarray, " N"]
    eigenvalues: Float[np.ndarray, "N D"]
    kinds: np.ndarray
    indices: Int[np.ndarray, " N"]
    num_zero: Int[np.ndarray, " N"]
    counts: Int[np.ndarray, " N"]
    reached: Int[np.ndarray, " S"]
    ends: np.ndarray

    def __len__(self) -> int:
        """N."""
        return len(self.points)

    @property
    def by_index(self) -> dict[int, int]:
        """Number of points by index, without degenerate points, whose index is not meaningful."""
        found, counts = np.unique(self.indices[self.kinds != "degenerate"], return_counts=True)
        return dict(zip(found.tolist(), counts.tolist(), strict=True))

    @property
    def by_kind(self) -> dict[str, int]:
        """Number of points by kind."""
        found, counts = np.unique(self.kinds, return_counts=True)
        return dict(zip(found.tolist(), counts.tolist(), strict=True))

    @property
    def by_end(self) -> dict[str, int]:
        """Number of searches by end, without ends that do not occur."""
        return {end: count for end in ENDS if (count := int((self.ends == end).sum()))}

    @property
    def missing(self) -> tuple[CriticalPoint, ...]:
        """Known critical points of the surface that were not found."""
        near = KNOWN_WITHIN * float(np.diff(self.surface.domain).max())
        known = self.surface.critical
        return tuple(one for one in known if not (np.linalg.norm(self.points - one.point, axis=1) <= near).any())


UPDATES = 400
SHARE = 0.005
"""First learning rate, as a share of the domain's longest side; each coordinate moves by about this much."""


def lowered(surface: Surface, starts: Float[ArrayLike, "S D"], updates: int = UPDATES) -> Float[np.ndarray, "S D"]:
    """The points that Adam reaches, with a learning rate that falls linearly from 1/200 of the domain's side to 0.

    Adam is used because its updates do not shrink with the gradient, so that it also leaves plateaus.

    Args:
        surface: the surface.
        starts: start points within its domain.
        updates: updates of each descent.

    Returns:
        The last points, clipped to the domain; the start if values became NaN or infinite.

    Raises:
        LandscapeError: a start has the wrong size, or is outside the domain.

    Example:
        >>> from trainwell.landscape.surfaces.bowls_and_saddles import bowl
        >>> bool(abs(lowered(bowl(), [[-7.0, 2.0]])).max() < 0.1)
        True
    """
    begun = starts_on(surface, starts)
    how = {"optimizer": "adam", "learning_rate": SHARE * float(np.diff(surface.domain).max()), "schedule": "linear"}
    ends = np.asarray(descend(surface, how, begun, updates).points[0], np.float64)
    return np.where(np.isfinite(ends).all(-1, keepdims=True), np.clip(ends, *surface.domain.T), begun)


REACH = 1e-3
"""Largest distance of test points around a point, in longest sides of the domain."""
LOOKS = np.array([-1, -2 / 3, -1 / 3, 1 / 3, 2 / 3, 1])
ALIKE = 3.0
"""Slopes at test points that agree within this factor are not rounding errors."""
NOTHING = float(np.finfo(np.float64).tiny / np.finfo(np.float64).eps)
"""Numbers below this lose digits to underflow."""


def flat(
    surface: Surface,
    x: Float[np.ndarray, "N D"],
    gradients: Float[np.ndarray, "N D"],
    eigenvalues: Float[np.ndarray, "N D"],
    axes: Float[np.ndarray, "N D D"],
    floors: Float[np.ndarray, "N 1"],
    near: float,
) -> Bool[np.ndarray, " N"]:
    """Which points are not critical, although gradient and curvature are almost 0, such as on the tail of exp(−x).

    The input are points whose Newton step is short if curvatures below the floors are replaced by these. Along such
    axes the step is computed again with the true curvature. If it is long, the slope is compared with slopes at test
    points along it: if all agree, the slope is not a rounding error, and the point is not critical. (At a degenerate
    critical point, such as one of a ring, slopes are rounding errors of either sign.) If gradient and Hessian
    underflow, a point is flat if the gradient also underflows at test points.

    Args:
        surface: the surface.
        x: the points.
        gradients: gradients at the points.
        eigenvalues: eigenvalues of the Hessians at the points.
        axes: eigenvectors of the Hessians, in columns.
        floors: smallest curvatures used in the first Newton step.
        near: steps up to this length are short.
    """
    slopes = slopes_along(axes, gradients)
    with np.errstate(all="ignore"):
        steps = np.where((abs(eigenvalues) < floors) & (slopes != 0), slopes / abs(eigenvalues), 0)
    reach = REACH * float(np.diff(surface.domain).max())
    steps = np.clip(steps, -2 * reach, 2 * reach)
    lengths = np.linalg.norm(steps, axis=-1)
    empty = np.maximum(abs(eigenvalues).max(-1), abs(gradients).max(-1)) < NOTHING
    result = np.zeros(len(x), bool)

    (tails,) = np.nonzero((lengths > near) & ~empty)
    if len(tails):
        along = np.einsum("nij,nj->ni", axes[tails], steps[tails] / lengths[tails, None])
        about = _gradients_about(surface, x[tails], along * np.minimum(lengths[tails, None] / 2, reach))
        own = np.einsum("ni,ni->n", along, gradients[tails])
        ratios = np.einsum("nki,ni->nk", about, along) / own[:, None]
        result[tails] = ((ratios > 1 / ALIKE) & (ratios < ALIKE)).all(-1)
    (voids,) = np.nonzero(empty)
    if len(voids):
        askew = np.arange(1.0, surface.dimension + 1)  # along no axis or diagonal
        about = _gradients_about(surface, x[voids], reach * askew / np.linalg.norm(askew))
        result[voids] = (abs(about) < NOTHING).all((1, 2))
    return result


def slopes_along(axes: Float[np.ndarray, "N D D"], gradients: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N D"]:
    """The gradient's components along each point's axes."""
    return np.asarray(np.einsum("nij,ni->nj", axes, gradients))


def _gradients_about(
    surface: Surface, x: Float[np.ndarray, "N D"], reaches: Float[np.ndarray, "... D"]
) -> Float[np.ndarray, "N K D"]:
    places = x[:, None] + LOOKS[:, None] * np.broadcast_to(reaches, x.shape)[:, None]
    gradients = begin(surface, places.reshape(-1, x.shape[1])).gradient
    return np.asarray(gradients).reshape(places.shape)


COUNT = 10_000
TOLERANCE = 1e-8
FLAT = 1e-8
"""Smallest curvature in Newton steps, as a share of the median curvature; see `flat`."""
LOWERED = 500
NEAR = 1e-5
"""Points closer than this share of the domain's longest side are the same."""


def critical_points(
    surface: Surface | str,
    starts: Float[ArrayLike, "S D"] | Float[ArrayLike, " D"] | None = None,
    *,
    count: int = COUNT,
    seed: int = 0,
    steps: int = 200,
    tolerance: float = TOLERANCE,
) -> CriticalSet:
    """Find the critical points of a surface within its domain: minima, saddles and maxima alike.

    From every start the gradient's norm is minimised in float64. A result is rejected if the Newton step is not short
    (the norm can have minima above 0), or if the curvature is almost 0 but the gradient is not a rounding error, as on
    the tail of exp(−x). Duplicates are merged; kinds are classified by the Hessian's eigenvalues.

    A search ends near its start. So the points found, and the share of minima among them, depend on the starts, unless
    all critical points are found. Critical points that are not isolated, such as a ring, are degenerate; only those
    that searches end at are listed. Rounding can make such points, too: tanh(x) + y² is constant along x where tanh(x)
    rounds to 1.

    Args:
        surface: a surface, or a key of `SURFACES`.
        starts: one or several start points. None: `count` points drawn uniformly from the domain, and the results of
            `lowered` for the first 500 of them, which help to find narrow valleys.
        count: number of starts to draw.
        seed: seed of the starts.
        steps: largest number of steps of each search.
        tolerance: largest Newton step at a critical point, in longest sides of the domain.

    Returns:
        The points, lowest first, and how every search ended.

    Raises:
        LandscapeError: the surface is unknown; a start has the wrong size or is outside the domain; a number is out of
            range; or derivatives are not finite at any start.

    Example:
        >>> found = critical_points("himmelblau")
        >>> found.by_index, found.by_end
        ({0: 4, 1: 4, 2: 1}, {'found': 10500})

    Source: that small gradients alone do not make critical points: Frye et al. (2021), "Critical point-finding methods
    reveal gradient-flat regions of deep network losses".
    """
    surface = surface_of(surface)
    steps, tolerance = whole_number("steps", steps), positive("tolerance", tolerance)
    configure_runtime()
    begun = surface.random_starts(count, seed) if starts is None else starts_on(surface, starts)
    first = begin(surface, begun)
    finite = first.status == RUNNING
    if not finite.any():
        raise LandscapeError(
            f"the derivatives of '{surface.name}' are not finite at any of {len(begun):,} starts: change its domain"
        )
    usual = float(np.median(abs(np.linalg.eigvalsh(first.hessian[finite])).max(-1)))
    if starts is None:
        below = lowered(surface, begun[finite][:LOWERED])
        begun, first = np.concatenate([begun, below]), joined(first, begin(surface, below))
    return _critical_set(surface, begun, search(surface, first, steps), usual, tolerance)


def _filled(rows: Int[np.ndarray, " N"], least: int = 1) -> Int[np.ndarray, " M"]:
    """Padded with the first row to a power of two, so that few programs are compiled."""
    size = max(least, 1 << max(len(rows) - 1, 0).bit_length())
    return np.append(rows, np.repeat(rows[:1], size - len(rows)))


def _critical_set(
    surface: Surface, starts: Float[np.ndarray, "S D"], found: Search, usual: float, tolerance: float
) -> CriticalSet:
    side = float(np.diff(surface.domain).max())
    x, gradients = np.asarray(found.x), np.asarray(found.gradient)
    finite = found.status != NOT_FINITE
    hessians = np.where(finite[:, None, None], found.hessian, 0)
    eigenvalues, axes = np.linalg.eigh((hessians + hessians.swapaxes(1, 2)) / 2)
    floors = np.maximum(FLAT * abs(eigenvalues).max(-1, keepdims=True), FLAT * usual)
    away = _newton_steps(gradients, eigenvalues, axes, floors)
    low, high = surface.domain.T
    slack = tolerance * side
    inside = ((x >= low - slack) & (x <= high + slack)).all(-1)
    short = finite & inside & (away <= slack)
    good = short.copy()
    at = (x[short], gradients[short], eigenvalues[short], axes[short], floors[short])
    good[short] = ~flat(surface, *at, NEAR * side)

    rows = np.flatnonzero(good)
    rows = rows[np.argsort(away[rows], kind="stable")]  # so that the most precise of several copies is kept
    group = merged(x[rows], NEAR * side)
    best = rows[np.unique(group, return_index=True)[1]]
    with jax.enable_x64(True):
        values = surface.values(x[_filled(best)])[: len(best)] if len(best) else np.zeros(0)
        # One program for up to 64 points, since this is little work.
        kinds = jax.jit(classify_all)(jnp.asarray(eigenvalues[_filled(best, 64)]), scale=usual)
        code, index, num_zero = (np.asarray(part)[: len(best)] for part in kinds)
    order = np.argsort(values, kind="stable")
    place = np.argsort(order, kind="stable")  # of each group among the ordered
    reached = np.full(len(starts), -1)
    reached[rows] = place[group]
    return CriticalSet(
        surface=surface,
        starts=starts,
        points=x[best][order],
        values=values[order],
        gradients=abs(gradients[best][order]).max(-1),
        eigenvalues=eigenvalues[best][order],
        kinds=np.array(KINDS)[code[order]],
        indices=index[order],
        num_zero=num_zero[order],
        counts=np.bincount(reached[rows], minlength=len(best)),
        reached=reached,
        ends=np.select(
            [good, short, ~finite, (found.status == LEFT) | ~inside, found.status == RUNNING],
            ["found", "flat", "not finite", "left", "running"],
            "stalled",
        ),
    )


def _newton_steps(
    gradients: Float[np.ndarray, "N D"],
    eigenvalues: Float[np.ndarray, "N D"],
    axes: Float[np.ndarray, "N D D"],
    floors: Float[np.ndarray, "N 1"],
) -> Float[np.ndarray, " N"]:
    """Lengths of Newton steps; curvatures below the floors are replaced by these."""
    divisors = np.maximum(abs(eigenvalues), floors)
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.linalg.norm(slopes_along(axes, gradients) / np.where(divisors > 0, divisors, 1), axis=-1)
    return np.where(np.isfinite(steps), steps, np.inf)

"""`critical_points`: where a surface's gradient is 0, searched for from many starts; each point once."""

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
    """The group of each point, numbered as they first appear.

    Points of one cell of a grid, `near` wide, are one, and cells whose first points are at most `near` apart.
    Meant for points that are either far closer or far more distant than that.

    Example:
        >>> merged(np.array([[0.0], [5.0], [1e-9], [5.0]]), 1e-5).tolist()
        [0, 1, 0, 1]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import KDTree

    if not len(points):
        return np.zeros(0, np.int64)
    # Cells first: thousands of copies of one point would be millions of pairs.
    _, first, cell = np.unique(np.round(points / near), axis=0, return_index=True, return_inverse=True)
    i, j = KDTree(points[first]).query_pairs(near, output_type="ndarray").T
    graph = coo_array((np.ones(len(i)), (i, j)), shape=(len(first), len(first)))
    joined = connected_components(graph, directed=False)[1][cell.ravel()]
    _, earliest, group = np.unique(joined, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(earliest))[group])


End = Literal["found", "flat", "left", "stalled", "running", "not finite"]
ENDS: tuple[End, ...] = get_args(End)
KNOWN_WITHIN = 1e-4
"""Share of the domain's longest side within which a point found is one that was known."""


@dataclass(frozen=True, eq=False)
class CriticalSet:
    """N critical points of a surface, lowest first, and what became of S starts.

    Attributes:
        surface: the surface.
        starts: where searches began.
        points: the critical points.
        values: of the surface there.
        gradients: largest component of the gradient there, absolute.
        eigenvalues: of the Hessian there, ascending.
        kinds: `minimum`, `maximum`, `saddle` or `degenerate`, see `classify_all`.
        indices: number of negative eigenvalues, those near zero not among them.
        num_zero: number of eigenvalues near zero.
        counts: starts that led to each point.
        reached: the point that each start led to, -1 if to none.
        ends: what became of each start: one of `ENDS`. `found`, it led to a critical point; `flat`, gradient and
            curvature are next to nothing there, but a root is not near; `left`, it went out of the domain; `stalled`,
            the gradient's norm has a minimum there, above 0; `running`, it had not ended when its steps were up;
            `not finite`, there are no finite derivatives where it began.
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
        """How many points have each index; degenerate ones, whose index says nothing, are left out."""
        found, counts = np.unique(self.indices[self.kinds != "degenerate"], return_counts=True)
        return dict(zip(found.tolist(), counts.tolist(), strict=True))

    @property
    def by_kind(self) -> dict[str, int]:
        """How many points are of each kind."""
        found, counts = np.unique(self.kinds, return_counts=True)
        return dict(zip(found.tolist(), counts.tolist(), strict=True))

    @property
    def by_end(self) -> dict[str, int]:
        """How many starts ended in each way, those that none ended in left out."""
        return {end: count for end in ENDS if (count := int((self.ends == end).sum()))}

    @property
    def missing(self) -> tuple[CriticalPoint, ...]:
        """Critical points that are known of the surface and were not found."""
        near = KNOWN_WITHIN * float(np.diff(self.surface.domain).max())
        known = self.surface.critical
        return tuple(one for one in known if not (np.linalg.norm(self.points - one.point, axis=1) <= near).any())


UPDATES = 400
SHARE = 0.005
"""Of the domain's longest side: what each coordinate moves in an update at first."""


def lowered(surface: Surface, starts: Float[ArrayLike, "S D"], updates: int = UPDATES) -> Float[np.ndarray, "S D"]:
    """Where Adam gets to from starts, with a learning rate that falls from 1/200 of the domain's side to 0.

    Adam's updates are as long however small the gradient is, so that it gets off a plateau, too.

    Args:
        surface: the surface.
        starts: within its domain, where it is finite.
        updates: of each.

    Returns:
        The last points, brought back to the domain's ends where they are outside; where a descent has met values
        that are not finite, its start.

    Raises:
        LandscapeError: a start has the wrong size, or is not within.

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
"""Of what is looked at around a place at most, in longest sides of the domain."""
LOOKS = np.array([-1, -2 / 3, -1 / 3, 1 / 3, 2 / 3, 1])
ALIKE = 3.0
"""Factor within which slopes about a place agree if they are more than rounding."""
NOTHING = float(np.finfo(np.float64).tiny / np.finfo(np.float64).eps)
"""Below it, numbers lose their digits."""


def flat(
    surface: Surface,
    x: Float[np.ndarray, "N D"],
    gradients: Float[np.ndarray, "N D"],
    eigenvalues: Float[np.ndarray, "N D"],
    axes: Float[np.ndarray, "N D D"],
    floors: Float[np.ndarray, "N 1"],
    near: float,
) -> Bool[np.ndarray, " N"]:
    """Which places, where Newton's step is short if small curvatures count for more, are no critical points.

    Along axes of less curvature than the floors the step is taken without them. Where it is long, the slope is looked
    at about the place: if it agrees with the place's own at all distances, it is more than rounding, and the root is
    elsewhere. At a degenerate point (one of a ring) it is rounding, of either sign, or the step is short. Where
    gradient and Hessian underflow, a place is flat if the gradient does so about it, too.

    Args:
        surface: the surface.
        x: the places.
        gradients: there.
        eigenvalues: of the Hessian there.
        axes: its eigenvectors, in columns.
        floors: what a smaller curvature counts for.
        near: how near a root must be, above what a slow approach to a degenerate one leaves.
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
    """The gradient's components along each place's axes."""
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
"""Share of the usual curvature that counts for one of less: its gradient may be nothing but rounding, see `flat`."""
LOWERED = 500
NEAR = 1e-5
"""Share of the domain's longest side within which two points are one."""


def critical_points(
    surface: Surface | str,
    starts: Float[ArrayLike, "S D"] | Float[ArrayLike, " D"] | None = None,
    *,
    count: int = COUNT,
    seed: int = 0,
    steps: int = 200,
    tolerance: float = TOLERANCE,
) -> CriticalSet:
    """Find the critical points of a surface within its domain, minima no more than saddles and maxima.

    From every start the gradient's norm is minimised, in float64 whatever the runtime's precision. What ends where
    Newton's step is not short is refused: the norm has minima that are no critical points. So is what ends where there
    is next to no curvature and the gradient, however small, is more than rounding, as on the tail of exp(−x). Points
    that are the same are merged, and classified by the Hessian's eigenvalues.

    A search ends near its start. So which points are found, and from how many starts, depends on where they begin:
    unless all points are found, a share of minima is that among the points such starts lead to, no more. Where critical
    points are not isolated (a ring), they are degenerate, and as many are listed as were met. So are points that
    rounding makes: where tanh(x) is 1 to the last digit, tanh(x) + y² is no other than a valley's level floor.

    Args:
        surface: a surface, or the name of a listed one.
        starts: one or several; None is `count` drawn uniformly from the domain, and where `lowered` leads from the
            first 500 of them, since from afar a narrow valley or hole is hard to find.
        count: of starts to draw.
        seed: of their draw.
        steps: of each search at most.
        tolerance: longest step of Newton's from what counts as a critical point, in longest sides of the domain.

    Returns:
        The points, lowest first, and what became of every start.

    Raises:
        LandscapeError: the surface is unknown, a start has the wrong size or is outside the domain, a number is out of
            range, or the derivatives are finite at no start.

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
            f"the derivatives of '{surface.name}' are finite at none of {len(begun):,} starts: give it another domain"
        )
    usual = float(np.median(abs(np.linalg.eigvalsh(first.hessian[finite])).max(-1)))
    if starts is None:
        below = lowered(surface, begun[finite][:LOWERED])
        begun, first = np.concatenate([begun, below]), joined(first, begin(surface, below))
    return _critical_set(surface, begun, search(surface, first, steps), usual, tolerance)


def _filled(rows: Int[np.ndarray, " N"], least: int = 1) -> Int[np.ndarray, " M"]:
    """Filled up with the first to a power of two, so that programs are compiled for few numbers of rows."""
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
    rows = rows[np.argsort(away[rows], kind="stable")]  # so that each point is the best known of its copies
    group = merged(x[rows], NEAR * side)
    best = rows[np.unique(group, return_index=True)[1]]
    with jax.enable_x64(True):
        values = surface.values(x[_filled(best)])[: len(best)] if len(best) else np.zeros(0)
        # Hardly any work: one program for up to 64 points.
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
    """Lengths of Newton's steps; curvatures nearer to zero than the floors count for these."""
    divisors = np.maximum(abs(eigenvalues), floors)
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.linalg.norm(slopes_along(axes, gradients) / np.where(divisors > 0, divisors, 1), axis=-1)
    return np.where(np.isfinite(steps), steps, np.inf)

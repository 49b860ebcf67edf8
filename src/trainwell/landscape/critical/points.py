"""The critical points that a search found, each once."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float, Int

from trainwell.landscape.surfaces.surface import CriticalPoint, Surface


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
        counts = {end: int((self.ends == end).sum()) for end in ENDS}
        return {end: count for end, count in counts.items() if count}

    @property
    def missing(self) -> tuple[CriticalPoint, ...]:
        """Critical points that are known of the surface and were not found."""
        near = KNOWN_WITHIN * float(np.diff(self.surface.domain).max())
        known = self.surface.critical
        return tuple(one for one in known if not (np.linalg.norm(self.points - one.point, axis=1) <= near).any())

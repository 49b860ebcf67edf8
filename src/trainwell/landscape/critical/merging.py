"""Points that are the same but for rounding."""

import numpy as np
from jaxtyping import Float, Int


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

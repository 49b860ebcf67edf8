"""Principal components of a path in the space of parameters: the directions in which training mostly moved."""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float, PyTree

from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.slices.inner_products import check_alike, difference, inner_products


@dataclass(frozen=True, eq=False)
class PathComponents:
    """The directions through a path's end from which its points are least far.

    Attributes:
        directions: of norm 1, orthogonal, the one with the largest share first; the path starts on their positive side.
        shares: of each, of the squared distances between the path's points and its end. Directions for which nothing
            is left have none.
    """

    directions: tuple[PyTree, ...]
    shares: Float[np.ndarray, " A"]


def path_components(path: Sequence[PyTree], count: int = 2) -> PathComponents:
    """Principal components of a path, seen from its end.

        A = [θ₀ − θ_T; …; θ_{T−1} − θ_T]        A Aᵀ uₖ = σₖ² uₖ        dₖ = Aᵀ uₖ / σₖ        shareₖ = σₖ² / Σ σ²

    Distances are from the end and not from the mean of the points, so that the plane goes through the network that
    training ended with; among all planes through it, this one leaves the least of the path outside. High shares alone
    say little about training: of a random walk with many dimensions the first has 8/π² = 0.81, the second 0.09.

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
    """Σ wₜ treeₜ, added up in float64."""

    def leaf(*leaves: np.ndarray) -> np.ndarray:
        total = np.zeros(leaves[0].shape, np.float64)
        for weight, array in zip(weights, leaves, strict=True):
            total += weight * array
        return total.astype(leaves[0].dtype)

    return jax.tree.map(leaf, *trees)

"""Directions in the space of a network's parameters, along which its loss is looked at."""

from collections.abc import Mapping, Sequence

import jax
import numpy as np
from jaxtyping import Float, PyTree

from trainwell.core import stream
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.slices.inner_products import check_alike, difference, inner_products

Layers = Sequence[Mapping[str, np.ndarray]]
"""Parameters, one mapping per layer."""


def random_directions(params: Layers, count: int = 2, seed: int = 0) -> list[PyTree]:
    """Normal random directions with filter normalisation.

        dᵢ ← dᵢ ‖wᵢ‖ / ‖dᵢ‖        for the weights wᵢ that feed unit i

    A network of ReLUs is the same function when a unit's weights grow and the next layer's shrink; with directions
    that grow along, slices of two networks can be compared. Biases and batch norm's scales and shifts stay: their
    entries are 0.

    Args:
        params: the network's, one mapping per layer with "weights" [out, in].
        count: number of directions, at least 1. With many parameters they are nearly orthogonal.
        seed: of the draws; the first directions do not depend on the count.

    Returns:
        Directions in the structure and types of the parameters.

    Raises:
        LandscapeError: there are no weights.

    Example:
        >>> params = [{"weights": np.array([[3.0, 4.0], [0.0, 0.5]]), "biases": np.ones(2)}]
        >>> (along,) = random_directions(params, 1)
        >>> np.linalg.norm(along[0]["weights"], axis=1).round(6).tolist(), along[0]["biases"].tolist()
        ([5.0, 0.5], [0.0, 0.0])

    Source: Li et al. (2018), "Visualizing the loss landscape of neural nets", section 4.
    """
    if not any("weights" in layer for layer in params):
        raise LandscapeError("random directions need layers with weights: give a network's parameters")
    return [[_random_layer(layer, seed, i, depth) for depth, layer in enumerate(params)] for i in range(count)]


def _random_layer(layer: Mapping[str, np.ndarray], seed: int, i: int, depth: int) -> dict[str, np.ndarray]:
    direction = {name: np.zeros_like(array) for name, array in layer.items()}
    if "weights" in layer:
        weights = np.asarray(layer["weights"])
        draws = stream(seed, "slice direction", i, depth).standard_normal(weights.shape)
        direction["weights"] = (draws * (_norms(weights) / _norms(draws))).astype(weights.dtype)
    return direction


def _norms(rows: Float[np.ndarray, "H D"]) -> Float[np.ndarray, "H 1"]:
    norms: Float[np.ndarray, "H 1"] = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    return norms


def directions_between(first: PyTree, second: PyTree, third: PyTree | None = None) -> list[PyTree]:
    """The direction from one solution to another, or the two of the plane through three.

        u = θ₁ − θ₀        v = (θ₂ − θ₀) − u ⟨θ₂ − θ₀, u⟩ / ⟨u, u⟩

    Seen from θ₀, the second solution is at 1 along u; the third is at 1 along v, which is orthogonal to u.

    Args:
        first: θ₀, the centre of the slice.
        second: θ₁.
        third: θ₂, if any.

    Returns:
        One or two directions.

    Raises:
        LandscapeError: the solutions differ in structure, are the same, or lie on one line.

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
        raise LandscapeError("the two solutions are the same, so that no direction leads from one to the other")
    if third is not None:
        u, v = directions
        share = gram[0, 1] / gram[0, 0]
        if not gram[1, 1] - share * gram[0, 1] > 1e-12 * gram[1, 1]:
            raise LandscapeError("the three solutions lie on one line: leave the third out")
        directions[1] = jax.tree.map(lambda x, y: y - np.asarray(share, y.dtype) * x, u, v)
    return directions

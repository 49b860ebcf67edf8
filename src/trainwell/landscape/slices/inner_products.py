"""Inner products of parameters, in float64: what lengths, projections and principal components are made of."""

from collections.abc import Sequence

import jax
import numpy as np
from jaxtyping import Float, PyTree

from trainwell.landscape.errors import LandscapeError


def inner_products(a: Sequence[PyTree], b: Sequence[PyTree]) -> Float[np.ndarray, "A B"]:
    """⟨aᵢ, bⱼ⟩ for all pairs, leaf by leaf, so that no matrix with all parameters is made.

    Args:
        a: some trees of one structure.
        b: some of the same.

    Example:
        >>> inner_products([{"x": np.ones(2)}], [{"x": np.array([3.0, 4.0])}, {"x": np.zeros(2)}]).tolist()
        [[7.0, 0.0]]
    """
    total = np.zeros((len(a), len(b)))
    for of_a, of_b in zip(_by_leaf(a), _by_leaf(b), strict=True):
        total += of_a @ of_b.T
    return total


def difference(a: PyTree, b: PyTree) -> PyTree:
    """The first minus the second, leaf by leaf, in their type."""
    return jax.tree.map(lambda x, y: np.asarray(x) - np.asarray(y), a, b)


def check_alike(trees: Sequence[PyTree], centre: PyTree, what: str) -> None:
    """Refuse parameters of another structure.

    Raises:
        LandscapeError: one differs from the centre in its structure or a shape.
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
    """Each leaf of all the trees, flat, as one matrix."""
    leaves = zip(*(jax.tree.leaves(tree) for tree in trees), strict=True)
    return [np.stack([np.asarray(leaf, np.float64).ravel() for leaf in same]) for same in leaves]

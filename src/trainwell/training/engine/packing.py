"""Packing: a member's small parameter arrays in one vector, so that an update is one operation and not one per array.

Compiling a small network costs about ten milliseconds per operation, and most of them are the update rules'
arithmetic, repeated for every bias, scale and small matrix. The built-in rules treat all numbers alike, so they give
the same bits for a vector as for separate arrays. Large matrices stay as they are: copying them would take longer than
it saves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

SMALL = 1 << 14
"""Largest number of elements of an array that is packed."""


@dataclass(frozen=True)
class Packing:
    """Which arrays of a parameter tree are kept in one vector.

    Attributes:
        structure: the tree's structure.
        shapes: shape of each of its arrays.
        small: indices of the arrays in the vector; with fewer than two, trees stay as they are.
    """

    structure: Any
    shapes: tuple[tuple[int, ...], ...]
    small: tuple[int, ...] = ()

    @classmethod
    def of(cls, params: PyTree, dtype: Any) -> "Packing":
        """Pack the small arrays of this dtype."""
        leaves, structure = jax.tree.flatten(params)
        small = (i for i, leaf in enumerate(leaves) if leaf.size <= SMALL and leaf.dtype == dtype)
        return cls(structure, tuple(leaf.shape for leaf in leaves), tuple(small))

    @classmethod
    def none(cls, params: PyTree) -> "Packing":
        """Pack nothing."""
        leaves, structure = jax.tree.flatten(params)
        return cls(structure, tuple(leaf.shape for leaf in leaves))

    @property
    def packs(self) -> bool:
        """Whether trees are changed."""
        return len(self.small) > 1

    def pack(self, tree: PyTree) -> PyTree:
        """A tree of the parameters' structure as a list: the vector, then the large arrays."""
        if not self.packs:
            return tree
        leaves = jax.tree.leaves(tree)
        vectors = [leaves[i].reshape(-1) for i in self.small]
        return [_joined(vectors), *(leaf for i, leaf in enumerate(leaves) if i not in self.small)]

    def unpack(self, packed: PyTree) -> PyTree:
        """The tree that was packed."""
        if not self.packs:
            return packed
        vector, *large = packed
        ends = np.cumsum([0, *(prod(self.shapes[i]) for i in self.small)]).tolist()
        parts = {i: vector[a:b].reshape(self.shapes[i]) for i, (a, b) in zip(self.small, pairwise(ends), strict=True)}
        others = iter(large)
        leaves = [parts[i] if i in parts else next(others) for i in range(len(self.shapes))]
        return jax.tree.unflatten(self.structure, leaves)


def _joined(vectors: Sequence[Any]) -> Any:
    host = all(isinstance(vector, np.ndarray) for vector in vectors)
    return np.concatenate(vectors) if host else jnp.concatenate(vectors)

"""Net: the interface through which the rest of the program uses networks."""

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:  # these load JAX, and help reads this file
    from jaxtyping import Array, Float, PyTree, UInt32

INIT_FORM = "it takes a JAX random key, and returns a tree of arrays"
APPLY_FORM = "it takes parameters and a batch of inputs, and returns one row of outputs per input"
"""What the two functions of a user's network take and return, for messages."""


class Net(Protocol):
    """A network's structure. It is hashable; networks of equal structure share compiled programs.

    Parameters and state are trees of arrays of any form. State is changed by training without a gradient, such as batch
    norm's running statistics; it may be an empty tree.
    """

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one row of inputs: `(D,)` for a table, `(height, width, channels)` for an image."""

    @property
    def num_outputs(self) -> int:
        """Number of outputs per row, C."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of the recipe's numbers that `apply` gets as traced scalars; changing them does not recompile."""

    @property
    def num_layers(self) -> int:
        """Number of layers for which a recipe can set separate learning rates."""

    @property
    def random(self) -> bool:
        """Whether the forward pass uses random numbers in training, as dropout does."""

    @property
    def has_kinks(self) -> bool | None:
        """Whether outputs are not differentiable everywhere, as with ReLU; None if that is unknown."""

    def __hash__(self) -> int:
        """Equal structures have equal hashes."""

    def __str__(self) -> str:
        """The structure in a few words."""

    def unusable(self, rows: int, batch_size: int) -> str | None:
        """Why the network cannot train on a batch of `rows` rows, padded to `batch_size`; None if it can."""

    def flops(self, rows: int) -> float:
        """Floating-point operations of one update with `rows` rows, roughly."""

    def shapes(self) -> "tuple[PyTree, PyTree]":
        """Parameters and state as trees of `jax.ShapeDtypeStruct`."""

    def facts(self) -> dict[str, Any]:
        """The structure as JSON values, for saved models."""

    def init(self, seed: int, fields: Mapping[str, Any], dtype: type[np.floating]) -> "tuple[PyTree, PyTree]":
        """Initial parameters and state, as NumPy arrays.

        Args:
            seed: seed of the random numbers.
            fields: recipe fields by name.
            dtype: dtype of the arrays.
        """

    def apply(
        self,
        params: "PyTree",
        state: "PyTree",
        inputs: 'Float[Array, "B D"]',
        numbers: Mapping[str, Any],
        *,
        training: bool,
        noise: 'UInt32[Array, "2"] | None' = None,
        valid: 'Float[Array, " B"] | None' = None,
    ) -> 'tuple[Float[Array, "B C"], PyTree]':
        """The forward pass, a pure function.

        Args:
            params: parameters.
            state: state.
            inputs: scaled and flattened rows; D is the product of `input_shape`.
            numbers: scalars by name, at least those of the property `numbers`.
            training: whether this is a training step.
            noise: two random words, different for each member and update; given in training if `random` is True.
            valid: 1 for real rows, 0 for the padding of a short batch; None if all are real.

        Returns:
            Outputs (logits, or predictions for regression) and the new state.
        """

    def layer_of(self, params: "PyTree") -> "PyTree":
        """For each array of `params`, the index of its layer."""


def num_parameters(net: Net) -> int:
    """Number of trainable parameters.

    Example:
        >>> from trainwell.nn import Network
        >>> num_parameters(Network((4, 3, 2)))
        23
    """
    import jax

    return sum(prod(leaf.shape) for leaf in jax.tree.leaves(net.shapes()[0]))

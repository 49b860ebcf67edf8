"""Net: what the rest of the program knows of a network."""

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:  # these load JAX, and help reads this file
    from jaxtyping import Array, Float, PyTree, UInt32

INIT_FORM = "it takes a JAX random key, and returns a tree of arrays"
APPLY_FORM = "it takes parameters and a batch of inputs, and returns one row of outputs per input"
"""What the two functions of a user's network must be like."""


class Net(Protocol):
    """A network's structure. Hashable, since networks of equal structure share compiled programs.

    Parameters and state are any trees of arrays. State is what training changes without a gradient, such as batch
    norm's running statistics; it is an empty tree where there is none.
    """

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one row of inputs: `(D,)` for a table, `(height, width, channels)` for an image."""

    @property
    def num_outputs(self) -> int:
        """Numbers that it returns per row, C."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of the recipe's numbers that `apply` takes as traced scalars: another value does not recompile."""

    @property
    def num_layers(self) -> int:
        """Layers that a recipe may give learning rates of their own."""

    @property
    def random(self) -> bool:
        """Whether training draws random numbers in the forward pass, as dropout does."""

    @property
    def has_kinks(self) -> bool | None:
        """Whether outputs are not smooth functions of the parameters, as with ReLU; None if that is not known."""

    def __hash__(self) -> int:
        """Equal structures have the same."""

    def __str__(self) -> str:
        """The structure in a few words."""

    def unusable(self, rows: int, batch_size: int) -> str | None:
        """Why a batch of so many rows, filled up to `batch_size`, cannot be trained on; None if it can."""

    def flops(self, rows: int) -> float:
        """Floating-point operations of one update with so many rows, roughly."""

    def shapes(self) -> "tuple[PyTree, PyTree]":
        """Parameters and state as trees of `jax.ShapeDtypeStruct`."""

    def facts(self) -> dict[str, Any]:
        """What a saved model says of the structure, as JSON values."""

    def init(self, seed: int, fields: Mapping[str, Any], dtype: type[np.floating]) -> "tuple[PyTree, PyTree]":
        """Initial parameters and state, as NumPy arrays on the host.

        Args:
            seed: of the random numbers.
            fields: of the recipe, by name.
            dtype: of the arrays.
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
            inputs: scaled rows, flat: D is the product of `input_shape`.
            numbers: at least those that `numbers` names.
            training: whether this is a training step.
            noise: two words, different for each member and update; where `random` is true, in training only.
            valid: 1 for real rows, 0 for rows that fill up a short batch; None if all are real.

        Returns:
            Outputs (logits, or predictions), and the new state.
        """

    def layer_of(self, params: "PyTree") -> "PyTree":
        """For each array of `params`, the index of its layer."""


def num_parameters(net: Net) -> int:
    """How many numbers training changes by their gradients.

    Example:
        >>> from trainwell.nn import Network
        >>> num_parameters(Network((4, 3, 2)))
        23
    """
    import jax

    return sum(prod(leaf.shape) for leaf in jax.tree.leaves(net.shapes()[0]))

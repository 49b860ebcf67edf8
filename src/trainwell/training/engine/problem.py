"""Problem: what the engine minimises, such as a network's loss on a dataset, or a surface."""

from collections.abc import Mapping
from typing import Any, Protocol

import jax
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

Numbers = Mapping[str, Array]
"""A member's traced numbers by name: another value does not recompile."""


class Problem(Protocol):
    """What is minimised: initial parameters, the loss of a batch, and the observed metrics.

    `init`, `numbers` and `order` run on the host. The methods after them are pure functions that JAX traces into the
    compiled program. They may depend on `structure` only, because problems of equal structure share one program.
    """

    @property
    def structure(self) -> Any:
        """Hashable: everything that changes the compiled program."""

    @property
    def facts(self) -> dict[str, Any]:
        """What the problem is besides its data, as JSON values; a checkpoint is used only where they are equal."""

    @property
    def data(self) -> PyTree:
        """Arrays passed to the traced methods; members share a program call only if they share this object."""

    @property
    def steps_per_epoch(self) -> int:
        """Updates in one pass over the data."""

    @property
    def flops_per_step(self) -> float:
        """Floating-point operations of one update, roughly; it determines the length of a chunk."""

    @property
    def deterministic(self) -> bool:
        """True if the loss is deterministic (no dropout, no noise)."""

    @property
    def cohort(self) -> bool:
        """Whether a member is a cohort: many points, each trained independently with the same recipe.

        Parameters, carry and numbers then have the points as their first axis. The traced methods see one point
        (they are vectorised by `vmap`). A cohort trains to the end of its budget, even if points diverge.
        """

    @property
    def observed(self) -> tuple[str, ...]:
        """Names of what `observe` returns."""

    @property
    def metric(self) -> str:
        """The metric that early stopping watches on the validation split; one of the observed metrics."""

    def init(self, seed: int) -> tuple[PyTree, PyTree]:
        """A member's initial parameters and carry (such as running statistics), as NumPy arrays."""

    def numbers(self, seed: int) -> dict[str, np.ndarray]:
        """The member's numbers for the traced methods."""

    def order(self, seed: int, first: int, count: int) -> Int[np.ndarray, "count B"]:
        """Rows of the data for the updates `first` to `first + count - 1`; -1 pads a short batch."""

    def loss(
        self,
        params: PyTree,
        carry: PyTree,
        data: PyTree,
        rows: Int[Array, " B"],
        step: Int[Array, ""],
        numbers: Numbers,
    ) -> tuple[Float[Array, ""], PyTree]:
        """The loss of one batch at update `step` (from 0) and the new carry; differentiated by `params`."""

    def penalize(self, grads: PyTree, params: PyTree, numbers: Numbers) -> PyTree:
        """The gradient plus the gradient of the penalties."""

    def objective(
        self,
        params: PyTree,
        carry: PyTree,
        data: PyTree,
        rows: Int[Array, " B"],
        step: Int[Array, ""],
        numbers: Numbers,
    ) -> Float[Array, ""]:
        """The loss with penalties: the function whose gradient `loss` and `penalize` compute.

        For rules that evaluate it at other points (line searches) or take its second derivatives.
        """

    def update_carry(
        self, params: PyTree, carry: PyTree, data: PyTree, step: Int[Array, ""], numbers: Numbers
    ) -> PyTree:
        """The carry after update `step` (from 0) has produced `params`; most problems return it unchanged."""

    def observe(
        self, params: PyTree, carry: PyTree, data: PyTree, rows: Int[Array, " B"], numbers: Numbers
    ) -> dict[str, Array]:
        """The metrics of an observation by name; `rows` are the rows of the last update."""

    def layer_of(self, params: PyTree) -> PyTree:
        """For each leaf of `params`, the index of its layer (for learning rates per layer)."""


def tree_bytes(tree: PyTree) -> int:
    """Memory of all arrays in `tree`, in bytes."""
    return sum(np.asarray(leaf).nbytes for leaf in jax.tree.leaves(tree))

"""Problem: what the engine trains. A network on a dataset is one kind, a surface another."""

from collections.abc import Mapping
from typing import Any, Protocol

import jax
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

Numbers = Mapping[str, Array]
"""A member's traced numbers by name: changing one never recompiles."""


class Problem(Protocol):
    """What is minimised: where parameters start, the loss of a batch, and what is observed.

    The methods of the first group run on the host, once per member. Those of the second are pure functions
    traced into the compiled program; they may depend on `structure` alone, never on other fields, because
    problems of equal structure share one program.
    """

    @property
    def structure(self) -> Any:
        """Hashable: everything that changes the compiled program."""

    @property
    def data(self) -> PyTree:
        """Arrays handed to the traced methods; members share a program call only if they share this object."""

    @property
    def steps_per_epoch(self) -> int:
        """Updates in one pass over the data."""

    @property
    def flops_per_step(self) -> float:
        """Floating-point operations of one update, roughly; the chunk's length follows from it."""

    @property
    def steady(self) -> bool:
        """Whether the loss of the same rows is the same function at every update: nothing is drawn for it."""

    @property
    def cohort(self) -> bool:
        """Whether a member is many points at once, each trained by itself with the same recipe.

        All its arrays (parameters, what is carried, numbers) then have one more axis, the first. The traced methods
        do not see it: they are of one point. A cohort always trains to its end, whichever of its points diverge.
        """

    @property
    def observed(self) -> tuple[str, ...]:
        """Names of what `observe` returns."""

    @property
    def metric(self) -> str:
        """What early stopping watches on validation: a metric among what is observed."""

    def init(self, seed: int) -> tuple[PyTree, PyTree]:
        """A member's initial parameters and what it carries beside them (running statistics), as NumPy arrays."""

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
        """The loss of one batch at update `step` (from 0), and the new carry; differentiated by `params`."""

    def penalize(self, grads: PyTree, params: PyTree, numbers: Numbers) -> PyTree:
        """The gradient with that of the penalties added."""

    def objective(
        self,
        params: PyTree,
        carry: PyTree,
        data: PyTree,
        rows: Int[Array, " B"],
        step: Int[Array, ""],
        numbers: Numbers,
    ) -> Float[Array, ""]:
        """The function that `loss` and `penalize` give the gradient of, penalties included.

        For rules that look at it elsewhere than where they stand, or take its second derivatives.
        """

    def moved(self, params: PyTree, carry: PyTree, data: PyTree, step: Int[Array, ""], numbers: Numbers) -> PyTree:
        """What is carried on once update `step` (from 0) has led to `params`; most problems leave it as it is."""

    def observe(
        self, params: PyTree, carry: PyTree, data: PyTree, rows: Int[Array, " B"], numbers: Numbers
    ) -> dict[str, Array]:
        """What is recorded at an observation; `rows` are those of the last update."""

    def layer_of(self, params: PyTree) -> PyTree:
        """For each leaf of `params`, the index of its layer (for learning rates per layer)."""


def tree_bytes(tree: PyTree) -> int:
    """Memory of all arrays in `tree`, in bytes."""
    return sum(np.asarray(leaf).nbytes for leaf in jax.tree.leaves(tree))

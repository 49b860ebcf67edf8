"""A quadratic with noise as the engine's problem: every batch of points pulls its minimum elsewhere."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from trainwell.training import Numbers
from trainwell.training.engine.order import Order

SPLITS = ("training", "test")


@dataclass(frozen=True, eq=False)
class NoisyQuadratic:
    """The mean over some points x of ½(θ−x)ᵀQ(θ−x), from θ = 1 in every dimension.

    A mean over points is the quadratic of their mean x̄ and their spread, which does not depend on θ:

        mean ½(θ−x)ᵀQ(θ−x) = ½(θ−x̄)ᵀQ(θ−x̄) + s,    s = mean ½xᵀQx − ½x̄ᵀQx̄

    so an update takes one product with Q, not one per point, and an observation of all points one per split.

    Args:
        hessian: Q, symmetric.
        training: the points that batches are drawn from.
        test: the points that only observations see.
        batch_size: points per update; an epoch is shuffled, its remainder is dropped.
        reshuffled: whether every epoch is shuffled anew; otherwise a run goes through the batches of its first epoch
            again and again.
        dtype: of θ and the arithmetic.
    """

    hessian: Float[np.ndarray, "P P"]
    training: Float[np.ndarray, "N P"]
    test: Float[np.ndarray, "V P"]
    batch_size: int
    reshuffled: bool = True
    dtype: Any = np.float32
    metric = "loss"  # no run stops early by it

    @cached_property
    def row_order(self) -> Order:
        """Which points make each batch."""
        return Order(len(self.training), self.batch_size, "shuffle", "drop")

    @property
    def structure(self) -> Any:
        """The sizes: all else is data."""
        return ("noisy quadratic", len(self.hessian), self.batch_size)

    @property
    def facts(self) -> dict[str, Any]:
        """How batches are drawn."""
        return {"batch_size": self.batch_size, "reshuffled": self.reshuffled}

    @cached_property
    def data(self) -> dict[str, Array]:
        """Q, the training points with each one's ½xᵀQx, and mean and spread of both splits."""
        splits = [np.asarray(points, np.float64) for points in (self.training, self.test)]
        halves = [_half(self.hessian, points) for points in splits]
        centres = np.stack([points.mean(0) for points in splits])
        arrays = {
            "hessian": self.hessian,
            "points": splits[0],
            "halves": halves[0],
            "centres": centres,
            "spreads": np.array([half.mean() for half in halves]) - _half(self.hessian, centres),
        }
        return {name: jnp.asarray(array, self.dtype) for name, array in arrays.items()}

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches in the training points."""
        return self.row_order.steps_per_epoch

    @property
    def flops_per_step(self) -> float:
        """One product with Q forward and one backward, and the batch's mean."""
        P = len(self.hessian)
        return float(4 * P * P + self.batch_size * P)

    @property
    def deterministic(self) -> bool:
        """Yes: nothing is drawn but the rows."""
        return True

    @property
    def cohort(self) -> bool:
        """No: a member is one point."""
        return False

    @property
    def observed(self) -> tuple[str, ...]:
        """The loss on all points of either split."""
        return tuple(f"loss/{split}" for split in SPLITS)

    def init(self, seed: int) -> tuple[PyTree, PyTree]:
        """θ = 1, whatever the seed: it decides the batches alone."""
        return [{"theta": np.ones(len(self.hessian), self.dtype)}], []

    def numbers(self, seed: int) -> dict[str, np.ndarray]:
        """None."""
        return {}

    def order(self, seed: int, first: int, count: int) -> Int[np.ndarray, "count B"]:
        """Points for some updates."""
        if self.reshuffled:
            return self.row_order.rows(seed, first, count)
        epoch = self.row_order.rows(seed, 0, self.steps_per_epoch)
        return epoch[(first + np.arange(count)) % self.steps_per_epoch]

    def loss(
        self,
        params: PyTree,
        carry: PyTree,
        data: PyTree,
        rows: Int[Array, " B"],
        step: Int[Array, ""],
        numbers: Numbers,
    ) -> tuple[Float[Array, ""], PyTree]:
        """The mean over one batch."""
        centre, Q = data["points"][rows].mean(0), data["hessian"]
        spread = data["halves"][rows].mean() - _half(Q, centre)
        return _half(Q, params[0]["theta"] - centre) + spread, carry

    def penalize(self, grads: PyTree, params: PyTree, numbers: Numbers) -> PyTree:
        """No penalty."""
        return grads

    def objective(
        self,
        params: PyTree,
        carry: PyTree,
        data: PyTree,
        rows: Int[Array, " B"],
        step: Int[Array, ""],
        numbers: Numbers,
    ) -> Float[Array, ""]:
        """The loss."""
        return self.loss(params, carry, data, rows, step, numbers)[0]

    def update_carry(
        self, params: PyTree, carry: PyTree, data: PyTree, step: Int[Array, ""], numbers: Numbers
    ) -> PyTree:
        """Nothing is carried."""
        return carry

    def observe(
        self, params: PyTree, carry: PyTree, data: PyTree, rows: Int[Array, " B"], numbers: Numbers
    ) -> dict[str, Array]:
        """The mean over all points of each split."""
        away = params[0]["theta"] - data["centres"]
        losses = _half(data["hessian"], away) + data["spreads"]
        return {name: losses[i] for i, name in enumerate(self.observed)}

    def layer_of(self, params: PyTree) -> PyTree:
        """One layer."""
        return [{"theta": 0}]


def _half(Q: Any, points: Any) -> Any:
    """½xᵀQx of a point, or of each of several, in the arithmetic of either library."""
    return 0.5 * ((points @ Q) * points).sum(-1)

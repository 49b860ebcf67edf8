"""Losses and metrics over weighted examples, and the L2 penalty."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, ArrayLike, Bool, Float, Int, PyTree

WEIGHT_DIMENSIONS = 2  # arrays with fewer are biases, scales and shifts


class Sums(NamedTuple):
    """Weighted sums over examples and the sums of the weights, to be added over batches before dividing.

    The weights `[B]` of examples give scalars; weights `[B, S]`, such as those of S splits, give `[S]`.
    """

    total: Float[Array, "*S"]
    weight: Float[Array, "*S"]

    @classmethod
    def of(cls, values: Float[Array, " B"] | Bool[Array, " B"], weights: Float[Array, "B *S"]) -> "Sums":
        """Σ w·value and Σ w."""
        return cls(jnp.sum(weights * values.reshape(-1, *(1,) * (jnp.ndim(weights) - 1)), 0), jnp.sum(weights, 0))

    def mean(self) -> Float[Array, "*S"]:
        """total/weight; 0 if all weights are 0."""
        return self.total / jnp.where(self.weight > 0, self.weight, jnp.ones_like(self.weight))


def cross_entropy_sums(
    logits: Float[Array, "B C"],
    labels: Int[Array, " B"],
    weights: Float[Array, "B *S"],
    label_smoothing: ArrayLike = 0.0,
) -> Sums:
    """Weighted sum of the softmax cross-entropy l = −Σ_c q_c log softmax(z)_c, with q = (1−s)·onehot + s/C.

    Args:
        logits: z; differences within a row must not overflow.
        labels: class of each example, from 0.
        weights: w of each example: sample weight × class weight of its label, 0 for padding.
        label_smoothing: s in [0, 1), may be traced.

    Returns:
        Σ w·l and Σ w.
    """
    shifted = logits - lax.stop_gradient(jnp.max(logits, -1, keepdims=True))
    log_normalizer = jnp.log(jnp.sum(jnp.exp(shifted), -1))
    onehot = jnp.asarray(labels)[:, None] == jnp.arange(logits.shape[-1], dtype=jnp.int32)
    smoothing = jnp.asarray(label_smoothing, jnp.result_type(logits))
    q = jnp.where(onehot, 1 - smoothing, 0) + smoothing / logits.shape[-1]
    losses = log_normalizer - jnp.sum(q * shifted, -1)
    return Sums.of(losses, weights)


def softmax_cross_entropy(
    logits: Float[Array, "B C"],
    labels: Int[Array, " B"],
    weights: Float[Array, " B"],
    label_smoothing: ArrayLike = 0.0,
) -> Float[Array, ""]:
    """Weighted mean softmax cross-entropy Σ w·l / Σ w; see `cross_entropy_sums` for l and the arguments.

    Class weights are part of `weights`: the whole smoothed target has its label's weight. PyTorch weights every class's
    part of a smoothed target separately. Without smoothing the two agree.

    Returns:
        The loss, a scalar; 0 if all weights are 0.

    Example:
        >>> loss = softmax_cross_entropy(jnp.zeros((2, 4)), jnp.array([0, 3]), jnp.ones(2))
        >>> round(float(loss), 4)  # ln 4
        1.3863
    """
    return cross_entropy_sums(logits, labels, weights, label_smoothing).mean()


def squared_error_sums(
    outputs: Float[Array, "B K"], targets: Float[Array, "B K"], weights: Float[Array, "B *S"]
) -> Sums:
    """Weighted sum of squared errors, Σ w·mean_k (y−t)², without a factor ½, and Σ w.

    Args:
        outputs: y.
        targets: t.
        weights: w of each example.

    Returns:
        The two sums.
    """
    return Sums.of(jnp.mean((outputs - targets) ** 2, -1), weights)


def mean_squared_error(
    outputs: Float[Array, "B K"], targets: Float[Array, "B K"], weights: Float[Array, " B"]
) -> Float[Array, ""]:
    """Weighted mean squared error Σ w·mean_k (y−t)² / Σ w; 0 if all weights are 0.

    Example:
        >>> float(mean_squared_error(jnp.array([[1.0], [3.0]]), jnp.array([[0.0], [0.0]]), jnp.ones(2)))
        5.0
    """
    return squared_error_sums(outputs, targets, weights).mean()


def accuracy_sums(logits: Float[Array, "B C"], labels: Int[Array, " B"], weights: Float[Array, "B *S"]) -> Sums:
    """Σ w over correctly classified examples, and Σ w. Of equal largest logits the first is predicted.

    A row with NaN counts as wrong.

    Example:
        >>> sums = accuracy_sums(jnp.array([[2.0, 1.0], [2.0, 1.0]]), jnp.array([0, 1]), jnp.ones(2))
        >>> float(sums.mean())
        0.5
    """
    C = logits.shape[-1]
    largest = logits == jnp.max(logits, -1, keepdims=True)  # all False with NaN
    predicted = jnp.min(jnp.where(largest, jnp.arange(C, dtype=jnp.int32), C), -1)
    return Sums.of(predicted == labels, weights)


def l2_penalty(params: PyTree) -> Float[Array, ""]:
    """½ Σ‖W‖² over all weights, without the factor λ. Weights are the arrays of at least two dimensions.

    Biases and batch norm's scale and shift have one dimension and are not penalized.

    Example:
        >>> float(l2_penalty([{"weights": jnp.array([[3.0, 4.0]]), "biases": jnp.array([9.0, 9.0])}]))
        12.5
    """
    leaves = jax.tree.leaves(params)
    weights = (leaf for leaf in leaves if jnp.ndim(leaf) >= WEIGHT_DIMENSIONS)
    return 0.5 * sum((jnp.sum(leaf**2) for leaf in weights), start=jnp.zeros((), jnp.result_type(*leaves)))


def add_l2(grads: PyTree, params: PyTree, l2: ArrayLike) -> PyTree:
    """Add the L2 penalty's gradient λW to the gradients of weights; cheaper than differentiating the penalty.

    Args:
        grads: gradients of the loss without the penalty.
        params: the parameters at which they were computed.
        l2: λ, at least 0.

    Returns:
        Gradients of the loss with the penalty.
    """

    def added(grad: Array, param: Array) -> Array:
        return grad + jnp.asarray(l2, grad.dtype) * param if jnp.ndim(param) >= WEIGHT_DIMENSIONS else grad

    return jax.tree.map(added, grads, params)

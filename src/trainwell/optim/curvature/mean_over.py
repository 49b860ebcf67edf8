"""The mean loss over many examples, computed in chunks so that its second derivatives fit into memory."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int, PyTree

from trainwell.optim.curvature.hessian import Loss


def mean_over(loss_of_batch: Callable[[PyTree, PyTree], Float[Array, ""]], data: PyTree, batch: int) -> Loss:
    """The mean loss over all rows, computed and differentiated in batches.

        f(θ) = Σ_b n_b · loss_of_batch(θ, rows of b) / N        (n_b: rows of batch b; only the last may be smaller)

    The backward pass computes each batch's forward pass again instead of storing it. So memory does not grow with N, at
    the cost of one more forward pass.

    Args:
        loss_of_batch: `loss_of_batch(params, rows)` returns the mean loss of these rows. It must really be a mean over
            rows; with batch norm in training mode, for example, the result would depend on `batch`.
        data: arrays with the same number N of rows.
        batch: rows per batch, at least 1; at most N are used.

    Returns:
        f, a loss for all functions in `curvature`.

    Raises:
        ValueError: there are no rows, arrays differ in their number of rows, or `batch` is below 1.

    Example:
        >>> f = mean_over(lambda a, rows: jnp.mean((rows - a) ** 2), jnp.array([1.0, 2.0, 6.0]), batch=2)
        >>> round(float(f(3.0)), 3)  # (4 + 1 + 9) / 3
        4.667
    """
    if batch < 1:
        raise ValueError(f"batch must be at least 1, got {batch}")
    N = _num_rows(data)
    batch = min(batch, N)
    num_whole, rest = divmod(N, batch)

    def rows(first: int | Int[Array, ""], count: int) -> PyTree:
        return jax.tree.map(lambda leaf: lax.dynamic_slice_in_dim(jnp.asarray(leaf), first, count), data)

    def f(params: PyTree) -> Float[Array, ""]:
        # Without the checkpoint, the scan would keep every chunk's intermediate results for the backward pass.
        @jax.checkpoint
        def whole(params: PyTree, i: Int[Array, ""]) -> Float[Array, ""]:
            return loss_of_batch(params, rows(i * batch, batch))

        def add(total: Float[Array, ""], i: Int[Array, ""]) -> tuple[Float[Array, ""], None]:
            return total + whole(params, i), None

        dtype = jax.eval_shape(whole, params, 0).dtype
        total, _ = lax.scan(add, jnp.zeros((), dtype), jnp.arange(num_whole))
        if rest == 0:
            return total / num_whole
        last = loss_of_batch(params, rows(num_whole * batch, rest))
        return total * (batch / N) + last * (rest / N)

    return f


def _num_rows(data: PyTree) -> int:
    """The number of rows, which must be the same in all arrays."""
    counts = {jnp.shape(leaf)[0] if jnp.ndim(leaf) else 0 for leaf in jax.tree.leaves(data)}
    if len(counts) != 1 or counts == {0}:
        raise ValueError(f"data must be arrays with the same number of rows, at least 1, got {sorted(counts)}")
    return int(counts.pop())

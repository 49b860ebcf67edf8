"""A mean over many examples taken in chunks, so that second derivatives of it fit into memory."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int, PyTree

from trainwell.optim.curvature.hessian import Loss


def mean_over(loss_of_batch: Callable[[PyTree, PyTree], Float[Array, ""]], data: PyTree, batch: int) -> Loss:
    """The loss over all rows of the data, computed and differentiated `batch` rows at a time.

        f(θ) = Σ_b n_b · loss_of_batch(θ, rows of b) / N        (n_b = batch, but for a shorter last one)

    Reverse mode keeps what the forward pass computed; here each chunk's is computed again when its turn comes, so
    memory is that of one chunk, whatever N is, for one more forward pass.

    Args:
        loss_of_batch: θ and some rows to their mean loss; called with `batch` rows and with N mod `batch` rows. It
            must be a mean over rows: batch norm with batch statistics, say, is another function for each `batch`.
        data: arrays with the same number N of rows.
        batch: rows at a time, at least 1; with N or more, all are taken at once.

    Returns:
        f, for any function of this room.

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
    """The rows that all arrays have."""
    counts = {jnp.shape(leaf)[0] if jnp.ndim(leaf) else 0 for leaf in jax.tree.leaves(data)}
    if len(counts) != 1 or counts == {0}:
        raise ValueError(f"data must be arrays with one number of rows, at least 1, got {sorted(counts)}")
    return int(counts.pop())

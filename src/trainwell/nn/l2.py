"""Weight decay as a penalty of the loss (T-REG-1): on weights, not on biases, scales or shifts."""

from collections.abc import Sequence

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float


def l2_penalty(params: Sequence[dict[str, Array]]) -> Float[Array, ""]:
    """½ Σ‖W‖² over all layers; the loss adds λ times it.

    Example:
        >>> float(l2_penalty([{"weights": jnp.array([[3.0, 4.0]]), "biases": jnp.array([9.0, 9.0])}]))
        12.5
    """
    return 0.5 * sum(
        (jnp.sum(layer["weights"] ** 2) for layer in params),
        start=jnp.zeros((), jnp.result_type(params[0]["weights"])),
    )


def add_l2(
    grads: Sequence[dict[str, Array]], params: Sequence[dict[str, Array]], l2: ArrayLike
) -> list[dict[str, Array]]:
    """Add the penalty's gradient λW to the weight gradients: cheaper than differentiating the penalty.

    Args:
        grads: gradients of the loss without the penalty.
        params: where they were taken.
        l2: λ, at least 0; 0 changes nothing.

    Returns:
        Gradients of the loss with the penalty.
    """
    return [
        grad | {"weights": grad["weights"] + jnp.asarray(l2, grad["weights"].dtype) * param["weights"]}
        for grad, param in zip(grads, params, strict=True)
    ]

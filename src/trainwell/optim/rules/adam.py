"""Adam with bias correction of both moments."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from trainwell.optim.protocol import (
    Number,
    Rule,
    Slots,
    advance,
    check_numbers,
    correction,
    like,
    moving_average,
    square,
    zero_count,
    zeros_like,
)


def adam(learning_rate: Number, beta1: Number = 0.9, beta2: Number = 0.999, eps: Number = 1e-7) -> Rule:
    """Adam: the direction of momentum, scaled as in RMSProp; both averages are corrected for their start at 0.

        m ← β1 m + (1−β1) g
        v ← β2 v + (1−β2) g⊙g        (both start at 0)
        θ ← θ − η m̂/(√v̂ + ε),  m̂ = m/(1−β1^t),  v̂ = v/(1−β2^t),  t = 1, 2, …

    ε is added to the root of the *corrected* v, as in the paper, PyTorch and optax (whose default ε is 1e-8). Keras
    adds it to the root of the uncorrected v, see `adam_folded`.

    Args:
        learning_rate: η, at least 0; the first step of every parameter has this size.
        beta1: β1, decay rate of the average of gradients, in [0, 1).
        beta2: β2, decay rate of the average of squared gradients, in [0, 1).
        eps: ε, above 0.

    Returns:
        The rule; its state keeps m (`first`) and v (`second`).

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> rule, g = adam(0.5), jnp.array([4.0])
        >>> rule.update(g, rule.init(g))[0].round(4).tolist()
        [-0.5]

    Source: T-OPT-7; Kingma & Ba 2015, Algorithm 1. One listing of the documents steps with the
    uncorrected moments and never advances t (docs/lecture.md, error 3).
    """
    check_numbers(learning_rate=learning_rate, beta1=beta1, beta2=beta2, eps=eps)

    def init(params: PyTree) -> Slots:
        return Slots(zero_count(), zeros_like(params), zeros_like(params))

    def update(grads: PyTree, state: Slots, params: PyTree = None, **extra: Any) -> tuple[PyTree, Slots]:
        del params, extra
        t = advance(state.count)
        first = moving_average(beta1, state.first, grads)
        second = moving_average(beta2, state.second, square(grads))

        def step(m: Float[Array, "..."], v: Float[Array, "..."]) -> Float[Array, "..."]:
            # The corrections are applied to scalars, so there is one division per element instead of three.
            eta = like(learning_rate, m) / correction(beta1, t, m)
            scale = 1 / jnp.sqrt(correction(beta2, t, v))
            return -eta * m / (jnp.sqrt(v) * scale + like(eps, v))

        return jax.tree.map(step, first, second), Slots(t, first, second)

    return Rule(init, update)

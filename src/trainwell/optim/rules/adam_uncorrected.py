"""Adam without bias correction."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from trainwell.optim.protocol import (
    Number,
    Rule,
    Slots,
    advance,
    check_numbers,
    like,
    moving_average,
    square,
    zero_count,
    zeros_like,
)


def adam_uncorrected(learning_rate: Number, beta1: Number = 0.9, beta2: Number = 0.999, eps: Number = 1e-7) -> Rule:
    """Adam without bias correction, to show that its first steps have the wrong size.

        m ← β1 m + (1−β1) g
        v ← β2 v + (1−β2) g⊙g        (both start at 0)
        θ ← θ − η m/(√v + ε)

    The size of the first step is η (1−β1)/√(1−β2), which is 3.16 η with the default values; with `adam` it is η.

    Args:
        learning_rate: η, at least 0.
        beta1: β1, decay rate of the average of gradients, in [0, 1).
        beta2: β2, decay rate of the average of squared gradients, in [0, 1).
        eps: ε, above 0, outside the root.

    Returns:
        The rule; its state keeps m (`first`) and v (`second`).

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> rule, g = adam_uncorrected(0.5, beta1=0.5, beta2=0.75), jnp.array([4.0])
        >>> rule.update(g, rule.init(g))[0].round(4).tolist()
        [-0.5]

    Source: T-OPT-6.
    """
    check_numbers(learning_rate=learning_rate, beta1=beta1, beta2=beta2, eps=eps)

    def init(params: PyTree) -> Slots:
        return Slots(zero_count(), zeros_like(params), zeros_like(params))

    def update(grads: PyTree, state: Slots, params: PyTree = None, **extra: Any) -> tuple[PyTree, Slots]:
        del params, extra
        first = moving_average(beta1, state.first, grads)
        second = moving_average(beta2, state.second, square(grads))
        updates = jax.tree.map(lambda m, v: -like(learning_rate, m) * m / (jnp.sqrt(v) + like(eps, v)), first, second)
        return updates, Slots(advance(state.count), first, second)

    return Rule(init, update)

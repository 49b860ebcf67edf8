"""RMSProp: AdaGrad with a moving average instead of the sum."""

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


def rmsprop(learning_rate: Number, rho: Number = 0.9, eps: Number = 1e-7) -> Rule:
    """RMSProp: the step of each parameter is divided by the root of a moving average of its squared gradients.

        h ← ρh + (1−ρ) g⊙g        (h starts at 0)
        θ ← θ − η g/(√h + ε)

    ε is outside the root, as in PyTorch (whose default ρ is 0.99); optax puts it inside by default.

    Args:
        learning_rate: η, at least 0; the first step of every parameter has the size η/√(1−ρ).
        rho: ρ, decay rate of the average, in [0, 1); usually 0.9 or 0.99.
        eps: ε, above 0.

    Returns:
        The rule; its state keeps h (`second`).

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> rule, g = rmsprop(0.5, rho=0.75), jnp.array([4.0])
        >>> rule.update(g, rule.init(g))[0].round(4).tolist()
        [-1.0]

    Source: T-OPT-5; Tieleman & Hinton 2012. One listing of the documents adds where the average must
    replace the old value (docs/lecture.md, error 1).
    """
    check_numbers(learning_rate=learning_rate, rho=rho, eps=eps)

    def init(params: PyTree) -> Slots:
        return Slots(zero_count(), (), zeros_like(params))

    def update(grads: PyTree, state: Slots, params: PyTree = None, **extra: Any) -> tuple[PyTree, Slots]:
        del params, extra
        average = moving_average(rho, state.second, square(grads))
        updates = jax.tree.map(lambda g, h: -like(learning_rate, g) * g / (jnp.sqrt(h) + like(eps, h)), grads, average)
        return updates, Slots(advance(state.count), (), average)

    return Rule(init, update)

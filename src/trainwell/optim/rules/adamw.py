"""Adam with decoupled weight decay."""

from typing import Any

import jax
from jaxtyping import PyTree

from trainwell.core import RecipeError
from trainwell.optim.protocol import Number, Rule, Slots, check_numbers, like
from trainwell.optim.rules.adam import adam


def adamw(
    learning_rate: Number,
    beta1: Number = 0.9,
    beta2: Number = 0.999,
    eps: Number = 1e-7,
    weight_decay: Number = 0.01,
) -> Rule:
    """AdamW: a step of `adam`, and in addition every parameter is multiplied by 1 − ηλ.

        θ ← θ − η (m̂/(√v̂ + ε) + λθ)

    This is the definition of PyTorch and optax: the decay is multiplied by η (so it follows the schedule) and applies
    to all parameters, also biases. Unlike the gradient of a penalty ½λθ², it does not enter the moments.

    Args:
        learning_rate: η, at least 0.
        beta1: β1, decay rate of the average of gradients, in [0, 1).
        beta2: β2, decay rate of the average of squared gradients, in [0, 1).
        eps: ε, above 0.
        weight_decay: λ, at least 0.

    Returns:
        The rule; its state keeps m (`first`) and v (`second`). Its `update` needs `params`.

    Raises:
        RecipeError: a number is out of range, or `update` is called without `params`.

    Example:
        >>> import jax.numpy as jnp
        >>> rule, theta = adamw(0.5, weight_decay=0.1), jnp.array([10.0])
        >>> rule.update(jnp.array([4.0]), rule.init(theta), theta)[0].round(4).tolist()
        [-1.0]

    Source: Loshchilov & Hutter 2019, Algorithm 2 (whose λ is not multiplied by the base learning rate).
    """
    check_numbers(weight_decay=weight_decay)
    plain = adam(learning_rate, beta1, beta2, eps)

    def update(grads: PyTree, state: Slots, params: PyTree = None, **extra: Any) -> tuple[PyTree, Slots]:
        del extra
        if params is None:
            raise RecipeError("adamw needs the parameters for weight decay: call update(grads, state, params)")
        steps, state = plain.update(grads, state)
        updates = jax.tree.map(lambda s, p: s - like(learning_rate, s) * like(weight_decay, s) * p, steps, params)
        return updates, state

    return Rule(plain.init, update)

"""AdaGrad: every parameter's step shrinks with the sum of its squared gradients."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from trainwell.optim.protocol import Number, Rule, Slots, advance, check_numbers, like, square, zero_count, zeros_like


def adagrad(learning_rate: Number, eps: Number = 1e-7) -> Rule:
    """AdaGrad: the step of each parameter is divided by the root of the sum of its squared gradients.

        h ← h + g⊙g        (h starts at 0)
        θ ← θ − η g/(√h + ε)

    ε is outside the root, as in PyTorch (whose default ε is 1e-10). optax puts it inside and starts h at 0.1.

    Args:
        learning_rate: η, at least 0; the first step of every parameter has this size.
        eps: ε, above 0.

    Returns:
        The rule; its state keeps h (`second`).

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> rule, g = adagrad(0.5), jnp.array([4.0])
        >>> first, state = rule.update(g, rule.init(g))
        >>> second, state = rule.update(g, state)
        >>> f"{first[0]:.4f} {second[0]:.4f}"
        '-0.5000 -0.3536'

    Source: T-OPT-4; Duchi, Hazan & Singer 2011.
    """
    check_numbers(learning_rate=learning_rate, eps=eps)

    def init(params: PyTree) -> Slots:
        return Slots(zero_count(), (), zeros_like(params))

    def update(grads: PyTree, state: Slots, params: PyTree = None, **extra: Any) -> tuple[PyTree, Slots]:
        del params, extra
        total = jax.tree.map(jnp.add, state.second, square(grads))
        updates = jax.tree.map(lambda g, h: -like(learning_rate, g) * g / (jnp.sqrt(h) + like(eps, h)), grads, total)
        return updates, Slots(advance(state.count), (), total)

    return Rule(init, update)

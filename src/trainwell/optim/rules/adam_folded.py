"""Adam as in *Deep Learning from Scratch*, ch. 6: the bias correction is part of the learning rate, ε outside of it."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from trainwell.optim.protocol import Number, Rule, Slots, correction
from trainwell.optim.rules.adam_uncorrected import adam_uncorrected


def adam_folded(learning_rate: Number, beta1: Number = 0.9, beta2: Number = 0.999, eps: Number = 1e-7) -> Rule:
    """Adam as in Keras and *Deep Learning from Scratch*, ch. 6: `adam_uncorrected` with a corrected learning rate.

        m ← β1 m + (1−β1) g
        v ← β2 v + (1−β2) g⊙g        (both start at 0)
        θ ← θ − η_t m/(√v + ε),  η_t = η √(1−β2^t)/(1−β1^t),  t = 1, 2, …

    ε is added to the root of the *uncorrected* v, so early on it weighs more than in `adam`: a difference of
    about 3e-6 (relative, for gradients of size 1) in the first step, and of nothing in the long run.

    Args:
        learning_rate: η, at least 0; the first step has this size in every parameter.
        beta1: β1, memory of the gradient, in [0, 1).
        beta2: β2, memory of the squared gradient, in [0, 1).
        eps: ε, above 0.

    Returns:
        The rule; its slots are m and v.

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> rule, g = adam_folded(0.5), jnp.array([4.0])
        >>> rule.update(g, rule.init(g))[0].round(4).tolist()
        [-0.5]

    Source: T-OPT-7b; Kingma & Ba 2015, end of section 2.
    """
    uncorrected = adam_uncorrected(learning_rate, beta1, beta2, eps)

    def update(grads: PyTree, state: Slots, params: PyTree = None, **extra: Any) -> tuple[PyTree, Slots]:
        del extra
        steps, state = uncorrected.update(grads, state, params)

        def corrected(step: Float[Array, "..."]) -> Float[Array, "..."]:
            t = state.count
            return step * (jnp.sqrt(correction(beta2, t, step)) / correction(beta1, t, step))

        return jax.tree.map(corrected, steps), state

    return Rule(uncorrected.init, update)

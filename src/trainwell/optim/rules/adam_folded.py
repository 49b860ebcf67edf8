"""Adam with the bias correction as a factor of the learning rate, as in *Deep Learning from Scratch*, ch. 6."""

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

    ε is added to the root of the *uncorrected* v, so at first it has more weight than in `adam`: for gradients of size
    1 the first steps differ by about 3e-6 (relative); later the difference vanishes.

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

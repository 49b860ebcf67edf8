"""Gradient descent on the whole training set."""

from trainwell.optim.protocol import Number, Rule
from trainwell.optim.rules.sgd import sgd


def gradient_descent(learning_rate: Number) -> Rule:
    """Gradient descent: a step against the gradient over the *whole* training set.

        θ ← θ − ηg

    The update is that of `sgd`; the difference is in the batch, which the recipe sets to the full data.

    Args:
        learning_rate: η, at least 0.

    Returns:
        The rule; it uses neither slot.

    Raises:
        RecipeError: the learning rate is negative or not finite.

    Example:
        >>> import jax.numpy as jnp
        >>> rule = gradient_descent(0.25)
        >>> rule.update(jnp.array([4.0]), rule.init(jnp.array([1.0])))[0].tolist()
        [-1.0]

    Source: T-OPT-0; Cauchy 1847.
    """
    return sgd(learning_rate)

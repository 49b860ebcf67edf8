"""Gradient descent, with the full batch or with mini-batches."""

from typing import Any

import jax
from jaxtyping import PyTree

from trainwell.optim.protocol import Number, Rule, Slots, advance, check_numbers, like, zero_count


def sgd(learning_rate: Number) -> Rule:
    """Stochastic gradient descent: a step along the negative gradient of a mini-batch.

        θ ← θ − ηg

    Args:
        learning_rate: η, at least 0.

    Returns:
        The rule; its state keeps nothing but the number of updates.

    Raises:
        RecipeError: the learning rate is negative or not finite.

    Example:
        >>> import jax.numpy as jnp
        >>> rule = sgd(0.5)
        >>> updates, state = rule.update(jnp.array([2.0]), rule.init(jnp.array([1.0])))
        >>> updates.tolist(), int(state.count)
        ([-1.0], 1)

    Source: T-OPT-1; Robbins & Monro 1951.
    """
    check_numbers(learning_rate=learning_rate)

    def init(params: PyTree) -> Slots:
        del params
        return Slots(zero_count(), (), ())

    def update(grads: PyTree, state: Slots, params: PyTree = None, **extra: Any) -> tuple[PyTree, Slots]:
        del params, extra
        updates = jax.tree.map(lambda g: -like(learning_rate, g) * g, grads)
        return updates, Slots(advance(state.count), (), ())

    return Rule(init, update)


def gradient_descent(learning_rate: Number) -> Rule:
    """Gradient descent: a step along the negative gradient of the *whole* training set.

        θ ← θ − ηg

    The update is the same as in `sgd`; with this rule a recipe uses the whole training set as its batch.

    Args:
        learning_rate: η, at least 0.

    Returns:
        The rule; its state keeps nothing but the number of updates.

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

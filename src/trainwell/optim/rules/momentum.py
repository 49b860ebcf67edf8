"""Momentum, velocity form: the velocity is multiplied by the current learning rate in each step."""

from typing import Any

import jax
from jaxtyping import PyTree

from trainwell.optim.protocol import Number, Rule, Slots, advance, check_numbers, like, zero_count, zeros_like


def momentum(learning_rate: Number, momentum: Number = 0.9) -> Rule:
    """Momentum, velocity form: the velocity is a decaying sum of gradients.

        v ← ρv + g
        θ ← θ − ηv

    This is the form of PyTorch and optax. `momentum_step` has η inside the velocity: both give the same path while η is
    constant. If η drops, steps of this form become smaller at once, those of `momentum_step` only gradually.

    Args:
        learning_rate: η, at least 0; with a constant gradient g, steps approach ηg/(1 − ρ).
        momentum: ρ, share of the velocity that is kept, in [0, 1).

    Returns:
        The rule; its state keeps the velocity v (`first`).

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> rule, g = momentum(0.5, 0.5), jnp.array([2.0])
        >>> first, state = rule.update(g, rule.init(g))
        >>> second, state = rule.update(g, state)
        >>> first.tolist(), second.tolist()
        ([-1.0], [-1.5])

    Source: T-OPT-2a; Polyak 1964; Sutskever et al. 2013.
    """
    check_numbers(learning_rate=learning_rate, momentum=momentum)

    def init(params: PyTree) -> Slots:
        return Slots(zero_count(), zeros_like(params), ())

    def update(grads: PyTree, state: Slots, params: PyTree = None, **extra: Any) -> tuple[PyTree, Slots]:
        del params, extra
        velocity = jax.tree.map(lambda v, g: like(momentum, v) * v + g, state.first, grads)
        updates = jax.tree.map(lambda v: -like(learning_rate, v) * v, velocity)
        return updates, Slots(advance(state.count), velocity, ())

    return Rule(init, update)

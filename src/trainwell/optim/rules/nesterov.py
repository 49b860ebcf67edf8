"""Nesterov momentum after the usual change of variables, so that the gradient is needed at the parameters only."""

from typing import Any

import jax
from jaxtyping import PyTree

from trainwell.optim.protocol import Number, Rule, Slots, advance, check_numbers, like, zero_count, zeros_like


def nesterov(learning_rate: Number, momentum: Number = 0.9) -> Rule:
    """Nesterov momentum; the parameters are the look-ahead points x = θ + ρv.

        v ← ρv − η∇f(x)
        x ← x + ρv − η∇f(x)        (with the new v and the old x in ∇f(x))

    The parameters are exactly the look-ahead points of `nesterov_lookahead`, for any schedule of η and constant ρ.
    PyTorch and optax have η outside the velocity, which is the same while η is constant.

    Args:
        learning_rate: η, at least 0; with a constant gradient g, steps approach ηg/(1 − ρ).
        momentum: ρ, share of the velocity that is kept, in [0, 1).

    Returns:
        The rule; its state keeps the velocity v (`first`).

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> rule, g = nesterov(0.5, 0.5), jnp.array([2.0])
        >>> rule.update(g, rule.init(g))[0].tolist()
        [-1.5]

    Source: T-OPT-3; Nesterov 1983; the change of variables: Bengio, Boulanger-Lewandowski & Pascanu 2013,
    section 3.5.
    """
    check_numbers(learning_rate=learning_rate, momentum=momentum)

    def init(params: PyTree) -> Slots:
        return Slots(zero_count(), zeros_like(params), ())

    def update(grads: PyTree, state: Slots, params: PyTree = None, **extra: Any) -> tuple[PyTree, Slots]:
        del params, extra
        steps = jax.tree.map(lambda g: -like(learning_rate, g) * g, grads)
        velocity = jax.tree.map(lambda v, s: like(momentum, v) * v + s, state.first, steps)
        updates = jax.tree.map(lambda v, s: like(momentum, v) * v + s, velocity, steps)
        return updates, Slots(advance(state.count), velocity, ())

    return Rule(init, update)

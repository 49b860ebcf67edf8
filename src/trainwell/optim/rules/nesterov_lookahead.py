"""Nesterov momentum in its original form, with the gradient at the look-ahead point θ + ρv."""

import jax
from jaxtyping import PyTree

from trainwell.optim.protocol import Number, Rule, Slots, like
from trainwell.optim.rules.momentum_step import momentum_step


def nesterov_lookahead(learning_rate: Number, momentum: Number = 0.9) -> Rule:
    """Nesterov momentum, look-ahead form: like `momentum_step`, but with the gradient at θ + ρv.

        v ← ρv − η∇f(θ + ρv)
        θ ← θ + v

    `update` expects the gradient at `eval_point(params, state)`, not at `params`. `nesterov` follows the look-ahead
    points of the same path, and needs the gradient at `params`.

    Args:
        learning_rate: η, at least 0; with a constant gradient g, steps approach ηg/(1 − ρ).
        momentum: ρ, share of the velocity that is kept, in [0, 1).

    Returns:
        The rule with its `eval_point`; its state keeps the velocity v (`first`).

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> rule, theta = nesterov_lookahead(0.5, 0.5), jnp.array([4.0])
        >>> updates, state = rule.update(jnp.array([2.0]), rule.init(theta))
        >>> theta = theta + updates
        >>> theta.tolist(), rule.eval_point(theta, state).tolist()
        ([3.0], [2.5])

    Source: T-OPT-3; Nesterov 1983; Sutskever et al. 2013, eq. 3 and 4.
    """
    step_form = momentum_step(learning_rate, momentum)

    def eval_point(params: PyTree, state: Slots) -> PyTree:
        return jax.tree.map(lambda p, v: p + like(momentum, v) * v, params, state.first)

    return Rule(step_form.init, step_form.update, eval_point)

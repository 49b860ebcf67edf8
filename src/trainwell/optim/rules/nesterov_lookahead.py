"""Nesterov momentum as the true look-ahead: the gradient is taken where the velocity is about to lead."""

import jax
from jaxtyping import PyTree

from trainwell.optim.protocol import Number, Rule, Slots, like
from trainwell.optim.rules.momentum_step import momentum_step


def nesterov_lookahead(learning_rate: Number, momentum: Number = 0.9) -> Rule:
    """Nesterov momentum, look-ahead form: the step form of momentum with the gradient at θ + ρv.

        v ← ρv − η∇f(θ + ρv)
        θ ← θ + v

    `update` expects the gradient at `eval_point(params, state)`, not at `params`. `nesterov` is the same
    path seen at those points, and needs no second point.

    Args:
        learning_rate: η, at least 0; a constant gradient moves by η/(1 − ρ) per step in the end.
        momentum: ρ ("friction"), in [0, 1).

    Returns:
        The rule with its `eval_point`; its first slot is the velocity v.

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

"""Saddle-free Newton: down along negative curvature, as far as along positive."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from trainwell.optim.bounds import check_numbers
from trainwell.optim.protocol import Number, Rule
from trainwell.optim.second_order.newton_descent import newton_descent


def newton_saddle_free(learning_rate: Number = 1.0, damping: Number = 0.1) -> Rule:
    """Newton's method with absolute eigenvalues, and a line search.

        d = −η |H|⁻¹ g,  |H| = Σ max(|λᵢ|, μ) vᵢ vᵢᵀ
        θ ← θ + α d        (α by the strong Wolfe conditions, 1 first)

    Near a saddle, Newton's step goes to it; this one leaves it along the directions that curve down, each by its own
    measure. Exactly on a saddle the gradient is 0, and it stays like every method that sees gradients alone.

    Args:
        learning_rate: η, at least 0.
        damping: μ, above 0: curvature below which a direction counts as flat.

    Returns:
        The rule; `update` needs `value` and `value_fn`. A matrix of P x P numbers is decomposed at each step.

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> saddle = lambda p: p[0] ** 2 - p[1] ** 2
        >>> rule, p = newton_saddle_free(), jnp.array([1.0, 0.1])
        >>> updates, _ = rule.update(jnp.array([2.0, -0.2]), rule.init(p), p, value=saddle(p), value_fn=saddle)
        >>> bool(abs(p + updates)[0] < 1e-6), bool(abs(p + updates)[1] > 0.1)
        (True, True)

    Source: Dauphin et al. (2014), "Identifying and attacking the saddle point problem in high-dimensional non-convex
    optimization", algorithm 1 (there in a Krylov space, and with a damping that is searched for).
    """
    check_numbers(learning_rate=learning_rate, damping=damping)

    def positive(eigenvalues: Float[Array, " P"]) -> Float[Array, " P"]:
        return jnp.maximum(jnp.abs(eigenvalues), jnp.asarray(damping, eigenvalues.dtype))

    return newton_descent(learning_rate, positive)

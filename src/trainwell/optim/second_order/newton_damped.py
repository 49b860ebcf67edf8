"""Damped Newton: the Hessian with so much added to its diagonal that every direction curves upwards."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from trainwell.optim.bounds import check_numbers
from trainwell.optim.protocol import Number, Rule
from trainwell.optim.second_order.newton_descent import newton_descent


def newton_damped(learning_rate: Number = 1.0, damping: Number = 0.1) -> Rule:
    """Newton's method on H + c·1, with a line search.

        d = −η (H + c·1)⁻¹ g,  c = max(0, μ − λ_min)
        θ ← θ + α d        (α by the strong Wolfe conditions, 1 first)

    Where the smallest eigenvalue is at least μ, this is Newton's own direction. Elsewhere c is what lifts it to μ:
    all directions are bent alike, so that a strong negative curvature makes the steps along the others short.

    Args:
        learning_rate: η, at least 0.
        damping: μ, above 0.

    Returns:
        The rule; `update` needs `value` and `value_fn`. A matrix of P x P numbers is decomposed at each step.

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> hill = lambda x: jnp.cos(x)  # at 1 its curvature is negative; its minimum is at π
        >>> rule, x = newton_damped(), jnp.array(1.0)
        >>> for _ in range(6):
        ...     updates, _ = rule.update(-jnp.sin(x), rule.init(x), x, value=hill(x), value_fn=hill)
        ...     x = x + updates
        >>> round(float(jnp.cos(x)), 5)
        -1.0

    Source: T-2ND-2; Nocedal & Wright (2006), "Numerical Optimization", section 3.4.
    """
    check_numbers(learning_rate=learning_rate, damping=damping)

    def positive(eigenvalues: Float[Array, " P"]) -> Float[Array, " P"]:
        return eigenvalues + jnp.maximum(0, jnp.asarray(damping, eigenvalues.dtype) - eigenvalues[0])

    return newton_descent(learning_rate, positive)

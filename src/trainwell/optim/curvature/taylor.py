"""Linear and quadratic Taylor approximations of a loss, and the steps that they lead to."""

from dataclasses import dataclass
from typing import Literal

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from trainwell.optim.curvature.hessian import Loss, flatten, hessian, hessian_product
from trainwell.optim.protocol import Number


@dataclass(frozen=True, eq=False)
class Taylor:
    """The Taylor approximation of a loss around a point, a function of parameters.

    Attributes:
        f: the loss.
        params: θ0, the point.
        order: 1 or 2.
        value: f(θ0).
        gradient: ∇f(θ0), with the structure of `params`.
    """

    f: Loss
    params: PyTree
    order: Literal[1, 2]
    value: Float[Array, ""]
    gradient: PyTree

    def __call__(self, params: PyTree) -> Float[Array, ""]:
        """The value of the approximation at `params`."""
        d = jax.tree.map(lambda p, p0: jnp.asarray(p) - p0, params, self.params)
        slope = self.gradient
        if self.order == 2:
            curved = hessian_product(self.f, self.params, d)
            slope = jax.tree.map(lambda g, Hd: g + Hd / 2, slope, curved)
        return self.value + sum(jax.tree.leaves(jax.tree.map(lambda d, s: jnp.sum(d * s), d, slope)))

    def steps_to(self, learning_rate: Number = 1.0) -> PyTree:
        """The parameters after a step from θ0: θ0 − η ∇f (order 1) or θ0 − η H⁻¹ ∇f (order 2, Newton's step).

        With order 2 and η = 1 this is the critical point of the quadratic approximation; it is its minimum only if H is
        positive definite. The full Hessian is computed, so at most some thousand parameters are feasible. If H is
        singular, the result is not finite, or arbitrarily far away because of rounding errors.

        Args:
            learning_rate: η.

        Returns:
            Parameters with the structure of θ0.
        """
        flat = flatten(self.f, self.params)
        step, _ = ravel_pytree(self.gradient)
        if self.order == 2:
            step = jnp.linalg.solve(hessian(flat.loss, flat.point), step)
        return flat.unflatten(flat.point - jnp.asarray(learning_rate, step.dtype) * step)


def taylor(f: Loss, params: PyTree, order: Literal[1, 2] = 2) -> Taylor:
    """The first- or second-order Taylor approximation of f at θ0 = `params`.

        order 1:  f(θ0) + (θ−θ0)ᵀ∇f
        order 2:  f(θ0) + (θ−θ0)ᵀ∇f + ½ (θ−θ0)ᵀH(θ−θ0)        (by Hessian-vector products, without the matrix)

    Args:
        f: the loss.
        params: θ0.
        order: 1 or 2.

    Returns:
        The approximation, a pure function of parameters with `value`, `gradient` and `steps_to`.

    Raises:
        ValueError: `order` is neither 1 nor 2.

    Example:
        >>> model = taylor(lambda x: x**3, 2.0)  # 8 + 12 (x−2) + 6 (x−2)²
        >>> model(3.0).tolist(), model.steps_to().tolist()
        (26.0, 1.0)

    Source: T-2ND-1, T-2ND-2.
    """
    if order not in (1, 2):
        raise ValueError(f"order must be 1 or 2, got {order}")
    params = jax.tree.map(jnp.asarray, params)
    value, gradient = jax.value_and_grad(f)(params)
    return Taylor(f, params, order, value, gradient)

"""Activation functions `f(x, numbers)`; `numbers` has parameters such as `negative_slope`, which may be traced.

The condition is `x <= 0`, so that NaN stays NaN and the slope at 0 is the left one, as in PyTorch.

Source: T-ACT-1 to T-ACT-6, from sigmoid to `elu`; the others cite their papers.
"""

from collections.abc import Callable, Mapping
from functools import reduce

import jax
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float

from trainwell.nn.network import ActivationName

Numbers = Mapping[str, ArrayLike]
Activation = Callable[[Float[Array, "..."], Numbers], Float[Array, "..."]]


def number(numbers: Numbers, name: str, dtype: jnp.dtype) -> Float[Array, ""]:
    """One number in the parameters' dtype, so that it does not change the dtype of the computation."""
    return jnp.asarray(numbers[name], dtype)


def sigmoid(x: Float[Array, "..."], numbers: Numbers) -> Float[Array, "..."]:
    """σ(x) = 1/(1 + e^−x): in (0, 1), saturates on both sides."""
    return jax.nn.sigmoid(x)


def tanh(x: Float[Array, "..."], numbers: Numbers) -> Float[Array, "..."]:
    """Hyperbolic tangent: in (−1, 1), zero-centred, saturates."""
    return jnp.tanh(x)


def relu(x: Float[Array, "..."], numbers: Numbers) -> Float[Array, "..."]:
    """max(0, x), with slope 0 at 0."""
    return jnp.where(x <= 0, jnp.zeros((), x.dtype), x)


def leaky_relu(x: Float[Array, "..."], numbers: Numbers) -> Float[Array, "..."]:
    """max(αx, x) with α = `negative_slope` in [0, 1]."""
    return jnp.where(x <= 0, number(numbers, "negative_slope", x.dtype) * x, x)


def elu(x: Float[Array, "..."], numbers: Numbers) -> Float[Array, "..."]:
    """Exponential linear unit: x if x > 0, else α(e^x − 1), α = `elu_alpha` (Clevert 2016)."""
    negative = jnp.where(x <= 0, x, jnp.zeros((), x.dtype))  # e^x of a large x would make the gradient NaN
    return jnp.where(x <= 0, number(numbers, "elu_alpha", x.dtype) * jnp.expm1(negative), x)


def maxout(x: Float[Array, "... pieces H"], numbers: Numbers) -> Float[Array, "... H"]:
    """Largest of the linear pieces of each unit; if several are equal, the first gets the gradient."""
    return reduce(_larger, [x[..., piece, :] for piece in range(x.shape[-2])])


def _larger(a: Float[Array, "..."], b: Float[Array, "..."]) -> Float[Array, "..."]:
    """The larger of two numbers; NaN if either is NaN.

    The gradient of `jnp.maximum` tests a == max(a, b). XLA may compute `a` in two kernels with different rounding. Then
    neither number equals the maximum and the gradient is lost (observed after batch norm, on a CPU).
    """
    return jnp.where((a >= b) | jnp.isnan(a), a, b)


def identity(x: Float[Array, "..."], numbers: Numbers) -> Float[Array, "..."]:
    """No activation: the network is then a linear model."""
    return x


def gelu(x: Float[Array, "..."], numbers: Numbers) -> Float[Array, "..."]:
    """Gaussian error linear unit xΦ(x), exact, without the tanh approximation (Hendrycks & Gimpel 2016)."""
    return jax.nn.gelu(x, approximate=False)


def silu(x: Float[Array, "..."], numbers: Numbers) -> Float[Array, "..."]:
    """Sigmoid linear unit xσ(x) (Elfwing et al. 2018)."""
    return x * jax.nn.sigmoid(x)


ACTIVATIONS: dict[ActivationName, Activation] = {
    "elu": elu,
    "gelu": gelu,
    "identity": identity,
    "leaky_relu": leaky_relu,
    "maxout": maxout,
    "relu": relu,
    "sigmoid": sigmoid,
    "silu": silu,
    "tanh": tanh,
}

"""The interface of update rules, two pure functions as in optax, and the arithmetic and checks that rules share."""

from collections.abc import Callable
from math import inf, isfinite
from numbers import Real
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from trainwell.core import RecipeError
from trainwell.optim.bounds import BOUNDS, Bound

_LAST_COUNT = 2**31 - 1

Number: TypeAlias = float | np.floating[Any] | Float[Array, ""]
"""A hyperparameter: a Python or NumPy number (checked when a rule is built) or a JAX scalar (not checked)."""


class Slots(NamedTuple):
    """State of a rule; a slot that the rule does not use is `()`.

    Its structure depends only on the rule and the parameters, never on a hyperparameter.
    """

    count: Int[Array, ""]  # type: ignore[assignment]  # hides tuple.count, as optax's own states do
    """Number of steps so far (int32)."""
    first: PyTree
    """Velocity, or moving average of the gradient; same structure as the parameters."""
    second: PyTree
    """Sum or moving average of the squared gradient; same structure as the parameters."""


class Rule(NamedTuple):
    """An update rule. It works with `optax.apply_updates` and `optax.chain` (which ignores `eval_point`)."""

    init: Callable[[PyTree], Any]
    """`init(params) -> state`."""
    update: Callable[..., tuple[PyTree, Any]]
    """`update(grads, state, params=None, **extra) -> (updates, state)`; `updates` are added to the parameters.

    Second-order methods need the extra arguments `value` (the loss) and `value_fn` (the loss as a function of the
    parameters); other rules ignore them.
    """
    eval_point: Callable[[PyTree, Any], PyTree] | None = None
    """`eval_point(params, state)` returns the point at which `update` needs the gradient; None for `params` itself."""


def zeros_like(params: PyTree) -> PyTree:
    """Zeros with the shapes and dtypes of `params`."""
    return jax.tree.map(lambda p: jnp.zeros(jnp.shape(p), jnp.result_type(p)), params)


def zero_count() -> Int[Array, ""]:
    """The step count before the first step."""
    return jnp.zeros((), jnp.int32)


def advance(count: Int[Array, ""]) -> Int[Array, ""]:
    """The next step count; it stays at the largest int32 instead of wrapping to a negative number."""
    return jnp.where(count < _LAST_COUNT, count + 1, count)


def like(number: Number, leaf: Any) -> Float[Array, ""]:
    """`number` in the dtype of `leaf`, so that a float64 scalar does not turn float32 parameters into float64."""
    return jnp.asarray(number, jnp.result_type(leaf))


def moving_average(decay: Number, average: PyTree, new: PyTree) -> PyTree:
    """`decay · average + (1 − decay) · new` for every leaf."""

    def blend(a: Float[Array, "..."], x: Float[Array, "..."]) -> Float[Array, "..."]:
        d = like(decay, a)
        return d * a + (1 - d) * x

    return jax.tree.map(blend, average, new)


def square(grads: PyTree) -> PyTree:
    """`g ⊙ g` for every leaf."""
    return jax.tree.map(lambda g: g * g, grads)


def correction(beta: Number, count: Int[Array, ""], leaf: Any) -> Float[Array, ""]:
    """Adam's bias correction `1 − beta^t` in the dtype of `leaf`, at step t = `count`.

    It is computed as `-expm1(t log beta)`, as in float32 `1 - beta**t` loses half its digits while `beta^t` is near 1.
    """
    b = like(beta, leaf)
    return -jnp.expm1(count.astype(b.dtype) * jnp.log(b))


def check_number(name: str, value: Any, bound: Bound | None = None) -> None:
    """Check that a hyperparameter is in its range. JAX scalars are not checked, as under jit their value is unknown.

    The value must also be in range when rounded to float32, in which it is used: 0.999999999 becomes 1.

    Args:
        name: a key of `BOUNDS`, or any name if `bound` is given.
        value: a Python or NumPy number, or a JAX scalar.
        bound: its range; None for the one in `BOUNDS`.

    Raises:
        RecipeError: the value is out of range or not a number.

    Example:
        >>> check_number("momentum", 0.9)
    """
    if isinstance(value, jax.Array):
        return
    bound = BOUNDS[name] if bound is None else bound
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Real):
        raise RecipeError(f"{name} must be a number {bound.range}, got {value!r}; try {bound.instead}")
    try:
        number = float(value)
    except OverflowError:
        number = inf  # an integer with hundreds of digits
    with np.errstate(over="ignore", under="ignore"):
        rounded = float(np.float32(number))
    if not (_holds(bound, number) and _holds(bound, rounded)):
        note = f" ({rounded:g} in float32)" if isfinite(number) and _holds(bound, number) else ""
        why = "too large" if note and not isfinite(rounded) else bound.why
        raise RecipeError(f"{name} must be {bound.range}, got {number:.12g}{note}: {why}; try {bound.instead}")


def check_numbers(**numbers: Any) -> None:
    """`check_number` for each of several hyperparameters."""
    for name, value in numbers.items():
        check_number(name, value)


def _holds(bound: Bound, number: float) -> bool:
    """Whether a number is finite and in range."""
    above = number > bound.low if bound.ends[0] == "(" else number >= bound.low
    below = number < bound.high if bound.ends[1] == ")" else number <= bound.high
    return above and below and isfinite(number) and (not bound.whole or number == int(number))

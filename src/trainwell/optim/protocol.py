"""What every update rule is, two pure functions (optax's protocol), with the arithmetic and checks that rules share."""

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
    """What a rule carries from one step to the next; `()` stands where it has no use for a slot.

    The structure never depends on a hyperparameter, only on the rule and on the parameters.
    """

    count: Int[Array, ""]  # type: ignore[assignment]  # hides tuple.count, as optax's own states do
    """Steps taken so far (int32)."""
    first: PyTree
    """Velocity, or moving average of the gradient; like the parameters."""
    second: PyTree
    """Sum or moving average of the squared gradient; like the parameters."""


class Rule(NamedTuple):
    """An update rule. Fits `optax.apply_updates` and `optax.chain` (which knows nothing of `eval_point`)."""

    init: Callable[[PyTree], Any]
    """`init(params) -> state`."""
    update: Callable[..., tuple[PyTree, Any]]
    """`update(grads, state, params=None, **extra) -> (updates, state)`; `updates` are added to the parameters.

    Rules take from `extra` what they need: second-order methods the loss (`value`) and what it is of (`value_fn`).
    """
    eval_point: Callable[[PyTree, Any], PyTree] | None = None
    """`eval_point(params, state) -> params` where the gradient is to be taken; None: at the parameters."""


def zeros_like(params: PyTree) -> PyTree:
    """Zeros in the shapes and dtypes of `params`."""
    return jax.tree.map(lambda p: jnp.zeros(jnp.shape(p), jnp.result_type(p)), params)


def zero_count() -> Int[Array, ""]:
    """The step count before the first step."""
    return jnp.zeros((), jnp.int32)


def advance(count: Int[Array, ""]) -> Int[Array, ""]:
    """The next step count; stays at int32's largest value instead of wrapping to a negative one."""
    return jnp.where(count < _LAST_COUNT, count + 1, count)


def like(number: Number, leaf: Any) -> Float[Array, ""]:
    """`number` in the dtype of `leaf`, so that a float64 scalar never widens float32 parameters."""
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
    """`1 − beta^t` in the dtype of `leaf`: how much too small a moving average started at 0 is at step t.

    `-expm1(t log beta)`: in float32, `1 - beta**t` loses half its digits while `beta^t` is close to 1.
    """
    b = like(beta, leaf)
    return -jnp.expm1(count.astype(b.dtype) * jnp.log(b))


def check_number(name: str, value: Any, bound: Bound | None = None) -> None:
    """Refuse a hyperparameter outside its range. JAX scalars pass: under jit their value is not known.

    The value must be in range in float32 too, in which it will be used: 0.999999999 rounds to 1 there.

    Args:
        name: a key of `BOUNDS`, or any name with a bound of its own.
        value: a Python or NumPy number, or a JAX scalar.
        bound: its range; by default that of `BOUNDS`.

    Raises:
        RecipeError: the value is out of range, or no number.

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
        number = inf  # a whole number of hundreds of digits
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
    """Whether a number is in range; infinities never are."""
    above = number > bound.low if bound.ends[0] == "(" else number >= bound.low
    below = number < bound.high if bound.ends[1] == ")" else number <= bound.high
    return above and below and isfinite(number) and (not bound.whole or number == int(number))

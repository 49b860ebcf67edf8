"""What every update rule is: two pure functions (optax's protocol), and where the gradient is to be taken."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Array, Float, Int, PyTree

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

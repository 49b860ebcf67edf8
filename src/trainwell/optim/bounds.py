"""The range of every hyperparameter, in one place: rules, schedules and recipes check against this table."""

from collections.abc import Callable, Mapping
from math import inf, isfinite
from numbers import Real
from typing import Any, NamedTuple

import jax
import numpy as np

from trainwell.core import RecipeError


class Bound(NamedTuple):
    """A range, why it ends there, and a value to try instead."""

    inside: Callable[[float], bool]
    range: str
    why: str
    instead: str


def _unit(x: float) -> bool:
    return 0 <= x < 1


def _at_least_0(x: float) -> bool:
    return 0 <= x < inf


def _above_0(x: float) -> bool:
    return 0 < x < inf


def _from_1(x: float) -> bool:
    return 1 <= x < inf and x == int(x)


BOUNDS: Mapping[str, Bound] = {
    "learning_rate": Bound(_at_least_0, "at least 0", "a negative one climbs the loss", "0.01"),
    "momentum": Bound(_unit, "in [0, 1)", "at 1 or more the velocity never decays", "0.9"),
    "rho": Bound(_unit, "in [0, 1)", "at 1 the average never takes a gradient in", "0.9"),
    "beta1": Bound(_unit, "in [0, 1)", "at 1 the average never takes a gradient in", "0.9"),
    "beta2": Bound(_unit, "in [0, 1)", "at 1 the average never takes a gradient in", "0.999"),
    "eps": Bound(_above_0, "above 0", "a parameter without gradient would become 0/0", "1e-7"),
    "damping": Bound(_above_0, "above 0", "a direction without curvature would have no end", "0.1"),
    "memory": Bound(_from_1, "a whole number from 1", "it counts remembered steps", "10"),
    "weight_decay": Bound(_at_least_0, "at least 0", "a negative one makes the weights grow", "0.01"),
    "max_norm": Bound(_above_0, "above 0", "at 0 nothing would be left of the gradient", "1.0"),
    "factor": Bound(lambda x: 0 < x <= 1, "in (0, 1]", "a schedule lowers the learning rate", "0.1"),
    "every": Bound(_above_0, "above 0", "it is a time in epochs", "30"),
    "decay_rate": Bound(_at_least_0, "at least 0", "a schedule lowers the learning rate", "0.05"),
    "total_epochs": Bound(_above_0, "above 0", "it is the time in epochs until the end", "90"),
    "warmup_epochs": Bound(_at_least_0, "at least 0", "it is a time in epochs", "5"),
}
"""Name of a hyperparameter -> its range."""


def check_number(name: str, value: Any) -> None:
    """Refuse a hyperparameter outside its range. JAX scalars pass: under jit their value is not known.

    The value must be in range in float32 too, in which it will be used: 0.999999999 rounds to 1 there.

    Args:
        name: a key of `BOUNDS`.
        value: a Python or NumPy number, or a JAX scalar.

    Raises:
        RecipeError: the value is out of range, or no number.

    Example:
        >>> check_number("momentum", 0.9)
    """
    if isinstance(value, jax.Array):
        return
    bound = BOUNDS[name]
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
    if not (bound.inside(number) and bound.inside(rounded)):
        note = f" ({rounded:g} in float32)" if isfinite(number) and bound.inside(number) else ""
        why = "too large" if note and not isfinite(rounded) else bound.why
        raise RecipeError(f"{name} must be {bound.range}, got {number:.12g}{note}: {why}; try {bound.instead}")


def check_numbers(**numbers: Any) -> None:
    """`check_number` for each of several hyperparameters."""
    for name, value in numbers.items():
        check_number(name, value)

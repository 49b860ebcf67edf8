"""A user's functions for initial weights, with what they give checked."""

import math
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import RecipeError, call

OF_FANS = "it takes fan_in and fan_out, and returns a standard deviation"
OF_SHAPE = "it takes a NumPy generator and a shape (outputs, fan_in), and returns the weights"


def own_factor(name: str, function: Any, fan_in: int, fan_out: int, std: float = 0.0) -> float:
    """The standard deviation that `function(fan_in, fan_out)` gives, finite and at least 0; `std` is not used."""
    del std
    what = f"the initialization '{name}'"
    if not callable(function):
        raise RecipeError(f"{what} must be a function, got {function!r}: {OF_FANS}")
    value = call(function, what, OF_FANS, fan_in, fan_out)
    try:
        factor = float(value)
    except (TypeError, ValueError):
        raise RecipeError(f"{what} must give a number, got {type(value).__name__}: {OF_FANS}") from None
    if not (math.isfinite(factor) and factor >= 0):
        raise RecipeError(
            f"{what} gives {factor:g} for fan_in {fan_in} and fan_out {fan_out}: "
            "a standard deviation is finite and at least 0"
        )
    return factor


def own_draw(
    name: str, function: Any, rng: np.random.Generator, shape: tuple[int, ...]
) -> Float[np.ndarray, "outputs fan_in"]:
    """The weights that `function(rng, shape)` gives, of that shape and finite."""
    what = f"the initialization '{name}'"
    if not callable(function):
        raise RecipeError(f"{what} must be a function, got {function!r}: {OF_SHAPE}")
    value = call(function, what, OF_SHAPE, rng, shape)
    try:
        weights = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise RecipeError(f"{what} must give an array, got {type(value).__name__}: {OF_SHAPE}") from None
    if weights.shape != shape:
        raise RecipeError(f"{what} must give weights of shape {shape}, got {weights.shape}: {OF_SHAPE}")
    if not np.isfinite(weights).all():
        raise RecipeError(f"{what} gives weights that are not finite for shape {shape}: {OF_SHAPE}")
    return weights

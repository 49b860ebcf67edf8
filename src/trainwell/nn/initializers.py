"""Weight initialization: every scheme scales the same standard random numbers; users can register their own."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
from jaxtyping import Float

from trainwell.core import RecipeError, call, nearest, registered, same_function, stream
from trainwell.nn.network import HostArrays, Network

Distribution = Literal["normal", "uniform"]


@dataclass(frozen=True)
class Initializer:
    """One scheme: `factor(fan_in, fan_out, std)` times standard random numbers, or times 1 if not `random`."""

    factor: Callable[[int, int, float], float]
    random: bool = True
    needs_std: bool = False
    draw: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray] | None = None
    """A user's `draw(rng, shape)` that returns the weights themselves."""


INITIALIZERS: dict[str, Initializer] = {
    "zero": Initializer(lambda fan_in, fan_out, std: 0.0, random=False),
    "constant": Initializer(lambda fan_in, fan_out, std: std, random=False, needs_std=True),
    "normal": Initializer(lambda fan_in, fan_out, std: std, needs_std=True),
    "xavier": Initializer(lambda fan_in, fan_out, std: math.sqrt(1 / fan_in)),
    "glorot": Initializer(lambda fan_in, fan_out, std: math.sqrt(2 / (fan_in + fan_out))),
    "he": Initializer(lambda fan_in, fan_out, std: math.sqrt(2 / fan_in)),
}
"""Schemes by name: the built-in ones, then those that users register."""
TRIED = ((64, 10), (10, 64))
"""Layer sizes (fan_in, fan_out) with which a user's function is tested when it is registered."""


def initial_params(
    network: Network,
    seed: int,
    scheme: str = "he",
    std: float | None = None,
    distribution: Distribution = "normal",
    dtype: type[np.floating] = np.float32,
) -> HostArrays:
    """Draw a network's initial parameters as NumPy arrays: weights by `scheme`, biases and shifts 0, scales 1.

    W = factor · z. The standard random numbers z depend only on the seed and the layer, so two schemes with the same
    seed differ by one factor per layer. A maxout layer's fan_in is the width of its input, its fan_out the number of
    its units. A user's `draw` gets a generator that depends on the same seed and layer.

    Args:
        network: the structure.
        seed: the member's seed, at least 0.
        scheme: a key of `INITIALIZERS`. Standard deviations of the built-in schemes: xavier √(1/fan_in), glorot
            √(2/(fan_in+fan_out)), he √(2/fan_in), normal `std`. constant sets every weight to `std`, zero to 0.
        std: standard deviation of `"normal"` or value of `"constant"`; only for these two.
        distribution: `"normal"`, or `"uniform"` on ±√3·factor, which has the same standard deviation.
        dtype: of the arrays. Random numbers are always float32, so that precisions can be compared.

    Returns:
        One dictionary per layer with `"weights"` [outputs, fan_in] and `"biases"` [outputs]; with batch norm, hidden
        layers also have `"scale"` and `"shift"` [outputs].

    Raises:
        RecipeError: scheme or distribution is unknown; or `std` is missing, negative, or given for another scheme.

    Example:
        >>> params = initial_params(Network((784, 100, 10)), seed=0, scheme="he")
        >>> params[0]["weights"].shape, params[1]["biases"].shape
        ((100, 784), (10,))

    Source: T-INIT-0 to T-INIT-3; Glorot & Bengio 2010, eq. 12; He et al. 2015, eq. 10.
    """
    initializer = _check(scheme, std, distribution)
    params: HostArrays = []
    for layer, shapes in enumerate(network.parameter_shapes()):
        factor = initializer.factor(network.sizes[layer], network.sizes[layer + 1], std or 0.0)
        weights = dtype(factor) * _unscaled(initializer, shapes["weights"], seed, layer, distribution)
        params.append({"weights": weights.astype(dtype, copy=False)})
        params[-1] |= {
            name: np.full(shape, 1 if name == "scale" else 0, dtype)
            for name, shape in shapes.items()
            if name != "weights"
        }
    return params


def register_initializer(
    name: str,
    factor: Callable[[int, int], float] | None = None,
    *,
    draw: Callable[[np.random.Generator, tuple[int, ...]], Any] | None = None,
) -> Initializer:
    """Add your own initialization under a name that recipes can use.

    Give either `factor`, which scales the standard random numbers that all schemes share, or `draw`.

    Args:
        name: a new name, a Python identifier. Registering the same function again is allowed.
        factor: `factor(fan_in, fan_out)` -> standard deviation of the layer's weights, finite and at least 0.
        draw: `draw(rng, shape)` -> weights [outputs, fan_in]; `rng` is a generator that depends on seed and layer.

    Returns:
        The entry of `INITIALIZERS`.

    Raises:
        RecipeError: the name is taken or not an identifier; none or both of the functions are given; or the function
            returns invalid values for two test sizes. For other sizes the error is raised when they are used.

    Example:
        >>> scheme = register_initializer("fan_out_example", lambda fan_in, fan_out: (2 / fan_out) ** 0.5)
        >>> initial_params(Network((400, 8, 1)), 0, "fan_out_example")[0]["weights"].std().round(2).item()
        0.5
        >>> del INITIALIZERS["fan_out_example"]
    """
    if (factor is None) == (draw is None):
        raise RecipeError(f"the initialization '{name}' must have either factor or draw: give one of them")
    scheme = Initializer(partial(own_factor, name, factor))
    if draw is not None:
        scheme = Initializer(_one, random=False, draw=partial(own_draw, name, draw))
    for fan_in, fan_out in TRIED:
        scheme.factor(fan_in, fan_out, 0.0)
        if scheme.draw is not None:
            scheme.draw(stream(0, "weights", 0), (fan_out, fan_in))

    def is_same(known: Initializer) -> bool:
        return same_function((known.factor, known.draw), (scheme.factor, scheme.draw))

    return registered(INITIALIZERS, name, scheme, is_same, "initialization", "my_scheme")


def _one(fan_in: int, fan_out: int, std: float) -> float:
    """The factor of a user's `draw`, whose weights are not scaled."""
    return 1.0


def _unscaled(
    initializer: Initializer, shape: tuple[int, ...], seed: int, layer: int, distribution: Distribution
) -> Float[np.ndarray, "..."]:
    """A layer's weights before they are multiplied by the scheme's factor."""
    if initializer.draw is not None:
        return initializer.draw(stream(seed, "weights", layer), shape)
    return _standard(shape, seed, layer, distribution) if initializer.random else np.ones(shape, np.float32)


def _standard(shape: tuple[int, ...], seed: int, layer: int, distribution: Distribution) -> Float[np.ndarray, "..."]:
    """Random numbers with mean 0 and variance 1."""
    draws = stream(seed, "weights", layer)
    if distribution == "normal":
        return draws.standard_normal(shape, dtype=np.float32)
    return np.float32(math.sqrt(3)) * (2 * draws.random(shape, dtype=np.float32) - 1)


def _check(scheme: str, std: float | None, distribution: str) -> Initializer:
    """Check the arguments and return the registered scheme."""
    if scheme not in INITIALIZERS:
        raise RecipeError(f"initialization '{scheme}' is unknown: {nearest(scheme, INITIALIZERS)}")
    if distribution not in get_args(Distribution):
        raise RecipeError(
            f"distribution '{distribution}' of initial weights is unknown: "
            f"{nearest(distribution, get_args(Distribution))}"
        )
    initializer = INITIALIZERS[scheme]
    if initializer.needs_std and std is None:
        raise RecipeError(f"initialization '{scheme}' needs std: set it, e.g. std=0.01")
    if std is not None and not initializer.needs_std:
        raise RecipeError(f"initialization '{scheme}' sets its own std, got std={std}: leave it out, or use 'normal'")
    if std is not None and (not math.isfinite(std) or (std < 0 and scheme == "normal")):
        raise RecipeError(f"std of initialization '{scheme}' must be finite and at least 0, got {std}: try 0.01")
    return initializer


OF_FANS = "it takes fan_in and fan_out, and returns a standard deviation"
OF_SHAPE = "it takes a NumPy generator and a shape (outputs, fan_in), and returns the weights"


def own_factor(name: str, function: Any, fan_in: int, fan_out: int, std: float = 0.0) -> float:
    """Call a user's `function(fan_in, fan_out)` and check that it returns a valid standard deviation."""
    del std
    what = f"the initialization '{name}'"
    if not callable(function):
        raise RecipeError(f"{what} must be a function, got {function!r}: {OF_FANS}")
    value = call(function, what, OF_FANS, fan_in, fan_out)
    try:
        factor = float(value)
    except (TypeError, ValueError):
        raise RecipeError(f"{what} must return a number, got {type(value).__name__}: {OF_FANS}") from None
    if not (math.isfinite(factor) and factor >= 0):
        raise RecipeError(
            f"{what} returns {factor:g} for fan_in {fan_in} and fan_out {fan_out}: "
            "a standard deviation must be finite and at least 0"
        )
    return factor


def own_draw(
    name: str, function: Any, rng: np.random.Generator, shape: tuple[int, ...]
) -> Float[np.ndarray, "outputs fan_in"]:
    """Call a user's `function(rng, shape)` and check that it returns finite weights of that shape."""
    what = f"the initialization '{name}'"
    if not callable(function):
        raise RecipeError(f"{what} must be a function, got {function!r}: {OF_SHAPE}")
    value = call(function, what, OF_SHAPE, rng, shape)
    try:
        weights = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise RecipeError(f"{what} must return an array, got {type(value).__name__}: {OF_SHAPE}") from None
    if weights.shape != shape:
        raise RecipeError(f"{what} must return weights of shape {shape}, got {weights.shape}: {OF_SHAPE}")
    if not np.isfinite(weights).all():
        raise RecipeError(f"{what} returns weights that are not finite for shape {shape}: {OF_SHAPE}")
    return weights

"""Surfaces that model losses: smooth random functions of any dimension, and the loss of a small network."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from trainwell.core import stream
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.surfaces.checks import cube, positive, whole_number
from trainwell.landscape.surfaces.surface import Numbers, Surface
from trainwell.nn import Network, cross_entropy_sums, forward

WAVES = 512
SIDE = 50.0
"""Half of the domain's side, in units of the function's length scale; distant points are then independent."""


def _waves(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """√(2/M) Σ cos(wₘᵀx + bₘ)."""
    phases = jnp.asarray(numbers["phases"])
    return jnp.sqrt(2 / len(phases)) * jnp.sum(jnp.cos(jnp.asarray(numbers["frequencies"]) @ x + phases))


def random_function(dimension: int, seed: int = 0, *, waves: int = WAVES) -> Surface:
    """A sample of the Gaussian random field with mean 0 and covariance exp(−‖x − y‖²/2).

        f(x) = √(2/M) Σ cos(wₘᵀx + bₘ),  w normal, b uniform: Gaussian in the limit of many waves

    Value, slopes and curvatures along an axis have variances 1, 1 and 3, whatever the dimension and the point. So
    functions of different dimensions can be compared.

    Args:
        dimension: D.
        seed: determines the function.
        waves: M; it should be much larger than D for curvatures like those of the field.

    Returns:
        The function as a surface with the domain ±50 on every axis and without known critical points.

    Raises:
        LandscapeError: a number is out of range.

    Example:
        >>> random_function(3, seed=1).dimension
        3

    Source: the waves: Rahimi & Recht (2007), "Random features for large-scale kernel machines"; such fields as models
    of losses: Bray & Dean (2007), "Statistics of critical points of Gaussian fields on large-dimensional spaces".
    """
    D, M = whole_number("dimension", dimension), whole_number("waves", waves)
    draws = stream(whole_number("seed", seed, 0), "random function", D)
    return Surface(
        f"random_function_{D}",
        _waves,
        cube(D, -SIDE, SIDE),
        np.zeros(D),
        numbers={"frequencies": draws.standard_normal((M, D)), "phases": draws.uniform(0, 2 * np.pi, M)},
        description="a smooth random function",
        source="Rahimi & Recht 2007",
    )


REACH = 50.0
"""Largest absolute value of every parameter; the penalty keeps critical points far below it."""
L2_PENALTY = 1e-3


@dataclass(frozen=True)
class NetworkFormula:
    """Mean cross-entropy plus ½λ‖θ‖², as a function of the flattened parameters θ."""

    structure: Network

    def __call__(self, x: Float[Array, " P"], numbers: Numbers) -> Float[Array, ""]:
        """The loss."""
        inputs, labels = jnp.asarray(numbers["inputs"]), jnp.asarray(numbers["labels"])
        logits = forward(self.structure, self.layers(x), [], inputs, {}, training=False).logits
        return cross_entropy_sums(logits, labels, jnp.ones(len(labels), x.dtype)).mean() + (
            jnp.asarray(numbers["l2_penalty"]) / 2 * (x @ x)
        )

    def layers(self, x: Float[Array, " P"]) -> list[dict[str, Array]]:
        """The parameters of each layer."""
        params, first = [], 0
        for shapes in self.structure.parameter_shapes():
            layer = {}
            for name, shape in shapes.items():
                size = int(np.prod(shape))
                layer[name] = x[first : first + size].reshape(shape)
                first += size
            params.append(layer)
        return params


def network_surface(
    inputs: Float[np.ndarray, "N D"], labels: Int[np.ndarray, " N"], hidden: int, *, l2_penalty: float = L2_PENALTY
) -> Surface:
    """The loss of a network with one hidden layer of tanh units on all rows, as a function of all its parameters.

        f(θ) = mean cross-entropy + ½λ‖θ‖²

    The penalty includes biases: otherwise adding a constant to all output biases would change nothing, and no critical
    point would be isolated. Exchanging hidden units, or flipping the signs of a unit's weights, gives the same network,
    so each critical point has copies with the same value and eigenvalues.

    Args:
        inputs: rows, standardised or of similar scale.
        labels: class of each row, from 0.
        hidden: number of hidden units.
        l2_penalty: λ, above 0.

    Returns:
        The surface with P = (D + 1)·hidden + (hidden + 1)·classes parameters, in the order first layer's weights, its
        biases, second layer's weights, its biases. All parameters are 0.1 at its start.

    Raises:
        LandscapeError: rows and labels do not fit, there is only one class, or a number is out of range.

    Example:
        >>> rows = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> network_surface(rows, np.array([0, 1, 1]), 3).dimension  # 2·3 + 3 + 3·2 + 2
        17
    """
    inputs, labels = np.asarray(inputs, np.float64), np.asarray(labels)
    if inputs.ndim != 2 or labels.shape != inputs.shape[:1] or not len(labels):
        raise LandscapeError(
            f"rows {list(inputs.shape)} and labels {list(labels.shape)} do not fit each other: give [N, D] and [N]"
        )
    if not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0 or labels.max() < 1:
        raise LandscapeError("labels must be whole numbers from 0, of at least two classes")
    hidden, l2_penalty = whole_number("hidden", hidden), positive("l2_penalty", l2_penalty)
    structure = Network((inputs.shape[1], hidden, int(labels.max()) + 1), activation="tanh")
    P = sum(int(np.prod(shape)) for layer in structure.parameter_shapes() for shape in layer.values())
    return Surface(
        f"network_of_{hidden}",
        NetworkFormula(structure),
        cube(P, -REACH, REACH),
        np.full(P, 0.1),
        numbers={"inputs": inputs, "labels": labels, "l2_penalty": np.asarray(l2_penalty)},
        description=f"the loss of a network of {hidden} tanh units",
    )

"""Activations and gradients of each layer before training, by initial weights.

As in the book: standard-normal inputs, and hidden layers as wide as the inputs.

Source: F-6-10, F-6-11, F-6-13, F-6-14.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.core import stream
from trainwell.lecture.book import BATCH_NORM, WIDTH
from trainwell.nn import (
    ACTIVATIONS,
    ActivationName,
    Network,
    forward,
    initial_params,
    initial_statistics,
    observe,
)

INPUTS = 1000
CLASSES = 10
LARGEST_SLOPES = {"sigmoid": 0.25}
"""Largest slopes of activations, if not 1."""


def network_of(activation: ActivationName, layers: int, width: int = WIDTH) -> Network:
    """A network with hidden layers as wide as the inputs and one output per class."""
    return Network((width,) * (layers + 1) + (CLASSES,), activation)


def activations(
    network: Network, initial: Mapping[str, Any], seed: int, rows: int = INPUTS
) -> list[Float[np.ndarray, "N H"]]:
    """Activations of each hidden layer for standard-normal inputs.

    Args:
        network: its structure.
        initial: recipe fields of the initialization, such as `normal(0.01)`.
        seed: draws weights and inputs.
        rows: N.
    """
    params = initial_params(network, seed, initial["initialization"], initial.get("weight_std"))
    return [np.asarray(layer) for layer in hidden_layers(network, params, standard_normal(network, seed, rows))]


def standard_normal(network: Network, seed: int, rows: int = INPUTS) -> Float[np.ndarray, "N D"]:
    """Standard-normal inputs of a seed."""
    return stream(seed, "standard normal inputs").standard_normal((rows, network.sizes[0]), np.float32)


@partial(jax.jit, static_argnums=0)
def hidden_layers(
    network: Network, params: Sequence[Mapping[str, Array]], inputs: Float[Array, "N D"]
) -> list[Float[Array, "N H"]]:
    """Activations of each hidden layer."""
    return forward(network, params, [], inputs, {}, training=False, record=True).activations[:-1]


@dataclass(frozen=True, eq=False)
class Gradients:
    """Gradients of the mean cross-entropy in every hidden layer, for several seeds.

    Attributes:
        signals: RMS gradient with respect to pre-activations (after batch norm), over rows and units.
        weights: RMS gradient with respect to the layer's weights, without biases.
        closed: share of activations, over rows and units, whose slope is at most 1% of the largest.
    """

    signals: Float[np.ndarray, "S L"]
    weights: Float[np.ndarray, "S L"]
    closed: Float[np.ndarray, "S L"]

    @property
    def arriving(self) -> Float[np.ndarray, " S"]:
        """RMS gradient of the first layer over that of the last hidden layer: vanishing below 1, exploding above."""
        return np.asarray(self.signals[:, 0] / self.signals[:, -1])

    @property
    def arriving_at_weights(self) -> Float[np.ndarray, " S"]:
        """The same ratio for gradients with respect to weights."""
        return np.asarray(self.weights[:, 0] / self.weights[:, -1])


def gradients(network: Network, initial: Mapping[str, Any], seeds: Iterable[int], rows: int = INPUTS // 2) -> Gradients:
    """Gradients in untrained networks, for standard-normal inputs with random classes.

    Args:
        network: its structure; batch norm has the book's ε.
        initial: as for `activations`.
        seeds: draw weights, inputs and classes.
        rows: number of inputs.
    """
    found = []
    for seed in seeds:
        params = initial_params(network, seed, initial["initialization"], initial.get("weight_std"))
        classes = stream(seed, "classes").integers(0, network.sizes[-1], rows)
        found.append(gradient_sizes(network, params, standard_normal(network, seed, rows), classes))
    return Gradients(*(np.asarray(of, np.float64) for of in zip(*found, strict=True)))


@partial(jax.jit, static_argnums=0)
def gradient_sizes(
    network: Network, params: Sequence[Mapping[str, Array]], inputs: Float[Array, "N D"], classes: Array
) -> tuple[Float[Array, " L"], Float[Array, " L"], Float[Array, " L"]]:
    """The values of `Gradients` for one network."""
    numbers = {name: BATCH_NORM[name] for name in ("batch_norm_eps", "batch_norm_momentum")}
    seen = observe(network, params, initial_statistics(network), inputs, classes, "cross_entropy", numbers)
    hidden = range(network.num_hidden)
    slope = jax.vmap(jax.vmap(jax.grad(lambda x: ACTIVATIONS[network.activation](x, {}))))
    small = LARGEST_SLOPES.get(network.activation, 1.0) / 100
    return (
        jnp.stack([_root_mean_square(seen.pre_activation_grads[i]) for i in hidden]),
        jnp.stack([_root_mean_square(seen.grads[i]["weights"]) for i in hidden]),
        jnp.stack([(slope(seen.pre_activations[i]) <= small).mean() for i in hidden]),
    )


def _root_mean_square(values: Float[Array, "..."]) -> Float[Array, ""]:
    """√mean(x²), without underflow of tiny squares."""
    largest = abs(values).max()
    scale = jnp.where(largest > 0, largest, 1)
    return scale * jnp.sqrt(jnp.mean((values / scale) ** 2))

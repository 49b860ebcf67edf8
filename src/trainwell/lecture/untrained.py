"""Networks before their first update: what initial weights make of activations and of gradients, layer by layer.

The book's apparatus (F-6-10 and those after it): standard-normal inputs, layers that are as wide as the inputs.
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
"""The largest slope of an activation where it is not 1."""


def network_of(activation: ActivationName, layers: int, width: int = WIDTH) -> Network:
    """Hidden layers as wide as the inputs, and an output per class."""
    return Network((width,) * (layers + 1) + (CLASSES,), activation)


def activations(
    network: Network, initial: Mapping[str, Any], seed: int, rows: int = INPUTS
) -> list[Float[np.ndarray, "N H"]]:
    """What leaves each hidden layer for standard-normal inputs.

    Args:
        network: its structure.
        initial: fields of a recipe that say how weights are drawn, such as `normal(0.01)` gives.
        seed: of the draws of weights and inputs.
        rows: N.
    """
    params = initial_params(network, seed, initial["initialization"], initial.get("weight_std"))
    return [np.asarray(layer) for layer in hidden_layers(network, params, standard_normal(network, seed, rows))]


def standard_normal(network: Network, seed: int, rows: int = INPUTS) -> Float[np.ndarray, "N D"]:
    """The inputs of a seed."""
    return stream(seed, "standard normal inputs").standard_normal((rows, network.sizes[0]), np.float32)


@partial(jax.jit, static_argnums=0)
def hidden_layers(
    network: Network, params: Sequence[Mapping[str, Array]], inputs: Float[Array, "N D"]
) -> list[Float[Array, "N H"]]:
    """What leaves each hidden layer."""
    return forward(network, params, [], inputs, {}, training=False, record=True).activations[:-1]


@dataclass(frozen=True, eq=False)
class Gradients:
    """Gradients of the mean cross-entropy in every hidden layer, of networks that differ in their draws alone.

    Attributes:
        signals: root mean square over rows and units of the gradient by what enters the activation, after batch norm.
        weights: root mean square of the gradient by the weights that lead into the layer; biases are left out.
        closed: the share of activations, over rows and units, that have a hundredth of the largest slope or less.
    """

    signals: Float[np.ndarray, "S L"]
    weights: Float[np.ndarray, "S L"]
    closed: Float[np.ndarray, "S L"]

    @property
    def arriving(self) -> Float[np.ndarray, " S"]:
        """How large the first layer's is, of that of the last hidden layer: below 1 it vanishes, above it explodes."""
        return np.asarray(self.signals[:, 0] / self.signals[:, -1])

    @property
    def arriving_at_weights(self) -> Float[np.ndarray, " S"]:
        """The same of the gradients by the weights that lead into these layers."""
        return np.asarray(self.weights[:, 0] / self.weights[:, -1])


def gradients(network: Network, initial: Mapping[str, Any], seeds: Iterable[int], rows: int = INPUTS // 2) -> Gradients:
    """Gradients in untrained networks, for standard-normal inputs whose classes are drawn at random.

    Args:
        network: its structure; batch norm has the book's ε.
        initial: as for `activations`.
        seeds: of the draws of weights, inputs and classes.
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
    """What `Gradients` holds of one network."""
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
    """√mean(x²) of numbers whose squares may be below the smallest that there is."""
    largest = abs(values).max()
    scale = jnp.where(largest > 0, largest, 1)
    return scale * jnp.sqrt(jnp.mean((values / scale) ** 2))

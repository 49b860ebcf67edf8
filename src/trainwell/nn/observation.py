"""Activations and gradients of every layer, and histograms of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from trainwell.nn.activations import Numbers
from trainwell.nn.dropout import Noise
from trainwell.nn.layers import Output, Params, forward
from trainwell.nn.losses import mean_squared_error, softmax_cross_entropy
from trainwell.nn.network import Network


class Observation(NamedTuple):
    """Loss, activations and gradients of one batch; lists have one entry per layer, the output layer last."""

    loss: Float[Array, ""]
    pre_activations: list[Float[Array, "B _"]]
    activations: list[Float[Array, "B _"]]
    pre_activation_grads: list[Float[Array, "B _"]]
    grads: list[dict[str, Array]]


def observe(
    network: Network,
    params: Params,
    statistics: Params,
    inputs: Float[Array, "B D"],
    targets: Int[Array, " B"] | Float[Array, "B K"],
    loss: Literal["cross_entropy", "squared_error"],
    numbers: Numbers,
    *,
    training: bool = True,
    weights: Float[Array, " B"] | None = None,
    noise: Noise | None = None,
    valid: Float[Array, " B"] | None = None,
) -> Observation:
    """Run one batch forward and backward and return all activations and gradients. Training does not use this.

    Args:
        network: the structure.
        params: parameters.
        statistics: running statistics of batch norm.
        inputs: one row per example.
        targets: labels [B] for `"cross_entropy"`, numbers [B, K] for `"squared_error"`.
        loss: the loss to differentiate.
        numbers: as in `forward`; may also have `label_smoothing`.
        training: if True, use batch statistics and dropout; if False, running statistics and no dropout.
        weights: weight of each example; 1 by default.
        noise: random words for dropout in training, see `forward`.
        valid: 1 for real rows, 0 for padding; it also multiplies the weights.

    Returns:
        The mean loss, and per layer: pre-activations (after batch norm), activations (before dropout), the gradient
        with respect to pre-activations, and the gradients of parameters.

    Example:
        >>> from trainwell.nn import Network, initial_params
        >>> network = Network((4, 3, 2))
        >>> params = initial_params(network, seed=0, scheme="he")
        >>> seen = observe(network, params, [], jnp.ones((5, 4)), jnp.zeros(5, int), "cross_entropy", {})
        >>> [gradient.shape for gradient in seen.pre_activation_grads]
        [(5, 3), (5, 2)]
    """
    dtype = jnp.result_type(params[0]["weights"])
    B = inputs.shape[0]
    row_weights = jnp.ones(B, dtype) if weights is None else jnp.asarray(weights, dtype)
    if valid is not None:
        row_weights = row_weights * valid

    def batch_loss(params: Params, taps: list[Float[Array, "B _"]]) -> tuple[Float[Array, ""], Output]:
        output = forward(
            network, params, statistics, inputs, numbers,
            training=training, noise=noise, valid=valid, taps=taps, record=True,
        )  # fmt: skip
        if loss == "cross_entropy":
            smoothing = numbers.get("label_smoothing", 0.0)
            return softmax_cross_entropy(output.logits, targets, row_weights, smoothing), output
        return mean_squared_error(output.logits, targets, row_weights), output

    taps = [jnp.zeros((B, network.affine_outputs(layer)), dtype) for layer in range(len(params))]
    differentiate = jax.value_and_grad(batch_loss, argnums=(0, 1), has_aux=True)
    (value, output), (grads, tap_grads) = differentiate([dict(layer) for layer in params], taps)
    return Observation(value, output.pre_activations, output.activations, tap_grads, grads)


@dataclass(frozen=True, eq=False)
class Histograms:
    """Histograms of the values of several layers, with common bins.

    Attributes:
        edges: edges of the K bins, ascending.
        counts: number of each layer's values in each bin, as `numpy.histogram` counts them.
        means: means of each layer's finite values; NaN if there are none.
        stds: their standard deviations.
        zeros: share of finite values that are exactly 0.
        outside: share of all values that are in no bin, because they are beyond the edges or not finite.

    Source: T-BABY-3; F-6-10, F-6-11, F-6-13, F-6-14.
    """

    edges: Float[np.ndarray, " K+1"]
    counts: Int[np.ndarray, "L K"]
    means: Float[np.ndarray, " L"]
    stds: Float[np.ndarray, " L"]
    zeros: Float[np.ndarray, " L"]
    outside: Float[np.ndarray, " L"]

    @classmethod
    def of(cls, layers: Sequence[Array | np.ndarray], edges: Float[np.ndarray, " K+1"]) -> Self:
        """Make histograms of each layer's values.

        Args:
            layers: one array of any shape per layer, such as `Output.activations` or the gradients of an
                `Observation`; not empty.
            edges: edges of the bins, ascending.

        Example:
            >>> from trainwell.nn import Network, forward, initial_params
            >>> network = Network((100,) * 6, "sigmoid")
            >>> params = initial_params(network, seed=0, scheme="normal", std=1.0)
            >>> inputs = np.random.default_rng(0).normal(size=(1000, 100)).astype(np.float32)
            >>> seen = forward(network, params, [], inputs, {}, training=False, record=True).activations[:-1]
            >>> counted = Histograms.of(seen, np.linspace(0, 1, 31))
            >>> counted.counts.shape, int(counted.counts[0].sum())
            ((4, 30), 100000)
        """
        flat = [np.asarray(layer).ravel() for layer in layers]
        finite = [values[np.isfinite(values)].astype(np.float64) for values in flat]
        counts = np.array([np.histogram(values, edges)[0] for values in finite])
        with np.errstate(all="ignore"):
            means, stds, zeros = (
                np.array([measure(values) if len(values) else np.nan for values in finite])
                for measure in (np.mean, np.std, lambda values: np.mean(values == 0))
            )
        return cls(np.asarray(edges), counts, means, stds, zeros, 1 - counts.sum(1) / [len(values) for values in flat])

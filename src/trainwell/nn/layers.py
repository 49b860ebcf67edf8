"""The forward pass of a fully connected network, as a pure function of its parameters.

Weights are stored [out, in], as in PyTorch. On a CPU, XLA then computes the gradient of the first layer's weights up to
45% faster than for [in, out], and a training step 5–25% faster, with the same bits.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from trainwell.nn.activations import ACTIVATIONS, Numbers, number
from trainwell.nn.batch_norm import Statistics, batch_statistics, normalize, update_running
from trainwell.nn.dropout import Noise, dropout, noise_at
from trainwell.nn.network import Network

Params = Sequence[Mapping[str, Array | np.ndarray]]  # one mapping per layer


class Output(NamedTuple):
    """The results of a forward pass. Pre-activations and activations are empty unless `record` is True."""

    logits: Float[Array, "B C"]
    statistics: list[dict[str, Array]]
    pre_activations: list[Float[Array, "B _"]]
    activations: list[Float[Array, "B _"]]


def forward(
    network: Network,
    params: Params,
    statistics: Params,
    inputs: Float[Array, "B D"],
    numbers: Numbers,
    *,
    training: bool,
    noise: Noise | None = None,
    valid: Float[Array, " B"] | None = None,
    taps: Sequence[Float[Array, "B _"]] | None = None,
    record: bool = False,
) -> Output:
    """Apply the network to a batch.

    Args:
        network: the structure.
        params: parameters as from `initial_params`; their dtype is that of the computation.
        statistics: running statistics as from `initial_statistics`; an empty list without batch norm.
        inputs: one row per example.
        numbers: the scalars that the network uses, which may be traced: `negative_slope` (leaky ReLU), `elu_alpha`,
            `dropout_rate`, `batch_norm_eps`, `batch_norm_momentum`.
        training: if True, use batch statistics and dropout; if False, running statistics and no dropout.
        noise: two random words of this member and step, see `noise_at`; only for dropout in training.
        valid: 1 for real rows, 0 for the padding of a short batch, which batch norm ignores.
        taps: one array per layer, added to its pre-activation. The gradient with respect to a tap of zeros is the
            gradient with respect to the pre-activation.
        record: whether to return pre-activations and activations of every layer.

    Returns:
        Logits [B, C]; running statistics (updated in training); and with `record`, per layer, the pre-activation (after
        batch norm) and the activation (before dropout). Both are the logits for the output layer.

    Example:
        >>> from trainwell.nn import Network, initial_params
        >>> network = Network((4, 3, 2))
        >>> params = initial_params(network, seed=0, scheme="he")
        >>> forward(network, params, [], jnp.ones((5, 4), jnp.float32), {}, training=False).logits.shape
        (5, 2)
    """
    dtype = jnp.result_type(params[0]["weights"])
    hidden = jnp.asarray(inputs, dtype)
    output = Output(hidden, [], [], [])
    for layer, layer_params in enumerate(params):
        x = hidden @ layer_params["weights"].T + layer_params["biases"]
        is_hidden = layer < network.num_hidden
        if is_hidden and network.batch_norm:
            if not network.batch_norm_affine:
                layer_params = {name: lax.stop_gradient(layer_params[name]) for name in ("scale", "shift")}
            x, updated = _batch_norm(layer_params, statistics[layer], x, numbers, valid, training=training)
            output.statistics.append(updated)
        if taps is not None:
            x = x + taps[layer]
        hidden = _activate(network, x, numbers) if is_hidden else x
        if record:
            output.pre_activations.append(x)
            output.activations.append(hidden)
        if is_hidden and network.dropout != "none":
            rate = number(numbers, "dropout_rate", dtype)
            noise_of_layer = _noise_of_layer(noise, layer) if training else None
            hidden = dropout(hidden, rate, noise_of_layer, form=network.dropout, training=training)
    return output._replace(logits=hidden)


def _noise_of_layer(noise: Noise | None, layer: int) -> Noise | None:
    """The random words of one layer. The barrier stops XLA from computing them again in every kernel."""
    if noise is None:
        return None
    words: Noise = lax.optimization_barrier(noise_at(noise, layer))  # type: ignore[no-untyped-call]  # no hints in JAX
    return words


def _activate(network: Network, x: Float[Array, "B _"], numbers: Numbers) -> Float[Array, "B H"]:
    """The activation of a hidden layer; for maxout the pieces are an axis of their own."""
    if network.activation == "maxout":
        x = x.reshape(x.shape[0], network.pieces, -1)
    return ACTIVATIONS[network.activation](x, numbers)


def _batch_norm(
    params: Mapping[str, Array | np.ndarray],
    running: Mapping[str, Array | np.ndarray],
    x: Float[Array, "B H"],
    numbers: Numbers,
    valid: Float[Array, " B"] | None,
    *,
    training: bool,
) -> tuple[Float[Array, "B H"], dict[str, Array]]:
    """Normalise by batch statistics and update the running ones (training), or normalise by running statistics."""
    eps = number(numbers, "batch_norm_eps", x.dtype)
    scale, shift = jnp.asarray(params["scale"]), jnp.asarray(params["shift"])
    kept = {name: jnp.asarray(value) for name, value in running.items()}
    if not training:
        return normalize(x, Statistics(kept["mean"], kept["variance"]), scale, shift, eps), kept
    batch = batch_statistics(x, valid)
    momentum = number(numbers, "batch_norm_momentum", x.dtype)
    return normalize(x, batch, scale, shift, eps), update_running(kept, batch, momentum, valid)

"""What happens inside a network on one batch: per layer, what passes forward and what comes back."""

from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from trainwell.nn.activations import Numbers
from trainwell.nn.dropout import Noise
from trainwell.nn.layers import Output, Params, forward
from trainwell.nn.losses import mean_squared_error, softmax_cross_entropy
from trainwell.nn.network import Network


class Observation(NamedTuple):
    """Of every layer, hidden ones first, the output layer last; gradients are of the batch's mean loss."""

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
    """Run one batch forward and backward and keep everything. Ordinary training contains nothing of it.

    Args:
        network: the structure.
        params: parameters.
        statistics: running statistics of batch norm.
        inputs: one row per example.
        targets: labels [B] for `"cross_entropy"`, numbers [B, K] for `"squared_error"`.
        loss: which loss the gradients are of.
        numbers: as in `forward`; `label_smoothing` too if it is to be applied.
        training: batch statistics and dropout masks, or running statistics and no masks.
        weights: of each example; 1 by default.
        noise: for dropout in training.
        valid: 1 for real rows, 0 for padding; multiplies the weights, too.

    Returns:
        The loss, and per layer pre-activations (what enters the activation, after batch norm), activations
        (before dropout), the gradient with respect to the pre-activations, and parameter gradients.

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

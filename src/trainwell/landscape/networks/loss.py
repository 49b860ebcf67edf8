"""The loss of a network on some rows, as a function of its parameters alone: what slices and curvature are taken of."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from trainwell.data import Split
from trainwell.nn import Network, cross_entropy_sums, forward, l2_penalty, squared_error_sums
from trainwell.optim import Loss, mean_over

ROWS_AT_ONCE = 4096


def network_loss(
    structure: Network,
    statistics: PyTree,
    numbers: Mapping[str, np.ndarray],
    split: Split,
    *,
    regularized: bool = True,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Loss:
    """The mean loss of a network over a split, as a pure function of its parameters.

    It is the loss of inference: no dropout, and batch norm with the running statistics given. So it is the same
    function whatever else is drawn, twice differentiable where the activations are.

    Args:
        structure: layer sizes and kinds.
        statistics: batch norm's running statistics, one dictionary per hidden layer; they stay as they are.
        numbers: the network's numbers, such as `TrainedNetwork.numbers`.
        split: prepared rows with their weights; whole numbers as targets are classes, real ones standardised.
        regularized: with label smoothing and ½λ‖W‖², as it is trained; without, as it is judged.
        rows_at_once: rows whose intermediate results are kept at once, at least 1.

    Returns:
        f(params), params one dictionary per layer.

    Raises:
        ValueError: the split has no rows.
    """
    classifies = np.issubdtype(split.targets.dtype, np.integer)
    dtype = np.asarray(numbers["input_scale"]).dtype
    smoothing = numbers["label_smoothing"] if regularized else np.zeros((), dtype)
    data = {
        "inputs": jnp.asarray(split.inputs),
        "targets": jnp.asarray(split.targets),
        "weights": jnp.asarray(split.weights / split.weights.mean(), dtype),  # their mean is 1: sums become means
    }

    def of_rows(params: PyTree, rows: Mapping[str, Array]) -> Float[Array, ""]:
        x = (rows["inputs"].astype(dtype) - numbers["input_shift"]) * numbers["input_scale"]
        outputs = forward(structure, params, statistics, x, numbers, training=False).logits
        if classifies:
            sums = cross_entropy_sums(outputs, rows["targets"], rows["weights"], smoothing)
        else:
            sums = squared_error_sums(outputs, rows["targets"].astype(dtype), rows["weights"])
        return sums.total / len(rows["weights"])

    mean = mean_over(of_rows, data, rows_at_once)

    def loss(params: Any) -> Float[Array, ""]:
        penalty = numbers["l2_penalty"] * l2_penalty(params) if regularized else 0.0
        return mean(params) + penalty

    return loss

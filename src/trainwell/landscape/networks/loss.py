"""The loss of a network on some rows, as a function of its parameters alone: what slices and curvature are taken of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from trainwell.data import Split
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.surfaces.checks import cube, positive, whole_number
from trainwell.landscape.surfaces.surface import Numbers, Surface
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


REACH = 50.0
"""Of every parameter: the penalty keeps critical points far within."""
L2_PENALTY = 1e-3


@dataclass(frozen=True)
class NetworkFormula:
    """Mean cross-entropy and ½λ‖θ‖² of all parameters in one row; networks of one structure share programs."""

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

    The penalty is on biases, too: without it, adding a number to all output biases changes nothing, and no critical
    point would be isolated. It is no less smooth than tanh is. Exchanging hidden units, or turning a unit's signs,
    gives the same network: each point has copies, of the same value and the same eigenvalues.

    Args:
        inputs: rows, standardised or of similar size.
        labels: class of each, from 0.
        hidden: units.
        l2_penalty: λ, above 0.

    Returns:
        The surface in P = (D + 1)·hidden + (hidden + 1)·classes parameters, in the order of weights and biases of the
        first layer, then the second; its start is small and the same for all.

    Raises:
        LandscapeError: rows and labels do not fit, there is one class, or a number is out of range.

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
    hidden, l2_penalty = whole_number("hidden", hidden, 1), positive("l2_penalty", l2_penalty)
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

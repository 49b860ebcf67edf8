"""The loss of a network on some rows, as a function of its parameters, or of coordinates in a slice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from trainwell.data import Split
from trainwell.landscape.slices.directions import inner_products, moved
from trainwell.nn import Net, Network, cross_entropy_sums, forward, l2_penalty, squared_error_sums
from trainwell.optim import Loss, mean_over

ROWS_AT_ONCE = 4096


def network_loss(
    structure: Net,
    state: PyTree,
    numbers: Mapping[str, np.ndarray],
    split: Split,
    *,
    regularized: bool = True,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Loss:
    """The mean loss of a network over a split, as a pure function of its parameters.

    The loss is in inference mode: no dropout, and batch norm uses the given running statistics. It is deterministic,
    and twice differentiable where the activations are.

    Args:
        structure: the network's structure.
        state: what it keeps beside its parameters, such as batch norm's running statistics, which stay constant.
        numbers: numbers for inference, such as `TrainedNetwork.numbers`.
        split: prepared rows with their weights. Targets of integer dtype are classes, others standardised numbers.
        regularized: whether to include label smoothing and ½λ‖W‖², as in training.
        rows_at_once: rows per forward pass, at least 1, to limit memory.

    Returns:
        `f(params)`, a `jax.tree_util.Partial` whose leaves are data, state and numbers. If it is an argument of a
        jitted function, losses of networks of one structure share the compiled program.

    Raises:
        ValueError: the split has no rows.
    """
    dtype = np.asarray(numbers["input_scale"]).dtype
    data = {
        "inputs": jnp.asarray(split.flat),
        "targets": jnp.asarray(split.targets),
        "weights": jnp.asarray(split.weights / split.weights.mean(), dtype),  # their mean is 1: sums become means
    }
    mean_over(lambda _, rows: jnp.mean(rows["weights"]), data, rows_at_once)  # raises if there are no rows
    given = {"data": data, "state": state, "numbers": _judged(numbers, regularized=regularized)}
    return with_leaves(_loss(structure, regularized=regularized, rows_at_once=rows_at_once), given)


def with_leaves(f: Callable[..., Float[Array, ""]], *leaves: PyTree) -> Loss:
    """A loss that can be an argument of jitted functions. Its first arguments `leaves` are traced.

    Any function of parameters can be used without leaves.
    """
    if isinstance(f, jax.tree_util.Partial) and not leaves:
        return f
    loss: Loss = jax.tree_util.Partial(f, *leaves)  # type: ignore[no-untyped-call]  # JAX has no types for it
    return loss


@jax.jit
def loss_value(loss: Loss, params: PyTree) -> Float[Array, ""]:
    """The value of a loss from `with_leaves` at `params`; losses that differ only in leaves share the program."""
    return loss(params)


def _judged(numbers: Mapping[str, np.ndarray], *, regularized: bool) -> dict[str, np.ndarray]:
    """The network's numbers; label smoothing is 0 unless the loss is regularized."""
    if regularized:
        return dict(numbers)
    return {**numbers, "label_smoothing": np.zeros((), np.asarray(numbers["input_scale"]).dtype)}


@cache
def _loss(structure: Net, *, regularized: bool, rows_at_once: int) -> Callable[[PyTree, PyTree], Float[Array, ""]]:
    """`loss(given, params)`, which all networks of one structure share; `given` has data, state and numbers."""

    def loss(given: PyTree, params: PyTree) -> Float[Array, ""]:
        state, numbers = given["state"], given["numbers"]

        def of_rows(params: PyTree, rows: Mapping[str, Array]) -> Float[Array, ""]:
            x = (rows["inputs"].astype(numbers["input_scale"].dtype) - numbers["input_shift"]) * numbers["input_scale"]
            outputs, _ = structure.apply(params, state, x, numbers, training=False)
            return _mean_loss(outputs, rows, numbers["label_smoothing"])

        penalty = numbers["l2_penalty"] * l2_penalty(params) if regularized else 0.0
        return mean_over(of_rows, given["data"], rows_at_once)(params) + penalty

    return loss


def _mean_loss(outputs: Float[Array, "N C"], rows: Mapping[str, Array], smoothing: Any) -> Float[Array, ""]:
    """The mean loss over rows; targets of integer dtype are classes."""
    targets, weights = rows["targets"], rows["weights"]
    if jnp.issubdtype(targets.dtype, jnp.integer):
        sums = cross_entropy_sums(outputs, targets, weights, smoothing)
    else:
        sums = squared_error_sums(outputs, targets.astype(outputs.dtype), weights)
    mean: Float[Array, ""] = sums.total / len(weights)
    return mean


Along: TypeAlias = Callable[[PyTree, Float[Array, " n"]], Float[Array, ""]]
"""`f(given, coordinates) -> loss` of one point of a slice; `given` is the same for all points."""


def loss_at(given: tuple[Loss, PyTree, list[PyTree]], place: Float[Array, " n"]) -> Float[Array, ""]:
    """The loss at θ + a d₁ + b d₂; `given` has a loss from `with_leaves`, θ, and the directions."""
    loss, centre, directions = given
    return loss(moved(centre, directions, place))


def network_plane(
    structure: Net,
    state: PyTree,
    numbers: Mapping[str, np.ndarray],
    split: Split,
    centre: PyTree,
    directions: Sequence[PyTree],
    *,
    regularized: bool = True,
    rows_at_once: int = ROWS_AT_ONCE,
) -> tuple[Along, PyTree]:
    """The loss of `network_loss` at θ + a d₁ + b d₂.

    Args:
        structure: see `network_loss`.
        state: see `network_loss`.
        numbers: see `network_loss`.
        split: see `network_loss`.
        centre: θ.
        directions: one or two.
        regularized: see `network_loss`.
        rows_at_once: see `network_loss`.

    Returns:
        `f(given, coordinates) -> loss`, and `given`: all that the loss is computed from besides the coordinates.

    Raises:
        ValueError: the split has no rows.
    """
    # With batch norm, the first layer's sums cannot be combined from those of centre and directions.
    if not isinstance(structure, Network) or structure.batch_norm:
        loss = network_loss(structure, state, numbers, split, regularized=regularized, rows_at_once=rows_at_once)
        return loss_at, (loss, centre, list(directions))
    dtype = np.asarray(numbers["input_scale"]).dtype
    spanning = [centre, *directions]
    rows = {
        "products": _products(split.flat, numbers, [one[0]["weights"] for one in spanning], rows_at_once),
        "targets": split.targets,
        "weights": (split.weights / split.weights.mean()).astype(dtype),  # their mean is 1: sums become means
    }
    first = [{"weights": one[0]["weights"]} for one in spanning]
    with np.errstate(over="ignore"):  # the loss then overflows, too
        squares = inner_products(first, first).astype(dtype)
    given = {
        "rows": rows,
        "rest": [[{"biases": one[0]["biases"]}, *one[1:]] for one in spanning],
        "squares": squares,
        "numbers": _judged(numbers, regularized=regularized),
    }
    return _along(structure, regularized=regularized, rows_at_once=rows_at_once), given


def _products(
    inputs: Float[np.ndarray, "N D"], numbers: Mapping[str, np.ndarray], weights: Sequence[np.ndarray], at_once: int
) -> list[Float[np.ndarray, "N H"]]:
    """The first layer's products of all rows with the weights of the centre and of each direction."""
    dtype = np.asarray(numbers["input_scale"]).dtype
    products = [np.empty((len(inputs), len(one)), dtype) for one in weights]
    for start in range(0, len(inputs), at_once):
        x = (inputs[start : start + at_once].astype(dtype) - numbers["input_shift"]) * numbers["input_scale"]
        for product, one in zip(products, weights, strict=True):
            product[start : start + at_once] = x @ one.T
    return products


@cache
def _along(structure: Network, *, regularized: bool, rows_at_once: int) -> Along:
    """The loss computed from the first layer's products."""
    H = structure.affine_outputs(0)
    after = replace(structure, sizes=(1, *structure.sizes[1:]))  # its input is 0; taps add the first layer's sums

    def of_rows(params: PyTree, rows: Mapping[str, Any]) -> Float[Array, ""]:
        layers, first, numbers = params
        sums = sum(share * product for share, product in zip(first, rows["products"], strict=True))
        taps = [sums, *[jnp.zeros((), sums.dtype)] * structure.num_hidden]
        nothing = jnp.zeros((len(sums), 1), sums.dtype)
        outputs = forward(after, layers, [], nothing, numbers, training=False, taps=taps).logits
        return _mean_loss(outputs, rows, numbers["label_smoothing"])

    def along(given: PyTree, place: Float[Array, " n"]) -> Float[Array, ""]:
        centre, *directions = given["rest"]
        rest = moved(centre, directions, place)
        layers = [{"weights": jnp.zeros((H, 1), place.dtype), **rest[0]}, *rest[1:]]
        first = jnp.concatenate([jnp.ones(1, place.dtype), place])
        numbers = given["numbers"]
        mean = mean_over(of_rows, given["rows"], rows_at_once)((layers, first, numbers))
        if not regularized:
            return mean
        of_first: Float[Array, ""] = 0.5 * first @ given["squares"] @ first
        penalized: Float[Array, ""] = mean + numbers["l2_penalty"] * (of_first + l2_penalty(layers))
        return penalized

    return along

"""C-06: what becomes of ReLU's activations through many layers, with Xavier's initial weights and with He's."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.core import stream
from trainwell.lecture.book import INITIALIZATIONS, WIDTH, Fields
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve
from trainwell.lecture.measuring import median
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.nn import ActivationName, Network, forward, initial_params

DEPTHS = (5, 20, 50)  # 5 is the book's, of F-6-14
WIDTHS = (10, 30, WIDTH, 300)
SLOPES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of leaky ReLU below 0: 0 is ReLU, 1 is no activation function at all."""
SHOWN = (1, 2, 3, 5, 10, 20, 30, 40, 50)
INPUTS = 200


DESIGN = Design(
    varied="the scale of the initial weights (Xavier's √(1/n), He's √(2/n)), depth and width; for the explanation, "
    "also the slope of the activation function below 0, from 0 (ReLU) to 1 (linear: nothing is zeroed)",
    fixed="standard-normal inputs, as many as a layer has units; biases 0; the same draws for both scales",
    measured="the root mean square of each layer's activations over all its units and 200 inputs, as a share of the "
    "first layer's; the share of activations that are exactly 0; the factor on the weights' variance with which a "
    "layer would keep the size of its input",
    criterion="Xavier's activations shrink: in the last layer they have less than half of their size in the first. "
    "He's do not: they keep more than half, and at most double. ReLU zeroes half: between 0.45 and 0.55 of all "
    "activations. The factor that is needed is 2 for ReLU and 1 without an activation function, within a tenth: if "
    "zeroing were not the reason for the factor, the second would fail. Half and twice are judgement calls: what a "
    "practitioner would still call the same size",
    conditions="5 layers (the book's), 20 and 50; 10, 30, 100 (the book's) and 300 units per layer; five slopes",
    precision="100 networks each; medians with order-statistic intervals",
)


class Spread(NamedTuple):
    """Of every network and layer: mean square of the activations, and the share of them that is 0."""

    squares: Float[np.ndarray, "S L"]
    zeros: Float[np.ndarray, "S L"]


Found: TypeAlias = Mapping[int, Mapping[str, Spread]]
"""By width and scheme."""


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-06."""
    seeds, widths, depths = setup.of((100, WIDTHS, DEPTHS), (20, (10, WIDTH), (5, 20)))
    schemes = {label: INITIALIZATIONS[label] for label in ("Xavier", "He")}
    found = {width: spreads(schemes, width, max(depths), range(seeds)) for width in widths}
    return (*shrinking(found, depths), zeroing(found[WIDTH], depths), factor(range(seeds)))


STATEMENT = Statement(
    "C-06",
    DESIGN,
    "With ReLU start from He's weights. If a network is deep or narrow, check its activations as well: the factor is "
    "right on average over networks, not for each of them.",
    examined,
)


def spreads(schemes: Mapping[str, Fields], width: int, depth: int, seeds: Sequence[int]) -> dict[str, Spread]:
    """The outputs of each layer of ReLU networks: their mean squares and shares of zeros.

    Args:
        schemes: label -> fields of a recipe that say how initial weights are drawn.
        width: inputs and units of every layer.
        depth: hidden layers.
        seeds: one network each.
    """
    return {label: _spread(fields, "relu", 0.0, width, depth, seeds) for label, fields in schemes.items()}


def _spread(
    fields: Fields, activation: ActivationName, slope: float, width: int, depth: int, seeds: Sequence[int]
) -> Spread:
    network = Network((width,) * (depth + 2), activation)
    rows = []
    for seed in seeds:
        params = initial_params(network, seed, fields["initialization"], fields.get("weight_std"))
        inputs = stream(seed, "standard normal inputs").standard_normal((INPUTS, width), np.float32)
        rows.append(_measured(network, params, inputs, slope))
    squares, zeros = np.moveaxis(np.array(rows, np.float64), 1, 0)
    return Spread(squares, zeros)


@partial(jax.jit, static_argnums=0)
def _measured(
    network: Network, params: list[dict[str, Array]], inputs: Float[Array, "N D"], slope: float
) -> tuple[Float[Array, " L"], Float[Array, " L"]]:
    numbers = {"negative_slope": jnp.asarray(slope, inputs.dtype)}
    layers = forward(network, params, [], inputs, numbers, training=False, record=True).activations[:-1]
    return jnp.stack([(a**2).mean() for a in layers]), jnp.stack([(a == 0).mean() for a in layers])


def size_relative_to_first(spread: Spread, depth: int) -> Float[np.ndarray, " S"]:
    """Root mean square of a layer's activations, as a share of the first layer's."""
    return np.asarray(np.sqrt(spread.squares[:, depth - 1] / spread.squares[:, 0]))


def shrinking(found: Found, depths: Sequence[int]) -> tuple[Part, Part]:
    """Size of the last layer's activations with both initializations; the book's network first."""
    where = sorted(((depth, width) for depth in depths for width in found), key=lambda one: one != (DEPTHS[0], WIDTH))
    numbers = {
        label: {
            f"{depth} layers of {width}": median(
                f"size in layer {depth} over layer 1, {width} units, {label}",
                size_relative_to_first(found[width][label], depth),
            )
            for depth, width in where
        }
        for label in ("Xavier", "He")
    }
    return (
        Part(
            "Xavier's activations shrink: less than half of the first layer's size is left in the last one",
            tuple(below(number, 0.5, at) for at, number in numbers["Xavier"].items()),
            (),
            _chart(found, depths, "Xavier"),
        ),
        Part(
            "He's activations do not shrink: more than half is left in the last layer, and not more than twice as much",
            tuple(one for at, n in numbers["He"].items() for one in (above(n, 0.5, at), below(n, 2.0, at))),
            (),
            _chart(found, depths, "He"),
        ),
    )


def _chart(found: Found, depths: Sequence[int], label: str) -> Chart:
    shown = [depth for depth in SHOWN if depth <= max(depths)]
    curves = [
        curve(
            f"{label}, {width} units", shown, [median("", size_relative_to_first(own[label], depth)) for depth in shown]
        )
        for width, own in found.items()
    ]
    return Chart("layer", "size, as a share of the first layer's", tuple(curves), log_y=True, bound=0.5)


def zeroing(found: Mapping[str, Spread], depths: Sequence[int]) -> Part:
    """The share of activations that ReLU makes 0."""
    numbers = {
        f"in layer {depth}": median(f"share of activations that are 0, layer {depth}", found["He"].zeros[:, depth - 1])
        for depth in depths
    }
    return Part(
        "ReLU makes half of the activations 0, between 0.45 and 0.55, in a layer of 100 units",
        tuple(
            one for where, share in numbers.items() for one in (above(share, 0.45, where), below(share, 0.55, where))
        ),
    )


def needed(spread: Spread) -> Float[np.ndarray, " S"]:
    """Factor on the variance of Xavier's weights with which the mean square would stay, from layer to layer.

    A layer with weights of variance f/n instead of 1/n gives on f times as much: f is one over the ratio of two layers.
    """
    layers = spread.squares.shape[1]
    return np.asarray((spread.squares[:, 0] / spread.squares[:, -1]) ** (1 / (layers - 1)))


def factor(seeds: Sequence[int], slopes: Sequence[float] = SLOPES, scheme: Fields = INITIALIZATIONS["Xavier"]) -> Part:
    """The factor that is needed, by the slope of the activation function below 0."""
    found = {slope: needed(_spread(scheme, "leaky_relu", slope, WIDTH, DEPTHS[0], seeds)) for slope in slopes}
    numbers = {slope: median(f"factor needed, slope {slope:g} below 0", own) for slope, own in found.items()}
    bounds = {0.0: ("ReLU", 2.0), 1.0: ("no activation function", 1.0)}
    criteria = [
        one
        for slope, (where, value) in bounds.items()
        for one in (above(numbers[slope], 0.9 * value, where), below(numbers[slope], 1.1 * value, where))
    ]
    expected = [2 / (1 + slope**2) for slope in slopes]
    points = [Measured("", value, value, value, 1) for value in expected]
    return Part(
        "He's factor 2 makes up for the zeros: with ReLU it is 2 that keeps the size from layer to layer, within a "
        "tenth, and 1 where nothing is zeroed",
        tuple(criteria),
        tuple(numbers.values()),
        Chart(
            "slope of the activation function below 0 (0 is ReLU, 1 is linear)",
            "factor that keeps the size",
            (curve("measured", slopes, list(numbers.values())), curve("2/(1 + slope²)", slopes, points)),
        ),
    )

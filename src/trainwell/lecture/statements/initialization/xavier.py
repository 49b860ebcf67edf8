"""C-05: whether Xavier's weights keep activations spread through the layers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from trainwell.lecture.book import INITIALIZATIONS, WIDTH, normal
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve
from trainwell.lecture.measuring import Fields, median
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.lecture.untrained import activations, network_of
from trainwell.nn import ActivationName

LAYERS = (5, 2, 10, 20)
"""Indices of layers from 1, the book's first."""
LECTURES: tuple[ActivationName, ...] = ("sigmoid", "tanh")
LINEAR: tuple[ActivationName, ...] = ("identity",)
FACTORS = (0.25, 0.5, 0.7, 0.9, 1.0, 1.1, 1.4, 2.0, 4.0)
"""Multiples of Xavier's standard deviation."""
DEEP = 10
"""The layer in which spreads are compared by factor."""
HALF, DOUBLE, LOST = 0.5, 2.0, 0.01
ENDS: Mapping[ActivationName, tuple[float, float]] = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
NEAR = 0.05
"""Share of the range: activations closer than that to an end count as being at it."""


DESIGN = Design(
    varied="the activation; how deep the layer lies; also, the standard deviation as a multiple of Xavier's",
    fixed="the book's network: 1000 standard-normal inputs of size 100, 100 units in each layer, biases 0, weights "
    "with standard deviation √(1/n) of n inputs; no training",
    measured="the standard deviation of a layer's activations over that of the first layer's, in two ways: over all "
    "activations of the layer, as in the book's histograms, and of one unit over the inputs, which is the information "
    "for the next layer (square root of the mean variance); the share of activations at an end, within a twentieth of "
    "the range",
    criterion="for sigmoid and for tanh, at every depth, both stay at half of the first layer's or more, and fewer "
    "than half of the activations are at an end: activations at both ends would have a large standard deviation, too. "
    "For the linear activation that Xavier's derivation presumes, one unit's stays between half and double. Half is a "
    "judgement call",
    conditions="layers 2, 5, 10 and 20; factors of 0.25 to 4",
    precision="100 draws of weights and inputs; medians with order-statistic intervals",
)


@dataclass(frozen=True, eq=False)
class Spreads:
    """Standard deviations of the activations of every layer.

    Attributes:
        pooled: over all activations of a layer.
        alone: of one unit over the inputs.
        ended: shares of activations at an end; 0 for unbounded activations.
    """

    pooled: Float[np.ndarray, "S L"]
    alone: Float[np.ndarray, "S L"]
    ended: Float[np.ndarray, "S L"]


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-05."""
    draws, layers = setup.of((100, LAYERS), (12, LAYERS[:3]))
    seeds, xavier = range(draws), INITIALIZATIONS["Xavier"]
    found = {name: spreads(name, xavier, seeds, max(layers)) for name in (*LECTURES, *LINEAR)}
    lectures = {name: found[name] for name in LECTURES}
    few, factors = range(setup.of(40, 12)), setup.of(FACTORS, FACTORS[1::3])
    by_factor = {
        name: {factor: spreads(name, normal(factor / WIDTH**0.5), few, DEEP) for factor in factors} for name in found
    }
    return (
        spread("all numbers of a layer", {name: own.pooled for name, own in lectures.items()}, layers),
        spread("one unit over the inputs", {name: own.alone for name, own in lectures.items()}, layers),
        not_piled_up(lectures, layers),
        kept_by_linear(found["identity"], layers),
        _factors(by_factor),
    )


STATEMENT = Statement(
    "C-05",
    DESIGN,
    "Xavier's weights suit tanh in networks of a few layers, and linear layers up to at least twenty. With sigmoid the "
    "histogram of a layer looks well spread while each unit hardly reacts to its inputs: use another activation, or "
    "batch norm.",
    examined,
)


def spreads(
    activation: ActivationName, initial: Fields, seeds: Sequence[int], layers: int, width: int = WIDTH
) -> Spreads:
    """Standard deviations of every layer, one row per seed."""
    network = network_of(activation, layers, width)
    low, high = ENDS.get(activation, (-np.inf, np.inf))
    pooled, alone, ended = [], [], []
    for seed in seeds:
        seen = activations(network, initial, seed)
        pooled.append([layer.std(dtype=np.float64) for layer in seen])
        alone.append([np.sqrt(layer.var(0, dtype=np.float64).mean()) for layer in seen])
        near = NEAR * (high - low) if activation in ENDS else 0.0
        ended.append([np.count_nonzero((layer < low + near) | (layer > high - near)) / layer.size for layer in seen])
    return Spreads(np.array(pooled), np.array(alone), np.array(ended))


def _kept(what: str, values: Float[np.ndarray, "S L"], layers: Sequence[int]) -> dict[int, Measured]:
    return {
        layer: median(
            f"standard deviation of activations, layer {layer} / layer 1, {what}", values[:, layer - 1] / values[:, 0]
        )
        for layer in layers
    }


def spread(of: str, found: Mapping[ActivationName, Float[np.ndarray, "S L"]], layers: Sequence[int]) -> Part:
    """Whether activations are spread as widely as in the first layer, up to a factor of 2."""
    kept = {name: _kept(f"{of}, {name}", values, layers) for name, values in found.items()}
    return Part(
        f"with Xavier's weights the spread of {of} stays at half of the first layer's or more",
        tuple(above(own[layer], HALF, f"{name}'s layer {layer}") for name, own in kept.items() for layer in layers),
        chart=_over_layers(of, found),
    )


def _over_layers(of: str, found: Mapping[ActivationName, Float[np.ndarray, "S L"]]) -> Chart:
    curves = []
    for name, values in found.items():
        every = range(1, values.shape[1] + 1)
        curves.append(curve(name, list(every), list(_kept(name, values, every).values())))
    return Chart("layer", "std over layer 1's", tuple(curves), log_y=True, bound=HALF)


def not_piled_up(found: Mapping[ActivationName, Spreads], layers: Sequence[int]) -> Part:
    """Whether activations are spread between the ends of their range, and not at them."""
    return Part(
        "with Xavier's weights activations do not pile up at the ends: fewer than half are within a twentieth of the "
        "range of one",
        tuple(
            below(
                median(f"share at an end, {name}, layer {layer}", own.ended[:, layer - 1]),
                HALF,
                f"{name}'s layer {layer}",
            )
            for name, own in found.items()
            for layer in layers
        ),
    )


def kept_by_linear(found: Spreads, layers: Sequence[int]) -> Part:
    """Whether a linear activation, for which Xavier's standard deviation was derived, loses nothing."""
    kept = _kept("one unit, linear", found.alone, layers)
    return Part(
        "with a linear activation, which Xavier's derivation presumes, the spread of one unit stays between half and "
        "double of the first layer's",
        tuple(
            rule(kept[layer], bound, f"layer {layer}")
            for layer in layers
            for rule, bound in ((above, HALF), (below, DOUBLE))
        ),
        chart=_over_layers("one unit over the inputs", {"identity": found.alone}),
    )


def _factors(by_factor: Mapping[ActivationName, Mapping[float, Spreads]]) -> Part:
    """Whether another standard deviation would keep a unit's spread better, at 10 layers."""
    kept = {
        name: [
            median(
                f"one unit's spread in layer 10 over layer 1's, {name}, {factor:g} × Xavier",
                one.alone[:, 9] / one.alone[:, 0],
            )
            for factor, one in own.items()
        ]
        for name, own in by_factor.items()
    }
    factors = {name: list(own) for name, own in by_factor.items()}
    return Part(
        f"at half of Xavier's standard deviation the spread of one unit falls below a hundredth in {DEEP} layers, with "
        "every activation",
        tuple(below(own[factors[name].index(0.5)], LOST, name) for name, own in kept.items()),
        tuple(one for own in kept.values() for one in own),
        Chart(
            "standard deviation of the initial weights, of Xavier's",
            f"one unit's std, layer {DEEP} over 1",
            tuple(curve(name, factors[name], own) for name, own in kept.items()),
            log_x=True,
            log_y=True,
            bound=LOST,
        ),
        beyond=True,
    )

"""C-09: gradients against the size of the initial weights, from too small to too large."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np

from trainwell.lecture.book import INITIALIZATIONS, WIDTH, normal
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve
from trainwell.lecture.measuring import crossings, median, paired_ratio
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.lecture.untrained import Gradients, gradients, network_of
from trainwell.nn import ActivationName

Swept: TypeAlias = Mapping[tuple[ActivationName, int], Mapping[float, Gradients]]
"""(activation, hidden layers) -> standard deviation, ascending -> gradients."""

STDS = (0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0)
SMALL, LARGE = 0.01, 1.0
"""The lecture's standard deviations."""
LAYERS = (5, 2, 10)
"""Numbers of hidden layers, the book's first."""
ACTIVATIONS: tuple[ActivationName, ...] = ("sigmoid", "tanh", "relu")
VANISHED, EXPLODED = 0.1, 10.0
NAMES = {"relu": "ReLU"}


DESIGN = Design(
    varied="the standard deviation of the initial weights; the activation; the number of hidden layers",
    fixed="500 standard-normal inputs of size 100, 100 units in each layer, 10 classes drawn at random, the mean "
    "cross-entropy; no training",
    measured="the RMS gradient with respect to pre-activations in the first layer, divided by that in the last hidden "
    "layer",
    criterion="with the lecture's 0.01, and with its 1, less than a tenth reaches the first layer; a tenth is a "
    "judgement call. Also reported: the share of activations with almost zero slope, and the gradient with respect to "
    "the first layer's weights compared with that from Xavier's or He's weights",
    conditions="eleven standard deviations from 0.001 to 3; sigmoid, tanh, ReLU; 2, 5 and 10 hidden layers",
    precision="40 draws of weights and inputs; medians with order-statistic intervals",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-09."""
    draws, stds, layers = setup.of((40, STDS, LAYERS), (12, (0.001, 0.01, 0.1, 1.0, 3.0), LAYERS[:2]))
    found = swept(ACTIVATIONS, layers, stds, range(draws))
    return (
        vanishing("small", found, SMALL),
        vanishing("large", found, LARGE),
        _exploding(found),
        _closed(found),
        *(_first_weights(found, usual_gradients(found, range(draws)), std) for std in (SMALL, LARGE)),
    )


STATEMENT = Statement(
    "C-09",
    DESIGN,
    "Start with He's weights for ReLU and Xavier's for tanh. If the first layers hardly change, check the gradient of "
    "every layer: too small weights make it vanish; too large ones can make it vanish or explode.",
    examined,
)


def usual_gradients(
    found: Swept, seeds: Sequence[int], width: int = WIDTH
) -> dict[tuple[ActivationName, int], Gradients]:
    """Gradients with the usual initialization of each activation."""
    usual = {name: INITIALIZATIONS["He" if name == "relu" else "Xavier"] for name, _ in found}
    return {(name, count): gradients(network_of(name, count, width), usual[name], seeds) for name, count in found}


def swept(
    activations: Sequence[ActivationName],
    layers: Sequence[int],
    stds: Sequence[float],
    seeds: Sequence[int],
    width: int = WIDTH,
) -> Swept:
    """Gradients for every activation, number of layers and standard deviation."""
    return {
        (name, count): {std: gradients(network_of(name, count, width), normal(std), seeds) for std in stds}
        for name in activations
        for count in layers
    }


def _said(activation: str, count: int) -> str:
    return f"{count} {NAMES.get(activation, activation)} layers"


def _arriving(found: Swept, std: float) -> dict[tuple[str, int], Measured]:
    return {
        key: median(f"gradient, first layer over last, std {std:g}, {_said(*key)}", own[std].arriving)
        for key, own in found.items()
    }


def vanishing(size: Literal["small", "large"], found: Swept, std: float) -> Part:
    """The claim that less than a tenth of the gradient reaches the first layer."""
    shares = _arriving(found, std)
    return Part(
        f"with too {size} weights the gradient vanishes: with std {std:g} less than a tenth of it reaches the first "
        "layer",
        tuple(below(one, VANISHED, _said(*key)) for key, one in shares.items()),
        _corridor(found) if size == "small" else (),
        _chart(found),
    )


def _chart(found: Swept) -> Chart:
    """The gradient ratios against the standard deviation, one curve per activation and number of layers."""
    return Chart(
        "standard deviation of the initial weights",
        "gradient: first layer over last",
        tuple(
            curve(_said(*key), list(own), [median("", one.arriving) for one in own.values()])
            for key, own in sorted(found.items())
        ),
        log_x=True,
        log_y=True,
        bound=VANISHED,
    )


def _corridor(found: Swept) -> tuple[Measured, ...]:
    """The standard deviations at which gradients stop vanishing."""
    return tuple(
        median(
            f"std from which at least a tenth reaches the first layer, {_said(*key)}",
            crossings(list(own), np.stack([one.arriving for one in own.values()], axis=1), VANISHED),
        )
        for key, own in found.items()
    )


def _exploding(found: Swept) -> Part:
    shares = _arriving(found, LARGE)
    return Part(
        f"with std {LARGE:g} the gradient explodes instead: the first layer's is more than 10 times the last hidden "
        "layer's",
        tuple(above(one, EXPLODED, _said(*key)) for key, one in shares.items()),
        beyond=True,
    )


def _closed(found: Swept) -> Part:
    """The share of activations with almost zero slope."""
    shares = {
        key: median(
            f"share of activations with almost zero slope, std {LARGE:g}, {_said(*key)}", own[LARGE].closed.mean(1)
        )
        for key, own in found.items()
    }
    return Part(
        f"with std {LARGE:g} more than half of the activations have almost zero slope, at most a hundredth of the "
        "largest: the others carry the gradient",
        tuple(above(one, 0.5, _said(*key)) for key, one in shares.items()),
        beyond=True,
    )


def _first_weights(found: Swept, usual: Mapping[tuple[ActivationName, int], Gradients], std: float) -> Part:
    """The gradient with respect to the first layer's weights, compared with the usual initialization."""
    ratios = {
        key: [
            paired_ratio(
                f"first weights' gradient, std {one:g} over usual std, {_said(*key)}",
                of.weights[:, 0],
                usual[key].weights[:, 0],
            )
            for one, of in own.items()
        ]
        for key, own in found.items()
    }
    return Part(
        f"with std {std:g} the gradient with respect to the first layer's weights is less than a tenth of that "
        "from Xavier's weights (ReLU: He's)",
        tuple(below(own[list(found[key]).index(std)], VANISHED, _said(*key)) for key, own in ratios.items()),
        chart=Chart(
            "standard deviation of the initial weights",
            "first weights' gradient, over usual",
            tuple(curve(_said(*key), list(found[key]), own) for key, own in ratios.items()),
            log_x=True,
            log_y=True,
            bound=VANISHED,
        ),
        beyond=True,
    )

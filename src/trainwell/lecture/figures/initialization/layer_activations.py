"""F-6-10, F-6-11, F-6-13, F-6-14: the activations of five layers, by initialization."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.display import Head, Row, Table, layer_histograms
from trainwell.lecture.book import INITIALIZATIONS, WIDTH, normal
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.lecture.untrained import INPUTS, activations
from trainwell.nn import ActivationName, Histograms, Network

LAYERS = 5
EDGES = np.linspace(0, 1, 31)
HEADS = (Head("", "long"), *map(Head, ("mean", "standard deviation", "std of one unit", "exactly 0", "above 1")))
ALONE = (
    "A layer's standard deviation is that of all its activations. That of one unit, over the inputs, is smaller: the "
    "units differ from each other even where each of them gives nearly the same for all inputs."
)
CENTRES = (EDGES[:-1] + EDGES[1:]) / 2
RELU_TOP = 0.07
"""Top of ReLU's panels, as in the book: half of the activations are 0, and their bar would dwarf the others."""


def draw(given: Given, activation: ActivationName, schemes: Mapping[str, Any], top: float | None) -> Content:
    """A row of panels per initialization: the activations of all seeds, layer beside layer."""
    network = Network((WIDTH,) * (LAYERS + 2), activation)
    drawings, series, rows = [], [], []
    for label, fields in schemes.items():
        found = [activations(network, fields, seed) for seed in given.seeds]
        pooled = Histograms.of([np.concatenate(layers) for layers in zip(*found, strict=True)], EDGES)
        alone = np.sqrt(np.mean([[layer.var(0).mean() for layer in layers] for layers in found], 0))
        drawings.append(_drawing(label, pooled, len(found) * INPUTS * WIDTH, top))
        prefix = f"{label}: " if len(schemes) > 1 else ""
        shares = np.array([Histograms.of(layers, EDGES).counts for layers in found]) / (INPUTS * WIDTH)
        series += [Series(f"{prefix}layer {i + 1}", CENTRES, shares[:, i]) for i in range(LAYERS)]
        rows += _rows(label, pooled, alone)
    seeds = f" of {len(given.seeds)} seeds" if len(given.seeds) > 1 else ""
    return Content(drawings, series, {f"Activations{seeds}": Table(HEADS, tuple(rows))}, [ALONE])


def _drawing(label: str, pooled: Histograms, numbers: int, top: float | None) -> Drawing:
    shares = pooled.counts / numbers
    titles = [f"layer {i + 1}: std {pooled.stds[i]:.2g}" for i in range(LAYERS)]
    cut = "; bars that are higher than the panel are cut off" if top and shares.max() > top else ""
    return Drawing(
        label.lower().replace(" ", "-").replace(".", "-"),
        f"Initial weights: {label}. Activations in {len(CENTRES)} bins, their standard deviation{cut}",
        layer_histograms(EDGES, shares[None], [titles], "activation", "share", top=top),
        f"Mean and standard deviation are {_spread(pooled, 0)} in the first layer and {_spread(pooled, -1)} in the "
        f"last, where the fullest bin, from {EDGES[shares[-1].argmax()]:.2f} on, holds {shares[-1].max():.1%}.",
    )


def _spread(pooled: Histograms, layer: int) -> str:
    return f"{pooled.means[layer]:.2g} ± {pooled.stds[layer]:.2g}"


def _rows(label: str, pooled: Histograms, alone: Float[np.ndarray, " L"]) -> list[Row]:
    numbers = zip(pooled.means, pooled.stds, alone, pooled.zeros, pooled.outside, strict=True)
    return [
        Row((f"{label}, layer {i + 1}", f"{mean:.3g}", f"{std:.3g}", f"{own:.3g}", f"{zero:.1%}", f"{above:.1%}"))
        for i, (mean, std, own, zero, above) in enumerate(numbers)
    ]


def _figure(
    name: str,
    text: str,
    statements: tuple[str, ...],
    schemes: Mapping[str, Any],
    activation: ActivationName = "sigmoid",
) -> Figure:
    top = RELU_TOP if activation == "relu" else None
    return Figure(
        name,
        "initialization",
        text,
        partial(draw, activation=activation, schemes=schemes, top=top),
        statements=statements,
    )


FIGURES: Sequence[Figure] = (
    _figure(
        "F-6-10",
        "1000 standard-normal inputs pass through five layers of 100 sigmoid units whose weights have standard "
        "deviation 1. The activations pile up at 0 and 1, where the sigmoid is flat and lets no gradient through.",
        ("C-03", "C-09"),
        {"std 1": normal(1.0)},
    ),
    _figure(
        "F-6-11",
        "The sigmoid network of F-6-10 with weights of standard deviation 0.01. From the second layer on all "
        "activations lie close to 0.5: many units compute what one unit could.",
        ("C-04", "C-09"),
        {"std 0.01": normal(0.01)},
    ),
    _figure(
        "F-6-13",
        "The sigmoid network of F-6-10 with Xavier's standard deviation, √(1/n) of n inputs. The activations stay "
        "spread out through all layers, though the spread of a single unit over the inputs shrinks, since the sigmoid "
        "is not linear.",
        ("C-05",),
        {"Xavier": INITIALIZATIONS["Xavier"]},
    ),
    _figure(
        "F-6-14",
        "The network of F-6-10 with ReLU units, by initialization. With standard deviation 0.01 all activations "
        "come close to 0, with Xavier's they shrink from layer to layer, and with He's √(2/n) they keep their size.",
        ("C-06", "C-09"),
        INITIALIZATIONS,
        "relu",
    ),
)

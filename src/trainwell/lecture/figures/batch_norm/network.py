"""F-6-16: the layers of a network with batch norm."""

from typing import Any

import numpy as np

from trainwell.display import COLORS, Arrow, Box, Flow, Head, Row, Table, flow_chart
from trainwell.lecture.book import BOOK, WIDTH
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.nn import Network, initial_params, initial_statistics
from trainwell.training import Recipe

PIXELS, CLASSES = 28 * 28, 10
"""Of MNIST, on which F-6-18 and F-6-19 train this network."""
SIZE = (86, 60)
FLOWS = (Flow(0, True, 118, (0.42, 40)), Flow(700, False, 100, (0.45, 40)))


def _recipe() -> Recipe:
    setting = BOOK["F-6-18"]
    fields: dict[str, Any] = dict(setting.contenders)["batch norm"]  # type: ignore[arg-type]  # not drawn by seed
    return Recipe(hidden=(WIDTH,) * setting.hidden, batch_size=setting.batch_size, **fields)


RECIPE = _recipe()


def draw(given: Given) -> Content:
    """A column per layer, and how many numbers it has."""
    sizes = (PIXELS, *RECIPE.hidden, CLASSES)
    network = Network(sizes, batch_norm=RECIPE.batch_norm)
    params = initial_params(network, given.seeds[0], RECIPE.initialization)
    counts = [{name: values.size for name, values in layer.items()} for layer in params]
    running = [sum(values.size for values in layer.values()) for layer in initial_statistics(network)]
    boxes, arrows = _diagram(network, counts)
    totals = [sum(own.values()) for own in counts]
    heads = (Head("layer", "long"), *map(Head, ("weights", "biases", "scales", "shifts", "learned", "running")))
    rows = [
        Row((f"{i + 1}", *(f"{own.get(name, 0):,}" for name in ("weights", "biases", "scale", "shift"))))
        for i, own in enumerate(counts)
    ]
    rows = [
        Row((*row.cells, f"{total:,}", f"{kept:,}"))
        for row, total, kept in zip(rows, totals, [*running, 0], strict=True)
    ]
    learned = sum(own.get("scale", 0) + own.get("shift", 0) for own in counts)
    said = (
        f"{PIXELS} inputs pass {network.num_hidden} times through an affine map, batch normalization and a ReLU, then "
        f"through an affine map to {CLASSES} classes. Of {sum(totals):,} learned numbers {learned:,} are batch "
        f"normalization's."
    )
    caption = "Layers with their shapes and numbers of learned parameters"
    return Content(
        [Drawing("network", caption, flow_chart(boxes, arrows, FLOWS), said)],
        [Series("learned parameters", np.arange(len(totals)) + 1.0, np.array([totals], np.float64))],
        {"Numbers of parameters": Table(heads, tuple(rows))},
        [
            "Scales and shifts are learned, one of each per unit. The running means and variances are not: they are "
            "kept for prediction, where there is no batch."
        ],
    )


def _diagram(network: Network, counts: list[dict[str, int]]) -> tuple[list[Box], list[Arrow]]:
    """Affine map, batch norm and activation of each layer, one after the other."""
    boxes = [Box(f"{network.sizes[0]}\ninputs", -0.85, 0, size=(60, 40), round=False)]
    for layer, own in enumerate(counts):
        before, after = network.sizes[layer : layer + 2]
        affine, norm = own["weights"] + own["biases"], own.get("scale", 0) + own.get("shift", 0)
        boxes.append(Box(f"Affine\n{before} → {after}\n{affine:,}", layer, 0, COLORS[0], SIZE, round=False))
        if norm:
            boxes.append(Box(f"Batch norm\n{after}\n{norm:,}", layer, 1, COLORS[1], SIZE, round=False))
        name = "ReLU" if layer < network.num_hidden else "Softmax"
        boxes.append(Box(f"{name}\n{after}", layer, 1 + bool(norm), COLORS[2], SIZE, round=False))
    return boxes, [Arrow(i, i + 1) for i in range(len(boxes) - 1)]


FIGURE = Figure(
    "F-6-16",
    "batch_norm",
    "The network of F-6-18, layer after layer. Batch normalization stands between the affine map and the activation "
    "and adds two learned numbers per unit.",
    draw,
    contenders={"batch norm": RECIPE},
    untuned="There is no view with tuned learning rates: nothing is trained here.",
    statements=("C-11", "C-38"),
    errors=(7,),
)

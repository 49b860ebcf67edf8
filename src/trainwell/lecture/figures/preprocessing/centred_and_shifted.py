"""F-C-5: the same small change of a linear classifier's weights on centred and on shifted data."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from sklearn.linear_model import LogisticRegression

from trainwell.core import stream
from trainwell.data import load_data
from trainwell.display import COLORS, GREY, Chip, Head, Line, Row, Style, Table, chips, lines_chart, styles
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.lecture.figures.training import LOSS, mean_and_band

FEATURES, KINDS = ("petal length", "petal width"), ("versicolor", "virginica")
DIRECTIONS = 16
"""Directions per seed in which the weights are changed."""
SIZES = np.linspace(0, 0.2, 21)
"""Sizes of the changes, as shares of the weights' norm."""
SHOWN = 0.1
"""Size of the changes whose boundaries are drawn."""
WITHIN = ((-3.0, 9.0), (-3.0, 7.0))
"""Ranges of the panels' axes."""
FIRST_KEY = 2
"""Of the buttons of the boundaries: those of the losses come first."""
NAMES = ("centred", "shifted")


class Classifier(NamedTuple):
    """Data and a linear classifier of it."""

    x: Float[np.ndarray, "N 2"]
    y: Int[np.ndarray, " N"]
    weights: Float[np.ndarray, " 2"]
    bias: float

    def loss(self, weights: Float[np.ndarray, " 2"]) -> float:
        """The mean cross-entropy with other weights."""
        scores = self.x @ weights + self.bias
        return float(np.mean(np.logaddexp(0, scores) - self.y * scores))


def classifiers() -> Mapping[str, Classifier]:
    """The same classifier of iris flowers for centred and for shifted measurements.

    Both have the weights of logistic regression with its default penalty, and differ only in the bias: their outputs
    are equal for every flower. Measurements are divided by their standard deviations.
    """
    data = load_data("iris")
    columns = [next(i for i, name in enumerate(data.feature_names) if name.startswith(one)) for one in FEATURES]
    kinds = [data.class_names.index(kind) for kind in KINDS]
    rows = np.isin(data.training.targets, kinds)
    measured = data.training.flat[rows][:, columns].astype(np.float64)
    y = (data.training.targets[rows] == kinds[1]).astype(int)
    shifted = measured / measured.std(0)
    centre = shifted.mean(0)
    fitted = LogisticRegression(tol=1e-10).fit(shifted - centre, y)
    weights, bias = fitted.coef_[0], float(fitted.intercept_[0])
    return {
        "centred": Classifier(shifted - centre, y, weights, bias),
        "shifted": Classifier(shifted, y, weights, bias - float(centre @ weights)),
    }


def draw(given: Given) -> Content:
    """The boundaries after small changes, and the loss by their size."""
    both = classifiers()
    changes = [_changes(seed, both["centred"].weights) for seed in given.seeds]
    found = {name: np.array([_losses(one, own) for own in changes]) for name, one in both.items()}
    drawn, lines, rows = styles(range(len(NAMES))), [], []
    for i, (name, losses) in enumerate(found.items()):
        middle, low, high = mean_and_band(losses, LOSS)
        lines.append(Line(i, name, drawn[i], SIZES, middle, low, high))
        rows.append(Row((name, *(f"{middle[k]:.3g}" for k in (0, 5, 10, 20)))))
    chart = lines_chart(lines, "change, as a share of the weights", "loss, mean over changes")
    heads = (Head("data", "long"), *(Head(f"change {SIZES[k]:g}") for k in (0, 5, 10, 20)))
    at = {name: losses[:, int(np.argmin(np.abs(SIZES - SHOWN)))].mean() for name, losses in found.items()}
    start = both["centred"].loss(both["centred"].weights)
    said = (
        f"Without a change both have loss {start:.3g}. After changes of {SHOWN:.0%} it is {at['centred']:.3g} on "
        f"centred data and {at['shifted']:.3g} on shifted data."
    )
    return Content(
        [
            _boundaries(both, changes[0]),
            Drawing("losses", "Loss after a change of the weights", chart, said, chips(NAMES, drawn)),
        ],
        [Series(f"{name} data: loss", SIZES, losses) for name, losses in found.items()],
        {"Loss": Table(heads, tuple(rows))},
    )


def _changes(seed: int, weights: Float[np.ndarray, " 2"]) -> Float[np.ndarray, "C 2"]:
    """Changes of the weights of the size of the weights, in random directions."""
    angles = stream(seed, "directions").uniform(0, 2 * np.pi, DIRECTIONS)
    return float(np.linalg.norm(weights)) * np.stack([np.cos(angles), np.sin(angles)], 1)


def _losses(one: Classifier, changes: Float[np.ndarray, "C 2"]) -> Float[np.ndarray, " T"]:
    """The loss after changes of each size, mean over their directions."""
    return np.array([np.mean([one.loss(one.weights + size * change) for change in changes]) for size in SIZES])


def _boundaries(both: Mapping[str, Classifier], changes: Float[np.ndarray, "C 2"]) -> Drawing:
    """Both data with the classifier's boundary, and its boundaries after changes."""
    labels = (*KINDS, "the classifier", f"its weights changed by {SHOWN:.0%}")
    looks = [Style(color, "", own=True) for color in (COLORS[0], COLORS[1], COLORS[2], GREY)]
    lines, missed = [], {}
    for panel, (name, one) in enumerate(both.items()):
        changed = [one.weights + SHOWN * change for change in changes]
        for label, weights in ((3, changed), (2, [one.weights])):
            x, y = _edges(weights, one.bias)
            dash = "dot" if label == 3 else "solid"
            lines.append(Line(FIRST_KEY + label, labels[label], looks[label], x, y, dash=dash, panel=panel))
        for kind in range(2):
            x, y = one.x[one.y == kind].T
            lines.append(Line(FIRST_KEY + kind, labels[kind], looks[kind], x, y, panel=panel, joined=False))
        missed[name] = np.mean([((one.x @ weights + one.bias > 0) != one.y).mean() for weights in changed])
    chart = lines_chart(
        lines, f"{FEATURES[0]} / its std", f"{FEATURES[1]} / its std", panels=[f"{name} data" for name in both],
        x_range=WITHIN[0], y_range=WITHIN[1], columns=((0, 1), (560, 2)), height=280,
    )  # fmt: skip
    said = (
        f"After such changes the classifier is wrong for {missed['centred']:.1%} of the centred flowers and for "
        f"{missed['shifted']:.1%} of the shifted ones, on average."
    )
    buttons = [
        Chip(str(FIRST_KEY + i), label, looks[i].color, "dot" if i == 3 else "") for i, label in enumerate(labels)
    ]
    caption = f"A linear classifier, and the same after {len(changes)} changes of its weights"
    return Drawing("boundaries", caption, chart, said, buttons)


def _edges(weights: Sequence[Float[np.ndarray, " 2"]], bias: float) -> tuple[Float[np.ndarray, " T"], ...]:
    """Where w · x + b = 0, as lines with gaps between them."""
    low, high = WITHIN[0]
    x = np.tile([low, high, np.nan], len(weights))
    y = np.concatenate([[-(bias + w[0] * end) / w[1] for end in (low, high, np.nan)] for w in weights])
    return x, y


FIGURE = Figure(
    "F-C-5",
    "preprocessing",
    "A linear classifier separates two kinds of iris flowers, from measurements with mean 0 and from the same "
    "measurements with their own means. The same small changes of its weights hardly matter on centred data and raise "
    "the loss on shifted data.",
    draw,
    statements=("C-10",),
)

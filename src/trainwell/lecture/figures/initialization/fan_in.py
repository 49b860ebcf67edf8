"""F-6-12: the n of Xavier's initialization, and what it does to a unit's pre-activation."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import stream
from trainwell.display import Head, Line, Row, Table, Wiring, chips, lines_chart, styles, wiring_chart
from trainwell.lecture.book import INITIALIZATIONS, WIDTH, normal
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.lecture.figures.training import LOSS, mean_and_band
from trainwell.nn import Network, initial_params

DRAWN = (4, 16, 64)
"""Numbers of inputs of the units that are drawn."""
FAN_INS = np.array([4, 16, 64, 256, 1024])
ROWS = 1000
SCHEMES: Mapping[str, Mapping[str, Any]] = {
    "std 1": normal(1.0),
    "std 0.01": INITIALIZATIONS["std 0.01"],
    "Xavier": INITIALIZATIONS["Xavier"],
}


def draw(given: Given) -> Content:
    """Three units with their weights, and the variance of such a unit's pre-activation by the number of its inputs."""
    found = {label: np.array([_variances(fields, seed) for seed in given.seeds]) for label, fields in SCHEMES.items()}
    return Content(
        [_units([_weights(SCHEMES["Xavier"], n, given.seeds[0])[0] for n in DRAWN], given.seeds[0]), _by_inputs(found)],
        [
            Series(f"{label}: variance of the pre-activation", FAN_INS.astype(np.float64), own)
            for label, own in found.items()
        ],
        {"Variance of the pre-activation": _table(found)},
    )


def _weights(fields: Mapping[str, Any], fan_in: int, seed: int) -> Float[np.ndarray, "H n"]:
    """The initial weights of a layer with so many inputs."""
    network = Network((fan_in, WIDTH))
    return initial_params(network, seed, fields["initialization"], fields.get("weight_std"))[0]["weights"]


def _inputs(fan_in: int, seed: int) -> Float[np.ndarray, "N n"]:
    return stream(seed, "standard normal inputs", fan_in).standard_normal((ROWS, fan_in), np.float32)


def _variances(fields: Mapping[str, Any], seed: int) -> list[float]:
    """Over inputs and units, for each number of inputs."""
    return [float(np.var(_inputs(n, seed) @ _weights(fields, n, seed).T)) for n in FAN_INS.tolist()]


def _expected(fields: Mapping[str, Any]) -> Float[np.ndarray, " F"]:
    """N times the variance of a weight: that of a sum of n independent terms of mean 0."""
    std = fields.get("weight_std")
    return np.ones(len(FAN_INS)) if std is None else FAN_INS * float(std) ** 2


def _units(weights: Sequence[Float[np.ndarray, " n"]], seed: int) -> Drawing:
    """One unit of each layer, with the first row of its inputs."""
    wirings = []
    for own in weights:
        n, values = len(own), _inputs(len(own), seed)[0]
        texts = [f"input {i + 1}: {x:.3g}, weight {w:.3g}" for i, (x, w) in enumerate(zip(values, own, strict=True))]
        title, total = f"n = {n}: weights of std {np.sqrt(1 / n):.3g}", f"pre-activation {values @ own:.3g}"
        wirings.append(Wiring(title, [own[None]], [f"{n} inputs", "a unit"], [texts, [total]]))
    largest = ", ".join(f"{np.abs(own).max():.2g} of {len(own)}" for own in weights)
    said = f"The more inputs, the smaller their weights. Largest absolute weight: {largest}."
    caption = "Units with their inputs and Xavier's weights: blue is positive, orange negative, wide is large"
    return Drawing("units", caption, wiring_chart(wirings), said)


def _by_inputs(found: Mapping[str, Float[np.ndarray, "S F"]]) -> Drawing:
    """Measured variances as points on lines of the expected ones."""
    drawn, lines = styles(range(len(found))), []
    for i, (label, measured) in enumerate(found.items()):
        middle, low, high = mean_and_band(measured, LOSS)
        expected = _expected(SCHEMES[label])
        lines.append(Line(i, label, drawn[i], FAN_INS, expected, kind="n · variance of a weight", dash="dash"))
        lines.append(Line(i, label, drawn[i], FAN_INS, middle, low, high, kind="measured", joined=False))
    titles = "inputs of a unit, n", "variance of its pre-activation"
    chart = lines_chart(lines, *titles, log_x=True, log_y=True, x_range=(3, 1400))
    ends = {label: own.mean(0) for label, own in found.items()}
    said = "; ".join(
        f"{label}: {_number(own[0])} with {FAN_INS[0]} inputs, {_number(own[-1])} with {FAN_INS[-1]:,}"
        for label, own in ends.items()
    )
    caption = "Variance for inputs of variance 1: points are measured, lines are n times the variance of a weight"
    return Drawing("variances", caption, chart, f"{said}.", chips(list(found), drawn))


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _table(found: Mapping[str, Float[np.ndarray, "S F"]]) -> Table:
    heads = (Head("n", "long"), *(Head(label) for label in found))
    rows = [
        Row((f"{n:,}", *(_number(own[:, i].mean()) for own in found.values()))) for i, n in enumerate(FAN_INS.tolist())
    ]
    return Table(heads, tuple(rows))


FIGURE = Figure(
    "F-6-12",
    "initialization",
    "n is the number of inputs that a unit adds up, each times its weight; so the variance of its pre-activation is n "
    "times that of one term. With weights of variance 1/n it equals the variance of an input, whatever n is.",
    draw,
    statements=("C-05",),
)

"""F-6-17: the computational graph of batch norm, with the numbers that flow through it forward and backward."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax
import numpy as np
from jaxtyping import Float

from trainwell.data import load_data
from trainwell.display import COLORS, INK, Arrow, Box, Flow, Head, Row, Table, flow_chart
from trainwell.lecture.book import BATCH_NORM
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.nn import Network, Observation, initial_params, initial_statistics, observe

EPS = float(BATCH_NORM["batch_norm_eps"])
SCALE, SHIFT = 1.5, 0.5
"""γ and β of the unit. Training starts with 1 and 0, which would leave the last two operations without effect."""
NETWORK = Network((4, 3, 3), batch_norm=True)
NUMBERS = {"batch_norm_eps": EPS, "batch_norm_momentum": BATCH_NORM["batch_norm_momentum"]}
FLOWS = (Flow(0, True, 84, (0.5, 34)), Flow(760, False, 150, (0.45, 72)))
Values: TypeAlias = Float[np.ndarray, " _"]


@dataclass(frozen=True, eq=False)
class Operation:
    """A node of the graph.

    Attributes:
        name: of its value.
        sources: names of its inputs.
        forward: computes its value from those of its inputs.
        backward: computes the gradients of its inputs from its own gradient, its value and its inputs' values.
        box: its box in the chart.
        corners: input -> the point at which the arrow from it bends.
        at: input -> position of the numbers along the arrow's last part, from 0 to 1.
    """

    name: str
    sources: tuple[str, ...]
    forward: Callable[..., Values]
    backward: Callable[..., tuple[Values, ...]]
    box: Box
    corners: Mapping[str, tuple[float, float]]
    at: Mapping[str, float]


def _total(values: Values) -> Values:
    return np.asarray(values.sum(keepdims=True))


def _mean(values: Values) -> Values:
    return np.asarray(values.mean(keepdims=True))


def _operation(
    name: str,
    sources: tuple[str, ...],
    forward: Callable[..., Values],
    backward: Callable[..., tuple[Values, ...]],
    box: tuple[str, float, float],
    said: str,
    corners: Mapping[str, tuple[float, float]] | None = None,
    at: Mapping[str, float] | None = None,
) -> Operation:
    text, column, row = box
    drawn = Box(text, column, row, COLORS[0], (38 + 10 * (len(text) > 1), 38), hover_text=said)
    return Operation(name, sources, forward, backward, drawn, corners or {}, at or {})


INPUTS = {"x": Box("x", 0, 0), "γ": Box("γ", 8.1, 1), "β": Box("β", 9.2, 1)}
OPERATIONS = (
    _operation(
        "μ", ("x",), _mean, lambda g, _, x: (np.full_like(x, g[0] / len(x)),),
        ("mean", 1, 1), "μ, the mean over the batch", {"x": (1, 0)},
    ),
    _operation(
        "x − μ", ("x", "μ"), lambda x, mean: x - mean, lambda g, *_: (g, -_total(g)),
        ("−", 2.1, 0), "x − μ", {"μ": (2.1, 1)}, {"x": 0.74},
    ),
    _operation(
        "(x − μ)²", ("x − μ",), np.square, lambda g, _, centred: (2 * centred * g,),
        ("sqr", 3.2, 1), "(x − μ)²", {"x − μ": (3.2, 0)},
    ),
    _operation(
        "σ²", ("(x − μ)²",), _mean, lambda g, _, squares: (np.full_like(squares, g[0] / len(squares)),),
        ("mean", 4.2, 1), "σ², the mean over the batch",
    ),
    _operation(
        "√(σ² + ε)", ("σ²",), lambda variance: np.sqrt(variance + EPS), lambda g, root, _: (g / (2 * root),),
        ("√ +ε", 5.2, 1), "√(σ² + ε)",
    ),
    _operation(
        "1/√(σ² + ε)", ("√(σ² + ε)",), np.reciprocal, lambda g, inverse, _: (-g * inverse**2,),
        ("1/", 6.2, 1), "one over it",
    ),
    _operation(
        "x̂", ("x − μ", "1/√(σ² + ε)"), lambda centred, inverse: centred * inverse,
        lambda g, _, centred, inverse: (g * inverse, _total(g * centred)),
        ("×", 7, 0), "x̂, of mean 0 and variance 1", {"1/√(σ² + ε)": (7, 1)}, {"x − μ": 0.6},
    ),
    _operation(
        "γ x̂", ("x̂", "γ"), lambda normal, scale: normal * scale,
        lambda g, _, normal, scale: (g * scale, _total(g * normal)), ("×", 8.1, 0), "γ x̂",
    ),
    _operation(
        "y", ("γ x̂", "β"), lambda scaled, shift: scaled + shift, lambda g, *_: (g, _total(g)),
        ("+", 9.2, 0), "y = γ x̂ + β",
    ),
)  # fmt: skip
"""The graph in the order in which it is computed: the book's, with 1/ and × where it divides."""


@dataclass(frozen=True, eq=False)
class Flows:
    """The numbers in the graph.

    Attributes:
        values: of each input and operation, by name.
        gradients: of the loss with respect to each of them.
        along: of the loss along each arrow: (source, operation) -> the operation's part in the source's gradient.
    """

    values: Mapping[str, Values]
    gradients: Mapping[str, Values]
    along: Mapping[tuple[str, str], Values]


def run(given: Mapping[str, Values], gradient: Values) -> Flows:
    """Run the graph forward and backward.

    Args:
        given: `x`, one number per row of the batch, `γ` and `β`; values of operations, which are then not computed.
        gradient: of the loss with respect to y.

    Example:
        >>> found = run({"x": np.array([1.0, 3.0]), "γ": np.ones(1), "β": np.zeros(1)}, np.array([1.0, 0.0]))
        >>> found.values["μ"], found.values["y"].round(3)
        (array([2.]), array([-1.,  1.]))
    """
    values = dict(given)
    for one in OPERATIONS:
        if one.name not in given:
            values[one.name] = one.forward(*(values[source] for source in one.sources))
    gradients = {name: np.zeros_like(value) for name, value in values.items()}
    gradients["y"] = np.asarray(gradient, np.float64)
    along = {}
    for one in reversed(OPERATIONS):
        own = [values[source] for source in one.sources]
        parts = one.backward(gradients[one.name], values[one.name], *own)
        for source, part in zip(one.sources, parts, strict=True):
            along[source, one.name] = part
            gradients[source] = gradients[source] + part
    return Flows(values, gradients, along)


def batch(seed: int) -> tuple[Mapping[str, Values], Values, Mapping[str, float]]:
    """The unit with the largest gradient, for one flower of each kind: its inputs and gradients.

    Returns:
        `x`, `γ` and `β` of the unit; the gradient with respect to its y; and the gradients with respect to γ and β
        that training itself would use.
    """
    flowers = load_data("iris").training
    rows = [int(np.argmax(flowers.targets == kind)) for kind in range(3)]
    inputs = flowers.flat[rows].astype(np.float32)
    params = initial_params(NETWORK, seed)
    params[0] |= {"scale": np.full(3, SCALE, np.float32), "shift": np.full(3, SHIFT, np.float32)}
    seen = _observe(params, initial_statistics(NETWORK), inputs, np.arange(3), NUMBERS)
    gradient = np.asarray(seen.pre_activation_grads[0], np.float64)
    unit = int(np.abs(gradient).sum(0).argmax())
    x = inputs.astype(np.float64) @ params[0]["weights"][unit].astype(np.float64)
    given = {"x": x, "γ": np.array([SCALE]), "β": np.array([SHIFT])}
    trained = {"γ": float(seen.grads[0]["scale"][unit]), "β": float(seen.grads[0]["shift"][unit])}
    return given, gradient[:, unit], trained


@jax.jit
def _observe(params: Any, statistics: Any, inputs: Any, targets: Any, numbers: Mapping[str, Any]) -> Observation:
    return observe(NETWORK, params, statistics, inputs, targets, "cross_entropy", numbers)


def draw(given: Given) -> Content:
    """The graph with its numbers."""
    inputs, gradient, _ = batch(given.seeds[0])
    found = run(inputs, gradient)
    numerical = {name: _numerical(inputs, gradient, name) for name in inputs}
    furthest = max(float(np.abs(found.gradients[name] - numerical[name]).max()) for name in inputs)
    heads = (Head("", "long"), *(Head(name, "word") for name in ("forward", "gradient", "by finite differences")))
    rows = [
        Row((name, *(_text(one, ", ") for one in (value, found.gradients[name])), _text(numerical.get(name, ()), ", ")))
        for name, value in found.values.items()
    ]
    said = (
        f"Forward, x = {_text(inputs['x'], ', ')} becomes y = {_text(found.values['y'], ', ')}. Backward, its gradient "
        f"becomes ∂x = {_text(found.gradients['x'], ', ')}, ∂γ = {_text(found.gradients['γ'])} and "
        f"∂β = {_text(found.gradients['β'])}, which finite differences of the loss confirm within {furthest:.0e}."
    )
    caption = "Values above or left of the arrows, gradients of the loss below or right of them, in orange"
    units = np.arange(1.0, 1 + len(inputs["x"]))
    return Content(
        [Drawing("graph", caption, _chart(found), said)],
        [
            Series("x", units, inputs["x"][None]),
            Series("y", units, found.values["y"][None]),
            Series("x: gradient", units, found.gradients["x"][None]),
            Series("y: gradient", units, gradient[None]),
        ],
        {"All values and gradients": Table(heads, tuple(rows))},
        [
            "A hidden unit of a network with its initial weights, and a batch of three iris flowers, one of each kind. "
            f"γ is {SCALE} and β is {SHIFT}; training starts with 1 and 0.",
            "Where a value is used twice, its gradient is the sum over both uses: ∂x is the sum of both arrows that "
            "leave x.",
        ],
    )


def _numerical(inputs: Mapping[str, Values], gradient: Values, name: str, step: float = 1e-5) -> Values:
    """The gradient of Σ ∂y y by central differences of the forward pass."""
    found = np.zeros_like(inputs[name])
    for i in range(len(found)):
        moved = [inputs[name].copy(), inputs[name].copy()]
        moved[0][i] -= step
        moved[1][i] += step
        low, high = (run({**inputs, name: one}, gradient).values["y"] @ gradient for one in moved)
        found[i] = (high - low) / (2 * step)
    return found


def _chart(found: Flows) -> object:
    boxes = [*INPUTS.values(), *(one.box for one in OPERATIONS), Box("y", 10.3, 0, INK)]
    index = {name: i for i, name in enumerate((*INPUTS, *(one.name for one in OPERATIONS)))}
    arrows = [
        Arrow(
            index[source],
            index[one.name],
            _text(found.values[source]),
            _text(found.along[source, one.name]),
            one.corners.get(source),
            one.at.get(source, 0.5),
        )
        for one in OPERATIONS
        for source in one.sources
    ]
    last = Arrow(index["y"], len(boxes) - 1, _text(found.values["y"]), _text(found.gradients["y"]))
    return flow_chart(boxes, [*arrows, last], FLOWS)


def _text(values: Sequence[float] | Values, between: str = "\n") -> str:
    return between.join(f"{value:.3g}".replace("-", "−") for value in values)


FIGURE = Figure(
    "F-6-17",
    "batch_norm",
    "Batch normalization of one unit as a graph of simple operations. Forward, a batch of numbers gets mean 0 and "
    "variance 1, then scale γ and shift β; backward, each operation passes the gradient to its inputs.",
    draw,
    statements=("C-38",),
    errors=(7,),
)

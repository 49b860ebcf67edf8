"""F-C-7: a local minimum and a flat saddle, where SGD stops and momentum continues."""

from functools import cache

import numpy as np
from jaxtyping import Array, Float

from trainwell.display import Figure as Drawn, Head, Table, chips, points_chart, row_of
from trainwell.landscape import CriticalPoint, Descents, Surface, descend, own_surface, surface
from trainwell.lecture.figures.descents import marks_of, number, own_styles, path_series, paths_of, recipes
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series

RATE, FRICTION, STEPS = 0.05, 0.9, 120
CONTENDERS = {
    "SGD": {"optimizer": "sgd", "learning_rate": RATE},
    "momentum": {"optimizer": "momentum_step", "learning_rate": RATE, "momentum": FRICTION},
    "momentum, a tenth of the rate": {
        "optimizer": "momentum_step",
        "learning_rate": RATE * (1 - FRICTION),
        "momentum": FRICTION,
    },
}
"""SGD, momentum at SGD's learning rate η, and momentum at (1 − ρ)η, with which it makes SGD's long-run progress."""
GOAL = 2.0
"""The global minimum of both curves."""
CURVE = 201
HEIGHT = 380
HEADS = (19, 14, 9)  # pixels


def _flat(x: Float[Array, " 1"]) -> Float[Array, ""]:
    return x[0] ** 4 / 4 - 2 * x[0] ** 3 / 3


@cache
def flat_saddle() -> Surface:
    """x⁴/4 − 2x³/3, whose slope x²(x − 2) is 0 at 0 but does not change its sign there."""
    critical = (
        CriticalPoint(np.array([GOAL]), -4 / 3, "minimum", is_global=True),
        CriticalPoint(np.zeros(1), 0.0, "saddle"),
    )
    return own_surface(_flat, 1, domain=(-1.4, 3.2), start=np.array([-1.2]), critical=critical, name="flat saddle")


@cache
def descents(name: str) -> Descents:
    """All contenders on a curve: `local minimum` or `flat saddle`."""
    if name == "flat saddle":
        return descend(flat_saddle(), CONTENDERS, steps=STEPS, paths=True)
    return descend(surface("double_valley", dimension=1), CONTENDERS, np.array([-1.9]), STEPS, paths=True)


def draw(given: Given) -> Content:
    """Both curves, animated."""
    names = {
        "local minimum": "A local minimum at −1, before the global one at 2",
        "flat saddle": "A flat saddle at 0, before the minimum at 2",
    }
    drawn = own_styles(len(CONTENDERS))
    legend = chips(list(CONTENDERS), drawn)
    drawings, series, rows = [], list[Series](), []
    for name, caption in names.items():
        found = descents(name)
        reached = zip(found.labels, found.points[:, 0, 0], strict=True)
        ends = ", ".join(f"{label} at {number(x, 3)}" for label, x in reached)
        said = f"After {STEPS} updates from {number(found.starts[0, 0], 3)}: {ends}."
        drawings.append(Drawing(name.replace(" ", "-"), caption, _chart(found), said, legend))
        series += path_series(paths_of(found), ("x",), of=f"{name}, ")
        rows += [row_of(drawn[k], f"{name}: {label}", *_stands(found, k)) for k, label in enumerate(found.labels)]
    heads = (Head("", ""), Head("ends at"), Head("height at the end"), Head("slope at the end"), Head("past 0 after"))
    return Content(
        drawings,
        series,
        {"Where they end": Table(heads, tuple(rows))},
        [
            f"Learning rates are {RATE:g} for SGD and momentum. At a tenth of it momentum, with ρ = {FRICTION:g}, "
            "makes as much progress in the long run as SGD: what carries it through is its speed."
        ],
    )


def _chart(found: Descents) -> Drawn:
    low, high = found.surface.domain[0]
    x = np.linspace(low, high, CURVE)
    y = found.surface.values(x[:, None]).astype(np.float64)
    paths = paths_of(found)
    top = max(float(paths.values[np.isfinite(paths.values)].max()), 0.0)
    span = top - float(y.min())
    window = np.array([[low, high], [float(y.min()) - 0.08 * span, top + 0.12 * span]])
    styles = own_styles(len(found.labels))
    chart = points_chart(
        x.astype(np.float32),
        y.astype(np.float32),
        paths,
        window,
        styles,
        marks=marks_of(found.surface),
        times=range(STEPS + 1),
    )
    heads = [trace for trace in chart.data if trace.meta[1] == "head"]
    for trace, size in zip(heads, HEADS, strict=True):  # several may be at the same point: all stay visible
        trace.marker.size = size
    return chart.update_layout(height=HEIGHT)


def _stands(found: Descents, k: int) -> tuple[str, ...]:
    """Where a contender ends, and when it has passed the critical point in the middle, at 0."""
    assert found.paths is not None  # descended with paths=True
    beyond = found.paths[k, 0, :, 0] > 0
    stays = int(len(beyond) - np.argmin(beyond[::-1])) if beyond[-1] else -1
    return (
        number(found.points[k, 0, 0], 3),
        number(found.values[k, 0], 3),
        number(found.gradient_norms[k, 0], 2),
        "never" if stays < 0 else f"{stays} updates",
    )


FIGURE = Figure(
    "F-C-7",
    "optimization",
    "Three descents on two curves: SGD stops in the local minimum, and before the flat saddle its steps shrink with "
    "the slope so that it never arrives. At the same learning rate momentum rolls through both; at a tenth of that "
    "rate it still passes the saddle, but stays in the local minimum.",
    draw,
    contenders=recipes(CONTENDERS, STEPS),
    statements=("C-15", "C-16"),
    errors=(8,),
    python="from trainwell.landscape import descend, surface\n"
    "\n"
    f'contenders = {{"SGD": {{"optimizer": "sgd", "learning_rate": {RATE:g}}},\n'
    f'              "momentum": {{"optimizer": "momentum_step", "learning_rate": {RATE:g}}}}}\n'
    f'found = descend(surface("double_valley", dimension=1), contenders, [[-1.9]], {STEPS})\n'
    "print(found.labels, found.points[:, 0, 0])\n",
)

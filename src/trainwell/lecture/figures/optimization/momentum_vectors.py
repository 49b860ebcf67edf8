"""F-C-8: one step of momentum and of Nesterov's momentum, as vectors."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from trainwell.display import (
    Arrows,
    Head,
    Panels,
    Row,
    Table,
    arrows_trace,
    chips,
    contour_trace,
    panel_axes,
)
from trainwell.landscape import LECTURE
from trainwell.lecture.figures.descents import (
    COARSE,
    books_descents,
    bowl,
    contour_of,
    number,
    own_styles,
    point_text,
    recipes,
)
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.optim import Slots, rule

MOMENTUM = next(label for label, fields in LECTURE.items() if fields["optimizer"].startswith("momentum"))
UPDATE = 3
"""The update of momentum's path on the bowl before it crosses the valley's floor."""
RULES = {"momentum": "momentum_step", "Nesterov": "nesterov_lookahead"}
VECTORS = ("velocity, ρv", "gradient step, −ηg", "actual step")
TITLES = ("momentum: gradient at θ", "Nesterov: gradient at θ + ρv")
COLUMNS = ((0, 1), (600, 2))
PANEL_HEIGHT, PANEL_GAP = 400, 50
ROOM = 0.12


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a rule.

    Attributes:
        point: θ before the step.
        velocity: v before the step.
        at: the point at which the gradient is taken.
        gradient: g.
        carried: ρv.
        pull: −ηg.
        moved: the whole step.
    """

    point: Float[np.ndarray, " 2"]
    velocity: Float[np.ndarray, " 2"]
    at: Float[np.ndarray, " 2"]
    gradient: Float[np.ndarray, " 2"]
    carried: Float[np.ndarray, " 2"]
    pull: Float[np.ndarray, " 2"]
    moved: Float[np.ndarray, " 2"]


def steps() -> dict[str, Step]:
    """The next step of both rules from the same point and velocity of the book's momentum."""
    paths = books_descents().paths
    assert paths is not None  # descended with paths=True
    path = np.asarray(paths[books_descents().labels.index(MOMENTUM), 0], np.float64)
    return {label: step(name, path[UPDATE], path[UPDATE] - path[UPDATE - 1]) for label, name in RULES.items()}


def step(name: str, point: Float[np.ndarray, " 2"], velocity: Float[np.ndarray, " 2"]) -> Step:
    """One step of a rule on the bowl, with the book's numbers for momentum.

    Args:
        name: of the rule.
        point: θ.
        velocity: v, the step before.
    """
    rate, friction = (float(LECTURE[MOMENTUM][key]) for key in ("learning_rate", "momentum"))
    made = rule(name).build(rate, momentum=friction)
    state = Slots(jnp.asarray(UPDATE), jnp.asarray(velocity), ())
    at = jnp.asarray(point) if made.eval_point is None else made.eval_point(jnp.asarray(point), state)
    gradient = jax.grad(bowl().function)(at)
    moved, _ = made.update(gradient, state, jnp.asarray(point))
    seen = (np.asarray(one, np.float64) for one in (at, gradient, moved))
    looked_at, slope, move = seen
    return Step(point, velocity, looked_at, slope, friction * velocity, -rate * slope, move)


def draw(given: Given) -> Content:
    """A panel for each rule."""
    found, drawn = steps(), own_styles(len(VECTORS))
    low, high = _window(list(found.values()))
    window = np.stack([low, high], 1)
    contour = contour_of(bowl(), window, COARSE)
    axes = ({"range": window[0].tolist()}, {"range": window[1].tolist()})
    figure = Panels(TITLES, PANEL_HEIGHT, PANEL_GAP, COLUMNS, shared=True).figure([axes] * len(found), "x")
    for panel, one in enumerate(found.values()):
        # Momentum's gradient is drawn from where it is taken: the point itself; Nesterov's from the look-ahead point.
        starts, moves = (one.point, one.at, one.point), (one.carried, one.pull, one.moved)
        traces = [
            arrows_trace(
                Arrows(
                    i,
                    VECTORS[i],
                    drawn[i],
                    start[None],
                    (start + move)[None],
                    [point_text(move)],
                    dash=("solid", "solid", "dash")[i],
                    width=(2.4, 2.4, 3.0)[i],
                )
            )
            for i, (start, move) in enumerate(zip(starts, moves, strict=True))
        ]
        figure.add_traces([{**trace, **panel_axes(panel)} for trace in (contour_trace(contour), *traces)])
    figure.update_layout(yaxis_title_text="y")
    plain, ahead = found.values()
    said = (
        f"From {point_text(plain.point)} both keep {point_text(plain.carried)} of their velocity. Momentum’s gradient "
        f"adds {point_text(plain.pull)}; Nesterov’s, taken beyond the valley’s floor, adds {point_text(ahead.pull)}, "
        f"so its step goes {number(abs(ahead.moved[1]), 3)} down instead of {number(abs(plain.moved[1]), 3)}."
    )
    return Content(
        [Drawing("vectors", f"The step after update {UPDATE} on the bowl", figure, said, chips(VECTORS, drawn))],
        [
            Series(f"{label}: {name}", np.arange(2.0), vector[None])
            for label, one in found.items()
            for name, vector in zip(VECTORS, (one.carried, one.pull, one.moved), strict=True)
        ],
        {"The numbers": _table(found)},
        ["Each series holds the x and y components of a vector."],
    )


def _window(found: list[Step]) -> tuple[Float[np.ndarray, " 2"], Float[np.ndarray, " 2"]]:
    """The corners of the chart: all ends of arrows, with a margin."""
    ends = np.concatenate(
        [[one.point, one.point + one.carried, one.at + one.pull, one.point + one.moved] for one in found]
    )
    low, high = ends.min(0), ends.max(0)
    room = ROOM * (high - low).max()
    return low - room, high + room


def _table(found: dict[str, Step]) -> Table:
    names = ("θ", "v", "gradient taken at", "g", "ρv", "−ηg", "step", "new θ")
    values = [
        (one.point, one.velocity, one.at, one.gradient, one.carried, one.pull, one.moved, one.point + one.moved)
        for one in found.values()
    ]
    rows = [
        Row((name, *(point_text(vector, 4) for vector in row)))
        for name, row in zip(names, zip(*values, strict=True), strict=True)
    ]
    return Table((Head("", ""), *map(Head, found)), tuple(rows))


FIGURE = Figure(
    "F-C-8",
    "optimization",
    "Both methods keep a part of their velocity and add a step against the gradient. Momentum takes the gradient at "
    "the current point, Nesterov where the velocity leads: here that is beyond the valley’s floor, so it brakes one "
    "step earlier.",
    draw,
    contenders={MOMENTUM: recipes()[MOMENTUM]},
    statements=("C-20",),
)

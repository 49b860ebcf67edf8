"""The charts of a race's page."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from trainwell.display import (
    COLORS,
    GREY,
    INK,
    Contour,
    Figure,
    Rates,
    Style,
    ball_chart,
    clipped,
    descents_chart,
    path_panels,
    paths_chart,
    points_chart,
    rates_chart,
)
from trainwell.landscape import (
    CURVE_POINTS,
    MOST_POINTS,
    MOST_STARTS,
    Descents,
    Race,
    Surface,
    drawn_paths,
    roomy,
)
from trainwell.report.race.plane import Plane, contour_of, goal, mark_trace, mark_traces, window_of

MOST_FRAMES = 120
LINE_POINTS = 801
"""Points of the curve of a surface with one dimension."""
MOST_PANELS = 8
BELOW = 1e-3
"""How far below the tolerance the axis of gradients goes."""
BALL_SIZE, BALL_POINTS = 70, 1500
"""Points along each side of the surface in space, and on the path."""
TITLES = {"updates": "Mean updates or evaluations until settled", "height": "Median height at the end"}
"""What scores of learning rates are, by criterion."""
ENDS = {
    "converged": COLORS[0],
    "at a global minimum": COLORS[0],
    "at another minimum": COLORS[5],
    "stuck": COLORS[4],
    "running": GREY,
    "escaped": COLORS[3],
    "diverged": COLORS[1],
}
"""Color of each outcome. If a global minimum is known, converged descents are colored by the minimum they reached."""


def picture(race: Race, plane: Plane, contour: Contour, styles: Sequence[Style]) -> Figure:
    """All contenders' paths on the contours of a surface, to be played: complete at first.

    `layout.meta` has the updates at which the player stops.

    Args:
        race: with paths, on a surface with at least two dimensions.
        plane: plane of the picture.
        contour: contour of the surface there.
        styles: styles of the contenders.

    Source: F-C-1.
    """
    paths, marks = drawn_paths(race.descents), mark_traces(race.descents.surface, plane)
    places, times = plane.project(paths.points), race_times(race.descents)
    return paths_chart(contour, paths, places, plane.window, styles, plane.titles, marks=marks, times=times)


def line_picture(race: Race, styles: Sequence[Style]) -> Figure:
    """The contenders' points on the curve of a surface with one dimension, to be played.

    Args:
        race: with paths.
        styles: styles of the contenders.
    """
    paths, surface = drawn_paths(race.descents), race.descents.surface
    seen = np.concatenate([paths.points.reshape(-1, 1), goal(surface, race.descents.starts[0])])
    ends = window_of(seen.astype(np.float64), surface.domain)[0]
    x = np.linspace(ends[0], ends[1], LINE_POINTS)
    y = np.asarray(surface.values(x[:, None]), np.float64)
    window = np.array([ends, roomy(y[np.isfinite(y)])])
    marked = [one for one in surface.critical if ends[0] <= one.point[0] <= ends[1]]
    marks = [mark_trace(marked, [(float(one.point[0]), one.value) for one in marked])]
    return points_chart(x, y, paths, window, styles, marks=marks, times=race_times(race.descents))


def race_times(descents: Descents) -> list[int]:
    """The updates at which the player stops: all, or up to `MOST_FRAMES`, closer together at first.

    Where all descents have settled or left, it stops a little after the last one has.

    Args:
        descents: descents of the race.
    """
    last = descents.steps
    ends = np.maximum(descents.settled_after, descents.left_after)
    if (ends >= 0).all():
        last = min(last, int(1.1 * ends.max()) + 2)
    if last < MOST_FRAMES:
        return list(range(last + 1))
    # The k-th stop is at k + c·k², so that every one is at least an update after the one before.
    k = np.arange(MOST_FRAMES)
    stops = k + (last - k[-1]) * (k / k[-1]) ** 2
    return [int(stop) for stop in stops.round()]


def panels(race: Race, plane: Plane, contour: Contour, styles: Sequence[Style]) -> Figure:
    """One contour with one path for every contender.

    Args:
        race: with paths.
        plane: plane of the pictures.
        contour: contour of the surface there; a coarse one will do.
        styles: styles of the contenders.

    Source: F-6-3, F-6-5 to F-6-8.
    """
    paths, marks = drawn_paths(race.descents, MOST_POINTS // 2, 1), mark_traces(race.descents.surface, plane)
    return path_panels(contour, paths, plane.project(paths.points), plane.window, styles, marks=marks)


def ball_contender(race: Race, order: Sequence[int]) -> int:
    """The contender whose path is drawn in space: momentum if it is in the race, else the best."""
    rules = [recipe.optimizer for recipe in race.descents.recipes.values()]
    return next((k for name in ("momentum", "momentum_step") for k in order if rules[k] == name), order[0])


def ball(race: Race, k: int, plane: Plane, style: Style) -> Figure:
    """A ball that rolls down a surface of two dimensions: a contender's path from the first start.

    Args:
        race: with paths.
        k: the contender.
        plane: the surface's coordinates, and what is seen of them.
        style: style of the contender.

    Source: F-6-4.
    """
    descents = race.descents
    paths, values = descents.kept
    shown = [dot for dot in clipped(plane.project(paths[k, 0, :BALL_POINTS]), plane.window) if dot]
    heights = np.asarray(values[k, 0], np.float64)[[t for _, _, t in shown]]
    contour = contour_of(descents.surface, plane, BALL_SIZE)
    return ball_chart(contour, shown, heights, descents.labels[k], style, plane.titles)


def slopes(race: Race, styles: Sequence[Style]) -> Figure:
    """The norm of the gradient, without noise, on a logarithmic axis, beside the tolerance.

    Args:
        race: with paths.
        styles: styles of the contenders.
    """
    paths, tolerance = drawn_paths(race.descents, CURVE_POINTS, None), race.descents.tolerance
    norms = np.maximum(slopes_of(race.descents.surface, paths.points), 1e-30)
    floor = BELOW * tolerance if tolerance else 1e-12
    title, name = "Norm of the gradient", "gradient's norm"
    figure = descents_chart(paths.updates, norms, paths.labels, styles, title, name, floor, MOST_STARTS)
    if tolerance:
        figure.add_hline(y=tolerance, line={"color": INK, "width": 1, "dash": "dash"})
    return figure


def slopes_of(surface: Surface, points: Float[np.ndarray, "*N D"]) -> Float[np.ndarray, " *N"]:
    """The gradient's norm at many points."""
    import jax  # heavy, and the landscape has it loaded by now

    gradients = jax.jit(jax.vmap(jax.grad(surface.function)))(points.reshape(-1, surface.dimension))
    with np.errstate(over="ignore", invalid="ignore"):
        norms = np.linalg.norm(np.asarray(gradients, np.float64), axis=-1)
    return np.asarray(np.where(np.isfinite(norms), norms, np.nan).reshape(points.shape[:-1]))


def rates(race: Race, criterion: str, styles: Sequence[Style]) -> Figure:
    """The quality that each contender reached with each learning rate that was tried.

    Args:
        race: with tuned learning rates.
        criterion: only contenders ranked by it are drawn.
        styles: styles of all contenders.
    """
    found = [
        Rates(
            k,
            label,
            styles[k],
            np.asarray(one.learning_rates, np.float64).tolist(),
            np.asarray(one.scores, np.float64).tolist(),
            one.chosen,
            [f"{100 * share:.0f}% of the starts led to a minimum" for share in one.shares],
        )
        for k, label in enumerate(race.descents.labels)
        if (one := (race.tunings or {}).get(label)) and one.criterion == criterion
    ]
    return rates_chart(found, TITLES[criterion])


def ends_of(descents: Descents) -> list[dict[str, int]]:
    """How many of each contender's descents ended in each way."""
    best = descents.at_global.sum(1)
    found = []
    for k, label in enumerate(descents.labels):
        counts = descents.count(label)
        if descents.surface.global_minima:
            converged = counts.pop("converged", 0)
            counts |= {"at a global minimum": int(best[k]), "at another minimum": converged - int(best[k])}
        found.append({way: count for way, count in counts.items() if count})
    return found


def ways_of(ends: Sequence[dict[str, int]]) -> dict[str, str]:
    """The ways to end that occur, each with its colour."""
    return {way: color for way, color in ENDS.items() if any(way in one for one in ends)}

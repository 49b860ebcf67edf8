"""Races with paths chosen by hand: nothing is trained."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from trainwell.landscape import Descents, Race, Surface, principal_axes, surface
from trainwell.training import Recipe

LECTURE = {
    "plain": Recipe(optimizer="sgd", learning_rate=0.95),
    "ball": Recipe(optimizer="momentum_step", learning_rate=0.1),
}


def plain_path(rate: float, steps: int, start: Sequence[float] = (-7.0, 2.0)) -> np.ndarray:
    """Plain descent on the bowl x²/20 + y²: an update multiplies x by 1 − η/10 and y by 1 − 2η."""
    t = np.arange(steps + 1)[:, None]
    return np.array(start) * np.array([1 - rate / 10, 1 - 2 * rate]) ** t


def ball_path(steps: int, start: Sequence[float] = (-7.0, 2.0)) -> np.ndarray:
    """Momentum on the bowl, by hand."""
    x, v, found = np.array(start), np.zeros(2), [np.array(start)]
    for _ in range(steps):
        v = 0.9 * v - 0.1 * x * np.array([0.1, 2.0])
        x = x + v
        found.append(x)
    return np.array(found)


def race(
    paths: Mapping[str, Any],
    on: Surface | str = "bowl",
    recipes: Mapping[str, Recipe] | None = None,
    *,
    tolerance: float = 1e-3,
    tunings: Any = None,
    noise: float = 0.0,
    **given: Any,
) -> Race:
    """A race from its paths, `[T+1 D]` or `[P T+1 D]` by label.

    Args:
        paths: where each contender was; NaN after it has left.
        on: the surface.
        recipes: of the contenders; plain descent where there are none.
        tolerance: as in `descend`.
        tunings: as in `Race`.
        noise: as in `Race`.
        **given: fields of `Descents`, in place of those that follow from the paths. With more starts than paths all
            of them must be given.
    """
    ground = surface(on) if isinstance(on, str) else on
    D = ground.dimension
    points = np.stack([np.asarray(path, np.float64).reshape(-1, *np.shape(path)[-2:]) for path in paths.values()])
    C, P, T = *points.shape[:2], points.shape[2] - 1
    values = ground.values(points.reshape(-1, D)).reshape(C, P, T + 1).astype(np.float64)
    gone = ~np.isfinite(points).all(-1)
    left = np.where(gone.any(-1), gone.argmax(-1) - 1, -1)
    last = np.where(left < 0, T, left)
    ends = np.take_along_axis(points, last[..., None, None].repeat(D, -1), 2)[:, :, 0]
    zero = np.zeros((C, P))
    fields: dict[str, Any] = {
        "starts": points[0, :, 0],
        "outcomes": np.where(left < 0, "running", "diverged"),
        "critical_indices": np.full((C, P), -1),
        "points": ends,
        "values": np.take_along_axis(values, last[..., None], 2)[..., 0],
        "gradient_norms": zero + 0.5,
        "lowest_values": np.nanmin(values, 2),
        "settled_after": np.full((C, P), -1),
        "left_after": left,
        "lengths": np.nansum(np.linalg.norm(np.diff(points, axis=2), axis=-1), 2),
        "turns": np.zeros((C, P, D), int),
        "evaluations": np.full((C, P), T),
        "overshoots": np.zeros((C, P, D)),
        **given,
    }
    chosen = recipes or {label: Recipe(optimizer="sgd", learning_rate=0.1) for label in paths}
    found = Descents(
        surface=ground, recipes=chosen, steps=T, tolerance=tolerance, axes=principal_axes(ground), paths=points,
        path_values=values, seconds=dict.fromkeys(paths, 0.1), **fields,
    )  # fmt: skip
    return Race(found, tunings, noise)


def lecture_race(steps: int = 29) -> Race:
    """Two of the lecture's four on the bowl."""
    return race({"plain": plain_path(0.95, steps), "ball": ball_path(steps)}, recipes=LECTURE)

"""Paths as lines of a chart, with heads at their ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Int

from trainwell.display.palette import Style, grey_first, group_key, meta

DOTTED = 60
"""Updates up to which every point of a path has a dot."""
HOVER = "%{meta[0]}<br>update %{customdata[0]}: value %{customdata[2]:.4g}<extra></extra>"
Dot: TypeAlias = tuple[float, float, int]
"""Place in a picture, and the index among those given of the update that led there."""
Step: TypeAlias = tuple[float | None, float | None, tuple[int | None, int | None, float | None]]
"""Place in a picture; and the update that led there, the start, and the value."""
GAP: Step = (None, None, (None, None, None))


@dataclass(frozen=True, eq=False)
class Paths:
    """Paths of several contenders from several starts.

    Attributes:
        labels: of the contenders.
        updates: after which there is a point.
        points: after them.
        values: there.
        left: whether a path has left what can be drawn.
    """

    labels: Sequence[str]
    updates: Int[np.ndarray, " U"]
    points: Float[np.ndarray, "C P U D"]
    values: Float[np.ndarray, "C P U"]
    left: Bool[np.ndarray, "C P"]


def path_traces(
    paths: Paths,
    places: Float[np.ndarray, "C P U 2"],
    window: Float[np.ndarray, "2 2"],
    styles: Sequence[Style],
    *,
    lines: bool = True,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A line per contender, clipped at the window, and apart from them their heads: the last point of every path.

    `customdata` has the update, the start's index and the value at each point; a gap stands between paths.

    Args:
        paths: what is drawn.
        places: of their points in the picture.
        window: what is seen of the picture.
        styles: of the contenders.
        lines: whether the points of a path are joined.
    """
    order = grey_first(styles)
    steps = {k: [_steps(paths, k, s, path, window) for s, path in enumerate(places[k])] for k in order}
    return (
        [_line(paths, k, steps[k], styles[k], lines=lines) for k in order],
        [_heads(paths, k, steps[k], styles[k]) for k in order],
    )


def _steps(
    paths: Paths, k: int, s: int, path: Float[np.ndarray, "U 2"], window: Float[np.ndarray, "2 2"]
) -> list[Step]:
    """Of one path x, y and what is said of the point, with a gap wherever the path is out of sight."""

    def step(dot: Dot | None) -> Step:
        if dot is None:
            return GAP
        x, y, at = dot
        return _short(x), _short(y), (int(paths.updates[at]), s, _short(float(paths.values[k, s, at])))

    return [step(dot) for dot in clipped(path, window)]


def clipped(path: Float[np.ndarray, "U 2"], window: Float[np.ndarray, "2 2"]) -> list[Dot | None]:
    """The points of a path within a window, those where it crosses its edge, and None between two parts.

    Example:
        >>> clipped(np.array([[0.0, 0.0], [2.0, 1.0], [0.0, 0.5]]), np.array([[-1.0, 1.0], [-1.0, 1.0]]))
        [(0.0, 0.0, 0), (1.0, 0.5, 1), None, (1.0, 0.75, 2), (0.0, 0.5, 2)]
    """
    found: list[Dot | None] = []
    points = [(float(x), float(y)) for x, y in path]
    ends = [(float(low), float(high)) for low, high in window]
    if points and _part(points[0], points[0], ends):
        found.append((*points[0], 0))
    for t in range(1, len(points)):
        a, b = points[t - 1], points[t]
        if not all(map(isfinite, (*a, *b))):
            break  # it has left
        part = _part(a, b, ends)
        if part is None:
            continue
        first, last = part
        if first > 0 or not found:
            found += [None] if found else []
            found.append((*_between(a, b, first), t))
        found.append((*(b if last == 1 else _between(a, b, last)), t))
    return found


def _between(a: tuple[float, float], b: tuple[float, float], share: float) -> tuple[float, float]:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def _part(a: Sequence[float], b: Sequence[float], ends: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """The share of the way from a to b at which it enters and leaves a window; None where it misses it."""
    first, last = 0.0, 1.0
    for x, to, (low, high) in zip(a, b, ends, strict=True):
        if not (isfinite(x) and isfinite(to)):
            return None
        way = to - x
        if way == 0:
            if not low <= x <= high:
                return None
            continue
        enter, leave = sorted(((low - x) / way, (high - x) / way))
        first, last = max(first, enter), min(last, leave)
    return (first, last) if first <= last else None


def _line(paths: Paths, k: int, steps: Sequence[Sequence[Step]], style: Style, *, lines: bool) -> dict[str, Any]:
    rows = [row for path in steps for row in (*path, GAP)][:-1]
    many = len(steps) > 1
    dotted = len(paths.updates) <= DOTTED and not many
    mode = "markers" if not lines else "lines+markers" if dotted or style.symbol else "lines"
    marker = {"color": style.color, "size": 5} if dotted or not lines else {"size": 7, "maxdisplayed": 8}
    x, y, said = zip(*rows, strict=True) if rows else ((), (), ())
    return {
        **_common(paths, k, style, "path"),
        "x": list(x),
        "y": list(y),
        "customdata": list(said),
        "mode": mode,
        "line": {"color": style.color, "width": 1.4 if many or not style.own else 2},
        "marker": {**marker, "symbol": style.symbol or "circle"},
        "opacity": (0.75 if many else 0.95) if style.own else 0.45,
    }


def _heads(paths: Paths, k: int, steps: Sequence[Sequence[Step]], style: Style) -> dict[str, Any]:
    ends = [path[-1] for path in steps if path]
    gone = [bool(paths.left[k, s]) for s, path in enumerate(steps) if path]
    return {
        **_common(paths, k, style, "head"),
        "x": [x for x, _, _ in ends],
        "y": [y for _, y, _ in ends],
        "customdata": [said for _, _, said in ends],
        "mode": "markers",
        "cliponaxis": False,
        "marker": {
            "color": style.color,
            "size": 12 if len(ends) == 1 else 8,
            "symbol": ["x" if one else style.symbol or "circle" for one in gone],
            "line": {"color": "#FFFFFF", "width": 1.2},
        },
    }


def _common(paths: Paths, k: int, style: Style, kind: str) -> dict[str, Any]:
    """What all traces of a contender share; the page's own legend and its player read `meta`."""
    traced = meta(paths.labels[k], kind, group_key(k, style))
    return {"type": "scatter", **traced, "hovertemplate": HOVER, "showlegend": False}


def _short(value: float) -> float:
    """Seven digits of a number: all that float32 has."""
    return float(f"{value:.7g}") if abs(value) < inf else float(np.copysign(3e38, value))

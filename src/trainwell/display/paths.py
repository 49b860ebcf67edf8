"""Paths of optimizers as lines of a chart, with markers ("heads") at their last points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Int

from trainwell.display.palette import OTHER_STARTS, Style, grey_first, group_key, meta

DOTTED = 60
"""Paths with at most this many points have a marker at every point."""
FINE = 1e-6
"""Coordinates are rounded to this share of the window's side or less: with fewer digits, a page needs fewer bytes."""
HOVER = "%{meta[0]}<br>update %{customdata[0]}: value %{customdata[2]:.4g}<extra></extra>"
Dot: TypeAlias = tuple[float, float, int]
"""x and y in the chart, and the index of the update in `Paths.updates`."""
Step: TypeAlias = tuple[float | None, float | None, tuple[int | None, int | None, float | None]]
"""x and y in the chart, and (number of updates, index of the start, value)."""
GAP: Step = (None, None, (None, None, None))


@dataclass(frozen=True, eq=False)
class Paths:
    """Paths of several contenders from several starts.

    Attributes:
        labels: of the contenders.
        updates: numbers of updates at which the paths have points.
        points: parameters at these updates.
        values: values of the surface at these points.
        left: whether a path diverged beyond what can be drawn.
    """

    labels: Sequence[str]
    updates: Int[np.ndarray, " U"]
    points: Float[np.ndarray, "C P U D"]
    values: Float[np.ndarray, "C P U"]
    left: Bool[np.ndarray, "C P"]


def path_traces(
    paths: Paths,
    positions: Float[np.ndarray, "C P U 2"],
    window: Float[np.ndarray, "2 2"],
    styles: Sequence[Style],
    *,
    lines: bool = True,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """One trace per contender with its path, clipped at the window, and one with the last point of its path.

    With several starts, there is a second trace of either kind, with the paths from all starts but the first.
    `customdata` has the number of updates, the index of the start and the value at each point. There are gaps between
    paths.

    Args:
        paths: the paths.
        positions: coordinates of their points in the chart.
        window: lower and upper end of both axes.
        styles: of the contenders.
        lines: whether the points of a path are joined by lines.

    Returns:
        The traces of the paths and those of their last points, grey ones first.
    """
    starts = positions.shape[1]
    parts = [range(1, starts), range(1)] if starts > 1 else [range(1)]
    drawn = [
        (k, {s: _steps(paths, k, s, positions[k, s], window) for s in part})
        for part in parts
        for k in grey_first(styles)
    ]
    return (
        [_line(paths, k, steps, styles[k], lines=lines) for k, steps in drawn],
        [_heads(paths, k, steps, styles[k]) for k, steps in drawn],
    )


def _steps(
    paths: Paths, k: int, s: int, path: Float[np.ndarray, "U 2"], window: Float[np.ndarray, "2 2"]
) -> list[Step]:
    """The points of one path with their hover data, and a gap wherever the path is outside the window."""
    decimals = [int(number) for number in np.ceil(-np.log10(FINE * np.diff(window)[:, 0]))]

    def step(dot: Dot | None) -> Step:
        if dot is None:
            return GAP
        *position, at = dot
        x, y = (round(one, digits) for one, digits in zip(position, decimals, strict=True))
        return x, y, (int(paths.updates[at]), s, _short(float(paths.values[k, s, at])))

    return [step(dot) for dot in clipped(path, window)]


def clipped(path: Float[np.ndarray, "U 2"], window: Float[np.ndarray, "2 2"]) -> list[Dot | None]:
    """The points of a path within a window, its crossings of the window's edge, and None between separate parts.

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
            break  # it has diverged
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
    """The shares of the way from a to b at which it enters and leaves a window; None if it is outside."""
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


def _line(paths: Paths, k: int, steps: Mapping[int, Sequence[Step]], style: Style, *, lines: bool) -> dict[str, Any]:
    rows = [row for path in steps.values() for row in (*path, GAP)][:-1]
    first = 0 in steps
    dotted = len(paths.updates) <= DOTTED and first
    mode = "markers" if not lines else "lines+markers" if dotted or style.symbol else "lines"
    marker = {"color": style.color, "size": 5} if dotted or not lines else {"size": 7, "maxdisplayed": 8}
    x, y, hover = zip(*rows, strict=True) if rows else ((), (), ())
    return {
        **_common(paths, k, steps, style, "path"),
        "x": list(x),
        "y": list(y),
        "customdata": list(hover),
        "mode": mode,
        "line": {"color": style.color, "width": 2 if first and style.own else 1.4},
        "marker": {**marker, "symbol": style.symbol or "circle"},
        "opacity": (0.95 if first else 0.6) if style.own else 0.45,
    }


def _heads(paths: Paths, k: int, steps: Mapping[int, Sequence[Step]], style: Style) -> dict[str, Any]:
    ends = [path[-1] for path in steps.values() if path]
    gone = [bool(paths.left[k, s]) for s, path in steps.items() if path]
    return {
        **_common(paths, k, steps, style, "head"),
        "x": [x for x, _, _ in ends],
        "y": [y for _, y, _ in ends],
        "customdata": [hover for _, _, hover in ends],
        "mode": "markers",
        "cliponaxis": False,
        "marker": {
            "color": style.color,
            "size": 12 if 0 in steps else 8,
            "symbol": ["x" if one else style.symbol or "circle" for one in gone],
            "line": {"color": "#FFFFFF", "width": 1.2},
        },
    }


def _common(paths: Paths, k: int, steps: Mapping[int, Sequence[Step]], style: Style, kind: str) -> dict[str, Any]:
    """The attributes that all traces of a contender share. `meta` is for the page's legend and animation."""
    traced = meta(paths.labels[k], kind, group_key(k, style), *([] if 0 in steps else [OTHER_STARTS]))
    return {"type": "scatter", **traced, "hovertemplate": HOVER, "showlegend": False}


def _short(value: float) -> float:
    """A number rounded to four significant digits, as hover texts have."""
    return float(f"{value:.4g}") if abs(value) < inf else float(np.copysign(3e38, value))

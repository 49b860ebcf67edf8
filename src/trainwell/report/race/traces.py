"""The paths of a race as lines of a chart, with the contenders' heads at their ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from jaxtyping import Float, Int

from trainwell.report.legend import group_key
from trainwell.report.palette import Style

if TYPE_CHECKING:
    from trainwell.landscape import Race

MOST_STARTS = 12
"""Starts from which paths are drawn."""
MOST_NUMBERS = 24_000
"""Points of all paths in a chart."""
DOTTED = 60
"""Updates up to which every point of a path has a dot."""
HOVER = "%{meta[0]}<br>update %{customdata[0]}: value %{customdata[2]:.4g}<extra></extra>"
Dot: TypeAlias = tuple[float, float, int]
"""Place in a picture, and the place among those given of the update that led there."""
Row: TypeAlias = tuple[float | None, float | None, tuple[int | None, int | None, float | None]]
"""Place in a picture; and the update that led there, the start, and the value."""
GAP: Row = (None, None, (None, None, None))


@dataclass(frozen=True, eq=False)
class Drawn:
    """The part of a race's paths that is drawn.

    Attributes:
        updates: after which a point is drawn.
        points: after them.
        values: there.
    """

    updates: Int[np.ndarray, " U"]
    points: Float[np.ndarray, "C P U D"]
    values: Float[np.ndarray, "C P U"]


def drawn_paths(race: "Race", most: int = MOST_NUMBERS) -> Drawn:
    """The paths from the first few starts; of very long ones not every point.

    Args:
        race: with paths.
        most: points of all paths together.
    """
    paths, values = race.descents.paths, race.descents.path_values
    assert paths is not None  # the page is not made without
    assert values is not None
    C, P = len(paths), min(paths.shape[1], MOST_STARTS)
    updates = drawn_updates(paths.shape[2] - 1, most // (C * P))
    return Drawn(updates, paths[:, :P, updates], values[:, :P, updates])


def drawn_updates(steps: int, most: int) -> Int[np.ndarray, " U"]:
    """The updates to draw: all, or the first ones and an even choice of the others.

    Args:
        steps: the last update.
        most: how many, at least 100.

    Example:
        >>> len(drawn_updates(29, 1000)), len(drawn_updates(100_000, 1000))
        (30, 1000)
    """
    most = max(most, 100)
    if steps < most:
        return np.arange(steps + 1)
    rest = np.linspace(most // 2, steps, most - most // 2)
    return np.concatenate([np.arange(most // 2), rest.round().astype(np.int64)])


def path_traces(
    race: "Race",
    drawn: Drawn,
    places: Float[np.ndarray, "C P U 2"],
    window: Float[np.ndarray, "2 2"],
    styles: Sequence[Style],
    *,
    lines: bool = True,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A line per contender, clipped at the window, and apart from them their heads: the last point of every path.

    `customdata` has the update, the start's place and the value at each point; a gap stands between paths.

    Args:
        race: whose paths these are.
        drawn: what is drawn of them.
        places: where.
        window: what is seen of the picture.
        styles: of the contenders.
        lines: whether the points of a path are joined.
    """
    ordered = sorted(range(len(styles)), key=lambda k: styles[k].own)  # grey lies below the others
    paths = {k: _rows(places[k], drawn.values[k], drawn.updates, window) for k in ordered}
    many = drawn.points.shape[1] > 1
    found = [_line(race, k, paths[k], styles[k], len(drawn.updates), lines=lines, many=many) for k in ordered]
    return found, [_heads(race, k, paths[k], styles[k]) for k in ordered]


def _rows(
    places: Float[np.ndarray, "P U 2"],
    values: Float[np.ndarray, "P U"],
    updates: Int[np.ndarray, " U"],
    window: Float[np.ndarray, "2 2"],
) -> list[list[Row]]:
    """Of each path x, y and what is said of the point, with a gap wherever the path is out of sight."""

    def row(dot: Dot | None, s: int) -> Row:
        if dot is None:
            return GAP
        x, y, place = dot
        return _short(x), _short(y), (int(updates[place]), s, _short(float(values[s, place])))

    return [[row(dot, s) for dot in clipped(path, window)] for s, path in enumerate(places)]


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


def _line(
    race: "Race", k: int, paths: Sequence[Sequence[Row]], style: Style, points: int, *, lines: bool, many: bool
) -> dict[str, Any]:
    rows = [row for path in paths for row in (*path, GAP)][:-1]
    dotted = points <= DOTTED and not many
    mode = "markers" if not lines else "lines+markers" if dotted or style.symbol else "lines"
    marker = {"color": style.color, "size": 5} if dotted or not lines else {"size": 7, "maxdisplayed": 8}
    x, y, said = zip(*rows, strict=True) if rows else ((), (), ())
    return {
        **_common(race, k, style, "path"),
        "x": list(x),
        "y": list(y),
        "customdata": list(said),
        "mode": mode,
        "line": {"color": style.color, "width": 1.4 if many or not style.own else 2},
        "marker": {**marker, "symbol": style.symbol or "circle"},
        "opacity": (0.75 if many else 0.95) if style.own else 0.45,
    }


def _heads(race: "Race", k: int, paths: Sequence[Sequence[Row]], style: Style) -> dict[str, Any]:
    ends = [path[-1] for path in paths if path]
    away = [bool(race.descents.left[k, s] >= 0) for s, path in enumerate(paths) if path]
    return {
        **_common(race, k, style, "head"),
        "x": [x for x, _, _ in ends],
        "y": [y for _, y, _ in ends],
        "customdata": [said for _, _, said in ends],
        "mode": "markers",
        "cliponaxis": False,
        "marker": {
            "color": style.color,
            "size": 12 if len(ends) == 1 else 8,
            "symbol": ["x" if gone else style.symbol or "circle" for gone in away],
            "line": {"color": "#FFFFFF", "width": 1.2},
        },
    }


def _common(race: "Race", k: int, style: Style, kind: str) -> dict[str, Any]:
    """What all traces of a contender share; the page's own legend and its player read `meta`."""
    return {
        "type": "scatter",
        "meta": [escape(race.descents.labels[k]), kind, group_key(k, style)],
        "hovertemplate": HOVER,
        "showlegend": False,
    }


def _short(value: float) -> float:
    """Seven digits of a number: all that float32 has."""
    return float(f"{value:.7g}") if abs(value) < inf else float(np.copysign(3e38, value))

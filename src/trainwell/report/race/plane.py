"""What of a race is drawn: its paths, the plane that they lie in, and how much of it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.display import Contour, critical_trace
from trainwell.landscape import CriticalPoint, Race, Surface

MOST_MARKS = 60
"""Critical points that are marked."""
ROOM = 1.3
"""Side of the window, as a multiple of the side of the paths' bounding box."""
STRETCH = 2.0
"""Most that the window enlarges one axis more than the other."""


@dataclass(frozen=True, eq=False)
class Plane:
    """Two directions through a point of the surface, and the rectangle of them that is drawn.

    Attributes:
        directions: directions of the picture's x and y axis, as rows.
        base: the point at its (0, 0).
        titles: titles of the axes.
        window: lower and upper end of both axes.
        whole: whether the window is the whole domain.
    """

    directions: Float[np.ndarray, "2 D"]
    base: Float[np.ndarray, " D"]
    titles: tuple[str, str]
    window: Float[np.ndarray, "2 2"]
    whole: bool

    def project(self, points: Float[np.ndarray, "... D"]) -> Float[np.ndarray, "... 2"]:
        """Coordinates of points projected onto the plane."""
        with np.errstate(invalid="ignore", over="ignore"):  # the last point of a descent that left may be infinite
            return np.asarray((np.asarray(points, np.float64) - self.base) @ self.directions.T)

    def points(self, coordinates: Float[np.ndarray, "N 2"]) -> Float[np.ndarray, "N D"]:
        """The points of the surface with these coordinates in the plane."""
        return np.asarray(self.base + coordinates @ self.directions)

    def holds(self, point: Float[np.ndarray, " D"]) -> bool:
        """Whether a point lies in the plane and in its window."""
        position = self.project(point)
        away = np.abs(self.points(position[None])[0] - point).max()
        inside = (self.window[:, 0] <= position) & (position <= self.window[:, 1])
        return bool(inside.all() and away <= 1e-6 * (1 + np.abs(point).max()))


def race_plane(race: Race, starts: int) -> Plane:
    """The coordinates of a surface with two dimensions; with more, the plane of its flattest and steepest axis.

    The plane of more dimensions goes through the first global minimum, or, where none is known, through the lowest
    of the last points.

    Args:
        race: on a surface of at least two dimensions, with paths.
        starts: how many paths of each contender are drawn.
    """
    descents = race.descents
    surface = descents.surface
    if surface.dimension == 2:
        directions, base, titles = np.eye(2), np.zeros(2), ("x", "y")
    else:
        directions, base = descents.axes[[-1, 0]].astype(np.float64), _lowest(race)
        titles = ("along the flattest axis", "along the steepest axis")
    low, high = surface.domain.T
    middle, half = directions @ ((low + high) / 2 - base), np.abs(directions) @ ((high - low) / 2)
    domain = np.stack([middle - half, middle + half], 1)
    flat = Plane(directions, base, titles, domain, True)
    drawn = descents.kept[0][:, :starts].reshape(-1, surface.dimension)
    window = window_of(flat.project(np.concatenate([drawn, goal(surface, descents.starts[0])])), domain)
    return Plane(directions, base, titles, window, np.allclose(window, domain))


def window_of(points: Float[np.ndarray, "N A"], domain: Float[np.ndarray, "A 2"]) -> Float[np.ndarray, "A 2"]:
    """The part of the domain around all points, with some room.

    Args:
        points: to be shown, except those outside the domain or not finite.
        domain: lower and upper end of each axis.

    Example:
        >>> window_of(np.array([[1.0], [3.0]]), np.array([[-10.0, 10.0]])).round(2).tolist()
        [[0.7, 3.3]]
    """
    low, high = domain.T
    with np.errstate(invalid="ignore"):
        inside = points[((low <= points) & (points <= high)).all(-1)]
    if not len(inside):
        return domain
    first, last = inside.min(0), inside.max(0)
    share = (last - first) / (high - low)
    if not share.any():
        return domain
    share = np.minimum(ROOM * np.maximum(share, share.max() / STRETCH), 1)
    half = share * (high - low) / 2
    middle = np.clip((first + last) / 2, low + half, high - half)
    return np.stack([middle - half, middle + half], 1)


def goal(surface: Surface, start: Float[np.ndarray, " D"]) -> Float[np.ndarray, "G D"]:
    """The global minimum nearest to a start, as one row; none where none is known."""
    known = [one.point for one in surface.global_minima]
    return np.array(sorted(known, key=lambda point: float(np.linalg.norm(point - start)))[:1]).reshape(
        -1, surface.dimension
    )


def _lowest(race: Race) -> Float[np.ndarray, " D"]:
    """The first global minimum; if none is known, the lowest of the last points; if no value is finite, the start."""
    descents = race.descents
    if best := descents.surface.global_minima:
        return np.asarray(best[0].point, np.float64)
    values = np.where((descents.left_after < 0) & np.isfinite(descents.values), descents.values, np.inf)
    c, s = np.unravel_index(int(values.argmin()), values.shape)
    return np.asarray(descents.points[c, s] if np.isfinite(values[c, s]) else descents.starts[0], np.float64)


def contour_of(surface: Surface, plane: Plane, size: int) -> Contour:
    """Evaluate a surface over the window of a plane.

    Args:
        surface: what is drawn.
        plane: where.
        size: points along each axis.
    """
    x, y = (np.linspace(low, high, size) for low, high in plane.window)
    grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    values = np.asarray(surface.values(plane.points(grid)), np.float64).reshape(size, size)
    return Contour(x, y, np.where(np.isfinite(values), values, np.nan))


def mark_traces(surface: Surface, plane: Plane) -> list[dict[str, Any]]:
    """The known critical points in the plane; of very many only the global minima."""
    marked = [one for one in surface.critical if plane.holds(one.point)]
    if len(marked) > MOST_MARKS:
        marked = [one for one in marked if one.kind == "minimum" and one.is_global][:MOST_MARKS]
    return [mark_trace(marked, [plane.project(one.point).tolist() for one in marked])] if marked else []


def mark_trace(critical: Sequence[CriticalPoint], coordinates: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Critical points at these coordinates of a chart."""
    return critical_trace([one.title for one in critical], [one.value for one in critical], coordinates)

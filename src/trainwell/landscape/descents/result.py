"""Results of descents on a surface."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, Float, Int

from trainwell.landscape.surfaces.surface import Surface
from trainwell.training import Recipe

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, repr=False)
class Descents:
    """Descents of every contender (C) from every start (S) on a surface of D dimensions, for T updates.

    A descent *leaves* if it gets farther than 100 half-widths of the domain from its middle, or if its value or
    gradient becomes NaN or infinite. It ends there: its last point is the first one outside.

    Attributes:
        surface: the surface.
        recipes: the contenders by label.
        starts: the start points.
        steps: T.
        tolerance: norm of the gradient at or below which a descent has settled.
        axes: the surface's principal axes as rows, the steepest first: see `principal_axes`.
        outcomes: how each ended: `converged`, `stuck`, `running`, `escaped` or `diverged`, see `outcomes_of`.
        critical_indices: index in `surface.critical` of the critical point near the end; -1 if none is known there.
        points: the last points.
        values: the surface's values at the last points.
        gradient_norms: norms of the gradients at the last points, without noise.
        lowest_values: the smallest value on the path.
        settled_after: updates after which the gradient's norm stayed at or below the tolerance to the end; -1 if it did
            not.
        left_after: updates after which the descent had left; -1 if it did not.
        lengths: lengths of the paths, Σ ‖xₜ₊₁ − xₜ‖.
        turns: numbers of updates that go back along each principal axis.
        evaluations: evaluations of value and gradient: one per update, more with a line search. Second-order methods
            stop when they have settled.
        overshoots: along each principal axis, how far the path went past its target, away from the start. The target is
            the critical point near the end, else the last point; NaN if the descent left.
        paths: all points, including the start; NaN after a descent has left; None if paths were not kept.
        path_values: the values along the paths.
        seconds: time of each contender's descents, summed over threads, without compiling.
    """

    surface: Surface
    recipes: Mapping[str, Recipe]
    starts: Float[np.ndarray, "S D"]
    steps: int
    tolerance: float
    axes: Float[np.ndarray, "D D"]
    outcomes: np.ndarray  # of words, [C S]
    critical_indices: Int[np.ndarray, "C S"]
    points: Float[np.ndarray, "C S D"]
    values: Float[np.ndarray, "C S"]
    gradient_norms: Float[np.ndarray, "C S"]
    lowest_values: Float[np.ndarray, "C S"]
    settled_after: Int[np.ndarray, "C S"]
    left_after: Int[np.ndarray, "C S"]
    lengths: Float[np.ndarray, "C S"]
    turns: Int[np.ndarray, "C S D"]
    evaluations: Int[np.ndarray, "C S"]
    overshoots: Float[np.ndarray, "C S D"]
    paths: Float[np.ndarray, "C S T+1 D"] | None
    path_values: Float[np.ndarray, "C S T+1"] | None
    seconds: Mapping[str, float]

    @property
    def kept(self) -> tuple[Float[np.ndarray, "C S T+1 D"], Float[np.ndarray, "C S T+1"]]:
        """The paths, and the values along them.

        Raises:
            ValueError: no paths were kept.
        """
        if self.paths is None or self.path_values is None:
            raise ValueError("paths were not kept: descend with paths=True")
        return self.paths, self.path_values

    @property
    def labels(self) -> tuple[str, ...]:
        """The contenders' labels, in the order of the first axis of all arrays."""
        return tuple(self.recipes)

    @property
    def zigzags(self) -> Int[np.ndarray, "C S"]:
        """Numbers of updates that go back along the steepest principal axis."""
        return self.turns[..., 0]

    @property
    def overshoot(self) -> Float[np.ndarray, "C S"]:
        """The largest overshoot of each path along any principal axis."""
        return np.asarray(self.overshoots.max(-1))

    def __repr__(self) -> str:
        starts = f"{len(self.starts):,} start{'s' * (len(self.starts) > 1)}"
        return f"Descents of {', '.join(self.labels)} on {self.surface.name} from {starts}, {self.steps:,} updates"

    def count(self, label: str) -> dict[str, int]:
        """Number of a contender's descents by outcome, without outcomes that do not occur."""
        names, counts = np.unique(self.outcomes[self.labels.index(label)], return_counts=True)
        return {str(name): int(count) for name, count in zip(names, counts, strict=True)}

    @property
    def at_global(self) -> Bool[np.ndarray, "C S"]:
        """Whether each descent converged to a known global minimum."""
        is_best = np.array([one.kind == "minimum" and one.is_global for one in self.surface.critical] + [False])
        return np.asarray((self.outcomes == "converged") & is_best[self.critical_indices])

    def ranking(self) -> list[int]:
        """Contenders, best first.

        They are ordered by the number of descents that converged to a global minimum; then by the number that converged
        to any minimum; the median final height above the lowest known value, rounded to a thousandth of the median
        height of the starts; the median number of updates to convergence; and the median final value. The height of a
        descent that left is infinite.
        """
        found, best = self.outcomes == "converged", self.at_global
        updates = np.where(self.settled_after < 0, np.inf, self.settled_after)
        values = np.nan_to_num(np.asarray(self.values, np.float64), nan=np.inf, posinf=np.inf, neginf=-np.inf)
        values = np.where(self.left_after >= 0, np.inf, values)
        lowest = self.surface.lowest
        bottom = min(float(values.min()), np.inf if lowest is None else lowest)
        starts = np.nan_to_num(self.surface.values(self.starts).astype(np.float64), nan=np.inf)
        begun = max(float(np.median(starts)) - bottom, np.finfo(float).tiny)

        def rank(k: int) -> tuple[float, ...]:
            settled = updates[k][found[k]]
            fast = float(np.median(settled)) if len(settled) else np.inf
            last = float(np.median(values[k]))
            above = (float(np.median(np.where(best[k], bottom, values[k]))) - bottom) / begun
            height = round(above, 3) if np.isfinite(above) else np.inf
            return -float(best[k].sum()), -float(found[k].sum()), height, fast, last, float(k)

        return sorted(range(len(self.labels)), key=rank)

    @property
    def measures(self) -> dict[str, Float[np.ndarray, "C S"]]:
        """Measures of every descent by name; NaN if one is undefined, such as the overshoot of a descent that left."""
        return {
            "value": self.values,
            "gradient_norm": self.gradient_norms,
            "lowest_value": self.lowest_values,
            "settled_after": np.where(self.settled_after < 0, np.nan, self.settled_after),
            "left_after": np.where(self.left_after < 0, np.nan, self.left_after),
            "zigzags": self.zigzags,
            "overshoot": self.overshoot,
            "path_length": self.lengths,
            "evaluations": self.evaluations,
        }

    def descent_json(self, c: int, s: int) -> dict[str, Any]:
        """How the descent of a contender from a start ended, and its measures."""
        reached = int(self.critical_indices[c, s])
        point = None if reached < 0 else self.surface.critical[reached]
        return {
            "start": self.starts[s].tolist(),
            "outcome": str(self.outcomes[c, s]),
            "critical_point": None
            if point is None
            else {"kind": point.kind, "global": point.is_global, "point": point.point.tolist(), "value": point.value},
            "point": self.points[c, s].tolist(),
            **{name: values[c, s].item() for name, values in self.measures.items()},
        }

    def to_frame(self) -> "pl.DataFrame":
        """One row per contender and start, as in `descents.parquet`: how the descent ended, and its measures.

        Returns:
            Columns contender, start, start_x0, …, outcome, critical_point (index of a known critical point), x0, … and
            the `measures`; null if undefined.
        """
        import polars as pl

        C, S, D = self.points.shape
        contender, start = (index.ravel() for index in np.indices((C, S)))
        return pl.DataFrame(
            {
                "contender": np.array(self.labels, dtype=object)[contender].tolist(),
                "start": start,
                **{f"start_x{i}": self.starts[start, i] for i in range(D)},
                "outcome": self.outcomes.ravel().tolist(),
                "critical_point": self.critical_indices.ravel(),
                **{f"x{i}": self.points[..., i].ravel() for i in range(D)},
                **{name: values.ravel() for name, values in self.measures.items()},
            },
            nan_to_null=True,
        ).with_columns(pl.col("critical_point").replace(-1, None))

    def paths_frame(self) -> "pl.DataFrame":
        """One row per contender, start and update of the kept paths, as in `paths.parquet`.

        Returns:
            Columns contender, start (its index), step, x0, x1, … and value.

        Raises:
            ValueError: no paths were kept.
        """
        import polars as pl

        paths, path_values = self.kept
        C, P, T, D = paths.shape
        contender, start, step = (index.ravel() for index in np.indices((C, P, T)))
        points, values = paths.reshape(-1, D), path_values.ravel()
        known = ~np.isnan(points).all(1)
        return pl.DataFrame(
            {
                "contender": np.array(self.labels, dtype=object)[contender[known]].tolist(),
                "start": start[known],
                "step": step[known],
                **{f"x{i}": points[known, i] for i in range(D)},
                "value": values[known],
            }
        )


OUTCOMES = ("converged", "stuck", "running", "escaped", "diverged")
NEAR = 0.01
"""A descent has reached a critical point within this share of the domain's longest side."""
BEYOND = 8.0
"""Newton steps after which the value must have risen again at a minimum; it does for x² and x⁴, but not for x³."""
HESSIANS = 1 << 24
"""Largest number of Hessian entries computed at once."""


def outcomes_of(
    surface: Surface,
    points: Float[np.ndarray, "N D"],
    values: Float[np.ndarray, " N"],
    gradients: Float[np.ndarray, "N D"],
    left: Int[np.ndarray, " N"],
    begun: Float[np.ndarray, " N"],
    tolerance: float,
) -> tuple[np.ndarray, Int[np.ndarray, " N"]]:
    """Classify how descents ended.

    * `diverged`: it left (see `Descents`) with a value not below that of its start;
    * `escaped`: it left with a value below that of its start, on a surface without a lower bound;
    * `running`: the gradient's norm is above the tolerance at the end;
    * `converged`: the gradient is small and a minimum is near. Where no critical point is known, a minimum is assumed
      if the Hessian is positive definite, the Newton step is short, and the value rises again after eight such steps
      (at an inflection point it falls);
    * `stuck`: the gradient is small and no minimum is near: at a saddle, a maximum or a plateau. On a plateau a smaller
      tolerance would have made it `running`.

    Args:
        surface: the surface.
        points: the last points.
        values: values at the last points.
        gradients: gradients at the last points.
        left: updates after which a descent had left; -1 if it did not.
        begun: values at the starts.
        tolerance: norms of the gradient up to this are small.

    Returns:
        One of `OUTCOMES` for each, and the index of the critical point near a converged or stuck descent; -1 if none is
        known there.
    """
    codes = np.full(len(points), OUTCOMES.index("running"))
    reached = np.full(len(points), -1)
    away = left >= 0
    codes[away] = np.where(values[away] < begun[away], OUTCOMES.index("escaped"), OUTCOMES.index("diverged"))
    still = ~away & (norms(gradients) <= tolerance)
    near = NEAR * float(np.diff(surface.domain).max())
    reached[still] = _nearest(surface, points[still], near)
    known, unknown = still & (reached >= 0), still & (reached < 0)
    is_minimum = np.array([one.kind == "minimum" for one in surface.critical], bool)
    at_minimum = np.zeros(len(points), bool)
    at_minimum[known] = is_minimum[reached[known]]
    at_minimum[unknown] = _are_minima(surface, points[unknown], gradients[unknown], near)
    codes[still] = np.where(at_minimum[still], OUTCOMES.index("converged"), OUTCOMES.index("stuck"))
    return np.array([OUTCOMES[code] for code in codes]), reached


def norms(gradients: Float[np.ndarray, "N D"]) -> Float[np.ndarray, " N"]:
    """Norm of each row, in float64 to avoid overflow."""
    with np.errstate(over="ignore"):
        return np.asarray(np.linalg.norm(np.asarray(gradients, np.float64), axis=-1))


def _nearest(surface: Surface, points: Float[np.ndarray, "N D"], near: float) -> Int[np.ndarray, " N"]:
    """The index of the nearest critical point; -1 if it is not near."""
    if not surface.critical or not len(points):
        return np.full(len(points), -1)
    from scipy.spatial import KDTree

    distances, indices = KDTree(np.stack([one.point for one in surface.critical])).query(points)
    return np.where(distances <= near, indices, -1)


def _are_minima(
    surface: Surface, points: Float[np.ndarray, "N D"], gradients: Float[np.ndarray, "N D"], near: float
) -> Bool[np.ndarray, " N"]:
    """Whether points with a small gradient are near a minimum, by the Hessian there."""
    at_once = max(1, HESSIANS // surface.dimension**2)
    found = np.zeros(len(points), bool)
    for first in range(0, len(points), at_once):
        here = slice(first, first + at_once)
        curvatures, axes = np.linalg.eigh(np.asarray(surface.hessians(points[here]), np.float64))
        slopes = np.einsum("nij,ni->nj", axes, gradients[here])  # along the eigenvectors
        upward = curvatures > 0
        along = slopes / np.where(upward, curvatures, 1)
        newton = np.sqrt((along**2).sum(-1))
        beyond = points[here] - BEYOND * np.einsum("nji,ni->nj", axes, along)
        lows, ends = (np.asarray(surface.values(x), np.float64) for x in (points[here], beyond.astype(points.dtype)))
        rounding = 8 * np.finfo(points.dtype).eps * abs(lows)
        found[here] = upward.all(-1) & (newton <= near) & (ends >= lows - rounding)
    return found

"""Descents: what optimizers did on a surface."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from trainwell.landscape.surfaces.surface import Surface
from trainwell.training import Recipe


@dataclass(frozen=True, eq=False)
class Descents:
    """Every contender (C) from every start (S) on a surface of D dimensions, for T updates.

    A descent that leaves the surface's surroundings (a hundred half-widths of the domain from its middle, or a value
    or gradient that is not finite) counts up to there: its last point is the first one beyond.

    Attributes:
        surface: what was descended.
        recipes: the contenders by label.
        starts: where they started.
        steps: updates, T.
        tolerance: norm of the gradient at which a descent has settled.
        axes: the surface's principal axes as rows, the steepest first: see `principal_axes`.
        outcomes: how each ended: `converged`, `stuck`, `running`, `escaped` or `diverged`, see `outcomes_of`.
        reached: index in `surface.critical` of the critical point each ended near, -1 where none is known there.
        points: the last points.
        values: of the surface there.
        gradient_norms: there, without noise.
        least: the smallest value on the path.
        settled: updates after which the gradient's norm has been at most the tolerance to the end; -1 where it is not.
        left: updates after which a descent had left; -1 where it has not.
        lengths: of the paths, Σ ‖xₜ₊₁ − xₜ‖, until they left.
        turns: changes of direction along each principal axis: updates that move against the last one that moved.
        evaluations: values with gradients that were taken, one an update but where a line search takes several;
            second-order methods stop where they have settled.
        overshoots: along each principal axis, how far the path got past its target, on the side away from the start.
            The target is the critical point that the descent ended near, else its last point; NaN where it left.
        paths: every point from the start on, NaN where a descent has left; None where paths were not asked for.
        path_values: the values along the paths.
        seconds: time of the descents, compiling not included, by contender: the sum over all threads.
    """

    surface: Surface
    recipes: Mapping[str, Recipe]
    starts: Float[np.ndarray, "S D"]
    steps: int
    tolerance: float
    axes: Float[np.ndarray, "D D"]
    outcomes: np.ndarray  # of words, [C S]
    reached: Int[np.ndarray, "C S"]
    points: Float[np.ndarray, "C S D"]
    values: Float[np.ndarray, "C S"]
    gradient_norms: Float[np.ndarray, "C S"]
    least: Float[np.ndarray, "C S"]
    settled: Int[np.ndarray, "C S"]
    left: Int[np.ndarray, "C S"]
    lengths: Float[np.ndarray, "C S"]
    turns: Int[np.ndarray, "C S D"]
    evaluations: Int[np.ndarray, "C S"]
    overshoots: Float[np.ndarray, "C S D"]
    paths: Float[np.ndarray, "C S T+1 D"] | None
    path_values: Float[np.ndarray, "C S T+1"] | None
    seconds: Mapping[str, float]

    @property
    def labels(self) -> tuple[str, ...]:
        """The contenders' labels, in the order of the first axis of all arrays."""
        return tuple(self.recipes)

    @property
    def zigzags(self) -> Int[np.ndarray, "C S"]:
        """Changes of direction across the steepest principal axis."""
        return self.turns[..., 0]

    @property
    def overshoot(self) -> Float[np.ndarray, "C S"]:
        """The farthest that each path got past its target along any principal axis."""
        return np.asarray(self.overshoots.max(-1))

    def count(self, label: str) -> dict[str, int]:
        """How many of a contender's descents ended in each way; ways that none ended in are left out."""
        names, counts = np.unique(self.outcomes[self.labels.index(label)], return_counts=True)
        return {str(name): int(count) for name, count in zip(names, counts, strict=True)}

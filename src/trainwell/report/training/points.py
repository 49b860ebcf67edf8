"""The points of a recipe's curves: means and intervals over its members."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from trainwell.statistics import Intervals, mean_intervals
from trainwell.training import Runs


@dataclass(frozen=True, eq=False)
class Curve:
    """One observed quantity of one recipe over time.

    Attributes:
        epochs: passes over the training split at each point.
        values: mean, ends and number of members still training, at each point.
    """

    epochs: Float[np.ndarray, " T"]
    values: Intervals

    @property
    def heights(self) -> Float[np.ndarray, " K"]:
        """All heights the curve and its band reach."""
        heights = np.concatenate([self.values.mean, self.values.low, self.values.high])
        finite: Float[np.ndarray, " K"] = heights[np.isfinite(heights)]
        return finite


def mean_curve(runs: Runs, members: Sequence[int], name: str, within: tuple[float, float]) -> Curve:
    """The mean of `name` over members that did not diverge, and its interval, at every point of time."""
    alive = [m for m in members if runs.statuses[m] != "diverged"]
    values = mean_intervals(runs.trace[name][alive], within=within)
    longest = max(alive, key=lambda m: int((runs.trace.steps[m] >= 0).sum()), default=members[0])
    count = int((values.n > 0).sum() and np.flatnonzero(values.n > 0)[-1] + 1)
    parts = (values.mean, values.low, values.high, values.n)
    return Curve(runs.trace.epochs[longest][:count], Intervals(*(part[:count] for part in parts)))


def height_range(curves: Sequence[Curve], *, logarithmic: bool) -> tuple[float, float] | None:
    """The heights an axis should span, so that neither a wide band nor a diverged member flattens the rest.

    On a logarithmic axis a band may reach below 0: the axis then ends at half the lowest mean.
    """
    heights = np.concatenate([curve.heights for curve in curves]) if curves else np.empty(0)
    heights = heights[heights > 0] if logarithmic else heights
    if not len(heights):
        return None
    means = np.concatenate([curve.values.mean for curve in curves])
    if logarithmic:
        means = means[means > 0]
        low, high = max(heights.min(), means.min() / 2), min(heights.max(), means.max() * 2)
        return float(low / 1.1), float(high * 1.1)
    low, high = max(heights.min(), -1.0), heights.max()
    margin = 0.04 * (high - low) or 0.02
    return float(low - margin), float(high + margin)

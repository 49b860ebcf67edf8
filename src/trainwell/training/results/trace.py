"""Trace: what was observed while a population trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from trainwell.core import METRICS

UNITS = {
    **{name: metric.unit for name, metric in METRICS.items()},
    "evaluations": "evaluations of loss and gradient by line searches",
}


@dataclass(frozen=True, eq=False)
class Trace:
    """Observed values over time. Rows of members with fewer observations are padded with NaN, steps with -1.

    Attributes:
        values: arrays by name, such as `accuracy/validation`. `loss/batches` is the mean loss of the batches since the
            previous observation, in training mode and with label smoothing. All other losses are without label
            smoothing, and none includes penalties.
        steps: updates done at each observation.
        epochs: passes over the training split at each observation.
    """

    values: Mapping[str, Float[np.ndarray, "M T"]]
    steps: Int[np.ndarray, "M T"]
    epochs: Float[np.ndarray, "M T"]

    def __getitem__(self, name: str) -> Float[np.ndarray, "M T"]:
        return self.values[name]

    def last(self, name: str) -> Float[np.ndarray, " M"]:
        """Each member's last observation of `name`."""
        counts = (self.steps >= 0).sum(1)
        values: np.ndarray = self.values[name][np.arange(len(counts)), np.maximum(counts - 1, 0)]
        return values

    def at_step(self, name: str, steps: Sequence[int]) -> Float[np.ndarray, " M"]:
        """Each member's value of `name` observed after `steps[m]` updates; NaN if it was not observed then."""
        hit = self.steps == np.asarray(steps)[:, None]
        return np.where(hit.any(1), self.values[name][np.arange(len(hit)), hit.argmax(1)], np.nan)


def join(seen: Sequence[Mapping[str, np.ndarray]], steps: Sequence[np.ndarray], epochs: Sequence[np.ndarray]) -> Trace:
    """One trace of members observed at different times; names that a member lacks are NaN.

    Args:
        seen: each member's observations by name.
        steps: each member's updates done at its observations.
        epochs: passes over the training split at the same times.
    """
    M, T = len(seen), max((len(s) for s in steps), default=0)
    names = sorted({name for one in seen for name in one})

    def padded(rows: Sequence[np.ndarray], filler: float) -> np.ndarray:
        whole = np.full((M, T), filler)
        for m, row in enumerate(rows):
            whole[m, : len(row)] = row
        return whole

    nothing = np.empty(0)
    values = {name: padded([one.get(name, nothing) for one in seen], np.nan) for name in names}
    return Trace(values, padded(steps, -1).astype(np.int64), padded(epochs, np.nan))

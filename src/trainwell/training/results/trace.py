"""Trace: what was observed while a population trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from trainwell.core import METRICS

UNITS = {
    **{name: metric.unit for name, metric in METRICS.items()},
    "evaluations": "losses with gradients that a line search has taken",
}


@dataclass(frozen=True, eq=False)
class Trace:
    """Observed values over time; NaN (and step -1) where a member has no further observation.

    Attributes:
        values: by name, such as `accuracy/validation`; `loss/batches` is the mean over the batches since the
            observation before, in training mode. Losses are without penalties and label smoothing, except
            `loss/batches`, which has the smoothing.
        steps: updates done at each observation.
        epochs: the same in passes over the training split.
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
        """Each member's observation of `name` at its own step; NaN where there is none."""
        hit = self.steps == np.asarray(steps)[:, None]
        return np.where(hit.any(1), self.values[name][np.arange(len(hit)), hit.argmax(1)], np.nan)


def join(seen: Sequence[Mapping[str, np.ndarray]], steps: Sequence[np.ndarray], epochs: Sequence[np.ndarray]) -> Trace:
    """One trace of members observed at different times; names a member lacks are NaN.

    Args:
        seen: each member's observations by name.
        steps: each member's updates at its observations.
        epochs: the same in passes over the training split.
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

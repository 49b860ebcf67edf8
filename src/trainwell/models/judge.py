"""How good averages of outputs are on a split: the numbers an ensemble is chosen by."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from trainwell.core import METRICS, METRICS_OF, MetricName, ModelError, target_variance

TINY = np.finfo(np.float64).tiny  # the least probability a logarithm is taken of


class Standing(NamedTuple):
    """What ensembles are ordered by: larger is better, first the merit, then the loss."""

    merit: float
    minus_loss: float


@dataclass(frozen=True, eq=False)
class Judge:
    """Weighted accuracy, loss and R² of averaged outputs, as training's observations define them.

    Args:
        targets: class indices `[N]`, or standardised targets `[N, 1]`.
        weights: of the rows.
        task: `classification` (loss: mean −ln p of the class, nats) or `regression` (loss: mean squared error).
        metric: `accuracy`, `loss` or `r2`.

    Raises:
        ModelError: the task does not have this metric, or targets and weights do not fit.
    """

    targets: Int[np.ndarray, " N"] | Float[np.ndarray, "N 1"]
    weights: Float[np.ndarray, " N"]
    task: str
    metric: MetricName

    def __post_init__(self) -> None:
        usable = sorted(METRICS_OF[self.task])
        if self.metric not in usable:
            raise ModelError(f"metric '{self.metric}' is none of {self.task}: use {' or '.join(usable)}")
        if self.weights.shape != (len(self.targets),) or not self.weights.sum() > 0:
            raise ModelError("the weights must be one per row, and not all 0: leave them out to count each row once")

    def score(self, outputs: Float[np.ndarray, "N C"]) -> float:
        """The metric."""
        if METRICS[self.metric].is_share:
            return self._share(self._right(outputs))
        loss = self.loss(outputs)
        return 1 - loss / self._variance if METRICS[self.metric].instead else loss

    def loss(self, outputs: Float[np.ndarray, "N C"]) -> float:
        """The loss."""
        return float(self.shares @ self._losses(outputs))

    def close(self, outputs: Float[np.ndarray, "N C"], best: Float[np.ndarray, "N C"], errors: float) -> bool:
        """Whether `outputs` are worse than `best` by at most so many standard errors of the difference over rows."""
        difference = self._merits(best) - self._merits(outputs)
        mean = self.shares @ difference
        return bool(mean <= errors * np.sqrt(self.shares**2 @ (difference - mean) ** 2))

    def standing(self, score: float, loss: float) -> Standing:
        """What to order by; R² orders as the loss does, also where it is undefined."""
        minus_loss = -float(f"{loss:.6e}")  # averages of the same outputs differ by rounding: that is no progress
        return Standing(score if METRICS[self.metric].is_share else minus_loss, minus_loss)

    def _losses(self, outputs: Float[np.ndarray, "N C"]) -> Float[np.ndarray, " N"]:
        if self.task == "classification":
            chosen = outputs[np.arange(len(outputs)), self.targets]
            return np.asarray(-np.log(np.maximum(chosen, TINY)))
        return np.asarray((outputs[:, 0] - self.targets[:, 0]) ** 2)

    def _merits(self, outputs: Float[np.ndarray, "N C"]) -> Float[np.ndarray, " N"]:
        return self._right(outputs).astype(np.float64) if METRICS[self.metric].is_share else -self._losses(outputs)

    def _right(self, outputs: Float[np.ndarray, "N C"]) -> Bool[np.ndarray, " N"]:
        return np.asarray(outputs.argmax(1) == self.targets)

    def _share(self, right: Bool[np.ndarray, " N"]) -> float:
        return float(self.weights[right].sum(dtype=np.float64) / self.weights.sum(dtype=np.float64))

    @cached_property
    def shares(self) -> Float[np.ndarray, " N"]:
        """The weights, summing to 1."""
        return np.asarray(self.weights / self.weights.sum(dtype=np.float64))

    @cached_property
    def _variance(self) -> float:
        """Of the targets, the loss of their best constant; NaN where R² is undefined."""
        return target_variance(self.targets, self.weights)

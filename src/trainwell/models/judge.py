"""Scores of averaged outputs, by which ensembles are chosen; and the best network to add to an ensemble."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int

from trainwell.core import METRICS, METRICS_OF, MetricName, ModelError, target_variance

TINY = np.finfo(np.float64).tiny  # smallest probability in a logarithm


Standing = tuple[float, float]
"""Sort key of ensembles, larger is better: `(score or minus loss, minus loss)`."""


@dataclass(frozen=True, eq=False)
class Judge:
    """Weighted accuracy, loss and R² of averaged outputs, defined as during training.

    Args:
        targets: class indices `[N]`, or standardised targets `[N, 1]`.
        weights: weights of the rows.
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
            raise ModelError(f"metric '{self.metric}' is not for {self.task}: use {' or '.join(usable)}")
        if self.weights.shape != (len(self.targets),) or not self.weights.sum() > 0:
            raise ModelError("the weights must be one per row, and not all 0: leave them out to count each row once")

    def score(self, outputs: Float[np.ndarray, "N C"]) -> float:
        """The metric's value."""
        if METRICS[self.metric].is_share:
            return float(self.weights[self._right(outputs)].sum(dtype=np.float64) / self.weights.sum(dtype=np.float64))
        loss = self.loss(outputs)
        return 1 - loss / self._variance if METRICS[self.metric].fallback else loss

    def loss(self, outputs: Float[np.ndarray, "N C"]) -> float:
        """The loss."""
        return float(self.shares @ self._losses(outputs))

    def close(self, outputs: Float[np.ndarray, "N C"], best: Float[np.ndarray, "N C"], errors: float) -> bool:
        """Whether `outputs` are worse than `best` by at most `errors` standard errors of the difference over rows."""
        difference = self._merits(best) - self._merits(outputs)
        mean = self.shares @ difference
        return bool(mean <= errors * np.sqrt(self.shares**2 @ (difference - mean) ** 2))

    def standing(self, score: float, loss: float) -> Standing:
        """The sort key of a score and a loss; for R² only the loss, which is always defined."""
        minus_loss = -float(f"{loss:.6e}")  # rounded, so that rounding errors do not decide
        return score if METRICS[self.metric].is_share else minus_loss, minus_loss

    def _losses(self, outputs: Float[np.ndarray, "N C"]) -> Float[np.ndarray, " N"]:
        if self.task == "classification":
            chosen = outputs[np.arange(len(outputs)), self.targets]
            return np.asarray(-np.log(np.maximum(chosen, TINY)))
        return np.asarray((outputs[:, 0] - self.targets[:, 0]) ** 2)

    def _merits(self, outputs: Float[np.ndarray, "N C"]) -> Float[np.ndarray, " N"]:
        return self._right(outputs).astype(np.float64) if METRICS[self.metric].is_share else -self._losses(outputs)

    def _right(self, outputs: Float[np.ndarray, "N C"]) -> Bool[np.ndarray, " N"]:
        return np.asarray(outputs.argmax(1) == self.targets)

    @cached_property
    def shares(self) -> Float[np.ndarray, " N"]:
        """The weights, scaled to sum to 1."""
        return np.asarray(self.weights / self.weights.sum(dtype=np.float64))

    @cached_property
    def _variance(self) -> float:
        """Variance of the targets; NaN if R² is undefined."""
        return target_variance(self.targets, self.weights)


@dataclass(frozen=True, eq=False)
class Additions:
    """Finds the best network to add to an ensemble.

    Args:
        outputs: outputs of each candidate, all finite.
        judge: computes the scores.
    """

    outputs: Float[np.ndarray, "M N C"]
    judge: Judge

    def best(self, total: Float[np.ndarray, "N C"], count: int) -> int:
        """Index of the candidate that improves the average most: by score, then loss, then the lower index.

        Args:
            total: sum of the outputs of the ensemble's networks.
            count: number of the ensemble's networks.
        """
        if not METRICS[self.judge.metric].is_share:
            return int(self._losses(total, count, np.arange(len(self.outputs))).argmin())
        right = self._right(total)
        tied = np.flatnonzero(right == right.max())
        return int(tied[self._losses(total, count, tied).argmin()]) if len(tied) > 1 else int(tied[0])

    def _right(self, total: Float[np.ndarray, "N C"]) -> Float[np.ndarray, " M"]:
        """Total weight of correctly classified rows after adding each candidate."""
        sums, space = np.ascontiguousarray(total.T), np.empty_like(total.T, order="C")
        wrong = np.empty(len(self.outputs))
        weights = self.judge.weights.astype(np.float64)
        for i, candidate in enumerate(self._class_first):
            values = np.add(sums, candidate, out=space)
            label = values.ravel().take(self._label_positions)
            # As with argmax, the first of equal values is chosen, so a class before the label wins a tie.
            beaten = ((values > label) | ((values == label) & self._before_label)).any(0)
            wrong[i] = beaten @ weights
        return np.asarray(weights.sum() - wrong)

    def _losses(self, total: Float[np.ndarray, "N C"], count: int, which: np.ndarray) -> Float[np.ndarray, " K"]:
        """Loss after adding each of the candidates `which`."""
        targets, shares = self.judge.targets, self.judge.shares
        if self.judge.task == "classification":
            means = (total[np.arange(len(total)), targets] + self._of_label[which]) / (count + 1)
            return np.asarray(-np.log(np.maximum(means, TINY)) @ shares)
        errors = (total[:, 0] + self.outputs[which, :, 0]) / (count + 1) - targets[:, 0]
        return np.asarray(errors**2 @ shares)

    @cached_property
    def _class_first(self) -> Float[np.ndarray, "M C N"]:
        """The outputs with rows as the last axis, so that comparisons between classes read contiguous memory."""
        return np.ascontiguousarray(self.outputs.transpose(0, 2, 1))

    @cached_property
    def _of_label(self) -> Float[np.ndarray, "M N"]:
        return self.outputs[:, np.arange(len(self.judge.targets)), self.judge.targets]

    @cached_property
    def _label_positions(self) -> np.ndarray:
        N = len(self.judge.targets)
        return self.judge.targets.astype(np.int64) * N + np.arange(N)

    @cached_property
    def _before_label(self) -> Bool[np.ndarray, "C N"]:
        return np.arange(self.outputs.shape[2])[:, None] < self.judge.targets

"""How good an ensemble would be with each network added: the inner loop of greedy selection."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float

from trainwell.core import METRICS
from trainwell.models.judge import TINY, Judge


@dataclass(frozen=True, eq=False)
class Additions:
    """Candidates that may be added to a growing sum of outputs.

    Args:
        outputs: of each candidate, all finite.
        judge: what they are judged by.
    """

    outputs: Float[np.ndarray, "M N C"]
    judge: Judge

    def best(self, total: Float[np.ndarray, "N C"], count: int) -> int:
        """The candidate whose addition is best: by the metric, then the loss, then the lower index.

        Args:
            total: sum of the outputs of those in the ensemble.
            count: how many they are.
        """
        if not METRICS[self.judge.metric].is_share:
            return int(self._losses(total, count, np.arange(len(self.outputs))).argmin())
        right = self._right(total)
        tied = np.flatnonzero(right == right.max())
        return int(tied[self._losses(total, count, tied).argmin()]) if len(tied) > 1 else int(tied[0])

    def _right(self, total: Float[np.ndarray, "N C"]) -> Float[np.ndarray, " M"]:
        """Weight of the rows each candidate's addition would classify correctly."""
        sums, space = np.ascontiguousarray(total.T), np.empty_like(total.T, order="C")
        wrong = np.empty(len(self.outputs))
        weights = self.judge.weights.astype(np.float64)
        for i, candidate in enumerate(self._class_first):
            values = np.add(sums, candidate, out=space)
            label = values.ravel().take(self._label_positions)
            # The first of equals is chosen, as argmax does: a class before the label beats it by being equal.
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
        """Rows last, so that comparisons between classes run over whole rows of memory."""
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

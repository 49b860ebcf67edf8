"""The test split, read once, when every choice is made."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from trainwell.data import Dataset
from trainwell.models.model import Model, Quality
from trainwell.statistics import Interval, proportion_interval

RESAMPLES = 2000


@dataclass(frozen=True)
class TestQuality(Quality):
    """A model's quality on the test split, with an interval.

    Attributes:
        rows: number of rows.
        scores: by name: `accuracy` and `loss` (nats), or `r2`, `rmse` and `mae` in the target's units.
        metric: what the interval is of: `accuracy` or `r2`.
        interval: 95%, of the accuracy (Wilson) or of R² (bootstrap over rows, percentiles); its ends are NaN where too
            few rows say nothing.
    """

    __test__: ClassVar[bool] = False  # pytest takes a class of this name for a test

    metric: str
    interval: Interval

    def to_json(self) -> dict[str, Any]:
        """As JSON values: `n`, `scores`, and `interval` with `name`, `mean`, `low` and `high`."""
        ends = {"name": self.metric, "mean": self.interval.mean, "low": self.interval.low, "high": self.interval.high}
        return {"n": self.rows, "scores": dict(self.scores), "interval": ends}


def judge_on_test_split(model: Model, dataset: Dataset) -> TestQuality:
    """Open the test split and say how well a model does on it: once, at the end.

    Args:
        model: already chosen; nothing may be decided by what this returns.
        dataset: the data with the closed test split.

    Returns:
        Quality on the test split, with an interval.

    Source: T-HP-1.
    """
    test = dataset.open_test_split()
    quality = model.score(test)
    if model.task == "classification":
        right = round(quality.scores["accuracy"] * quality.rows)
        return TestQuality(quality.rows, quality.scores, "accuracy", proportion_interval(right, quality.rows))
    interval = _r2_interval(model.outputs(test.inputs)[:, 0], test.targets[:, 0], quality.scores["r2"])
    return TestQuality(quality.rows, quality.scores, "r2", interval)


def _r2_interval(outputs: np.ndarray, targets: np.ndarray, value: float) -> Interval:
    n = len(targets)
    if n < 3 or not np.ptp(targets):
        return Interval(value, float("nan"), float("nan"), n)
    from scipy.stats import bootstrap

    found = bootstrap(
        (outputs.astype(np.float64), targets.astype(np.float64)),
        _r2,
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=RESAMPLES,
        rng=np.random.default_rng(0),
    ).confidence_interval
    return Interval(value, float(found.low), float(found.high), n)


def _r2(outputs: np.ndarray, targets: np.ndarray, axis: int = -1) -> np.ndarray:
    spread = ((targets - targets.mean(axis, keepdims=True)) ** 2).sum(axis)
    left: np.ndarray = ((outputs - targets) ** 2).sum(axis)
    return np.asarray(1 - left / np.maximum(spread, np.finfo(np.float64).tiny))

"""Scores a model on the test split, once, when all choices have been made."""

from dataclasses import dataclass
from math import isfinite, nan
from typing import Any, ClassVar

import numpy as np

from trainwell.core import METRICS, METRICS_OF, RESOLUTION, DataError, target_variance
from trainwell.data import Dataset
from trainwell.models.model import Model, Quality
from trainwell.statistics import Interval, proportion_interval

RESAMPLES = 2000
AT_ONCE = 1 << 21  # rows drawn at once: 16 MB per array
ENOUGH = 0.95  # smallest share of resamples on which R² must be defined; with fewer the percentiles are biased


@dataclass(frozen=True)
class TestQuality(Quality):
    """A model's quality on the test split, with an interval.

    Attributes:
        rows: see `Quality`.
        scores: see `Quality`.
        undefined: see `Quality`.
        metric: the metric of the interval: `accuracy` or `r2`.
        interval: 95% interval of the accuracy (Wilson), or of R² (bootstrap over rows, percentiles of the resamples on
            which R² is defined). Its ends are NaN for fewer than 3 rows, and if R² is undefined on the test split or on
            more than 5% of the resamples.
    """

    __test__: ClassVar[bool] = False  # pytest would collect a class of this name

    metric: str
    interval: Interval

    def to_json(self) -> dict[str, Any]:
        """JSON values: `n`, `scores`, and `interval` with `name`, `mean`, `low`, `high`, and `undefined` if R² is."""
        ends = {"name": self.metric, "mean": self.interval.mean, "low": self.interval.low, "high": self.interval.high}
        why = {} if self.undefined is None else {"undefined": self.undefined}
        return {"n": self.rows, "scores": dict(self.scores), "interval": ends | why}


def judge_on_test_split(model: Model, dataset: Dataset) -> TestQuality:
    """Score a model on the test split. Do this once, at the end, and base no choice on it.

    Args:
        model: the final model.
        dataset: the data with the test split, which is opened here.

    Returns:
        Scores on the test split, with an interval.

    Raises:
        DataError: the test split is empty.

    Source: T-HP-1.
    """
    test = dataset.open_test_split()
    if not len(test):
        raise DataError("there is no test split: its rows are the validation split, or none were given")
    quality = model.score(test)
    metric = METRICS[METRICS_OF[model.task][0]]
    value = quality.scores[metric.name]
    if metric.is_share:
        interval = proportion_interval(round(value * quality.rows), quality.rows)
    else:
        interval = _r2_interval(model.outputs(test.inputs)[:, 0], test.targets[:, 0], value)
    return TestQuality(quality.rows, quality.scores, metric.name, interval, undefined=quality.undefined)


def _r2_interval(outputs: np.ndarray, targets: np.ndarray, value: float) -> Interval:
    n = len(targets)
    if n < 3 or not isfinite(target_variance(targets)):
        return Interval(value, nan, nan, n)
    outputs, targets = outputs.astype(np.float64), targets.astype(np.float64)
    floor = (RESOLUTION * max(1.0, float(np.abs(targets).max()))) ** 2  # as of the split itself
    rng, most = np.random.default_rng(0), max(AT_ONCE // n, 1)
    variances, errors = np.zeros((2, RESAMPLES))
    for first in range(0, RESAMPLES, most):
        part = slice(first, min(first + most, RESAMPLES))
        rows = rng.integers(0, n, (part.stop - first, n))
        drawn = targets[rows]
        variances[part], errors[part] = drawn.var(1), ((outputs[rows] - drawn) ** 2).mean(1)
    defined = variances > floor
    if defined.mean() < ENOUGH:
        return Interval(value, nan, nan, n)
    low, high = np.quantile(1 - errors[defined] / variances[defined], (0.025, 0.975))
    return Interval(value, float(low), float(high), n)

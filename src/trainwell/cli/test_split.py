"""The test split, read once, when every choice is made."""

from typing import TYPE_CHECKING, Any

import numpy as np

from trainwell.statistics import Interval, proportion_interval

if TYPE_CHECKING:
    from trainwell.data import Split
    from trainwell.models import Model, Quality

RESAMPLES = 2000


def judge_on_test_split(model: "Model", test: "Split") -> "tuple[dict[str, Any], Quality]":
    """A model's quality on the test split, as JSON values with an interval, and as it is.

    Args:
        model: already chosen; nothing may be decided by what this returns.
        test: the opened test split.

    Returns:
        `n` (rows), `scores` by name, and `interval`: the 95% interval of the accuracy (Wilson) or of R²
        (bootstrap over rows, percentiles), `low` and `high` None where too few rows say nothing.
    """
    quality = model.score(test)
    if model.task == "classification":
        right = round(quality.scores["accuracy"] * quality.rows)
        name, interval = "accuracy", proportion_interval(right, quality.rows)
    else:
        name, interval = "r2", _r2_interval(model.outputs(test.inputs)[:, 0], test.targets[:, 0], quality.scores["r2"])
    ends = {"name": name, "mean": interval.mean, "low": interval.low, "high": interval.high}
    return {"n": quality.rows, "scores": dict(quality.scores), "interval": ends}, quality


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

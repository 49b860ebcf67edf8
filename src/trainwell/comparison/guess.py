"""What guessing comes to: the best score that a run which diverged can count as."""

import numpy as np

from trainwell.core import METRICS, MetricName, target_variance
from trainwell.data import Dataset


def guess_for(dataset: Dataset, metric: MetricName) -> float:
    """The validation score of always predicting the same, as well as the training split tells.

    The most frequent class for the accuracy, the classes' shares (one row added to each) for the loss, the mean for
    regression; NaN for an R² that is undefined.

    Args:
        dataset: training and validation splits are used, with their weights.
        metric: of the score.

    Example:
        >>> from trainwell.data import load_data
        >>> guess_for(load_data("diabetes"), "r2") <= 0
        True
    """
    training, validation = dataset.training, dataset.validation
    weights = validation.weights / validation.weights.sum()
    if dataset.task == "regression":
        mean = np.average(training.targets.mean(-1), weights=training.weights)
        targets = validation.targets.mean(-1)
        error = float(weights @ (targets - mean) ** 2)
        return 1 - error / target_variance(targets, weights) if METRICS[metric].instead else error
    counts = np.bincount(training.targets, weights=training.weights, minlength=dataset.num_outputs)
    if METRICS[metric].is_share:
        return float(weights @ (validation.targets == counts.argmax()))
    shares = (counts + 1) / (counts + 1).sum()
    return float(weights @ -np.log(shares[validation.targets]))

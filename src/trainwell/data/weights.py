"""How much each example counts: class weights multiplied into sample weights."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int

from trainwell.core import DataError, nearest

LARGEST = 1e30
"""Of a weight: sums of them stay far from the end of float32's range."""
ClassWeights = Mapping[str, float] | Mapping[int, float] | Literal["balanced"]


def balanced_weights(targets: Int[np.ndarray, "N"]) -> Float32[np.ndarray, "N"]:
    """Weights under which every class counts the same in total: w = N / (C · N_c) for class c.

    Args:
        targets: class indices. C is the number of classes that occur, N_c how often class c does.

    Returns:
        One weight per example, with mean 1.

    Example:
        >>> balanced_weights(np.array([0, 0, 0, 1])).tolist()
        [0.6666666865348816, 0.6666666865348816, 0.6666666865348816, 2.0]

    Source: King and Zeng, Logistic Regression in Rare Events Data, 2001; scikit-learn's "balanced".
    """
    _, index, counts = np.unique(targets, return_inverse=True, return_counts=True)
    weights = len(targets) / (len(counts) * counts)
    return np.asarray(weights[index], dtype=np.float32)


def class_factors(
    targets: Int[np.ndarray, "N"], class_names: Sequence[str], class_weights: ClassWeights | None
) -> Float32[np.ndarray, "N"]:
    """The weight of each example's class: ones, balanced, or as given by label (absent labels: 1)."""
    if class_weights is None:
        return np.ones(len(targets), np.float32)
    if isinstance(class_weights, str):
        if class_weights != "balanced":
            raise DataError(f"class_weights must be 'balanced' or a weight per label, got '{class_weights}'")
        return balanced_weights(targets)
    factors = np.ones(len(class_names), np.float32)
    for label, weight in class_weights.items():
        if str(label) not in class_names:
            raise DataError(f"class_weights names no class '{label}': {nearest(str(label), class_names)}")
        if not isinstance(weight, int | float | np.number) or not 0 <= weight <= LARGEST:
            raise DataError(f"the weight of class '{label}' must be a number from 0 to {LARGEST:g}, got {weight!r}")
        factors[class_names.index(str(label))] = weight
    if not (products := factors[targets]).any():
        raise DataError("class_weights leave every training example with weight 0: give some class a positive one")
    return np.asarray(products)


def checked_sample_weights(weights: object, num_rows: int, name: str) -> Float32[np.ndarray, "N"]:
    """Sample weights as float32, or an error that says which one is no weight."""
    try:
        if np.ma.is_masked(weights):
            raise DataError(f"{name} have masked values: fill them in, or remove their rows")
        given = np.asarray(weights)
        if given.dtype.kind not in "biufOUST":  # dates and durations would become numbers of days
            raise DataError(f"{name} must be numbers, got {given.dtype}")
        values = given.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{name} must be numbers: {error}") from error
    if values.shape != (num_rows,):
        raise DataError(f"{name} must be one number per row, {num_rows} in all, got shape {values.shape}")
    bad = ~((values >= 0) & (values <= LARGEST))
    if bad.any():
        row = int(np.argmax(bad))
        raise DataError(f"{name} must be numbers from 0 to {LARGEST:g}, got {values[row]} in row {row + 1}")
    if not values.astype(np.float32).any():
        raise DataError(f"{name} are all 0: at least one example must count")
    return values.astype(np.float32)

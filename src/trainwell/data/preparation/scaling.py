"""Scales inputs to zero mean and unit variance, with statistics of the training split only."""

from typing import Literal

import numpy as np
from jaxtyping import Float32

from trainwell.core import DataError, nearest
from trainwell.data.split import Split

Scaling = Literal["none", "center", "standardize"]
BYTE_RANGE = 255.0
ROWS_AT_ONCE = 4096  # limits the float64 copy to 25 MB for 784 features


def input_scaling(split: Split, kind: Scaling) -> tuple[Float32[np.ndarray, "D"], Float32[np.ndarray, "D"]]:
    """Shift and scale in `x' = (x - shift) * scale` that center or standardize the inputs of `split`.

    `"center"`: shift = mean of each feature, scale = 1. `"standardize"`: also scale = 1 / standard deviation, or 1 for
    a constant feature. Bytes (images) are divided by 255 first. All their pixels share one mean and one standard
    deviation, because a border pixel that is nearly always 0 would otherwise be scaled up enormously.

    Args:
        split: the training split. The result is then applied to all splits.
        kind: `"none"` (shift 0, scale 1), `"center"` or `"standardize"`.

    Returns:
        Shift and scale, `[D]` each (of images: per pixel and channel), in the units of the inputs (fractions of 255 for
        bytes).

    Raises:
        DataError: `kind` is unknown.

    Example:
        >>> import numpy as np
        >>> inputs = np.array([[1, 5], [3, 5]], np.float32)
        >>> split = Split(inputs, np.zeros(2, np.int32), np.ones(2, np.float32))
        >>> shift, scale = input_scaling(split, "standardize")
        >>> shift.tolist(), scale.tolist()
        ([2.0, 5.0], [1.0, 1.0])

    Source: T-PRE-1 (zero mean), T-PRE-2 (unit variance).
    """
    inputs = split.flat
    width = inputs.shape[1]
    shift, scale = np.zeros(width), np.ones(width)
    if kind not in ("none", "center", "standardize"):
        raise DataError(f"unknown input scaling '{kind}': {nearest(kind, ('none', 'center', 'standardize'))}")
    if kind != "none":
        shift, variance = _moments(inputs)
        if kind == "standardize":
            scale = 1.0 / np.sqrt(np.where(variance > 0, variance, 1.0))
    return shift.astype(np.float32), scale.astype(np.float32)


def _moments(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each feature, `[D]`; for bytes those of all pixels together."""
    if inputs.dtype == np.uint8:
        counts = np.bincount(inputs.ravel(), minlength=256).astype(np.float64)
        levels = np.arange(256) / BYTE_RANGE
        mean = (counts @ levels) / counts.sum()
        variance = (counts @ (levels - mean) ** 2) / counts.sum()
        return np.full(inputs.shape[1], mean), np.full(inputs.shape[1], variance)
    # Two passes: the formula E[x²] - E[x]² loses all digits if the mean is much larger than the spread.
    mean = inputs.mean(axis=0, dtype=np.float64)
    squares = np.zeros(inputs.shape[1])
    for start in range(0, len(inputs), ROWS_AT_ONCE):
        squares += ((inputs[start : start + ROWS_AT_ONCE] - mean) ** 2).sum(axis=0)
    # Exactly 0 for a constant feature: float64 sums of equal float32 numbers are exact up to 2^29 rows.
    return mean, squares / len(inputs)

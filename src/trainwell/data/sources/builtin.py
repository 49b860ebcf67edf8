"""Small real data sets that come inside scikit-learn's wheels."""

from dataclasses import dataclass

import numpy as np

DIGITS_LEVELS = 16.0  # grey levels of the digits: counts 0 to 16

NAMES = ("breast_cancer", "diabetes", "digits", "iris", "wine")


@dataclass(frozen=True, eq=False)
class BuiltIn:
    """One built-in data set as it is published, digits as fractions of 16."""

    inputs: np.ndarray
    targets: np.ndarray
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...] | None
    task: str


def load_builtin(name: str) -> BuiltIn:
    """Read one of `NAMES` (from the wheel: no network).

    Example:
        >>> load_builtin("iris").inputs.shape
        (150, 4)
    """
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    inputs = bunch.data / DIGITS_LEVELS if name == "digits" else bunch.data
    features = tuple(str(feature) for feature in bunch.feature_names)
    if name == "diabetes":
        return BuiltIn(inputs, bunch.target, features, None, "regression")
    labels = tuple(str(label) for label in bunch.target_names)  # in the published order of their indices
    return BuiltIn(inputs, np.array(labels, dtype=object)[bunch.target], features, labels, "classification")

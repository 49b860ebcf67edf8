"""The Dataset: a task, names, and training, validation and test split."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

from trainwell.data.split import Split, Task

if TYPE_CHECKING:
    from trainwell.data.preparation.fitted import FittedInputs
    from trainwell.data.preparation.preparation import Preparation
    from trainwell.data.preparation.scaling import Scaling


TEST_SPLIT_USED = (
    "the test set is used as the validation split, as requested: no unused data are left, "
    "so measured scores are optimistic"
)
"""The warning for data whose `validates_on_test` is true."""


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Data ready to train on: training and validation split, and a test split for one final measurement.

    Attributes:
        name: the built-in name, or the file's name without its suffix.
        task: `"classification"` or `"regression"`.
        training: the split that parameters and the preparation are fitted on.
        validation: the split on which hyperparameters and stopping time are chosen.
        feature_names: one name per column of the inputs, or per pixel and channel.
        class_names: label of each class index; empty for regression.
        preparation: turns new rows into inputs, and outputs into labels or original units.
        notices: messages about what was done to the data.
        validates_on_test: whether the test set is used as the validation split, as requested; then the test split is
            empty.
    """

    name: str
    task: Task
    training: Split
    validation: Split
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    preparation: "Preparation"
    notices: tuple[str, ...] = ()
    validates_on_test: bool = False
    _test: Split = field(repr=False, kw_only=True)
    _own_weights: Float32[np.ndarray, "N"] | None = field(repr=False, kw_only=True, default=None)
    """Weights of the training rows without class weights; None if there are no class weights."""
    _fitted: "FittedInputs | None" = field(repr=False, kw_only=True, default=None)
    """The preparation and scaling of another network's data, if it is used for these data."""

    def __repr__(self) -> str:
        rows = f"{len(self.training):,} training, {len(self.validation):,} validation and {self.num_test:,} test rows"
        return f"Dataset '{self.name}': {self.task}, {rows}, {self.num_features:,} features"

    def open_test_split(self) -> Split:
        """The test split. Use it once, at the end, after every choice is made.

        A score on it is an unbiased estimate for new data only if nothing (no hyperparameter, no stopping time, no
        choice between models) was decided by looking at it.

        Source: T-HP-1.
        """
        return self._test

    @property
    def num_test(self) -> int:
        """Number of rows of the test split."""
        return len(self._test)

    def to_json(self) -> dict[str, Any]:
        """Facts about the data as JSON values. Of the test split, only the number of rows is given."""
        return {
            "name": self.name,
            "task": self.task,
            "rows": {
                "training": len(self.training),
                "validation": len(self.validation),
                "test": self.num_test,
            },
            "validates_on_test": self.validates_on_test,
            "features": self.num_features,
            "classes": list(self.class_names),
            "fingerprint": self.fingerprint,
            "notices": list(self.notices),
        }

    @property
    def num_features(self) -> int:
        """Numbers per row of inputs, D; of images height x width x channels."""
        return len(self.feature_names)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one row of inputs: `(D,)`, or `(height, width, channels)` of images."""
        return self.training.inputs.shape[1:]

    @property
    def num_outputs(self) -> int:
        """Outputs a network needs: the number of classes C, or 1 for regression."""
        return len(self.class_names) if self.task == "classification" else 1

    def scaling(self, kind: "Scaling") -> tuple[Float32[np.ndarray, "D"], Float32[np.ndarray, "D"]]:
        """Shift and scale of the inputs, `[D]` each, see `input_scaling`. Computed once per kind.

        They come from the training split, or from the other network if the data were loaded with `like`.
        """
        from trainwell.data.preparation.scaling import input_scaling

        if self._fitted is not None and kind == self._fitted.scaling:
            return self._fitted.shift, self._fitted.scale
        if kind not in self._scalings:
            self._scalings[kind] = input_scaling(self.training, kind)
        return self._scalings[kind]

    @cached_property
    def _scalings(self) -> "dict[Scaling, tuple[np.ndarray, np.ndarray]]":
        return {}

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 checksum of all splits and names. Datasets with equal fingerprints train identical networks."""
        digest = hashlib.sha256()
        for names in ((self.name, self.task), self.feature_names, self.class_names):
            digest.update(repr(names).encode())
        for split in (self.training, self.validation, self._test):
            for array in (split.inputs, split.targets, split.weights):
                digest.update(f"{array.dtype.str}{array.shape}".encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

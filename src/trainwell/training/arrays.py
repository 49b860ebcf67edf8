"""A dataset as the compiled program takes it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from trainwell.core import target_variance, undefined_r2
from trainwell.data import Dataset, Scaling

EVALUATION_ROWS = 1000  # examples per forward pass of an observation
SPLITS = ("training", "validation")


@dataclass(frozen=True, eq=False)
class Arrays:
    """A dataset as the program takes it: all rows in one array, and which of them an observation looks at.

    Shared by all members of a population, whatever their recipes.
    """

    dataset: Dataset
    observed_training: int
    dtype: Any

    @cached_property
    def tree(self) -> dict[str, Array]:
        """The arrays, on the device once."""
        parts = (self.dataset.training, self.dataset.validation)
        inputs = np.concatenate([part.inputs for part in parts])
        targets = np.concatenate([part.targets for part in parts])
        rows, weights = self._evaluation(*(part.weights for part in parts))
        regression = self.dataset.task == "regression"
        arrays = {
            "inputs": inputs if inputs.dtype == np.uint8 else inputs.astype(self.dtype),
            "targets": targets.astype(self.dtype) if regression else targets.astype(np.int32),
            "weights": np.concatenate([part.weights for part in parts]).astype(self.dtype),
            "rows": rows,
            "row_weights": weights.astype(self.dtype),
        }
        if regression:
            seen = targets[rows.ravel()]
            arrays["variances"] = np.array([target_variance(seen, w.ravel()) for w in np.moveaxis(weights, -1, 0)])
            arrays["variances"] = arrays["variances"].astype(self.dtype)
        return {name: jnp.asarray(array) for name, array in arrays.items()}

    @cached_property
    def undefined(self) -> str | None:
        """Why R² is undefined on the validation split; None where it is defined."""
        return undefined_r2(self.dataset.validation.targets, self.dataset.validation.weights)

    def scaling(self, kind: Scaling) -> tuple[np.ndarray, np.ndarray]:
        """Shift and scale of the inputs as the program takes them."""
        shift, scale = self.dataset.scaling(kind)
        if self.dataset.training.inputs.dtype == np.uint8:  # bytes are fractions of 255
            return shift * 255, scale / 255
        return shift, scale

    def _evaluation(
        self, training: Float[np.ndarray, " N"], validation: Float[np.ndarray, " V"]
    ) -> tuple[Int[np.ndarray, "K E"], Float[np.ndarray, "K E 2"]]:
        """Rows of both splits in equal batches, and each row's weight in each split; padding weighs nothing."""
        num_training = min(len(training), self.observed_training)
        seen = np.arange(num_training)
        if not training[seen].any():  # nothing could be measured on them: others, then
            seen = np.flatnonzero(training)[:num_training]
            num_training = len(seen)
        rows = np.concatenate([seen, len(training) + np.arange(len(validation))]).astype(np.int32)
        weights = np.zeros((len(rows), 2))
        weights[:num_training, 0] = training[seen]
        weights[num_training:, 1] = validation
        batches = -(-len(rows) // EVALUATION_ROWS)
        size = -(-len(rows) // batches)
        padding = batches * size - len(rows)
        rows, weights = np.pad(rows, (0, padding)), np.pad(weights, ((0, padding), (0, 0)))
        return rows.reshape(batches, size), weights.reshape(batches, size, 2)

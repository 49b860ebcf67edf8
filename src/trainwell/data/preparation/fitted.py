"""The preparation of a trained network's data, used for new data on which its training continues."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32

from trainwell.core import DataError, value_text
from trainwell.data.notices import shortened
from trainwell.data.preparation.inputs import ArrayInputs, TableInputs
from trainwell.data.preparation.scaling import Scaling
from trainwell.data.sources.opening import typed
from trainwell.data.sources.raw import RawTable

FITTED_NOTICE = (
    "inputs are prepared as for the network to start from: fill values, categories and scales come from its training "
    "data, not from these data"
)


@dataclass(frozen=True, eq=False)
class FittedInputs:
    """How a trained network's inputs were prepared and scaled.

    Attributes:
        inputs: the preparation of its inputs.
        scaling: the scaling in its recipe.
        shift: `[D]`, in `x' = (x - shift) * scale`, from `input_scaling`.
        scale: `[D]`, in the same formula.
    """

    inputs: TableInputs | ArrayInputs
    scaling: Scaling
    shift: Float32[np.ndarray, "D"]
    scale: Float32[np.ndarray, "D"]

    @property
    def missing(self) -> tuple[str, ...] | None:
        """The user's words for missing cells in the training table; None if none were given."""
        return self.inputs.missing if isinstance(self.inputs, TableInputs) else None

    def of_table(
        self, raw: RawTable, others: Sequence[str]
    ) -> tuple[TableInputs | ArrayInputs, np.ndarray, tuple[str, ...]]:
        """Prepare a table.

        Args:
            raw: the table, all rows.
            others: columns that are not inputs.

        Returns:
            The preparation for this table, its prepared rows `[N, D]`, and notices about differences from the
            network's training data.

        Raises:
            DataError: the columns differ from those that the network was trained on.
        """
        inputs, names = self.inputs, [name for name in raw.table.columns if name not in others]
        known = inputs.used if isinstance(inputs, TableInputs) else inputs.feature_names
        trained = set(inputs.columns) if isinstance(inputs, TableInputs) else set(known)
        by_order = isinstance(inputs, ArrayInputs) and len(names) == len(known) and not trained & set(names)
        absent = [name for name in known if name not in names]
        if absent and not by_order:
            raise DataError(
                f"the table lacks {_columns(absent)} of the {len(known)} that the network to start from uses: add "
                "them, or start from a network that was trained on such data"
            )
        if more := [name for name in names if name not in trained and not by_order]:
            raise DataError(
                f"the table has {_columns(more)}, on which the network to start from was not trained: remove "
                f"{'them' if len(more) > 1 else 'it'}"
            )
        rows = raw.named(raw.table.select(names))
        if isinstance(inputs, TableInputs):
            prepared, notices = inputs.transform(rows)
            own = replace(inputs, columns=tuple(raw.table.columns), others=tuple(others), missing=raw.missing)
            return own, prepared, (FITTED_NOTICE, *notices)
        prepared, notices = inputs.transform(typed(rows).table)
        if inputs.is_bytes and prepared.dtype != np.uint8:
            raise DataError(
                "the network to start from was trained on bytes, but the table has fractions: write them as 0 to 255"
            )
        return inputs, prepared, (FITTED_NOTICE, *notices)

    def of_arrays(self, rows: np.ndarray) -> ArrayInputs:
        """The preparation for checked arrays, one row per example.

        Raises:
            DataError: the network was trained on a table, on another number of columns, or on bytes where these are
                not (or the reverse).
        """
        inputs = self.inputs
        if isinstance(inputs, TableInputs):
            raise DataError(
                f"arrays have no column names, but the network to start from was trained on a table with the columns "
                f"{shortened(inputs.used)}: pass a table"
            )
        is_bytes = rows.dtype == np.uint8
        if (rows.shape[1:], is_bytes) != (inputs.shape, inputs.is_bytes):
            kinds = ("numbers", "bytes")
            given = f"{value_text(rows.shape[1:])}{' columns' * (rows.ndim == 2)} of {kinds[is_bytes]}"
            raise DataError(
                f"the inputs are {given}, but the network to start from needs {value_text(inputs.shape)} of "
                f"{kinds[inputs.is_bytes]}: pass inputs of the same type and number"
            )
        return inputs


def _columns(names: Sequence[str]) -> str:
    return f"column{'s' if len(names) > 1 else ''} {shortened(names)}"

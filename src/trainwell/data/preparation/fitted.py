"""Data prepared as those of a trained network were, to go on training it: nothing is fitted to them anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32

from trainwell.core import DataError
from trainwell.data.notices import shortened
from trainwell.data.preparation.inputs import ArrayInputs, TableInputs
from trainwell.data.preparation.scaling import Scaling
from trainwell.data.sources.opening import typed
from trainwell.data.sources.raw import RawTable

SAID = (
    "inputs are prepared as those of the network to start from: what is filled in, encoded and scaled, and by how "
    "much, comes from its training data, not from these"
)


@dataclass(frozen=True, eq=False)
class FittedInputs:
    """How a trained network's inputs were prepared and scaled.

    Attributes:
        inputs: their preparation.
        scaling: how its recipe had them scaled.
        shift: of `x' = (x - shift) * scale`, as `input_scaling` gives it.
        scale: the same.
    """

    inputs: TableInputs | ArrayInputs
    scaling: Scaling
    shift: Float32[np.ndarray, "D"]
    scale: Float32[np.ndarray, "D"]

    @property
    def missing(self) -> tuple[str, ...] | None:
        """The only words that stand for missing cells, if the user said so of the table it was trained on."""
        return self.inputs.missing if isinstance(self.inputs, TableInputs) else None

    def of_table(
        self, raw: RawTable, others: Sequence[str]
    ) -> tuple[TableInputs | ArrayInputs, np.ndarray, tuple[str, ...]]:
        """A table's preparation, its rows prepared, and notices on what differs.

        Args:
            raw: the table, all rows.
            others: columns that are no inputs.

        Raises:
            DataError: it has not the columns that the network was trained on, or others beside them.
        """
        inputs, names = self.inputs, [name for name in raw.table.columns if name not in others]
        known = inputs.used if isinstance(inputs, TableInputs) else inputs.feature_names
        trained = set(inputs.columns) if isinstance(inputs, TableInputs) else set(known)
        by_order = isinstance(inputs, ArrayInputs) and len(names) == len(known) and not trained & set(names)
        absent = [name for name in known if name not in names]
        if absent and not by_order:
            raise DataError(
                f"the table lacks {_columns(absent)} of the {len(known)} that the network to start from takes: give "
                "it the same columns, or a network that was trained on such data"
            )
        if more := [name for name in names if name not in trained and not by_order]:
            raise DataError(
                f"the table has {_columns(more)}, which the network to start from does not take: remove what it was "
                "not trained on"
            )
        rows = raw.named(raw.table.select(names))
        if isinstance(inputs, TableInputs):
            prepared, notices = inputs.transform(rows)
            own = replace(inputs, columns=tuple(raw.table.columns), others=tuple(others), missing=raw.missing)
            return own, prepared, (SAID, *notices)
        prepared, notices = inputs.transform(typed(rows).table)
        if inputs.is_bytes and prepared.dtype != np.uint8:
            raise DataError(
                "the network to start from takes bytes, and the table has fractions: write them as 0 to 255"
            )
        return inputs, prepared, (SAID, *notices)

    def of_arrays(self, rows: np.ndarray) -> ArrayInputs:
        """The preparation for arrays: checked numbers `[N, D]`.

        Raises:
            DataError: they have another width, or are bytes and the network was trained on others, or the other way
                round; or it was trained on a table.
        """
        inputs = self.inputs
        if isinstance(inputs, TableInputs):
            raise DataError(
                f"arrays have no column names, and the network to start from was trained on a table with the columns "
                f"{shortened(inputs.used)}: give it a table"
            )
        is_bytes, width = rows.dtype == np.uint8, len(inputs.feature_names)
        if (rows.shape[1], is_bytes) != (width, inputs.is_bytes):
            kinds = ("numbers", "bytes")
            raise DataError(
                f"the inputs are {rows.shape[1]:,} columns of {kinds[is_bytes]}, and the network to start from takes "
                f"{width:,} of {kinds[inputs.is_bytes]}: give it inputs of the same kind and size"
            )
        return inputs


def _columns(names: Sequence[str]) -> str:
    return f"column{'s' if len(names) > 1 else ''} {shortened(names)}"

"""Everything a saved model needs from its data: prepares inputs, encodes targets and decodes outputs."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, UInt8
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays, save as save_arrays

from trainwell.core import DataError, ModelError, parse_json
from trainwell.data.preparation.inputs import ArrayInputs, TableInputs
from trainwell.data.sources.raw import RawTable
from trainwell.data.target.target import TargetCoding

if TYPE_CHECKING:
    import polars as pl

    from trainwell.data.split import Task

DESCRIPTION, ARRAYS = "preparation.json", "preparation.safetensors"
FORMAT = 2  # 2: JSON and safetensors; 1: scikit-learn's transformers in skops' format


@dataclass(frozen=True, eq=False)
class Preparation:
    """The preparation of rows for a network, fitted on the training split only.

    Inputs are imputed and encoded, but not standardised: standardising is part of a recipe (`input_scaling`).

    Attributes:
        inputs: prepares tables or arrays.
        targets: encodes and decodes labels or quantities.
    """

    inputs: TableInputs | ArrayInputs
    targets: TargetCoding

    @property
    def task(self) -> "Task":
        """`"classification"` or `"regression"`."""
        return self.targets.task

    @property
    def class_names(self) -> tuple[str, ...]:
        """Label of each class index; empty for regression."""
        return self.targets.class_names

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name per column of the inputs."""
        return self.inputs.feature_names

    def transform(
        self, rows: "pl.DataFrame | RawTable | np.ndarray"
    ) -> tuple[Float32[np.ndarray, "N D"] | UInt8[np.ndarray, "N D"], tuple[str, ...]]:
        """Prepare new rows.

        Args:
            rows: a table (a data frame or a result of `read_table`) if the network was trained on a table; a table or
                an array if it was trained on arrays.

        Returns:
            The inputs, and notices about differences from the training data.

        Raises:
            DataError: the rows do not match the training data. The message has the column, row and value.
        """
        if isinstance(self.inputs, TableInputs):
            if isinstance(rows, np.ndarray):
                raise DataError(
                    f"an array has no column names, but the network was trained on a table with the columns "
                    f"{', '.join(self.inputs.used)}: pass a table"
                )
            return self.inputs.transform(rows)
        return self.inputs.transform(rows.table if isinstance(rows, RawTable) else rows)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Decode class indices `[N]` to labels, or standardised outputs `[N]` to original units."""
        return self.targets.decode(outputs)

    def to_files(self) -> dict[str, bytes]:
        """File name -> content: JSON, and safetensors if there are arrays. Equal preparations give equal bytes."""
        description = {"format": FORMAT, "inputs": self.inputs.to_json(), "targets": asdict(self.targets)}
        files = {DESCRIPTION: (json.dumps(description, indent=2, allow_nan=False) + "\n").encode()}
        if isinstance(self.inputs, TableInputs):
            arrays = self.inputs.to_arrays()
            files[ARRAYS] = save_arrays({name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)})
        return files

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> "Preparation":
        """The inverse of `to_files`.

        Raises:
            ModelError: another version wrote it, in a format that this version cannot read.
            DataError: a file is missing or damaged.
        """
        try:
            description = parse_json(files[DESCRIPTION])
            _check_format(description["format"])
            targets = TargetCoding.restored(description["targets"])
            if description["inputs"]["kind"] == "array":
                return cls(ArrayInputs.from_json(description["inputs"]), targets)
            return cls(TableInputs.restored(description["inputs"], load_arrays(files[ARRAYS])), targets)
        except KeyError as error:
            raise DataError(f"the saved preparation lacks {error}: save the model again") from error
        except (ValueError, TypeError, AttributeError, SafetensorError) as error:
            raise DataError(f"the saved preparation is damaged ({error}): save the model again") from error


def _check_format(found: object) -> None:
    """Raise ModelError if another version wrote the format."""
    if type(found) is int and found < FORMAT:
        raise ModelError(
            f"an older trainwell wrote this model (preparation format {found}, this version reads {FORMAT}): train it "
            "again, or use that version"
        )
    if found != FORMAT:
        raise ModelError(
            f"a newer trainwell wrote this model (preparation format {found}, this version reads {FORMAT}): update it"
        )

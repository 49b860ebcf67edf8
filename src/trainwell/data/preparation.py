"""Raw rows to inputs, labels to targets, and back: everything a saved model needs of its data."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, Int32, UInt8

from trainwell.core.errors import DataError
from trainwell.core.files import write_atomic
from trainwell.data.array_inputs import ArrayInputs
from trainwell.data.table_inputs import TableInputs
from trainwell.data.target import TargetCoding
from trainwell.data.transformers import dump_transformers, load_transformers

if TYPE_CHECKING:
    import polars as pl

    from trainwell.data.dataset import Task

DESCRIPTION, TRANSFORMERS = "preparation.json", "transformers.skops"
FORMAT = 1


@dataclass(frozen=True, eq=False)
class Preparation:
    """How rows become what a network takes, fitted on the training split only.

    Inputs are imputed and encoded but not standardised: that is part of a recipe (`input_scaling`).

    Attributes:
        inputs: the way from tables or arrays to inputs.
        targets: the way from labels or quantities to targets, and back.
    """

    inputs: TableInputs | ArrayInputs
    targets: TargetCoding

    @property
    def task(self) -> "Task":
        """The task the targets set."""
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
        self, rows: "pl.DataFrame | np.ndarray"
    ) -> tuple[Float32[np.ndarray, "N D"] | UInt8[np.ndarray, "N D"], tuple[str, ...]]:
        """New rows as inputs, and notices on what differs from the training data.

        Args:
            rows: a table for a network trained on tables; a table or an array for one trained on arrays.

        Raises:
            DataError: the rows do not fit; the line says which column, row and value.
        """
        if isinstance(self.inputs, TableInputs):
            if isinstance(rows, np.ndarray):
                raise DataError(
                    f"an array has no column names, and the network was trained on a table with the columns "
                    f"{', '.join(self.inputs.numeric + self.inputs.categorical)}: pass a table"
                )
            return self.inputs.transform(rows)
        return self.inputs.transform(rows)

    def encode_targets(self, values: np.ndarray) -> Int32[np.ndarray, "N"] | Float32[np.ndarray, "N 1"]:
        """Labels to class indices `[N]`; quantities to standardised targets `[N, 1]`."""
        return self.targets.encode(values)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Class indices to labels; standardised outputs to original units; `[N]` both."""
        return self.targets.decode(outputs)

    def to_files(self) -> dict[str, bytes]:
        """Contents by file name: JSON, and for tables the transformers in skops' format (no pickle)."""
        description = {"format": FORMAT, "inputs": self.inputs.to_json(), "targets": asdict(self.targets)}
        files = {DESCRIPTION: (json.dumps(description, indent=2, allow_nan=False) + "\n").encode()}
        if isinstance(self.inputs, TableInputs):
            files[TRANSFORMERS] = dump_transformers(self.inputs.transformers)
        return files

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> "Preparation":
        """The inverse of `to_files`.

        Raises:
            DataError: a file is missing or damaged, or holds types that a preparation does not have.
        """
        try:
            description = json.loads(files[DESCRIPTION])
            if description["format"] != FORMAT:
                raise DataError(f"{DESCRIPTION} has format {description['format']}: use the version that wrote it")
            target = description["targets"]
            targets = TargetCoding(**(target | {"class_names": tuple(target["class_names"])}))
            if description["inputs"]["kind"] == "array":
                return cls(ArrayInputs.from_json(description["inputs"]), targets)
            transformers = load_transformers(files[TRANSFORMERS])
            return cls(TableInputs.from_json(description["inputs"], transformers), targets)
        except KeyError as error:
            raise DataError(f"the saved preparation lacks {error}: save the model again") from error
        except (ValueError, TypeError) as error:
            raise DataError(f"{DESCRIPTION} is damaged ({error}): save the model again") from error

    def save(self, folder: Path) -> None:
        """Write `to_files` into an existing folder."""
        for name, content in self.to_files().items():
            write_atomic(folder / name, content)

    @classmethod
    def load(cls, folder: Path) -> "Preparation":
        """Read what `save` wrote."""
        names = (DESCRIPTION, TRANSFORMERS)
        return cls.from_files({name: (folder / name).read_bytes() for name in names if (folder / name).is_file()})

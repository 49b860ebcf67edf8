"""The task that a target sets, and a part of the examples as the program takes them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int32, UInt8

Task = Literal["classification", "regression"]


@dataclass(frozen=True, eq=False)
class Split:
    """Examples as the program takes them.

    Attributes:
        inputs: numbers as they are, or bytes that stand for fractions of 255 (images).
        targets: class indices, or one column of standardised regression targets.
        weights: how much each example counts in the loss; ones unless asked for.
    """

    inputs: Float32[np.ndarray, "N D"] | UInt8[np.ndarray, "N D"]
    targets: Int32[np.ndarray, "N"] | Float32[np.ndarray, "N 1"]
    weights: Float32[np.ndarray, "N"]

    def __len__(self) -> int:
        return len(self.inputs)

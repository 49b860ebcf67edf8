"""A critical point: where the gradient of a surface is 0."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float

Kind: TypeAlias = Literal["minimum", "saddle", "maximum"]


@dataclass(frozen=True, eq=False)
class CriticalPoint:
    """A point of a surface where its gradient is 0.

    Attributes:
        point: where.
        value: of the surface there.
        kind: minimum, saddle or maximum.
        is_global: whether no point of the surface is lower (or, for a maximum, higher).
    """

    point: Float[np.ndarray, " D"]
    value: float
    kind: Kind
    is_global: bool = False


def minimum(point: Float[np.ndarray, " D"], value: float = 0.0) -> CriticalPoint:
    """A global minimum."""
    return CriticalPoint(point, value, "minimum", is_global=True)

"""What every schedule is: a factor over time by which the base learning rate is multiplied."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from jaxtyping import Float

Schedule: TypeAlias = Callable[[Float[np.ndarray, "T"]], Float[np.ndarray, "T"]]
"""`schedule(t) -> factor`: times in epochs from 0 in, factors out, NumPy float64."""


def times(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    """`t` as float64, whatever numbers the caller had."""
    return np.asarray(t, dtype=np.float64)

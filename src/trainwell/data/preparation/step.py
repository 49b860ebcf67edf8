"""What every step of a preparation of tables can do."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from jaxtyping import Float32

if TYPE_CHECKING:
    from trainwell.data.sources.raw_table import RawTable


class Step(Protocol):
    """Some columns of a table to some columns of the inputs."""

    @property
    def kind(self) -> str:
        """Its name in `STEPS`."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One per column of what it gives."""

    def transform(self, raw: "RawTable") -> tuple[Float32[np.ndarray, "N D"], list[str]]:
        """Rows as inputs, and notices on what differs from the training data. Columns may be absent.

        Raises:
            DataError: nothing in a column is known.
        """

    def to_json(self) -> dict[str, Any]:
        """What `restored` needs beside the arrays."""

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The arrays that `restored` needs, by name."""

    @classmethod
    def restored(cls, value: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> "Step":
        """The inverse of `to_json` and `to_arrays`.

        Raises:
            ValueError, TypeError, KeyError: they are damaged.
        """


def checked_names(value: Any) -> tuple[str, ...]:
    """Names from JSON.

    Raises:
        TypeError: it is no list of texts.
    """
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise TypeError("a list of names was expected")
    return tuple(value)

"""Columns of categories: one input per value that training had, missing cells a value of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from jaxtyping import Float32, Int

from trainwell.core import DataError
from trainwell.data.columns.columns import MOST_CATEGORIES, ColumnPlan, as_texts, unusable
from trainwell.data.columns.spellings import Spellings
from trainwell.data.preparation.array_inputs import shortened
from trainwell.data.preparation.step import checked_names
from trainwell.data.sources.raw_table import RawTable

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Values:
    """The values of a column that training had.

    Attributes:
        common: each with an input of its own, in code-point order.
        has_missing: whether missing cells were among them; their input comes next.
        rare: those that share the last input.
    """

    common: tuple[str, ...]
    has_missing: bool
    rare: tuple[str, ...]

    @property
    def width(self) -> int:
        """Number of inputs."""
        return len(self.common) + self.has_missing + bool(self.rare)

    def names(self, column: str) -> list[str]:
        """Names of the inputs."""
        texts = [*self.common, *(["(missing)"] if self.has_missing else []), *(["(rare)"] if self.rare else [])]
        return [f"{column}={text}" for text in texts]

    def indices(self, texts: Sequence[str | None], words: Sequence[str]) -> Int[np.ndarray, "N"]:
        """The input that is 1 for each text; −1 where training had nothing that means the same."""
        missing: list[str | None] = [None] if self.has_missing else []
        known = Spellings([*self.common, *missing, *self.rare], words)
        last = self.width - 1
        index = {text: min(known.index(text), last) for text in set(texts)}
        return np.array([index[text] for text in texts], np.int64)

    @classmethod
    def of(cls, texts: "pl.Series") -> "Values":
        """The values of the training rows; of 100 or more, the 99 commonest have an input of their own."""
        by_text = sorted(texts.drop_nulls().rename("text").value_counts(name="rows").iter_rows())
        if len(by_text) < MOST_CATEGORIES:
            return cls(tuple(text for text, _ in by_text), bool(texts.has_nulls()), ())
        # As scikit-learn's OneHotEncoder: of equally common ones the later in order stay.
        rarest = sorted(by_text, key=lambda one: one[1])[: -(MOST_CATEGORIES - 1)]
        rare = {text for text, _ in rarest}
        common = tuple(text for text, _ in by_text if text not in rare)
        return cls(common, bool(texts.has_nulls()), tuple(sorted(rare)))


@dataclass(frozen=True, eq=False)
class Categories:
    """The step of columns of categories.

    Attributes:
        values: by column.
    """

    values: Mapping[str, Values]
    kind: ClassVar[str] = "categories"

    @classmethod
    def fitted(cls, plan: ColumnPlan, training: Int[np.ndarray, "n"]) -> tuple["Categories", list[str]]:
        """The values of the training rows, and notices on missing and rare ones."""
        values = {name: Values.of(texts[training]) for name, texts in plan.categories.items()}
        notices = []
        for name, texts in plan.categories.items():
            if count := texts.null_count():
                own = values[name].has_missing
                seen = "a category of their own" if own else "none of the categories, since no training row has any"
                notices.append(f"column '{name}': {count} missing cells are {seen}")
            if rare := values[name].rare:
                total = len(values[name].common) + len(rare)
                notices.append(f"column '{name}' has {total} values: the {len(rare)} rarest share one feature")
        return cls(values), notices

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(self.values)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """`column=value`, with `(missing)` and `(rare)` for those that have no name."""
        return tuple(feature for name, values in self.values.items() for feature in values.names(name))

    def transform(self, raw: RawTable) -> tuple[Float32[np.ndarray, "N D"], list[str]]:
        """Cells that training did not have give zeros; each is said.

        Raises:
            DataError: no cell of a column is known.
        """
        blocks, notices = [], []
        for name, values in self.values.items():
            block = np.zeros((raw.table.height, values.width), np.float32)
            if name in raw.table.columns:
                texts = as_texts(_checked(raw.table[name])).to_list()
                indices = values.indices(texts, raw.words)
                notices += _unknown(name, texts, indices)
            else:
                indices = values.indices([None] * raw.table.height, raw.words)
            rows = np.flatnonzero(indices >= 0)
            block[rows, indices[rows]] = 1
            blocks.append(block)
        return np.hstack(blocks), notices

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        columns = [
            {"name": name, "common": list(one.common), "missing": one.has_missing, "rare": list(one.rare)}
            for name, one in self.values.items()
        ]
        return {"columns": columns}

    def to_arrays(self) -> dict[str, np.ndarray]:
        """None."""
        return {}

    @classmethod
    def restored(cls, value: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> "Categories":
        """The inverse of `to_json`."""
        names = checked_names([one["name"] for one in value["columns"]])
        values = [
            Values(checked_names(one["common"]), bool(one["missing"]), checked_names(one["rare"]))
            for one in value["columns"]
        ]
        return cls(dict(zip(names, values, strict=True)))


def _checked(column: "pl.Series") -> "pl.Series":
    if unusable(column):
        raise DataError(f"column '{column.name}' must hold categories, got {column.dtype}: convert it to text")
    return column


def _unknown(name: str, texts: Sequence[str | None], indices: Int[np.ndarray, "N"]) -> list[str]:
    """What to say of cells that are none of the known values."""
    unknown = [texts[int(row)] for row in np.flatnonzero(indices < 0)]
    filled = sorted({text for text in unknown if text is not None})
    count = sum(1 for text in unknown if text is not None)
    notices = [] if unknown or any(text is not None for text in texts) else [f"column '{name}': every cell is missing"]
    if count < len(unknown):
        notices.append(
            f"column '{name}': {len(unknown) - count} of {len(texts)} cells are missing, as no training row was: "
            "encoded as none of the known categories"
        )
    if count and count == sum(1 for text in texts if text is not None) and 2 * count >= len(texts):
        raise DataError(
            f"column '{name}' holds no category that training had ({shortened(filled, 3)}): check that it is the same "
            "column, or leave it out"
        )
    if count:
        notices.append(
            f"column '{name}': {count} of {len(texts)} cells hold a category training did not have "
            f"({shortened(filled, 3)}), encoded as none of the known ones"
        )
    return notices

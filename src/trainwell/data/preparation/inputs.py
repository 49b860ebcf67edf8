"""Raw tables to inputs: steps fitted on the training rows only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32, Int

from trainwell.core import DataError
from trainwell.data.columns.columns import plain_texts, plan_columns
from trainwell.data.columns.number_reading import Decision
from trainwell.data.notices import condensed, shortened
from trainwell.data.preparation.steps import Categories, Numbers, Step, checked_names
from trainwell.data.sources.raw import RawTable, without_given

if TYPE_CHECKING:
    import polars as pl


STEPS: dict[str, type[Step]] = {"numbers": Numbers, "categories": Categories}
"""By the kind that a saved preparation names."""


@dataclass(frozen=True, eq=False)
class TableInputs:
    """The preparation of tables.

    Attributes:
        columns: all columns of the training file, target and weights included, in its order.
        others: those of them that are no inputs (target, weights).
        headerless: the training file had no header, so that columns are known by position.
        missing: the only words that stand for missing cells, if the user said so.
        steps: what becomes of the columns; their inputs stand beside each other in this order.
    """

    columns: tuple[str, ...]
    others: tuple[str, ...]
    headerless: bool
    missing: tuple[str, ...] | None
    steps: tuple[Step, ...]

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name per column of the inputs."""
        return tuple(name for step in self.steps for name in step.feature_names)

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that inputs are made of."""
        return tuple(name for step in self.steps for name in step.columns)

    def transform(self, rows: "pl.DataFrame | RawTable") -> tuple[Float32[np.ndarray, "N D"], tuple[str, ...]]:
        """Rows of a table as inputs, and what there is to say about them.

        Columns may come in any order; columns that training did not have are ignored, a missing column is missing in
        every row, a category that training did not have becomes all zeros, a cell that is no number counts as
        missing. Each is said in a notice.

        Args:
            rows: a table, or one as `read_table` gives it.

        Raises:
            DataError: no column is known, or nothing in a column is.
        """
        if isinstance(rows, RawTable):
            raw = rows
        else:
            raw = RawTable(without_given(plain_texts(rows), self.missing or ()), missing=self.missing)
        if raw.table.height == 0 and raw.table.width > 0:  # a table without columns has no rows either: see below
            raise DataError("the table has no rows: pass at least one")
        raw = raw.named(self.named(raw.table))
        notices = self._differences(raw.table.columns)
        blocks = []
        for step in self.steps:
            block, said = step.transform(raw)
            blocks.append(block)
            notices += said
        return np.ascontiguousarray(np.hstack(blocks), dtype=np.float32), tuple(condensed(notices))

    def named(self, table: "pl.DataFrame") -> "pl.DataFrame":
        """Columns of a file without a header get the training file's names, by position."""
        if not self.headerless or set(self.columns) == set(table.columns):
            return table
        inputs = [name for name in self.columns if name not in self.others]
        if table.width == len(self.columns):
            return table.rename(dict(zip(table.columns, self.columns, strict=True)))
        if table.width == len(inputs):
            return table.rename(dict(zip(table.columns, inputs, strict=True)))
        raise DataError(
            f"the table has {table.width} columns and the training file, which had no header, {len(self.columns)}: "
            f"pass all of them, or the {len(inputs)} without the target"
        )

    def _differences(self, present: Sequence[str]) -> list[str]:
        """Notices on columns that are missing or not known."""
        missing = [name for name in self.used if name not in present]
        if len(missing) == len(self.used):
            raise DataError(
                f"none of the columns the network was trained on is there ({shortened(self.used)}): check that this is "
                "the right file, and that its first line names the columns"
            )
        notices = [f"column '{name}' is missing: taken as missing in every row" for name in missing]
        extra = [name for name in present if name not in self.columns]
        if extra:
            notices.append(f"ignored column {shortened(extra)}, which training did not have")
        return notices

    def to_json(self) -> dict[str, Any]:
        """What `restored` needs beside the arrays."""
        return {
            "kind": "table",
            "columns": list(self.columns),
            "others": list(self.others),
            "headerless": self.headerless,
            "missing": None if self.missing is None else list(self.missing),
            "steps": [{"kind": step.kind, **step.to_json()} for step in self.steps],
        }

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The steps' arrays, by the step's number and their name."""
        return {f"{i}/{name}": array for i, step in enumerate(self.steps) for name, array in step.to_arrays().items()}

    @classmethod
    def restored(cls, value: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> "TableInputs":
        """The inverse of `to_json` and `to_arrays`.

        Raises:
            DataError: a kind of step that this version does not know.
            ValueError, TypeError, KeyError: they are damaged.
        """
        steps = []
        for index, step in enumerate(value["steps"]):
            if step["kind"] not in STEPS:
                raise DataError(f"the saved preparation has a step '{step['kind']}', which this version does not know")
            prefix = f"{index}/"
            own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
            steps.append(STEPS[step["kind"]].restored(step, own))
        return cls(
            columns=checked_names(value["columns"]),
            others=checked_names(value["others"]),
            headerless=bool(value["headerless"]),
            missing=None if value["missing"] is None else checked_names(value["missing"]),
            steps=tuple(steps),
        )


def fit_table_inputs(
    raw: RawTable,
    others: Sequence[str],
    training: Int[np.ndarray, "n"],
    decisions: Mapping[str, Decision],
    unused: str | None = None,
) -> tuple[TableInputs, Float32[np.ndarray, "N D"], tuple[str, ...]]:
    """Fit the preparation of a table on its training rows.

    Args:
        raw: the table, all rows.
        others: columns that are no inputs.
        training: rows of the training split.
        decisions: how the numbers in columns of text are written.
        unused: a column that is left out, such as an index.

    Returns:
        The preparation, all rows prepared, and notices on columns dropped and cells imputed.
    """
    import polars as pl

    names = [name for name in raw.table.columns if name not in others and name != unused]
    plan = plan_columns(raw, names, training, decisions)
    steps: list[Step] = []
    notices = list(plan.notices)
    if plan.numbers:
        numbers, said = Numbers.fitted(plan, raw, training)
        steps.append(numbers)
        notices += said
    if plan.categories:
        categories, said = Categories.fitted(plan, training)
        steps.append(categories)
        notices += said
    inputs = TableInputs(tuple(raw.table.columns), tuple(others), raw.headerless, raw.missing, tuple(steps))
    values = pl.DataFrame({**plan.numbers, **plan.categories})  # as they were read: nothing is decided again
    prepared = np.hstack([step.transform(raw.named(values))[0] for step in steps])
    return inputs, np.ascontiguousarray(prepared), tuple(condensed(notices))

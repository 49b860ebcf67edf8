"""Raw tables to inputs: imputing and one-hot encoding, fitted on the training rows only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32, Int

from trainwell.core.errors import DataError
from trainwell.data.array_inputs import shortened
from trainwell.data.columns import as_numbers, as_texts, plan_columns

if TYPE_CHECKING:
    import polars as pl

MOST_CATEGORIES = 100  # columns of inputs one categorical column may become; the rarest values share the last


@dataclass(frozen=True, eq=False)
class TableInputs:
    """The preparation of tables: fitted scikit-learn transformers and the columns they belong to.

    Attributes:
        columns: all columns of the training file, target and weights included, in its order.
        others: those of them that are no inputs (target, weights).
        headerless: the training file had no header, so that columns are known by position.
        numeric: columns imputed by the training median.
        categorical: columns imputed by the most frequent training value, then one-hot encoded.
        feature_names: names of the inputs: numeric columns first, then `column=value`.
        transformers: `"median"`, `"most_frequent"`, `"one_hot"`, where there are columns for them.
    """

    columns: tuple[str, ...]
    others: tuple[str, ...]
    headerless: bool
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    feature_names: tuple[str, ...]
    transformers: dict[str, Any]

    def transform(self, table: "pl.DataFrame") -> tuple[Float32[np.ndarray, "N D"], tuple[str, ...]]:
        """Rows of a table as inputs, and what there is to say about them.

        Columns may come in any order; columns that training did not have are ignored, a missing column is
        imputed entirely, a category that training did not have becomes all zeros. Each is said in a notice.

        Raises:
            DataError: no column is known, or a numeric column holds text or an infinite number.
        """
        if table.height == 0 and table.width > 0:  # a table without columns has no rows either: see below
            raise DataError("the table has no rows: pass at least one")
        table = self.named(table)
        notices = self._differences(table.columns)
        blocks = []
        if self.numeric:
            block = np.full((table.height, len(self.numeric)), np.nan)
            for position, name in enumerate(self.numeric):
                if name in table.columns:
                    block[:, position] = as_numbers(table[name])
            blocks.append(self.transformers["median"].transform(block).astype(np.float32))
        if self.categorical:
            texts, unknown = self._texts(table)
            notices += unknown
            blocks.append(self.transformers["one_hot"].transform(texts))
        return np.ascontiguousarray(np.hstack(blocks), dtype=np.float32), tuple(notices)

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
        used = self.numeric + self.categorical
        missing = [name for name in used if name not in present]
        if len(missing) == len(used):
            raise DataError(
                f"none of the columns the network was trained on is there ({shortened(used)}): check that this is the "
                "right file, and that its first line names the columns"
            )
        notices = [f"column '{name}' is missing: filled with its usual training value" for name in missing]
        extra = [name for name in present if name not in self.columns]
        if extra:
            notices.append(f"ignored column {shortened(extra)}, which training did not have")
        return notices

    def _texts(self, table: "pl.DataFrame") -> tuple[np.ndarray, list[str]]:
        """The imputed categories, and notices on unknown ones."""
        texts = np.full((table.height, len(self.categorical)), None, dtype=object)
        for position, name in enumerate(self.categorical):
            if name in table.columns:
                texts[:, position] = as_texts(table[name]).to_list()
        texts = self.transformers["most_frequent"].transform(texts)
        notices = []
        for position, name in enumerate(self.categorical):
            known = set(self.transformers["one_hot"].categories_[position])
            unknown = [text for text in texts[:, position] if text not in known]
            if unknown:
                notices.append(
                    f"column '{name}': {len(unknown)} of {table.height} cells hold a category training did not have "
                    f"({shortened(sorted(set(unknown)), 3)}), encoded as none of the known ones"
                )
        return texts, notices

    def to_json(self) -> dict[str, Any]:
        """What `from_json` needs beside the transformers."""
        names = ("columns", "others", "numeric", "categorical", "feature_names")
        lists = {name: list(getattr(self, name)) for name in names}
        return {"kind": "table", "headerless": self.headerless} | lists

    @classmethod
    def from_json(cls, value: dict[str, Any], transformers: dict[str, Any]) -> "TableInputs":
        """The inverse of `to_json`."""
        return cls(
            columns=tuple(value["columns"]),
            others=tuple(value["others"]),
            headerless=bool(value["headerless"]),
            numeric=tuple(value["numeric"]),
            categorical=tuple(value["categorical"]),
            feature_names=tuple(value["feature_names"]),
            transformers=transformers,
        )


def fit_table_inputs(
    table: "pl.DataFrame", others: Sequence[str], training: Int[np.ndarray, "n"], *, headerless: bool = False
) -> tuple[TableInputs, tuple[str, ...]]:
    """Fit the preparation of a table on its training rows.

    Args:
        table: the raw table, all rows.
        others: columns that are no inputs.
        training: rows of the training split.
        headerless: the columns' names are only positions.

    Returns:
        The preparation, and notices on columns dropped and cells imputed.
    """
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder

    plan = plan_columns(table, [name for name in table.columns if name not in others], training)
    transformers: dict[str, Any] = {}
    names, notices = list(plan.numeric), list(plan.notices)
    if plan.numeric:
        block = np.column_stack([as_numbers(table[name]) for name in plan.numeric])
        transformers["median"] = SimpleImputer(strategy="median").fit(block[training])
        notices += _imputed(plan.numeric, np.isnan(block), transformers["median"].statistics_, "median")
    if plan.categorical:
        texts = np.empty((table.height, len(plan.categorical)), dtype=object)
        for position, name in enumerate(plan.categorical):
            texts[:, position] = as_texts(table[name]).to_list()
        imputer = SimpleImputer(strategy="most_frequent", missing_values=None).fit(texts[training])
        encoder = OneHotEncoder(
            handle_unknown="ignore", sparse_output=False, dtype=np.float32, max_categories=MOST_CATEGORIES
        ).fit(imputer.transform(texts[training]))
        transformers |= {"most_frequent": imputer, "one_hot": encoder}
        missing = np.array([[text is None for text in row] for row in texts])
        notices += _imputed(plan.categorical, missing, imputer.statistics_, "most frequent value")
        notices += _rare(plan.categorical, encoder)
        names += _one_hot_names(plan.categorical, encoder)
    inputs = TableInputs(
        columns=tuple(table.columns),
        others=tuple(others),
        headerless=headerless,
        numeric=plan.numeric,
        categorical=plan.categorical,
        feature_names=tuple(names),
        transformers=transformers,
    )
    return inputs, tuple(notices)


def _imputed(names: Sequence[str], missing: np.ndarray, fills: np.ndarray, what: str) -> list[str]:
    counts = missing.sum(axis=0)
    filled = zip(names, counts, fills, strict=True)
    return [
        f"column '{name}': {count} missing cells filled with the training rows' {what}, {_shown(fill)}"
        for name, count, fill in filled
        if count
    ]


def _shown(fill: object) -> str:
    return f"{fill:.6g}" if isinstance(fill, float) else str(fill)


def _rare(names: Sequence[str], encoder: Any) -> list[str]:
    rare = getattr(encoder, "infrequent_categories_", [None] * len(names))
    return [
        f"column '{name}' has {len(categories)} values: the {len(values)} rarest share one feature"
        for name, categories, values in zip(names, encoder.categories_, rare, strict=True)
        if values is not None
    ]


def _one_hot_names(names: Sequence[str], encoder: Any) -> list[str]:
    """`column=value` in the encoder's order, `column=(rare)` for those that share one."""
    rare = getattr(encoder, "infrequent_categories_", [None] * len(names))
    features = []
    for name, categories, values in zip(names, encoder.categories_, rare, strict=True):
        shared = set() if values is None else set(values)
        features += [f"{name}={category}" for category in categories if category not in shared]
        features += [f"{name}=(rare)"] if shared else []
    return features

"""Data in memory: frames of polars and of pandas, and arrays, are read as the files that they could be written to."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from optional import require
from trainwell.core import DataError
from trainwell.data import as_dataset, from_arrays, load_data, load_rows

COLUMNS: dict[str, Any] = {
    "size": [float(i % 7) if i % 9 else None for i in range(60)],
    "rooms": [i % 5 for i in range(60)],
    "kind": [None if i % 11 == 0 else ("cat ", "dog", "cow")[i % 3] for i in range(60)],
    "new": [i % 2 == 0 for i in range(60)],
    "built": [date(2000 + i % 20, 1 + i % 12, 3) for i in range(60)],
    "price": [i % 7 * 2.5 + i % 3 for i in range(60)],
}


def frame() -> pl.DataFrame:
    return pl.DataFrame(COLUMNS)


def pandas_frame() -> Any:
    pandas = require("pandas")
    found = pandas.DataFrame({name: column for name, column in COLUMNS.items() if name != "built"})
    found["kind"] = found["kind"].astype("category")
    found["built"] = pandas.to_datetime(COLUMNS["built"])
    return found[list(COLUMNS)].set_index(np.arange(60)[::-1])  # whose order means nothing


def test_a_frame_is_the_parquet_file_of_it(tmp_path):
    frame().write_parquet(tmp_path / "frame.parquet")
    data, of_file = load_data(frame(), target="price"), load_data(tmp_path / "frame.parquet", target="price")
    assert data.fingerprint == of_file.fingerprint
    assert data.notices == of_file.notices
    assert data.name == "frame"


def test_pandas_gives_the_same_inputs():
    data, of_polars = load_data(pandas_frame(), target="price"), load_data(frame(), target="price")
    assert data.feature_names == of_polars.feature_names
    assert np.array_equal(data.training.inputs, of_polars.training.inputs)
    assert np.array_equal(data.training.targets, of_polars.training.targets)
    rows = load_rows(pandas_frame().drop(columns="price"), of_polars.preparation)
    assert np.array_equal(rows.inputs, load_rows(frame(), of_polars.preparation).inputs)


def test_nullable_and_mixed_columns_of_pandas():
    pandas = require("pandas")
    table = pandas.DataFrame(
        {
            "count": pandas.array([1, None, 3] * 20, dtype="Int64"),
            "mixed": [1, "two", None] * 20,
            "text": pandas.array(["a", None, "b"] * 20, dtype="string"),
            "y": ["no", "yes"] * 30,
        }
    )
    data = load_data(table, target="y")
    given = pl.DataFrame(
        {name: table[name].astype(object).where(table[name].notna(), None).tolist() for name in ("count", "text", "y")}
    )
    given = given.insert_column(1, pl.Series("mixed", ["1", "two", None] * 20))
    assert np.array_equal(data.training.inputs, load_data(given, target="y").training.inputs)


@pytest.mark.parametrize("absent", [None, float("nan"), np.float32("nan")])
def test_what_is_missing_among_objects_is_no_label(absent):
    y = np.array(["a", "b"] * 19 + ["a", absent], object)
    data = load_data((frame().drop("price")[:40], y), missing="?")
    assert data.class_names == ("a", "b")


def test_x_and_y():
    x, y = np.arange(80.0).reshape(40, 2), np.array(["no", "yes"] * 20)
    assert load_data((x, y)).fingerprint == from_arrays(x, y).fingerprint
    assert load_data((x.tolist(), y.tolist()), split_seed=3).fingerprint == from_arrays(x, y, split_seed=3).fingerprint
    table = frame()
    beside = load_data((table.drop("price"), table["price"]))
    assert beside.fingerprint == load_data(table, target="price").fingerprint
    assert load_data((table.drop("price"), table["price"].to_list())).preparation.targets.name == "target"


@pytest.mark.parametrize(
    ("data", "target", "said"),
    [
        ([1, 2], None, "data cannot be read from list: pass a built-in name, a file, arrays"),
        (np.zeros((3, 2)), None, "data cannot be read from ndarray"),
        ((1, 2, 3), None, r"arrays must be \(X, y\), got 3 values: use from_arrays"),
        (frame(), None, "frame needs a target, the column to predict: choose one of size"),
        (frame(), "prize", "frame has no column 'prize' for the target: did you mean 'price'"),
        (frame().clear(), "price", "the frame has no rows"),
        ((np.zeros((4, 2)), [0, 1]), "y", "only tables do"),
        ((frame(), [0, 1]), None, "X has 60 rows, but y 2"),
        ((frame(), frame()["price"]), None, "X has a column 'price', which is the name of y"),
        ((frame(), frame()["price"]), "price", r"the target is y of \(X, y\)"),
        (frame().rename({"size": "*"}), "price", "polars reads as a pattern"),
        ("no-such-set", None, "there is no data set or file 'no-such-set'"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(data, target, said):
    with pytest.raises(DataError, match=said) as error:
        load_data(data, target=target)
    assert "\n" not in str(error.value)


def test_two_columns_of_one_name():
    pandas = require("pandas")
    with pytest.raises(DataError, match="two columns named 'a'"):
        load_data(pandas.DataFrame([[1, 2, 3]] * 9, columns=["a", "a", "b"]), target="b")


def test_a_dataset_is_taken_as_it_is_and_notices_of_others_are_logged(caplog):
    data = load_data("iris")
    assert as_dataset(data) is data
    with pytest.raises(DataError, match="iris is loaded and has its target: leave target out"):
        as_dataset(data, "species")
    assert as_dataset(frame(), "price").notices == tuple(caplog.messages)
    assert caplog.messages

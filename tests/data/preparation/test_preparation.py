"""New rows prepared as the training data were; saved and loaded without pickle."""

import json

import numpy as np
import polars as pl
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from trainwell.core import DataError, ModelError
from trainwell.data import Preparation, from_arrays, load_data, load_rows
from trainwell.data.preparation.preparation import ARRAYS, DESCRIPTION

COLOURS = ("blue", "green", "red")

FILLED = "column 'age': 7 of 60 cells are missing, filled with 41"


@pytest.fixture
def table():
    rows = range(60)
    return pl.DataFrame(
        {
            "age": [None if i % 9 == 0 else 20.0 + i for i in rows],
            "colour": [None if i % 13 == 0 else COLOURS[i % 3] for i in rows],
            "size": [i % 5 for i in rows],
            "same": [1] * 60,
            "price": [10.0 + i % 17 * 3.5 for i in rows],
        }
    )


@pytest.fixture
def preparation(table, tmp_path):
    table.write_csv(tmp_path / "train.csv")
    return load_data(tmp_path / "train.csv", target="price", split="file-order").preparation


def test_transform_equals_what_training_saw(table, preparation, tmp_path):
    data = load_data(tmp_path / "train.csv", target="price", split="file-order")
    inputs, notices = preparation.transform(table)
    parts = [part.inputs for part in (data.training, data.validation, data.open_test_split())]
    assert np.array_equal(inputs, np.concatenate(parts))
    assert (inputs.dtype, notices) == (np.float32, (FILLED,))
    assert data.feature_names == ("age", "size", "colour=blue", "colour=green", "colour=red", "colour=(missing)")


@pytest.mark.parametrize("kind", ["classes", "quantity", "array", "bytes"])
def test_saved_and_loaded(table, preparation, tmp_path, kind):
    rows = table
    if kind == "classes":
        named = table.with_columns(pl.Series("price", ["dear", "cheap", "fair"] * 20))
        named.write_parquet(tmp_path / "t.parquet")
        preparation = load_data(tmp_path / "t.parquet", target="price").preparation
    elif kind != "quantity":
        rows = np.arange(80).reshape(40, 2).astype(np.uint8 if kind == "bytes" else np.float64)
        preparation = from_arrays(rows, ["a", "b"] * 20).preparation
    again = Preparation.from_files(preparation.to_files())
    inputs, reference = again.transform(rows)[0], preparation.transform(rows)[0]
    assert np.array_equal(inputs, reference)
    assert inputs.dtype == reference.dtype
    assert again.targets == preparation.targets
    assert (again.task, again.class_names, again.feature_names) == (
        preparation.task,
        preparation.class_names,
        preparation.feature_names,
    )


def test_columns_in_another_order_with_others_or_missing(table, preparation):
    reference, _ = preparation.transform(table)
    inputs, notices = preparation.transform(table[["size", "price", "colour", "age"]].with_columns(extra=1))
    assert np.array_equal(inputs, reference)
    assert notices == ("ignored column 'extra', not in the training data", FILLED)
    inputs, notices = preparation.transform(table.drop("age", "colour"))
    median = np.nanmedian([float(age) if age is not None else np.nan for age in table["age"][:42]])
    assert set(inputs[:, 0]) == {median}
    assert np.array_equal(inputs[:, 2:], np.tile(inputs[0, 2:], (60, 1)))
    assert inputs[0, 2:].tolist() == [0, 0, 0, 1]
    assert [notice.split(":")[0] for notice in notices] == ["column 'age' is missing", "column 'colour' is missing"]


def test_unknown_categories_are_zeros_and_said(table, preparation):
    odd = table.head(4).with_columns(colour=pl.Series(["red", "pink", "teal", "pink"]))
    inputs, notices = preparation.transform(odd)
    assert inputs[:, 2:].tolist() == [[0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert len(notices) == 2
    assert "1 of 4 cells are missing, filled with 41" in notices[0]
    assert "3 of 4 cells" in notices[1]
    assert "'pink', 'teal'" in notices[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"age": ["n.d.", "old", None]},
            "'age' is numeric, but no cell has a number .'n.d.' in row 1, 'old' in row 2",
        ),
        ({"age": [float("inf")] * 3}, "'age' is numeric, but no cell has a number"),
        ({"age": [True, False, True]}, "'age' has truth values"),
        ({"colour": ["pink", "teal", None]}, "'colour' has no category of the training data .'pink', 'teal'"),
        ({"age": [[1], [2], [3]]}, "column 'age' must hold numbers, got List"),
    ],
)
def test_what_does_not_fit_is_refused(table, preparation, change, message):
    with pytest.raises(DataError, match=message):
        preparation.transform(table.head(3).with_columns(**{name: pl.Series(v) for name, v in change.items()}))


def test_rows_that_cannot_be_the_right_ones(table, preparation):
    with pytest.raises(DataError, match="none of the columns"):
        preparation.transform(table.rename({name: name.upper() for name in table.columns}))
    with pytest.raises(DataError, match="no rows"):
        preparation.transform(table.head(0))
    with pytest.raises(DataError, match="pass a table"):
        preparation.transform(np.ones((3, 4)))


def test_rows_from_a_file_with_and_without_targets(table, preparation, tmp_path):
    rows = load_rows(tmp_path / "train.csv", preparation)
    np.testing.assert_allclose(preparation.decode(rows.targets), table["price"], rtol=1e-6)
    table.drop("price").head(1).write_csv(tmp_path / "one.csv")  # a header and one row of few columns
    rows = load_rows(tmp_path / "one.csv", preparation)
    assert rows.targets is None
    assert np.array_equal(rows.inputs, preparation.transform(table.head(1))[0])
    (tmp_path / "bad.csv").write_text("age,colour,size\n1,red,2\nold,red,3\n")
    rows = load_rows(tmp_path / "bad.csv", preparation)  # the others are predicted, this one as if its age were missing
    assert np.array_equal(rows.inputs[1], preparation.transform(pl.DataFrame({"colour": ["red"], "size": [3]}))[0][0])
    assert rows.inputs[0, 0] == 1
    assert any("1 of 2 cells are not numbers ('old' in row 2): taken as missing" in notice for notice in rows.notices)


def test_quantities_that_are_missing_or_no_numbers_are_not_scored(table, preparation, tmp_path):
    prices = [str(price) for price in table["price"]]
    prices[1], prices[3], prices[4] = "", "dear", "inf"
    table.with_columns(price=pl.Series(prices)).write_csv(tmp_path / "gaps.csv")
    rows = load_rows(tmp_path / "gaps.csv", preparation)
    known = [row for row in range(60) if row not in (1, 3, 4)]
    assert rows.inputs.shape[0] == 60
    assert rows.scored.tolist() == known
    np.testing.assert_allclose(preparation.decode(rows.targets), table["price"].to_numpy()[known], rtol=1e-6)
    assert rows.notices == (
        FILLED,
        "target 'price': 3 of 60 rows are predicted but not scored: 1 have no target, 2 have no finite number "
        "(first 'dear' in row 4)",
    )


def test_fills_are_said_in_six_digits(table, tmp_path):
    ages = [None if age is None else age / 3 for age in table["age"]]
    table.with_columns(age=pl.Series(ages)).write_parquet(tmp_path / "t.parquet")
    data = load_data(tmp_path / "t.parquet", target="price", split="file-order")
    median = float(np.median([age for age in ages[:42] if age is not None]))
    assert any(f"median, {median:.6g}" in notice for notice in data.notices)
    assert not any(str(median) in notice for notice in data.notices)


def test_rows_without_a_header(tmp_path):
    lines = [f"{'pq'[i % 2]},{i},{i % 7}" for i in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    preparation = load_data(tmp_path / "t.csv", target=0).preparation
    full = load_rows(tmp_path / "t.csv", preparation)
    assert full.targets.tolist() == [0, 1] * 20
    (tmp_path / "bare.csv").write_text("\n".join(line[2:] for line in lines))
    bare = load_rows(tmp_path / "bare.csv", preparation)
    assert bare.targets is None
    assert np.array_equal(bare.inputs, full.inputs)
    (tmp_path / "wide.csv").write_text("1,2,3,4\n5,6,7,8\n")
    with pytest.raises(DataError, match="4 columns"):
        load_rows(tmp_path / "wide.csv", preparation)


def test_arrays_check_width_and_kind(tmp_path):
    numbers = from_arrays(np.arange(80.0).reshape(40, 2), ["a", "b"] * 20, feature_names=["u", "v"]).preparation
    assert numbers.transform(np.array([[1, 2]], np.uint8))[0].dtype == np.float32
    with pytest.raises(DataError, match="3 columns, but the network was trained on 2"):
        numbers.transform(np.ones((1, 3)))
    inputs, notices = numbers.transform(pl.DataFrame({"v": [2], "w": [9], "u": [1]}))
    assert (inputs.tolist(), len(notices)) == ([[1, 2]], 1)
    with pytest.raises(DataError, match="lacks column 'u'"):
        numbers.transform(pl.DataFrame({"v": [2]}))
    images = from_arrays(np.arange(80, dtype=np.uint8).reshape(40, 2), ["a", "b"] * 20).preparation
    whole, _ = images.transform(np.array([[0.0, 255.0]]))
    assert (whole.dtype, whole.tolist()) == (np.uint8, [[0, 255]])
    fractions, _ = images.transform(np.array([[0.0, 0.5]]))
    assert (fractions.dtype, fractions.tolist()) == (np.float32, [[0, 127.5]])
    with pytest.raises(DataError, match="bytes 0 to 255, or"):
        images.transform(np.array([[0.0, 300.0]]))


def test_built_in_rows(tmp_path):
    preparation = load_data("iris").preparation
    rows = load_rows("iris", preparation)
    assert (rows.inputs.shape, rows.targets.tolist()) == ((150, 4), [0] * 50 + [1] * 50 + [2] * 50)


def test_a_damaged_preparation_is_refused(preparation):
    files = preparation.to_files()
    assert set(files) == {DESCRIPTION, ARRAYS}
    for name, content in (
        (DESCRIPTION, b"{"),
        (DESCRIPTION, b"[]"),
        (DESCRIPTION, b"[" * 10_000),
        (DESCRIPTION, files[DESCRIPTION].replace(b'"decimal": "."', b'"point": "."')),
        (DESCRIPTION, files[DESCRIPTION].replace(b'"columns": [', b'"columns": [1, ', 1)),
        (DESCRIPTION, files[DESCRIPTION].replace(b'"decimal": "."', b'"decimal": "?"')),
        (DESCRIPTION, files[DESCRIPTION].replace(b'"scale": ', b'"scale": -')),
        (DESCRIPTION, files[DESCRIPTION].replace(b'"task": "regression"', b'"task": "classification"')),
        (DESCRIPTION, files[DESCRIPTION].replace(b'"class_names": []', b'"class_names": ["a", "a"]')),
        (ARRAYS, b"junk"),
        (ARRAYS, files[ARRAYS][:-8]),
        (ARRAYS, from_arrays(np.ones((9, 2)), [0, 1, 1] * 3).preparation.to_files()[DESCRIPTION]),
    ):
        with pytest.raises(DataError) as caught:
            Preparation.from_files(files | {name: content})
        assert "\n" not in str(caught.value)
    for name in files:
        with pytest.raises(DataError, match="lacks"):
            Preparation.from_files({other: content for other, content in files.items() if other != name})


@pytest.mark.parametrize(("found", "message"), [(1, "an older trainwell"), (99, "a newer trainwell")])
def test_another_format_is_said(preparation, found, message):
    files = preparation.to_files()
    description = json.loads(files[DESCRIPTION]) | {"format": found}
    with pytest.raises(ModelError, match=rf"{message} wrote this model \(preparation format {found}, this version"):
        Preparation.from_files(files | {DESCRIPTION: json.dumps(description).encode()})


def test_an_unknown_kind_of_step_is_said(preparation):
    files = preparation.to_files()
    description = json.loads(files[DESCRIPTION])
    description["inputs"]["steps"][0]["kind"] = "embeddings"
    with pytest.raises(DataError, match="a step 'embeddings', which this version does not know"):
        Preparation.from_files(files | {DESCRIPTION: json.dumps(description).encode()})


def test_the_same_preparation_is_the_same_bytes(table, preparation, tmp_path):
    again = load_data(tmp_path / "train.csv", target="price", split="file-order").preparation
    assert again.to_files() == preparation.to_files()
    assert Preparation.from_files(preparation.to_files()).to_files() == preparation.to_files()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_numbers_and_categories_are_scikit_learns(tmp_path, suffix):
    """Plain numbers with gaps and plain categories: median and one-hot, bit for bit."""
    rng = np.random.default_rng(0)
    rows = 900
    numbers = np.where(rng.random((rows, 3)) < 0.1, np.nan, rng.normal(size=(rows, 3)) * [1, 1e3, 1e-3])
    texts = np.column_stack([rng.choice(["b", "a", "ä", "B"], rows), [f"v{int(i)}" for i in rng.zipf(1.3, rows) % 130]])
    columns = dict(zip("xyzkv", [*numbers.T.tolist(), *texts.T.tolist()], strict=True))
    table = pl.DataFrame(columns | {"t": rng.normal(size=rows).tolist()}).fill_nan(None)
    getattr(table, f"write_{suffix}")(tmp_path / f"t.{suffix}")
    data = load_data(tmp_path / f"t.{suffix}", target="t", split="file-order")
    training = len(data.training)
    imputer = SimpleImputer(strategy="median").fit(numbers[:training])
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32, max_categories=100)
    expected = np.hstack(
        [imputer.transform(numbers).astype(np.float32), encoder.fit(texts[:training]).transform(texts)]
    )
    assert encoder.infrequent_categories_[1] is not None  # more than 100: the rarest share one
    assert np.array_equal(data.preparation.transform(table)[0], expected)
    parts = (data.training, data.validation, data.open_test_split())
    assert np.array_equal(np.concatenate([part.inputs for part in parts]), expected)

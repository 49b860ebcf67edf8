"""The same value spelled differently, labels as they were given, codes, and words for missing values."""

import numpy as np
import polars as pl
import pytest

from trainwell.core import DataError
from trainwell.data import from_arrays, load_data, load_rows
from trainwell.data.columns.spellings import MISSING_WORDS, Spellings, number_value, spelled_alike


def saved(folder, columns, name="t.csv"):
    """A file of these columns."""
    frame = pl.DataFrame(columns)
    (frame.write_csv if name.endswith("csv") else frame.write_parquet)(folder / name)
    return folder / name


def table(**columns):
    """Columns of 40 rows: each value repeated in turn."""
    return {name: [values[i % len(values)] for i in range(40)] for name, values in columns.items()}


@pytest.mark.parametrize(
    ("known", "asked", "found"),
    [
        (["False", "True"], ["true", "TRUE", "1", "1.0", "0", "yes", None], [1, 1, 1, 1, 0, -1, -1]),
        (["0", "1"], ["True", "false", "1.0", "2"], [1, 0, 1, -1]),
        (["0", "1", "2"], ["True", "2.0", "2e0"], [-1, 2, 2]),  # 1 is a number here
        (["1.0", "2.0"], ["1", "2", "01"], [0, 1, -1]),
        (["1", "1.0"], ["1", "1.0", "1.00"], [0, 1, -1]),  # which of them?
        (["007", "7"], ["007", "7", "7.0", "07"], [0, 1, 1, -1]),
        (["007"], ["7"], [-1]),
        (["9007199254740993"], ["9007199254740992", "9007199254740993.0"], [-1, 0]),
        (["True", "true"], ["TRUE", "true"], [-1, 1]),
        (["yes", "no"], ["Yes", "no"], [-1, 1]),
        (["NA", "Ex"], [None, "", "null", "NA", "Ex"], [0, -1, 0, 0, 1]),
        (["a", None], ["NA", None, "?", "b"], [1, 1, 1, -1]),
        (["NA", "none", "a"], [None, "none"], [-1, 1]),
        ([None, "NA"], [None, "NA", "null"], [0, 1, -1]),
    ],
)
def test_spellings(known, asked, found):
    spellings = Spellings(known, MISSING_WORDS)
    assert [spellings.index(text) for text in asked] == found


def test_numbers_are_exact():
    assert number_value("9007199254740993") != number_value("9007199254740992")
    assert number_value("1.10") == number_value("1.1")
    assert [number_value(text) for text in ("", "a", "1,5", "01", "inf", "nan", "1e9999")] == [None] * 7
    assert spelled_alike(["a", "A", "b", "1", "1.0", "01"]) == [("1", "1.0"), ("A", "a")]
    assert spelled_alike(["\u00e9", "e\u0301", "e"]) == [("e\u0301", "\u00e9")]  # both look like é


FLAGS = {
    "text of another case": ["true", "false"],
    "truth values": [True, False],
    "whole numbers": [1, 0],
    "fractions": [1.0, 0.0],
}


@pytest.mark.parametrize("name", ["n.csv", "n.parquet"])
@pytest.mark.parametrize("asked", FLAGS)
def test_truth_values_match_between_files(tmp_path, asked, name):
    columns = table(flag=["True", "False"], x=[1.5, 2.5, 3.5], y=["p", "q", "q"])
    data = load_data(saved(tmp_path, columns), target="y", split="file-order")
    assert data.feature_names == ("x", "flag=False", "flag=True")
    rows = load_rows(saved(tmp_path, columns | table(flag=FLAGS[asked]), name), data.preparation)
    assert np.array_equal(rows.inputs, data.preparation.transform(pl.DataFrame(columns))[0])
    assert rows.inputs[:2, 1:].tolist() == [[0, 1], [1, 0]]
    assert rows.notices == ()


@pytest.mark.parametrize("asked", [["True", "false"], [True, False], ["1", "0"], [1.0, 0.0]])
def test_zeros_and_ones_take_truth_values(tmp_path, asked):
    columns = table(flag=[1, 0], x=[1.5, 2.5, 3.5], y=["p", "q", "q"])
    preparation = load_data(saved(tmp_path, columns), target="y").preparation
    inputs, notices = preparation.transform(pl.DataFrame(columns | table(flag=asked)))
    assert (inputs[:2, 0].tolist(), notices) == ([1, 0], ())


@pytest.mark.parametrize(("trained", "asked"), [(["1", "2", "A"], ["1.0", "2.0", "A"]), (["1.0", "2.0", "A"], [1, 2])])
def test_whole_numbers_match_with_and_without_a_point(tmp_path, trained, asked):
    columns = table(code=trained, x=[1.5, 2.5, 3.5], y=["p", "q", "q", "p"])
    preparation = load_data(saved(tmp_path, columns), target="y").preparation
    inputs, notices = preparation.transform(pl.DataFrame(columns | table(code=asked)))
    assert (inputs[:2, 1:].tolist(), notices) == ([[1, 0, 0], [0, 1, 0]], ())


def test_a_missing_cell_is_the_word_it_was_before(tmp_path):
    """pandas reads NA as missing, and writes nothing, or null, for it."""
    columns = table(pool=["Ex", "NA", "NA"], x=[1.5, 2.5], y=["p", "q", "q", "p"])
    data = load_data(saved(tmp_path, columns), target="y")
    assert data.feature_names == ("x", "pool=Ex", "pool=NA")
    assert (
        "column 'pool': 'NA' (26 cells) counts as a category: if it means missing, list it as such a word "
        "(--missing 'NA')" in data.notices
    )
    inputs, notices = data.preparation.transform(pl.DataFrame(columns | table(pool=["Ex", None, None])))
    assert (inputs[:2, 1:].tolist(), notices) == ([[1, 0], [0, 1]], ())


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_cells_that_only_prediction_misses_are_said(tmp_path, kind):
    columns = table(side=["x", "z"], x=[1.5, 2.5, 3.5], y=["p", "q", "q", "p"])
    preparation = load_data(saved(tmp_path, columns, f"t.{kind}"), target="y").preparation
    inputs, notices = preparation.transform(pl.DataFrame(columns | table(side=["x", None])))
    assert inputs[:2, 1:].tolist() == [[1, 0], [0, 0]]
    assert "column 'side': 20 of 40 cells are missing, which no training row was" in notices[0]


@pytest.mark.parametrize("empty", [[None], [""]])
def test_columns_that_are_empty_at_prediction_are_said(tmp_path, empty):
    columns = table(side=["x", "z", None], x=[1.5, 2.5, 2.5, 3.5], y=["p", "q", "q", "p", "q"])
    preparation = load_data(saved(tmp_path, columns), target="y").preparation
    for name, says in (("side", "'side': every cell is missing"), ("x", "'x': every cell is missing, filled with 2.5")):
        _, notices = preparation.transform(pl.DataFrame(columns | table(**{name: empty})))
        assert notices == (f"column {says}",)


def test_numbers_that_are_missing_at_prediction_are_said(tmp_path):
    columns = table(x=[1.5, 2.5, 4.5], y=["p", "q", "q", "p"])
    preparation = load_data(saved(tmp_path, columns), target="y").preparation
    asked = saved(tmp_path, columns | table(x=["2", None, "n.d.", "NA"]), "n.csv")
    rows = load_rows(asked, preparation)
    assert rows.inputs[:4, 0].tolist() == [2, 2.5, 2.5, 2.5]
    assert [notice.split(",")[0] for notice in rows.notices] == [
        "column 'x': 20 of 40 cells are missing",
        "column 'x' is numeric",
    ]


def test_what_is_alike_for_many_columns_is_said_once(tmp_path):
    columns = {f"x{k}": [None if (i + k) % 9 == 0 else i * k for i in range(40)] for k in range(1, 31)}
    flags = {f"c{k}": [("u", "none", "v")[(i + k) % 3] for i in range(40)] for k in range(4)}
    path = saved(tmp_path, {**columns, **flags, "y": ["p", "q"] * 20})
    data = load_data(path, target="y")
    said = [*data.notices, *load_rows(path, data.preparation).notices]
    assert len(said) == 4 + 3 + 3
    assert [n for n in said if "same for" in n] == [
        "the same for 28 more columns: 'x3', 'x4', 'x5', 'x6', 'x7' and 23 more"
    ] * 2


# Labels


@pytest.mark.parametrize("name", ["n.csv", "n.parquet"])
@pytest.mark.parametrize(
    ("trained", "asked"),
    [
        (["True", "False"], [True, False]),
        ([True, False], ["TRUE", "False"]),
        (["True", "False"], [1, 0]),
        ([1, 0], [1.0, 0.0]),
        (["1.0", "0.0"], [1, 0]),
        ([1, 0], ["True", "False"]),
    ],
)
def test_answers_spelled_differently_are_scored(tmp_path, trained, asked, name):
    columns = table(x=[1.5, 2.5, 3.5], y=trained)
    preparation = load_data(saved(tmp_path, columns, "t.parquet"), target="y").preparation
    rows = load_rows(saved(tmp_path, columns | table(y=asked), name), preparation)
    assert (rows.targets.tolist(), rows.notices) == ([1, 0] * 20, ())


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["007", "010"], ("007", "010")),
        (["7", "007"], ("007", "7")),
        (["10", "9", "100"], ("9", "10", "100")),
        (["1.0", "2.0"], ("1.0", "2.0")),
        (["1e3", "2"], ("2", "1e3")),
        (["9007199254740993", "9007199254740992"], ("9007199254740992", "9007199254740993")),
        (["+", "-"], ("+", "-")),
        (["none", "severe", "mild"], ("mild", "none", "severe")),
        (["None", "?"], ("?", "None")),
        (["TRUE", "FALSE"], ("FALSE", "TRUE")),
        (["2.50", "1.5"], ("1.5", "2.50")),
    ],
)
def test_labels_come_back_as_they_were_given(tmp_path, labels, names):
    columns = table(x=[1.5, 2.5, 3.5, 4.5, 5.5], y=labels)
    data = load_data(saved(tmp_path, columns), target="y", task="classification")
    assert data.class_names == names
    rows = load_rows(tmp_path / "t.csv", data.preparation)
    assert data.preparation.decode(rows.targets).tolist() == columns["y"]
    assert set(data.preparation.decode(data.training.targets)) == set(labels)


LONG = 2**53


@pytest.mark.parametrize("dtype", [pl.Int64, pl.UInt64, pl.Int128, pl.Decimal(38, 0)])
def test_long_identifiers_of_parquet_stay_apart(tmp_path, dtype):
    names = [LONG, LONG + 1, LONG + 2]
    columns = {"x": [i / 2 for i in range(40)], "y": pl.Series([names[i % 3] for i in range(40)], dtype=dtype)}
    data = load_data(saved(tmp_path, columns, "t.parquet"), target="y", task="classification")
    assert data.class_names == tuple(map(str, names))
    rows = load_rows(tmp_path / "t.parquet", data.preparation)
    assert rows.targets.tolist() == [i % 3 for i in range(40)]


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, object])
def test_long_identifiers_of_arrays_stay_apart(tmp_path, dtype):
    labels = np.array([LONG, LONG + 1] * 20, dtype=dtype)
    data = from_arrays(np.arange(40.0)[:, None], labels, task="classification")
    assert data.class_names == (str(LONG), str(LONG + 1))
    if dtype is not object:
        np.savez(tmp_path / "t.npz", X=np.arange(40.0)[:, None], y=labels)
        assert load_data(tmp_path / "t.npz", task="classification").class_names == data.class_names


def test_long_identifiers_of_decimals_are_codes(tmp_path):
    codes = pl.Series([f"{10**30 + i % 2}" for i in range(40)]).cast(pl.Decimal(38, 0))
    data = load_data(saved(tmp_path, {"code": codes, "y": ["p", "q"] * 20}, "t.parquet"), target="y")
    assert data.feature_names == (f"code={10**30}", f"code={10**30 + 1}")


@pytest.mark.parametrize(
    ("dtype", "names"),
    [(pl.Float32, ("0.1", "0.2")), (pl.Float64, ("0.1", "0.2")), (pl.Decimal(9, 2), ("0.10", "0.20"))],
)
def test_labels_of_parquet_are_those_of_their_type(tmp_path, dtype, names):
    labels = pl.Series(["0.1", "0.2"] * 20).cast(pl.Float64).cast(dtype)
    path = saved(tmp_path, {"x": [i / 2 for i in range(40)], "y": labels}, "t.parquet")
    data = load_data(path, target="y", task="classification")
    assert data.class_names == names
    assert load_rows(path, data.preparation).targets.tolist() == [0, 1] * 20


def test_labels_of_floats_are_those_of_their_type():
    labels = np.array([0.1, 0.2] * 20, np.float32)
    assert from_arrays(np.arange(40.0)[:, None], labels, task="classification").class_names == ("0.1", "0.2")


def test_a_whole_number_is_one_class_however_it_is_written(tmp_path):
    data = load_data(saved(tmp_path, table(x=[1.5, 2.5, 3.5], y=["1", "2.0", "1.0", "2"])), target="y")
    assert data.class_names == ("1", "2.0")
    assert any("'1' and '1.0'; '2' and '2.0' differ only in spelling and count as one class" in n for n in data.notices)


def test_labels_that_differ_in_case_are_said(tmp_path):
    data = load_data(saved(tmp_path, table(x=[1.5, 2.5, 3.5], y=["yes", "no", "Yes", "no"])), target="y")
    assert data.class_names == ("Yes", "no", "yes")
    assert any("'Yes' and 'yes' differ only in spelling and count as different classes" in n for n in data.notices)


@pytest.mark.parametrize("codes", [["007", "010", "7"], [str(LONG + 1), str(LONG + 2), "1"]])
def test_codes_are_categories(tmp_path, codes):
    data = load_data(
        saved(tmp_path, table(x=[1.5, 2.5], code=codes, y=["p", "q", "q"])), target="y", split="file-order"
    )
    assert data.feature_names == ("x", *(f"code={code}" for code in sorted(codes)))
    assert any("which are codes, not quantities" in notice for notice in data.notices)


def test_numbers_with_zeros_before_a_point_are_numbers(tmp_path):
    data = load_data(saved(tmp_path, table(x=["00.5", "1.5", "07"], y=["p", "q", "q"])), target="y")
    assert data.feature_names == ("x",)


# Missing


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_words_can_be_named(tmp_path, kind):
    columns = table(heating=["gas", "none", "-"], x=["1.5", "2", "-", "7"], y=["p", "q", "none", "q", "p"])
    path = saved(tmp_path, columns, f"t.{kind}")
    data = load_data(path, target="y", missing="none, 7")
    assert data.class_names == ("p", "q")
    assert ("heating=-" in data.feature_names, "heating=(missing)" in data.feature_names) == (True, True)
    assert "x" not in data.feature_names  # '-' is a value now
    assert load_data(path, target="y", missing=["none", "7"]).fingerprint == data.fingerprint
    only_empty = load_data(path, target="y", missing="")
    assert only_empty.class_names == ("none", "p", "q")
    again = type(data.preparation).from_files(data.preparation.to_files())
    inputs, notices = again.transform(pl.DataFrame({"heating": ["none", "-", "gas"], "x": ["1.5", "7", "2"]}))
    assert (notices, inputs.shape) == ((), (3, data.num_features))
    assert inputs[0, data.feature_names.index("heating=(missing)")] == 1
    assert inputs[1, data.feature_names.index("x=(missing)")] == 1
    with pytest.raises(DataError, match="missing must be words"):
        load_data(path, target="y", missing=[1])


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_numbers_can_be_named_missing_however_they_are_written(tmp_path, name):
    columns = table(x=[-999.0, 1.5, 2.5], k=[-999, 4, 6, 8], t=["-999.0", "a", "b"], c=["00", "01"], y=["p", "q"])
    data = load_data(saved(tmp_path, columns, name), target="y", missing="-999,0", split="file-order")
    assert data.feature_names == ("x", "k", "t=a", "t=b", "t=(missing)", "c=00", "c=01")
    assert data.training.inputs[0].tolist() == [2, 6, 0, 0, 1, 1, 0]
    again, _ = data.preparation.transform(pl.DataFrame(columns))
    assert np.array_equal(again[: len(data.training)], data.training.inputs)


def test_words_that_occur_nowhere_are_said(tmp_path):
    path = saved(tmp_path, table(x=[1.5, 2.5], side=["na", "l", "r"], y=["p", "q"]))
    assert "no cell is 'NA' or '-999' (option missing)" in load_data(path, target="y", missing="NA,-999").notices
    assert not any("option missing" in notice for notice in load_data(path, target="y", missing="na,NA").notices)


def test_codes_of_a_regression_are_numbers(tmp_path):
    path = saved(tmp_path, table(x=[1.5, 2.5, 3.5], y=["007", "010", "020"]))
    data = load_data(path, target="y", task="regression")
    assert (data.task, [text for text in data.notices if "labels" in text]) == ("regression", [])
    assert set(data.preparation.decode(data.training.targets).round(4)) == {7, 10, 20}


@pytest.mark.parametrize("word", ["NA", "n/a", "null", "NaN"])
def test_targets_of_text_have_words_for_missing(tmp_path, word):
    data = load_data(saved(tmp_path, table(x=[1.5, 2.5, 3.5], y=["p", "q", "q", "p", word])), target="y")
    assert data.class_names == ("p", "q")
    assert f"dropped 8 rows of 40 without a target: 'y' is '{word}' in row 5 and others (--missing sets" in " ".join(
        data.notices
    )


def test_a_constant_target_says_what_was_taken_for_missing(tmp_path):
    with pytest.raises(DataError, match=r"constant \(p in every row\).*'y' is 'null' in row 2"):
        load_data(saved(tmp_path, table(x=[1.5, 2.5, 3.5], y=["p", "null"])), target="y")


def test_rows_without_a_target_are_left_out(tmp_path):
    labels = [None if i in (3, 4) else "pq"[i % 2] for i in range(40)]
    data = load_data(
        saved(tmp_path, table(x=list(range(40))) | {"y": labels, "w": [1 + (i == 39) for i in range(40)]}),
        target="y",
        weights="w",
        split="file-order",
    )
    parts = (data.training, data.validation, data.open_test_split())
    assert np.concatenate([part.inputs[:, 0] for part in parts]).tolist() == [i for i in range(40) if i not in (3, 4)]
    assert data.open_test_split().weights.tolist() == [1] * 5 + [2]
    assert "dropped 2 rows of 40 without a target: 'y' is empty in row 4 and others" in data.notices


def test_rows_of_errors_are_rows_of_the_file(tmp_path):
    labels = [None if i in (3, 4) else "pq"[i % 2] for i in range(40)]
    numbers = ["inf" if i == 30 else str(i) for i in range(40)]
    with pytest.raises(DataError, match="column 'x' is infinite in row 31"):
        load_data(saved(tmp_path, {"x": numbers, "y": labels}), target="y")
    with pytest.raises(DataError, match=r"got -1.0 in row 31"):
        load_data(
            saved(tmp_path, {"x": list(range(40)), "w": [-1 if i == 30 else 1 for i in range(40)], "y": labels}),
            target="y",
            weights="w",
        )


def test_blank_rows_are_left_out(tmp_path):
    (tmp_path / "t.csv").write_text("x;y;\n" + "".join(f"{i},5;{'pq'[i % 2]};\n" for i in range(20)) + ";;\n" * 30)
    data = load_data(tmp_path / "t.csv", target="y")
    assert len(data.training) + len(data.validation) + data.num_test == 20
    assert "dropped 30 rows, first row 21: all cells are empty" in data.notices


def test_a_name_is_never_a_missing_word(tmp_path):
    data = load_data(saved(tmp_path, table(NA=[1, 2, 3], none=[3.5, 4.5], y=["p", "q", "q"])), target="y")
    assert data.feature_names == ("NA", "none")


@pytest.mark.parametrize("scale", [1e-200, 1e-310, 1e200])
def test_targets_of_any_size_are_standardised(tmp_path, scale):
    values = np.array([3.5, -1.25, 0.5, 2.0]) * scale
    columns = table(x=[1.5, 2.5, 3.5], y=[repr(float(value)) for value in values])
    data = load_data(saved(tmp_path, columns), target="y", task="regression")
    targets = data.training.targets.astype(np.float64)
    assert targets.std() == pytest.approx(1, rel=1e-5)
    decoded = data.preparation.decode(data.training.targets)
    assert all(np.abs(decoded[:, None] - values).min(axis=1) < 1e-5 * scale)

"""CSV and its kin, Parquet: what is read, told apart, dropped and filled."""

import numpy as np
import polars as pl
import pytest

from trainwell.core import DataError
from trainwell.data import load_data, load_rows
from trainwell.data.sources.delimited_text import sniff_separator

ROWS = [(i, i % 4 + 0.5, "pq"[i % 2]) for i in range(40)]


def text_of(rows, separator=",", header="a,b,y"):
    lines = [header.replace(",", separator)] if header else []
    return "\n".join(lines + [separator.join(map(str, row)) for row in rows]) + "\n"


def loaded(folder, content, name="t.csv", **options):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_data(path, **({"target": "y"} | options))


def everything(data):
    """All inputs, by ascending first column."""
    inputs = np.concatenate([part.inputs for part in (data.training, data.validation, data.open_test_split())])
    return inputs[np.argsort(inputs[:, 0])]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("header", ["a,b,y", None])
def test_separator_and_header_are_told_apart(tmp_path, separator, header):
    data = loaded(tmp_path, text_of(ROWS, separator, header), target=-1)
    assert data.feature_names == (("a", "b") if header else ("column_0", "column_1"))
    assert data.class_names == ("p", "q")
    assert everything(data).tolist() == [[i, i % 4 + 0.5] for i in range(40)]


@pytest.mark.parametrize("target", ["y", "2", 2, -1, "-1"])
def test_target_by_name_or_position(tmp_path, target):
    assert loaded(tmp_path, text_of(ROWS), target=target).feature_names == ("a", "b")


def test_a_name_wins_over_a_position(tmp_path):
    content = text_of([(i % 2, i, i) for i in range(40)], header="1,0,z")
    assert loaded(tmp_path, content, target="1", header=True).feature_names == ("0", "z")


def test_header_can_be_told(tmp_path):
    numbers = text_of([(i, i % 3, i % 2) for i in range(40)], header=None)
    assert len(everything(loaded(tmp_path, numbers, target=2))) == 40
    headed = text_of([(i, i % 3, i % 2) for i in range(40)], header="2021,2022,2023")
    assert len(everything(loaded(tmp_path, headed, target=2, header=False, task="regression"))) == 41
    data = loaded(tmp_path, headed, target=2, header=True)
    assert (data.feature_names, len(everything(data))) == (("2021", "2022"), 40)


def test_all_text_columns(tmp_path):
    rows = [("red" if i % 2 else "blue", "p" if i % 3 else "e") for i in range(30)]
    assert loaded(tmp_path, text_of(rows, header="colour,y")).feature_names == ("colour=blue", "colour=red")
    assert loaded(tmp_path, text_of(rows, header=None), target=1).feature_names == ("column_0=blue", "column_0=red")


def test_blanks_byte_order_mark_and_line_ends(tmp_path):
    content = text_of(ROWS).replace(",", " , ").replace("\n", "\r\n\r\n")
    data = loaded(tmp_path, b"\xef\xbb\xbf" + content.encode())
    assert (data.feature_names, data.class_names) == (("a", "b"), ("p", "q"))
    assert len(everything(data)) == 40


def test_quoted_cells_hold_separators_quotes_and_lines(tmp_path):
    cells = ['"x, 1"', '"say ""hi"""', '"two\nlines"']
    rows = [(i, cells[i % 3], "pq"[i % 2]) for i in range(40)]
    data = loaded(tmp_path, text_of(rows))
    assert data.feature_names == ("a", 'b=say "hi"', "b=two\nlines", "b=x, 1")
    assert len(everything(data)) == 40


def test_decimal_commas(tmp_path):
    data = loaded(tmp_path, text_of(ROWS, ";").replace(".5", ",5"))
    assert everything(data)[:3, 1].tolist() == [0.5, 1.5, 2.5]
    assert sniff_separator("1,5;2,5;p\n3,5;4,5;q\n") == ";"


@pytest.mark.parametrize("marker", ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "-", " ? "])
def test_missing_cells_get_the_training_median(tmp_path, marker):
    rows = [(1000 if i > 27 else i % 5, marker if i == 3 else i, "pq"[i % 2]) for i in range(40)]
    data = loaded(tmp_path, text_of(rows), split="file-order")  # rows 0 to 27 are training
    expected = np.median([i for i in range(28) if i != 3])
    assert data.training.inputs[3, 1] == expected
    assert any("'b': 1 missing cells" in notice and notice.endswith(f"median, {expected:g}") for notice in data.notices)


def test_missing_categories_are_a_category(tmp_path):
    rows = [(i, "" if i == 5 else ("red" if i % 3 else "blue"), "pq"[i % 2]) for i in range(40)]
    data = loaded(tmp_path, text_of(rows), split="file-order")
    assert data.feature_names == ("a", "b=blue", "b=red", "b=(missing)")
    assert data.training.inputs[5].tolist() == [5, 0, 0, 1]
    assert data.training.inputs[6].tolist() == [6, 1, 0, 0]
    assert "column 'b': 1 missing cells are a category of their own" in data.notices


def test_large_offsets_survive_float32(tmp_path):
    rows = [(1_700_000_000 + i, "" if i == 3 else i * 1e-40, "pq"[i % 2]) for i in range(40)]
    data = loaded(tmp_path, text_of(rows), split="file-order")
    assert np.diff(everything(data)[:, 0]).tolist() == [1] * 39
    assert len(np.unique(everything(data)[:, 1])) > 35
    assert any("'a': 1700000013 is subtracted" in notice for notice in data.notices)
    again = type(data.preparation).from_files(data.preparation.to_files())
    assert np.array_equal(load_rows(tmp_path / "t.csv", again).inputs[:28], data.training.inputs)


def test_useless_columns_are_dropped_with_a_notice(tmp_path):
    rows = [(i, 7, "", f"user{i}", 1 if i < 35 else 2, "pq"[i % 2]) for i in range(40)]
    data = loaded(tmp_path, text_of(rows, header="a,same,empty,who,late,y"), split="file-order")
    assert data.feature_names == ("a",)
    notices = " / ".join(data.notices)
    for words in (
        "constant column 'same' (7",
        "'empty': it is missing in every",
        "'who': a different text",
        "constant column 'late'",
    ):
        assert words in notices


def test_typing_errors_in_numbers_are_said(tmp_path):
    rows = [("1O" if i in (20, 21) else i % 7, i, "pq"[i % 2]) for i in range(40)]
    data = loaded(tmp_path, text_of([*rows[:19], *rows]))  # 2 of 59 are a few, 2 of 39 would not be
    assert any("2 of 59 cells are not numbers (row 40: '1O')" in notice for notice in data.notices)
    data = loaded(tmp_path, text_of(rows[1:]))
    assert any("nearly all its cells are numbers, but row 20 has '1O'" in notice for notice in data.notices)


def test_rare_categories_share_one_feature(tmp_path):
    rows = [(i, f"v{i % 150}", "pq"[i % 2]) for i in range(600)]
    data = loaded(tmp_path, text_of(rows), split="file-order")  # so that training has all 150
    assert data.num_features == 1 + 100
    assert data.feature_names[-1] == "b=(rare)"
    assert any("the 51 rarest share one feature" in notice for notice in data.notices)


def test_nothing_is_fitted_on_validation_or_test_rows(tmp_path):
    rows = [(i, "" if i % 7 == 0 else i * i % 11, "uvw"[i % 3], i * 0.37) for i in range(60)]
    before = loaded(tmp_path, text_of(rows, header="a,b,c,y"), split="file-order")
    held_out = len(before.training)
    changed = rows[:held_out] + [(a + 900, 5555, "zzz", y * 40 + 3) for a, _, _, y in rows[held_out:]]
    after = loaded(tmp_path, text_of(changed, header="a,b,c,y"), split="file-order")
    assert np.array_equal(before.training.inputs, after.training.inputs)
    assert np.array_equal(before.training.targets, after.training.targets)
    assert before.preparation.targets == after.preparation.targets
    assert after.validation.inputs[:, 2:].sum() == 0  # 'zzz' is unknown: all zeros
    assert not np.array_equal(before.validation.targets, after.validation.targets)


def test_weights_column_and_limit(tmp_path):
    rows = [(i, i + 1, "pq"[i % 2]) for i in range(40)]
    data = loaded(tmp_path, text_of(rows, header="a,w,y"), weights="w", split="file-order", limit=20)
    assert data.feature_names == ("a",)
    assert data.training.weights.tolist() == list(range(1, 15))
    assert everything(data)[-1, 0] == 19


def test_parquet_types(tmp_path):
    frame = pl.DataFrame(
        {
            "n": [None if i == 2 else i for i in range(40)],
            "flag": [i % 2 == 0 for i in range(40)],
            "kind": pl.Series(["u", "v", "w", "u"] * 10, dtype=pl.Categorical),
            "code": ["01", "02"] * 20,
            "day": [None] * 39 + [pl.Series(["2024-01-01"]).str.to_date()[0]],
            "list": [[1, 2]] * 40,
            "nan": [float("nan") if i == 1 else 1.5 * i for i in range(40)],
            "y": [i / 7 for i in range(40)],
        }
    )
    frame.write_parquet(tmp_path / "t.parquet")
    data = load_data(tmp_path / "t.parquet", target="y", split="file-order")
    categories = ("flag=false", "flag=true", "kind=u", "kind=v", "kind=w", "code=01", "code=02")
    assert data.feature_names == ("n", "nan", *categories)
    assert (data.task, data.name) == ("regression", "t")
    assert data.training.inputs[2, 0] == np.median([i for i in range(28) if i != 2])
    assert data.training.inputs[1, 1] == np.median([1.5 * i for i in range(28) if i != 1])
    notices = " ".join(data.notices)
    assert "'day': dates" in notices
    assert "'list': values of type" in notices


def test_csv_and_parquet_give_the_same(tmp_path):
    frame = pl.DataFrame({"a": [r[0] for r in ROWS], "b": [r[1] for r in ROWS], "y": [r[2] for r in ROWS]})
    frame.write_parquet(tmp_path / "t.parquet")
    one, other = load_data(tmp_path / "t.parquet", target="y"), loaded(tmp_path, text_of(ROWS))
    assert one.fingerprint == other.fingerprint


GOOD = text_of(ROWS)
BAD = {
    "empty": ("", {}, "is empty"),
    "blank lines": ("\n \n", {}, "is empty"),
    "header without rows": ("a,b,y\n", {}, "a header, but no rows"),
    "target not there": (GOOD, {"target": "why"}, "no column 'why' for the target: did you mean 'y'|choose from"),
    "target not given": (GOOD, {"target": None}, "needs a target.* a, b, y"),
    "no position": (GOOD, {"target": "--1"}, "no column '--1' for the target"),
    "endless position": (GOOD, {"target": "9" * 5000}, "no column '999"),
    "position not there": (GOOD, {"target": 3}, "no column 3: use 0 to 2"),
    "constant target": (text_of([(i, i, "q") for i in range(20)]), {}, r"target 'y' is constant \(q"),
    "infinite": (GOOD + "inf,1,p\n", {}, "column 'a' is infinite.*row 41"),
    "minus infinite": (GOOD + "3,-inf,p\n", {}, "column 'b' is infinite.*row 41"),
    "beyond float32": (GOOD + "1e39,1,p\n", {}, "too large for float32 in row 41"),
    "target mostly missing": (GOOD + "1,1,\n2,2,NA\n" * 30, {}, r"'y' is missing in 60 of 100 rows \(empty or 'NA' in"),
    "text in a regression target": (
        text_of([(i, i, i / 3) for i in range(20)]) + "1,2,dear\n1,2,cheap\n",
        {"task": "regression"},
        "target 'y' is 'dear' in row 21",
    ),
    "one example": (GOOD + "1,1,r\n", {}, r"class 'r' has one example \(row 41\)"),
    "short line": (GOOD + "1,2\n", {}, "line 42 has 2 cells, but the first line 3"),
    "long line": (GOOD + "1,2,p,4\n", {}, "line 42 has 4 cells, but the first line 3"),
    "short line among quotes": (GOOD + '"1",2\n', {}, "line 42 has 2 cells, but the first line 3"),
    "open quote": (GOOD + '"1,2,p\n', {}, "line 42 has an unclosed quote"),
    "text after a quote": (GOOD + '"1"x,2,p\n', {}, "check its quotes"),
    "column name twice": (text_of(ROWS, header="a,a,y"), {}, r"more than one column 'a' \(columns 1 and 2\)"),
    "binary": (bytes(range(256)), {}, "not a text file"),
    "wrong encoding": (GOOD.encode() + b"1,1,\xe4\n", {}, "not UTF-8 text .byte 0xe4 at position"),
    "UTF-16": (GOOD.encode("utf-16"), {}, "UTF-16"),
    "too few rows": ("a,b,y\n1,2,0\n3,4,1\n", {}, "2 rows are too few"),
    "only the target": ("y\n" + "p\nq\n" * 9, {}, "no column is left"),
    "nothing usable": (text_of([(1, f"u{i}", "pq"[i % 2]) for i in range(20)]), {}, "no column is left.*constant"),
    "a pattern for a name": (text_of(ROWS, header="^a$,b,y"), {}, "reads as a pattern: rename it"),
    "no such weights": (GOOD, {"weights": "w"}, "no column 'w' for the weights"),
    "weights are the target": (GOOD, {"weights": "y"}, "both target and weights"),
    "text weights": (text_of([(i, "x", "pq"[i % 2]) for i in range(20)]), {"weights": "b"}, "must be numbers"),
    "negative weights": (text_of([(i, -i, "pq"[i % 2]) for i in range(20)]), {"weights": "b"}, "row 2"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_tables(tmp_path, case):
    content, options, message = BAD[case]
    with pytest.raises(DataError, match=message) as caught:
        loaded(tmp_path, content, **options)
    assert "\n" not in str(caught.value)


def test_bad_files(tmp_path):
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    (tmp_path / "t.parquet").write_bytes(b"junk")
    (tmp_path / "folder").mkdir()
    pl.DataFrame({"a": [], "y": []}).write_parquet(tmp_path / "none.parquet")
    for name, message in (
        ("t.xlsx", "unknown suffix '.xlsx'"),
        ("t.parquet", "not a readable Parquet"),
        ("folder", "is a folder"),
        ("none.parquet", "no rows"),
        ("gone.parquet", "no file"),
    ):
        with pytest.raises(DataError, match=message) as caught:
            load_data(tmp_path / name, target="y")
        assert "\n" not in str(caught.value)

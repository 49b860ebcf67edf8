"""Text files as programs write them: separators, quotes, headers of numbers, index columns, sizes."""

import contextlib
import csv

import numpy as np
import polars as pl
import pytest

from trainwell.core import DataError
from trainwell.data import load_data, load_rows

ROWS = [(i / 4, i % 5, "pq"[i % 2]) for i in range(40)]


def loaded(folder, text, **options):
    (folder / "t.csv").write_text(text)
    return load_data(folder / "t.csv", **({"target": "y", "split": "file-order"} | options))


def text_of(rows, header, separator=","):
    return "\n".join(separator.join(map(str, row)) for row in [header.split(","), *rows]) + "\n"


def inputs(data):
    return np.concatenate([part.inputs for part in (data.training, data.validation, data.open_test_split())])


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (lambda text: text.replace(",", " "), "blanks as separators"),
        (lambda text: "\n".join(f"  {line}  " for line in text.replace(",", "   ").split("\n")), "as separators"),
        (lambda text: "sep=;\n" + text.replace(",", ";"), ""),
        (lambda text: '"sep=|"\n' + text.replace(",", "|"), ""),
        (lambda text: "SEP=,\r\n" + text.replace("\n", "\r\n"), ""),
        (lambda text: "sep=\t\n" + text.replace(",", "\t"), ""),
        (lambda text: "\n" * 150 + text, ""),
        (lambda text: " \n\t\n" * 101 + text.replace("\n", "\n\n"), ""),
        (lambda text: text.replace(",p", ',"p"'), ""),
        (lambda text: "# exported 2024\n#\n# by us, at home\n" + text, "the first 3 lines are comments"),
    ],
)
def test_the_same_table_in_other_forms(tmp_path, change, note):
    plain = loaded(tmp_path, text_of(ROWS, "a,b,y"))
    other = loaded(tmp_path, change(text_of(ROWS, "a,b,y")))
    assert other.fingerprint == plain.fingerprint
    assert any(note in notice for notice in other.notices) == bool(note)


def test_decimal_commas_between_blanks(tmp_path):
    rows = [(f"{i},5", f"{i % 3},25", "pq"[i % 2]) for i in range(40)]
    data = loaded(tmp_path, text_of(rows, "a,b,y", " "))
    assert inputs(data).tolist() == [[i + 0.5, i % 3 + 0.25] for i in range(40)]


def test_blanks_within_cells_do_not_separate(tmp_path):
    rows = [("light blue" if i % 3 else "dark red", "pq"[i % 2]) for i in range(40)]
    assert loaded(tmp_path, text_of(rows, "hue name,y")).feature_names == ("hue name=dark red", "hue name=light blue")


def test_a_header_may_start_with_a_hash(tmp_path):
    data = loaded(tmp_path, "# exported\n" + text_of(ROWS, "#a,b,y"))
    assert data.feature_names == ("#a", "b")


def test_inch_marks(tmp_path):
    rows = [(i, ('5" pipe', '3" by 4"', "x", '"a ""b"", c"')[i % 4], "pq"[i % 2]) for i in range(40)]
    data = loaded(tmp_path, text_of(rows, "a,note,y"))
    assert data.feature_names == ("a", 'note=3" by 4"', 'note=5" pipe', 'note=a "b", c', "note=x")


def test_quoted_text_is_read_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("trainwell.data.sources.delimited_text.ROWS_AT_ONCE", 7)
    rows = [(i, f'"{i % 3}, two\nlines"', "pq"[i % 2]) for i in range(40)]
    data = loaded(tmp_path, text_of(rows, "a,b,y"))
    assert inputs(data).tolist() == [[i, *(i % 3 == k for k in range(3))] for i in range(40)]
    with pytest.raises(DataError, match="line 20 has 2 cells, but the first line 3"):  # each record has two lines
        loaded(tmp_path, text_of(rows, "a,b,y").replace('9,"0, two\nlines",q\n', '9,"0, two\nlines"\n'))


@pytest.mark.parametrize("quote", ["", '"'])
def test_long_cells(tmp_path, quote):
    before = csv.field_size_limit(131_072)
    try:
        long = "x" * 200_000
        rows = [(i, f"{quote}{long if i % 3 else 'short'}{quote}", "pq"[i % 2]) for i in range(30)]
        assert loaded(tmp_path, text_of(rows, "a,b,y")).num_features == 3
    finally:
        csv.field_size_limit(before)


def test_wide_tables(tmp_path):
    width = 3000
    values = np.arange(20)[:, None] * np.ones(width, int) + np.arange(width)
    rows = [(*row, "pq"[i % 2]) for i, row in enumerate(values.tolist())]
    names = ",".join([f"c{i}" for i in range(width)] + ["y"])
    assert np.array_equal(inputs(loaded(tmp_path, text_of(rows, names))), values)


# Headers


@pytest.mark.parametrize(
    ("header", "row", "is_header", "says"),
    [
        ("2019,2020,2021", lambda i: (i / 7, i / 9 + 0.01, i / 40 + 0.1), True, "taken as the column names"),
        ("0,1,2,3", lambda i: (i % 5, i % 7, i * 3 % 11, i % 2), True, "taken as the column names"),
        ("0,1,2", lambda i: (i / 7 + 0.01, i / 9 + 0.01, i / 41 + 0.1), True, "taken as the column names"),
        (",0,1,2,3", lambda i: (i, i % 7, i * 3 % 11, i % 4, i % 2), True, "taken as the column names"),
        ("2018,2020,2025", lambda i: (i, i % 7, i % 2), True, "taken as the column names"),
        ("name,2019,2020", lambda i: ("uvwxyz"[i % 6], i % 7, i % 2), True, "taken as the column names"),
        ("2,4", lambda i: (i, i % 7), False, "taken as a row (if it has the names: --header)"),
        ("1,2,3", lambda i: (i % 7, i % 3 + 1, i % 5), False, "taken as a row (if it has the names: --header)"),
        ("5,2,9", lambda i: (i % 7, i % 3 + 1, i % 11), False, ""),
        ("0.5,1,2", lambda i: (i / 7, i % 3, i % 5), False, ""),
        ("a,b,c", lambda i: ("u", "vw"[i % 2], "xyz"[i % 3]), True, "taken as the column names"),
        ("u,v,x", lambda i: ("u", "vw"[i % 2], "xyz"[i % 3]), False, ""),
        ("a,b,c", lambda i: ("u", f"{i},5", "$7"), True, ""),
        ("a,b,c", lambda i: ("u", "2024-01-01", "xyz"[i % 3]), True, ""),
    ],
)
def test_headers_of_numbers_and_of_text(header, row, is_header, says):
    from trainwell.data.sources.delimited_text import detect_header

    rows = [row(i) for i in range(30)]
    cells = [[None if cell == "" else cell for cell in header.split(",")], *[list(map(str, one)) for one in rows]]
    found, notice = detect_header(pl.DataFrame(cells, orient="row"))
    assert found == is_header
    assert (says in notice) if says else notice == ""


def test_the_targets_name_shows_a_header(tmp_path):
    rows = [("uvw"[i % 3], "pq"[i % 2]) for i in range(30)]
    assert loaded(tmp_path, text_of(rows, "a,y")).notices == ()
    assert "its texts do not occur below" in loaded(tmp_path, text_of(rows, "a,y"), target=-1).notices[0]
    assert len(inputs(loaded(tmp_path, text_of(rows, "u,y")))) == 30  # a name that is a value as well


def test_a_header_of_numbers_is_said_and_used(tmp_path):
    rows = [(i / 7, i / 9, i / 3) for i in range(30)]
    data = loaded(tmp_path, text_of(rows, "2019,2020,2021"), target="2021")
    assert (data.feature_names, len(inputs(data))) == (("2019", "2020"), 30)
    assert "the first line, 2019, 2020, 2021, is taken as the column names (if not: --no-header)" in data.notices[0]
    assert len(load_rows(tmp_path / "t.csv", data.preparation).inputs) == 30
    (tmp_path / "n.csv").write_text("\n".join(f"{i},2019,{i % 7}" for i in range(9)))  # a value that is a name
    with pytest.raises(DataError, match="none of the columns"):
        load_rows(tmp_path / "n.csv", data.preparation)


@pytest.mark.parametrize(("header", "start"), [(",a,y", 0), ("Unnamed: 0,a,y", 0), ('"",a,y', 1), (",a,y", 700)])
def test_an_index_without_a_name_is_dropped(tmp_path, header, start):
    rows = [(start + i, i % 7, "pq"[i % 2]) for i in range(40)]
    data = loaded(tmp_path, text_of(rows, header))
    assert data.feature_names == ("a",)
    assert any("has no name and only row numbers" in notice for notice in data.notices)
    assert load_rows(tmp_path / "t.csv", data.preparation).notices == ()
    named = loaded(tmp_path, text_of(rows, "column_0,a,y"))
    assert named.feature_names == ("column_0", "a")
    again = [(i % 20, i % 7, "pq"[i % 2]) for i in range(40)]  # no index: it repeats
    assert len(loaded(tmp_path, text_of(again, header)).feature_names) == 2


def test_the_index_of_a_parquet_file_is_dropped(tmp_path):
    columns = {"a": [i % 7 for i in range(40)], "y": ["p", "q"] * 20, "__index_level_0__": list(range(40))}
    pl.DataFrame(columns).write_parquet(tmp_path / "t.parquet")
    assert load_data(tmp_path / "t.parquet", target="y").feature_names == ("a",)


def test_a_headerless_model_sees_a_header(tmp_path):
    rows = [(i, i % 7, "pq"[i % 2]) for i in range(40)]
    (tmp_path / "t.csv").write_text(text_of(rows, "0,1,p"))
    preparation = load_data(tmp_path / "t.csv", target=2, header=False).preparation
    bare = load_rows(tmp_path / "t.csv", preparation)
    (tmp_path / "headed.csv").write_text("id,size,kind\n" + text_of(rows, "0,1,p"))
    headed = load_rows(tmp_path / "headed.csv", preparation)
    assert np.array_equal(headed.inputs, bare.inputs)
    assert np.array_equal(headed.targets, bare.targets)
    assert "the first line of headed.csv is taken as column names" in headed.notices[0]
    assert len(load_rows(tmp_path / "headed.csv", preparation, header=False).inputs) == 42
    pl.DataFrame(rows, schema=["id", "size", "kind"], orient="row").write_parquet(tmp_path / "n.parquet")
    for named in (
        load_rows(tmp_path / "n.parquet", preparation),
        load_rows(tmp_path / "headed.csv", preparation, header=True),
    ):
        assert np.array_equal(named.inputs[-40:], bare.inputs[-40:])
        assert "has column names, the training file had none: columns are matched by position" in named.notices[0]


def test_a_class_that_training_lacks_is_said(tmp_path):
    rows = [(i, "pqr"[2 if i > 36 else i % 2]) for i in range(40)]
    data = loaded(tmp_path, text_of(rows, "a,y"), split="file-order")
    assert any("class 'r' has no row in the training split and cannot be learned" in notice for notice in data.notices)
    assert not any("cannot be learned" in n for n in loaded(tmp_path, text_of(rows, "a,y"), split="stratified").notices)


# Parquet


def test_names_are_no_patterns(tmp_path):
    wanted = pl.DataFrame({"a": list(range(72)), "y": ["p", "q"] * 36})
    wanted.write_parquet(tmp_path / "sales[1].parquet")
    wanted.head(12).write_parquet(tmp_path / "sales1.parquet")
    wanted.write_parquet(tmp_path / "x*.parquet")
    wanted.head(12).write_parquet(tmp_path / "x1.parquet")
    for name in ("sales[1].parquet", "x*.parquet"):
        data = load_data(tmp_path / name, target="y")
        assert len(inputs(data)) == 72
        assert len(load_rows(tmp_path / name, data.preparation).inputs) == 72


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
def test_damaged_parquet_ends_in_no_other_error(tmp_path, cut):
    pl.DataFrame({"a": list(range(72)), "y": ["p", "q"] * 36}).write_parquet(tmp_path / "t.parquet")
    content = bytearray((tmp_path / "t.parquet").read_bytes())
    for start in range(int(len(content) * cut), int(len(content) * cut) + 40):
        content[start] ^= 0xFF
    (tmp_path / "t.parquet").write_bytes(content)
    with contextlib.suppress(DataError):  # or its values were changed, which nothing can tell
        load_data(tmp_path / "t.parquet", target="y")


def test_parquet_types_that_are_no_numbers(tmp_path):
    columns = {
        "big": pl.Series([2**100 + i % 3 for i in range(40)], dtype=pl.Int128),
        "wide": pl.Series([i % 7 for i in range(40)], dtype=pl.Int128),
        "text": pl.Series([b"u", b"v"] * 20),
        "bytes": pl.Series([b"\xff", b"v"] * 20),
        "price": pl.Series([str(i / 4) for i in range(40)]).cast(pl.Decimal(10, 2)),
        "level": pl.Series(["lo", "hi"] * 20, dtype=pl.Enum(["lo", "hi"])),
        "time": pl.Series(range(40)).cast(pl.Duration),
        "pair": [{"u": 1}] * 40,
        "none": pl.Series([None] * 40, dtype=pl.Null),
        "w": pl.Series([1, 2] * 20, dtype=pl.Int128),
        "y": ["p", "q"] * 20,
    }
    pl.DataFrame(columns).write_parquet(tmp_path / "t.parquet")
    data = load_data(tmp_path / "t.parquet", target="y", weights="w", split="file-order")
    big = tuple(f"big={2**100 + i}" for i in range(3))
    assert data.feature_names == ("wide", "price", *big, "text=u", "text=v", "level=hi", "level=lo")
    assert data.training.weights[:4].tolist() == [1, 2, 1, 2]
    said = " / ".join(data.notices)
    for name in ("bytes", "time", "pair", "none"):
        assert f"dropped column '{name}'" in said
    with pytest.raises(DataError, match=r"column 'time' must hold numbers, got Duration"):
        load_data(tmp_path / "t.parquet", target="y", weights="time")
    for name in ("time", "pair", "bytes"):
        with pytest.raises(DataError, match=f"column '{name}' has values of type"):
            load_data(tmp_path / "t.parquet", target=name)


def test_answers_of_another_type_are_not_scored(tmp_path):
    columns = {"x": list(range(40)), "n": [i / 7 for i in range(40)], "y": ["p", "q"] * 20}
    pl.DataFrame(columns).write_parquet(tmp_path / "t.parquet")
    for target in ("n", "y"):
        preparation = load_data(tmp_path / "t.parquet", target=target).preparation
        for values in (pl.Series(range(40)).cast(pl.Duration), [[1]] * 40, [b"\xff"] * 40, [{"u": 1}] * 40):
            pl.DataFrame(columns | {target: values}).write_parquet(tmp_path / "n.parquet")
            rows = load_rows(tmp_path / "n.parquet", preparation)
            assert (len(rows.inputs), len(rows.scored)) == (40, 0)
            assert "40 of 40 rows are predicted but not scored: 40 have" in rows.notices[0]


@pytest.mark.parametrize("count", [20, 21])
def test_many_numbers_as_text_in_parquet_are_said(tmp_path, count):
    numbers = [str(i % count / 4) for i in range(100)]
    columns = {"x": numbers, "code": [f"0{i % count}" for i in range(100)], "y": ["p", "q"] * 50, "price": numbers}
    pl.DataFrame(columns).write_parquet(tmp_path / "t.parquet")
    said = [text for text in load_data(tmp_path / "t.parquet", target="y").notices if "stored as text" in text]
    assert [text.split("'")[1] for text in said] == (["x", "price"] if count == 21 else [])
    of_target = load_data(tmp_path / "t.parquet", target="price").notices
    assert any("target 'price' is taken as labels; its cells are numbers" in text for text in of_target) == (
        count == 21
    )


@pytest.mark.parametrize(("lines", "said"), [("1\n\n3\n", True), ("1\n2\n\n\n", False)])
def test_blank_lines_of_a_single_column_are_said(tmp_path, lines, said):
    preparation = loaded(tmp_path, text_of([(i, "pq"[i % 2]) for i in range(40)], "a,y")).preparation
    (tmp_path / "n.csv").write_text("a\n" + lines)
    rows = load_rows(tmp_path / "n.csv", preparation)
    assert len(rows.inputs) == 2
    assert rows.notices == (("n.csv has one column; its blank lines (1) are ignored",) if said else ())


@pytest.mark.parametrize("separator", ["é", "€", "\u00a0"])
def test_separators_of_several_bytes_end_in_a_line(tmp_path, separator):
    with pytest.raises(DataError):
        loaded(tmp_path, f"sep={separator}\n" + text_of(ROWS, "a,b,y").replace(",", separator))


@pytest.mark.parametrize("name", ["*", "^b$"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_names_that_polars_takes_for_several_columns(tmp_path, name, kind):
    frame = pl.DataFrame({"b": [i % 7 for i in range(40)], "y": ["p", "q"] * 20}).with_columns(pl.lit(1).alias(name))
    (frame.write_csv if kind == "csv" else frame.write_parquet)(tmp_path / f"t.{kind}")
    with pytest.raises(DataError, match="which polars reads as a pattern: rename it"):
        load_data(tmp_path / f"t.{kind}", target="y")


# Kept columns


def test_columns_to_keep(tmp_path):
    rows = [(f"{i:03}", i % 7, "pq"[i % 2]) for i in range(40)]
    data = loaded(tmp_path, text_of(rows, "id,a,y"))
    kept = load_rows(tmp_path / "t.csv", data.preparation, keep=["id", -1]).kept
    assert kept.columns == ["id", "y"]
    assert kept["id"].to_list() == [f"{i:03}" for i in range(40)]
    with pytest.raises(DataError, match="no column 'name' for the kept column"):
        load_rows(tmp_path / "t.csv", data.preparation, keep=["name"])
    with pytest.raises(DataError, match="iris has no named columns to keep"):
        load_rows("iris", load_data("iris").preparation, keep=["id"])

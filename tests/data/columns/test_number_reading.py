"""How numbers are written: one reading per column, from all of its cells, the other columns and the separator."""

import numpy as np
import polars as pl
import pytest

from trainwell.core import DataError
from trainwell.data import from_arrays, load_data, load_rows
from trainwell.data.columns.number_reading import PLAIN, NumberReading, decide_readings

DECIMALS = ["0,5", "1,25", "3,125"]
POINTS = ["0.5", "1.25", "3.125"]


def read(cells, separator=",", others=()):
    """The numbers of a column, or None if it is none, and how it was decided."""
    table = pl.DataFrame({"x": cells, **{f"o{i}": [other[0]] * len(cells) for i, other in enumerate(others)}})
    decision = decide_readings(table, separator)["x"]
    return (decision.reading.read(table["x"]).to_list() if decision.is_number else None), decision


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1e3", "-2.5", "+.5", "7."], [1000, -2.5, 0.5, 7]),
        (["1,5", "-0,25", "3"], [1.5, -0.25, 3]),
        (["1,5E-03", "2,25e+2"], [0.0015, 225]),
        (["1,257E-04", "-2,500E+01", "3E2"], [0.0001257, -25, 300]),
        (["1,200", "950", "1,200.50"], [1200, 950, 1200.5]),
        (["1,234,567", "-2,000"], [1234567, -2000]),
        (["6.924,41", "12", "-1.000.000"], [6924.41, 12, -1000000]),
        (["1.200.000", "1.000"], [1200000, 1000]),
        (["1 200", "13 000,5", "7"], [1200, 13000.5, 7]),
        (["1\u00a0200", "13\u202f000.5"], [1200, 13000.5]),
        (["1'200.50", "3", "1’000’000"], [1200.5, 3, 1000000]),
        (["1e5", "1,200", "2.5E-1"], [1e5, 1200, 0.25]),
        (["$1,200.50", "$ 12", "-$5", "$-5", "7"], [1200.5, 12, -5, -5, 7]),
        (["12 €", "1.299,00 €", "€ 3"], [12, 1299, 3]),
        (["EUR 5", "6,50 EUR"], [5, 6.5]),
        (["R$ 5", "6"], [5, 6]),
        (["(1,200)", "(0.5)", "1,300.5", "-2"], [-1200, -0.5, 1300.5, -2]),
        (["($5.00)", "$7", "(3)", "$(2)"], [-5, 7, -3, -2]),
        (["(1.234,5) €", "1 €", "(7 €)"], [-1234.5, 1, -7]),
        (["(12)%", "5%", "(3%)"], [-12, 5, -3]),
        (["(-1)", "f(2)", "(3"], None),
        (["\u22125", "1e\u22123", "7"], [-5, 0.001, 7]),
        (["(1)", "(2)"], None),
        (["50%", "3.5 %", "-1%"], [50, 3.5, -1]),
        (["33,3%", "5%"], [33.3, 5]),
    ],
)
def test_numbers_as_people_write_them(cells, numbers):
    assert read(cells)[0] == numbers


@pytest.mark.parametrize(
    "cells",
    [
        ["a", "b"],
        ["12,00", "1,2,3"],
        ["1,20,000", "5"],  # no groups of three
        ["50%", "0.5"],  # a share beside a percentage
        ["$5", "€5"],
        ["2021-01-02", "2021-03-04"],
        ["1 2", "3 4"],
        ["12:30", "1:15"],
        ["1.2.3", "1.2.4"],
    ],
)
def test_what_is_no_number(cells):
    assert read(cells)[0] is None


@pytest.mark.parametrize(
    ("cells", "separator", "others", "numbers", "doubt"),
    [
        (["1.029", "992"], ",", [], [1.029, 992], ""),
        (["1.029", "992"], ";", [], [1029, 992], "the file's separator is ';'"),
        (["1.029", "992"], ";", [POINTS], [1.029, 992], "other columns have decimal points"),
        (["1.029", "992"], ",", [DECIMALS], [1029, 992], "other columns have decimal commas"),
        (["1.029", "9920"], ";", [], [1.029, 9920], ""),  # thousands without a point prove that points are decimal
        (["1.029", "0.992"], ";", [], [1.029, 0.992], ""),
        (["1.0291", "1.029"], ";", [], [1.0291, 1.029], ""),
        (["1,234", "9"], ",", [], [1234, 9], "the file's separator is ','"),
        (["1,234", "9"], "\t", [DECIMALS], [1.234, 9], "other columns have decimal commas"),
        (["1,234", "9"], ";", [], [1.234, 9], "the file's separator is ';'"),
        (["1,234", "9"], ";", [POINTS], [1234, 9], "other columns have decimal points"),
        (["1,234", "0,5"], ",", [], [1.234, 0.5], ""),
        (["1e5", "1,200"], ",", [], [1e5, 1200], "the file's separator is ','"),
        (["1e5", "1,200"], ";", [], [1e5, 1.2], "the file's separator is ';'"),
        (["1,234", "12000"], ",", [], [1234, 12000], "the file's separator is ','"),
    ],
)
def test_points_and_commas_that_could_be_either(cells, separator, others, numbers, doubt):
    found, decision = read(cells, separator, others)
    assert found == numbers
    assert decision.doubt == (f"because {doubt}" if doubt else "")


def test_proofs_that_contradict_each_other_leave_it_to_the_separator():
    assert read(["1.029", "992"], ";", [POINTS, DECIMALS])[0] == [1029, 992]
    assert read(["1.029", "992"], ",", [POINTS, DECIMALS])[0] == [1.029, 992]


@pytest.mark.parametrize(("bad", "is_number"), [(0, True), (1, True), (4, True), (6, False)])
def test_a_few_cells_may_be_no_numbers(bad, is_number):
    found, decision = read(["1,5"] * (100 - bad) + ["n.d."] * bad)
    assert (found is not None, decision.unreadable) == (is_number, bad)


def test_an_expected_reading_decides_what_is_open():
    table, thousands = pl.DataFrame({"x": ["1.029", "992"], "o": ["0.5", "1"]}), NumberReading(",", ".")
    alone = decide_readings(table[["x"]], ",", {"x": thousands})["x"]
    assert alone.reading == thousands
    assert decide_readings(table, ",", {"x": thousands})["x"].reading == PLAIN  # the file proves decimal points
    assert decide_readings(pl.DataFrame({"x": ["0.5"]}), ",", {"x": thousands})["x"].reading == PLAIN


def written(folder, cells, name="t.csv", separator=",", target=None):
    """A file of a column `x`, a plain one, and the target."""
    quoted = [f'"{cell}"' if separator in cell else cell for cell in cells]
    target = target or [f"{i % 7 + 0.5}" for i in range(len(cells))]
    rows = [separator.join([cell, str(i % 5), t]) for i, (cell, t) in enumerate(zip(quoted, target, strict=True))]
    (folder / name).write_text("\n".join([separator.join(["x", "z", "y"]), *rows]))
    return folder / name


def column(data):
    parts = (data.training, data.validation, data.open_test_split())
    return np.concatenate([part.inputs[:, 0] for part in parts]).tolist()


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda i: f"${1000 + i:,}.00", "commas between thousands, '$' ('$1,000.00' is 1000)"),
        (lambda i: f"{i}%", "percent ('0%' is 0)"),
        (lambda i: f"{i},5", "decimal commas ('0,5' is 0.5)"),
        (lambda i: f"({20 - i})" if i < 20 else f"{i - 20}", "negative ones in brackets ('(20)' is -20)"),
    ],
)
def test_a_reading_is_said_stored_and_used_again(tmp_path, write, says):
    cells = [write(i) for i in range(40)]
    data = load_data(written(tmp_path, cells), target="y", split="file-order")
    assert data.feature_names == ("x", "z")
    assert f"column 'x': read as numbers with {says}" in " / ".join(data.notices)
    assert np.diff(column(data)).tolist() == [1] * 39
    again = type(data.preparation).from_files(data.preparation.to_files())
    (tmp_path / "one.csv").write_text(f'x,z\n"{cells[7]}",1\n')  # alone, it could be many things
    assert load_rows(tmp_path / "one.csv", again).inputs[0, 0] == column(data)[7]


def test_another_way_of_writing_at_prediction_is_said(tmp_path):
    data = load_data(written(tmp_path, [f"{i}.5" for i in range(40)]), target="y", split="file-order")
    path = written(tmp_path, [f"{i},5" for i in range(40)], "n.csv", ";", ["0,5"] * 40)
    rows = load_rows(path, data.preparation)
    assert rows.inputs[:, 0].tolist() == column(data)
    assert "column 'x': read as numbers with decimal commas ('0,5' is 0.5)" in rows.notices
    np.testing.assert_allclose(data.preparation.decode(rows.targets), 0.5, rtol=1e-6)
    frame = pl.DataFrame({"x": [0.5], "z": [1]})
    percents = load_data(written(tmp_path, [f"{i}%" for i in range(40)]), target="y").preparation
    assert "50 is taken as 50%" in percents.transform(frame)[1][0]


def test_other_columns_decide_how_answers_are_written(tmp_path):
    target = [f"{1000 + 37 * i}" for i in range(40)]
    preparation = load_data(written(tmp_path, [f"{i}.5" for i in range(40)], target=target), target="y").preparation
    asked = [f"{1000 + 37 * i:,}".replace(",", ".") for i in range(40)]
    rows = load_rows(written(tmp_path, [f"{i},5" for i in range(40)], "n.csv", ";", asked), preparation)
    np.testing.assert_allclose(preparation.decode(rows.targets), list(map(float, target)), rtol=1e-6)
    assert any("column 'y': read as numbers with decimal commas, points" in notice for notice in rows.notices)


def test_targets_with_separators_are_quantities(tmp_path):
    prices = [f"{1000 + 37 * i:,}" for i in range(40)]
    path = written(tmp_path, [str(i) for i in range(40)], target=[f'"{price}"' for price in prices])
    data = load_data(path, target="y", split="file-order")
    values = data.preparation.decode(data.training.targets)
    np.testing.assert_allclose(values, [1000 + 37 * i for i in range(len(values))], rtol=1e-6)
    rows = load_rows(path, data.preparation)
    assert len(rows.scored) == 40
    few = [prices[i % 3] for i in range(40)]
    data = load_data(written(tmp_path, few, target=[f'"{price}"' for price in few]), target="y")
    assert data.class_names == ("1,000", "1,037", "1,074")  # as they are in the file
    assert load_rows(tmp_path / "t.csv", data.preparation).targets.tolist() == [i % 3 for i in range(40)]


def test_decimal_commas_for_a_network_of_arrays(tmp_path):
    preparation = from_arrays(np.arange(80).reshape(40, 2) / 4, ["a", "b"] * 20, feature_names=["u", "v"]).preparation
    (tmp_path / "t.csv").write_text("v;u;target\n0,5;1.000;a\n1,25;2;b\n")
    rows = load_rows(tmp_path / "t.csv", preparation)
    assert (rows.inputs.tolist(), rows.targets.tolist()) == ([[1000, 0.5], [2, 1.25]], [0, 1])
    (tmp_path / "t.csv").write_text("v;u\n0,5;old\n")
    with pytest.raises(DataError, match="column 'u' is numeric, but row 1 has the text 'old'"):
        load_rows(tmp_path / "t.csv", preparation)


def test_how_weights_are_written_is_said(tmp_path):
    path = written(tmp_path, [f"{1 + i % 2},5" for i in range(40)], separator=";")
    data = load_data(path, target="y", weights="x", split="file-order")
    assert data.training.weights[:2].tolist() == [1.5, 2.5]
    assert any("column 'x': read as numbers with decimal commas" in notice for notice in data.notices)


def test_prices_taken_for_labels_are_said(tmp_path):
    prices = ["ask" if i % 7 == 0 else f"${100 + i}.50" for i in range(40)]
    path = written(tmp_path, [str(i) for i in range(40)], target=prices)
    with pytest.raises(
        DataError, match=r"has one example .*; most of its cells are numbers, but row 1 has 'ask' \(6 su"
    ):
        load_data(path, target="y")


@pytest.mark.parametrize("footer", ["Total,,", "Total,,820.5"])
def test_a_footer_costs_one_row_or_one_cell(tmp_path, footer):
    path = written(tmp_path, [str(i) for i in range(40)])
    path.write_text(path.read_text() + "\n" + footer)
    data = load_data(path, target="y")
    assert data.feature_names == ("x", "z")
    said = " / ".join(data.notices)
    assert ("dropped 1 row of 41 without a target" in said) == footer.endswith(",,")
    assert ("1 of 41 cells are not numbers (row 41: 'Total')" in said) == (not footer.endswith(",,"))


@pytest.mark.parametrize("reads", ["train", "predict"])
def test_infinite_cells(tmp_path, reads):
    path = written(tmp_path, [str(i) for i in range(40)])
    preparation = load_data(path, target="y", split="file-order").preparation
    path.write_text(path.read_text().replace("\n7,", "\ninf,"))
    if reads == "train":
        with pytest.raises(DataError, match="column 'x' is infinite in row 8"):
            load_data(path, target="y")
    else:
        rows = load_rows(path, preparation)
        assert rows.inputs[7, 0] == np.median(range(28))
        assert any("1 of 40 cells are not numbers ('inf' in row 8)" in notice for notice in rows.notices)

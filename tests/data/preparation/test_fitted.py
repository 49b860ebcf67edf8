"""Data that are prepared as another network's were."""

import numpy as np
import polars as pl
import pytest

from trainwell.core import DataError
from trainwell.data import Dataset, FittedInputs, from_arrays, load_data

OLD = ["size,colour,weight,kind", *(f"{i},{'rgb'[i % 3]},{i * i},{'xy'[i % 2]}" for i in range(24))]
NEW = ["colour,weight,taste,size", *(f"{'gb'[i % 2]},{5 - i},{'mn'[i % 2]},{i}" for i in range(16))]


def like(dataset: Dataset) -> FittedInputs:
    return FittedInputs(dataset.preparation.inputs, "standardize", *dataset.scaling("standardize"))


@pytest.fixture
def old(tmp_path):
    (tmp_path / "old.csv").write_text("\n".join(OLD))
    return load_data(tmp_path / "old.csv", target="kind")


def loaded(tmp_path, lines, old, target="taste", **options):
    (tmp_path / "new.csv").write_text("\n".join(lines))
    return load_data(tmp_path / "new.csv", target=target, like=like(old), **options)


def test_columns_are_found_by_name_and_encoded_and_scaled_as_they_were(tmp_path, old):
    data = loaded(tmp_path, NEW, old, split="file-order", validation=3, test=3)
    assert data.feature_names == old.feature_names
    expected, _ = old.preparation.transform(pl.read_csv(tmp_path / "new.csv").drop("taste"))
    np.testing.assert_array_equal(data.training.inputs, expected[:10])
    assert data.training.inputs[:, -3:].sum(1).tolist() == [1] * 10  # three colours, though these rows have two
    np.testing.assert_array_equal(data.scaling("standardize"), old.scaling("standardize"))
    assert data.class_names == ("m", "n")
    assert data.notices[-1].startswith("inputs are prepared as for the network to start from")


def test_what_it_saves_reads_the_new_file(tmp_path, old):
    from trainwell.data import load_rows

    data = loaded(tmp_path, NEW, old)
    rows = load_rows(tmp_path / "new.csv", data.preparation)
    assert (len(rows.scored), rows.notices) == (16, ())


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([line.rpartition(",")[0] for line in NEW], "the table lacks column 'size' of the 3 that the network"),
        (["extra," + NEW[0], *(f"1{i}," + line for i, line in enumerate(NEW[1:]))], "the table has column 'extra'"),
        (["a,b,taste,c", *NEW[1:]], "the table lacks columns 'size', 'colour', 'weight'|'weight'"),
    ],
)
def test_other_columns_are_one_line(tmp_path, old, lines, says):
    with pytest.raises(DataError, match=says) as raised:
        loaded(tmp_path, lines, old)
    assert "\n" not in str(raised.value)


def test_arrays_must_be_of_the_same_kind_and_width(tmp_path, old):
    images = from_arrays(np.arange(240, dtype=np.uint8).reshape(40, 6), ["a", "b"] * 20)
    for rows, says in (
        (np.zeros((40, 5), np.uint8), "5 columns of bytes, but the network to start from needs 6 of bytes"),
        (np.zeros((40, 6)), "6 columns of numbers, but the network to start from needs 6 of bytes"),
    ):
        with pytest.raises(DataError, match=says):
            from_arrays(rows, ["a", "b"] * 20, like=like(images))
    with pytest.raises(DataError, match="arrays have no column names"):
        from_arrays(np.zeros((40, 3)), ["a", "b"] * 20, like=like(old))


def test_a_table_of_pixels_for_a_network_trained_on_bytes(tmp_path):
    images = from_arrays(np.arange(240, dtype=np.uint8).reshape(40, 6), ["a", "b"] * 20)
    lines = ["p,q,r,s,t,u,y", *(f"{i},0,255,{i},7,9,{'mn'[i % 2]}" for i in range(20))]
    data = loaded(tmp_path, lines, images, target="y")
    assert data.training.inputs.dtype == np.uint8
    fractions = ["p,q,r,s,t,u,y", *(f"{i / 20},0,1,0.5,0.1,0,{'mn'[i % 2]}" for i in range(20))]
    with pytest.raises(DataError, match="trained on bytes, but the table has fractions"):
        loaded(tmp_path, fractions, images, target="y")

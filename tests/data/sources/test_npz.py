"""NPZ archives."""

import io
import os
import struct
import zipfile

import numpy as np
import pytest

from trainwell.core import DataError
from trainwell.data import from_arrays, load_data, load_rows
from trainwell.data.sources import npz

X = np.random.default_rng(0).normal(size=(30, 3))
Y = np.arange(30) % 2


def saved(folder, **arrays):
    np.savez(folder / "t.npz", **arrays)
    return folder / "t.npz"


@pytest.mark.parametrize("names", [("X", "y"), ("inputs", "targets"), ("x", "y"), ("data", "labels")])
def test_inputs_and_targets(tmp_path, names):
    data = load_data(saved(tmp_path, **dict(zip(names, (X, Y), strict=True))), split="file-order")
    assert np.array_equal(data.training.inputs, X[: len(data.training)].astype(np.float32))
    assert (data.class_names, data.name) == (("0", "1"), "t")


@pytest.mark.parametrize("prefix", ["x", "X"])
def test_own_splits(tmp_path, prefix):
    arrays = {f"{prefix}_train": X, "y_train": Y, f"{prefix}_test": X[:4] + 1, "y_test": Y[:4]}
    data = load_data(saved(tmp_path, **arrays), validation=5)
    assert (len(data.training), len(data.validation)) == (25, 5)
    assert np.array_equal(data.open_test_split().inputs, (X[:4] + 1).astype(np.float32))
    arrays |= {f"{prefix}_val": X[:3] + 2, "y_val": Y[:3]}
    data = load_data(saved(tmp_path, **arrays))
    assert len(data.training) == 30
    assert np.array_equal(data.validation.inputs, (X[:3] + 2).astype(np.float32))
    with pytest.raises(DataError, match="validation set of its own"):
        load_data(saved(tmp_path, **arrays), validation=5)


def test_images_and_other_arrays(tmp_path):
    images = np.zeros((30, 4, 4), np.uint8)
    images[:, 0, 0] = np.arange(30)
    data = load_data(saved(tmp_path, X=images, y=Y, note=np.zeros(2)))
    assert (data.training.inputs.dtype, data.num_features) == (np.uint8, 16)
    assert any("ignored note" in notice for notice in data.notices)


def with_value(array, index, value):
    changed = array.astype(np.float64)
    changed[index] = value
    return changed


BAD = {
    "NaN in the inputs": ({"X": with_value(X, (4, 1), np.nan), "y": Y}, r"X: row 5, column 2 \(from 1\) is missing"),
    "NaN in the target": ({"X": X, "y": with_value(Y * 0.5, 3, np.nan)}, "y is missing in row 4"),
    "infinite": ({"X": with_value(X, (2, 2), np.inf), "y": Y}, "row 3, column 3 .* infinite"),
    "other length": ({"X": X, "y": Y[:20]}, "X have 30 rows, but y 20"),
    "objects": ({"X": np.array([{}] * 30), "y": Y}, "Python objects"),
    "other names": ({"first": X, "second": Y}, "has first, second: save inputs and targets"),
    "no targets": ({"X": X}, "no targets"),
    "text": ({"X": X.astype(str), "y": Y}, "X must be numbers"),
    "one dimension": ({"X": X[:, 0], "y": Y}, r"got shape \(30,\)"),
    "test set of another width": (
        {"x_train": X, "y_train": Y, "x_test": X[:4, :2], "y_test": Y[:4]},
        "test inputs are 2 columns",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arrays_in_a_file(tmp_path, case):
    arrays, message = BAD[case]
    with pytest.raises(DataError, match=message) as caught:
        load_data(saved(tmp_path, **arrays))
    assert "\n" not in str(caught.value)


def test_damaged_archives(tmp_path):
    whole = saved(tmp_path, X=X, y=Y).read_bytes()
    path = tmp_path / "damaged.npz"
    for content in (b"", b"junk", whole[:300], whole[:-40]):
        path.write_bytes(content)
        with pytest.raises(DataError, match="not a readable NPZ"):
            load_data(path)
    np.save(tmp_path / "one.npy", X)
    path.write_bytes((tmp_path / "one.npy").read_bytes())
    with pytest.raises(DataError, match="single array"):
        load_data(path)


def npy(array=X, header=None):
    """An array as NumPy stores it, perhaps with another header."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asarray(array), (1, 0))
    content = buffer.getvalue()
    if header is None:
        return content
    start = 10 + int.from_bytes(content[8:10], "little")
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + content[start:]


def zipped(path, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


HEADER = b"{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n"
HEADERS = {
    "ten terabytes": (
        HEADER % (b"<f8", b"1250000000000, 1"),
        "720 bytes, but by its header it should have 10,000,000,0",
    ),
    "shape that overflows": (HEADER % (b"<f8", b"9" * 18 + b", " + b"9" * 18), "by its header it should have"),
    "digits without end": (HEADER % (b"<f8", b"9" * 5000), "damaged header"),
    "nothing to hold very many rows": (HEADER % (b"<U0", b"1000000000000,"), "X has 720 bytes"),
    "negative shape": (HEADER % (b"<f8", b"-3, 3"), "damaged header"),
    "unclosed": (b"{'descr': '<f8', 'shape': (30, 3", "damaged header"),
    "tokens": (b"{'descr': '<f8', 'fortran_order': False, 'shape': (30, 3), \"\"\"", None),  # NumPy's parser fails
    "nested": (b"(" * 9000, "damaged header"),
    "no type": (HEADER % (b"<f77", b"30, 3"), "unknown type '<f77'"),
    "fields": (b"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (90,), }", "named fields"),
    "objects": (HEADER % (b"|O", b"90"), "Python objects"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_headers_of_arrays(tmp_path, case):
    header, message = HEADERS[case]
    path = zipped(tmp_path / "d.npz", {"X": npy(header=header), "y": npy(Y)})
    if message is None:
        assert np.array_equal(npz.read_npz(path).inputs, X)
        return
    with pytest.raises(DataError, match=message):
        load_data(path)


@pytest.mark.parametrize("array", [X.T.copy().T, X[::2], X.astype(np.float16), X > 0, X.astype(">f4"), Y.astype(str)])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_are_read_as_numpy_reads_them(tmp_path, array, save):
    save(tmp_path / "d.npz", X=array, y=Y, unused=np.array([{}]))
    found = npz.read_npz(tmp_path / "d.npz").inputs
    assert (found.dtype, found.tobytes()) == (array.dtype, array.tobytes())


def test_what_zip_archives_can_be(tmp_path):
    whole = zipped(tmp_path / "whole.npz", {"X": npy(), "y": npy(Y)}).read_bytes()
    first, directory = whole.index(b"PK\3\4"), whole.index(b"PK\1\2")
    other_method = whole[: directory + 10] + b"\x63\0" + whole[directory + 12 :]
    encrypted = whole[: directory + 8] + b"\1\0" + whole[directory + 10 :]
    damaged = whole[: first + 60] + b"\xff\xff" + whole[first + 62 :]
    claims = whole[: directory + 24] + struct.pack("<I", 4_000_000_000) + whole[directory + 28 :]
    for content, message in (
        (other_method, "a compression that NumPy does not use"),
        (encrypted, "is encrypted"),
        (damaged, "not a readable NPZ file"),
        (claims, "unpack to [0-9,.]+ (times the size of the file|GB)"),
        (whole[: directory + 40], "not a readable NPZ"),
    ):
        (tmp_path / "d.npz").write_bytes(content)
        with pytest.raises(DataError, match=message) as caught:
            load_data(tmp_path / "d.npz")
        assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="a compression that"):
        load_data(zipped(tmp_path / "d.npz", {"X": npy(), "y": npy(Y)}, zipfile.ZIP_LZMA))


def test_what_does_not_fit_into_memory_is_not_unpacked(tmp_path, monkeypatch):
    path = zipped(tmp_path / "d.npz", {"X": npy(np.zeros((3000, 3))), "y": npy(np.arange(3000) % 2)})
    assert len(npz.read_npz(path).inputs) == 3000
    monkeypatch.setattr(npz, "total_memory", lambda: 150_000)
    with pytest.raises(
        DataError, match=r"X and y unpack to 0\.0 GB, but this machine can hold at most 0\.0 GB of data"
    ):
        load_data(path)
    monkeypatch.undo()
    monkeypatch.setattr(npz, "FREELY", 1000)
    monkeypatch.setattr(npz, "MOST_RATIO", 5)
    with pytest.raises(DataError, match=r"unpack to [0-9]+ times the size of the file"):
        load_data(path)


def test_a_pipe_or_a_folder_is_no_archive(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(DataError, match="is a pipe"):
        load_data(tmp_path / "pipe.npz")
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(DataError, match="is a folder"):
        load_data(tmp_path / "folder.npz")


@pytest.mark.parametrize(
    "labels",
    [np.array([b"no", "ja ✓".encode()] * 15), np.array([b"no", "ja ✓".encode()] * 15, object), ["no", "ja ✓"] * 15],
)
def test_labels_that_are_bytes_become_text(tmp_path, labels):
    data = from_arrays(X, labels)
    assert data.class_names == ("ja ✓", "no")
    if isinstance(labels, np.ndarray) and labels.dtype.kind == "S":
        data = load_data(saved(tmp_path, X=X, y=labels))
        assert data.class_names == ("ja ✓", "no")
        rows = load_rows(tmp_path / "t.npz", data.preparation)
        assert rows.targets.tolist() == [1, 0] * 15


def test_bytes_that_are_no_text():
    with pytest.raises(DataError, match="targets has bytes that are not UTF-8 text"):
        from_arrays(X, np.array([b"\xff", b"no"] * 15))


def test_empty_arrays_of_any_shape():
    for shape in ((0, 3), (10**12, 0), (0, 10**12), (3, 0, 5)):
        with pytest.raises(DataError, match="are empty, shape"):
            from_arrays(np.zeros(shape), np.zeros(3))

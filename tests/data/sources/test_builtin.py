"""IDX files, where image sets are looked for, and the real MNIST where it is at hand."""

import gzip
import hashlib
import os
import struct
import tracemalloc

import numpy as np
import pytest

from trainwell.core import DataError
from trainwell.data import from_arrays, input_scaling, load_data, load_rows
from trainwell.data.sources import builtin, download
from trainwell.data.sources.builtin import MNIST, ImageFile, ImageSet, parse_idx
from trainwell.data.sources.download import read_decompressed

RNG = np.random.default_rng(0)
ARRAYS = (
    RNG.integers(0, 256, (60, 3, 2), dtype=np.uint8),
    np.arange(60, dtype=np.uint8) % 3,
    RNG.integers(0, 256, (12, 3, 2), dtype=np.uint8),
    np.arange(12, dtype=np.uint8) % 3,
)


def idx(array):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A set of 60 + 12 tiny images under MNIST's name, no folder of which is known, an empty cache."""
    files = tuple(
        ImageFile(file.name, "sha256", hashlib.sha256(idx(array)).hexdigest())
        for file, array in zip(MNIST.files, ARRAYS, strict=True)
    )
    image_set = ImageSet("mnist", files, (), ("zero", "one", "two"))
    monkeypatch.setitem(builtin.IMAGE_SETS, "mnist", image_set)
    monkeypatch.setattr(builtin, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv(builtin.FOLDER_VARIABLE, raising=False)
    return image_set


def store(folder, *, zipped=True, arrays=ARRAYS):
    (folder / "mnist").mkdir(parents=True)
    for file, array in zip(MNIST.files, arrays, strict=True):
        name, content = (f"{file.name}.gz", gzip.compress(idx(array))) if zipped else (file.name, idx(array))
        (folder / "mnist" / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("zipped", [True, False])
def test_a_set_from_its_files(tiny, tmp_path, zipped):
    data = load_data("mnist", data_dir=store(tmp_path / "d", zipped=zipped), split="file-order")
    assert (len(data.training), len(data.validation), len(data.open_test_split())) == (50, 10, 12)
    assert np.array_equal(data.training.inputs, ARRAYS[0][:50, ..., None])
    assert np.array_equal(data.validation.targets, ARRAYS[1][50:])
    assert np.array_equal(data.open_test_split().inputs, ARRAYS[2][..., None])
    assert data.training.inputs.dtype == np.uint8
    assert (data.class_names, data.feature_names[3]) == (("zero", "one", "two"), "pixel_1_1")


def test_class_indices_are_the_published_digits(tiny, tmp_path):
    # "one" < "two" < "zero" in the alphabet: the indices must follow the files all the same.
    data = load_data("mnist", data_dir=store(tmp_path / "d"), split="file-order")
    assert data.training.targets[:4].tolist() == [0, 1, 2, 0]
    assert load_rows("mnist", data.preparation, data_dir=tmp_path / "d").targets.tolist() == [0, 1, 2] * 4


def test_search_order(tiny, tmp_path, monkeypatch):
    near, far = store(tmp_path / "near"), tmp_path / "far"
    store(far, arrays=(255 - ARRAYS[0], *ARRAYS[1:]))
    monkeypatch.setenv(builtin.FOLDER_VARIABLE, str(near))
    assert len(load_data("mnist").training) == 50
    with pytest.raises(DataError, match=r"far/mnist/train-images-idx3-ubyte\.gz has the wrong sha256 checksum"):
        load_data("mnist", data_dir=far)  # comes before the variable
    monkeypatch.setenv(builtin.FOLDER_VARIABLE, str(far))
    assert len(load_data("mnist", data_dir=near).training) == 50
    monkeypatch.delenv(builtin.FOLDER_VARIABLE)
    store(tmp_path).joinpath("mnist").rename(tmp_path / "moved")
    (tmp_path / "cache" / "data").mkdir(parents=True)
    (tmp_path / "moved").rename(tmp_path / "cache" / "data" / "mnist")
    assert len(load_data("mnist", data_dir=tmp_path / "nothing").training) == 50


def test_wrong_checksum_names_file_expected_and_found(tiny, tmp_path):
    store(tmp_path / "d", arrays=(ARRAYS[0], (ARRAYS[1] + 1) % 3, *ARRAYS[2:]))
    with pytest.raises(DataError, match="train-labels") as caught:
        load_data("mnist", data_dir=tmp_path / "d")
    found = hashlib.sha256(idx((ARRAYS[1] + 1) % 3)).hexdigest()
    assert f"expected {tiny.files[1].checksum}, found {found}" in str(caught.value)


def test_truncated_files(tiny, tmp_path):
    path = store(tmp_path / "d", zipped=False) / "mnist" / "train-images-idx3-ubyte"
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    with pytest.raises(DataError, match="truncated: it has 369 bytes, not 376 as"):
        load_data("mnist", data_dir=tmp_path / "d")
    path.unlink()
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(whole)[:-20])
    with pytest.raises(DataError, match="damaged gzip"):
        load_data("mnist", data_dir=tmp_path / "d")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file"),
        (b"\0\0\x08", "not an IDX file"),
        (b"\x89PNG1234", "not an IDX file .it starts with bytes 89 50 4e 47"),
        (b"\0\0\x0d\x01\0\0\0\x01....", "type 13"),
        (b"\0\0\x08\0", "0 dimensions"),
        (b"\0\0\x08\xff" + b"\0\0\0\1" * 255 + b"x", "255 dimensions"),
        (b"\0\0\x08\x03\0\0\0\x02\0\0", "truncated"),
        (b"\0\0\x08\x01\0\0\0\x02abc", "too long: it has 11 bytes, not 10 as"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "truncated"),  # 2^96 bytes promised
    ],
)
def test_what_is_no_idx_file(content, message):
    with pytest.raises(DataError, match=message) as caught:
        parse_idx(content, "file")
    assert "\n" not in str(caught.value)


def test_idx_round_trip(tmp_path):
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(idx(ARRAYS[0])))
    assert np.array_equal(parse_idx(read_decompressed(path), "images"), ARRAYS[0])


def test_a_gzip_file_is_decompressed_no_further_than_such_files_go(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "MOST_BYTES", 1 << 20)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(1 << 27)) + gzip.compress(b"more"))
    tracemalloc.start()
    with pytest.raises(DataError, match="decompresses to more than 1,048,576 bytes"):
        read_decompressed(path)
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()
    path.write_bytes(bytes(2 << 20))
    with pytest.raises(DataError, match="has 2,097,152 bytes, more than the limit of 1,048,576: delete it"):
        read_decompressed(path)


def test_gzip_streams_one_after_the_other():
    whole = idx(ARRAYS[0])
    assert download.decompressed(gzip.compress(whole[:50]) + gzip.compress(whole[50:]), "file", 1000) == whole
    with pytest.raises(DataError, match="ends too early"):
        download.decompressed(gzip.compress(whole[:50]) + gzip.compress(whole[50:])[:-1], "file", 1000)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_pipe_or_a_folder_in_the_place_of_a_file(tiny, tmp_path, make):
    path = store(tmp_path / "d") / "mnist" / "t10k-labels-idx1-ubyte.gz"
    path.unlink()
    make(path)
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz is a (pipe|folder)"):
        load_data("mnist", data_dir=tmp_path / "d")


def test_real_mnist(mnist_folder):
    data = load_data("mnist", data_dir=mnist_folder)
    test = data.open_test_split()
    assert [len(part) for part in (data.training, data.validation, test)] == [50_000, 10_000, 10_000]
    # Label counts as published, and each class in proportion in the validation split.
    both = np.bincount(data.training.targets) + np.bincount(data.validation.targets)
    assert both.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(test.targets).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.abs(np.bincount(data.validation.targets) - both / 6).max() < 1
    shift, scale = input_scaling(data.training, "standardize")
    assert shift[0] == pytest.approx(0.1307, abs=2e-4)
    assert 1 / scale[0] == pytest.approx(0.3081, abs=2e-4)


def test_first_images_of_real_mnist(mnist_folder):
    data = load_data("mnist", data_dir=mnist_folder, limit=500, split="shuffled", validation=0.2)
    assert (len(data.training), len(data.validation)) == (400, 100)
    assert data.notices == ("only the first 500 of 60,000 rows are used, in the file's order (limit)",)
    first = load_data("mnist", data_dir=mnist_folder, limit=7, split="file-order", validation=2)
    assert first.training.targets.tolist() == [5, 0, 4, 1, 9]
    assert first.validation.targets.tolist() == [2, 1]
    again = from_arrays(np.concatenate([data.training.inputs, data.validation.inputs]), np.arange(500) % 2)
    assert again.training.inputs.dtype == np.uint8
